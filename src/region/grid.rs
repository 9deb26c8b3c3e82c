//! The face, upright by its eyes and resampled to a scale in millimetres.

use crate::frame::{Border, Pyramid};
use crate::geometry::{Point, Rect, Similarity};
use crate::mesh::{topology, Mesh};

/// The scale of a face grid.
#[derive(Clone, Debug, PartialEq)]
pub struct GridParams {
    /// Finest scale, pixels a millimetre; a coarser photo keeps its own. Two show what is a
    /// millimetre wide, and 100,000 pixels of face.
    pub max_px_per_mm: f32,
}

impl Default for GridParams {
    fn default() -> Self {
        GridParams { max_px_per_mm: 2.0 }
    }
}

/// A face cut out of the photo, its eyes level.
#[derive(Clone)]
pub struct FaceGrid {
    /// Pixels across.
    pub width: usize,
    /// Pixels down.
    pub height: usize,
    /// From the grid to the photo.
    pub map: Similarity,
    /// Pixels of the grid a millimetre, where the pupils are 63 mm apart.
    pub px_per_mm: f32,
    /// Width and height of the photo; of what lies beyond nothing is known, whatever the grid shows there.
    pub photo: (usize, usize),
    /// RGB, row-major, 0–255, sRGB.
    pub rgb: Vec<[f32; 3]>,
}

/// No face of a photo within the limits needs more to a side.
const LONGEST: f32 = 2048.0;

impl FaceGrid {
    /// Cuts out the outline of a mesh.
    #[inline(never)]
    pub fn cut(photo: &Pyramid, mesh: &Mesh, params: &GridParams) -> FaceGrid {
        let (center, size) = FaceGrid::outline(mesh);
        FaceGrid::of(photo, center, size, mesh.roll(), mesh.px_per_mm(), params)
    }

    /// The middle of that outline, and its width and height along the face, pixels of the photo.
    pub fn outline(mesh: &Mesh) -> (Point, (f32, f32)) {
        let upright = Similarity::rect(Point::new(0.0, 0.0), 1.0, mesh.roll(), 0.0, 0.0);
        let outline = mesh.chain(&topology::OVAL).map(|p| upright.unmap(p));
        let rect = Rect::around(outline).unwrap_or(Rect { x: 0.0, y: 0.0, width: 1.0, height: 1.0 });
        (upright.map(rect.center()), (rect.width, rect.height))
    }

    /// Cuts out a rectangle around a point of the photo, turned by `roll`, whose `native` pixels are a millimetre.
    pub fn of(
        photo: &Pyramid,
        center: Point,
        (width, height): (f32, f32),
        roll: f32,
        native: f32,
        params: &GridParams,
    ) -> FaceGrid {
        let native = native.max(1e-3);
        // Photo pixels for one of the grid; a mesh degenerate to a line does not make a grid without end.
        let scale = (native / params.max_px_per_mm).max(1.0).max(width.max(height) / LONGEST);
        // A pixel of margin on each side, so that outlines close inside the grid.
        let (width, height) = ((width / scale).ceil() as usize + 2, (height / scale).ceil() as usize + 2);
        let map = Similarity::rect(center, scale, roll, width as f32, height as f32);
        let mut rgb = Vec::with_capacity(width * height);
        photo.sample(&map, (width, height), Border::Nearest, |pixel| rgb.push(pixel));
        FaceGrid { width, height, map, px_per_mm: native / scale, photo: photo.size(), rgb }
    }

    /// Whether the photo shows what lies at a pixel.
    pub fn shows(&self, pixel: usize) -> bool {
        let at = Point::new((pixel % self.width) as f32 + 0.5, (pixel / self.width) as f32 + 0.5);
        self.map.map(at).is_on(self.photo)
    }

    /// Marks the pixels whose centres lie inside a polygon in pixels of the photo (non-zero winding).
    pub fn fill(&self, polygon: impl IntoIterator<Item = Point>, mark: impl FnMut(usize)) {
        let points: Vec<Point> = polygon.into_iter().map(|p| self.map.unmap(p)).collect();
        fill(&points, (self.width, self.height), mark);
    }
}

/// Marks the pixels of `width` × `height` whose centres lie inside a polygon (non-zero winding), by
/// their row-major index.
pub fn fill(points: &[Point], (width, height): (usize, usize), mut mark: impl FnMut(usize)) {
    for y in 0..height {
        let line = y as f32 + 0.5;
        let mut crossings: Vec<(f32, i32)> = Vec::new();
        for (i, a) in points.iter().enumerate() {
            let b = points[(i + 1) % points.len()];
            if (a.y <= line) != (b.y <= line) {
                let x = a.x + (line - a.y) / (b.y - a.y) * (b.x - a.x);
                // There are few on a line: each goes to its place.
                let at = crossings.partition_point(|other| other.0.total_cmp(&x).is_lt());
                crossings.insert(at, (x, if a.y < b.y { 1 } else { -1 }));
            }
        }
        let mut winding = 0;
        for pair in crossings.windows(2) {
            winding += pair[0].1;
            if winding != 0 {
                let from = (pair[0].0 - 0.5).ceil().clamp(0.0, width as f32) as usize;
                let to = (pair[1].0 - 0.5).ceil().clamp(0.0, width as f32) as usize;
                (from..to).for_each(|x| mark(y * width + x));
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A grid of one colour that is its own photo.
    pub(crate) fn plain(width: usize, height: usize, colour: [f32; 3]) -> FaceGrid {
        let center = Point::new(width as f32 / 2.0, height as f32 / 2.0);
        FaceGrid {
            width,
            height,
            map: Similarity::rect(center, 1.0, 0.0, width as f32, height as f32),
            px_per_mm: 2.0,
            photo: (width, height),
            rgb: vec![colour; width * height],
        }
    }

    #[test]
    fn a_polygon_fills_the_pixels_whose_centres_it_holds() {
        let grid = plain(5, 4, [0.0; 3]);
        let square = [(1.0, 1.0), (4.0, 1.0), (4.0, 3.0), (1.0, 3.0)].map(|(x, y)| Point::new(x, y));
        let mut marked = Vec::new();
        grid.fill(square, |i| marked.push(i));
        assert_eq!(marked, [6, 7, 8, 11, 12, 13]);
    }

    #[test]
    fn what_lies_beyond_the_photo_is_not_shown() {
        let grid = FaceGrid { photo: (3, 2), ..plain(5, 4, [0.0; 3]) };
        let shown: Vec<usize> = (0..20).filter(|&i| grid.shows(i)).collect();
        assert_eq!(shown, [0, 1, 2, 5, 6, 7]);
    }

    #[test]
    fn a_polygon_outside_marks_nothing_and_does_not_panic() {
        let grid = plain(3, 3, [0.0; 3]);
        for points in [vec![], vec![Point::new(f32::NAN, 1.0); 3], vec![Point::new(-9.0, -9.0), Point::new(-5.0, 99.0)]]
        {
            grid.fill(points, |_| panic!("marked"));
        }
    }
}
