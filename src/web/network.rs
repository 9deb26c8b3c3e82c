//! One model by itself: what the general engine's module has, and what measures a model's time.

use js_sys::{Array, Float32Array, Uint32Array};
use wasm_bindgen::prelude::*;

use super::error::to_js;
use crate::engine::{self, Model, Tensor};
use crate::store::{ModelFile, VerifiedBytes};

/// A loaded model: tensors in, tensors out.
#[wasm_bindgen]
pub struct Network {
    model: Box<dyn Model>,
}

#[wasm_bindgen]
impl Network {
    /// Loads a model's bytes once their SHA-256 is the one of its manifest; `url` names the file in a message.
    pub fn load(bytes: &[u8], url: String, sha256: String) -> Result<Network, JsValue> {
        let file = ModelFile { format: String::new(), url, bytes: bytes.len() as u64, sha256 };
        let verified = VerifiedBytes::verify(bytes.to_vec(), &file).map_err(to_js)?;
        Ok(Network { model: engine::load(&verified).map_err(to_js)? })
    }

    /// Runs one input. The answer holds a shape and the values of each output, one after the other.
    pub fn run(&self, shape: &[u32], data: &[f32]) -> Result<Array, JsValue> {
        let shape = shape.iter().map(|&n| n as usize).collect();
        let outputs = self.model.run(&Tensor { shape, data: data.to_vec() }).map_err(to_js)?;
        let answer = Array::new();
        for output in outputs {
            let shape: Vec<u32> = output.shape.iter().map(|&n| n as u32).collect();
            answer.push(&Uint32Array::from(&shape[..]));
            answer.push(&Float32Array::from(&output.data[..]));
        }
        Ok(answer)
    }
}
