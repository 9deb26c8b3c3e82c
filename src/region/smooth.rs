//! Means over squares, through sums over all that lies above and to the left.

/// The mean of the values of the pixels in `mask` within a square of `radius` around each pixel of
/// a `width`-wide image, row-major; 0 where the square holds none.
///
/// ```
/// # use shine_skin::region::box_mean;
/// assert_eq!(box_mean(&[1.0, 5.0, 9.0], &[true, true, false], 3, 1), [3.0, 3.0, 5.0]);
/// ```
pub fn box_mean(values: &[f32], mask: &[bool], width: usize, radius: usize) -> Vec<f32> {
    let height = values.len() / width.max(1);
    let mut sums = vec![(0.0f64, 0u32); (width + 1) * (height + 1)];
    for y in 0..height {
        let mut row = (0.0, 0);
        for x in 0..width {
            let i = y * width + x;
            if mask[i] {
                row = (row.0 + f64::from(values[i]), row.1 + 1);
            }
            let above = sums[y * (width + 1) + x + 1];
            sums[(y + 1) * (width + 1) + x + 1] = (above.0 + row.0, above.1 + row.1);
        }
    }
    let mut means = Vec::with_capacity(values.len());
    for y in 0..height {
        let (top, bottom) = (y.saturating_sub(radius), (y + radius + 1).min(height));
        for x in 0..width {
            let (left, right) = (x.saturating_sub(radius), (x + radius + 1).min(width));
            let at = |x: usize, y: usize| sums[y * (width + 1) + x];
            let (a, b, c, d) = (at(right, bottom), at(left, bottom), at(right, top), at(left, top));
            let count = (a.1 + d.1) - (b.1 + c.1);
            means.push(if count == 0 { 0.0 } else { ((a.0 + d.0 - b.0 - c.0) / f64::from(count)) as f32 });
        }
    }
    means
}
