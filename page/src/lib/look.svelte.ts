/** What the reader changed of a layer's colours: formula, brightness, palette. */
import { keepInLink } from './link.ts';

type Range = readonly [number, number];

const NUMBER = /^-?(\d{1,9}(\.\d{0,9})?|\.\d{1,9})(e-?\d{1,2})?$/;
const NAME = /^[a-z]{2,10}(_r)?$/;
const LONGEST = 2048;

class Look {
  /** Band maths instead of the layer's own; empty = the layer's own. */
  formula = $state('');
  /** The formula that could not be computed here; a link with it again is as wrong. */
  refused = '';
  /** Values shown as the first and as the last colour; null = the layer's own. */
  range = $state.raw<Range | null>(null);
  /** Name of a palette; null = the layer's own. */
  palette = $state<string | null>(null);

  isChanged = $derived(this.formula !== '' || this.range !== null || this.palette !== null);

  reset(): void {
    this.formula = '';
    this.range = null;
    this.palette = null;
  }
}

export const look = new Look();

keepInLink({
  key: 'f',
  read: (text) => {
    const isFine = (text ?? '').length <= LONGEST;
    look.formula = isFine ? (text ?? '').trim() : '';
    return isFine && (look.formula === '' || look.formula !== look.refused);
  },
  write: () => look.formula || null,
});

keepInLink({
  key: 'b',
  read: (text) => {
    look.range = readRange(text);
    return text === null || look.range !== null;
  },
  write: () => look.range && look.range.join(','),
});

keepInLink({
  key: 'p',
  read: (text) => {
    look.palette = text !== null && NAME.test(text) ? text : null;
    return text === null || look.palette !== null;
  },
  write: () => look.palette,
});

function readRange(text: string | null): Range | null {
  const parts = (text ?? '').split(',');
  if (parts.length !== 2 || !parts.every((part) => NUMBER.test(part))) return null;
  const [low, high] = parts.map(Number) as [number, number];
  return low < high ? [low, high] : null;
}
