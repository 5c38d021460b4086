/** Reads the base map that `plugins/world.ts` made. */
import Feature from 'ol/Feature.js';
import LineString from 'ol/geom/LineString.js';
import Polygon from 'ol/geom/Polygon.js';
import { breathe } from '../breathe.ts';

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
/** Of the sphere of Web Mercator, in metres. */
const RADIUS = 6_378_137;
const RADIANS = Math.PI / 180;

/** Numbers that are turned into points at a time: a few milliseconds of work. */
const PIECE = 20_000;

/** What lies where, in Web Mercator; made in pieces, so that the page goes on answering. */
export async function readWorld({ step, arcs, shapes, borders }: World) {
  const lines: number[][] = [];
  let left = PIECE;
  const spend = async (numbers: number) => {
    left -= numbers;
    if (left > 0) return;
    left = PIECE;
    await breathe();
  };
  for (const arc of arcs) {
    lines.push(pointsOf(arc, step));
    await spend(arc.length);
  }
  const land: Feature[] = [];
  for (const rings of shapes) {
    const { points, ends } = joined(rings, lines);
    land.push(of('land', new Polygon(points, 'XY', ends)));
    await spend(points.length);
  }
  const isBorder = new Set(borders);
  // A feature for each line: the map draws the few that are in view, and not the whole world.
  const edges: Feature[] = [];
  for (const [index, line] of lines.entries()) {
    edges.push(of(isBorder.has(index) ? 'border' : 'coast', new LineString(line, 'XY')));
    await spend(line.length);
  }
  return [...land, ...edges];
}

/** A feature whose extent is known: the map asks for those of all, in one go. */
function of(kind: 'land' | 'coast' | 'border', geometry: Polygon | LineString): Feature {
  geometry.getExtent();
  return new Feature({ geometry, kind });
}

/** An arc in Web Mercator: x, y, x, y; without arrays for each point, which cost most. */
function pointsOf(arc: number[], step: number): number[] {
  const points: number[] = [];
  let [x, y] = [0, 0];
  for (let i = 0; i < arc.length; i += 2) {
    x += arc[i]!;
    y += arc[i + 1]!;
    const lat = Math.max(-MOST_NORTH, Math.min(MOST_NORTH, y * step));
    points.push(x * step * RADIANS * RADIUS, Math.log(Math.tan(Math.PI / 4 + (lat * RADIANS) / 2)) * RADIUS);
  }
  return points;
}

/** The arcs of rings after each other, and where each ring ends. */
function joined(rings: number[][], lines: number[][]): { points: number[]; ends: number[] } {
  const points: number[] = [];
  const ends = rings.map((ring) => {
    for (const index of ring) {
      const line = lines[index < 0 ? ~index : index]!;
      if (index >= 0) for (const number of line) points.push(number);
      else for (let i = line.length - 2; i >= 0; i -= 2) points.push(line[i]!, line[i + 1]!);
    }
    return points.length;
  });
  return { points, ends };
}
