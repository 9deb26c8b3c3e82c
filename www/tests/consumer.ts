// A developer's first lines, under strict types. Compiled by the tests, not run.

import init, { ShineSkinError, SkinAnalyzer, type AnalyzerEvent, type CacheLike, type LoadProgress, type SkinReport, type Zone } from "shine-skin";
import { CameraError, guide, openCamera, type Guidance } from "shine-skin/camera";

const told = (progress: LoadProgress): string =>
  progress.status === "progress" ? `${progress.file} ${progress.loaded}/${progress.total}` : progress.status;

export async function measure(file: Blob): Promise<SkinReport> {
  await init();
  const analyzer = await SkinAnalyzer.createFromOptions({ modelBaseUrl: "/models", onProgress: (p) => console.log(told(p)) });
  try {
    const { detections } = await analyzer.detect(file);
    const width: number | undefined = detections[0]?.boundingBox.width;
    console.log(width, (await analyzer.health()).status);
    const report = await analyzer.analyze(file, { signal: AbortSignal.timeout(10_000) });
    const face = report.faces[0];
    const cheek: Zone = "leftCheek";
    console.log(face?.tone?.ita.toFixed(1), face?.concerns.redness.zones[cheek], face?.unavailable.tone);
    return report;
  } catch (fault) {
    if (fault instanceof ShineSkinError && fault.code === "model-fetch") console.warn(fault.message);
    throw fault;
  } finally {
    analyzer.close();
  }
}

function heard(event: AnalyzerEvent): string {
  switch (event.type) {
    case "warning":
      return "models are not kept";
    case "call":
      return `${event.method} took ${event.ms} ms${event.code ? `: ${event.code}` : ""}`;
    case "feedback":
      return event.rating;
    default:
      return `${event.code}: ${event.message}`;
  }
}

/** Where the models are: in a cache of one's own, signed, split by a user. */
export async function weigh(cache: CacheLike, user: string): Promise<number> {
  const analyzer = await SkinAnalyzer.createFromOptions({
    modelBaseUrl: "https://cdn.example/skin",
    cache,
    manifestPublicKey: "00".repeat(32),
    splitKey: user,
    flags: { tracking: false },
    timeoutMs: 30_000,
    onEvent: (event) => console.warn(heard(event)),
  });
  await analyzer.preload({ signal: AbortSignal.timeout(5_000) });
  return (await analyzer.cacheInfo()).bytes ?? 0;
}

/** The camera, with advice. */
export async function take(analyzer: SkinAnalyzer, video: HTMLVideoElement, say: (advice: Guidance) => void): Promise<ImageBitmap> {
  const close = await openCamera(video, { facingMode: "user" });
  try {
    return await guide(analyzer, video, {
      onGuidance({ advice, preview, progress }) {
        const yaw: number | undefined = preview?.pose.yaw;
        console.log(yaw, preview?.landmarks[0]?.[0], progress.toFixed(1));
        say(advice);
      },
    });
  } catch (fault) {
    if (fault instanceof CameraError && fault.code === "camera-denied") console.warn(fault.message);
    throw fault;
  } finally {
    close();
  }
}

/** At an edge: the general engine for models without a plan, a bucket that is bound, health. */
export async function atEdge(general: WebAssembly.Module, bucket: (key: string) => Promise<Response>): Promise<string> {
  await init(undefined, general);
  const fetch = (request: Request): Promise<Response> => bucket(new URL(request.url).pathname);
  const analyzer = await SkinAnalyzer.createFromOptions({ modelBaseUrl: "https://models.invalid", fetch });
  const { preview } = await analyzer.detectForVideo(new ImageData(1, 1), 0);
  return `${(await analyzer.health()).thread} ${preview?.darker ?? ""}`;
}

export const browsers = (cache: Cache): CacheLike => cache;

// @ts-expect-error there is no such option
void SkinAnalyzer.createFromOptions({ colour: "red" });
// @ts-expect-error a path is not an image
void SkinAnalyzer.createFromOptions().then((analyzer) => analyzer.analyze("photo.jpg"));
