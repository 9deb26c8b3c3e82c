//! What each measure of a concern says, and how its raw quantity becomes a score.

use crate::region::Zone;
use crate::report::Reason;
use crate::surface::Place;

/// A concern as measured: its raw quantity over the face and over zones, and where it is seen.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measured {
    /// The raw quantity in the unit of its [`Scale`]: 0 where nothing is there, growing with the condition.
    pub value: f32,
    /// The same for each zone that shows enough skin.
    pub zones: Vec<(Zone, f32)>,
    /// The places, the most important first.
    pub findings: Vec<Place>,
}

/// Measured, or why not.
pub type Outcome = Result<Measured, Reason>;

/// From a raw quantity to a score and a severity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// Of the raw quantity.
    pub unit: &'static str,
    /// Where the score is 50. The score is 100·2^(−value/half): 100 of nothing, and each further `half`
    /// of the condition takes half of what is left, so that it falls without end and never below 0.
    pub half: f32,
    /// Where mild, moderate and severe begin.
    pub cuts: [f32; 3],
}

impl Scale {
    /// 0–100, higher is better.
    pub fn score(&self, value: f32) -> f32 {
        100.0 * (-value.max(0.0) / self.half).exp2()
    }

    /// One of [`SEVERITIES`].
    pub fn severity(&self, value: f32) -> &'static str {
        SEVERITIES[self.cuts.iter().filter(|&&cut| value >= cut).count()]
    }
}

/// How much of a concern there is, in a word.
pub const SEVERITIES: [&str; 4] = ["none", "mild", "moderate", "severe"];

/// Most findings of one concern in a report; the rest is counted and not drawn.
pub const MOST_FINDINGS: usize = 64;

/// Least skin that a measure is made on, mm²: a coin's worth.
pub const LEAST_MM2: f32 = 300.0;

/// Least skin of a zone for a value of its own, mm².
pub const LEAST_ZONE_MM2: f32 = 60.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_score_falls_and_severity_rises_with_the_value() {
        let scale = Scale { unit: "", half: 2.0, cuts: [0.4, 1.0, 2.0] };
        let steps = [0.0, 0.3, 0.5, 1.2, 3.0, 50.0];
        assert!(steps.windows(2).all(|w| scale.score(w[0]) > scale.score(w[1])));
        assert_eq!(steps.map(|v| scale.severity(v)), ["none", "none", "mild", "moderate", "severe", "severe"]);
        assert_eq!((scale.score(0.0), scale.score(2.0), scale.score(-1.0)), (100.0, 50.0, 100.0));
    }
}
