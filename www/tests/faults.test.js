// What can go wrong between a model and its bucket, on each host: it ends in a report or in the right code, in bounded time, and the cache
// that it leaves serves the next visit.

import assert from "node:assert/strict";
import { test } from "node:test";
import { together } from "./faults/hosts.js";
import { good } from "./faults/server.js";
import { FAULTS } from "./faults/table.js";

/** Longest that a fault may take to its end, milliseconds. */
const BOUND = 20_000;

/** How many cases run at once: most of their time is waiting. */
const AT_ONCE = 4;

const shared = together();

for (const name of ["native", "browser", "worker"]) {
  test(`faults end in a report or in their code: ${name}`, async () => {
    const left = [...FAULTS];
    const wrong = [];
    const healthy = shared.models.place();
    async function work() {
      for (let fault = left.shift(); fault; fault = left.shift()) {
        const host = await shared.all.hosts[name]();
        const begun = performance.now();
        const end = await host.analyze(shared.models.place(fault.handler));
        const took = performance.now() - begun;
        const expected = fault.end[name] ?? fault.end;
        if (end !== expected || took > BOUND) wrong.push(`${fault.name}: ${end} after ${Math.round(took)} ms, not ${expected}`);
        const next = await host.analyze(healthy);
        if (next !== "report") wrong.push(`after ${fault.name}: ${next}`);
        await host.stop();
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    assert.deepEqual(wrong, []);
  });
}

test("where nobody listens there is no manifest", async () => {
  for (const [name, start] of Object.entries(shared.all.hosts)) {
    const host = await start();
    assert.equal(await host.analyze("http://127.0.0.1:9"), "manifest-fetch", name);
    await host.stop();
  }
});

test("what was fetched once is there when the bucket is not", async () => {
  for (const [name, start] of Object.entries(shared.all.hosts)) {
    let bucket = "there";
    const place = shared.models.place((asked, to, request) => {
      if (bucket === "there") good(asked, to);
      else if (bucket === "gone") request.socket.destroy();
    });
    const host = await start();
    assert.equal(await host.analyze(place), "report", name);
    // Natively all models are loaded at once; the sample is too coarse for the third one.
    const models = name === "native" ? 3 : 2;
    assert.deepEqual(Object.values(shared.models.asked(place)), Array(1 + models).fill(1), "the manifest and the models");
    assert.equal(await host.analyze(place), "report", name);
    assert.equal(Object.values(shared.models.asked(place)).reduce((a, b) => a + b), 2 + models, "the manifest");
    bucket = "gone";
    assert.equal(await host.analyze(place), "report", name);
    bucket = "silent";
    assert.equal(await host.analyze(place), "report", name);
    await host.stop();
  }
});
