//! Photos halved, and freed of their transparency.
#![allow(unsafe_code)]

use crate::lanes::{Here, Machine};

/// Appends whole RGBA pixels, alpha not premultiplied, to RGB ones; what is transparent is laid over white.
#[inline(never)]
pub fn append_rgba(rgb: &mut Vec<u8>, rgba: &[u8]) {
    #[cfg(target_arch = "x86_64")]
    if crate::lanes::Avx2::is_here() {
        // SAFETY: this machine has both features that the function is compiled for.
        return unsafe { append_rgba_avx2(rgb, rgba) };
    }
    append_rgba_of::<Here>(rgb, rgba);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn append_rgba_avx2(rgb: &mut Vec<u8>, rgba: &[u8]) {
    append_rgba_of::<crate::lanes::Avx2>(rgb, rgba);
}

#[inline(always)]
fn append_rgba_of<M: Machine>(rgb: &mut Vec<u8>, rgba: &[u8]) {
    let begin = rgb.len();
    rgb.resize(begin + rgba.len() / 4 * 3, 0);
    let mut at = begin;
    for four in rgba.chunks(16) {
        // Photos are opaque. The four bytes behind are those of the next pixels, which are written after.
        match (<[u8; 16]>::try_from(four), rgb[at..].first_chunk_mut()) {
            (Ok(four), Some(to)) if [3, 7, 11, 15].iter().all(|&alpha| four[alpha] == 255) => *to = M::opaque(four),
            _ => {
                for (to, &[r, g, b, alpha]) in rgb[at..].as_chunks_mut::<3>().0.iter_mut().zip(four.as_chunks::<4>().0)
                {
                    *to = [r, g, b].map(|c| over_white(c, alpha));
                }
            }
        }
        at += 12;
    }
}

/// A channel of 0–255 with an alpha of 0–255 over white, rounded to nearest.
pub fn over_white(channel: u8, alpha: u8) -> u8 {
    let (channel, alpha) = (u32::from(channel), u32::from(alpha));
    ((channel * alpha + 255 * (255 - alpha) + 127) / 255) as u8
}

/// A photo of 8-bit RGB with half as many pixels each way, rounded up: each the mean of four, the last of an odd number
/// standing for two.
///
/// # Panics
/// Where the last row is cut off.
#[inline(never)]
pub fn halve(rgb: &[u8], width: usize) -> Vec<u8> {
    #[cfg(target_arch = "x86_64")]
    if crate::lanes::Avx2::is_here() {
        // SAFETY: this machine has both features that the function is compiled for.
        return unsafe { halve_avx2(rgb, width) };
    }
    halve_of::<Here>(rgb, width)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn halve_avx2(rgb: &[u8], width: usize) -> Vec<u8> {
    halve_of::<crate::lanes::Avx2>(rgb, width)
}

#[inline(always)]
fn halve_of<M: Machine>(rgb: &[u8], width: usize) -> Vec<u8> {
    let (row, half_row) = (3 * width.max(1), 3 * width.div_ceil(2));
    let mut half = vec![0; rgb.len().div_ceil(2 * row) * half_row];
    for (two, half) in rgb.chunks(2 * row).zip(half.chunks_exact_mut(half_row.max(1))) {
        let (top, bottom) = two.split_at(row.min(two.len()));
        let bottom = if bottom.is_empty() { top } else { bottom };
        // Two pixels of the half at once, as long as the bytes behind them lie in the row too.
        let mut at = 0;
        while let (Some(top), Some(bottom), Some(half)) =
            (top[2 * at..].first_chunk(), bottom[2 * at..].first_chunk(), half[at..].first_chunk_mut())
        {
            *half = M::halved(*top, *bottom);
            at += 6;
        }
        for (i, half) in half.iter_mut().enumerate().skip(at) {
            let (left, channel) = (i / 3 * 6, i % 3);
            let right = if left + 3 < row { left + 3 } else { left };
            let sum = |row: &[u8]| u16::from(row[left + channel]) + u16::from(row[right + channel]);
            *half = ((sum(top) + sum(bottom) + 2) / 4) as u8;
        }
    }
    half
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::lanes::Plain;

    /// Bytes that look like none follows from the one before.
    pub fn noise(len: usize) -> Vec<u8> {
        let mut state = 7u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        (0..len).map(|_| next()).collect()
    }

    #[test]
    fn what_is_transparent_lies_over_white() {
        for pixels in [0, 1, 3, 4, 5, 21, 64] {
            let mut rgba = noise(4 * pixels);
            // Most are opaque, as in photos, and a few groups of four have one that is not.
            rgba.iter_mut()
                .skip(3)
                .step_by(4)
                .enumerate()
                .filter(|(i, _)| i % 11 != 5)
                .for_each(|(_, alpha)| *alpha = 255);
            let plain = rgba.as_chunks::<4>().0.iter().flat_map(|&[r, g, b, a]| [r, g, b].map(|c| over_white(c, a)));
            let expected: Vec<u8> = [9, 8, 7].into_iter().chain(plain).collect();
            for append in [append_rgba, append_rgba_of::<Plain>] {
                let mut rgb = vec![9, 8, 7];
                append(&mut rgb, &rgba);
                assert_eq!(rgb, expected, "{pixels}");
            }
        }
    }

    #[test]
    fn a_half_is_the_mean_of_four() {
        for (width, height) in [(1, 1), (1, 4), (5, 1), (6, 2), (7, 3), (64, 5), (37, 4)] {
            let rgb = noise(3 * width * height);
            let expected: Vec<u8> = (0..height.div_ceil(2) * width.div_ceil(2) * 3)
                .map(|i| {
                    let (x, y, channel) = (i / 3 % width.div_ceil(2), i / 3 / width.div_ceil(2), i % 3);
                    let pixel = |x: usize, y: usize| {
                        u16::from(rgb[3 * (y.min(height - 1) * width + x.min(width - 1)) + channel])
                    };
                    let (x, y) = (2 * x, 2 * y);
                    ((pixel(x, y) + pixel(x + 1, y) + pixel(x, y + 1) + pixel(x + 1, y + 1) + 2) / 4) as u8
                })
                .collect();
            assert_eq!(halve(&rgb, width), expected, "{width} × {height}");
            assert_eq!(halve_of::<Plain>(&rgb, width), expected, "{width} × {height}");
        }
        assert_eq!(halve(&[], 0), []);
    }
}
