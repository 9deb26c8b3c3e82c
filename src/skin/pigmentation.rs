//! Pigmentation: the share of the skin's area that lies in patches browner and darker than the skin around them, %.
//!
//! Brown is the density of blue beyond what blood and shading give it (see
//! [`crate::surface::Surface::brownness`]), less what this photo's shades have of it: cameras make shade browner, each in its own
//! way (see [`crate::surface::Surface::without_shading`]). A patch is at least 6 mm across and differs from what lies within some
//! 6 mm: highlights and the turn of a cheek are wider, and on photos they outweigh pigment by far. (Against the middle of the
//! face, patches painted on the cheeks of 44 photos did not raise the measure at all.)
//!
//! It can't see the inside of an even patch that is much wider than 25 mm, only its rim; what it sees of a patch in a photo whose
//! shades are as brown is less; it can't tell melasma from a tan line or
//! from a bruise that has turned brown, and the blue channel that it rests on is the noisiest and the most compressed of a
//! photo.

use shine_skin_kernels::box_sum;

use super::concern::{Measured, Scale};
use super::share;
use crate::surface::{ramp, Spots, Surface, Window, PX_PER_MM};

/// Half of the score is lost where 5.5% of the skin lies in patches: one and a half times what the middle one of 102
/// portraits has.
pub const SCALE: Scale = Scale { unit: "% of skin area", half: 5.5, cuts: [4.0, 5.5, 8.0] };

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
    /// Least width of a patch, mm: folds, the rims of glasses and of the face are as long and narrower.
    pub across_mm: f32,
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
            across_mm: 6.0,
            finding_mm2: 20.0,
        }
    }
}

/// Measures patches of pigment; lesions are left out.
#[inline(never)]
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
    let flat = surface.without_shading(brownness, &near.mean(darkness));
    let both = above(&flat).into_iter().zip(above(darkness)).zip(&surface.skin);
    let mut shares: Vec<f32> = both
        .map(|((brown, dark), skin)| {
            let brown = ramp(brown, params.brown.0, params.brown.1);
            100.0 * skin * brown.min(ramp(dark, params.dark.0, params.dark.1))
        })
        .collect();
    let wide = wide(&shares, surface.width, params.across_mm);
    shares.iter_mut().zip(wide).for_each(|(share, wide)| *share *= f32::from(u8::from(wide)));
    share::of_patches(surface, &shares, params.finding_mm2)
}

/// Whether each place belongs to a square of so many mm that is marked all over, or nearly.
fn wide(shares: &[f32], width: usize, across_mm: f32) -> Vec<bool> {
    const NEARLY: f32 = 0.8;
    let reach = (across_mm * PX_PER_MM / 2.0) as usize;
    let full = NEARLY * ((2 * reach + 1) * (2 * reach + 1)) as f32;
    let marked: Vec<f32> = shares.iter().map(|&share| f32::from(u8::from(share > 0.0))).collect();
    let core: Vec<f32> =
        box_sum(&marked, width, reach).into_iter().map(|sum| f32::from(u8::from(sum >= full))).collect();
    box_sum(&core, width, reach).into_iter().map(|sum| sum > 0.5).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_narrower_than_a_patch_is_none() {
        // Sixty pixels a side: a line of six, and a square of sixteen.
        let (width, marked) =
            (60, |x: usize, y: usize| (4..10).contains(&x) || ((30..46).contains(&x) && (20..36).contains(&y)));
        let shares: Vec<f32> = (0..60 * 60).map(|i| if marked(i % 60, i / 60) { 40.0 } else { 0.0 }).collect();
        let wide = wide(&shares, width, 6.0);
        assert!(!wide[30 * 60 + 6] && wide[26 * 60 + 36] && wide[21 * 60 + 31]);
    }
}
