/** What lies under the images, and how the map lies flat. */
import { keepInLink } from './link.ts';
import type { Flat } from './map/grids.ts';

const NAME = /^[A-Za-z0-9_-]{1,64}$/;

class Ground {
  flat = $state<Flat>('mercator');
  /** A base map of others under the images; null = only what the page has itself. */
  base = $state<string | null>(null);
  /** The set of registered areas that is drawn on the map; null = none. */
  areas = $state<string | null>(null);
}

export const ground = new Ground();

keepInLink({
  key: 'crs',
  read: (text) => {
    ground.flat = text === 'rd' ? 'rd' : 'mercator';
    return text === null || text === 'rd';
  },
  write: () => (ground.flat === 'rd' ? 'rd' : null),
});

keepInLink({
  key: 'base',
  read: (text) => {
    ground.base = text && NAME.test(text) ? text : null;
    return text === null || ground.base !== null;
  },
  write: () => ground.base,
});

keepInLink({
  key: 'g',
  read: (text) => {
    ground.areas = text && NAME.test(text) ? text : null;
    return text === null || ground.areas !== null;
  },
  write: () => ground.areas,
});
