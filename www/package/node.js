// For Node and Bun, where files are read.

import { readFile } from "node:fs/promises";
import { packageFor } from "./analyzer.js";
import { BESIDE } from "./beside.js";

export { ShineSkinError } from "./error.js";
export const { init, SkinAnalyzer } = packageFor({
  ...BESIDE,
  // A script may end with its answer.
  endsEarly: true,
  binary: (name) => readFile(new URL(`./shine_skin_${name}_bg.wasm`, import.meta.url)),
});
export default init;
