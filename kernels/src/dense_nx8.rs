//! A convolution over all channels as a product of matrices: a few places, gathered next to each other, by eight channels. The
//! picture is never unfolded as a whole; places lie in a tile whether they lie in one row or not.

use crate::convolve::{Convolution, View};
use crate::lanes::{Lanes, Machine};

/// Channels in a tile.
pub const CHANNELS: usize = 8;

/// Most places in a tile.
pub const MOST_PLACES: usize = 12;

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

/// Runs over a whole picture; `out` begins at its row 0 and column 0. `tile` holds what `P` places see: as many floats as
/// the window has, for each.
#[inline(always)]
pub fn run<M: Machine, const P: usize>(
    of: &Convolution,
    input: View,
    out: &mut [f32],
    (row, pixel): (usize, usize),
    tile: &mut [f32],
) {
    let [height, width] = of.size;
    let run = of.kernel[1] * input.pixel;
    let depth = of.kernel[0] * run;
    let tile = &mut tile[..depth * P];
    // Where the next place of the output is.
    let (mut y, mut x) = (0, 0);
    let mut left = height * width;
    while left > 0 {
        let count = left.min(P);
        // Beyond the last place the last is computed again and not stored.
        let mut places = [(y, x); P];
        for place in places.iter_mut().take(count) {
            *place = (y, x);
            x += 1;
            if x == width {
                (y, x) = (y + 1, 0);
            }
        }
        let last = places[count - 1];
        places[count..].fill(last);
        left -= count;
        for (down, tile) in tile.chunks_exact_mut(run * P).enumerate() {
            let tile = tile.as_chunks_mut::<P>().0;
            for (p, (y, x)) in places.into_iter().enumerate() {
                let at = (y * of.stride[0] + down) * input.row + x * of.stride[1] * input.pixel;
                tile.iter_mut().zip(&input.data[at..at + run]).for_each(|(to, value)| to[p] = *value);
            }
        }
        for (p, weights) in of.packed.chunks_exact(depth * CHANNELS).enumerate() {
            let channel = p * CHANNELS;
            let sums = multiply::<M, P>(of.start::<M::Eight, CHANNELS>(channel), tile, weights);
            let wide = CHANNELS.min(pixel - channel);
            for (sum, (y, x)) in sums.into_iter().zip(places).take(count) {
                let at = y * row + x * pixel + channel;
                of.finish::<M::Eight, CHANNELS>(sum, (y, x), channel, &mut out[at..at + wide]);
            }
        }
    }
}

/// The product of a tile and a panel, each place of it begun at `start`.
#[inline(always)]
fn multiply<M: Machine, const P: usize>(start: M::Eight, tile: &[f32], weights: &[f32]) -> [M::Eight; P] {
    let mut sums = [start; P];
    for (values, weights) in tile.chunks_exact(P).zip(weights.chunks_exact(CHANNELS)) {
        let Ok(weights) = weights.try_into() else { break };
        let weights = M::Eight::load(weights);
        for (sum, &value) in sums.iter_mut().zip(values) {
            *sum = M::Eight::splat(value).times_plus(weights, *sum);
        }
    }
    sums
}
