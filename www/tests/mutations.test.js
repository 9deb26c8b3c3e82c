// Plans changed by chance in WebAssembly, where nothing stands between a kernel and the module's memory but its checks: refused, or run, and
// never a trap. SHINE_MUTATIONS says how many of each plan and flavour.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { manifest } from "./faults/server.js";
import { ROOT, launch, serve } from "./served.js";

const COUNT = Number(process.env.SHINE_MUTATIONS ?? 100);

let server, browser;

before(async () => {
  [server, browser] = [await serve(8797), await launch()];
});

after(async () => {
  await browser?.close();
  server?.stop();
});

/** In the page: how `count` changed plans end. */
async function mutate([flavour, numbers, count]) {
  const glue = await import(`/shine-skin/shine_skin_${flavour}.js`);
  await glue.default({ module_or_path: `/shine-skin/shine_skin_${flavour}_bg.wasm` });
  // xorshift (Marsaglia 2003): the same every time.
  let state = 0x5eed;
  const below = (end) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % end;
  };
  const ODD = [0, 1, 2, 0xffffffff, 0xfffffffe, 0x80000000, 0x10000];
  const whole = Uint8Array.from(numbers);
  const ends = { refused: 0, ran: 0 };
  for (let i = 0; i < count; i++) {
    let bytes = whole.slice();
    // What is not weights lies in front.
    const at = below(below(8) === 0 ? bytes.length : Math.min(bytes.length, 6000));
    const kind = below(4);
    if (kind === 0) bytes[at] ^= 1 << below(8);
    else if (kind === 1) bytes[at] = below(256);
    else if (kind === 2) new DataView(bytes.buffer).setUint32(Math.min(at & ~3, bytes.length - 4), ODD[below(ODD.length)], true);
    else bytes = bytes.slice(0, at);
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    const sha256 = [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    try {
      // What loads has run its self-test.
      glue.Network.load(bytes, "mutated", sha256).free();
      ends.ran += 1;
    } catch (fault) {
      if (fault.code !== "model-incompatible") return `${i}: ${fault.name} ${fault.code}: ${fault.message}`;
      ends.refused += 1;
    }
  }
  return ends;
}

const dist = Object.values(manifest().models).map((model) => `models/dist/${model.files[0].url}`);

for (const flavour of ["scalar", "simd", "relaxed"]) {
  test(`no mutated plan traps: ${flavour}`, async () => {
    for (const path of [...dist, "tests/corpus/segmenter.plan"]) {
      const page = await browser.newPage();
      await page.goto(server.url);
      const ends = await page.evaluate(mutate, [flavour, [...readFileSync(`${ROOT}${path}`)], COUNT]);
      console.log(flavour, path, ends);
      assert.ok(ends.refused > COUNT / 4, JSON.stringify(ends));
      await page.close();
    }
  });
}
