import { Calls } from "./calls.js";
import { ShineSkinError } from "./error.js";
import { examine } from "./health.js";
import { ModelCache, tell } from "./host.js";
import { Counter } from "./metrics.js";
import { LATER, Models } from "./models.js";
import { basic, hand, reduced, upload, whole } from "./photos.js";
import { open } from "./pixels.js";
import { Policy } from "./policy.js";
import { detectionsOf, reportOf } from "./remote.js";
import { post } from "./server.js";
import { unlessAborted } from "./waiting.js";

/** What a call answers that has to wait for another's photo. */
const BUSY = Symbol("busy");

/** An analyzer of the thread that it is made in: models, policy, and what they are asked. */
export class LocalAnalyzer {
  #options;
  #instances;
  #flavour;
  #cache;
  #models;
  #policy;
  #calls;
  #counter = new Counter();
  /** Photos that wait in the module's memory for models, each until it is done. */
  #held = new Set();

  /** Of whole options; `general` loads the general engine. */
  constructor(options, { instances, flavour, endsEarly }, general) {
    this.#options = options;
    this.#instances = instances;
    this.#flavour = flavour;
    this.#calls = new Calls(options, this.#counter);
    this.#cache = new ModelCache(options.cache);
    const onProgress = (step) => {
      this.#counter.progressed(step);
      options.onProgress(step);
    };
    this.#models = new Models(options, instances, general, this.#cache, { onProgress, onEvent: options.onEvent }, endsEarly);
    this.#policy = new Policy(options, instances, (passed) => {
      this.#counter.passed(passed);
      tell(options.onEvent, { type: "fallback", ...passed });
    });
  }

  async preload(signal) {
    this.#needsModels("preload");
    await this.#call("preload", signal, async (waiting) => {
      await this.#models.whole(waiting);
      await unlessAborted(waiting, this.#cache.settled());
    });
  }

  /** `box` is of the face, where an earlier call found one alone on that image: a server is sent no more. */
  async detect(image, signal, box) {
    const look = (engine, source) => reduced(engine, source, (photo) => engine.detectReduced(photo)) ?? engine.detectPhoto(whole(engine, source));
    const ask = async (waiting) => {
      const { place, answer } = await this.#send("detect", image, box, waiting);
      return detectionsOf(answer, place);
    };
    return this.#call("detect", signal, async (waiting) => {
      const engines = { enhanced: (signal) => this.#enhanced(image, signal, look), server: ask };
      const { answer: detections } = await this.#policy.answer("detect", this.#options.engine, engines, waiting);
      return { detections };
    });
  }

  async detectForVideo(frame, timestampMs) {
    if (!Number.isFinite(timestampMs)) throw new ShineSkinError("invalid-options", `A timestamp can't be ${timestampMs}.`);
    const look = (engine, source) => {
      if (source.bytes) throw new ShineSkinError("invalid-options", "A frame of a video can't be an encoded file here.");
      return this.#track(engine, this.#models.tracker, source, timestampMs);
    };
    this.#needsModels("detectForVideo");
    // Frames go to no server, and what is down is not asked for with each of them.
    return this.#call("detectForVideo", undefined, async (waiting) => {
      const engines = { enhanced: (signal) => this.#enhanced(frame, signal, look) };
      return (await this.#policy.answer("detect", "enhanced", engines, waiting)).answer;
    });
  }

  #track(engine, tracker, source, timestampMs) {
    // Of pixels that can't be drawn all are here already.
    if (!source.draws) return { detections: engine.detectPhoto(whole(engine, source)), preview: null };
    const begin = (photo) => engine.beginTracking(tracker, photo);
    const part = engine.trackedPhoto(tracker, source.width, source.height, timestampMs);
    const followed = part ? engine.follow(tracker, hand(part, source)) : undefined;
    return followed ?? reduced(engine, source, begin) ?? begin(whole(engine, source));
  }

  /** `box` as of `detect`; `onPreview` is called with what a frame of a video would show, where the report waits for models. */
  async analyze(image, signal, box, onPreview) {
    const ask = async (waiting) => {
      const { place, width, height, answer } = await this.#send("analyze", image, box, waiting);
      return reportOf(answer, place, width, height);
    };
    const plain = (waiting) => this.#opened(image, waiting, (source) => this.#alone((glue) => basic(glue, source, this.#options.limits)));
    return this.#call("analyze", signal, async (waiting) => {
      const engines = { enhanced: (signal) => this.#examined(image, signal, onPreview), server: ask, basic: plain };
      const begun = performance.now();
      const { answer: report, passed } = await this.#policy.answer("analyze", this.#options.engine, engines, waiting);
      report.fallbacks = passed;
      this.#counter.reported(report, performance.now() - begun);
      return report;
    });
  }

  async health() {
    return { ...(await examine(this.#models, this.#instances, this.#options, this.#flavour)), thread: "own" };
  }

  metrics() {
    return { ...this.#counter.all(this.#instances.memory()), wasm: this.#flavour };
  }

  feedback(rating) {
    this.#calls.rated(rating);
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
    this.#models.close();
  }

  #needsModels(method) {
    const { engine } = this.#options;
    if (["auto", "enhanced"].includes(engine)) return;
    throw new ShineSkinError("invalid-options", `${method} needs models, which the engine "${engine}" has not.`);
  }

  /** A call that needs the analyzer open. */
  #call(method, signal, work) {
    return this.#calls.run(method, signal, (waiting) => {
      this.#models.checkOpen();
      return work(waiting);
    });
  }

  /** Has the models look at an image, which is opened while they come. */
  async #enhanced(image, waiting, look) {
    const ready = this.#models.ready(waiting);
    // Where the image can't be opened that is what is told.
    ready.catch(() => {});
    return this.#opened(image, waiting, async (source) => {
      await ready;
      for (;;) {
        const seen = await this.#models.do(waiting, (engine) => look(engine, source));
        if (seen !== BUSY) return seen;
        await unlessAborted(waiting, Promise.race(this.#held));
      }
    });
  }

  /** The report of an image: of its faces, and of their skin once the models are there that would be shown them. */
  async #examined(image, waiting, onPreview) {
    const begun = performance.now();
    const { report, look, early, instance, end } = await this.#enhanced(image, waiting, (engine, source) => {
      // Where photos are decoded by the module memory is scarce.
      if (this.#held.size > (source.draws ? 1 : 0)) return BUSY;
      const look = engine.lookPhoto(whole(engine, source));
      const early = engine.whole ? null : engine.early(look);
      return early ? { look, early, instance: this.#instances.current, end: this.#hold() } : { report: engine.measure(look) };
    });
    if (report) return report;
    // What was looked at lies in an instance, and is gone with it.
    const there = () => this.#instances.current === instance;
    let held = true;
    try {
      if (onPreview && this.#models.lacks) tell(onPreview, early);
      await this.#models.whole(waiting, Math.max(0, LATER + begun - performance.now()));
      const report = await this.#models.do(waiting, (engine) => {
        if (!there()) return null;
        held = false;
        return engine.measure(look);
      });
      if (report) return report;
    } finally {
      if (held && there()) look.free();
      end();
    }
    return this.#examined(image, waiting);
  }

  /** Counts a photo among those held until the function is called. */
  #hold() {
    let end;
    const held = new Promise((resolve) => (end = resolve));
    this.#held.add(held);
    return () => {
      this.#held.delete(held);
      end();
    };
  }

  /** Sends a server what it needs of an image. */
  async #send(what, image, box, waiting) {
    const face = box ? [box.originX, box.originY, box.width, box.height] : [];
    const { jpeg, ...place } = await this.#opened(image, waiting, (source) =>
      this.#alone((glue) => upload(glue, source, this.#options.limits, face)),
    );
    return { ...place, answer: await post(this.#options, what, jpeg, waiting) };
  }

  /** Opens an image and has `work` see it. */
  async #opened(image, waiting, work) {
    const { limits } = this.#options;
    const opening = open(image, limits, (bytes) => this.#alone((glue) => glue.checkHeader(bytes, limits.maxBytes, limits.maxPixels)));
    const source = await unlessAborted(waiting, opening).catch((fault) => {
      // What is opened for nobody is closed when it has been.
      opening.then((late) => late.close?.(), () => {});
      throw fault;
    });
    try {
      return await work(source);
    } finally {
      source.close?.();
    }
  }

  /** Has the module do something that needs no models. */
  async #alone(work) {
    await this.#instances.ready;
    const sentence = "The module stopped while it looked at this image, and begins anew with the next.";
    return this.#instances.run("internal", sentence, () => work(this.#instances.glue));
  }
}
