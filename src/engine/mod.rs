//! Models: tensors in, tensors out. The only module that names an executor.

#[cfg(all(feature = "cli", not(target_arch = "wasm32")))]
pub mod compile;
mod onnx;
pub mod plan;

pub use onnx::OnnxModel;
pub use plan::{Plan, PlanModel};

use crate::error::Result;
use crate::store::VerifiedBytes;

/// A dense tensor of f32, row-major.
#[derive(Clone, PartialEq)]
pub struct Tensor {
    /// Length along each axis, outermost first.
    pub shape: Vec<usize>,
    /// As many values as the product of the shape.
    pub data: Vec<f32>,
}

// A tensor may hold a crop of the photo, and pixels never reach a log.
impl std::fmt::Debug for Tensor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tensor({:?})", self.shape)
    }
}

/// Runs one input tensor to one or more output tensors, in the order of the model file.
pub trait Model: Send + Sync {
    /// Executes the model.
    ///
    /// # Errors
    /// `inference-failed` where the input does not fit or an operator fails.
    fn run(&self, input: &Tensor) -> Result<Vec<Tensor>>;

    /// Which executor runs it, as reports name it: `plan` or `onnx`.
    fn executor(&self) -> &'static str;
}

/// Loads a verified model into the executor that can run it.
///
/// # Errors
/// `model-incompatible`.
pub fn load(bytes: &VerifiedBytes) -> Result<Box<dyn Model>> {
    if plan::format::is_plan(bytes.as_slice()) {
        return Ok(Box::new(PlanModel::parse(bytes)?));
    }
    Ok(Box::new(OnnxModel::parse(bytes)?))
}
