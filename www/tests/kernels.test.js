// A kernel that got slower by a seventh is noticed: the time of each network as a multiple of what the same vectors need for
// nothing but products, both the least of many interleaved runs, so that the speed and the load of a machine cancel out.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { ROOT, launch, serve } from "./served.js";

/** The processor that the numbers below are of: on another one, whose loads and products have other costs, they are told only. */
const PROCESSOR = "AMD EPYC";
/**
 * What each network takes, as multiples of its products at full speed, when the kernels were last worked on: on processors of that name, and on those
 * of the third generation, which calls itself the same and where both are slower, the networks by more.
 */
const USUAL = {
  "blazeface-short simd": [1.57, 1.87],
  "blazeface-short relaxed": [1.57, 1.7],
  "facemesh-468 simd": [1.86, 2.22],
  "facemesh-468 relaxed": [1.88, 1.97],
};
const THIRD = { family: "25", model: "1" };
const WORSE = 1.15;
/** Millions of products in a run of each network. */
const PRODUCTS = { "blazeface-short": 30.8, "facemesh-468": 35.0 };

let server, browser, folder, generation;

before(async () => {
  const told = await readFile("/proc/cpuinfo", "utf8").catch(() => "");
  const is = (name, value) => new RegExp(`^${name}\\s*: ${value}$`, "m").test(told);
  generation = is("cpu family", THIRD.family) && is("model", THIRD.model) ? 1 : 0;
  server = await serve(8796);
  browser = await launch();
  folder = await mkdtemp(join(tmpdir(), "shine-kernels-"));
});

after(async () => {
  await browser?.close();
  server?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** A module whose `run` makes 12 sums of four products each, as often as it is told: all that fits into the registers. */
async function products(flavour) {
  const sums = Array.from({ length: 12 }, (_, i) => `$s${i}`);
  const product = (sum) =>
    flavour === "relaxed"
      ? `(local.set ${sum} (f32x4.relaxed_madd (local.get $x) (local.get $x) (local.get ${sum})))`
      : `(local.set ${sum} (f32x4.add (f32x4.mul (local.get $x) (local.get ${sum})) (local.get $x)))`;
  const all = sums.reduce((left, sum) => `(f32x4.add ${left} (local.get ${sum}))`, "(local.get $x)");
  const text = `(module (func (export "run") (param $times i32) (result f32)
    (local $x v128) ${sums.map((sum) => `(local ${sum} v128)`).join(" ")}
    (local.set $x (f32x4.splat (f32.const 0.5)))
    (loop $again ${sums.map(product).join(" ")}
      (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))
    (f32x4.extract_lane 0 ${all})))`;
  const [source, binary] = [join(folder, `${flavour}.wat`), join(folder, `${flavour}.wasm`)];
  await writeFile(source, text);
  execFileSync(`${ROOT}www/node_modules/.bin/wasm-as`, ["--enable-simd", "--enable-relaxed-simd", source, "-o", binary]);
  return [...(await readFile(binary))];
}

/** The least times of a network and of as many products as it has, ms. */
async function least(page, flavour, id) {
  return page.evaluate(
    async ([flavour, id, products, peak]) => {
      const glue = await import(`/shine-skin/shine_skin_${flavour}.js`);
      await glue.default({ module_or_path: `/shine-skin/shine_skin_${flavour}_bg.wasm` });
      const manifest = await (await fetch("/models/manifest.json")).json();
      const [, model] = Object.entries(manifest.models).find(([name]) => name.startsWith(id));
      const file = model.files.find(({ format }) => format === "plan");
      const bytes = new Uint8Array(await (await fetch(`/models/${file.url}`)).arrayBuffer());
      const network = glue.Network.load(bytes, file.url, file.sha256);
      const shape = Uint32Array.from(model.input.shape);
      const values = new Float32Array(shape.reduce((a, b) => a * b)).fill(0.5);
      const { instance } = await WebAssembly.instantiate(new Uint8Array(peak), {});
      const runs = { network: () => network.run(shape, values), products: () => instance.exports.run((products * 1e6) / 48) };
      const times = { network: Infinity, products: Infinity };
      for (let i = 0; i < 200; i++) {
        for (const [name, run] of Object.entries(runs)) {
          const begun = performance.now();
          for (let k = 0; k < 4; k++) run();
          times[name] = Math.min(times[name], performance.now() - begun);
        }
      }
      return times;
    },
    [flavour, id, PRODUCTS[id], await products(flavour)],
  );
}

for (const name of Object.keys(USUAL)) {
  const [id, flavour] = name.split(" ");
  test(`${name} is as fast as it was`, async () => {
    const page = await browser.newPage();
    await page.goto(`${server.url}health`);
    let multiple = Infinity;
    // What else the machine does can only make it slower.
    const usual = USUAL[name][generation];
    for (let i = 0; i < 3 && !(multiple < WORSE * usual); i++) {
      const times = await least(page, flavour, id);
      multiple = Math.min(multiple, times.network / times.products);
    }
    console.log(name, multiple.toFixed(2));
    if (cpus()[0].model.startsWith(PROCESSOR)) assert.ok(multiple < WORSE * usual, `${multiple.toFixed(2)} times its products; it was ${usual}`);
    await page.close();
  });
}
