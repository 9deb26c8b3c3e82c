//! Order among floats.

/// The value that stands at `index` where the values are sorted. Reorders them; there must be more than `index`.
pub fn select(values: &mut [f32], index: usize) -> f32 {
    *values.select_nth_unstable_by(index, f32::total_cmp).1
}

/// The places of the values from the greatest to the least; equal ones as they stand.
pub fn ranked(values: &[f32]) -> Vec<usize> {
    let mut places: Vec<usize> = (0..values.len()).collect();
    places.sort_by(|&a, &b| values[b].total_cmp(&values[a]));
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_go_from_the_greatest_to_the_least() {
        assert_eq!(ranked(&[2.0, 5.0, 2.0, -1.0, 7.0]), [4, 1, 0, 2, 3]);
        assert_eq!(select(&mut [2.0, 5.0, 2.0, -1.0, 7.0], 3), 5.0);
    }
}
