// The packed package, as tools that judge packages see it.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { TARBALL, install } from "./install.js";
import { readFileSync } from "node:fs";
import { ROOT } from "../served.js";

test("publint has nothing to say", async () => {
  const directory = `${install("node")}/node_modules/shine-skin`;
  const { messages, pkg } = await publint({ pkgDir: directory, strict: true });
  assert.deepEqual(messages.map((message) => formatMessage(message, pkg)), []);
});

test("are the types wrong? They are not", () => {
  // It is a module for modules.
  execFileSync(`${ROOT}www/node_modules/.bin/attw`, [TARBALL, "--profile", "esm-only"], { stdio: ["ignore", "pipe", "inherit"] });
});

test("licences of all that is in it are in it", () => {
  const directory = `${install("node")}/node_modules/shine-skin`;
  const text = readFileSync(`${directory}/THIRD-PARTY.md`, "utf8");
  for (const crate of ["tract-onnx", "image", "wasm-bindgen", "zune-jpeg", "qcms"]) assert.match(text, new RegExp(`^- ${crate} \\d`, "m"), crate);
  assert.doesNotMatch(text, /^- (axum|syn|ureq) /m, "what is not linked is not listed");
  for (const name of ["LICENSE-MIT", "LICENSE-APACHE", "README.md", "CHANGELOG.md"]) assert.ok(readFileSync(`${directory}/${name}`, "utf8").length > 500);
});
