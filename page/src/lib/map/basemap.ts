/** The map under the images: sea, land, coast, borders, names. No internet needed. */
import type { FeatureLike } from 'ol/Feature.js';
import Feature from 'ol/Feature.js';
import LineString from 'ol/geom/LineString.js';
import Point from 'ol/geom/Point.js';
import Polygon, { fromExtent } from 'ol/geom/Polygon.js';
import type BaseLayer from 'ol/layer/Base.js';
import VectorLayer from 'ol/layer/Vector.js';
import type OlMap from 'ol/Map.js';
import { fromLonLat, transformExtent } from 'ol/proj.js';
import VectorSource from 'ol/source/Vector.js';
import Fill from 'ol/style/Fill.js';
import Stroke from 'ol/style/Stroke.js';
import Style from 'ol/style/Style.js';
import Text from 'ol/style/Text.js';
import type { Language } from '../api.ts';
import { type Flat, GRIDS } from './grids.ts';
import { LAKES, type Place, PLACES } from './places.ts';
import type { Regions } from './regions.ts';
import { readWorld } from './world.ts';

/** What is drawn in the Dutch grid, which bends what is far away: west, south, east, north. */
const AROUND_RD = [-12, 42, 22, 61];
/** Wider than this, the images themselves show where they are. */
const SMALL_PX = 180;

type Kind = 'land' | 'lake' | 'coast' | 'border' | 'grid' | 'frame';

export class Basemap {
  readonly below = new VectorLayer({ source: new VectorSource({ wrapX: true }), zIndex: 0 });
  readonly frame = new VectorLayer({ source: new VectorSource({ wrapX: false }), zIndex: 20 });
  readonly names = new VectorLayer({
    source: new VectorSource({ wrapX: true }),
    zIndex: 30,
    declutter: true,
  });
  #language: Language = 'nl';
  #map: OlMap;
  #flat: Flat;
  #regions: Regions | null = null;
  #topography: BaseLayer | null = null;

  constructor(map: OlMap, flat: Flat) {
    this.#map = map;
    this.#flat = flat;
    if (flat === 'mercator') this.below.getSource()!.addFeatures(graticule());
    this.names.getSource()!.addFeatures(
      this.#laid(PLACES.map((place) => new Feature({ geometry: new Point(fromLonLat(place.at)), place }))),
    );
    for (const layer of [this.below, this.frame, this.names]) map.addLayer(layer);
    this.paint();
  }

  /** Fetch land and coast; until then the sea and the grid are the map. */
  async load(): Promise<void> {
    const { default: world } = await import('virtual:world');
    const known = await readWorld(world);
    const lakes = LAKES.map((lake) => of('lake', new Polygon([smooth(lake).map((at) => fromLonLat(at))])));
    this.below.getSource()!.addFeatures(this.#laid([...known, ...lakes]));
  }

  /** Features of Web Mercator as this map lies: only what is near, in the Dutch grid. */
  #laid(features: Feature[]): Feature[] {
    if (this.#flat === 'mercator') return features;
    const near = transformExtent(AROUND_RD, 'EPSG:4326', 'EPSG:3857');
    return features.flatMap((feature) => {
      const geometry = feature.getGeometry()!;
      if (!geometry.intersectsExtent(near)) return [];
      feature.setGeometry(geometry.transform('EPSG:3857', GRIDS[this.#flat].projection));
      return [feature];
    });
  }

  speak(language: Language): void {
    this.#language = language;
    this.names.changed();
  }

  /** Draw registered areas with their names; null = none. `tell` hears whether there are too many. */
  async showAreas(set: string | null, tell: (crowded: boolean) => void = () => undefined): Promise<void> {
    if (!set && !this.#regions) return;
    const { Regions } = await import('./regions.ts');
    this.#regions ??= new Regions(this.#map, GRIDS[this.#flat].projection);
    this.#regions.paint();
    await this.#regions.show(set, tell);
  }

  /** Lay the topographic map of PDOK under the images. */
  showTopography(isWanted: boolean): void {
    this.#topography?.setVisible(isWanted);
    this.names.setVisible(!isWanted); // it has names of its own
    if (!isWanted || this.#topography) return;
    void import('./topography.ts').then(({ topographyLayer }) => {
      this.#topography ??= topographyLayer(this.#flat);
      if (!this.#map.getLayers().getArray().includes(this.#topography)) this.#map.addLayer(this.#topography);
    });
  }

  /** Draw a line around the place where there are images, as long as it is small on the map. */
  outline(bounds: readonly number[] | null): void {
    const source = this.frame.getSource()!;
    source.clear();
    if (!bounds) return;
    source.addFeature(of('frame', fromExtent(transformExtent([...bounds], 'EPSG:4326', GRIDS[this.#flat].projection, 8))));
  }

  /** Take the colours of the theme: call again when the theme changes. */
  paint(): void {
    const css = getComputedStyle(document.documentElement);
    const colour = (name: string) => css.getPropertyValue(`--lz-map-${name}`).trim();
    const styles = groundStyles(colour);
    this.#regions?.paint();
    const ground = (feature: FeatureLike) => styles[feature.get('kind') as Kind];
    this.below.setStyle(ground);
    this.frame.setStyle((feature, resolution) => {
      const extent = feature.getGeometry()!.getExtent();
      const isSmall = (extent[2]! - extent[0]!) / resolution < SMALL_PX;
      return isSmall ? styles.frame : undefined;
    });
    const font = css.getPropertyValue('--lz-sans').trim();
    const name = nameStyle(colour, font);
    this.names.setStyle((feature) => {
      const place = feature.get('place') as Place;
      const zoom = Math.log2(GRIDS.mercator.coarsest / (this.#map.getView().getResolution() ?? 1));
      if (zoom < place.zoom[0] || zoom > place.zoom[1]) return undefined;
      return name(place, typeof place.name === 'string' ? place.name : place.name[this.#language]);
    });
  }
}

type Colour = (name: string) => string;

function groundStyles(colour: Colour): Record<Kind, Style> {
  const land = colour('land');
  return {
    grid: new Style({ stroke: new Stroke({ color: colour('grid'), width: 1 }), zIndex: 0 }),
    // The stroke hides the hairline between neighbours.
    land: new Style({
      fill: new Fill({ color: land }),
      stroke: new Stroke({ color: land, width: 1 }),
      zIndex: 1,
    }),
    coast: new Style({ stroke: new Stroke({ color: colour('coast'), width: 1.1 }), zIndex: 2 }),
    border: new Style({
      stroke: new Stroke({ color: colour('border'), width: 1, lineDash: [1, 4], lineCap: 'round' }),
      zIndex: 2,
    }),
    lake: new Style({
      fill: new Fill({ color: colour('sea') }),
      stroke: new Stroke({ color: colour('coast'), width: 1.1 }),
      zIndex: 3,
    }),
    frame: new Style({ stroke: new Stroke({ color: colour('frame'), width: 1.5 }) }),
  };
}

function nameStyle(colour: Colour, family: string) {
  const halo = new Stroke({ color: colour('halo'), width: 3 });
  const fonts: Record<Place['kind'], string> = {
    country: `600 13px ${family}`,
    city: `600 13px ${family}`,
    town: `500 12px ${family}`,
    water: `italic 400 14px ${family}`,
  };
  return (place: Place, text: string) =>
    new Style({
      text: new Text({
        text: place.kind === 'country' ? text.toUpperCase().split('').join('\u200a') : text,
        font: fonts[place.kind],
        fill: new Fill({ color: colour(place.kind === 'water' ? 'water-name' : 'name') }),
        stroke: halo,
        padding: [2, 4, 2, 4],
      }),
      zIndex: place.kind === 'city' ? 2 : 1,
    });
}

function of(kind: Kind, geometry: Polygon | LineString): Feature {
  return new Feature({ geometry, kind });
}

/** Cut the corners of a sketched ring twice (Chaikin), so that a shore looks like a shore. */
function smooth(ring: [number, number][], times = 2): [number, number][] {
  if (times === 0) return ring;
  const open = ring.slice(0, -1);
  const cut = open.flatMap(([x, y], i): [number, number][] => {
    const [nextX, nextY] = open[(i + 1) % open.length]!;
    return [
      [0.75 * x + 0.25 * nextX, 0.75 * y + 0.25 * nextY],
      [0.25 * x + 0.75 * nextX, 0.25 * y + 0.75 * nextY],
    ];
  });
  return smooth([...cut, cut[0]!], times - 1);
}

/** Lines of latitude and longitude, every 10 degrees. */
function graticule(): Feature[] {
  const lines: Feature[] = [];
  for (let lon = -180; lon <= 180; lon += 10) {
    lines.push(of('grid', new LineString([fromLonLat([lon, -85]), fromLonLat([lon, 85])])));
  }
  for (let lat = -80; lat <= 80; lat += 10) {
    lines.push(of('grid', new LineString([fromLonLat([-180, lat]), fromLonLat([180, lat])])));
  }
  return lines;
}
