// For Vercel's edge runtime, and Next.js's, which compile what is imported in this way and nothing else.

import { packageFor } from "./analyzer.js";
import { onEdge } from "./edge.js";
import module from "./shine_skin_simd_bg.wasm?module";

export { ShineSkinError } from "./error.js";
export const { init, SkinAnalyzer } = packageFor(onEdge(module));
export default init;
