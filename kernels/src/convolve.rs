//! Convolutions and pools over pictures: which kernel is run on this machine. One kernel a file, named by what it
//! keeps in registers; each is tested against [`crate::reference`] over a table of shapes with odd sizes.
#![allow(unsafe_code)]

use crate::convolution::{holds, packed, seen, Convolution, View};
use crate::lanes::{Here, Machine, SCALAR};
use crate::{dense_nx8, depthwise_6xn, max_pool as pool};

/// Places by eight channels that fill the registers: an engine's compiler hands out fifteen of four floats, and a product
/// that is not fused takes one for itself. Without vectors the eight sums of one place are as many as there is room for.
const PLACES: usize = if SCALAR {
    1
} else if cfg!(all(target_arch = "wasm32", not(target_feature = "relaxed-simd"))) {
    5
} else {
    6
};

/// Ten registers of eight floats, of sixteen: with twelve one has to wait in memory.
#[cfg(target_arch = "x86_64")]
const PLACES_AVX2: usize = 10;

/// A convolution over all channels; `out` begins at its row 0 and column 0, `row` and `pixel` are the floats from one to the
/// next.
#[inline(never)]
pub fn dense(of: &Convolution, input: View, out: &mut [f32], steps: (usize, usize)) {
    of.check(input, out, steps, packed(of.kernel, of.channels, steps.1.next_multiple_of(dense_nx8::CHANNELS)));
    #[cfg(target_arch = "x86_64")]
    if crate::lanes::Avx2::is_here() {
        // SAFETY: this machine has both features that the function is compiled for, and the lists are long enough.
        return unsafe { dense_avx2(of, input, out, steps) };
    }
    // SAFETY: the lists are long enough.
    unsafe { dense_of::<Here, PLACES>(of, input, out, steps) };
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn dense_avx2(of: &Convolution, input: View, out: &mut [f32], steps: (usize, usize)) {
    dense_of::<crate::lanes::Avx2, PLACES_AVX2>(of, input, out, steps);
}

/// One place alone, as the last layer of a network has it, or many, from one place to the next by a distance that is known beforehand:
/// for those that win by it.
#[inline(always)]
unsafe fn dense_of<M: Machine, const P: usize>(of: &Convolution, input: View, out: &mut [f32], steps: (usize, usize)) {
    let length = dense_nx8::rows(of, input).1;
    macro_rules! steps {
        ($($step:literal)*) => {
            // A row that is shorter than a tile has no distance that is known.
            match if length < P { 0 } else { input.pixel * of.stride[1] } {
                _ if length == 1 => dense_nx8::run::<M, 1, 0>(of, input, out, steps),
                $($step if !SCALAR => dense_nx8::run::<M, P, $step>(of, input, out, steps),)*
                _ => dense_nx8::run::<M, P, 0>(of, input, out, steps),
            }
        };
    }
    steps!(8 16 24);
}

/// A convolution of each channel by itself; `out` begins at its row 0 and column 0, and its pixels are as wide as the
/// input's.
#[inline(never)]
pub fn depthwise(of: &Convolution, input: View, out: &mut [f32], row: usize) {
    of.check(input, out, (row, input.pixel), packed(of.kernel, 1, input.pixel));
    #[cfg(target_arch = "x86_64")]
    if crate::lanes::Avx2::is_here() {
        // SAFETY: this machine has both features that the function is compiled for, and the lists are long enough.
        return unsafe { depthwise_avx2(of, input, out, row) };
    }
    // SAFETY: the lists are long enough.
    unsafe { depthwise_6xn::run::<Here>(of, input, out, row) };
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn depthwise_avx2(of: &Convolution, input: View, out: &mut [f32], row: usize) {
    depthwise_6xn::run::<crate::lanes::Avx2>(of, input, out, row);
}

/// The greatest value under a window, of each channel by itself; otherwise as [`depthwise`].
pub fn max_pool(input: View, kernel: [usize; 2], stride: [usize; 2], size: [usize; 2], out: &mut [f32], row: usize) {
    assert!(holds(input.data, seen(size, kernel, stride), input.row, input.pixel), "the input is too short");
    assert!(holds(out, Some(size), row, input.pixel), "the output is too short");
    // SAFETY: the lists are long enough.
    unsafe { pool::run::<Here>(input, kernel, stride, size, out, row) };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::convolution::Activation;
    use crate::lanes::{Fused, Plain};
    use crate::reference::{convolve, Case, Picture};

    /// Numbers from −1 to 1, others from another seed.
    fn noise(seed: u32, len: usize) -> Vec<f32> {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 23) as f32 - 1.0
        };
        (0..len).map(|_| next()).collect()
    }

    /// A picture with its border and with channels padded to four, and where row 0, column 0 less the padding begins.
    fn laid_out(picture: &Picture, [top, left]: [usize; 2], [bottom, right]: [usize; 2]) -> (Vec<f32>, usize, usize) {
        let [height, width, channels] = picture.size;
        let pixel = channels.next_multiple_of(4);
        let row = (left + width + right) * pixel;
        let mut data = vec![0.0; (top + height + bottom) * row];
        for (i, pixels) in picture.data.chunks_exact(channels).enumerate() {
            let at = (top + i / width) * row + (left + i % width) * pixel;
            data[at..at + channels].copy_from_slice(pixels);
        }
        (data, row, pixel)
    }

    /// Runs both kernels on one shape and compares with the reference.
    fn check<M: Machine, const P: usize>(
        depthwise: bool,
        size: [usize; 3],
        to: usize,
        window: [usize; 2],
        stride: usize,
        kind: Activation,
    ) {
        let padding = [(window[0] - 1) / 2, window[1] / 2];
        let input = Picture { size, data: noise(1, size.iter().product()) };
        let [height, width, from] = size;
        let to = if depthwise { from } else { to };
        let out = [(height - 1) / stride + 1, (width - 1) / stride + 1, to];
        let beyond =
            |axis: usize, own: usize| ((out[axis] - 1) * stride + window[axis]).saturating_sub(padding[axis] + own);
        // With a column more, rows are not one row.
        let more = usize::from(kind == Activation::Relu);
        let (data, row, pixel) = laid_out(&input, padding, [beyond(0, height), beyond(1, width) + more]);
        let places = window[0] * window[1];
        let weights = noise(2, places * to * if depthwise { 1 } else { from });
        let (bias, slope) = (noise(3, to), noise(4, to));
        // What is added has half of the channels.
        let less = [out[0], out[1], to.div_ceil(2)];
        let residual = Picture { size: less, data: noise(5, less.iter().product()) };
        let (residual_data, residual_row, residual_pixel) = laid_out(&residual, [0, 0], [0, 0]);
        let expected = convolve(
            &input,
            &Case {
                depthwise,
                kernel: window,
                stride: [stride; 2],
                padding,
                out,
                weights: &weights,
                bias: &bias,
                slope: &slope,
                activation: kind,
                residual: Some(&residual),
            },
        );
        let padded = |list: &[f32]| [list, &[0.0; 8]].concat()[..to.next_multiple_of(8)].to_vec();
        let (wide, out_pixel) = (out[1] + 2, to.next_multiple_of(4));
        let packed = if depthwise {
            depthwise_6xn::pack(&weights, to, out_pixel)
        } else {
            dense_nx8::pack(&weights, places, from, to)
        };
        let convolution = Convolution {
            kernel: window,
            stride: [stride; 2],
            size: [out[0], out[1]],
            channels: from,
            packed: &packed,
            bias: &padded(&bias),
            activation: kind,
            slope: &padded(&slope),
            residual: Some(View { data: &residual_data, row: residual_row, pixel: residual_pixel }),
        };
        let view = View { data: &data, row, pixel };
        const UNTOUCHED: f32 = 77.0;
        let mut got = vec![UNTOUCHED; out[0] * wide * out_pixel];
        // SAFETY: the lists hold all that the case reads and writes; under AddressSanitizer each access is looked at.
        unsafe {
            if depthwise {
                depthwise_6xn::run::<M>(&convolution, view, &mut got, wide * out_pixel);
            } else {
                dense_of::<M, P>(&convolution, view, &mut got, (wide * out_pixel, out_pixel));
            }
        }
        for (i, &value) in got.iter().enumerate() {
            let (y, x, c) = (i / out_pixel / wide, i / out_pixel % wide, i % out_pixel);
            let of = if x >= out[1] {
                UNTOUCHED
            } else if c >= to {
                0.0
            } else {
                expected[(y * out[1] + x) * to + c]
            };
            assert!(
                (value - of).abs() < 1e-4 * (1.0 + of.abs()),
                "{size:?} {window:?} {stride} at {y} {x} {c}: {value} for {of}"
            );
        }
    }

    #[test]
    fn kernels_agree_with_the_reference_on_odd_sizes() {
        let sizes =
            [[1, 1, 1], [1, 7, 3], [5, 6, 4], [7, 5, 8], [6, 13, 12], [3, 9, 17], [4, 4, 24], [3, 14, 16], [5, 13, 32]];
        for size in sizes {
            for window in [[1, 1], [3, 3], [5, 5], [2, 3]] {
                for stride in [1, 2, 3] {
                    for kind in [Activation::None, Activation::Relu, Activation::PRelu] {
                        for to in [1, 6, 8, 19] {
                            check::<Here, 6>(false, size, to, window, stride, kind);
                        }
                        check::<Here, 6>(true, size, 0, window, stride, kind);
                        check::<Fused, 6>(true, size, 0, window, stride, kind);
                    }
                }
            }
            for kind in [Activation::None, Activation::Relu, Activation::PRelu] {
                check::<Plain, 5>(false, size, 19, [3, 3], 1, kind);
                check::<Fused, 12>(false, size, 19, [3, 3], 2, kind);
                #[cfg(target_arch = "x86_64")]
                if crate::lanes::Avx2::is_here() {
                    use crate::lanes::Avx2;
                    check::<Avx2, PLACES_AVX2>(false, size, 19, [3, 3], 1, kind);
                    check::<Avx2, PLACES_AVX2>(true, size, 0, [5, 5], 2, kind);
                    check::<Avx2, PLACES_AVX2>(true, size, 0, [3, 3], 1, kind);
                }
            }
        }
    }

    #[test]
    fn a_pool_takes_the_greatest() {
        let picture = Picture { size: [5, 7, 6], data: noise(1, 5 * 7 * 6) };
        let (data, row, pixel) = laid_out(&picture, [0, 0], [0, 0]);
        let mut out = vec![0.0; 2 * 3 * pixel];
        max_pool(View { data: &data, row, pixel }, [2, 2], [2, 2], [2, 3], &mut out, 3 * pixel);
        for (i, &value) in out.iter().enumerate() {
            let (y, x, c) = (i / pixel / 3, i / pixel % 3, i % pixel);
            let of = |y: usize, x: usize| picture.data[(y * 7 + x) * 6 + c];
            let expected = if c < 6 {
                [of(2 * y, 2 * x), of(2 * y, 2 * x + 1), of(2 * y + 1, 2 * x), of(2 * y + 1, 2 * x + 1)]
                    .into_iter()
                    .fold(f32::MIN, f32::max)
            } else {
                0.0
            };
            assert_eq!(value, expected, "{y} {x} {c}");
        }
    }

    /// Whether a convolution with lists of these lengths is refused: input, output, kernel, bias, slopes, what is added.
    fn refused(lengths: [usize; 6], stride: usize, depthwise_too: bool) -> bool {
        let [input, out, kernel, bias, slope, add] = lengths.map(|len| vec![0.0f32; len]);
        let of = Convolution {
            kernel: [3, 3],
            stride: [stride; 2],
            size: [4, 5],
            channels: 8,
            packed: &kernel,
            bias: &bias,
            activation: Activation::PRelu,
            slope: &slope,
            residual: Some(View { data: &add, row: 40, pixel: 8 }),
        };
        let view = View { data: &input, row: 56, pixel: 8 };
        let panics = |run: &dyn Fn()| std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)).is_err();
        let all = panics(&|| dense(&of, view, &mut out.clone(), (40, 8)));
        assert!(!depthwise_too || panics(&|| depthwise(&of, view, &mut out.clone(), 40)) == all);
        all
    }

    #[test]
    fn lists_that_are_too_short_are_refused_before_anything_is_read() {
        let whole = [5 * 56 + 7 * 8, 3 * 40 + 5 * 8, 3 * 3 * 8 * 8, 8, 8, 3 * 40 + 5 * 8];
        assert!(!refused(whole, 1, true));
        for list in 0..whole.len() {
            let mut short = whole;
            short[list] -= 1;
            // A depthwise kernel has fewer weights.
            assert!(refused(short, 1, list != 2), "{list}");
        }
        assert!(
            refused(whole, 2, true) && refused(whole, usize::MAX / 2 + 1, true) && refused(whole, usize::MAX, true)
        );
        let pool = |len: usize| {
            let data = vec![0.0; len];
            let view = View { data: &data, row: 32, pixel: 8 };
            std::panic::catch_unwind(|| max_pool(view, [2, 2], [2, 2], [2, 2], &mut [0.0; 32], 16)).is_err()
        };
        assert!(!pool(128) && pool(127));
    }
}
