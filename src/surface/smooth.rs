//! Smoothing over skin alone: what is not skin has no weight, so that neither a brow nor the outline of
//! the face darkens the skin beside it.

use shine_skin_kernels::bell;

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

#[cfg(test)]
mod tests {
    use super::*;

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
