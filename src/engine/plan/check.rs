//! What a plan must be before its first step runs: it comes from the network.

use super::format::{broken, Activation, Kind, Plan, Step, Value};
use crate::error::Result;

/// Most floats of an arena, and of all packed weights: 64 MiB each.
const MOST_FLOATS: u64 = 1 << 24;

/// Most floats of all outputs.
const MOST_OUTPUT: u64 = 1 << 22;

/// Most multiplications, comparisons and zeros of a run: some seconds on a slow machine.
const MOST_WORK: u64 = 4_000_000_000;

impl Plan {
    /// How many weights a step has: kernel, bias, slopes.
    pub fn weights_of(&self, step: &Step) -> [u64; 3] {
        let (from, to) = (self.values[step.input].channels as u64, self.values[step.output].channels as u64);
        let window = (step.kernel[0] * step.kernel[1]) as u64;
        let slopes = if step.activation == Activation::PRelu { to } else { 0 };
        match step.kind {
            Kind::MaxPool | Kind::Nearest | Kind::Bilinear | Kind::Concat | Kind::Sigmoid => [0; 3],
            Kind::Dense => [window * from * to, to, slopes],
            Kind::Depthwise => [window * to, to, slopes],
        }
    }

    /// Floats of a step's packed kernel, and what it does at each run, counted as the widest tile does it.
    fn costs(step: &Step, input: &Value, output: &Value) -> (u64, u64) {
        let window = (step.kernel[0] * step.kernel[1] * input.stride()) as u64;
        let (height, width, floats) = (output.height as u64, output.width as u64, output.floats() as u64);
        match step.kind {
            Kind::Dense => {
                let packed = window * (output.channels as u64).next_multiple_of(8);
                (packed, height * width.next_multiple_of(10) * packed + floats)
            }
            Kind::Depthwise => (window, height * width.next_multiple_of(6) * window + floats),
            Kind::MaxPool => (0, height * width * window + floats),
            Kind::Nearest | Kind::Bilinear | Kind::Concat | Kind::Sigmoid => (0, 16 * floats),
        }
    }

    /// Everything that running relies on: sizes, ranges, that no step reads what it writes or what nothing has written, and
    /// that a run ends soon.
    pub(super) fn check(&self) -> Result<()> {
        require(self.arena as u64 <= MOST_FLOATS, "its arena is too large")?;
        for v in &self.values {
            let sizes = [v.height, v.width, v.channels];
            require(sizes.iter().all(|&n| (1..=1 << 14).contains(&n)), "a value has no size, or too much")?;
            require(v.border.iter().all(|&n| n <= 64), "a border is too wide")?;
            // Each factor is below 2^15, so that these can't overflow.
            let (rows, across) = (v.border[0] + v.height + v.border[2], v.border[3] + v.width + v.border[1]);
            let len = rows as u64 * across as u64 * v.stride() as u64;
            require(v.offset as u64 + len <= self.arena as u64, "a value lies outside the arena")?;
        }
        let value = |index: usize| self.values.get(index).ok_or_else(|| broken("there is no such value"));
        value(self.input)?;
        // Which values hold what a step of this run has written.
        let mut written = vec![false; self.values.len()];
        written[self.input] = true;
        let (mut floats, mut work) = (0u64, 0u64);
        for step in &self.steps {
            self.check_step(step, &written)?;
            let (input, output) = (value(step.input)?, value(step.output)?);
            let (packed, once) = Plan::costs(step, input, output);
            (floats, work) = (floats + packed, work + once);
            require(floats <= MOST_FLOATS && work <= MOST_WORK, "it is too much work")?;
            let lost = |v: &Value| v.offset < output.range().end && output.offset < v.range().end;
            written.iter_mut().zip(&self.values).for_each(|(w, v)| *w &= !lost(v));
            written[step.output] = true;
        }
        require(self.test.samples.len() == self.outputs.len(), "its self-test has other outputs")?;
        require((0.0..=0.1).contains(&self.test.tolerance), "its self-test tolerates too much")?;
        let mut all = 0u64;
        for output in &self.outputs {
            let mut len = 0u64;
            for &piece in &output.pieces {
                let v = value(piece)?;
                require(written[piece], "an output is written by nothing")?;
                len += (v.height * v.width * v.channels) as u64;
            }
            let whole = output.shape.iter().try_fold(1u64, |n, &d| n.checked_mul(d as u64));
            require(whole == Some(len) && len > 0, "an output's shape is not its values'")?;
            all += len;
        }
        require((1..=MOST_OUTPUT).contains(&all), "it has no output, or too much")
    }

    fn check_step(&self, step: &Step, written: &[bool]) -> Result<()> {
        let value = |index: usize| self.values.get(index).ok_or_else(|| broken("there is no such value"));
        let (input, output) = (value(step.input)?, value(step.output)?);
        require(written[step.input], "a step reads what nothing has written")?;
        require(step.kernel.iter().all(|n| (1..=16).contains(n)), "a window is empty or too large")?;
        require(step.stride.iter().all(|n| (1..=16).contains(n)), "a stride is none or too large")?;
        require(step.padding[0] <= input.border[0] && step.padding[1] <= input.border[3], "padding has no border")?;
        let reach = |axis: usize, length: usize| (length - 1) * step.stride[axis] + step.kernel[axis];
        let (down, across) = (reach(0, output.height), reach(1, output.width));
        let room = [input.height + input.border[2] + step.padding[0], input.width + input.border[1] + step.padding[1]];
        let (from, to) = ([input.height, input.width], [output.height, output.width]);
        let plain = step.activation == Activation::None && step.padding == [0, 0];
        let alone = plain && step.residual.is_none();
        let same = input.channels == output.channels;
        let sees = down <= room[0] && across <= room[1];
        require(sees || !step.kind.has_window(), "a step reads too far")?;
        let fits = match step.kind {
            Kind::Dense => true,
            Kind::Depthwise => same,
            // What lies beyond is zero, and less than nothing would be right.
            Kind::MaxPool => alone && same && down <= input.height && across <= input.width,
            Kind::Nearest | Kind::Bilinear => alone && same && [0, 1].map(|i| from[i] * step.stride[i]) == to,
            Kind::Sigmoid => alone && same && from == to,
            Kind::Concat => plain && from == to,
        };
        require(fits, "a step does what its kind can't")?;
        let apart = |a: &Value| a.range().end <= output.range().start || output.range().end <= a.range().start;
        require(apart(input), "a step reads what it writes")?;
        if let Some(index) = step.residual {
            let residual = value(index)?;
            require(written[index], "a step adds what nothing has written")?;
            let fits = (residual.height, residual.width) == (output.height, output.width);
            let channels = match step.kind {
                Kind::Concat => residual.channels + input.channels == output.channels,
                _ => residual.channels <= output.channels,
            };
            require(fits && channels, "what is added does not fit")?;
            require(apart(residual), "a step reads what it writes")?;
        }
        require(step.kind != Kind::Concat || step.residual.is_some(), "a step joins one picture")?;
        let end = step.weights as u64 + self.weights_of(step).iter().sum::<u64>();
        require(end <= self.weights.len() as u64, "a step has weights beyond the last")
    }
}

fn require(holds: bool, what: &str) -> Result<()> {
    if holds {
        Ok(())
    } else {
        Err(broken(what))
    }
}
