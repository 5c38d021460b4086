/** From points to the paths of a chart; pure, so that it can be drawn anywhere. */
import { addDays, days } from './compare.ts';
import { isSeen, type Point } from './series.ts';

/** A line over a longer time without anything seen would be made up: a gap stays a gap. */
const LONGEST_GAP = 45;
const LEFT = 34;
const RIGHT = 14;
const TOP = 8;
const FOOT = 22;
const LEVELS = 4;
const NARROW_MONTH = 34;

export interface Frame {
  width: number;
  height: number;
  /** ISO dates at both sides. */
  from: string;
  until: string;
  withYearBefore: boolean;
  /** What the colours of the layer go from and to. */
  scale: [number, number];
}

export interface Drawn {
  left: number;
  bottom: number;
  levels: { y: number; value: number }[];
  months: { x: number; date: string; isLabelled: boolean }[];
  lines: { path: string; dots: { x: number; y: number; doubt: boolean }[] }[];
  /** Where the letter of a line stands. */
  ends: { x: number; y: number; index: number }[];
  /** Between the tenth and the ninetieth percentile; only of a single place. */
  bands: string;
  before: string;
  clouds: number[];
  xOf: (date: string) => number | null;
  /** The day of the points that is nearest to an x. */
  dateAt: (x: number) => string | null;
}

type Seen = Point & { mean: number };

export function draw(series: Point[][], frame: Frame): Drawn {
  const { width, height, from, until } = frame;
  const inside = series.map((points) => points.filter(({ date }) => date >= from && date <= until));
  const earlier = frame.withYearBefore ? shifted(series[0] ?? [], from, until) : [];
  const span = Math.max(1, days(from, until));
  const x = (date: string) => LEFT + (days(from, date) / span) * Math.max(1, width - LEFT - RIGHT);
  const bottom = height - FOOT;
  const [low, high, step] = scaleOf([...inside, earlier], frame.scale, inside.length === 1);
  const y = (value: number) => TOP + ((high - value) / (high - low)) * (bottom - TOP);
  const spot = (point: Seen) => `${x(point.date).toFixed(1)},${y(point.mean).toFixed(1)}`;

  const seen = inside.map((points) => points.filter(isSeen));
  const lines = seen.map((points) => ({
    path: runs(points.filter(({ doubt }) => doubt === null)).map((run) => `M${run.map(spot).join('L')}`).join(''),
    dots: points.map((point) => ({ x: x(point.date), y: y(point.mean), doubt: point.doubt !== null })),
  }));
  const dates = [...new Set(inside.flat().map(({ date }) => date))].toSorted();
  return {
    left: LEFT,
    bottom,
    levels: levelsOf(low, high, step).map((value) => ({ value, y: y(value) })),
    months: monthsOf(from, until, x, width / 12),
    lines,
    ends: series.length > 1 ? endsOf(seen, x, y) : [],
    bands: series.length === 1 ? bandOf(seen[0] ?? [], x, y) : '',
    before: runs(earlier.filter(isSeen)).map((run) => `M${run.map(spot).join('L')}`).join(''),
    clouds: dates.filter((date) => !seen.flat().some((point) => point.date === date)).map(x),
    xOf: (date) => (date >= from && date <= until ? x(date) : null),
    dateAt: (at) => closest(dates, (date) => Math.abs(x(date) - at)),
  };
}

/** Points a year before, on the same days of this year. */
function shifted(points: Point[], from: string, until: string): Point[] {
  return points
    .map((point) => ({ ...point, date: addDays(point.date, 365), doubt: null }))
    .filter(({ date }) => date >= from && date <= until);
}

/** Stretches without a long gap. */
function runs(points: Seen[]): Seen[][] {
  const found: Seen[][] = [];
  points.forEach((point, index) => {
    const before = points[index - 1];
    if (before && days(before.date, point.date) <= LONGEST_GAP) found.at(-1)!.push(point);
    else found.push([point]);
  });
  return found;
}

function bandOf(points: Seen[], x: (date: string) => number, y: (value: number) => number): string {
  const sure = points.filter(({ doubt, low, high }) => doubt === null && low !== null && high !== null);
  return runs(sure)
    .filter((run) => run.length > 1)
    .map((run) => {
      const edge = (value: (point: Seen) => number) =>
        run.map((point) => `${x(point.date).toFixed(1)},${y(value(point)).toFixed(1)}`);
      const above = edge(({ high }) => high!);
      const below = edge(({ low }) => low!).toReversed();
      return `M${[...above, ...below].join('L')}Z`;
    })
    .join('');
}

/** Letters at the ends of lines, moved apart where they would cover each other. */
function endsOf(seen: Seen[][], x: (date: string) => number, y: (value: number) => number) {
  const ends = seen.flatMap((points, index) => {
    const last = points.at(-1);
    return last ? [{ x: x(last.date) + 5, y: y(last.mean) + 4, index }] : [];
  });
  let lowest = -Infinity;
  return ends
    .toSorted((a, b) => a.y - b.y)
    .map((end) => {
      lowest = Math.max(end.y, lowest + 13);
      return { ...end, y: lowest };
    });
}

/** Lowest and highest of the axis, and its steps: round numbers around what is drawn. */
function scaleOf(
  series: Point[][],
  [first, last]: [number, number],
  withBand: boolean,
): [number, number, number] {
  const values = series.flat().filter(isSeen).flatMap(({ mean, low, high }) =>
    withBand ? [mean, low ?? mean, high ?? mean] : [mean],
  );
  const usual = Math.abs(last - first);
  const least = Math.min(...values, Infinity);
  const most = Math.max(...values, -Infinity);
  if (!Number.isFinite(least)) return [Math.min(first, last), Math.max(first, last), usual / LEVELS];
  // Small differences must not look large: at least half of the layer's own scale is shown.
  const room = Math.max(0, usual / 2 - (most - least)) / 2;
  const step = roundStep((most - least + 2 * room) / LEVELS);
  const low = Math.floor((least - room) / step) * step;
  const high = Math.ceil((most + room) / step) * step;
  return [low, high > low ? high : low + step, step];
}

function roundStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough || 1));
  const found = [1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough);
  return (found ?? 10) * power;
}

function levelsOf(low: number, high: number, step: number): number[] {
  const count = Math.round((high - low) / step);
  return Array.from({ length: count + 1 }, (_, i) => Number((low + i * step).toPrecision(10)));
}

function monthsOf(from: string, until: string, x: (date: string) => number, room: number) {
  const every = room >= NARROW_MONTH ? 1 : room * 2 >= NARROW_MONTH ? 2 : 3;
  const found: Drawn['months'] = [];
  const date = new Date(`${from.slice(0, 7)}-01T00:00:00Z`);
  for (;;) {
    date.setUTCMonth(date.getUTCMonth() + 1);
    const day = date.toISOString().slice(0, 10);
    if (day > until) return found;
    const isLabelled = found.length % every === 0 && days(day, until) > 14;
    found.push({ x: x(day), date: day, isLabelled });
  }
}

function closest(dates: string[], distance: (date: string) => number): string | null {
  return dates.toSorted((a, b) => distance(a) - distance(b))[0] ?? null;
}
