//! Shares of the skin's area, as a measure: those that spots take, and those of a plane.

use super::concern::{Measured, LEAST_ZONE_MM2, MOST_FINDINGS};
use crate::quantile::descending;
use crate::surface::{members, place_of, Place, Spots, Surface, AREA_MM2};

/// The share of the skin that spots take, %, and each spot as a finding.
pub fn of_spots(surface: &Surface, spots: &Spots) -> Measured {
    let mut cover = vec![0.0; surface.len()];
    for spot in &spots.found {
        let counts = 100.0 * Spots::clarity(spot);
        spot.pixels.iter().for_each(|&i| cover[i] = counts);
    }
    let (value, zones) = surface.means(&cover, LEAST_ZONE_MM2);
    let clear = spots.found.iter().filter(|spot| Spots::is_clear(spot));
    let findings = clear.take(MOST_FINDINGS).filter_map(|s| place_of(surface, &s.pixels)).collect();
    Measured { value, zones, findings }
}

/// A plane of shares, 0–100, as a measure: its mean, and the places where more than half is reached.
pub fn of_patches(surface: &Surface, shares: &[f32], finding_mm2: f32) -> Measured {
    let (value, zones) = surface.means(shares, LEAST_ZONE_MM2);
    let strong: Vec<bool> = shares.iter().map(|&s| s > 50.0).collect();
    Measured { value, zones, findings: places(surface, &strong, finding_mm2) }
}

/// The parts of a mask of at least some area, the largest first.
pub fn places(surface: &Surface, mask: &[bool], least_mm2: f32) -> Vec<Place> {
    let mut groups = members(mask, surface.width);
    groups.retain(|g| g.len() as f32 * AREA_MM2 >= least_mm2);
    let groups = descending(groups, |g| g.len() as f32);
    groups.iter().take(MOST_FINDINGS).filter_map(|g| place_of(surface, g)).collect()
}
