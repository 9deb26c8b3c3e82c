//! The general engine, which lies in the other module: fetched once a model needs it.

use js_sys::{Array, Float32Array, Uint32Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::fault::{from_js, message};
use super::types::JsGeneral;
use crate::engine::{self, Model, Tensor};
use crate::error::{Error, ErrorCode, Result};
use crate::store::{ModelFile, VerifiedBytes};

#[wasm_bindgen]
extern "C" {
    /// The other module's class [`super::Network`].
    type Class;

    #[wasm_bindgen(method, catch)]
    fn load(this: &Class, bytes: &[u8], url: &str, sha256: &str) -> std::result::Result<Instance, JsValue>;

    /// One of its instances.
    type Instance;

    #[wasm_bindgen(method, catch)]
    fn run(this: &Instance, shape: &[u32], data: &[f32]) -> std::result::Result<Array, JsValue>;
}

/// A model that the other module runs.
struct Foreign {
    instance: Instance,
}

/// Loads a model here where it has a plan, else in the other module.
///
/// # Errors
/// `model-incompatible`; and what the other module can't be had for.
pub async fn load(bytes: &VerifiedBytes, file: &ModelFile, general: &JsGeneral) -> Result<Box<dyn Model>> {
    if !engine::is_general(bytes) {
        return engine::load(bytes);
    }
    let incompatible = |fault: JsValue| from_js(&fault, ErrorCode::ModelIncompatible);
    let asked = general.call0(&JsValue::NULL).map_err(incompatible)?;
    let class = JsFuture::from(js_sys::Promise::resolve(&asked)).await.map_err(incompatible)?;
    let class: Class = class.unchecked_into();
    let instance = class.load(bytes.as_slice(), &file.url, &file.sha256).map_err(incompatible)?;
    Ok(Box::new(Foreign { instance }))
}

impl Model for Foreign {
    fn run(&self, input: &Tensor) -> Result<Vec<Tensor>> {
        let failed = |message: String| Error::new(ErrorCode::InferenceFailed, message);
        let shape: Vec<u32> = input.shape.iter().map(|&n| n as u32).collect();
        let answer = self.instance.run(&shape, &input.data).map_err(|fault| failed(message(&fault)))?;
        let mut items = answer.iter();
        let mut outputs = Vec::new();
        while let (Some(shape), Some(data)) = (items.next(), items.next()) {
            let (shape, data) = (shape.dyn_into::<Uint32Array>(), data.dyn_into::<Float32Array>());
            let (Ok(shape), Ok(data)) = (shape, data) else {
                return Err(failed("the general engine's answer is no list of tensors".into()));
            };
            outputs
                .push(Tensor { shape: shape.to_vec().into_iter().map(|n| n as usize).collect(), data: data.to_vec() });
        }
        Ok(outputs)
    }

    fn executor(&self) -> &'static str {
        "onnx"
    }
}
