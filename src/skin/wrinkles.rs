//! Wrinkles: the length of lines on the skin, mm for each cm² of it, a faint line counting less, without what the skin's
//! unevenness would bring; over the face, a mean in which the forehead counts most.
//!
//! A line is a ridge of the density of luminance: the Hessian's curvature across is strong and the one
//! along is weak (after Frangi 1998 and the hybrid Hessian filter of Ng 2014). Its middle is where the ridge is
//! highest across. What is shorter than 6 mm or less than two and a half times as long as wide is no line. A
//! wrinkle is dark, while coarse skin, stubble and a camera's noise are made of bright lines as much as of dark ones; so
//! six tenths of what bright lines would measure is taken off. (Over 98 portraits that raises Spearman with age from
//! about 0.25 to 0.4 and more.)
//!
//! It can't see wrinkles that the light fills from the front, can't tell a fold of expression from one that
//! stays, and can take a single hair or the edge of a scar for a line.

use super::concern::{Measured, Scale, LEAST_MM2, LEAST_ZONE_MM2, MOST_FINDINGS};
use super::DETAIL_MM;
use crate::quantile::descending;
use crate::region::Zone;
use crate::report::Reason;
use crate::surface::{members, place_of, Spots, Surface, AREA_MM2, PX_PER_MM};

/// Half of the score is lost where 9 mm of full line lie on each cm²: more than three times what the middle one of 458 faces
/// has.
pub const SCALE: Scale = Scale { unit: "mm of line per cm² of skin", half: 9.0, cuts: [2.5, 6.0, 12.0] };

/// How lines are told.
#[derive(Clone, Debug, PartialEq)]
pub struct WrinkleParams {
    /// Strength of a ridge, density, where a line may go on, where one must somewhere be, and where it counts in full.
    pub strength: (f32, f32, f32),
    /// Share of the bright lines that is taken off.
    pub unevenness: f32,
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
            strength: (0.010, 0.025, 0.08),
            unevenness: 0.6,
            rim_mm: (3.0, 3.5),
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

/// How much each zone counts for the whole face; the others are not looked at: on the chin lines are stubble and the
/// form of the lip, on the nose its form. A smile folds the skin around the eyes at any age, and lids, glasses and
/// sideburns end in lines there.
fn weight(zone: Zone) -> f32 {
    match zone {
        Zone::Forehead => 1.0,
        Zone::LeftCheek | Zone::RightCheek => 0.5,
        Zone::UnderLeftEye | Zone::UnderRightEye => 0.15,
        Zone::UpperLip => 0.1,
        Zone::Nose | Zone::Chin => 0.0,
    }
}

/// Measures lines beside the spots, on darkness smoothed to [`DETAIL_MM`]; `no-skin` where too little is left to look
/// at.
#[inline(never)]
pub fn measure(
    surface: &Surface,
    detail: &[f32],
    spots: [&Spots; 2],
    params: &WrinkleParams,
) -> Result<Measured, Reason> {
    let looked_at = looked_at(surface, params);
    // Freckles in a row are no line, and around each lies a ring of bright line; a line may run on through one.
    let spotless = spots.map(|spots| surface.weight_without(spots, 2.0));
    let [dark, bright] = ridges(surface, detail, &looked_at);
    let (found, mut counts) = dark.lines(surface, params);
    let (_, uneven) = bright.lines(surface, params);
    counts.iter_mut().zip(uneven).for_each(|(c, u)| *c -= params.unevenness * u);
    let mut sums = [(0.0, 0.0); Zone::ALL.len()];
    for (i, count) in counts.iter().enumerate().filter(|(i, _)| looked_at[*i]) {
        let Some(zone) = surface.zones[i] else { continue };
        let (sum, left) = (&mut sums[zone as usize], spotless[0][i].min(spotless[1][i]));
        *sum = (sum.0 + left * count, sum.1 + left);
    }
    if sums.iter().map(|s| s.1).sum::<f32>() * AREA_MM2 < LEAST_MM2 {
        return Err(Reason::NoSkin);
    }
    let enough = sums.iter().zip(Zone::ALL).filter(|(s, _)| s.1 * AREA_MM2 >= LEAST_ZONE_MM2);
    let zones = enough.map(|(s, zone)| (zone, (s.0 / s.1).max(0.0))).collect();
    let whole = sums
        .iter()
        .zip(Zone::ALL)
        .fold((0.0, 0.0), |a, (s, zone)| (a.0 + weight(zone) * s.0, a.1 + weight(zone) * s.1));
    let found = descending(found, |(strength, _)| *strength);
    let findings = found.iter().take(MOST_FINDINGS).filter_map(|(_, pixels)| place_of(surface, pixels)).collect();
    Ok(Measured { value: (whole.0 / whole.1).max(0.0), zones, findings })
}

/// The pixels in which lines are looked for.
#[inline(never)]
fn looked_at(surface: &Surface, params: &WrinkleParams) -> Vec<bool> {
    let inside = surface.away_from(surface.outside().into_iter(), params.rim_mm.0);
    let not: Vec<bool> = surface.allowed.iter().zip(&surface.zones).map(|(a, z)| a.is_some() && z.is_none()).collect();
    let mut covered = vec![false; surface.len()];
    // A few dark pixels may be a deep line themselves.
    for part in members(&not, surface.width).iter().filter(|part| part.len() as f32 * AREA_MM2 > params.cover_mm2) {
        part.iter().for_each(|&i| covered[i] = true);
    }
    let free = surface.away_from(covered.into_iter(), params.rim_mm.1);
    let of = |i: usize| {
        let counts = surface.inner[i] && surface.zones[i].is_some_and(|zone| weight(zone) > 0.0);
        counts && inside[i] && free[i]
    };
    (0..surface.len()).map(of).collect()
}

/// Ridges of a plane, to one side.
struct Ridges {
    /// How strong at each pixel, density.
    strength: Vec<f32>,
    /// The direction across; see [`direction`].
    across: Vec<u8>,
}

/// The dark and the bright ridges.
#[inline(never)]
fn ridges(surface: &Surface, smooth: &[f32], looked_at: &[bool]) -> [Ridges; 2] {
    let (width, len) = (surface.width, surface.len());
    let mut both = [0, 1].map(|_| Ridges { strength: vec![0.0; len], across: vec![0; len] });
    let square = (DETAIL_MM * PX_PER_MM).powi(2);
    for i in (0..len).filter(|&i| looked_at[i]) {
        // Inner skin has skin on all sides.
        let (v, up, down) = (smooth[i], &smooth[i - width - 1..], &smooth[i + width - 1..]);
        let (left, right) = (smooth[i - 1], smooth[i + 1]);
        let xx = left - 2.0 * v + right;
        let yy = up[1] - 2.0 * v + down[1];
        let xy = (up[0] - up[2] - down[0] + down[2]) / 4.0;
        let (half, root) = ((xx + yy) / 2.0, (((xx - yy) / 2.0).powi(2) + xy * xy).sqrt());
        let (low, high) = (half - root, half + root);
        // Across a dark ridge the density's curvature is negative.
        for (ridges, strong, most) in [(0, -low - high.abs(), low), (1, high - low.abs(), high)] {
            if strong > 0.0 {
                both[ridges].strength[i] = square * strong;
                both[ridges].across[i] = direction(xx - most, xy, yy - most);
            }
        }
    }
    both
}

impl Ridges {
    /// The lines that can be seen, each with its length in mm, and what each pixel counts: mm of line for each cm².
    fn lines(&self, surface: &Surface, params: &WrinkleParams) -> (Vec<(f32, Vec<usize>)>, Vec<f32>) {
        let (goes_on, somewhere, full) = params.strength;
        let depth = |s: f32| ((s - goes_on) / (full - goes_on)).clamp(0.0, DEEPEST);
        let lines: Vec<bool> = self.strength.iter().map(|&s| s > goes_on).collect();
        let mut found = Vec::new();
        let mut counts = vec![0.0; surface.len()];
        for pixels in members(&lines, surface.width) {
            if !pixels.iter().any(|&i| self.strength[i] > somewhere) {
                continue;
            }
            let middle: Vec<usize> = pixels.iter().copied().filter(|&i| self.is_crest(i, surface.width)).collect();
            let length = middle.len() as f32 * STEP_MM;
            let width = pixels.len() as f32 * AREA_MM2 / length.max(STEP_MM);
            if length < params.least_mm || width > params.width.0 || length < params.width.1 * width {
                continue;
            }
            // Millimetres of line a pixel's area; their mean over the skin is length for area.
            for &i in &middle {
                counts[i] = depth(self.strength[i]) * STEP_MM / AREA_MM2 * 100.0;
            }
            // A faint line counts for its part, and is not drawn: nobody would see it.
            if middle.iter().any(|&i| self.strength[i] > full) {
                found.push((length, pixels));
            }
        }
        (found, counts)
    }

    /// Whether the ridge is highest across at a pixel, which is inner skin.
    fn is_crest(&self, i: usize, width: usize) -> bool {
        let step = [1, width + 1, width, width - 1][self.across[i] as usize];
        self.strength[i] >= self.strength[i - step] && self.strength[i] > self.strength[i + step]
    }
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
