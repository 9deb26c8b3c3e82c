//! The photo at halved sizes, so that a cut-out of any scale is sampled without aliasing.

use std::borrow::Cow;

use super::Frame;
use crate::geometry::{Point, Similarity};
use crate::lanes::{Here, Lanes, Machine};

type Four = <Here as Machine>::Four;

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
        let level = Level::of(frame);
        // Where the photo ends; a level may reach half a pixel further.
        let end = (self.levels[0].width as f32 / shrink, self.levels[0].height as f32 / shrink);
        let holds = |x: f32, y: f32| x >= 0.0 && y >= 0.0 && x < end.0 && y < end.1;
        for y in 0..height {
            for x in 0..width {
                let mut sum = Four::splat(0.0);
                for dy in taps {
                    let (x, y) = (x as f32, y as f32 + dy);
                    let (u, v) = (left + x * right_x - y * right_y, top + x * right_y + y * right_x);
                    for dx in taps {
                        let (u, v) = (u + dx * right_x, v + dx * right_y);
                        if border == Border::Nearest || holds(u, v) {
                            level.add(u, v, &mut sum);
                        }
                    }
                }
                let mut mean = [0.0; 4];
                sum.times_plus(Four::splat(weight), Four::splat(0.0)).store(&mut mean);
                write([mean[0], mean[1], mean[2]]);
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

    /// Adds the value between the four nearest pixels, 0–255; outside, of the nearest. The last of the four sums means
    /// nothing: four are as quick as three.
    #[inline(always)]
    fn add(&self, x: f32, y: f32, sum: &mut Four) {
        // NaN clamps to the lower bound.
        let x = (x - 0.5).max(0.0).min(self.last.0);
        let y = (y - 0.5).max(0.0).min(self.last.1);
        let (left, top) = ((x as u32 as usize).min(self.before.0), (y as u32 as usize).min(self.before.1));
        let (fx, fy) = (x - left as f32, y - top as f32);
        let from = 3 * (top * self.width + left);
        let (right, below) = (from + self.next.0, from + self.next.1);
        let (fx, fy) = (Four::splat(fx), Four::splat(fy));
        let across = |left: Four, right: Four| right.less(left).times_plus(fx, left);
        let upper = across(self.pixel(from), self.pixel(right));
        let lower = across(self.pixel(below), self.pixel(below + self.next.0));
        *sum = sum.plus(lower.less(upper).times_plus(fy, upper));
    }

    /// A pixel and the byte behind it.
    #[inline(always)]
    fn pixel(&self, at: usize) -> Four {
        Four::from_bytes(match self.rgb[at..] {
            [r, g, b, next, ..] => [r, g, b, next],
            // The last of all has none behind it.
            [r, g, b] => [r, g, b, 0],
            _ => [0; 4],
        })
    }
}

/// Half as many pixels each way, rounded up: the last of an odd number stands for two.
fn halve(frame: &Frame) -> Frame {
    let (width, height) = (frame.width.div_ceil(2), frame.height.div_ceil(2));
    let row = 3 * frame.width;
    let mut rgb = Vec::with_capacity(width * height * 3);
    for two in frame.rgb.chunks(2 * row) {
        let (top, bottom) = two.split_at(row);
        let bottom = if bottom.is_empty() { top } else { bottom };
        let mean =
            |a: u8, b: u8, c: u8, d: u8| ((u16::from(a) + u16::from(b) + u16::from(c) + u16::from(d) + 2) / 4) as u8;
        for (t, b) in top.chunks_exact(6).zip(bottom.chunks_exact(6)) {
            rgb.extend([mean(t[0], t[3], b[0], b[3]), mean(t[1], t[4], b[1], b[4]), mean(t[2], t[5], b[2], b[5])]);
        }
        if frame.width % 2 == 1 {
            rgb.extend((row - 3..row).map(|i| mean(top[i], top[i], bottom[i], bottom[i])));
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
