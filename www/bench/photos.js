// The photos of the bench, made in the page from the one that the project has.

const SAMPLE = "/site/sample/astronaut.png";

/** Where its face lies, with as much around as a portrait has. */
const FACE = { x: 115, y: 30, width: 220, height: 275 };

/** The same with as much as a photo at arm's length has. */
const WIDE = { x: 0, y: 0, width: 384, height: 512 };

/** The sample as it is. */
export async function sample() {
  return createImageBitmap(await (await fetch(SAMPLE)).blob());
}

/** The sample's face enlarged to a portrait, or with more around it. */
export async function portrait(width, height, wide = false) {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  const place = wide ? WIDE : FACE;
  context.drawImage(await sample(), place.x, place.y, place.width, place.height, 0, 0, width, height);
  return canvas;
}

/** A portrait as the bytes of a file. */
export async function file(width, height, type) {
  const blob = await (await portrait(width, height)).convertToBlob({ type, quality: 0.92 });
  return [...new Uint8Array(await blob.arrayBuffer())];
}
