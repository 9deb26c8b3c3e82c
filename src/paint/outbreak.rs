//! Acne as people have it: lesions of several kinds and ages that crowd where they come, on skin that is flushed around them.
//!
//! [`super::painter`] keeps its lesions apart, so that each can be told found or missed. Here they touch and lie on the edge of skin,
//! and what is known is how severe the whole is: the grades of Hayashi et al. 2008, who count the inflamed lesions of half
//! a face, up to 5, 20, 50 and more. A photo of a whole face shows both halves.

use super::appearance::{Shape, Substance};
use super::canvas::Canvas;
use super::painter::Painter;
use crate::geometry::Point;

/// How many inflamed lesions a face has, least and most, by grade: none, mild, moderate, severe, very severe.
pub const LESIONS: [(f32, f32); 5] = [(0.0, 0.0), (2.0, 10.0), (12.0, 40.0), (42.0, 100.0), (102.0, 200.0)];

impl Painter<'_> {
    /// Paints an outbreak of a grade, and answers how many inflamed lesions it has.
    pub fn outbreak(&mut self, canvas: &mut Canvas, grade: usize) -> usize {
        let (least, most) = LESIONS[grade.min(LESIONS.len() - 1)];
        let count = if most > 0.0 { self.random.range(least.ln(), most.ln()).exp().round() as usize } else { 0 };
        let crowds: Vec<Point> = (0..2 + count / 20).filter_map(|_| self.on_skin(None)).collect();
        // Nodules come with the severe grades.
        let largest = [0.0, 1.8, 2.2, 3.0, 3.5][grade.min(4)];
        let mut painted = 0;
        for _ in 0..count {
            let near =
                (!crowds.is_empty() && self.random.unit() < 0.6).then(|| crowds[self.random.below(crowds.len())]);
            let Some(at) = self.on_skin(near) else { continue };
            painted += 1;
            let radius = self.random.range(0.6f32.ln(), f32::ln(largest)).exp();
            let delta_e = self.random.range(4.0, 16.0);
            let flush = self.random.range(0.1, 0.4) * delta_e;
            self.patch(canvas, at, (2.2 * radius, 2.2 * radius), Substance::Blood, flush);
            let shape = Shape { radius, seed: self.random.bits() };
            self.spot(canvas, at, shape, Substance::Blood, delta_e, true);
            if self.random.unit() < 0.3 {
                let core = Shape { radius: self.random.range(0.3, 0.6) * radius, seed: shape.seed ^ 1 };
                self.spot(canvas, at, core, Substance::Pus, 0.8 * delta_e, false);
            }
            // What the last outbreak has left is flat and fades.
            if self.random.unit() < 0.4 {
                let Some(at) = self.on_skin(near) else { continue };
                let shape = Shape { radius: self.random.range(0.8, 2.5), seed: self.random.bits() };
                let what = if self.random.unit() < 0.5 { Substance::Blood } else { Substance::Melanin };
                let delta_e = self.random.range(1.5, 6.0);
                self.spot(canvas, at, shape, what, delta_e, false);
            }
        }
        painted
    }

    /// A place on skin, anywhere or some 7 mm around another.
    fn on_skin(&mut self, near: Option<Point>) -> Option<Point> {
        let spread = 7.0 * self.scale();
        for _ in 0..100 {
            let at = match near {
                Some(p) => Point::new(p.x + spread * self.random.normal(), p.y + spread * self.random.normal()),
                None => {
                    let grid = &self.skin.grid;
                    let i = self.random.below(grid.width * grid.height);
                    grid.map.map(Point::new((i % grid.width) as f32 + 0.5, (i / grid.width) as f32 + 0.5))
                }
            };
            if self.zone(at).is_some() {
                return Some(at);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paint::head::whole;
    use crate::paint::{Dose, Family, Outbreak, Recipe, Sample};
    use crate::region::SkinMap;
    use crate::report::ConcernId;

    #[test]
    fn the_more_severe_the_more_lesions_and_the_more_skin_is_changed() {
        let (family, dose) = (Family::B, Dose::Appearance);
        let clear = Recipe { seed: 5, family, dose, concern: ConcernId::Acne, amount: 0.0 };
        let Sample { frame, mesh, .. } = clear.on_head(4).unwrap();
        let skin = SkinMap::of_mesh(whole(frame.width(), frame.height(), 4.0), &mesh);
        let of = |grade| Outbreak { seed: 5, family, grade }.on_photo(&frame, &mesh, &skin).unwrap();
        let bare = of(0).0;
        let mut changed = Vec::new();
        for (grade, (least, most)) in LESIONS.into_iter().enumerate() {
            let (painted, lesions) = of(grade);
            assert!((least..=most).contains(&(lesions as f32)), "{grade}: {lesions}");
            let far = |(a, b): (&u8, &u8)| a.abs_diff(*b) > 20;
            changed.push(painted.rgb().iter().zip(bare.rgb()).filter(|p| far(*p)).count());
        }
        assert!(changed.windows(2).all(|w| w[0] < w[1]) && changed[0] == 0, "{changed:?}");
    }
}
