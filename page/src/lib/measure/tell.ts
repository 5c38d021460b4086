/** A series as sentences, made of its own numbers only. */
import { type Layer, unitOf } from '../api.ts';
import { tongue } from '../language.svelte.ts';
import type { Story } from './compare.ts';

export type Topic = 'green' | 'moist' | 'water' | 'other';

const TOPICS: [Topic, RegExp][] = [
  ['green', /^(ndvi|evi2?|savi|greenness)$/iu],
  ['moist', /^(moisture|ndmi|vochtigheid)$/iu],
  ['water', /^(water|m?ndwi)$/iu],
];
/** Less than this share of the scale is no difference to speak of. */
const SAME = 0.03;
/** Below this an index has no sensible percents. */
const SMALLEST = 0.15;

export function topicOf(layer: Layer): Topic {
  return TOPICS.find(([, names]) => names.test(layer.name))?.[0] ?? 'other';
}

/** Decimals that suit the scale of a layer. */
export function digitsOf(layer: Layer): number {
  const [low, high] = layer.rescale[0] ?? [0, 1];
  const span = Math.abs(high - low);
  return span >= 20 ? 0 : span > 4 ? 1 : 2;
}

export function valueText(value: number, layer: Layer): string {
  return `${tongue.number(value, digitsOf(layer))}${unitOf(layer)}`;
}

/** A difference with its sign: +0,12. */
export function differenceText(value: number, layer: Layer): string {
  const digits = digitsOf(layer);
  const rounded = Number(value.toFixed(digits));
  const sign = rounded > 0 ? '+' : rounded < 0 ? '−' : '';
  return `${sign}${tongue.number(Math.abs(rounded), digits)}${unitOf(layer)}`;
}

/** `On 8 June it was greenest (0.81). Now 12 % lower than last year.` */
export function tellStory({ last, peak, before }: Story, layer: Layer, place: string): string[] {
  const words = tongue.words.measuring;
  const topic = topicOf(layer);
  const told = [words.peak[topic](tongue.dayOfYear(peak.date), place, valueText(peak.mean, layer))];
  if (peak !== last) told.push(words.latest(tongue.day(last.date), valueText(last.mean, layer)));
  if (before === null) told.push(words.noYearBefore);
  else told.push(against(last.mean, before, layer, topic));
  return told;
}

function against(now: number, before: number, layer: Layer, topic: Topic): string {
  const words = tongue.words.measuring;
  const [low, high] = layer.rescale[0] ?? [0, 1];
  const difference = now - before;
  if (Math.abs(difference) < SAME * Math.abs(high - low)) return words.same;
  // Nor has what became more than twice as much.
  const isRatio = topic === 'green' && before >= SMALLEST && difference <= before;
  const size = isRatio
    ? tongue.percent((Math.abs(difference) / before) * 100)
    : valueText(Math.abs(difference), layer);
  return difference < 0 ? words.lower(size) : words.higher(size);
}
