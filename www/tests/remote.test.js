// What a server's answer is worth, in JavaScript as in Rust: both read the same cases.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { detectionsOf, reportOf } from "../package/remote.js";
import { ROOT } from "./served.js";

test("each answer is worth what the cases say", () => {
  const cases = JSON.parse(readFileSync(`${ROOT}tests/corpus/server/answers.json`, "utf8"));
  assert.ok(cases.length > 30);
  for (const { name, kind, status, retryAfter, body, place, size, expected } of cases) {
    const answer = { status, retryAfter: retryAfter ?? undefined, body: new TextEncoder().encode(body) };
    const read = () => (kind === "report" ? reportOf(answer, place, ...size) : detectionsOf(answer, place));
    if (expected.code === undefined) {
      assert.deepEqual(read(), expected, name);
      continue;
    }
    assert.throws(read, (fault) => {
      assert.deepEqual([fault.name, fault.code, fault.waitMs], ["ShineSkinError", expected.code, expected.waitMs], name);
      return true;
    });
  }
});
