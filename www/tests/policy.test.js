// Which engine answers where parts of a deployment really fail, in Chromium: a bucket, a server and a network log, none of them faked.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { answer as reply, bucket, good, manifest, plan } from "./faults/server.js";
import { BINARY, launch, ROOT, SAMPLE, serve } from "./served.js";

/** Longest that an answer may take, milliseconds, where nothing is slow by itself. */
const BOUND = 15_000;

let site, browser, models, analysis;

/** The real server, which fails at what it is told to. */
async function failing() {
  const child = spawn(BINARY, ["serve", "--port", "0", "--models", `${ROOT}models/dist`, "--drain", "0"], { cwd: ROOT, stdio: ["ignore", "pipe", "ignore"] });
  const line = await new Promise((resolve) => child.stdout.once("data", resolve));
  const real = String(line).trim().split(" ").pop();
  const state = { mode: "well", asked: [], stop: () => (child.kill(), gate.close()) };
  const CORS = { "access-control-allow-origin": "*", "access-control-allow-headers": "content-type, authorization" };
  const gate = createServer(async (request, response) => {
    if (request.method === "OPTIONS") return response.writeHead(204, CORS).end();
    const parts = [];
    for await (const part of request) parts.push(part);
    const body = Buffer.concat(parts);
    state.asked.push({ path: request.url, kind: request.headers["content-type"], body });
    if (state.mode === "down") return request.socket.destroy();
    if (state.mode === "slow") return undefined;
    if (state.mode === "broken") return response.writeHead(500, CORS).end("oops");
    if (state.mode === "busy") return response.writeHead(503, { ...CORS, "retry-after": "60" }).end('{"error":{"code":"server-busy","message":"full"}}');
    if (state.mode === "page") return response.writeHead(200, { ...CORS, "content-type": "text/html" }).end("<!doctype html>");
    if (state.mode === "lies") return response.writeHead(200, CORS).end('{"schemaVersion":1,"engine":"enhanced","faces":"many"}');
    const answer = await fetch(real + request.url, { method: "POST", headers: { "content-type": request.headers["content-type"] }, body });
    response.writeHead(answer.status, CORS).end(Buffer.from(await answer.arrayBuffer()));
  });
  await new Promise((resolve) => gate.listen(0, "127.0.0.1", resolve));
  state.url = `http://127.0.0.1:${gate.address().port}`;
  return state;
}

before(async () => {
  [site, browser, models, analysis] = await Promise.all([serve(8797), launch(), bucket(), failing()]);
});

after(async () => {
  await browser?.close();
  site?.stop();
  models?.stop();
  analysis?.stop();
});

/** A page of its own cache, with the sample as `blob`; `work` runs in it. */
async function onPage(work, argument, { log } = {}) {
  const context = await browser.newContext();
  const page = await context.newPage();
  if (log) page.on("request", (request) => log.push({ method: request.method(), url: request.url(), body: request.postDataBuffer() }));
  await page.goto(site.url);
  await page.evaluate(async () => {
    const { SkinAnalyzer } = await import("/shine-skin/index.js");
    const blob = await (await fetch("/sample/astronaut.png")).blob();
    Object.assign(globalThis, { SkinAnalyzer, blob });
    globalThis.ends = async (analyzer, image = blob) => {
      const begun = performance.now();
      const report = await analyzer.analyze(image).catch(({ code }) => ({ code }));
      const { engine, serverEngine, code, faces } = report;
      const fallbacks = report.fallbacks?.map((one) => `${one.engine}: ${one.code}`);
      return { engine, serverEngine, code, fallbacks, faces: faces?.length, box: faces?.[0]?.boundingBox, ms: performance.now() - begun };
    };
  });
  const found = await page.evaluate(work, argument);
  await context.close();
  return found;
}

const once = (options) => onPage(async (options) => ends(await SkinAnalyzer.createFromOptions(options)), options);

/** Buckets by what is wrong with them, and the code of it. */
function broken() {
  const bad = Buffer.from(plan().bytes);
  bad[5000] ^= 1;
  // Whole by its hash, and no plan: half of one.
  const half = plan().bytes.subarray(0, plan().bytes.length / 2);
  const unable = structuredClone(manifest());
  const [file] = unable.models["facemesh-468@1"].files;
  Object.assign(file, { bytes: half.length, sha256: createHash("sha256").update(half).digest("hex") });
  const unfit = (asked, to) => {
    if (asked.name === "manifest.json") return reply(to, 200, {}, JSON.stringify(unable));
    return isPlan(asked) ? reply(to, 200, {}, half) : good(asked, to);
  };
  const isPlan = (asked) => asked.name.endsWith(plan().url);
  return [
    ["no bucket", "http://127.0.0.1:9", "manifest-fetch"],
    ["wrong bytes", models.place((asked, to) => (isPlan(asked) ? reply(to, 200, {}, bad) : good(asked, to))), "model-integrity"],
    ["a model that can't run", models.place(unfit), "model-incompatible"],
  ];
}

test("where the models can't run the server answers, else the basic engine, and the report says why", async () => {
  for (const [name, modelBaseUrl, code] of broken()) {
    analysis.mode = "well";
    const alone = await once({ modelBaseUrl });
    assert.deepEqual([alone.engine, alone.fallbacks], ["basic", [`enhanced: ${code}`]], name);
    const served = await once({ modelBaseUrl, serverUrl: analysis.url });
    assert.deepEqual([served.engine, served.serverEngine, served.fallbacks], ["server", "enhanced", [`enhanced: ${code}`]], name);
    for (const [mode, why] of [["down", "server-unreachable"], ["broken", "server-failed"], ["busy", "server-busy"], ["page", "server-failed"], ["lies", "server-failed"]]) {
      analysis.mode = mode;
      const both = await once({ modelBaseUrl, serverUrl: analysis.url });
      assert.deepEqual([both.engine, both.fallbacks], ["basic", [`enhanced: ${code}`, `server: ${why}`]], `${name}, ${mode}`);
      assert.ok(both.ms < BOUND, `${name}, ${mode}: ${both.ms} ms`);
    }
    // A slow server is waited for no longer than its share.
    analysis.mode = "slow";
    const slow = await once({ modelBaseUrl, serverUrl: analysis.url, timeoutMs: 8000 });
    assert.deepEqual([slow.engine, slow.fallbacks], ["basic", [`enhanced: ${code}`, "server: timeout"]], name);
    assert.ok(slow.ms < 8000, `${slow.ms} ms`);
    for (const engine of ["enhanced", "server"]) {
      analysis.mode = "down";
      const forced = await once({ modelBaseUrl, serverUrl: analysis.url, engine });
      assert.equal(forced.code, { enhanced: code, server: "server-unreachable" }[engine], name);
    }
  }
  analysis.mode = "well";
});

test("with everything well the models answer, and the server is not asked", async () => {
  analysis.asked.length = 0;
  const found = await once({ modelBaseUrl: models.place(), serverUrl: analysis.url });
  assert.deepEqual([found.engine, found.fallbacks, analysis.asked.length], ["enhanced", [], 0]);
});

test("a slow bucket has its share of the time", async () => {
  const found = await once({ modelBaseUrl: models.place(() => {}), timeoutMs: 5000 });
  assert.deepEqual([found.engine, found.fallbacks], ["basic", ["enhanced: timeout"]]);
  assert.ok(found.ms < 5000, `${found.ms} ms`);
});

test("what is down is left alone, and comes back", async () => {
  let down = true;
  const place = models.place((asked, to, request) => (down ? request.socket.destroy() : good(asked, to)));
  analysis.mode = "down";
  analysis.asked.length = 0;
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(site.url);
  const ask = () =>
    page.evaluate(async () => {
      const { engine, fallbacks } = await analyzer.analyze(blob);
      return [engine, ...fallbacks.map(({ engine, code }) => `${engine}: ${code}`)];
    });
  await page.evaluate(
    async (options) => {
      const { SkinAnalyzer } = await import("/shine-skin/index.js");
      // Time goes on when the test says so.
      const now = performance.now.bind(performance);
      globalThis.ahead = 0;
      performance.now = () => now() + ahead;
      globalThis.blob = await (await fetch("/sample/astronaut.png")).blob();
      globalThis.analyzer = await SkinAnalyzer.createFromOptions(options);
    },
    { modelBaseUrl: place, serverUrl: analysis.url },
  );
  for (let i = 0; i < 3; i++) assert.deepEqual(await ask(), ["basic", "enhanced: manifest-fetch", "server: server-unreachable"]);
  const before = [Object.values(models.asked(place)).reduce((a, b) => a + b), analysis.asked.length];
  for (let i = 0; i < 5; i++) assert.deepEqual(await ask(), ["basic", "enhanced: circuit-open", "server: circuit-open"]);
  assert.deepEqual([Object.values(models.asked(place)).reduce((a, b) => a + b), analysis.asked.length], before, "nobody is asked");
  down = false;
  analysis.mode = "well";
  assert.deepEqual((await ask())[0], "basic", "nobody knows yet");
  await page.evaluate("ahead += 31000");
  assert.deepEqual(await ask(), ["enhanced"]);
  const metrics = await page.evaluate("analyzer.metrics()");
  assert.deepEqual(metrics.reports, { basic: 9, enhanced: 1 });
  assert.equal(metrics.fallbacks.enhanced["circuit-open"], 6);
  assert.equal(metrics.calls.analyze.count, 10);
  await context.close();
});

test("no request carries a photo unless a server is set, and then nothing but its pixels", async () => {
  // A file with a text in it, which a photo's metadata might hold.
  const MARKER = "51.5007N-0.1246W-a-marker";
  const png = readFileSync(SAMPLE);
  const text = Buffer.from(`Comment\0${MARKER}`);
  const chunk = Buffer.concat([Buffer.alloc(4), Buffer.from("tEXt"), text, Buffer.alloc(4)]);
  chunk.writeUInt32BE(text.length, 0);
  chunk.writeUInt32BE(crc(chunk.subarray(4, 8 + text.length)), 8 + text.length);
  const marked = Buffer.concat([png.subarray(0, 33), chunk, png.subarray(33)]);
  const run = (options, log) =>
    onPage(
      async ([options, bytes]) => {
        const analyzer = await SkinAnalyzer.createFromOptions(options);
        const image = new Blob([Uint8Array.from(bytes)]);
        const faces = await analyzer.detect(image).catch(() => null);
        await analyzer.detectForVideo(await createImageBitmap(image), 0).catch(() => null);
        const found = await ends(analyzer, image);
        await analyzer.health();
        return { ...found, told: JSON.stringify([analyzer.metrics(), await analyzer.health()]), detected: faces?.detections.length };
      },
      [options, [...marked]],
      { log },
    );
  analysis.mode = "well";
  for (const modelBaseUrl of [models.place(), "http://127.0.0.1:9"]) {
    const log = [];
    const found = await run({ modelBaseUrl }, log);
    assert.equal(found.code, undefined);
    assert.ok(log.length > 5);
    assert.deepEqual(log.filter(({ method, body }) => method !== "GET" || body), [], "only GET, and nothing in it");
    assert.ok(log.every(({ url }) => !url.includes(MARKER) && url.length < 300));
    assert.ok(!found.told.includes(MARKER));
  }
  const log = [];
  analysis.asked.length = 0;
  const found = await run({ modelBaseUrl: "http://127.0.0.1:9", serverUrl: analysis.url }, log);
  assert.equal(found.engine, "server");
  assert.equal(found.detected, 1);
  const sent = log.filter(({ method }) => method === "POST");
  assert.ok(sent.length >= 2 && sent.every(({ url }) => url.startsWith(analysis.url)));
  assert.deepEqual([...new Set(analysis.asked.map(({ path }) => path))], ["/v1/detect", "/v1/analyze"], "and no frame of a video");
  for (const { body, kind } of analysis.asked) {
    assert.deepEqual([kind, body.subarray(0, 4).toString("hex")], ["image/jpeg", "ffd8ffe0"]);
    assert.ok(!body.includes(MARKER) && !body.includes("Exif") && body.length < 300_000);
  }
  // What detect has found is what analyze sends: less than all of the photo.
  const size = (jpeg) => {
    const at = jpeg.indexOf(Buffer.from([0xff, 0xc0]));
    return [jpeg.readUInt16BE(at + 7), jpeg.readUInt16BE(at + 5)];
  };
  const [whole, part] = ["/v1/detect", "/v1/analyze"].map((path) => size(analysis.asked.find((one) => one.path === path).body));
  assert.deepEqual(whole, [512, 512]);
  assert.ok(part[0] < 300 && part[1] < 300, `${part}`);
  // And the report is on the pixels of the photo.
  const here = await once({ modelBaseUrl: models.place() });
  for (const key of ["originX", "originY", "width", "height"]) {
    assert.ok(Math.abs(found.box[key] - here.box[key]) < 6, `${key}: ${found.box[key]} and ${here.box[key]}`);
  }
});

/** CRC-32 of a PNG's chunk (ISO 3309). */
function crc(bytes) {
  let sum = ~0;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (0xedb88320 & -(sum & 1));
  }
  return ~sum >>> 0;
}
