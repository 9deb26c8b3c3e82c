// A photo in, a report out: for any place that has fetch's Request and Response.

import { SkinAnalyzer } from "shine-skin";

/** What a fault of the caller's is answered with; any other is 500. */
const STATUS = {
  "image-too-large": 413,
  "unsupported-format": 415,
  "decode-failed": 422,
  "invalid-options": 400,
  timeout: 504,
  aborted: 499,
};

/** Largest body, bytes: a JPEG of 12 megapixels has seldom more. */
const MOST = 10_000_000;

/** The body of a request, as far as one may be long; nothing of a longer one. */
async function bodyOf(request) {
  const parts = [];
  let length = 0;
  for await (const part of request.body ?? []) {
    length += part.length;
    if (length > MOST) return null;
    parts.push(part);
  }
  const body = new Uint8Array(length);
  parts.reduce((at, part) => (body.set(part, at), at + part.length), 0);
  return body;
}

/** The largest photo, pixels: what fits into 128 MB together with all else, upright or turned. Of a WebP, a progressive JPEG and 16 bits a channel half as many. */
const MOST_PIXELS = 12_500_000;

/** One for all requests of this place; a failure to begin is not kept. */
let analyzer = null;

function ready(settings) {
  analyzer ??= SkinAnalyzer.createFromOptions({
    modelBaseUrl: settings.models,
    serverUrl: settings.server,
    fetch: settings.fetch,
    limits: { maxBytes: MOST, maxPixels: settings.maxPixels ?? MOST_PIXELS },
    timeoutMs: 30_000,
    // Numbers and codes: what is told never holds anything of a photo.
    onEvent: (event) => event.type !== "call" && console.warn(JSON.stringify(event)),
  }).catch((fault) => {
    analyzer = null;
    throw fault;
  });
  return analyzer;
}

const failed = (status, code, message) => Response.json({ error: { code, message } }, { status });

/**
 * `POST /` with the bytes of a photo answers with its report, `GET /health` with what can be done now, `GET /metrics` with numbers of this
 * isolate. `settings` has `models`, the address of the manifest's directory; `maxPixels`, 12.5 megapixels where it is not set; and where they are set
 * `server`, which is asked where the models can't run, `fetch` for the models, and `origin`, whose pages may ask from a browser.
 */
export async function handle(request, settings) {
  const response = request.method === "OPTIONS" ? new Response(null, { status: 204 }) : await answer(request, settings);
  if (settings.origin) {
    response.headers.set("access-control-allow-origin", settings.origin);
    response.headers.set("access-control-allow-headers", "content-type");
    response.headers.append("vary", "origin");
  }
  return response;
}

async function answer(request, settings) {
  const { pathname } = new URL(request.url);
  try {
    if (request.method === "GET" && pathname === "/health") {
      const health = await (await ready(settings)).health();
      return Response.json(health, { status: health.status === "unhealthy" ? 503 : 200 });
    }
    if (request.method === "GET" && pathname === "/metrics") return Response.json((await ready(settings)).metrics());
    if (pathname !== "/") return failed(404, "not-found", "POST a photo to /, or GET /health or /metrics.");
    if (request.method !== "POST") return failed(405, "method-not-allowed", "POST a photo.");
    const photo = await bodyOf(request);
    if (!photo) return failed(413, "image-too-large", `The photo has more than ${MOST} bytes.`);
    const skin = await ready(settings);
    try {
      return Response.json(await skin.analyze(photo, { signal: request.signal }));
    } catch (fault) {
      return failed(STATUS[fault.code] ?? 500, fault.code, fault.message);
    }
  } catch (fault) {
    // Of the settings, or of this host: nothing that a caller could mend.
    return failed(500, fault.code ?? "internal", fault.message);
  }
}
