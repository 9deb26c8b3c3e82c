//! What a camera does to light before it is a photo: exposure, white balance, blur, noise, JPEG.

use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, ImageEncoder};

use super::canvas::Canvas;
use super::random::Random;
use crate::frame::{decode, Frame, Limits};

/// How a photo is taken.
#[derive(Clone, Debug, PartialEq)]
pub struct Camera {
    /// Stops of exposure; 1 is twice the light.
    pub stops: f32,
    /// Factor on red, green and blue.
    pub balance: [f32; 3],
    /// Spread of the lens's blur, pixels.
    pub blur: f32,
    /// Spread of the noise, steps of 8 bits.
    pub noise: f32,
    /// JPEG quality, 1 to 100; `None` keeps the pixels.
    pub jpeg: Option<u8>,
}

impl Camera {
    /// One that changes nothing.
    pub fn ideal() -> Camera {
        Camera { stops: 0.0, balance: [1.0; 3], blur: 0.0, noise: 0.0, jpeg: None }
    }

    /// One as people have them: a little off in everything.
    pub fn common(random: &mut Random) -> Camera {
        Camera {
            stops: random.range(-0.4, 0.3),
            balance: [random.range(0.93, 1.07), 1.0, random.range(0.93, 1.07)],
            blur: random.range(0.3, 0.8),
            noise: random.range(0.5, 2.0),
            jpeg: Some(random.range(72.0, 96.0) as u8),
        }
    }

    /// The photo of a canvas; `None` where it has no pixels.
    pub fn take(&self, canvas: &Canvas, random: &mut Random) -> Option<Frame> {
        let gain = self.balance.map(|b| b * self.stops.exp2());
        let mut seen = canvas.clone();
        seen.light.iter_mut().for_each(|light| (0..3).for_each(|c| light[c] *= gain[c]));
        if self.blur > 0.0 {
            blur(&mut seen, self.blur);
        }
        let frame = seen.develop(|| if self.noise > 0.0 { self.noise * random.normal() } else { 0.0 })?;
        self.jpeg.map_or(Some(frame.clone()), |quality| compress(&frame, quality))
    }
}

/// A photo as a JPEG of a quality makes it.
pub fn compress(frame: &Frame, quality: u8) -> Option<Frame> {
    let mut bytes = Vec::new();
    let size = (frame.width() as u32, frame.height() as u32);
    JpegEncoder::new_with_quality(&mut bytes, quality)
        .write_image(frame.rgb(), size.0, size.1, ExtendedColorType::Rgb8)
        .ok()?;
    decode(&bytes, &Limits::default()).ok()
}

/// A Gaussian of `spread` pixels, along rows and then columns.
fn blur(canvas: &mut Canvas, spread: f32) {
    let reach = (3.0 * spread).ceil() as isize;
    let taps: Vec<f32> = (-reach..=reach).map(|d| (-(d * d) as f32 / (2.0 * spread * spread)).exp()).collect();
    let whole: f32 = taps.iter().sum();
    let (width, height) = (canvas.width as isize, canvas.height as isize);
    for (dx, dy) in [(1, 0), (0, 1)] {
        let from = canvas.light.clone();
        for y in 0..height {
            for x in 0..width {
                let mut sum = [0.0; 3];
                for (tap, d) in taps.iter().zip(-reach..) {
                    let (u, v) = ((x + d * dx).clamp(0, width - 1), (y + d * dy).clamp(0, height - 1));
                    let light = from[(v * width + u) as usize];
                    (0..3).for_each(|c| sum[c] += tap * light[c]);
                }
                canvas.light[(y * width + x) as usize] = sum.map(|s| s / whole);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_camera_does_what_its_settings_say() {
        let mut canvas = Canvas::plain(32, 32, [0.2; 3]);
        canvas.light[16 * 32 + 16] = [0.9; 3];
        let take = |camera: Camera| camera.take(&canvas, &mut Random::new(1)).unwrap();
        let plain = take(Camera::ideal());
        let brighter = take(Camera { stops: 1.0, ..Camera::ideal() });
        assert_eq!(plain.rgb()[0], 124);
        assert_eq!(brighter.rgb()[0], 170);
        let warm = take(Camera { balance: [1.2, 1.0, 0.8], ..Camera::ideal() });
        assert!(warm.rgb()[0] > plain.rgb()[0] && warm.rgb()[1] == plain.rgb()[1] && warm.rgb()[2] < plain.rgb()[2]);
        let soft = take(Camera { blur: 1.0, ..Camera::ideal() });
        let peak = (16 * 32 + 16) * 3;
        assert!(soft.rgb()[peak] < plain.rgb()[peak] && soft.rgb()[peak + 3] > plain.rgb()[peak + 3]);
        let noisy = take(Camera { noise: 3.0, ..Camera::ideal() });
        assert!(noisy.rgb() != plain.rgb());
        let coarse = take(Camera { jpeg: Some(30), ..Camera::ideal() });
        assert_eq!((coarse.width(), coarse.height()), (32, 32));
        assert!(coarse.rgb() != plain.rgb());
    }
}
