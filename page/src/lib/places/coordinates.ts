/** Places that people type as numbers: degrees in any usual way, or metres of the Dutch RD system. */

export interface Spot {
  lon: number;
  lat: number;
  system: 'rd' | 'degrees';
}

const NUMBER = /^[-+]?\d+(?:[.,]\d+)?$/;
const LABELS = /\b(?:rd|epsg:?28992|wgs ?84|latitude|longitude|lat|lon|lng|x|y)\b\s*[:=]?/giu;
const DEGREES = `([-+]?\\d+(?:[.,]\\d+)?)\\s*°?\\s*(?:(\\d+(?:[.,]\\d+)?)\\s*')?\\s*(?:(\\d+(?:[.,]\\d+)?)\\s*(?:"|''))?`;
/** The letter stands before the number, or behind it. */
const BEFORE = new RegExp(`([NZSOEW])\\s*${DEGREES}`, 'giu');
const BEHIND = new RegExp(`${DEGREES}\\s*([NZSOEW])?`, 'giu');
/** Where RD is used: x from 0 to 300 km, y from 289 to 629 km, with some sea. */
const RD_X = [-7_000, 300_000] as const;
const RD_Y = [289_000, 629_000] as const;
const THOUSANDS = /^\d{1,3}\.\d{3}$/;

/** Read `155000, 463000`, `52.1 5.2`, `52°9'N 5°23'E` and the like; null when it is none of these. */
export function parseCoordinates(typed: string): Spot | null {
  const text = typed
    .trim()
    .replace(/[’′´`]/gu, "'")
    .replace(/[”″“]/gu, '"')
    .replace(/[º˚]/gu, '°')
    .replace(/−/gu, '-');
  if (!text || text.length > 80) return null;
  return parseNumbers(text.replace(LABELS, ' ').trim()) ?? parseAngles(text);
}

function parseNumbers(text: string): Spot | null {
  const spaced = text.split(/\s*[;\t]\s*|\s*,\s+|\s+/u).filter(Boolean);
  const parts = spaced.length === 2 ? spaced : text.split(/\s*,\s*/u);
  if (parts.length !== 2 || !parts.every((part) => NUMBER.test(part))) return null;
  const [a, b] = parts.map((part) => Number(part.replace(',', '.'))) as [number, number];
  return inRd(a, b) ?? inDegrees(a, b) ?? thousands(parts);
}

/** `155.000, 463.000` as the Dutch write thousands. */
function thousands(parts: string[]): Spot | null {
  if (!parts.every((part) => THOUSANDS.test(part))) return null;
  const [x, y] = parts.map((part) => Number(part.replace('.', ''))) as [number, number];
  return inRd(x, y);
}

function inRd(x: number, y: number): Spot | null {
  if (x < RD_X[0] || x > RD_X[1] || y < RD_Y[0] || y > RD_Y[1]) return null;
  return { ...fromRd(x, y), system: 'rd' };
}

/** Latitude comes first, unless only the other order lies in the Netherlands or on Earth. */
function inDegrees(first: number, second: number): Spot | null {
  const isDutchTurned = first >= 3 && first <= 7.5 && second >= 50 && second <= 54;
  const [lat, lon] =
    isDutchTurned || Math.abs(first) > 90 ? [second, first] : [first, second];
  return Math.abs(lat) <= 90 && Math.abs(lon) <= 180 ? { lon, lat, system: 'degrees' } : null;
}

function parseAngles(text: string): Spot | null {
  const isBefore = /^[a-z]/iu.test(text);
  const form = isBefore ? BEFORE : BEHIND;
  const found = [...text.matchAll(form)];
  const rest = text.replace(form, '').replace(/[\s,;]/gu, '');
  if (found.length !== 2 || rest) return null;
  const angles = found.map(([, ...groups]) => {
    const named = isBefore ? groups.shift() : groups[3];
    const [degrees, minutes, seconds] = groups;
    const letter = (named ?? '').toUpperCase();
    const size =
      Math.abs(number(degrees)) + number(minutes) / 60 + number(seconds) / 3600;
    const turned = letter === 'Z' || letter === 'S' || letter === 'W' || degrees?.startsWith('-');
    return { letter, value: turned ? -size : size, fits: number(minutes) < 60 && number(seconds) < 60 };
  });
  const [a, b] = angles as [(typeof angles)[0], (typeof angles)[0]];
  if (!a.fits || !b.fits) return null;
  const isNorth = (letter: string) => 'NZS'.includes(letter) && letter !== '';
  const isEast = (letter: string) => 'OEW'.includes(letter) && letter !== '';
  if (isEast(a.letter) && !isEast(b.letter)) return inDegrees(b.value, a.value);
  if (isNorth(a.letter) && isNorth(b.letter)) return null;
  return isEast(a.letter) ? null : inDegrees(a.value, b.value);
}

function number(text: string | undefined): number {
  return text ? Number(text.replace(',', '.')) : 0;
}

/** Powers of x and y, and seconds of arc: Schreutelkamp and Strang van Hees (2001), within 0.5 m. */
const LATITUDE: [number, number, number][] = [
  [0, 1, 3235.65389], [2, 0, -32.58297], [0, 2, -0.2475], [2, 1, -0.84978], [0, 3, -0.0655],
  [2, 2, -0.01709], [1, 0, -0.00738], [4, 0, 0.0053], [2, 3, -0.00039], [4, 1, 0.00033],
  [1, 1, -0.00012],
];
const LONGITUDE: [number, number, number][] = [
  [1, 0, 5260.52916], [1, 1, 105.94684], [1, 2, 2.45656], [3, 0, -0.81885], [1, 3, 0.05594],
  [3, 1, -0.05607], [0, 1, 0.01199], [3, 2, -0.00256], [1, 4, 0.00128], [0, 2, 0.00022],
  [2, 0, -0.00022], [5, 0, 0.00026],
];

/** Degrees (WGS84) of metres in RD (EPSG:28992), within half a metre in the Netherlands. */
export function fromRd(x: number, y: number): { lon: number; lat: number } {
  const east = (x - 155_000) * 1e-5;
  const north = (y - 463_000) * 1e-5;
  const sum = (terms: [number, number, number][]) =>
    terms.reduce((total, [p, q, factor]) => total + factor * east ** p * north ** q, 0) / 3600;
  return { lat: 52.1551744 + sum(LATITUDE), lon: 5.38720621 + sum(LONGITUDE) };
}
