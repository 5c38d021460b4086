/** The places that the reader chose: up to six to compare, or many sites in a table. */
import { Refused } from '../api.ts';
import { tongue } from '../language.svelte.ts';
import { keepInLink, misreads, readLink } from '../link.ts';
import { portal } from '../portal.svelte.ts';
import { stage } from '../stage.svelte.ts';
import { type AreaSet, type Feature, getItem, getItems, MOST_MB, readOwn, Told } from './ask.ts';
import { Directory, type Found } from './directory.ts';
import { areasOf, type Cut, isParcels, isTowns, MOST_SITES } from './registers.ts';
import { boxOf, circle, hectares, middleOf, readRing, type Shape, writeRing } from './shapes.ts';

export type Kind = 'registered' | 'drawn' | 'spot' | 'file';

export interface Place {
  /** Unique among the chosen; also what a link says of it. */
  key: string;
  kind: Kind;
  name: string | null;
  /** What grows there, or the like. */
  note: string | null;
  shape: Shape;
  /** Metres around the middle, of a circle. */
  radius: number | null;
  /** Whether somebody else can see it from the link alone. */
  linkable: boolean;
}

export const MOST_CHOSEN = 6;
export const LETTERS = ['A', 'B', 'C', 'D', 'E', 'F'] as const;
export const RADIUS = 50;
const FLY_MS = 500;
const SETTLE_MS = 80;
const SPOT = /^@(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?)(?:,(\d+))?$/u;

export type Trouble =
  | { kind: 'large'; megabytes: number }
  | { kind: 'failed' }
  | { kind: 'offline'; name: string }
  | { kind: 'gone' }
  | { kind: 'full' }
  | { kind: 'noPosition' }
  | { kind: 'noParcel' }
  | { kind: 'told'; text: string };

class Places {
  chosen = $state.raw<Place[]>([]);
  /** Many places, as in a file of sites or a whole register; then `chosen` holds the one looked at. */
  sites = $state.raw<Place[]>([]);
  /** What the sites are called together: a file or a register. */
  sitesName = $state('');
  /** The next place joins the others instead of taking their place. */
  adding = $state(false);
  drawing = $state(false);
  busy = $state(false);
  trouble = $state.raw<Trouble | null>(null);
  /** Lines of a file that were left out. */
  left = $state(0);
  /** What was left out of a long register. */
  cut = $state<Cut>(null);
  readonly directory = new Directory();
  #sitesKey: string | null = null;
  #turn = 0;
  /** What is looked up already, before it was chosen. */
  #foreseen: { key: string; found: Promise<Place | null> } | null = null;

  /** What a link says of the places; null when there is nothing to say. */
  get link(): string | null {
    const parts = this.chosen.filter(({ linkable }) => linkable).map(({ key }) => key);
    if (this.#sitesKey && this.sites.length) parts.unshift(this.#sitesKey);
    return parts.length ? parts.join(' ') : null;
  }

  /** Take a place; it is shown, and measured at once. */
  choose(place: Place, options: { fly?: boolean } = {}): void {
    const isKnown = this.chosen.some(({ key }) => key === place.key);
    this.trouble = null;
    if (this.adding && !isKnown && this.chosen.length >= MOST_CHOSEN) {
      this.trouble = { kind: 'full' };
      return;
    }
    if (this.adding) this.chosen = isKnown ? this.chosen : [...this.chosen, place];
    else this.chosen = [place];
    if (!this.adding && !this.sites.some(({ key }) => key === place.key)) this.dropSites();
    this.adding = false;
    stage.isStep = true;
    stage.open('measure');
    // On a phone the sheet has come up over it. After that, and after the panels were measured:
    if (options.fly || matchMedia('(max-width: 47.99rem)').matches) {
      setTimeout(() => this.lookAt(this.chosen), SETTLE_MS);
    }
  }

  remove(key: string): void {
    this.chosen = this.chosen.filter((place) => place.key !== key);
  }

  clear(): void {
    this.chosen = [];
    this.dropSites();
    this.adding = false;
    this.trouble = null;
  }

  dropSites(): void {
    this.sites = [];
    this.sitesName = '';
    this.#sitesKey = null;
    this.left = 0;
    this.cut = null;
  }

  /** Bring places into view. */
  lookAt(places: Place[]): void {
    if (places.length) stage.map?.fit(boxOf(places.map(({ shape }) => shape)), FLY_MS);
  }

  /**
   * Take the registered area at a place: the smallest one; where there is none, a circle. Who asks
   * about a field gets a field or hears that there is none, and never a municipality.
   */
  async pick(place: [number, number], isField = false): Promise<void> {
    const turn = (this.#turn += 1);
    this.busy = true;
    this.trouble = null;
    try {
      const found = await this.foresee(place, isField);
      if (turn !== this.#turn) return;
      if (found) this.choose(found);
      else this.trouble = { kind: 'noParcel' };
    } finally {
      this.#foreseen = null;
      if (turn === this.#turn) this.busy = false;
    }
  }

  /** Find what `pick` takes at a place; null = no field. */
  foresee(place: [number, number], isField: boolean): Promise<Place | null> {
    const key = JSON.stringify([place, isField]);
    if (this.#foreseen?.key !== key) this.#foreseen = { key, found: this.#areaAt(place, isField) };
    return this.#foreseen.found;
  }

  /** What was looked up is not taken. */
  forget(): void {
    this.#foreseen = null;
  }

  async #areaAt([lon, lat]: [number, number], isField: boolean): Promise<Place | null> {
    try {
      await this.directory.loadSets();
      const here = this.directory.sets.filter(({ bbox }) => within(bbox, lon, lat));
      const fields = isField ? here.filter(isParcels) : [];
      const inside = fields.length ? fields : here.filter((set) => !isField || !isTowns(set));
      const point = `${lon.toFixed(7)},${lat.toFixed(7)}`;
      const found = await Promise.all(
        inside.map(async (set) => {
          const { features } = await getItems(set.id, { point, limit: '5' });
          return features.map((feature) => registered(set.id, feature));
        }),
      );
      void this.directory.load(); // names, for when there is no connection: nobody waits for them
      const smallest = found.flat().toSorted((a, b) => hectares(a.shape) - hectares(b.shape))[0];
      return smallest ?? (fields.length ? null : spot(lon, lat, RADIUS));
    } catch {
      return spot(lon, lat, RADIUS); // offline: a circle is a place, too
    }
  }

  /** Take a place that was found by name. */
  async take({ set, id, name, box }: Found): Promise<void> {
    stage.map?.fit(box, FLY_MS);
    this.busy = true;
    this.trouble = null;
    try {
      this.choose(registered(set, await getItem(set, id)));
    } catch (error) {
      // Without a connection its box is known, and the map is there; its shape is not.
      const isAnswer = error instanceof Refused;
      this.trouble = isAnswer ? { kind: 'failed' } : { kind: 'offline', name: name || id };
    } finally {
      this.busy = false;
    }
  }

  /** Take all areas of a register, as a table. */
  async takeSet(set: AreaSet): Promise<void> {
    this.busy = true;
    this.trouble = null;
    try {
      const { features, cut } = await areasOf(set);
      this.chosen = [];
      this.sites = features.map((feature) => registered(set.id, feature));
      this.sitesName = set.title;
      this.#sitesKey = `${encodeURIComponent(set.id)}:`;
      this.left = 0;
      this.cut = cut;
      this.lookAt(this.sites);
      stage.open('measure');
    } catch {
      this.trouble = { kind: 'failed' };
    } finally {
      this.busy = false;
    }
  }

  /** Take the places in a file; what is too large is refused before it is sent. */
  async upload(file: File): Promise<void> {
    this.trouble = null;
    if (file.size > MOST_MB * 1e6) {
      this.trouble = { kind: 'large', megabytes: Math.round(file.size / 1e6) };
      return;
    }
    this.busy = true;
    try {
      const { features, refusedCount } = await readOwn(file, tongue.language);
      const all = features.map((feature, index) => ofFile(file.name, feature, index));
      const few = all.length <= MOST_CHOSEN;
      this.dropSites();
      this.chosen = few ? all : [];
      if (!few) {
        this.sites = all.slice(0, MOST_SITES);
        this.sitesName = file.name;
      }
      this.left = refusedCount + (few ? 0 : all.length - this.sites.length);
      this.lookAt(visible(all));
      stage.open('measure');
    } catch (error) {
      this.trouble = error instanceof Told ? { kind: 'told', text: error.message } : { kind: 'failed' };
    } finally {
      this.busy = false;
    }
  }

  /** Follow a link; false when it makes no sense. */
  read(text: string | null): boolean {
    if ((text ?? '') === (this.link ?? '')) return true;
    this.clear();
    const parts = (text ?? '').split(' ').filter(Boolean);
    if (parts.length > MOST_CHOSEN + 1) return false;
    const read = parts.map(readPart);
    if (read.includes(null)) return false;
    void this.#follow(read.filter((part) => part !== null), readLink(location.hash).camera === null);
    return true;
  }

  /** `isAbout`: the link names places but no view, so they are what it shows. */
  async #follow(parts: Part[], isAbout: boolean): Promise<void> {
    const turn = (this.#turn += 1);
    for (const part of parts) {
      try {
        if ('place' in part) this.chosen = [...this.chosen, part.place];
        else if (part.id) {
          const place = registered(part.set, await getItem(part.set, part.id));
          if (turn !== this.#turn) return;
          this.chosen = [...this.chosen, place];
        } else {
          await portal.opened; // what is taken of it depends on where there are images
          await this.directory.load();
          const set = this.directory.sets.find(({ id }) => id === part.set);
          if (!set) throw new Error('no such set');
          await this.takeSet(set);
        }
      } catch {
        misreads(); // for whoever decides after this …
        portal.linkIsBroken = true; // … or did before
      }
    }
    if (this.chosen.length || this.sites.length) stage.part = 'measure';
    if (isAbout) this.lookAt(this.chosen);
  }
}

type Part = { place: Place } | { set: string; id: string };

function readPart(text: string): Part | null {
  const spotted = SPOT.exec(text);
  if (spotted) {
    const [lat, lon, radius] = [Number(spotted[1]), Number(spotted[2]), Number(spotted[3] ?? RADIUS)];
    const fits = Math.abs(lat) <= 85 && Math.abs(lon) <= 180 && radius > 0 && radius <= 50_000;
    return fits ? { place: spot(lon, lat, radius) } : null;
  }
  if (text.startsWith('~')) {
    const shape = readRing(text.slice(1));
    return shape ? { place: drawn(shape) } : null;
  }
  const at = text.indexOf(':');
  if (at < 1) return null;
  try {
    return { set: decodeURIComponent(text.slice(0, at)), id: decodeURIComponent(text.slice(at + 1)) };
  } catch {
    return null;
  }
}

/** Those where there are images; or all, when none is. */
function visible(all: Place[]): Place[] {
  const bounds = portal.collection?.bounds;
  const found = all.filter(({ shape }) => bounds && within(bounds, ...middleOf(shape)));
  return found.length ? found : all;
}

function within([west, south, east, north]: number[], lon: number, lat: number): boolean {
  return lon >= west! && lon <= east! && lat >= south! && lat <= north!;
}

function registered(set: string, { id, geometry, properties }: Feature): Place {
  const text = (name: string) => (typeof properties[name] === 'string' ? properties[name] : null);
  return {
    key: `${encodeURIComponent(set)}:${encodeURIComponent(String(id))}`,
    kind: 'registered',
    name: text('name'),
    note: text('gewas') ?? text('crop'),
    shape: geometry,
    radius: null,
    linkable: true,
  };
}

/** A circle around a place. */
export function spot(lon: number, lat: number, radius: number): Place {
  const [x, y] = [Number(lon.toFixed(5)), Number(lat.toFixed(5))];
  return {
    key: `@${y},${x}${radius === RADIUS ? '' : `,${radius}`}`,
    kind: 'spot',
    name: null,
    note: null,
    shape: circle([x, y], radius),
    radius,
    linkable: true,
  };
}

/** An area that the reader made. */
export function drawn(shape: Shape): Place {
  const short = writeRing(shape);
  return {
    key: short ? `~${short}` : `own-${JSON.stringify(shape).length}-${middleOf(shape).join()}`,
    kind: 'drawn',
    name: null,
    note: null,
    shape,
    radius: null,
    linkable: short !== null,
  };
}

function ofFile(file: string, { geometry, properties }: Feature, index: number): Place {
  const name = properties.name;
  const isPoint = geometry.type === 'Point';
  return {
    key: `file-${file}-${index}`,
    kind: 'file',
    name: typeof name === 'string' && name ? name : null,
    note: null,
    shape: isPoint ? circle(geometry.coordinates, RADIUS) : geometry,
    radius: isPoint ? RADIUS : null,
    linkable: false, // what somebody brings stays on this device
  };
}

export const places = new Places();

keepInLink({ key: 'a', read: (text) => places.read(text), write: () => places.link });

/** What to call a place. */
export function nameOf(place: Place, index = 0): string {
  const { where } = tongue.words;
  if (place.name) return place.name;
  const [lon, lat] = middleOf(place.shape);
  if (place.kind === 'registered') {
    const id = decodeURIComponent(place.key.slice(place.key.indexOf(':') + 1));
    return place.note ? where.parcel(id) : where.area(id);
  }
  if (place.kind === 'spot') return where.spot(tongue.number(lat, 4), tongue.number(lon, 4));
  return place.kind === 'drawn' ? where.drawn : where.numbered(tongue.number(index + 1));
}

/** What to call it within a sentence. */
export function spokenName(place: Place, index = 0): string {
  const name = nameOf(place, index);
  return place.name ? name : name.charAt(0).toLowerCase() + name.slice(1);
}

/** How large it is, in words. */
export function sizeOf({ shape, radius }: Place): string {
  if (radius) return tongue.words.where.circleOf(tongue.metres(radius));
  const size = hectares(shape);
  return `${tongue.number(size, size < 10 ? 2 : size < 100 ? 1 : 0)} ha`;
}
