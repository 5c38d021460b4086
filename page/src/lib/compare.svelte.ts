/** Two dates beside each other: how, which second date, and where the line is. */
import { keepInLink } from './link.ts';
import { stage } from './stage.svelte.ts';

export const MODES = ['swipe', 'side', 'difference'] as const;
export type Mode = (typeof MODES)[number];

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const MIDDLE = 50;

class Compare {
  /** Null = one picture. */
  mode = $state<Mode | null>(null);
  /** The date to compare with; the date of the timeline is the other one. */
  date = $state('');
  /** Place of the line between both, in percent from the left. */
  share = $state(MIDDLE);

  stop(): void {
    this.mode = null;
  }
}

export const compare = new Compare();

// One part for the three, so that they are always whole: `cmp=swipe:2025-04-26:50`.
keepInLink({
  key: 'cmp',
  read: (text) => {
    const [mode, date, share, ...rest] = (text ?? '').split(':');
    const found = MODES.find((one) => one === mode);
    const place = Number(share ?? MIDDLE);
    const isFine = found !== undefined && DATE.test(date ?? '') && !rest.length && place >= 0 && place <= 100;
    compare.mode = isFine ? found : null;
    compare.date = isFine ? date! : '';
    compare.share = isFine ? Math.round(place) : MIDDLE;
    if (isFine) stage.part = 'compare';
    return text === null || isFine;
  },
  write: () => (compare.mode && compare.date ? `${compare.mode}:${compare.date}:${compare.share}` : null),
});
