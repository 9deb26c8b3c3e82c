import { ShineSkinError } from "./error.js";
import { tell } from "./host.js";
import { LocalAnalyzer } from "./local.js";
import { Modules } from "./module.js";
import { complete } from "./options.js";
import { ThreadedAnalyzer } from "./threaded.js";

/** The package in a place: see `Modules`; `startWorker` begins the package's own worker, where there can be one. */
export function packageFor(place) {
  const modules = new Modules(place);

  /** Finds faces and measures their skin: on this device where it can, and says so where it can't. */
  class SkinAnalyzer {
    #analyzer;
    /** Where the face lies on images that were looked at. */
    #seen = new WeakMap();

    constructor(analyzer) {
      this.#analyzer = analyzer;
    }

    static async createFromOptions(options = {}) {
      const all = complete(options);
      if (all.worker && place.startWorker && typeof Worker === "function") {
        try {
          return new SkinAnalyzer(await ThreadedAnalyzer.start(all, place.startWorker, modules.posted));
        } catch ({ message }) {
          tell(all.onEvent, { type: "warning", code: "worker-unavailable", message });
        }
      }
      return new SkinAnalyzer(await localAnalyzer(all, modules));
    }

    preload({ signal } = {}) {
      return this.#analyzer.preload(signal);
    }

    async detect(image, { signal } = {}) {
      const { detections } = await this.#analyzer.detect(image, signal, this.#seen.get(image));
      // Of several faces a server is to say so.
      if (detections.length === 1 && stays(image)) this.#seen.set(image, detections[0].boundingBox);
      return { detections };
    }

    detectForVideo(frame, timestampMs) {
      return this.#analyzer.detectForVideo(frame, timestampMs);
    }

    analyze(image, { signal, onPreview } = {}) {
      return this.#analyzer.analyze(image, signal, this.#seen.get(image), onPreview);
    }

    health() {
      return this.#analyzer.health();
    }

    metrics() {
      return this.#analyzer.metrics();
    }

    feedback(rating) {
      if (!["up", "down"].includes(rating)) throw new ShineSkinError("invalid-options", `A rating is "up" or "down", not ${String(rating)}.`);
      this.#analyzer.feedback(rating);
    }

    cacheInfo() {
      return this.#analyzer.cacheInfo();
    }

    clearCache() {
      return this.#analyzer.clearCache();
    }

    close() {
      this.#analyzer.close();
    }
  }

  return { init: (module, general) => modules.init(module, general), SkinAnalyzer };
}

/** An analyzer of this thread. */
export async function localAnalyzer(options, modules) {
  return new LocalAnalyzer(options, await modules.load(), modules.general);
}

/** Whether an image shows the same for ever: a buffer may be filled anew. */
function stays(image) {
  return [globalThis.Blob, globalThis.ImageBitmap].some((kind) => kind && image instanceof kind);
}
