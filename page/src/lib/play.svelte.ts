/** Playing the days one after the other: each stays until the next one is complete on the map. */
import { tick } from 'svelte';
import { portal } from './portal.svelte.ts';

/** How long a day is shown at least; calmer for who asked for less motion. */
const STAY_MS = 900;
const STAY_STILL_MS = 1600;
/** The last day stays longer, so that one sees where it ends. */
const END_TIMES = 2;
const PATIENCE_MS = 15_000;

type Phase = 'stopped' | 'playing' | 'paused';

class Play {
  phase = $state<Phase>('stopped');
  /** True when it paused by itself, because a day did not load. */
  isStuck = $state(false);
  /** The day to go back to. */
  #from = '';
  #turn = 0;

  /** The days that are played, the oldest first. */
  days = $derived(portal.listed.toSorted((a, b) => (a.date < b.date ? -1 : 1)));
  at = $derived(this.days.findIndex(({ date }) => date === portal.day?.date));
  canPlay = $derived(this.days.length > 1);

  start(): void {
    if (this.phase === 'stopped') this.#from = portal.day?.date ?? '';
    this.phase = 'playing';
    this.isStuck = false;
    this.#turn += 1;
    void this.#run(this.#turn);
  }

  pause(): void {
    this.#turn += 1;
    if (this.phase === 'playing') this.phase = 'paused';
  }

  /** Stop, and show the day again that was there before. */
  stop(): void {
    this.#turn += 1;
    this.phase = 'stopped';
    this.isStuck = false;
    if (this.#from) portal.chooseDate(this.#from);
  }

  async #run(turn: number): Promise<void> {
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    const stay = still ? STAY_STILL_MS : STAY_MS;
    while (this.#turn === turn) {
      const next = this.at + 1 < this.days.length ? this.at + 1 : 0;
      const day = this.days[next];
      if (!day) break;
      portal.chooseDate(day.date);
      await tick();
      if (!(await isComplete(PATIENCE_MS))) {
        if (this.#turn !== turn) return;
        this.isStuck = true;
        this.pause();
        return;
      }
      await wait(next === this.days.length - 1 ? END_TIMES * stay : stay);
      // Somebody chose a day himself: he wants to look at that one.
      if (this.#turn === turn && portal.day?.date !== day.date) this.pause();
    }
  }
}

const wait = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));

/** Wait until the map shows all of the day; false when that takes too long. */
function isComplete(patience: number): Promise<boolean> {
  const map = document.getElementById('map');
  if (!map) return Promise.resolve(false);
  return new Promise((done) => {
    const look = () => map.dataset['state'] === 'complete';
    const end = (found: boolean) => {
      watcher.disconnect();
      clearTimeout(timer);
      done(found);
    };
    const watcher = new MutationObserver(() => look() && end(true));
    const timer = setTimeout(() => end(false), patience);
    watcher.observe(map, { attributeFilter: ['data-state'] });
    if (look()) end(true);
  });
}

export const play = new Play();
