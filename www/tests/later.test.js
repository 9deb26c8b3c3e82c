// Models that an analysis can be without: they come with the first photo that they are shown, after what finds a face, which does not wait for them.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { launch, serve } from "./served.js";

let server, browser, page;

before(async () => {
  [server, browser] = [await serve(8812), await launch()];
});

after(async () => {
  await browser?.close();
  server?.stop();
});

beforeEach(async () => {
  page = await browser.newPage();
  await page.goto(server.url);
});

afterEach(() => page.close());

/** In the page: an analyzer and a photo. */
const begin = () =>
  page.evaluate(async () => {
    const { SkinAnalyzer } = await import("/shine-skin/index.js");
    window.events = [];
    window.analyzer = await SkinAnalyzer.createFromOptions({ modelBaseUrl: "/models", engine: "enhanced", cache: "none", onEvent: ({ type, code }) => type !== "call" && events.push(code) });
    window.photo = await (await fetch("/sample/astronaut.png")).blob();
    window.canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 640 });
    canvas.getContext("2d").drawImage(await createImageBitmap(photo), 120, 0, 220, 220, 0, 0, 640, 640);
  });

const segmented = () => page.evaluate(async () => {
  const report = await analyzer.analyze(canvas);
  const [{ segmentation, unavailable }] = report.faces;
  return { segmentation, why: unavailable.segmentation, models: report.models.map(({ id }) => id), events };
});

test("faces and mesh are there before the network of skin has come; the analysis waits for it", { timeout: 60_000 }, async () => {
  let go, asked = 0;
  const held = new Promise((resolve) => (go = resolve));
  await page.route("**/skin-net.*", async (route) => {
    asked += 1;
    await held;
    await route.continue();
  });
  await begin();
  const early = await page.evaluate(async () => {
    const { detections } = await analyzer.detect(photo);
    let video;
    for (let k = 0; k < 3; k++) video = await analyzer.detectForVideo(canvas, 40 * k);
    return [detections.length, video.preview.landmarks.length];
  });
  assert.deepEqual([...early, asked], [1, 468, 0]);
  const pending = segmented();
  pending.catch(() => {});
  while (asked === 0) await page.waitForTimeout(20);
  // Others go on meanwhile, and two analyses ask once.
  const meanwhile = await page.evaluate(async () => {
    window.second = analyzer.analyze(canvas);
    const { detections } = await analyzer.detect(photo);
    const first = await Promise.race([second.then(() => "analysed"), new Promise((resolve) => setTimeout(resolve, 300, "waits"))]);
    return [detections.length, first];
  });
  assert.deepEqual([...meanwhile, asked], [1, "waits", 1]);
  go();
  assert.deepEqual(await pending, { segmentation: { model: "skin-net", concerns: ["acne", "darkSpots"] }, why: undefined, models: ["blazeface-short", "facemesh-468", "skin-net"], events: [] });
  assert.equal(await page.evaluate(async () => (await second).faces[0].segmentation.model), "skin-net");
  assert.equal(asked, 1);
});

test("the page draws box and mesh while the network of skin is on its way", { timeout: 60_000 }, async () => {
  let go;
  const held = new Promise((resolve) => (go = resolve));
  await page.route("**/skin-net.*", async (route) => {
    await held;
    await route.continue();
  });
  await begin();
  const photo = await page.evaluate(async () => {
    const blob = await new Promise((resolve) => canvas.toBlob(resolve));
    return Array.from(new Uint8Array(await blob.arrayBuffer()));
  });
  await page.setInputFiles("input[type=file]", { name: "face.png", mimeType: "image/png", buffer: Buffer.from(photo) });
  await page.waitForSelector("#layers [data-layer=mesh] path[d^=M]");
  const seen = () => page.evaluate(() => ({
    state: document.body.dataset.state,
    boxes: document.querySelectorAll("#layers .box").length,
    points: document.querySelector("#layers .mesh").getAttribute("d").split("M").length - 1,
    findings: document.querySelectorAll("#layers .finding").length > 0,
  }));
  assert.deepEqual(await seen(), { state: "working", boxes: 1, points: 468, findings: false });
  go();
  await page.waitForSelector("body[data-state=done]");
  assert.deepEqual(await seen(), { state: "done", boxes: 1, points: 468, findings: true });
});

test("a photo too coarse for it does not wait, nor ask for it; where nothing is waited for there is no preview", { timeout: 60_000 }, async () => {
  let asked = 0;
  await page.route("**/skin-net.*", (route) => {
    asked += 1;
    return route.continue();
  });
  await begin();
  const analyse = (image) => page.evaluate(async (image) => {
    const told = [];
    const report = await analyzer.analyze(window[image], { onPreview: ({ detections, preview }) => told.push([detections.length, preview.landmarks.length]) });
    return { told, models: report.models.length, ...report.faces[0].segmentation };
  }, image);
  const coarse = { told: [], models: 2, model: "skin-net", concerns: [] };
  assert.deepEqual([await analyse("photo"), asked], [coarse, 0]);
  const fine = { models: 3, model: "skin-net", concerns: ["acne", "darkSpots"] };
  assert.deepEqual([await analyse("canvas"), asked], [{ told: [[1, 468]], ...fine }, 1]);
  assert.deepEqual(await analyse("canvas"), { told: [], ...fine });
  // What it would not be shown is reported as before.
  assert.deepEqual([await analyse("photo"), asked], [coarse, 1]);
});

test("one that is slow is not waited for longer than eight seconds, and is there for a later photo", { timeout: 60_000 }, async () => {
  let go;
  const held = new Promise((resolve) => (go = resolve));
  await page.route("**/skin-net.*", async (route) => {
    await held;
    await route.continue();
  });
  await begin();
  const { segmentation, why } = await segmented();
  assert.deepEqual([segmentation, why], [null, "model-missing"]);
  go();
  await page.evaluate(() => analyzer.preload());
  assert.equal((await segmented()).segmentation.model, "skin-net");
});

test("one that does not come is told of once and done without", { timeout: 60_000 }, async () => {
  let asked = 0;
  await page.route("**/skin-net.*", (route) => {
    asked += 1;
    return route.fulfill({ status: 404 });
  });
  await begin();
  for (let k = 0; k < 2; k++) {
    assert.deepEqual(await segmented(), { segmentation: null, why: "model-missing", models: ["blazeface-short", "facemesh-468"], events: ["model-fetch"] });
  }
  assert.equal(asked, 1);
  const { status, parts } = await page.evaluate(() => analyzer.health());
  assert.deepEqual([status, parts.model_availability.status, parts.enhanced_analyzer.status], ["degraded", "unhealthy", "healthy"]);
  assert.match(parts.model_availability.message, /skin-net.*model-fetch/);
});

test("one that did not come is asked for again a minute later, beside an analysis that goes on without", { timeout: 60_000 }, async () => {
  let there = false, asked = 0;
  await page.route("**/skin-net.*", (route) => {
    asked += 1;
    return there ? route.continue() : route.fulfill({ status: 404 });
  });
  await page.addInitScript(() => {
    const now = performance.now.bind(performance);
    window.passed = 0;
    performance.now = () => now() + window.passed;
  });
  await page.reload();
  await begin();
  const after = (ms) => page.evaluate((ms) => void (window.passed += ms), ms);
  const told = (count) => page.waitForFunction((count) => events.length === count, count);
  assert.equal((await segmented()).why, "model-missing");
  await after(61_000);
  assert.equal((await segmented()).why, "model-missing");
  await told(2);
  // The second pause is twice the first.
  await after(61_000);
  assert.equal((await segmented()).why, "model-missing");
  await page.waitForTimeout(300);
  assert.equal(asked, 2);
  there = true;
  await after(61_000);
  assert.equal((await segmented()).why, "model-missing");
  await page.waitForFunction(async () => (await analyzer.health()).status === "healthy");
  const { segmentation, events } = await segmented();
  assert.deepEqual([segmentation.model, events, asked], ["skin-net", ["model-fetch", "model-fetch"], 3]);
});

test("who closes the analyzer, or gives up, while it comes is told so; the next analysis asks again", { timeout: 60_000 }, async () => {
  let asked = 0;
  await page.route("**/skin-net.*", () => void (asked += 1));
  await begin();
  const gaveUp = await page.evaluate(async () => {
    const controller = new AbortController();
    const pending = analyzer.analyze(canvas, { signal: controller.signal }).catch((fault) => fault.code ?? fault.name);
    setTimeout(() => controller.abort(), 500);
    return pending;
  });
  assert.equal(gaveUp, "aborted");
  const closed = await page.evaluate(async () => {
    const pending = analyzer.analyze(canvas).catch((fault) => fault.code);
    setTimeout(() => analyzer.close(), 500);
    return pending;
  });
  assert.equal(closed, "closed");
  assert.equal(asked, 2);
});
