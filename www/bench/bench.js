// `./build.sh bench`: our models beside onnxruntime-web's and tract's in Chromium and in Firefox, the stages of an analysis, and
// finding a face beside MediaPipe Tasks. Writes the tables of docs/performance.md, and bench.json.
//
// Arguments: where the modules' glue lies, of the first module and of the general engine; the site; what the peers load; the
// command line; where to write bench.json.

import { execFileSync } from "node:child_process";
import { readFile, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { cpus } from "node:os";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { BROWSERS, inPage } from "./browsers.js";
import { tables } from "./report.js";
import { median } from "./statistics.js";

const [glue, general, site, peers, binary, out] = process.argv.slice(2);
const HERE = fileURLToPath(new URL(".", import.meta.url));
const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const ROUNDS = Number(process.env.ROUNDS ?? 60);

const FOLDERS = {
  "/bench/": HERE,
  "/models/": `${ROOT}models/dist/`,
  "/modules/onnx/": `${general}/onnx/`,
  "/modules/": `${glue}/`,
  "/ort/": `${HERE}node_modules/onnxruntime-web/dist/`,
  "/peers/": `${peers}/`,
  "/shine-skin/": `${site}/shine-skin/`,
  "/site/": `${site}/`,
  "/tasks/": `${HERE}node_modules/@mediapipe/tasks-vision/`,
};
const TYPES = { ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm", ".json": "application/json" };

/** Whether the models' host is cut off. */
let cutOff = false;

const server = createServer(async (request, response) => {
  // Where a page is isolated, browsers tell the time to a few microseconds.
  response.setHeader("cross-origin-opener-policy", "same-origin");
  response.setHeader("cross-origin-embedder-policy", "require-corp");
  // As files whose names hold their hash are served: a second visit has them.
  response.setHeader("cache-control", "max-age=3600");
  const path = decodeURIComponent(request.url.split("?")[0]);
  if (path === "/") return response.setHeader("content-type", "text/html").end("<!doctype html><title>bench</title>");
  if (cutOff && path.startsWith("/models/")) return request.socket.destroy();
  const folder = Object.keys(FOLDERS).find((folder) => path.startsWith(folder));
  try {
    if (!folder || path.includes("..")) throw new Error("no such folder");
    const bytes = await readFile(FOLDERS[folder] + path.slice(folder.length));
    response.setHeader("content-type", TYPES[extname(path)] ?? "application/octet-stream").end(bytes);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const address = `http://127.0.0.1:${server.address().port}/`;
const { chromium, firefox } = BROWSERS;
const run = async (open, module, name, ...args) => (await inPage(open, address, module, name, ...args)).answer;

/** The median of five browsers that have never been here. */
async function first(whose) {
  const times = [];
  for (let i = 0; i < 5; i++) times.push(await run(chromium, "analysis.js", "first", whose));
  return median(times);
}

/**
 * A first visit and a second one, whose models' host is cut off, each from a loaded page to its report; medians of five browsers. `network`
 * is what lies between, as Chromium imitates it.
 */
async function visits(network) {
  const times = { cold: [], warm: [] };
  for (let i = 0; i < 5; i++) {
    const browser = await chromium();
    try {
      const page = await browser.newPage();
      const devtools = await page.context().newCDPSession(page);
      await devtools.send("Network.enable");
      await devtools.send("Network.emulateNetworkConditions", { offline: false, ...network });
      for (const visit of ["cold", "warm"]) {
        cutOff = visit === "warm";
        await page.goto(address);
        times[visit].push(await page.evaluate(() => import("/bench/analysis.js").then((module) => module.first("ours"))));
      }
    } finally {
      cutOff = false;
      await browser.close();
    }
  }
  return { cold: median(times.cold), warm: median(times.warm) };
}

/** Medians of the stages on the command line, over many runs in one process. */
async function native() {
  const photo = `${peers}/portrait.png`;
  await writeFile(photo, Uint8Array.from(await run(chromium, "photos.js", "file", 910, 1137, "image/png")));
  const files = Array.from({ length: 40 }, () => photo);
  const lines = execFileSync(binary, ["analyze", "--models", `${ROOT}models/dist`, "--json", ...files], { maxBuffer: 1 << 28 });
  const timings = lines.toString().trim().split("\n").map((line) => JSON.parse(line).report.timings);
  return Object.fromEntries(Object.keys(timings[0]).map((stage) => [stage, median(timings.map((taken) => taken[stage]))]));
}

const result = { machine: cpus()[0].model, rounds: ROUNDS, browsers: [] };
for (const open of [chromium, firefox]) {
  const { answer, version } = await inPage(open, address, "page.js", "models", ROUNDS);
  result.browsers.push({ version, models: answer });
}
result.stages = await run(chromium, "analysis.js", "stages", 30);
result.tasks = await run(chromium, "analysis.js", "besideTasks", 60);
result.first = { ours: await first("ours"), theirs: await first("theirs") };
result.visits = {
  "this machine serving": await visits({ latency: 0, downloadThroughput: -1, uploadThroughput: -1 }),
  "10 Mbit/s, 50 ms": await visits({ latency: 50, downloadThroughput: 1.25e6, uploadThroughput: 1.25e6 }),
};
result.memory = {};
for (const how of ["decoded", "small", "jpeg"]) result.memory[how] = await run(chromium, "analysis.js", "memory", how);
result.native = await native();
server.close();

result.sizes = {};
for (const flavour of ["scalar", "simd", "relaxed"]) {
  // As `./build.sh size` measures it: Node's own gzip packs less.
  const file = `${glue}/${flavour}/shine_skin_${flavour}_bg.wasm`;
  result.sizes[flavour] = execFileSync("gzip", ["-9c", file], { maxBuffer: 1 << 28 }).length;
}
const manifest = JSON.parse(await readFile(`${ROOT}models/dist/manifest.json`));
const plans = Object.values(manifest.models).map(({ files }) => files.find(({ format }) => format === "plan"));
result.plans = 0;
for (const { url } of plans) result.plans += (await stat(`${ROOT}models/dist/${url}`)).size;
await writeFile(out, JSON.stringify(result, null, 2));

const report = tables(result);
console.log(report);
const doc = `${ROOT}docs/performance.md`;
const text = await readFile(doc, "utf8");
const marks = ["<!-- bench -->\n", "<!-- /bench -->"];
const [begin, end] = [text.indexOf(marks[0]) + marks[0].length, text.indexOf(marks[1])];
await writeFile(doc, `${text.slice(0, begin)}\n${report}\n${text.slice(end)}`);
