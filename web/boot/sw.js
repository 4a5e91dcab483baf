// Serves the app from its own store once it is there. Fixed list of files with their hashes, no
// network after installing, no messages: it cannot be used to send anything.

// [address, integrity] of every file, and a hash over the lot; scripts/page.mjs fills them in.
const FILES = "DRYDOCK_PRECACHE";
const STORE = `drydock ${self.registration.scope} DRYDOCK_VERSION`;

const address = (path) => new URL(path, self.registration.scope).href;
const ROOT = address("./");

async function store() {
  const cache = await caches.open(STORE);
  await Promise.all(
    FILES.map(async ([path, integrity]) => {
      // Names carry the hash of the contents, so the browser's own cache may answer; the page itself is asked for anew.
      const response = await fetch(address(path), { integrity, cache: path === "./" ? "no-cache" : "default" });
      if (!response.ok) throw new Error(`${path} answered ${response.status}`);
      await cache.put(address(path), response);
    }),
  );
  await self.skipWaiting();
}

async function takeOver() {
  for (const name of await caches.keys()) {
    if (name.startsWith(`drydock ${self.registration.scope} `) && name !== STORE) await caches.delete(name);
  }
  await self.clients.claim();
}

async function answer(url) {
  const cache = await caches.open(STORE);
  return (await cache.match(url)) ?? Response.error();
}

self.addEventListener("install", (event) => event.waitUntil(store()));
self.addEventListener("activate", (event) => event.waitUntil(takeOver()));
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  url.search = "";
  url.hash = "";
  const isPage = url.href === ROOT || url.href === address("index.html");
  // Other pages below the same address are none of ours.
  if (event.request.mode === "navigate") {
    if (isPage) event.respondWith(answer(ROOT));
  } else {
    event.respondWith(answer(url.href));
  }
});
