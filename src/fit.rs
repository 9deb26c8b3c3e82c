//! Polynomials over a rectangle, fitted by least squares.

pub use shine_skin_kernels::basis;

/// Terms of a polynomial of the second degree; the first three are a plane.
pub const TERMS: usize = 6;

/// The value of a polynomial.
pub fn value(coefficients: &[f32; TERMS], basis: &[f32; TERMS]) -> f32 {
    basis.iter().zip(coefficients).map(|(b, c)| b * c).sum()
}

/// The coefficients of the first `terms` that fit rows of basis and value best, the others 0.
///
/// Solves the normal equations by Gaussian elimination, lightly tied to a constant so that terms
/// which the rows don't determine stay at zero.
pub fn least_squares(rows: impl Iterator<Item = ([f32; TERMS], f32)>, terms: usize) -> [f32; TERMS] {
    let mut m = [[0.0f64; TERMS + 1]; TERMS];
    let mut count = 0.0;
    for (row, value) in rows {
        for i in 0..terms {
            for j in i..terms {
                m[i][j] += f64::from(row[i]) * f64::from(row[j]);
            }
            m[i][TERMS] += f64::from(row[i]) * f64::from(value);
        }
        count += 1.0;
    }
    // The matrix is its own mirror.
    for (i, j) in (0..terms).flat_map(|i| (0..i).map(move |j| (i, j))) {
        m[i][j] = m[j][i];
    }
    for (i, row) in m.iter_mut().enumerate() {
        row[i] += if i == 0 { 1e-9 } else { 0.003 * count } + 1e-9;
    }
    for i in 0..TERMS {
        let pivot = m[i];
        for (_, row) in m.iter_mut().enumerate().filter(|(j, _)| *j != i) {
            let factor = row[i] / pivot[i];
            row.iter_mut().zip(pivot).for_each(|(value, p)| *value -= factor * p);
        }
    }
    std::array::from_fn(|i| (m[i][TERMS] / m[i][i]) as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_plane_is_found() {
        let rows = (0..400).map(|i| {
            let b = basis(i, 20, 20);
            (b, 2.0 + 0.5 * b[1] - 0.25 * b[2])
        });
        let found = least_squares(rows, 3);
        for (value, expected) in found.iter().zip([2.0, 0.5, -0.25, 0.0, 0.0, 0.0]) {
            assert!((value - expected).abs() < 0.02, "{found:?}");
        }
        assert!((value(&found, &basis(0, 20, 20)) - 1.75).abs() < 0.05);
    }
}
