import { ShineSkinError } from "./error.js";

// The smallest modules that use one instruction of each set:
// (func (param) (result v128) i32.const 0, i8x16.splat) and the same with i8x16.relaxed_swizzle.
const SIMD = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 15, 11];
const RELAXED = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 15, 1, 13, 0, 65, 1, 253, 15, 65, 2, 253, 15, 253,
  128, 2, 11,
];

/** The best flavour that this engine can run. */
export function bestFlavour() {
  if (WebAssembly.validate(new Uint8Array(RELAXED))) return "relaxed";
  if (WebAssembly.validate(new Uint8Array(SIMD))) return "simd";
  return "scalar";
}

// Literal imports, so that bundlers see them all.
const FLAVOURS = {
  relaxed: () => import("./shine_skin_relaxed.js"),
  simd: () => import("./shine_skin_simd.js"),
  scalar: () => import("./shine_skin_scalar.js"),
};

/** What is loaded once, and again only where that failed. */
function once(load) {
  let loading = null;
  return (...given) => {
    loading ??= load(...given).catch((fault) => {
      loading = null;
      throw ShineSkinError.from(fault);
    });
    return loading;
  };
}

/**
 * Has a module do something. Where that stops it (it reached what can't be, or the end of its stack), its memory is not to be trusted any
 * longer: it is replaced by a new instance, without what was loaded, and the fault has `code` and the sentence.
 */
export function guarded(module, code, sentence, work) {
  try {
    return work();
  } catch (fault) {
    if (!stops(fault)) throw fault;
    module.instance += 1;
    module.glue.__wbg_reset_state();
    throw new ShineSkinError(code, sentence, fault);
  }
}

/** A trap, or a stack that overflowed, which each engine calls by another name. */
const stops = (fault) => ["RuntimeError", "RangeError", "InternalError"].includes(fault?.name);

/** The module: its glue, its flavour, and which instance it is at. */
export const loadModule = once(async (module) => {
  // A module of the caller's own is the one that runs in most places.
  const flavour = module === undefined ? bestFlavour() : "custom";
  const glue = await (FLAVOURS[flavour] ?? FLAVOURS.simd)();
  await (module === undefined ? glue.default() : glue.default({ module_or_path: module }));
  return { glue, flavour, instance: 0 };
});

/** The general engine, a module of its own: it loads networks, and they run. */
export const loadGeneral = once(async () => {
  if (bestFlavour() === "scalar") {
    const message = "This browser can't run WebAssembly SIMD, which a model without a plan needs.";
    throw new ShineSkinError("simd-unsupported", message);
  }
  let glue;
  try {
    glue = await import("./shine_skin_onnx.js");
    await glue.default();
  } catch (fault) {
    throw new ShineSkinError("model-fetch", `The general engine can't be loaded: ${fault.message}`, fault);
  }
  const module = { glue, instance: 0 };
  const alone = (work) => guarded(module, "model-incompatible", "The model stopped the general engine.", work);
  return {
    load(...file) {
      const network = alone(() => glue.Network.load(...file));
      return { run: (...tensor) => alone(() => network.run(...tensor)) };
    },
  };
});
