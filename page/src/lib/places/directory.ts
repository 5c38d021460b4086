/** Names of registered areas: those of small sets are kept here, so that searching works offline. */
import { type AreaSet, type Feature, getItems, getSets } from './ask.ts';
import { boxOf } from './shapes.ts';

/** A place that was found by name. */
export interface Found {
  set: string;
  id: string;
  name: string;
  /** What else tells it apart: its crop, or the set that it is in. */
  note: string;
  box: [number, number, number, number];
}

/** Sets of at most so many areas are kept whole. */
const SMALL = 1000;
const MOST_FOUND = 8;
const STORED = 'landzicht.directory';
const CROPS = ['gewas', 'crop'];

export class Directory {
  sets: AreaSet[] = [];
  #kept: Found[] = [];
  #loading: Promise<void> | null = null;
  #listing: Promise<void> | null = null;

  /** Fetch the list of sets only. */
  loadSets(): Promise<void> {
    this.#listing ??= getSets().then(
      (sets) => void (this.sets = sets),
      () => {
        this.#listing = null;
        this.#recall();
      },
    );
    return this.#listing;
  }

  /** Fetch the list of sets, and the names in small ones; what was fetched before counts offline. */
  load(): Promise<void> {
    this.#loading ??= this.#load().catch(() => {
      this.#loading = null;
      this.#recall();
    });
    return this.#loading;
  }

  /** Places of which the name or id holds the text; those that begin with it come first. */
  async find(text: string, signal: AbortSignal): Promise<Found[]> {
    await this.load();
    const wanted = plain(text);
    const near = this.#kept.filter((each) => plain(`${each.name} ${each.id}`).includes(wanted));
    const large = this.sets.filter(({ rows }) => rows > SMALL);
    const far = await Promise.all(
      large.map(async (set) => {
        try {
          const asked = { q: text, limit: String(MOST_FOUND), shapes: 'box' };
          return (await getItems(set.id, asked, signal)).features.map((one) => foundOf(set, one));
        } catch {
          return []; // no connection: what is kept here still helps
        }
      }),
    );
    const rank = ({ name, id }: Found) => {
      if (id.toLowerCase() === text.toLowerCase() || plain(name) === wanted) return 0;
      return plain(name).startsWith(wanted) ? 1 : 2;
    };
    return [...near, ...far.flat()]
      .toSorted((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name, undefined, { numeric: true }))
      .slice(0, MOST_FOUND);
  }

  async #load(): Promise<void> {
    await this.loadSets();
    const small = this.sets.filter(({ rows }) => rows <= SMALL);
    const asked = { limit: String(SMALL), shapes: 'box' };
    const found = await Promise.allSettled(
      small.map(async (set) => (await getItems(set.id, asked)).features.map((one) => foundOf(set, one))),
    );
    // A register that fails takes no names of others away; its own are those of before, if any.
    const isWhole = found.every(({ status }) => status === 'fulfilled');
    if (!isWhole) {
      const { sets } = this;
      this.#recall();
      this.sets = sets;
      this.#loading = null; // asked again next time
    }
    const before = this.#kept;
    this.#kept = found.flatMap((each, i) =>
      each.status === 'fulfilled' ? each.value : before.filter(({ set }) => set === small[i]!.id),
    );
    try {
      localStorage.setItem(STORED, JSON.stringify({ sets: this.sets, kept: this.#kept }));
    } catch {
      // No room, or storage is off: it works as long as this page is open.
    }
  }

  #recall(): void {
    try {
      const told = JSON.parse(localStorage.getItem(STORED) ?? '{}') as Partial<Record<string, unknown>>;
      if (Array.isArray(told.sets)) this.sets = told.sets as AreaSet[];
      if (Array.isArray(told.kept)) this.#kept = told.kept as Found[];
    } catch {
      // Nothing was kept.
    }
  }
}

function foundOf(set: AreaSet, { id, geometry, properties }: Feature): Found {
  const crop = CROPS.map((column) => properties[column]).find((value) => typeof value === 'string');
  const name = typeof properties.name === 'string' ? properties.name : '';
  return {
    set: set.id,
    id: String(id),
    name,
    note: typeof crop === 'string' ? crop : set.title,
    box: boxOf([geometry]),
  };
}

/** Letters without accents, in small. */
function plain(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().trim();
}
