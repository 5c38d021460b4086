/// <reference lib="webworker" />
/**
 * Shows the last seen area when the connection is gone: the page itself, and the tiles and answers
 * that it used. What the portal can answer now always goes first, so nothing old is shown by mistake.
 */
export {};
declare const self: ServiceWorkerGlobalScope;
/** Files of this version of the page, put in by the build. */
declare const SHELL: { version: string; files: string[] };

const SHELL_CACHE = `shell-${SHELL.version}`;
const SEEN_CACHE = 'seen-1';
/** Most tiles and answers that are kept; about 20 MB of tiles. */
const MOST_SEEN = 600;
const TIDY_EVERY = 50;
/** Most addresses that the page may tell it used before we were there. */
const MOST_TOLD = 200;
/** When an answer was kept, in a header of its copy. */
const KEPT = 'x-landzicht-kept';

const TILE = /^\/tiles\/[^/]+\/[^/]+\/\d+\/\d+\/[^/]+$/;
const ANSWER =
  /^\/(api\/v1\/(status|collections|areas|basemaps)|tiles\/[^/]+\/(legend\.json|indices)$|stac\/collections\/[^/]+\/items$)/;
const isWanted = (path: string) => TILE.test(path) || ANSWER.test(path);

let count = 0;

self.addEventListener('install', (event) => {
  const requests = SHELL.files.map((file) => new Request(file, { cache: 'no-cache' }));
  event.waitUntil(
    caches
      .open(SHELL_CACHE)
      .then((cache) => cache.addAll(requests))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener('activate', (event) => {
  event.waitUntil(takeOver());
});

/** The page tells what it used before this worker was there. */
self.addEventListener('message', (event) => {
  const told: unknown = event.data;
  if (!Array.isArray(told)) return;
  const urls = told.filter((each): each is string => typeof each === 'string').slice(-MOST_TOLD);
  event.waitUntil(keepAll(urls));
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== self.location.origin) return;
  if (request.mode === 'navigate') {
    if (pathname === '/') event.respondWith(page(request));
  } else if (SHELL.files.includes(pathname)) {
    event.respondWith(shell(request, pathname));
  } else if (isWanted(pathname)) {
    event.respondWith(seen(event));
  }
});

async function takeOver(): Promise<void> {
  for (const name of await caches.keys()) {
    if (name.startsWith('shell-') && name !== SHELL_CACHE) await caches.delete(name);
  }
  await self.clients.claim();
}

/** The page: the portal's own one, so that an update is seen at once; else the kept one. */
async function page(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch {
    return (await caches.match('/', { cacheName: SHELL_CACHE, ignoreVary: true })) ?? Response.error();
  }
}

/** Names of files hold a hash of what is in them; those that do not are asked for first. */
async function shell(request: Request, path: string): Promise<Response> {
  const kept = await caches.match(path, { cacheName: SHELL_CACHE, ignoreVary: true });
  if (kept && path.startsWith('/assets/')) return kept;
  try {
    return await fetch(request);
  } catch {
    return kept ?? Response.error();
  }
}

/** What the portal answers now; else what it answered last. */
async function seen(event: FetchEvent): Promise<Response> {
  const { request } = event;
  try {
    const answer = await fetch(request);
    if (answer.status === 200) event.waitUntil(keep(request.url, answer.clone()));
    return answer;
  } catch (error) {
    if (request.signal.aborted) throw error;
    const kept = await caches.match(request.url, { cacheName: SEEN_CACHE, ignoreVary: true });
    await tell(event.clientId, kept?.headers.get(KEPT) ?? null);
    return kept ?? Response.error();
  }
}

/** Let the page know that the connection is gone, and from when its picture is. */
async function tell(id: string, kept: string | null): Promise<void> {
  const client = await self.clients.get(id);
  client?.postMessage({ offline: true, kept });
}

async function keepAll(urls: string[]): Promise<void> {
  for (const url of urls) {
    const { origin, pathname } = new URL(url, self.location.origin);
    if (origin !== self.location.origin || !isWanted(pathname)) continue;
    try {
      const answer = await fetch(url, { cache: 'force-cache' });
      if (answer.status === 200) await keep(url, answer);
    } catch {
      return; // offline already: what is kept is kept
    }
  }
}

async function keep(url: string, answer: Response): Promise<void> {
  const cache = await caches.open(SEEN_CACHE);
  const headers = new Headers(answer.headers);
  headers.set(KEPT, new Date().toISOString());
  // Put in anew, so that the order of the keys is that of use.
  await cache.delete(url, { ignoreVary: true });
  await cache.put(url, new Response(await answer.blob(), { headers }));
  count += 1;
  if (count % TIDY_EVERY === 0) await tidy(cache);
}

/** Forget what was kept longest ago, when there is too much. */
async function tidy(cache: Cache): Promise<void> {
  const kept = await cache.keys();
  for (const request of kept.slice(0, Math.max(0, kept.length - MOST_SEEN))) await cache.delete(request);
}
