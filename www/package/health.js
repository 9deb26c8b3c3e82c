import { ShineSkinError } from "./error.js";

/** Longest wait for the manifest, milliseconds. */
const MOST = 10_000;

/** The old service's objective for a report, milliseconds. */
const OBJECTIVE = 30_000;

const UNKNOWN = { status: "unknown", ms: null, message: "the models are not loaded yet" };

/** Tries something: what came of it, and how long it took. */
async function tried(work) {
  const begun = performance.now();
  const part = (status, message) => ({ status, ms: Math.round((performance.now() - begun) * 100) / 100, message });
  try {
    return part("healthy", await work());
  } catch (fault) {
    const { code, message } = ShineSkinError.from(fault);
    return part("unhealthy", `${message} (${code})`);
  }
}

/** Asks for the manifest, whatever is kept. */
async function reach({ modelBaseUrl, fetch }) {
  const url = `${modelBaseUrl.replace(/\/$/, "")}/manifest.json`;
  // What signs an address is not shown.
  const { origin, pathname } = new URL(url);
  try {
    const request = new Request(url, { signal: AbortSignal.timeout(MOST), ...((globalThis.document ?? globalThis.importScripts) && { cache: "no-store" }) });
    const response = await fetch(request);
    await response.body?.cancel();
    if (!response.ok) throw new Error(`status ${response.status}`);
  } catch (fault) {
    throw new ShineSkinError("manifest-fetch", `${origin}${pathname} can't be reached: ${fault.message}`, fault);
  }
  return `${origin}${pathname} answers`;
}

/** The report of a photo, by the models that are there. */
const analysed = (engine, photo) => engine.measure(engine.lookPhoto(photo));

/** The health of an analyzer: five parts, each tried and timed. It loads no models: what needs them is "unknown" before. */
export async function examine(models, instances, options, flavour) {
  await instances.ready;
  const { glue } = instances;
  const alone = (work) => instances.run("internal", "The module stopped while it was examined.", work);
  const engine = models.current();
  const { state, error } = models;
  const needed = (work) => (engine ? tried(() => alone(() => work(engine))) : error ? tried(() => Promise.reject(error)) : UNKNOWN);
  const parts = {
    model_availability: await needed(() => {
      if (models.lost) throw new ShineSkinError(models.lost.code, `Models that find a face are loaded; ${models.lost.message}`);
      return "the models are loaded";
    }),
    s3_connectivity: await tried(() => reach(options)),
    enhanced_analyzer: await needed((engine) => {
      if (analysed(engine, glue.Photo.ofFace()).faces[0]?.landmarks) return "the face of the test picture was analysed";
      throw new ShineSkinError("inference-failed", "The mesh did not fit the test picture.");
    }),
    face_detection: await needed((engine) => engine.findFace()),
    response_time: await tried(() => {
      const begun = performance.now();
      const face = () => glue.Photo.ofFace();
      const { engine: by } = alone(() => (models.current() ? analysed(models.current(), face()) : face().basic()));
      if (performance.now() - begun > OBJECTIVE) throw new ShineSkinError("timeout", "A report takes too long.");
      return `the ${by} engine made a report; 30 s are asked`;
    }),
  };
  const all = Object.values(parts).map(({ status }) => status);
  const status = all.every((one) => one === "healthy") ? "healthy" : parts.response_time.status === "healthy" ? "degraded" : "unhealthy";
  return { status, at: new Date().toISOString(), wasm: flavour, models: state, error: error && { code: error.code, message: error.message }, parts };
}
