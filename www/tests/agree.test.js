// One network, four engines: the plan in each flavour of the module, and the ONNX file in the general engine, which is tract. That tract and the plan are
// one natively is proven when the plan is made, and each load in a browser reproduces what tract said then.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, serve } from "./served.js";

/** Largest difference, as a share of an output's largest value. */
const MOST = 1e-3;

let server, browser, page;

before(async () => {
  [server, browser] = [await serve(8810), await launch()];
  page = await browser.newPage();
  await page.goto(server.url);
});

after(async () => {
  await browser?.close();
  server?.stop();
});

/** In the page: what each engine answers to a picture that is smooth in some places and rough in others. */
const answers = async (id) => {
  const manifest = await (await fetch("/models/manifest.json")).json();
  const model = Object.entries(manifest.models).find(([name]) => name.startsWith(`${id}@`))[1];
  const [, height, width] = model.input.shape;
  const values = Float32Array.from({ length: height * width * 3 }, (_, i) => {
    const [x, y, c] = [((i / 3) | 0) % width, (i / 3 / width) | 0, i % 3];
    return 0.5 * Math.sin(x / 9 + c) * Math.cos(y / 13) + (x > width / 2 ? 0.4 * Math.sin(x * 12.9898 + y * 78.233 + c) : 0);
  });
  const all = {};
  for (const flavour of ["onnx", "scalar", "simd", "relaxed"]) {
    const glue = await import(`/shine-skin/shine_skin_${flavour}.js`);
    await glue.default({ module_or_path: `/shine-skin/shine_skin_${flavour}_bg.wasm` });
    const file = model.files.find(({ format }) => format === (flavour === "onnx" ? "onnx" : "plan"));
    const bytes = new Uint8Array(await (await fetch(`/models/${file.url}`)).arrayBuffer());
    const network = glue.Network.load(bytes, file.url, file.sha256);
    all[flavour] = network.run(Uint32Array.from(model.input.shape), values).filter((_, i) => i % 2 === 1);
  }
  const apart = (one, other) =>
    Math.max(
      ...one.map((output, o) => {
        let [off, largest] = [0, 1e-6];
        for (let i = 0; i < output.length; i++) [off, largest] = [Math.max(off, Math.abs(output[i] - other[o][i])), Math.max(largest, Math.abs(other[o][i]))];
        return output.length > 0 && output.length === other[o].length ? off / largest : Infinity;
      }),
    );
  const names = Object.keys(all);
  const pairs = names.flatMap((one, k) => names.slice(k + 1).map((other) => [one, other]));
  return pairs.map(([one, other]) => [`${one} ${other}`, all[one].length === all[other].length ? apart(all[one], all[other]) : Infinity]);
};

for (const id of ["blazeface-short", "facemesh-468", "skin-net"]) {
  test(`${id} is the same in each engine`, { timeout: 120_000 }, async (t) => {
    const off = await page.evaluate(answers, id);
    t.diagnostic(`${id}: ${off.map(([flavour, most]) => `${flavour} ${most.toExponential(1)}`).join(", ")}`);
    assert.equal(off.length, 6);
    for (const [pair, most] of off) assert.ok(most >= 0 && most < MOST, `${pair}: ${most}`);
  });
}
