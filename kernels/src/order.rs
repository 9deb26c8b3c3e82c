//! Order among floats.

/// The value that stands at `index` where the values are sorted. Reorders them; there must be more than `index`.
pub fn select(values: &mut [f32], index: usize) -> f32 {
    *values.select_nth_unstable_by(index, f32::total_cmp).1
}

/// The places of the values from the greatest to the least, in the order of [`f32::total_cmp`]; equal ones as they stand.
pub fn ranked(values: &[f32]) -> Vec<usize> {
    // By one byte after the other, the last one first: of thousands a sort by comparisons takes twice as long, and it is 2 KB of the
    // first download.
    let mut places: Vec<usize> = (0..values.len()).collect();
    let mut next = vec![0; values.len()];
    for shift in [0, 8, 16, 24] {
        let byte = |value: f32| {
            let bits = value.to_bits();
            // Grows as the value falls: of positive ones all but the sign is the other way round.
            let falling = if bits >> 31 == 0 { bits ^ 0x7fff_ffff } else { bits };
            (falling >> shift) as usize & 255
        };
        let mut begins = [0usize; 256];
        values.iter().for_each(|&value| begins[byte(value)] += 1);
        let mut sum = 0;
        for begin in &mut begins {
            sum += *begin;
            *begin = sum - *begin;
        }
        for &place in &places {
            let begin = &mut begins[byte(values[place])];
            next[*begin] = place;
            *begin += 1;
        }
        std::mem::swap(&mut places, &mut next);
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_go_from_the_greatest_to_the_least() {
        assert_eq!(ranked(&[2.0, 5.0, 2.0, -1.0, 7.0]), [4, 1, 0, 2, 3]);
        assert_eq!(ranked(&[]), []);
        let mut state = 1u32;
        let mut odd = vec![0.0, -0.0, f32::NAN, -f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MIN_POSITIVE / 2.0];
        odd.extend((0..5000).map(|i| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            // Every second has few bits, so that some are equal.
            f32::from_bits(if i % 2 == 0 { state } else { state & 0xfff0_0000 })
        }));
        let mut sorted: Vec<usize> = (0..odd.len()).collect();
        sorted.sort_by(|&a, &b| odd[b].total_cmp(&odd[a]));
        assert_eq!(ranked(&odd), sorted);
        assert_eq!(select(&mut [2.0, 5.0, 2.0, -1.0, 7.0], 3), 5.0);
    }
}
