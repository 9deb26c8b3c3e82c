// What a server's answer is worth: looked at like any stranger's. (The command line does the same in src/remote.rs, and both are
// tested with tests/corpus/server. It is written twice because a reader of any JSON is 8 KB of the first download, and here JavaScript has one.)

import { ShineSkinError } from "./error.js";

const CONCERNS = 9;

function failed(why, cause) {
  return new ShineSkinError("server-failed", `the server's answer can't be used: ${why}`, cause);
}

/** Whatever is not as it should be: thrown by the checks below, told by those who call them. */
class Odd extends Error {}

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

function need(good) {
  if (!good) throw new Odd();
}

function list(value) {
  need(Array.isArray(value));
  return value;
}

function object(value) {
  need(isObject(value));
  return value;
}

/** The JSON of an answer that says yes. */
function accepted({ status, retryAfter, body }) {
  let value;
  try {
    value = JSON.parse(new TextDecoder().decode(body));
  } catch (cause) {
    if (status >= 200 && status < 300) throw failed("its answer is no JSON", cause);
  }
  if (status >= 200 && status < 300) return value;
  const text = value?.error?.message ?? value?.message;
  const said = typeof text === "string" ? `: ${[...text].slice(0, 200).join("")}` : "";
  if (![429, 503].includes(status)) throw failed(`status ${status}${said}`);
  const busy = new ShineSkinError("server-busy", `the server has no room now (status ${status})${said}`);
  if (/^\s*\d+\s*$/.test(retryAfter ?? "")) busy.waitMs = Number(retryAfter) * 1000;
  throw busy;
}

/** From pixels of a place to those of its photo. */
class Place {
  constructor([left, top, width, height, columns, rows]) {
    Object.assign(this, { left, top, across: width / columns, down: height / rows, columns, rows });
  }

  length(of, key, digits) {
    of[key] = round(number(of[key]) * this.across, digits);
  }

  area(of) {
    of.areaPx = Math.round(number(of.areaPx) * this.across * this.down);
  }

  point(of, x, y, digits) {
    of[x] = round(this.left + number(of[x]) * this.across, digits);
    of[y] = round(this.top + number(of[y]) * this.down, digits);
  }

  polygon(points) {
    for (const point of list(points)) {
      need(list(point).length === 2);
      this.point(point, 0, 1, 1);
    }
  }

  /** The box of a face, and its keypoints. */
  box(face) {
    const box = object(object(face).boundingBox);
    this.point(box, "originX", "originY", 2);
    this.length(box, "width", 2);
    this.length(box, "height", 2);
    for (const point of list(face.keypoints)) this.point(object(point), "x", "y", 2);
  }

  face(face) {
    this.box(face);
    if (face.landmarks !== null) {
      for (const point of list(face.landmarks)) {
        need(list(point).length === 3);
        this.point(point, 0, 1, 2);
        this.length(point, 2, 2);
      }
    }
    if (face.skin !== null) {
      this.area(object(face.skin));
      for (const zone of Object.values(object(face.skin.zones))) {
        this.area(object(zone));
        for (const ring of list(zone.polygons)) this.polygon(ring);
      }
    }
    const concerns = Object.values(object(face.concerns));
    need(concerns.length === CONCERNS);
    for (const concern of concerns) {
      need(typeof object(concern).available === "boolean");
      for (const finding of list(concern.findings)) this.polygon(object(finding).polygon);
    }
    list(object(face.overall).primary);
  }
}

function number(value) {
  need(typeof value === "number");
  return value;
}

function round(value, digits) {
  const power = 10 ** digits;
  return Math.round(value * power) / power;
}

/** Does what may find something odd, and says what that is. */
function checked(why, work) {
  try {
    return work();
  } catch (fault) {
    throw fault instanceof Odd ? failed(why, fault) : fault;
  }
}

/** A server's report on what lay at a place of a photo of `width` × `height`, as one on the photo. */
export function reportOf(answer, place, width, height) {
  const report = accepted(answer);
  const at = new Place(place);
  checked("it is no report on this photo", () => {
    need(object(report).schemaVersion === 1 && ["enhanced", "basic"].includes(madeBy(report)));
    Object.values(object(report.timings)).forEach(number);
    need(isObject(report.quality) && typeof report.disclaimer === "string");
    need(isObject(report.image) && report.image.width === at.columns && report.image.height === at.rows);
  });
  checked("a face of it is not complete", () => {
    need("interocularPx" in report.quality);
    if (report.quality.interocularPx !== null) at.length(report.quality, "interocularPx", 1);
    for (const face of list(report.faces)) at.face(face);
  });
  return { ...report, engine: "server", serverEngine: madeBy(report), fallbacks: [], image: { width, height } };
}

/** The engine that measured: a server may have asked another one. */
const madeBy = ({ engine, serverEngine }) => (engine === "server" ? serverEngine : engine);

/** The faces that a server found on what lay at a place of a photo, as those of the photo. */
export function detectionsOf(answer, place) {
  const at = new Place(place);
  const value = accepted(answer);
  return checked("it is no list of faces", () => {
    for (const face of list(object(value).detections)) {
      at.box(face);
      number(face.score);
    }
    return value.detections;
  });
}
