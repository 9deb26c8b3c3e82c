// The packed package in hosts without a page: the same photo, the command line's report.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { after, before, test } from "node:test";
import { same } from "../same.js";
import { ROOT, SAMPLE, commandLine, serve } from "../served.js";
import { installWorker, worker } from "./workerd.js";
import { freePort, install, run, start } from "./install.js";

const PHOTO = readFileSync(SAMPLE);
const expected = commandLine(SAMPLE);
let server, models;

before(async () => {
  server = await serve(8801);
  models = `${server.url}models`;
});

after(() => server?.stop());

const post = async (url, body = PHOTO) => {
  const response = await fetch(url, { method: "POST", body });
  return { status: response.status, answer: await response.json() };
};

/** What a handler of the example answers to a photo, to none, and of its health. */
async function handles(url) {
  const { status, answer } = await post(url);
  assert.equal(status, 200, JSON.stringify(answer));
  assert.deepEqual([answer.engine, answer.fallbacks], ["enhanced", []]);
  same(answer, expected);
  const refused = await post(url, "not a photo");
  assert.deepEqual([refused.status, refused.answer.error.code], [415, "unsupported-format"]);
  const health = await (await fetch(`${url}health`)).json();
  assert.equal(health.status, "healthy", JSON.stringify(health));
  return health;
}

test("Node", () => {
  const report = JSON.parse(run(install("node"), ["node", "analyze.js", models, SAMPLE]));
  assert.equal(report.engine, "enhanced");
  same(report, expected);
});

test("Deno", async () => {
  const directory = installWorker();
  const port = await freePort();
  const args = ["serve", "--host", "127.0.0.1", "--port", String(port), "--allow-net", "--allow-read", "--allow-env", "src/deno.js"];
  const deno = await start(directory, [`${directory}/node_modules/.bin/deno`, ...args], port, { SKIN_MODELS: models });
  try {
    assert.equal((await handles(deno.url)).wasm, "relaxed");
  } finally {
    deno.stop();
  }
});

const bindings = (more = {}) => ({ SKIN_MODELS: models, SKIN_MAX_PIXELS: "12500000", ...more });

test("workerd, models from a CDN", async () => {
  const { flare, url } = await worker({ bindings: bindings() });
  try {
    assert.equal((await handles(url)).wasm, "simd");
    assert.deepEqual((await fetch(url)).status, 405);
    assert.deepEqual((await fetch(`${url}else`)).status, 404);
  } finally {
    await flare.dispose();
  }
});

test("workerd, models from a bucket that is bound, and no CDN", async () => {
  const { flare, url } = await worker({ bindings: bindings({ SKIN_MODELS: "http://127.0.0.1:9" }), r2Buckets: ["MODELS"] });
  try {
    const bucket = await flare.getR2Bucket("MODELS");
    const dist = `${ROOT}models/dist`;
    for (const name of readdirSync(dist)) await bucket.put(name, readFileSync(`${dist}/${name}`));
    await handles(url);
  } finally {
    await flare.dispose();
  }
});
