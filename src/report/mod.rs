//! The report: what every host returns, as camelCase JSON, `schemaVersion` 1.
//!
//! Pixels are those of the upright original photo, origin top left. Scores are 0–100, higher is
//! better for the skin; probabilities and confidences 0–1. Lengths in mm assume 63 mm between
//! the pupils. What could not be measured is `null` with a reason.

mod concern;
mod face;

pub use concern::{Concern, ConcernId, Finding, Measure};
pub use face::{Category, Classification, FaceReport, Segmentation};

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use crate::error::ErrorCode;
use crate::quality::QualityIssue;
use crate::region::Zone;

/// What the report says of itself.
pub const DISCLAIMER: &str =
    "An analysis of a photo, not of a person's health. shine-skin is not a medical device and gives no diagnosis.";

/// The analysis of one photo.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SkinReport {
    /// 1.
    pub schema_version: u32,
    /// Which engine made the report.
    pub engine: Engine,
    /// Why not a better engine; empty when enhanced.
    pub fallbacks: Vec<Fallback>,
    /// The models' release; `null` where no manifest was used.
    pub release: Option<ReleaseInfo>,
    /// The upright photo.
    pub image: ImageSize,
    /// Whether the photo allows a fair analysis.
    pub quality: QualityReport,
    /// Largest first; none is a result, not an error.
    pub faces: Vec<FaceReport>,
    /// The models that looked at it.
    pub models: Vec<ModelInfo>,
    /// Milliseconds a stage; empty where the host has no clock.
    pub timings: Timings,
    /// Not a medical device.
    pub disclaimer: &'static str,
}

/// Milliseconds that each stage took, in their order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Timings(pub Vec<(&'static str, f64)>);

impl Serialize for Timings {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().copied())
    }
}

/// An engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Models on this device.
    Enhanced,
    /// A server's answer.
    Server,
    /// This device without a model.
    Basic,
}

impl Engine {
    /// All of them, the best first.
    pub const ALL: [Engine; 3] = [Engine::Enhanced, Engine::Server, Engine::Basic];

    /// The name in a report.
    pub fn as_str(self) -> &'static str {
        match self {
            Engine::Enhanced => "enhanced",
            Engine::Server => "server",
            Engine::Basic => "basic",
        }
    }
}

impl Serialize for Engine {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Why an engine was passed over.
#[derive(Clone, Debug, Serialize)]
pub struct Fallback {
    /// The engine that could not run.
    pub engine: Engine,
    /// Why, for programs.
    pub code: ErrorCode,
    /// Why, for people.
    pub message: String,
}

/// Which release of the models ran.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReleaseInfo {
    /// For example `2026.11.0`.
    pub name: String,
    /// The channel that led to it.
    pub channel: String,
    /// The release that could not be loaded, where this one stands in for it.
    pub rolled_back_from: Option<String>,
}

/// The size of the upright photo in pixels.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct ImageSize {
    /// Pixels across.
    pub width: usize,
    /// Pixels down.
    pub height: usize,
}

/// The quality of the photo; values 0–1, 1 best, `null` without a face.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct QualityReport {
    /// Whether nothing speaks against the photo.
    pub acceptable: bool,
    /// What does.
    pub issues: Vec<QualityIssue>,
    /// Detail of the face.
    pub sharpness: Option<f64>,
    /// Share of the face neither black nor white.
    pub exposure: Option<f64>,
    /// How alike both cheeks are lit.
    pub illumination_balance: Option<f64>,
    /// Distance between the pupils, pixels.
    pub interocular_px: Option<f64>,
}

/// A model that ran.
#[derive(Clone, Debug, Serialize)]
pub struct ModelInfo {
    /// For example `blazeface-short`.
    pub id: String,
    /// For example `1`.
    pub version: String,
    /// Of its file.
    pub sha256: String,
    /// `plan` or `onnx`.
    pub executor: &'static str,
}

/// An upright rectangle in pixels.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BoundingBox {
    /// Left edge.
    pub origin_x: f64,
    /// Top edge.
    pub origin_y: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
}

/// A named point of a face, pixels.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Keypoint {
    /// To the right.
    pub x: f64,
    /// Down.
    pub y: f64,
    /// For example `rightEye`, the person's own.
    pub label: &'static str,
}

/// A face as `detect` returns it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DetectionReport {
    /// Pixels.
    pub bounding_box: BoundingBox,
    /// 0–1.
    pub score: f64,
    /// Six points.
    pub keypoints: Vec<Keypoint>,
}

/// The turn of the head, degrees; yaw positive to the person's left, pitch upwards, roll clockwise.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct PoseReport {
    /// Left and right.
    pub yaw: f64,
    /// Up and down.
    pub pitch: f64,
    /// Tilt.
    pub roll: f64,
}

/// The skin map.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SkinArea {
    /// Square pixels; the sum of the zones'.
    pub area_px: u64,
    /// The zones that show skin.
    pub zones: BTreeMap<Zone, ZoneArea>,
}

/// The skin of one zone.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ZoneArea {
    /// Square pixels.
    pub area_px: u64,
    /// Closed outlines, pixels; a hole is joined to its outline by a slit of no width.
    pub polygons: Vec<Vec<[f64; 2]>>,
}

/// Skin tone.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ToneReport {
    /// Individual typology angle, degrees.
    pub ita: f64,
    /// Between which it lies over the face and in the lights that the photo leaves possible, degrees.
    pub ita_interval: [f64; 2],
    /// `very light`, `light`, `intermediate`, `tan`, `brown` or `dark`.
    pub category: &'static str,
    /// Nearest swatch of the Monk scale, 1–10.
    pub monk: u8,
    /// Median L*, a*, b*.
    pub lab: [f64; 3],
    /// 0–1.
    pub confidence: f64,
}

/// Why something could not be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// This version does not measure it.
    NotImplemented,
    /// What it needs a model for was not there.
    ModelMissing,
    /// The model failed on this face.
    ModelFailed,
    /// The photo has no colour.
    Monochrome,
    /// The head is turned away.
    OffPose,
    /// The face is covered.
    Occluded,
    /// Too little skin can be seen.
    NoSkin,
    /// The face has too few pixels.
    Resolution,
    /// The photo is not sharp enough.
    Blurred,
    /// The light is too strongly coloured.
    Light,
}

/// The aggregate of all concerns.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Overall {
    /// 0–100; `null` where too little was measured.
    pub score: Option<f64>,
    /// What is called severe or moderate, the severe first, of either the worst score first; at most three.
    pub primary: Vec<ConcernId>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_schema() {
        fn json(value: &impl Serialize) -> String {
            serde_json::to_string(value).unwrap()
        }
        assert_eq!(json(&ConcernId::DarkCircles), "\"darkCircles\"");
        assert_eq!(json(&Zone::UnderLeftEye), "\"underLeftEye\"");
        assert_eq!(json(&QualityIssue::FaceTooSmall), "\"face-too-small\"");
        assert_eq!(json(&QualityIssue::ColourCast), "\"colour-cast\"");
        assert_eq!(json(&Reason::NotImplemented), "\"not-implemented\"");
        assert_eq!(json(&Engine::Enhanced), "\"enhanced\"");
    }
}
