// The analysis in the page: its stages, and what it shares with MediaPipe Tasks beside it.

import { file, portrait, sample } from "./photos.js";
import { median } from "./statistics.js";

const WARM = 50;

const ours = async (channel = "stable") => {
  const { SkinAnalyzer } = await import("/shine-skin/index.js");
  return SkinAnalyzer.createFromOptions({ modelBaseUrl: "/models", channel });
};

const theirs = async (kind, asset, runningMode) => {
  const tasks = await import("/tasks/vision_bundle.mjs");
  const files = await tasks.FilesetResolver.forVisionTasks("/tasks/wasm");
  const baseOptions = { modelAssetPath: `/peers/${asset}`, delegate: "CPU" };
  return tasks[kind].createFromOptions(files, { baseOptions, runningMode });
};

/** Decoded from files, as people's photos are: a bitmap of a canvas is slower to draw. */
const PHOTOS = {
  "512 × 512, a small face": sample,
  "910 × 1137, a portrait": async () => createImageBitmap(new Blob([Uint8Array.from(await file(910, 1137, "image/png"))])),
};

/** Medians of the stages of `analyze`, as its report tells them, for each photo, with the network of skin and without. */
export async function stages(rounds) {
  const table = {};
  for (const [channel, how] of [["stable", ""], ["closed-forms", ", closed forms alone"]]) {
    const analyzer = await ours(channel);
    for (const [name, make] of Object.entries(PHOTOS)) {
      const bitmap = await make();
      const seen = {};
      for (let i = -5; i < rounds; i++) {
        const begun = performance.now();
        const { timings } = await analyzer.analyze(bitmap);
        const all = performance.now() - begun;
        if (i < 0) continue;
        for (const [stage, ms] of Object.entries({ ...timings, all })) (seen[stage] ??= []).push(ms);
      }
      table[name + how] = Object.fromEntries(Object.entries(seen).map(([stage, list]) => [stage, median(list)]));
    }
    analyzer.close();
  }
  return table;
}

/**
 * Finding a face, finding it with its mesh, and following it through a video, beside MediaPipe Tasks on the same ImageBitmap: medians.
 * Ours has no call that ends with the mesh of a photo; it is the time of `detect`, reading the pixels included, and the report's own
 * of the mesh. On a video the mesh is what is followed.
 */
export async function besideTasks(rounds) {
  const bitmap = await PHOTOS["910 × 1137, a portrait"]();
  const analyzer = await ours();
  const detector = await theirs("FaceDetector", "face_detector.tflite", "IMAGE");
  const landmarker = await theirs("FaceLandmarker", "face_landmarker.task", "IMAGE");
  const video = await theirs("FaceLandmarker", "face_landmarker.task", "VIDEO");
  let clock = 0;
  const counts = {
    ours: (await analyzer.detect(bitmap)).detections.length,
    tasks: detector.detect(bitmap).detections.length,
    points: landmarker.detect(bitmap).faceLandmarks[0]?.length,
  };
  const times = { detect: [], mesh: [], follow: [], "FaceDetector": [], "FaceLandmarker, image": [], "FaceLandmarker, video": [] };
  const timed = async (name, run) => {
    const begun = performance.now();
    const answer = await run();
    times[name].push(performance.now() - begun);
    return answer;
  };
  for (let i = -WARM; i < rounds; i++) {
    if (i === 0) for (const list of Object.values(times)) list.length = 0;
    await timed("detect", () => analyzer.detect(bitmap));
    await timed("FaceDetector", () => detector.detect(bitmap));
    times.mesh.push((await analyzer.analyze(bitmap)).timings.mesh);
    await timed("FaceLandmarker, image", () => landmarker.detect(bitmap));
    clock += 33;
    await timed("follow", () => analyzer.detectForVideo(bitmap, clock));
    await timed("FaceLandmarker, video", () => video.detectForVideo(bitmap, clock));
  }
  return { counts, times: Object.fromEntries(Object.entries(times).map(([name, list]) => [name, median(list)])) };
}

/** Milliseconds from here to a first answer: ours a report, theirs landmarks. */
export async function first(whose) {
  const begun = performance.now();
  const taken = () => performance.now() - begun;
  if (whose === "ours") {
    const blob = await (await fetch("/site/sample/astronaut.png")).blob();
    const analyzer = await ours();
    await analyzer.analyze(blob);
    const ms = taken();
    // A second visit has what is kept after the answer.
    await analyzer.cacheInfo();
    return ms;
  }
  const bitmap = await sample();
  (await theirs("FaceLandmarker", "face_landmarker.task", "IMAGE")).detect(bitmap);
  return taken();
}

/**
 * Bytes of the module's memory after the analysis of 12 megapixels: `decoded`, the same with a `small`er face, or a baseline `jpeg` that
 * it decodes.
 */
export async function memory(how) {
  let memory;
  const noted = (begin) => async (...args) => {
    const made = await begin(...args);
    memory = (made.instance ?? made).exports.memory ?? memory;
    return made;
  };
  WebAssembly.instantiate = noted(WebAssembly.instantiate);
  WebAssembly.instantiateStreaming = noted(WebAssembly.instantiateStreaming);
  const size = [3000, 4000];
  const photo =
    how === "jpeg" ? Uint8Array.from(await file(...size, "image/jpeg")) : await createImageBitmap(await portrait(...size, how === "small"));
  // Without it the package has no decoder but the module's.
  if (how === "jpeg") globalThis.createImageBitmap = undefined;
  const report = await (await ours()).analyze(photo);
  if (report.faces.length !== 1) throw new Error(`${report.faces.length} faces`);
  return memory.buffer.byteLength;
}
