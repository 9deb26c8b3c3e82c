//! Order statistics of plain values.

/// The value below which a share (0–1) of the values lie, the nearest one of them; `None` of none.
/// Reorders the values.
///
/// ```
/// # use shine_skin::quantile::quantile;
/// assert_eq!(quantile(&mut [3.0, 1.0, 2.0], 0.5), Some(2.0));
/// assert_eq!(quantile(&mut [], 0.5), None);
/// ```
pub fn quantile(values: &mut [f32], share: f32) -> Option<f32> {
    if values.is_empty() {
        return None;
    }
    let index = ((values.len() - 1) as f32 * share).round() as usize;
    Some(*values.select_nth_unstable_by(index.min(values.len() - 1), f32::total_cmp).1)
}

/// The median; 0 of none.
pub fn median(values: impl Iterator<Item = f32>) -> f32 {
    quantile(&mut values.collect::<Vec<_>>(), 0.5).unwrap_or(0.0)
}
