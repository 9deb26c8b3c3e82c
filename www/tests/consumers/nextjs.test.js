// The packed package in Next.js, built by both of its bundlers: the same photo's report, and what its page shows of a camera, of models on their way and of what fails.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { camera } from "../film.js";
import { same } from "../same.js";
import { SAMPLE, commandLine, launch, serve } from "../served.js";
import { install, run } from "./install.js";
import { served, shows } from "./shown.js";

const expected = commandLine(SAMPLE);
let server, models, browser;

before(async () => {
  server = await serve(8805);
  models = `${server.url}models`;
  const plain = await launch();
  const video = await camera(plain, server, ["far", "dark", "good"]);
  await plain.close();
  browser = await launch(video);
});

after(async () => {
  await browser?.close();
  server?.stop();
});

/** A page of the example, in which `work` finds it. */
async function page(url, work) {
  const page = await browser.newPage({ permissions: ["camera"] });
  const faults = [];
  page.on("pageerror", (fault) => faults.push(fault.message));
  try {
    await work(page, async () => {
      await page.goto(url);
      await page.waitForLoadState("networkidle");
    });
    assert.deepEqual(faults, []);
  } finally {
    await page.close();
  }
}

const state = (page, at) => page.waitForSelector(`section[data-state=${at}]`, { timeout: 60_000 });
const press = (page, name) => page.getByRole("button", { name }).click();

/** Gives advice, closes when asked to, takes the photo by itself, and measures it. */
const cameraAdvises = (url) =>
  page(url, async (page, open) => {
    await open();
    await page.evaluate(() => {
      window.said = new Set();
      new MutationObserver(() => said.add(document.querySelector("figcaption")?.textContent)).observe(document.body, { childList: true, characterData: true, subtree: true });
    });
    await press(page, "Use the camera");
    await page.waitForFunction(() => document.querySelector("video").srcObject?.active);
    await page.evaluate(() => (window.track = document.querySelector("video").srcObject.getTracks()[0]));
    await press(page, "Close the camera");
    await page.waitForFunction(() => track.readyState === "ended");
    await press(page, "Use the camera");
    await state(page, "done");
    const said = await page.evaluate(() => [...window.said]);
    for (const advice of ["Come closer", "More light, please", "Stay like this"]) assert.ok(said.includes(advice), `${advice} is not among ${said}`);
    const report = JSON.parse(await page.textContent("#report"));
    assert.deepEqual([report.engine, report.faces.length], ["enhanced", 1]);
  });

/** What fails is said by its code, and a photo can be chosen after it. */
const failuresAreTold = (url) =>
  page(url, async (page, open) => {
    await open();
    const failed = async (code) => {
      await state(page, "failed");
      assert.equal(await page.getAttribute("section [role=alert]", "data-code"), code);
      assert.notEqual(await page.textContent("section [role=alert]"), "");
    };
    for (const [name, code] of [["NotAllowedError", "camera-denied"], ["NotFoundError", "camera-missing"]]) {
      await page.evaluate((name) => {
        window.media ??= navigator.mediaDevices.getUserMedia;
        navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("no", name));
      }, name);
      await press(page, "Use the camera");
      await failed(code);
    }
    await page.evaluate(() => (navigator.mediaDevices.getUserMedia = media));
    await press(page, "Use the camera");
    await page.waitForFunction(() => document.querySelector("figcaption")?.textContent === "Come closer");
    await page.evaluate(() => {
      const [track] = document.querySelector("video").srcObject.getTracks();
      track.stop();
      track.dispatchEvent(new Event("ended"));
    });
    await failed("camera-interrupted");
    await page.setInputFiles("input[type=file]", { name: "a.txt", mimeType: "text/plain", buffer: Buffer.from("no photo") });
    await failed("unsupported-format");
    await page.setInputFiles("input[type=file]", SAMPLE);
    await state(page, "done");
  });

/** How much of the models has come is told to who waits; where none come, the page measures on and says so. */
const modelsAreWaitedFor = (url) =>
  page(url, async (page, open) => {
    let go;
    const held = new Promise((resolve) => (go = resolve));
    // The worker's requests too.
    await page.context().route("**/models/**", async (route) => {
      if (!route.request().url().endsWith("manifest.json")) await held;
      await route.continue();
    });
    await page.goto(url);
    await page.setInputFiles("input[type=file]", SAMPLE);
    await page.waitForFunction(() => /Fetching the models, once: \d+%/.test(document.querySelector("[role=status]").textContent));
    await state(page, "working");
    go();
    await state(page, "done");
  });

const withoutModels = (url) =>
  page(url, async (page) => {
    await page.context().route("**/models/**", (route) => route.abort());
    await page.goto(url);
    await page.setInputFiles("input[type=file]", SAMPLE);
    await state(page, "done");
    const report = JSON.parse(await page.textContent("#report"));
    assert.equal(report.engine, "basic");
    assert.match(await page.textContent(".note"), new RegExp(report.fallbacks[0].code));
  });

/** What an edge is sent for the route there: one flavour of the module and the script, below the smallest of Vercel's limits, 1 MB gzip. */
function isSmall(directory, t) {
  const { functions } = JSON.parse(readFileSync(`${directory}/.next/server/middleware-manifest.json`, "utf8"));
  const { files, wasm = [], assets = [] } = functions["/api/edge/route"];
  const paths = [...files, ...wasm.map(({ filePath }) => filePath), ...assets.map(({ filePath }) => filePath)];
  const bytes = paths.reduce((sum, path) => sum + gzipSync(readFileSync(`${directory}/.next/${path}`), { level: 9 }).length, 0);
  t.diagnostic(`the edge route is ${bytes} bytes gzip, with the modules of the tests`);
  assert.equal(wasm.length + assets.length, 1, JSON.stringify({ wasm, assets }));
  assert.ok(bytes < 1_000_000, `${bytes}`);
}

/** The routes on Node and on the edge runtime; what is no photo is its sender's fault. */
async function routesAnswer(url) {
  const photo = await (await fetch(`${server.url}sample/astronaut.png`)).arrayBuffer();
  for (const route of ["analyze", "edge"]) {
    const post = (body) => fetch(`${url}api/${route}`, { method: "POST", body });
    const report = await (await post(photo)).json();
    assert.equal(report.engine, "enhanced", JSON.stringify(report).slice(0, 300));
    same(report, expected);
    const refused = await post("no photo");
    assert.deepEqual([refused.status, (await refused.json()).error.code], [415, "unsupported-format"]);
    const heavy = await post(new Uint8Array(10_000_001));
    assert.deepEqual([heavy.status, (await heavy.json()).error.code], [413, "image-too-large"]);
  }
}

for (const bundler of ["turbopack", "webpack"]) {
  test(`Next.js by ${bundler}: the page, its camera, what fails, and routes on Node and on the edge runtime`, async (t) => {
    const directory = install("nextjs");
    const next = `${directory}/node_modules/.bin/next`;
    const env = { NEXT_PUBLIC_SKIN_MODELS: models, NEXT_TELEMETRY_DISABLED: "1" };
    run(directory, [next, "build", `--${bundler}`], env);
    isSmall(directory, t);
    await served(directory, (port) => [next, "start", "--hostname", "127.0.0.1", "--port", port], env, async (url) => {
      await shows(browser, url, expected);
      for (const part of [cameraAdvises, failuresAreTold, modelsAreWaitedFor, withoutModels]) await part(url);
      await routesAnswer(url);
    });
  });
}
