/** "My place": ask the device where it is, and take what lies there. */
import { places } from '../../lib/places/places.svelte.ts';
import { questions } from '../../lib/questions.svelte.ts';
import { stage } from '../../lib/stage.svelte.ts';

const PATIENCE_MS = 15_000;
const CLOSE = 15.5;

export function locate(): void {
  places.trouble = null;
  if (!('geolocation' in navigator)) {
    places.trouble = { kind: 'noPosition' };
    return;
  }
  places.busy = true;
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      const place: [number, number] = [coords.longitude, coords.latitude];
      if (stage.map) stage.map.camera = { zoom: CLOSE, lon: place[0], lat: place[1] };
      void questions.pick(place);
    },
    () => {
      places.busy = false;
      places.trouble = { kind: 'noPosition' };
    },
    { enableHighAccuracy: true, timeout: PATIENCE_MS, maximumAge: 60_000 },
  );
}
