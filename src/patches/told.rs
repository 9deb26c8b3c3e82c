//! Which marks of a patch can be told on it, as it was photographed: those that stand out more than what was there before.
//!
//! A mark that does not is labelled as nothing. Were it labelled as a mark, any faint place beside a strong one would be
//! taken for the next.

use shine_skin_kernels::box_sum;

use super::scene::Scene;
use crate::quantile::falling;
use crate::surface::{DARKNESS, PX_PER_MM, REDNESS};

/// Contrasts of a mark, as multiples of the spread that places of its size have on this skin: below the first it is nothing, from the
/// second on it is one; between them nobody says.
const TOLD: (f32, f32) = (1.5, 2.5);

/// Half the sides of squares that contrasts are of, pixels.
const HALVES: [usize; 4] = [0, 1, 2, 4];

/// The ring around a square that it is held against: how far from the square it begins, and how far from it it ends, pixels.
const RING: (usize, usize) = (2, 4);

/// What can be said of a mark.
#[derive(Clone, Copy, PartialEq)]
pub enum Told {
    /// It is there.
    Yes,
    /// It is as if it were not.
    No,
    /// Nobody knows.
    Perhaps,
}

impl Scene {
    /// Labels the marks by what the photo shows of them: `seen` has the densities of the patch.
    pub fn tell(&mut self, seen: &[[f32; 3]]) {
        let marks = std::mem::take(&mut self.marks);
        if marks.is_empty() {
            return;
        }
        let mut bare: Vec<f32> = (0..seen.len()).map(|i| f32::from(u8::from(self.is_bare(i)))).collect();
        for mark in &marks {
            self.around(&mark.disc(), mark.edge()).for_each(|(i, _)| bare[i] = 0.0);
        }
        let open: Vec<f32> = self.truth.iter().map(|t| f32::from(u8::from(*t == 0))).collect();
        let contrasts = HALVES.map(|half| contrasts(seen, self.side, half, &open, &bare));
        for mark in &marks {
            let size = HALVES.iter().rposition(|&h| (h as f32 + 0.5) / PX_PER_MM <= mark.radius).unwrap_or(0);
            let pixel = |c: f32| ((c * PX_PER_MM).max(0.0) as usize).min(self.side - 1);
            let at = pixel(mark.place.1) * self.side + pixel(mark.place.0);
            let told = match contrasts[size][at] {
                c if c >= TOLD.1 => Told::Yes,
                c if c < TOLD.0 => Told::No,
                _ => Told::Perhaps,
            };
            self.know_spot(mark, told);
        }
    }
}

/// Of each pixel how far the square around it, as far as nothing lies over it, stands out from the bare skin around, as a multiple
/// of the spread of that over the bare skin; NaN where that cannot be said.
fn contrasts(seen: &[[f32; 3]], side: usize, half: usize, open: &[f32], bare: &[f32]) -> Vec<f32> {
    let ring = |plane: &[f32]| {
        let [inner, outer] = [RING.0, RING.1].map(|beyond| box_sum(plane, side, half + beyond));
        outer.into_iter().zip(inner).map(|(o, i)| o - i).collect::<Vec<f32>>()
    };
    let (taken, around) = (box_sum(open, side, half), ring(bare));
    // Half of the square has to be seen, and some skin to hold it against.
    let whole = (2 * half + 1).pow(2) as f32;
    let known = |i: usize| 2.0 * taken[i] > whole && around[i] > 7.5;
    let of = |weights: [f32; 3]| {
        let plane: Vec<f32> = seen.iter().map(|v| weights.iter().zip(v).map(|(w, v)| w * v).sum()).collect();
        let only = |where_: &[f32]| plane.iter().zip(where_).map(|(v, share)| v * share).collect::<Vec<f32>>();
        let (square, skin) = (box_sum(&only(open), side, half), ring(&only(bare)));
        let contrast = |i: usize| if known(i) { square[i] / taken[i] - skin[i] / around[i] } else { f32::NAN };
        let contrast: Vec<f32> = (0..plane.len()).map(contrast).collect();
        let mut own: Vec<f32> = (0..plane.len()).filter(|&i| bare[i] > 0.0 && known(i)).map(|i| contrast[i]).collect();
        // Spread is taken from the side where no spots are. A quarter of a normal distribution lies 0.6745 of its spread below the
        // middle.
        let [middle, quarter] = falling(&mut own, [0.5, 0.25]).unwrap_or([f32::NAN; 2]);
        let spread = ((middle - quarter) / 0.6745).max(1e-4);
        contrast.into_iter().map(move |c| (c - middle) / spread)
    };
    // What holds pus is lighter than the skin around it.
    of(DARKNESS).zip(of(REDNESS)).map(|(dark, red)| dark.abs().max(red)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paint::random::Random;

    const SIDE: usize = 48;
    /// The pixel in the middle.
    const MIDDLE: usize = 24 * SIDE + 24;

    fn far(i: usize) -> f32 {
        ((i % SIDE) as f32 - 24.0).hypot((i / SIDE) as f32 - 24.0)
    }

    /// The contrast of the middle of uneven skin with a disc of two pixels' radius there that adds some density: the mean of many
    /// patches.
    fn middle(uneven: f32, disc: [f32; 3]) -> f32 {
        let bare: Vec<f32> = (0..SIDE * SIDE).map(|i| f32::from(u8::from(far(i) > 3.2))).collect();
        let of = |seed: u64| {
            let mut random = Random::new(seed);
            let mut pixel = |i: usize| {
                let noise = uneven * random.normal();
                disc.map(|d| noise + if far(i) <= 2.0 { d } else { 0.0 })
            };
            let seen: Vec<_> = (0..SIDE * SIDE).map(&mut pixel).collect();
            contrasts(&seen, SIDE, 1, &[1.0; SIDE * SIDE], &bare)[MIDDLE]
        };
        (0..32).map(of).sum::<f32>() / 32.0
    }

    #[test]
    fn a_mark_is_told_by_what_it_adds_to_the_unevenness_of_its_patch() {
        let [none, faint, clear] = [0.0, 0.02, 0.1].map(|d| middle(0.02, [d; 3]));
        assert!(
            none < TOLD.0 && none < faint && TOLD.0 < faint && faint < clear && clear > TOLD.1,
            "{none} {faint} {clear}"
        );
        // On skin five times as uneven the same mark is nothing.
        let rough = middle(0.1, [0.02; 3]);
        assert!(rough < TOLD.0, "{rough}");
        let twice = middle(0.04, [0.2; 3]);
        assert!((twice / clear - 1.0).abs() < 1e-3, "{twice} {clear}");
    }

    #[test]
    fn redness_and_a_light_core_are_told_as_well_as_darkness() {
        // As dark as the skin around it, but red; then lighter.
        assert!(middle(0.02, [-0.08, 0.04, 0.0]) > TOLD.1);
        assert!(middle(0.02, [-0.1; 3]) > TOLD.1);
    }

    #[test]
    fn what_lies_over_a_mark_tells_nothing_of_it() {
        let seen: Vec<_> =
            (0..SIDE * SIDE).map(|i| [if far(i) < 1.0 { 0.5 } else { 0.001 * (i % 7) as f32 }; 3]).collect();
        let skin = |hair: f32| -> Vec<f32> { (0..SIDE * SIDE).map(|i| f32::from(u8::from(far(i) >= hair))).collect() };
        let of = |hair: f32| contrasts(&seen, SIDE, 1, &skin(hair), &skin(3.0))[MIDDLE];
        assert!(of(0.0) > TOLD.1 && of(1.0) < TOLD.0 && of(3.0).is_nan(), "{} {} {}", of(0.0), of(1.0), of(3.0));
    }

    #[test]
    fn where_no_skin_is_nobody_knows() {
        let (seen, open, bare) = ([[0.1; 3]; SIDE * SIDE], [1.0; SIDE * SIDE], [0.0; SIDE * SIDE]);
        assert!(contrasts(&seen, SIDE, 1, &open, &bare).iter().all(|c| c.is_nan()));
    }
}
