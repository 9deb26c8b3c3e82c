//! How long each stage of an analysis takes, by a clock that its host brings.

use std::collections::BTreeMap;

/// Milliseconds from any fixed moment. The core has no clock of its own.
pub type Clock = fn() -> f64;

/// The time that each stage took; of several faces, their sum.
pub struct Stages {
    clock: Clock,
    last: f64,
    pub taken: BTreeMap<&'static str, f64>,
}

impl Stages {
    pub fn begin(clock: Clock) -> Stages {
        Stages { clock, last: clock(), taken: BTreeMap::new() }
    }

    pub fn end(&mut self, stage: &'static str) {
        let now = (self.clock)();
        let sum = self.taken.entry(stage).or_insert(0.0);
        *sum = ((*sum + now - self.last) * 100.0).round() / 100.0;
        self.last = now;
    }
}
