//! The skin of a photo as a map that the measures read.

use super::{locate, skin};
use crate::frame::Pyramid;
use crate::geometry::{Point, Rect};
use crate::region::{FaceGrid, GridParams, SkinMap, Zone};

/// Width of a face between its cheekbones that stands for every adult's, mm (bizygomatic breadth: 137 to 140 in men, 130 in women; Farkas
/// 1994), as the mesh's outline has it where the pupils are 63 mm apart.
pub const FACE_MM: f32 = 140.0;

/// Least share of a face's box that is surely skin: of the faces that are found at their place one in fifty has less, of what is taken
/// for a face and is none one in ten.
const LEAST: f32 = 0.1;

/// Where skin is.
pub struct Region {
    /// The box of the face that it seems to be, pixels of the photo, from hairline to chin.
    pub rect: Rect,
    /// Its skin. Of zones only the sides are known: each pixel counts as one of the cheek on its side.
    pub map: SkinMap,
    /// How much it looks like a face: from 0, where that is as likely as not, towards 1.
    pub certainty: f32,
}

/// The skin of the face that a photo seems to show; `None` where it seems to show none.
pub fn find(photo: &Pyramid, params: &GridParams) -> Option<Region> {
    let (rect, score) = locate::face(photo)?;
    let sure = skin::sure(photo, &rect);
    if (sure.iter().filter(|sure| **sure).count() as f32) < LEAST * sure.len() as f32 {
        return None;
    }
    let grid = FaceGrid::of(photo, rect.center(), (rect.width, rect.height), 0.0, rect.width / FACE_MM, params);
    let (across, down) = skin::SIDES;
    let scale = rect.width / across as f32;
    let zone = |pixel: usize| {
        let at = Point::new((pixel % grid.width) as f32 + 0.5, (pixel / grid.width) as f32 + 0.5);
        let at = grid.map.map(at);
        let (x, y) = ((at.x - rect.center().x) / scale, (at.y - rect.center().y) / scale);
        let (column, row) = ((x + across as f32 / 2.0).floor(), (y + down as f32 / 2.0).floor());
        let inside = column >= 0.0 && row >= 0.0 && column < across as f32 && row < down as f32;
        let is_skin = inside && sure[row as usize * across + column as usize] && grid.shows(pixel);
        // The photo's left is the person's right.
        is_skin.then_some(if x < 0.0 { Zone::RightCheek } else { Zone::LeftCheek })
    };
    let zones: Vec<Option<Zone>> = (0..grid.width * grid.height).map(zone).collect();
    // Twice the logistic of the score, from where it is a half.
    let certainty = 2.0 / (1.0 + (-score).exp()) - 1.0;
    Some(Region { rect, map: SkinMap { grid, allowed: zones.clone(), zones }, certainty })
}
