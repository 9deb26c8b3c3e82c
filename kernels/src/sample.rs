//! Photos read between their pixels, halved, and freed of their transparency.
#![allow(unsafe_code)]

use crate::lanes::{Here, Lanes, Machine};

/// How a cut-out lies on a photo, in pixels of the photo.
pub struct Walk<'a> {
    /// Where the corner of the cut-out lies.
    pub origin: (f32, f32),
    /// One step to the right in the cut-out; a step down is at a right angle to it.
    pub right: (f32, f32),
    /// Where in a pixel of the cut-out the photo is read, each way, 0–1; their mean is taken.
    pub taps: &'a [f32],
    /// Where the photo ends and black begins; else its edge goes on.
    pub end: Option<(f32, f32)>,
}

/// A photo of 8-bit RGB, ready to be read between its pixels.
pub struct Source<'a> {
    rgb: &'a [u8],
    width: usize,
    /// The last pixels: their middles are the outermost places that have a value of their own.
    last: (f32, f32),
    /// The last pixels that have one to their right, and below them; the first where there is one only.
    before: (usize, usize),
    /// From a pixel to the one at its right, and below it, bytes.
    next: (usize, usize),
}

impl<'a> Source<'a> {
    /// `rgb` has three bytes for each of `width` × `height` pixels, row-major, and at least one pixel.
    pub fn new(rgb: &'a [u8], width: usize, height: usize) -> Source<'a> {
        let next = (if width > 1 { 3 } else { 0 }, if height > 1 { 3 * width } else { 0 });
        let last = (width.max(1) - 1, height.max(1) - 1);
        let before = (width.max(2) - 2, height.max(2) - 2);
        Source { rgb, width, last: (last.0 as f32, last.1 as f32), before, next }
    }

    /// Row `y` of a cut-out: red, green, blue of each pixel, 0–255.
    pub fn sample(&self, walk: &Walk, y: f32, row: &mut [[f32; 3]]) {
        #[cfg(target_arch = "x86_64")]
        if crate::lanes::Avx2::is_here() {
            // SAFETY: this machine has both features that the function is compiled for.
            return unsafe { self.sample_avx2(walk, y, row) };
        }
        self.sample_of::<Here>(walk, y, row);
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,fma")]
    fn sample_avx2(&self, walk: &Walk, y: f32, row: &mut [[f32; 3]]) {
        self.sample_of::<crate::lanes::Avx2>(walk, y, row);
    }

    #[inline(always)]
    fn sample_of<M: Machine>(&self, walk: &Walk, y: f32, row: &mut [[f32; 3]]) {
        let Walk { origin, right, taps, end } = *walk;
        let weight = M::Four::splat(1.0 / (taps.len() * taps.len()) as f32);
        for (x, pixel) in row.iter_mut().enumerate() {
            let mut sum = M::Four::splat(0.0);
            for dy in taps {
                let (x, y) = (x as f32, y + dy);
                let (u, v) = (origin.0 + x * right.0 - y * right.1, origin.1 + x * right.1 + y * right.0);
                for dx in taps {
                    let (u, v) = (u + dx * right.0, v + dx * right.1);
                    if end.is_none_or(|end| u >= 0.0 && v >= 0.0 && u < end.0 && v < end.1) {
                        sum = sum.plus(self.between::<M>(u, v));
                    }
                }
            }
            let mut mean = [0.0; 4];
            sum.times_plus(weight, M::Four::splat(0.0)).store(&mut mean);
            *pixel = [mean[0], mean[1], mean[2]];
        }
    }

    /// The value between the four nearest pixels, 0–255; outside, of the nearest. The last of the four lanes means
    /// nothing: four are as quick as three.
    #[inline(always)]
    fn between<M: Machine>(&self, x: f32, y: f32) -> M::Four {
        // NaN clamps to the lower bound.
        let x = (x - 0.5).max(0.0).min(self.last.0);
        let y = (y - 0.5).max(0.0).min(self.last.1);
        let (left, top) = ((x as u32 as usize).min(self.before.0), (y as u32 as usize).min(self.before.1));
        let (fx, fy) = (M::Four::splat(x - left as f32), M::Four::splat(y - top as f32));
        let from = 3 * (top * self.width + left);
        let (right, below) = (from + self.next.0, from + self.next.1);
        let across = |left: M::Four, right: M::Four| right.less(left).times_plus(fx, left);
        let upper = across(self.pixel::<M>(from), self.pixel::<M>(right));
        let lower = across(self.pixel::<M>(below), self.pixel::<M>(below + self.next.0));
        lower.less(upper).times_plus(fy, upper)
    }

    /// A pixel and the byte behind it.
    #[inline(always)]
    fn pixel<M: Machine>(&self, at: usize) -> M::Four {
        if at + 4 <= self.rgb.len() {
            // SAFETY: the four bytes lie in the list. (A slice of four is read byte by byte.)
            return M::from_bytes(unsafe { self.rgb.as_ptr().add(at).cast::<[u8; 4]>().read_unaligned() });
        }
        M::from_bytes(self.last_pixel())
    }

    /// The last pixel of all, which has no byte behind it.
    #[cold]
    fn last_pixel(&self) -> [u8; 4] {
        match self.rgb {
            [.., r, g, b] => [*r, *g, *b, 0],
            _ => [0; 4],
        }
    }
}

/// Appends whole RGBA pixels, alpha not premultiplied, to RGB ones; what is transparent is laid over white.
pub fn append_rgba(rgb: &mut Vec<u8>, rgba: &[u8]) {
    let (pixels, begin) = (rgba.as_chunks::<4>().0, rgb.len());
    rgb.resize(begin + 3 * pixels.len(), 0);
    for (to, &[r, g, b, alpha]) in rgb[begin..].as_chunks_mut::<3>().0.iter_mut().zip(pixels) {
        // Photos are opaque.
        *to = if alpha == 255 { [r, g, b] } else { [r, g, b].map(|c| over_white(c, alpha)) };
    }
}

/// A channel of 0–255 with an alpha of 0–255 over white, rounded to nearest.
pub fn over_white(channel: u8, alpha: u8) -> u8 {
    let (channel, alpha) = (u32::from(channel), u32::from(alpha));
    ((channel * alpha + 255 * (255 - alpha) + 127) / 255) as u8
}

/// A photo of 8-bit RGB with half as many pixels each way, rounded up: each the mean of four, the last of an odd number
/// standing for two.
pub fn halve(rgb: &[u8], width: usize) -> Vec<u8> {
    let row = 3 * width;
    let mut half = Vec::with_capacity(rgb.len() / 4 + row);
    for two in rgb.chunks(2 * row.max(1)) {
        let (top, bottom) = two.split_at(row);
        let bottom = if bottom.is_empty() { top } else { bottom };
        let mean =
            |a: u8, b: u8, c: u8, d: u8| ((u16::from(a) + u16::from(b) + u16::from(c) + u16::from(d) + 2) / 4) as u8;
        for (t, b) in top.chunks_exact(6).zip(bottom.chunks_exact(6)) {
            half.extend([mean(t[0], t[3], b[0], b[3]), mean(t[1], t[4], b[1], b[4]), mean(t[2], t[5], b[2], b[5])]);
        }
        if width % 2 == 1 {
            half.extend((row - 3..row).map(|i| mean(top[i], top[i], bottom[i], bottom[i])));
        }
    }
    half
}
