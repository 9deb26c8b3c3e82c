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
        // One step to the right in the cut-out, in pixels of the level; a step down is at a right angle to it.
        let origin = map.map(Point::new(0.0, 0.0));
        let right = map.map(Point::new(1.0, 0.0));
        let (right_x, right_y) = ((right.x - origin.x) / shrink, (right.y - origin.y) / shrink);
        let (left, top) = (origin.x / shrink, origin.y / shrink);
        let at = |x: f32, y: f32| (left + x * right_x - y * right_y, top + x * right_y + y * right_x);
        let level = Level::of(frame);
        for y in 0..height {
            for x in 0..width {
                let mut sum = [0.0; 3];
                for dy in taps {
                    for dx in taps {
                        let (u, v) = at(x as f32 + dx, y as f32 + dy);
                        if border == Border::Black && !level.holds(u, v) {
                            continue;
                        }
                        let pixel = level.between(u, v);
                        (0..3).for_each(|c| sum[c] += pixel[c]);
                    }
                }
                write(sum.map(|s| s * weight));
            }
        }
    }
}

/// One level, ready to be read between its pixels.
struct Level<'a> {
    rgb: &'a [u8],
    width: usize,
    /// The last pixels: their middles are the outermost places that have a value of their own.
    last: (f32, f32),
    /// The last pixels that have one to their right, and below them; the first where there is one only.
    before: (usize, usize),
    /// From a pixel to the one at its right, and below it, bytes.
    next: (usize, usize),
}

impl<'a> Level<'a> {
    fn of(frame: &'a Frame) -> Level<'a> {
        let (width, height) = (frame.width, frame.height);
        let next = (if width > 1 { 3 } else { 0 }, if height > 1 { 3 * width } else { 0 });
        let last = ((width - 1) as f32, (height - 1) as f32);
        Level { rgb: &frame.rgb, width, last, before: (width.max(2) - 2, height.max(2) - 2), next }
    }

    fn holds(&self, x: f32, y: f32) -> bool {
        x >= 0.0 && y >= 0.0 && x < self.last.0 + 1.0 && y < self.last.1 + 1.0
    }

    /// The value between the four nearest pixels, 0–255; outside, of the nearest.
    #[inline]
    fn between(&self, x: f32, y: f32) -> [f32; 3] {
        // NaN clamps to the lower bound.
        let x = (x - 0.5).max(0.0).min(self.last.0);
        let y = (y - 0.5).max(0.0).min(self.last.1);
        let (left, top) = ((x as usize).min(self.before.0), (y as usize).min(self.before.1));
        let (fx, fy) = (x - left as f32, y - top as f32);
        let from = &self.rgb[3 * (top * self.width + left)..];
        let (upper, lower) = (&from[..self.next.0 + 3], &from[self.next.1..][..self.next.0 + 3]);
        let mut pixel = [0.0; 3];
        // A loop: a closure over the three is called for each of them.
        for i in 0..3 {
            let across = |row: &[u8]| {
                let left = f32::from(row[i]);
                left + (f32::from(row[i + self.next.0]) - left) * fx
            };
            let (upper, lower) = (across(upper), across(lower));
            pixel[i] = upper + (lower - upper) * fy;
        }
        pixel
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
