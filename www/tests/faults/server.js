// A bucket on this machine, in which one file can be faulty.

import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { ROOT } from "../served.js";

const DIST = `${ROOT}models/dist`;

export const manifest = () => JSON.parse(readFileSync(`${DIST}/manifest.json`, "utf8"));

/** The plan of the face mesh: its name and its bytes. */
export function plan() {
  const { url } = manifest().models["facemesh-468@1"].files[0];
  return { url, bytes: readFileSync(`${DIST}/${url}`) };
}

const CORS = { "access-control-allow-origin": "*" };

/** An answer with its length. */
export function answer(response, status, headers, body) {
  response.writeHead(status, { ...CORS, "content-length": Buffer.byteLength(body), ...headers });
  response.end(body);
}

/** The file, or the part that is asked for. */
export function good({ name, from }, response, directory = DIST) {
  let bytes;
  try {
    bytes = readFileSync(`${directory}/${name}`);
  } catch {
    return answer(response, 404, {}, "");
  }
  if (from === undefined) return answer(response, 200, { "content-type": "application/octet-stream" }, bytes);
  if (from >= bytes.length) return answer(response, 416, {}, "");
  const range = `bytes ${from}-${bytes.length - 1}/${bytes.length}`;
  answer(response, 206, { "content-range": range }, bytes.subarray(from));
}

/** Sends the head of what is asked for and so much of the file, then breaks the connection. */
export function cut({ from = 0 }, response, bytes, end) {
  const range = from > 0 && { "content-range": `bytes ${from}-${bytes.length - 1}/${bytes.length}` };
  response.writeHead(range ? 206 : 200, { ...CORS, "content-length": bytes.length - from, ...range });
  response.write(bytes.subarray(from, Math.max(end, from)), () => setTimeout(() => response.socket?.destroy(), 20));
}

/**
 * Serves below `/TOKEN/`: a token's handler is told what is asked for, with which headers the answer has to begin, and how many requests
 * for that file came before. Without a handler all is good.
 */
export async function bucket() {
  const handlers = new Map();
  const asked = [];
  const server = createServer((request, response) => {
    const [, token, name] = new URL(request.url, "http://bucket").pathname.match(/^\/([^/]*)\/(.*)$/) ?? [];
    const from = /^bytes=(\d+)-$/.exec(request.headers.range)?.[1];
    const before = asked.filter((one) => one.token === token && one.name === name).length;
    asked.push({ token, name });
    const wanted = { token, name, from: from && Number(from), before };
    const handler = handlers.get(token);
    response.on("error", () => {});
    if (handler) handler(wanted, response, request);
    else good(wanted, response);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  let next = 0;
  return {
    /** The address of a place with a handler of its own. */
    place(handler) {
      const token = `place${next++}`;
      if (handler) handlers.set(token, handler);
      return `http://127.0.0.1:${server.address().port}/${token}`;
    },
    /** How often each file of a place was asked for. */
    asked(place) {
      const counts = {};
      for (const { token, name } of asked) if (place.endsWith(`/${token}`)) counts[name] = (counts[name] ?? 0) + 1;
      return counts;
    },
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}
