//! How long each stage of an analysis takes, by a clock that its host brings.

use crate::report::Timings;

/// Milliseconds from any fixed moment. The core has no clock of its own.
pub type Clock = fn() -> f64;

/// The time that each stage took; of several faces, their sum.
pub struct Stages {
    clock: Clock,
    last: f64,
    pub taken: Timings,
}

impl Stages {
    pub fn begin(clock: Clock) -> Stages {
        Stages { clock, last: clock(), taken: Timings::default() }
    }

    /// Goes on after a pause that is of no stage.
    pub fn go_on(&mut self) {
        self.last = (self.clock)();
    }

    pub fn end(&mut self, stage: &'static str) {
        let now = (self.clock)();
        let Timings(taken) = &mut self.taken;
        let at = taken.iter().position(|(name, _)| *name == stage).unwrap_or_else(|| {
            taken.push((stage, 0.0));
            taken.len() - 1
        });
        taken[at].1 = ((taken[at].1 + now - self.last) * 100.0).round() / 100.0;
        self.last = now;
    }
}
