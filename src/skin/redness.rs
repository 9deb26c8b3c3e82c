//! Redness: the share of the skin's area that is clearly redder than the person's own calm skin, %.
//!
//! Red is the density of green minus that of red, which is the erythema index of Takiwaki 1998 without its factor of 43.4;
//! neither exposure nor white balance nor shading moves it against the baseline, and one and the same
//! amount of blood adds as much on any tone. The baseline is the middle of the face's skin, after the part of colour that goes with brightness and with the side
//! of the face has been taken out. Above the unevenness of calm skin a pixel counts, in part at first, then wholly. Single lesions are left
//! out: they are acne.
//!
//! It can't see redness that covers the whole face evenly, and can't tell inflammation from make-up, cold
//! or sunburn.

use super::concern::{Measured, Scale, LEAST_ZONE_MM2, MOST_FINDINGS};
use crate::quantile::quantile;
use crate::surface::{members, place_of, ramp, Spots, Surface, Window, AREA_MM2};

/// Half of the score is lost where 30% of the skin is red: nearly five times what the middle one of 458 faces
/// has, since decoders of JPEG alone move it by half a per cent.
pub const SCALE: Scale = Scale { unit: "% of skin area", half: 30.0, cuts: [7.0, 14.0, 24.0] };

/// How redness is read.
#[derive(Clone, Debug, PartialEq)]
pub struct RednessParams {
    /// Share of the skin that is less red than the baseline.
    pub baseline: f32,
    /// Density above the baseline up to which skin is calm, and from which it is wholly red: of 130 portraits
    /// three quarters of the skin lie within 0.06, nine tenths within 0.12.
    pub calm: (f32, f32),
    /// Smoothing, mm: more than a lesion's edge, less than a cheek.
    pub smooth_mm: f32,
    /// Least area of a finding, mm²: 5 mm across.
    pub finding_mm2: f32,
}

impl Default for RednessParams {
    fn default() -> Self {
        RednessParams { baseline: 0.5, calm: (0.08, 0.24), smooth_mm: 1.8, finding_mm2: 20.0 }
    }
}

/// Measures redness between the lesions.
pub fn measure(
    surface: &Surface,
    darkness: &[f32],
    redness: &[f32],
    lesions: &Spots,
    params: &RednessParams,
) -> Measured {
    let weight = surface.weight_without(lesions, 1.0);
    let near = Window::new(&weight, surface.width, surface.spread(params.smooth_mm));
    let smooth = surface.without_shading(&near.mean(redness), &near.mean(darkness));
    let mut calm: Vec<f32> = smooth.iter().zip(&weight).filter(|(_, &w)| w > 0.5).map(|(v, _)| *v).collect();
    let base = quantile(&mut calm, params.baseline).unwrap_or(0.0);
    let red: Vec<f32> = smooth
        .iter()
        .zip(&surface.skin)
        .map(|(v, s)| 100.0 * s * ramp(v - base, params.calm.0, params.calm.1))
        .collect();
    patches(surface, &red, params.finding_mm2)
}

/// A plane of shares, 0–100, as a measure: its mean, and the places where more than half is reached.
pub fn patches(surface: &Surface, shares: &[f32], finding_mm2: f32) -> Measured {
    let (value, zones) = surface.means(shares, LEAST_ZONE_MM2);
    let strong: Vec<bool> = shares.iter().map(|&s| s > 50.0).collect();
    let mut groups = members(&strong, surface.width);
    groups.retain(|g| g.len() as f32 * AREA_MM2 >= finding_mm2);
    groups.sort_by_key(|g| std::cmp::Reverse(g.len()));
    let findings = groups.iter().take(MOST_FINDINGS).filter_map(|g| place_of(surface, g)).collect();
    Measured { value, zones, findings }
}
