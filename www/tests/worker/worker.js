// An edge worker as its developer writes one: a photo in, a report out.

import init, { SkinAnalyzer } from "./shine-skin/index.js";
import module from "./shine-skin/shine_skin_simd_bg.wasm";

export default {
  async fetch(request) {
    const options = JSON.parse(request.headers.get("x-options"));
    const photo = await request.arrayBuffer();
    try {
      await init(module);
      const analyzer = await SkinAnalyzer.createFromOptions(options);
      return Response.json({ report: await analyzer.analyze(photo) });
    } catch (fault) {
      return Response.json({ error: { name: fault.name, code: fault.code, message: fault.message } });
    }
  },
};
