//! The general executor: any ONNX file, through tract.
//!
//! A file is checked before tract sees it ([`wire`], [`check`]), and where tract panics all the same that is an error: natively by
//! catching it; in a browser a panic stops the module of the general engine, which the package replaces.

mod check;
mod wire;

use std::panic::{catch_unwind, AssertUnwindSafe};

use tract_onnx::prelude::*;

use super::{Model, Tensor};
use crate::error::{Error, ErrorCode, Result};
use crate::store::VerifiedBytes;

/// An ONNX model, optimised and ready to run.
pub struct OnnxModel {
    plan: Arc<TypedRunnableModel>,
}

impl OnnxModel {
    /// Parses and optimises; takes some 100 ms for a face model.
    ///
    /// # Errors
    /// `model-incompatible`.
    pub fn parse(bytes: &VerifiedBytes) -> Result<OnnxModel> {
        OnnxModel::from_onnx(bytes.as_slice())
    }

    /// The same of bytes that are one's own: those of a model that is being published.
    pub(super) fn from_onnx(bytes: &[u8]) -> Result<OnnxModel> {
        let incompatible = |why: &dyn std::fmt::Display| {
            Error::new(ErrorCode::ModelIncompatible, format!("the model can't be loaded: {why}"))
        };
        let plan = contained(|| {
            wire::check(bytes).map_err(|why| incompatible(&why))?;
            let onnx = tract_onnx::onnx();
            let proto = onnx.proto_model_for_read(&mut &*bytes).map_err(|e| incompatible(&e))?;
            check::check(&proto).map_err(|why| incompatible(&why))?;
            let model = onnx.model_for_proto_model(&proto);
            model.and_then(|model| model.into_optimized()?.into_runnable()).map_err(|e| incompatible(&e))
        })
        .unwrap_or_else(|| Err(incompatible(&"the general engine panicked")))?;
        Ok(OnnxModel { plan })
    }
}

/// What work answers, unless it panics: what it touched is used no longer then.
fn contained<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}

impl Model for OnnxModel {
    fn run(&self, input: &Tensor) -> Result<Vec<Tensor>> {
        let failed = |e: TractError| Error::new(ErrorCode::InferenceFailed, format!("the model failed: {e}"));
        let value = tract_onnx::prelude::Tensor::from_shape(&input.shape, &input.data).map_err(failed)?;
        let outputs = contained(|| self.plan.run(tvec!(value.into())))
            .ok_or_else(|| Error::new(ErrorCode::InferenceFailed, "the general engine panicked"))?
            .map_err(failed)?;
        outputs
            .iter()
            .map(|output| {
                let view = output.to_plain_array_view::<f32>().map_err(failed)?;
                Ok(Tensor { shape: view.shape().to_vec(), data: view.iter().copied().collect() })
            })
            .collect()
    }

    fn executor(&self) -> &'static str {
        "onnx"
    }
}
