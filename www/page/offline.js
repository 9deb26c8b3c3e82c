// The service worker: what this page is made of is kept, and shown where the network is down. Models are not its business: the package keeps them.

const NAME = "shine-skin-page";

/** Keeps a file; one that can't be kept is fetched again the next time. */
async function keep(request, response) {
  const cache = await caches.open(NAME);
  await cache.put(request, response);
}

/** All files of the page, but for the modules: which of them runs here the page says once it knows. */
async function first() {
  const files = await (await fetch("files.json", { cache: "no-store" })).json();
  const cache = await caches.open(NAME);
  await cache.addAll(files);
  // Parts of an earlier package have names that nobody asks for any longer.
  const listed = new Set(files.map((file) => new URL(file, location).href));
  const stale = (await cache.keys()).filter(({ url }) => /\/shared-[^/]*\.js$/.test(url) && !listed.has(url));
  await Promise.all(stale.map((request) => cache.delete(request)));
}

addEventListener("install", (event) => event.waitUntil(first().then(() => skipWaiting())));

addEventListener("activate", (event) => event.waitUntil(clients.claim()));

addEventListener("message", (event) => {
  const { module } = event.data;
  event.waitUntil(fetch(module).then((response) => response.ok && keep(module, response)));
});

/** The network's answer, kept aside; where there is none, what was kept. */
async function answer(event) {
  const { request } = event;
  try {
    const response = await fetch(request);
    // A full disk is no reason not to show what came.
    if (response.status === 200) event.waitUntil(keep(request, response.clone()).catch(() => {}));
    return response;
  } catch (fault) {
    const kept = await caches.match(request, { cacheName: NAME, ignoreSearch: true, ignoreVary: true });
    if (kept) return kept;
    throw fault;
  }
}

addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  const { origin, pathname } = new URL(url);
  const mine = method === "GET" && origin === location.origin && !/\/(models|v1|health|ready|metrics|api)(\/|$)/.test(pathname);
  if (mine) event.respondWith(answer(event));
});
