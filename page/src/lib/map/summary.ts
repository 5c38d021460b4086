/** What the map shows, in one sentence for who cannot see it. */
import type { Layer } from '../api.ts';
import type { Mode } from '../compare.svelte.ts';
import type { Words } from '../words/index.ts';

export interface Shows {
  /** The layer as it is chosen, without the reader's own changes. */
  layer: Layer;
  /** The reader's own formula; empty = none. */
  formula: string;
  day: string;
  /** Null = one picture. */
  mode: Mode | null;
  /** The day to compare with. */
  other: string;
}

export function summaryOf(
  { layer, formula, day, mode, other }: Shows,
  { say, tell, words }: { say: (layer: Layer) => string; tell: (day: string) => string; words: Words },
): string {
  const { summary } = words;
  const what = formula ? summary.formula(formula) : say(layer);
  if (!mode || !other) return summary.one(what, tell(day));
  // As on the map itself: beside each other, the day of the time bar is the left one.
  const [left, right] = mode === 'side' ? [day, other] : [other, day];
  return summary[mode](what, tell(left), tell(right));
}
