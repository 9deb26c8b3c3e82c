/** What a WebAssembly module can be made from. */
export type InitInput = WebAssembly.Module | BufferSource | Response | URL | string;

/**
 * Loads the WebAssembly module. Optional in a browser, where the best flavour that the browser can
 * run is fetched on first use; elsewhere pass the simd module.
 */
export default function init(module?: InitInput): Promise<void>;

/** Anything that holds a photo. Encoded bytes are JPEG, PNG or WebP, or what the browser reads. */
export type ImageSource =
  | ImageData
  | ImageBitmap
  | HTMLImageElement
  | HTMLCanvasElement
  | HTMLVideoElement
  | OffscreenCanvas
  | VideoFrame
  | Blob
  | ArrayBuffer
  | Uint8Array;

/** Codes of `ShineSkinError.code`; they do not change. */
export type ErrorCode =
  | "decode-failed"
  | "image-too-large"
  | "unsupported-format"
  | "invalid-options"
  | "manifest-fetch"
  | "manifest-invalid"
  | "manifest-signature"
  | "model-fetch"
  | "model-integrity"
  | "model-incompatible"
  | "inference-failed"
  | "server-unreachable"
  | "server-failed"
  | "timeout"
  | "aborted"
  | "out-of-memory"
  | "simd-unsupported"
  | "server-busy"
  | "circuit-open"
  | "closed"
  | "publish-failed"
  | "internal";

/** What the methods throw: a sentence for people, a code for programs. */
export declare class ShineSkinError extends Error {
  readonly name: "ShineSkinError";
  readonly code: ErrorCode;
}

/** What an image may cost before it is refused with `image-too-large`. */
export interface Limits {
  /** Largest number of encoded bytes. Defaults to 40,000,000. */
  maxBytes: number;
  /** Largest number of pixels. Defaults to 64,000,000. */
  maxPixels: number;
}

/** A step of loading a model, told once at its start, at each piece and at its end; whether it comes from the cache. Bytes. */
export type LoadProgress =
  | { status: "initiate"; file: string; total: number; cached: boolean }
  | { status: "progress"; file: string; loaded: number; total: number; cached: boolean }
  | { status: "done"; file: string; total: number; cached: boolean }
  | { status: "ready" };

/**
 * What went wrong and was got over: by another try, by the last manifest or release that was good ("recovered"), or by keeping
 * models in memory only, which is told once ("warning").
 */
export type AnalyzerEvent =
  | { type: "recovered"; code: ErrorCode; message: string }
  | { type: "warning"; code: "cache-unavailable"; message: string };

/** What can be switched. */
export interface Flags {
  /** Looking for small faces in parts of the photo, where one look at all of it shows no large one. On. */
  secondLook: boolean;
  /** Following a face through a video instead of looking for it anew in each frame. On. */
  tracking: boolean;
}

/** What models are kept in, with the verbs of the browser's `Cache`. Keys are addresses that begin with `https://shine-skin.invalid/`. */
export interface CacheLike {
  match(url: string): Promise<Response | undefined>;
  put(url: string, response: Response): Promise<unknown>;
  delete(url: string): Promise<unknown>;
  /** What `cacheInfo` and `clearCache` need. */
  keys?(): Promise<readonly (Request | string)[]>;
}

/** What is kept. */
export interface CacheInfo {
  /** "memory" where the browser's cache can't be used. */
  kind: "persistent" | "custom" | "memory" | "none";
  /** How many models, manifests and notes there are; `null` where the cache can't be listed. */
  entries: number | null;
  bytes: number | null;
}

export interface SkinAnalyzerOptions {
  /** Where `manifest.json` and the models lie. Defaults to "models". Relative to the page, or to the script of a worker. */
  modelBaseUrl?: string;
  /** A channel of the manifest. Defaults to "stable". */
  channel?: string;
  /** "enhanced" runs the models on this device; "auto" falls through to others where there are any. Defaults to "auto". */
  engine?: "auto" | "enhanced";
  /**
   * Where verified models are kept from one visit to the next: the browser's cache, nowhere, or one of your own. Defaults to "persistent";
   * where that can't be used they are kept in memory, and `onEvent` is told.
   */
  cache?: "persistent" | "none" | CacheLike;
  /** The Ed25519 key, 64 hexadecimal digits, that has to have signed the manifest. Where it is set another manifest is refused. */
  manifestPublicKey?: string;
  /** Whom a channel that is split is split by, a user's id for example: one person's stays on one side. It is hashed here and not sent. */
  splitKey?: string;
  /** Switches, over those of the release. */
  flags?: Partial<Flags>;
  /** Longest that a call may take until its image is measured, models included, before it fails with `timeout`. Defaults to 120,000 ms. */
  timeoutMs?: number;
  /** Ends each call with `aborted`. */
  signal?: AbortSignal;
  /** Least score of a face, 0–1. Defaults to 0.5. */
  minDetectionConfidence?: number;
  /** How many faces `analyze` measures, largest first. Defaults to 1. */
  maxFaces?: number;
  /** Defaults to 40 MB and 64 megapixels. */
  limits?: Partial<Limits>;
  /** Called while models load. */
  onProgress?: (progress: LoadProgress) => void;
  /** Told of what went wrong and was got over. */
  onEvent?: (event: AnalyzerEvent) => void;
}

/** An upright rectangle in pixels of the upright photo, origin top left. */
export interface BoundingBox {
  originX: number;
  originY: number;
  width: number;
  height: number;
}

/** A named point in pixels. Right and left are the person's own. */
export interface Keypoint {
  x: number;
  y: number;
  label: "rightEye" | "leftEye" | "noseTip" | "mouthCenter" | "rightEarTragion" | "leftEarTragion";
}

/** A face. */
export interface Detection {
  boundingBox: BoundingBox;
  /** Probability that it is a face, 0–1. */
  score: number;
  keypoints: Keypoint[];
}

export interface FaceDetectorResult {
  /** Largest first, at most 64. */
  detections: Detection[];
}

/** What speaks against a photo. Advice: measuring goes on with lower confidence. */
export type QualityIssue =
  | "no-face"
  | "several-faces"
  | "face-too-small"
  | "face-cut-off"
  | "too-dark"
  | "too-bright"
  | "uneven-light"
  | "blurred"
  | "off-pose"
  | "occluded"
  | "colour-cast"
  | "monochrome";

/** Why something is `null`. */
export type Reason =
  | "not-implemented"
  | "model-missing"
  | "resolution"
  | "blurred"
  | "light"
  | "monochrome"
  | "off-pose"
  | "occluded"
  | "no-skin";

/** A part of the face; left and right are the person's own. */
export type Zone =
  | "forehead"
  | "leftCheek"
  | "rightCheek"
  | "nose"
  | "chin"
  | "underLeftEye"
  | "underRightEye"
  | "upperLip";

export type ConcernId =
  | "acne"
  | "redness"
  | "darkSpots"
  | "pigmentation"
  | "pores"
  | "wrinkles"
  | "texture"
  | "oiliness"
  | "darkCircles";

/** One measure of the skin. */
export interface Concern {
  available: boolean;
  /** Why it could not be measured. */
  reason?: Reason;
  /** 0–100, higher is better. */
  score: number | null;
  severity: "none" | "mild" | "moderate" | "severe" | null;
  /** The raw quantity: 0 where nothing is there, growing with the condition. */
  measure: { value: number; unit: string } | null;
  /** How far to trust it, 0–1; from what the photo allows, not from what was found. */
  confidence: number | null;
  /** Where, in pixels. */
  findings: { polygon: [number, number][]; areaMm2: number | null; zone: Zone; confidence: number }[];
  /** Score for each zone. */
  zones: Partial<Record<Zone, number>>;
}

/** One face of a report. */
export interface FaceReport {
  boundingBox: BoundingBox;
  source: "detector" | "skin-colour";
  score: number | null;
  keypoints: Keypoint[];
  /** Why a `null` below is `null`. */
  unavailable: Partial<Record<"landmarks" | "pose" | "skin" | "tone" | "overall", Reason>>;
  /** 468 mesh points: x and y in pixels, z on the same scale. */
  landmarks: [number, number, number][] | null;
  /** Degrees: yaw to the person's left, pitch upwards, roll clockwise on the photo. */
  pose: { yaw: number; pitch: number; roll: number } | null;
  /** Square pixels, and closed outlines in pixels. */
  skin: { areaPx: number; zones: Partial<Record<Zone, { areaPx: number; polygons: [number, number][][] }>> } | null;
  /** Individual typology angle in degrees, nearest Monk swatch 1–10, median CIELAB. */
  tone: {
    ita: number;
    /** What it could be in the lights that the photo leaves possible: darker, brighter, bluer. */
    itaInterval: [number, number];
    category: string;
    monk: number;
    lab: [number, number, number];
    confidence: number;
  } | null;
  concerns: Record<ConcernId, Concern>;
  overall: { score: number | null; primary: ConcernId[] };
}

/** The analysis of a photo. Pixels are those of the upright photo; lengths assume 63 mm between the pupils. */
export interface SkinReport {
  schemaVersion: 1;
  engine: "enhanced" | "server" | "basic";
  /** Why not a better engine; empty when enhanced. */
  fallbacks: { engine: "enhanced" | "server"; code: ErrorCode; message: string }[];
  release: { name: string; channel: string; rolledBackFrom: string | null } | null;
  image: { width: number; height: number };
  /** Values 0–1, 1 best. */
  quality: {
    acceptable: boolean;
    issues: QualityIssue[];
    sharpness: number | null;
    exposure: number | null;
    illuminationBalance: number | null;
    interocularPx: number | null;
  };
  /** Largest first; none is a result, not an error. */
  faces: FaceReport[];
  models: { id: string; version: string; sha256: string; executor: "plan" | "onnx" }[];
  /** Milliseconds a stage. */
  timings: Record<string, number>;
  /** Not a medical device. */
  disclaimer: string;
}

/** How one call is made. */
export interface CallOptions {
  /** Ends it with `aborted`. */
  signal?: AbortSignal;
}

/** What an analyzer can do now. */
export interface Health {
  /** "degraded" before the models have loaded, "unhealthy" when they failed to. */
  status: "healthy" | "degraded" | "unhealthy";
  /** The flavour of the WebAssembly module, `null` before it has loaded. */
  wasm: "scalar" | "simd" | "relaxed" | "custom" | null;
  models: "not-loaded" | "loading" | "loaded" | "failed";
  /** Why it failed. */
  error: { code: ErrorCode; message: string } | null;
}

/**
 * Finds faces and measures their skin on this device. Models are fetched on first use.
 *
 * ```js
 * const analyzer = await SkinAnalyzer.createFromOptions({ modelBaseUrl: "/models" });
 * const report = await analyzer.analyze(file);
 * ```
 */
export declare class SkinAnalyzer {
  private constructor();
  static createFromOptions(options?: SkinAnalyzerOptions): Promise<SkinAnalyzer>;
  /** Loads the models now rather than on first use. Where all who wait for them abort, what is fetched is stopped. */
  preload(options?: CallOptions): Promise<void>;
  /**
   * The faces of a photo. What can be drawn is first looked at with 384 pixels along its longer side; where a face is large
   * there, as on a selfie, that suffices, and boxes are those of `analyze` within some hundredths of their width.
   */
  detect(image: ImageSource, options?: CallOptions): Promise<FaceDetectorResult>;
  /**
   * As `detect`, of a video's next frame: a face that is alone is followed from frame to frame, which takes a part of the time; once a
   * second all of the frame is looked at again. Where time goes back another video begins. `ImageData` is looked at anew each time.
   */
  detectForVideo(frame: ImageSource, timestampMs: number): Promise<FaceDetectorResult>;
  analyze(image: ImageSource, options?: CallOptions): Promise<SkinReport>;
  health(): Promise<Health>;
  /** What the cache holds. */
  cacheInfo(): Promise<CacheInfo>;
  /** Removes all that is kept. Fails with `invalid-options` where a cache of your own can't be listed. */
  clearCache(): Promise<void>;
  /** Frees the models. What is called later fails with `closed`. */
  close(): void;
}
