//! Pigmentation: the share of the skin's area that lies in patches browner and darker than the skin around them, %.
//!
//! Brown is the density of blue beyond what blood and shading give it (see
//! [`crate::surface::Surface::brownness`]). A patch is at least 4 mm across and differs from what lies within some
//! 6 mm: highlights and the turn of a cheek are wider, and on photos they outweigh pigment by far. (Against the middle of the
//! face, patches painted on the cheeks of 44 photos did not raise the measure at all.)
//!
//! It can't see the inside of an even patch that is much wider than 25 mm, only its rim; it can't tell melasma from a tan line or
//! from a bruise that has turned brown, and the blue channel that it rests on is the noisiest and the most compressed of a
//! photo.

use super::concern::{Measured, Scale};
use super::share;
use crate::surface::{members, ramp, Spots, Surface, Window, AREA_MM2};

/// Half of the score is lost where 20% of the skin lies in patches: one and a half times what the middle one of 102
/// portraits has, for all skin is mottled.
pub const SCALE: Scale = Scale { unit: "% of skin area", half: 20.0, cuts: [14.0, 20.0, 28.0] };

/// How patches are told.
#[derive(Clone, Debug, PartialEq)]
pub struct PigmentationParams {
    /// Smoothing, mm: patches, not spots.
    pub smooth_mm: f32,
    /// Density of brown above the skin around where a patch begins, and where it is whole.
    pub brown: (f32, f32),
    /// The same of darkness.
    pub dark: (f32, f32),
    /// Spread of the skin around, mm.
    pub around_mm: f32,
    /// Least area of a patch, mm²: 4 mm across.
    pub least_mm2: f32,
    /// Least area of a finding, mm².
    pub finding_mm2: f32,
}

impl Default for PigmentationParams {
    fn default() -> Self {
        PigmentationParams {
            smooth_mm: 1.5,
            brown: (0.01, 0.03),
            dark: (0.05, 0.10),
            around_mm: 6.0,
            least_mm2: 12.5,
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
    let around = Window::new(&weight, surface.width, surface.spread(params.around_mm));
    let above = |plane: &[f32]| -> Vec<f32> {
        near.mean(plane).into_iter().zip(around.mean(plane)).map(|(near, around)| near - around).collect()
    };
    let both = above(brownness).into_iter().zip(above(darkness)).zip(&surface.skin);
    let mut shares: Vec<f32> = both
        .map(|((brown, dark), skin)| {
            let brown = ramp(brown, params.brown.0, params.brown.1);
            100.0 * skin * brown.min(ramp(dark, params.dark.0, params.dark.1))
        })
        .collect();
    // What is smaller is a spot, or the grain of the skin.
    let some: Vec<bool> = shares.iter().map(|&share| share > 0.0).collect();
    let small =
        members(&some, surface.width).into_iter().filter(|part| (part.len() as f32) * AREA_MM2 < params.least_mm2);
    small.flatten().for_each(|i| shares[i] = 0.0);
    share::of_patches(surface, &shares, params.finding_mm2)
}
