//! Which marks of a patch can be told on it, as it was photographed: those that stand out more than what was there before.
//!
//! A mark that does not is labelled as nothing. Were it labelled as a mark, any faint place beside a strong one would be
//! taken for the next.

use shine_skin_kernels::box_sum;

use super::scene::Scene;
use crate::quantile::falling;
use crate::surface::{DARKNESS, PX_PER_MM};

/// Contrasts of a mark, as multiples of the spread that places of its size have on this skin: below the first it is nothing, from the
/// second on it is one; between them nobody says.
const TOLD: (f32, f32) = (1.5, 2.5);

/// Half the sides of squares that contrasts are of, pixels.
const HALVES: [usize; 4] = [0, 1, 2, 4];

/// The ring around a square that it is held against: how far it begins from the square, and how much wider than the square it is,
/// pixels.
const RING: (usize, usize) = (2, 4);

/// What contrasts are of: darkness and redness, as sums of the densities of red, green and blue.
const PLANES: [[f32; 3]; 2] = [DARKNESS, [-1.0, 1.0, 0.0]];

/// A mark that was painted.
pub struct Mark {
    /// Its middle, mm.
    pub place: (f32, f32),
    /// Its radius, mm.
    pub radius: f32,
    /// What it is.
    pub class: u8,
}

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
            self.around(mark, 0.6).for_each(|(i, _)| bare[i] = 0.0);
        }
        let contrasts = HALVES.map(|half| contrasts(seen, self.side, half, &bare));
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

/// Of each pixel how far the square around it stands out from the bare skin around, as a multiple of the spread of that over
/// the bare skin; NaN where that cannot be said.
fn contrasts(seen: &[[f32; 3]], side: usize, half: usize, bare: &[f32]) -> Vec<f32> {
    let of = |weights: [f32; 3]| {
        let plane: Vec<f32> = seen.iter().map(|v| weights.iter().zip(v).map(|(w, v)| w * v).sum()).collect();
        let skin: Vec<f32> = plane.iter().zip(bare).map(|(v, b)| v * b).collect();
        let square = [&plane[..], &vec![1.0; plane.len()]].map(|p| box_sum(p, side, half));
        let inner = [&skin[..], bare].map(|p| box_sum(p, side, half + RING.0));
        let outer = [&skin[..], bare].map(|p| box_sum(p, side, half + RING.1));
        let contrast = |i: usize| {
            let ring = outer[1][i] - inner[1][i];
            let mean = (outer[0][i] - inner[0][i]) / ring;
            if ring > 7.5 {
                square[0][i] / square[1][i] - mean
            } else {
                f32::NAN
            }
        };
        let mut contrast: Vec<f32> = (0..plane.len()).map(contrast).collect();
        let known = |(&c, &b): (&f32, &f32)| (b > 0.0 && c.is_finite()).then_some(c);
        let mut own: Vec<f32> = contrast.iter().zip(bare).filter_map(known).collect();
        // From the side where no spots are. A quarter of a normal distribution lies 0.6745 of its spread below the middle.
        let [middle, quarter] = falling(&mut own, [0.5, 0.25]).unwrap_or([f32::NAN; 2]);
        let spread = ((middle - quarter) / 0.6745).max(1e-4);
        contrast.iter_mut().for_each(|c| *c = (*c - middle) / spread);
        contrast
    };
    let [dark, red] = PLANES.map(of);
    dark.into_iter().zip(red).map(|(d, r)| d.max(r)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paint::random::Random;

    const SIDE: usize = 48;

    /// A patch of uneven skin with a disc of two pixels' radius at its middle; the contrast of that middle.
    fn middle(uneven: f32, disc: f32) -> f32 {
        let mut random = Random::new(3);
        let far = |i: usize| ((i % SIDE) as f32 - 24.0).hypot((i / SIDE) as f32 - 24.0);
        let value = |i: usize, noise: f32| [uneven * noise + if far(i) <= 2.0 { disc } else { 0.0 }; 3];
        let seen: Vec<_> = (0..SIDE * SIDE).map(|i| value(i, random.normal())).collect();
        let bare: Vec<f32> = (0..SIDE * SIDE).map(|i| f32::from(u8::from(far(i) > 3.2))).collect();
        contrasts(&seen, SIDE, 1, &bare)[24 * SIDE + 24]
    }

    #[test]
    fn a_mark_is_told_by_what_it_adds_to_the_unevenness_of_its_patch() {
        let [none, faint, clear] = [0.0, 0.02, 0.1].map(|disc| middle(0.02, disc));
        assert!(none < TOLD.0 && none < faint && faint < clear && clear > TOLD.1, "{none} {faint} {clear}");
        // On skin five times as uneven the same mark is nothing.
        let rough = middle(0.1, 0.02);
        assert!(rough < TOLD.0, "{rough}");
        let twice = middle(0.04, 0.2);
        assert!((twice / clear - 1.0).abs() < 1e-3, "{twice} {clear}");
    }

    #[test]
    fn where_no_skin_is_nobody_knows() {
        let seen = vec![[0.1; 3]; SIDE * SIDE];
        assert!(contrasts(&seen, SIDE, 1, &vec![0.0; SIDE * SIDE]).iter().all(|c| c.is_nan()));
    }
}
