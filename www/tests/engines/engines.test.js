// The packages' page in each engine of a browser: the same photo, the same report, and what each engine has.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { same } from "../same.js";
import { ROOT, SAMPLE, commandLine, serve } from "../served.js";
import { ENGINES } from "./engines.js";

/** What each engine is known to have: what changes is to be noticed. */
const HAS = {
  chromium: { flavour: "relaxed", thread: "worker", cache: "persistent", videoFrame: true, camera: true },
  firefox: { flavour: "relaxed", thread: "worker", cache: "persistent", videoFrame: true, camera: true },
  webkit: { flavour: "simd", thread: "worker", cache: "persistent", videoFrame: true, camera: true },
};

/** In a page. */
const measured = async () => {
  const { SkinAnalyzer } = await import("/shine-skin/index.js");
  const { guide, openCamera } = await import("/shine-skin/camera.js");
  const photo = await (await fetch("/sample/astronaut.png")).blob();
  const events = [];
  const analyzer = await SkinAnalyzer.createFromOptions({ modelBaseUrl: "/models", engine: "enhanced", worker: true, onEvent: (event) => events.push(event) });
  const report = await analyzer.analyze(photo);
  const times = [];
  for (let k = 0; k < 20; k++) {
    const begun = performance.now();
    await analyzer.analyze(photo);
    times.push(performance.now() - begun);
  }
  const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 640 });
  canvas.getContext("2d").drawImage(await createImageBitmap(photo), 120, 0, 220, 220, 0, 0, 640, 640);
  let video;
  for (let k = 0; k < 5; k++) video = await analyzer.detectForVideo(canvas, 40 * k);
  const { wasm, thread, status } = await analyzer.health();
  // A camera of the engine's own making: that it opens, and that its frames can be looked at.
  const camera = await Promise.race([
    (async () => {
      const element = document.createElement("video");
      const close = await openCamera(element);
      const looked = await new Promise((resolve, reject) => {
        const controller = new AbortController();
        guide(analyzer, element, { signal: controller.signal, onGuidance: ({ advice }) => (resolve(advice), controller.abort()) }).catch(reject);
      });
      close();
      return looked === "no-face";
    })().catch((fault) => String(fault.code ?? fault)),
    new Promise((resolve) => setTimeout(resolve, 15_000, "nobody allows it")),
  ]);
  return {
    report,
    ms: Math.round(times.sort((a, b) => a - b)[10]),
    video: { faces: video.detections.length, issues: video.preview?.issues, points: video.preview?.landmarks.length },
    health: status,
    events: events.filter(({ type }) => type !== "call"),
    has: {
      flavour: wasm,
      thread,
      cache: (await analyzer.cacheInfo()).kind,
      videoFrame: typeof VideoFrame === "function",
      camera,
    },
  };
};

let server;
const rows = [];

before(async () => {
  server = await serve(8808);
});

after(() => {
  server?.stop();
  if (!process.env.SHINE_WRITE_ENGINES) return;
  // The table of docs/hosts.md.
  const path = `${ROOT}docs/hosts.md`;
  const text = readFileSync(path, "utf8");
  const table = ["| engine | module | worker | cache | camera | `VideoFrame` | a photo, median of 20 |", "|---|---|---|---|---|---|---|", ...rows].join("\n");
  writeFileSync(path, text.replace(/\| engine \| module [^]*?\n\n/, `${table}\n\n`));
});

for (const [name, open] of Object.entries(ENGINES)) {
  test(name, { timeout: 240_000 }, async (t) => {
    const engine = await open();
    try {
      await engine.open(server.url);
      const found = await engine.ask(measured);
      const { has } = found;
      t.diagnostic(`${engine.name}: ${JSON.stringify(has)}, ${found.ms} ms a photo`);
      const yes = (is) => (is ? "yes" : "no");
      rows.push(`| ${engine.name} | ${has.flavour} | ${yes(has.thread === "worker")} | ${has.cache} | ${yes(has.camera)} | ${yes(has.videoFrame)} | ${found.ms} ms |`);
      assert.deepEqual([found.report.engine, found.events, found.health], ["enhanced", [], "healthy"]);
      same(found.report, commandLine(SAMPLE));
      assert.deepEqual(found.video, { faces: 1, issues: [], points: 468 });
      assert.deepEqual(has, HAS[name]);
    } finally {
      await engine.close();
    }
  });
}
