// The package in workerd, the engine of an edge network.

import { readdirSync, readFileSync } from "node:fs";
import { Miniflare } from "miniflare";
import { ROOT, SITE } from "../served.js";

const WORKER = `${ROOT}www/tests/worker/worker.js`;
const PACKAGE = `${SITE}/shine-skin`;

/** A worker with nothing in its cache. */
export async function workerd() {
  const files = readdirSync(PACKAGE).filter((name) => (name.endsWith(".js") && name !== "edge-light.js") || name === "shine_skin_simd_bg.wasm");
  const modules = files.map((name) => ({
    type: name.endsWith(".wasm") ? "CompiledWasm" : "ESModule",
    path: `/shine-skin/${name}`,
    contents: readFileSync(`${PACKAGE}/${name}`),
  }));
  const flare = new Miniflare({
    host: "127.0.0.1",
    port: 0,
    cf: false,
    compatibilityDate: "2026-07-30",
    modulesRoot: "/",
    modules: [{ type: "ESModule", path: "/worker.js", contents: readFileSync(WORKER, "utf8") }, ...modules],
  });
  const address = await flare.ready;
  return {
    /** What the worker answers to a photo. */
    async analyze(photo, options, signal) {
      const headers = { "x-options": JSON.stringify(options) };
      return (await fetch(address, { method: "POST", headers, body: photo, signal })).json();
    },
    stop: () => flare.dispose(),
  };
}
