/** Work in pieces: between them the browser answers to taps and keys, and paints. */

interface WithYield {
  scheduler?: { yield?: () => Promise<void> };
}

/** Wait until what the browser wants to do first is done. */
export function breathe(): Promise<void> {
  const { scheduler } = globalThis as WithYield;
  return scheduler?.yield ? scheduler.yield() : new Promise((done) => setTimeout(done));
}
