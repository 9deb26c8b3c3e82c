//! JPEG, by zune-jpeg itself: what `image` puts around it copies the file, reads its header four times and compiles the reader twice.

use image::error::{DecodingError, ImageFormatHint};
use image::{ColorType, ImageDecoder, ImageError, ImageFormat, ImageResult};
use zune_jpeg::errors::DecodeErrors;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

/// A JPEG whose header has been read.
pub struct Jpeg<'a> {
    decoder: JpegDecoder<ZCursor<&'a [u8]>>,
    size: (usize, usize),
    grey: bool,
}

impl<'a> Jpeg<'a> {
    /// Reads the header. Whatever else is broken costs what it is about, not the photo.
    pub fn new(bytes: &'a [u8]) -> ImageResult<Jpeg<'a>> {
        let options =
            DecoderOptions::default().set_strict_mode(false).set_max_width(usize::MAX).set_max_height(usize::MAX);
        let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
        decoder.decode_headers().map_err(failed)?;
        let grey = decoder.input_colorspace() == Some(ColorSpace::Luma);
        let space = if grey { ColorSpace::Luma } else { ColorSpace::RGB };
        decoder.set_options(decoder.options().jpeg_set_out_colorspace(space));
        let size = decoder.dimensions().unwrap_or_default();
        Ok(Jpeg { decoder, size, grey })
    }
}

impl ImageDecoder for Jpeg<'_> {
    fn dimensions(&self) -> (u32, u32) {
        // A JPEG has at most 65,535 pixels to a side.
        (self.size.0 as u32, self.size.1 as u32)
    }

    fn color_type(&self) -> ColorType {
        if self.grey {
            ColorType::L8
        } else {
            ColorType::Rgb8
        }
    }

    fn icc_profile(&mut self) -> ImageResult<Option<Vec<u8>>> {
        Ok(self.decoder.icc_profile())
    }

    fn exif_metadata(&mut self) -> ImageResult<Option<Vec<u8>>> {
        Ok(self.decoder.exif().cloned())
    }

    fn read_image(mut self, buffer: &mut [u8]) -> ImageResult<()> {
        self.decoder.decode_into(buffer).map_err(failed)
    }

    fn read_image_boxed(self: Box<Self>, buffer: &mut [u8]) -> ImageResult<()> {
        (*self).read_image(buffer)
    }
}

fn failed(error: DecodeErrors) -> ImageError {
    ImageError::Decoding(DecodingError::new(ImageFormatHint::Exact(ImageFormat::Jpeg), error))
}

/// What a JPEG's frame header says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Header {
    /// How many colour components it has.
    pub components: u8,
    /// Whether it comes in several passes, whose coefficients are all held until the last.
    pub progressive: bool,
}

/// The frame header, where there is one.
pub fn header(bytes: &[u8]) -> Option<Header> {
    let mut at = 2;
    loop {
        if *bytes.get(at)? != 0xff {
            return None;
        }
        let marker = *bytes.get(at + 1)?;
        match marker {
            // Fill bytes, and markers without a segment.
            0xff => at += 1,
            0x01 | 0xd0..=0xd8 => at += 2,
            // Frame headers; the other three of the range hold tables.
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                return Some(Header { components: *bytes.get(at + 9)?, progressive: marker & 3 == 2 });
            }
            _ => {
                let length = u16::from_be_bytes([*bytes.get(at + 2)?, *bytes.get(at + 3)?]);
                at += 2 + usize::from(length.max(2));
            }
        }
    }
}
