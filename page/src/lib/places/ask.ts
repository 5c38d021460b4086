/** Questions to the portal about places: registered areas, and files of the reader's own. */
import type { Language } from '../api.ts';
import { Refused } from '../api.ts';
import type { Shape } from './shapes.ts';

/** A set of registered areas. */
export interface AreaSet {
  id: string;
  title: string;
  rows: number;
  /** West, south, east, north. */
  bbox: [number, number, number, number];
  columns: string[];
  simulated: boolean;
}

export interface Feature {
  id: string;
  geometry: Shape;
  properties: Record<string, string | number | boolean | null>;
}

/** An answer that was not a success, with the portal's own sentence for the reader. */
export class Told extends Error {}

export interface OwnAreas {
  features: Feature[];
  refused: { row: number; name: string; reason: string }[];
  refusedCount: number;
}

const JSON_ONLY = { accept: 'application/geo+json, application/json' };
/** The server reads no longer files. */
export const MOST_MB = 50;

async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await fetch(path, { signal: signal ?? null, headers: JSON_ONLY });
  if (!response.ok) throw new Refused(response.status);
  return (await response.json()) as T;
}

export const getSets = async () => (await get<{ areas: AreaSet[] }>('/api/v1/areas')).areas;

export function getItems(set: string, asked: Record<string, string>, signal?: AbortSignal) {
  const path = `/api/v1/areas/${encodeURIComponent(set)}/items?${new URLSearchParams(asked)}`;
  return get<{ features: Feature[]; more: boolean }>(path, signal);
}

export const getItem = (set: string, id: string) =>
  get<Feature>(`/api/v1/areas/${encodeURIComponent(set)}/items/${encodeURIComponent(id)}`);

/** The sentence of a problem document, in the reader's language. */
export async function sentence(response: Response, language: Language): Promise<string | null> {
  try {
    const told = (await response.json()) as { 'landzicht:text'?: Record<Language, string> };
    return told['landzicht:text']?.[language] ?? null;
  } catch {
    return null;
  }
}

/** Let the portal read a file; it keeps nothing. Throws `Told` with a sentence when it cannot. */
export async function readOwn(file: File, language: Language): Promise<OwnAreas> {
  const response = await fetch(`/api/v1/own-areas?name=${encodeURIComponent(file.name.slice(0, 100))}`, {
    method: 'POST',
    body: file,
    headers: { 'content-type': 'application/octet-stream', 'accept-language': language },
  });
  if (response.ok) return (await response.json()) as OwnAreas;
  const told = await sentence(response, language);
  throw told ? new Told(told) : new Refused(response.status);
}
