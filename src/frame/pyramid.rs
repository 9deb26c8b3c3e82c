//! The photo at halved sizes, so that a cut-out of any scale is sampled without aliasing.

use std::borrow::Cow;

use shine_skin_kernels::{halve, Source, Walk};

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
    /// The first level that has its pixels still.
    finest: usize,
}

/// Levels below this many pixels a side serve no cut-out.
const SMALLEST: usize = 32;

impl<'a> Pyramid<'a> {
    /// The levels of a photo; a third of its memory on top.
    pub fn new(frame: &'a Frame) -> Self {
        Pyramid::of(Cow::Borrowed(frame))
    }

    /// The same of a photo that may be its own.
    pub fn of(frame: Cow<'a, Frame>) -> Self {
        let mut levels = vec![frame];
        loop {
            let last = &levels[levels.len() - 1];
            if last.width.min(last.height) < 2 * SMALLEST {
                return Pyramid { levels, finest: 0 };
            }
            let next = half(last);
            levels.push(Cow::Owned(next));
        }
    }

    /// Width and height of the photo.
    pub fn size(&self) -> (usize, usize) {
        (self.levels[0].width, self.levels[0].height)
    }

    /// Gives back the memory of what no cut-out needs that has one pixel for so many of the photo, or for more: of a photo of 12
    /// megapixels three quarters, where its face is large.
    pub fn keep_for(&mut self, scale: f32) {
        self.finest = self.level(scale);
        for level in &mut self.levels[..self.finest] {
            let Frame { width, height, .. } = **level;
            *level = Cow::Owned(Frame { width, height, rgb: Vec::new() });
        }
    }

    /// The level whose pixels are at most a cut-out's: between 1 and 2 of them to a side.
    fn level(&self, scale: f32) -> usize {
        (scale.max(1.0).log2().floor() as usize).clamp(self.finest, self.levels.len() - 1)
    }

    /// The photo at its smallest, at least 32 pixels a side where it has them.
    pub fn smallest(&self) -> &Frame {
        &self.levels[self.levels.len() - 1]
    }

    /// Cuts out `width` × `height` pixels: RGB, row-major, 0–255, through `write` in order.
    /// `map` leads from the cut-out to the photo.
    pub fn sample(&self, map: &Similarity, size: (usize, usize), border: Border, mut write: impl FnMut([f32; 3])) {
        self.rows(map, size, border, &mut |row| row.iter().for_each(|&pixel| write(pixel)));
    }

    /// What [`Pyramid::sample`] writes, in a row, as a model wants its numbers: 0–255 brought to a range.
    pub fn numbers(&self, map: &Similarity, size: (usize, usize), border: Border, range: [f32; 2]) -> Vec<f32> {
        let mut numbers = Vec::with_capacity(size.0 * size.1 * 3);
        let scale = (range[1] - range[0]) / 255.0;
        self.rows(map, size, border, &mut |row| {
            numbers.extend(row.as_flattened().iter().map(|value| range[0] + value * scale));
        });
        numbers
    }

    /// The same a row at a time: compiled once, for all who cut out.
    fn rows(
        &self,
        map: &Similarity,
        (width, height): (usize, usize),
        border: Border,
        write: &mut dyn FnMut(&[[f32; 3]]),
    ) {
        let scale = map.scale();
        let level = self.level(scale);
        let frame = &self.levels[level];
        let shrink = (1 << level) as f32;
        let taps = match scale / shrink {
            s if s <= 1.15 => 1,
            s if s <= 2.5 => 2,
            _ => 4,
        };
        // One step to the right in the cut-out, in pixels of the level; a step down is at a right angle to it.
        let origin = map.map(Point::new(0.0, 0.0));
        let right = map.map(Point::new(1.0, 0.0));
        let walk = Walk {
            origin: (origin.x / shrink, origin.y / shrink),
            right: ((right.x - origin.x) / shrink, (right.y - origin.y) / shrink),
            taps,
            // Where the photo ends; a level may reach half a pixel further.
            end: (border == Border::Black)
                .then(|| (self.levels[0].width as f32 / shrink, self.levels[0].height as f32 / shrink)),
        };
        let source = Source::new(&frame.rgb, frame.width, frame.height);
        let mut row = vec![[0.0; 3]; width];
        for y in 0..height {
            source.sample(&walk, y as f32, &mut row);
            write(&row);
        }
    }
}

fn half(frame: &Frame) -> Frame {
    let rgb = halve(&frame.rgb, frame.width);
    Frame { width: frame.width.div_ceil(2), height: frame.height.div_ceil(2), rgb }
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
    fn what_is_kept_is_all_that_coarser_cut_outs_read() {
        let rgb = (0..256 * 256 * 3).map(|i| (i * 7919 % 251) as u8).collect();
        let frame = Frame::from_rgb(256, 256, rgb).unwrap();
        let cut = |pyramid: &Pyramid, scale: f32| {
            let map = Similarity::rect(Point::new(120.0, 130.0), scale, 0.3, 24.0, 24.0);
            let mut pixels = Vec::new();
            pyramid.sample(&map, (24, 24), Border::Nearest, |pixel| pixels.push(pixel));
            pixels
        };
        let (whole, mut kept) = (Pyramid::new(&frame), Pyramid::new(&frame));
        kept.keep_for(2.5);
        for scale in [2.5, 3.9, 4.0, 7.0] {
            assert_eq!(cut(&kept, scale), cut(&whole, scale), "{scale}");
        }
        assert_eq!(kept.size(), (256, 256));
        // What is finer comes from what there is.
        assert_ne!(cut(&kept, 1.0), cut(&whole, 1.0));
        kept.keep_for(1.0);
        assert_eq!(cut(&kept, 2.5), cut(&whole, 2.5));
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
