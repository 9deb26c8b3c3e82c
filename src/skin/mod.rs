//! What is measured on skin. One quantity a module; its first lines define it.

pub mod monochrome;
pub mod redness;
pub mod tone;

pub use redness::{Redness, RednessParams};
pub use tone::{Tone, ToneParams};

use crate::frame::{Border, Pyramid};
use crate::geometry::{Rect, Similarity};
use crate::lab::Lab;
use crate::region::SkinMap;

/// CIELAB of each pixel of a skin map's grid, row-major.
pub fn lab_map(map: &SkinMap) -> Vec<Lab> {
    map.grid.rgb.iter().map(|&rgb| Lab::from_srgb(rgb)).collect()
}

/// CIELAB of a rectangle of the photo, resampled to 64 × 64 pixels.
pub fn lab_of(photo: &Pyramid, rect: &Rect) -> Vec<Lab> {
    const SIDE: usize = 64;
    let map = Similarity::square(rect.center(), rect.width.max(rect.height), 0.0, SIDE as f32);
    let mut lab = Vec::with_capacity(SIDE * SIDE);
    photo.sample(&map, (SIDE, SIDE), Border::Nearest, |rgb| lab.push(Lab::from_srgb(rgb)));
    lab
}
