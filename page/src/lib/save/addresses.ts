/** Where the portal makes files of what the map shows. */
import type { Language, View } from '../api.ts';
import { look } from '../look.svelte.ts';
import { NO_RANGE } from '../shown.svelte.ts';

export type Box = readonly [number, number, number, number];

const path = (view: View, rest: string) => `/tiles/${encodeURIComponent(view.collection)}/${rest}`;

/** What the map shows, as tiles and files take it: layer or formula, range, palette. */
export function viewQuery(view: View): URLSearchParams {
  const asked = new URLSearchParams();
  if (look.formula) asked.set('expression', look.formula);
  else asked.set('layer', view.layer);
  // A formula has no range of its own; what the map shows then is what is printed.
  const range = look.range ?? (look.formula ? NO_RANGE : null);
  if (range) asked.set('rescale', range.join(','));
  if (look.palette) asked.set('colormap_name', look.palette);
  return asked;
}

/** A box in degrees, as text. */
export function boxText(box: Box): string {
  return box.map((edge) => edge.toFixed(6)).join(',');
}

export interface Page {
  ending: 'pdf' | 'png';
  paper: string;
  turned: string;
  title: string;
  language: Language;
  /** What follows `#` in the address of this page. */
  state: string;
  /** The day to compare with: a second map beside the first. */
  compared: string | null;
}

export function sheetAddress(view: View, box: Box | null, page: Page): string {
  const asked = viewQuery(view);
  asked.set('datetime', view.date);
  if (box) asked.set('bbox', boxText(box));
  asked.set('paper', page.paper);
  asked.set('orientation', page.turned);
  asked.set('lang', page.language);
  if (page.title.trim()) asked.set('title', page.title.trim());
  if (page.compared) asked.set('compare', page.compared);
  if (page.state) asked.set('state', page.state);
  return path(view, `sheet.${page.ending}?${asked}`);
}

export function filmAddress(view: View, box: Box, ending: string, language: Language): string {
  const asked = viewQuery(view);
  asked.set('bbox', boxText(box));
  asked.set('lang', language);
  return path(view, `film.${ending}?${asked}`);
}

/** GeoTIFF of a box; of an area the same address takes its GeoJSON. */
export function valuesAddress(view: View, box: Box | null): string {
  const asked = viewQuery(view);
  asked.delete('rescale');
  asked.delete('colormap_name');
  asked.set('datetime', view.date);
  return path(view, box ? `bbox/${boxText(box)}.tif?${asked}` : `feature.tif?${asked}`);
}

export function tilesAddress(view: View): string {
  const asked = viewQuery(view);
  asked.set('datetime', view.date);
  return `${location.origin}${path(view, `WebMercatorQuad/{z}/{x}/{y}.png?${asked}`)}`;
}

export function tilejsonAddress(view: View): string {
  const asked = viewQuery(view);
  asked.set('datetime', view.date);
  return `${location.origin}${path(view, `WebMercatorQuad/tilejson.json?${asked}`)}`;
}

export function scenesAddress(view: View, box: Box | null, limit = 100): string {
  const asked = new URLSearchParams({ datetime: `${view.date}T00:00:00Z/${view.date}T23:59:59Z` });
  if (box) asked.set('bbox', boxText(box));
  asked.set('limit', String(limit));
  return `/stac/collections/${encodeURIComponent(view.collection)}/items?${asked}`;
}
