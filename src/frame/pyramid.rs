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
    /// The pixel of that level that its first one was.
    left_top: (usize, usize),
    /// Which cut-outs it has all pixels of: least and most x, least and most y, in pixels of the photo.
    covers: [f32; 4],
    size: (usize, usize),
}

/// Levels below this many pixels a side serve no cut-out.
const SMALLEST: usize = 32;

/// A level that has all its pixels.
const EVERYWHERE: [f32; 4] = [f32::NEG_INFINITY, f32::INFINITY, f32::NEG_INFINITY, f32::INFINITY];

/// Pixels that have to be saved before a part of a level is kept alone: with fewer the memory is no matter.
const WORTH: usize = 2_000_000;

impl<'a> Pyramid<'a> {
    /// The levels of a photo; a third of its memory on top.
    pub fn new(frame: &'a Frame) -> Self {
        Pyramid::of(Cow::Borrowed(frame))
    }

    /// The same of a photo that may be its own.
    pub fn of(frame: Cow<'a, Frame>) -> Self {
        let size = (frame.width, frame.height);
        let mut levels = vec![frame];
        loop {
            let last = &levels[levels.len() - 1];
            if last.width.min(last.height) < 2 * SMALLEST {
                return Pyramid { levels, finest: 0, left_top: (0, 0), covers: EVERYWHERE, size };
            }
            let next = half(last);
            levels.push(Cow::Owned(next));
        }
    }

    /// Width and height of the photo.
    pub fn size(&self) -> (usize, usize) {
        self.size
    }

    /// Gives back the memory of what no cut-out needs that lies in a part of the photo, from one x to another and from one y to another, and
    /// has one pixel for so many of the photo, or for more: of a photo of 12 megapixels three quarters where its face is large, and what
    /// is around one that is not. A cut-out of another part is of coarser pixels.
    pub fn keep_for(&mut self, scale: f32, part: [(f32, f32); 2]) {
        let finest = self.level(scale);
        if finest > self.finest {
            (self.finest, self.left_top, self.covers) = (finest, (0, 0), EVERYWHERE);
        }
        for level in &mut self.levels[..finest] {
            *level = Cow::Owned(Frame { width: 0, height: 0, rgb: Vec::new() });
        }
        // There has to be a coarser one for what lies elsewhere.
        let coarser = finest + 1 < self.levels.len();
        // What is the caller's is not ours to give back, and one part is not cut out of another.
        let (Cow::Owned(frame), EVERYWHERE) = (&mut self.levels[finest], self.covers) else { return };
        let shrink = (1 << finest) as f32;
        // From a pixel to another, with what is read beside them; and which places lie within.
        let span = |(from, to): (f32, f32), end: usize| {
            let from = (from / shrink - 2.0).max(0.0) as usize;
            let to = ((to / shrink + 3.0) as usize).min(end);
            let least = if from == 0 { f32::NEG_INFINITY } else { shrink * (from as f32 + 1.0) };
            let most = if to == end { f32::INFINITY } else { shrink * to as f32 - shrink };
            (from, to.saturating_sub(from), least, most)
        };
        let (left, width, least_x, most_x) = span(part[0], frame.width);
        let (top, height, least_y, most_y) = span(part[1], frame.height);
        if coarser && width * height > 0 && width * height + WORTH <= frame.width * frame.height {
            frame.keep(left, top, width, height);
            (self.left_top, self.covers) = ((left, top), [least_x, most_x, least_y, most_y]);
        }
    }

    /// Whether the finest level has what a cut-out reads of it.
    fn has(&self, map: &Similarity, (width, height): (usize, usize)) -> bool {
        let [least_x, most_x, least_y, most_y] = self.covers;
        let (width, height) = (width as f32, height as f32);
        let Point { x, y } = map.map(Point::new(0.5 * width, 0.5 * height));
        let reach = 0.5 * map.scale() * width.hypot(height);
        x - reach >= least_x && x + reach <= most_x && y - reach >= least_y && y + reach <= most_y
    }

    /// How many pixels all levels have still.
    #[cfg(test)]
    pub fn pixels(&self) -> usize {
        self.levels.iter().map(|level| level.rgb.len() / 3).sum()
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
        let mut level = self.level(scale);
        if level == self.finest && level + 1 < self.levels.len() && !self.has(map, (width, height)) {
            level += 1;
        }
        let (left, top) = if level == self.finest { self.left_top } else { (0, 0) };
        let (left, top) = (left as f32, top as f32);
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
            origin: (origin.x / shrink - left, origin.y / shrink - top),
            right: ((right.x - origin.x) / shrink, (right.y - origin.y) / shrink),
            taps,
            // Where the photo ends; a level may reach half a pixel further.
            end: (border == Border::Black)
                .then(|| (self.size.0 as f32 / shrink - left, self.size.1 as f32 / shrink - top)),
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

    const ALL: [(f32, f32); 2] = [(f32::MIN, f32::MAX); 2];

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
        kept.keep_for(2.5, ALL);
        for scale in [2.5, 3.9, 4.0, 7.0] {
            assert_eq!(cut(&kept, scale), cut(&whole, scale), "{scale}");
        }
        assert_eq!(kept.size(), (256, 256));
        // What is finer comes from what there is.
        assert_ne!(cut(&kept, 1.0), cut(&whole, 1.0));
        kept.keep_for(1.0, ALL);
        assert_eq!(cut(&kept, 2.5), cut(&whole, 2.5));
    }

    #[test]
    fn of_a_large_photo_the_part_with_the_face_is_kept() {
        let (width, height) = (3999, 3001);
        let rgb = (0..width * height * 3).map(|i| (i * 7919 % 251) as u8).collect();
        let frame = Frame::from_rgb(width, height, rgb).unwrap();
        let cut = |pyramid: &Pyramid, (x, y): (f32, f32), scale: f32, border: Border| {
            let map = Similarity::rect(Point::new(x, y), scale, 0.3, 40.0, 60.0);
            let mut pixels = Vec::new();
            pyramid.sample(&map, (40, 60), border, |pixel| pixels.push(pixel));
            pixels
        };
        let far = |a: &[[f32; 3]], b: &[[f32; 3]]| {
            a.iter().flatten().zip(b.iter().flatten()).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
        };
        let whole = Pyramid::new(&frame);
        let of = |finest: f32, part: [(f32, f32); 2]| {
            let mut kept = Pyramid::of(Cow::Owned(frame.clone()));
            kept.keep_for(finest, part);
            kept
        };
        let around = |x: f32, y: f32| [(x - 220.0, x + 220.0), (y - 220.0, y + 220.0)];
        let places = [(900.0, 700.0), (30.0, 2990.0), (3998.0, 2.0)];
        for ((x, y), finest) in places.into_iter().flat_map(|place| [(place, 1.0), (place, 2.0)]) {
            let kept = of(finest, around(x, y));
            assert!(kept.levels[kept.finest].rgb.len() < 3 * 450 * 450 && kept.size() == (width, height));
            for (scale, border) in [(1.0, Border::Nearest), (1.9, Border::Black), (3.0, Border::Nearest)] {
                let scale = scale * finest;
                let (of_kept, of_whole) = (cut(&kept, (x, y), scale, border), cut(&whole, (x, y), scale, border));
                // Another origin is rounded otherwise.
                assert!(far(&of_kept, &of_whole) < 0.5, "{x} {y} {scale}: {}", far(&of_kept, &of_whole));
            }
        }
        // Elsewhere coarser pixels are read, those of twice the size.
        let (kept, place) = (of(1.0, around(900.0, 700.0)), (1400.0, 300.0));
        let mut coarse = Pyramid::new(&frame);
        coarse.keep_for(2.0, ALL);
        let elsewhere = cut(&kept, place, 1.0, Border::Nearest);
        assert_eq!(elsewhere, cut(&coarse, place, 1.0, Border::Nearest));
        assert_ne!(elsewhere, cut(&whole, place, 1.0, Border::Nearest));
        // A part that is nearly all, none, or of no numbers changes nothing.
        for (from, to) in [(100.0, 3900.0), (f32::MAX, f32::MIN), (f32::NAN, f32::NAN)] {
            assert_eq!(of(1.0, [(from, to); 2]).levels[0].rgb.len(), frame.rgb.len(), "{from} {to}");
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
