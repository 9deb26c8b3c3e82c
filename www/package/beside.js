/** Literal addresses, so that bundlers see them all. */
const BINARIES = {
  relaxed: () => new URL("./shine_skin_relaxed_bg.wasm", import.meta.url),
  simd: () => new URL("./shine_skin_simd_bg.wasm", import.meta.url),
  scalar: () => new URL("./shine_skin_scalar_bg.wasm", import.meta.url),
  onnx: () => new URL("./shine_skin_onnx_bg.wasm", import.meta.url),
};

/** A place where the WebAssembly files are fetched from beside this one. Literal imports, for the same reason. */
export const BESIDE = {
  flavours: {
    relaxed: () => import("./shine_skin_relaxed.js"),
    simd: () => import("./shine_skin_simd.js"),
    scalar: () => import("./shine_skin_scalar.js"),
  },
  general: () => import("./shine_skin_onnx.js"),
  binary: (name) => BINARIES[name](),
};
