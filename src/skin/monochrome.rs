//! Whether a photo of a face holds colour at all.
//!
//! A black-and-white photo, tinted or not, has one colour for each lightness: knowing L* one
//! knows a* and b*. A face in colour never does: lips, cheeks, eyes and hair of one lightness differ.
//! The quantities are the spread of a* and b* around their mean at the same L*, which a tint leaves at
//! nothing, and the chroma that four fifths of the pixels stay below, which a grey photo with one
//! red mouth leaves at nothing. Both in units of CIELAB.

use crate::lab::Lab;
use crate::quantile::quantile;

/// Below this spread of a* and b* at one lightness a photo is a tinted grey one. Among
/// 358 generated people black-and-white photos reach 0.49, but for those with a painted mouth, and the
/// least colourful others begin at 1.0.
pub const MONOCHROME_SPREAD: f32 = 0.6;

/// Below this chroma a pixel is grey. Set between a just noticeable difference, about one, and a faded
/// photo of the same people that lies at 1.5: the margin is thin.
pub const GREY_CHROMA: f32 = 1.3;

/// Lightness is compared in this many steps.
const STEPS: usize = 20;

/// Whether the pixels of a face, with its eyes and mouth, are grey, or have one colour for each
/// lightness. No pixels are neither.
pub fn is_monochrome(pixels: &[Lab]) -> bool {
    let mut chroma: Vec<f32> = pixels.iter().map(|p| p.chroma()).collect();
    quantile(&mut chroma, 0.8).is_some_and(|c| c < GREY_CHROMA || chroma_spread(pixels) < MONOCHROME_SPREAD)
}

/// Root mean square distance of a*, b* from their mean at the same lightness, over all pixels.
#[inline(never)]
pub fn chroma_spread(pixels: &[Lab]) -> f32 {
    let step = |p: &Lab| ((p.l / 100.0 * STEPS as f32) as usize).min(STEPS - 1);
    let mut sums = [[0.0f64; 4]; STEPS];
    for p in pixels {
        let sum = &mut sums[step(p)];
        let (a, b) = (f64::from(p.a), f64::from(p.b));
        for (s, v) in sum.iter_mut().zip([1.0, a, b, a * a + b * b]) {
            *s += v;
        }
    }
    let off: f64 = sums.iter().filter(|s| s[0] > 0.0).map(|[n, a, b, squares]| squares - (a * a + b * b) / n).sum();
    (off.max(0.0) / pixels.len().max(1) as f64).sqrt() as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread(colour: impl Fn(f32) -> [f32; 3]) -> f32 {
        let pixels: Vec<Lab> = (0..2000).map(|i| Lab::from_srgb(colour((i * 37 % 256) as f32))).collect();
        chroma_spread(&pixels)
    }

    #[test]
    fn grey_and_sepia_have_one_colour_for_each_lightness() {
        assert!(spread(|v| [v, v, v]) < 0.01);
        assert!(spread(|v| [v, v * 0.9, v * 0.75]) < MONOCHROME_SPREAD);
    }

    #[test]
    fn two_hues_of_one_lightness_do_not() {
        let red = |v: f32| (v as usize % 2) as f32 * 20.0;
        assert!(spread(|v| [v.min(200.0) + red(v), v.min(200.0) * 0.8, v.min(200.0) * 0.7]) > 2.0 * MONOCHROME_SPREAD);
        assert!(!is_monochrome(&[]));
    }
}
