// For Cloudflare's workers.

import { handle } from "./handler.js";

/** Has models come from a bucket that is bound: the path of an address is its key there. */
const from = (bucket) => async (request) => {
  const found = await bucket.get(new URL(request.url).pathname.slice(1));
  if (!found) return new Response(null, { status: 404 });
  const headers = new Headers();
  found.writeHttpMetadata(headers);
  return new Response(found.body, { headers });
};

export default {
  fetch: (request, env) =>
    handle(request, {
      models: env.MODELS ? "https://models.invalid" : env.SKIN_MODELS,
      fetch: env.MODELS && from(env.MODELS),
      server: env.SKIN_SERVER,
      origin: env.SKIN_ORIGIN,
      maxPixels: env.SKIN_MAX_PIXELS && Number(env.SKIN_MAX_PIXELS),
    }),
};
