// What stops a module in Chromium: it is said, the module is replaced, the cache is kept, and the next call works.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { together } from "./faults/hosts.js";
import { answer, good, manifest } from "./faults/server.js";
import { ROOT } from "./served.js";

/** An ONNX file that is well-formed and makes tract panic. */
const PANICS = readFileSync(`${ROOT}tests/corpus/onnx/panicked-flatten.onnx`);

const shared = together();

/** A manifest whose face mesh has no plan, and is `bytes` where they are given. */
function general(bytes) {
  const whole = manifest();
  const model = whole.models["facemesh-468@1"];
  model.files = model.files.filter((file) => file.format === "onnx");
  if (bytes) {
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    model.files = [{ format: "onnx", url: "panics.onnx", bytes: bytes.length, sha256 }];
  }
  return JSON.stringify(whole);
}

/** A place that publishes what `state.manifest` says. */
function changing(state) {
  return shared.models.place((asked, to) => {
    if (asked.name === "manifest.json") return answer(to, 200, {}, state.manifest);
    if (asked.name === "panics.onnx") return answer(to, 200, {}, PANICS);
    good(asked, to);
  });
}

/** A page with the package, the sample, and `end`, which is an analysis's executors or its code. */
async function open() {
  const browser = await shared.all.hosts.browser();
  await browser.page.evaluate(async () => {
    const skin = await import("/shine-skin/index.js");
    const blob = await (await fetch("/sample/astronaut.png")).blob();
    const end = (analyzer) =>
      analyzer.analyze(blob).then(({ models }) => models.map((model) => model.executor).join(), (fault) => fault.code);
    Object.assign(globalThis, { skin, end, made: {}, instances: 0 });
    const instantiate = WebAssembly.instantiate;
    WebAssembly.instantiate = (...args) => {
      instances += args[0] instanceof WebAssembly.Module;
      return instantiate(...args);
    };
  });
  return {
    /** How an analysis by the analyzer of this name ends. */
    end: (name, modelBaseUrl) =>
      browser.page.evaluate(
        async ([name, options]) => end((made[name] ??= await skin.SkinAnalyzer.createFromOptions(options))),
        [name, { engine: "enhanced", modelBaseUrl }],
      ),
    page: browser.page,
    stop: browser.stop,
  };
}

test("a model that stops the general engine is incompatible, and the next call works", async () => {
  const state = { manifest: JSON.stringify(manifest()) };
  const [place, bad] = [changing(state), { manifest: general(PANICS) }];
  const other = changing(bad);
  const page = await open();
  assert.equal(await page.end("healthy", place), "plan,plan");
  assert.equal(await page.end("bad", other), "model-incompatible");
  assert.equal(await page.end("bad", other), "model-incompatible");
  assert.equal(await page.end("healthy", place), "plan,plan", "nothing else is touched");
  bad.manifest = general();
  assert.equal(await page.end("bad", other), "plan,onnx", "the engine has begun anew");
  // With what it had loaded gone, a model that ran in it is loaded once more.
  const third = changing({ manifest: general(PANICS) });
  assert.equal(await page.end("third", third), "model-incompatible");
  assert.equal(await page.end("bad", other), "inference-failed");
  assert.equal(await page.end("bad", other), "plan,onnx");
  assert.equal(await page.page.evaluate("instances"), 3, "the general engine was replaced each time");
  assert.ok(Object.entries(shared.models.asked(other)).every(([name, count]) => name === "manifest.json" || count === 1), "the cache is kept");
  await page.stop();
});

test("what was found to make tract panic is incompatible in the browser as well", async () => {
  const page = await open();
  const folder = `${ROOT}tests/corpus/onnx/`;
  for (const name of readdirSync(folder)) {
    const bytes = readFileSync(`${folder}${name}`);
    const text = general(bytes);
    const place = shared.models.place((asked, to) => {
      if (asked.name === "manifest.json") return answer(to, 200, {}, text);
      if (asked.name === "panics.onnx") return answer(to, 200, {}, bytes);
      good(asked, to);
    });
    assert.equal(await page.end(name, place), "model-incompatible", name);
  }
  assert.equal(await page.end("good", changing({ manifest: general() })), "plan,onnx");
  await page.stop();
});

test("who has been there before goes back from a model that stops the engine", async () => {
  const state = { manifest: JSON.stringify(manifest()) };
  const place = changing(state);
  const page = await open();
  assert.equal(await page.end("first", place), "plan,plan");
  const broken = JSON.parse(general(PANICS));
  const name = broken.channels.stable;
  broken.models["facemesh-468@2"] = broken.models["facemesh-468@1"];
  broken.models["facemesh-468@1"] = manifest().models["facemesh-468@1"];
  broken.releases.broken = { ...broken.releases[name], models: { ...broken.releases[name].models, "face-mesh": "facemesh-468@2" } };
  broken.channels.stable = "broken";
  broken.sequence += 1;
  state.manifest = JSON.stringify(broken);
  assert.equal(await page.end("second", place), "plan,plan");
  await page.stop();
});

/** In the page: what the module asks the browser for is what can be broken from there; the fault passes through it as a trap does. */
const BREAKS = {
  analysis: `performance.now = () => {
    if (new Error().stack.includes("wasm")) throw new WebAssembly.RuntimeError("unreachable");
    return whole.now.call(performance);
  }`,
  loading: `globalThis.setTimeout = (...args) => {
    if (new Error().stack.includes("wasm")) throw new WebAssembly.RuntimeError("unreachable");
    return whole.setTimeout.apply(globalThis, args);
  }`,
};

test("where the module itself stops, in an analysis or while it loads, the next call has a new one", async () => {
  const page = await open();
  await page.page.evaluate("globalThis.whole = { now: performance.now, setTimeout }");
  const mend = () => page.page.evaluate("performance.now = whole.now, globalThis.setTimeout = whole.setTimeout, 0");
  assert.equal(await page.end("one", shared.models.place()), "plan,plan");
  assert.equal(await page.end("two", shared.models.place()), "plan,plan");
  await page.page.evaluate(BREAKS.analysis);
  assert.equal(await page.end("one"), "internal");
  await mend();
  // Who shared the module comes first: what the other one had must not be freed in its place.
  assert.equal(await page.end("two"), "plan,plan");
  assert.equal(await page.end("one"), "plan,plan");
  assert.equal(await page.end("two"), "plan,plan");
  let go;
  const gate = new Promise((resolve) => (go = resolve));
  const slow = shared.models.place(async (asked, to) => (await gate, good(asked, to)));
  const waiting = page.end("waiting", slow);
  await new Promise((resolve) => setTimeout(resolve, 300));
  await page.page.evaluate(BREAKS.analysis);
  assert.equal(await page.end("two"), "internal");
  await mend();
  go();
  assert.equal(await waiting, "plan,plan", "who was loading begins anew");
  const place = shared.models.place();
  await page.page.evaluate(`made.three = skin.SkinAnalyzer.createFromOptions({ engine: "enhanced", modelBaseUrl: "${place}" }), 0`);
  // Once the call's own clock runs.
  const ends = await page.page.evaluate(`(async () => {
    made.three = await made.three;
    const ends = end(made.three);
    ${BREAKS.loading};
    return ends;
  })()`);
  assert.equal(ends, "model-incompatible");
  await mend();
  assert.equal(await page.end("three"), "plan,plan");
  await page.stop();
});
