//! A network between the graph that it was and the plan that it will be.

use crate::engine::plan::format::Step;

/// Height, width and channels of a value.
pub type Size = [usize; 3];

/// A network as steps whose values have no place in memory yet.
#[derive(Default)]
pub struct Network {
    /// Of each value.
    pub sizes: Vec<Size>,
    /// The value that is the input.
    pub input: usize,
    /// Of each output its shape and values.
    pub outputs: Vec<(Vec<usize>, Vec<usize>)>,
    /// In the order they run.
    pub steps: Vec<Draft>,
}

/// A step to be, and its weights before they have a place in the file.
pub struct Draft {
    /// All but where its weights begin.
    pub step: Step,
    /// Down, across, in, out; of a depthwise one down, across, channel.
    pub weights: Vec<f32>,
    /// One a channel.
    pub bias: Vec<f32>,
    /// One a channel, where the activation is PReLU.
    pub slope: Vec<f32>,
}
