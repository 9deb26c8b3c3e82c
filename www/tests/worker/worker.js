// An edge worker as its developer writes one: a photo in, a report out.

import { SkinAnalyzer } from "./shine-skin/workerd.js";

export default {
  async fetch(request) {
    const options = JSON.parse(request.headers.get("x-options"));
    const photo = await request.arrayBuffer();
    try {
      const analyzer = await SkinAnalyzer.createFromOptions(options);
      return Response.json({ report: await analyzer.analyze(photo) });
    } catch (fault) {
      return Response.json({ error: { name: fault.name, code: fault.code, message: fault.message } });
    }
  },
};
