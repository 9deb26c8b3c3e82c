// For Cloudflare's workers, which compile what is imported and nothing else.

import { packageFor } from "./analyzer.js";
import { onEdge } from "./edge.js";
import module from "./shine_skin_simd_bg.wasm";

export { ShineSkinError } from "./error.js";
export const { init, SkinAnalyzer } = packageFor(onEdge(module));
export default init;
