import { Calls } from "./calls.js";
import { ShineSkinError } from "./error.js";
import { tell } from "./host.js";
import { Counter } from "./metrics.js";
import { posted } from "./posting.js";
import { unlessAborted } from "./waiting.js";

/** Longest wait for a worker to begin, with its module, milliseconds. */
const BEGINS = 60_000;

/** An analyzer in a worker of this package: images go there, answers come back, and the page's own thread stays free. */
export class ThreadedAnalyzer {
  #options;
  /** Begins a worker. */
  #start;
  /** The worker once it can be asked, or on its way. */
  #worker = null;
  /** Who waits for an answer, by its number. */
  #waiting = new Map();
  #next = 1;
  #counter = new Counter();
  #calls;
  /** What the worker last said of itself. */
  #theirs;
  #closed = false;

  /** Of whole options. Throws what keeps the worker from beginning. */
  static async start(options, startWorker, given) {
    const analyzer = new ThreadedAnalyzer(options, startWorker, given);
    await analyzer.#begun();
    return analyzer;
  }

  constructor(options, startWorker, given) {
    const { signal: _signal, fetch: _fetch, onProgress: _onProgress, onEvent: _onEvent, ...plain } = options;
    this.#options = options;
    this.#calls = new Calls(options, this.#counter);
    this.#start = () => {
      const worker = startWorker();
      try {
        worker.postMessage({ start: { options: plain, ...given } });
      } catch (fault) {
        worker.terminate();
        throw fault;
      }
      return worker;
    };
  }

  preload(signal) {
    return this.#call("preload", signal);
  }

  detect(image, signal, box) {
    return this.#call("detect", signal, image, box);
  }

  detectForVideo(frame, timestampMs) {
    return this.#call("detectForVideo", undefined, frame, timestampMs);
  }

  analyze(image, signal, box, onPreview) {
    return this.#call("analyze", signal, image, box, onPreview);
  }

  async health() {
    return { ...(await this.#ask("health")), thread: "worker" };
  }

  /** The calls are those of this thread. */
  metrics() {
    const { calls, errors, feedback } = this.#counter.all();
    return structuredClone({ ...this.#theirs, calls, errors, feedback });
  }

  feedback(rating) {
    this.#calls.rated(rating);
  }

  cacheInfo() {
    return this.#ask("cacheInfo");
  }

  clearCache() {
    return this.#ask("clearCache");
  }

  close() {
    this.#closed = true;
    this.#end(new ShineSkinError("closed", "The analyzer was closed."));
  }

  #call(method, signal, image, more, onPreview) {
    return this.#calls.run(method, signal, async (waiting) => {
      this.#checkOpen();
      const { sent, transfer } = image === undefined ? {} : await posted(image, this.#options.limits);
      return this.#ask(method, waiting, [sent, more, Boolean(onPreview)], transfer, onPreview);
    });
  }

  /** Has the worker's analyzer do something: its answer, unless `waiting` aborts. */
  async #ask(method, waiting, args = [], transfer = [], onPreview = undefined) {
    this.#checkOpen();
    const id = this.#next++;
    // It waits from here on: what ends the worker meanwhile is told to it as well.
    const answer = new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject, onPreview }));
    answer.catch(() => {});
    let worker;
    try {
      worker = await this.#begun();
      worker.postMessage({ id, method, args }, transfer);
      return await (waiting ? unlessAborted(waiting, answer) : answer);
    } catch (fault) {
      if (waiting?.aborted) worker?.postMessage({ abort: id });
      // What was not handed over is nobody's.
      for (const one of transfer) one.close?.();
      throw fault;
    } finally {
      this.#waiting.delete(id);
    }
  }

  /** The worker; another one where the last one stopped. */
  #begun() {
    this.#worker ??= this.#begin().catch((fault) => {
      this.#worker = null;
      throw fault;
    });
    return this.#worker;
  }

  async #begin() {
    const worker = this.#start();
    return new Promise((resolve, reject) => {
      const stopped = (event) => {
        clearTimeout(late);
        const fault = new ShineSkinError(event.code ?? "internal", event.message || "The worker can't be run.");
        worker.terminate();
        reject(fault);
        this.#end(fault);
      };
      // A script that hangs says nothing.
      const late = setTimeout(() => stopped({ message: "The worker does not begin." }), BEGINS);
      worker.addEventListener("error", stopped);
      worker.addEventListener("messageerror", stopped);
      worker.addEventListener("message", ({ data }) => {
        if (data.metrics) this.#theirs = data.metrics;
        if (data.started) return clearTimeout(late), resolve(worker);
        if (data.failed) return stopped(data.failed);
        this.#hear(data);
      });
    });
  }

  #hear({ id, answer, fault, preview, progress, event }) {
    if (progress) tell(this.#options.onProgress, progress);
    // Calls are counted here.
    if (event && event.type !== "call") tell(this.#options.onEvent, event);
    const waiting = this.#waiting.get(id);
    if (preview) tell(waiting?.onPreview, preview);
    else if (fault) waiting?.reject(new ShineSkinError(fault.code, fault.message));
    else waiting?.resolve(answer);
  }

  /** Ends the worker, and tells all who wait for it why. */
  #end(fault) {
    this.#worker?.then((worker) => worker.terminate(), () => {});
    this.#worker = null;
    for (const { reject } of this.#waiting.values()) reject(fault);
  }

  #checkOpen() {
    if (this.#closed) throw new ShineSkinError("closed", "The analyzer was closed.");
  }
}
