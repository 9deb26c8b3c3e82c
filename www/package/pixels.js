import { ShineSkinError } from "./error.js";

/** The defaults of `limits`. */
export const LIMITS = { maxBytes: 40_000_000, maxPixels: 64_000_000 };

/** Rows are handed over by so many pixels: all at once would be in memory twice. */
const BAND = 250_000;

/** Longest side of what is drawn onto a canvas that is kept: to make one takes as long as to draw on it and read it. */
const SMALL = 512;
let small = null;

/**
 * What the module can take of an image: `{ bytes }` of a file where this host can't decode, or `{ width, height, read, close }`.
 * `read(place)` answers with RGBA pixels in sRGB, upright, some rows at a time: all of them, or those of a rectangle drawn smaller,
 * `[left, top, width, height, columns, rows]`, where `draws` is true; as smoothly as can be where that is asked for. `checkHeader` rejects for a file that is to be
 * refused before it is decoded.
 */
export async function open(image, limits, checkHeader) {
  if (typeof ImageData !== "undefined" && image instanceof ImageData) return fromImageData(image, limits);
  if (typeof Blob !== "undefined" && image instanceof Blob) {
    checkBytes(image.size, limits);
    return fromBytes(new Uint8Array(await image.arrayBuffer()), limits, checkHeader);
  }
  if (image instanceof ArrayBuffer) return fromBytes(new Uint8Array(image), limits, checkHeader);
  if (image instanceof Uint8Array) return fromBytes(image, limits, checkHeader);
  const [width, height] = sizeOf(image);
  return drawable(image, width, height, limits, () => {});
}

async function fromImageData(image, limits) {
  const { width, height, data } = image;
  checkPixels(width, height, limits);
  if ((image.colorSpace ?? "srgb") === "srgb" && data instanceof Uint8ClampedArray) {
    return { width, height, draws: false, read: () => slices(image), close() {} };
  }
  // Another colour space, or floats: the browser converts.
  return ofBitmap(await createImageBitmap(image), limits);
}

const ofBitmap = (bitmap, limits) => drawable(bitmap, bitmap.width, bitmap.height, limits, () => bitmap.close());

async function fromBytes(bytes, limits, checkHeader) {
  checkBytes(bytes.byteLength, limits);
  await checkHeader(bytes);
  if (!canDecode()) return { bytes };
  return (await decode(new Blob([bytes]), limits)) ?? { bytes };
}

/** Whether this host reads files, and lets its pixels be seen: Deno has canvases that nothing can be drawn on. */
function canDecode() {
  if (typeof createImageBitmap !== "function" || typeof OffscreenCanvas !== "function") return false;
  try {
    return new OffscreenCanvas(1, 1).getContext("2d") !== null;
  } catch {
    return false;
  }
}

/** The browser's own decoder: upright, colour-managed. `null` where it can't read the file, so that the module says why. */
async function decode(blob, limits) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(blob, { imageOrientation: "from-image", premultiplyAlpha: "none" });
  } catch {
    return null;
  }
  return ofBitmap(bitmap, limits);
}

/** The numbers of the first row of each band, and of the row after it. */
function* bandsOf(width, height) {
  const rows = Math.max(1, Math.floor(BAND / width));
  for (let y = 0; y < height; y += rows) yield [y, Math.min(y + rows, height)];
}

function* slices({ width, height, data }) {
  for (const [from, to] of bandsOf(width, height)) {
    yield new Uint8Array(data.buffer, data.byteOffset + 4 * width * from, 4 * width * (to - from));
  }
}

const pixelsOf = (context, from, to, width) => new Uint8Array(context.getImageData(0, from, width, to - from).data.buffer);

function* readings(context, width, height) {
  for (const [from, to] of bandsOf(width, height)) yield pixelsOf(context, from, to, width);
}

function drawable(image, width, height, limits, close) {
  try {
    checkSize(width, height, limits);
  } catch (fault) {
    close();
    throw fault;
  }
  return { width, height, draws: true, read: (place = [0, 0, width, height, width, height], smooth) => draw(image, place, smooth), close };
}

function draw(image, [left, top, across, down, width, height], smooth) {
  const few = width <= SMALL && height <= SMALL;
  if (small?.isContextLost?.()) small = null;
  const context = few ? (small ??= contextOf(SMALL, SMALL)) : contextOf(width, height);
  if (!context) throw new ShineSkinError("out-of-memory", "There is no memory for a canvas of this size.");
  try {
    // The plain way sees two by two pixels: of three in a row it leaves one out, which a face does not miss, and is twice as fast.
    context.imageSmoothingQuality = smooth ? "high" : across > 3 * width ? "medium" : "low";
    context.drawImage(image, left, top, across, down, 0, 0, width, height);
    // A tainted canvas can't be read at all: that is known here, before room is made for it.
    const first = pixelsOf(context, 0, few ? height : 1, width);
    if (!few) return readings(context, width, height);
    // Nobody's face stays on it.
    context.clearRect(0, 0, width, height);
    return [first];
  } catch (cause) {
    // It stays tainted.
    if (few) small = null;
    throw new ShineSkinError("decode-failed", `The image can't be read: ${cause.message}`, cause);
  }
}

function contextOf(width, height) {
  const canvas =
    typeof OffscreenCanvas === "function"
      ? new OffscreenCanvas(width, height)
      : Object.assign(document.createElement("canvas"), { width, height });
  return canvas.getContext("2d", { willReadFrequently: true, colorSpace: "srgb" });
}

/** Width and height of what can be drawn. */
export function sizeOf(image) {
  for (const [width, height] of [
    ["naturalWidth", "naturalHeight"],
    ["videoWidth", "videoHeight"],
    ["displayWidth", "displayHeight"],
    ["width", "height"],
  ]) {
    if (typeof image?.[width] === "number") return [image[width], image[height]];
  }
  throw new ShineSkinError("invalid-options", "This is not an image: please pass a file, pixels, a canvas, an image or a video.");
}

export function checkSize(width, height, limits) {
  if (!(width > 0 && height > 0)) throw new ShineSkinError("decode-failed", "The image has no pixels yet.");
  checkPixels(width, height, limits);
}

function checkPixels(width, height, limits) {
  if (width * height > limits.maxPixels) {
    throw new ShineSkinError("image-too-large", `The image has ${width}×${height} pixels; the limit is ${limits.maxPixels} pixels.`);
  }
}

export function checkBytes(bytes, limits) {
  if (bytes > limits.maxBytes) {
    throw new ShineSkinError("image-too-large", `The image has ${bytes} bytes; the limit is ${limits.maxBytes}.`);
  }
}
