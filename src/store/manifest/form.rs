//! What a manifest says of a model's input and output, where this version has a use for it.

use serde::Deserialize;

/// What a model takes, or what it tells: one reader for both, for the modules that browsers fetch. What is not said is empty, or does nothing.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Form {
    /// Lengths of the axes. Of an input in the order of its layout: `[1, height, width, 3]` for `NHWC`. Of an output `[1, classes]` of a
    /// classifier; of a segmenter those of a picture in its input's layout.
    pub shape: Vec<usize>,
    /// `NHWC` or `NCHW`.
    pub layout: String,
    /// `RGB` or `BGR`: 8 bits of sRGB; or `density`, the measures' own (see [`crate::surface`]).
    pub colour: String,
    /// What 0 and 255 become; of a density what it is cut off at.
    pub range: Vec<f32>,
    /// Is taken off then, by colour.
    pub mean: Vec<f32>,
    /// Divides then, by colour.
    pub std: Vec<f32>,
    /// `letterbox`: the whole photo; `aligned-square`: the mesh, upright; `face-frame`: the face, upright, two pixels a millimetre.
    pub crop: String,
    /// Share of its longer side that an aligned square has around the mesh.
    pub margin: f32,
    /// `none`, where it answers with probabilities; `sigmoid`, where classes are told each by itself; `softmax`, where one of them is so.
    pub activation: String,
    /// Names of the classes, in order.
    pub labels: Vec<String>,
    /// The concern that each class feeds, or `null`; none does where it is not said.
    pub concerns: Vec<Option<String>>,
    /// The class of what lies over skin, of a segmenter that has one; spots of the concerns that it feeds are left out there.
    pub cover: String,
}

/// What a model answers.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Output {
    /// The classes that its first output tells.
    pub classes: Form,
}
