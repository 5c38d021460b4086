/** Whether the connection is gone or weak, and from when is what the page shows then. */
import { portal } from '../portal.svelte.ts';

const ASK_MS = 5000;
const SETTLE_MS = 2500;
/** A portal that takes longer is not back yet. */
const PATIENCE_MS = 4000;

class Offline {
  lost = $state(false);
  /** There is a connection, but it is too weak to wait for. */
  weak = $state(false);
  /** ISO moment at which the shown answers were kept; null = not known. */
  kept = $state<string | null>(null);
  #timer = 0;

  /** Let a worker keep what is seen. Needs https or this very computer, as browsers want it. */
  start(): void {
    if (!('serviceWorker' in navigator) || !import.meta.env.PROD || wantsLittleData()) return;
    const { serviceWorker } = navigator;
    serviceWorker.addEventListener('message', ({ data }: MessageEvent<unknown>) => this.#hear(data));
    addEventListener('online', () => void this.#ask());
    const begin = () =>
      window.setTimeout(() => {
        serviceWorker
          .register('/sw.js')
          .then(() => serviceWorker.ready)
          .then(({ active }) => active?.postMessage(usedSoFar()))
          .catch(() => undefined); // blocked by the browser: the page works as before
      }, SETTLE_MS);
    if (document.readyState === 'complete') begin();
    else addEventListener('load', begin, { once: true });
  }

  #hear(data: unknown): void {
    const told = (data ?? {}) as { offline?: boolean; kept?: string | null; weak?: boolean };
    if (!told.offline) return;
    const { kept } = told;
    this.lost = true;
    this.weak = told.weak === true;
    if (kept && (!this.kept || kept > this.kept)) this.kept = kept;
    this.#later();
  }

  #later(): void {
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.#ask(), ASK_MS);
  }

  /** Ask whether the portal is there again. */
  async #ask(): Promise<void> {
    if (!this.lost) return;
    try {
      await fetch('/health', { cache: 'no-store', signal: AbortSignal.timeout(PATIENCE_MS) });
      this.lost = false;
      this.kept = null;
      await portal.start();
    } catch {
      this.#later();
    }
  }
}

/** Addresses that the page used before the worker was there. */
function usedSoFar(): string[] {
  return performance
    .getEntriesByType('resource')
    .map(({ name }) => name)
    .filter((name) => name.startsWith(location.origin));
}

function wantsLittleData(): boolean {
  return (navigator as { connection?: { saveData?: boolean } }).connection?.saveData === true;
}

export const offline = new Offline();
