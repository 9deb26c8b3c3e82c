//! The photo: bytes or pixels in, upright sRGB out.

mod colour;
mod decode;
mod jpeg;
mod part;
mod pyramid;
mod samples;

pub use decode::{check_header, decode, Limits};
pub use part::Part;
pub use pyramid::{Border, Pyramid};

use crate::error::{Error, ErrorCode, Result};

/// An upright photo: RGB, row-major, 8 bits a channel, sRGB.
#[derive(Clone, PartialEq)]
pub struct Frame {
    width: usize,
    height: usize,
    rgb: Vec<u8>,
}

impl Frame {
    /// Keeps a part of it and gives back the memory of the rest.
    fn keep(&mut self, left: usize, top: usize, width: usize, height: usize) {
        for y in 0..height {
            let from = 3 * ((top + y) * self.width + left);
            self.rgb.copy_within(from..from + 3 * width, 3 * y * width);
        }
        self.rgb.truncate(3 * width * height);
        self.rgb.shrink_to_fit();
        (self.width, self.height) = (width, height);
    }
}

// Pixels never reach a log, not even by {:?}.
impl std::fmt::Debug for Frame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Frame({}×{})", self.width, self.height)
    }
}

impl Frame {
    /// A frame of `width` × `height` RGB pixels, row-major, 0–255.
    ///
    /// # Errors
    /// `invalid-options` where the number of bytes is not width × height × 3, or a side is 0.
    pub fn from_rgb(width: usize, height: usize, rgb: Vec<u8>) -> Result<Frame> {
        check_size(width, height, rgb.len(), 3)?;
        Ok(Frame { width, height, rgb })
    }

    /// Width in pixels.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Height in pixels.
    pub fn height(&self) -> usize {
        self.height
    }

    /// The pixels: RGB, row-major, 0–255.
    pub fn rgb(&self) -> &[u8] {
        &self.rgb
    }

    /// The same, for keeps.
    pub fn into_rgb(self) -> Vec<u8> {
        self.rgb
    }
}

fn check_size(width: usize, height: usize, bytes: usize, channels: usize) -> Result<()> {
    let expected = width.checked_mul(height).and_then(|n| n.checked_mul(channels));
    if width == 0 || height == 0 || expected != Some(bytes) {
        return Err(Error::new(
            ErrorCode::InvalidOptions,
            format!("{width}×{height} pixels of {channels} channels can't be {bytes} bytes"),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transparency_is_laid_over_white() {
        let mut rgb = vec![1, 2, 3];
        shine_skin_kernels::append_rgba(&mut rgb, &[255, 0, 0, 255, 0, 0, 0, 0, 100, 200, 0, 128]);
        assert_eq!(rgb, [1, 2, 3, 255, 0, 0, 255, 255, 255, 177, 227, 127]);
    }

    #[test]
    fn a_wrong_number_of_bytes_is_refused() {
        for (width, height, bytes) in [(2, 2, 11), (0, 4, 0), (usize::MAX, 3, 9)] {
            let error = Frame::from_rgb(width, height, vec![0; bytes]).unwrap_err();
            assert_eq!(error.code, ErrorCode::InvalidOptions);
        }
    }

    #[test]
    fn pixels_are_not_printed() {
        assert_eq!(format!("{:?}", Frame::from_rgb(1, 1, vec![7, 7, 7]).unwrap()), "Frame(1×1)");
    }
}
