// `./build.sh bench`: our models beside onnxruntime-web's and tract's in one page of Chromium, and the stages of an analysis.
// Writes docs/performance.md and bench.json. Arguments: where the modules' glue lies, of the first module and of the general
// engine; the package; where to write bench.json.

import { readFile, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { cpus } from "node:os";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { launch } from "../tests/served.js";

const [glue, general, site, out] = process.argv.slice(2);
const HERE = fileURLToPath(new URL(".", import.meta.url));
const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PHOTOS = { "512 × 512": "/site/sample/astronaut.png" };
const ROUNDS = Number(process.env.ROUNDS ?? 60);

const FOLDERS = {
  "/bench/": HERE,
  "/models/": `${ROOT}models/dist/`,
  "/modules/onnx/": `${general}/onnx/`,
  "/modules/": `${glue}/`,
  "/ort/": `${HERE}node_modules/onnxruntime-web/dist/`,
  "/shine-skin/": `${site}/shine-skin/`,
  "/site/": `${site}/`,
};
const TYPES = { ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm", ".json": "application/json" };

const server = createServer(async (request, response) => {
  const path = decodeURIComponent(request.url.split("?")[0]);
  if (path === "/") return response.setHeader("content-type", "text/html").end("<!doctype html><title>bench</title>");
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

/** Milliseconds from navigation to the first report, in a browser that has never been here. */
async function cold() {
  const times = [];
  for (let i = 0; i < 5; i++) {
    const browser = await launch();
    const page = await browser.newPage();
    await page.goto(address);
    times.push(
      await page.evaluate(async () => {
        const begun = performance.now();
        const { SkinAnalyzer } = await import("/shine-skin/index.js");
        const blob = await (await fetch("/site/sample/astronaut.png")).blob();
        const analyzer = await SkinAnalyzer.createFromOptions({ modelBaseUrl: "/models" });
        await analyzer.analyze(blob);
        return performance.now() - begun;
      }),
    );
    await browser.close();
  }
  return times.sort((a, b) => a - b)[2];
}

const browser = await launch();
const page = await browser.newPage();
page.on("pageerror", (fault) => console.error(fault));
await page.goto(address);
const table = await page.evaluate(`import("/bench/page.js").then(({ models }) => models("/site/sample/astronaut.png", ${ROUNDS}))`);
const stages = {};
for (const [name, photo] of Object.entries(PHOTOS)) {
  stages[name] = await page.evaluate(`import("/bench/page.js").then(({ stages }) => stages("${photo}", 30))`);
}
const version = browser.version();
await browser.close();
const first = await cold();
server.close();

const sizes = {};
for (const flavour of ["scalar", "simd", "relaxed"]) {
  const bytes = await readFile(`${glue}/${flavour}/shine_skin_${flavour}_bg.wasm`);
  sizes[flavour] = gzipSync(bytes, { level: 9 }).length;
}
const manifest = JSON.parse(await readFile(`${ROOT}models/dist/manifest.json`));
const plans = Object.values(manifest.models).map(({ files }) => files.find(({ format }) => format === "plan"));
let models = 0;
for (const { url } of plans) models += (await stat(`${ROOT}models/dist/${url}`)).size;

const result = { browser: `Chromium ${version}`, machine: cpus()[0].model, rounds: ROUNDS, models: table, stages, cold: first, sizes, plans: models };
await writeFile(out, JSON.stringify(result, null, 2));

const ms = (value) => value.toFixed(2);
const lines = [];
for (const id of new Set(table.map(({ model }) => model))) {
  const rows = table.filter(({ model }) => model === id);
  const peer = rows.find(({ engine }) => engine === "onnxruntime-web").median;
  lines.push("", `${id}`, "", "| engine | median ms | beside onnxruntime-web | least ms | load ms | difference |", "|---|--:|--:|--:|--:|--:|");
  for (const { engine, median, least, load, difference } of rows) {
    lines.push(`| ${engine} | ${ms(median)} | ${(median / peer).toFixed(2)} × | ${ms(least)} | ${load.toFixed(0)} | ${difference.toExponential(0)} |`);
  }
}
lines.push("", "Stages of `analyze`, an ImageBitmap handed in, medians of 30, ms", "");
for (const [photo, found] of Object.entries(stages)) {
  lines.push(`| photo | ${Object.keys(found).join(" | ")} |`, `|---|${Object.keys(found).map(() => "--:").join("|")}|`);
  lines.push(`| ${photo} | ${Object.values(found).map((value) => value.toFixed(1)).join(" | ")} |`);
}
lines.push("", "| what | |", "|---|--:|");
lines.push(`| from navigation to the first report, empty cache, this machine serving | ${first.toFixed(0)} ms |`);
for (const [flavour, bytes] of Object.entries(sizes)) lines.push(`| first download, ${flavour}, wasm gzip | ${bytes} bytes |`);
lines.push(`| both plans | ${models} bytes |`);
const report = `${result.browser}, ${result.machine}, ${ROUNDS} rounds.\n${lines.join("\n")}\n`;
console.log(report);
const doc = `${ROOT}docs/performance.md`;
const text = await readFile(doc, "utf8");
const marks = ["<!-- bench -->\n", "<!-- /bench -->"];
const [begin, end] = [text.indexOf(marks[0]) + marks[0].length, text.indexOf(marks[1])];
await writeFile(doc, `${text.slice(0, begin)}\n${report}\n${text.slice(end)}`);
