//! What models are for.

use serde::Deserialize;

/// What a model is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Finds faces: BlazeFace's regressors and logits.
    FaceDetector,
    /// Places 468 points on a face.
    FaceMesh,
    /// Tells what each pixel of a face shows.
    SkinSegmentation,
    /// Tells what all of a face is like.
    SkinClassifier,
    /// A role that this version does not know, and does not load.
    #[serde(other)]
    Unknown,
}

impl Role {
    /// The roles that an enhanced analysis has a use for.
    pub const KNOWN: [Role; 4] = [Role::FaceDetector, Role::FaceMesh, Role::SkinSegmentation, Role::SkinClassifier];

    /// Whether there is no enhanced analysis without it.
    pub fn is_needed(self) -> bool {
        matches!(self, Role::FaceDetector | Role::FaceMesh)
    }

    /// As manifests name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::FaceDetector => "face-detector",
            Role::FaceMesh => "face-mesh",
            Role::SkinSegmentation => "skin-segmentation",
            Role::SkinClassifier => "skin-classifier",
            Role::Unknown => "unknown",
        }
    }
}
