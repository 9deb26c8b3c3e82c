//! A convolution of each channel by itself: four places of a row by eight channels.

use super::{Convolution, Madd, View};

/// Places of the output in a tile.
const PLACES: usize = 4;

/// Packs a kernel (down, across, channel): channels padded by zeros to `pixel`.
pub fn pack(kernel: &[f32], channels: usize, pixel: usize) -> Vec<f32> {
    let mut packed = vec![0.0; kernel.len() / channels.max(1) * pixel];
    for (to, from) in packed.chunks_exact_mut(pixel.max(1)).zip(kernel.chunks_exact(channels.max(1))) {
        to[..channels].copy_from_slice(from);
    }
    packed
}

/// Runs over a whole picture; `out` begins at its row 0 and column 0, and its pixels are as wide as the input's.
#[inline(always)]
pub fn run<M: Madd>(of: &Convolution, input: View, out: &mut [f32], row: usize) {
    let [height, width] = of.size;
    for y in 0..height {
        for x in (0..width).step_by(PLACES) {
            let places = PLACES.min(width - x);
            let mut channel = 0;
            while channel + 8 <= input.pixel {
                tile::<M, 8>(of, input, (y, x, places), channel, out, row);
                channel += 8;
            }
            if channel < input.pixel {
                tile::<M, 4>(of, input, (y, x, places), channel, out, row);
            }
        }
    }
}

#[inline(always)]
fn tile<M: Madd, const N: usize>(
    of: &Convolution,
    input: View,
    (y, x, places): (usize, usize, usize),
    channel: usize,
    out: &mut [f32],
    row: usize,
) {
    let pixel = input.pixel;
    let mut sums = [of.start::<N>(channel); PLACES];
    for down in 0..of.kernel[0] {
        let from = (y * of.stride[0] + down) * input.row + channel;
        for across in 0..of.kernel[1] {
            let at = (down * of.kernel[1] + across) * pixel + channel;
            let weights = &of.packed[at..at + N];
            for (k, sum) in sums.iter_mut().enumerate() {
                // Beyond the last place the last is computed again and not stored.
                let at = from + ((x + k.min(places - 1)) * of.stride[1] + across) * pixel;
                let values = &input.data[at..at + N];
                for n in 0..N {
                    sum[n] = M::madd(values[n], weights[n], sum[n]);
                }
            }
        }
    }
    for (k, sum) in sums.into_iter().enumerate().take(places) {
        let at = y * row + (x + k) * pixel + channel;
        of.finish(sum, (y, x + k), channel, &mut out[at..at + N]);
    }
}
