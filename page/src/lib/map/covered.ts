/** How much of the map the panels cover. */

/** Pixels from the edges of the map. */
export interface Covered {
  top: number;
  right: number;
  bottom: number;
  left: number;
}

const ZOOM_PX = 68;

/** What is covered of an element that fills the page, or its left or right half, measured. */
export function coveredOf(target: HTMLElement): Covered {
  const whole = target.getBoundingClientRect();
  const edge = (name: string) => {
    const box = document.querySelector(name)?.getBoundingClientRect();
    return box?.height ? box : undefined; // what is hidden covers nothing
  };
  const [aside, dates, top, header] = ['aside', '#dates', '.share', 'header'].map(edge);
  const isWide = (header?.width ?? 0) < window.innerWidth / 2;
  const lowest = Math.min(dates?.top ?? whole.bottom, isWide ? whole.bottom : (aside?.top ?? whole.bottom));
  return {
    top: top?.bottom ?? header?.bottom ?? 0,
    right: isWide ? Math.max(0, ZOOM_PX - (window.innerWidth - whole.right)) : 0,
    bottom: Math.max(0, whole.bottom - lowest),
    left: isWide ? Math.max(0, (header?.right ?? 0) - whole.left) : 0,
  };
}
