/** A place where the WebAssembly files are fetched from beside their glue. Literal imports, so that bundlers see them all. */
export const BESIDE = {
  flavours: {
    relaxed: () => import("./shine_skin_relaxed.js"),
    simd: () => import("./shine_skin_simd.js"),
    scalar: () => import("./shine_skin_scalar.js"),
  },
  general: () => import("./shine_skin_onnx.js"),
};
