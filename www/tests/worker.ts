// A developer's first lines where there is no page: no type of the DOM is known here. Compiled by the tests, not run.

import { SkinAnalyzer, type ImageSource, type SkinReport } from "shine-skin";

const sources: ImageSource[] = [new ArrayBuffer(0), new Uint8Array(0), new Blob(), new OffscreenCanvas(1, 1), new ImageData(1, 1)];

export async function measure(request: Request): Promise<SkinReport> {
  const analyzer = await SkinAnalyzer.createFromOptions({ modelBaseUrl: "https://cdn.example/skin", limits: { maxPixels: 12_500_000 } });
  // @ts-expect-error Not just anything is an image.
  analyzer.detect(sources).catch(() => {});
  return analyzer.analyze(await request.arrayBuffer(), { signal: request.signal });
}
