// A model of one's own, from a folder of photos to its label in the page: trained, added, published to a real S3 server, fetched by
// Chromium.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { s3 } from "./s3/server.js";
import { BINARY, ROOT, TARGET, answer, launch, pageReport, serve } from "./served.js";

const LABELS = { "warm light": [1, 0.82, 0.6], "cool light": [0.72, 0.9, 1] };
const EACH = 8;
const PYTHON = `${TARGET}/train-venv/bin/python`;
const DESCRIPTION = `${ROOT}models/train/classifier.json`;

let bucket, server, browser, folder;

/** In a page: the sample under a lamp of a colour, a little more or less of it. */
const lit = async ([tint, share]) => {
  const bitmap = await createImageBitmap(await (await fetch("/sample/astronaut.png")).blob());
  const canvas = new OffscreenCanvas(512, 512);
  const context = canvas.getContext("2d");
  context.drawImage(bitmap, 0, 0);
  context.globalCompositeOperation = "multiply";
  context.fillStyle = `rgb(${tint.map((c) => Math.round(255 * (1 - share * (1 - c)))).join(" ")})`;
  context.fillRect(0, 0, 512, 512);
  const reader = new FileReader();
  reader.readAsDataURL(await canvas.convertToBlob({ type: "image/png" }));
  await new Promise((resolve) => (reader.onload = resolve));
  return reader.result.split(",")[1];
};

before(async () => {
  [bucket, server, browser] = [await s3(), await serve(8809), await launch()];
  folder = `${bucket.place}/own`;
  const page = await browser.newPage();
  await page.goto(server.url);
  for (const [label, tint] of Object.entries(LABELS)) {
    mkdirSync(`${folder}/photos/${label}`, { recursive: true });
    for (let k = 0; k < EACH; k++) writeFileSync(`${folder}/photos/${label}/${k}.png`, Buffer.from(await page.evaluate(lit, [tint, 0.6 + 0.1 * k]), "base64"));
    // One that training does not see.
    writeFileSync(`${folder}/${label}.png`, Buffer.from(await page.evaluate(lit, [tint, 0.85]), "base64"));
  }
  await page.close();
});

after(async () => {
  await browser?.close();
  server?.stop();
  bucket?.stop();
});

const { AWS_SESSION_TOKEN: _, SHINE_MANIFEST_PUBLIC_KEY: __, ...environment } = process.env;
const env = () => ({ ...environment, ...bucket.env, PYTHONDONTWRITEBYTECODE: "1" });
const shine = (...args) => execFileSync(BINARY, args, { cwd: ROOT, env: env(), encoding: "utf8", maxBuffer: 1 << 26 });

test("a classifier is trained on a folder, published, and its label is in the page", { timeout: 300_000 }, async (t) => {
  const [dist, onnx] = [`${folder}/dist`, `${folder}/light.onnx`];
  cpSync(`${ROOT}models/dist`, dist, { recursive: true });
  const said = execFileSync(
    PYTHON,
    ["models/train/classify.py", "--binary", BINARY, "--models", dist, "--description", DESCRIPTION, `${folder}/photos`, onnx],
    { cwd: ROOT, env: env(), encoding: "utf8" },
  );
  assert.match(said, /4 of 4 photos that were kept apart are told/);
  t.diagnostic(shine("models", "add", dist, onnx, "--description", DESCRIPTION).trim());
  shine("models", "compile", dist, "--inputs", "models/reference");
  shine("models", "publish", dist, "--to", "s3://models/own");
  const models = `${bucket.url}/models/own`;
  const page = await browser.newPage();
  await page.route(server.url, async (route) => {
    const response = await route.fetch();
    const body = (await response.text()).replace('name="skin-models" content="models"', `name="skin-models" content="${models}"`);
    await route.fulfill({ response, body });
  });
  await page.goto(server.url);
  for (const label of Object.keys(LABELS)) {
    await page.setInputFiles("#file", `${folder}/${label}.png`);
    assert.equal(await answer(page), "done");
    assert.equal(await page.getAttribute("[data-class]", "data-class"), label);
    assert.match(await page.textContent("#results"), new RegExp(`What light says${label}`));
    const report = await pageReport(page);
    const { classification, unavailable } = report.faces[0];
    assert.deepEqual([classification.model, report.models.map(({ id, executor }) => `${id} ${executor}`), unavailable.classification], ["light", ["blazeface-short plan", "facemesh-468 plan", "light onnx"], undefined]);
    const scores = classification.categories.map(({ score }) => score);
    assert.ok(Math.abs(scores[0] + scores[1] - 1) < 1e-3 && scores[0] > 0.5, `${scores}`);
    const own = JSON.parse(shine("analyze", "--json", "--models", "s3://models/own", `${folder}/${label}.png`)).report.faces[0].classification;
    assert.equal(own.categories[0].label, label);
    // The page's pixels are the browser's own decoder's.
    assert.ok(Math.abs(own.categories[0].score - scores[0]) < 2e-3, `${own.categories[0].score} natively, ${scores[0]} in the page`);
  }
  // What does not come is done without, and the report says so.
  await page.route("**/light.*.onnx", (route) => route.abort());
  await page.evaluate(async () => Promise.all((await caches.keys()).map((name) => caches.delete(name))));
  await page.reload();
  await page.setInputFiles("#file", `${folder}/warm light.png`);
  assert.equal(await answer(page), "done");
  const [without] = (await pageReport(page)).faces;
  assert.deepEqual([without.classification, without.unavailable.classification], [null, "model-missing"]);
});

test("what does not fit is refused with a sentence, and nothing is changed", () => {
  const dist = `${folder}/refused`;
  cpSync(`${ROOT}models/dist`, dist, { recursive: true });
  const manifest = () => readFileSync(`${dist}/manifest.json`, "utf8");
  const before = manifest();
  const files = readdirSync(dist);
  const cases = [
    [(it) => (it.input.crop = "oval"), /light@1: input\.crop: it is letterbox, aligned-square or face-frame/],
    [(it) => (it.input.layout = "NHWC"), /light@1: input\.shape: it is of three colours/],
    [(it) => (it.input.shape = [1, 3, 40, 40, 1]), /light@1: input\.shape and layout/],
    [(it) => (it.output.classes.labels = ["a", "b", "c"]), /light@1: output\.classes\.shape: it has a channel for each of the labels/],
    [(it) => Object.assign(it.output.classes, { labels: ["a", "b", "c"], shape: [1, 3] }), /light@1: output\.classes\.shape: the model answers \[1,2\]/],
    [(it) => (it.output.classes.concerns = ["beauty", null]), /light@1: output\.classes\.concerns/],
    [(it) => (it.output.classes.activation = "tanh"), /light@1: output\.classes\.activation: it is none, sigmoid or softmax/],
    [(it) => (it.role = "face-mesh"), /light@1: input: .* a face-mesh 1 × 192 × 192 × 3/],
    [(it) => delete it.input, /light@1: input: /],
    [(it) => (it.input.means = [0, 0, 0]), /light@1: input\.means: there is no such field/],
    [(it) => (it.id = "../light@1"), /no NAME@VERSION/],
    [(it) => (it.id = "skin-net@1"), /models has "skin-net@1" already/],
    [(it) => (it.input.shape = "big"), /light@1: input: invalid type/],
  ];
  for (const [change, says] of cases) {
    const description = JSON.parse(readFileSync(DESCRIPTION, "utf8"));
    change(description);
    writeFileSync(`${folder}/wrong.json`, JSON.stringify(description));
    const { status, stderr } = spawnSync(BINARY, ["models", "add", dist, `${folder}/light.onnx`, "--description", `${folder}/wrong.json`], { encoding: "utf8" });
    assert.notEqual(status, 0, `${says}`);
    assert.match(stderr, says);
  }
  assert.equal(manifest(), before);
  assert.deepEqual(readdirSync(dist), files);
});
