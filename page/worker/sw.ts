/// <reference lib="webworker" />
/**
 * Shows the last seen area when the connection is gone or too weak: the page itself, and the tiles and
 * answers that it used. What the portal can answer now goes first, so nothing old is shown by mistake;
 * when it takes too long, the kept copy is shown, and the page is told.
 */
export {};
declare const self: ServiceWorkerGlobalScope;
/** Files of this version of the page, put in by the build. */
declare const SHELL: { version: string; files: string[] };

const SHELL_CACHE = `shell-${SHELL.version}`;
const SEEN_CACHE = 'seen-1';
/** Most tiles and answers that are kept; about 20 MB of tiles. */
const MOST_SEEN = 600;
/** So long may an answer take of which a copy is kept. */
const PATIENCE_MS = 4000;
/** After one that took too long, the next get less for a while: a page asks for things in turn. */
const SHORT_MS = 500;
const WEAK_MS = 20_000;
/** Most addresses that the page may tell it used before we were there. */
const MOST_TOLD = 200;
/** When an answer was kept, in a header of its copy. */
const KEPT = 'x-landzicht-kept';

const TILE = /^\/tiles\/[^/]+\/[^/]+\/\d+\/\d+\/[^/]+$/;
const ANSWER =
  /^\/(api\/v1\/(status|collections|areas|basemaps)|tiles\/[^/]+\/(legend\.json|indices)$|stac\/collections\/[^/]+\/items$)/;
const isWanted = (path: string) => TILE.test(path) || ANSWER.test(path);

let weakUntil = 0;
let tidying: Promise<void> | null = null;
let isUntidy = false;

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
  await tidy(await caches.open(SEEN_CACHE));
  await self.clients.claim();
}

/** The page: the portal's own one, so that an update is seen at once; else the kept one. */
async function page(request: Request): Promise<Response> {
  const asked = ask(request);
  const kept = await caches.match('/', { cacheName: SHELL_CACHE, ignoreVary: true });
  return (await inTime(asked, kept)) ?? kept ?? Response.error();
}

/** Names of files hold a hash of what is in them; those that do not are asked for first. */
async function shell(request: Request, path: string): Promise<Response> {
  const kept = await caches.match(path, { cacheName: SHELL_CACHE, ignoreVary: true });
  if (kept && path.startsWith('/assets/')) return kept;
  return (await inTime(ask(request), kept)) ?? kept ?? Response.error();
}

/** What the portal answers now; else what it answered last. */
async function seen(event: FetchEvent): Promise<Response> {
  const { request } = event;
  const asked = ask(request);
  const stored = asked.then((answer) =>
    answer?.status === 200 ? keep(request.url, answer.clone()) : undefined,
  );
  event.waitUntil(stored); // also what comes too late to be shown now
  const kept = await caches.match(request.url, { cacheName: SEEN_CACHE, ignoreVary: true });
  const answer = await inTime(asked, kept);
  if (answer) return answer;
  if (request.signal.aborted) return Response.error();
  await tell(event.clientId, kept?.headers.get(KEPT) ?? null, Date.now() < weakUntil);
  return kept ?? Response.error();
}

/** What the portal answers; null when there is no connection. */
function ask(request: Request): Promise<Response | null> {
  return fetch(request).catch(() => null);
}

/** The answer, or null when it takes too long while something else can be shown. */
async function inTime(asked: Promise<Response | null>, kept?: Response): Promise<Response | null> {
  if (!kept) return asked;
  let timer = 0;
  const patience = Date.now() < weakUntil ? SHORT_MS : PATIENCE_MS;
  const late = new Promise<null>((done) => {
    timer = self.setTimeout(() => {
      weakUntil = Date.now() + WEAK_MS;
      done(null);
    }, patience);
  });
  const first = await Promise.race([asked, late]);
  clearTimeout(timer);
  return first;
}

/** Let the page know that the connection is gone or weak, and from when its picture is. */
async function tell(id: string, kept: string | null, weak: boolean): Promise<void> {
  const client = await self.clients.get(id);
  client?.postMessage({ offline: true, kept, weak });
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
  await tidyAfter(cache);
}

/** Tidy after each that was kept; of many at once the last time counts for all. */
function tidyAfter(cache: Cache): Promise<void> {
  isUntidy = true;
  tidying ??= (async () => {
    while (isUntidy) {
      isUntidy = false;
      await tidy(cache);
    }
  })().finally(() => (tidying = null));
  return tidying;
}

/** Forget what was kept longest ago, when there is too much. */
async function tidy(cache: Cache): Promise<void> {
  const kept = await cache.keys();
  for (const request of kept.slice(0, Math.max(0, kept.length - MOST_SEEN))) await cache.delete(request);
}
