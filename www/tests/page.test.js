// The page in Chromium: what a person does, and that the answer is the command line's.

import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { crc32 } from "node:zlib";
import { after, before, beforeEach, afterEach, test } from "node:test";
import { same } from "./same.js";
import { SAMPLE, answer, commandLine, launch, pageReport, serve } from "./served.js";

let server, browser, page, requests, faults;

before(async () => {
  server = await serve(8792);
  browser = await launch();
});

after(async () => {
  await browser?.close();
  server?.stop();
});

beforeEach(async () => {
  page = await browser.newPage({ viewport: { width: 1280, height: 900 }, permissions: ["camera"] });
  requests = [];
  faults = [];
  page.on("request", (request) => requests.push(request));
  page.on("pageerror", (fault) => faults.push(fault.message));
  await page.goto(server.url);
});

afterEach(async () => {
  assert.deepEqual(faults, [], "the page threw");
  await page.close();
});

const choose = async (file) => {
  await page.setInputFiles("#file", file);
  return answer(page);
};

test("a chosen photo has the report of the command line", async () => {
  assert.equal(await choose(SAMPLE), "done");
  same(await pageReport(page), commandLine(SAMPLE));
});

test("a Display P3 copy and a JPEG have the report of the command line", async () => {
  // Chromium writes the copies, with its own profile for Display P3.
  const directory = mkdtempSync(`${tmpdir()}/shine-skin-`);
  for (const [colorSpace, type, extension] of [
    ["display-p3", "image/png", "png"],
    ["display-p3", "image/jpeg", "jpg"],
    ["srgb", "image/jpeg", "jpg"],
  ]) {
    const copied = await page.evaluate(
      async ([colorSpace, type]) => {
        const bitmap = await createImageBitmap(await (await fetch("sample/astronaut.png")).blob());
        const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
        canvas.getContext("2d", { colorSpace }).drawImage(bitmap, 0, 0);
        const blob = await canvas.convertToBlob({ type, quality: 0.95 });
        return [...new Uint8Array(await blob.arrayBuffer())];
      },
      [colorSpace, type],
    );
    const bytes = Buffer.from(copied);
    const tagged = bytes.includes("iCCP") || bytes.includes("ICC_PROFILE");
    assert.ok(tagged || colorSpace === "srgb", "the copy carries no profile");
    const file = `${directory}/${colorSpace}.${extension}`;
    writeFileSync(file, bytes);
    assert.equal(await choose(file), "done");
    const report = await pageReport(page);
    same(report, commandLine(file));
    // The copy shows the same colours as the original, whatever space it is written in.
    if (type === "image/png") same(report, commandLine(SAMPLE));
    await page.reload();
  }
});

test("models arrive on first use, by GET, and the photo goes nowhere", { timeout: 60_000 }, async () => {
  const models = () => requests.filter((request) => request.url().includes("/models/"));
  assert.equal(models().length, 0);
  assert.equal(await choose(SAMPLE), "done");
  // One that this photo has no use for comes after its report.
  const plans = () => models().filter((request) => request.url().endsWith(".plan"));
  while (plans().length < 3) await page.waitForTimeout(20);
  const names = models().map((request) => request.url().split("/").pop());
  assert.equal(new Set(names).size, names.length);
  const before = requests.length;
  assert.equal(await choose(SAMPLE), "done");
  assert.equal(models().length, names.length, "a second photo fetches no model");
  for (const request of requests) {
    assert.equal(request.method(), "GET", request.url());
    assert.ok(request.url().startsWith(server.url) || request.url().startsWith("blob:"), request.url());
  }
  assert.ok(requests.slice(before).every((request) => request.url().startsWith("blob:")));
});

test("the page moves while it analyses", async () => {
  await page.evaluate(() => {
    window.longest = 0;
    let last = performance.now();
    const tick = () => {
      window.longest = Math.max(window.longest, performance.now() - last);
      last = performance.now();
      requestAnimationFrame(tick);
    };
    tick();
  });
  // Of some photos the best: a busy machine holds up a page too, but not each time.
  const shares = [];
  for (let k = 0; k < 3; k++) {
    await page.evaluate(() => (window.longest = 0));
    assert.equal(await choose(SAMPLE), "done");
    const { timings } = await pageReport(page);
    const taken = Object.values(timings).reduce((sum, ms) => sum + ms, 0);
    shares.push((await page.evaluate(() => window.longest)) / taken);
  }
  // In the page's own thread one half of the analysis would be a stand-still of half of it at least.
  assert.ok(Math.min(...shares) < 0.4, `the page stood still for ${shares.map((share) => share.toFixed(2))} of the time`);
});

test("a file that is no picture is answered with what can be done", async () => {
  assert.equal(await choose({ name: "x.jpg", mimeType: "image/jpeg", buffer: Buffer.from("not a picture") }), "failed");
  assert.equal(await page.getAttribute("#message", "data-code"), "unsupported-format");
  assert.match(await page.textContent("#message"), /JPEG/);
  assert.equal(await choose(SAMPLE), "done");
});

test("where models can't be fetched the page measures without them, says so, and tries again when asked", async () => {
  await page.route("**/*.plan", (route) => route.abort());
  assert.equal(await choose(SAMPLE), "done");
  const { engine, fallbacks } = await pageReport(page);
  assert.deepEqual([engine, fallbacks.map(({ code }) => code)], ["basic", ["model-fetch"]]);
  assert.match(await page.textContent("[data-engine=basic]"), /model could not be fetched.*stayed on this device/s);
  assert.ok(await page.isHidden("#tools"), "there is nothing to choose among");
  await page.unroute("**/*.plan");
  await page.click("[data-engine=basic] button");
  await page.waitForFunction(() => document.body.dataset.state === "done" && !document.querySelector("[data-engine]"));
  assert.equal((await pageReport(page)).engine, "enhanced");
  assert.ok(await page.isVisible("#tools"));
});

test("a damaged model never runs", async () => {
  await page.route("**/*.plan", async (route) => {
    try {
      const response = await route.fetch();
      const body = await response.body();
      body[5000] ^= 1;
      await route.fulfill({ response, body });
    } catch {
      // The other model's request ends with the first one's fault, or with the page.
    }
  });
  assert.equal(await choose(SAMPLE), "done");
  const { engine, fallbacks } = await pageReport(page);
  assert.deepEqual([engine, fallbacks.map(({ code }) => code)], ["basic", ["model-integrity"]]);
});

test("layers can be switched and findings read by keyboard", async () => {
  await page.click("#sample");
  assert.equal(await answer(page), "done");
  const visible = (name) => page.isVisible(`[data-layer=${name}]`);
  assert.ok(!(await visible("zones")));
  await page.check("input[name=zones]");
  assert.ok(await visible("zones"));
  await page.locator(".finding").locator("visible=true").first().focus();
  assert.match(await page.textContent("#caption"), /: .*mm²/);
});

test("a finding is told where it is touched, and the heat map is as strong as its slider", async () => {
  await page.click("#sample");
  assert.equal(await answer(page), "done");
  const finding = page.locator(".finding").locator("visible=true").first();
  // Lines are thinner than a finger: what is touched is the finding's inside.
  await finding.dispatchEvent("click");
  assert.match(await page.textContent("#caption"), /: .*mm²/);
  assert.equal(await page.locator(".finding.chosen").count(), 1);
  const strength = () => page.evaluate(() => getComputedStyle(document.querySelector(".heats")).opacity);
  assert.equal(await strength(), "0");
  await page.locator("#heat").fill("60");
  assert.equal(await strength(), "0.6");
  const opened = await page.evaluate(() => document.querySelector("details.measure [data-concern], details.measure")?.dataset.concern);
  await page.locator(`details.measure[data-concern=${opened}] summary`).click();
  const shown = await page.evaluate(() => [...document.querySelectorAll(".heats [data-concern]")].filter((one) => one.style.display !== "none").map((one) => one.dataset.concern));
  assert.deepEqual(shown, [opened]);
});

test("a photo can be pasted and dropped, also while a finding is read", async () => {
  await page.click("#sample");
  assert.equal(await answer(page), "done");
  for (const kind of ["paste", "drop"]) {
    await page.locator(".finding").locator("visible=true").first().focus();
    await page.evaluate(async (kind) => {
      const data = new DataTransfer();
      const blob = await (await fetch("sample/astronaut.png")).blob();
      data.items.add(new File([blob], "photo.png", { type: "image/png" }));
      const event =
        kind === "paste"
          ? new ClipboardEvent("paste", { clipboardData: data })
          : new DragEvent("drop", { dataTransfer: data, cancelable: true });
      window.dispatchEvent(event);
    }, kind);
    assert.equal(await page.evaluate(() => document.body.dataset.state), "working", kind);
    assert.equal(await answer(page), "done");
  }
});

test("a print photo in CMYK is refused as on the command line", async () => {
  // A header is enough to be refused: one frame of four components.
  const buffer = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0, 0xff, 0xc0, 0, 20, 8, 0, 1, 0, 1, 4]);
  assert.equal(await choose({ name: "print.jpg", mimeType: "image/jpeg", buffer }), "failed");
  assert.equal(await page.getAttribute("#message", "data-code"), "unsupported-format");
});

test("a picture of 100 megapixels and a HEIC are refused with what can be done, and the page goes on", async () => {
  // What stands before the pixels is enough to be refused.
  const chunk = (name, body) => {
    const made = Buffer.concat([Buffer.alloc(4), Buffer.from(name), body, Buffer.alloc(4)]);
    made.writeUInt32BE(body.length);
    made.writeUInt32BE(crc32(made.subarray(4, -4)), made.length - 4);
    return made;
  };
  // 10,000 × 10,000 pixels of 8 bits, RGB.
  const size = Buffer.from([0, 0, 0x27, 0x10, 0, 0, 0x27, 0x10, 8, 2, 0, 0, 0]);
  const header = Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), chunk("IHDR", size), chunk("IDAT", Buffer.alloc(20))]);
  const heic = Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from("ftypheic"), Buffer.alloc(12), Buffer.from("mif1heic")]);
  for (const [name, buffer, code] of [["large.png", header, "image-too-large"], ["photo.heic", heic, "unsupported-format"]]) {
    assert.equal(await choose({ name, mimeType: "image/*", buffer }), "failed");
    assert.equal(await page.getAttribute("#message", "data-code"), code);
    assert.match(await page.textContent("#message"), /too large|JPEG/);
  }
  assert.equal(await choose(SAMPLE), "done");
});

test("of a WebP that moves the first picture is measured", async () => {
  const still = await page.evaluate(async () => {
    const bitmap = await createImageBitmap(await (await fetch("sample/astronaut.png")).blob());
    const canvas = new OffscreenCanvas(512, 512);
    canvas.getContext("2d").drawImage(bitmap, 0, 0);
    return [...new Uint8Array(await (await canvas.convertToBlob({ type: "image/webp", quality: 0.9 })).arrayBuffer())];
  });
  const chunk = (name, ...parts) => {
    const body = Buffer.concat(parts);
    const head = Buffer.from(`${name}\0\0\0\0`);
    head.writeUInt32LE(body.length, 4);
    return Buffer.concat([head, body, Buffer.alloc(body.length % 2)]);
  };
  const size = [0xff, 1, 0, 0xff, 1, 0];
  const bytes = Buffer.from(still);
  // The picture as a chunk of its own, after what an extended file has before it.
  const picture = bytes.subarray(bytes.indexOf("VP8 "));
  const frame = chunk("ANMF", Buffer.from([0, 0, 0, 0, 0, 0, ...size, 100, 0, 0, 0]), picture);
  const extended = chunk("VP8X", Buffer.from([2, 0, 0, 0, ...size]));
  const moving = chunk("RIFF", Buffer.from("WEBP"), extended, chunk("ANIM", Buffer.alloc(6)), frame, frame);
  assert.equal(await choose({ name: "moving.webp", mimeType: "image/webp", buffer: moving }), "done");
  assert.equal((await pageReport(page)).faces.length, 1);
});

test("a photo pasted while the camera is open closes it", async () => {
  await page.click("#camera");
  await page.waitForFunction(() => document.body.dataset.state === "camera");
  assert.equal(await choose(SAMPLE), "done");
  assert.equal(await page.evaluate(() => document.getElementById("video").srcObject), null);
});

test("the camera takes a picture and is switched off", async () => {
  await page.click("#camera");
  await page.waitForFunction(() => document.body.dataset.state === "camera");
  await page.click("#snap");
  assert.equal(await answer(page), "done");
  // The test camera shows a pattern: no face is a result.
  assert.deepEqual((await pageReport(page)).quality.issues, ["no-face"]);
  assert.equal(await page.evaluate(() => document.getElementById("video").srcObject), null);
});

test("nothing is wider than a phone", async () => {
  await page.setViewportSize({ width: 390, height: 844 });
  assert.equal(await choose(SAMPLE), "done");
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 390);
});
