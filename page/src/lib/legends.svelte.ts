/** The colours of the layers, fetched once each. */
import { getLegend, type Layer } from './api.ts';
import { portal } from './portal.svelte.ts';

export interface Stop {
  value: number;
  colour: string;
}

class Legends {
  #stops = $state.raw<Record<string, Stop[]>>({});
  /** Gradients of palettes that the reader may choose, as soon as they are here. */
  #palettes = $state.raw<((name: string) => string) | null>(null);
  #asked = new Set<string>();

  /** Stops of a ramp from low to high; empty as long as they are not known. */
  of(collection: string, layer: Layer): Stop[] {
    return this.#stops[`${collection}/${layer.name}`] ?? [];
  }

  /** The colours of a layer as it is shown: the reader may have chosen another palette. */
  gradientOf(collection: string, layer: Layer): string {
    const own = portal.collection?.layers.find(({ name }) => name === layer.name);
    if (own && own.colormap === layer.colormap) return gradient(this.of(collection, layer));
    return this.#palettes?.(layer.colormap ?? 'viridis') ?? 'none';
  }

  /** Fetch the palettes, when a layer is shown in another one than its own. */
  async learn(colormap: string | null): Promise<void> {
    if (this.#palettes || colormap === portal.layer?.colormap) return;
    const { gradientOf } = await import('./colour/palettes.ts');
    this.#palettes = gradientOf;
  }

  async fetch(collection: string, layer: Layer): Promise<void> {
    const key = `${collection}/${layer.name}`;
    if (layer.kind !== 'ramp' || this.#asked.has(key)) return;
    this.#asked.add(key);
    try {
      const { stops = [] } = await getLegend(collection, layer.name);
      const sorted = stops.toSorted((a, b) => a.value - b.value);
      this.#stops = { ...this.#stops, [key]: sorted };
    } catch {
      // Without it the words at the ends still tell the story; next time we ask again.
      this.#asked.delete(key);
    }
  }
}

export const legends = new Legends();

/** A CSS gradient of stops. */
export function gradient(stops: Stop[]): string {
  const [low, high] = [stops[0], stops.at(-1)];
  if (!low || !high) return 'none';
  const place = (value: number) =>
    high.value > low.value ? ((value - low.value) / (high.value - low.value)) * 100 : 0;
  const parts = stops.map(({ value, colour }) => `${colour} ${place(value).toFixed(1)}%`);
  return `linear-gradient(90deg, ${parts.join(', ')})`;
}

/** A small picture of a layer's colours. */
export function swatch(layer: Layer, stops: Stop[]): string {
  if (layer.kind === 'ramp') return gradient(stops);
  if (layer.kind === 'rgb') return 'linear-gradient(135deg, #7c9a5c 0 40%, #b7a57c 40% 62%, #4a7d95 62%)';
  const size = 100 / Math.max(1, layer.classes.length);
  const parts = layer.classes.map(
    ({ colour }, i) => `${colour} ${(i * size).toFixed(1)}% ${((i + 1) * size).toFixed(1)}%`,
  );
  return parts.length ? `linear-gradient(90deg, ${parts.join(', ')})` : 'none';
}
