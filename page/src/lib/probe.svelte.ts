/** The value at the place that the reader points at: the mouse, or else the centre of the map. */
import { getPoint, type Layer, type Point, type View } from './api.ts';

const PATIENCE_MS = 140;

export type Aim = 'mouse' | 'centre';

export type Finding =
  | { kind: 'none' }
  | { kind: 'empty' }
  | { kind: 'failed' }
  | { kind: 'point'; point: Point };

export class Probe {
  aim = $state<Aim>(matchMedia('(hover: hover)').matches ? 'mouse' : 'centre');
  finding = $state.raw<Finding>({ kind: 'none' });
  #place: [number, number] | null = null;
  #view: View | null = null;
  #bounds: readonly number[] | null = null;
  #timer = 0;
  #running: AbortController | null = null;

  /** Look at another place; null = nowhere. */
  at(place: [number, number] | null): void {
    this.#place = place;
    this.#later();
  }

  /** Look at another picture, which lies within `bounds` (west, south, east, north). */
  of(view: View | null, bounds: readonly number[] | null): void {
    this.#view = view;
    this.#bounds = bounds;
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
    else this.#timer = window.setTimeout(() => void this.#look(), PATIENCE_MS);
  }

  async #look(): Promise<void> {
    const [place, view] = [this.#place, this.#view];
    if (!place || !view) return;
    const running = new AbortController();
    this.#running = running;
    try {
      const point = await getPoint(view, place[0], place[1], running.signal);
      this.finding = point ? { kind: 'point', point } : { kind: 'empty' };
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
