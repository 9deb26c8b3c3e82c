//! Order statistics of plain values, and lists and maps in order.

use std::collections::BTreeMap;

use shine_skin_kernels::{ranked, select};

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
    let index = index.min(values.len() - 1);
    Some(select(values, index))
}

/// The same of several shares that fall, each looked for among what the one before has left below it, so that one that does
/// not fall counts as the one before; `None` of no values.
///
/// ```
/// # use shine_skin::quantile::falling;
/// assert_eq!(falling(&mut [3.0, 1.0, 5.0, 2.0, 4.0], [0.5, 0.25]), Some([3.0, 2.0]));
/// assert_eq!(falling(&mut [3.0, 1.0, 5.0, 2.0, 4.0], [0.25, 0.5]), Some([2.0, 2.0]));
/// assert_eq!(falling(&mut [], [0.5, 0.25]), None);
/// ```
pub fn falling<const N: usize>(values: &mut [f32], mut shares: [f32; N]) -> Option<[f32; N]> {
    let last = values.len().checked_sub(1)?;
    let mut left = values;
    for share in &mut shares {
        let index = ((last as f32 * *share).round() as usize).min(left.len() - 1);
        *share = select(left, index);
        left = &mut left[..=index];
    }
    Some(shares)
}

/// A list from the greatest key to the least; equal ones as they stood. Each kind of list that is sorted by itself adds
/// 4 KB to a wasm module.
pub fn descending<T>(list: Vec<T>, key: impl Fn(&T) -> f32) -> Vec<T> {
    let order = ranked(&list.iter().map(key).collect::<Vec<_>>());
    let mut list: Vec<Option<T>> = list.into_iter().map(Some).collect();
    order.into_iter().filter_map(|i| list[i].take()).collect()
}

/// A map from its pairs, one after the other: collected, each kind of map brings a sort of its own, 5 KB of a wasm module.
pub fn keyed<K: Ord, V>(pairs: impl IntoIterator<Item = (K, V)>) -> BTreeMap<K, V> {
    let mut map = BTreeMap::new();
    for (key, value) in pairs {
        map.insert(key, value);
    }
    map
}

/// The median; 0 of none.
pub fn median(values: impl Iterator<Item = f32>) -> f32 {
    quantile(&mut values.collect::<Vec<_>>(), 0.5).unwrap_or(0.0)
}
