/** What the page knows of the portal, and what the reader chose. */
import {
  type Collection,
  type Day,
  getCollections,
  getDays,
  getStatus,
  type Layer,
  type Status,
  type View,
} from './api.ts';
import { isMisread, type Link, readLink } from './link.ts';

const BUSY_POLL_MS = 1000;
const DOWN_POLL_MS = 3000;
/** A first picture should not be a picture of clouds. */
const CLEAR_ENOUGH = 20;

type Phase = 'opening' | 'ready' | 'down';

class Portal {
  phase = $state<Phase>('opening');
  collections = $state.raw<Collection[]>([]);
  days = $state.raw<Day[]>([]);
  /** Dates with an image in the part of the map in view; null = all. */
  here = $state.raw<ReadonlySet<string> | null>(null);
  status = $state.raw<Status | null>(null);
  /** True when a link named something that is not there. */
  linkIsBroken = $state(false);
  #collectionId = $state('');
  #layerName = $state('');
  #date = $state('');
  #wanted: Link = readLink(location.hash);
  #timer = 0;

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

  /** Start, and keep asking as long as the portal is busy or away. */
  async start(): Promise<void> {
    await this.#refresh();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  async chooseCollection(id: string): Promise<void> {
    if (id === this.#collectionId) return;
    const days = await getDays(id);
    this.here = null;
    this.days = days;
    this.#collectionId = id;
    this.#date = nearest(days, this.#date) ?? firstDay(days, this.collection?.simulated);
  }

  chooseLayer(name: string): void {
    this.#layerName = name;
  }

  chooseDate(date: string): void {
    this.#date = date;
  }

  /** The day before (-1) or after (1) the chosen one that has an image in view. */
  neighbour(step: -1 | 1): Day | null {
    const at = this.days.findIndex(({ date }) => date === this.#date);
    for (let i = at + step; i >= 0 && i < this.days.length; i += step) {
      const day = this.days[i]!;
      if (!this.here || this.here.has(day.date)) return day;
    }
    return null;
  }

  /** Find out which days have an image in the part of the map in view. */
  async look(bbox: readonly number[], signal: AbortSignal): Promise<void> {
    const { collection } = this;
    if (!collection?.bounds || contains(bbox, collection.bounds)) {
      this.here = null;
      return;
    }
    const days = await getDays(collection.id, bbox, signal);
    // Nothing at all here: the reader looked away from the images, every day is as good.
    this.here = days.length ? new Set(days.map(({ date }) => date)) : null;
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
      if (!was || this.phase !== 'ready' || was.task || status.task) {
        this.collections = await getCollections();
        await this.#choose();
      }
      this.status = status;
      this.phase = 'ready';
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
  return days.reduce<Day | undefined>(
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

function contains(outer: readonly number[], inner: readonly number[]): boolean {
  return (
    outer[0]! <= inner[0]! && outer[1]! <= inner[1]! && outer[2]! >= inner[2]! && outer[3]! >= inner[3]!
  );
}

export const portal = new Portal();
