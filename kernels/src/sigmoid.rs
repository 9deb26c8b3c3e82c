//! The logistic function of each value.
#![allow(unsafe_code)]

use crate::convolution::{holds, lanes, store, View};
use crate::lanes::{Here, Lanes, Machine, ROUNDED};

/// 1 / (1 + exp(−x)), within 2e-7; what is no number stays none.
#[inline(always)]
fn sigmoid<L: Lanes<N>, const N: usize>(x: L) -> L {
    // exp(−x) as 2^n · 2^f with |f| ≤ ½, the second by its Taylor series.
    let (one, rounded) = (L::splat(1.0), L::splat(ROUNDED));
    let power = x.times_plus(L::splat(-std::f32::consts::LOG2_E), L::splat(0.0));
    // What is no number is neither less nor greater, and stays.
    let power = L::splat(-126.0).greater(L::splat(126.0).lesser(power));
    let whole = power.plus(rounded);
    let f = power.less(whole.less(rounded)).times_plus(L::splat(std::f32::consts::LN_2), L::splat(0.0));
    let mut series = L::splat(1.0 / 720.0);
    for term in [1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0] {
        series = series.times_plus(f, L::splat(term));
    }
    one.over(series.times_plus(whole.power_of_two(), one))
}

/// Of each channel of a picture of a height and width; `out` begins at its row 0 and column 0. Channels that only pad are zero.
///
/// # Panics
/// Where a list is too short, the picture has no pixels, or they are not padded to four.
#[inline(never)]
pub fn logistic(input: View, channels: usize, [height, width]: [usize; 2], out: &mut [f32], row: usize) {
    let pixel = input.pixel;
    assert!(channels <= pixel, "there are fewer channels");
    assert!(holds(input.data, Some([height, width]), input.row, pixel), "the input is too short");
    assert!(holds(out, Some([height, width]), row, pixel), "the output is too short");
    for y in 0..height {
        for at in (0..width * pixel).step_by(4) {
            // SAFETY: the lists are long enough, and pixels are padded to four.
            unsafe {
                store(sigmoid::<<Here as Machine>::Four, 4>(lanes(input.data, y * input.row + at)), out, y * row + at)
            };
        }
        if channels < pixel {
            out[y * row..][..width * pixel].chunks_exact_mut(pixel).for_each(|pixel| pixel[channels..].fill(0.0));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_logistic_function() {
        let inputs: Vec<f32> = (-4000..4000).map(|i| i as f32 * 0.025).collect();
        let mut out = vec![0.0; inputs.len()];
        let view = |data| View { data, row: 0, pixel: 4 };
        logistic(view(&inputs), 4, [1, inputs.len() / 4], &mut out, 0);
        for (x, got) in inputs.iter().zip(&out) {
            let expected = 1.0 / (1.0 + (-f64::from(*x)).exp());
            assert!((f64::from(*got) - expected).abs() < 2e-7, "{x}: {got} for {expected}");
        }
        logistic(view(&[f32::INFINITY, f32::NEG_INFINITY, f32::NAN, 0.0]), 3, [1, 1], &mut out, 0);
        assert!(out[0] == 1.0 && out[1] < 1e-30 && out[2].is_nan() && out[3] == 0.0);
    }
}
