//! `shine-skin models compile`: from an ONNX file to a plan that is proven to compute the same.

mod follow;
mod layout;
mod lower;
mod network;

use half::f16;
use sha2::{Digest, Sha256};

use crate::engine::plan::format::{Output, SelfTest, Step};
use crate::engine::plan::{difference, noise, samples, Plan};
use crate::engine::{Model, OnnxModel, PlanModel, Tensor};
use crate::error::{Error, ErrorCode, Result};
use crate::store::ModelTest;

/// Largest difference to tract, as a share of the largest value of an output.
pub const TOLERANCE: f32 = 1e-3;

/// Seeds of the inputs that a plan is proven on; the first is its self-test's.
const SEEDS: [u32; 4] = [1, 2, 3, 4];

/// Compiles an ONNX file, and proves the plan against tract on noise and on the inputs given.
///
/// # Errors
/// `model-incompatible` where the file can't be read, has an operator that can't be lowered, which is named, or where the
/// plan computes something else.
pub fn compile(onnx: &[u8], inputs: &[Vec<f32>]) -> Result<Plan> {
    let network = lower::lower(onnx)?;
    let (values, arena) = layout::place(&network);
    let mut weights: Vec<f16> = Vec::new();
    let steps = network
        .steps
        .iter()
        .map(|draft| {
            let at = weights.len();
            let all = draft.weights.iter().chain(&draft.bias).chain(&draft.slope);
            weights.extend(all.map(|&w| f16::from_f32(w)));
            Step { weights: at, ..draft.step.clone() }
        })
        .collect();
    let outputs: Vec<Output> = network.outputs.into_iter().map(|(shape, pieces)| Output { shape, pieces }).collect();
    let test = SelfTest { seed: SEEDS[0], tolerance: TOLERANCE, samples: vec![Vec::new(); outputs.len()] };
    let source = Sha256::digest(onnx).into();
    let plan = Plan { source, arena, values, input: network.input, outputs, steps, test, weights };
    prove(onnx, plan, inputs)
}

/// What tract answers to noise of a shape, for hosts that run the ONNX file itself; and the shapes of the outputs.
///
/// # Errors
/// `model-incompatible` where the file can't be read; `inference-failed` where it takes something else.
pub fn self_test(onnx: &[u8], shape: &[usize]) -> Result<(ModelTest, Vec<Vec<usize>>)> {
    let data = noise(SEEDS[0], shape.iter().product());
    let outputs = OnnxModel::from_onnx(onnx)?.run(&Tensor { shape: shape.to_vec(), data })?;
    let tolerance = outputs.iter().map(|output| tolerance(&output.data)).fold(TOLERANCE, f32::max);
    let samples = outputs.iter().map(|output| samples(&output.data)).collect();
    let test = ModelTest { shape: shape.to_vec(), seed: SEEDS[0], tolerance, samples };
    Ok((test, outputs.into_iter().map(|output| output.shape).collect()))
}

/// The tolerance of an output's samples, which may miss its largest value.
fn tolerance(output: &[f32]) -> f32 {
    let largest = |data: &[f32]| data.iter().fold(1e-6f32, |most, v| most.max(v.abs()));
    (TOLERANCE * largest(output) / largest(&samples(output))).min(0.1)
}

/// The plan with its self-test, which is what tract says.
fn prove(onnx: &[u8], mut plan: Plan, inputs: &[Vec<f32>]) -> Result<Plan> {
    let original = OnnxModel::from_onnx(onnx)?;
    let input = &plan.values[plan.input];
    let shape = vec![1, input.height, input.width, input.channels];
    let len = shape.iter().product();
    let lowered = PlanModel::new(Plan::read(&plan.write())?)?;
    let noises = SEEDS.map(|seed| noise(seed, len));
    for (k, data) in noises.iter().chain(inputs).enumerate() {
        let tensor = Tensor { shape: shape.clone(), data: data.clone() };
        let (expected, got) = (original.run(&tensor)?, lowered.run(&tensor)?);
        if expected.len() != got.len() {
            return Err(Error::new(ErrorCode::ModelIncompatible, "the plan has other outputs than the original"));
        }
        for (o, (expected, got)) in expected.iter().zip(&got).enumerate() {
            let off = difference(&expected.data, &got.data);
            if expected.shape != got.shape || off > TOLERANCE {
                let message = format!("output {o} of the plan differs from the original by {off} of its largest value");
                return Err(Error::new(ErrorCode::ModelIncompatible, message));
            }
            if k == 0 {
                plan.test.tolerance = plan.test.tolerance.max(tolerance(&expected.data));
                plan.test.samples[o] = samples(&expected.data);
            }
        }
    }
    PlanModel::new(Plan::read(&plan.write())?)?.reproduces()?;
    Ok(plan)
}
