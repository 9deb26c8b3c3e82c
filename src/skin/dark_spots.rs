//! Dark spots: the share of the skin's area that freckles, moles and age spots take, %.
//!
//! A spot is what the network of skin and the closed form together are sure of. The closed form, which says how large it is and stands in
//! where there is no network, has for one a compact place, 1 to 9 mm across, that is darker than the skin around it and whose added density is
//! melanin's: in red more than blood would add.
//!
//! It can't tell a mole from a scab, a dab of make-up, a stubble or a small shadow, and can't see spots paler than the skin's own
//! unevenness.

use super::concern::{Measured, Scale};
use super::share;
use crate::network::Segments;
use crate::report::ConcernId;
use crate::surface::{SeenParams, SpotParams, Spots, Surface};

/// Half of the score is lost where 1.5% of the skin is spots: eleven times what nineteen of twenty of 458 faces have
/// at most.
pub const SCALE: Scale = Scale { unit: "% of skin area", half: 1.5, cuts: [0.5, 1.5, 4.0] };

/// How spots are told.
#[derive(Clone, Debug, PartialEq)]
pub struct DarkSpotParams {
    /// The spots of darkness.
    pub spots: SpotParams,
    /// Spots that the network sees.
    pub seen: SeenParams,
    /// Least share of the added density of green that red has too (compare acne's). There is no greatest: on dark skin
    /// melanin adds as much in red as a shadow does.
    pub least_brown: f32,
}

impl Default for DarkSpotParams {
    fn default() -> Self {
        DarkSpotParams {
            spots: SpotParams {
                smooth_mm: [0.45, 0.9],
                around_mm: 2.2,
                floor: 0.045,
                native: 1.5,
                steps: 1.0,
                noise: 2.3,
                tail: (0.01, 1.1),
                area: (0.75, 64.0),
                round: 0.55,
                solid: 0.82,
            },
            seen: SeenParams { least: 1.0, certain: 3.3, clear: 1.5, clearest: 1.25, darker: 0.02, covered: 0.6 },
            least_brown: 0.45,
        }
    }
}

/// What the network sees of a face's dark spots.
pub fn seen(surface: &Surface, segments: &Segments, darkness: &[f32], params: &DarkSpotParams) -> Spots {
    let plane = segments.strongest(ConcernId::DarkSpots, &|_| true);
    segments.spots(surface, &plane, &params.seen, Some((darkness, &params.spots)))
}

/// The dark spots of a face, strongest first; what is a lesion already is none.
#[inline(never)]
pub fn spots(surface: &Surface, darkness: &[f32], lesions: &Spots, params: &DarkSpotParams) -> Spots {
    let mut spots = Spots::find(surface, darkness, &params.spots);
    let inflamed = lesions.pixels(surface.len());
    spots.found.retain(|spot| {
        let [red, green, _] = surface.added_density(&spot.pixels);
        let shared = spot.pixels.iter().filter(|&&i| inflamed[i]).count();
        red >= params.least_brown * green && 3 * shared < spot.pixels.len()
    });
    spots
}

/// Dark spots from the spots.
#[inline(never)]
pub fn measure(surface: &Surface, spots: &Spots) -> Measured {
    share::of_spots(surface, spots)
}
