import { ShineSkinError } from "./error.js";
import { checkBytes, checkSize, sizeOf } from "./pixels.js";

const is = (image, kind) => typeof globalThis[kind] === "function" && image instanceof globalThis[kind];

/** An image as it goes to a worker, and what of it is handed over rather than copied: the caller's own stays whole. */
export async function posted(image, limits) {
  if (is(image, "Blob") || is(image, "ImageData")) return { sent: image, transfer: [] };
  if (image instanceof ArrayBuffer || image instanceof Uint8Array) {
    checkBytes(image.byteLength, limits);
    // Of a view all of its buffer would be copied; a slice of Node's `Buffer` is a view.
    const sent = new Uint8Array(image instanceof ArrayBuffer ? image.slice(0) : image);
    return { sent, transfer: [sent.buffer] };
  }
  checkSize(...sizeOf(image), limits);
  try {
    const sent = await still(image);
    return { sent, transfer: [sent] };
  } catch (cause) {
    throw new ShineSkinError("decode-failed", `The image can't be read: ${cause.message}`, cause);
  }
}

/** What shows at this moment. */
async function still(image) {
  if (is(image, "VideoFrame")) return image.clone();
  // No pixels are read for it.
  if (is(image, "HTMLVideoElement") && typeof VideoFrame === "function") return new VideoFrame(image);
  return createImageBitmap(image);
}
