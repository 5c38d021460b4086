/** Numbers of places through time: asked of the portal, read while they come. */
import { type Language, Refused } from '../api.ts';
import { readLines } from '../lines.ts';
import { sentence, Told } from '../places/ask.ts';
import type { Place } from '../places/places.svelte.ts';
import { answerOf, type Progress } from './job.ts';

/** What one place was on one day. */
export interface Point {
  /** ISO date. */
  date: string;
  mean: number | null;
  /** Between these two lie eight of ten pixels. */
  low: number | null;
  high: number | null;
  /** Share of the place that could be seen, 0 to 1. */
  valid: number;
  scene: string | null;
  /** Why this number is doubted, or null. */
  doubt: string | null;
}

/** What is measured. */
export interface Question {
  collection: string;
  /** Name of a layer with one number for each pixel, or a formula. */
  layer: string | null;
  expression: string | null;
  /** ISO dates. */
  from: string;
  until: string;
}

interface Row {
  parcel: string;
  datetime?: string;
  scene?: string | null;
  valid?: number;
  mean?: number | null;
  p10?: number | null;
  p90?: number | null;
  /** Code of what went wrong, and the sentence about it. */
  error?: string | null;
  detail?: string | null;
}

/** Images that could not be read for the same reason. */
export interface Unread {
  /** A sentence; when it names a file, that of the first. */
  reason: string;
  /** ISO dates. */
  dates: string[];
}

const ROWS = 'application/x-ndjson';
/** A day counts when at least so much of the place could be seen. */
export const SEEN = 0.5;

export function isSeen(point: Point): point is Point & { mean: number } {
  return point.mean !== null && point.valid >= SEEN;
}

/** Ask for the numbers of places; the answer is read by `measure`. */
export function askSeries(
  places: Place[],
  { collection, layer, expression, from, until }: Question,
  language: Language,
  signal: AbortSignal,
): Promise<Response> {
  const features = places.map(({ shape }, index) => ({
    type: 'Feature',
    id: String(index),
    properties: {},
    geometry: shape,
  }));
  return fetch('/api/v1/series', {
    method: 'POST',
    signal,
    headers: { 'content-type': 'application/json', accept: ROWS, 'accept-language': language },
    body: JSON.stringify({
      collection,
      ...(expression ? { expression } : { layer }),
      datetime: `${from}/${until}`,
      stats: ['mean', 'p10', 'p90'],
      parcels: { type: 'FeatureCollection', features },
    }),
  });
}

/**
 * Read the numbers of places. `tell` hears the points so far of each place, every time that some
 * came, and which images could not be read; `wait` hears how far it is when the portal makes it a
 * job, because it takes long.
 * Throws `Told` with a sentence, `Refused`, or what `fetch` throws when the connection is gone.
 */
export async function measure(
  places: Place[],
  asked: Promise<Response>,
  language: Language,
  signal: AbortSignal,
  tell: (points: Point[][], unread: Unread[]) => void,
  wait: (progress: Progress) => void,
): Promise<void> {
  let response = await asked;
  if (!response.ok) {
    const told = await sentence(response, language);
    throw told ? new Told(told) : new Refused(response.status);
  }
  if (response.status === 202) response = await answerOf(response, ROWS, language, signal, wait);
  const points: Point[][] = places.map(() => []);
  const unread: Troubles = new Map();
  for await (const lines of readLines(response)) {
    for (const line of lines) add(points, unread, JSON.parse(line) as Row);
    tell(
      points.map((each) => each.toSorted((a, b) => a.date.localeCompare(b.date))),
      [...unread.values()].map(({ reason, dates }) => ({ reason, dates: [...dates].toSorted() })),
    );
  }
}

/** By code. */
type Troubles = Map<string, { reason: string; dates: Set<string> }>;

function add(points: Point[][], unread: Troubles, row: Row): void {
  const series = points[Number(row.parcel)];
  // Without a day it is about the place: that there is no image of it, which is told elsewhere.
  if (!series || !row.datetime) return;
  if (row.error) {
    const known = unread.get(row.error) ?? { reason: row.detail ?? row.error, dates: new Set() };
    known.dates.add(row.datetime.slice(0, 10));
    unread.set(row.error, known);
    return;
  }
  series.push({
    date: row.datetime.slice(0, 10),
    mean: row.mean ?? null,
    low: row.p10 ?? null,
    high: row.p90 ?? null,
    valid: row.valid ?? 0,
    scene: row.scene ?? null,
    doubt: null,
  });
}

/** What happened on a field: when it was mown or became bare. */
export interface Event {
  kind: 'mowing' | 'bare';
  after: string;
  before: string;
}

/** What the series of a field tells. */
export interface Insight {
  /** Of each day whose number is doubted: why. */
  doubts: Map<string, string>;
  events: Event[];
}

/** Find out which numbers of a field are doubted and why, and what happened when. */
export async function getInsight(
  place: Place,
  { collection, layer, expression, until }: Question,
  language: Language,
  signal: AbortSignal,
): Promise<Insight> {
  const response = await fetch('/api/v1/series/insight', {
    method: 'POST',
    signal,
    headers: { 'content-type': 'application/json', 'accept-language': language },
    body: JSON.stringify({
      collection,
      ...(expression ? { expression } : { layer }),
      parcel: { type: 'Feature', properties: {}, geometry: place.shape },
      year: Number(until.slice(0, 4)),
    }),
  });
  if (!response.ok) throw new Refused(response.status);
  const { series, events } = (await response.json()) as {
    series: { datetime: string; flagged: boolean; reason: string | null }[];
    events: Event[];
  };
  const doubted = series.filter(({ flagged }) => flagged);
  return {
    doubts: new Map(doubted.map(({ datetime, reason }) => [datetime.slice(0, 10), reason ?? ''])),
    events,
  };
}
