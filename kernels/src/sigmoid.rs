//! The logistic function of each value.

use crate::convolution::View;

/// 1 / (1 + exp(−x)), within 2e-7; what is no number stays none.
#[inline(always)]
fn sigmoid(x: f32) -> f32 {
    // exp(−x) as 2^n · 2^f with |f| ≤ ½, the second by its Taylor series; written without branches, so that it is done
    // for several values at once.
    let power = (-x * std::f32::consts::LOG2_E).clamp(-126.0, 126.0);
    let whole = power.round_ties_even();
    let f = (power - whole) * std::f32::consts::LN_2;
    let series = 1.0 + f * (1.0 + f * (0.5 + f * (1.0 / 6.0 + f * (1.0 / 24.0 + f * (1.0 / 120.0 + f / 720.0)))));
    let scale = f32::from_bits(((whole as i32 + 127) as u32) << 23);
    1.0 / (1.0 + scale * series)
}

/// Of each channel of a picture of a height and width; `out` begins at its row 0 and column 0. Channels that only pad are zero.
///
/// # Panics
/// Where a list is too short.
pub fn logistic(input: View, channels: usize, [height, width]: [usize; 2], out: &mut [f32], row: usize) {
    let pixel = input.pixel;
    assert!(channels <= pixel, "there are fewer channels");
    for y in 0..height {
        let line = &mut out[y * row..][..width * pixel];
        line.iter_mut().zip(&input.data[y * input.row..][..width * pixel]).for_each(|(out, &x)| *out = sigmoid(x));
        line.chunks_exact_mut(pixel).for_each(|pixel| pixel[channels..].fill(0.0));
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
