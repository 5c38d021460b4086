/** The rows of the tables as they are saved: everything that was measured, and how. */
import type { Layer } from '../../lib/api.ts';
import { tongue } from '../../lib/language.svelte.ts';
import type { Cell } from '../../lib/measure/csv.ts';
import type { Point } from '../../lib/measure/series.ts';
import { nameOf, type Place } from '../../lib/places/places.svelte.ts';
import { portal } from '../../lib/portal.svelte.ts';

export const METHOD = 'landzicht-series/1';

/** A head, and a row for each place and day; days without a value are in it, with an empty cell. */
export function manyRows(layer: Layer, places: Place[], series: Point[][]): Cell[][] {
  const words = tongue.words.measuring;
  const head = [
    words.place, words.day, tongue.say(layer.title), words.low, words.high, words.seen, words.note,
    'scene', words.csvMethod, words.csvSimulated,
  ];
  const simulated = portal.collection?.simulated ? words.yes : words.no;
  const rows = places.flatMap((place, index) =>
    (series[index] ?? []).map((point): Cell[] => [
      nameOf(place, index), point.date, point.mean, point.low, point.high, point.valid,
      point.doubt, point.scene, METHOD, simulated,
    ]),
  );
  return [head, ...rows];
}
