// What is found on a photo.

import type { ErrorCode } from "./index.js";

/** An upright rectangle in pixels of the upright photo, origin top left. */
export interface BoundingBox {
  /** Left edge. */
  originX: number;
  /** Upper edge. */
  originY: number;
  /** Pixels across. */
  width: number;
  /** Pixels down. */
  height: number;
}

/** A named point in pixels. Right and left are the person's own. */
export interface Keypoint {
  /** From the left. */
  x: number;
  /** From the top. */
  y: number;
  /** Which. */
  label: "rightEye" | "leftEye" | "noseTip" | "mouthCenter" | "rightEarTragion" | "leftEarTragion";
}

/** A face. */
export interface Detection {
  /** Where it is. */
  boundingBox: BoundingBox;
  /** Probability that it is a face, 0–1. */
  score: number;
  /** Six, in the order of their labels. */
  keypoints: Keypoint[];
}

/** The faces of a photo. */
export interface FaceDetectorResult {
  /** Largest first, at most 64. */
  detections: Detection[];
}

/** The turn of a head, degrees; 0, 0, 0 looks straight into the camera, upright. */
export interface Pose {
  /** Positive towards the person's own left. */
  yaw: number;
  /** Positive upwards. */
  pitch: number;
  /** Positive clockwise on the photo. */
  roll: number;
}

/** How a photo of a face that is followed through a video would come out, as its last frame shows it. */
export interface Preview {
  /** What speaks against a photo now: of size, light, sharpness and pose. */
  issues: QualityIssue[];
  /** Whether the face moves too fast for a sharp photo. */
  moving: boolean;
  /** The person's own side that gets less light, where the light is uneven. */
  darker: "left" | "right" | null;
  /** How the head is turned. */
  pose: Pose;
  /** Distance between the pupils, pixels of the frame. */
  interocularPx: number;
  /** Share of the face that is neither black nor white, 0–1. */
  exposure: number;
  /** How alike both cheeks are in light, 0–1; `null` where one can't be seen. */
  illuminationBalance: number | null;
  /** Detail of the face at one pixel a millimetre, 0–1. */
  sharpness: number;
  /** How far the face moves in a second, by the distance between the pupils; over some frames. */
  movement: number;
  /** The mesh: 468 points, x and y in pixels of the frame. */
  landmarks: [number, number, number][];
}

/** The faces on a frame of a video. */
export interface VideoFrameResult extends FaceDetectorResult {
  /** Of a face that is alone, on a video one that was on the frame before as well; else `null`. */
  preview: Preview | null;
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
  | "model-failed"
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

/** What is measured. */
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

/** A quantity as it was measured. */
export interface Measure {
  /** 0 where nothing is there, growing with the condition. */
  value: number;
  /** Of what: "% of skin area" for example. */
  unit: string;
}

/** A place where something is. */
export interface Finding {
  /** Its outline, closed, in pixels. */
  polygon: [number, number][];
  /** Its area, square millimetres where the pupils are 63 mm apart; `null` where that can't be said. */
  areaMm2: number | null;
  /** Where most of it lies. */
  zone: Zone;
  /** How far to trust it, 0–1. */
  confidence: number;
}

/** One measure of the skin. */
export interface Concern {
  /** Whether it could be measured. */
  available: boolean;
  /** Why it could not be measured. */
  reason?: Reason;
  /** 0–100, higher is better. */
  score: number | null;
  /** In a word. */
  severity: "none" | "mild" | "moderate" | "severe" | null;
  /** The raw quantity. */
  measure: Measure | null;
  /** How far to trust it, 0–1; from what the photo allows, not from what was found. */
  confidence: number | null;
  /** Where; not every measure has places. */
  findings: Finding[];
  /** Score for each zone. */
  zones: Partial<Record<Zone, number>>;
}

/** The skin of a zone. */
export interface ZoneArea {
  /** Square pixels. */
  areaPx: number;
  /** Closed outlines, pixels. */
  polygons: [number, number][][];
}

/** The skin of a face. */
export interface SkinArea {
  /** Square pixels, the sum of the zones'. */
  areaPx: number;
  /** Those that can be seen. */
  zones: Partial<Record<Zone, ZoneArea>>;
}

/** The tone of a skin. */
export interface Tone {
  /** Individual typology angle, degrees. */
  ita: number;
  /** What it could be in the lights that the photo leaves possible: darker, brighter, bluer. */
  itaInterval: [number, number];
  /** Its name, from "very light" to "dark". */
  category: string;
  /** Nearest swatch of the Monk scale, 1–10. */
  monk: number;
  /** Median CIELAB. */
  lab: [number, number, number];
  /** How far to trust it, 0–1. */
  confidence: number;
}

/** All measures in one. */
export interface Overall {
  /** 0–100, higher is better; worse when any measure is worse. `null` where too little could be measured. */
  score: number | null;
  /** What is called severe or moderate, the severe first, of either the worst score first; at most three. */
  primary: ConcernId[];
}

/** One face of a report. */
export interface FaceReport {
  /** Where it is. */
  boundingBox: BoundingBox;
  /** What found it; "skin-colour" is the basic engine's guess, without score, keypoints, mesh and pose. */
  source: "detector" | "skin-colour";
  /** Probability that it is a face, 0–1. */
  score: number | null;
  /** Six, or none. */
  keypoints: Keypoint[];
  /** Why a `null` below is `null`. */
  unavailable: Partial<Record<"landmarks" | "pose" | "skin" | "tone" | "overall" | "segmentation" | "classification", Reason>>;
  /** 468 mesh points: x and y in pixels, z on the same scale. */
  landmarks: [number, number, number][] | null;
  /** How the head is turned. */
  pose: Pose | null;
  /** Where skin is. */
  skin: SkinArea | null;
  /** Its colour. */
  tone: Tone | null;
  /** The nine measures. */
  concerns: Record<ConcernId, Concern>;
  /** Which of them a network of skin decided; `null` where the release has none, or where `unavailable` says why. */
  segmentation: Segmentation | null;
  /** What the release's own classifier says; `null` where the release has none, or where `unavailable` says why. */
  classification: Classification | null;
  /** All in one. */
  overall: Overall;
}

/** What a network of skin decided. */
export interface Segmentation {
  /** Its name. */
  model: string;
  /** The concerns whose places it told; those of all others were found by closed forms. */
  concerns: ConcernId[];
}

/** What a classifier of your own says of a face. */
export interface Classification {
  /** Its name. */
  model: string;
  /** The likeliest first. */
  categories: Category[];
}

/** A class of a classifier. */
export interface Category {
  /** As its manifest names it. */
  label: string;
  /** Probability, 0–1. */
  score: number;
  /** The concern that its manifest gives it to. */
  concern: ConcernId | null;
}

/** Why a better engine did not answer. */
export interface Fallback {
  /** Which. */
  engine: "enhanced" | "server";
  /** Why, for programs. */
  code: ErrorCode;
  /** Why, for people. */
  message: string;
}

/** Which models answered. */
export interface Release {
  /** Its name. */
  name: string;
  /** The channel that led there. */
  channel: string;
  /** The release that should have answered and could not be loaded. */
  rolledBackFrom: string | null;
}

/** A model that answered. */
export interface ModelInfo {
  /** Its name. */
  id: string;
  /** Its version. */
  version: string;
  /** Of the file that was used, hexadecimal. */
  sha256: string;
  /** What ran it: our own executor, or the general engine. */
  executor: "plan" | "onnx";
}

/** Whether a photo allows a fair analysis: advice, for measuring goes on. Values 0–1, 1 best; `null` without a face. */
export interface Quality {
  /** Whether nothing speaks against it. */
  acceptable: boolean;
  /** What does. */
  issues: QualityIssue[];
  /** Detail of the face. */
  sharpness: number | null;
  /** Share of the face that is neither black nor white. */
  exposure: number | null;
  /** How alike both cheeks are in light. */
  illuminationBalance: number | null;
  /** Distance between the pupils, pixels. */
  interocularPx: number | null;
}

/** The analysis of a photo. Pixels are those of the upright photo; lengths assume 63 mm between the pupils. */
export interface SkinReport {
  /** 1. */
  schemaVersion: 1;
  /** Who measured. */
  engine: "enhanced" | "server" | "basic";
  /** Why not a better engine; empty when enhanced. */
  fallbacks: Fallback[];
  /** Where `engine` is "server": what that server used. */
  serverEngine?: "enhanced" | "basic";
  /** The models' release; `null` without models. */
  release: Release | null;
  /** Of the upright photo, pixels. */
  image: { width: number; height: number };
  /** Whether the photo allows a fair analysis. */
  quality: Quality;
  /** Largest first; none is a result, not an error. */
  faces: FaceReport[];
  /** Those that looked at it: what finds faces and their meshes, and of the others those that a face was shown to. */
  models: ModelInfo[];
  /** Milliseconds a stage. */
  timings: Record<string, number>;
  /** Not a medical device. */
  disclaimer: string;
}
