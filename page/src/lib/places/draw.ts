/** Drawing an area, and moving its corners afterwards; loaded when somebody wants to draw. */
import GeoJSON from 'ol/format/GeoJSON.js';
import type Feature from 'ol/Feature.js';
import Draw from 'ol/interaction/Draw.js';
import Modify from 'ol/interaction/Modify.js';
import Snap from 'ol/interaction/Snap.js';
import VectorSource from 'ol/source/Vector.js';
import CircleStyle from 'ol/style/Circle.js';
import Fill from 'ol/style/Fill.js';
import Stroke from 'ol/style/Stroke.js';
import Style from 'ol/style/Style.js';
import type Collection from 'ol/Collection.js';
import OlCollection from 'ol/Collection.js';
import type { OnMap } from './onmap.ts';
import { round, type Shape } from './shapes.ts';

const FORMAT = new GeoJSON();

export class Drawing {
  #onMap: OnMap;
  #draw: Draw;
  #snap: Snap;

  /** Start; `done` hears the area that was drawn. */
  constructor(onMap: OnMap, done: (shape: Shape) => void) {
    this.#onMap = onMap;
    this.#draw = new Draw({ source: new VectorSource(), type: 'Polygon', minPoints: 3, style: sketch() });
    this.#snap = new Snap({ source: onMap.source });
    this.#draw.on('drawend', ({ feature }) => {
      const shape = shapeOf(onMap, feature);
      // After this turn: the tap that ends it must not pick a parcel as well.
      setTimeout(() => done(shape));
    });
    onMap.map.addInteraction(this.#draw);
    onMap.map.addInteraction(this.#snap);
  }

  /** Put a corner there, as a click does. */
  add(coordinate: number[]): void {
    this.#draw.appendCoordinates([coordinate]);
  }

  finish(): void {
    this.#draw.finishDrawing();
  }

  undo(): void {
    this.#draw.removeLastPoint();
  }

  stop(): void {
    this.#onMap.map.removeInteraction(this.#draw);
    this.#onMap.map.removeInteraction(this.#snap);
  }
}

/** What is being drawn: as places are, dashed until it is whole, with the corner to come. */
function sketch(): Style[] {
  const corner = new CircleStyle({
    radius: 6,
    fill: new Fill({ color: '#f2b84b' }),
    stroke: new Stroke({ color: '#10211f', width: 2 }),
  });
  return [
    new Style({ stroke: new Stroke({ color: '#ffffff', width: 6 }), fill: new Fill({ color: 'rgb(255 255 255 / 0.15)' }) }),
    new Style({ stroke: new Stroke({ color: '#10211f', width: 2.5, lineDash: [7, 5] }), image: corner }),
  ];
}

/** Lets the corners of a drawn area be moved; `done` hears its new shape. Returns how to stop. */
export function adjust(onMap: OnMap, key: string, done: (shape: Shape) => void): () => void {
  const feature = onMap.source.getFeatureById(key);
  if (!feature || Array.isArray(feature)) return () => undefined;
  const features: Collection<Feature> = new OlCollection([feature as Feature]);
  const modify = new Modify({ features });
  modify.on('modifyend', () => done(shapeOf(onMap, feature as Feature)));
  onMap.map.addInteraction(modify);
  return () => void onMap.map.removeInteraction(modify);
}

function shapeOf(onMap: OnMap, feature: Feature): Shape {
  const told = FORMAT.writeGeometryObject(feature.getGeometry()!, {
    dataProjection: 'EPSG:4326',
    featureProjection: onMap.map.getView().getProjection(),
  }) as Extract<Shape, { type: 'Polygon' }>;
  const rings = told.coordinates.map((ring) =>
    ring.map(([lon, lat]): [number, number] => [round(lon), round(lat)]),
  );
  return { type: 'Polygon', coordinates: rings };
}
