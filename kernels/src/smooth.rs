//! Smoothing of planes of floats.

use crate::convolution::{lanes, store};
use crate::lanes::{Here, Lanes, Machine};

/// A plane smoothed with a bell curve of a spread in pixels, by its own taps or, where it is wide, on a plane of half the size: what is this
/// smooth needs no more pixels. Beyond the plane is 0.
pub fn bell(plane: &[f32], width: usize, spread: f32) -> Vec<f32> {
    if spread < 0.2 {
        return plane.to_vec();
    }
    if spread >= WIDE {
        // Halving by means and doubling along straight lines smooth as well: the variance of a box two wide,
        // and of a triangle.
        let own = 3.0 / 12.0 + 4.0 / 6.0;
        let (small, across) = halve(plane, width);
        let smooth = bell(&small, across, (spread * spread - own).sqrt() / 2.0);
        return double(&smooth, across, width, plane.len() / width.max(1));
    }
    let reach = (3.0 * spread).ceil() as usize;
    let taps: Vec<f32> = (0..=reach).map(|d| (-((d * d) as f32) / (2.0 * spread * spread)).exp()).collect();
    let whole = taps[0] + 2.0 * taps[1..].iter().sum::<f32>();
    let taps: Vec<f32> = taps.iter().map(|t| t / whole).collect();
    rows(&columns(plane, width, &taps), width, &taps)
}

/// The spread in pixels from which smoothing is done at half the scale. Ridges are looked for below it: a
/// plane that was doubled has corners, which curvature sees.
const WIDE: f32 = 3.0;

/// Means of 2 × 2 pixels, beyond the plane 0; and how many there are in a row.
fn halve(plane: &[f32], width: usize) -> (Vec<f32>, usize) {
    let across = width.div_ceil(2);
    let mut small = Vec::with_capacity(across * plane.len().div_ceil(2 * width.max(1)));
    let mut sums = vec![0.0; width];
    for pair in plane.chunks(2 * width.max(1)) {
        let (top, bottom) = pair.split_at(width);
        if bottom.is_empty() {
            sums.copy_from_slice(top);
        } else {
            sums.iter_mut().zip(top.iter().zip(bottom)).for_each(|(s, (a, b))| *s = a + b);
        }
        small.extend(sums.chunks(2).map(|two| 0.25 * (two[0] + two.get(1).copied().unwrap_or(0.0))));
    }
    (small, across)
}

/// The plane that was halved, straight between the middles of its pixels.
fn double(small: &[f32], across: usize, width: usize, height: usize) -> Vec<f32> {
    let mut plane = Vec::with_capacity(width * height);
    let mut row = vec![0.0; across + 2];
    let rows = small.len() / across.max(1);
    for y in 0..height {
        // The nearer row counts three quarters.
        let near = y / 2;
        let far = if y % 2 == 0 { near.saturating_sub(1) } else { (near + 1).min(rows - 1) };
        let pair = small[near * across..][..across].iter().zip(&small[far * across..][..across]);
        row[1..=across].iter_mut().zip(pair).for_each(|(v, (n, f))| *v = 0.75 * n + 0.25 * f);
        (row[0], row[across + 1]) = (row[1], row[across]);
        for x in row.windows(3) {
            plane.push(0.75 * x[1] + 0.25 * x[0]);
            plane.push(0.75 * x[1] + 0.25 * x[2]);
        }
        plane.truncate((y + 1) * width);
    }
    plane
}

/// Symmetric taps along columns; beyond the plane is 0.
fn columns(plane: &[f32], width: usize, taps: &[f32]) -> Vec<f32> {
    let nothing = vec![0.0; width];
    let rows: Vec<&[f32]> = plane.chunks_exact(width.max(1)).collect();
    let at = |y: Option<usize>| y.and_then(|y| rows.get(y).copied()).unwrap_or(&nothing);
    let mut out = vec![0.0; plane.len()];
    for (y, out) in out.chunks_exact_mut(width.max(1)).enumerate() {
        let pairs: Vec<_> = (1..taps.len()).map(|d| (at(y.checked_sub(d)), at(Some(y + d)))).collect();
        mix(rows[y], &pairs, taps, out);
    }
    out
}

/// The same along rows.
fn rows(plane: &[f32], width: usize, taps: &[f32]) -> Vec<f32> {
    let reach = taps.len() - 1;
    let mut padded = vec![0.0; width + 2 * reach];
    let mut out = vec![0.0; plane.len()];
    for (row, out) in plane.chunks_exact(width.max(1)).zip(out.chunks_exact_mut(width.max(1))) {
        padded[reach..reach + width].copy_from_slice(row);
        let pairs: Vec<_> =
            (1..=reach).map(|d| (&padded[reach - d..][..width], &padded[reach + d..][..width])).collect();
        mix(row, &pairs, taps, out);
    }
    out
}

/// The first tap of what is in the middle, and the others each of the sum of a pair beside it.
///
/// # Panics
/// Where a list is shorter than what is asked for.
fn mix(middle: &[f32], pairs: &[(&[f32], &[f32])], taps: &[f32], out: &mut [f32]) {
    type Eight = <Here as Machine>::Eight;
    let width = out.len();
    assert_eq!(taps.len(), pairs.len() + 1, "a pair has no tap");
    assert!(pairs.iter().all(|(a, b)| a.len().min(b.len()) >= width) && middle.len() >= width, "a row is too short");
    let whole = width - width % 8;
    // By name, for link-time optimisation for size makes no vectors of its own.
    for x in (0..whole).step_by(8) {
        // SAFETY: eight floats from here on lie within each list.
        #[allow(unsafe_code)]
        unsafe {
            let mut sum = lanes::<Eight, 8>(middle, x).times_plus(Eight::splat(taps[0]), Eight::splat(0.0));
            for ((a, b), tap) in pairs.iter().zip(&taps[1..]) {
                sum = lanes::<Eight, 8>(a, x).plus(lanes(b, x)).times_plus(Eight::splat(*tap), sum);
            }
            store(sum, out, x);
        }
    }
    for x in whole..width {
        out[x] = pairs.iter().zip(&taps[1..]).fold(middle[x] * taps[0], |sum, ((a, b), tap)| sum + tap * (a[x] + b[x]));
    }
}

/// The sum over squares of `radius` around each pixel; beyond the plane is 0.
pub fn box_sum(plane: &[f32], width: usize, radius: usize) -> Vec<f32> {
    let height = plane.len() / width.max(1);
    let mut across = Vec::with_capacity(plane.len());
    for row in plane.chunks_exact(width.max(1)) {
        let mut sum: f32 = row.iter().take(radius).sum();
        for x in 0..width {
            let comes = row.get(x + radius).copied().unwrap_or(0.0);
            // Each sum waits for the one before: for one addition, not for two. What comes and what goes are rounded together.
            sum += comes - if x > radius { row[x - radius - 1] } else { 0.0 };
            across.push(sum);
        }
    }
    let mut out = Vec::with_capacity(plane.len());
    let mut sum = vec![0.0f32; width];
    let row = |y: usize| &across[y * width..][..width];
    (0..radius.min(height)).for_each(|y| sum.iter_mut().zip(row(y)).for_each(|(s, v)| *s += v));
    for y in 0..height {
        if y + radius < height {
            sum.iter_mut().zip(row(y + radius)).for_each(|(s, v)| *s += v);
        }
        out.extend_from_slice(&sum);
        if y >= radius {
            sum.iter_mut().zip(row(y - radius)).for_each(|(s, v)| *s -= v);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_over_squares_are_those_of_a_plain_loop() {
        for (width, height, radius) in [(7, 5, 1), (7, 5, 2), (3, 9, 4), (1, 1, 3), (6, 2, 0)] {
            let plane: Vec<f32> = (0..width * height).map(|i| ((i * 37) % 11) as f32).collect();
            let found = box_sum(&plane, width, radius);
            for (i, sum) in found.iter().enumerate() {
                let near = |a: usize, b: usize| a.abs_diff(b) <= radius;
                let expected: f32 = (0..plane.len())
                    .filter(|j| near(j % width, i % width) && near(j / width, i / width))
                    .map(|j| plane[j])
                    .sum();
                assert!((sum - expected).abs() < 1e-3, "{width}×{height} by {radius} at {i}: {sum}, not {expected}");
            }
        }
    }

    #[test]
    fn a_bell_has_its_spread() {
        let (width, height) = (61, 61);
        let mut plane = vec![0.0; width * height];
        plane[30 * width + 30] = 1.0;
        for spread in [0.7f32, 1.5, 2.4, 3.0, 5.0, 6.0, 8.0] {
            let smooth = bell(&plane, width, spread);
            let sum: f32 = smooth.iter().sum();
            let middle: f32 = smooth.iter().enumerate().map(|(i, v)| v * (i % width) as f32).sum();
            // A smaller scale knows places to half of its pixels.
            let exact = if spread < WIDE {
                0.01
            } else if spread < 2.0 * WIDE {
                0.6
            } else {
                1.6
            };
            assert!((middle - 30.0).abs() < exact, "{spread}: {middle}");
            let variance: f32 =
                smooth.iter().enumerate().map(|(i, v)| v * ((i % width) as f32 - 30.0).powi(2)).sum::<f32>();
            assert!((sum - 1.0).abs() < 1e-3, "{spread}: {sum}");
            assert!((variance.sqrt() - spread).abs() < 0.06 * spread, "{spread}: {}", variance.sqrt());
        }
    }
}
