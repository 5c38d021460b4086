/** A layer of the map whose colours are made here, from raw band tiles. */
import ImageTile from 'ol/source/ImageTile.js';
import TileLayer from 'ol/layer/Tile.js';
import type TileGrid from 'ol/tilegrid/TileGrid.js';
import { evaluate, type Values } from '../evaluate.ts';
import { GpuPainter } from './gpu.ts';
import { CanvasPainter, type Painter, type Planes } from './paint.ts';
import { mostAhead, SIZE, store } from './store.ts';
import { keysOf, type Style } from './style.ts';

/** Tiles that OpenLayers keeps beside those in view. */
const CACHED_TILES = 32;
const MARK = 'GESIMULEERD / SIMULATED';
/** What is narrower than so many dots of its letters has no room for words. */
const SLIVER = 32;

export interface Subject {
  collection: string;
  /** One date; or two, of which the difference is shown. */
  dates: string[];
  /** Draw the words that simulated data carry. */
  isMarked: boolean;
  matrix: string;
  grid: TileGrid;
  projection: string;
}

interface Tile extends Planes {
  /** Which formulas the planes hold. */
  made: string;
  spot: [number, number, number];
  error: number;
}

let gpu: GpuPainter | null | undefined;
const canvasPainter = new CanvasPainter();

/** The card where there is one, else the processor; codes are few and quick anyway. */
function painterFor(style: Style): Painter {
  if (style.classes.length) return canvasPainter;
  if (gpu === undefined) gpu = GpuPainter.make();
  if (gpu?.isLost) gpu = null; // taken away once, it will be again
  return gpu ?? canvasPainter;
}

/** Which way colours are made on this device. */
export function wayOfColouring(): 'card' | 'processor' {
  return gpu ? 'card' : 'processor';
}

export class ColourLayer extends TileLayer<ImageTile> {
  readonly subject: Subject;
  #style: Style;
  #tiles = new Map<string, WeakRef<HTMLCanvasElement>>();
  #planes = new WeakMap<HTMLCanvasElement, Tile>();

  constructor(subject: Subject, style: Style, options: { opacity: number; zIndex: number; extent?: number[] }) {
    super({ ...options, cacheSize: CACHED_TILES, preload: 0 });
    this.subject = subject;
    this.#style = style;
    this.setSource(
      new ImageTile({
        loader: (z, x, y) => this.#load([z, x, y]),
        tileGrid: subject.grid,
        projection: subject.projection,
        interpolate: true,
        transition: 0,
      }),
    );
  }

  get style(): Style {
    return this.#style;
  }

  /** Show the same tiles in other colours, or of another formula: without any request. */
  async restyle(style: Style): Promise<void> {
    this.#style = style;
    const work = [...this.#tiles].map(async ([key, reference]) => {
      const canvas = reference.deref();
      const tile = canvas && this.#planes.get(canvas);
      if (!canvas || !tile) this.#tiles.delete(key);
      else await this.#paint(canvas, tile);
    });
    await Promise.all(work);
    this.changed();
  }

  /** The values at a place of the map, and how far they may be off; null where no tile is. */
  at(place: number[], resolution: number): { values: number[]; error: number } | null {
    const { grid } = this.subject;
    const z = grid.getZForResolution(resolution);
    const [, x, y] = grid.getTileCoordForCoordAndZ(place, z) as [number, number, number];
    const canvas = this.#tiles.get(`${z}/${x}/${y}`)?.deref();
    const tile = canvas && this.#planes.get(canvas);
    if (!tile) return null;
    const [west, , , north] = grid.getTileCoordExtent([z, x, y]) as [number, number, number, number];
    const size = grid.getResolution(z) * ([grid.getTileSize(z)].flat()[0]! / tile.width);
    const column = Math.min(tile.width - 1, Math.max(0, Math.floor((place[0]! - west) / size)));
    const row = Math.min(tile.height - 1, Math.max(0, Math.floor((north - place[1]!) / size)));
    return { values: tile.planes.map((plane) => plane[row * tile.width + column]!), error: tile.error };
  }

  /** Some of the values in the tiles at hand, to find a range that suits them. */
  sample(): number[] {
    const found: number[] = [];
    for (const reference of this.#tiles.values()) {
      const canvas = reference.deref();
      const values = canvas && this.#planes.get(canvas)?.planes[0];
      for (let i = 0; values && i < values.length; i += 97) {
        const value = values[i]!;
        if (Number.isFinite(value)) found.push(value);
      }
    }
    return found;
  }

  /** Have the tiles of another day here, so that stepping to it asks for nothing. */
  fetchAhead(date: string, extent: number[], resolution: number): void {
    const { collection, grid, matrix } = this.subject;
    const keys = keysOf(this.#style);
    let left = mostAhead(keys.length);
    grid.forEachTileCoord(extent, grid.getZForResolution(resolution), ([z, x, y]) => {
      if (left === 0) return;
      left -= 1;
      // A tile that does not come now is asked again when it is needed, and told of then.
      store.fetch({ collection, date, matrix, z: z!, x: x!, y: y! }, keys, 'low').catch(() => undefined);
    });
  }

  async #load(spot: [number, number, number]): Promise<HTMLCanvasElement> {
    const tile = await this.#compute(spot);
    const canvas = document.createElement('canvas');
    canvas.width = tile.width;
    canvas.height = tile.height;
    this.#planes.set(canvas, tile);
    await this.#paint(canvas, tile);
    this.#tiles.set(spot.join('/'), new WeakRef(canvas));
    return canvas;
  }

  async #paint(canvas: HTMLCanvasElement, made: Tile): Promise<void> {
    let tile = made;
    // The formula may change again while this one is computed.
    while (tile.made !== madeOf(this.#style)) {
      tile = await this.#compute(tile.spot);
      this.#planes.set(canvas, tile);
    }
    painterFor(this.#style).paint(tile, this.#style, canvas);
    // A device short of memory may take the card away at any moment: then this tile came out empty.
    if (gpu?.isLost) canvasPainter.paint(tile, this.#style, canvas);
    if (this.subject.isMarked) mark(canvas, tile);
  }

  async #compute(spot: [number, number, number]): Promise<Tile> {
    const style = this.#style;
    const { collection, dates, matrix } = this.subject;
    const [z, x, y] = spot;
    const looks = await Promise.all(
      dates.map(async (date) => {
        const read = await store.read({ collection, date, matrix, z, x, y }, keysOf(style));
        const bands = Object.fromEntries(Object.entries(read).map(([key, { values }]) => [key, values]));
        const error = Math.max(...Object.values(read).map((plane) => plane.error));
        return { planes: style.formulas.map((formula) => evaluate(formula, bands)), error };
      }),
    );
    const [first, second] = looks;
    const planes = second ? [minus(second.planes[0]!, first!.planes[0]!)] : first!.planes;
    const error = Math.max(...looks.map((look) => look.error));
    return { width: SIZE, height: SIZE, planes, made: madeOf(style), spot, error };
  }
}

function madeOf({ formulas }: Style): string {
  return formulas.map(({ text }) => text).join(';');
}

function minus(after: Values, before: Values): Values {
  const out = new Float32Array(after.length);
  for (let i = 0; i < out.length; i++) out[i] = after[i]! - before[i]!;
  return out;
}

/** The words that tell simulated pictures from real ones, about where the server would draw them. */
function mark(canvas: HTMLCanvasElement, { planes, width, height }: Planes): void {
  const seen = partOf(planes[0]!, width, height);
  if (!seen) return;
  const context = canvas.getContext('2d')!;
  const scale = Math.max(1, Math.floor(canvas.width / 256));
  context.font = `600 ${9.6 * scale}px ui-monospace, "DejaVu Sans Mono", monospace`;
  // Letters as high and as far apart as those of the server.
  context.letterSpacing = `${6 * scale - context.measureText('M').width}px`;
  context.textAlign = 'center';
  context.textBaseline = 'alphabetic';
  context.lineWidth = 2 * scale;
  context.lineJoin = 'round';
  context.strokeStyle = 'rgb(0 0 0 / 0.45)';
  context.fillStyle = 'rgb(255 255 255 / 0.75)';
  // Onto the image where it ends within the tile; upright or in two lines where that is too narrow.
  const half = context.measureText(MARK).width / 2 + 2 * scale;
  const [wide, high] = [seen.right - seen.left, seen.bottom - seen.top];
  const isUpright = wide < 2 * half && high >= 2 * half && wide >= 8 * scale;
  // A sliver of an image that goes on in the next tile has no room for one letter.
  if (!isUpright && (wide < SLIVER * scale || high < 8 * scale)) return;
  const foot = (from: number, to: number) => Math.max(Math.min(from + 9 * scale, to), to - 11 * scale);
  const y = isUpright ? between(seen.top + half, seen.bottom - half, canvas.height / 2) : foot(seen.top, seen.bottom);
  const row = isUpright ? seen : (partOf(planes[0]!, width, height, Math.max(0, y - 8 * scale), y) ?? seen);
  const x = isUpright
    ? foot(seen.left, seen.right)
    : between(half, canvas.width - half, between(row.left + half, row.right - half, canvas.width / 2));
  const isStacked = !isUpright && wide < 2 * half && wide >= half && high >= 22 * scale;
  const lines = isStacked ? MARK.split(' / ') : [MARK];
  context.translate(x, y);
  if (isUpright) context.rotate(-Math.PI / 2);
  for (const [above, line] of lines.toReversed().entries()) {
    context.strokeText(line, 0, -10 * scale * above);
    context.fillText(line, 0, -10 * scale * above);
  }
  context.resetTransform();
}

/** The value as near as it may come to another; the middle where there is no room. */
function between(least: number, most: number, value: number): number {
  return least > most ? (least + most) / 2 : Math.min(most, Math.max(least, value));
}

/** Pixels of a tile. */
interface Seen {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** What part of a tile can be seen, or of some of its rows; null = nothing. */
function partOf(values: Values, width: number, height: number, from = 0, to = height): Seen | null {
  const isSeen = (at: number) => values[at]! - values[at]! === 0; // finite, and quicker
  const corners = [0, width - 1, (height - 1) * width, height * width - 1];
  if (corners.every(isSeen)) return { left: 0, right: width, top: 0, bottom: height };
  const seen = { left: width, right: 0, top: height, bottom: 0 };
  for (let at = width * Math.floor(from); at < width * Math.floor(to); at++) {
    if (!isSeen(at)) continue;
    const x = at % width;
    if (x < seen.left) seen.left = x;
    if (x >= seen.right) seen.right = x + 1;
    const y = Math.floor(at / width);
    seen.top = Math.min(seen.top, y);
    seen.bottom = y + 1;
  }
  return seen.bottom ? seen : null;
}
