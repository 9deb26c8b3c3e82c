// What the module's store needs of this place: a cache, a clock, and whether somebody still waits.

/** The cache's name, and where its entries seem to lie: it wants addresses. */
const NAME = "shine-skin-1";
const PLACE = "https://shine-skin.invalid/";

/** Longest wait for the next bytes of a server, milliseconds. */
const STALL = 20_000;

/** What is not kept for longer yet, or can't be, for all analyzers of this place. */
const memory = new Map();

/** Settles once all is kept that waited until this thread was free. */
let keeping = Promise.resolve();

/** Who fetches what now, for all analyzers of this place: by key, when the last in the row will have ended. */
const turns = new Map();

/** Where models are kept: "persistent", "none", or the caller's own. What a cache refuses is kept in memory. */
export class ModelCache {
  /** Whether it was told already that it can't be used. */
  warned = false;
  #option;
  #opening = null;

  constructor(option) {
    this.#option = option;
  }

  /** The bytes under a key; `undefined` where there are none. */
  async get(key) {
    if (this.#option === "none") return undefined;
    if (memory.has(key)) return memory.get(key);
    const answer = await (await this.#open()).match(PLACE + key);
    return answer && new Uint8Array(await answer.arrayBuffer());
  }

  /** Has bytes where they can be had at once. */
  hold(key, bytes) {
    if (this.#option !== "none") memory.set(key, bytes);
  }

  /** Keeps bytes that are held; throws where that is all that can be done. */
  async put(key, bytes) {
    if (this.#option === "none") return;
    const headers = { "content-type": "application/octet-stream", "cache-control": "max-age=31536000, immutable" };
    await (await this.#open()).put(PLACE + key, new Response(bytes, { headers }));
    // Others may be held by now.
    if (memory.get(key) === bytes) memory.delete(key);
  }

  /** Waits until all is kept. */
  settled() {
    return keeping;
  }

  async delete(key) {
    if (this.#option === "none") return;
    memory.delete(key);
    await (await this.#open()).delete(PLACE + key);
  }

  /** What there is. */
  async info() {
    if (this.#option === "none") return { kind: "none", entries: 0, bytes: 0 };
    await keeping;
    let kind = this.#option === "persistent" ? "persistent" : "custom";
    let keys = [];
    try {
      keys = await this.#keys();
    } catch {
      kind = "memory";
    }
    if (!keys) return { kind, entries: null, bytes: null };
    const all = new Set([...keys, ...memory.keys()]);
    let bytes = 0;
    for (const key of all) bytes += (await this.get(key))?.byteLength ?? 0;
    return { kind, entries: all.size, bytes };
  }

  /** Whether all could be removed. */
  async clear() {
    if (this.#option === "none") return true;
    await keeping;
    memory.clear();
    let keys;
    try {
      keys = await this.#keys();
    } catch {
      // What can't be opened holds nothing.
      return true;
    }
    for (const key of keys ?? []) await this.delete(key);
    return keys !== null;
  }

  /** The keys of what is in it; `null` where this cache can't be listed. */
  async #keys() {
    const cache = await this.#open();
    if (!cache.keys) return null;
    const urls = (await cache.keys()).map((entry) => entry.url ?? String(entry));
    return urls.filter((url) => url.startsWith(PLACE)).map((url) => url.slice(PLACE.length));
  }

  /** Asked anew after a failure, which may pass. */
  #open() {
    if (this.#option !== "persistent") return this.#option;
    this.#opening ??= openPersistent().catch((fault) => {
      this.#opening = null;
      throw fault;
    });
    return this.#opening;
  }
}

async function openPersistent() {
  if (!globalThis.caches) throw new Error("This place has no cache; it is not a secure context.");
  return caches.open(NAME);
}

/** The host of one load, until `signal` aborts. */
export class Host {
  /** What this load has asked the cache, by key: it asks twice, and has to wait each time. */
  #asked = new Map();
  /** What is being kept, one after the other: a note of files is not there before they are. */
  #all = Promise.resolve();
  #begin = () => {};
  #later;
  #cache;
  #signal;
  #fetch;
  #listeners;

  /** `later`: what is put is kept after the load has ended. */
  constructor(cache, signal, fetch, listeners, later) {
    this.#cache = cache;
    this.#signal = signal;
    this.#fetch = fetch;
    this.#listeners = listeners;
    this.#later = later;
    if (later) this.#all = new Promise((begin) => (this.#begin = begin));
  }

  get(key) {
    if (!this.#asked.has(key)) this.#asked.set(key, this.#cache.get(key));
    return this.#asked.get(key);
  }

  /** Has bytes kept; other loads have them at once. */
  put(key, bytes) {
    this.#asked.delete(key);
    this.#cache.hold(key, bytes);
    const put = () => this.#cache.put(key, bytes);
    this.#all = this.#all.then(put).catch((fault) => this.happened("warning", "cache-unavailable", fault?.message ?? String(fault)));
  }

  /** Keeps all, and waits until it is. */
  #keep() {
    this.#begin();
    return this.#all;
  }

  /** Ends a load: all is kept when this settles, or, where that may be later, once this thread is free. */
  end() {
    if (!this.#later) return this.#all;
    // A cache takes bytes on the thread that a photo waits for.
    const all = new Promise((resolve) => setTimeout(() => resolve(this.#keep())));
    keeping = keeping.then(() => all);
  }

  /** What is to take its place is kept before. */
  async delete(key) {
    await this.#keep();
    this.#asked.delete(key);
    await this.#cache.delete(key);
  }

  /**
   * Waits until no other load fetches what has this key, though not for ever: an edge stops what a request has begun when its client leaves.
   * Answers with the function that lets the next one.
   */
  async turn(key) {
    const before = turns.get(key);
    let end, timer;
    const ended = new Promise((resolve) => (end = resolve));
    const mine = Promise.all([before, ended]);
    turns.set(key, mine);
    mine.then(() => turns.get(key) === mine && turns.delete(key));
    // Who no longer waits does not come to end it.
    this.#signal.addEventListener("abort", end, { once: true });
    await Promise.race([before, ended, new Promise((resolve) => (timer = setTimeout(resolve, STALL)))]);
    clearTimeout(timer);
    // It may be here by now.
    this.#asked.delete(key);
    return end;
  }

  /** Waits, unless nobody waits for it any longer. */
  pause(ms) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
    });
  }

  /** Throws where nobody waits any longer. */
  check() {
    this.#signal.throwIfAborted();
  }

  /** Asks for a manifest or a model. */
  async fetch(request) {
    // A browser's own is no method of ours.
    const fetch = this.#fetch;
    const response = await fetch(request);
    if (typeof response?.status !== "number" || typeof response.headers?.get !== "function") throw new TypeError("fetch resolved to no Response");
    return response;
  }

  /** Who aborts one request: after so many milliseconds, where they are said. */
  watch(most) {
    return new Watch(this.#signal, most);
  }

  /** A step of loading a file. */
  step(status, file, loaded, total, cached) {
    tell(this.#listeners.onProgress, status === "progress" ? { status, file, loaded, total, cached } : { status, file, total, cached });
  }

  /** All is loaded. */
  ready() {
    tell(this.#listeners.onProgress, { status: "ready" });
  }

  /** What went wrong and was got over. */
  happened(type, code, message) {
    if (type === "warning") {
      if (this.#cache.warned) return;
      this.#cache.warned = true;
    }
    tell(this.#listeners.onEvent, { type, code, message });
  }
}

/** Aborts a request that takes too long or stands still, that nobody waits for, and that has ended. */
class Watch {
  #controller = new AbortController();
  #all;
  #late;
  #still;
  #abort = () => this.end();

  constructor(signal, most) {
    this.#all = signal;
    signal.addEventListener("abort", this.#abort);
    if (most !== undefined) this.#late = this.#after(most);
    this.touch();
    if (signal.aborted) this.end();
  }

  get signal() {
    return this.#controller.signal;
  }

  touch() {
    clearTimeout(this.#still);
    this.#still = this.#after(STALL);
  }

  end() {
    clearTimeout(this.#still);
    clearTimeout(this.#late);
    this.#all.removeEventListener("abort", this.#abort);
    this.#controller.abort(this.#all.reason ?? new Error("It has ended."));
  }

  #after(ms) {
    return setTimeout(() => this.#controller.abort(new Error(`Nothing came for ${ms / 1000} seconds.`)), ms);
  }
}

/** Tells a listener: one that throws, at once or later, does not stop what it is told of. */
export function tell(listener, told) {
  try {
    listener(told)?.catch?.(() => {});
  } catch {
    // As above.
  }
}
