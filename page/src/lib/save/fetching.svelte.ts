/** Files that the portal makes on request: asked for, waited for, and saved by the browser. */
import { Refused } from '../api.ts';
import { tongue } from '../language.svelte.ts';
import { sentence, Told } from '../places/ask.ts';
import { filmOf, LINES } from './film.ts';

type Phase = 'idle' | 'busy' | 'done' | 'failed';

export class Fetching {
  phase = $state<Phase>('idle');
  /** What to tell the reader: what came, or why not. */
  message = $state('');
  /** How far a film is; null = not known. */
  progress = $state.raw<{ done: number; total: number } | null>(null);
  #running: AbortController | null = null;

  /** Ask for a film and save it; the portal tells how far it is. */
  film(address: string, name: string): Promise<void> {
    const read = (response: Response) => filmOf(response, (progress) => (this.progress = progress));
    return this.#save(name, address, { accept: LINES }, undefined, read);
  }

  /** Ask for a file and save it; `body` is GeoJSON of an area. */
  get(address: string, name: string, body?: object): Promise<void> {
    const headers: Record<string, string> = body ? { 'content-type': 'application/geo+json' } : {};
    return this.#save(name, address, headers, body, (response) => response.blob());
  }

  async #save(
    name: string,
    address: string,
    headers: Record<string, string>,
    body: object | undefined,
    read: (response: Response) => Promise<Blob>,
  ): Promise<void> {
    this.stop();
    const running = new AbortController();
    this.#running = running;
    this.phase = 'busy';
    this.message = '';
    try {
      const response = await fetch(address, {
        signal: running.signal,
        headers: { 'accept-language': tongue.language, ...headers },
        ...(body ? { method: 'POST', body: JSON.stringify(body) } : {}),
      });
      if (!response.ok) {
        this.#fail((await sentence(response, tongue.language)) ?? tongue.words.saving.refused);
        return;
      }
      const file = await read(response);
      if (this.#running !== running) return;
      saveFile(file, name);
      this.message = tongue.words.saving.ready(name, sizeOf(file.size));
      this.phase = 'done';
    } catch (error) {
      if (this.#running !== running || running.signal.aborted) return;
      if (error instanceof Told) this.#fail(error.message);
      else this.#fail(error instanceof Refused ? tongue.words.saving.refused : tongue.words.saving.gone);
    }
  }

  stop(): void {
    this.#running?.abort();
    this.#running = null;
    this.phase = 'idle';
    this.message = '';
    this.progress = null;
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
