//! A convolution over all channels: six places of a row by eight channels, as a product of matrices without unfolding the
//! picture first. One row of a window is one run of floats of the picture, since channels lie innermost.

use super::{Convolution, Madd, View};

/// Places of the output in a tile.
const PLACES: usize = 6;
/// Channels in a tile.
pub const CHANNELS: usize = 8;

/// Packs a kernel (down, across, in, out) into panels of eight channels out, each as a run of the picture reads it: with
/// the channels in padded by zeros to `pixel`.
pub fn pack(kernel: &[f32], window: usize, from: usize, to: usize, pixel: usize) -> Vec<f32> {
    let panels = to.div_ceil(CHANNELS);
    let mut packed = vec![0.0; panels * window * pixel * CHANNELS];
    for place in 0..window {
        for i in 0..from {
            for o in 0..to {
                let (panel, lane) = (o / CHANNELS, o % CHANNELS);
                let at = ((panel * window + place) * pixel + i) * CHANNELS + lane;
                packed[at] = kernel[(place * from + i) * to + o];
            }
        }
    }
    packed
}

/// Runs over a whole picture; `out` begins at its row 0 and column 0.
#[inline(always)]
pub fn run<M: Madd>(of: &Convolution, input: View, out: &mut [f32], row: usize, pixel: usize) {
    let [height, width] = of.size;
    let run = of.kernel[1] * input.pixel;
    let panel = of.kernel[0] * run * CHANNELS;
    for y in 0..height {
        for x in (0..width).step_by(PLACES) {
            let places = PLACES.min(width - x);
            for (p, weights) in of.packed.chunks_exact(panel).enumerate() {
                let channel = p * CHANNELS;
                let mut sums = [of.start::<CHANNELS>(channel); PLACES];
                for (down, weights) in weights.chunks_exact(run * CHANNELS).enumerate() {
                    let from = (y * of.stride[0] + down) * input.row;
                    // Beyond the last place the last is computed again and not stored.
                    let rows = std::array::from_fn(|k| {
                        let at = from + (x + k.min(places - 1)) * of.stride[1] * input.pixel;
                        &input.data[at..at + run]
                    });
                    accumulate::<M>(&mut sums, rows, weights);
                }
                let wide = CHANNELS.min(pixel - channel);
                for (k, sum) in sums.into_iter().enumerate().take(places) {
                    let at = y * row + (x + k) * pixel + channel;
                    of.finish(sum, (y, x + k), channel, &mut out[at..at + wide]);
                }
            }
        }
    }
}

#[inline(always)]
fn accumulate<M: Madd>(sums: &mut [[f32; CHANNELS]; PLACES], rows: [&[f32]; PLACES], weights: &[f32]) {
    let mut own = *sums;
    for (k, weights) in weights.chunks_exact(CHANNELS).enumerate() {
        for (sum, row) in own.iter_mut().zip(&rows) {
            let value = row[k];
            for n in 0..CHANNELS {
                sum[n] = M::madd(value, weights[n], sum[n]);
            }
        }
    }
    *sums = own;
}
