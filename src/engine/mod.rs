//! Models: tensors in, tensors out. The only module that names an executor.

#[cfg(all(feature = "cli", not(target_arch = "wasm32")))]
pub mod compile;
#[cfg(feature = "onnx")]
mod onnx;
pub mod plan;

#[cfg(feature = "onnx")]
pub use onnx::OnnxModel;
pub use plan::{Plan, PlanModel};

use crate::error::{Error, ErrorCode, Result};
use crate::store::{ModelTest, VerifiedBytes};

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

/// Natively many threads run one model; a module in a browser has one, and there a model may lie in JavaScript.
#[cfg(not(target_arch = "wasm32"))]
pub trait Shared: Send + Sync {}
#[cfg(not(target_arch = "wasm32"))]
impl<T: Send + Sync> Shared for T {}
/// Natively many threads run one model; a module in a browser has one, and there a model may lie in JavaScript.
#[cfg(target_arch = "wasm32")]
pub trait Shared {}
#[cfg(target_arch = "wasm32")]
impl<T> Shared for T {}

/// Runs one input tensor to one or more output tensors, in the order of the model file.
pub trait Model: Shared {
    /// Executes the model.
    ///
    /// # Errors
    /// `inference-failed` where the input does not fit or an operator fails.
    fn run(&self, input: &Tensor) -> Result<Vec<Tensor>>;

    /// Which executor runs it, as reports name it: `plan` or `onnx`.
    fn executor(&self) -> &'static str;
}

/// Has a model reproduce what its manifest says that it answers to noise. A plan carries a test of its own, and has passed it.
///
/// # Errors
/// `model-incompatible` where it answers something else, or where there is nothing to compare it with.
pub fn prove(model: &dyn Model, test: Option<&ModelTest>) -> Result<()> {
    match test {
        _ if model.executor() == "plan" => Ok(()),
        Some(test) => plan::reproduce(model, &test.shape, test.seed, test.tolerance, &test.samples),
        None => Err(Error::new(ErrorCode::ModelIncompatible, "the manifest has no self-test of this model")),
    }
}

/// Whether a model needs the general engine.
pub fn is_general(bytes: &VerifiedBytes) -> bool {
    !plan::format::is_plan(bytes.as_slice())
}

/// Loads a verified model into the executor that can run it.
///
/// # Errors
/// `model-incompatible`; also of a model that [`is_general`] in a build without the general engine.
pub fn load(bytes: &VerifiedBytes) -> Result<Box<dyn Model>> {
    if !is_general(bytes) {
        return Ok(Box::new(PlanModel::parse(bytes)?));
    }
    #[cfg(feature = "onnx")]
    return Ok(Box::new(OnnxModel::parse(bytes)?));
    #[cfg(not(feature = "onnx"))]
    {
        Err(Error::new(ErrorCode::ModelIncompatible, "the model has no plan, and this build has no general engine"))
    }
}
