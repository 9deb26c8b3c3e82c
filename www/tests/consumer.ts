// A developer's first lines, under strict types. Compiled by the tests, not run.

import init, { ShineSkinError, SkinAnalyzer, type AnalyzerEvent, type CacheLike, type LoadProgress, type SkinReport, type Zone } from "shine-skin";

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

export const browsers = (cache: Cache): CacheLike => cache;

// @ts-expect-error there is no such option
void SkinAnalyzer.createFromOptions({ colour: "red" });
// @ts-expect-error a path is not an image
void SkinAnalyzer.createFromOptions().then((analyzer) => analyzer.analyze("photo.jpg"));
