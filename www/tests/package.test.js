// The package in Chromium, called as a developer calls it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, serve } from "./served.js";

let server, browser, page;

before(async () => {
  server = await serve(8793);
  browser = await launch();
  page = await browser.newPage();
  await page.goto(server.url);
});

after(async () => {
  await browser?.close();
  server?.stop();
});

/** Runs a function in the page with the package and the sample. */
const inPage = (body) =>
  page.evaluate(`(async () => {
    const skin = await import("/shine-skin/index.js");
    const blob = await (await fetch("/sample/astronaut.png")).blob();
    const code = async (promise) => promise.then(() => "none", (fault) => [fault instanceof Error, fault.name, fault.code].join(" "));
    return (${body})(skin, blob, code);
  })()`);

test("every kind of source has the same faces", async () => {
  const widths = await inPage(async ({ SkinAnalyzer }, blob) => {
    const analyzer = await SkinAnalyzer.createFromOptions({ modelBaseUrl: "/models" });
    const bitmap = await createImageBitmap(blob);
    const canvas = Object.assign(document.createElement("canvas"), { width: 512, height: 512 });
    const context = canvas.getContext("2d");
    context.drawImage(bitmap, 0, 0);
    const offscreen = new OffscreenCanvas(512, 512);
    offscreen.getContext("2d").drawImage(bitmap, 0, 0);
    const image = new Image();
    image.src = URL.createObjectURL(blob);
    await image.decode();
    const buffer = await blob.arrayBuffer();
    const sources = [
      blob, bitmap, canvas, offscreen, image, buffer, new Uint8Array(buffer),
      context.getImageData(0, 0, 512, 512), context.getImageData(0, 0, 512, 512, { colorSpace: "display-p3" }),
      new VideoFrame(canvas, { timestamp: 0 }),
    ];
    const widths = [];
    for (const source of sources) widths.push((await analyzer.detect(source)).detections.map((d) => d.boundingBox.width));
    return widths;
  });
  for (const found of widths) {
    assert.equal(found.length, 1);
    // A video frame has been through YUV.
    assert.ok(Math.abs(found[0] - widths[0][0]) < 1, JSON.stringify(widths));
  }
});

test("options that can't be are refused by name", async () => {
  const codes = await inPage(async ({ SkinAnalyzer }, _, code) =>
    Promise.all(
      [{ maxFaces: 0 }, { minDetectionConfidence: 2 }, { engine: "magic" }, { modelBaseUrl: 3 }, { colour: "red" }].map((options) =>
        code(SkinAnalyzer.createFromOptions(options)),
      ),
    ),
  );
  for (const found of codes) assert.equal(found, "true ShineSkinError invalid-options");
});

test("calls at once load once, and health says what is so", async () => {
  const [before, after, loads] = await inPage(async ({ SkinAnalyzer }, blob) => {
    let loads = 0;
    const onProgress = ({ status }) => (loads += status === "ready");
    const analyzer = await SkinAnalyzer.createFromOptions({ modelBaseUrl: "/models", onProgress });
    const before = await analyzer.health();
    await Promise.all([analyzer.detect(blob), analyzer.analyze(blob), analyzer.preload()]);
    return [before, await analyzer.health(), loads];
  });
  assert.deepEqual([before.status, before.models, after.status, after.models, loads], ["degraded", "not-loaded", "healthy", "loaded", 1]);
  assert.ok(["scalar", "simd", "relaxed"].includes(after.wasm));
});

test("aborting, closing and limits have their codes", async () => {
  const codes = await inPage(async ({ SkinAnalyzer }, blob, code) => {
    const analyzer = await SkinAnalyzer.createFromOptions({ modelBaseUrl: "/models" });
    const small = await SkinAnalyzer.createFromOptions({ modelBaseUrl: "/models", limits: { maxPixels: 1000 } });
    const lost = await SkinAnalyzer.createFromOptions({ modelBaseUrl: "/nowhere" });
    const other = await SkinAnalyzer.createFromOptions({ modelBaseUrl: "/models", channel: "purple" });
    const codes = [
      await code(analyzer.analyze(blob, { signal: AbortSignal.abort("reason") })),
      await code(small.analyze(blob)),
      await code(lost.analyze(blob)),
      await code(other.analyze(blob)),
      await code(analyzer.analyze("a string")),
      await code((await SkinAnalyzer.createFromOptions({ modelBaseUrl: "/models" })).analyze(blob, { signal: AbortSignal.timeout(1) })),
    ];
    analyzer.close();
    codes.push(await code(analyzer.analyze(blob)));
    return codes;
  });
  const expected = ["aborted", "image-too-large", "manifest-fetch", "invalid-options", "invalid-options", "aborted", "closed"];
  assert.deepEqual(codes, expected.map((name) => `true ShineSkinError ${name}`));
});
