//! What is measured on skin. One quantity a module; its first lines define it.

pub mod lab;
pub mod monochrome;
pub mod redness;
pub mod tone;

pub use redness::{Redness, RednessParams};
pub use tone::{Tone, ToneParams};

use crate::frame::{Border, Pyramid};
use crate::geometry::{Rect, Similarity};
use crate::region::SkinMap;
use lab::Lab;

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

/// The value below which a share (0–1) of the values lie; `None` of none. Reorders the values.
pub(crate) fn quantile(values: &mut [f32], share: f32) -> Option<f32> {
    if values.is_empty() {
        return None;
    }
    let index = ((values.len() - 1) as f32 * share).round() as usize;
    Some(*values.select_nth_unstable_by(index.min(values.len() - 1), f32::total_cmp).1)
}
