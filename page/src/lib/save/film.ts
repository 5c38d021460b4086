/** A film that comes as lines: how far it is, and at last the film itself. */
import { Refused, type Text } from '../api.ts';
import { tongue } from '../language.svelte.ts';
import { readLines } from '../lines.ts';
import { Told } from '../places/ask.ts';

export const LINES = 'application/x-ndjson';

interface Line {
  done?: number;
  total?: number;
  media_type?: string;
  /** Base64. */
  content?: string;
  error?: Text;
}

/** Read a film; `tell` hears how many days are in it already. Throws `Told` or `Refused`. */
export async function filmOf(
  response: Response,
  tell: (progress: { done: number; total: number }) => void,
): Promise<Blob> {
  for await (const lines of readLines(response)) {
    for (const line of lines) {
      const { done, total, media_type: type = '', content, error } = JSON.parse(line) as Line;
      if (error) throw new Told(error[tongue.language]);
      if (done !== undefined && total) tell({ done, total });
      if (content) {
        const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
        return new Blob([bytes], { type });
      }
    }
  }
  throw new Refused(500); // it broke off
}
