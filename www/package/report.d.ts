// What is found on a photo.

import type { ErrorCode } from "./index.js";

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
  /** Whether the face moves too fast for a sharp photo; true of one that was only just found. */
  moving: boolean;
  /** The person's own side that gets less light, where the light is uneven. */
  darker: "left" | "right" | null;
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
  /** Of a face that is alone and was on the frame before as well; else `null`. */
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
  pose: Pose | null;
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
  /** Where `engine` is "server": what that server used. */
  serverEngine?: "enhanced" | "basic";
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
