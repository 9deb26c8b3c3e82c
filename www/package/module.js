import { ShineSkinError } from "./error.js";

// The smallest modules that use one instruction of each set:
// (func (param) (result v128) i32.const 0, i8x16.splat) and the same with i8x16.relaxed_swizzle.
const SIMD = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 15, 11];
const RELAXED = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 15, 1, 13, 0, 65, 1, 253, 15, 65, 2, 253, 15, 253,
  128, 2, 11,
];

/** Whether this engine can run a flavour. */
function runs(flavour) {
  const probe = { relaxed: RELAXED, simd: SIMD }[flavour];
  return !probe || WebAssembly.validate(new Uint8Array(probe));
}

/** What is loaded once, and again only where that failed. */
function once(load) {
  let loading = null;
  return () => {
    loading ??= load().catch((fault) => {
      loading = null;
      throw ShineSkinError.from(fault);
    });
    return loading;
  };
}

/** A module that is loaded, and which of its instances is in use: one that stops is replaced. */
class Instances {
  /** Counts them. */
  current = 0;
  /** Settles when the one in use can be used. */
  ready = Promise.resolve();
  #waiting = new Set();

  constructor(glue) {
    this.glue = glue;
  }

  /** Bytes of memory that it has. */
  memory() {
    return this.glue.memoryBytes();
  }

  /**
   * Does something in the module. Where that stops it (it reached what can't be, or the end of its stack), its memory is not to be trusted any
   * longer: another instance takes its place, without what was loaded, and the fault has `code` and the sentence.
   */
  run(code, sentence, work) {
    try {
      return work();
    } catch (fault) {
      if (!stops(fault)) throw fault;
      this.current += 1;
      this.ready = this.glue.replace();
      // Whoever needs it is told.
      this.ready.catch(() => {});
      // Who waits for the instance that is gone would wait for ever.
      for (const wake of this.#waiting) wake();
      throw new ShineSkinError(code, sentence, fault);
    }
  }

  /** Polls until there is something; throws `REPLACED` where another instance has come meanwhile. */
  async finish(poll) {
    const { current } = this;
    for (;;) {
      let wake;
      const awake = new Promise((resolve) => (wake = resolve));
      this.#waiting.add(wake);
      try {
        const found = poll(wake);
        if (found) return found;
        await awake;
      } finally {
        this.#waiting.delete(wake);
      }
      if (this.current !== current) throw REPLACED;
    }
  }
}

export const REPLACED = new ShineSkinError("internal", "The module was replaced meanwhile.");

/** A trap, or a stack that overflowed, which each engine calls by another name. */
function stops(fault) {
  const overflow = fault?.name === "InternalError" || (fault?.name === "RangeError" && /stack/i.test(fault.message));
  return fault?.name === "RuntimeError" || overflow;
}

/** Longest wait for the general engine, milliseconds. */
const GENERAL = 60_000;

/**
 * What there is of WebAssembly in a place: the first module, in the best flavour that runs here, and the general engine. A place has `flavours`, for
 * each a function that imports its glue, best first; `general`, the same for the general engine; `binary`, which has the file of a flavour, or of
 * "onnx", or its address, and throws where there is none; and `endsEarly`, where what goes on after the answer to a request may be ended.
 */
export class Modules {
  #place;

  /** `given` may have a `module` and a `general` engine of the caller's own. */
  constructor(place, given = {}) {
    this.#place = place;
    this.given = given;
  }

  /** Loads the module, of the caller's own where there is one; what is loaded stays. */
  async init(module, general) {
    this.given = { module: module ?? this.given.module, general: general ?? this.given.general };
    await this.load();
  }

  /** What was given, as it can be posted to a worker: addresses are this page's, and what has been read is fetched by the worker itself. */
  get posted() {
    const whole = (one) => (typeof one === "string" || one instanceof URL ? new URL(one, globalThis.document?.baseURI).href : one);
    const all = Object.entries(this.given).filter(([, one]) => !(typeof Response === "function" && one instanceof Response));
    return Object.fromEntries(all.map(([name, one]) => [name, whole(one)]));
  }

  /** The module and its flavour. */
  load = once(async () => {
    const { flavours, binary, endsEarly } = this.#place;
    const { module } = this.given;
    const there = Object.keys(flavours);
    // A module of the caller's own is the one that runs in most places.
    const flavour = module === undefined ? there.find(runs) : "custom";
    if (!flavour) throw new ShineSkinError("simd-unsupported", `This place can't run WebAssembly with ${there.join(" or ")}.`);
    const from = module ?? (await binary(flavour));
    // On its way while the glue comes.
    const fetched = from instanceof URL ? fetch(from) : from;
    fetched.catch?.(() => {});
    const glue = await (flavours[flavour] ?? flavours.simd)();
    await glue.default({ module_or_path: fetched });
    return { instances: new Instances(glue), flavour, endsEarly };
  });

  /** The general engine, a module of its own: it loads networks, and they run. */
  general = async () => {
    const instances = await this.#fetchGeneral();
    await instances.ready;
    const alone = (work) => instances.run("model-incompatible", "The model stopped the general engine.", work);
    return {
      load(...file) {
        const { current } = instances;
        const network = alone(() => instances.glue.Network.load(...file));
        return {
          run(...tensor) {
            if (instances.current !== current) throw new ShineSkinError("inference-failed", "The general engine has been stopped.");
            return alone(() => network.run(...tensor));
          },
        };
      },
    };
  };

  #fetchGeneral = once(async () => {
    if (!runs("simd")) throw new ShineSkinError("simd-unsupported", "This browser can't run WebAssembly SIMD, which a model without a plan needs.");
    let timer;
    const late = new Promise((_, reject) => (timer = setTimeout(() => reject(new Error("it takes too long")), GENERAL)));
    const fetched = this.#importGeneral();
    try {
      return new Instances(await Promise.race([fetched, late]));
    } catch (fault) {
      throw new ShineSkinError("model-fetch", `The general engine can't be loaded: ${fault.message}`, fault);
    } finally {
      clearTimeout(timer);
    }
  });

  async #importGeneral() {
    const { general, binary } = this.#place;
    const from = this.given.general ?? (await binary("onnx"));
    const glue = await general();
    await glue.default({ module_or_path: from });
    return glue;
  }
}
