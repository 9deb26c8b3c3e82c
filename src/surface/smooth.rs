//! Smoothing over skin alone: what is not skin has no weight, so that neither a brow nor the outline of
//! the face darkens the skin beside it.

/// Smoothing with a bell of one spread over one mask. The mask's own smoothing is done once.
pub struct Window {
    weight: Vec<f32>,
    width: usize,
    spread: f32,
    whole: Vec<f32>,
}

impl Window {
    /// Smoothing of planes `width` pixels wide with a spread in pixels, each pixel by its weight.
    pub fn new(weight: &[f32], width: usize, spread: f32) -> Window {
        let whole = bell(weight, width, spread);
        Window { weight: weight.to_vec(), width, spread, whole }
    }

    /// The weighted mean around each pixel; 0 where nothing near has weight.
    pub fn mean(&self, plane: &[f32]) -> Vec<f32> {
        let weighted: Vec<f32> = plane.iter().zip(&self.weight).map(|(v, w)| v * w).collect();
        let mut sums = bell(&weighted, self.width, self.spread);
        for (sum, whole) in sums.iter_mut().zip(&self.whole) {
            *sum = if *whole > 1e-3 { *sum / whole } else { 0.0 };
        }
        sums
    }
}

/// A bell curve of a spread in pixels: three boxes in a row (Wells 1986), or its own taps where it is
/// narrow. Beyond the plane is 0.
fn bell(plane: &[f32], width: usize, spread: f32) -> Vec<f32> {
    if spread < 0.2 {
        return plane.to_vec();
    }
    if spread >= COARSE {
        // What is this smooth needs no more than a sixteenth of the pixels. Shrinking by means and enlarging along
        // straight lines smooth as well: the variance of a box four wide, and of a triangle.
        let own = (SHRINK * SHRINK - 1) as f32 / 12.0 + (SHRINK * SHRINK) as f32 / 6.0;
        let (small, across) = shrink(plane, width);
        let smooth = bell(&small, across, (spread * spread - own).sqrt() / SHRINK as f32);
        return enlarge(&smooth, across, width, plane.len() / width.max(1));
    }
    if spread < 2.5 {
        let reach = (3.0 * spread).ceil() as usize;
        let taps: Vec<f32> = (0..=reach).map(|d| (-((d * d) as f32) / (2.0 * spread * spread)).exp()).collect();
        let whole = taps[0] + 2.0 * taps[1..].iter().sum::<f32>();
        let taps: Vec<f32> = taps.iter().map(|t| t / whole).collect();
        return rows(&columns(plane, width, &taps), width, &taps);
    }
    // A box of radius r has the variance r(r + 1)/3. Of three, some are a pixel wider than the others, so that their
    // sum comes close.
    let variance = |radius: usize| (radius * (radius + 1)) as f32 / 3.0;
    let narrow = (((1.0 + 4.0 * spread * spread).sqrt() - 1.0) / 2.0).floor().max(1.0) as usize;
    let missing = spread * spread - 3.0 * variance(narrow);
    let wide = (missing / (variance(narrow + 1) - variance(narrow))).round().clamp(0.0, 3.0) as usize;
    let mut smooth = plane.to_vec();
    for k in 0..3 {
        let radius = narrow + usize::from(k < wide);
        let side = (2 * radius + 1) as f32;
        smooth = box_sum(&smooth, width, radius);
        smooth.iter_mut().for_each(|v| *v /= side * side);
    }
    smooth
}

/// The spread in pixels from which smoothing is done at a quarter of the scale.
const COARSE: f32 = 6.0;

/// How many times smaller that is.
const SHRINK: usize = 4;

/// Sums of 4 × 4 pixels divided by 16, beyond the plane 0; and how many there are in a row.
fn shrink(plane: &[f32], width: usize) -> (Vec<f32>, usize) {
    let (across, down) = (width.div_ceil(SHRINK), (plane.len() / width.max(1)).div_ceil(SHRINK));
    let mut small = vec![0.0; across * down];
    for (y, row) in plane.chunks_exact(width.max(1)).enumerate() {
        let sums = &mut small[y / SHRINK * across..][..across];
        for (sum, part) in sums.iter_mut().zip(row.chunks(SHRINK)) {
            *sum += part.iter().sum::<f32>();
        }
    }
    small.iter_mut().for_each(|v| *v /= (SHRINK * SHRINK) as f32);
    (small, across)
}

/// The plane that was shrunk, straight between the middles of its pixels.
fn enlarge(small: &[f32], across: usize, width: usize, height: usize) -> Vec<f32> {
    let down = small.len() / across.max(1);
    // The two nearest of `end` and how far on the way from one to the other.
    let between = |i: usize, end: usize| {
        let at = ((i as f32 + 0.5) / SHRINK as f32 - 0.5).clamp(0.0, end as f32 - 1.0);
        let low = at as usize;
        (low, (low + 1).min(end - 1), at - low as f32)
    };
    let columns: Vec<_> = (0..width).map(|x| between(x, across)).collect();
    let mut plane = Vec::with_capacity(width * height);
    let mut row = vec![0.0; across];
    for y in 0..height {
        let (top, bottom, part) = between(y, down);
        let rows = small[top * across..][..across].iter().zip(&small[bottom * across..][..across]);
        row.iter_mut().zip(rows).for_each(|(v, (a, b))| *v = a + (b - a) * part);
        plane.extend(columns.iter().map(|&(left, right, part)| row[left] + (row[right] - row[left]) * part));
    }
    plane
}

/// Symmetric taps along columns: whole rows are added, which is how memory lies.
fn columns(plane: &[f32], width: usize, taps: &[f32]) -> Vec<f32> {
    let height = plane.len() / width.max(1);
    let mut out: Vec<f32> = plane.iter().map(|v| v * taps[0]).collect();
    for y in 0..height {
        let row = &mut out[y * width..][..width];
        for (d, tap) in taps.iter().enumerate().skip(1) {
            let near = [y.checked_sub(d), Some(y + d).filter(|&v| v < height)];
            for from in near.into_iter().flatten() {
                row.iter_mut().zip(&plane[from * width..][..width]).for_each(|(o, v)| *o += tap * v);
            }
        }
    }
    out
}

/// The same along rows.
fn rows(plane: &[f32], width: usize, taps: &[f32]) -> Vec<f32> {
    let reach = taps.len() - 1;
    let mut out = Vec::with_capacity(plane.len());
    let mut padded = vec![0.0; width + 2 * reach];
    for row in plane.chunks_exact(width.max(1)) {
        padded[reach..reach + width].copy_from_slice(row);
        let begun = out.len();
        out.extend(padded[reach..reach + width].iter().map(|v| v * taps[0]));
        for (d, tap) in taps.iter().enumerate().skip(1) {
            let (left, right) = (&padded[reach - d..][..width], &padded[reach + d..][..width]);
            out[begun..].iter_mut().zip(left.iter().zip(right)).for_each(|(o, (l, r))| *o += tap * (l + r));
        }
    }
    out
}

/// The sum over squares of `radius` around each pixel; beyond the plane is 0.
pub fn box_sum(plane: &[f32], width: usize, radius: usize) -> Vec<f32> {
    let height = plane.len() / width.max(1);
    let mut across = Vec::with_capacity(plane.len());
    for row in plane.chunks_exact(width.max(1)) {
        let mut sum: f32 = row.iter().take(radius).sum();
        for x in 0..width {
            sum += row.get(x + radius).copied().unwrap_or(0.0);
            across.push(sum);
            sum -= if x >= radius { row[x - radius] } else { 0.0 };
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
        for spread in [0.7f32, 1.5, 2.4, 3.0, 5.0, 6.0, 9.0] {
            let smooth = bell(&plane, width, spread);
            let sum: f32 = smooth.iter().sum();
            let middle: f32 = smooth.iter().enumerate().map(|(i, v)| v * (i % width) as f32).sum();
            // A quarter of the scale knows places to half of its pixels.
            let exact = if spread < COARSE { 0.01 } else { 0.6 };
            assert!((middle - 30.0).abs() < exact, "{spread}: {middle}");
            let variance: f32 =
                smooth.iter().enumerate().map(|(i, v)| v * ((i % width) as f32 - 30.0).powi(2)).sum::<f32>();
            assert!((sum - 1.0).abs() < 1e-3, "{spread}: {sum}");
            assert!((variance.sqrt() - spread).abs() < 0.06 * spread, "{spread}: {}", variance.sqrt());
        }
    }

    #[test]
    fn what_has_no_weight_is_not_seen() {
        let plane = [1.0, 1.0, 9.0, 9.0, 1.0, 1.0].repeat(6);
        let weight = [1.0, 1.0, 0.0, 0.0, 1.0, 1.0].repeat(6);
        for spread in [1.0, 4.0] {
            let found = Window::new(&weight, 6, spread).mean(&plane);
            assert!(found.iter().all(|v| (v - 1.0).abs() < 1e-5), "{found:?}");
        }
        assert_eq!(Window::new(&[0.0; 4], 4, 1.0).mean(&[5.0; 4]), [0.0; 4]);
    }
}
