/** Raw band tiles: fetched once, kept as small numbers, given out as physical values. */
import { Refused } from '../api.ts';
import { type RawBand, readBands, valuesOf } from '../bands.ts';
import type { Values } from '../evaluate.ts';

/** Which tile of which day. */
export interface Spot {
  collection: string;
  date: string;
  matrix: string;
  z: number;
  x: number;
  y: number;
}

interface Kept {
  band: RawBand;
  numbers: Uint8Array | Uint16Array;
}

export interface RawPlane {
  values: Values;
  /** Largest difference from the true value; 0 = exact. */
  error: number;
}

/** Tiles that are kept, in bytes; a phone has little memory. */
const MOST_BYTES = 64 * 2 ** 20;
/** What is shown and the days before and after it must fit together. */
const DAYS_KEPT = 3;
const SMALL_SCREEN = '(max-width: 47.99rem)';
export const SIZE = 512;

interface Connection {
  saveData?: boolean;
}

/** Whether the reader or the device asks for few bytes. */
export function wantsLittleData(): boolean {
  return (navigator as { connection?: Connection }).connection?.saveData === true;
}

/** Bits of a number: exact on a large screen, rounded on a phone or where data is dear. */
export function depth(): 8 | 16 {
  return wantsLittleData() || matchMedia(SMALL_SCREEN).matches ? 8 : 16;
}

class BandStore {
  #kept = new Map<string, Kept>();
  #bytes = 0;
  #running = new Map<string, Promise<void>>();

  /** The values of bands in a tile; one request at most, for the bands that are not there yet. */
  async read(spot: Spot, keys: string[]): Promise<Record<string, RawPlane>> {
    const place = placeOf(spot);
    await this.fetch(spot, keys);
    return Object.fromEntries(keys.map((key) => [key, this.#planeOf(`${place}/${key}`)]));
  }

  /** Have the bands of a tile here, without computing anything. */
  async fetch(spot: Spot, keys: string[], priority: RequestPriority = 'auto'): Promise<void> {
    const place = placeOf(spot);
    const wanted = keys.filter((key) => !this.#kept.has(`${place}/${key}`));
    const running = wanted.map((key) => this.#running.get(`${place}/${key}`));
    const missing = wanted.filter((_, i) => !running[i]);
    if (missing.length) running.push(this.#start(spot, place, missing, priority));
    await Promise.all(running);
  }

  #planeOf(name: string): RawPlane {
    const kept = this.#kept.get(name);
    if (!kept) throw new Error(`${name} is gone`);
    this.#kept.delete(name); // what was used last goes last
    this.#kept.set(name, kept);
    const table = valuesOf(kept.band);
    const values = table instanceof Float64Array
      ? new Float64Array(kept.numbers.length)
      : new Float32Array(kept.numbers.length);
    for (let i = 0; i < values.length; i++) values[i] = table[kept.numbers[i]!]!;
    return { values, error: kept.band.error };
  }

  #start(spot: Spot, place: string, keys: string[], priority: RequestPriority): Promise<void> {
    const job = this.#load(spot, place, keys, priority).finally(() => {
      for (const key of keys) this.#running.delete(`${place}/${key}`);
    });
    for (const key of keys) this.#running.set(`${place}/${key}`, job);
    return job;
  }

  async #load(spot: Spot, place: string, keys: string[], priority: RequestPriority): Promise<void> {
    const response = await fetch(addressOf(spot, keys), { priority });
    if (!response.ok) throw new Refused(response.status);
    const { header, numbers } = await readBands(await response.arrayBuffer());
    for (const band of header.bands) {
      const name = `${place}/${band.name}`;
      this.#kept.set(name, { band, numbers: numbers[band.name]! });
      this.#bytes += numbers[band.name]!.byteLength;
    }
    this.#forget(place);
  }

  /** Forget what was used longest ago, but nothing of the tile that was just fetched. */
  #forget(place: string): void {
    for (const [name, { numbers }] of this.#kept) {
      if (this.#bytes <= MOST_BYTES) break;
      if (name.startsWith(`${place}/`)) continue;
      this.#kept.delete(name);
      this.#bytes -= numbers.byteLength;
    }
  }
}

export const store = new BandStore();

/** Tiles of one day that may be fetched ahead, without driving out what is shown. */
export function mostAhead(bands: number): number {
  return Math.floor(MOST_BYTES / DAYS_KEPT / (Math.max(1, bands) * SIZE * SIZE * (depth() / 8)));
}

function placeOf({ collection, date, matrix, z, x, y }: Spot): string {
  return [collection, date, matrix, z, x, y, depth()].join('/');
}

function addressOf({ collection, date, matrix, z, x, y }: Spot, keys: string[]): string {
  const query = new URLSearchParams({ datetime: date, size: String(SIZE), depth: String(depth()) });
  for (const key of keys) query.append('assets', key);
  return `/tiles/${encodeURIComponent(collection)}/${matrix}/${z}/${x}/${y}.bands?${query}`;
}
