/** From what the reader chose to the pictures that the map must show. */
import type { Collection, Layer, View } from '../api.ts';
import type { Mode } from '../compare.svelte.ts';
import type { Wishes } from '../colour/style.ts';
import type { Wanted } from './pictures.ts';

export interface Choice {
  view: View;
  /** The same picture in the words of the server: with formula, range and palette. */
  server: View;
  collection: Collection;
  layer: Layer;
  wishes: Wishes & { isChanged: boolean };
  mode: Mode | null;
  /** The date to compare with. */
  date: string;
}

export interface Plan {
  main: Wanted;
  /** The picture left of the line, or on the second map. */
  other: Wanted | null;
  /** True when a formula cannot be computed, or a difference cannot be shown. */
  isRefused: boolean;
}

/** What to show; the part of the page that knows colours is fetched only when it is needed. */
export async function planOf({ view, server, collection, layer, wishes, mode, date }: Choice): Promise<Plan> {
  const plain: Wanted = { view, collection, style: null, since: null, server };
  const before = (main: Wanted): Wanted | null =>
    date && (mode === 'swipe' || mode === 'side')
      ? { ...main, view: { ...view, date }, server: { ...server, date } }
      : null;
  if (!wishes.isChanged && mode !== 'difference') {
    return { main: plain, other: before(plain), isRefused: false };
  }
  const { differenceOf, styleOf } = await import('../colour/style.ts');
  const style = styleOf(collection, layer, wishes);
  const main = { ...plain, style };
  const isRefused = style === null;
  if (mode !== 'difference' || !date) return { main, other: before(main), isRefused };
  const change = style ?? styleOf(collection, layer, { formula: '', range: null, palette: null });
  const difference = change && differenceOf(change);
  if (!difference) return { main, other: null, isRefused: true };
  return { main: { ...plain, style: difference, since: date }, other: null, isRefused };
}
