// What a worker costs at the edge: photos of 12 megapixels, one after the other, in workerd.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { after, before, test } from "node:test";
import { launch, serve } from "../served.js";
import { worker } from "./workerd.js";

/** What the platform gives an isolate, bytes. */
const MEMORY = 128_000_000;
const TIMES = 20;

let server, photos;

/** In a page: the sample's face as a photo; a WebP without loss, which costs a decoder most, with half the pixels, for they count twice. */
const enlarge = async ([type, width, height]) => {
  const bitmap = await createImageBitmap(await (await fetch("/sample/astronaut.png")).blob());
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 120, 0, 210, 280, 0, 0, width, height);
  const blob = await canvas.convertToBlob({ type, quality: type === "image/webp" ? 1 : 0.9 });
  return new Promise((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.split(",")[1]);
    reader.readAsDataURL(blob);
  });
};

/** The same JPEG as a phone that was held upright leaves it: turned by a quarter, which a tag says. */
function turned(jpeg) {
  // One entry, little-endian: orientation, a short, 6.
  const tag = Buffer.from([0xff, 0xe1, 0, 34, ...Buffer.from("Exif\0\0II*\0"), 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0]);
  return Buffer.concat([jpeg.subarray(0, 2), tag, jpeg.subarray(2)]);
}

before(async () => {
  server = await serve(8806);
  const browser = await launch();
  const page = await browser.newPage();
  await page.goto(server.url);
  photos = {};
  for (const photo of [["image/jpeg", 3000, 4000], ["image/webp", 2100, 2800]]) {
    photos[photo[0]] = Buffer.from(await page.evaluate(enlarge, photo), "base64");
  }
  await browser.close();
});

after(() => server?.stop());

/** The process of workerd that a test has begun: it is this one's child. */
function workerd() {
  const children = readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/stat`, "utf8").includes(`(workerd) `) && readFileSync(`/proc/${pid}/status`, "utf8").includes(`PPid:\t${process.pid}\n`);
    } catch {
      return false;
    }
  });
  assert.equal(children.length, 1, "the process of workerd");
  const of = (text, name) => Number(text.match(new RegExp(`${name}:\\s+(\\d+)`))[1]) * 1000;
  const sum = (one) => children.reduce((total, pid) => total + one(pid), 0);
  return {
    rss: sum((pid) => of(readFileSync(`/proc/${pid}/status`, "utf8"), "VmRSS")),
    peak: sum((pid) => of(readFileSync(`/proc/${pid}/status`, "utf8"), "VmHWM")),
    // Clock ticks of a hundredth of a second, in user mode and in the kernel.
    cpuMs: sum((pid) => {
      const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
      return 10 * (Number(fields[11]) + Number(fields[12]));
    }),
  };
}

test("twenty photos of 12 megapixels in a row stay within an isolate's memory", { timeout: 180_000 }, async (t) => {
  const { flare, url, startMs } = await worker({ bindings: { SKIN_MODELS: `${server.url}models`, SKIN_MAX_PIXELS: "12500000" } });
  try {
    await fetch(`${url}else`);
    const idle = workerd();
    const post = (body) => fetch(url, { method: "POST", body });
    const first = performance.now();
    assert.equal((await post(photos["image/jpeg"])).status, 200);
    const cold = performance.now() - first;
    const before = workerd();
    const times = [];
    for (let k = 0; k < TIMES; k++) {
      const sent = performance.now();
      const answer = await post(photos["image/jpeg"]);
      const report = await answer.json();
      times.push(performance.now() - sent);
      assert.deepEqual([answer.status, report.engine, report.faces.length, report.image.width], [200, "enhanced", 1, 3000]);
    }
    const after = workerd();
    const memory = async () => (await (await fetch(`${url}metrics`)).json()).memoryBytes;
    const upright = await memory();
    const lying = await (await post(turned(photos["image/jpeg"]))).json();
    assert.deepEqual([lying.engine, lying.image.width, lying.image.height], ["enhanced", 4000, 3000]);
    assert.equal((await post(photos["image/webp"])).status, 200);
    const now = workerd();
    const memoryBytes = await memory();
    const [low, middle, high] = times.sort((a, b) => a - b).filter((_, i) => [0, TIMES / 2, TIMES - 1].includes(i)).map(Math.round);
    const grown = now.peak - idle.rss;
    t.diagnostic(`started in ${Math.round(startMs)} ms, the process included; first photo, models included, ${Math.round(cold)} ms; then ${middle} ms (${low} to ${high}), CPU ${Math.round((after.cpuMs - before.cpuMs) / TIMES)} ms`);
    t.diagnostic(`memory: WebAssembly ${(upright / 1e6).toFixed(0)} MB, ${(memoryBytes / 1e6).toFixed(0)} after a turned one and a WebP, the process at its peak ${(grown / 1e6).toFixed(0)} MB above idle, after the JPEGs ${((after.peak - idle.rss) / 1e6).toFixed(0)} MB`);
    assert.ok(memoryBytes < MEMORY, `${memoryBytes}`);
    assert.ok(startMs < 1000, `${startMs}`);
  } finally {
    await flare.dispose();
  }
});

test("a photo beyond the limit is refused, and the limit named", async () => {
  const { flare, url } = await worker({ bindings: { SKIN_MODELS: `${server.url}models`, SKIN_MAX_PIXELS: "8000000" } });
  try {
    const sizes = { "image/jpeg": /3000×4000 pixels; the limit is 8000000/, "image/webp": /2100×2800 pixels; the limit is 4000000/ };
    for (const [type, body] of Object.entries(photos)) {
      const answer = await fetch(url, { method: "POST", body });
      const { error } = await answer.json();
      assert.deepEqual([answer.status, error.code], [413, "image-too-large"]);
      assert.match(error.message, sizes[type]);
    }
    const heavy = await fetch(url, { method: "POST", body: new Uint8Array(10_000_001) });
    assert.deepEqual([heavy.status, (await heavy.json()).error.code], [413, "image-too-large"]);
  } finally {
    await flare.dispose();
  }
});
