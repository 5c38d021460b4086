/** The images on the map: the old one stays until the new one is there. */
import type DataTile from 'ol/DataTile.js';
import TileLayer from 'ol/layer/Tile.js';
import type OlMap from 'ol/Map.js';
import { getRenderPixel } from 'ol/render.js';
import type RenderEvent from 'ol/render/Event.js';
import XYZ from 'ol/source/XYZ.js';
import type TileSource from 'ol/source/Tile.js';
import { type Collection, Refused, tileAddress, type View } from '../api.ts';
import type { ColourLayer } from '../colour/layer.ts';
import type { Style } from '../colour/style.ts';
import { extentOf, type Flat, GRIDS, isSharp, tileGridOf } from './grids.ts';

const FADE_MS = 220;
const MOST_PREFETCHED = 24;

type Layer = TileLayer<TileSource>;
type MakeColoured = (wanted: Wanted & { style: Style }, options: { opacity: number; zIndex: number }) => ColourLayer;

/** What `Pictures` tells: busy or not, and whether the tiles came. */
export interface Loading {
  busy: boolean;
  /** True when no tile came at all, though some were asked for. */
  failed: boolean;
}

/** A picture to show. */
export interface Wanted {
  view: View;
  collection: Collection;
  /** Make the colours here, of raw band tiles; null = the server makes them. */
  style: Style | null;
  /** Show how the values changed since this date. */
  since: string | null;
  /** What the server paints when it does not give raw bands to everybody. */
  server: View;
}

/** One picture of the map, and the one that comes after it. */
class Slot {
  /** Counts what was asked for: what comes late is not shown. */
  turn = 0;
  shown: Layer | null = null;
  next: Layer | null = null;
}

export class Pictures {
  #map: OlMap;
  #flat: Flat;
  #tell: (loading: Loading) => void;
  #main = new Slot();
  #other = new Slot();
  #share: number | null = null;
  #fetched = new Set<string>();
  /** Collections of which the server gives pictures, but no raw bands. */
  #closed = new Set<string>();
  #coloured: MakeColoured | null = null;

  constructor(map: OlMap, flat: Flat, tell: (loading: Loading) => void) {
    this.#map = map;
    this.#flat = flat;
    this.#tell = tell;
  }

  /** Show another picture; `ready` is called once it is complete. */
  async show(wanted: Wanted, ready: () => void): Promise<void> {
    await this.#show(this.#main, wanted, ready);
  }

  /** Show a second picture left of a line; null takes it away. */
  async beside(wanted: Wanted | null, ready: () => void = () => undefined): Promise<void> {
    if (wanted) {
      await this.#show(this.#other, wanted, ready);
      return;
    }
    this.#drop(this.#other.next);
    this.#drop(this.#other.shown);
    this.#other = new Slot();
  }

  /** Place of the line: the second picture is seen left of it, in pixels of the map. */
  set line(x: number | null) {
    this.#share = x;
    this.#map.render();
  }

  /** Take all pictures away. */
  clear(): void {
    void this.beside(null);
    this.#drop(this.#main.next);
    this.#drop(this.#main.shown);
    this.#main = new Slot();
  }

  /** The values of the picture at a place, without asking the server; null = they are not here. */
  at(place: number[]): { values: number[]; error: number } | null {
    const { shown } = this.#main;
    const resolution = this.#map.getView().getResolution();
    return shown && 'restyle' in shown && resolution
      ? (shown as unknown as ColourLayer).at(place, resolution)
      : null;
  }

  /** Some of the values of the picture; empty when the server makes its colours. */
  sample(): number[] {
    const { shown } = this.#main;
    return shown && 'restyle' in shown ? (shown as unknown as ColourLayer).sample() : [];
  }

  /** Ask for the tiles of another picture in this view, so that it shows at once when chosen. */
  prefetch(view: View, collection: Collection): void {
    const resolution = this.#map.getView().getResolution();
    const seen = this.#map.getView().calculateExtent();
    const { extent } = placeOf(collection, this.#flat);
    const overlap = extent ? intersect(seen, extent) : seen;
    if (!resolution || !overlap) return;
    const { shown } = this.#main;
    if (shown && 'restyle' in shown) {
      (shown as unknown as ColourLayer).fetchAhead(view.date, overlap, resolution);
      return;
    }
    const layer = serverLayer(view, collection, this.#flat, { opacity: 0, zIndex: 0 });
    const source = layer.getSource()!;
    const grid = source.getTileGrid()!;
    const pixelRatio = this.#map.getPixelRatio();
    const projection = this.#map.getView().getProjection();
    const addressOf = source.getTileUrlFunction();
    let left = MOST_PREFETCHED;
    grid.forEachTileCoord(overlap, grid.getZForResolution(resolution), (coordinate) => {
      const address = addressOf(coordinate, pixelRatio, projection);
      if (!address || this.#fetched.has(address) || left === 0) return;
      left -= 1;
      this.#fetched.add(address);
      fetch(address, { priority: 'low' }).catch(() => this.#fetched.delete(address));
    });
    layer.dispose();
  }

  async #show(slot: Slot, asked: Wanted, ready: () => void): Promise<void> {
    const own = ++slot.turn;
    const wanted = this.#closed.has(asked.collection.id) ? painted(asked) : asked;
    if (wanted.style) this.#coloured ??= await loadColoured(this.#flat);
    if (own !== slot.turn) return;
    if (await this.#restyle(slot, wanted, ready)) return;
    if (own !== slot.turn) return;
    this.#drop(slot.next);
    const options = { opacity: 0, zIndex: slot === this.#main ? 10 : 11 };
    const { style } = wanted;
    const layer = style
      ? (this.#coloured!({ ...wanted, style }, options) as unknown as Layer)
      : serverLayer(wanted.view, wanted.collection, this.#flat, options);
    this.#listen(layer.getSource()!, (status) => {
      const isClosed = status === 401 || status === 403;
      if (!isClosed || !wanted.style || this.#closed.has(wanted.collection.id)) return;
      this.#closed.add(wanted.collection.id);
      void this.#show(slot, wanted, ready);
    });
    if (slot === this.#other) this.#clip(layer);
    slot.next = layer;
    this.#map.addLayer(layer);
    this.#map.once('rendercomplete', () => {
      if (slot.next !== layer) return;
      slot.next = null;
      this.#swap(slot, layer);
      ready();
    });
  }

  /** Whether the picture that is there could take the new colours. */
  async #restyle(slot: Slot, wanted: Wanted, ready: () => void): Promise<boolean> {
    const { shown } = slot;
    if (!wanted.style || !shown || !('restyle' in shown) || slot.next) return false;
    const layer = shown as unknown as ColourLayer;
    const { collection, dates } = layer.subject;
    const wants = datesOf(wanted);
    if (collection !== wanted.collection.id || dates.join() !== wants.join()) return false;
    await layer.restyle(wanted.style);
    this.#map.once('rendercomplete', ready);
    return true;
  }

  #listen(source: TileSource, refused: (status: number) => void): void {
    const count = { asked: 0, came: 0, failed: 0 };
    const settle = () => {
      const busy = count.came + count.failed < count.asked;
      this.#tell({ busy, failed: !busy && count.came === 0 && count.failed > 0 });
    };
    const target = source as XYZ;
    target.on('tileloadstart', () => {
      count.asked += 1;
      this.#tell({ busy: true, failed: false });
    });
    target.on('tileloadend', () => {
      count.came += 1;
      settle();
    });
    target.on('tileloaderror', ({ tile }) => {
      count.failed += 1;
      const error: unknown = 'getError' in tile ? (tile as unknown as DataTile).getError() : null;
      if (error instanceof Refused) refused(error.status);
      settle();
    });
  }

  /** Draw a layer only left of the line. */
  #clip(layer: Layer): void {
    layer.on('prerender', (event: RenderEvent) => {
      const context = event.context as CanvasRenderingContext2D;
      const [width = 0, height = 0] = this.#map.getSize() ?? [];
      const x = this.#share ?? width;
      const edge: [number, number][] = [[0, 0], [x, 0], [x, height], [0, height]];
      const corners = edge.map((at) => getRenderPixel(event, at));
      context.save();
      context.beginPath();
      for (const [left, top] of corners) context.lineTo(left!, top!);
      context.closePath();
      context.clip();
    });
    layer.on('postrender', (event: RenderEvent) => {
      (event.context as CanvasRenderingContext2D).restore();
    });
  }

  #swap(slot: Slot, layer: Layer): void {
    const old = slot.shown;
    slot.shown = layer;
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    const start = performance.now();
    const step = (now: number) => {
      const share = still ? 1 : Math.min(1, (now - start) / FADE_MS);
      layer.setOpacity(share);
      if (share < 1 && slot.shown === layer) requestAnimationFrame(step);
      else {
        layer.setOpacity(1);
        this.#drop(old);
      }
    };
    step(start);
  }

  #drop(layer: Layer | null): void {
    if (!layer) return;
    this.#map.removeLayer(layer);
    layer.getSource()?.dispose();
    layer.dispose();
  }
}

/** The same picture, painted by the server; it cannot paint a difference. */
function painted(wanted: Wanted): Wanted {
  return { ...wanted, view: wanted.server, style: null, since: null };
}

function datesOf({ view, since }: Wanted): string[] {
  return since ? [since, view.date] : [view.date];
}

/** Fetch the part of the page that makes colours, only when somebody changes some. */
async function loadColoured(flat: Flat): Promise<MakeColoured> {
  const { ColourLayer } = await import('../colour/layer.ts');
  const { matrix, projection } = GRIDS[flat];
  return (wanted, options) => {
    const { collection, style } = wanted;
    const subject = {
      collection: collection.id,
      dates: datesOf(wanted),
      isMarked: collection.simulated,
      matrix,
      projection,
      grid: tileGridOf(flat, collection),
    };
    return new ColourLayer(subject, style, { ...options, ...placeOf(collection, flat) });
  };
}

function serverLayer(
  view: View,
  collection: Collection,
  flat: Flat,
  options: { opacity: number; zIndex: number },
): TileLayer<XYZ> {
  const { matrix, projection } = GRIDS[flat];
  return new TileLayer({
    source: new XYZ({
      url: tileAddress(view, matrix),
      tileGrid: tileGridOf(flat, collection),
      projection,
      tilePixelRatio: isSharp() ? 2 : 1,
      interpolate: true,
      transition: 0,
    }),
    preload: 0,
    ...options,
    ...placeOf(collection, flat),
  });
}

function placeOf({ bounds }: Collection, flat: Flat): { extent?: number[] } {
  return bounds ? { extent: extentOf(bounds, flat) } : {};
}

function intersect(a: number[], b: number[]): number[] | null {
  const box = [
    Math.max(a[0]!, b[0]!),
    Math.max(a[1]!, b[1]!),
    Math.min(a[2]!, b[2]!),
    Math.min(a[3]!, b[3]!),
  ];
  return box[0]! < box[2]! && box[1]! < box[3]! ? box : null;
}
