//! What is looked at in each pixel to tell skin from what covers it.

use super::{box_mean, FaceGrid};
use crate::lab::linear;

/// Log luminance, log R/G and log G/B of linear light; and texture, the log of how much the first
/// varies close by.
pub type Feature = [f32; FEATURES];

/// How many there are.
pub const FEATURES: usize = 4;

/// The offset keeps the logarithm of black finite: the noise of an 8-bit photo in linear light.
const BLACK: f32 = 0.003;

/// Log luminance, log R/G and log G/B of an sRGB colour of 0–255.
pub fn colour(rgb: [f32; 3]) -> [f32; 3] {
    let [r, g, b] = rgb.map(|v| linear(v) + BLACK);
    [(0.2126 * r + 0.7152 * g + 0.0722 * b).ln(), (r / g).ln(), (g / b).ln()]
}

/// The features of each pixel. Texture is taken over squares of `radius` mm, and only where the mesh
/// allows skin, so that an eye does not make the skin beside it rough.
#[inline(never)]
pub fn features(grid: &FaceGrid, allowed: &[bool], radius: f32) -> Vec<Feature> {
    let colours: Vec<[f32; 3]> = grid.rgb.iter().map(|rgb| colour(*rgb)).collect();
    let radius = ((radius * grid.px_per_mm).round() as usize).max(1);
    let light: Vec<f32> = colours.iter().map(|c| c[0]).collect();
    let even = box_mean(&light, allowed, grid.width, radius);
    let squares: Vec<f32> = light.iter().zip(even).map(|(l, e)| (l - e).powi(2)).collect();
    let varies = box_mean(&squares, allowed, grid.width, radius);
    // Below one part in a hundred it is the camera that varies; a sum of squares may round to less than none.
    colours.into_iter().zip(varies).map(|([l, r, g], v)| [l, r, g, 0.5 * (v.max(0.0) + 1e-4).ln()]).collect()
}
