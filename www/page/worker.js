// The analyzer, away from the page's own thread.

import { SkinAnalyzer } from "./shine-skin/index.js";

const analyzer = SkinAnalyzer.createFromOptions({
  modelBaseUrl: new URL("models", self.location.href).href,
  onProgress: (progress) => postMessage({ progress }),
});
// A failure is told with the first call, which awaits the same promise.
analyzer.catch(() => {});

addEventListener("message", async ({ data: { id, verb, image } }) => {
  try {
    const result = await (await analyzer)[verb](image);
    postMessage({ id, result });
  } catch (fault) {
    postMessage({ id, error: { code: fault.code ?? "internal", message: fault.message } });
  }
});
