//! Spots that a network sees: it tells what a place looks like, and the closed form whether that is more than this skin's unevenness,
//! and how large it is.

use super::spot::{clarities, grow, SpotParams, Spots, CLEAR};
use super::Surface;

/// Which places that a network sees are spots: those of which it and the closed form together are sure enough. How sure is the logarithm of
/// the odds that the network gives, and what standing out on this skin adds to it.
#[derive(Clone, Debug, PartialEq)]
pub struct SeenParams {
    /// Least sureness of a spot.
    pub least: f32,
    /// The sureness from which on it counts in full.
    pub certain: f32,
    /// What standing out adds, for each multiple of what is told from this skin's own unevenness.
    pub clear: f32,
    /// Up to so many multiples.
    pub clearest: f32,
    /// Least density by which it is darker than the skin around it.
    pub darker: f32,
    /// How likely what lies over skin has to be for a spot to be left out, as a share of its own probability.
    pub covered: f32,
}

impl SeenParams {
    /// How sure a place of some probability is that stands out by so many multiples.
    fn sureness(&self, probability: f32, clarity: f32) -> f32 {
        // Nothing is so sure that no other number counts.
        let likely = probability.clamp(1e-3, 1.0 - 1e-3);
        (likely / (1.0 - likely)).ln() + self.clear * clarity.min(self.clearest).max(0.0)
    }

    /// The probability below which nothing is sure enough, however much it stands out.
    fn likely(&self) -> f32 {
        1.0 / (1.0 + (self.clear * self.clearest - self.least).exp())
    }
}

impl Spots {
    /// The spots of a plane of probabilities, each as large as the closed form has it in its own plane; of what that does
    /// not see, and where there is no such plane, the places around a peak of probability, down to seven tenths of it.
    pub fn seen(
        surface: &Surface,
        probability: &[f32],
        seen: &SeenParams,
        closed: Option<(&[f32], &SpotParams)>,
    ) -> Spots {
        let square: Vec<f32> = probability.iter().map(|p| p * p).collect();
        let mut found = grow(surface, &square, seen.likely() * seen.likely());
        if found.is_empty() {
            return Spots { found };
        }
        let (mut clarity, mut told) = (Vec::new(), Vec::new());
        if let Some((plane, params)) = closed {
            clarity = clarities(surface, plane, params);
            told = Spots::among(surface, &clarity, params).found;
        }
        let mut of = vec![usize::MAX; surface.len()];
        told.iter().enumerate().for_each(|(k, spot)| spot.pixels.iter().for_each(|&i| of[i] = k));
        found.retain_mut(|spot| {
            let stands_out = spot.pixels.iter().map(|&i| clarity.get(i).copied().unwrap_or(0.0)).fold(0.0, f32::max);
            let sure = seen.sureness(spot.peak.sqrt(), stands_out);
            if sure < seen.least || surface.added_darkness(&spot.pixels) < seen.darker {
                return false;
            }
            spot.peak = 1.0 + (CLEAR - 1.0) * super::ramp(sure, seen.least, seen.certain);
            // The strongest pixel comes first.
            match spot.pixels.first().and_then(|&i| told.get_mut(of[i])) {
                Some(own) => spot.pixels = std::mem::take(&mut own.pixels),
                // What lies beside a spot of the closed form takes nothing from it.
                None => spot.pixels.retain(|&i| of[i] == usize::MAX),
            }
            // Two peaks of probability within one spot are one.
            !spot.pixels.is_empty()
        });
        Spots { found }
    }
}

#[cfg(test)]
mod tests {
    use super::super::spot::tests::surface_of;
    use super::super::AREA_MM2;
    use super::*;
    use crate::skin::acne::AcneParams;

    #[test]
    fn what_a_network_sees_counts_by_its_odds_and_by_what_it_stands_out() {
        let surface = surface_of(0.9, &[(20.0, 20.0)], &[]);
        let AcneParams { seen, spots, .. } = AcneParams::default();
        let odds = |sureness: f32| 1.0 / (1.0 + (-sureness).exp());
        let (likely, sure) = (odds(seen.least - seen.clear), odds(seen.least + 0.1));
        let anywhere = SeenParams { darker: f32::NEG_INFINITY, ..seen.clone() };
        let of = |seen: &SeenParams, (x, y): (f32, f32), probability: f32| {
            let bell = |i: usize| {
                let p = surface.point(i);
                probability * (-((p.x / 2.0 - x).powi(2) + (p.y / 2.0 - y).powi(2)) / 1.6).exp()
            };
            let plane: Vec<f32> = (0..surface.len()).map(bell).collect();
            Spots::seen(&surface, &plane, seen, Some((&surface.redness(), &spots))).found
        };
        let at = |place, probability| of(&anywhere, place, probability);
        let (painted, bare) = ((20.25, 20.25), (42.25, 42.25));
        let counts =
            [at(painted, likely), at(bare, likely), at(bare, sure), at(painted, 0.8 * seen.likely())].map(|f| f.len());
        assert_eq!(counts, [1, 0, 1, 0]);
        // Nothing that is as light as the skin around it is a lesion, however sure the network.
        assert_eq!([of(&seen, painted, sure), of(&seen, bare, sure)].map(|f| f.len()), [1, 0]);
        let (faint, clear) = (at(painted, likely), at(painted, sure));
        assert!(Spots::is_clear(&faint[0]) && Spots::clarity(&faint[0]) < Spots::clarity(&clear[0]));
    }

    #[test]
    fn what_lies_beside_a_spot_takes_nothing_from_it() {
        let surface = surface_of(0.9, &[(20.0, 20.0)], &[]);
        let AcneParams { seen, spots, .. } = AcneParams::default();
        let seen = SeenParams { darker: f32::NEG_INFINITY, ..seen };
        let bell = |i: usize, x: f32, narrow: f32| {
            let p = surface.point(i);
            (-((p.x / 2.0 - x).powi(2) + (p.y / 2.0 - 20.25).powi(2)) / narrow).exp()
        };
        let plane: Vec<f32> = (0..surface.len()).map(|i| bell(i, 19.75, 0.2).max(0.9 * bell(i, 21.75, 1.6))).collect();
        let found = Spots::seen(&surface, &plane, &seen, Some((&surface.redness(), &spots))).found;
        let [whole, beside] = [&found[0].pixels, &found[1].pixels];
        assert!(found.len() == 2 && whole.iter().all(|i| !beside.contains(i)), "{whole:?} {beside:?}");
        let alone: Vec<f32> = (0..surface.len()).map(|i| 0.9 * bell(i, 21.75, 1.6)).collect();
        assert!(grow(&surface, &alone, 0.5)[0].pixels.iter().any(|i| whole.contains(i)), "they do not meet");
    }

    #[test]
    fn what_a_network_sees_is_as_large_as_the_closed_form_has_it() {
        let surface = surface_of(0.9, &[(20.0, 20.0)], &[]);
        let AcneParams { seen, spots, .. } = AcneParams::default();
        let closed = Spots::find(&surface, &surface.redness(), &spots).found;
        // Two peaks within the spot, narrower than it is.
        let near = |i: usize, x: f32| {
            let p = surface.point(i);
            (-((p.x / 2.0 - x).powi(2) + (p.y / 2.0 - 20.25).powi(2)) / 0.2).exp()
        };
        let plane: Vec<f32> = (0..surface.len()).map(|i| near(i, 19.25).max(0.9 * near(i, 20.75))).collect();
        assert_eq!(grow(&surface, &plane, 0.5).len(), 2);
        let found = Spots::seen(&surface, &plane, &seen, Some((&surface.redness(), &spots))).found;
        assert_eq!((found.len(), closed.len()), (1, 1));
        assert_eq!(found[0].pixels, closed[0].pixels);
        assert!(found[0].pixels.len() as f32 * AREA_MM2 > 2.0);
    }
}
