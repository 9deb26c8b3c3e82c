// Models in the page: every one on every engine, interleaved, so that a machine that slows down slows all of them.

import * as ort from "/ort/ort.wasm.min.mjs";
import { sample } from "./photos.js";
import { median } from "./statistics.js";

const FLAVOURS = ["scalar", "simd", "relaxed"];
const WARM = 200;
/** What warming one engine takes at most, ms: a compiler has long made the most of a model that takes long. */
const WARM_MS = 5000;

/** A photo at the size of a model, as it wants its numbers. */
async function input([, height, width], [low, high]) {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  context.drawImage(await sample(), 0, 0, width, height);
  const { data } = context.getImageData(0, 0, width, height);
  const values = new Float32Array(width * height * 3);
  for (let i = 0, to = 0; i < data.length; i++) {
    if (i % 4 < 3) values[to++] = low + ((high - low) * data[i]) / 255;
  }
  return values;
}

/** The largest difference as a share of the largest value. */
function difference(expected, got) {
  let range = 1e-6, worst = 0;
  for (let i = 0; i < expected.length; i++) {
    range = Math.max(range, Math.abs(expected[i]));
    worst = Math.max(worst, Math.abs(expected[i] - got[i]));
  }
  return worst / range;
}

/** Each engine with the model loaded: its name, how long loading took, and `run`, copies in and out included. */
async function engines(id, model, shape, values) {
  const files = Object.fromEntries(model.files.map((file) => [file.format, file]));
  const bytes = async (url) => new Uint8Array(await (await fetch(url)).arrayBuffer());
  const [plan, onnx] = [await bytes(`/models/${files.plan.url}`), await bytes(`/models/${files.onnx.url}`)];
  const single = await bytes(`/peers/${id.split("@")[0]}.onnx`);
  const all = [];
  const add = async (name, load, run) => {
    const begun = performance.now();
    const loaded = await load();
    all.push({ name, load: performance.now() - begun, run: () => run(loaded) });
  };
  const dimensions = Uint32Array.from(shape);
  for (const flavour of [...FLAVOURS, "onnx"]) {
    const glue = await import(`/modules/${flavour}/shine_skin_${flavour}.js`);
    await glue.default({ module_or_path: `/modules/${flavour}/shine_skin_${flavour}_bg.wasm` });
    const [file, data] = flavour === "onnx" ? [files.onnx, onnx] : [files.plan, plan];
    const name = flavour === "onnx" ? "tract, simd128" : `plan, ${flavour}`;
    await add(
      name,
      async () => glue.Network.load(data, file.url, file.sha256),
      async (network) => network.run(dimensions, values).filter((_, i) => i % 2 === 1),
    );
  }
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmPaths = "/ort/";
  // Loading a model is timed without fetching the engine, for all.
  await (await ort.InferenceSession.create(onnx, { executionProviders: ["wasm"] })).release();
  for (const [precision, file] of [["half", onnx], ["single", single]]) {
    await add(
      `onnxruntime-web, ${precision}`,
      () => ort.InferenceSession.create(file, { executionProviders: ["wasm"], graphOptimizationLevel: "all" }),
      async (session) => {
        const outputs = await session.run({ [session.inputNames[0]]: new ort.Tensor("float32", values, shape) });
        return session.outputNames.map((name) => outputs[name].data);
      },
    );
  }
  return all;
}

/** Medians of each model on all engines. */
export async function models(rounds) {
  const manifest = await (await fetch("/models/manifest.json")).json();
  const table = [];
  for (const [id, model] of Object.entries(manifest.models)) {
    const { shape, range } = model.input;
    const values = await input(shape, range);
    const all = await engines(id, model, shape, values);
    for (const engine of all) {
      const begun = performance.now();
      for (let i = 0; i < WARM && performance.now() - begun < WARM_MS; i++) engine.outputs = await engine.run();
    }
    // Small ones several at a time, for clocks are coarse.
    const runs = values.length > 1e5 ? 1 : 4;
    const expected = all.at(-1).outputs;
    for (const engine of all) engine.times = [];
    for (let round = 0; round < rounds; round++) {
      for (const { run, times } of all) {
        const begun = performance.now();
        for (let i = 0; i < runs; i++) await run();
        times.push((performance.now() - begun) / runs);
      }
    }
    for (const { name, load, times, outputs } of all) {
      const worst = Math.max(...outputs.map((output, i) => difference(expected[i], output)));
      table.push({ model: id, engine: name, load, median: median(times), least: Math.min(...times), difference: worst });
    }
  }
  return table;
}
