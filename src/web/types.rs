//! The types that cross the border, by the names that `index.d.ts` gives them.

use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::error::to_js;
use crate::error::{Error, ErrorCode};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
import type { Detection, SkinAnalyzerOptions, SkinReport, VideoFrameResult } from "./index.js";
import type { Host } from "./host.js";

export interface Step {
  engine?: "enhanced" | "server" | "basic";
  mostMs?: number;
  passed?: SkinReport["fallbacks"][number];
}
"#;

/// Options, complete and checked: defaults are the package's. Each is read where it is used.
#[wasm_bindgen]
extern "C" {
    /// What `complete` of `options.js` makes.
    #[wasm_bindgen(typescript_type = "Required<SkinAnalyzerOptions>")]
    pub type JsOptions;

    #[wasm_bindgen(method, getter, js_name = modelBaseUrl)]
    pub fn model_base_url(this: &JsOptions) -> String;

    #[wasm_bindgen(method, getter)]
    pub fn channel(this: &JsOptions) -> String;

    #[wasm_bindgen(method, getter, js_name = splitKey)]
    pub fn split_key(this: &JsOptions) -> Option<String>;

    #[wasm_bindgen(method, getter, js_name = manifestPublicKey)]
    pub fn manifest_public_key(this: &JsOptions) -> Option<String>;

    #[wasm_bindgen(method, getter)]
    pub fn flags(this: &JsOptions) -> JsFlags;

    #[wasm_bindgen(method, getter, js_name = minDetectionConfidence)]
    pub fn min_detection_confidence(this: &JsOptions) -> f32;

    #[wasm_bindgen(method, getter, js_name = maxFaces)]
    pub fn max_faces(this: &JsOptions) -> usize;

    #[wasm_bindgen(method, getter)]
    pub fn limits(this: &JsOptions) -> JsLimits;

    /// What a caller switches.
    pub type JsFlags;

    #[wasm_bindgen(method, getter, js_name = secondLook)]
    pub fn second_look(this: &JsFlags) -> Option<bool>;

    #[wasm_bindgen(method, getter)]
    pub fn tracking(this: &JsFlags) -> Option<bool>;

    /// What an image may cost.
    pub type JsLimits;

    #[wasm_bindgen(method, getter, js_name = maxBytes)]
    pub fn max_bytes(this: &JsLimits) -> usize;

    #[wasm_bindgen(method, getter, js_name = maxPixels)]
    pub fn max_pixels(this: &JsLimits) -> usize;
}

#[wasm_bindgen]
extern "C" {
    /// Loads the other module; resolves to its class `Network`.
    #[wasm_bindgen(extends = js_sys::Function, typescript_type = "() => Promise<unknown>")]
    pub type JsGeneral;

    /// A [`crate::report::SkinReport`].
    #[wasm_bindgen(typescript_type = "SkinReport")]
    pub type JsSkinReport;

    /// A step of the policy.
    #[wasm_bindgen(typescript_type = "Step")]
    pub type JsStep;

    /// A [`crate::analyzer::FrameResult`].
    #[wasm_bindgen(typescript_type = "VideoFrameResult")]
    pub type JsVideoFrameResult;

    /// Faces as [`crate::report::DetectionReport`].
    #[wasm_bindgen(typescript_type = "Detection[]")]
    pub type JsDetections;
}

/// Plain objects: maps as objects, none as `null`.
pub fn to_value(value: &impl Serialize) -> Result<JsValue, JsValue> {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    value.serialize(&serializer).map_err(|e| to_js(Error::new(ErrorCode::Internal, e.to_string())))
}
