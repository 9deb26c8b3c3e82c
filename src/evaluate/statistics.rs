//! What is said of two rows of numbers.

/// Spearman's rank correlation, −1 to 1; `None` of fewer than three pairs or where one row is
/// constant. Ties share their mean rank.
pub fn spearman(pairs: &[(f32, f32)]) -> Option<f32> {
    if pairs.len() < 3 {
        return None;
    }
    let a = ranks(pairs.iter().map(|p| p.0));
    let b = ranks(pairs.iter().map(|p| p.1));
    let middle = (pairs.len() as f32 - 1.0) / 2.0;
    let (mut ab, mut aa, mut bb) = (0.0f64, 0.0f64, 0.0f64);
    for (x, y) in a.iter().zip(&b) {
        let (x, y) = (f64::from(x - middle), f64::from(y - middle));
        (ab, aa, bb) = (ab + x * y, aa + x * x, bb + y * y);
    }
    (aa > 0.0 && bb > 0.0).then(|| (ab / (aa * bb).sqrt()) as f32)
}

fn ranks(values: impl Iterator<Item = f32>) -> Vec<f32> {
    let values: Vec<f32> = values.collect();
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut from = 0;
    while from < order.len() {
        let to = (from..order.len()).take_while(|&k| values[order[k]] == values[order[from]]).last().unwrap_or(from);
        order[from..=to].iter().for_each(|&i| ranks[i] = (from + to) as f32 / 2.0);
        from = to + 1;
    }
    ranks
}

/// The slope of the straight line of `y` on `x`, through all pairs; `None` where x is constant.
pub fn slope(pairs: &[(f32, f32)]) -> Option<f32> {
    let n = pairs.len() as f32;
    let (mx, my) = pairs.iter().fold((0.0, 0.0), |s, p| (s.0 + p.0 / n, s.1 + p.1 / n));
    let (xy, xx) = pairs.iter().fold((0.0, 0.0), |s, p| (s.0 + (p.0 - mx) * (p.1 - my), s.1 + (p.0 - mx) * (p.0 - mx)));
    (xx > 0.0).then(|| xy / xx)
}

/// The probability that one of `high` exceeds one of `low`, 0–1 (the area under the ROC curve); `None` where either is
/// empty.
pub fn auc(high: &[f32], low: &[f32]) -> Option<f32> {
    let wins = high.iter().flat_map(|h| {
        low.iter().map(move |l| {
            if h > l {
                1.0
            } else if h == l {
                0.5
            } else {
                0.0
            }
        })
    });
    let pairs = high.len() * low.len();
    (pairs > 0).then(|| wins.sum::<f32>() / pairs as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_correlations() {
        let line: Vec<(f32, f32)> = (0..9).map(|i| (i as f32, (i * i) as f32)).collect();
        assert_eq!(spearman(&line), Some(1.0));
        let back: Vec<(f32, f32)> = line.iter().map(|p| (p.0, -p.1)).collect();
        assert_eq!(spearman(&back), Some(-1.0));
        assert_eq!(spearman(&[(1.0, 1.0), (2.0, 1.0), (3.0, 1.0)]), None);
        // By hand: ranks 0 1 2 3 against 0.5 0.5 3 2.
        let tied = spearman(&[(1.0, 5.0), (2.0, 5.0), (3.0, 9.0), (4.0, 7.0)]).unwrap();
        assert!((tied - 0.7379).abs() < 1e-3, "{tied}");
    }

    #[test]
    fn known_slopes_and_areas() {
        assert_eq!(slope(&[(0.0, 1.0), (2.0, 5.0), (4.0, 9.0)]), Some(2.0));
        assert_eq!(slope(&[(1.0, 1.0), (1.0, 2.0)]), None);
        assert_eq!(auc(&[3.0, 4.0], &[1.0, 3.0]), Some(0.875));
        assert_eq!(auc(&[], &[1.0]), None);
    }
}
