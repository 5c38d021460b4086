/** Reads the base map that `plugins/world.ts` made. */
import Feature from 'ol/Feature.js';
import MultiLineString from 'ol/geom/MultiLineString.js';
import Polygon from 'ol/geom/Polygon.js';
import { fromLonLat } from 'ol/proj.js';

export interface World {
  /** Degrees for one step of the arcs. */
  step: number;
  /** Lines: first x, y, then the difference with the point before. */
  arcs: number[][];
  /** Polygons: rings of arc numbers; ~n is arc n backwards. */
  shapes: number[][][];
  /** Arcs between two countries; the others are coast. */
  borders: number[];
}

/** The edge of the Web Mercator world. */
const MOST_NORTH = 85.06;

export function readWorld({ step, arcs, shapes, borders }: World) {
  const lines = arcs.map((arc) => {
    let [x, y] = [0, 0];
    const points: number[][] = [];
    for (let i = 0; i < arc.length; i += 2) {
      x += arc[i]!;
      y += arc[i + 1]!;
      const lat = Math.max(-MOST_NORTH, Math.min(MOST_NORTH, y * step));
      points.push(fromLonLat([x * step, lat]));
    }
    return points;
  });
  const ring = (indexes: number[]) =>
    indexes.flatMap((index) => (index < 0 ? lines[~index]!.toReversed() : lines[index]!));
  const isBorder = new Set(borders);
  const pick = (border: boolean) => lines.filter((_, index) => isBorder.has(index) === border);
  return {
    land: shapes.map((rings) => new Feature(new Polygon(rings.map(ring)))),
    coast: new Feature(new MultiLineString(pick(false))),
    borders: new Feature(new MultiLineString(pick(true))),
  };
}
