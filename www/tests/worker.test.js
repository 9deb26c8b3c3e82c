// The package in workerd, where requests share an isolate and the platform ends what a client no longer waits for.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { bucket, good, plan } from "./faults/server.js";
import { SAMPLE, serve } from "./served.js";
import { workerd } from "./worker/workerd.js";

const PHOTO = readFileSync(SAMPLE);

let models, worker;

before(async () => {
  [models, worker] = [await bucket(), await workerd()];
});

after(async () => {
  await worker?.stop();
  models?.stop();
});

test("requests at once fetch each file once", async () => {
  const place = models.place();
  const answers = await Promise.all(Array.from({ length: 8 }, () => worker.analyze(PHOTO, { modelBaseUrl: place })));
  assert.deepEqual(answers.map(({ report, error }) => report?.faces.length ?? error), Array(8).fill(1));
  const { "manifest.json": _, ...files } = models.asked(place);
  // The photo is too coarse for the third model.
  assert.deepEqual(Object.values(files), [1, 1]);
});

test("without models a worker asks the server that is set, else it measures by itself", async () => {
  const server = await serve(8798);
  const fresh = await workerd();
  const modelBaseUrl = "http://127.0.0.1:9";
  const { report } = await fresh.analyze(PHOTO, { modelBaseUrl, serverUrl: server.url });
  assert.deepEqual([report.engine, report.serverEngine, report.faces.length], ["server", "enhanced", 1], JSON.stringify(report.fallbacks));
  assert.deepEqual(report.image, { width: 512, height: 512 });
  server.stop();
  const alone = (await fresh.analyze(PHOTO, { modelBaseUrl, serverUrl: server.url })).report;
  assert.deepEqual([alone.engine, alone.fallbacks.map(({ code }) => code)], ["basic", ["manifest-fetch", "server-unreachable"]]);
  await fresh.stop();
});

test("a client that leaves does not keep the others from their models", async () => {
  let open;
  const gate = new Promise((resolve) => (open = resolve));
  const place = models.place(async (asked, to) => {
    if (asked.name === plan().url) await gate;
    good(asked, to);
  });
  const fresh = await workerd();
  const leaving = new AbortController();
  const left = fresh.analyze(PHOTO, { modelBaseUrl: place }, leaving.signal).catch((fault) => fault.name);
  await new Promise((resolve) => setTimeout(resolve, 500));
  leaving.abort();
  assert.equal(await left, "AbortError");
  const begun = performance.now();
  const stays = fresh.analyze(PHOTO, { modelBaseUrl: place });
  setTimeout(open, 500);
  assert.equal((await stays).report?.faces.length, 1);
  assert.ok(performance.now() - begun < 40_000);
  await fresh.stop();
});
