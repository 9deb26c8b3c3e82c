import * as simd from "./shine_skin_simd.js";

/** A place at an edge, where `module` is what was compiled: one flavour, for each is a part of the script. */
export const onEdge = (module) => ({
  flavours: { simd: () => simd },
  general: () => import("./shine_skin_onnx.js"),
  endsEarly: true,
  binary(name) {
    if (name === "simd") return module;
    throw new Error("at the edge init() has to be given shine_skin_onnx_bg.wasm as well");
  },
});
