/** The portal's answers as this page reads them, and how to ask for them. */

export type Language = 'nl' | 'en';
export type Text = Record<Language, string>;

export interface Layer {
  name: string;
  title: Text;
  description: Text | null;
  low: Text | null;
  high: Text | null;
  unit: string | null;
  kind: 'rgb' | 'ramp' | 'classes';
  /** Bands that are shown as they are: one, or three as red, green and blue. */
  assets: string[];
  /** Band maths instead of `assets`. */
  expression: string | null;
  /** Physical values at the ends of the colours, one pair for each channel. */
  rescale: [number, number][];
  colormap: string | null;
  classes: { value: number; colour: string; title: Text }[];
  legend: string;
}

/** The unit to write behind a number; a plain ratio (UCUM `1`) has none. */
export function unitOf({ unit }: Layer): string {
  return unit && unit !== '1' ? ` ${unit}` : '';
}

export interface Collection {
  id: string;
  title: Text;
  description: Text;
  simulated: boolean;
  license: string;
  /** Ground size of a pixel in metres. */
  resolution_m: number | null;
  /** West, south, east, north in degrees. */
  bounds: [number, number, number, number] | null;
  span: [string | null, string | null];
  count: number;
  sources: string[];
  bands: Band[];
  layers: Layer[];
}

export interface Band {
  name: string;
  title: string | null;
  unit: string | null;
  /** What the band is everywhere: red, nir. */
  common_name: string | null;
}

export interface Day {
  /** ISO date. */
  date: string;
  scenes: number;
  /** Percent, or null when unknown. */
  cloud_cover: number | null;
}

export interface Status {
  ready: boolean;
  task: { name: string; title: Text; done: number; total: number } | null;
  /** Code of the error that ended the last task. */
  failed?: string | null;
  failed_reason?: Text | null;
  /** Base maps of others that the operator allows. */
  basemaps?: string[];
  version: string;
}

export interface Point {
  /** Physical values: one for the layer, or one for each band of a picture. */
  values: Record<string, number | null>;
  /** False for cloud and the like. */
  valid: boolean;
  unit: string | null;
}

export interface Legend {
  stops?: { value: number; colour: string }[];
}

/** An answer that was not a success. */
export class Refused extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`HTTP ${status}`);
    this.status = status;
  }
}

async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await fetch(path, { signal: signal ?? null, headers: { accept: 'application/json' } });
  if (!response.ok) throw new Refused(response.status);
  return (await response.json()) as T;
}

export const getCollections = async () =>
  (await get<{ collections: Collection[] }>('/api/v1/collections')).collections;

export const getDays = async (id: string, bbox?: readonly number[], signal?: AbortSignal) => {
  const where = bbox ? `?bbox=${bbox.map((edge) => edge.toFixed(5)).join(',')}` : '';
  const path = `/api/v1/collections/${encodeURIComponent(id)}/dates${where}`;
  return (await get<{ dates: Day[] }>(path, signal)).dates;
};

/** A day, and what can be seen on it of one place. */
export interface Sight {
  date: string;
  /** Percent of the place that lies in an image. */
  coverage: number;
  /** Percent of the place under cloud, or null when unknown. */
  cloud_cover: number | null;
}

/** What can be seen of a place on each day: of a box in degrees, or of a shape (GeoJSON). */
export async function getSights(id: string, place: readonly number[] | object, signal: AbortSignal) {
  const path = `/api/v1/collections/${encodeURIComponent(id)}/usable-dates`;
  if (Array.isArray(place)) {
    const bbox = place.map((edge: number) => edge.toFixed(4)).join(',');
    return (await get<{ dates: Sight[] }>(`${path}?bbox=${bbox}`, signal)).dates;
  }
  const body = JSON.stringify({ geometry: place });
  const headers = { accept: 'application/json', 'content-type': 'application/json' };
  const response = await fetch(path, { method: 'POST', body, headers, signal });
  if (!response.ok) throw new Refused(response.status);
  return ((await response.json()) as { dates: Sight[] }).dates;
}

export const getStatus = () => get<Status>('/api/v1/status');

export const getLegend = (collection: string, layer: string) =>
  get<Legend>(
    `/tiles/${encodeURIComponent(collection)}/legend.json?layer=${encodeURIComponent(layer)}`,
  );

/** What a picture on the map is of. */
export interface View {
  collection: string;
  layer: string;
  date: string;
  /** Band maths instead of the layer. */
  expression?: string;
  rescale?: readonly [number, number];
  colormap?: string;
}

/** What the server must show, as part of an address. */
export function query({ layer, date, expression, rescale, colormap }: View): string {
  const subject = expression
    ? `expression=${encodeURIComponent(expression)}`
    : `layer=${encodeURIComponent(layer)}`;
  const colours = `${rescale ? `&rescale=${rescale.join(',')}` : ''}${colormap ? `&colormap_name=${colormap}` : ''}`;
  return `${subject}&datetime=${date}${colours}`;
}

/** The value at a place, or null where there is no image. */
export async function getPoint(view: View, lon: number, lat: number, signal: AbortSignal) {
  const place = `${lon.toFixed(6)},${lat.toFixed(6)}`;
  try {
    return await get<Point>(
      `/tiles/${encodeURIComponent(view.collection)}/point/${place}?${query(view)}`,
      signal,
    );
  } catch (error) {
    if (error instanceof Refused && error.status === 404) return null;
    throw error;
  }
}

/** Address of the tiles of a picture, with {z}, {x} and {y} to fill in. */
export function tileAddress(view: View, matrix = 'WebMercatorQuad'): string {
  const collection = encodeURIComponent(view.collection);
  return `/tiles/${collection}/${matrix}/{z}/{x}/{y}.webp?${query(view)}&size=512`;
}
