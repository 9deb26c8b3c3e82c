//! Photos read between their pixels.
#![allow(unsafe_code)]

use crate::lanes::{Here, Lanes, Machine, SCALAR};

/// How a cut-out lies on a photo, in pixels of the photo.
pub struct Walk {
    /// Where the corner of the cut-out lies.
    pub origin: (f32, f32),
    /// One step to the right in the cut-out; a step down is at a right angle to it.
    pub right: (f32, f32),
    /// At how many places of a pixel of the cut-out the photo is read, each way: one, two or four, evenly spread, whose mean is
    /// taken.
    pub taps: usize,
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
    before: (f32, f32),
    /// From a row to the one below it, bytes.
    below: usize,
}

/// The number from which on floats are whole: what is added to it, a whole number below it, lies in the low bits of the sum.
const WHOLE: f32 = 8_388_608.0;
/// Steps between two pixels that lie side by side.
const STEPS: f32 = 16_384.0;

impl<'a> Source<'a> {
    /// `rgb` has three bytes for each of `width` × `height` pixels, row-major, at least one pixel, and less than 2²³ a side.
    ///
    /// # Panics
    /// Where it has fewer, for places are read without asking again.
    pub fn new(rgb: &'a [u8], width: usize, height: usize) -> Source<'a> {
        assert!(width.checked_mul(height).is_some_and(|pixels| pixels <= rgb.len() / 3), "there are fewer pixels");
        let last = (width.max(1) - 1, height.max(1) - 1);
        let before = ((width.max(2) - 2) as f32, (height.max(2) - 2) as f32);
        Source {
            rgb,
            width,
            last: (last.0 as f32, last.1 as f32),
            before,
            below: if height > 1 { 3 * width } else { 0 },
        }
    }

    /// Row `y` of a cut-out: red, green, blue of each pixel, 0–255.
    #[inline(never)]
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
        // Four taps that are read at once, or with one tap four pixels, and up to four rows of them.
        let (across, down) = match walk.taps {
            1 => ([0.5, 1.5, 2.5, 3.5], [[y + 0.5; 4]; 4]),
            2 => ([0.25, 0.75, 0.25, 0.75], [[y + 0.25, y + 0.25, y + 0.75, y + 0.75]; 4]),
            4 => ([0.125, 0.375, 0.625, 0.875], [0.125, 0.375, 0.625, 0.875].map(|tap| [y + tap; 4])),
            _ => return row.fill([0.0; 3]),
        };
        let far = row.len().next_multiple_of(4) as f32;
        let ends = [(0.0, down[0][0]), (far, down[0][0]), (0.0, down[3][3]), (far, down[3][3])];
        // Without vectors the places weigh more than the questions where they lie.
        if !SCALAR && ends.iter().all(|&(x, y)| self.is_inner(walk, x, y)) {
            self.row::<M, true>(walk, across, &down, row);
        } else {
            self.row::<M, false>(walk, across, &down, row);
        }
    }

    /// Whether a place of the cut-out lies where the four pixels around it, and the bytes behind them, are the photo's: by half a
    /// pixel more, and within numbers whose rounding is a hundredth of one, so that it holds as well where it is computed otherwise.
    #[inline(always)]
    fn is_inner(&self, walk: &Walk, x: f32, y: f32) -> bool {
        let ((ou, ov), (ru, rv)) = (walk.origin, walk.right);
        let (u, v) = (ou + x * ru - y * rv, ov + x * rv + y * ru);
        let small = [ou, ov, x * ru, x * rv, y * ru, y * rv].iter().all(|term| term.abs() < 65_536.0);
        let black = walk.end.is_some_and(|end| u >= end.0 || v >= end.1);
        small && !black && u >= 1.0 && v >= 1.0 && u <= self.last.0 - 1.0 && v <= self.last.1 - 1.0
    }

    #[inline(always)]
    fn row<M: Machine, const INNER: bool>(
        &self,
        walk: &Walk,
        across: [f32; 4],
        down: &[[f32; 4]; 4],
        row: &mut [[f32; 3]],
    ) {
        let splat = M::Four::splat;
        let (rx, ry, zero) = (splat(walk.right.0), splat(walk.right.1), splat(0.0));
        // Where the rows of the taps begin.
        let mut begins = [(zero, zero); 4];
        for (begin, down) in begins.iter_mut().zip(down) {
            let down = M::Four::load(down);
            let u = splat(walk.origin.0).less(down.times_plus(ry, zero));
            *begin = (u, down.times_plus(rx, splat(walk.origin.1)));
        }
        let taps = walk.taps * walk.taps;
        let weight = 1.0 / taps as f32 / STEPS;
        let mut x = M::Four::load(&across);
        if taps == 1 {
            let (u, v) = begins[0];
            for pixels in row.chunks_mut(4) {
                let values = self.places::<M, INNER>(walk, x.times_plus(rx, u), x.times_plus(ry, v));
                for (pixel, value) in pixels.iter_mut().zip(values) {
                    *pixel = mean::<M>(value, weight);
                }
                x = x.plus(splat(4.0));
            }
            return;
        }
        for pixel in row {
            let mut sum = zero;
            for &(u, v) in &begins[..taps / 4] {
                let [a, b, c, d] = self.places::<M, INNER>(walk, x.times_plus(rx, u), x.times_plus(ry, v));
                sum = sum.plus(a.plus(b).plus(c.plus(d)));
            }
            *pixel = mean::<M>(sum, weight);
            x = x.plus(splat(1.0));
        }
    }

    /// The values at four places of the photo, 0–255 times [`STEPS`]. `INNER`: the corners around all places of the row have passed
    /// [`Source::is_inner`].
    #[inline(always)]
    fn places<M: Machine, const INNER: bool>(&self, walk: &Walk, u: M::Four, v: M::Four) -> [M::Four; 4] {
        if INNER {
            self.values::<M, true>(u, v)
        } else {
            self.at_border::<M>(walk, u, v)
        }
    }

    /// Of places that may lie outside. In WebAssembly it is compiled once, for it is large; natively what is not inlined is not
    /// compiled for the machine.
    #[cfg_attr(target_arch = "wasm32", inline(never))]
    #[cfg_attr(not(target_arch = "wasm32"), inline(always))]
    fn at_border<M: Machine>(&self, walk: &Walk, u: M::Four, v: M::Four) -> [M::Four; 4] {
        let mut values = self.values::<M, false>(u, v);
        let Some(end) = walk.end else { return values };
        let (mut us, mut vs) = ([0.0; 4], [0.0; 4]);
        u.store(&mut us);
        v.store(&mut vs);
        for (i, value) in values.iter_mut().enumerate() {
            if !(us[i] >= 0.0 && vs[i] >= 0.0 && us[i] < end.0 && vs[i] < end.1) {
                *value = M::Four::splat(0.0);
            }
        }
        values
    }

    #[cfg_attr(target_arch = "wasm32", inline(never))]
    #[cfg_attr(not(target_arch = "wasm32"), inline(always))]
    fn values<M: Machine, const INNER: bool>(&self, u: M::Four, v: M::Four) -> [M::Four; 4] {
        let (left, fx) = nearest::<M, INNER>(u, self.last.0, self.before.0);
        let (top, fy) = nearest::<M, INNER>(v, self.last.1, self.before.1);
        let steps = fx.times_plus(M::Four::splat(STEPS), M::Four::splat(WHOLE));
        let mut lists = [[0.0; 4]; 4];
        for (list, lanes) in lists.iter_mut().zip([left, top, steps, fy]) {
            lanes.store(list);
        }
        let [left, top, steps, fy] = lists;
        let mut values = [M::Four::splat(0.0); 4];
        for (i, value) in values.iter_mut().enumerate() {
            let from = 3 * (whole(top[i]) as usize * self.width + whole(left[i]) as usize);
            let upper = M::between(self.two::<INNER>(from), whole(steps[i]));
            let lower = M::between(self.two::<INNER>(from + self.below), whole(steps[i]));
            *value = lower.less(upper).times_plus(M::Four::splat(fy[i]), upper);
        }
        values
    }

    /// A pixel, the one at its right and the two bytes behind.
    #[inline(always)]
    fn two<const INNER: bool>(&self, at: usize) -> [u8; 8] {
        if INNER || (self.width > 1 && at + 8 <= self.rgb.len()) {
            // SAFETY: the eight bytes lie in the list, by the question before or because the corners around all places of a row that
            // is `INNER` lie within it, the map is linear, and `new` has asked for all pixels. (A slice of eight is read byte by byte.)
            return unsafe { self.rgb.as_ptr().add(at).cast::<[u8; 8]>().read_unaligned() };
        }
        self.last_two(at)
    }

    /// The last two pixels of all, which have no bytes behind them, or the only one of a row.
    #[cold]
    fn last_two(&self, at: usize) -> [u8; 8] {
        let at = at.min(self.rgb.len());
        match self.rgb[at..] {
            [a, b, c, d, e, f, ..] if self.width > 1 => [a, b, c, d, e, f, 0, 0],
            [a, b, c, ..] => [a, b, c, a, b, c, 0, 0],
            _ => [0; 8],
        }
    }
}

/// Along one way, the pixel before each place plus [`WHOLE`], and how far from its middle the place lies; NaN lies at the first.
#[inline(always)]
fn nearest<M: Machine, const INNER: bool>(at: M::Four, last: f32, before: f32) -> (M::Four, M::Four) {
    let mut at = at.less(M::Four::splat(0.5));
    if !INNER {
        at = at.positive().lesser(M::Four::splat(last));
    }
    let mut floor = at.floor();
    if !INNER {
        floor = floor.lesser(M::Four::splat(before));
    }
    (floor.plus(M::Four::splat(WHOLE)), at.less(floor))
}

/// The whole number in the low bits of one that it was added to.
#[inline(always)]
fn whole(value: f32) -> u32 {
    value.to_bits() & (WHOLE as u32 - 1)
}

/// The first three lanes, times a weight.
#[inline(always)]
fn mean<M: Machine>(sum: M::Four, weight: f32) -> [f32; 3] {
    let mut mean = [0.0; 4];
    sum.times_plus(M::Four::splat(weight), M::Four::splat(0.0)).store(&mut mean);
    [mean[0], mean[1], mean[2]]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lanes::Plain;
    use crate::pixels::tests::noise;

    /// The mean over taps of what lies between four pixels, computed as it is defined.
    fn plainly(rgb: &[u8], size: (usize, usize), walk: &Walk, (x, y): (usize, usize), channel: usize) -> f64 {
        let pixel = |x: usize, y: usize| f64::from(rgb[3 * (y * size.0 + x) + channel]);
        let along = |at: f64, length: usize| {
            let at = (at - 0.5).clamp(0.0, (length - 1) as f64);
            (at.floor() as usize, (at.floor() as usize + 1).min(length - 1), at.fract())
        };
        let mut sum = 0.0;
        let tap = |i: usize| (i as f64 + 0.5) / walk.taps as f64;
        for dy in 0..walk.taps {
            for dx in 0..walk.taps {
                let (x, y) = (x as f64 + tap(dx), y as f64 + tap(dy));
                let [ox, oy, rx, ry] = [walk.origin.0, walk.origin.1, walk.right.0, walk.right.1].map(f64::from);
                let (u, v) = (ox + x * rx - y * ry, oy + x * ry + y * rx);
                let black = |end: (f32, f32)| u < 0.0 || v < 0.0 || u >= f64::from(end.0) || v >= f64::from(end.1);
                if walk.end.is_some_and(black) {
                    continue;
                }
                let ((left, right, fx), (top, bottom, fy)) = (along(u, size.0), along(v, size.1));
                let across = |y: usize| pixel(left, y) * (1.0 - fx) + pixel(right, y) * fx;
                sum += across(top) * (1.0 - fy) + across(bottom) * fy;
            }
        }
        sum / (walk.taps * walk.taps) as f64
    }

    #[test]
    fn what_lies_at_the_last_pixels_is_not_inner() {
        // Its lower two pixels are the last of all, behind which there are no bytes.
        let rgb = noise(3 * 40 * 31);
        let source = Source::new(&rgb, 40, 31);
        for (origin, inner) in [((38.5, 29.5), false), ((38.0, 29.0), true), ((1.0, 1.0), true), ((0.9, 1.0), false)] {
            let walk = Walk { origin, right: (0.0, 0.0), taps: 1, end: None };
            assert_eq!(source.is_inner(&walk, 0.0, 0.0), inner, "{origin:?}");
            let mut row = [[0.0; 3]; 4];
            source.sample(&walk, 0.0, &mut row);
            let expected = plainly(&rgb, (40, 31), &walk, (0, 0), 0);
            assert!((f64::from(row[3][0]) - expected).abs() < 0.05, "{origin:?}");
        }
        let black = Walk { origin: (20.0, 20.0), right: (1.0, 0.0), taps: 1, end: Some((10.0, 31.0)) };
        assert!(!source.is_inner(&black, 0.0, 0.0));
    }

    #[test]
    fn a_cut_out_is_read_as_it_is_defined() {
        for size in [(1, 1), (1, 9), (9, 1), (2, 2), (23, 17), (40, 31)] {
            let rgb = noise(3 * size.0 * size.1);
            for taps in [1, 2, 4] {
                // Parts of 64, which no sum rounds: whether a place is black is then the same in both.
                for (origin, right) in [
                    ((3.125, 4.328125), (1.015625, 0.03125)),
                    ((10.25, 1.6875), (0.375, 0.734375)),
                    ((30.3125, 27.125), (-1.328125, -0.40625)),
                    ((-20.3125, -9.703125), (3.90625, 2.109375)),
                    ((-3e6, 5e6), (2e5, -1e5)),
                    ((f32::NAN, 1.0), (1.0, f32::INFINITY)),
                ] {
                    for end in [None, Some((size.0 as f32, size.1 as f32))] {
                        let walk = Walk { origin, right, taps, end };
                        let source = Source::new(&rgb, size.0, size.1);
                        for y in 0..11 {
                            let (mut best, mut plain) = ([[0.0; 3]; 11], [[0.0; 3]; 11]);
                            source.sample(&walk, y as f32, &mut best);
                            source.sample_of::<Plain>(&walk, y as f32, &mut plain);
                            if origin.0.abs() > 1e3 || origin.0.is_nan() {
                                continue;
                            }
                            for (x, pixel) in best.iter().enumerate() {
                                for channel in 0..3 {
                                    let expected = plainly(&rgb, size, &walk, (x, y), channel);
                                    // Between neighbours that differ by 255, a step is 0.016 and rounding of a place less.
                                    for got in [pixel[channel], plain[x][channel]] {
                                        let off = (f64::from(got) - expected).abs();
                                        assert!(off < 0.05, "{size:?} {taps} {origin:?} {end:?} {x} {y}: {off}");
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
