// Which module a browser gets: the best flavour of the first that it can run, and the general engine only where a model
// has no plan.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, test } from "node:test";
import { ROOT, launch, serve } from "./served.js";

const TARGET = process.env.CARGO_TARGET_DIR ?? `${ROOT}target`;
let server, browser, usual;

before(async () => {
  server = await serve(8794);
  browser = await launch();
  usual = await visit();
});

after(async () => {
  await browser?.close();
  server?.stop();
});

/** Analyses the sample on a page that `prepare` has changed: its report, its health, and the WebAssembly fetched. */
async function visit(prepare = async () => {}) {
  const page = await browser.newPage();
  const modules = [];
  page.on("request", (request) => {
    const name = request.url().split("/").pop();
    if (name.endsWith(".wasm")) modules.push(name.replace("shine_skin_", "").replace("_bg.wasm", ""));
  });
  await prepare(page);
  // No page of ours, which would fetch the module for itself.
  await page.goto(`${server.url}health`);
  const found = await page.evaluate(async () => {
    const { SkinAnalyzer } = await import("/shine-skin/index.js");
    const blob = await (await fetch("/sample/astronaut.png")).blob();
    const analyzer = await SkinAnalyzer.createFromOptions({ engine: "enhanced", modelBaseUrl: "/models" });
    const report = await analyzer.analyze(blob).catch(({ code }) => ({ code }));
    return { report, health: await analyzer.health() };
  });
  await page.close();
  return { ...found, modules: [...new Set(modules)] };
}

/** The same face and skin, within what rounding moves. */
function same({ report }, { report: expected }) {
  const [face, other] = [report.faces[0], expected.faces[0]];
  for (const side of ["originX", "originY", "width", "height"]) {
    assert.ok(Math.abs(face.boundingBox[side] - other.boundingBox[side]) < 0.5, side);
  }
  assert.ok(Math.abs(face.tone.ita - other.tone.ita) < 0.2, "ITA");
  for (const [id, { score }] of Object.entries(other.concerns)) {
    assert.ok(Math.abs((face.concerns[id].score ?? 0) - (score ?? 0)) <= 1.5, `${id}: ${face.concerns[id].score}, ${score}`);
  }
}

/** Hides from `WebAssembly.validate` what the engine can do: modules of so many bytes and more are refused. */
const refuse = (least) => (page) =>
  page.addInitScript((least) => {
    const validate = WebAssembly.validate;
    WebAssembly.validate = (bytes) => bytes.length < least && validate(bytes);
  }, least);

test("the usual browser has relaxed SIMD and no need of the general engine", () => {
  assert.deepEqual([usual.modules, usual.health.wasm], [["relaxed"], "relaxed"]);
  assert.ok(usual.report.models.every(({ executor }) => executor === "plan"));
});

test("a browser without relaxed SIMD, and one without SIMD, have the same report", async () => {
  // The module that asks for relaxed SIMD is the longer one.
  for (const [flavour, least] of [["simd", 33], ["scalar", 0]]) {
    const found = await visit(refuse(least));
    assert.deepEqual([found.modules, found.health.wasm], [[flavour], flavour]);
    same(found, usual);
  }
});

/** Takes the plans out of the manifest: a user's own models have none. */
const withoutPlans = (page) =>
  page.route("**/manifest.json", async (route) => {
    const response = await route.fetch();
    const manifest = await response.json();
    for (const model of Object.values(manifest.models)) model.files = model.files.filter(({ format }) => format !== "plan");
    await route.fulfill({ response, json: manifest });
  });

test("models without a plan run in the general engine, fetched for them", async () => {
  const found = await visit(withoutPlans);
  assert.deepEqual(found.modules, ["relaxed", "onnx"]);
  assert.ok(found.report.models.every(({ executor }) => executor === "onnx"));
  same(found, usual);
});

test("where the general engine can't run or can't be had, a code says so", async () => {
  const old = await visit(async (page) => {
    await refuse(0)(page);
    await withoutPlans(page);
  });
  const lost = await visit(async (page) => {
    await page.route("**/shine_skin_onnx*", (route) => route.abort());
    await withoutPlans(page);
  });
  assert.deepEqual([old.report.code, old.health.error?.code], ["simd-unsupported", "simd-unsupported"]);
  assert.equal(lost.report.code, "model-fetch");
});

test("only the flavours with SIMD hold its instructions", () => {
  const count = (flavour) => {
    const file = `${TARGET}/site/shine-skin/shine_skin_${flavour}_bg.wasm`;
    const text = execFileSync(`${ROOT}www/node_modules/.bin/wasm-dis`, ["--all-features", file], { maxBuffer: 1 << 29 }).toString();
    return [text.match(/\bv128\b/g)?.length ?? 0, text.match(/\brelaxed_madd\b/g)?.length ?? 0].map((n) => n > 0);
  };
  assert.deepEqual(["scalar", "simd", "relaxed"].map(count), [[false, false], [true, false], [true, true]]);
});
