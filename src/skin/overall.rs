//! The aggregate of all concerns that could be measured.
//!
//! The score is half their weighted mean and half the mean of the worst three, so that it gets worse
//! when any concern gets worse, and one bad concern is not hidden by eight good ones. Weights say how much of the face's
//! look a concern is, not how sure its measure is; they are the same for everyone. It is `None` where fewer than
//! five were measured.

use crate::quantile::descending;
use std::collections::BTreeMap;

use super::SEVERITIES;
use crate::report::{Concern, ConcernId};

/// Fewest concerns for a score.
pub const LEAST_MEASURED: usize = 5;

/// How many of the worst count extra.
const WORST: usize = 3;

/// Most primary concerns.
const MOST_PRIMARY: usize = 3;

fn weight(id: ConcernId) -> f64 {
    match id {
        ConcernId::Acne => 2.0,
        ConcernId::Redness | ConcernId::DarkSpots | ConcernId::Wrinkles => 1.5,
        _ => 1.0,
    }
}

/// The overall score, and the primary concerns: those called severe, then those called moderate, of either the worst score first.
pub fn overall(concerns: &BTreeMap<ConcernId, Concern>) -> (Option<f64>, Vec<ConcernId>) {
    let scores: Vec<(ConcernId, f64)> = concerns.iter().filter_map(|(id, c)| Some((*id, c.score?))).collect();
    let scores = descending(scores, |(_, score)| -*score as f32);
    let mut primary = Vec::new();
    for word in [SEVERITIES[3], SEVERITIES[2]] {
        for (id, _) in &scores {
            if primary.len() < MOST_PRIMARY && concerns[id].severity == Some(word) {
                primary.push(*id);
            }
        }
    }
    if scores.len() < LEAST_MEASURED {
        return (None, primary);
    }
    let whole: f64 = scores.iter().map(|(id, _)| weight(*id)).sum();
    let mean = scores.iter().map(|(id, score)| weight(*id) * score).sum::<f64>() / whole;
    let worst = scores[..WORST].iter().map(|(_, score)| score).sum::<f64>() / WORST as f64;
    (Some((mean + worst) / 2.0), primary)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn concerns(scores: &[f64]) -> BTreeMap<ConcernId, Concern> {
        let one = |score: f64| Concern { available: true, score: Some(score), ..Concern::default() };
        ConcernId::ALL.into_iter().zip(scores.iter().map(|&s| one(s))).collect()
    }

    /// Which of the first concerns, of these scores and severities, are primary.
    fn primary(told: &[(f64, usize)]) -> Vec<ConcernId> {
        let mut concerns = concerns(&told.iter().map(|(score, _)| *score).collect::<Vec<_>>());
        concerns.values_mut().zip(told).for_each(|(own, (_, severity))| own.severity = Some(SEVERITIES[*severity]));
        overall(&concerns).1
    }

    #[test]
    fn any_concern_that_gets_worse_makes_it_worse() {
        let scores = [90.0, 80.0, 70.0, 95.0, 60.0, 85.0, 75.0, 99.0, 88.0];
        let (before, _) = overall(&concerns(&scores));
        for i in 0..scores.len() {
            let mut worse = scores;
            worse[i] -= 5.0;
            assert!(overall(&concerns(&worse)).0 < before, "{:?}", ConcernId::ALL[i]);
        }
    }

    #[test]
    fn too_little_has_no_score() {
        assert_eq!(overall(&concerns(&[50.0, 40.0, 60.0, 90.0])), (None, vec![]));
        assert_eq!(overall(&concerns(&[100.0; 9])), (Some(100.0), vec![]));
    }

    #[test]
    fn what_is_called_severe_or_moderate_is_primary_whatever_its_score() {
        let [first, second, third, fourth, ..] = ConcernId::ALL;
        assert_eq!(primary(&[(80.0, 2), (60.0, 1), (90.0, 0)]), [first]);
        assert_eq!(primary(&[(50.0, 2), (40.0, 2)]), [second, first]);
        assert_eq!(primary(&[(41.0, 2), (43.0, 2), (42.0, 2), (55.0, 3)]), [fourth, first, third]);
    }
}
