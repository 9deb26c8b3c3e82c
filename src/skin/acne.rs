//! Acne: the share of the skin's area that its lesions take, inflamed ones and, where the network sees them, comedones, %.
//!
//! A lesion is what the network of skin and the closed form together are sure of. The closed form, which says how large it is and stands
//! in where there is no network, has for one a compact spot, 1.2 to 9 mm across, that is redder than the skin around it in the difference of
//! the densities of green and red (the erythema index of Takiwaki 1998 without its factor), and whose added density is
//! blood's: little in red. Papules and pustules are such spots, a pustule by its red rim.
//!
//! The closed form can't see comedones smaller than that or without redness; neither can tell a pimple from an insect bite, a
//! scratch or a red mole, and what make-up hides counts as absent.

use super::concern::{Measured, Scale};
use super::share;
use crate::network::Segments;
use crate::report::ConcernId;
use crate::surface::{SeenParams, Spot, SpotParams, Spots, Surface};

/// Cut where outbreaks of the grades of Hayashi et al. 2008 lie that were painted with family A on 430 people (`evaluate --only outbreaks --family a
/// --seed 1`): at 3 pixels a millimetre 8 to 10 inflamed lesions, mild acne's most, measure 0.29 in the middle and 11 to 14, moderate, 0.54; three of four with 15 to
/// 40 up to 1.18, three of four with 41 to 100, severe, 1.86 and more. Coarser photos measure three quarters of it. What is mild is a compromise:
/// nineteen of twenty of 458 faces, few of which have acne, have 0.17 at most, and 5 to 7 lesions measure 0.15 to 0.20. Half of the score is lost a
/// little later than severe begins: were it there, a JPEG of quality 60 would move it by more than 10 points on one face in twenty.
pub const SCALE: Scale = Scale { unit: "% of skin area", half: 1.4, cuts: [0.2, 0.45, 1.2] };

/// How lesions are told.
#[derive(Clone, Debug, PartialEq)]
pub struct AcneParams {
    /// The spots of redness.
    pub spots: SpotParams,
    /// Inflamed lesions that the network sees.
    pub seen: SeenParams,
    /// Comedones that it sees; they are not red, so that the closed form can't tell how they stand out.
    pub comedones: SeenParams,
    /// How many pixels of the photo a millimetre it takes to tell a comedone from a pore.
    pub comedone_px_per_mm: f32,
    /// Least such share: blood takes light away, while the blotches that a JPEG makes trade green for red.
    pub least_red: f32,
    /// Greatest share of the added density of green that red has too: blood has 0.1 to 0.25, melanin 0.6 and
    /// more (see [`crate::surface::Surface::redness`]).
    pub most_brown: f32,
}

impl Default for AcneParams {
    fn default() -> Self {
        AcneParams {
            spots: SpotParams {
                smooth_mm: [0.45, 1.0],
                around_mm: 2.2,
                floor: 0.030,
                native: 1.5,
                steps: 1.5,
                noise: 2.3,
                tail: (0.01, 1.0),
                area: (1.1, 64.0),
                round: 0.55,
                solid: 0.82,
            },
            seen: SeenParams { least: 4.0, certain: 5.9, clear: 3.0, clearest: 1.5, darker: 0.02, covered: 0.6 },
            comedones: SeenParams { least: 0.2, certain: 1.4, clear: 0.0, clearest: 0.0, darker: 0.02, covered: 0.6 },
            comedone_px_per_mm: 2.5,
            least_red: -0.1,
            most_brown: 0.55,
        }
    }
}

/// The inflamed spots of a face, strongest first.
#[inline(never)]
pub fn lesions(surface: &Surface, redness: &[f32], params: &AcneParams) -> Spots {
    let mut spots = Spots::find(surface, redness, &params.spots);
    spots.found.retain(|spot| {
        let [red, green, _] = surface.added_density(&spot.pixels);
        green > 0.0 && red < params.most_brown * green && red > params.least_red * green
    });
    spots
}

/// What the network sees of a face's lesions: inflamed ones, and comedones beside them where it takes a place for one
/// rather than for anything inflamed.
#[inline(never)]
pub fn seen(surface: &Surface, segments: &Segments, redness: &[f32], params: &AcneParams) -> Spots {
    let inflamed = segments.strongest(ConcernId::Acne, &|label| label != COMEDONE);
    let mut lesions = segments.spots(surface, &inflamed, &params.seen, Some((redness, &params.spots)));
    if surface.native >= params.comedone_px_per_mm {
        let plane = segments.strongest(ConcernId::Acne, &|label| label == COMEDONE);
        let taken = lesions.pixels(surface.len());
        let comedones = segments.spots(surface, &plane, &params.comedones, None);
        // The strongest pixel comes first.
        let beside =
            |spot: &Spot| plane[spot.pixels[0]] > inflamed[spot.pixels[0]] && !spot.pixels.iter().any(|&i| taken[i]);
        lesions.found.extend(comedones.found.into_iter().filter(beside));
    }
    lesions
}

/// The class of a network that is not inflamed.
const COMEDONE: &str = "comedone";

/// Acne from its lesions.
#[inline(never)]
pub fn measure(surface: &Surface, lesions: &Spots) -> Measured {
    share::of_spots(surface, lesions)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::surface::surface_of;

    const PAINTED: (f32, f32) = (20.25, 20.25);
    const BARE: (f32, f32) = (42.25, 42.25);

    /// Lesions that count however light they are, on skin with one that is red.
    fn found(comedone_px_per_mm: f32, told: &[((f32, f32), &'static str, f32, f32)]) -> usize {
        let surface = surface_of(0.9, &[PAINTED], &[]);
        let defaults = AcneParams::default();
        let anywhere = |seen: SeenParams| SeenParams { darker: f32::NEG_INFINITY, ..seen };
        let (seen, comedones) = (anywhere(defaults.seen.clone()), anywhere(defaults.comedones.clone()));
        let params = AcneParams { seen, comedones, comedone_px_per_mm, ..defaults };
        let plane = |label: &str| {
            let at = |i| {
                let p = surface.point(i);
                let of = |((x, y), _, probability, width): &((f32, f32), &str, f32, f32)| {
                    probability * (-((p.x / 2.0 - x).powi(2) + (p.y / 2.0 - y).powi(2)) / width).exp()
                };
                told.iter().filter(|(_, own, ..)| *own == label).map(of).fold(0.0, f32::max)
            };
            (0..surface.len()).map(at).collect()
        };
        let segments =
            Segments::told(["inflamed", COMEDONE].map(|label| (ConcernId::Acne, label, plane(label))).into());
        super::seen(&surface, &segments, &surface.redness(), &params).found.len()
    }

    #[test]
    fn a_comedone_counts_by_its_probability_alone() {
        let of = |inflamed, comedone| found(0.0, &[(BARE, "inflamed", inflamed, 0.8), (BARE, COMEDONE, comedone, 0.8)]);
        assert_eq!([of(0.4, 0.6), of(0.7, 0.6), of(0.0, 0.5)], [1, 0, 0]);
        assert_eq!(found(f32::INFINITY, &[(BARE, COMEDONE, 0.9, 0.8)]), 0, "a coarse photo");
    }

    #[test]
    fn a_place_is_one_lesion_and_its_rim_no_comedone() {
        let of = |place, inflamed, comedone, width| {
            found(0.0, &[(place, "inflamed", inflamed, 1.6), (place, COMEDONE, comedone, width)])
        };
        assert_eq!([of(PAINTED, 0.9, 0.95, 0.8), of(BARE, 0.99, 0.995, 3.2), of(BARE, 0.7, 0.65, 3.2)], [1, 1, 0]);
    }
}
