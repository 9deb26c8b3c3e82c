// The camera of the page, in a Chromium whose camera shows a video of a face: near and far, dark, lit from one side, out of focus, moving.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { SCENES, camera } from "./film.js";
import { SAMPLE, answer, launch, pageReport, serve } from "./served.js";

/** What is told for less long is passed over, milliseconds. */
const MOMENT = 300;

let server, video;

before(async () => {
  server = await serve(8804);
  const browser = await launch();
  video = await camera(browser, server);
  await browser.close();
});

after(() => server?.stop());

/** A page of a browser whose camera shows the video. */
async function withCamera(work, options = {}) {
  const browser = await launch(video);
  try {
    const page = await browser.newPage({ permissions: ["camera"], ...options });
    const faults = [];
    page.on("pageerror", (fault) => faults.push(fault.message));
    await page.goto(server.url);
    await work(page);
    assert.deepEqual(faults, []);
  } finally {
    await browser.close();
  }
}

test("each defect is told, and the photo takes itself; the page's thread stays free", { timeout: 120_000 }, async (t) => {
  await withCamera(async (page) => {
    await page.evaluate(() => {
      window.tasks = [];
      window.longTasks = new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration, startTime }) => ({ duration, startTime }))));
      longTasks.observe({ type: "longtask" });
      // Each drawing of the mesh is a frame that was looked at.
      window.looked = [];
      const clear = CanvasRenderingContext2D.prototype.clearRect;
      CanvasRenderingContext2D.prototype.clearRect = function (...place) {
        if (this.canvas.id === "lines") looked.push({ time: performance.now(), advice: document.getElementById("guidance").dataset.advice });
        return clear.apply(this, place);
      };
    });
    // The models first: what is told of is how frames are looked at.
    await page.click("#sample");
    await answer(page);
    await page.evaluate(() => (tasks.length = 0));
    await page.click("#camera");
    await page.waitForFunction(() => document.body.dataset.state === "camera");
    const from = await page.evaluate(() => performance.now());
    await page.waitForFunction(() => document.body.dataset.state === "done", null, { timeout: 60_000 });
    const { tasks, looked } = await page.evaluate(() => (tasks.push(...longTasks.takeRecords().map(({ duration, startTime }) => ({ duration, startTime }))), { tasks, looked }));
    const seen = looked.filter(({ time, advice }) => time > from && !["null", "no-face"].includes(advice));
    const fps = (1000 * (seen.length - 1)) / (seen.at(-1).time - seen[0].time);
    const apart = seen.slice(1).map(({ time }, k) => time - seen[k].time).sort((a, b) => a - b);
    const middle = apart[apart.length >> 1].toFixed(1);
    t.diagnostic(`${fps.toFixed(1)} frames a second while a face is there, the middle one ${middle} ms after the one before; longest task ${Math.max(0, ...tasks.map(({ duration }) => duration))} ms`);
    // Each advice from its first frame to the next one's. Between two scenes others may be told for a moment.
    const told = looked.filter(({ time, advice }, k) => time > from && advice && advice !== looked[k - 1]?.advice);
    const long = told.filter(({ time }, k) => (told[k + 1]?.time ?? Infinity) - time >= MOMENT).map(({ advice }) => advice);
    const runs = long.filter((advice, k) => advice !== long[k - 1]);
    t.diagnostic(told.map(({ time, advice }) => `${((time - from) / 1000).toFixed(1)} ${advice}`).join(", "));
    assert.deepEqual(runs, SCENES.map(([, advice]) => advice));
    assert.ok(tasks.every(({ duration }) => duration <= 50), JSON.stringify(tasks));
    assert.equal((await pageReport(page)).faces.length, 1);
    assert.equal(await page.evaluate(() => document.getElementById("video").srcObject), null, "the camera is closed");
  });
});

test("a camera that is denied, missing or taken away is told of, and the page goes on", { timeout: 120_000 }, async () => {
  await withCamera(async (page) => {
    for (const [name, code] of [["NotAllowedError", "camera-denied"], ["NotFoundError", "camera-missing"], ["NotReadableError", "camera-busy"]]) {
      await page.evaluate((name) => {
        window.media ??= navigator.mediaDevices.getUserMedia;
        navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("no", name));
      }, name);
      await page.click("#camera");
      assert.equal(await answer(page), "failed");
      assert.equal(await page.getAttribute("#message", "data-code"), code);
      assert.match(await page.textContent("#message"), /choose a photo instead/);
    }
    await page.evaluate(() => (navigator.mediaDevices.getUserMedia = media));
    await page.click("#camera");
    await page.waitForFunction(() => document.getElementById("guidance").dataset.advice === "come-closer");
    await page.evaluate(() => {
      const [track] = document.getElementById("video").srcObject.getTracks();
      track.stop();
      track.dispatchEvent(new Event("ended"));
    });
    assert.equal(await answer(page), "failed");
    assert.equal(await page.getAttribute("#message", "data-code"), "camera-interrupted");
    await page.setInputFiles("#file", SAMPLE);
    assert.equal(await answer(page), "done");
  });
});

test("without models there is no advice, and the photo can be taken all the same", { timeout: 120_000 }, async () => {
  await withCamera(async (page) => {
    await page.route("**/models/**", (route) => route.abort());
    await page.click("#camera");
    await page.waitForFunction(() => document.getElementById("guidance").dataset.advice === "blind", null, { timeout: 60_000 });
    assert.equal(await page.evaluate(() => document.body.dataset.state), "camera");
    await page.click("#snap");
    assert.equal(await answer(page), "done");
    assert.equal((await pageReport(page)).engine, "basic");
    await page.click("#camera");
    await page.waitForFunction(() => document.getElementById("guidance").dataset.advice === "blind", null, { timeout: 60_000 });
    await page.evaluate(() => document.getElementById("video").srcObject.getTracks()[0].dispatchEvent(new Event("ended")));
    assert.equal(await answer(page), "failed");
    assert.equal(await page.getAttribute("#message", "data-code"), "camera-interrupted");
  });
});

test("a page in the background takes no photo, and goes on when it is seen again", { timeout: 120_000 }, async () => {
  await withCamera(async (page) => {
    await page.click("#camera");
    await page.waitForFunction(() => document.getElementById("guidance").dataset.advice === "come-closer");
    // What a hidden page does: no frames, for longer than a visible one waits.
    await page.evaluate(() => {
      Object.defineProperty(document, "hidden", { get: () => true, configurable: true });
      window.frames0 = HTMLVideoElement.prototype.requestVideoFrameCallback;
      window.held = [];
      HTMLVideoElement.prototype.requestVideoFrameCallback = function (seen) {
        held.push([this, seen]);
        return -1;
      };
    });
    await page.waitForTimeout(6000);
    assert.equal(await page.evaluate(() => document.body.dataset.state), "camera");
    await page.evaluate(() => {
      delete document.hidden;
      HTMLVideoElement.prototype.requestVideoFrameCallback = frames0;
      for (const [video, seen] of held) video.requestVideoFrameCallback(seen);
    });
    assert.equal(await answer(page), "done");
  });
});
