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
import { type Flat, GRIDS } from './grids.ts';
import { type Loading, Pictures } from './pictures.ts';
import { RD_WORLD, registerRd } from './projection.ts';

const ZOOM_MS = 200;
const SHALLOWEST_ZOOM = 2;
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

  /** How the map lies flat. */
  readonly flat: Flat;
  #projection: string;

  constructor(target: HTMLElement, scale: HTMLElement, camera: Camera | null, flat: Flat, hooks: Hooks) {
    if (flat === 'rd') registerRd();
    this.flat = flat;
    this.#projection = GRIDS[flat].projection;
    const { zoom, lon, lat } = camera ?? HOME;
    this.map = new OlMap({
      target,
      controls: [new ScaleLine({ target: scale, minWidth: 72 })],
      interactions: interactions({ altShiftDragRotate: false, pinchRotate: false }),
      view: new OlView({
        projection: this.#projection,
        center: fromLonLat([lon, lat], this.#projection),
        resolution: this.#resolution(zoom, lat),
        maxResolution: flat === 'rd' ? GRIDS.rd.coarsest : GRIDS.mercator.coarsest / 2 ** SHALLOWEST_ZOOM,
        minResolution: GRIDS.mercator.coarsest / 2 ** DEEPEST_ZOOM,
        ...(flat === 'rd' ? { extent: RD_WORLD, constrainOnlyCenter: true } : {}),
        enableRotation: false,
        constrainResolution: false,
      }),
    });
    this.pictures = new Pictures(this.map, flat, hooks.loading);
    this.basemap = new Basemap(this.map, flat);
    this.map.on('moveend', hooks.moved);
  }

  /** Where the map looks at; the zoom is that of Web Mercator, whatever way the map lies flat. */
  get camera(): Camera {
    const view = this.map.getView();
    const [lon, lat] = toLonLat(view.getCenter() ?? [0, 0], this.#projection);
    const perPixel = view.getResolution() ?? 1;
    return { zoom: Math.log2(this.#resolution(0, lat!) / perPixel), lon: lon!, lat: lat! };
  }

  set camera({ zoom, lon, lat }: Camera) {
    this.map.getView().setCenter(fromLonLat([lon, lat], this.#projection));
    this.map.getView().setResolution(this.#resolution(zoom, lat));
  }

  /** Size of a pixel in the unit of the map: metres on the ground in RD, larger in Mercator. */
  #resolution(zoom: number, lat: number): number {
    const stretch = this.flat === 'rd' ? Math.cos((lat * Math.PI) / 180) : 1;
    return (GRIDS.mercator.coarsest * stretch) / 2 ** zoom;
  }

  /** What is in view: west, south, east, north in degrees. */
  get seen(): [number, number, number, number] {
    const extent = this.map.getView().calculateExtent();
    const [west, south, east, north] = transformExtent(extent, this.#projection, 'EPSG:4326', 4);
    return [Math.max(-180, west!), Math.max(-90, south!), Math.min(180, east!), Math.min(90, north!)];
  }

  /** Longitude and latitude of a pixel of the map. */
  at(pixel: [number, number]): [number, number] | null {
    const place = this.map.getCoordinateFromPixel(pixel);
    return place ? (toLonLat(place, this.#projection) as [number, number]) : null;
  }

  /** A place in degrees, in the unit of the map. */
  from(place: [number, number]): number[] {
    return fromLonLat(place, this.#projection);
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
    this.map.getView().fit(transformExtent([...bounds], 'EPSG:4326', this.#projection, 4), {
      padding: [20, 20, 20, 20],
      duration: isStill() ? 0 : duration,
      minResolution: GRIDS.mercator.coarsest / 2 ** 16,
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
