//! How well the outlines of findings cover what was painted.

use super::table::number;
use crate::paint::Sample;
use crate::region::fill;
use crate::report::ConcernId;
use crate::surface::Place;

/// Concerns whose findings are patches.
pub const PATCHES: [ConcernId; 4] =
    [ConcernId::Redness, ConcernId::Pigmentation, ConcernId::Oiliness, ConcernId::DarkCircles];

/// Skin that was changed by this much is painted, ΔE: about twice what a careful eye tells apart.
const PAINTED: f32 = 3.0;

/// Areas, mm².
#[derive(Clone, Copy, Default)]
pub struct Overlap {
    painted: f32,
    found: f32,
    both: f32,
}

impl Overlap {
    /// Compares findings with what was painted; what was found before anything was painted, `own`, is left out.
    /// `scale` in pixels of the photo a millimetre.
    pub fn of(sample: &Sample, own: &[Place], findings: &[Place], scale: f32) -> Overlap {
        let size = (sample.frame.width(), sample.frame.height());
        let inside = |places: &[Place]| {
            let mut mask = vec![false; size.0 * size.1];
            places.iter().for_each(|place| fill(&place.polygon, size, |i| mask[i] = true));
            mask
        };
        let mut pixels = Overlap::default();
        for ((cover, own), found) in sample.truth.cover.iter().zip(inside(own)).zip(inside(findings)) {
            if own {
                continue;
            }
            let painted = *cover >= PAINTED;
            pixels.painted += f32::from(u8::from(painted));
            pixels.found += f32::from(u8::from(found));
            pixels.both += f32::from(u8::from(painted && found));
        }
        let area = (scale * scale).recip();
        Overlap { painted: pixels.painted * area, found: pixels.found * area, both: pixels.both * area }
    }

    /// Of many.
    pub fn sum<'a>(of: impl Iterator<Item = &'a Overlap>) -> Overlap {
        of.fold(Overlap::default(), |s, o| Overlap {
            painted: s.painted + o.painted,
            found: s.found + o.found,
            both: s.both + o.both,
        })
    }

    /// What a table says: the painted area in cm², its share that is found, the share of what is found that is painted,
    /// and both over either.
    pub fn cells(&self) -> [String; 4] {
        let share = |part: f32, of: f32| number((of > 0.0).then(|| part / of), 3);
        [
            format!("{:.0}", self.painted / 100.0),
            share(self.both, self.painted),
            share(self.both, self.found),
            share(self.both, self.painted + self.found - self.both),
        ]
    }

    /// The columns of [`Overlap::cells`].
    pub const HEAD: [&'static str; 4] = ["painted, cm²", "recall", "precision", "intersection over union"];
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Point;
    use crate::paint::{Dose, Family, Recipe};
    use crate::region::Zone;

    #[test]
    fn areas_are_counted_in_millimetres_on_either_side() {
        let recipe =
            Recipe { seed: 3, family: Family::B, dose: Dose::Appearance, concern: ConcernId::Redness, amount: 0.0 };
        let mut sample = recipe.on_head(4).unwrap();
        let width = sample.frame.width();
        // Twenty rows of ten pixels, the lower half found and as much beyond.
        (0..20).for_each(|y| (0..10).for_each(|x| sample.truth.cover[(100 + y) * width + 100 + x] = 5.0));
        let square = [(100.0, 110.0), (110.0, 110.0), (110.0, 130.0), (100.0, 130.0)];
        let polygon = square.map(|(x, y)| Point::new(x, y)).to_vec();
        let found = [Place { polygon, area_mm2: 50.0, zone: Zone::Nose }];
        let overlap = Overlap::of(&sample, &[], &found, 2.0);
        assert_eq!((overlap.painted, overlap.found, overlap.both), (50.0, 50.0, 25.0));
        assert_eq!(overlap.cells()[1..], ["0.500", "0.500", "0.333"]);
        let rest = Overlap::of(&sample, &found, &found, 2.0);
        assert_eq!((rest.painted, rest.found, rest.both), (25.0, 0.0, 0.0));
    }
}
