//! The eight zones of a face and where the mesh puts them.

use serde::Serialize;

use super::FaceGrid;
use crate::geometry::Point;
use crate::mesh::{topology, Mesh};

/// A part of the face. Left and right are the person's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Zone {
    /// With the temples and the glabella, down to the corners of the eyes.
    Forehead,
    /// From the outer corner of the eye to the jaw line.
    LeftCheek,
    /// From the outer corner of the eye to the jaw line.
    RightCheek,
    /// Root, bridge, tip and wings.
    Nose,
    /// Below the mouth.
    Chin,
    /// Between the lower lashes and the cheekbone.
    UnderLeftEye,
    /// Between the lower lashes and the cheekbone.
    UnderRightEye,
    /// Between nose and mouth.
    UpperLip,
}

impl Zone {
    /// All zones, in the order of reports.
    pub const ALL: [Zone; 8] = [
        Zone::Forehead,
        Zone::LeftCheek,
        Zone::RightCheek,
        Zone::Nose,
        Zone::Chin,
        Zone::UnderLeftEye,
        Zone::UnderRightEye,
        Zone::UpperLip,
    ];
}

/// The zone of each pixel of the grid by the mesh alone, `None` outside the face and the photo and on eyes,
/// brows, lips and nostrils. Later zones are painted over earlier ones.
#[inline(never)]
pub fn paint(grid: &FaceGrid, mesh: &Mesh) -> Vec<Option<Zone>> {
    use topology::*;
    let mut zones = vec![None; grid.width * grid.height];
    let mut face = vec![false; zones.len()];
    grid.fill(mesh.chain(&OVAL), |i| face[i] = true);
    let mut put = |chain: &[usize], zone: Option<Zone>| {
        grid.fill(mesh.chain(chain), |i| zones[i] = zone);
    };

    // The outline runs from the top over the left to the chin, and back over the right.
    let chin = OVAL.iter().position(|&i| i == CENTRE[CENTRE.len() - 1]).unwrap_or(0);
    let to_top: Vec<usize> = CENTRE.iter().rev().copied().collect();
    put(&[&OVAL[..chin], &to_top].concat(), Some(Zone::LeftCheek));
    put(&[&OVAL[chin..], &CENTRE].concat(), Some(Zone::RightCheek));
    put(&FOREHEAD, Some(Zone::Forehead));
    put(&[&CHIN[..], &CHIN_RETURN].concat(), Some(Zone::Chin));
    put(&UPPER_LIP, Some(Zone::UpperLip));
    put(&UNDER_RIGHT_EYE, Some(Zone::UnderRightEye));
    put(&mirrored(&UNDER_RIGHT_EYE), Some(Zone::UnderLeftEye));
    put(&NOSE, Some(Zone::Nose));
    for chain in [&RIGHT_EYE[..], &RIGHT_BROW, &RIGHT_NOSTRIL] {
        put(chain, None);
        put(&mirrored(chain), None);
    }
    put(&LIPS, None);
    clear_around(grid, mesh, &mut zones);
    for (i, (zone, inside)) in zones.iter_mut().zip(face).enumerate() {
        if !inside || !grid.shows(i) {
            *zone = None;
        }
    }
    zones
}

/// Widens what was cut out by what the mesh's lines are drawn too tight, in mm: lashes stand out
/// from the lids, and the edge of the lips is soft.
#[inline(never)]
fn clear_around(grid: &FaceGrid, mesh: &Mesh, zones: &mut [Option<Zone>]) {
    use topology::*;
    const MARGINS: [(&[usize], f32); 3] = [(&RIGHT_EYE_OPENING, 2.0), (&RIGHT_BROW, 1.0), (&LIPS, 1.0)];
    for (chain, margin) in MARGINS {
        for chain in [chain.to_vec(), mirrored(chain)] {
            let points: Vec<Point> = mesh.chain(&chain).map(|p| grid.map.unmap(p)).collect();
            let radius = margin * grid.px_per_mm;
            for (i, a) in points.iter().enumerate() {
                clear_segment(grid, zones, *a, points[(i + 1) % points.len()], radius);
            }
        }
    }
}

/// Clears the pixels within `radius` of a line, all in pixels of the grid.
fn clear_segment(grid: &FaceGrid, zones: &mut [Option<Zone>], a: Point, b: Point, radius: f32) {
    let low = |p: f32, q: f32| (p.min(q) - radius).max(0.0) as usize;
    let high = |p: f32, q: f32, end: usize| ((p.max(q) + radius + 1.0).max(0.0) as usize).min(end);
    let length = a.distance(b).powi(2).max(1e-6);
    for y in low(a.y, b.y)..high(a.y, b.y, grid.height) {
        for x in low(a.x, b.x)..high(a.x, b.x, grid.width) {
            let p = Point::new(x as f32 + 0.5, y as f32 + 0.5);
            let along = (((p.x - a.x) * (b.x - a.x) + (p.y - a.y) * (b.y - a.y)) / length).clamp(0.0, 1.0);
            let nearest = Point::new(a.x + along * (b.x - a.x), a.y + along * (b.y - a.y));
            if p.distance(nearest) <= radius {
                zones[y * grid.width + x] = None;
            }
        }
    }
}
