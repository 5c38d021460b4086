/** What a series says in a few numbers. Nothing here is guessed: too little gives null. */
import { isSeen, type Point } from './series.ts';

const DAY_MS = 86_400_000;
/** Between two observations at most so many days apart a value may be read off. */
const LONGEST_GAP = 40;
/** A single observation counts for so many days around it. */
const AROUND = 10;

type Seen = Point & { mean: number };

export interface Story {
  /** The last day on which the place could be seen. */
  last: Seen;
  /** The highest of the year of that day. */
  peak: Seen;
  /** The value a year before the last day, or null when nothing was seen around it. */
  before: number | null;
  seen: number;
  all: number;
}

export function storyOf(points: Point[]): Story | null {
  const seen = points.filter(isSeen).filter(({ doubt }) => doubt === null);
  const last = seen.at(-1);
  if (!last) return null;
  const year = last.date.slice(0, 4);
  const ofYear = seen.filter(({ date }) => date.startsWith(year));
  const peak = ofYear.reduce((best, point) => (point.mean > best.mean ? point : best), last);
  return { last, peak, before: valueOn(seen, yearBefore(last.date)), seen: seen.length, all: points.length };
}

/** The value on a day: on the straight line between two days close together, or seen near it. */
export function valueOn(points: Point[], date: string): number | null {
  const seen = points.filter(isSeen);
  const next = seen.find((point) => point.date >= date);
  const previous = seen.findLast((point) => point.date <= date);
  if (next && previous) {
    const gap = days(previous.date, next.date);
    if (gap === 0) return next.mean;
    if (gap <= LONGEST_GAP) {
      return previous.mean + ((next.mean - previous.mean) * days(previous.date, date)) / gap;
    }
  }
  const near = [previous, next].filter((point) => point && Math.abs(days(point.date, date)) <= AROUND);
  return near[0]?.mean ?? null;
}

/** The same day of the year before; 29 February becomes the 28th. */
export function yearBefore(date: string): string {
  const [year, month, day] = date.split('-') as [string, string, string];
  const same = month === '02' && day === '29' ? '28' : day;
  return `${Number(year) - 1}-${month}-${same}`;
}

export function days(from: string, until: string): number {
  return Math.round((Date.parse(until) - Date.parse(from)) / DAY_MS);
}

export function addDays(date: string, count: number): string {
  return new Date(Date.parse(date) + count * DAY_MS).toISOString().slice(0, 10);
}

/** Change of a site: its last value against a year before, or else against the first that was seen. */
export interface Change {
  last: Seen;
  difference: number | null;
  /** What it is compared with. */
  since: string | null;
}

export function changeOf(points: Point[]): Change | null {
  const seen = points.filter(isSeen);
  const [first, last] = [seen[0], seen.at(-1)];
  if (!first || !last) return null;
  const ago = yearBefore(last.date);
  const before = valueOn(seen, ago);
  if (before !== null) return { last, difference: last.mean - before, since: ago };
  if (first === last) return { last, difference: null, since: null };
  return { last, difference: last.mean - first.mean, since: first.date };
}
