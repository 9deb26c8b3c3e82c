//! ICC profiles to sRGB.

use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};

/// Converts RGB pixels (row-major, 0–255) from the colour space of an ICC profile to sRGB, in
/// place. `grey` says that the photo had one channel, so that its profile may be a grey one.
///
/// A profile that can't be read, or is for another number of channels, is passed over, as
/// browsers do: the pixels then count as sRGB.
pub fn to_srgb(rgb: &mut [u8], profile: &[u8], grey: bool) {
    let Ok(source) = ColorProfile::new_from_slice(profile) else { return };
    let srgb = ColorProfile::new_srgb();
    let layout = match (source.color_space, grey) {
        (DataColorSpace::Rgb, _) => Layout::Rgb,
        (DataColorSpace::Gray, true) => Layout::Gray,
        _ => return,
    };
    let options = TransformOptions::default();
    let Ok(transform) = source.create_transform_8bit(layout, &srgb, Layout::Rgb, options) else { return };
    // A band at a time: the transform can't work in place, and a second photo would double the memory.
    for band in rgb.chunks_mut(3 * 4096) {
        let input: Vec<u8> = match layout {
            Layout::Gray => band.iter().step_by(3).copied().collect(),
            _ => band.to_vec(),
        };
        // Fails only for lengths that don't match; those above do.
        let _ = transform.transform(&input, band);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
