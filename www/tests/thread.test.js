// The package's own worker, in Chromium: what its caller notices of it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, serve } from "./served.js";

let server, browser, page;

before(async () => {
  server = await serve(8799);
  browser = await launch();
  page = await browser.newPage();
  await page.goto(server.url);
});

after(async () => {
  await browser?.close();
  server?.stop();
});

/** Runs a function in the page with the package, the sample and options for a worker. */
const inPage = (body) =>
  page.evaluate(`(async () => {
    const { SkinAnalyzer, ShineSkinError } = await import("/shine-skin/index.js");
    const blob = await (await fetch("/sample/astronaut.png")).blob();
    const options = { engine: "enhanced", modelBaseUrl: "/models", worker: true };
    const code = (promise) => promise.then(() => "none", (fault) => fault instanceof ShineSkinError && fault.code);
    return (${body})({ SkinAnalyzer, blob, options, code });
  })()`);

test("a worker's report is that of the page's own thread, and leaves that free", async () => {
  const { away, own, thread, longest, progress, metrics } = await inPage(async ({ SkinAnalyzer, blob, options }) => {
    const progress = [];
    const analyzer = await SkinAnalyzer.createFromOptions({ ...options, onProgress: ({ status }) => progress.push(status) });
    const tasks = [];
    const observer = new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration)));
    observer.observe({ type: "longtask" });
    const away = await analyzer.analyze(blob);
    tasks.push(...observer.takeRecords().map(({ duration }) => duration));
    observer.disconnect();
    const plain = await SkinAnalyzer.createFromOptions({ ...options, worker: false });
    const own = await plain.analyze(blob);
    const thread = [(await analyzer.health()).thread, (await plain.health()).thread];
    const metrics = analyzer.metrics();
    return { away, own, thread, longest: Math.max(0, ...tasks), progress, metrics };
  });
  delete away.timings;
  delete own.timings;
  assert.deepEqual(away, own);
  assert.deepEqual(thread, ["worker", "own"]);
  assert.ok(longest <= 50, `the page's thread stood still for ${longest} ms`);
  assert.deepEqual([progress[0], progress.at(-1)], ["initiate", "ready"]);
  assert.deepEqual([metrics.calls.analyze.count, metrics.reports, metrics.modelFiles.network + metrics.modelFiles.cache], [1, { enhanced: 1 }, 2]);
  assert.ok(metrics.memoryBytes > 1e6);
});

test("every kind of source arrives, and stays its caller's", async () => {
  const { widths, whole } = await inPage(async ({ SkinAnalyzer, blob, options }) => {
    const analyzer = await SkinAnalyzer.createFromOptions(options);
    const bitmap = await createImageBitmap(blob);
    const canvas = Object.assign(document.createElement("canvas"), { width: 512, height: 512 });
    const context = canvas.getContext("2d");
    context.drawImage(bitmap, 0, 0);
    const offscreen = new OffscreenCanvas(512, 512);
    offscreen.getContext("2d").drawImage(bitmap, 0, 0);
    const image = Object.assign(new Image(), { src: URL.createObjectURL(blob) });
    await image.decode();
    const video = Object.assign(document.createElement("video"), { srcObject: canvas.captureStream(), muted: true });
    const drawing = setInterval(() => context.drawImage(bitmap, 0, 0), 20);
    await video.play();
    const buffer = await blob.arrayBuffer();
    const large = new Uint8Array(buffer.byteLength + 200);
    large.set(new Uint8Array(buffer), 100);
    const view = large.subarray(100, 100 + buffer.byteLength);
    const frame = new VideoFrame(canvas, { timestamp: 0 });
    const sources = [blob, bitmap, canvas, offscreen, image, video, buffer, view, context.getImageData(0, 0, 512, 512), frame];
    const widths = [];
    for (const source of sources) widths.push((await analyzer.detect(source)).detections.map((d) => d.boundingBox.width));
    widths.push((await analyzer.detectForVideo(video, 0)).detections.map((d) => d.boundingBox.width));
    clearInterval(drawing);
    return { widths, whole: [bitmap.width, offscreen.width, buffer.byteLength > 0, view.byteLength > 0, frame.codedWidth] };
  });
  for (const found of widths) {
    assert.equal(found.length, 1, JSON.stringify(widths));
    assert.ok(Math.abs(found[0] - widths[0][0]) < 1.5, JSON.stringify(widths));
  }
  assert.deepEqual(whole, [512, 512, true, true, 512]);
});

test("what ends a call on the page ends it in the worker", async () => {
  let stopped = 0;
  await page.route("**/never/*", () => {});
  page.on("requestfailed", (request) => (stopped += request.url().includes("/never/")));
  const { codes, took, errors } = await inPage(async ({ SkinAnalyzer, blob, options, code }) => {
    const analyzer = await SkinAnalyzer.createFromOptions({ ...options, modelBaseUrl: "/never", cache: "none" });
    const controller = new AbortController();
    const left = code(analyzer.analyze(blob, { signal: controller.signal }));
    await new Promise((resolve) => setTimeout(resolve, 300));
    const begun = performance.now();
    controller.abort();
    const codes = [await left];
    const took = performance.now() - begun;
    codes.push(await code(analyzer.analyze(blob, { signal: AbortSignal.abort() })));
    codes.push(await code(analyzer.analyze("a string")));
    codes.push(await code(analyzer.analyze(document.createElement("video"))));
    codes.push(await code((await SkinAnalyzer.createFromOptions({ ...options, limits: { maxPixels: 1000 } })).analyze(await createImageBitmap(blob))));
    codes.push(await code((await SkinAnalyzer.createFromOptions({ ...options, modelBaseUrl: "/never", timeoutMs: 200 })).preload()));
    const open = [code(analyzer.analyze(blob)), code(analyzer.health()), code(analyzer.cacheInfo())];
    analyzer.close();
    codes.push(...(await Promise.all(open)), await code(analyzer.detect(blob)), await code(analyzer.health()));
    return { codes, took, errors: analyzer.metrics().errors };
  });
  assert.deepEqual(codes, ["aborted", "aborted", "invalid-options", "decode-failed", "image-too-large", "timeout", "closed", "closed", "closed", "closed", "closed"]);
  assert.ok(took < 100, `${took} ms`);
  assert.deepEqual(errors, { aborted: 2, "invalid-options": 1, "decode-failed": 1, closed: 2 });
  assert.ok(stopped >= 1, "what was fetched for nobody goes on");
});

test("models are asked for by a fetch of one's own, also the browser's as it is", async () => {
  const { faces, asked, code: wrong } = await inPage(async ({ SkinAnalyzer, blob, options, code }) => {
    const asked = [];
    const own = (request) => {
      asked.push(new URL(request.url).pathname);
      return fetch(request);
    };
    const faces = [];
    for (const given of [own, globalThis.fetch]) {
      const analyzer = await SkinAnalyzer.createFromOptions({ ...options, worker: false, cache: "none", fetch: given });
      faces.push((await analyzer.detect(blob)).detections.length);
    }
    const none = await SkinAnalyzer.createFromOptions({ ...options, worker: false, cache: "none", fetch: async () => "no response" });
    return { faces, asked, code: await code(none.detect(blob)) };
  });
  assert.deepEqual([faces, asked.length, asked[0], wrong], [[1, 1], 3, "/models/manifest.json", "manifest-fetch"]);
});

test("where there can be no worker the page's own thread does it, and says so", async () => {
  const strict = await browser.newPage();
  await strict.route(server.url, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, headers: { ...response.headers(), "content-security-policy": "worker-src 'none'" } });
  });
  await strict.goto(server.url);
  const { events, thread, faces } = await strict.evaluate(async () => {
    const { SkinAnalyzer } = await import("/shine-skin/index.js");
    const blob = await (await fetch("/sample/astronaut.png")).blob();
    const events = [];
    const analyzer = await SkinAnalyzer.createFromOptions({ modelBaseUrl: "/models", worker: true, onEvent: (event) => events.push(event) });
    const report = await analyzer.analyze(blob);
    return { events, thread: (await analyzer.health()).thread, faces: report.faces.length };
  });
  assert.deepEqual([events[0].type, events[0].code, thread, faces], ["warning", "worker-unavailable", "own", 1]);
  await strict.close();
});

test("a worker that stops is replaced", async () => {
  const { first, second } = await inPage(async ({ SkinAnalyzer, blob, options, code }) => {
    const workers = [];
    const Plain = Worker;
    globalThis.Worker = class extends Plain {
      constructor(...given) {
        super(...given);
        workers.push(this);
      }
    };
    const analyzer = await SkinAnalyzer.createFromOptions({ ...options, modelBaseUrl: "/never" });
    const first = code(analyzer.analyze(blob));
    await new Promise((resolve) => setTimeout(resolve, 200));
    workers[0].dispatchEvent(new ErrorEvent("error", { message: "it stopped" }));
    const second = await code(analyzer.cacheInfo());
    globalThis.Worker = Plain;
    return { first: await first, second: [second, workers.length] };
  });
  assert.equal(first, "internal");
  assert.deepEqual(second, ["none", 2]);
});
