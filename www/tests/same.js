// Whether two hosts say the same of a photo: each decodes, and adds up, in its own way.

import assert from "node:assert/strict";

/** Boxes within 1 px, ITA within 0.5°, redness within 1 point. */
export function same(actual, expected) {
  const [a, e] = [actual.faces[0], expected.faces[0]];
  for (const side of ["originX", "originY", "width", "height"]) {
    assert.ok(Math.abs(a.boundingBox[side] - e.boundingBox[side]) <= 1, `${side}: ${a.boundingBox[side]}, ${e.boundingBox[side]}`);
  }
  assert.ok(Math.abs(a.tone.ita - e.tone.ita) <= 0.5, `ITA: ${a.tone.ita}, ${e.tone.ita}`);
  const [x, y] = [a.concerns.redness.score, e.concerns.redness.score];
  assert.ok(Math.abs(x - y) <= 1, `redness: ${x}, ${y}`);
  assert.deepEqual(actual.quality.issues, expected.quality.issues);
}
