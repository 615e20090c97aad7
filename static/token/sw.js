// Keeps the app's files, so that it opens without a network. The server fills in the two marks; a
// new version of any file makes a new worker, which takes the place of the old one at once.

const VERSION = '@VERSION@';
const FILES = '@FILES@'.split(' ');
const PREFIX = 'token-app-';
const CACHE = PREFIX + VERSION;

self.addEventListener('install', (event) => {
  const requests = FILES.map((url) => new Request(url, { cache: 'no-cache' }));
  const kept = caches.open(CACHE).then((cache) => cache.addAll(requests));
  event.waitUntil(kept.then(() => self.skipWaiting()));
});

self.addEventListener('activate', (event) => {
  event.waitUntil(forgetOldVersions().then(() => self.clients.claim()));
});

async function forgetOldVersions() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
}

self.addEventListener('fetch', (event) => {
  const { pathname, origin } = new URL(event.request.url);
  const isOurs = event.request.method === 'GET' && origin === self.location.origin;
  if (isOurs && FILES.includes(pathname)) event.respondWith(fromCache(event.request));
});

async function fromCache(request) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request, { ignoreSearch: true, ignoreVary: true });
  return kept ?? fetch(request);
}
