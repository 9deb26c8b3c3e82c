//! A convolution over all channels as a product of matrices: a few places, gathered next to each other, by eight channels. The
//! picture is never unfolded as a whole; places lie in a tile whether they lie in one row or not.

use crate::convolve::{Convolution, View};
use crate::lanes::{Lanes, Machine};

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

/// Runs over a whole picture; `out` begins at its row 0 and column 0. `tile` holds what `P` places see: as many floats as
/// the window has, for each.
///
/// `S` is the floats from one pixel of the input to the next where they are known beforehand and the window is one pixel:
/// places that lie next to each other are then read where they are. It is 0 where they are not.
#[inline(always)]
pub fn run<M: Machine, const P: usize, const S: usize>(
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
    // Rows without anything between them are one row.
    let one_row = input.row == width * S;
    // Where the next place of the output is.
    let (mut y, mut x) = (0, 0);
    let mut left = height * width;
    while left > 0 {
        let count = left.min(P);
        let adjacent = S > 0 && count == P && (one_row || x + P <= width);
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
        let outs = places.map(|place| of.at(place, row, pixel));
        let first = places[0].0 * of.stride[0] * input.row + places[0].1 * of.stride[1] * input.pixel;
        if !adjacent {
            gather(of, input, &places, tile);
        }
        for (p, weights) in of.packed.chunks_exact(depth * CHANNELS).enumerate() {
            let channel = p * CHANNELS;
            let start = of.start::<M::Eight, CHANNELS>(channel);
            let sums = if adjacent {
                multiply_adjacent::<M, P, S>(start, &input.data[first..first + (P - 1) * S + run], weights)
            } else {
                multiply::<M, P>(start, tile, weights)
            };
            let wide = CHANNELS.min(pixel - channel);
            of.finish::<M::Eight, CHANNELS, P>(sums, &outs[..count], (channel, wide), out);
        }
    }
}

/// Puts what the places see next to each other, float by float.
#[inline(always)]
fn gather<const P: usize>(of: &Convolution, input: View, places: &[(usize, usize); P], tile: &mut [f32]) {
    let run = of.kernel[1] * input.pixel;
    for (down, tile) in tile.chunks_exact_mut(run * P).enumerate() {
        let tile = tile.as_chunks_mut::<P>().0;
        for (p, (y, x)) in places.iter().enumerate() {
            let at = (y * of.stride[0] + down) * input.row + x * of.stride[1] * input.pixel;
            tile.iter_mut().zip(&input.data[at..at + run]).for_each(|(to, value)| to[p] = *value);
        }
    }
}

/// The product of places that lie `S` floats apart and a panel, each begun at `start`.
#[inline(always)]
fn multiply_adjacent<M: Machine, const P: usize, const S: usize>(
    start: M::Eight,
    values: &[f32],
    weights: &[f32],
) -> [M::Eight; P] {
    let mut sums = [start; P];
    let mut rows = weights.as_chunks::<CHANNELS>().0.iter();
    for values in values.windows((P - 1) * S + 1) {
        let Some(weights) = rows.next() else { break };
        let weights = M::Eight::load(weights);
        for (i, sum) in sums.iter_mut().enumerate() {
            *sum = M::Eight::splat(values[i * S]).times_plus(weights, *sum);
        }
    }
    sums
}

/// The product of a tile and a panel, each place of it begun at `start`.
#[inline(always)]
fn multiply<M: Machine, const P: usize>(start: M::Eight, tile: &[f32], weights: &[f32]) -> [M::Eight; P] {
    let mut sums = [start; P];
    // Two iterators that step by themselves are two pointers; zipped they are an index that is multiplied.
    let mut rows = weights.as_chunks::<CHANNELS>().0.iter();
    for values in tile.as_chunks::<P>().0 {
        let Some(weights) = rows.next() else { break };
        let weights = M::Eight::load(weights);
        for (sum, &value) in sums.iter_mut().zip(values) {
            *sum = M::Eight::splat(value).times_plus(weights, *sum);
        }
    }
    sums
}
