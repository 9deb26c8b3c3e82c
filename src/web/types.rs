//! The types that cross the border, by the names that `index.d.ts` gives them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;

use super::error::to_js;
use crate::error::{Error, ErrorCode};
use crate::frame::Limits;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
import type { Detection, Preview, SkinReport } from "./index.js";
import type { Host } from "./host.js";

export interface Step {
  engine?: "enhanced" | "server" | "basic";
  mostMs?: number;
  passed?: SkinReport["fallbacks"][number];
}
"#;

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

    /// A [`crate::preview::Preview`].
    #[wasm_bindgen(typescript_type = "Preview")]
    pub type JsPreview;

    /// Faces as [`crate::report::DetectionReport`].
    #[wasm_bindgen(typescript_type = "Detection[]")]
    pub type JsDetections;
}

/// The options of an engine, complete: defaults are the package's.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EngineOptions {
    pub model_base_url: String,
    pub channel: String,
    pub split_key: Option<String>,
    pub manifest_public_key: Option<String>,
    pub flags: BTreeMap<String, bool>,
    pub min_detection_confidence: f32,
    pub max_faces: usize,
    pub limits: Limits,
}

/// Plain objects: maps as objects, none as `null`.
pub fn to_value(value: &impl Serialize) -> Result<JsValue, JsValue> {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    value.serialize(&serializer).map_err(|e| to_js(Error::new(ErrorCode::Internal, e.to_string())))
}

impl EngineOptions {
    /// From their JSON, which the manifest's reader reads as well.
    pub fn parse(json: &str) -> Result<EngineOptions, JsValue> {
        let invalid = |e| Error::new(ErrorCode::InvalidOptions, format!("the options can't be used: {e}"));
        serde_json::from_str(json).map_err(|e| to_js(invalid(e)))
    }
}
