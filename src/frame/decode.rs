//! JPEG, PNG and WebP bytes to an upright sRGB frame, under limits.

use std::io::Cursor;

use image::metadata::Orientation;
use image::{ImageDecoder, ImageFormat};

use super::{colour, jpeg, samples, Frame};
use crate::error::{Error, ErrorCode, Result};

/// What an image may cost before it is refused.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Largest number of encoded bytes. Defaults to 40 MB, above any phone's JPEG.
    pub max_bytes: usize,
    /// Largest number of pixels. Defaults to 64 megapixels: the largest phone sensors in
    /// their usual mode; 192 MB as RGB. Those of a WebP, of a progressive JPEG, and of 16 bits a channel,
    /// take twice the memory while they are decoded, and count twice.
    pub max_pixels: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { max_bytes: 40_000_000, max_pixels: 64_000_000 }
    }
}

impl Limits {
    fn check_bytes(&self, bytes: &[u8]) -> Result<()> {
        if bytes.len() > self.max_bytes {
            return Err(Error::new(
                ErrorCode::ImageTooLarge,
                format!("the image has {} bytes; the limit is {}", bytes.len(), self.max_bytes),
            ));
        }
        Ok(())
    }

    /// Refuses a picture of more pixels than allowed.
    ///
    /// # Errors
    /// `image-too-large`.
    pub fn check_pixels(&self, width: usize, height: usize) -> Result<()> {
        if width.saturating_mul(height) > self.max_pixels {
            return Err(Error::new(
                ErrorCode::ImageTooLarge,
                format!("the image has {width}×{height} pixels; the limit is {} pixels", self.max_pixels),
            ));
        }
        Ok(())
    }
}

/// Decodes a photo: EXIF orientation applied, ICC profile converted to sRGB, 16 bits rounded
/// to 8, transparency laid over white.
///
/// # Errors
/// `image-too-large`, `unsupported-format` (not JPEG, PNG or WebP, or a CMYK JPEG), `out-of-memory` and
/// `decode-failed`.
pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Frame> {
    limits.check_bytes(bytes)?;
    let format = image::guess_format(bytes).map_err(|_| unsupported("the bytes are no JPEG, PNG or WebP"))?;
    match decoder(bytes, format)? {
        Some(decoder) => read(decoder, is_costly(bytes, format), limits),
        None => Err(unsupported("an image of this kind is not read; please send JPEG, PNG or WebP")),
    }
}

/// Whether decoding takes twice the memory of the pixels.
fn is_costly(bytes: &[u8], format: ImageFormat) -> bool {
    match format {
        ImageFormat::Jpeg => jpeg::header(bytes).is_some_and(|header| header.progressive),
        format => format == ImageFormat::WebP,
    }
}

/// The decoder of a format that is read; boxed, so that what is done with it is compiled once.
fn decoder(bytes: &[u8], format: ImageFormat) -> Result<Option<Box<dyn ImageDecoder + '_>>> {
    let source = Cursor::new(bytes);
    Ok(Some(match format {
        ImageFormat::Jpeg if jpeg::header(bytes).is_some_and(|header| header.components == 4) => {
            return Err(unsupported("a CMYK JPEG is for print; please save it as RGB"));
        }
        ImageFormat::Jpeg => Box::new(jpeg::Jpeg::new(bytes).map_err(failed)?),
        ImageFormat::Png => Box::new(image::codecs::png::PngDecoder::new(source).map_err(failed)?),
        ImageFormat::WebP => Box::new(image::codecs::webp::WebPDecoder::new(source).map_err(failed)?),
        _ => return Ok(None),
    }))
}

/// Refuses by its header what [`decode`] would refuse: too large, or a CMYK JPEG. For hosts whose own
/// decoder goes on, which may read other formats: those pass.
///
/// # Errors
/// `image-too-large`, `unsupported-format` and `decode-failed`.
pub fn check_header(bytes: &[u8], limits: &Limits) -> Result<()> {
    limits.check_bytes(bytes)?;
    let Ok(format) = image::guess_format(bytes) else { return Ok(()) };
    let Some(decoder) = decoder(bytes, format)? else { return Ok(()) };
    let (width, height) = decoder.dimensions();
    limits.check_pixels(width as usize, height as usize)
}

fn unsupported(message: &str) -> Error {
    Error::new(ErrorCode::UnsupportedFormat, message)
}

fn failed(error: image::ImageError) -> Error {
    match error {
        image::ImageError::Limits(_) => {
            Error::new(ErrorCode::ImageTooLarge, format!("the image is too large: {error}"))
        }
        _ => Error::new(ErrorCode::DecodeFailed, format!("the image can't be read: {error}")),
    }
}

fn read(mut decoder: Box<dyn ImageDecoder + '_>, costly: bool, limits: &Limits) -> Result<Frame> {
    let (width, height) = decoder.dimensions();
    limits.check_pixels(width as usize, height as usize)?;
    let mut budget = image::Limits::default();
    // Sixteen-bit RGBA of the largest picture, and as much again for the decoder.
    budget.max_alloc = Some(limits.max_pixels as u64 * 16);
    decoder.set_limits(budget).map_err(failed)?;
    // A broken profile or orientation tag costs colour or turn, not the photo: browsers do the same.
    let profile = decoder.icc_profile().ok().flatten();
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let color = decoder.color_type();
    if costly || color.bytes_per_pixel() > 4 {
        let half = Limits { max_pixels: limits.max_pixels / 2, ..*limits };
        half.check_pixels(width as usize, height as usize)?;
    }
    let mut bytes = Vec::new();
    let room = usize::try_from(decoder.total_bytes()).ok().filter(|&room| bytes.try_reserve_exact(room).is_ok());
    let Some(room) = room else {
        let message = format!("there is no room for {width} × {height} pixels");
        return Err(Error::new(ErrorCode::OutOfMemory, message));
    };
    bytes.resize(room, 0);
    decoder.read_image_boxed(&mut bytes).map_err(failed)?;
    let size = (width as usize, height as usize);
    let (mut rgb, (width, height)) = samples::upright(samples::to_rgb(bytes, color), size, orientation);
    if let Some(profile) = profile {
        colour::to_srgb(&mut rgb, &profile, !color.has_color());
    }
    Frame::from_rgb(width, height, rgb)
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{ExtendedColorType, ImageEncoder};

    fn png(width: u32, height: u32, color: ExtendedColorType, pixels: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        image::codecs::png::PngEncoder::new(&mut bytes).write_image(pixels, width, height, color).unwrap();
        bytes
    }

    #[test]
    fn pixel_formats_become_rgb() {
        struct Case {
            color: ExtendedColorType,
            pixels: Vec<u8>,
            expected: [u8; 3],
        }
        let cases = [
            Case { color: ExtendedColorType::L8, pixels: vec![77], expected: [77; 3] },
            Case { color: ExtendedColorType::La8, pixels: vec![77, 0], expected: [255; 3] },
            Case { color: ExtendedColorType::Rgb8, pixels: vec![1, 2, 3], expected: [1, 2, 3] },
            Case { color: ExtendedColorType::Rgba8, pixels: vec![1, 2, 3, 255], expected: [1, 2, 3] },
            Case {
                color: ExtendedColorType::Rgb16,
                pixels: [0u16, 0x80ff, 0xffff].iter().flat_map(|v| v.to_ne_bytes()).collect(),
                expected: [0, 128, 255],
            },
        ];
        for case in cases {
            let frame = decode(&png(1, 1, case.color, &case.pixels), &Limits::default()).unwrap();
            assert_eq!(frame.rgb(), case.expected, "{:?}", case.color);
        }
    }

    #[test]
    fn limits_hold_on_both_sides() {
        let bytes = png(4, 4, ExtendedColorType::L8, &[9; 16]);
        let cases = [
            (Limits { max_bytes: bytes.len(), max_pixels: 16 }, true),
            (Limits { max_bytes: bytes.len() - 1, max_pixels: 16 }, false),
            (Limits { max_bytes: bytes.len(), max_pixels: 15 }, false),
        ];
        for (limits, fits) in cases {
            match decode(&bytes, &limits) {
                Ok(_) => assert!(fits, "{limits:?}"),
                Err(error) => assert!(!fits && error.code == ErrorCode::ImageTooLarge, "{limits:?}: {error}"),
            }
        }
    }

    #[test]
    fn pixels_that_cost_twice_count_twice() {
        let mut webp = Vec::new();
        let encoder = image::codecs::webp::WebPEncoder::new_lossless(&mut webp);
        encoder.write_image(&[9; 12], 2, 2, ExtendedColorType::Rgb8).unwrap();
        let progressive = include_bytes!("../../tests/corpus/progressive.jpg").to_vec();
        for bytes in [png(2, 2, ExtendedColorType::Rgba16, &[9; 32]), webp, progressive] {
            for (max_pixels, fits) in [(8, true), (7, false)] {
                let limits = Limits { max_pixels, ..Limits::default() };
                let refused = decode(&bytes, &limits).map_err(|e| e.code).err();
                assert_eq!(refused, (!fits).then_some(ErrorCode::ImageTooLarge));
            }
        }
    }

    #[test]
    fn what_is_no_image_is_said_to_be_none() {
        let cut = &png(4, 4, ExtendedColorType::L8, &[9; 16])[..40];
        let cmyk = [0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0, 0xff, 0xc0, 0, 20, 8, 0, 1, 0, 1, 4];
        let cases: [(&[u8], ErrorCode); 5] = [
            (b"", ErrorCode::UnsupportedFormat),
            (b"<!doctype html>", ErrorCode::UnsupportedFormat),
            (b"GIF89a..........", ErrorCode::UnsupportedFormat),
            (cut, ErrorCode::DecodeFailed),
            (&cmyk, ErrorCode::UnsupportedFormat),
        ];
        for (bytes, code) in cases {
            assert_eq!(decode(bytes, &Limits::default()).unwrap_err().code, code, "{bytes:?}");
        }
        assert_eq!(check_header(&cmyk, &Limits::default()).unwrap_err().code, ErrorCode::UnsupportedFormat);
        assert_eq!(check_header(b"GIF89a..........", &Limits::default()), Ok(()), "a browser may read it");
    }

    #[test]
    fn a_header_is_refused_for_what_the_photo_would_be() {
        let bytes = png(4, 4, ExtendedColorType::L8, &[9; 16]);
        for (max_pixels, fits) in [(16, true), (15, false)] {
            let limits = Limits { max_pixels, ..Limits::default() };
            assert_eq!(check_header(&bytes, &limits).is_ok(), fits);
            assert_eq!(decode(&bytes, &limits).is_ok(), fits);
        }
    }
}
