//! ICC profiles to sRGB.

use qcms::{DataType, Intent, Profile, Transform};

/// Converts RGB pixels (row-major, 0–255) from the colour space of an ICC profile to sRGB, in
/// place. `grey` says that the photo had one channel, so that its profile may be a grey one.
///
/// A profile that can't be read, or is for another number of channels, is passed over, as
/// browsers do: the pixels then count as sRGB.
pub fn to_srgb(rgb: &mut [u8], profile: &[u8], grey: bool) {
    let grey = match profile.get(SPACE) {
        Some(b"RGB ") => false,
        Some(b"GRAY") if grey => true,
        _ => return,
    };
    let Some(source) = Profile::new_from_slice(profile, false) else { return };
    let mut srgb = Profile::new_sRGB();
    // A table instead of a search for each channel of each pixel.
    srgb.precache_output_transform();
    let transform = |from| Transform::new_to(&source, &srgb, from, DataType::RGB8, Intent::Perceptual);
    if !grey {
        transform(DataType::RGB8).into_iter().for_each(|transform| transform.apply(rgb));
    } else if let Some(transform) = transform(DataType::Gray8) {
        // A band at a time: the photo is not held twice.
        for band in rgb.chunks_mut(3 * 4096) {
            let input: Vec<u8> = band.iter().step_by(3).copied().collect();
            transform.convert(&input, band);
        }
    }
}

/// Where an ICC profile names its colour space (ICC.1:2022, 7.2).
const SPACE: std::ops::Range<usize> = 16..20;

#[cfg(test)]
mod tests {
    use super::*;
    use moxcms::ColorProfile;

    #[test]
    fn a_display_p3_red_is_redder_than_srgb_can_show() {
        let profile = ColorProfile::new_display_p3().encode().unwrap();
        let mut pixels = vec![200, 100, 100, 128, 128, 128];
        to_srgb(&mut pixels, &profile, false);
        assert!(pixels[0] > 205 && pixels[1] < 97, "{pixels:?}");
        assert!(pixels[3..].iter().all(|c| c.abs_diff(128) <= 1), "{pixels:?}");
    }

    #[test]
    fn srgb_and_broken_profiles_change_nothing() {
        let srgb = ColorProfile::new_srgb().encode().unwrap();
        for profile in [srgb.as_slice(), b"no profile"] {
            let mut pixels: Vec<u8> = (0..=255).flat_map(|v| [v, 255 - v, v / 2]).collect();
            let before = pixels.clone();
            to_srgb(&mut pixels, profile, false);
            assert!(pixels.iter().zip(&before).all(|(a, b)| a.abs_diff(*b) <= 1));
        }
    }

    #[test]
    fn a_grey_profile_brightens_a_grey_photo_and_no_other() {
        let mut linear = ColorProfile::new_gray_with_gamma(1.0).encode().unwrap();
        for (grey, expected) in [(true, 188), (false, 128)] {
            let mut pixels = vec![128; 3];
            to_srgb(&mut pixels, &linear, grey);
            assert!(pixels.iter().all(|c| c.abs_diff(expected) <= 1), "{pixels:?}");
        }
        linear[SPACE].copy_from_slice(b"CMYK");
        let mut pixels = vec![128; 3];
        to_srgb(&mut pixels, &linear, true);
        assert_eq!(pixels, [128; 3]);
    }

    #[test]
    fn no_mutated_profile_panics() {
        let profiles = [
            ColorProfile::new_display_p3().encode().unwrap(),
            ColorProfile::new_gray_with_gamma(2.2).encode().unwrap(),
        ];
        let mut state = 1u32;
        let mut next = |below: usize| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as usize % below
        };
        for round in 0..3000 {
            let mut profile = profiles[round % 2].clone();
            for _ in 0..1 + next(4) {
                let at = next(profile.len());
                profile[at] = [0, 1, 0x7f, 0x80, 0xff, next(256) as u8][next(6)];
            }
            profile.truncate(if next(8) == 0 { next(profile.len()) } else { profile.len() });
            to_srgb(&mut [10, 100, 200, 0, 255, 128], &profile, round % 2 == 1);
        }
    }
}
