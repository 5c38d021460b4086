/** A question that takes long became a job of the portal: wait for it, and get its answer. */
import { type Language, Refused, type Text } from '../api.ts';
import { Told } from '../places/ask.ts';

/** How far a job is. */
export interface Progress {
  /** Days that are measured. */
  done: number;
  /** Days in all. */
  total: number;
}

interface Job extends Progress {
  id: string;
  status: 'queued' | 'running' | 'done' | 'failed';
  error: Text | null;
}

const FIRST_WAIT_MS = 400;
const LONGEST_WAIT_MS = 5000;
/** So often in a row may the connection fail: the portal goes on meanwhile. */
const MOST_LOST = 5;

/**
 * Follow a job to its end and give its answer; then it is removed from the portal, and also when
 * the reader asks something else meanwhile. Throws `Told` with the portal's own sentence,
 * `Refused`, or what `fetch` throws when the connection stays away.
 */
export async function answerOf(
  accepted: Response,
  type: string,
  language: Language,
  signal: AbortSignal,
  tell: (progress: Progress) => void,
): Promise<Response> {
  let job = (await accepted.json()) as Job;
  // By its id, not by the address that the portal gives: behind a proxy that may be another one.
  const address = `/api/v1/jobs/${encodeURIComponent(job.id)}`;
  const remove = () => void fetch(address, { method: 'DELETE', keepalive: true }).catch(() => undefined);
  try {
    for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 1.5, LONGEST_WAIT_MS)) {
      if (job.status === 'failed') throw job.error ? new Told(job.error[language]) : new Refused(500);
      tell({ done: job.done, total: job.total });
      if (job.status === 'done') break;
      await sleep(wait, signal);
      job = await stateOf(address, signal);
    }
    const response = await ask(`${address}/result`, type, signal);
    // Whole before the job goes: an answer that breaks off can be asked again.
    return new Response(await response.blob());
  } finally {
    remove();
  }
}

async function stateOf(address: string, signal: AbortSignal): Promise<Job> {
  for (let lost = 1; ; lost++) {
    try {
      return (await (await ask(address, 'application/json', signal)).json()) as Job;
    } catch (error) {
      if (error instanceof Refused || signal.aborted || lost >= MOST_LOST) throw error;
      await sleep(LONGEST_WAIT_MS, signal);
    }
  }
}

async function ask(address: string, accept: string, signal: AbortSignal): Promise<Response> {
  const response = await fetch(address, { signal, headers: { accept } });
  if (!response.ok) throw new Refused(response.status);
  return response;
}

/** Wait, but not for a question that is not asked any more. */
function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}
