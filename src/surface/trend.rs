//! What the light explains of a plane: its smooth course over the face, or how it follows brightness.

use super::Surface;
use crate::fit::{self, TERMS};
use crate::quantile::quantile;

/// The share of the skin that lies farthest from the fit and is left out of the next.
const OUTLYING: f32 = 0.12;

/// Fits, each without what lay farthest from the one before.
const ROUNDS: usize = 4;

impl Surface {
    /// A plane less a smooth surface of the second degree over the face, fitted to most of its skin.
    pub fn level(&self, plane: &[f32]) -> Vec<f32> {
        self.without(plane, TERMS, |i| fit::basis(i, self.width, self.height))
    }

    /// A plane of colour less what goes with the side of the face and with darkness: lamps of two colours differ from
    /// side to side, and cameras make shaded skin more colourful than lit skin.
    pub fn without_shading(&self, colour: &[f32], darkness: &[f32]) -> Vec<f32> {
        let usual = self.median(darkness);
        self.without(colour, 3, |i| {
            let x = 2.0 * (i % self.width) as f32 / self.width as f32 - 1.0;
            [1.0, x, darkness[i] - usual, 0.0, 0.0, 0.0]
        })
    }

    fn without(&self, plane: &[f32], terms: usize, basis: impl Fn(usize) -> [f32; TERMS]) -> Vec<f32> {
        // Every seventh pixel says the same as all.
        let mut kept: Vec<usize> = (0..plane.len()).filter(|&i| self.skin[i] > 0.0).step_by(7).collect();
        let mut trend = [0.0; TERMS];
        for _ in 0..ROUNDS {
            trend = fit::least_squares(kept.iter().map(|&i| (basis(i), plane[i])), terms);
            let off = |i: usize| (plane[i] - fit::value(&trend, &basis(i))).abs();
            let Some(far) = quantile(&mut kept.iter().map(|&i| off(i)).collect::<Vec<_>>(), 1.0 - OUTLYING) else {
                break;
            };
            kept.retain(|&i| off(i) <= far);
        }
        plane.iter().enumerate().map(|(i, v)| v - fit::value(&trend, &basis(i))).collect()
    }
}
