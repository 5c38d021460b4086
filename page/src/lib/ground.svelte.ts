/** What lies under the images, and how the map lies flat. */
import type { Collection } from './api.ts';
import { keepInLink } from './link.ts';
import type { Flat } from './map/grids.ts';
import type { AreaSet } from './places/ask.ts';

/** Stands for: no areas at all. */
export const NONE = '-';
/** A set of so few areas may be drawn without being asked for: municipalities, not parcels. */
const FEW = 60;
const NAME = /^[A-Za-z0-9_-]{1,64}$/;

class Ground {
  flat = $state<Flat>('mercator');
  /** A base map of others under the images; null = only what the page has itself. */
  base = $state<string | null>(null);
  /** The set of registered areas that the reader wants on the map, or `NONE`; null = did not say. */
  areas = $state<string | null>(null);
  /** The set that a question is about; the reader's own choice goes before it. */
  hint = $state<string | null>(null);
  /** True when so many areas are in view that none are drawn. */
  crowded = $state(false);
  /** The sets that there are; null = not known yet. */
  sets = $state.raw<AreaSet[] | null>(null);
  #usual = $state<string | null>(null);
  #asked = false;

  /** The set that is drawn: the reader's, or of the question, or a small one of the place; null = none. */
  shown = $derived(this.areas === NONE ? null : (this.areas ?? this.hint ?? this.#usual));

  /** Find the sets, and the one that tells where the images are. */
  async learn({ bounds, simulated }: Collection): Promise<void> {
    if (!this.sets) {
      if (this.#asked) return;
      this.#asked = true;
      const { getSets } = await import('./places/ask.ts');
      this.sets = await getSets().finally(() => (this.#asked = false));
    }
    const fits = this.sets.find(
      (set) => set.rows <= FEW && set.simulated === simulated && bounds && overlaps(set.bbox, bounds),
    );
    this.#usual = fits?.id ?? null;
  }
}

function overlaps(a: readonly number[], b: readonly number[]): boolean {
  return a[0]! < b[2]! && b[0]! < a[2]! && a[1]! < b[3]! && b[1]! < a[3]!;
}

export const ground = new Ground();

keepInLink({
  key: 'crs',
  read: (text) => {
    ground.flat = text === 'rd' ? 'rd' : 'mercator';
    return text === null || text === 'rd';
  },
  write: () => (ground.flat === 'rd' ? 'rd' : null),
});

keepInLink({
  key: 'base',
  read: (text) => {
    ground.base = text && NAME.test(text) ? text : null;
    return text === null || ground.base !== null;
  },
  write: () => ground.base,
});

keepInLink({
  key: 'g',
  read: (text) => {
    ground.areas = text && NAME.test(text) ? text : null;
    return text === null || ground.areas !== null;
  },
  write: () => ground.areas,
});
