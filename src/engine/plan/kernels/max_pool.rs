//! The greatest value under a window, of each channel by itself.

use super::View;

/// Runs over a whole picture of a height and width; `out` begins at its row 0 and column 0, and its pixels are as wide as
/// the input's.
#[inline(always)]
pub fn run(
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
            out.fill(f32::NEG_INFINITY);
            for down in 0..kernel[0] {
                for across in 0..kernel[1] {
                    let at = (y * stride[0] + down) * input.row + (x * stride[1] + across) * pixel;
                    let values = &input.data[at..at + pixel];
                    out.iter_mut().zip(values).for_each(|(o, &v)| *o = if v > *o { v } else { *o });
                }
            }
        }
    }
}
