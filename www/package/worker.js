// The package's own worker: an analyzer, which another thread asks by messages.

import { localAnalyzer } from "./analyzer.js";
import { BESIDE } from "./beside.js";
import { ShineSkinError } from "./error.js";
import { Modules } from "./module.js";

/** Whoever closes the analyzer ends this thread. */
const PLACE = { ...BESIDE, endsEarly: true };

let analyzer;
/** Who ends what is asked, by its number. */
const asked = new Map();

const told = (fault) => {
  const { code, message } = ShineSkinError.from(fault);
  return { code, message };
};

async function start({ options, module, general }) {
  const functions = {
    fetch: (request) => fetch(request),
    onProgress: (progress) => postMessage({ progress }),
    onEvent: (event) => postMessage({ event }),
  };
  try {
    analyzer = await localAnalyzer({ ...options, ...functions }, new Modules(PLACE, { module, general }));
    postMessage({ started: true, metrics: analyzer.metrics() });
  } catch (fault) {
    postMessage({ failed: told(fault) });
  }
}

async function answer({ id, method, args: [image, more, previews] }) {
  const controller = new AbortController();
  asked.set(id, controller);
  const { signal } = controller;
  const methods = {
    preload: () => analyzer.preload(signal),
    detect: () => analyzer.detect(image, signal, more),
    detectForVideo: () => analyzer.detectForVideo(image, more),
    analyze: () => analyzer.analyze(image, signal, more, previews && ((preview) => postMessage({ id, preview }))),
  };
  try {
    const answer = await (methods[method] ?? (() => analyzer[method]()))();
    postMessage({ id, answer, metrics: analyzer.metrics() });
  } catch (fault) {
    postMessage({ id, fault: told(fault), metrics: analyzer.metrics() });
  } finally {
    asked.delete(id);
    // What was handed over is nobody else's.
    image?.close?.();
  }
}

addEventListener("message", ({ data }) => {
  if (data.start) start(data.start);
  else if (data.abort) asked.get(data.abort)?.abort();
  else answer(data);
});
