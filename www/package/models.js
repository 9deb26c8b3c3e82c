import { ShineSkinError } from "./error.js";
import { Host, tell } from "./host.js";
import { REPLACED } from "./module.js";
import { unlessAborted } from "./waiting.js";

/** After so many milliseconds without a step a load is dead: a host ends a request that stands still long before. */
const DEAD = 30_000;

/** Longest wait for models that an analysis can be without, milliseconds; the next photo may have them. */
export const LATER = 8000;

/** After so many milliseconds those that did not come are asked for again; each time after twice as many, up to the second. */
const AGAIN = [60_000, 3_600_000];

/** The engine that has models: loaded once they are needed, and again where the module that held them stopped. */
export class Models {
  /** Why they could not be loaded the last time. */
  error = null;
  #options;
  #instances;
  #general;
  #cache;
  #listeners;
  /** Whether this place may end what goes on after an answer: what was loaded is kept before. */
  #endsEarly;
  #engine = null;
  /** The module's instance that it lies in. */
  #instance = 0;
  /** What is on its way: the engine, and what it can be without. */
  #loading = null;
  #filling = null;
  /** How one of those has stopped the module. */
  #spoilt = null;
  /** Where some did not come: why, when they are asked for again, and the pause until then. */
  #lost = null;
  #tracker = null;
  #closed = false;

  /** `general` loads the general engine. */
  constructor(options, instances, general, cache, listeners, endsEarly) {
    this.#options = options;
    this.#instances = instances;
    this.#general = general;
    this.#cache = cache;
    this.#listeners = listeners;
    this.#endsEarly = endsEarly;
  }

  get state() {
    return this.current() ? "loaded" : this.#loading ? "loading" : this.error ? "failed" : "not-loaded";
  }

  /** Whether the engine is without models that an analysis waits for. */
  get lacks() {
    return this.current() !== null && !this.#engine.whole && !this.#spoilt && !this.#lost;
  }

  /** Why it is without models that did not come. */
  get lost() {
    return this.#spoilt ?? this.#lost?.fault ?? null;
  }

  /** What follows a face from frame to frame. */
  get tracker() {
    return (this.#tracker ??= new this.#instances.glue.Tracker());
  }

  /** Has an engine do something; one that fails at it is not used again. */
  async do(waiting, work) {
    // Between its coming and here another call may have stopped it.
    do await this.ready(waiting);
    while (!this.current());
    const sentence = "The module stopped while it looked at this image, and begins anew with the next.";
    try {
      return this.#instances.run("internal", sentence, () => work(this.#engine));
    } catch (fault) {
      // The general engine may have stopped, with all that it had loaded.
      if (fault.code === "inference-failed") this.#drop();
      throw fault;
    }
  }

  /** The engine with its models: one load in flight however many ask; a failed one can be tried again. */
  async ready(waiting) {
    this.checkOpen();
    waiting.throwIfAborted();
    const engine = this.current();
    if (engine) return engine;
    // An edge ends what it began for a request whose client has left: what goes on would have been asked for since.
    if (this.#loading && performance.now() - this.#loading.alive > DEAD) this.#loading = null;
    this.#loading ??= shared((signal, loading) => this.#load(signal, loading), (ended) => this.#loading === ended && (this.#loading = null));
    return this.#wait(this.#loading, waiting, () => this.ready(waiting));
  }

  /** The same with the models that it can be without, where they come: within so many milliseconds. */
  async whole(waiting, mostMs = Infinity) {
    const engine = await this.ready(waiting);
    // Between its coming and here another call may have stopped it.
    if (this.current() !== engine) return this.whole(waiting, mostMs);
    if (engine.whole || this.#spoilt) return engine;
    const lost = this.#lost;
    if (lost && mostMs < Infinity && performance.now() < lost.again) return engine;
    if (this.#filling && performance.now() - this.#filling.alive > DEAD) this.#filling = null;
    this.#filling ??= shared((signal, loading) => this.#fill(engine, signal, loading), (ended) => this.#filling === ended && (this.#filling = null));
    const whole = this.#wait(this.#filling, waiting, () => this.whole(waiting, mostMs));
    if (mostMs === Infinity) return whole;
    // Who goes on without does not end what is on its way: a later photo has it.
    whole.catch(() => {});
    // What did not come before holds up nobody.
    if (lost) return engine;
    let timer;
    const late = new Promise((resolve) => (timer = setTimeout(resolve, mostMs, engine)));
    return Promise.race([whole, late]).finally(() => clearTimeout(timer));
  }

  /** Waits for what is on its way; `again` where another load has stopped the module. */
  async #wait(loading, waiting, again) {
    loading.callers += 1;
    try {
      return await unlessAborted(waiting, loading.engine);
    } catch (fault) {
      this.checkOpen();
      if (fault === REPLACED) return await again();
      throw fault;
    } finally {
      loading.callers -= 1;
      // On a slow line the models come for a later photo.
      if (loading.callers === 0 && !waiting.reason?.share) loading.stop();
    }
  }

  /** The engine, unless its instance has been stopped. */
  current() {
    if (this.#engine && this.#instance !== this.#instances.current) this.#drop();
    return this.#engine;
  }

  close() {
    this.#closed = true;
    for (const loading of [this.#loading, this.#filling]) loading?.stop();
    this.#drop();
  }

  checkOpen() {
    if (this.#closed) throw new ShineSkinError("closed", "The analyzer was closed.");
  }

  #drop() {
    this.#free(this.#instance, this.#engine, this.#tracker);
    this.#engine = this.#tracker = this.#lost = null;
  }

  /** Frees what lies in an instance, which is gone with it where that has been stopped: its places are another's then. */
  #free(instance, ...held) {
    if (instance === this.#instances.current) for (const each of held) each?.free();
  }


  async #load(signal, progress) {
    const instances = this.#instances;
    this.error = null;
    await instances.ready;
    const { current } = instances;
    const host = new Host(this.#cache, signal, this.#options.fetch, this.#listeners, !this.#endsEarly);
    const alone = (work) => instances.run("model-incompatible", "A model stopped the module.", work);
    let loading;
    try {
      loading = new instances.glue.Loading(this.#options, host, this.#general);
      const engine = await instances.finish((wake) => {
        progress.alive = performance.now();
        return alone(() => loading.poll(wake));
      });
      if (signal.aborted) {
        this.#free(current, engine);
        throw signal.reason;
      }
      this.#engine = engine;
      this.#instance = current;
    } catch (fault) {
      this.checkOpen();
      // That nobody waits any longer is no fault of the models.
      if (!signal.aborted && fault !== REPLACED) this.error = ShineSkinError.from(fault);
      throw ShineSkinError.from(fault);
    } finally {
      this.#free(current, loading);
      // Also what a release brought that does not work: it is not fetched at each start.
      await host.end();
    }
    // Meanwhile another call may have stopped it, or closed the analyzer.
    const engine = this.current();
    if (!engine) throw REPLACED;
    host.ready();
    return engine;
  }

  /** Loads what an engine can be without. */
  async #fill(engine, signal, progress) {
    const instances = this.#instances;
    const { current } = instances;
    // An edge may end this with the request that it is for.
    if (this.#lost) this.#lost.again = performance.now() + this.#lost.pause;
    let fault = null;
    const onEvent = (event) => {
      if (event.type === "recovered") fault = event;
      tell(this.#options.onEvent, event);
    };
    const host = new Host(this.#cache, signal, this.#options.fetch, { ...this.#listeners, onEvent }, !this.#endsEarly);
    const alone = (work) => instances.run("model-incompatible", "A model stopped the module.", work);
    let loading = instances.glue.Loading.later(engine, this.#options, host, this.#general);
    try {
      await instances.finish((wake) => {
        progress.alive = performance.now();
        try {
          return alone(() => loading.pollLater(wake));
        } catch (fault) {
          // One that stops the module would stop it again: from then on it is done without.
          this.#spoilt = fault;
          tell(this.#options.onEvent, { type: "recovered", code: fault.code, message: fault.message });
          throw REPLACED;
        }
      });
      signal.throwIfAborted();
      if (this.current() !== engine) throw REPLACED;
      const pause = Math.min(this.#lost ? 2 * this.#lost.pause : AGAIN[0], AGAIN[1]);
      engine.take(loading);
      loading = null;
      this.#lost = engine.whole ? null : { fault, again: performance.now() + pause, pause };
    } finally {
      this.#free(current, loading);
      await host.end();
    }
    host.ready();
    return engine;
  }
}

/** Something on its way for as long as anybody waits for it; who stops it stops what it fetches. */
function shared(begin, end) {
  const controller = new AbortController();
  const loading = { callers: 0, alive: performance.now(), ended: false };
  loading.stop = () => {
    if (!loading.ended) end(loading);
    loading.ended = true;
    controller.abort(new ShineSkinError("aborted", "Nobody waits for the models any longer."));
  };
  loading.engine = begin(controller.signal, loading).finally(loading.stop);
  // Whoever asks is told; that nobody does is no fault.
  loading.engine.catch(() => {});
  return loading;
}
