import { ShineSkinError } from "./error.js";
import { Host, ModelCache } from "./host.js";
import { loadGeneral, loadModule, REPLACED } from "./module.js";
import { LIMITS, open } from "./pixels.js";

export { ShineSkinError };

/** Loads the WebAssembly module. */
export default async function init(module) {
  await loadModule(module);
}

const DEFAULTS = {
  modelBaseUrl: "models",
  channel: "stable",
  engine: "auto",
  cache: "persistent",
  manifestPublicKey: undefined,
  signal: undefined,
  splitKey: undefined,
  flags: {},
  timeoutMs: 120_000,
  minDetectionConfidence: 0.5,
  maxFaces: 1,
  limits: {},
  onProgress: () => {},
  onEvent: () => {},
};

/** Finds faces and measures their skin on this device. */
export class SkinAnalyzer {
  #options;
  #instances;
  #flavour;
  #cache;
  #engine = null;
  /** The module's instance that it lies in. */
  #instance = 0;
  #loading = null;
  #error = null;
  #tracker = null;
  #closed = false;

  constructor(options, module) {
    this.#options = options;
    this.#instances = module.instances;
    this.#flavour = module.flavour;
    this.#cache = new ModelCache(options.cache);
  }

  static async createFromOptions(options = {}) {
    return new SkinAnalyzer(complete(options), await loadModule());
  }

  async preload({ signal } = {}) {
    await this.#inTime(signal, (waiting) => this.#ready(waiting));
  }

  async detect(image, { signal } = {}) {
    const detections = await this.#run(image, signal, (engine, source) => {
      if (source.bytes) return engine.detectBytes(source.bytes);
      return reduced(engine, source, (photo) => engine.detectReduced(photo)) ?? engine.detectPhoto(whole(engine, source));
    });
    return { detections };
  }

  async detectForVideo(frame, timestampMs) {
    if (!Number.isFinite(timestampMs)) throw new ShineSkinError("invalid-options", `A timestamp can't be ${timestampMs}.`);
    const detections = await this.#run(frame, undefined, (engine, source) => {
      if (source.bytes) throw new ShineSkinError("invalid-options", "A frame of a video can't be an encoded file here.");
      // Of pixels that can't be drawn all are here already.
      if (!source.draws) return engine.detectPhoto(whole(engine, source));
      const tracker = (this.#tracker ??= new this.#instances.glue.Tracker());
      const begin = (photo) => engine.beginTracking(tracker, photo);
      const part = engine.trackedPhoto(tracker, source.width, source.height, timestampMs);
      const followed = part ? engine.follow(tracker, hand(part, source)) : undefined;
      return followed ?? reduced(engine, source, begin) ?? begin(whole(engine, source));
    });
    return { detections };
  }

  async analyze(image, { signal } = {}) {
    return this.#run(image, signal, (engine, source) => {
      if (source.bytes) return engine.analyzeBytes(source.bytes);
      return engine.analyzePhoto(whole(engine, source));
    });
  }

  async health() {
    const models = this.#current() ? "loaded" : this.#loading ? "loading" : this.#error ? "failed" : "not-loaded";
    return {
      status: { loaded: "healthy", failed: "unhealthy" }[models] ?? "degraded",
      wasm: this.#flavour,
      models,
      error: this.#error && { code: this.#error.code, message: this.#error.message },
    };
  }

  async cacheInfo() {
    return this.#cache.info();
  }

  async clearCache() {
    if (!(await this.#cache.clear())) {
      throw new ShineSkinError("invalid-options", "This cache has no keys(), so that not all of it can be removed.");
    }
  }

  close() {
    this.#closed = true;
    this.#loading?.stop();
    this.#drop();
  }

  /** Opens an image and has `work` see it. */
  async #run(image, signal, work) {
    return this.#inTime(signal, async (waiting) => {
      await this.#ready(waiting);
      const opening = open(image, this.#options.limits, (bytes) => this.#do(waiting, (engine) => engine.checkHeader(bytes)));
      const source = await unlessAborted(waiting, opening).catch((fault) => {
        // What is opened for nobody is closed when it has been.
        opening.then((late) => late.close?.(), () => {});
        throw fault;
      });
      try {
        return await this.#do(waiting, (engine) => work(engine, source));
      } finally {
        source.close?.();
      }
    });
  }

  /** Has an engine do something; one that fails at it is not used again. */
  async #do(waiting, work) {
    await this.#ready(waiting);
    // Between its coming and here another call may have stopped it.
    while (!this.#current()) await this.#ready(waiting);
    const sentence = "The module stopped while it looked at this image, and begins anew with the next.";
    try {
      return this.#instances.run("internal", sentence, () => work(this.#engine));
    } catch (fault) {
      // The general engine may have stopped, with all that it had loaded.
      if (fault.code === "inference-failed") this.#drop();
      throw fault;
    }
  }

  /** Has `work` done before the caller gives up or the time is over, which its argument tells. */
  async #inTime(signal, work) {
    const controller = new AbortController();
    const { timeoutMs, signal: always } = this.#options;
    checkSignal(signal);
    const signals = [signal, always].filter(Boolean);
    const abort = () => {
      const { reason } = signals.find(({ aborted }) => aborted);
      controller.abort(new ShineSkinError("aborted", "The caller aborted.", reason));
    };
    const late = () => controller.abort(new ShineSkinError("timeout", `It took longer than ${timeoutMs} ms.`));
    const timer = setTimeout(late, timeoutMs);
    for (const each of signals) each.addEventListener("abort", abort);
    if (signals.some(({ aborted }) => aborted)) abort();
    try {
      return await work(controller.signal);
    } catch (fault) {
      throw ShineSkinError.from(fault);
    } finally {
      clearTimeout(timer);
      for (const each of signals) each.removeEventListener("abort", abort);
    }
  }

  /** The engine with its models: one load in flight however many ask; a failed one can be tried again. */
  async #ready(waiting) {
    this.#checkOpen();
    waiting.throwIfAborted();
    const engine = this.#current();
    if (engine) return engine;
    const loading = (this.#loading ??= this.#begin());
    loading.callers += 1;
    try {
      return await unlessAborted(waiting, loading.engine);
    } catch (fault) {
      // Another load has stopped the module.
      if (fault === REPLACED) return await this.#ready(waiting);
      throw fault;
    } finally {
      loading.callers -= 1;
      if (loading.callers === 0) loading.stop();
    }
  }

  /** The engine, unless its instance has been stopped. */
  #current() {
    if (this.#engine && this.#instance !== this.#instances.current) this.#drop();
    return this.#engine;
  }

  #drop() {
    this.#free(this.#instance, this.#engine, this.#tracker);
    this.#engine = this.#tracker = null;
  }

  /** Frees what lies in an instance, which is gone with it where that has been stopped: its places are another's then. */
  #free(instance, ...held) {
    if (instance === this.#instances.current) for (const each of held) each?.free();
  }

  /** A load; who stops it stops what it fetches. */
  #begin() {
    const controller = new AbortController();
    const loading = { callers: 0 };
    loading.stop = () => {
      if (this.#loading === loading) this.#loading = null;
      controller.abort(new ShineSkinError("aborted", "Nobody waits for the models any longer."));
    };
    loading.engine = this.#load(controller.signal).finally(loading.stop);
    // Whoever asks is told; that nobody does is no fault.
    loading.engine.catch(() => {});
    return loading;
  }

  async #load(signal) {
    const { onProgress, onEvent } = this.#options;
    const instances = this.#instances;
    this.#error = null;
    await instances.ready;
    const { current } = instances;
    const host = new Host(this.#cache, signal, { onProgress, onEvent });
    const alone = (work) => instances.run("model-incompatible", "A model stopped the module.", work);
    let loading;
    try {
      // What is not plain the module asks the host for.
      const { cache: _cache, signal: _signal, ...plain } = this.#options;
      loading = new instances.glue.Loading(JSON.stringify(plain), host, loadGeneral);
      const engine = await instances.finish((wake) => alone(() => loading.poll(wake)));
      if (signal.aborted) {
        this.#free(current, engine);
        throw signal.reason;
      }
      this.#engine = engine;
      this.#instance = current;
    } catch (fault) {
      this.#checkOpen();
      // That nobody waits any longer is no fault of the models.
      if (!signal.aborted && fault !== REPLACED) this.#error = ShineSkinError.from(fault);
      throw ShineSkinError.from(fault);
    } finally {
      this.#free(current, loading);
    }
    host.ready();
    return this.#engine;
  }

  #checkOpen() {
    if (this.#closed) throw new ShineSkinError("closed", "The analyzer was closed.");
  }
}

/** What `look` finds in a source that is drawn smaller; nothing where it can't be, or where that does not suffice. */
function reduced(engine, source, look) {
  const photo = source.draws && engine.reducedPhoto(source.width, source.height);
  return photo ? look(hand(photo, source)) : undefined;
}

/** All pixels of a source, which is not needed any longer. */
function whole(engine, source) {
  const rows = source.read();
  source.close();
  return fill(engine.photo(source.width, source.height), rows);
}

/** Draws what a photo in the module's memory has to show. */
function hand(photo, source) {
  let rows;
  try {
    rows = source.read(photo.place);
  } catch (fault) {
    give(photo);
    throw fault;
  }
  return fill(photo, rows);
}

/** Fills a photo in the module's memory, some rows at a time. */
function fill(photo, bands) {
  try {
    for (const rows of bands) photo.push(rows);
  } catch (fault) {
    give(photo);
    throw fault;
  }
  return photo;
}

/** Frees a photo that is not filled; where filling it stopped the module there is nothing to be freed. */
function give(photo) {
  try {
    photo.free();
  } catch {
    // As above.
  }
}

/** Waits for a promise, or for the signal; what was begun for others as well goes on. */
async function unlessAborted(signal, promise) {
  let onAbort;
  const abort = new Promise((_, reject) => {
    signal.addEventListener("abort", (onAbort = () => reject(signal.reason)));
    if (signal.aborted) onAbort();
  });
  try {
    return await Promise.race([promise, abort]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

function checkSignal(signal) {
  if (signal == null || typeof signal.addEventListener === "function") return;
  throw new ShineSkinError("invalid-options", `A signal can't be ${String(signal)}.`);
}

/** An address as it is everywhere: what is kept of two pages of one origin is told apart by it. */
function absolute(url) {
  const here = globalThis.document?.baseURI ?? globalThis.location?.href;
  try {
    return new URL(url, here).href;
  } catch {
    throw new ShineSkinError("invalid-options", `The option modelBaseUrl has to be a whole address here, and is ${url}.`);
  }
}

/** The options with their defaults; what no option can be is refused by name. */
function complete(options) {
  for (const name of Object.keys(options)) {
    if (!(name in DEFAULTS)) throw new ShineSkinError("invalid-options", `There is no option ${name}.`);
  }
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const all = { ...DEFAULTS, ...given };
  const checks = {
    modelBaseUrl: typeof all.modelBaseUrl === "string",
    channel: typeof all.channel === "string",
    engine: ["auto", "enhanced"].includes(all.engine),
    cache: ["persistent", "none"].includes(all.cache) || ["match", "put", "delete"].every((verb) => all.cache?.[verb]),
    manifestPublicKey: ["string", "undefined"].includes(typeof all.manifestPublicKey),
    splitKey: ["string", "undefined"].includes(typeof all.splitKey),
    flags: typeof all.flags === "object" && Object.values(all.flags ?? { none: 0 }).every((on) => typeof on === "boolean"),
    timeoutMs: all.timeoutMs > 0 && all.timeoutMs < 2 ** 31,
    minDetectionConfidence: all.minDetectionConfidence >= 0 && all.minDetectionConfidence <= 1,
    maxFaces: Number.isInteger(all.maxFaces) && all.maxFaces >= 1 && all.maxFaces <= 64,
    onProgress: typeof all.onProgress === "function",
    onEvent: typeof all.onEvent === "function",
  };
  for (const [name, ok] of Object.entries(checks)) {
    if (!ok) throw new ShineSkinError("invalid-options", `The option ${name} can't be ${String(all[name])}.`);
  }
  checkSignal(all.signal);
  return { ...all, modelBaseUrl: absolute(all.modelBaseUrl), limits: { ...LIMITS, ...all.limits } };
}
