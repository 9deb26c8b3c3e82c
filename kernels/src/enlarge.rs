//! A picture made larger by a whole factor: each pixel repeated, or bilinear between the middles of pixels.
#![allow(unsafe_code)]

use crate::convolution::{holds, lanes, store, View};
use crate::lanes::{Here, Lanes, Machine};

/// The two places of the input that an output's place lies between, and how far it is to the second, 0–1: middles of pixels
/// meet middles (ONNX `half_pixel`), and what lies beyond the edge is the edge.
#[inline(always)]
fn between(at: usize, factor: usize, length: usize) -> (usize, usize, f32) {
    let middle = ((at as f32 + 0.5) / factor as f32 - 0.5).max(0.0);
    let first = (middle as usize).min(length - 1);
    (first, (first + 1).min(length - 1), middle - first as f32)
}

/// Makes a picture of a height and width larger; `out` begins at its row 0 and column 0, and its pixels are as wide as the
/// input's.
///
/// # Panics
/// Where a list is too short.
#[inline(never)]
pub fn enlarge(
    input: View,
    [height, width]: [usize; 2],
    factor: [usize; 2],
    smooth: bool,
    out: &mut [f32],
    row: usize,
) {
    let size = height.checked_mul(factor[0]).zip(width.checked_mul(factor[1])).map(|(h, w)| [h, w]);
    assert!(holds(input.data, Some([height, width]), input.row, input.pixel), "the input is too short");
    assert!(holds(out, size, row, input.pixel), "the output is too short");
    // SAFETY: the lists are long enough.
    unsafe { run::<Here>(input, [height, width], factor, smooth, out, row) };
}

/// # Safety
/// The lists hold the picture and the larger one; no factor is zero.
#[inline(always)]
unsafe fn run<M: Machine>(
    input: View,
    [rows, columns]: [usize; 2],
    factor: [usize; 2],
    smooth: bool,
    out: &mut [f32],
    row: usize,
) {
    let pixel = input.pixel;
    for y in 0..rows * factor[0] {
        for c in (0..pixel).step_by(4) {
            if !smooth {
                let from = y / factor[0] * input.row + c;
                for x in 0..columns * factor[1] {
                    store(lanes::<M::Four, 4>(input.data, from + x / factor[1] * pixel), out, y * row + x * pixel + c);
                }
                continue;
            }
            let (above, below, down) = between(y, factor[0], rows);
            let (above, below, down) = (above * input.row + c, below * input.row + c, M::Four::splat(down));
            let column = |x: usize| {
                let upper = lanes::<M::Four, 4>(input.data, above + x * pixel);
                lanes::<M::Four, 4>(input.data, below + x * pixel).less(upper).times_plus(down, upper)
            };
            // The places of the output that lie between one column of the input and the next, from before the first to behind
            // the last.
            let mut left = column(0);
            let mut x = 0;
            for gap in 0..=columns {
                let right = column(gap.min(columns - 1));
                let more = right.less(left);
                let end = (factor[1] * (2 * gap + 1) / 2).min(columns * factor[1]);
                let first = gap as f32 - 0.5;
                while x < end {
                    let across = (x as f32 + 0.5) / factor[1] as f32 - first;
                    store(more.times_plus(M::Four::splat(across), left), out, y * row + x * pixel + c);
                    x += 1;
                }
                left = right;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A larger picture with rows that are wider than their pixels.
    fn larger(data: &[f32], size: [usize; 2], pixel: usize, factor: [usize; 2], smooth: bool) -> Vec<Vec<f32>> {
        let row = (size[1] * factor[1] + 1) * pixel;
        let mut out = vec![-1.0; size[0] * factor[0] * row];
        enlarge(View { data, row: size[1] * pixel, pixel }, size, factor, smooth, &mut out, row);
        assert!(out.chunks(row).all(|r| r[row - pixel..].iter().all(|&v| v == -1.0)), "nothing is written beyond");
        out.chunks(row).map(|r| r[..row - pixel].to_vec()).collect()
    }

    #[test]
    fn pixels_are_repeated() {
        let data: Vec<f32> = (0..2 * 3 * 8).map(|v| v as f32).collect();
        for (y, line) in larger(&data, [2, 3], 8, [3, 2], false).iter().enumerate() {
            for (i, &value) in line.iter().enumerate() {
                assert_eq!(value, data[(y / 3 * 3 + i / 8 / 2) * 8 + i % 8], "{y} {i}");
            }
        }
    }

    #[test]
    fn middles_of_pixels_meet_and_edges_are_repeated() {
        // A plane stays a plane between the middles of its outer pixels.
        let plane = |y: f32, x: f32, c: usize| 3.0 * y - 2.0 * x + c as f32;
        for (size, factor) in [([4, 5], [2, 2]), ([3, 2], [4, 3]), ([1, 1], [2, 5]), ([5, 1], [1, 2])] {
            let mut data = Vec::new();
            for (y, x) in (0..size[0]).flat_map(|y| (0..size[1]).map(move |x| (y, x))) {
                data.extend((0..4).map(|c| plane(y as f32, x as f32, c)));
            }
            for (y, line) in larger(&data, size, 4, factor, true).iter().enumerate() {
                for (i, &value) in line.iter().enumerate() {
                    let at = |i: usize, axis: usize| {
                        ((i as f32 + 0.5) / factor[axis] as f32 - 0.5).clamp(0.0, (size[axis] - 1) as f32)
                    };
                    let expected = plane(at(y, 0), at(i / 4, 1), i % 4);
                    assert!((value - expected).abs() < 1e-5, "{size:?} {factor:?}: {value} for {expected}");
                }
            }
        }
    }

    #[test]
    fn lists_that_are_too_short_are_refused() {
        let refused = |from: usize, to: usize, factor: [usize; 2]| {
            let (data, mut out) = (vec![0.0; from], vec![0.0; to]);
            let view = View { data: &data, row: 12, pixel: 4 };
            let run = std::panic::AssertUnwindSafe(|| enlarge(view, [2, 3], factor, true, &mut out, 24));
            std::panic::catch_unwind(run).is_err()
        };
        assert!(!refused(24, 96, [2, 2]));
        assert!(refused(23, 96, [2, 2]) && refused(24, 95, [2, 2]));
        assert!(refused(24, 96, [0, 2]) && refused(24, 96, [2, 0]) && refused(24, 96, [usize::MAX, 2]));
    }
}
