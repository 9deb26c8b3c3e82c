// The camera: what it shows, the mesh on it, and advice until a photo takes itself.

import { CameraError, guide, openCamera } from "./shine-skin/camera.js";
import { GUIDANCE } from "./texts.js";

const ADVICE = ["no-face", "several-faces"];

/** Points of the mesh over a video, drawn as they come. */
function drawMesh(canvas, video, preview) {
  const { videoWidth, videoHeight } = video;
  if (canvas.width !== videoWidth) [canvas.width, canvas.height] = [videoWidth, videoHeight];
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, canvas.width, canvas.height);
  if (!preview) return;
  const size = Math.max(1.5, videoWidth / 420);
  context.fillStyle = preview.issues.length === 0 && !preview.moving ? "#8ff0d8" : "#ffffffb0";
  for (const [x, y] of preview.landmarks) context.fillRect(x - size / 2, y - size / 2, size, size);
}

/** What a video shows now, as a JPEG. */
function still(picture, width, height) {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  canvas.getContext("2d").drawImage(picture, 0, 0);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.95));
}

/** The camera in the page, open or not. */
export class Live {
  #elements;
  #analyzer;
  #controller = null;
  #close = null;

  /** `elements` has `video`, `lines` and `guidance`; `analyzer` resolves to one. */
  constructor(elements, analyzer) {
    this.#elements = elements;
    this.#analyzer = analyzer;
  }

  /** Opens the camera, and shows it once `opened` was called; resolves to the photo, or to nothing where it was closed before. */
  async photo(opened) {
    this.close();
    const controller = (this.#controller = new AbortController());
    const { signal } = controller;
    const { video, lines, guidance } = this.#elements;
    this.#tell(null, 0);
    try {
      const close = await openCamera(video, { signal });
      if (signal.aborted) return close();
      this.#close = close;
      opened();
      const onGuidance = ({ advice, preview, progress }) => {
        if (signal.aborted) return;
        drawMesh(lines, video, ADVICE.includes(advice) ? null : preview);
        this.#tell(advice, progress);
      };
      const bitmap = await this.#guided(video, { signal, onGuidance });
      const taken = await still(bitmap, bitmap.width, bitmap.height);
      bitmap.close();
      return signal.aborted ? undefined : taken;
    } catch (fault) {
      if (signal.aborted) return undefined;
      throw fault;
    } finally {
      if (this.#controller === controller) {
        this.close();
        guidance.textContent = "";
        delete guidance.dataset.advice;
      }
    }
  }

  /** The photo that takes itself. Without models there is no advice, and whoever sits there takes it. */
  async #guided(video, options) {
    const { signal } = options;
    try {
      const analyzer = await this.#analyzer();
      // What the photo will need comes while the camera shows.
      analyzer.preload({ signal }).catch(() => {});
      return await guide(analyzer, video, options);
    } catch (fault) {
      if (signal.aborted || fault instanceof CameraError) throw fault;
      this.#tell("blind", 0);
      return new Promise((_, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
        const gone = () => reject(new CameraError("camera-interrupted", "The camera has been switched off, or another program has it."));
        for (const track of video.srcObject.getTracks()) track.addEventListener("ended", gone);
      });
    }
  }

  /** A photo of this moment, whatever is advised; nothing while nothing shows. */
  async snap() {
    const { video } = this.#elements;
    if (!(video.videoWidth > 0)) return undefined;
    const taken = still(video, video.videoWidth, video.videoHeight);
    this.close();
    return taken;
  }

  close() {
    this.#controller?.abort();
    this.#close?.();
    this.#controller = this.#close = null;
    const { lines } = this.#elements;
    lines.getContext("2d").clearRect(0, 0, lines.width, lines.height);
  }

  /** Words change only where the advice does, so that a screen reader says each once. */
  #tell(advice, progress) {
    const { guidance } = this.#elements;
    guidance.style.setProperty("--progress", progress);
    if (guidance.dataset.advice === String(advice)) return;
    guidance.dataset.advice = advice;
    guidance.textContent = GUIDANCE[advice] ?? GUIDANCE.starting;
  }
}
