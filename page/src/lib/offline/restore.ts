/**
 * Opens the page offline where it was left: imported by whatever reads the address, so it goes first.
 *
 * An app on a home screen starts at `/`, which says nothing of the place that was last seen.
 */
const LAST = 'landzicht.last';

try {
  const last = localStorage.getItem(LAST);
  if (!navigator.onLine && !location.hash && last?.startsWith('#')) history.replaceState(null, '', last);
  addEventListener('pagehide', () => localStorage.setItem(LAST, location.hash));
} catch {
  // Storage is off: it starts as it always does.
}
