//! The general executor: any ONNX file, through tract.

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
        let plan = tract_onnx::onnx()
            .model_for_read(&mut &*bytes)
            .and_then(|model| model.into_optimized())
            .and_then(|model| model.into_runnable())
            .map_err(|e| Error::new(ErrorCode::ModelIncompatible, format!("the model can't be loaded: {e}")))?;
        Ok(OnnxModel { plan })
    }
}

impl Model for OnnxModel {
    fn run(&self, input: &Tensor) -> Result<Vec<Tensor>> {
        let failed = |e: TractError| Error::new(ErrorCode::InferenceFailed, format!("the model failed: {e}"));
        let value = tract_onnx::prelude::Tensor::from_shape(&input.shape, &input.data).map_err(failed)?;
        let outputs = self.plan.run(tvec!(value.into())).map_err(failed)?;
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
