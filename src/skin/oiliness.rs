//! Oiliness: the share of the skin's area that shines, %.
//!
//! By the dichromatic model (Shafer 1985) shine adds the lamp's colour to the skin's. Of blue skin reflects least, so that the same
//! added light stands out there most: what shines is less dense in blue than the matt skin around it. What is as wide as a
//! cheek is the course of light, and no highlight.
//!
//! It can't tell sebum from sweat, cream or a lamp close to the face, nor shine from what is only brighter than the skin around it: pale
//! make-up, the lit side of a fold; matt light hides it.

use super::concern::{Measured, Scale};
use super::{share, DETAIL_MM};
use crate::surface::{ramp, Surface, Window};

/// Half of the score is lost where 40% of the skin shines: nearly twice what the middle one of 458 faces has. Of 259 faces
/// graded by eye those between just noticeable and mild have 15 in the middle, those that are mild 23, those between mild and moderate
/// 28, those beyond 35.
pub const SCALE: Scale = Scale { unit: "% of skin area", half: 40.0, cuts: [15.0, 25.0, 36.0] };

/// How shine is told.
#[derive(Clone, Debug, PartialEq)]
pub struct OilinessParams {
    /// How much less dense in blue than the skin around it shine begins and is whole.
    pub shines: (f32, f32),
    /// Spread of the skin around it, mm. Highlights on faces are small: with 5 the measure ranks 259 of them a little
    /// more as graders by eye do, and misses broad ones.
    pub around_mm: f32,
    /// Least area of a finding, mm²: 4 mm across.
    pub finding_mm2: f32,
}

impl Default for OilinessParams {
    fn default() -> Self {
        OilinessParams { shines: (0.1, 0.45), around_mm: 8.0, finding_mm2: 12.0 }
    }
}

/// What of the skin around counts that shines itself: where all does, something has to.
const LEAST_MATT: f32 = 0.02;

/// Measures shine.
#[inline(never)]
pub fn measure(surface: &Surface, params: &OilinessParams) -> Measured {
    // A highlight's skin is skin.
    let seen: Vec<f32> = surface.skin.iter().zip(&surface.blown).map(|(s, b)| s + f32::from(u8::from(*b))).collect();
    let blue = &surface.density[2];
    let mean = |weight: &[f32], mm: f32| Window::new(weight, surface.width, surface.spread(mm)).mean(blue);
    let here = mean(&seen, DETAIL_MM);
    let shine = |matt: &[f32]| -> Vec<f32> {
        let share = |(around, here): (f32, &f32)| ramp(around - here, params.shines.0, params.shines.1);
        mean(matt, params.around_mm).into_iter().zip(&here).map(share).zip(&seen).map(|(v, seen)| v * seen).collect()
    };
    // What shines is not what it is told from.
    let first = shine(&seen);
    let matt: Vec<f32> = seen.iter().zip(&first).map(|(s, shine)| s * (1.0 - shine).max(LEAST_MATT)).collect();
    let shares: Vec<f32> = shine(&matt).into_iter().map(|v| 100.0 * v).collect();
    let shiny = surface.with_skin(|i| shares[i] > 50.0);
    share::of_patches(&shiny, &shares, params.finding_mm2)
}
