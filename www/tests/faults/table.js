// What can go wrong between a model and its bucket, and how it has to end: a report, or a code. A name by itself is of all hosts; where they
// differ each is named.

import { gzipSync } from "node:zlib";
import { answer, cut, good, manifest, plan } from "./server.js";

const { url: PLAN, bytes: BYTES } = plan();

const CORS = { "access-control-allow-origin": "*" };

/** Handlers of the face mesh's plan; all other files are good. */
const MODEL = [
  ["not found", "model-fetch", (_, to) => answer(to, 404, {}, "no")],
  ["forbidden", "model-fetch", (_, to) => answer(to, 403, {}, "<Error/>")],
  ["gone", "model-fetch", (_, to) => answer(to, 410, {}, "")],
  ["fails always", "model-fetch", (_, to) => answer(to, 500, {}, "")],
  ["fails once", "report", (asked, to) => (asked.before ? good(asked, to) : answer(to, 503, { "retry-after": "1" }, ""))],
  ["too many requests, once", "report", (asked, to) => (asked.before ? good(asked, to) : answer(to, 429, {}, ""))],
  [
    "a page with status 200",
    "model-integrity",
    (_, to) => answer(to, 200, { "content-type": "text/html; charset=utf-8" }, "<!doctype html><title>Sign in</title>"),
  ],
  ["a page without a type", "model-integrity", (_, to) => answer(to, 200, {}, "<!doctype html>".padEnd(BYTES.length))],
  [
    "one wrong bit",
    "model-integrity",
    (_, to) => {
      const wrong = Buffer.from(BYTES);
      wrong[5000] ^= 1;
      answer(to, 200, {}, wrong);
    },
  ],
  ["a byte too many", "model-integrity", (_, to) => answer(to, 200, {}, Buffer.concat([BYTES, Buffer.from("!")]))],
  ["far too long", "model-integrity", (_, to) => answer(to, 200, {}, Buffer.concat(Array(9).fill(BYTES)))],
  ["too short, as if that were all", "model-integrity", (_, to) => answer(to, 200, {}, BYTES.subarray(0, BYTES.length / 2))],
  ["nothing", "model-integrity", (_, to) => answer(to, 200, {}, "")],
  [
    "compressed though nobody asked",
    "model-integrity",
    (_, to) => answer(to, 200, { "content-encoding": "gzip" }, gzipSync("something else")),
  ],
  [
    "cut off twice, with ranges",
    "report",
    (asked, to) => (asked.before < 2 ? cut(asked, to, BYTES, 400_000 * (asked.before + 1)) : good(asked, to)),
  ],
  [
    "cut off once, without ranges",
    "report",
    (asked, to) => (asked.before ? answer(to, 200, {}, BYTES) : cut(asked, to, BYTES, 400_000)),
  ],
  ["cut off always", "model-fetch", (_, to) => cut({}, to, BYTES, 1000)],
  [
    "another file after a cut",
    "report",
    (asked, to) => {
      if (asked.before) return good(asked, to);
      const old = Buffer.from(BYTES);
      old[7] ^= 1;
      cut(asked, to, old, 400_000);
    },
  ],
  ["closed before an answer", "model-fetch", (_, to, request) => request.socket.destroy()],
  ["no HTTP", "model-fetch", (_, to, request) => request.socket.end("220 smtp.example ESMTP\r\n")],
  ["a redirect", "report", ({ name }, to) => answer(to, 302, { location: `moved/${name}` }, "")],
  ["a redirect to itself", "model-fetch", ({ name }, to) => answer(to, 302, { location: name }, "")],
  ["another place's pages only", { native: "report", worker: "report", browser: "model-fetch" }, withoutCors],
  [
    "slow",
    "report",
    async (_, to) => {
      to.writeHead(200, { ...CORS, "content-length": BYTES.length });
      const step = Math.ceil(BYTES.length / 20);
      for (let from = 0; from < BYTES.length; from += step) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        to.write(BYTES.subarray(from, from + step));
      }
      to.end();
    },
  ],
  [
    "in chunks, of no stated length",
    "report",
    (_, to) => {
      to.writeHead(200, CORS);
      for (let from = 0; from < BYTES.length; from += 100_000) to.write(BYTES.subarray(from, from + 100_000));
      to.end();
    },
  ],
  ["never answers", "timeout", () => {}],
  [
    "stops in the middle",
    "timeout",
    (_, to) => {
      to.writeHead(200, { ...CORS, "content-length": BYTES.length });
      to.write(BYTES.subarray(0, 100_000));
    },
  ],
];

function withoutCors(asked, to) {
  const head = to.writeHead;
  to.writeHead = (status, headers) => head.call(to, status, Object.fromEntries(Object.entries(headers).filter(([name]) => !(name in CORS))));
  good(asked, to);
}

/** A manifest with one value changed. */
function changed(path, value) {
  const all = manifest();
  const last = path.at(-1);
  path.slice(0, -1).reduce((part, key) => part[key], all)[last] = value;
  return JSON.stringify(all);
}

const FILE = ["models", "facemesh-468@1", "files", 0];
const RELEASE = ["releases", manifest().channels.stable, "models", "face-mesh"];

/** What the manifest's address answers with. */
const MANIFEST = [
  ["a page", "manifest-invalid", 200, "<!doctype html>"],
  ["half of it", "manifest-invalid", 200, JSON.stringify(manifest()).slice(0, 300)],
  ["two megabytes", "manifest-invalid", 200, " ".repeat(2 << 20)],
  ["another major version", "manifest-invalid", 200, changed(["schemaVersion"], 2)],
  ["a later library", "model-incompatible", 200, changed(["minLibrary"], "9.0")],
  ["no such release", "manifest-invalid", 200, changed(["channels", "stable"], "none")],
  ["no such model", "manifest-invalid", 200, changed(RELEASE, "x@1")],
  ["a path that leads out", "manifest-invalid", 200, changed([...FILE, "url"], "../../etc/passwd")],
  ["a hash that is none", "manifest-invalid", 200, changed([...FILE, "sha256"], "x")],
  ["a model of a terabyte", "manifest-invalid", 200, changed([...FILE, "bytes"], 2 ** 40)],
  ["another hash", "model-integrity", 200, changed([...FILE, "sha256"], "0".repeat(64))],
  ["not found", "manifest-fetch", 404, ""],
  ["fails always", "manifest-fetch", 502, ""],
];

/** All faults: a name, the end by host, and the handler of a place that has it. */
export const FAULTS = [
  ...MODEL.map(([name, end, fault]) => {
    const handler = (asked, to, request) => {
      if (asked.name === PLAN) return fault(asked, to, request);
      good({ ...asked, name: asked.name.replace(/^moved\//, "") }, to);
    };
    return { name: `model: ${name}`, end, handler };
  }),
  ...MANIFEST.map(([name, end, status, body]) => {
    const handler = (asked, to) => (asked.name === "manifest.json" ? answer(to, status, {}, body) : good(asked, to));
    return { name: `manifest: ${name}`, end, handler };
  }),
  { name: "manifest: never answers", end: "timeout", handler: (asked, to) => asked.name !== "manifest.json" && good(asked, to) },
];
