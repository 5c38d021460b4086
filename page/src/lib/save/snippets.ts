/** Short programs in Python that ask the portal for what the page shows. */
import type { View } from '../api.ts';
import { look } from '../look.svelte.ts';
import type { Question } from '../measure/series.ts';
import type { Shape } from '../places/shapes.ts';
import type { Box } from './addresses.ts';

// JSON of text, numbers and lists is Python too.
const python = (value: unknown) => JSON.stringify(value);
const rounded = (box: Box) => box.map((edge) => Number(edge.toFixed(6)));

/** The images of a day, with pystac-client. */
export function searchSnippet(view: View, box: Box | null): string {
  const place = box ? `, bbox=${python(rounded(box))}` : '';
  return `from pystac_client import Client

catalog = Client.open(${python(`${location.origin}/stac`)})
found = catalog.search(collections=[${python(view.collection)}], datetime=${python(view.date)}${place})
for item in found.items():
    print(item.id, {name: asset.href for name, asset in item.assets.items()})
`;
}

/** The numbers of a place through time, with Python alone. */
export function seriesSnippet(question: Question, shape: Shape): string {
  const { collection, from, until } = question;
  const subject = look.formula ? { expression: look.formula } : { layer: question.layer };
  const asked = { collection, ...subject, datetime: `${from}/${until}`, stats: ['mean', 'p10', 'p90'], parcels: shape };
  const lines = Object.entries(asked).map(([name, value]) => `    ${python(name)}: ${python(value)},\n`);
  return `import json
from urllib.request import Request, urlopen

asked = {
${lines.join('')}}
headers = {"content-type": "application/json", "accept": "application/x-ndjson"}
request = Request(${python(`${location.origin}/api/v1/series`)}, json.dumps(asked).encode(), headers)
with urlopen(request) as answer:
    for line in answer:
        print(json.loads(line))
`;
}

/** A view as a shape, for who chose no place. */
export function shapeOf([west, south, east, north]: Box): Shape {
  const ring: [number, number][] = [[west, south], [east, south], [east, north], [west, north], [west, south]];
  return { type: 'Polygon', coordinates: [ring.map(([lon, lat]) => [Number(lon.toFixed(6)), Number(lat.toFixed(6))])] };
}
