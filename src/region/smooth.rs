//! Means over squares, of pixels that count.

use shine_skin_kernels::box_sum;

/// The mean of the values of the pixels in `mask` within a square of `radius` around each pixel of
/// a `width`-wide image, row-major; 0 where the square holds none.
///
/// ```
/// # use shine_skin::region::box_mean;
/// assert_eq!(box_mean(&[1.0, 5.0, 9.0], &[true, true, false], 3, 1), [3.0, 3.0, 5.0]);
/// ```
///
/// # Panics
/// Where there are not as many values as the mask has pixels.
pub fn box_mean(values: &[f32], mask: &[bool], width: usize, radius: usize) -> Vec<f32> {
    assert_eq!(values.len(), mask.len(), "a mask is of another size");
    let counted: Vec<f32> = values.iter().zip(mask).map(|(&value, &counts)| if counts { value } else { 0.0 }).collect();
    let mut means = box_sum(&counted, width, radius);
    let ones: Vec<f32> = mask.iter().map(|&counts| f32::from(u8::from(counts))).collect();
    for (mean, count) in means.iter_mut().zip(box_sum(&ones, width, radius)) {
        *mean = if count == 0.0 { 0.0 } else { *mean / count };
    }
    means
}
