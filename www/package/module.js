import { ShineSkinError } from "./error.js";

// The smallest modules that use one instruction of each set:
// (func (param) (result v128) i32.const 0, i8x16.splat) and the same with i8x16.relaxed_swizzle.
const SIMD = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 15, 11];
const RELAXED = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 15, 1, 13, 0, 65, 1, 253, 15, 65, 2, 253, 15, 253,
  128, 2, 11,
];

/** The best flavour that this engine can run; `null` where it lacks SIMD. */
export function bestFlavour() {
  if (WebAssembly.validate(new Uint8Array(RELAXED))) return "relaxed";
  if (WebAssembly.validate(new Uint8Array(SIMD))) return "simd";
  return null;
}

let loading = null;

/** The glue of the module and its flavour: loaded once, and again only where that failed. */
export function loadModule(module) {
  loading ??= load(module).catch((fault) => {
    loading = null;
    throw ShineSkinError.from(fault);
  });
  return loading;
}

async function load(module) {
  if (module !== undefined) {
    // A module of the caller's own is the one that runs everywhere.
    const glue = await import("./shine_skin_simd.js");
    await glue.default({ module_or_path: module });
    return { glue, flavour: "custom" };
  }
  const flavour = bestFlavour();
  if (flavour === null) {
    throw new ShineSkinError("simd-unsupported", "This browser can't run WebAssembly SIMD, which the models need.");
  }
  // Two literal imports, so that bundlers see both.
  const glue = flavour === "relaxed" ? await import("./shine_skin_relaxed.js") : await import("./shine_skin_simd.js");
  await glue.default();
  return { glue, flavour };
}
