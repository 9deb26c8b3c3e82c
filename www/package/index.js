import { ShineSkinError } from "./error.js";
import { loadGeneral, loadModule } from "./module.js";
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
  minDetectionConfidence: 0.5,
  maxFaces: 1,
  limits: {},
  onProgress: () => {},
};

/** Finds faces and measures their skin on this device. */
export class SkinAnalyzer {
  #options;
  #module;
  #engine = null;
  #loading = null;
  #error = null;
  #tracker = null;
  #closed = false;

  constructor(options, module) {
    this.#options = options;
    this.#module = module;
  }

  static async createFromOptions(options = {}) {
    return new SkinAnalyzer(complete(options), await loadModule());
  }

  async preload() {
    await this.#ready();
  }

  async detect(image) {
    const detections = await this.#run(image, undefined, (engine, source) => {
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
    const models = this.#engine ? "loaded" : this.#loading ? "loading" : this.#error ? "failed" : "not-loaded";
    return {
      status: { loaded: "healthy", failed: "unhealthy" }[models] ?? "degraded",
      wasm: this.#module.flavour,
      models,
      error: this.#error && { code: this.#error.code, message: this.#error.message },
    };
  }

  close() {
    this.#closed = true;
    this.#engine?.free();
    this.#tracker?.free();
    this.#engine = this.#tracker = null;
  }

  /** Opens an image and has `work` see it. */
  async #run(image, signal, work) {
    try {
      const engine = await unlessAborted(signal, () => this.#ready());
      const check = (bytes) => engine.checkHeader(bytes);
      const opening = open(image, this.#options.limits, check);
      const source = await unlessAborted(signal, () => opening).catch((fault) => {
        // What is opened for nobody is closed when it has been.
        opening.then((late) => late.close?.(), () => {});
        throw fault;
      });
      try {
        this.#checkOpen();
        return work(engine, source);
      } finally {
        source.close?.();
      }
    } catch (fault) {
      throw ShineSkinError.from(fault);
    }
  }

  /** The engine with its models: one load in flight however many ask; a failed one can be tried again. */
  async #ready() {
    this.#checkOpen();
    if (this.#engine) return this.#engine;
    this.#loading ??= this.#load().finally(() => (this.#loading = null));
    return this.#loading;
  }

  async #load() {
    const { onProgress, engine: _, ...options } = this.#options;
    this.#error = null;
    try {
      const engine = await this.#module.glue.Engine.load(options, onProgress, loadGeneral);
      if (this.#closed) {
        engine.free();
        this.#checkOpen();
      }
      this.#engine = engine;
    } catch (fault) {
      this.#error = ShineSkinError.from(fault);
      throw this.#error;
    }
    try {
      onProgress({ status: "ready" });
    } catch {
      // A listener that throws does not undo what has loaded.
    }
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

/** Waits for what `begin` begins, or for the caller to abort; what was begun for others as well goes on. */
async function unlessAborted(signal, begin) {
  if (!signal) return begin();
  const aborted = () => new ShineSkinError("aborted", "The caller aborted.", signal.reason);
  if (signal.aborted) throw aborted();
  let onAbort;
  const abort = new Promise((_, reject) => signal.addEventListener("abort", (onAbort = () => reject(aborted()))));
  try {
    return await Promise.race([begin(), abort]);
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
    minDetectionConfidence: all.minDetectionConfidence >= 0 && all.minDetectionConfidence <= 1,
    maxFaces: Number.isInteger(all.maxFaces) && all.maxFaces >= 1 && all.maxFaces <= 64,
    onProgress: typeof all.onProgress === "function",
  };
  for (const [name, ok] of Object.entries(checks)) {
    if (!ok) throw new ShineSkinError("invalid-options", `The option ${name} can't be ${String(all[name])}.`);
  }
  return { ...all, limits: { ...LIMITS, ...all.limits } };
}
