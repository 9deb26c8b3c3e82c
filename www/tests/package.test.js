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
    const analyzer = await SkinAnalyzer.createFromOptions({ engine: "enhanced", modelBaseUrl: "/models" });
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

/** In the page: the face of the sample from near, `width` pixels wide, and moved a little. */
const NEAR = `const near = async (blob, width, moved = 0) => {
  const canvas = new OffscreenCanvas(width, Math.round(width * 1.25));
  const context = canvas.getContext("2d");
  context.drawImage(await createImageBitmap(blob), 125 + moved, 10, 200, 250, 0, 0, canvas.width, canvas.height);
  return canvas;
};`;

const box = ({ boundingBox: b }) => [b.originX, b.originY, b.width, b.height];

test("a large photo is looked at smaller, and its face is where all pixels show it", async () => {
  const [small, whole, pixels] = await inPage(`async ({ SkinAnalyzer }, blob) => {
    ${NEAR}
    const analyzer = await SkinAnalyzer.createFromOptions({ engine: "enhanced", modelBaseUrl: "/models" });
    const canvas = await near(blob, 1200);
    const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let pixels = 0;
    const read = OffscreenCanvasRenderingContext2D.prototype.getImageData;
    OffscreenCanvasRenderingContext2D.prototype.getImageData = function (...place) {
      pixels += place[2] * place[3];
      return read.apply(this, place);
    };
    const small = (await analyzer.detect(canvas)).detections;
    OffscreenCanvasRenderingContext2D.prototype.getImageData = read;
    return [small, (await analyzer.detect(data)).detections, pixels];
  }`);
  assert.equal(small.length, 1);
  assert.equal(whole.length, 1);
  // Pixels handed in as they are can't be drawn smaller.
  box(small[0]).forEach((value, i) => assert.ok(Math.abs(value - box(whole[0])[i]) < 0.03 * box(whole[0])[2], `${box(small[0])}: ${box(whole[0])}`));
  assert.ok(pixels < 150_000, `${pixels} pixels were read`);
});

test("a face on a video is followed, and lost where it goes", async () => {
  const { followed, looked, pixels, gone, codes } = await inPage(`async ({ SkinAnalyzer }, blob, code) => {
    ${NEAR}
    const analyzer = await SkinAnalyzer.createFromOptions({ engine: "enhanced", modelBaseUrl: "/models" });
    const pixels = [], followed = [], looked = [];
    const read = OffscreenCanvasRenderingContext2D.prototype.getImageData;
    for (let k = 0; k < 5; k++) {
      const frame = await createImageBitmap(await near(blob, 640, 4 * k));
      let count = 0;
      OffscreenCanvasRenderingContext2D.prototype.getImageData = function (...place) {
        count += place[2] * place[3];
        return read.apply(this, place);
      };
      followed.push((await analyzer.detectForVideo(frame, 40 * k)).detections);
      pixels.push(count);
      OffscreenCanvasRenderingContext2D.prototype.getImageData = read;
      looked.push((await analyzer.detect(frame)).detections);
    }
    const gone = (await analyzer.detectForVideo(new OffscreenCanvas(640, 800), 200)).detections;
    const codes = [await code(analyzer.detectForVideo(blob, Infinity)), await code(analyzer.detectForVideo(blob, NaN))];
    const decode = globalThis.createImageBitmap;
    globalThis.createImageBitmap = undefined;
    codes.push(await code(analyzer.detectForVideo(blob, 240)));
    globalThis.createImageBitmap = decode;
    const pixels0 = (await near(blob, 640)).getContext("2d").getImageData(0, 0, 640, 800);
    followed.push((await analyzer.detectForVideo(pixels0, 280)).detections);
    looked.push((await analyzer.detect(pixels0)).detections);
    return { followed, looked, pixels, gone, codes };
  }`);
  followed.forEach((found, k) => {
    assert.equal(found.length, 1);
    const [own, other] = [box(found[0]), box(looked[k][0])];
    own.forEach((value, i) => assert.ok(Math.abs(value - other[i]) < 0.1 * other[2], `${k}: ${own}: ${other}`));
    assert.deepEqual(found[0].keypoints.map((p) => p.label), looked[k][0].keypoints.map((p) => p.label));
  });
  assert.ok(pixels.slice(1).every((count) => count < 110_000) && pixels[0] > 100_000, `${pixels} pixels were read`);
  assert.deepEqual(gone, []);
  assert.deepEqual(codes, Array(3).fill("true ShineSkinError invalid-options"));
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
    // What finds faces, and the network of skin.
    const onProgress = ({ status }) => (loads += status === "ready");
    const analyzer = await SkinAnalyzer.createFromOptions({ engine: "enhanced", modelBaseUrl: "/models", onProgress });
    const before = await analyzer.health();
    await Promise.all([analyzer.detect(blob), analyzer.analyze(blob), analyzer.preload()]);
    return [before, await analyzer.health(), loads];
  });
  assert.deepEqual([before.status, before.models, after.status, after.models, loads], ["degraded", "not-loaded", "healthy", "loaded", 2]);
  assert.ok(["scalar", "simd", "relaxed"].includes(after.wasm));
});

test("aborting, closing and limits have their codes", async () => {
  const codes = await inPage(async ({ SkinAnalyzer }, blob, code) => {
    const analyzer = await SkinAnalyzer.createFromOptions({ engine: "enhanced", modelBaseUrl: "/models" });
    const small = await SkinAnalyzer.createFromOptions({ engine: "enhanced", modelBaseUrl: "/models", limits: { maxPixels: 1000 } });
    const lost = await SkinAnalyzer.createFromOptions({ engine: "enhanced", modelBaseUrl: "/nowhere" });
    const other = await SkinAnalyzer.createFromOptions({ engine: "enhanced", modelBaseUrl: "/models", channel: "purple" });
    const codes = [
      await code(analyzer.analyze(blob, { signal: AbortSignal.abort("reason") })),
      await code(small.analyze(blob)),
      await code(lost.analyze(blob)),
      await code(other.analyze(blob)),
      await code(analyzer.analyze("a string")),
      await code((await SkinAnalyzer.createFromOptions({ engine: "enhanced", modelBaseUrl: "/models" })).analyze(blob, { signal: AbortSignal.timeout(1) })),
    ];
    analyzer.close();
    codes.push(await code(analyzer.analyze(blob)));
    return codes;
  });
  const expected = ["aborted", "image-too-large", "manifest-fetch", "invalid-options", "invalid-options", "aborted", "closed"];
  assert.deepEqual(codes, expected.map((name) => `true ShineSkinError ${name}`));
});
