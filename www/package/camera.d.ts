import type { Detection, Preview, SkinAnalyzer, VideoFrameResult } from "./index.js";

/** Codes of `CameraError.code`; they do not change. */
export type CameraErrorCode = "camera-denied" | "camera-missing" | "camera-busy" | "camera-interrupted";

/** What keeps a camera from showing anything: a sentence for people, a code for programs. */
export declare class CameraError extends Error {
  /** What it is called. */
  readonly name: "CameraError";
  /** Why. */
  readonly code: CameraErrorCode;
}

/** What to tell the person before the camera. Left and right are their own. "ready": nothing speaks against a photo. */
export type Guidance =
  | "no-face"
  | "several-faces"
  | "move-back"
  | "come-closer"
  | "more-light"
  | "less-light"
  | "more-light-from-left"
  | "more-light-from-right"
  | "look-straight"
  | "hold-still"
  | "focus"
  | "ready";

/** What a frame came to. */
export interface Guided {
  /** What to tell: it has held for a quarter of a second. */
  advice: Guidance;
  /** The faces of the frame. */
  detections: Detection[];
  /** See `detectForVideo`. */
  preview: Preview | null;
  /** How much of `holdMs` has passed with nothing against a photo, 0–1; at 1 it is taken. */
  progress: number;
}

/** How a camera is opened. */
export interface CameraOptions {
  /** Closes what opens late; `openCamera` then rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Defaults to "user", the camera that looks at whoever holds the phone. */
  facingMode?: "user" | "environment";
}

/** How a video is watched. */
export interface GuideOptions {
  /** Ends it; `guide` then rejects with the signal's reason. */
  signal?: AbortSignal;
  /** How long nothing may speak against a photo before it is taken, milliseconds. Defaults to 700. */
  holdMs?: number;
  /** Told of each frame that was looked at. */
  onGuidance?: (guided: Guided) => void;
}

/** Opens a camera in a video element and plays it; resolves to the function that closes it. Rejects with a `CameraError`. */
export declare function openCamera(video: HTMLVideoElement, options?: CameraOptions): Promise<() => void>;

/**
 * Watches a video until nothing has spoken against a photo for a moment, and resolves to that frame. Give it an analyzer with `worker: true`, and the
 * page's own thread stays free. Rejects with a `CameraError` where no frames come any longer, and with the analyzer's errors.
 */
export declare function guide(analyzer: SkinAnalyzer, video: HTMLVideoElement, options?: GuideOptions): Promise<ImageBitmap>;

/** What one frame's result comes to, for a loop of your own. */
export declare function advise(detections: VideoFrameResult["detections"], preview: VideoFrameResult["preview"]): Guidance;
