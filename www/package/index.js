// For browsers, their workers, and Deno.

import { packageFor } from "./analyzer.js";
import { BESIDE } from "./beside.js";

export { ShineSkinError } from "./error.js";
export const { init, SkinAnalyzer } = packageFor({
  ...BESIDE,
  startWorker: () => new Worker(new URL("./worker.js", import.meta.url), { type: "module" }),
});
export default init;
