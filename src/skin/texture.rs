//! Texture: how uneven the skin's surface looks, as the spread of its lightness at sizes from 1 to 4 mm, ΔL* on skin of
//! medium brightness.
//!
//! The density of luminance is smoothed to 0.8 mm and what lies above 2 mm is taken away (a difference of
//! Gaussians), so the course of light over the face and noise fall out. The spread is 1.48 times the median
//! absolute deviation, which single spots, lines and lesions hardly move.
//!
//! A finding is a patch that is moderately uneven by itself.
//!
//! It can't tell relief from fine mottling in colour, a smoothing filter from smooth skin, nor coarse grain of a
//! camera from coarse skin.

use super::concern::{Measured, Scale, LEAST_ZONE_MM2};
use super::share;
use crate::quantile::median;
use crate::region::Zone;
use crate::surface::{Surface, AREA_MM2, LIGHTNESS};

/// Half of the score is lost where the spread is 1.7 ΔL*: nearly twice what the middle one of 458 faces has.
pub const SCALE: Scale = Scale { unit: "ΔL* on reference skin", half: 1.7, cuts: [0.8, 1.6, 2.9] };

/// At which sizes texture is looked for.
#[derive(Clone, Debug, PartialEq)]
pub struct TextureParams {
    /// Smoothing of what is taken away, mm.
    pub coarse_mm: f32,
    /// Spread of what a patch's own unevenness is taken over, mm: several of its bumps.
    pub patch_mm: f32,
    /// Least area of a finding, mm²: a patch of 8 mm.
    pub finding_mm2: f32,
}

impl Default for TextureParams {
    fn default() -> Self {
        TextureParams { coarse_mm: 2.0, patch_mm: 4.0, finding_mm2: 50.0 }
    }
}

/// Measures texture; `fine` is darkness smoothed to [`super::DETAIL_MM`].
#[inline(never)]
pub fn measure(surface: &Surface, darkness: &[f32], fine: &[f32], params: &TextureParams) -> Measured {
    let coarse = surface.window(params.coarse_mm).mean(darkness);
    let spread = |zone: Option<Zone>| {
        let within = |i: &usize| surface.inner[*i] && (zone.is_none() || surface.zones[*i] == zone);
        let band: Vec<f32> = (0..fine.len()).filter(within).map(|i| fine[i] - coarse[i]).collect();
        let middle = median(band.iter().copied());
        (LIGHTNESS * 1.4826 * median(band.iter().map(|b| (b - middle).abs())), band.len() as f32 * AREA_MM2)
    };
    let zones = Zone::ALL.into_iter().filter_map(|zone| {
        let (value, mm2) = spread(Some(zone));
        (mm2 >= LEAST_ZONE_MM2).then_some((zone, value))
    });
    // The mean of the sizes of a normal distribution is 0.798 of its spread.
    let sizes: Vec<f32> = fine.iter().zip(&coarse).map(|(f, c)| LIGHTNESS * (f - c).abs() / 0.798).collect();
    let near = surface.window(params.patch_mm).mean(&sizes);
    let rough: Vec<bool> = near.iter().zip(&surface.inner).map(|(n, inner)| *inner && *n >= SCALE.cuts[1]).collect();
    let findings = share::places(surface, &rough, params.finding_mm2);
    Measured { value: spread(None).0, zones: zones.collect(), findings }
}
