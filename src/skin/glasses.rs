//! Whether glasses are worn: what their bridge leaves across the nose.
//!
//! From between the brows to the tip the ridge of a nose is smooth along its length. A bridge or a bar lies across it as a band that
//! is darker or brighter than both sides: a strong curvature of the density of luminance along the nose, over most of
//! its width. (On 98 portraits it finds ten pairs of glasses and none that is not there; of generated people 22 of 36
//! pairs, and 11 of 238 deeply furrowed noses besides.)
//!
//! It can't see glasses that sit low, whose bridge is clear or lies in the shade of the brows.

use shine_skin_kernels::bell;

use crate::frame::{Border, Pyramid};
use crate::geometry::{Point, Similarity};
use crate::mesh::Mesh;
use crate::quantile::median;
use crate::surface::{density, FINEST_PX_PER_MM};

/// Between the brows, and on the ridge above the tip of the nose.
const RIDGE: (usize, usize) = (9, 195);

/// Half the width that is looked at, mm.
const HALF_MM: f32 = 5.0;

/// Scale of the cut-out, pixels a millimetre.
const PX_PER_MM: f32 = FINEST_PX_PER_MM;

/// Smoothing along the nose, mm.
const SMOOTH_MM: f32 = 0.6;

/// The curvature, density at that smoothing, from which on glasses are said to be worn.
pub const LEAST: f32 = 0.42;

/// The strongest curvature of density along the nose that most of its width shares; 0 where the mesh has no scale.
pub fn bar_across_nose(photo: &Pyramid, mesh: &Mesh) -> f32 {
    // 63 mm lie between the pupils.
    let scale = mesh.px_per_mm() / PX_PER_MM;
    let (top, bottom) = (mesh.point(RIDGE.0), mesh.point(RIDGE.1));
    let (width, height) = ((2.0 * HALF_MM * PX_PER_MM) as usize, (top.distance(bottom) / scale.max(1e-6)) as usize);
    // A nose is shorter than a hand.
    if height < 16 || height > (200.0 * PX_PER_MM) as usize {
        return 0.0;
    }
    let middle = Point::new((top.x + bottom.x) / 2.0, (top.y + bottom.y) / 2.0);
    let turn = (bottom.y - top.y).atan2(bottom.x - top.x) - std::f32::consts::FRAC_PI_2;
    let map = Similarity::rect(middle, scale, turn, width as f32, height as f32);
    let mut dark = Vec::with_capacity(width * height);
    photo.sample(&map, (width, height), Border::Nearest, |[r, g, b]| {
        dark.push(0.3 * density(r) + 0.6 * density(g) + 0.1 * density(b));
    });
    // Across the nose too: a pixel's noise is no bar.
    let smooth = bell(&dark, width, SMOOTH_MM * PX_PER_MM);
    let square = (SMOOTH_MM * PX_PER_MM).powi(2);
    // Smoothing reaches beyond both ends.
    let reach = (3.0 * SMOOTH_MM * PX_PER_MM) as usize;
    let strongest = |y: usize| {
        let row = |y: usize| &smooth[y * width..][..width];
        let curved = row(y - 1).iter().zip(row(y)).zip(row(y + 1)).map(|((a, b), c)| square * (a - 2.0 * b + c));
        median(curved.skip(reach).take(width.saturating_sub(2 * reach))).abs()
    };
    (reach + 1..height.saturating_sub(reach + 1)).map(strongest).fold(0.0, f32::max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Frame;

    #[test]
    fn a_bar_across_the_nose_is_seen_and_a_shadow_beside_it_is_not() {
        let mut points = vec![[0.0f32; 3]; 468];
        // Pupils 63 mm apart at 3 pixels a millimetre, from the middles of the corners of the eyes.
        for (index, x) in [(33, 40.0), (133, 70.0), (362, 229.0), (263, 259.0)] {
            points[index] = [x, 100.0, 0.0];
        }
        points[9] = [150.0, 60.0, 0.0];
        points[195] = [150.0, 180.0, 0.0];
        let mesh = Mesh::new(points).unwrap();
        let seen = |dark: fn(usize, usize) -> bool| {
            let of = |i: usize| if dark(i % 300, i / 300) { [60, 45, 40] } else { [190, 150, 130] };
            let frame = Frame::from_rgb(300, 240, (0..300 * 240).flat_map(of).collect()).unwrap();
            bar_across_nose(&Pyramid::new(&frame), &mesh)
        };
        assert!(seen(|_, y| (100..106).contains(&y)) > LEAST);
        assert!(seen(|x, _| x > 160) < LEAST / 4.0);
        assert!(seen(|_, _| false) < LEAST / 20.0);
    }
}
