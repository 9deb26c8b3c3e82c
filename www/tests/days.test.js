// What the page does with a report once it is there: days that are kept and compared, files, no network, and who can't see or point.

import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { gzipSync } from "node:zlib";
import { SAMPLE, SITE, answer, launch, serve } from "./served.js";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let server, browser, context, page, faults;

before(async () => {
  server = await serve(8805);
  browser = await launch();
});

after(async () => {
  await browser?.close();
  server?.stop();
});

beforeEach(async () => {
  context = await browser.newContext({ serviceWorkers: "allow", viewport: { width: 1280, height: 900 } });
  page = await context.newPage();
  faults = [];
  page.on("pageerror", (fault) => faults.push(fault.message));
  await page.goto(server.url);
});

afterEach(async () => {
  assert.deepEqual(faults, [], "the page threw");
  await context.close();
});

const analyse = async () => {
  await page.setInputFiles("#file", SAMPLE);
  assert.equal(await answer(page), "done");
};

test("two days are kept here, compared, and forgotten", async () => {
  assert.ok(await page.isHidden("#days"));
  for (let day = 0; day < 2; day++) {
    await analyse();
    await page.click(".handing button:has-text('Keep')");
    await page.waitForSelector(`#days li:nth-child(${day + 1})`);
  }
  await page.reload();
  await page.click("#days button:has-text('Compare')");
  await page.waitForSelector("#comparison[open]");
  assert.equal(await page.locator("#comparison figure img").count(), 2);
  assert.match(await page.textContent("#comparison tr[data-concern=redness]"), /Redness(\d+)\1none, confidence \d+%/);
  assert.match(await page.textContent("#comparison tr[data-concern=acne]"), /not measured/);
  await page.keyboard.press("Escape");
  for (let day = 0; day < 2; day++) await page.click("#days button:has-text('Remove')");
  await page.waitForSelector("#days", { state: "hidden" });
});

test("a report is handed on as JSON, as a PNG and on paper", async () => {
  await analyse();
  const file = async (name) => {
    const [download] = await Promise.all([page.waitForEvent("download"), page.click(`.handing :is(button, a):has-text('${name}')`)]);
    return readFileSync(await download.path());
  };
  assert.equal(JSON.parse(await file("JSON")).schemaVersion, 1);
  const png = await file("PNG");
  assert.deepEqual([png.subarray(1, 4).toString(), png.readUInt32BE(16), png.readUInt32BE(20)], ["PNG", 512, 512]);
  // What is drawn on it is on it.
  const differs = await page.evaluate(async (bytes) => {
    const pixels = async (blob) => {
      const bitmap = await createImageBitmap(blob);
      const context = new OffscreenCanvas(512, 512).getContext("2d");
      context.drawImage(bitmap, 0, 0);
      return context.getImageData(0, 0, 512, 512).data;
    };
    const [a, b] = [await pixels(new Blob([new Uint8Array(bytes)])), await pixels(await (await fetch("sample/astronaut.png")).blob())];
    return a.reduce((count, value, i) => count + (Math.abs(value - b[i]) > 30), 0);
  }, [...png]);
  assert.ok(differs > 200 && differs < 50_000, `${differs} values differ`);
  await page.emulateMedia({ media: "print" });
  for (const hidden of ["#file", "#tools", ".handing", "#developer"]) assert.ok(await page.isHidden(hidden), hidden);
  assert.ok((await page.isVisible("#picture")) && (await page.isVisible("#results")));
});

/** Once the module that runs here has been kept, loads the page again with no server there. */
async function withoutNetwork(work) {
  const kept = () => page.evaluate(async () => (await (await caches.open("shine-skin-page")).keys()).some(({ url }) => url.endsWith(".wasm")));
  while (!(await kept())) await page.waitForTimeout(100);
  server.stop();
  try {
    await context.setOffline(true);
    await page.reload();
    await work();
  } finally {
    server = await serve(8805);
  }
}

test("after the first visit all goes on without a network", async () => {
  await analyse();
  await withoutNetwork(async () => {
    assert.ok(await page.isVisible("#offline"));
    await analyse();
    const report = await page.evaluate(async () => (await fetch(document.querySelector("a[download]").href)).json());
    assert.deepEqual([report.engine, report.fallbacks], ["enhanced", []]);
  });
});

test("a first visit without a photo is enough to measure without models and without a network", async () => {
  await withoutNetwork(async () => {
    await analyse();
    const report = await page.evaluate(async () => (await fetch(document.querySelector("a[download]").href)).json());
    assert.deepEqual([report.engine, report.fallbacks.map(({ code }) => code)], ["basic", ["manifest-fetch"]]);
  });
});

test("it can be installed", async () => {
  const manifest = await page.evaluate(async () => (await fetch(document.querySelector("link[rel=manifest]").href)).json());
  assert.deepEqual([manifest.display, manifest.icons.length > 0], ["standalone", true]);
  const client = await context.newCDPSession(page);
  await page.evaluate(() => navigator.serviceWorker.ready);
  const { installabilityErrors } = await client.send("Page.getInstallabilityErrors");
  // A test's window has no profile to install to.
  assert.deepEqual(installabilityErrors.map(({ errorId }) => errorId).filter((id) => id !== "in-incognito"), []);
});

test("the developer's panel says what is so", async () => {
  await analyse();
  // The page fetches the third model once it has shown a report.
  await page.waitForFunction(async () => (await (await caches.open("shine-skin-1")).keys()).length === 6, null, { timeout: 20_000 });
  await page.click("#developer summary");
  await page.waitForSelector("#developer h3");
  const text = await page.textContent("#developer");
  for (const part of ["in a worker", "enhanced", "face_detection", "healthy", "blazeface-short", "persistent: 6"]) assert.ok(text.includes(part), part);
  await page.click("#developer button");
  await page.waitForFunction(() => document.querySelector("#developer").textContent.includes("persistent: 0"));
});

for (const [width, height] of [[1280, 900], [390, 844]]) {
  for (const scheme of ["light", "dark"]) {
    test(`nothing keeps anyone out, by axe, at ${width} pixels in ${scheme}`, async () => {
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
      const judged = async (state) => {
        await page.evaluate(AXE);
        const { violations } = await page.evaluate(() => axe.run());
        const said = violations.map(({ id, impact, nodes }) => `${state}: ${impact} ${id}: ${nodes.map((one) => one.target).join(" ")}`);
        assert.deepEqual(said, []);
      };
      await judged("start");
      await analyse();
      await page.click("[data-concern=redness] summary");
      await page.click(".handing button:has-text('Keep')");
      await page.waitForSelector("#days li");
      await page.click("#developer summary");
      await page.waitForSelector("#developer h3");
      await judged("done");
      await page.setInputFiles("#file", { name: "x.jpg", mimeType: "image/jpeg", buffer: Buffer.from("none") });
      assert.equal(await answer(page), "failed");
      await judged("failed");
    });
  }
}

test("what it loads before the first photo is light, moves nothing, and blocks only with its styles", async (t) => {
  await page.waitForLoadState("networkidle");
  const { files, moved } = await page.evaluate(async () => ({
    files: performance.getEntriesByType("resource").map(({ name, renderBlockingStatus }) => ({ path: new URL(name).pathname, blocks: renderBlockingStatus === "blocking" })),
    moved: await new Promise((resolve) => {
      let sum = 0;
      new PerformanceObserver((list) => list.getEntries().forEach(({ value }) => (sum += value))).observe({ type: "layout-shift", buffered: true });
      setTimeout(() => resolve(sum), 300);
    }),
  }));
  // What its worker loads is loaded there: all of the package but for the other flavours.
  const worker = readdirSync(`${SITE}/shine-skin`).filter((name) => /^[a-z-]+\.js$|_relaxed/.test(name) && !/node|edge|workerd/.test(name));
  const all = new Set(["/index.html", ...files.map(({ path }) => path), ...worker.map((name) => `/shine-skin/${name}`)]);
  const weigh = (wasm) =>
    [...all].filter((path) => path.endsWith(".wasm") === wasm && existsSync(SITE + path)).reduce((sum, path) => sum + gzipSync(readFileSync(SITE + path), { level: 9 }).length, 0);
  t.diagnostic(`${weigh(false)} bytes gzip of page, package and glue, ${weigh(true)} of the module of the tests`);
  assert.ok(weigh(false) < 75_000, `${weigh(false)}`);
  assert.ok(moved < 0.05, `${moved}`);
  assert.deepEqual(files.filter(({ blocks }) => blocks).map(({ path }) => path.split("/").pop()), ["style.css", "print.css"].filter((name) => files.some(({ path, blocks }) => blocks && path.endsWith(name))));
});
