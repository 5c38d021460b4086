/** Registered areas on the map: their borders and names, those in view only. */
import type { FeatureLike } from 'ol/Feature.js';
import GeoJSON from 'ol/format/GeoJSON.js';
import VectorLayer from 'ol/layer/Vector.js';
import type OlMap from 'ol/Map.js';
import { transformExtent } from 'ol/proj.js';
import VectorSource from 'ol/source/Vector.js';
import Stroke from 'ol/style/Stroke.js';
import Style from 'ol/style/Style.js';
import Fill from 'ol/style/Fill.js';
import Text from 'ol/style/Text.js';

/** More are a tangle of lines: then none are drawn, and the reader hears why. */
const MOST = 1000;
const WAIT_MS = 250;
/** Smaller areas have no room for their name, in pixels. */
const NAMED_PX = 48;
/** Smaller ones get a thin line, so that the image stays to be seen. */
const SMALL_PX = 40;

export class Regions {
  readonly layer = new VectorLayer({
    source: new VectorSource({ wrapX: false }),
    zIndex: 18,
    declutter: true,
  });
  #map: OlMap;
  #projection: string;
  #set: string | null = null;
  #tell: (crowded: boolean) => void = () => undefined;
  #timer = 0;
  #running: AbortController | null = null;

  constructor(map: OlMap, projection: string) {
    this.#map = map;
    this.#projection = projection;
    map.addLayer(this.layer);
    map.on('moveend', () => {
      clearTimeout(this.#timer);
      if (this.#set) this.#timer = window.setTimeout(() => void this.#load().catch(() => undefined), WAIT_MS);
    });
  }

  /** Draw a set of areas; null = none. `tell` hears whether there are too many in view. */
  async show(set: string | null, tell: (crowded: boolean) => void): Promise<void> {
    this.#set = set;
    this.#tell = tell;
    if (!set) tell(false);
    this.layer.getSource()!.clear();
    if (set) await this.#load();
  }

  /** Take the colours of the theme. */
  paint(): void {
    const css = getComputedStyle(document.documentElement);
    const colour = (name: string) => css.getPropertyValue(name).trim();
    const halo = new Stroke({ color: colour('--lz-map-halo'), width: 3 });
    const line = new Stroke({ color: colour('--lz-brand'), width: 1.1 });
    const thin = new Stroke({ color: colour('--lz-map-halo'), width: 0.75 });
    const ink = new Fill({ color: colour('--lz-map-name') });
    const font = `600 12px ${colour('--lz-sans')}`;
    this.layer.setStyle((feature: FeatureLike, resolution: number) => {
      const extent = feature.getGeometry()!.getExtent();
      const width = (extent[2]! - extent[0]!) / resolution;
      const name = feature.get('name') as unknown;
      const isNamed = width > NAMED_PX && typeof name === 'string' && name !== '';
      const text = isNamed ? new Text({ text: name, font, fill: ink, stroke: halo, overflow: true }) : undefined;
      if (width < SMALL_PX) return new Style({ stroke: thin });
      return [new Style({ stroke: halo }), new Style({ stroke: line, ...(text ? { text } : {}) })];
    });
  }

  async #load(): Promise<void> {
    this.#running?.abort();
    const running = new AbortController();
    this.#running = running;
    const seen = this.#map.getView().calculateExtent();
    const [west, south, east, north] = transformExtent(seen, this.#projection, 'EPSG:4326', 4);
    const box = [Math.max(-180, west!), Math.max(-90, south!), Math.min(180, east!), Math.min(90, north!)];
    const query = new URLSearchParams({ bbox: box.map((edge) => edge.toFixed(5)).join(','), limit: String(MOST) });
    const response = await fetch(`/api/v1/areas/${encodeURIComponent(this.#set ?? '')}/items?${query}`, {
      signal: running.signal,
    });
    if (!response.ok) throw new Error(`areas: ${response.status}`);
    const told = (await response.json()) as { more: boolean };
    if (running.signal.aborted) return;
    this.#tell(told.more);
    const features = told.more
      ? []
      : new GeoJSON().readFeatures(told, { featureProjection: this.#projection });
    const source = this.layer.getSource()!;
    source.clear();
    source.addFeatures(features);
  }
}
