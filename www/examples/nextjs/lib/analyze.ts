// A photo that is posted, to the report: the same on Node and on the edge runtime.

import { SkinAnalyzer } from "shine-skin";

/** A photo of a phone has seldom more bytes. */
const MOST = 10_000_000;

let made: Promise<SkinAnalyzer> | null = null;

/** One for all requests; a failure to begin is not kept. */
function analyzer() {
  made ??= SkinAnalyzer.createFromOptions({ modelBaseUrl: process.env.NEXT_PUBLIC_SKIN_MODELS }).catch((fault) => {
    made = null;
    throw fault;
  });
  return made;
}

/** What is wrong with a photo is its sender's. */
const THEIRS = ["image-too-large", "unsupported-format", "decode-failed"];

export async function analyze(request: Request) {
  if (Number(request.headers.get("content-length")) > MOST) return Response.json({ error: { code: "image-too-large" } }, { status: 413 });
  try {
    return Response.json(await (await analyzer()).analyze(await request.arrayBuffer()));
  } catch (fault) {
    const { code = "internal", message } = fault as { code?: string; message: string };
    return Response.json({ error: { code, message } }, { status: THEIRS.includes(code) ? 422 : 500 });
  }
}
