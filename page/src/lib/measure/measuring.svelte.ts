/** The measurement that the page shows: what, where, how far it is, and what went wrong. */
import { type Layer, Refused } from '../api.ts';
import { tongue } from '../language.svelte.ts';
import { keepInLink } from '../link.ts';
import { look } from '../look.svelte.ts';
import { Told } from '../places/ask.ts';
import { type Place, places } from '../places/places.svelte.ts';
import { portal } from '../portal.svelte.ts';
import type { Progress } from './job.ts';
import {
  askSeries,
  type Event,
  getInsight,
  type Insight,
  measure,
  type Point,
  type Question,
  type Unread,
} from './series.ts';
import { addDays } from './compare.ts';
import { shown } from '../shown.svelte.ts';

/** This year and the one before, with room for the line to be read off at its ends. */
const DAYS_BACK = 2 * 366;
/** What the reader's own formula is called among layers. */
const OWN = 'formula';
const GREEN = /^(ndvi|evi2?|savi|greenness)$/iu;

export type Failure = { kind: 'told'; text: string } | { kind: 'gone' } | { kind: 'broken' };
type Phase = 'idle' | 'busy' | 'done' | 'failed' | 'stopped';
/** Who waits longer wants to be able to stop. */
const SLOW_MS = 1500;
const NAME = /^[\w.-]{1,64}$/u;

/** What the portal was asked; both at once, for the numbers alone are not the whole answer. */
interface Asked {
  running: AbortController;
  series: Promise<Response>;
  /** What a field tells; null without an answer: then all numbers are as good. */
  insight: Promise<Insight | null>;
}

class Measuring {
  phase = $state<Phase>('idle');
  failure = $state.raw<Failure | null>(null);
  /** What was measured, in the order of `series`. */
  places = $state.raw<Place[]>([]);
  series = $state.raw<Point[][]>([]);
  events = $state.raw<Event[]>([]);
  /** How far the portal is with a question that takes long; null = the answer comes at once. */
  job = $state.raw<Progress | null>(null);
  /** What the reader chose to measure when the map shows a picture; null = the first that can be. */
  wanted = $state<string | null>(null);
  /** Images that could not be read, and why. */
  unread = $state.raw<Unread[]>([]);
  /** True when it takes so long that the reader may want to stop. */
  isSlow = $state(false);
  #running: AbortController | null = null;
  #asked = '';
  /** What was asked already, before it was chosen. */
  #foreseen: { subject: string; asked: Asked } | null = null;

  /** The layers that have one number for each pixel. */
  layers = $derived((portal.collection?.layers ?? []).filter(({ kind }) => kind === 'ramp'));
  /** The layer that is measured: what the map shows, or else what the reader chose. */
  layer = $derived.by<Layer | null>(() => {
    // A formula that cannot be computed is not asked either: the map says what is wrong with it.
    if (portal.layer && look.formula && !shown.isRefused) return formulaLayer(portal.layer, look.formula);
    if (portal.layer?.kind === 'ramp') return portal.layer;
    const named = this.layers.filter(({ description }) => description);
    return this.layers.find(({ name }) => name === this.wanted) ?? named[0] ?? this.layers[0] ?? null;
  });
  question = $derived.by<Question | null>(() => {
    const { collection, days } = portal;
    const newest = days.at(-1)?.date;
    if (!collection || !this.layer || !newest) return null;
    return {
      collection: collection.id,
      layer: this.layer.name,
      expression: this.layer.name === OWN ? look.formula : null,
      from: addDays(newest, -DAYS_BACK),
      until: newest,
    };
  });

  /** What is asked now; equal text means that nothing has to be measured again. */
  get subject(): string {
    const { question } = this;
    const keys = this.#wantedPlaces().map(({ key }) => key);
    return question && keys.length ? subjectOf(question, keys) : '';
  }

  /** Measure what is asked, unless that is what is shown already. */
  follow(again = false): void {
    const { subject, question } = this;
    if (subject === this.#asked && !again) return;
    this.#asked = subject;
    this.#running?.abort();
    if (!subject || !question) {
      this.phase = 'idle';
      this.job = null;
      this.series = [];
      this.events = [];
      this.unread = [];
      return;
    }
    void this.#run(this.#wantedPlaces(), question);
  }

  /** Ask for a place that will probably be chosen in a moment. */
  foresee(place: Place): void {
    const { question } = this;
    if (!question || places.sites.length || places.adding) return;
    const subject = subjectOf(question, [place.key]);
    if (subject === this.#asked || subject === this.#foreseen?.subject) return;
    this.forget();
    this.#foreseen = { subject, asked: ask([place], question) };
  }

  /** It was not chosen. */
  forget(): void {
    this.#foreseen?.asked.running.abort();
    this.#foreseen = null;
  }

  /** Stop measuring; what came stays, and the portal stops too. */
  stop(): void {
    this.#running?.abort();
    this.#running = null;
    this.job = null;
    this.phase = 'stopped';
  }

  #wantedPlaces(): Place[] {
    return places.sites.length ? places.sites : places.chosen;
  }

  async #run(wanted: Place[], question: Question): Promise<void> {
    const foreseen = this.#foreseen?.subject === this.#asked ? this.#foreseen : null;
    if (foreseen) this.#foreseen = null;
    else this.forget();
    const asked = foreseen?.asked ?? ask(wanted, question);
    const { running } = asked;
    this.#running = running;
    this.phase = 'busy';
    this.failure = null;
    this.job = null;
    this.places = wanted;
    this.series = wanted.map(() => []);
    this.events = [];
    this.unread = [];
    this.isSlow = false;
    const timer = setTimeout(() => (this.isSlow ||= this.#running === running), SLOW_MS);
    try {
      const show = (points: Point[][], unread: Unread[]) => {
        if (this.#running !== running) return;
        this.series = points;
        this.unread = unread;
      };
      const wait = (progress: Progress) => {
        if (this.#running === running) this.job = progress;
      };
      await measure(wanted, asked.series, tongue.language, running.signal, show, wait);
      if (this.#running !== running) return;
      this.job = null;
      const insight = await asked.insight;
      if (this.#running !== running) return;
      if (insight) this.#doubt(insight);
      this.phase = 'done';
    } catch (error) {
      if (running.signal.aborted || this.#running !== running) return;
      this.job = null;
      this.failure = failureOf(error);
      this.phase = 'failed';
    } finally {
      clearTimeout(timer);
    }
  }

  /** Which of the numbers are doubted, and what happened when. */
  #doubt({ doubts, events }: Insight): void {
    this.events = events;
    this.series = this.series.map((points) =>
      points.map((point) => ({ ...point, doubt: doubts.get(point.date) ?? null })),
    );
  }
}

/** Ask for the numbers of places, and of a single field what they tell. */
function ask(wanted: Place[], question: Question): Asked {
  const running = new AbortController();
  const { signal } = running;
  const series = askSeries(wanted, question, tongue.language, signal);
  series.catch(() => undefined); // told when somebody waits for it
  const isField = wanted.length === 1 && GREEN.test(question.layer ?? '');
  const insight = isField
    ? getInsight(wanted[0]!, question, tongue.language, signal).catch(() => null)
    : Promise.resolve(null);
  return { running, series, insight };
}

/** A question as text: equal text means that nothing has to be measured again. */
function subjectOf(question: Question, keys: string[]): string {
  return JSON.stringify([question, keys, places.sites.length > 0]);
}

/** A formula of the reader's own, as a layer: its numbers have no unit and no words. */
function formulaLayer(layer: Layer, formula: string): Layer {
  return {
    ...layer,
    name: OWN,
    title: { nl: formula, en: formula },
    description: null,
    low: null,
    high: null,
    unit: null,
    kind: 'ramp',
    rescale: [look.range ? [look.range[0], look.range[1]] : [-1, 1]],
  };
}

function failureOf(error: unknown): Failure {
  if (error instanceof Told) return { kind: 'told', text: error.message };
  return error instanceof Refused ? { kind: 'broken' } : { kind: 'gone' };
}

export const measuring = new Measuring();

keepInLink({
  key: 'm',
  read: (text) => {
    measuring.wanted = text !== null && NAME.test(text) ? text : null;
    return text === null || measuring.wanted !== null;
  },
  write: () => measuring.wanted,
});
