/** Registers of areas, and what of them lies where there are images. */
import { overlap, portal } from '../portal.svelte.ts';
import { stage } from '../stage.svelte.ts';
import { type AreaSet, type Feature, getItems } from './ask.ts';

type Box = readonly [number, number, number, number];

/** How many areas of a register lie within the images; `more` = there are more than are counted. */
export interface Near {
  count: number;
  more: boolean;
}

/** What was left out of a long register: what is not in view, or also some of what is. */
export type Cut = 'view' | 'many' | null;

/** A table with very many rows helps nobody; more can be measured on the command line. */
export const MOST_SITES = 200;
const TOWNS = /gemeente|municip|buurt|wijk|neighbo|district|provinc|waterschap/iu;
const PARCELS = /perce|parcel|kavel|brp/iu;
const CROPS = ['gewas', 'crop'];

/** Whether a register is of places that people live in or are governed by. */
export function isTowns({ id, title }: AreaSet): boolean {
  return TOWNS.test(`${id} ${title}`);
}

/** Whether a register is of fields. */
export function isParcels({ id, title, columns }: AreaSet): boolean {
  return CROPS.some((name) => columns.includes(name)) || PARCELS.test(`${id} ${title}`);
}

/** The part of a register that lies where there are images; null = nothing of it. */
function boxOf({ bbox }: AreaSet): Box | null {
  const bounds = portal.collection?.bounds;
  return bounds ? overlap(bbox, bounds) : bbox;
}

export function isNear(set: AreaSet): boolean {
  return boxOf(set) !== null;
}

/** Count the areas of a register within the images; without a question when that is all of it. */
export async function countNear(set: AreaSet): Promise<Near> {
  const box = boxOf(set);
  if (!box) return { count: 0, more: false };
  if (isWhole(set, box)) return { count: Math.min(set.rows, MOST_SITES), more: set.rows > MOST_SITES };
  const asked = { bbox: text(box), limit: String(MOST_SITES), shapes: 'box' };
  const { features, more } = await getItems(set.id, asked);
  return { count: features.length, more };
}

/** The areas of a register within the images; of too many, those in view, and of these the first. */
export async function areasOf(set: AreaSet): Promise<{ features: Feature[]; cut: Cut }> {
  const limit = String(MOST_SITES);
  const box = boxOf(set) ?? set.bbox;
  const all = await getItems(set.id, isWhole(set, box) ? { limit } : { bbox: text(box), limit });
  if (!all.more) return { features: all.features, cut: null };
  const seen = stage.map && overlap(stage.map.seen, box);
  const near = seen && (await getItems(set.id, { bbox: text(seen), limit }));
  if (!near?.features.length) return { features: all.features, cut: 'many' };
  return { features: near.features, cut: near.more ? 'many' : 'view' };
}

function isWhole({ bbox }: AreaSet, box: Box): boolean {
  return bbox.every((edge, side) => edge === box[side]);
}

function text(box: Box): string {
  return box.map((edge) => edge.toFixed(6)).join(',');
}
