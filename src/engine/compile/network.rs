//! A network between the graph that it was and the plan that it will be.

use crate::engine::plan::format::{Activation, Kind};

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
    /// In the order they run; step `k` writes value [`Draft::output`].
    pub steps: Vec<Draft>,
}

/// A step to be.
pub struct Draft {
    /// See [`crate::engine::plan::format::Step`], as all the others.
    pub kind: Kind,
    /// Value.
    pub input: usize,
    /// Value.
    pub output: usize,
    /// Down and across.
    pub kernel: [usize; 2],
    /// Down and across.
    pub stride: [usize; 2],
    /// Top and left.
    pub padding: [usize; 2],
    /// Down, across, in, out; of a depthwise one down, across, channel.
    pub weights: Vec<f32>,
    /// One a channel.
    pub bias: Vec<f32>,
    /// One a channel, where the activation is PReLU.
    pub slope: Vec<f32>,
    /// Applied last.
    pub activation: Activation,
    /// Value.
    pub residual: Option<usize>,
}
