/** What the map shows now: the layer with the reader's own formula, colours and comparison in it. */
import type { Layer, View } from './api.ts';
import { compare } from './compare.svelte.ts';
import { look } from './look.svelte.ts';
import { portal } from './portal.svelte.ts';
import { WORDS } from './words/index.ts';

/** Of a formula of which nobody said what to show dark and light. */
export const NO_RANGE: [number, number] = [-1, 1];
const OWN = { nl: WORDS.nl.ownFormula, en: WORDS.en.ownFormula };
const CHANGE = {
  low: { nl: WORDS.nl.less, en: WORDS.en.less },
  high: { nl: WORDS.nl.more, en: WORDS.en.more },
};

class Shown {
  /** True when the formula cannot be computed here, so that the layer itself is shown. */
  isRefused = $state(false);

  /** The layer as it is shown; its `rescale` and `colormap` are those on the map. */
  layer = $derived.by<Layer | null>(() => {
    const { layer } = portal;
    if (!layer) return null;
    const own = look.formula && !this.isRefused ? ownLayer(layer, look.formula) : layer;
    const range = look.range ? [[...look.range] as [number, number]] : own.rescale;
    const isPainted = own.kind !== 'classes' && (look.range !== null || look.palette !== null);
    const painted = isPainted
      ? { ...own, rescale: range, colormap: look.palette ?? own.colormap }
      : own;
    return this.isDifference ? changeOf(painted) : painted;
  });

  /** Whether the map shows how one date differs from the other. */
  isDifference = $derived(
    compare.mode === 'difference' &&
      compare.date !== '' &&
      (look.formula !== '' || portal.layer?.kind === 'ramp'),
  );

  /** Whether the colours are made on this device, so that its values are here too. */
  isLocal = $derived((look.isChanged && !this.isRefused) || this.isDifference);

  /** What to ask the server for the same picture (not of a difference). */
  view = $derived.by<View | null>(() => {
    const { view } = portal;
    if (!view || this.isRefused) return view;
    return {
      ...view,
      ...(look.formula ? { expression: look.formula } : {}),
      ...(look.range ? { rescale: look.range } : look.formula ? { rescale: NO_RANGE } : {}),
      ...(look.palette ? { colormap: look.palette } : {}),
    };
  });
}

export const shown = new Shown();

function ownLayer(layer: Layer, formula: string): Layer {
  return {
    ...layer,
    name: 'formula',
    title: OWN,
    description: null,
    low: null,
    high: null,
    unit: null,
    kind: 'ramp',
    assets: [],
    expression: formula,
    rescale: [NO_RANGE],
    colormap: 'viridis',
    classes: [],
  };
}

function changeOf(layer: Layer): Layer {
  const [low, high] = layer.rescale[0] ?? NO_RANGE;
  const most = Math.abs(high - low) / 2;
  const title = {
    nl: `${WORDS.nl.difference}: ${layer.title.nl}`,
    en: `${WORDS.en.difference}: ${layer.title.en}`,
  };
  return { ...layer, ...CHANGE, title, description: null, rescale: [[-most, most]], colormap: 'prgn' };
}
