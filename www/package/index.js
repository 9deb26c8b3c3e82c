import { ShineSkinError } from "./error.js";
import { finish, Host, ModelCache } from "./host.js";
import { guarded, loadGeneral, loadModule } from "./module.js";
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
  #module;
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
    this.#module = module;
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
      const tracker = (this.#tracker ??= new this.#module.glue.Tracker());
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
      wasm: this.#module.flavour,
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
      const check = async (bytes) => this.#guarded(await this.#ready(waiting), (engine) => engine.checkHeader(bytes));
      const opening = open(image, this.#options.limits, check);
      const source = await unlessAborted(waiting, opening).catch((fault) => {
        // What is opened for nobody is closed when it has been.
        opening.then((late) => late.close?.(), () => {});
        throw fault;
      });
      try {
        return this.#guarded(await this.#ready(waiting), (engine) => work(engine, source));
      } finally {
        source.close?.();
      }
    });
  }

  /** Has the engine do something; one that fails at it is not used again. */
  #guarded(engine, work) {
    const message = "The module stopped while it looked at this image, and begins anew with the next.";
    try {
      return guarded(this.#module, "internal", message, () => work(engine));
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
    } finally {
      loading.callers -= 1;
      if (loading.callers === 0) loading.stop();
    }
  }

  /** The engine, unless its instance has been stopped. */
  #current() {
    if (this.#engine && this.#instance !== this.#module.instance) this.#drop();
    return this.#engine;
  }

  #drop() {
    free(this.#engine);
    free(this.#tracker);
    this.#engine = this.#tracker = null;
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
    const { glue, instance } = this.#module;
    this.#error = null;
    const host = new Host(this.#cache, signal, { onProgress, onEvent });
    const alone = (work) => guarded(this.#module, "model-incompatible", "A model stopped the module.", work);
    let loading;
    try {
      loading = new glue.Loading(this.#options, host, loadGeneral);
      const engine = await finish((wake) => alone(() => loading.poll(wake)));
      if (this.#closed) engine.free();
      this.#checkOpen();
      this.#engine = engine;
      this.#instance = instance;
    } catch (fault) {
      this.#checkOpen();
      this.#error = ShineSkinError.from(fault);
      throw this.#error;
    } finally {
      free(loading);
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
    photo.free();
    throw fault;
  }
  return fill(photo, rows);
}

/** Fills a photo in the module's memory, some rows at a time. */
function fill(photo, bands) {
  try {
    for (const rows of bands) photo.push(rows);
  } catch (fault) {
    photo.free();
    throw fault;
  }
  return photo;
}

/** Frees what a module holds; what lay in an instance that was stopped is gone with it. */
function free(held) {
  try {
    held?.free();
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
    signal: all.signal === undefined || typeof all.signal?.addEventListener === "function",
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
  return { ...all, limits: { ...LIMITS, ...all.limits } };
}
