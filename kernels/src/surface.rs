//! How far values lie from a surface over a picture.
#![allow(unsafe_code)]

use crate::lanes::{Here, Lanes, Machine};

/// 1, x, y, x², xy, y² of a pixel, with x and y from −1 to 1 over `width` × `height`.
#[inline(always)]
pub fn basis(pixel: usize, width: usize, height: usize) -> [f32; 6] {
    let x = 2.0 * (pixel % width) as f32 / width as f32 - 1.0;
    let y = 2.0 * (pixel / width) as f32 / height as f32 - 1.0;
    [1.0, x, y, x * x, x * y, y * y]
}

/// Four polynomials of the second degree over a picture, one for each of four values that its pixels have.
pub struct QuadraticSurface {
    /// Coefficients of the terms of [`basis`].
    pub polynomials: [[f32; 4]; 6],
    /// What a distance is multiplied by where a value lies below its polynomial; a finite number.
    pub below: [f32; 4],
    /// What it is multiplied by where the value lies above.
    pub above: [f32; 4],
    /// Width and height of the picture, pixels.
    pub size: (usize, usize),
}

impl QuadraticSurface {
    /// Squared distances of some pixels, by their numbers in the picture: the sum over the four values. What is no number lies
    /// on the surface.
    ///
    /// # Panics
    /// Where there is no such pixel.
    pub fn distances(&self, values: &[[f32; 4]], pixels: &[usize]) -> Vec<f32> {
        #[cfg(target_arch = "x86_64")]
        if crate::lanes::Avx2::is_here() {
            // SAFETY: this machine has both features that the function is compiled for.
            return unsafe { self.distances_avx2(values, pixels) };
        }
        self.distances_of::<Here>(values, pixels)
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,fma")]
    fn distances_avx2(&self, values: &[[f32; 4]], pixels: &[usize]) -> Vec<f32> {
        self.distances_of::<crate::lanes::Avx2>(values, pixels)
    }

    #[inline(always)]
    fn distances_of<M: Machine>(&self, values: &[[f32; 4]], pixels: &[usize]) -> Vec<f32> {
        let (width, height) = self.size;
        let mut out = vec![0.0; pixels.len()];
        for (distance, &pixel) in out.iter_mut().zip(pixels) {
            let mut surface = M::Four::splat(0.0);
            for (term, polynomial) in basis(pixel, width, height).into_iter().zip(&self.polynomials) {
                surface = M::Four::splat(term).times_plus(M::Four::load(polynomial), surface);
            }
            let off = M::Four::load(&values[pixel]).less(surface);
            let above = off.positive().times_plus(M::Four::load(&self.above), M::Four::splat(0.0));
            let off = off.negative().times_plus(M::Four::load(&self.below), above);
            let mut squares = [0.0; 4];
            off.times_plus(off, M::Four::splat(0.0)).store(&mut squares);
            *distance = squares.iter().sum();
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lanes::Plain;

    #[test]
    fn each_side_of_a_surface_counts_by_itself() {
        let polynomials = [
            [1.0, 0.0, -2.0, 0.5],
            [0.5, 1.0, 0.0, 0.0],
            [0.0, 0.25, 1.0, 0.0],
            [0.1, 0.0, 0.3, 0.0],
            [0.0, 0.2, 0.0, 0.0],
            [0.7, 0.0, 0.0, -0.4],
        ];
        let surface =
            QuadraticSurface { polynomials, below: [1.0, 2.0, 0.0, 3.0], above: [0.5, 1.0, 4.0, 0.0], size: (5, 4) };
        let values: Vec<[f32; 4]> =
            (0..20).map(|i| [0, 7, 13, 29].map(|more| ((i * 37 + more) % 11) as f32 * 0.4 - 2.0)).collect();
        let pixels: Vec<usize> = (0..20).step_by(3).collect();
        let found = surface.distances(&values, &pixels);
        let plain = surface.distances_of::<Plain>(&values, &pixels);
        for ((&pixel, found), plain) in pixels.iter().zip(found).zip(plain) {
            let (x, y) = (2.0 * (pixel % 5) as f32 / 5.0 - 1.0, 2.0 * (pixel / 5) as f32 / 4.0 - 1.0);
            let expected: f32 = (0..4)
                .map(|c| {
                    let terms = [1.0, x, y, x * x, x * y, y * y];
                    let on: f32 = terms.iter().zip(&polynomials).map(|(term, polynomial)| term * polynomial[c]).sum();
                    let off = values[pixel][c] - on;
                    (off * if off > 0.0 { surface.above[c] } else { surface.below[c] }).powi(2)
                })
                .sum();
            assert!(
                (found - expected).abs() < 1e-4 && (plain - expected).abs() < 1e-4,
                "{pixel}: {found}, not {expected}"
            );
        }
    }
}
