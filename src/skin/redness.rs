//! Redness: the share of the skin's area that is clearly redder than the person's own calm skin, %.
//!
//! Red is the density of green minus that of red, which is the erythema index of Takiwaki 1998 without its factor of 43.4;
//! neither white balance nor shading moves it against the baseline. The baseline is the middle of calm skin (see [`crate::surface::Surface::calm`]), after the part of colour that goes
//! with shading and with the side of the face has been taken out. Above the unevenness of calm skin a pixel counts, in part at first, then wholly. Single lesions are left
//! out: they are acne.
//!
//! It can't see redness that covers much more than half of the face, for then that is the person's own skin to it, and can't tell inflammation from make-up, cold
//! or sunburn.

use super::concern::{Measured, Scale};
use super::share;
use crate::surface::{ramp, Spots, Surface, Window};

/// Half of the score is lost where 30% of the skin is red: nearly three times what the middle one of 458 faces
/// has, since decoders of JPEG alone move it by half a per cent.
pub const SCALE: Scale = Scale { unit: "% of skin area", half: 30.0, cuts: [7.0, 14.0, 24.0] };

/// How redness is read.
#[derive(Clone, Debug, PartialEq)]
pub struct RednessParams {
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
        RednessParams { calm: (0.08, 0.24), smooth_mm: 1.8, finding_mm2: 20.0 }
    }
}

/// Measures redness between the lesions.
pub fn measure(surface: &Surface, redness: &[f32], lesions: &Spots, params: &RednessParams) -> Measured {
    let weight = surface.weight_without(lesions, 1.0);
    let near = Window::new(&weight, surface.width, surface.spread(params.smooth_mm));
    // Blood hardly absorbs red.
    let smooth = surface.without_shading(&near.mean(redness), &near.mean(&surface.density[0]));
    let base = surface.calm(&smooth, &weight);
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

    #[test]
    fn the_more_of_the_face_is_red_up_to_half_of_it_the_more_redness() {
        let side = 160;
        let value = |cover: f32| {
            // Shading from top to bottom, and blood on both sides: of the density that it adds, green has five times
            // red's.
            let colour = |i: usize| {
                let (x, y) = ((i % side) as f32 / side as f32, (i / side) as f32 / side as f32);
                let blood = if (x - 0.5).abs() > 0.5 - cover / 2.0 { 0.25 } else { 0.0 };
                let grain = 1.0 + 0.02 * (((i * 7919) % 13) as f32 / 6.0 - 1.0);
                let light = (1.0 - 0.4 * y) * grain;
                let of = |share: f32, base: f32| encode(base * light * (-share * blood).exp());
                [of(0.2, 0.5), of(1.0, 0.3), of(0.8, 0.2)]
            };
            let map = all_skin(side, side, colour, Zone::LeftCheek);
            let frame = Frame::from_rgb(side, side, vec![0; side * side * 3]).unwrap();
            let surface = Surface::new(&Pyramid::new(&frame), &map);
            let none = Spots { found: Vec::new() };
            measure(&surface, &surface.redness(), &none, &RednessParams::default()).value
        };
        let values = [0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5].map(value);
        assert!(values.windows(2).all(|w| w[0] < w[1]) && values[0] < 1.0, "{values:?}");
    }
}
