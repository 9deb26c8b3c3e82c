// For Deno: deno serve --allow-net --allow-read --allow-env src/deno.js

import { handle } from "./handler.js";

export default {
  fetch: (request) =>
    handle(request, {
      models: Deno.env.get("SKIN_MODELS"),
      server: Deno.env.get("SKIN_SERVER"),
      origin: Deno.env.get("SKIN_ORIGIN"),
      maxPixels: Deno.env.has("SKIN_MAX_PIXELS") ? Number(Deno.env.get("SKIN_MAX_PIXELS")) : undefined,
    }),
};
