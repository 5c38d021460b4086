/** The chosen places as lines on the map, and what taps on the map mean. */
import Feature from 'ol/Feature.js';
import GeoJSON from 'ol/format/GeoJSON.js';
import type Geometry from 'ol/geom/Geometry.js';
import type MultiPolygon from 'ol/geom/MultiPolygon.js';
import Point from 'ol/geom/Point.js';
import Polygon from 'ol/geom/Polygon.js';
import VectorLayer from 'ol/layer/Vector.js';
import type OlMap from 'ol/Map.js';
import { toLonLat } from 'ol/proj.js';
import VectorSource from 'ol/source/Vector.js';
import { Fill, Stroke, Style, Text } from 'ol/style.js';
import CircleStyle from 'ol/style/Circle.js';
import type { Place } from './places.svelte.ts';

/** Over the images and whatever else lies there. */
const ABOVE = 40;

/** What happens at a tap. Whether it is one, and no double click, is known a quarter of a second later. */
export interface Taps {
  began: (place: [number, number]) => void;
  tapped: (place: [number, number]) => void;
  /** It became a double click. */
  ended: () => void;
}

export class OnMap {
  readonly source = new VectorSource();
  readonly map: OlMap;
  #layer = new VectorLayer({ source: this.source, zIndex: ABOVE, updateWhileAnimating: true });
  #format = new GeoJSON();
  #shown: [Place[], Place[], readonly string[]] = [[], [], []];
  #listen: Record<'click' | 'singleclick' | 'dblclick', (event: { coordinate: number[] }) => void>;

  /** Taps are heard with their longitude and latitude, unless `deaf` says that they mean something else. */
  constructor(map: OlMap, { began, tapped, ended }: Taps, deaf: () => boolean) {
    this.map = map;
    const heard = (what: Taps['tapped']) => (event: { coordinate: number[] }) => {
      const projection = map.getView().getProjection();
      if (!deaf()) what(toLonLat(event.coordinate, projection) as [number, number]);
    };
    this.#listen = { click: heard(began), singleclick: heard(tapped), dblclick: ended };
    map.addLayer(this.#layer);
    map.on('click', this.#listen.click);
    map.on('singleclick', this.#listen.singleclick);
    map.on('dblclick', this.#listen.dblclick);
    map.on('change:view', () => this.show(...this.#shown));
  }

  /** Draw the chosen places with their letters, and sites without. */
  show(chosen: Place[], sites: Place[], letters: readonly string[]): void {
    this.#shown = [chosen, sites, letters];
    const keys = new Set(chosen.map(({ key }) => key));
    const others = sites.filter(({ key }) => !keys.has(key));
    this.source.clear();
    this.source.addFeatures([
      ...others.map((place) => this.#feature(place, place.radius ? dotStyle : siteStyle)),
      ...chosen.map((place, index) =>
        this.#feature(place, chosenStyle(chosen.length > 1 ? (letters[index] ?? '') : '')),
      ),
    ]);
  }

  dispose(): void {
    this.map.un('click', this.#listen.click);
    this.map.un('singleclick', this.#listen.singleclick);
    this.map.un('dblclick', this.#listen.dblclick);
    this.map.removeLayer(this.#layer);
    this.source.dispose();
  }

  #feature({ key, shape }: Place, style: (feature: Feature) => Style[]): Feature {
    const geometry: Geometry | null = this.#format.readGeometry(shape, {
      dataProjection: 'EPSG:4326',
      featureProjection: this.map.getView().getProjection(),
    });
    const feature = new Feature(geometry ?? undefined);
    feature.setId(key);
    feature.setStyle((one) => style(one as Feature));
    return feature;
  }
}

/** Dark on white: to be seen over fields, water, snow and the base map. */
const CASING = new Style({ stroke: new Stroke({ color: '#ffffff', width: 6 }), zIndex: 1 });
const LINE = new Style({
  stroke: new Stroke({ color: '#10211f', width: 2.5 }),
  fill: new Fill({ color: 'rgb(255 255 255 / 0.01)' }),
  zIndex: 2,
});
const SITE = [
  new Style({ stroke: new Stroke({ color: '#ffffff', width: 4 }) }),
  new Style({ stroke: new Stroke({ color: '#10211f', width: 1.5 }) }),
];
const DOT = new Style({
  image: new CircleStyle({
    radius: 6,
    fill: new Fill({ color: '#f2b84b' }),
    stroke: new Stroke({ color: '#10211f', width: 2 }),
  }),
  geometry: middle,
});

function middle(feature: unknown): Point | undefined {
  const geometry = (feature as Feature).getGeometry();
  if (geometry instanceof Polygon) return geometry.getInteriorPoint();
  const inside = (geometry as MultiPolygon | undefined)?.getInteriorPoints?.();
  return inside?.getPoint(0) ?? undefined;
}

function siteStyle(): Style[] {
  return SITE;
}

/** A circle is small from afar: its dot can still be seen. */
function dotStyle(): Style[] {
  return [...SITE, DOT];
}

function chosenStyle(letter: string): (feature: Feature) => Style[] {
  const label = new Style({
    text: new Text({
      text: letter,
      font: '700 15px sans-serif',
      fill: new Fill({ color: '#10211f' }),
      stroke: new Stroke({ color: '#ffffff', width: 5 }),
    }),
    geometry: middle,
    zIndex: 3,
  });
  return () => (letter ? [CASING, LINE, label] : [CASING, LINE]);
}
