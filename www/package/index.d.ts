import type { FaceDetectorResult, SkinReport, VideoFrameResult } from "./report.js";

export type * from "./report.js";

/** What a WebAssembly module can be made from. */
export type InitInput = WebAssembly.Module | BufferSource | Response | URL | string;

/**
 * Loads the WebAssembly module now. Optional: else it is loaded on first use, in the best flavour that the place can run. `module` is one of your own, for
 * a place where the file can't be found beside the script: `shine_skin_simd_bg.wasm`, by its address, as bytes or compiled. `general` is the same of
 * `shine_skin_onnx_bg.wasm`, which models without a plan need; at an edge it has to be given for them.
 */
export function init(module?: InitInput, general?: InitInput): Promise<void>;
export default init;

/** What `new` of a global makes, and nothing where a host's types don't know it: Node and workers have no DOM. */
export type InstanceOf<Name extends string> = typeof globalThis extends Record<Name, { prototype: infer Instance }> ? Instance : never;

/** Anything that holds a photo. Encoded bytes are JPEG, PNG or WebP, or what the browser reads. */
export type ImageSource =
  | InstanceOf<"ImageData">
  | InstanceOf<"ImageBitmap">
  | InstanceOf<"HTMLImageElement">
  | InstanceOf<"HTMLCanvasElement">
  | InstanceOf<"HTMLVideoElement">
  | InstanceOf<"OffscreenCanvas">
  | InstanceOf<"VideoFrame">
  | InstanceOf<"Blob">
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
  /** What it is called. */
  readonly name: "ShineSkinError";
  /** Why. */
  readonly code: ErrorCode;
}

/** What an image may cost before it is refused with `image-too-large`. */
export interface Limits {
  /** Largest number of encoded bytes. Defaults to 40,000,000. */
  maxBytes: number;
  /** Largest number of pixels. Defaults to 64,000,000. Those of a WebP, of a progressive JPEG, and of 16 bits a channel, count twice where the module decodes the file. */
  maxPixels: number;
}

/** A step of loading a model, told once at its start, at each piece and at its end; whether it comes from the cache. Bytes. `ready` is told once what finds faces is there, and again once the rest of a release is. */
export type LoadProgress =
  | { status: "initiate"; file: string; total: number; cached: boolean }
  | { status: "progress"; file: string; loaded: number; total: number; cached: boolean }
  | { status: "done"; file: string; total: number; cached: boolean }
  | { status: "ready" };

/**
 * What happens, for monitoring of your own; never an image, a landmark or anything that tells one face from another. What went wrong and
 * was got over: by another try, by the last manifest or release that was good ("recovered"), by keeping models in memory only, which is
 * told once, or by measuring on the page's own thread ("warning"), or by another engine ("fallback"). Each call that ends ("call"; `code` is its error's). What `feedback` was given.
 */
export type AnalyzerEvent =
  | { type: "recovered"; code: ErrorCode; message: string }
  | { type: "warning"; code: "cache-unavailable" | "worker-unavailable"; message: string }
  | { type: "fallback"; engine: "enhanced" | "server"; code: ErrorCode; message: string }
  | { type: "call"; method: "preload" | "detect" | "detectForVideo" | "analyze"; ms: number; code: ErrorCode | null }
  | { type: "feedback"; rating: "up" | "down" };

/** What can be switched. */
export interface Flags {
  /** Looking for small faces in parts of the photo, where one look at all of it shows no large one. On. */
  secondLook: boolean;
  /** Following a face through a video instead of looking for it anew in each frame. On. */
  tracking: boolean;
}

/** What models are kept in, with the verbs of the browser's `Cache`. Keys are addresses that begin with `https://shine-skin.invalid/`. */
export interface CacheLike {
  /** What is kept under an address. */
  match(url: string): Promise<Response | undefined>;
  /** Keeps it. */
  put(url: string, response: Response): Promise<unknown>;
  /** Removes it. */
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
  /** Their bytes; `null` where the cache can't be listed. */
  bytes: number | null;
}

/** How an analyzer is made. All are optional. */
export interface SkinAnalyzerOptions {
  /** Where `manifest.json` and the models lie. Defaults to "models". Relative to the page, or to the script of a worker. */
  modelBaseUrl?: string;
  /** A channel of the manifest. Defaults to "stable". */
  channel?: string;
  /**
   * Which engine answers. "enhanced" runs the models on this device; "server" sends the photo to `serverUrl`; "basic" measures what needs no
   * model; "auto" takes the best of these that can answer, and the report says why not a better one. Defaults to "auto".
   */
  engine?: "auto" | "enhanced" | "server" | "basic";
  /**
   * The server that is asked where the models can't run here. Without it no photo leaves this device, whatever happens. It gets a new JPEG
   * without metadata, cropped to the face where `detect` has found one on that image, and at most 1600 pixels long.
   */
  serverUrl?: string;
  /** The key that the server asks for. Whoever can read the page can read it: meant for workers and servers. */
  serverKey?: string;
  /**
   * Whether all is done in a worker of the package, so that the page's own thread stays free. Where there are no workers, or it can't begin, the
   * thread does it; `onEvent` is told of the latter. Defaults to false.
   */
  worker?: boolean;
  /**
   * Where verified models are kept from one visit to the next: the browser's cache, nowhere, or one of your own. Defaults to "persistent";
   * where that can't be used they are kept in memory, and `onEvent` is told. One of your own is not for a `worker`.
   */
  cache?: "persistent" | "none" | CacheLike;
  /**
   * How the manifest and models are asked for: a bucket that a worker is bound to, a service worker's own rules, a header more. Gets a `Request`. Defaults
   * to `fetch`; one of your own is not for a `worker`.
   */
  fetch?: (request: Request) => Promise<Response>;
  /** The Ed25519 key, 64 hexadecimal digits, that has to have signed the manifest. Where it is set another manifest is refused. */
  manifestPublicKey?: string;
  /** Whom a channel that is split is split by, a user's id for example: one person's stays on one side. It is hashed here and not sent. */
  splitKey?: string;
  /** Switches, over those of the release. */
  flags?: Partial<Flags>;
  /**
   * Longest that a call may take until its image is measured, models included, before it fails with `timeout`. An engine that another one can
   * stand in for has three fifths of what is left of it, and a server at most 30 seconds. Defaults to 120,000 ms.
   */
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
  /** Told of what happens, for monitoring of your own. */
  onEvent?: (event: AnalyzerEvent) => void;
}

/** How one call is made. */
export interface CallOptions {
  /** Ends it with `aborted`. */
  signal?: AbortSignal;
}

/** How a photo is analysed. */
export interface AnalyzeOptions extends CallOptions {
  /**
   * Called once where the report waits for models that measure skin, as a first one does on a slow line: with what a video's frame would
   * show, the faces and the mesh of one that is alone.
   */
  onPreview?: (result: VideoFrameResult) => void;
}

/** One thing that was tried. */
export interface HealthPart {
  /** "unknown" before the models have been loaded. */
  status: "healthy" | "unhealthy" | "unknown";
  /** How long it took. */
  ms: number | null;
  /** What was tried, and what came of it. */
  message: string;
}

/** What an analyzer can do now, as measured when it is asked: no models are loaded for it. */
export interface Health {
  /** "healthy" where each part is; "unhealthy" where not even the basic engine answers in time; else "degraded". */
  status: "healthy" | "degraded" | "unhealthy";
  /** When it was measured, ISO 8601. */
  at: string;
  /** Whether the models are loaded; whether the manifest answers now; whether the models analyse a face that is drawn, and find it where it is; and how soon a report is made. */
  parts: Record<"model_availability" | "s3_connectivity" | "enhanced_analyzer" | "face_detection" | "response_time", HealthPart>;
  /** The flavour of the WebAssembly module, `null` before it has loaded. */
  wasm: "scalar" | "simd" | "relaxed" | "custom" | null;
  /** Which thread analyses. */
  thread: "own" | "worker";
  /** What has become of them. */
  models: "not-loaded" | "loading" | "loaded" | "failed";
  /** Why it failed. */
  error: { code: ErrorCode; message: string } | null;
}

/** Times of something, in buckets that each hold the ones before. */
export interface Histogram {
  /** How many. */
  count: number;
  /** All their milliseconds. */
  sumMs: number;
  /** The last one's bound is Infinity. */
  buckets: { upToMs: number; count: number }[];
}

/** What an analyzer has done since it was made. Numbers alone. */
export interface Metrics {
  /** By method. */
  calls: Partial<Record<"preload" | "detect" | "detectForVideo" | "analyze", Histogram>>;
  /** Calls that failed, by code. */
  errors: Partial<Record<ErrorCode, number>>;
  /** By engine. */
  reports: Partial<Record<"enhanced" | "server" | "basic", number>>;
  /** How long they took. */
  engines: Partial<Record<"enhanced" | "server" | "basic", Histogram>>;
  /** Reports by release, those of a server left out; "none" where no models were used. */
  releases: Record<string, number>;
  /** Why a better engine did not answer. */
  fallbacks: Partial<Record<"enhanced" | "server", Partial<Record<ErrorCode, number>>>>;
  /** By release and stage. */
  stages: Record<string, Record<string, Histogram>>;
  /** Model files loaded, from the cache and from the network. */
  modelFiles: { cache: number; network: number };
  /** What `feedback` was given. */
  feedback: { up: number; down: number };
  /** Of the WebAssembly module. */
  memoryBytes: number;
  /** Which flavour of the module runs. */
  wasm: Health["wasm"];
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
  /** Makes one. The module is loaded now, models on first use. */
  static createFromOptions(options?: SkinAnalyzerOptions): Promise<SkinAnalyzer>;
  /** Loads the models now rather than on first use, and waits until they are kept. Where all who wait for them abort, what is fetched is stopped. */
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
  detectForVideo(frame: ImageSource, timestampMs: number): Promise<VideoFrameResult>;
  /** Where the models can't run, a server answers if one is set, else the basic engine: see `engine` and `fallbacks` of the report. */
  analyze(image: ImageSource, options?: AnalyzeOptions): Promise<SkinReport>;
  /** What can be done now. */
  health(): Promise<Health>;
  /** What was done since it was made. */
  metrics(): Metrics;
  /** A thumb up or down for the last answer: counted, told to `onEvent`, and sent nowhere. */
  feedback(rating: "up" | "down"): void;
  /** What the cache holds, once what was loaded is in it: in a page that is kept when its thread is free. */
  cacheInfo(): Promise<CacheInfo>;
  /** Removes all that is kept. Fails with `invalid-options` where a cache of your own can't be listed. */
  clearCache(): Promise<void>;
  /** Frees the models. What is called later fails with `closed`. */
  close(): void;
}
