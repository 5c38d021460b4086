/** Makes the Dutch grid known to the map. */
import { addCoordinateTransforms, addProjection, fromLonLat, get, Projection, toLonLat } from 'ol/proj.js';
import { fromRd, toRd } from '../rd.ts';
import { GRIDS } from './grids.ts';

const WORLD = [-285401.92, 22598.08, 595401.92, 903401.92];
const { projection: RD } = GRIDS.rd;

export function registerRd(): void {
  if (get(RD)) return;
  addProjection(new Projection({ code: RD, units: 'm', extent: WORLD }));
  const [inRd, outOfRd] = [([lon, lat]: number[]) => toRd(lon!, lat!), ([x, y]: number[]) => fromRd(x!, y!)];
  addCoordinateTransforms('EPSG:4326', RD, inRd, outOfRd);
  addCoordinateTransforms(
    'EPSG:3857',
    RD,
    (place) => inRd(toLonLat(place)),
    (place) => fromLonLat(outOfRd(place)),
  );
}

/** How far the centre of the map may go. */
export const RD_WORLD = WORLD;
