/** The map itself: OpenLayers, without anything that the page makes in its own way. */
import 'ol/ol.css';
import ScaleLine from 'ol/control/ScaleLine.js';
import { defaults as interactions } from 'ol/interaction/defaults.js';
import OlMap from 'ol/Map.js';
import { fromLonLat, toLonLat, transformExtent } from 'ol/proj.js';
import OlView from 'ol/View.js';
import type { Language } from '../api.ts';
import type { Camera } from '../link.ts';
import { Basemap } from './basemap.ts';
import { type Loading, Pictures } from './pictures.ts';

const ZOOM_MS = 200;
const DEEPEST_ZOOM = 19;
/** The Netherlands, until we know where the images are. */
const HOME: Camera = { zoom: 7, lon: 5.3, lat: 52.3 };

export interface Hooks {
  /** The map came to rest. */
  moved: () => void;
  loading: (loading: Loading) => void;
}

export class LandMap {
  readonly map: OlMap;
  readonly basemap: Basemap;
  readonly pictures: Pictures;

  constructor(target: HTMLElement, scale: HTMLElement, camera: Camera | null, hooks: Hooks) {
    const { zoom, lon, lat } = camera ?? HOME;
    this.map = new OlMap({
      target,
      controls: [new ScaleLine({ target: scale, minWidth: 72 })],
      interactions: interactions({ altShiftDragRotate: false, pinchRotate: false }),
      view: new OlView({
        center: fromLonLat([lon, lat]),
        zoom,
        minZoom: 2,
        maxZoom: DEEPEST_ZOOM,
        enableRotation: false,
        constrainResolution: false,
      }),
    });
    this.pictures = new Pictures(this.map, hooks.loading);
    this.basemap = new Basemap(this.map);
    this.map.on('moveend', hooks.moved);
  }

  get camera(): Camera {
    const view = this.map.getView();
    const [lon, lat] = toLonLat(view.getCenter() ?? [0, 0]);
    return { zoom: view.getZoom() ?? 0, lon: lon!, lat: lat! };
  }

  set camera({ zoom, lon, lat }: Camera) {
    this.map.getView().setCenter(fromLonLat([lon, lat]));
    this.map.getView().setZoom(zoom);
  }

  /** What is in view: west, south, east, north in degrees. */
  get seen(): [number, number, number, number] {
    const extent = this.map.getView().calculateExtent();
    const [west, south, east, north] = transformExtent(extent, 'EPSG:3857', 'EPSG:4326');
    return [Math.max(-180, west!), Math.max(-90, south!), Math.min(180, east!), Math.min(90, north!)];
  }

  /** Longitude and latitude of a pixel of the map. */
  at(pixel: [number, number]): [number, number] | null {
    const place = this.map.getCoordinateFromPixel(pixel);
    return place ? (toLonLat(place) as [number, number]) : null;
  }

  zoomBy(steps: number): void {
    const view = this.map.getView();
    const zoom = view.getConstrainedZoom((view.getZoom() ?? 0) + steps);
    view.cancelAnimations();
    if (isStill()) view.setZoom(zoom ?? 0);
    else view.animate({ zoom: zoom ?? 0, duration: ZOOM_MS });
  }

  /** What panels cover: top, right, bottom, left in px. The centre is the centre of the rest. */
  set padding(padding: [number, number, number, number]) {
    this.map.getView().padding = padding;
  }

  /** Bring a place into view, clear of the panels. */
  fit(bounds: readonly number[], duration = 0): void {
    this.map.updateSize();
    this.map.getView().fit(transformExtent([...bounds], 'EPSG:4326', 'EPSG:3857'), {
      padding: [20, 20, 20, 20],
      duration: isStill() ? 0 : duration,
      maxZoom: 16,
    });
  }

  speak(language: Language): void {
    this.basemap.speak(language);
  }

  dispose(): void {
    this.map.setTarget(undefined);
    this.map.dispose();
  }
}

function isStill(): boolean {
  return matchMedia('(prefers-reduced-motion: reduce)').matches;
}
