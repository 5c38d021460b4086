/** Files that the portal makes on request: asked for, waited for, and saved by the browser. */
import { Refused } from '../api.ts';
import { tongue } from '../language.svelte.ts';
import { sentence } from '../places/ask.ts';

type Phase = 'idle' | 'busy' | 'done' | 'failed';

export class Fetching {
  phase = $state<Phase>('idle');
  /** What to tell the reader: what came, or why not. */
  message = $state('');
  #running: AbortController | null = null;

  /** Ask for a file and save it; `body` is GeoJSON of an area. */
  async get(address: string, name: string, body?: object): Promise<void> {
    this.stop();
    const running = new AbortController();
    this.#running = running;
    this.phase = 'busy';
    this.message = '';
    try {
      const response = await fetch(address, {
        signal: running.signal,
        headers: {
          'accept-language': tongue.language,
          ...(body ? { 'content-type': 'application/geo+json' } : {}),
        },
        ...(body ? { method: 'POST', body: JSON.stringify(body) } : {}),
      });
      if (!response.ok) {
        this.#fail((await sentence(response, tongue.language)) ?? tongue.words.saving.refused);
        return;
      }
      const file = await response.blob();
      if (this.#running !== running) return;
      saveFile(file, name);
      this.message = tongue.words.saving.ready(name, sizeOf(file.size));
      this.phase = 'done';
    } catch (error) {
      if (this.#running !== running || running.signal.aborted) return;
      this.#fail(error instanceof Refused ? tongue.words.saving.refused : tongue.words.saving.gone);
    }
  }

  stop(): void {
    this.#running?.abort();
    this.#running = null;
    this.phase = 'idle';
    this.message = '';
  }

  #fail(message: string): void {
    this.phase = 'failed';
    this.message = message;
  }
}

/** Let the browser save a file. */
export function saveFile(file: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

function sizeOf(bytes: number): string {
  const far = bytes >= 1e6;
  return `${tongue.number(far ? bytes / 1e6 : Math.max(1, bytes / 1e3), far ? 1 : 0)} ${far ? 'MB' : 'kB'}`;
}
