// A photo that is posted, to the report: the same on Node and on the edge runtime.

import { SkinAnalyzer } from "shine-skin";

/** What a photo of a phone seldom has more of: bytes, and pixels, which fit into the 128 MB of an edge. */
const LIMITS = { maxBytes: 10_000_000, maxPixels: 12_500_000 };

let made: Promise<SkinAnalyzer> | null = null;

/** One for all requests; a failure to begin is not kept. */
function analyzer() {
  made ??= SkinAnalyzer.createFromOptions({ modelBaseUrl: process.env.NEXT_PUBLIC_SKIN_MODELS, limits: LIMITS }).catch((fault) => {
    made = null;
    throw fault;
  });
  return made;
}

/** What is wrong with a photo is its sender's. */
const STATUS: Record<string, number> = { "image-too-large": 413, "unsupported-format": 415, "decode-failed": 422, timeout: 504 };

/** The body, as far as one may be long; nothing of a longer one. */
async function bodyOf(request: Request) {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  const reader = request.body?.getReader();
  for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
    length += next.value.length;
    if (length > LIMITS.maxBytes) return null;
    parts.push(next.value);
  }
  return new Blob(parts).arrayBuffer();
}

const failed = (code: string, message: string) => Response.json({ error: { code, message } }, { status: STATUS[code] ?? 500 });

export async function analyze(request: Request) {
  try {
    const photo = await bodyOf(request);
    if (!photo) return failed("image-too-large", `The photo has more than ${LIMITS.maxBytes} bytes.`);
    return Response.json(await (await analyzer()).analyze(photo, { signal: request.signal }));
  } catch (fault) {
    const { code = "internal", message } = fault as { code?: string; message: string };
    return failed(code, message);
  }
}
