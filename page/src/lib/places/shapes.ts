/** Shapes in degrees: what they enclose, circles around a place, and short text for links. */

export type Ring = [number, number][];
export type Shape =
  | { type: 'Point'; coordinates: [number, number] }
  | { type: 'Polygon'; coordinates: Ring[] }
  | { type: 'MultiPolygon'; coordinates: Ring[][] };

/** Metres along a degree of latitude (mean radius 6371008.8 m). */
const METRES = 111_195.08;
const CORNERS = 32;
/** Longer areas make a link that nobody can send. */
export const MOST_LINKED = 60;

function ringsOf(shape: Shape): Ring[] {
  if (shape.type === 'Point') return [[shape.coordinates]];
  return shape.type === 'Polygon' ? shape.coordinates : shape.coordinates.flat();
}

/** West, south, east, north. */
export function boxOf(shapes: Shape[]): [number, number, number, number] {
  const box: [number, number, number, number] = [180, 90, -180, -90];
  for (const [lon, lat] of shapes.flatMap(ringsOf).flat()) {
    box[0] = Math.min(box[0], lon);
    box[1] = Math.min(box[1], lat);
    box[2] = Math.max(box[2], lon);
    box[3] = Math.max(box[3], lat);
  }
  return box;
}

/** Area in hectares; good to a percent, which is enough to tell. */
export function hectares(shape: Shape): number {
  if (shape.type === 'Point') return 0;
  const parts = shape.type === 'Polygon' ? [shape.coordinates] : shape.coordinates;
  const total = parts.reduce((sum, [shell, ...holes]) => {
    const inside = holes.reduce((cut, hole) => cut + square(hole), 0);
    return sum + square(shell ?? []) - inside;
  }, 0);
  return total / 10_000;
}

function square(ring: Ring): number {
  const [lon0, lat0] = ring[0] ?? [0, 0];
  const wide = METRES * Math.cos((lat0 * Math.PI) / 180);
  let doubled = 0;
  ring.forEach(([lon, lat], i) => {
    const [nextLon, nextLat] = ring[(i + 1) % ring.length]!;
    doubled += (lon - lon0) * (nextLat - lat0) - (nextLon - lon0) * (lat - lat0);
  });
  return (Math.abs(doubled) / 2) * wide * METRES;
}

/** A circle around a place, as a polygon. */
export function circle([lon, lat]: [number, number], metres: number): Shape {
  const tall = metres / METRES;
  const wide = tall / Math.max(0.01, Math.cos((lat * Math.PI) / 180));
  const ring: Ring = Array.from({ length: CORNERS }, (_, i) => {
    const angle = (2 * Math.PI * i) / CORNERS;
    return [round(lon + wide * Math.cos(angle)), round(lat + tall * Math.sin(angle))];
  });
  return { type: 'Polygon', coordinates: [[...ring, ring[0]!]] };
}

/** Seven decimals: a centimetre. */
export function round(degrees: number): number {
  return Math.round(degrees * 1e7) / 1e7;
}

/** The middle of the box around a shape. */
export function middleOf(shape: Shape): [number, number] {
  const [west, south, east, north] = boxOf([shape]);
  return [(west + east) / 2, (south + north) / 2];
}

/** A plain polygon as `lat,lon;…` differences in steps of a metre, or null when it is too long. */
export function writeRing(shape: Shape): string | null {
  if (shape.type !== 'Polygon' || shape.coordinates.length !== 1) return null;
  const ring = shape.coordinates[0]!.slice(0, -1);
  if (ring.length > MOST_LINKED) return null;
  let before: [number, number] = [0, 0];
  return ring
    .map(([lon, lat]) => {
      const now: [number, number] = [Math.round(lat * 1e5), Math.round(lon * 1e5)];
      const step = `${(now[0] - before[0]).toString(36)}.${(now[1] - before[1]).toString(36)}`;
      before = now;
      return step;
    })
    .join('_');
}

/** The polygon that `writeRing` wrote, or null when the text is none. */
export function readRing(text: string): Shape | null {
  const steps = text.split('_');
  if (steps.length < 3 || steps.length > MOST_LINKED) return null;
  let [lat, lon] = [0, 0];
  const ring: Ring = [];
  for (const step of steps) {
    if (!/^-?[0-9a-z]{1,6}\.-?[0-9a-z]{1,6}$/u.test(step)) return null;
    const [north, east] = step.split('.') as [string, string];
    lat += parseInt(north, 36);
    lon += parseInt(east, 36);
    ring.push([lon / 1e5, lat / 1e5]);
  }
  const fits = ring.every(([x, y]) => Math.abs(x) <= 180 && Math.abs(y) <= 85);
  return fits ? { type: 'Polygon', coordinates: [[...ring, ring[0]!]] } : null;
}
