//! Places on the skin: from pixels of the surface to an outline on the photo.

use super::{Surface, AREA_MM2};
use crate::geometry::Point;
use crate::region::{parts, polygons, Zone};

/// A place on the skin that stands out.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// Its outline, pixels of the photo.
    pub polygon: Vec<Point>,
    /// mm².
    pub area_mm2: f32,
    /// The zone that most of it lies in.
    pub zone: Zone,
}

/// The pixels of each connected part of a mask, in reading order of their first ones.
pub fn members(mask: &[bool], width: usize) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let parts = parts(mask, width, mask.len() / width.max(1));
    for (i, &part) in parts.iter().enumerate().filter(|(_, &part)| part != usize::MAX) {
        groups.resize(groups.len().max(part + 1), Vec::new());
        groups[part].push(i);
    }
    groups
}

/// The place that some pixels are; `None` where none of them has a zone.
pub fn place_of(surface: &Surface, pixels: &[usize]) -> Option<Place> {
    let width = surface.width;
    let (mut left, mut top, mut right, mut bottom) = (usize::MAX, usize::MAX, 0, 0);
    let mut counts = [0u32; Zone::ALL.len()];
    for &i in pixels {
        let (x, y) = (i % width, i / width);
        (left, top, right, bottom) = (left.min(x), top.min(y), right.max(x), bottom.max(y));
        if let Some(zone) = surface.allowed[i] {
            counts[zone as usize] += 1;
        }
    }
    let most = counts.iter().copied().max().filter(|&most| most > 0)?;
    let zone = Zone::ALL.into_iter().find(|&zone| counts[zone as usize] == most)?;
    let (across, down) = (right - left + 1, bottom - top + 1);
    let mut mask = vec![false; across * down];
    pixels.iter().for_each(|&i| mask[(i / width - top) * across + i % width - left] = true);
    // Of parts that touch at a corner, the outline is that of the largest.
    let outline = polygons(&mask, across, down).into_iter().max_by_key(Vec::len)?;
    let on_photo = |p: Point| surface.map.map(Point::new(p.x + left as f32, p.y + top as f32));
    Some(Place { polygon: outline.into_iter().map(on_photo).collect(), area_mm2: pixels.len() as f32 * AREA_MM2, zone })
}
