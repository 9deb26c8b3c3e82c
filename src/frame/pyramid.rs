//! The photo at halved sizes, so that a cut-out of any scale is sampled without aliasing.

use std::borrow::Cow;

use super::Frame;
use crate::geometry::{Point, Similarity};

/// What lies outside the photo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Border {
    /// Black, as models expect a letterbox.
    Black,
    /// The nearest pixel of the photo.
    Nearest,
}

/// A photo and its halves, quarters and so on, each the mean of 2 × 2 pixels.
pub struct Pyramid<'a> {
    levels: Vec<Cow<'a, Frame>>,
}

/// Levels below this many pixels a side serve no cut-out.
const SMALLEST: usize = 32;

impl<'a> Pyramid<'a> {
    /// The levels of a photo; a third of its memory on top.
    pub fn new(frame: &'a Frame) -> Self {
        let mut levels = vec![Cow::Borrowed(frame)];
        loop {
            let last = &levels[levels.len() - 1];
            if last.width.min(last.height) < 2 * SMALLEST {
                return Pyramid { levels };
            }
            let half = halve(last);
            levels.push(Cow::Owned(half));
        }
    }

    /// The photo at full size.
    pub fn frame(&self) -> &Frame {
        &self.levels[0]
    }

    /// The photo at its smallest, at least 32 pixels a side where it has them.
    pub fn smallest(&self) -> &Frame {
        &self.levels[self.levels.len() - 1]
    }

    /// Cuts out `width` × `height` pixels: RGB, row-major, 0–255, through `write` in order.
    /// `map` leads from the cut-out to the photo.
    pub fn sample(
        &self,
        map: &Similarity,
        (width, height): (usize, usize),
        border: Border,
        mut write: impl FnMut([f32; 3]),
    ) {
        let scale = map.scale();
        // The level whose pixels are at most the cut-out's: between 1 and 2 of them to a side.
        let level = (scale.max(1.0).log2().floor() as usize).min(self.levels.len() - 1);
        let frame = &self.levels[level];
        let shrink = (1 << level) as f32;
        let taps: &[f32] = match scale / shrink {
            s if s <= 1.15 => &[0.5],
            s if s <= 2.5 => &[0.25, 0.75],
            _ => &[0.125, 0.375, 0.625, 0.875],
        };
        let weight = 1.0 / (taps.len() * taps.len()) as f32;
        for y in 0..height {
            for x in 0..width {
                let mut sum = [0.0; 3];
                for dy in taps {
                    for dx in taps {
                        let p = map.map(Point::new(x as f32 + dx, y as f32 + dy));
                        let pixel = bilinear(frame, p.x / shrink, p.y / shrink, border);
                        for (s, c) in sum.iter_mut().zip(pixel) {
                            *s += c;
                        }
                    }
                }
                write(sum.map(|s| s * weight));
            }
        }
    }
}

fn halve(frame: &Frame) -> Frame {
    let (width, height) = (frame.width / 2, frame.height / 2);
    let mut rgb = Vec::with_capacity(width * height * 3);
    for y in 0..height {
        let top = &frame.rgb[2 * y * frame.width * 3..][..width * 6];
        let bottom = &frame.rgb[(2 * y + 1) * frame.width * 3..][..width * 6];
        for (t, b) in top.chunks_exact(6).zip(bottom.chunks_exact(6)) {
            for c in 0..3 {
                let sum = u16::from(t[c]) + u16::from(t[c + 3]) + u16::from(b[c]) + u16::from(b[c + 3]);
                rgb.push(((sum + 2) / 4) as u8);
            }
        }
    }
    Frame { width, height, rgb }
}

/// The value between the four nearest pixels, 0–255.
#[inline]
fn bilinear(frame: &Frame, x: f32, y: f32, border: Border) -> [f32; 3] {
    let (width, height) = (frame.width as f32, frame.height as f32);
    if border == Border::Black && !(x >= 0.0 && y >= 0.0 && x < width && y < height) {
        return [0.0; 3];
    }
    // NaN clamps to the lower bound.
    let x = (x - 0.5).max(0.0).min(width - 1.0);
    let y = (y - 0.5).max(0.0).min(height - 1.0);
    let (left, top) = (x as usize, y as usize);
    let (fx, fy) = (x - left as f32, y - top as f32);
    let right = (left + 1).min(frame.width - 1);
    let bottom = (top + 1).min(frame.height - 1);
    let pixel = |x: usize, y: usize| &frame.rgb[(y * frame.width + x) * 3..][..3];
    let (a, b, c, d) = (pixel(left, top), pixel(right, top), pixel(left, bottom), pixel(right, bottom));
    // A loop: a closure over the three is called for each of them.
    let mut pixel = [0.0; 3];
    for i in 0..3 {
        let upper = f32::from(a[i]) + (f32::from(b[i]) - f32::from(a[i])) * fx;
        let lower = f32::from(c[i]) + (f32::from(d[i]) - f32::from(c[i])) * fx;
        pixel[i] = upper + (lower - upper) * fy;
    }
    pixel
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture whose red grows by one a pixel to the right and whose green grows downwards.
    fn ramp(side: usize) -> Frame {
        let rgb = (0..side * side).flat_map(|i| [(i % side) as u8, (i / side) as u8, 0]).collect();
        Frame::from_rgb(side, side, rgb).unwrap()
    }

    #[test]
    fn a_cut_out_shows_what_is_there_at_every_scale() {
        let frame = ramp(256);
        let pyramid = Pyramid::new(&frame);
        for side in [16.0, 50.0, 128.0, 200.0] {
            let map = Similarity::square(Point::new(128.0, 128.0), side, 0.3, 32.0);
            let mut at = 0;
            pyramid.sample(&map, (32, 32), Border::Nearest, |rgb| {
                let p = map.map(Point::new((at % 32) as f32 + 0.5, (at / 32) as f32 + 0.5));
                // Half a pixel lies between a ramp's value and its position, and rounding of the levels.
                assert!((rgb[0] - (p.x - 0.5)).abs() < 1.1, "{side}: {rgb:?} at {p:?}");
                assert!((rgb[1] - (p.y - 0.5)).abs() < 1.1, "{side}: {rgb:?} at {p:?}");
                at += 1;
            });
            assert_eq!(at, 32 * 32);
        }
    }

    #[test]
    fn outside_the_photo_is_black_or_nearest() {
        let frame = Frame::from_rgb(2, 2, vec![200; 12]).unwrap();
        let pyramid = Pyramid::new(&frame);
        let map = Similarity::square(Point::new(100.0, 100.0), 2.0, 0.0, 2.0);
        for (border, expected) in [(Border::Black, 0.0), (Border::Nearest, 200.0)] {
            pyramid.sample(&map, (2, 2), border, |rgb| assert_eq!(rgb, [expected; 3]));
        }
    }
}
