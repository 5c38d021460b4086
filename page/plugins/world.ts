/**
 * Makes the base map at build time: land and borders of Natural Earth (public domain, from the
 * npm package world-atlas), with much detail where our users look and little elsewhere.
 *
 * The outcome is the virtual module `virtual:world`, a chunk that the page loads after its first
 * paint. Lines are shared between neighbours, so that thinning them leaves no gaps.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';

type Point = [number, number];
type Box = [west: number, south: number, east: number, north: number];

interface Topology {
  transform: { scale: Point; translate: Point };
  arcs: Point[][];
  objects: { countries: { geometries: { type: string; arcs: unknown }[] } };
}

/** Where every point of the source is kept, in degrees. */
const DETAILED: Box[] = [
  [1, 50, 9, 55], // the Netherlands and around
  [-69.5, 11.5, -67.5, 13], // Aruba, Bonaire, Curaçao
  [-63.6, 17.2, -62.6, 18.4], // Saba, Sint Eustatius, Sint Maarten
];
const NEAR: Box = [-13, 34, 34, 62];
/** Smallest triangle that a point may make with its neighbours, in square degrees. */
const FINE_AREA = 0.0008;
const COARSE_AREA = 0.006;
/** Islands smaller than this (width × height, square degrees) are left out, unless detailed. */
const SMALLEST_ISLAND = 0.03;
/** Steps of the integer grid in degrees: about 100 m. */
const STEP = 0.001;

const MODULE = 'virtual:world';

export function world(): Plugin {
  let root = '';
  return {
    name: 'landzicht-world',
    configResolved(config) {
      root = config.root;
    },
    resolveId(id) {
      return id === MODULE ? `\0${MODULE}` : undefined;
    },
    load(id) {
      if (id !== `\0${MODULE}`) return undefined;
      const file = join(root, 'node_modules/world-atlas/countries-10m.json');
      const topology = JSON.parse(readFileSync(file, 'utf8')) as Topology;
      return `export default JSON.parse('${JSON.stringify(convert(topology))}');`;
    },
  };
}

function convert(topology: Topology) {
  const arcs = decode(topology).map(thin);
  const shapes: number[][][] = [];
  for (const { type, arcs: rings } of topology.objects.countries.geometries) {
    const polygons = (type === 'Polygon' ? [rings] : type === 'MultiPolygon' ? rings : []) as number[][][];
    shapes.push(...polygons.filter((polygon) => isShown(polygon[0]!, arcs)));
  }
  const uses = new Map<number, number>();
  for (const index of shapes.flat(2)) {
    const arc = index < 0 ? ~index : index;
    uses.set(arc, (uses.get(arc) ?? 0) + 1);
  }
  const renumber = new Map([...uses.keys()].sort((a, b) => a - b).map((old, now) => [old, now]));
  const index = (old: number) => (old < 0 ? ~renumber.get(~old)! : renumber.get(old)!);
  return {
    step: STEP,
    arcs: [...renumber.keys()].map((old) => deltas(arcs[old]!)),
    shapes: shapes.map((polygon) => polygon.map((ring) => ring.map(index))),
    borders: [...renumber].filter(([old]) => uses.get(old)! > 1).map(([, now]) => now),
  };
}

function decode({ arcs, transform: { scale, translate } }: Topology): Point[][] {
  return arcs.map((arc) => {
    let [x, y] = [0, 0];
    return arc.map(([dx, dy]): Point => {
      [x, y] = [x + dx, y + dy];
      return [x * scale[0] + translate[0], y * scale[1] + translate[1]];
    });
  });
}

/**
 * Visvalingam's method, in sweeps with a rising limit: points go whose triangle with the neighbours
 * that are left is smaller than the limit.
 */
function thin(arc: Point[]): Point[] {
  let kept = arc;
  for (let limit = 1 / 256; limit <= 1; limit *= 2) {
    const next: Point[] = [kept[0]!];
    for (let i = 1; i < kept.length - 1; i += 1) {
      const weight = area(next.at(-1)!, kept[i]!, kept[i + 1]!) / tolerance(kept[i]!);
      const isLeft = weight >= limit || kept.length - i + next.length <= 4;
      if (isLeft) next.push(kept[i]!);
    }
    next.push(kept.at(-1)!);
    kept = next;
  }
  return kept;
}

function tolerance([x, y]: Point): number {
  if (DETAILED.some((box) => within(box, x, y))) return Number.MIN_VALUE;
  return within(NEAR, x, y) ? FINE_AREA : COARSE_AREA;
}

function within([west, south, east, north]: Box, x: number, y: number): boolean {
  return x >= west && x <= east && y >= south && y <= north;
}

function area(a: Point, b: Point, c: Point): number {
  return Math.abs((b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])) / 2;
}

function isShown(ring: number[], arcs: Point[][]): boolean {
  const points = ring.flatMap((index) => arcs[index < 0 ? ~index : index]!);
  if (points.some(([x, y]) => DETAILED.some((box) => within(box, x, y)))) return true;
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  return (Math.max(...xs) - Math.min(...xs)) * (Math.max(...ys) - Math.min(...ys)) > SMALLEST_ISLAND;
}

/** Whole steps, each number relative to the one before: small numbers compress well. */
function deltas(arc: Point[]): number[] {
  let [x, y] = [0, 0];
  return arc.flatMap(([lon, lat]) => {
    const [nx, ny] = [Math.round(lon / STEP), Math.round(lat / STEP)];
    const step = [nx - x, ny - y];
    [x, y] = [nx, ny];
    return step;
  });
}
