// The reference and the guide say what the types say.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { reference } from "../reference.js";
import { ROOT } from "./served.js";

const docs = (name) => readFileSync(`${ROOT}docs/${name}`, "utf8");
const codesOf = (file, type) => {
  const text = readFileSync(`${ROOT}www/package/${file}`, "utf8");
  const [, body] = text.match(new RegExp(`export type ${type} =([^;]+);`));
  return [...body.matchAll(/"([a-z-]+)"/g)].map(([, code]) => code);
};

test("the reference is the types', and each field says what it is", () => {
  assert.equal(docs("reference.md"), reference(), "run node www/reference.js");
  const silent = reference().split("\n").filter((line) => /\|  \|$/.test(line));
  assert.deepEqual(silent, []);
});

test("each code has its line among the troubles, and none that does not exist", () => {
  const written = [...docs("hosts.md").matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, code]) => code);
  const codes = [...codesOf("index.d.ts", "ErrorCode"), ...codesOf("camera.d.ts", "CameraErrorCode"), "cache-unavailable", "worker-unavailable"];
  assert.deepEqual(written.toSorted(), codes.toSorted());
});
