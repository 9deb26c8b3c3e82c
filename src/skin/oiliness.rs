//! Oiliness: the share of the skin's area that shines, %.
//!
//! By the dichromatic model (Shafer 1985) shine adds the lamp's colour to the skin's: what shines is brighter than the
//! smooth course of light over the face, and paler, since the same added light is a larger part of the
//! little blue that skin reflects than of its red. A pixel counts as far as it is both.
//!
//! It can't tell sebum from sweat, cream or a lamp close to the face, nor shine from pale make-up that is also
//! brighter; matt light hides it.

use super::concern::{Measured, Scale};
use super::{share, DETAIL_MM};
use crate::surface::{ramp, Surface};

/// Half of the score is lost where 18% of the skin shines: nearly twice what the middle one of 458 faces has.
pub const SCALE: Scale = Scale { unit: "% of skin area", half: 18.0, cuts: [8.0, 18.0, 32.0] };

/// How shine is told.
#[derive(Clone, Debug, PartialEq)]
pub struct OilinessParams {
    /// How much brighter than the course of light, density, shine begins and is whole.
    pub bright: (f32, f32),
    /// The share of the paling that pure shine of this brightness would bring which is needed, in part and wholly.
    pub pale: (f32, f32),
    /// Least area of a finding, mm²: 4 mm across.
    pub finding_mm2: f32,
}

impl Default for OilinessParams {
    fn default() -> Self {
        OilinessParams { bright: (0.10, 0.25), pale: (0.45, 0.90), finding_mm2: 12.0 }
    }
}

/// Measures shine; `detail` is darkness smoothed to [`DETAIL_MM`].
pub fn measure(surface: &Surface, darkness: &[f32], detail: &[f32], params: &OilinessParams) -> Measured {
    // Where shine is white nothing is smoothed.
    let smooth = |plane: &[f32], mean: &[f32]| {
        (0..plane.len()).map(|i| if surface.skin[i] > 0.0 { mean[i] } else { plane[i] }).collect::<Vec<f32>>()
    };
    let light = surface.level(&smooth(darkness, detail));
    let pallor = surface.mix([-1.0, 0.0, 1.0]);
    let usual = surface.median(&pallor);
    let pallor = smooth(&pallor, &surface.window(DETAIL_MM).mean(&pallor));
    // The colour of this skin in this light, by its middle density.
    let [red, green, blue] = [0, 1, 2].map(|c| (-surface.median(&surface.density[c]) / surface.gain).exp());
    let shares: Vec<f32> = (0..surface.len())
        .map(|i| {
            if surface.skin[i] == 0.0 && !surface.blown[i] {
                return 0.0;
            }
            let bright = ramp(-light[i], params.bright.0, params.bright.1);
            if bright <= 0.0 {
                return 0.0;
            }
            let added = green * ((-light[i] / surface.gain).exp() - 1.0);
            let expected = (1.0 + added / blue).ln() - (1.0 + added / red).ln();
            if expected <= 1e-3 {
                return 0.0;
            }
            100.0 * bright * ramp((usual - pallor[i]) / surface.gain / expected, params.pale.0, params.pale.1)
        })
        .collect();
    // A highlight's skin is skin.
    let shiny = surface.with_skin(|i| shares[i] > 50.0);
    share::of_patches(&shiny, &shares, params.finding_mm2)
}
