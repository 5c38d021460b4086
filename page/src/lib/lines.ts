/** Whole lines of a stream, as they come. */
export async function* readLines(response: Response): AsyncGenerator<string[]> {
  if (!response.body) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read();
    const lines = (rest + (value ?? '')).split('\n');
    rest = done ? '' : (lines.pop() ?? '');
    const whole = lines.filter(Boolean);
    if (whole.length) yield whole;
    if (done) return;
  }
}
