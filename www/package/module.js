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

/** The glue of the module and its flavour. */
export const loadModule = once(async (module) => {
  // A module of the caller's own is the one that runs in most places.
  const flavour = module === undefined ? bestFlavour() : "custom";
  const glue = await (FLAVOURS[flavour] ?? FLAVOURS.simd)();
  await (module === undefined ? glue.default() : glue.default({ module_or_path: module }));
  return { glue, flavour };
});

/** The general engine, a module of its own: its class `Network`. */
export const loadGeneral = once(async () => {
  if (bestFlavour() === "scalar") {
    const message = "This browser can't run WebAssembly SIMD, which a model without a plan needs.";
    throw new ShineSkinError("simd-unsupported", message);
  }
  try {
    const glue = await import("./shine_skin_onnx.js");
    await glue.default();
    return glue.Network;
  } catch (fault) {
    throw new ShineSkinError("model-fetch", `The general engine can't be loaded: ${fault.message}`, fault);
  }
});
