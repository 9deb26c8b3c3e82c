//! A decoder's samples as upright 8-bit RGB. (The image crate's own way, over each of its kinds of picture, is 20 KB of a
//! wasm module.)

use image::metadata::Orientation;
use image::ColorType;

use shine_skin_kernels::over_white;

/// 8-bit RGB of a decoder's samples: 16 bits rounded to 8, transparency laid over white.
pub fn to_rgb(mut samples: Vec<u8>, color: ColorType) -> Vec<u8> {
    let (channels, size) = (usize::from(color.channel_count()), usize::from(color.bytes_per_pixel()));
    if color == ColorType::Rgb8 {
        return samples;
    }
    let wide = size > channels;
    let pixel = |samples: &[u8], at: usize| -> [u8; 3] {
        let sample = |channel: usize| {
            if !wide {
                return samples[at + channel];
            }
            let value = u16::from_ne_bytes([samples[at + 2 * channel], samples[at + 2 * channel + 1]]);
            ((u32::from(value) + 128) / 257) as u8
        };
        let alpha = if color.has_alpha() { sample(channels - 1) } else { 255 };
        let step = usize::from(channels >= 3);
        [0, 1, 2].map(|channel| over_white(sample(step * channel), alpha))
    };
    let count = samples.len() / size;
    if size < 3 {
        return (0..count).flat_map(|i| pixel(&samples, size * i)).collect();
    }
    // In place: a large photo is not held twice.
    for i in 0..count {
        let rgb = pixel(&samples, size * i);
        samples[3 * i..3 * i + 3].copy_from_slice(&rgb);
    }
    samples.truncate(3 * count);
    samples
}

/// Turns RGB pixels of a size upright; answers with the size that they then have.
pub fn upright(rgb: Vec<u8>, (width, height): (usize, usize), orientation: Orientation) -> (Vec<u8>, (usize, usize)) {
    use Orientation::*;
    let (transposed, across, down) = match orientation {
        NoTransforms => (false, false, false),
        FlipHorizontal => (false, true, false),
        Rotate180 => (false, true, true),
        FlipVertical => (false, false, true),
        Rotate90FlipH => (true, false, false),
        Rotate90 => (true, true, false),
        Rotate270FlipH => (true, true, true),
        Rotate270 => (true, false, true),
    };
    let (mut rgb, (width, height)) = match transposed {
        true => (transpose(&rgb, width), (height, width)),
        false => (rgb, (width, height)),
    };
    if across {
        for row in rgb.chunks_exact_mut((3 * width).max(3)) {
            row.reverse();
            row.chunks_exact_mut(3).for_each(<[u8]>::reverse);
        }
    }
    if down {
        for y in 0..height / 2 {
            let (upper, lower) = rgb.split_at_mut(3 * width * (height - 1 - y));
            upper[3 * width * y..3 * width * (y + 1)].swap_with_slice(&mut lower[..3 * width]);
        }
    }
    (rgb, (width, height))
}

/// Rows to columns.
fn transpose(rgb: &[u8], width: usize) -> Vec<u8> {
    let height = rgb.len() / (3 * width).max(1);
    let mut turned = Vec::with_capacity(rgb.len());
    for x in 0..width {
        for y in 0..height {
            let at = 3 * (y * width + x);
            turned.extend_from_slice(&rgb[at..at + 3]);
        }
    }
    turned
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{DynamicImage, RgbImage};

    #[test]
    fn each_orientation_turns_as_the_image_crate_does() {
        let (width, height) = (3usize, 4usize);
        let rgb: Vec<u8> = (0..3 * width * height).map(|v| v as u8).collect();
        for exif in 1..=8 {
            let orientation = Orientation::from_exif(exif).unwrap();
            let plain = RgbImage::from_raw(width as u32, height as u32, rgb.clone()).unwrap();
            let mut image = DynamicImage::ImageRgb8(plain);
            image.apply_orientation(orientation);
            let (turned, size) = upright(rgb.clone(), (width, height), orientation);
            assert_eq!(size, (image.width() as usize, image.height() as usize), "{exif}");
            assert_eq!(turned, image.into_rgb8().into_raw(), "{exif}");
        }
    }

    #[test]
    fn sixteen_bits_are_rounded_as_the_image_crate_does() {
        for value in (0..=u16::MAX).step_by(7) {
            let image = image::ImageBuffer::<image::Luma<u16>, _>::from_raw(1, 1, vec![value]).unwrap();
            let expected = DynamicImage::ImageLuma16(image).into_rgb8().into_raw();
            assert_eq!(to_rgb(value.to_ne_bytes().to_vec(), ColorType::L16), expected, "{value}");
        }
    }
}
