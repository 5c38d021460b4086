/** The value at the place that the reader points at: the mouse, or else the centre of the map. */
import { getPoint, type Layer, type Point, type View } from './api.ts';

const PATIENCE_MS = 140;

export type Aim = 'mouse' | 'centre';

export type Finding =
  | { kind: 'none' }
  | { kind: 'empty' }
  | { kind: 'failed' }
  /** `error`: how far the value may be off, 0 = exact. */
  | { kind: 'point'; point: Point; error: number };

/** Looks a value up in what the page has already; null = ask the server. */
export type Local = (place: [number, number]) => { point: Point; error: number } | null;

export class Probe {
  /** Some phones say that they can hover, but none that it has a fine pointer. */
  aim = $state<Aim>(matchMedia('(hover: hover) and (pointer: fine)').matches ? 'mouse' : 'centre');
  finding = $state.raw<Finding>({ kind: 'none' });
  #place: [number, number] | null = null;
  #view: View | null = null;
  #bounds: readonly number[] | null = null;
  #local: Local = () => null;
  #timer = 0;
  #running: AbortController | null = null;

  /** Look at another place; null = nowhere. */
  at(place: [number, number] | null): void {
    this.#place = place;
    this.#later();
  }

  /** Look at another picture, which lies within `bounds` (west, south, east, north). */
  of(view: View | null, bounds: readonly number[] | null, local: Local): void {
    this.#view = view;
    this.#bounds = bounds;
    this.#local = local;
    this.#later();
  }

  /** Look anew at the same place: the picture came, or changed. */
  again(): void {
    this.#later();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#running?.abort();
  }

  #later(): void {
    this.stop();
    if (!this.#place || !this.#view) this.finding = { kind: 'none' };
    else if (this.#bounds && !within(this.#bounds, this.#place)) this.finding = { kind: 'empty' };
    else if (!this.#lookHere()) this.#timer = window.setTimeout(() => void this.#look(), PATIENCE_MS);
  }

  /** Whether the page knew the value itself. */
  #lookHere(): boolean {
    const found = this.#place && this.#local(this.#place);
    if (found) this.finding = { kind: 'point', ...found };
    return found !== null;
  }

  async #look(): Promise<void> {
    const [place, view] = [this.#place, this.#view];
    if (!place || !view) return;
    const running = new AbortController();
    this.#running = running;
    try {
      const point = await getPoint(view, place[0], place[1], running.signal);
      this.finding = point ? { kind: 'point', point, error: 0 } : { kind: 'empty' };
    } catch {
      if (!running.signal.aborted) this.finding = { kind: 'failed' };
    }
  }
}

/** The one number of a layer with one channel, or null. */
export function single(finding: Finding, layer: Layer | null): number | null {
  if (finding.kind !== 'point' || !finding.point.valid || !layer || layer.kind === 'rgb') return null;
  const { values } = finding.point;
  return values[layer.name] ?? Object.values(values)[0] ?? null;
}

function within(bounds: readonly number[], [lon, lat]: [number, number]): boolean {
  const [west, south, east, north] = bounds;
  return lon >= west! && lon <= east! && lat >= south! && lat <= north!;
}
