/** The state of the page in its address: `#lang=nl&c=zonderland&l=ndvi&d=2025-04-26&v=14/52.56/5.23`. */
import type { Language } from './api.ts';

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

const DATE = /^\d{4}-\d{2}-\d{2}$/;

export function readLink(hash: string): Link {
  const parts = new URLSearchParams(hash.replace(/^#/, ''));
  const language = parts.get('lang');
  const date = parts.get('d');
  return {
    language: language === 'nl' || language === 'en' ? language : null,
    collection: parts.get('c'),
    layer: parts.get('l'),
    date: date && DATE.test(date) ? date : null,
    camera: readCamera(parts.get('v')),
  };
}

export function writeLink({ language, collection, layer, date, camera }: Link): string {
  const parts = new URLSearchParams();
  if (language) parts.set('lang', language);
  if (collection) parts.set('c', collection);
  if (layer) parts.set('l', layer);
  if (date) parts.set('d', date);
  // Slashes may stand in a fragment, and read better than %2F.
  const view = camera
    ? `&v=${camera.zoom.toFixed(2)}/${camera.lat.toFixed(5)}/${camera.lon.toFixed(5)}`
    : '';
  return `#${parts}${view}`;
}

function readCamera(text: string | null): Camera | null {
  const [zoom, lat, lon, ...rest] = (text ?? '').split('/').map((part) => (part ? Number(part) : NaN));
  if (zoom === undefined || lat === undefined || lon === undefined || rest.length) return null;
  const ok = zoom >= 0 && zoom <= 24 && Math.abs(lat) <= 85 && Math.abs(lon) <= 180;
  return ok ? { zoom, lat, lon } : null;
}
