//! Wrinkles: the length of lines on the skin, mm for each cm² of it, a faint line counting less; over the face, a mean
//! in which the forehead counts most.
//!
//! A line is a ridge of the density of luminance: at two scales the Hessian's curvature across is strong and the one
//! along is weak (after Frangi 1998 and the hybrid Hessian filter of Ng 2014). Its middle is where the ridge is
//! highest across. What is shorter than 5 mm or not longer than wide is no line.
//!
//! It can't see wrinkles that the light fills from the front, can't tell a fold of expression from one that
//! stays, and can take a single hair or the edge of a scar for a line.

use super::concern::{Measured, Scale, LEAST_ZONE_MM2, MOST_FINDINGS};
use crate::geometry::Point;
use crate::mesh::{topology, Mesh};
use crate::region::{fill, Zone};
use crate::surface::{members, place_of, Spots, Surface, Window, AREA_MM2, PX_PER_MM};

/// Half of the score is lost where 8 mm of full line lie on each cm²: twice what the middle one of 458 faces has.
pub const SCALE: Scale = Scale { unit: "mm of line per cm² of skin", half: 8.0, cuts: [3.0, 8.0, 16.0] };

/// How lines are told.
#[derive(Clone, Debug, PartialEq)]
pub struct WrinkleParams {
    /// Spreads at which ridges are looked for, mm: fine lines and folds.
    pub scales_mm: [f32; 2],
    /// Strength of a ridge, density, where a line may go on, where one must somewhere be, and where it counts in full.
    pub strength: (f32, f32, f32),
    /// Least length, mm.
    pub least_mm: f32,
    /// How far a line keeps from the outline of the face and from what covers the skin, mm: hair, sideburns and the
    /// frames of glasses end in lines.
    pub rim_mm: (f32, f32),
    /// What is not skin and larger than this covers it, mm².
    pub cover_mm2: f32,
    /// Greatest mean width, mm, and least length as a multiple of it.
    pub width: (f32, f32),
}

impl Default for WrinkleParams {
    fn default() -> Self {
        WrinkleParams {
            scales_mm: [0.8, 1.3],
            strength: (0.018, 0.036, 0.09),
            rim_mm: (5.0, 2.5),
            cover_mm2: 60.0,
            least_mm: 6.0,
            width: (3.5, 2.5),
        }
    }
}

/// How many times a full line the deepest counts: beyond it is an edge of something.
const DEEPEST: f32 = 3.0;

/// Length of a pixel of a line: the mean of one that runs straight and one that runs diagonally.
const STEP_MM: f32 = 1.2 / PX_PER_MM;

/// Measures lines beside the spots.
pub fn measure(
    surface: &Surface,
    mesh: &Mesh,
    darkness: &[f32],
    spots: [&Spots; 2],
    params: &WrinkleParams,
) -> Measured {
    let (low, full) = (params.strength.0, params.strength.2);
    let depth = |s: f32| ((s - low) / (full - low)).clamp(0.0, DEEPEST);
    let (strength, crest) = ridges(surface, darkness, spots, params);
    let lines: Vec<bool> = strength.iter().map(|&s| s > params.strength.0).collect();
    let mut found: Vec<(f32, Vec<usize>)> = Vec::new();
    let mut counts = vec![0.0; surface.len()];
    for pixels in members(&lines, surface.width) {
        if !pixels.iter().any(|&i| strength[i] > params.strength.1) {
            continue;
        }
        let middle: Vec<usize> = pixels.iter().copied().filter(|&i| crest[i]).collect();
        let length = middle.len() as f32 * STEP_MM;
        let width = pixels.len() as f32 * AREA_MM2 / length.max(STEP_MM);
        if length < params.least_mm || width > params.width.0 || length < params.width.1 * width {
            continue;
        }
        // Millimetres of line a pixel's area; their mean over the skin is length for area.
        for &i in &middle {
            counts[i] = depth(strength[i]) * STEP_MM / AREA_MM2 * 100.0;
        }
        // A faint line counts for its part, and is not drawn: nobody would see it.
        if middle.iter().any(|&i| strength[i] > full) {
            found.push((length, pixels));
        }
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (_, zones) = surface.means(&counts, LEAST_ZONE_MM2);
    let zones = zones.into_iter().filter(|(zone, _)| folds(Some(*zone))).collect();
    let weights = weights(surface, mesh);
    let (sum, whole) = counts.iter().zip(&weights).fold((0.0, 0.0), |s, (c, w)| (s.0 + c * w, s.1 + w));
    let value = sum / f32::max(whole, 1.0);
    let findings = found.iter().take(MOST_FINDINGS).filter_map(|(_, pixels)| place_of(surface, pixels)).collect();
    Measured { value, zones, findings }
}

/// The strength of the strongest ridge at each pixel of inner skin, and whether it is the highest across.
fn ridges(surface: &Surface, darkness: &[f32], spots: [&Spots; 2], params: &WrinkleParams) -> (Vec<f32>, Vec<bool>) {
    let (width, len) = (surface.width, surface.len());
    let inside = surface.away_from(surface.outside().into_iter(), params.rim_mm.0);
    let not: Vec<bool> = surface.allowed.iter().zip(&surface.zones).map(|(a, z)| a.is_some() && z.is_none()).collect();
    let mut covered = vec![false; len];
    // A few dark pixels may be a deep line themselves.
    for part in members(&not, width).iter().filter(|part| part.len() as f32 * AREA_MM2 > params.cover_mm2) {
        part.iter().for_each(|&i| covered[i] = true);
    }
    let free = surface.away_from(covered.into_iter(), params.rim_mm.1);
    // A row of freckles is no line.
    let spotless = spots.map(|spots| surface.weight_without(spots, 0.5));
    let looked_at = |i: usize| {
        surface.inner[i] && inside[i] && free[i] && folds(surface.zones[i]) && spotless.iter().all(|w| w[i] > 0.0)
    };
    let mut strength = vec![0.0f32; len];
    let mut across = vec![0u8; len];
    for mm in params.scales_mm {
        let smooth = Window::new(&surface.skin, width, surface.spread(mm)).mean(darkness);
        let square = (mm * PX_PER_MM).powi(2);
        for i in (0..len).filter(|&i| looked_at(i)) {
            // Inner skin has skin on all sides.
            let (v, up, down) = (smooth[i], &smooth[i - width - 1..], &smooth[i + width - 1..]);
            let (left, right) = (smooth[i - 1], smooth[i + 1]);
            let xx = left - 2.0 * v + right;
            let yy = up[1] - 2.0 * v + down[1];
            let xy = (up[0] - up[2] - down[0] + down[2]) / 4.0;
            let (half, root) = ((xx + yy) / 2.0, (((xx - yy) / 2.0).powi(2) + xy * xy).sqrt());
            let (most, least) = (half - root, half + root);
            let found = square * (-most - least.abs());
            if found > strength[i] {
                strength[i] = found;
                across[i] = direction(xx - most, xy, yy - most);
            }
        }
    }
    let crest = (0..len)
        .map(|i| {
            let step = [1, width + 1, width, width.wrapping_sub(1)][across[i] as usize];
            strength[i] > 0.0 && strength[i] >= strength[i - step] && strength[i] > strength[i + step]
        })
        .collect();
    (strength, crest)
}

/// Whether lines of this zone are wrinkles: on the chin they are stubble and the form of the lip, on the nose its
/// form.
fn folds(zone: Option<Zone>) -> bool {
    !matches!(zone, None | Some(Zone::Nose | Zone::Chin))
}

/// How much each pixel counts for the whole face. A smile folds the skin around the eyes at any age, and lids, glasses
/// and sideburns end in lines there; what lies between brows and hair stays.
fn weights(surface: &Surface, mesh: &Mesh) -> Vec<f32> {
    let mut weights: Vec<f32> = surface
        .zones
        .iter()
        .map(|zone| match zone {
            Some(Zone::LeftCheek | Zone::RightCheek) => 1.0,
            Some(Zone::Forehead | Zone::UnderLeftEye | Zone::UnderRightEye | Zone::UpperLip) => 0.5,
            _ => 0.0,
        })
        .collect();
    let above: Vec<Point> = mesh.chain(&topology::ABOVE_BROWS).map(|p| surface.map.unmap(p)).collect();
    fill(&above, (surface.width, surface.height), |i| {
        if surface.zones[i] == Some(Zone::Forehead) {
            weights[i] = 1.5;
        }
    });
    weights
}

/// Which of four directions the strongest curvature has: right, down right, down, down left. The
/// arguments are the Hessian less its strongest curvature, whose rows lie along the line.
fn direction(xx: f32, xy: f32, yy: f32) -> u8 {
    // Along the line is the longer row; across is a right angle from it.
    let (x, y) = if xx.abs() > yy.abs() { (-xy, xx) } else { (-yy, xy) };
    let turns = y.atan2(x) / std::f32::consts::FRAC_PI_4;
    (turns.round() as i32).rem_euclid(4) as u8
}

#[cfg(test)]
mod tests {
    use super::direction;

    #[test]
    fn curvature_across_a_line_has_its_direction() {
        // The Hessian of a dark line whose normal points at an angle: −n·nᵀ.
        for (degrees, expected) in [(0.0f32, 0), (45.0, 1), (90.0, 2), (135.0, 3), (180.0, 0), (10.0, 0), (80.0, 2)] {
            let (y, x) = degrees.to_radians().sin_cos();
            assert_eq!(direction(1.0 - x * x, -x * y, 1.0 - y * y), expected, "{degrees}");
        }
    }
}
