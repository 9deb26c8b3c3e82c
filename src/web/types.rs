//! The types that cross the border, by the names that `index.d.ts` gives them.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;

use super::error::to_js;
use crate::error::{Error, ErrorCode};
use crate::frame::Limits;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
import type { Detection, Limits, LoadProgress, SkinReport } from "./index.js";

export interface EngineOptions {
  modelBaseUrl: string;
  channel: string;
  minDetectionConfidence: number;
  maxFaces: number;
  limits: Partial<Limits>;
}
"#;

#[wasm_bindgen]
extern "C" {
    /// Options of [`super::Engine::load`].
    #[wasm_bindgen(typescript_type = "EngineOptions")]
    pub type JsEngineOptions;

    /// Loads the other module; resolves to its class `Network`.
    #[wasm_bindgen(extends = js_sys::Function, typescript_type = "() => Promise<unknown>")]
    pub type JsGeneral;

    /// A [`crate::report::SkinReport`].
    #[wasm_bindgen(typescript_type = "SkinReport")]
    pub type JsSkinReport;

    /// Faces as [`crate::report::DetectionReport`].
    #[wasm_bindgen(typescript_type = "Detection[]")]
    pub type JsDetections;

    /// Is told of every file's bytes.
    #[wasm_bindgen(extends = js_sys::Function, typescript_type = "(progress: LoadProgress) => void")]
    pub type JsProgress;
}

/// The options of an engine, complete: defaults are the package's.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EngineOptions {
    pub model_base_url: String,
    pub channel: String,
    pub min_detection_confidence: f32,
    pub max_faces: usize,
    pub limits: Limits,
}

/// One step of loading a file.
#[derive(Serialize)]
#[serde(tag = "status", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Progress<'a> {
    Initiate { file: &'a str, total: f64 },
    Progress { file: &'a str, loaded: f64, total: f64 },
    Done { file: &'a str, total: f64 },
}

/// Plain objects: maps as objects, none as `null`.
pub fn to_value(value: &impl Serialize) -> Result<JsValue, JsValue> {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    value.serialize(&serializer).map_err(|e| to_js(Error::new(ErrorCode::Internal, e.to_string())))
}

pub fn from_js<T: DeserializeOwned>(value: JsValue) -> Result<T, JsValue> {
    let invalid =
        |e: serde_wasm_bindgen::Error| Error::new(ErrorCode::InvalidOptions, format!("the options can't be used: {e}"));
    serde_wasm_bindgen::from_value(value).map_err(|e| to_js(invalid(e)))
}
