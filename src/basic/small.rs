//! A photo or a part of it, small, as lightness, two log ratios of colour and edges.

use crate::frame::{Border, Pyramid};
use crate::geometry::{Point, Similarity};

/// How many planes there are.
pub const PLANES: usize = 4;

/// So much is added to a channel before its logarithm is taken: noise of black is no colour.
const FLOOR: f32 = 6.0;

/// A small picture; each plane row-major.
pub struct Small {
    /// Pixels across.
    pub width: usize,
    /// Pixels down.
    pub height: usize,
    /// Log lightness; log of red to green; log of green to blue; the step of lightness from above to below.
    pub planes: [Vec<f32>; PLANES],
}

impl Small {
    /// Cuts `width` × `height` pixels out around a point, each as large as `scale` of the photo's.
    pub fn cut(photo: &Pyramid, center: Point, scale: f32, (width, height): (usize, usize)) -> Small {
        let map = Similarity::rect(center, scale, 0.0, width as f32, height as f32);
        let mut planes = [const { Vec::new() }; PLANES];
        photo.sample(&map, (width, height), Border::Nearest, |pixel| {
            let [r, g, b] = pixel.map(|c| (c + FLOOR).ln());
            for (plane, value) in planes.iter_mut().zip([0.3 * r + 0.59 * g + 0.11 * b, r - g, g - b]) {
                plane.push(value);
            }
        });
        let light = &planes[0];
        let row = |y: usize| y * width;
        let steps = (0..height).flat_map(|y| {
            let (above, below) = (row(y.saturating_sub(1)), row((y + 1).min(height - 1)));
            (0..width).map(move |x| (light[below + x] - light[above + x]).abs())
        });
        planes[3] = steps.collect();
        Small { width, height, planes }
    }
}
