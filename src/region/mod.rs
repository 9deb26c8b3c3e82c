//! Where the face's skin is: a map over the face, divided into zones.
//!
//! The mesh says where skin may be (inside its outline, outside eyes, brows, lips and nostrils);
//! a colour model of the person's own skin says where it is not covered by hair, beard,
//! glasses or hands.

mod beard;
mod contour;
mod features;
mod grid;
mod skin_colour;
mod smooth;
mod spill;
pub(crate) mod zone;

pub use beard::BeardParams;
pub use contour::{parts, polygons};
pub use grid::{fill, FaceGrid, GridParams};
pub use skin_colour::SkinColourParams;
pub use smooth::box_mean;
pub use zone::Zone;

use crate::geometry::Point;
use crate::mesh::Mesh;

/// The zone of each pixel of a face grid, `None` where it shows no skin.
pub struct SkinMap {
    /// The grid that the map lies on.
    pub grid: FaceGrid,
    /// One for each pixel of the grid, row-major.
    pub zones: Vec<Option<Zone>>,
    /// The same by the mesh alone, whether the skin is covered or not.
    pub allowed: Vec<Option<Zone>>,
}

impl SkinMap {
    /// Finds the skin of a meshed face on its grid.
    pub fn find(grid: FaceGrid, mesh: &Mesh, params: &SkinColourParams) -> SkinMap {
        let mut allowed = zone::paint(&grid, mesh);
        spill::clear(&grid, mesh, &mut allowed);
        let skin = skin_colour::classify(&grid, mesh, &allowed, params);
        let zones = allowed.iter().zip(skin).map(|(zone, is_skin)| zone.filter(|_| is_skin)).collect();
        SkinMap { grid, zones, allowed }
    }

    /// All that the mesh allows, as if nothing covered it; the grid's colours are not looked at.
    pub fn of_mesh(grid: FaceGrid, mesh: &Mesh) -> SkinMap {
        let zones = zone::paint(&grid, mesh);
        SkinMap { grid, allowed: zones.clone(), zones }
    }

    /// Share of the pixels that the mesh allows which show skin, 0–1; the rest is covered.
    pub fn uncovered(&self) -> f32 {
        self.zones.iter().flatten().count() as f32 / self.allowed.iter().flatten().count().max(1) as f32
    }

    /// Whether each pixel belongs to a zone, row-major.
    pub fn mask(&self, zone: Zone) -> Vec<bool> {
        self.zones.iter().map(|z| *z == Some(zone)).collect()
    }

    /// The outlines of a mask over this map's grid, in pixels of the photo.
    pub fn outlines(&self, mask: &[bool]) -> Vec<Vec<Point>> {
        let mut outlines = polygons(mask, self.grid.width, self.grid.height);
        for point in outlines.iter_mut().flatten() {
            *point = self.grid.map.map(*point);
        }
        outlines
    }

    /// Area of one pixel of the grid in square pixels of the photo.
    pub fn photo_area(&self) -> f32 {
        self.grid.map.scale().powi(2)
    }

    /// Area of one pixel of the grid in mm².
    pub fn area_mm2(&self) -> f32 {
        self.grid.px_per_mm.powi(-2)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A map of 2 px/mm that is all one zone, each pixel's colour given by its index.
    pub(crate) fn all_skin(width: usize, height: usize, colour: impl Fn(usize) -> [f32; 3], zone: Zone) -> SkinMap {
        let mut grid = grid::tests::plain(width, height, [0.0; 3]);
        grid.rgb = (0..width * height).map(colour).collect();
        let zones = vec![Some(zone); width * height];
        SkinMap { grid, allowed: zones.clone(), zones }
    }

    #[test]
    fn areas_follow_the_scale() {
        let map = all_skin(10, 10, |_| [0.0; 3], Zone::Nose);
        assert_eq!((map.area_mm2(), map.photo_area(), map.uncovered()), (0.25, 1.0, 1.0));
        let outlines = map.outlines(&map.mask(Zone::Nose));
        assert_eq!(outlines.len(), 1);
        assert_eq!(outlines[0].len(), 4);
        assert!(map.outlines(&map.mask(Zone::Chin)).is_empty());
    }
}
