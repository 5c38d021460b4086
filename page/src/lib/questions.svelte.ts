/** "What do you want to know?": each question leads to a layer, a place and a day. */
import type { Collection, Layer } from './api.ts';
import { keepInLink } from './link.ts';
import { measuring } from './measure/measuring.svelte.ts';
import { topicOf, type Topic } from './measure/tell.ts';
import type { AreaSet } from './places/ask.ts';
import { places } from './places/places.svelte.ts';
import { countNear, isNear, isParcels, isTowns, type Near } from './places/registers.ts';
import { portal } from './portal.svelte.ts';
import { stage } from './stage.svelte.ts';

export const QUESTIONS = [
  'crop', 'drought', 'water', 'town', 'building', 'sites', 'lesson', 'self',
] as const;
export type QuestionName = (typeof QUESTIONS)[number];

const CLEAR = 20;
/** With fewer days there is no year to watch. */
const LESSON_DAYS = 3;
const TOPICS: Partial<Record<QuestionName, Topic>> = {
  crop: 'green', drought: 'moist', water: 'water', town: 'green', sites: 'green', lesson: 'green',
};

class Questions {
  /** The question that the reader asked; null = none yet. */
  asked = $state<QuestionName | null>(null);
  /** Registers of areas, as soon as they are known. */
  sets = $state.raw<AreaSet[]>([]);

  /** The questions that the portal's own data can answer. */
  open = $derived(QUESTIONS.filter((name) => this.#canAnswer(name)));
  /** How many areas of each register lie within the images, as far as that was counted. */
  near = $state.raw<ReadonlyMap<string, Near>>(new Map());
  /** Whether it is known which registers there are: what waits for that keeps its place. */
  isCounted = $state(false);
  #turn = 0;
  /** The register that is put in order: of the same kind as the images, whole, and the longest. */
  towns = $derived.by<AreaSet | null>(() => {
    const near = (set: AreaSet) => this.near.get(set.id) ?? { count: 0, more: false };
    const isAlike = (set: AreaSet) => Number(set.simulated === (portal.collection?.simulated ?? false));
    return (
      this.sets
        .filter((set) => isTowns(set) && near(set).count > 1)
        .toSorted(
          (a, b) =>
            isAlike(b) - isAlike(a) ||
            Number(near(a).more) - Number(near(b).more) ||
            near(b).count - near(a).count,
        )[0] ?? null
    );
  });
  /** The fields that a question about a crop is about. */
  fields = $derived.by<AreaSet | null>(() => {
    if (this.asked !== 'crop') return null;
    const found = this.sets.filter((set) => isParcels(set) && isNear(set));
    return found.find((set) => set.simulated === portal.collection?.simulated) ?? found[0] ?? null;
  });

  /** Whether a question is asked that still wants a place. */
  waits = $derived(
    this.asked !== null &&
      ['crop', 'drought', 'water', 'sites'].includes(this.asked) &&
      !places.chosen.length &&
      !places.sites.length,
  );

  async load(): Promise<void> {
    try {
      await this.#count();
    } finally {
      this.isCounted = true;
    }
  }

  /** Whether a question that is listed can surely be answered. */
  isSure(name: QuestionName): boolean {
    return name !== 'town' || this.towns !== null;
  }

  async #count(): Promise<void> {
    await places.directory.loadSets();
    this.sets = places.directory.sets;
    const towns = this.sets.filter(isTowns);
    const counted = await Promise.allSettled(
      towns.map(async (set): Promise<[string, Near]> => [set.id, await countNear(set)]),
    );
    this.near = new Map(counted.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : [])));
  }

  /** Take a question: choose layer and day, and ask for the place. */
  async ask(name: QuestionName): Promise<void> {
    this.asked = name === 'self' ? null : name;
    stage.isStep = true;
    if (name === 'self') {
      stage.open('see');
      return;
    }
    places.clear();
    const found = this.#layerOf(name);
    if (found) {
      await portal.chooseCollection(found.collection.id);
      portal.chooseLayer(found.layer.name);
    }
    this.#chooseDay(name);
    if (name === 'town' && this.towns) await places.takeSet(this.towns);
    else if (name === 'building') stage.open('compare');
    else if (name === 'lesson') stage.part = 'ask';
    else {
      // On a phone the map must be free to tap; the prompt stands below it.
      stage.part = 'where';
      stage.sheet = name === 'sites';
    }
  }

  /** Take what lies at a place: of who asks about a crop, a field. */
  pick(place: [number, number]): Promise<void> {
    return places.pick(place, this.asked === 'crop');
  }

  /** A tap began, which may become a double click: ask already what will be needed. */
  async foresee(place: [number, number]): Promise<void> {
    const turn = (this.#turn += 1);
    const found = await places.foresee(place, this.asked === 'crop');
    if (found && turn === this.#turn) measuring.foresee(found);
  }

  /** The tap became something else. */
  forget(): void {
    this.#turn += 1;
    places.forget();
    measuring.forget();
  }

  /** What taps on a map mean. */
  readonly taps = {
    began: (place: [number, number]) => void this.foresee(place),
    tapped: (place: [number, number]) => void this.pick(place),
    ended: () => this.forget(),
  };

  drop(): void {
    this.asked = null;
    stage.open('ask');
  }

  read(text: string | null): boolean {
    const name = QUESTIONS.find((one) => one === text) ?? null;
    this.asked = name;
    if (name === 'lesson') stage.part = 'ask';
    else if (name && !places.link) stage.part = 'where';
    return text === null || name !== null;
  }

  #canAnswer(name: QuestionName): boolean {
    if (name === 'self') return portal.collections.length > 0;
    if (!this.#layerOf(name)) return false;
    if (name === 'town') return this.towns !== null || !this.isCounted;
    if (name === 'building') return portal.days.length > 1;
    return name !== 'lesson' || portal.days.length >= LESSON_DAYS;
  }

  /** The layer that answers a question: of the collection that is shown, or else of another one. */
  #layerOf(name: QuestionName): { collection: Collection; layer: Layer } | null {
    const shown = portal.collection;
    const all = shown ? [shown, ...portal.collections.filter((one) => one !== shown)] : [];
    for (const collection of all.filter(({ count }) => count > 0)) {
      const layer = collection.layers.find((one) => answers(name, one));
      if (layer) return { collection, layer };
    }
    return null;
  }

  #chooseDay(name: QuestionName): void {
    const clear = portal.days.filter(({ cloud_cover: cloud }) => (cloud ?? 100) <= CLEAR);
    const day = name === 'lesson' ? (clear[0] ?? portal.days[0]) : (clear.at(-1) ?? portal.days.at(-1));
    if (day) portal.chooseDate(day.date);
  }
}

function answers(name: QuestionName, layer: Layer): boolean {
  if (name === 'building') return layer.kind === 'rgb';
  return layer.kind === 'ramp' && topicOf(layer) === TOPICS[name];
}

export const questions = new Questions();

keepInLink({ key: 'q', read: (text) => questions.read(text), write: () => questions.asked });
