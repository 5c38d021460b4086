/** The images on the map: the old one stays until the new one is there. */
import TileLayer from 'ol/layer/Tile.js';
import type OlMap from 'ol/Map.js';
import { transformExtent } from 'ol/proj.js';
import XYZ from 'ol/source/XYZ.js';
import { type Collection, tileAddress, type View } from '../api.ts';

/** Ground size of a pixel at zoom 0, at the equator, in metres (256 px tiles). */
const METRES_AT_ZERO = 156_543.034;
const FADE_MS = 220;
const MOST_PREFETCHED = 24;

type Layer = TileLayer<XYZ>;

/** What `Pictures` tells: busy or not, and whether the tiles came. */
export interface Loading {
  busy: boolean;
  /** True when no tile came at all, though some were asked for. */
  failed: boolean;
}

export class Pictures {
  #map: OlMap;
  #tell: (loading: Loading) => void;
  #shown: Layer | null = null;
  #next: Layer | null = null;
  #fetched = new Set<string>();

  constructor(map: OlMap, tell: (loading: Loading) => void) {
    this.#map = map;
    this.#tell = tell;
  }

  /** Show another picture; `ready` is called once it is complete. */
  show(view: View, collection: Collection, ready: () => void): void {
    this.#drop(this.#next);
    const layer = makeLayer(view, collection);
    const count = { asked: 0, came: 0, failed: 0 };
    const source = layer.getSource()!;
    source.on('tileloadstart', () => {
      count.asked += 1;
      this.#tell({ busy: true, failed: false });
    });
    const settle = () => {
      const busy = count.came + count.failed < count.asked;
      this.#tell({ busy, failed: !busy && count.came === 0 && count.failed > 0 });
    };
    source.on('tileloadend', () => {
      count.came += 1;
      settle();
    });
    source.on('tileloaderror', () => {
      count.failed += 1;
      settle();
    });
    this.#next = layer;
    this.#map.addLayer(layer);
    this.#map.once('rendercomplete', () => {
      if (this.#next !== layer) return;
      this.#next = null;
      this.#swap(layer);
      ready();
    });
  }

  /** Take all pictures away. */
  clear(): void {
    this.#drop(this.#next);
    this.#drop(this.#shown);
    this.#next = null;
    this.#shown = null;
  }

  /** Ask for the tiles of another picture in this view, so that it shows at once when chosen. */
  prefetch(view: View, collection: Collection): void {
    const layer = makeLayer(view, collection);
    const source = layer.getSource()!;
    const grid = source.getTileGrid()!;
    const resolution = this.#map.getView().getResolution();
    if (!resolution) return;
    const seen = this.#map.getView().calculateExtent();
    const extent = layer.getExtent();
    const overlap = extent ? intersect(seen, extent) : seen;
    if (!overlap) return;
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

  #swap(layer: Layer): void {
    const old = this.#shown;
    this.#shown = layer;
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    const start = performance.now();
    const step = (now: number) => {
      const share = still ? 1 : Math.min(1, (now - start) / FADE_MS);
      layer.setOpacity(share);
      if (share < 1 && this.#shown === layer) requestAnimationFrame(step);
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

function makeLayer(view: View, collection: Collection): Layer {
  const { bounds, resolution_m: metres } = collection;
  const latitude = bounds ? (bounds[1] + bounds[3]) / 2 : 0;
  const deepest = metres
    ? Math.ceil(Math.log2((METRES_AT_ZERO * Math.cos((latitude * Math.PI) / 180)) / metres))
    : 18;
  // The tiles are 512 px: two pixels for one on a sharp screen, half as many requests elsewhere.
  const sharp = devicePixelRatio > 1.25;
  return new TileLayer({
    source: new XYZ({
      url: tileAddress(view),
      tileSize: sharp ? 256 : 512,
      tilePixelRatio: sharp ? 2 : 1,
      maxZoom: Math.max(1, Math.min(22, deepest)),
      interpolate: true,
      transition: 0,
    }),
    opacity: 0,
    zIndex: 10,
    preload: 0,
    ...(bounds ? { extent: transformExtent(bounds, 'EPSG:4326', 'EPSG:3857') } : {}),
  });
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
