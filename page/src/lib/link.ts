/**
 * The state of the page in its address: `#lang=nl&c=zonderland&l=ndvi&d=2025-04-26&v=14/52.56/5.23`.
 *
 * Other state joins with `keepInLink`: each part has a key of its own, reads and writes itself.
 */
import type { Language } from './api.ts';
import './offline/restore.ts'; // before the address is read

/** Where the map looks at. */
export interface Camera {
  zoom: number;
  lon: number;
  lat: number;
}

/** What a link can hold; each part may be missing. */
export interface Link {
  language: Language | null;
  collection: string | null;
  layer: string | null;
  date: string | null;
  camera: Camera | null;
}

/** A piece of state that goes with the link. */
export interface LinkPart {
  /** Its name in the address: short, and not one of lang, c, l, d, v. */
  key: string;
  /** Take over what a link says (null = nothing: go back to the start); false = it makes no sense. */
  read: (text: string | null) => boolean;
  /** What to write, or null for nothing. Reads reactive state: the address follows it. */
  write: () => string | null;
}

const DATE = /^\d{4}-\d{2}-\d{2}$/;
/** Longer parts are not ours; nobody types or shares them. */
const LONGEST = 4000;
const parts: LinkPart[] = [];
let last = location.hash;
let misread = false;

/** Let a piece of state join the link; it reads the present link at once. */
export function keepInLink(part: LinkPart): void {
  if (parts.some(({ key }) => key === part.key)) throw new Error(`two link parts ${part.key}`);
  parts.push(part);
  readPart(part, pieces(last));
}

/** Let all that joined take over another link. */
export function followParts(hash: string): void {
  last = hash;
  misread = false;
  const found = pieces(hash);
  for (const part of parts) readPart(part, found);
}

/** Tell later that a part made no sense, for example because what it names is not there. */
export function misreads(): void {
  misread = true;
}

/** Whether a part of the link made no sense. */
export function isMisread(): boolean {
  return misread;
}

/** The parts that joined, as text; reads reactive state. */
export function writeParts(): [string, string][] {
  return parts.flatMap(({ key, write }): [string, string][] => {
    const text = write();
    return text === null ? [] : [[key, text]];
  });
}

function readPart({ key, read }: LinkPart, found: URLSearchParams): void {
  const text = found.get(key);
  const isTooLong = text !== null && text.length > LONGEST;
  if (!read(isTooLong ? null : text) || isTooLong) misread = true;
}

function pieces(hash: string): URLSearchParams {
  return new URLSearchParams(hash.replace(/^#/, ''));
}

export function readLink(hash: string): Link {
  const found = pieces(hash);
  const language = found.get('lang');
  const date = found.get('d');
  return {
    language: language === 'nl' || language === 'en' ? language : null,
    collection: found.get('c'),
    layer: found.get('l'),
    date: date && DATE.test(date) ? date : null,
    camera: readCamera(found.get('v')),
  };
}

export function writeLink({ language, collection, layer, date, camera }: Link): string {
  const written = new URLSearchParams();
  if (language) written.set('lang', language);
  if (collection) written.set('c', collection);
  if (layer) written.set('l', layer);
  if (date) written.set('d', date);
  for (const [key, text] of writeParts()) written.set(key, text);
  // These may stand in a fragment, and read better than %2F, %2C and %3A.
  const view = camera
    ? `&v=${camera.zoom.toFixed(2)}/${camera.lat.toFixed(5)}/${camera.lon.toFixed(5)}`
    : '';
  return `#${written.toString().replaceAll('%2C', ',').replaceAll('%3A', ':')}${view}`;
}

function readCamera(text: string | null): Camera | null {
  const [zoom, lat, lon, ...rest] = (text ?? '').split('/').map((part) => (part ? Number(part) : NaN));
  if (zoom === undefined || lat === undefined || lon === undefined || rest.length) return null;
  const ok = zoom >= 0 && zoom <= 24 && Math.abs(lat) <= 85 && Math.abs(lon) <= 180;
  return ok ? { zoom, lat, lon } : null;
}
