//! What is said of one face.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{BoundingBox, Concern, ConcernId, Keypoint, Overall, PoseReport, Reason, SkinArea, ToneReport};

/// One face.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FaceReport {
    /// Pixels.
    pub bounding_box: BoundingBox,
    /// Always the detector with the enhanced engine.
    pub source: &'static str,
    /// Probability that it is a face, 0–1.
    pub score: Option<f64>,
    /// Six points.
    pub keypoints: Vec<Keypoint>,
    /// Why a `null` below is `null`.
    pub unavailable: BTreeMap<&'static str, Reason>,
    /// 468 points: x, y in pixels, z on the same scale.
    pub landmarks: Option<Vec<[f64; 3]>>,
    /// Degrees.
    pub pose: Option<PoseReport>,
    /// The skin that can be seen.
    pub skin: Option<SkinArea>,
    /// Skin tone.
    pub tone: Option<ToneReport>,
    /// All nine.
    pub concerns: BTreeMap<ConcernId, Concern>,
    /// Which of them a network of skin decided; `null` where the release has none, or where `unavailable` says why.
    pub segmentation: Option<Segmentation>,
    /// What the release's own classifier says of the face; `null` as above.
    pub classification: Option<Classification>,
    /// The aggregate.
    pub overall: Overall,
}

/// What a network of skin decided.
#[derive(Clone, Debug, Serialize)]
pub struct Segmentation {
    /// For example `skin-net`.
    pub model: String,
    /// The concerns whose places it told; those of all others were found by closed forms.
    pub concerns: Vec<ConcernId>,
}

/// What a classifier says of a face.
#[derive(Clone, Debug, Serialize)]
pub struct Classification {
    /// Its name in the manifest.
    pub model: String,
    /// Its classes, the likeliest first.
    pub categories: Vec<Category>,
}

/// A class.
#[derive(Clone, Debug, Serialize)]
pub struct Category {
    /// Its name.
    pub label: String,
    /// 0–1.
    pub score: f64,
    /// The concern that its manifest gives it to; `null` for none.
    pub concern: Option<ConcernId>,
}
