//! What was painted.

use crate::geometry::Point;
use crate::region::Zone;
use crate::report::ConcernId;

/// One mark on the skin.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// Its middle, pixels of the photo.
    pub center: Point,
    /// Half its diameter, of a line half its length, mm.
    pub radius_mm: f32,
    /// How far its middle looks from the skin around, before the camera.
    pub delta_e: f32,
    /// As far from it as the same amount of substance makes it on Monk tone 4, where amounts of substance were asked
    /// for; else the same.
    pub dosed: f32,
    /// The zone of its middle.
    pub zone: Zone,
}

impl Mark {
    /// The area of a round one, mm².
    pub fn area_mm2(&self) -> f32 {
        std::f32::consts::PI * self.radius_mm * self.radius_mm
    }
}

/// How much of a condition was painted. The unit is the concern's: acne and dark spots in % of the skin's area, redness,
/// pigmentation and oiliness in mean ΔE over the skin, dark circles in ΔE, wrinkles in mm·ΔE and
/// pores in ΔE for each cm², texture in % of the skin's light or ΔL*.
#[derive(Clone, Debug, PartialEq)]
pub struct Truth {
    /// Which.
    pub concern: ConcernId,
    /// 0 of none.
    pub amount: f32,
    /// Each mark, where there are single ones.
    pub marks: Vec<Mark>,
    /// How many ΔE each pixel of the photo was changed by, before the camera, row-major.
    pub cover: Vec<f32>,
}
