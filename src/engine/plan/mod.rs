//! The executor of plans: networks that were lowered when they were published. Reading one checks it and packs its weights.

mod check;
pub mod format;

use std::sync::Mutex;

pub use format::Plan;
use format::{Activation, Kind, Value};
use shine_skin_kernels::{
    dense, depthwise, enlarge, join, logistic, max_pool, pack_dense, pack_depthwise, spread, Convolution, View,
    CHANNELS,
};

use super::{Model, Tensor};
use crate::error::{Error, ErrorCode, Result};
use crate::store::VerifiedBytes;

/// A plan, ready to run.
pub struct PlanModel {
    plan: Plan,
    steps: Vec<Packed>,
    /// All values, as the plan lays them out; one run at a time uses it.
    arena: Mutex<Vec<f32>>,
}

/// The largest arena, in floats, that waits for the next run: a larger one, as a whole face takes, is the photo's room between two runs.
const KEPT: usize = 1 << 20;

/// The weights of a step as its kernel reads them.
struct Packed {
    kernel: Vec<f32>,
    bias: Vec<f32>,
    slope: Vec<f32>,
}

/// Even noise from −1 to 1, the same from the same seed everywhere: the input of a plan's self-test.
#[inline(never)]
pub fn noise(seed: u32, len: usize) -> Vec<f32> {
    // A linear congruential generator (Numerical Recipes, 1992), of which the upper bits are good.
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 23) as f32 - 1.0
    };
    (0..len).map(|_| next()).collect()
}

/// How many values of an output a self-test keeps.
pub const SAMPLES: usize = 64;

/// Values spread evenly over an output.
pub fn samples(data: &[f32]) -> Vec<f32> {
    let count = SAMPLES.min(data.len());
    (0..count).map(|k| data[k * data.len() / count]).collect()
}

/// The largest difference as a share of the largest value that is expected; infinite where it is no number, or where their lengths
/// differ.
pub fn difference(expected: &[f32], got: &[f32]) -> f32 {
    let range = expected.iter().fold(1e-6f32, |most, v| most.max(v.abs()));
    let worst = expected.iter().zip(got).map(|(e, g)| (e - g).abs()).fold(0.0, f32::max);
    if expected.len() == got.len() && expected.iter().chain(got).all(|v| v.is_finite()) {
        worst / range
    } else {
        f32::INFINITY
    }
}

/// Has a model answer noise as it is expected to.
pub(super) fn reproduce(
    model: &dyn Model,
    shape: &[usize],
    seed: u32,
    tolerance: f32,
    expected: &[Vec<f32>],
) -> Result<()> {
    let data = noise(seed, shape.iter().product());
    let incompatible = |why: &str| Error::new(ErrorCode::ModelIncompatible, why);
    let outputs = model.run(&Tensor { shape: shape.to_vec(), data }).map_err(|e| incompatible(&e.message))?;
    let alike = |(expected, output): (&Vec<f32>, &Tensor)| difference(expected, &samples(&output.data)) <= tolerance;
    if expected.len() == outputs.len() && expected.iter().zip(&outputs).all(alike) {
        return Ok(());
    }
    Err(incompatible("the model does not reproduce its self-test on this machine"))
}

impl PlanModel {
    /// Reads, checks and packs a plan, and has it reproduce its self-test.
    ///
    /// # Errors
    /// `model-incompatible` where the plan is broken or this machine computes something else.
    pub fn parse(bytes: &VerifiedBytes) -> Result<PlanModel> {
        let model = PlanModel::new(Plan::read(bytes.as_slice())?)?;
        model.reproduces()?;
        Ok(model)
    }

    /// Checks and packs a plan. Its test is not made.
    ///
    /// # Errors
    /// `model-incompatible` where the plan is broken.
    pub fn new(plan: Plan) -> Result<PlanModel> {
        plan.check()?;
        let steps = plan.steps.iter().map(|step| Packed::of(&plan, step)).collect();
        Ok(PlanModel { plan, steps, arena: Mutex::default() })
    }

    /// The plan.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// # Errors
    /// `model-incompatible` where this machine computes something else than the self-test says.
    pub(super) fn reproduces(&self) -> Result<()> {
        let (test, input) = (&self.plan.test, &self.plan.values[self.plan.input]);
        let shape = [1, input.height, input.width, input.channels];
        reproduce(self, &shape, test.seed, test.tolerance, &test.samples)
    }

    #[inline(never)]
    fn steps(&self, arena: &mut [f32]) {
        for (step, packed) in self.plan.steps.iter().zip(&self.steps) {
            let (input, output) = (&self.plan.values[step.input], &self.plan.values[step.output]);
            clear_border(output, arena);
            let range = output.range();
            let (before, rest) = arena.split_at_mut(range.start);
            let (own, after) = rest.split_at_mut(range.len());
            let (before, after) = (&*before, &*after);
            // No step writes what it reads, so all of another value lies on one side.
            let view = |value: &Value, padding: [usize; 2]| {
                let begin = value.offset + value.origin() - padding[0] * value.row() - padding[1] * value.stride();
                let data = match begin.checked_sub(range.end) {
                    Some(at) => &after[at..],
                    None => &before[begin..],
                };
                View { data, row: value.row(), pixel: value.stride() }
            };
            let from = view(input, step.padding);
            let (row, pixel, size) = (output.row(), output.stride(), [output.height, output.width]);
            let out = &mut own[output.origin()..];
            let residual = step.residual.map(|r| view(&self.plan.values[r], [0, 0]));
            let convolution = Convolution {
                kernel: step.kernel,
                stride: step.stride,
                size,
                channels: input.channels,
                packed: &packed.kernel,
                bias: &packed.bias,
                activation: step.activation,
                slope: &packed.slope,
                residual,
            };
            match step.kind {
                Kind::Dense => dense(&convolution, from, out, (row, pixel)),
                Kind::Depthwise => depthwise(&convolution, from, out, row),
                Kind::MaxPool => max_pool(from, step.kernel, step.stride, size, out, row),
                Kind::Nearest | Kind::Bilinear => {
                    let smooth = step.kind == Kind::Bilinear;
                    enlarge(from, [input.height, input.width], step.stride, smooth, out, row);
                }
                Kind::Sigmoid => logistic(from, input.channels, size, out, row),
                Kind::Concat => {
                    // That there are two was checked.
                    let channels = [input.channels, output.channels - input.channels];
                    join([from, residual.unwrap_or(from)], channels, size, out, (row, pixel));
                }
            }
        }
    }
}

impl Packed {
    #[inline(never)]
    fn of(plan: &Plan, step: &format::Step) -> Packed {
        let (input, output) = (&plan.values[step.input], &plan.values[step.output]);
        let mut from = step.weights;
        let [kernel, bias, slope] = plan.weights_of(step).map(|count| {
            // That there are so many was checked.
            let count = count as usize;
            let weights: Vec<f32> = plan.weights[from..from + count].iter().map(|w| w.to_f32()).collect();
            from += count;
            weights
        });
        let padded = |mut list: Vec<f32>| {
            list.resize(list.len().next_multiple_of(CHANNELS), 0.0);
            list
        };
        let kernel = match step.kind {
            Kind::Dense => {
                let window = step.kernel[0] * step.kernel[1];
                pack_dense(&kernel, window, input.channels, output.channels)
            }
            Kind::Depthwise => pack_depthwise(&kernel, output.channels, output.stride()),
            Kind::MaxPool | Kind::Nearest | Kind::Bilinear | Kind::Concat | Kind::Sigmoid => kernel,
        };
        let slope = if step.activation == Activation::PRelu { padded(slope) } else { slope };
        Packed { kernel, bias: padded(bias), slope }
    }
}

/// Other values have lain where the border is.
fn clear_border(value: &Value, arena: &mut [f32]) {
    let [top, right, bottom, left] = value.border.map(|n| n * value.stride());
    let (row, own) = (value.row(), &mut arena[value.range()]);
    let (head, rest) = own.split_at_mut(value.border[0] * row);
    let (rows, tail) = rest.split_at_mut(value.height * row);
    if top > 0 {
        head.fill(0.0);
    }
    if bottom > 0 {
        tail.fill(0.0);
    }
    if left + right > 0 {
        for row in rows.chunks_exact_mut(row) {
            row[..left].fill(0.0);
            let end = row.len() - right;
            row[end..].fill(0.0);
        }
    }
}

impl Model for PlanModel {
    fn run(&self, input: &Tensor) -> Result<Vec<Tensor>> {
        let value = &self.plan.values[self.plan.input];
        let (pixel, row) = (value.channels, value.width * value.channels);
        if input.shape != [1, value.height, value.width, value.channels] || input.data.len() != value.height * row {
            let takes = [1, value.height, value.width, value.channels];
            let message =
                format!("the input is {:?} of {} numbers; the model takes {takes:?}", input.shape, input.data.len());
            return Err(Error::new(ErrorCode::InferenceFailed, message));
        }
        // Numbers alone lie in it: whatever a run that panicked has left, the next overwrites.
        let mut arena = self.arena.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if arena.len() != self.plan.arena {
            *arena = vec![0.0; self.plan.arena];
        }
        clear_border(value, &mut arena);
        for (y, from) in input.data.chunks_exact(row).enumerate() {
            let begin = value.offset + value.origin() + y * value.row();
            spread(from, pixel, &mut arena[begin..begin + value.width * value.stride()], value.stride());
        }
        self.steps(&mut arena);
        let read = |output: &format::Output| {
            let mut data = Vec::with_capacity(output.shape.iter().product());
            for &piece in &output.pieces {
                let value = &self.plan.values[piece];
                for y in 0..value.height {
                    let begin = value.offset + value.origin() + y * value.row();
                    let row = arena[begin..begin + value.width * value.stride()].chunks_exact(value.stride());
                    row.for_each(|pixel| data.extend(&pixel[..value.channels]));
                }
            }
            Tensor { shape: output.shape.clone(), data }
        };
        let outputs = self.plan.outputs.iter().map(read).collect();
        if self.plan.arena > KEPT {
            *arena = Vec::new();
        }
        Ok(outputs)
    }

    fn executor(&self) -> &'static str {
        "plan"
    }
}
