//! A convolution over all channels as a product of matrices: a few places by eight channels. The picture is read where it lies,
//! never unfolded.
#![allow(unsafe_code)]

use crate::convolution::{lanes, Convolution, Places, View};
use crate::lanes::{Lanes, Machine};

/// Channels in a tile.
pub const CHANNELS: usize = 8;

/// Packs a kernel (down, across, in, out) into panels of eight channels out, padded by zeros.
pub fn pack(kernel: &[f32], window: usize, from: usize, to: usize) -> Vec<f32> {
    let depth = window * from;
    let mut packed = vec![0.0; to.div_ceil(CHANNELS) * depth * CHANNELS];
    for (i, row) in kernel.chunks_exact(to.max(1)).enumerate() {
        for (o, &weight) in row.iter().enumerate() {
            packed[(o / CHANNELS * depth + i) * CHANNELS + o % CHANNELS] = weight;
        }
    }
    packed
}

/// Runs over a whole picture; `out` begins at its row 0 and column 0.
///
/// `S` is the floats of the input from one place to the next where they are known beforehand and a tile fits into a row, else
/// 0. What the compiler knows it writes into the loads.
///
/// # Safety
/// The convolution has passed its check; rows are as long as `S` says.
#[inline(always)]
pub unsafe fn run<M: Machine, const P: usize, const S: usize>(
    of: &Convolution,
    input: View,
    out: &mut [f32],
    (row, pixel): (usize, usize),
) {
    let width = of.size[1];
    let (down, across) = (of.stride[0] * input.row, of.stride[1] * input.pixel);
    let (rows, length) = rows(of, input);
    for y in 0..rows {
        for x in (0..length).step_by(P) {
            // The last places of a row are computed twice where the tile does not divide it.
            let x = x.min(length.saturating_sub(P));
            // Of a row shorter than a tile the last place is read again and again.
            let last = length - 1 - x;
            let mut reads = [y * down + x * across; P];
            if S == 0 {
                for (i, read) in reads.iter_mut().enumerate() {
                    *read += i.min(last) * across;
                }
            }
            let (at_y, at_x) = if rows > 1 { (y, x) } else { (x / width, x % width) };
            let mut places = [of.at((at_y, at_x), row, pixel); P];
            if at_x + P <= width {
                let step = of.residual.map_or(0, |view| view.pixel);
                for (i, place) in places.iter_mut().enumerate() {
                    *place = (place.0 + i * pixel, place.1 + i * step);
                }
            } else {
                for (i, place) in places.iter_mut().enumerate() {
                    let x = at_x + i.min(last);
                    *place = of.at((at_y + x / width, x % width), row, pixel);
                }
            }
            let mut channel = 0;
            while channel + CHANNELS <= pixel {
                let sums = multiply::<M::Eight, CHANNELS, P, S>(of, input, &reads, channel);
                of.finish::<M::Eight, CHANNELS, P>(sums, &places, channel, out);
                channel += CHANNELS;
            }
            // Pixels are padded to four.
            if channel < pixel {
                // From here on each place has a distance of its own.
                for (i, read) in reads.iter_mut().enumerate() {
                    *read += i * S;
                }
                four_channels::<M, P>(of, input, &reads, channel, &places, out);
            }
        }
    }
}

/// The last four channels. In WebAssembly it is compiled once, for any distance between places, for it is little work and much
/// code; natively what is not inlined is not compiled for the machine.
///
/// # Safety
/// As for [`run`].
#[cfg_attr(target_arch = "wasm32", inline(never))]
#[cfg_attr(not(target_arch = "wasm32"), inline(always))]
unsafe fn four_channels<M: Machine, const P: usize>(
    of: &Convolution,
    input: View,
    reads: &[usize; P],
    channel: usize,
    places: &Places<P>,
    out: &mut [f32],
) {
    let sums = multiply::<M::Four, 4, P, 0>(of, input, reads, channel);
    of.finish::<M::Four, 4, P>(sums, places, channel, out);
}

/// Rows and their length: without anything between them they are one row.
#[inline(always)]
pub fn rows(of: &Convolution, input: View) -> (usize, usize) {
    let [height, width] = of.size;
    if of.stride[0] * input.row == width * of.stride[1] * input.pixel {
        (1, height * width)
    } else {
        (height, width)
    }
}

/// The product of what some places see and a panel, or half of one, with the bias.
///
/// # Safety
/// As for [`run`].
#[inline(always)]
unsafe fn multiply<L: Lanes<N>, const N: usize, const P: usize, const S: usize>(
    of: &Convolution,
    input: View,
    reads: &[usize; P],
    channel: usize,
) -> [L; P] {
    let mut sums = [lanes(of.bias, channel); P];
    // Pixels without anything between them are one.
    let whole = of.channels == input.pixel;
    let (pixels, span) = if whole { (1, of.kernel[1] * of.channels) } else { (of.kernel[1], of.channels) };
    let depth = of.kernel[0] * of.kernel[1] * of.channels;
    let mut weights = of.packed.get_unchecked(channel * depth..);
    for down in 0..of.kernel[0] {
        for across in 0..pixels {
            let from = down * input.row + across * input.pixel;
            // Slices that move on are pointers that move on; an index is multiplied and added at each read.
            let mut seen = reads.map(|read| input.data.get_unchecked(read + from..));
            for _ in 0..span {
                let weight: L = lanes(weights, 0);
                weights = weights.get_unchecked(CHANNELS..);
                for (k, sum) in sums.iter_mut().enumerate() {
                    let value = if S > 0 { seen[0].get_unchecked(k * S) } else { seen[k].get_unchecked(0) };
                    *sum = L::splat(*value).times_plus(weight, *sum);
                }
                seen = seen.map(|seen| seen.get_unchecked(1..));
            }
        }
    }
    sums
}
