//! What the light explains of a plane: its smooth course over the face, or how it follows brightness.

use super::Surface;
use crate::fit::{self, TERMS};
use crate::quantile::quantile;

/// The most that a colour may change from the middle of the face to its edge on account of lamps, and for each unit of
/// shade on account of the camera: of some 400 portraits and generated people eight in ten and nineteen in twenty lie
/// within.
const SIDE: f32 = 0.13;
/// See [`SIDE`].
const SHADING: (f32, f32) = (0.0, 0.5);

/// What is kept for the next fit of a course of light.
const OUTLYING: (f32, f32) = (0.06, 0.94);

/// What is kept for the next fit of a colour that patches of skin have more of: the calm side.
const COLOURED: (f32, f32) = (0.03, 0.70);

/// Two shares of the skin from its calm side, and how many of their distances the middle of a normal distribution lies
/// beyond the second.
const CALM: (f32, f32, f32) = (0.15, 0.35, 0.59);

/// Fits, each without what lay farthest from the one before.
const ROUNDS: usize = 4;

impl Surface {
    /// A plane less a smooth surface of the second degree over the face, fitted to most of its skin.
    pub fn level(&self, plane: &[f32]) -> Vec<f32> {
        let basis = |i: usize| fit::basis(i, self.width, self.height);
        let trend = self.trend(plane, TERMS, OUTLYING, basis);
        plane.iter().enumerate().map(|(i, v)| v - fit::value(&trend, &basis(i))).collect()
    }

    /// A plane of colour less what goes with the side of the face and with shading: lamps of two colours differ from
    /// side to side, and cameras make shaded skin more colourful than lit skin. `shade` is a plane of density in which
    /// the substance that colours shows least, or a patch of it would explain itself.
    pub fn without_shading(&self, colour: &[f32], shade: &[f32]) -> Vec<f32> {
        let usual = self.median(shade);
        let basis = |i: usize| {
            let x = 2.0 * (i % self.width) as f32 / self.width as f32 - 1.0;
            [1.0, x, shade[i] - usual, 0.0, 0.0, 0.0]
        };
        let found = self.trend(colour, 3, COLOURED, basis);
        // Where half the face is affected the fit may be led astray, but not beyond what light does.
        let (side, shading) = (found[1].clamp(-SIDE, SIDE), found[2].clamp(SHADING.0, SHADING.1));
        let trend = [0.0, side, shading, 0.0, 0.0, 0.0];
        colour.iter().enumerate().map(|(i, v)| v - fit::value(&trend, &basis(i))).collect()
    }

    /// The value that calm skin has in a plane, by the side of its distribution where nothing was added: what most of
    /// the face has where little of it is affected, and less than that where half of it is.
    pub fn calm(&self, plane: &[f32], weight: &[f32]) -> f32 {
        let mut own: Vec<f32> = plane.iter().zip(weight).filter(|(_, &w)| w > 0.5).map(|(v, _)| *v).collect();
        let mut below = |share: f32| quantile(&mut own, share).unwrap_or(0.0);
        let (low, high) = (below(CALM.0), below(CALM.1));
        high + CALM.2 * (high - low)
    }

    /// The coefficients of what most of the skin follows: fitted, and again without what lay outside two shares of
    /// the distances from the fit before.
    fn trend(
        &self,
        plane: &[f32],
        terms: usize,
        shares: (f32, f32),
        basis: impl Fn(usize) -> [f32; TERMS],
    ) -> [f32; TERMS] {
        // Every seventh pixel says the same as all.
        let mut kept: Vec<usize> = (0..plane.len()).filter(|&i| self.skin[i] > 0.0).step_by(7).collect();
        let fitted = |kept: &[usize]| fit::least_squares(kept.iter().map(|&i| (basis(i), plane[i])), terms);
        let mut trend = fitted(&kept);
        for _ in 1..ROUNDS {
            let off = |i: usize| plane[i] - fit::value(&trend, &basis(i));
            let mut all: Vec<f32> = kept.iter().map(|&i| off(i)).collect();
            let mut at = |share: f32| quantile(&mut all, share);
            let (Some(low), Some(high)) = (at(shares.0), at(shares.1)) else { break };
            kept.retain(|&i| (low..=high).contains(&off(i)));
            trend = fitted(&kept);
        }
        trend
    }
}
