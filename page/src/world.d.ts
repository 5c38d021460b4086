declare module 'virtual:world' {
  import type { World } from './lib/map/world.ts';
  const world: World;
  export default world;
}
