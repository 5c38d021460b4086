/** How values become colours on the device of the reader: the same steps as the server's. */
import type { Collection, Layer } from '../api.ts';
import { bandFormula, BadFormula, type Formula, parseFormula } from '../formula.ts';

export type Range = readonly [number, number];

/** What the reader changed of a layer; nothing is empty or null. */
export interface Wishes {
  /** Instead of that of the layer. */
  formula: string;
  /** Values shown as the first and as the last colour. */
  range: Range | null;
  palette: string | null;
}

/** Three formulas as red, green and blue, or one in the colours of a palette. */
export interface Style {
  formulas: Formula[];
  ranges: Range[];
  palette: string;
  /** Codes with a colour each, instead of a palette. */
  classes: { value: number; colour: string }[];
  /** Show how much the formula grew from the first date to the second. */
  isDifference: boolean;
}

export const DEFAULT_PALETTE = 'viridis';
const DEFAULT_RANGE: Range = [-1, 1];

/** The style of a layer with the reader's wishes, or null when it must be painted by the server. */
export function styleOf(collection: Collection, layer: Layer, wishes: Wishes): Style | null {
  const formulas = formulasOf(layer, wishes.formula);
  const known = new Set(collection.bands.map(({ name }) => name));
  if (!formulas || !formulas.every(({ names }) => names.every((name) => known.has(name)))) return null;
  const told = wishes.range ? [wishes.range] : wishes.formula ? knownRange(collection, wishes.formula) : layer.rescale;
  if (!told.length && !wishes.formula && !layer.classes.length) return null;
  const ranges = formulas.map((_, i) => told[i % Math.max(1, told.length)] ?? DEFAULT_RANGE);
  const isPlain = !wishes.formula && !wishes.palette && !wishes.range;
  return {
    formulas,
    ranges,
    palette: wishes.palette ?? (wishes.formula ? null : layer.colormap) ?? DEFAULT_PALETTE,
    classes: isPlain ? layer.classes : [],
    isDifference: false,
  };
}

/** The style that shows how a style's one value changed; null for a picture of three bands or codes. */
export function differenceOf(style: Style): Style | null {
  const [range] = style.ranges;
  if (style.formulas.length !== 1 || style.classes.length || !range) return null;
  const most = Math.abs(range[1] - range[0]) / 2;
  return { ...style, ranges: [[-most, most]], palette: 'prgn', isDifference: true };
}

/** Keys of the bands that a style needs, each once. */
export function keysOf({ formulas }: Style): string[] {
  return [...new Set(formulas.flatMap(({ names }) => names))];
}

/** What is wrong with a formula over the bands of a collection; null = nothing. */
export function problemOf(text: string, collection: Collection): BadFormula | { band: string } | null {
  try {
    const known = new Set(collection.bands.map(({ name }) => name));
    const band = parseFormula(text).names.find((name) => !known.has(name));
    return band === undefined ? null : { band };
  } catch (error) {
    if (error instanceof BadFormula) return error;
    throw error;
  }
}

function formulasOf(layer: Layer, own: string): Formula[] | null {
  try {
    if (own) return [parseFormula(own)];
    if (layer.expression) return layer.expression.split(';').map((part) => parseFormula(part));
    return layer.assets.length ? layer.assets.map(bandFormula) : null;
  } catch (error) {
    if (error instanceof BadFormula) return null;
    throw error;
  }
}

/** The range of a layer that shows this very formula. */
function knownRange({ layers }: Collection, formula: string): Range[] {
  const same = layers.find(
    ({ expression, assets }) =>
      expression?.trim() === formula.trim() || (assets.length === 1 && assets[0] === formula.trim()),
  );
  return same?.rescale ?? [];
}
