// The manifest's JSON Schema says what the library says: of the models that ship, and of manifests that are wrong in one field.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import Ajv from "ajv/dist/2020.js";
import { BINARY, ROOT } from "./served.js";

const read = async (path) => JSON.parse(await readFile(`${ROOT}${path}`, "utf8"));

/** One change each, and whether the manifest is still one. */
const CHANGES = [
  [true, (m) => (m.colour = "blue")],
  [true, (m) => delete m.minLibrary],
  [true, (m) => (m.channels.trial = { split: [["2026.11.0", 90], ["2026.11.0", 10]] })],
  [true, (m) => (m.channels.later = { moon: "full" })],
  [true, (m) => (m.releases["2026.11.0"].flags.tracking = false)],
  [true, (m) => (m.models["facemesh-468@1"].files[1].url = "https://cdn.example/m.onnx?signature=a%2Fb")],
  [true, (m) => (m.models["facemesh-468@1"].selfTest = { shape: [1, 8, 8, 3], seed: 1, tolerance: 0.001, samples: [[0.5], [1, 2]] })],
  [false, (m) => (m.schemaVersion = 2)],
  [false, (m) => delete m.channels],
  [false, (m) => (m.sequence = -1)],
  [false, (m) => (m.sequence = "1")],
  [false, (m) => (m.channels.stable = 3)],
  [false, (m) => (m.channels.stable = { split: [] })],
  [false, (m) => (m.channels.stable = { split: [["2026.11.0", -1], ["2026.11.0", 2]] })],
  [false, (m) => (m.releases["2026.11.0"].flags.tracking = "no")],
  [false, (m) => delete m.releases["2026.11.0"].models],
  [false, (m) => delete m.models["facemesh-468@1"].license],
  [false, (m) => (m.models["facemesh-468@1"].files[0].bytes = 0)],
  [false, (m) => (m.models["facemesh-468@1"].files[0].bytes = 2 ** 40)],
  [false, (m) => (m.models["facemesh-468@1"].files[0].sha256 = "ABC")],
  [false, (m) => (m.models["facemesh-468@1"].files[0].url = "")],
  [false, (m) => (m.models["facemesh-468@1"].selfTest = { shape: [1, 8, 8, 3], seed: 1, tolerance: 3, samples: [[0.5]] })],
  [false, (m) => (m.models["facemesh-468@1"].selfTest = { shape: [1, 8, 8, 3], seed: 1, tolerance: 0.001, samples: [] })],
];

test("schema and library agree", async () => {
  const valid = new Ajv({ strict: true, strictTypes: false }).compile(await read("docs/manifest.schema.json"));
  assert.ok(valid(await read("models/dist/manifest.json")), JSON.stringify(valid.errors));
  const folder = await mkdtemp(join(tmpdir(), "shine-skin-manifest-"));
  try {
    for (const [good, change] of CHANGES) {
      const manifest = await read("models/dist/manifest.json");
      change(manifest);
      await writeFile(join(folder, "manifest.json"), JSON.stringify(manifest));
      const { status, stderr } = spawnSync(BINARY, ["models", "list", "--at", folder], { encoding: "utf8" });
      assert.equal(valid(manifest), good, `the schema on ${change}: ${JSON.stringify(valid.errors)}`);
      assert.equal(status === 0, good, `the library on ${change}: ${stderr}`);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});
