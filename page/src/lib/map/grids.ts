/** The two ways to lay the map flat, with the tile grids that the server has for them. */
import TileGrid from 'ol/tilegrid/TileGrid.js';
import { transformExtent } from 'ol/proj.js';
import type { Collection } from '../api.ts';

export type Flat = 'mercator' | 'rd';

interface Grid {
  /** Name of the tile matrix set in addresses. */
  matrix: string;
  projection: string;
  origin: [number, number];
  /** Ground size of a pixel of a tile of 256 px at zoom 0, in the unit of the projection. */
  coarsest: number;
}

export const GRIDS: Record<Flat, Grid> = {
  mercator: {
    matrix: 'WebMercatorQuad',
    projection: 'EPSG:3857',
    origin: [-20037508.342789244, 20037508.342789244],
    coarsest: 156543.03392804097,
  },
  // Geonovum's guideline for tiling, as PDOK and our server use it.
  rd: {
    matrix: 'NetherlandsRDNewQuad',
    projection: 'EPSG:28992',
    origin: [-285401.92, 903401.92],
    coarsest: 3440.64,
  },
};

const DEEPEST = 22;

/** The tiles are 512 px: two pixels for one on a sharp screen, half as many requests elsewhere. */
export function isSharp(): boolean {
  return devicePixelRatio > 1.25;
}

/** The grid down to the zoom where a pixel of the images is a pixel of a tile. */
export function tileGridOf(flat: Flat, { bounds, resolution_m: metres }: Collection): TileGrid {
  const { origin, coarsest } = GRIDS[flat];
  const latitude = bounds ? (bounds[1] + bounds[3]) / 2 : 0;
  // Mercator draws everything larger than it is.
  const stretch = flat === 'mercator' ? Math.cos((latitude * Math.PI) / 180) : 1;
  const deepest = metres ? Math.ceil(Math.log2((coarsest * stretch) / metres)) : 18;
  const size = isSharp() ? 256 : 512;
  const zooms = Math.max(1, Math.min(DEEPEST, deepest)) + 1;
  const resolutions = Array.from({ length: zooms }, (_, z) => (coarsest * 256) / size / 2 ** z);
  return new TileGrid({ origin, resolutions, tileSize: size });
}

/** Bounds in degrees as an extent of the map. */
export function extentOf(bounds: readonly number[], flat: Flat): number[] {
  return transformExtent([...bounds], 'EPSG:4326', GRIDS[flat].projection, 8);
}
