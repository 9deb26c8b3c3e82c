//! The greatest value under a window, of each channel by itself.
#![allow(unsafe_code)]

use crate::convolution::{lanes, store, View};
use crate::lanes::{Lanes, Machine};

/// Runs over a whole picture of a height and width; `out` begins at its row 0 and column 0, and its pixels are as wide as
/// the input's.
///
/// # Safety
/// Input and output hold all that is read and written.
#[inline(always)]
pub unsafe fn run<M: Machine>(
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
            let window = y * stride[0] * input.row + x * stride[1] * pixel;
            for c in (0..pixel).step_by(4) {
                let mut greatest = M::Four::splat(f32::NEG_INFINITY);
                for down in 0..kernel[0] {
                    for across in 0..kernel[1] {
                        let at = window + down * input.row + across * pixel + c;
                        greatest = greatest.greater(lanes(input.data, at));
                    }
                }
                store(greatest, out, y * row + x * pixel + c);
            }
        }
    }
}
