//! Pores: how many can be seen on nose and cheeks, for each cm².
//!
//! A pore is a dark dot of 0.2 to 0.8 mm: a peak of a difference of Gaussians of the density of luminance (Lindeberg
//! 1998), of spreads 0.22 and 0.55 mm, on a cut-out of twice the scale of the other measures. It has to be round: as
//! dark against what lies left and right as against what lies above and below.
//!
//! A finding is half a millimetre square, where a pore is darkest; the clearest are drawn.
//!
//! It can't see pores on a photo with fewer than 2.5 pixels a millimetre, nor under make-up, and takes stubble
//! and blackheads for pores; a camera that smooths skin removes them.

use shine_skin_kernels::bell;

use super::concern::{Measured, Scale, LEAST_MM2, LEAST_ZONE_MM2, MOST_FINDINGS};
use crate::frame::{Border, Pyramid};
use crate::geometry::Point;
use crate::quantile::descending;
use crate::region::Zone;
use crate::report::Reason;
use crate::surface::{density, place_of, Surface, AREA_MM2, FINEST_PX_PER_MM, PX_PER_MM};

/// Half of the score is lost where 25 pores lie on each cm²: twice what the middle one of 13 faces has.
pub const SCALE: Scale = Scale { unit: "pores per cm² of nose and cheeks", half: 25.0, cuts: [10.0, 22.0, 40.0] };

/// How pores are told.
#[derive(Clone, Debug, PartialEq)]
pub struct PoreParams {
    /// Spreads of the difference, mm.
    pub spreads_mm: (f32, f32),
    /// Least contrast, density.
    pub floor: f32,
    /// Least contrast as a multiple of the middle of its sizes, which noise has.
    pub noise: f32,
}

impl Default for PoreParams {
    fn default() -> Self {
        PoreParams { spreads_mm: (0.22, 0.55), floor: 0.022, noise: 2.6 }
    }
}

/// Pixels of the surface around those that are looked at: three spreads of the wider smoothing, rounded up.
const AROUND: usize = 4;

/// Left, top, right and bottom of some pixels.
fn bounds(pixels: impl Iterator<Item = usize>, width: usize) -> Option<[usize; 4]> {
    pixels.fold(None, |found: Option<[usize; 4]>, i| {
        let (x, y) = (i % width, i / width);
        let [left, top, right, bottom] = found.unwrap_or([x, y, x, y]);
        Some([left.min(x), top.min(y), right.max(x), bottom.max(y)])
    })
}

/// Pixels of the fine cut-out for one of the surface, each way.
const FINER: usize = (FINEST_PX_PER_MM / PX_PER_MM) as usize;

/// Counts pores; `no-skin` where too little of nose and cheeks can be seen.
#[inline(never)]
pub fn measure(photo: &Pyramid, surface: &Surface, params: &PoreParams) -> Result<Measured, Reason> {
    let porous = |i: usize| {
        surface.inner[i] && matches!(surface.zones[i], Some(Zone::Nose | Zone::LeftCheek | Zone::RightCheek))
    };
    let Some([left, top, right, bottom]) = bounds((0..surface.len()).filter(|&i| porous(i)), surface.width) else {
        return Err(Reason::NoSkin);
    };
    // With as much around as smoothing reaches: beyond the cut-out it sees white.
    let (left, top) = (left.saturating_sub(AROUND), top.saturating_sub(AROUND));
    let (right, bottom) = ((right + AROUND).min(surface.width - 1), (bottom + AROUND).min(surface.height - 1));
    let (width, height) = ((right + 1 - left) * FINER, (bottom + 1 - top) * FINER);
    let map = surface.map.moved(Point::new(left as f32, top as f32)).rescaled(1.0 / FINER as f32);
    let mut dark = Vec::with_capacity(width * height);
    photo.sample(&map, (width, height), Border::Nearest, |[r, g, b]| {
        dark.push(surface.gain * (0.3 * density(r) + 0.6 * density(g) + 0.1 * density(b)));
    });
    let coarse = |i: usize| (top + i / width / FINER) * surface.width + left + i % width / FINER;
    // Inner skin has nothing else within reach.
    let smooth = |mm: f32| bell(&dark, width, surface.spread_at(mm, PX_PER_MM * FINER as f32));
    let (fine, around) = (smooth(params.spreads_mm.0), smooth(params.spreads_mm.1));
    let contrast: Vec<f32> = fine.iter().zip(around).map(|(f, a)| f - a).collect();
    let inside: Vec<usize> = (width + 1..dark.len().saturating_sub(width + 1)).filter(|&i| porous(coarse(i))).collect();
    if inside.len() as f32 / (PX_PER_MM * FINER as f32).powi(2) < LEAST_MM2 {
        return Err(Reason::NoSkin);
    }
    let spread = crate::quantile::median(inside.iter().map(|&i| contrast[i].abs()));
    let least = params.floor.max(params.noise * spread);
    let mut pores = Vec::new();
    for i in inside {
        let (v, up, down) = (contrast[i], &contrast[i - width - 1..][..3], &contrast[i + width - 1..][..3]);
        let highest = up.iter().chain(&contrast[i - 1..i]).all(|&n| v > n)
            && down.iter().chain(&contrast[i + 1..i + 2]).all(|&n| v >= n);
        if v < least || !highest {
            continue;
        }
        let (across, along) = (2.0 * v - contrast[i - 1] - contrast[i + 1], 2.0 * v - up[1] - down[1]);
        if across.min(along) > 0.35 * across.max(along) {
            pores.push((v, coarse(i)));
        }
    }
    let count = |zone: Option<Zone>| {
        let within = |i: usize| porous(i) && (zone.is_none() || surface.zones[i] == zone);
        let mm2 = (0..surface.len()).filter(|&i| within(i)).count() as f32 * AREA_MM2;
        let pores = pores.iter().filter(|(_, i)| within(*i)).count() as f32;
        (100.0 * pores / mm2.max(AREA_MM2), mm2)
    };
    let zones = [Zone::LeftCheek, Zone::RightCheek, Zone::Nose].into_iter().filter_map(|zone| {
        let (value, mm2) = count(Some(zone));
        (mm2 >= LEAST_ZONE_MM2).then_some((zone, value))
    });
    let (value, zones) = (count(None).0, zones.collect());
    let pores = descending(pores, |(contrast, _)| *contrast);
    let findings = pores.iter().take(MOST_FINDINGS).filter_map(|(_, i)| place_of(surface, &[*i])).collect();
    Ok(Measured { value, zones, findings })
}
