/** What the parts of the page share: the map, and which part of the panel is open. */
import type { Covered } from './map/covered.ts';
import type { LandMap } from './map/map.ts';

/** The parts of the panel, in their order. */
export type PartName = 'ask' | 'where' | 'see' | 'compare' | 'measure' | 'save' | 'about';

class Stage {
  /** The map, as soon as it is there. */
  map = $state.raw<LandMap>();
  /** The one part of the panel that is open; null = all are folded. Who comes first is asked. */
  part = $state<PartName | null>(location.hash.length > 1 ? 'see' : 'ask');
  /** Whether the reader took a step (a question, a place) that the back button undoes. */
  isStep = false;
  /** On a phone the panel is a sheet at the bottom: whether it is up. */
  sheet = $state(false);

  /** What the panels cover of the map, and how large the map is, in pixels. */
  free = $state.raw<Covered>({ top: 0, right: 0, bottom: 0, left: 0 });
  width = $state(0);
  height = $state(0);

  /** Open a part, and on a phone the sheet that holds it. */
  open(part: PartName): void {
    this.part = part;
    this.sheet = true;
  }
}

export const stage = new Stage();
