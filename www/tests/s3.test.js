// A release's life, against a real S3 server: published, loaded, replaced by a broken one, gone back from by each client itself and then by
// the operator. Clients are Chromium and the command line.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { s3 } from "./s3/server.js";
import { BINARY, launch, ROOT, SAMPLE, serve } from "./served.js";

let bucket, server, browser;

before(async () => {
  [bucket, server, browser] = [await s3(), await serve(8795), await launch()];
});

after(async () => {
  await browser?.close();
  server?.stop();
  bucket?.stop();
});

/** The models that ship as a release of another name; `change` sees the manifest and where it lies. */
function release(name, change = () => {}) {
  const directory = `${bucket.place}/${name}`;
  cpSync(`${ROOT}models/dist`, directory, { recursive: true });
  const manifest = JSON.parse(readFileSync(`${directory}/manifest.json`));
  const old = manifest.channels.stable;
  manifest.releases = { [name]: manifest.releases[old] };
  manifest.channels = { stable: name };
  change(manifest, directory);
  writeFileSync(`${directory}/manifest.json`, JSON.stringify(manifest));
  return directory;
}

/** A plan that is whole and computes something else, which no hash shows. */
function breakMesh(manifest, directory) {
  const model = structuredClone(manifest.models["facemesh-468@1"]);
  const [file] = model.files;
  const bytes = readFileSync(`${directory}/${file.url}`);
  bytes.fill(0x3c, bytes.length / 2, bytes.length / 2 + 4000);
  file.sha256 = createHash("sha256").update(bytes).digest("hex");
  file.url = `facemesh-468.${file.sha256.slice(0, 8)}.plan`;
  writeFileSync(`${directory}/${file.url}`, bytes);
  manifest.models["facemesh-468@2"] = model;
  Object.values(manifest.releases)[0].models["face-mesh"] = "facemesh-468@2";
}

const { SHINE_MANIFEST_PUBLIC_KEY: _, AWS_SESSION_TOKEN: __, ...environment } = process.env;

const shine = (...args) => execFileSync(BINARY, args, { cwd: ROOT, env: { ...environment, ...bucket.env }, encoding: "utf8", maxBuffer: 1 << 26 });

const models = (...args) => shine("models", ...args, "--to", "s3://models/skin");

/** A page that comes back: each visit loads it anew, and its cache stays. */
async function visitor() {
  const page = await (await browser.newContext()).newPage();
  return async () => {
    await page.goto(server.url);
    return page.evaluate(async (modelBaseUrl) => {
      const { SkinAnalyzer } = await import("/shine-skin/index.js");
      const events = [];
      const analyzer = await SkinAnalyzer.createFromOptions({ engine: "enhanced", modelBaseUrl, onEvent: ({ type, code }) => type !== "call" && events.push(code) });
      const photo = await (await fetch("/sample/astronaut.png")).blob();
      const { release } = await analyzer.analyze(photo);
      return [release.name, release.rolledBackFrom, ...events];
    }, `${bucket.url}/models/skin`);
  };
}

function commandLine(source) {
  const { name, rolledBackFrom } = JSON.parse(shine("analyze", "--json", "--models", source, SAMPLE)).report.release;
  return [name, rolledBackFrom];
}

test("a release is published, loaded, replaced by a broken one and gone back from", async () => {
  const chromium = await visitor();
  const all = async () => [await chromium(), commandLine(`${bucket.url}/models/skin`), commandLine("s3://models/skin")];

  models("publish", release("r1"));
  assert.deepEqual(await all(), [["r1", null], ["r1", null], ["r1", null]]);

  models("publish", release("r2", breakMesh));
  assert.deepEqual(await all(), [["r1", "r2", "model-incompatible"], ["r1", "r2"], ["r1", "r2"]]);

  models("rollback");
  assert.deepEqual(await all(), [["r1", null], ["r1", null], ["r1", null]]);

  models("publish", release("r3"));
  assert.deepEqual(await all(), [["r3", null], ["r3", null], ["r3", null]]);
  // Who comes for the first time while a broken one is out has nothing to go back to.
  models("publish", release("r4", breakMesh));
  const stranger = await visitor();
  await assert.rejects(stranger, /does not reproduce its self-test/);
  models("rollback");
  assert.deepEqual(await stranger(), ["r3", null]);
});
