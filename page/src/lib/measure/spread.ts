/** How the pixels of a place differ on one day: so many in each piece of the scale. */
import { type Language, Refused } from '../api.ts';
import { readLines } from '../lines.ts';
import type { Place } from '../places/places.svelte.ts';
import { answerOf } from './job.ts';
import type { Question } from './series.ts';

/** One bar: from, to, and its share of all pixels, 0 to 1. */
export interface Bar {
  from: number;
  to: number;
  share: number;
}

export interface Spread {
  bars: Bar[];
  /** Share of the pixels that lie beyond both ends. */
  beyond: number;
}

interface Row {
  count?: number | null;
  histogram?: number[] | null;
}

const BARS = 12;
const ROWS = 'application/x-ndjson';

/** Edges that cut a scale in equal pieces, in rising order. */
export function edgesOf([first, last]: [number, number]): number[] {
  const [low, high] = first < last ? [first, last] : [last, first];
  return Array.from({ length: BARS + 1 }, (_, i) => Number((low + (i / BARS) * (high - low)).toPrecision(10)));
}

/** Ask how the pixels of a place are spread on a day; null = nothing of it was seen. */
export async function getSpread(
  { shape }: Place,
  { collection, layer, expression }: Question,
  day: string,
  edges: number[],
  language: Language,
  signal: AbortSignal,
): Promise<Spread | null> {
  let response = await fetch('/api/v1/series', {
    method: 'POST',
    signal,
    headers: { 'content-type': 'application/json', accept: ROWS, 'accept-language': language },
    body: JSON.stringify({
      collection,
      ...(expression ? { expression } : { layer }),
      datetime: day,
      stats: ['mean'],
      histogram: edges,
      parcels: { type: 'Feature', properties: {}, geometry: shape },
    }),
  });
  if (!response.ok) throw new Refused(response.status);
  if (response.status === 202) response = await answerOf(response, ROWS, language, signal, () => undefined);
  let best: Row | null = null;
  for await (const lines of readLines(response)) {
    for (const line of lines) {
      const row = JSON.parse(line) as Row;
      // Two images of one day: the one that shows most of the place.
      if ((row.count ?? 0) > (best?.count ?? 0)) best = row;
    }
  }
  return best?.histogram && best.count ? spreadOf(best.histogram, best.count, edges) : null;
}

function spreadOf(counts: number[], all: number, edges: number[]): Spread {
  const bars = counts.map((count, i) => ({ from: edges[i]!, to: edges[i + 1]!, share: count / all }));
  const inside = counts.reduce((sum, count) => sum + count, 0);
  return { bars, beyond: Math.max(0, 1 - inside / all) };
}
