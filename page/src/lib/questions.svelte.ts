/** "What do you want to know?": each question leads to a layer, a place and a day. */
import type { Collection, Layer } from './api.ts';
import { keepInLink } from './link.ts';
import { topicOf, type Topic } from './measure/tell.ts';
import type { AreaSet } from './places/ask.ts';
import { places } from './places/places.svelte.ts';
import { portal } from './portal.svelte.ts';
import { stage } from './stage.svelte.ts';

export const QUESTIONS = [
  'crop', 'drought', 'water', 'town', 'building', 'sites', 'lesson', 'self',
] as const;
export type QuestionName = (typeof QUESTIONS)[number];

/** A register of so many areas at most makes a table that can be read. */
const MOST_ROWS = 200;
const TOWNS = /gemeente|municip|buurt|wijk|neighbo|district|provinc|waterschap/iu;
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
  towns = $derived(
    this.sets
      .filter(({ id, title, rows }) => rows > 1 && rows <= MOST_ROWS && TOWNS.test(`${id} ${title}`))
      .toSorted((a, b) => b.rows - a.rows)[0] ?? null,
  );

  /** Whether a question is asked that still wants a place. */
  waits = $derived(
    this.asked !== null &&
      ['crop', 'drought', 'water', 'sites'].includes(this.asked) &&
      !places.chosen.length &&
      !places.sites.length,
  );

  async load(): Promise<void> {
    await places.directory.loadSets();
    this.sets = places.directory.sets;
  }

  /** Take a question: choose layer and day, and ask for the place. */
  async ask(name: QuestionName): Promise<void> {
    this.asked = name === 'self' ? null : name;
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
    if (name === 'town') return this.towns !== null;
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
