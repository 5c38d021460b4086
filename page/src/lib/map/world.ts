/** Reads the base map that `plugins/world.ts` made. */
import Feature from 'ol/Feature.js';
import LineString from 'ol/geom/LineString.js';
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
  // A feature for each line: the map draws the few that are in view, and not the whole world.
  const pick = (border: boolean) =>
    lines.flatMap((line, index) => (isBorder.has(index) === border ? [new Feature(new LineString(line))] : []));
  return {
    land: shapes.map((rings) => new Feature(new Polygon(rings.map(ring)))),
    coast: pick(false),
    borders: pick(true),
  };
}
