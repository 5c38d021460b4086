/** What the page knows of the portal, and what the reader chose. */
import {
  type Collection,
  type Day,
  getCollections,
  getDays,
  getSights,
  getStatus,
  type Layer,
  type Sight,
  type Status,
  type View,
} from './api.ts';
import { look } from './look.svelte.ts';
import { isMisread, keepInLink, type Link, readLink } from './link.ts';

const BUSY_POLL_MS = 1000;
const DOWN_POLL_MS = 3000;
/** So long the days wait for what can be seen on them: then they come once, and do not move. */
const LOOK_MS = 1500;
/** A first picture should not be a picture of clouds. */
const CLEAR_ENOUGH = 20;
/** A day can be used when at least so many percent of the place lies in an image. */
const COVERED_ENOUGH = 50;

type Phase = 'opening' | 'ready' | 'down';
type Box = [number, number, number, number];

class Portal {
  phase = $state<Phase>('opening');
  collections = $state.raw<Collection[]>([]);
  days = $state.raw<Day[]>([]);
  /** What can be seen of the place on each day; null = not known, then the whole image counts. */
  sights = $state.raw<ReadonlyMap<string, Sight> | null>(null);
  /** Whether it was found out, or takes so long that all days are told meanwhile. */
  isLooked = $state(false);
  /** The shape (GeoJSON) that the dates are about; null = the part of the map in view. */
  place = $state.raw<object | null>(null);
  /** Whether cloudy days are listed, too. */
  withClouds = $state(false);
  /** Another day that must stay in the list: the one that is compared with. */
  pinned = $state('');
  status = $state.raw<Status | null>(null);
  /** True when a link named something that is not there. */
  linkIsBroken = $state(false);
  #collectionId = $state('');
  #layerName = $state('');
  #date = $state('');
  #wanted: Link = readLink(location.hash);
  #timer = 0;
  #lookTimer = 0;
  /** Whether the lists may be those that were kept for when there is no connection. */
  #isOld = true;
  /** What the sights are of. */
  #looked = '';
  #open!: () => void;
  /** Done as soon as the collections are known: what depends on their place waits for it. */
  readonly opened = new Promise<void>((done) => (this.#open = done));

  collection = $derived(this.collections.find(({ id }) => id === this.#collectionId) ?? null);
  layer = $derived.by<Layer | null>(() => {
    const layers = this.collection?.layers ?? [];
    return layers.find(({ name }) => name === this.#layerName) ?? layers[0] ?? null;
  });
  day = $derived(this.days.find(({ date }) => date === this.#date) ?? null);
  view = $derived.by<View | null>(() => {
    const { collection, layer, day } = this;
    if (!collection || !layer || !day) return null;
    return { collection: collection.id, layer: layer.name, date: day.date };
  });

  /** The days that the timeline lists. */
  listed = $derived(
    this.days.filter(
      (day) =>
        this.withClouds || day.date === this.#date || day.date === this.pinned || this.isUsable(day),
    ),
  );
  /** Base maps of others that the operator allows. */
  basemaps = $derived(this.status?.basemaps ?? []);
  usable = $derived(this.days.filter((day) => this.isUsable(day)).length);

  /** Start, and keep asking as long as the portal is busy or away. */
  async start(): Promise<void> {
    this.#isOld = true;
    await this.#refresh();
  }

  stop(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#lookTimer);
  }

  async chooseCollection(id: string): Promise<void> {
    if (id === this.#collectionId) return;
    look.reset();
    const days = await getDays(id);
    this.sights = null;
    this.#looked = '';
    this.#await();
    this.days = days;
    this.#collectionId = id;
    this.#date = nearest(days, this.#date) ?? firstDay(days, this.collection?.simulated);
  }

  chooseLayer(name: string): void {
    look.reset(); // formula and colours were those of another layer
    this.#layerName = name;
  }

  chooseDate(date: string): void {
    this.#date = date;
  }

  /** Percent of the place under cloud on a day, or of the whole image; null = unknown. */
  cloudsOf(day: Day): number | null {
    const sight = this.sights?.get(day.date);
    return sight ? sight.cloud_cover : day.cloud_cover;
  }

  /** Whether an image of that day holds the place. */
  isHere(day: Day): boolean {
    return !this.sights || (this.sights.get(day.date)?.coverage ?? 0) > 0;
  }

  /** Whether enough of the place can be seen; a day of which clouds are unknown may be tried. */
  isUsable(day: Day): boolean {
    const covered = this.sights ? (this.sights.get(day.date)?.coverage ?? 0) : 100;
    return covered >= COVERED_ENOUGH && (this.cloudsOf(day) ?? 0) <= CLEAR_ENOUGH;
  }

  /** The listed day before (-1) or after (1) the chosen one. */
  neighbour(step: -1 | 1): Day | null {
    const at = this.listed.findIndex(({ date }) => date === this.#date);
    return at < 0 ? null : (this.listed[at + step] ?? null);
  }

  /** Find out on which days the place can be seen: the chosen shape, or what is in view. */
  async look(seen: readonly number[], signal: AbortSignal): Promise<void> {
    const { collection } = this;
    if (!collection?.bounds) {
      this.isLooked ||= collection !== null;
      return;
    }
    const place = this.place ?? overlap(seen, collection.bounds);
    // Nothing of the images in view: the reader looked away, and every day is as good.
    const key = `${collection.id} ${collection.count} ${JSON.stringify(place)}`;
    if (key === this.#looked) return;
    const asked = place ? getSights(collection.id, place, signal) : Promise.resolve([]);
    const sights = await asked.catch((error: unknown) => {
      this.isLooked ||= !signal.aborted;
      throw error;
    });
    if (this.collection?.id !== collection.id || signal.aborted) return;
    this.#looked = key;
    this.sights = sights.length ? new Map(sights.map((sight) => [sight.date, sight])) : null;
    this.isLooked = true;
  }

  /** Other days come: what can be seen on them is not known yet. */
  #await(): void {
    this.isLooked = false;
    clearTimeout(this.#lookTimer);
    this.#lookTimer = window.setTimeout(() => (this.isLooked = true), LOOK_MS);
  }

  /** Take over a link, for example when the reader goes back in the history. */
  async follow(link: Link): Promise<void> {
    this.#wanted = link;
    await this.#choose();
  }

  async #refresh(): Promise<void> {
    try {
      // First the status: what it calls done is then surely in the lists.
      const status = await getStatus();
      const was = this.status;
      if (this.#isOld || !was || this.phase !== 'ready' || was.task || status.task) {
        this.collections = await getCollections();
        await this.#choose();
        this.#isOld = false;
      }
      this.status = status;
      this.phase = 'ready';
      this.#open();
    } catch {
      this.phase = 'down';
    }
    const wait = this.phase === 'down' ? DOWN_POLL_MS : this.status?.task ? BUSY_POLL_MS : 0;
    if (wait) this.#timer = window.setTimeout(() => void this.#refresh(), wait);
  }

  /** Choose what the link asks for, or keep what was chosen, or what is best to begin with. */
  async #choose(): Promise<void> {
    if (!this.collections.length) return;
    const { collection, layer, date } = this.#wanted;
    const known = (id: string | null) => this.collections.some((one) => one.id === id);
    const id = [collection, this.#collectionId].find((one) => known(one ?? null));
    const chosen = id ?? this.collections[0]!.id;
    const days = await getDays(chosen);
    this.days = sameDays(days, this.days) ? this.days : days;
    if (chosen !== this.#collectionId) this.#await();
    this.#collectionId = chosen;
    if (layer) this.#layerName = layer;
    const found = nearest(days, date ?? this.#date);
    this.#date = found ?? firstDay(days, this.collection?.simulated);
    if (!days.length) return;
    this.linkIsBroken =
      isMisread() ||
      (collection !== null && collection !== chosen) ||
      (layer !== null && this.layer?.name !== layer) ||
      (date !== null && date !== found);
    this.#wanted = { ...this.#wanted, collection: null, layer: null, date: null };
  }
}

/**
 * The newest day that is clear enough, or else the clearest. Of a made-up place the first of the
 * clearest: Zonderland shows its tulips.
 */
function firstDay(days: Day[], simulated = false): string {
  const clear = !simulated && days.findLast(({ cloud_cover: cloud }) => cloud !== null && cloud <= CLEAR_ENOUGH);
  if (clear) return clear.date;
  const share = (day: Day) => day.cloud_cover ?? Infinity;
  // Of more years the last one, so that there is a year before to compare with.
  const last = simulated ? days.filter(({ date }) => date.slice(0, 4) === days.at(-1)!.date.slice(0, 4)) : days;
  return last.reduce<Day | undefined>(
    (best, day) =>
      !best || share(day) < share(best) || (!simulated && share(day) === share(best)) ? day : best,
    undefined,
  )?.date ?? '';
}

function nearest(days: Day[], date: string): string | undefined {
  if (!date) return undefined;
  const distance = (day: Day) => Math.abs(Date.parse(day.date) - Date.parse(date));
  return days.toSorted((a, b) => distance(a) - distance(b))[0]?.date;
}

function sameDays(a: Day[], b: Day[]): boolean {
  return a.length === b.length && a.every((day, index) => day.date === b[index]?.date);
}

/** What two boxes (west, south, east, north) share; null = nothing. */
export function overlap(a: readonly number[], b: readonly number[]): Box | null {
  const box: Box = [
    Math.max(a[0]!, b[0]!),
    Math.max(a[1]!, b[1]!),
    Math.min(a[2]!, b[2]!),
    Math.min(a[3]!, b[3]!),
  ];
  return box[0]! < box[2]! && box[1]! < box[3]! ? box : null;
}

export const portal = new Portal();

keepInLink({
  key: 'k',
  read: (text) => {
    portal.withClouds = text === '1';
    return text === null || text === '1';
  },
  write: () => (portal.withClouds ? '1' : null),
});
