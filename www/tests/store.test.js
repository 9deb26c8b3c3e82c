// Models in Chromium: fetched once, kept, verified, stopped, and had again when something stops.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { together } from "./faults/hosts.js";
import { answer, good, manifest, plan } from "./faults/server.js";
import { BINARY, ROOT } from "./served.js";

const shared = together();

/** Runs a function in a page of its own, with the package, the sample and an argument. */
async function inPage(body, argument) {
  const browser = await shared.all.hosts.browser();
  try {
    return await browser.page.evaluate(
      `(async () => {
        const skin = await import("/shine-skin/index.js");
        const blob = await (await fetch("/sample/astronaut.png")).blob();
        const code = async (promise) => promise.then(() => "none", (fault) => fault.code ?? String(fault));
        return (${body})({ ...skin, blob, code }, ${JSON.stringify(argument)});
      })()`,
    );
  } finally {
    await browser.stop();
  }
}

/** Serves the plan only once `open` is called. */
function held() {
  let open;
  const gate = new Promise((resolve) => (open = resolve));
  const closed = [];
  const place = shared.models.place(async (asked, to) => {
    to.on("close", () => closed.push(asked.name));
    if (asked.name === plan().url) await gate;
    good(asked, to);
  });
  return { place, open, closed };
}

test("fifty calls at once on a cold store fetch each file once, of one analyzer and of fifty", async () => {
  for (const analyzers of [1, 50]) {
    const place = shared.models.place();
    const faces = await inPage(
      async ({ SkinAnalyzer, blob }, [modelBaseUrl, analyzers]) => {
        const options = Array.from({ length: analyzers }, () => SkinAnalyzer.createFromOptions({ engine: "enhanced", modelBaseUrl }));
        const made = await Promise.all(options);
        const reports = await Promise.all(Array.from({ length: 50 }, (_, i) => made[i % analyzers].analyze(blob)));
        // The sample is too coarse for the third model.
        await Promise.all(made.map((analyzer) => analyzer.preload()));
        return reports.map((report) => report.faces.length);
      },
      [place, analyzers],
    );
    assert.deepEqual(faces, Array(50).fill(1));
    const { "manifest.json": manifests, ...files } = shared.models.asked(place);
    assert.equal(manifests, analyzers);
    assert.deepEqual(Object.values(files), [1, 1, 1]);
  }
});

test("progress is told of the network and of the cache, and what is kept can be asked and removed", async () => {
  const place = shared.models.place();
  const [steps, infos] = await inPage(async ({ SkinAnalyzer, blob }, modelBaseUrl) => {
    const steps = [];
    const infos = [];
    for (let visit = 0; visit < 2; visit++) {
      const told = [];
      const analyzer = await SkinAnalyzer.createFromOptions({ engine: "enhanced", modelBaseUrl, onProgress: (step) => told.push(step) });
      await analyzer.preload();
      steps.push(told);
      infos.push(await analyzer.cacheInfo());
      if (visit === 1) {
        await analyzer.clearCache();
        infos.push(await analyzer.cacheInfo());
      }
    }
    return [steps, infos];
  }, place);
  for (const [visit, told] of steps.entries()) {
    assert.equal(told.at(-1).status, "ready");
    assert.equal(told.filter(({ status }) => status === "ready").length, 2);
    for (const file of new Set(told.flatMap((step) => step.file ?? []))) {
      const own = told.filter((step) => step.file === file);
      assert.deepEqual([own[0].status, own.at(-1).status], ["initiate", "done"]);
      assert.ok(own.every((step) => step.cached === (visit === 1)));
      assert.equal(own.at(-2).loaded, own.at(-2).total);
    }
  }
  assert.deepEqual(infos[0], infos[1]);
  assert.equal(infos[0].kind, "persistent");
  const { channels, releases, models } = manifest();
  const own = Object.values(releases[channels.stable].models);
  const bytes = own.reduce((sum, id) => sum + models[id].files[0].bytes, 0);
  assert.ok(infos[0].bytes > bytes && infos[0].bytes < bytes + 100_000, JSON.stringify(infos));
  assert.deepEqual(infos[2], { kind: "persistent", entries: 0, bytes: 0 });
});

test("a cache that was tampered with heals", async () => {
  const place = shared.models.place();
  const codes = await inPage(async ({ SkinAnalyzer, blob, code }, modelBaseUrl) => {
    const analyze = async () => {
      const analyzer = await SkinAnalyzer.createFromOptions({ engine: "enhanced", modelBaseUrl });
      const said = await code(analyzer.analyze(blob));
      // What is kept is kept after the answer.
      await analyzer.cacheInfo();
      return said;
    };
    const codes = [await analyze()];
    const cache = await caches.open("shine-skin-1");
    for (const key of await cache.keys()) await cache.put(key, new Response("<!doctype html>"));
    codes.push(await analyze());
    return codes;
  }, place);
  assert.deepEqual(codes, ["none", "none"]);
  assert.ok(Object.values(shared.models.asked(place)).every((count) => count === 2));
});

test("an answer does not wait until all is kept, a preload does, and others have it meanwhile", async () => {
  const place = shared.models.place();
  const [before, waits, after] = await inPage(async ({ SkinAnalyzer, blob }, modelBaseUrl) => {
    let open;
    const gate = new Promise((resolve) => (open = resolve));
    const kept = new Map();
    const cache = {
      match: async (url) => kept.get(url)?.clone(),
      put: async (url, response) => gate.then(() => kept.set(url, response)),
      delete: async (url) => kept.delete(url),
    };
    const make = () => SkinAnalyzer.createFromOptions({ engine: "enhanced", modelBaseUrl, cache });
    await (await make()).analyze(blob);
    const other = await make();
    await other.analyze(blob);
    const before = kept.size;
    const loaded = other.preload().then(() => kept.size);
    const waits = await Promise.race([loaded, new Promise((resolve) => setTimeout(resolve, 500, "waits"))]);
    open();
    return [before, waits, await loaded];
  }, place);
  assert.equal(before, 0);
  assert.equal(waits, "waits");
  // Three models, the manifest, and notes of which release worked.
  assert.equal(after, 6);
  const { "manifest.json": manifests, ...files } = shared.models.asked(place);
  assert.deepEqual([manifests, ...Object.values(files)], [2, 1, 1, 1]);
});

/** In the page: a cache that can't be used. */
const BROKEN = {
  forbidden: `caches.open = async () => { throw new DOMException("not here", "SecurityError"); }`,
  full: `Cache.prototype.put = async () => { throw new DOMException("no room", "QuotaExceededError"); }`,
  absent: `Object.defineProperty(globalThis, "caches", { value: undefined })`,
};

for (const [name, breaks] of Object.entries(BROKEN)) {
  test(`a cache that is ${name} is made good by memory, and told of once`, async () => {
    const place = shared.models.place();
    const { events, faces, info } = await inPage(
      `async ({ SkinAnalyzer, blob }, modelBaseUrl) => {
        ${breaks};
        const events = [];
        const analyzer = await SkinAnalyzer.createFromOptions({ engine: "enhanced", modelBaseUrl, onEvent: (event) => event.type === "warning" && events.push(event.code) });
        const other = await SkinAnalyzer.createFromOptions({ engine: "enhanced", modelBaseUrl });
        const faces = [await analyzer.analyze(blob), await other.analyze(blob)].map((report) => report.faces.length);
        return { events, faces, info: await analyzer.cacheInfo() };
      }`,
      place,
    );
    assert.deepEqual(faces, [1, 1]);
    assert.deepEqual(events, ["cache-unavailable"]);
    assert.equal(info.kind, name === "full" ? "persistent" : "memory");
    assert.ok(info.bytes > 500_000);
    assert.equal(shared.models.asked(place)[plan().url], 1, "memory is of all analyzers");
  });
}

test("a cache of the caller's own is used, and none is", async () => {
  const place = shared.models.place();
  const [kinds, sizes] = await inPage(async ({ SkinAnalyzer, blob }, modelBaseUrl) => {
    const kept = new Map();
    const cache = {
      match: async (url) => kept.get(url)?.clone(),
      put: async (url, response) => kept.set(url, response),
      delete: async (url) => kept.delete(url),
    };
    const kinds = [];
    for (const option of [cache, cache, "none"]) {
      const analyzer = await SkinAnalyzer.createFromOptions({ engine: "enhanced", modelBaseUrl, cache: option });
      await analyzer.analyze(blob);
      kinds.push(await analyzer.cacheInfo());
    }
    return [kinds, [kept.size, (await caches.keys()).length]];
  }, place);
  const custom = { kind: "custom", entries: null, bytes: null };
  assert.deepEqual(kinds, [custom, custom, { kind: "none", entries: 0, bytes: 0 }]);
  assert.deepEqual(sizes, [5, 0], "two models, two manifests, a note");
  assert.equal(shared.models.asked(place)[plan().url], 2);
});

test("a load that nobody waits for any longer is stopped, and one that another waits for is not", async () => {
  const alone = held();
  const codes = await inPage(async ({ SkinAnalyzer, blob, code }, modelBaseUrl) => {
    const analyzer = await SkinAnalyzer.createFromOptions({ engine: "enhanced", modelBaseUrl });
    const leaving = new AbortController();
    const calls = [analyzer.analyze(blob, { signal: leaving.signal }), analyzer.preload({ signal: leaving.signal })].map(code);
    await new Promise((resolve) => setTimeout(resolve, 300));
    leaving.abort();
    return Promise.all(calls);
  }, alone.place);
  assert.deepEqual(codes, ["aborted", "aborted"]);
  for (let tries = 0; tries < 50 && !alone.closed.includes(plan().url); tries++) await new Promise((resolve) => setTimeout(resolve, 100));
  assert.ok(alone.closed.includes(plan().url), "the request has ended");
  alone.open();

  const slow = held();
  setTimeout(slow.open, 1500);
  const both = await inPage(async ({ SkinAnalyzer, blob, code }, modelBaseUrl) => {
    const analyzer = await SkinAnalyzer.createFromOptions({ engine: "enhanced", modelBaseUrl });
    const leaving = new AbortController();
    const calls = [code(analyzer.analyze(blob, { signal: leaving.signal })), code(analyzer.analyze(blob))];
    setTimeout(() => leaving.abort(), 300);
    // Another analyzer waits for the same file, and gives up: the first one's turn does not end with it.
    const other = await SkinAnalyzer.createFromOptions({ engine: "enhanced", modelBaseUrl, timeoutMs: 300 });
    calls.push(code(other.analyze(blob)));
    const late = await SkinAnalyzer.createFromOptions({ engine: "enhanced", modelBaseUrl });
    calls.push(code(late.analyze(blob)));
    const closed = await SkinAnalyzer.createFromOptions({ engine: "enhanced", modelBaseUrl });
    calls.push(code(closed.analyze(blob)));
    closed.close();
    const always = await SkinAnalyzer.createFromOptions({ engine: "enhanced", modelBaseUrl, signal: leaving.signal });
    calls.push(code(always.analyze(blob)));
    return Promise.all(calls);
  }, slow.place);
  assert.deepEqual(both, ["aborted", "none", "timeout", "none", "closed", "aborted"]);
  assert.equal(shared.models.asked(slow.place)[plan().url], 1);
});

/** A place whose manifest is changed. */
function changed(change) {
  const all = manifest();
  change(all, all.channels.stable);
  return shared.models.place((asked, to) => (asked.name === "manifest.json" ? answer(to, 200, {}, JSON.stringify(all)) : good(asked, to)));
}

test("a split key stays on its side, and the report names the release", async () => {
  const place = changed((all, name) => {
    all.releases.other = structuredClone(all.releases[name]);
    all.channels.stable = { split: [[name, 50], ["other", 50]] };
  });
  const [first, again] = await inPage(async ({ SkinAnalyzer, blob }, modelBaseUrl) => {
    const of = async (splitKey) => (await (await SkinAnalyzer.createFromOptions({ engine: "enhanced", modelBaseUrl, splitKey })).analyze(blob)).release.name;
    const sides = [[], []];
    for (const side of sides) for (let i = 0; i < 12; i++) side.push(await of(`person ${i}`));
    return sides;
  }, place);
  assert.deepEqual(first, again);
  assert.equal(new Set(first).size, 2);
});

test("flags of the options go over those of the release, which go over the defaults", async () => {
  const plain = shared.models.place();
  const off = changed((all, name) => (all.releases[name].flags = { secondLook: false }));
  const found = await inPage(
    async ({ SkinAnalyzer, blob }, cases) => {
      // A face so small that one look at all of the photo does not show it.
      const canvas = new OffscreenCanvas(1600, 1600);
      canvas.getContext("2d").drawImage(await createImageBitmap(blob), 600, 600);
      const found = [];
      for (const options of cases) found.push((await (await SkinAnalyzer.createFromOptions(options)).detect(canvas)).detections.length);
      return found;
    },
    [
      { modelBaseUrl: plain },
      { modelBaseUrl: off },
      { modelBaseUrl: off, flags: { secondLook: true, levitation: true } },
      { modelBaseUrl: plain, flags: { secondLook: false } },
    ],
  );
  assert.deepEqual(found, [1, 0, 1, 0]);
});

test("a manifest has to be signed by the key of the options", async () => {
  const directory = mkdtempSync(`${tmpdir()}/shine-skin-signed-`);
  cpSync(`${ROOT}models/dist`, directory, { recursive: true });
  const shine = (...args) => execFileSync(BINARY, ["models", ...args], { encoding: "utf8" });
  const key = /[0-9a-f]{64}/.exec(shine("keygen", `${directory}/key`))[0];
  const unsigned = shared.models.place();
  const signed = shared.models.place((asked, to) => good(asked, to, directory));
  shine("sign", "--to", directory, "--key", `${directory}/key`);
  const codes = await inPage(
    async ({ SkinAnalyzer, blob, code }, cases) => {
      const codes = [];
      for (const options of cases) codes.push(await code((await SkinAnalyzer.createFromOptions({ engine: "enhanced", ...options })).analyze(blob)));
      return codes;
    },
    [
      { modelBaseUrl: unsigned, manifestPublicKey: key },
      { modelBaseUrl: signed, manifestPublicKey: key.replace(/^../, (digits) => (digits === "00" ? "11" : "00")) },
      { modelBaseUrl: signed, manifestPublicKey: "no key" },
      { modelBaseUrl: signed, manifestPublicKey: key },
    ],
  );
  rmSync(directory, { recursive: true });
  assert.deepEqual(codes, ["manifest-signature", "manifest-signature", "invalid-options", "none"]);
});

test("options that can't be are refused by name", async () => {
  const bad = [{ flags: { tracking: 1 } }, { flags: null }, { cache: "disk" }, { cache: {} }, { splitKey: 7 }, { timeoutMs: 0 }, { onEvent: 3 }, { signal: 1 }];
  const codes = await inPage(
    async ({ SkinAnalyzer, code }, bad) => Promise.all(bad.map((options) => code(SkinAnalyzer.createFromOptions(options)))),
    bad,
  );
  assert.deepEqual(codes, bad.map(() => "invalid-options"));
});
