// The camera of the page, in a Chromium whose camera shows a video of a face: near and far, dark, lit from one side, out of focus, moving.

import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { after, before, test } from "node:test";
import { SAMPLE, answer, launch, pageReport, serve } from "./served.js";

const FPS = 30;
/** Seconds that each defect is shown. */
const LONG = 2;

/** What is shown, in order, and what has to be said. The last is good, and longer than it takes to be taken. */
const SCENES = [
  ["nobody", "no-face"],
  ["far", "come-closer"],
  ["dark", "more-light"],
  ["their left in the dark", "more-light-from-left"],
  ["their right in the dark", "more-light-from-right"],
  ["too near", "move-back"],
  ["glaring", "less-light"],
  ["moving", "hold-still"],
  ["blurred", "focus"],
  ["good", "ready"],
];

let server, video;

/** In a page: the JPEGs of all frames, made from the sample. */
const film = async ([scenes, count]) => {
  const bitmap = await createImageBitmap(await (await fetch("/sample/astronaut.png")).blob());
  const canvas = new OffscreenCanvas(640, 480);
  const context = canvas.getContext("2d");
  const face = (width, x = 0) => {
    context.fillStyle = "#9a9a94";
    context.fillRect(0, 0, 640, 480);
    // The face of the sample, `width` pixels wide with its surroundings.
    context.drawImage(bitmap, 125, 10, 200, 200, (640 - width) / 2 + x, (480 - width) / 2, width, width);
  };
  const shade = (from, to) => {
    const light = context.createLinearGradient(240, 0, 400, 0);
    light.addColorStop(0, `rgb(0 0 0 / ${from})`);
    light.addColorStop(1, `rgb(0 0 0 / ${to})`);
    context.fillStyle = light;
    context.fillRect(0, 0, 640, 480);
  };
  const draw = {
    nobody: () => {
      context.fillStyle = "#9a9a94";
      context.fillRect(0, 0, 640, 480);
    },
    far: () => face(190),
    dark: () => (face(480), shade(0.88, 0.88)),
    // What is on the right of the picture is the person's left.
    "their left in the dark": () => (face(480), shade(0, 0.85)),
    "their right in the dark": () => (face(480), shade(0.85, 0)),
    "too near": () => face(860),
    glaring: () => {
      face(480);
      context.globalCompositeOperation = "color-dodge";
      context.fillStyle = "#a0a0a0";
      context.fillRect(0, 0, 640, 480);
      context.globalCompositeOperation = "source-over";
    },
    moving: (k) => face(480, 36 * Math.sin(k / 4)),
    blurred: () => {
      context.filter = "blur(7px)";
      face(480);
      context.filter = "none";
    },
    good: () => face(480),
  };
  const frames = [];
  for (const [scene] of scenes) {
    for (let k = 0; k < (scene === "moving" ? count : 1); k++) {
      draw[scene](k);
      const jpeg = new Uint8Array(await (await canvas.convertToBlob({ type: "image/jpeg", quality: 0.92 })).arrayBuffer());
      frames.push({ times: scene === "moving" ? 1 : scene === "good" ? 2 * count : count, jpeg: [...jpeg] });
    }
  }
  return frames;
};

before(async () => {
  server = await serve(8804);
  const browser = await launch();
  const page = await browser.newPage();
  await page.goto(server.url);
  const frames = await page.evaluate(film, [SCENES, LONG * FPS]);
  await browser.close();
  video = `${mkdtempSync(`${tmpdir()}/shine-skin-`)}/face.mjpeg`;
  writeFileSync(video, Buffer.concat(frames.flatMap(({ times, jpeg }) => Array(times).fill(Buffer.from(jpeg)))));
});

after(() => server?.stop());

/** A page of a browser whose camera shows the video. */
async function withCamera(work, options = {}) {
  const browser = await launch(`--use-file-for-fake-video-capture=${video}`);
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
      window.said = [];
      const guidance = document.getElementById("guidance");
      new MutationObserver(() => {
        const { advice } = guidance.dataset;
        if (guidance.textContent && said.at(-1) !== advice) said.push(advice);
      }).observe(guidance, { childList: true, characterData: true, subtree: true });
      window.tasks = [];
      new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration, startTime }) => ({ duration, startTime })))).observe({ type: "longtask" });
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
    const { said, tasks, looked } = await page.evaluate(() => ({ said, tasks, looked }));
    const seen = looked.filter(({ time, advice }) => time > from && !["null", "no-face"].includes(advice));
    const fps = (1000 * (seen.length - 1)) / (seen.at(-1).time - seen[0].time);
    const apart = seen.slice(1).map(({ time }, k) => time - seen[k].time).sort((a, b) => a - b);
    const middle = apart[apart.length >> 1].toFixed(1);
    t.diagnostic(`${fps.toFixed(1)} frames a second while a face is there, the middle one ${middle} ms after the one before; longest task ${Math.max(0, ...tasks.map(({ duration }) => duration))} ms; ${said.join(", ")}`);
    const expected = SCENES.map(([, advice]) => advice);
    // Between two scenes, and before the first frame, others may be told for a moment.
    let at = 0;
    for (const advice of said) if (advice === expected[at]) at++;
    assert.equal(at, expected.length, `${said} does not hold ${expected}`);
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
