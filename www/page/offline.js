// The service worker: what this page was made of is kept, and shown where the network is down. Models are not its business: the package keeps them.

const NAME = "shine-skin-page";

/** What a first visit needs to be repeated without a network; the flavour of the module that runs here comes with its use. */
const FIRST = ["./", "main.js", "style.css", "print.css", "app.webmanifest", "icon.svg"];

addEventListener("install", (event) => {
  event.waitUntil(caches.open(NAME).then((cache) => cache.addAll(FIRST)).then(() => skipWaiting()));
});

addEventListener("activate", (event) => event.waitUntil(clients.claim()));

/** The network's answer, kept; where there is none, what was kept. */
async function answer(request) {
  const cache = await caches.open(NAME);
  try {
    const response = await fetch(request);
    if (response.ok && response.status === 200) await cache.put(request, response.clone());
    return response;
  } catch (fault) {
    const kept = await cache.match(request, { ignoreSearch: true });
    if (kept) return kept;
    throw fault;
  }
}

addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  const { origin, pathname } = new URL(url);
  const mine = method === "GET" && origin === location.origin && !/\/(models|v1|health|ready|metrics|api)(\/|$)/.test(pathname);
  if (mine) event.respondWith(answer(event.request));
});
