/** The topographic map of PDOK (BRT-A), for portals whose operator allows it. */
import TileLayer from 'ol/layer/Tile.js';
import XYZ from 'ol/source/XYZ.js';
import TileGrid from 'ol/tilegrid/TileGrid.js';
import { type Flat, GRIDS } from './grids.ts';

const ADDRESS = 'https://service.pdok.nl/brt/achtergrondkaart/wmts/v2_0/standaard';
const DEEPEST: Record<Flat, number> = { mercator: 19, rd: 14 };

export function topographyLayer(flat: Flat): TileLayer<XYZ> {
  const { projection, origin, coarsest } = GRIDS[flat];
  const resolutions = Array.from({ length: DEEPEST[flat] + 1 }, (_, z) => coarsest / 2 ** z);
  return new TileLayer({
    source: new XYZ({
      url: `${ADDRESS}/${projection}/{z}/{x}/{y}.png`,
      tileGrid: new TileGrid({ origin, resolutions, tileSize: 256 }),
      projection,
      transition: 0,
    }),
    zIndex: 5,
  });
}
