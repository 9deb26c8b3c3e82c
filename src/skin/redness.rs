//! Redness: the share of the skin's area that is clearly redder than calm skin, %.
//!
//! Red is what blood adds ([`Surface::blood`]): melanin, shading and the warmth of the light cancel out. The baseline is the middle of
//! the person's own calm skin (see [`crate::surface::Surface::calm`]), after the part of colour that goes with shading and with the side of the face
//! has been taken out. Where that is redder than the skin of many people the baseline lies lower, by a seventh of the excess: on a face that
//! is red all over more of it counts, though one photo can't wholly tell that from its light. Above the unevenness of calm skin a pixel counts, in part at first, then wholly. Single lesions are left
//! out: they are acne.
//!
//! It sees redness that covers the whole face evenly only where it is very strong, and can't tell inflammation from make-up, cold or sunburn, nor
//! from a light that lacks green.

use super::concern::{Measured, Scale};
use super::share;
use crate::surface::{ramp, Spots, Surface, Window};

/// Half of the score is lost where 35% of the skin is red: nearly three times what the middle one of 458 faces has. Cut
/// where graders by eye put as many of 251: between just noticeable, mild, moderate and marked.
pub const SCALE: Scale = Scale { unit: "% of skin area", half: 35.0, cuts: [13.0, 25.0, 34.0] };

/// How redness is read.
#[derive(Clone, Debug, PartialEq)]
pub struct RednessParams {
    /// Density above the baseline up to which skin is calm, and from which it is wholly red: of 130 portraits
    /// three quarters of the skin lie within 0.06, nine tenths within 0.12.
    pub calm: (f32, f32),
    /// How much of blood skin has that is not red, density before [`Surface::gain`]: of 250 faces of all tones a sixth have less.
    pub pale: f32,
    /// How much of what calm skin has beyond that lowers the baseline. From 0.1 to 0.3 the measure ranks those faces alike, much more as
    /// graders by eye do than at 0; but another light moves it too.
    pub counts: f32,
    /// Smoothing, mm: more than a lesion's edge, less than a cheek.
    pub smooth_mm: f32,
    /// Least area of a finding, mm²: 5 mm across.
    pub finding_mm2: f32,
}

impl Default for RednessParams {
    fn default() -> Self {
        RednessParams { calm: (0.08, 0.24), pale: 0.2, counts: 0.14, smooth_mm: 1.8, finding_mm2: 20.0 }
    }
}

/// Measures redness between the lesions.
#[inline(never)]
pub fn measure(surface: &Surface, lesions: &Spots, params: &RednessParams) -> Measured {
    let weight = surface.weight_without(lesions, 1.0);
    let near = Window::new(&weight, surface.width, surface.spread(params.smooth_mm));
    // Blood hardly absorbs red.
    let smooth = surface.without_shading(&near.mean(&surface.blood()), &near.mean(&surface.density[0]));
    let own = surface.calm(&smooth, &weight);
    let base = own - params.counts * (own - surface.gain * params.pale).max(0.0);
    let red: Vec<f32> = smooth
        .iter()
        .zip(&surface.skin)
        .map(|(v, s)| 100.0 * s * ramp(v - base, params.calm.0, params.calm.1))
        .collect();
    share::of_patches(surface, &red, params.finding_mm2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{Frame, Pyramid};
    use crate::lab::encode;
    use crate::region::tests::all_skin;
    use crate::region::Zone;

    /// Redness of a face that is shaded from top to bottom, with blood on both sides of the share `cover`, and `all` everywhere.
    fn of(cover: f32, all: f32) -> f32 {
        let side = 160;
        // Of the density that blood adds, green has five times red's.
        let colour = |i: usize| {
            let (x, y) = ((i % side) as f32 / side as f32, (i / side) as f32 / side as f32);
            let blood = all + if (x - 0.5).abs() > 0.5 - cover / 2.0 { 0.25 } else { 0.0 };
            let grain = 1.0 + 0.02 * (((i * 7919) % 13) as f32 / 6.0 - 1.0);
            let light = (1.0 - 0.4 * y) * grain;
            let of = |share: f32, base: f32| encode(base * light * (-share * blood).exp());
            [of(0.2, 0.5), of(1.0, 0.3), of(0.8, 0.2)]
        };
        let map = all_skin(side, side, colour, Zone::LeftCheek);
        let frame = Frame::from_rgb(side, side, vec![0; side * side * 3]).unwrap();
        let surface = Surface::new(&Pyramid::new(&frame), &map);
        measure(&surface, &Spots { found: Vec::new() }, &RednessParams::default()).value
    }

    #[test]
    fn the_more_of_the_face_is_red_up_to_half_of_it_the_more_redness() {
        let values = [0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5].map(|cover| of(cover, 0.0));
        assert!(values.windows(2).all(|w| w[0] < w[1]) && values[0] < 1.0, "{values:?}");
    }

    #[test]
    fn what_is_red_on_a_red_face_is_more_than_on_a_pale_one() {
        let values = [0.0, 0.2, 0.4].map(|all| of(0.3, all));
        assert!(values.windows(2).all(|w| w[0] < w[1]), "{values:?}");
    }
}
