//! A convolution of each channel by itself: six places of a row by as many channels as a register holds; two, where there are
//! no such registers.
#![allow(unsafe_code)]

use crate::convolution::{lanes, Convolution, View};
use crate::lanes::{Lanes, Machine, SCALAR};

/// Places of the output in a tile. Without vectors the sums of two places are as many as there is room for.
const PLACES: usize = if SCALAR { 2 } else { 6 };

/// Packs a kernel (down, across, channel): channels padded by zeros to `pixel`.
pub fn pack(kernel: &[f32], channels: usize, pixel: usize) -> Vec<f32> {
    let mut packed = vec![0.0; kernel.len() / channels.max(1) * pixel];
    for (to, from) in packed.chunks_exact_mut(pixel.max(1)).zip(kernel.chunks_exact(channels.max(1))) {
        to[..channels].copy_from_slice(from);
    }
    packed
}

/// Runs over a whole picture; `out` begins at its row 0 and column 0, and its pixels are as wide as the input's.
///
/// # Safety
/// The convolution has passed its check.
#[inline(always)]
pub unsafe fn run<M: Machine>(of: &Convolution, input: View, out: &mut [f32], row: usize) {
    match (of.kernel[1], of.stride[1]) {
        (3, 1) if of.size[1] >= PLACES => rows::<M, 3, 1>(of, input, out, row),
        (3, 2) if of.size[1] >= PLACES => rows::<M, 3, 2>(of, input, out, row),
        (5, 1) if of.size[1] >= PLACES => rows::<M, 5, 1>(of, input, out, row),
        (5, 2) if of.size[1] >= PLACES => rows::<M, 5, 2>(of, input, out, row),
        _ => {
            for y in 0..of.size[0] {
                for x in 0..of.size[1] {
                    (0..input.pixel).step_by(4).for_each(|c| single::<M>(of, input, (y, x), c, out, row));
                }
            }
        }
    }
}

/// Windows of a width and stride that are known.
#[inline(always)]
unsafe fn rows<M: Machine, const K: usize, const S: usize>(of: &Convolution, input: View, out: &mut [f32], row: usize) {
    let [height, width] = of.size;
    for y in 0..height {
        for x in (0..width).step_by(PLACES) {
            // The last places of a row are computed twice where the tiles don't fill it.
            let x = x.min(width - PLACES);
            let mut channel = 0;
            while M::WIDE && channel + 8 <= input.pixel {
                tile::<M::Eight, 8, K, S>(of, input, (y, x), channel, out, row);
                channel += 8;
            }
            while channel < input.pixel {
                tile::<M::Four, 4, K, S>(of, input, (y, x), channel, out, row);
                channel += 4;
            }
        }
    }
}

#[inline(always)]
unsafe fn tile<L: Lanes<N>, const N: usize, const K: usize, const S: usize>(
    of: &Convolution,
    input: View,
    (y, x): (usize, usize),
    channel: usize,
    out: &mut [f32],
    row: usize,
) {
    let pixel = input.pixel;
    let mut sums = [lanes::<L, N>(of.bias, channel); PLACES];
    for down in 0..of.kernel[0] {
        let from = (y * of.stride[0] + down) * input.row + x * S * pixel + channel;
        let own = down * K * pixel + channel;
        let mut weights = [L::splat(0.0); K];
        for (j, weight) in weights.iter_mut().enumerate() {
            *weight = lanes(of.packed, own + j * pixel);
        }
        // Lines: as a loop over the places compilers keep the sums in memory.
        macro_rules! place {
            ($k:literal) => {
                if $k < PLACES {
                    let sum = sums.get_unchecked_mut($k);
                    for (j, &weight) in weights.iter().enumerate() {
                        *sum = lanes::<L, N>(input.data, from + ($k * S + j) * pixel).times_plus(weight, *sum);
                    }
                }
            };
        }
        place!(0);
        place!(1);
        place!(2);
        place!(3);
        place!(4);
        place!(5);
    }
    let (to, from) = of.at((y, x), row, pixel);
    let step = of.residual.map_or(0, |view| view.pixel);
    let mut outs = [(0, 0); PLACES];
    for (k, out) in outs.iter_mut().enumerate() {
        *out = (to + k * pixel, from + k * step);
    }
    of.finish::<L, N, PLACES>(sums, &outs, channel, out);
}

/// One place, whatever the window.
#[inline(always)]
unsafe fn single<M: Machine>(
    of: &Convolution,
    input: View,
    (y, x): (usize, usize),
    channel: usize,
    out: &mut [f32],
    row: usize,
) {
    let pixel = input.pixel;
    let mut sum = lanes::<M::Four, 4>(of.bias, channel);
    for down in 0..of.kernel[0] {
        for across in 0..of.kernel[1] {
            let at = (y * of.stride[0] + down) * input.row + (x * of.stride[1] + across) * pixel + channel;
            let weight = lanes::<M::Four, 4>(of.packed, (down * of.kernel[1] + across) * pixel + channel);
            sum = lanes::<M::Four, 4>(input.data, at).times_plus(weight, sum);
        }
    }
    of.finish::<M::Four, 4, 1>([sum], &[of.at((y, x), row, pixel)], channel, out);
}
