//! Pigmentation: the share of the skin's area that lies in patches browner and darker than the person's own skin, %.
//!
//! Brown is the density of blue beyond what blood and shading give it (see
//! [`crate::surface::Surface::brownness`]), after a plane over the face has been taken out, since lamps of two colours
//! differ from side to side. A patch is at least 4 mm across and also darker than the skin around, or it is only
//! yellower.
//!
//! It can't tell melasma from a tan line or from a bruise that has turned brown, and the blue channel that it
//! rests on is the noisiest and the most compressed of a photo.

use super::concern::{Measured, Scale};
use super::share;
use crate::surface::{ramp, Spots, Surface, Window};

/// Half of the score is lost where 14% of the skin lies in patches: over one and a half times what the middle one of 458
/// faces has.
pub const SCALE: Scale = Scale { unit: "% of skin area", half: 14.0, cuts: [7.0, 14.0, 25.0] };

/// How patches are told.
#[derive(Clone, Debug, PartialEq)]
pub struct PigmentationParams {
    /// Smoothing, mm: patches, not spots.
    pub smooth_mm: f32,
    /// Density of brown above the baseline where a patch begins, and where it is whole.
    pub brown: (f32, f32),
    /// The same of darkness, against the skin within [`PigmentationParams::around_mm`].
    pub dark: (f32, f32),
    /// Spread of the skin around, mm.
    pub around_mm: f32,
    /// Least area of a finding, mm².
    pub finding_mm2: f32,
}

impl Default for PigmentationParams {
    fn default() -> Self {
        PigmentationParams {
            smooth_mm: 1.5,
            brown: (0.06, 0.15),
            dark: (0.03, 0.08),
            around_mm: 14.0,
            finding_mm2: 20.0,
        }
    }
}

/// Measures patches of pigment; lesions are left out.
pub fn measure(
    surface: &Surface,
    darkness: &[f32],
    brownness: &[f32],
    lesions: &Spots,
    params: &PigmentationParams,
) -> Measured {
    let weight = surface.weight_without(lesions, 1.0);
    let near = Window::new(&weight, surface.width, surface.spread(params.smooth_mm));
    let shade = near.mean(darkness);
    let brown = surface.without_shading(&near.mean(brownness), &shade);
    let around = Window::new(&weight, surface.width, surface.spread(params.around_mm));
    let dark = shade.into_iter().zip(around.mean(darkness)).map(|(n, a)| n - a);
    let base = surface.calm(&brown, &weight);
    let shares: Vec<f32> = brown
        .iter()
        .zip(dark)
        .zip(&surface.skin)
        .map(|((b, d), s)| {
            let brown = ramp(b - base, params.brown.0, params.brown.1);
            100.0 * s * brown.min(ramp(d, params.dark.0, params.dark.1))
        })
        .collect();
    share::of_patches(surface, &shares, params.finding_mm2)
}
