/** Reading raw band tiles (`.bands`): the form is described in docs/bands.md. */

/** One band, as the header tells it. */
export interface RawBand {
  name: string;
  unit?: string;
  dtype: 'float32' | 'float64';
  bits: 8 | 16;
  curve: 'whole' | 'linear' | 'sqrt';
  low: number;
  high: number;
  scale: number;
  offset: number;
  /** Largest difference from the true value in this tile. */
  error: number;
  start: number;
  length: number;
}

/** What the header tells. */
export interface RawHeader {
  format: 'landzicht-bands';
  version: 1;
  width: number;
  height: number;
  collection: string;
  license: string;
  scenes: string[];
  datetimes: string[];
  simulated: boolean;
  bands: RawBand[];
}

/** A tile: its header, and for each band its numbers; 0 = no value. */
export interface RawTile {
  header: RawHeader;
  numbers: Record<string, Uint8Array | Uint16Array>;
}

const MAGIC = 0x31425a4c; // "LZB1"
const HEAD = 8;

export async function readBands(buffer: ArrayBuffer): Promise<RawTile> {
  const view = new DataView(buffer);
  if (buffer.byteLength < HEAD || view.getUint32(0, true) !== MAGIC) {
    throw new Error('not a raw band tile');
  }
  const body = HEAD + view.getUint32(4, true);
  const text = new TextDecoder().decode(new Uint8Array(buffer, HEAD, body - HEAD));
  const header = JSON.parse(text) as RawHeader;
  if (header.version !== 1) throw new Error(`unknown version ${header.version}`);
  const numbers: RawTile['numbers'] = {};
  for (const band of header.bands) {
    const packed = new Uint8Array(buffer, body + band.start, band.length);
    const planes = await inflate(packed, header.width * header.height * (band.bits / 8));
    numbers[band.name] =
      band.bits === 8 ? undelta8(planes, header.width) : undelta16(planes, header.width);
  }
  return { header, numbers };
}

/** The value of every number that a band can hold: 256 or 65,536 of them; NaN for “no value”. */
export function valuesOf(band: RawBand): Float32Array | Float64Array {
  const count = 2 ** band.bits;
  const wide = band.dtype === 'float64';
  const values = wide ? new Float64Array(count) : new Float32Array(count);
  const round = wide ? (value: number) => value : Math.fround;
  const [scale, offset] = [round(band.scale), round(band.offset)];
  const plain = band.scale === 1 && band.offset === 0;
  values[0] = NaN;
  for (let number = 1; number < count; number++) {
    let stored = number - 1 + band.low;
    if (band.curve !== 'whole') {
      const share = Math.min(1, (number - 1) / (count - 2));
      stored = band.low + (band.high - band.low) * (band.curve === 'sqrt' ? share * share : share);
    }
    values[number] = plain ? stored : round(round(stored) * scale) + offset;
  }
  return values;
}

async function inflate(packed: Uint8Array<ArrayBuffer>, size: number): Promise<Uint8Array> {
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate'));
  const planes = new Uint8Array(await new Response(stream).arrayBuffer());
  if (planes.length !== size) throw new Error('a band is cut off');
  return planes;
}

function undelta8(numbers: Uint8Array, width: number): Uint8Array {
  for (let row = 0; row < numbers.length; row += width) {
    for (let at = row + 1; at < row + width; at++) {
      numbers[at] = numbers[at]! + numbers[at - 1]!; // wraps at 256
    }
  }
  return numbers;
}

function undelta16(planes: Uint8Array, width: number): Uint16Array {
  const count = planes.length / 2;
  const numbers = new Uint16Array(count);
  for (let row = 0; row < count; row += width) {
    let number = 0;
    for (let at = row; at < row + width; at++) {
      number += planes[at]! | (planes[at + count]! << 8);
      numbers[at] = number; // wraps at 65,536
    }
  }
  return numbers;
}
