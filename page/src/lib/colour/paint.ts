/** From values to the pixels of a tile, on the processor: for devices without a graphics card. */
import type { Values } from '../evaluate.ts';
import { coloursOf } from './palettes.ts';
import type { Style } from './style.ts';

/** Colours in a palette, as on the server. */
export const COLOURS = 255;
type Pair = [number, number];

const OPAQUE = 0xff000000;

/** The values that a tile shows: one plane, or three for red, green and blue; NaN = nothing. */
export interface Planes {
  width: number;
  height: number;
  planes: Values[];
}

/** Paints tiles; one way for all of a page. */
export interface Painter {
  paint(tile: Planes, style: Style, canvas: HTMLCanvasElement): void;
}

export class CanvasPainter implements Painter {
  paint(tile: Planes, style: Style, canvas: HTMLCanvasElement): void {
    const pixels = new ImageData(tile.width, tile.height);
    colour(tile, style, new Uint32Array(pixels.data.buffer));
    canvas.getContext('2d')!.putImageData(pixels, 0, 0);
  }
}

/** Write `0xAABBGGRR` for each pixel. */
export function colour({ planes }: Planes, style: Style, out: Uint32Array): void {
  if (style.classes.length) codes(planes[0]!, style, out);
  else if (planes.length === 1) ramp(planes[0]!, style, out);
  else three(planes, style, out);
}

/** Factor and addition that bring a range to `first` … `last`, in the float32 of the server. */
export function stretchOf(range: readonly [number, number], first: number, last: number): [number, number] {
  const gain = (last - first) / (range[1] - range[0]);
  return [Math.fround(gain), Math.fround(first - range[0] * gain + 0.5)];
}

function ramp(values: Values, style: Style, out: Uint32Array): void {
  const table = tableOf(style.palette);
  const [gain, bias] = stretchOf(style.ranges[0]!, 1, COLOURS);
  for (let i = 0; i < out.length; i++) {
    const value = values[i]!;
    // What is not finite has no value, as on the server.
    if (value - value !== 0) continue;
    const shade = Math.fround(Math.fround(value * gain) + bias);
    out[i] = table[shade < 1 ? 1 : shade > COLOURS ? COLOURS : Math.floor(shade)]!;
  }
}

function three(planes: Values[], style: Style, out: Uint32Array): void {
  const [red, green, blue] = planes as [Values, Values, Values];
  const stretches = style.ranges.map((range) => stretchOf(range, 0, COLOURS));
  const [[gainR, biasR], [gainG, biasG], [gainB, biasB]] = stretches as [Pair, Pair, Pair];
  for (let i = 0; i < out.length; i++) {
    const [r, g, b] = [red[i]!, green[i]!, blue[i]!];
    const sum = r + g + b;
    if (sum - sum !== 0) continue;
    out[i] =
      (OPAQUE | (shade(b, gainB, biasB) << 16) | (shade(g, gainG, biasG) << 8) | shade(r, gainR, biasR)) >>> 0;
  }
}

function shade(value: number, gain: number, bias: number): number {
  const found = Math.fround(Math.fround(value * gain) + bias);
  return found < 0 ? 0 : found > COLOURS ? COLOURS : Math.floor(found);
}

function codes(values: Values, { classes }: Style, out: Uint32Array): void {
  const colours = new Map(classes.map(({ value, colour }) => [value, packed(colour)]));
  for (let i = 0; i < out.length; i++) out[i] = colours.get(values[i]!) ?? 0;
}

/** Colours by index from 1, as `0xAABBGGRR`. */
function tableOf(palette: string): Uint32Array {
  const rgb = coloursOf(palette, COLOURS);
  const table = new Uint32Array(COLOURS + 1);
  for (let i = 0; i < COLOURS; i++) {
    table[i + 1] = (OPAQUE | (rgb[3 * i + 2]! << 16) | (rgb[3 * i + 1]! << 8) | rgb[3 * i]!) >>> 0;
  }
  return table;
}

function packed(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
  return (OPAQUE | (blue! << 16) | (green! << 8) | red!) >>> 0;
}
