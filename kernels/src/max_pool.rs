//! The greatest value under a window, of each channel by itself.

use crate::convolve::{lanes, View};
use crate::lanes::{Lanes, Machine};

/// Runs over a whole picture of a height and width; `out` begins at its row 0 and column 0, and its pixels are as wide as
/// the input's.
#[inline(always)]
pub fn run<M: Machine>(
    input: View,
    kernel: [usize; 2],
    stride: [usize; 2],
    [height, width]: [usize; 2],
    out: &mut [f32],
    row: usize,
) {
    let pixel = input.pixel;
    for y in 0..height {
        for x in 0..width {
            let out = &mut out[y * row + x * pixel..][..pixel];
            let window = y * stride[0] * input.row + x * stride[1] * pixel;
            for (c, out) in out.chunks_exact_mut(4).enumerate() {
                let mut greatest = M::Four::splat(f32::NEG_INFINITY);
                for down in 0..kernel[0] {
                    for across in 0..kernel[1] {
                        let at = window + down * input.row + across * pixel + 4 * c;
                        greatest = greatest.greater(lanes(input.data, at));
                    }
                }
                if let Ok(out) = out.try_into() {
                    greatest.store(out);
                }
            }
        }
    }
}
