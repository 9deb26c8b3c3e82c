//! Acne as people have it: lesions that crowd and touch, on skin that is flushed around them, beside what older ones have left.
//!
//! [`super::painter`] keeps its lesions apart, so that each can be told found or missed. Here what is known is how severe the whole is.
//! What lesions look like, and how they lie, is assumed: it is what photos of acne show, and was measured on none.

use super::appearance::{Shape, Substance};
use super::canvas::Canvas;
use super::painter::Painter;
use super::random::Random;
use super::{taken_again, Dose, Family};
use crate::frame::Frame;
use crate::geometry::Point;
use crate::mesh::Mesh;
use crate::region::SkinMap;

/// How severe acne is.
#[derive(Debug, PartialEq)]
pub struct Grade {
    /// In a word.
    pub name: &'static str,
    /// How many inflamed lesions a face has, least and most.
    pub lesions: (usize, usize),
    /// Half the diameter of the largest, mm: nodules come with the severe grades.
    largest_mm: f32,
}

const fn grade(name: &'static str, lesions: (usize, usize), largest_mm: f32) -> Grade {
    Grade { name, lesions, largest_mm }
}

/// No acne, and the four grades of Hayashi et al. 2008: up to 5, 20, 50 and more inflamed lesions on half a face. A photo of a whole face is taken to
/// show twice as many; one lesion and none are left out, and 200 is an end of our own.
pub const GRADES: [Grade; 5] = [
    grade("none", (0, 0), 0.6),
    grade("mild", (2, 10), 1.8),
    grade("moderate", (11, 40), 2.2),
    grade("severe", (41, 100), 3.0),
    grade("very severe", (101, 200), 3.5),
];

/// Half the diameter of the smallest lesion, mm.
const SMALLEST_MM: f32 = 0.6;

/// Share of the lesions that lie in crowds, and how wide these spread, mm: a cheek's.
const CROWDED: f32 = 0.6;
const CROWD_MM: f32 = 7.0;

/// An outbreak to paint.
#[derive(Clone, Debug, PartialEq)]
pub struct Outbreak {
    /// All chance comes from it.
    pub seed: u64,
    /// How it looks.
    pub family: Family,
    /// How severe it is.
    pub grade: &'static Grade,
}

impl Outbreak {
    /// Paints the face of a photo and takes it again, as [`super::Recipe::on_photo`] does, and answers how many inflamed lesions it has; `None` where
    /// there is not skin enough for the grade.
    pub fn on_photo(&self, photo: &Frame, mesh: &Mesh, skin: &SkinMap) -> Option<(Frame, usize)> {
        let mut canvas = Canvas::of(photo);
        let random = Random::new(self.seed);
        let mut painter = Painter { family: self.family.appearance(), dose: Dose::Appearance, mesh, skin, random };
        let lesions = painter.outbreak(&mut canvas, self.grade);
        let enough = lesions >= self.grade.lesions.0;
        enough.then(|| taken_again(&canvas, self.seed))?.map(|frame| (frame, lesions))
    }
}

impl Painter<'_> {
    /// Paints an outbreak, and answers how many inflamed lesions it has.
    fn outbreak(&mut self, canvas: &mut Canvas, grade: &Grade) -> usize {
        let (least, most) = grade.lesions;
        let log = |count: usize| (count.max(1) as f32).ln();
        let count = self.random.range(log(least), log(most)).exp().round() as usize;
        let count = count.clamp(least, most);
        let crowds: Vec<Point> = (0..2 + count / 20).filter_map(|_| self.on_skin(None)).collect();
        let mut painted = 0;
        for _ in 0..count {
            let crowd = crowds.get(self.random.below(crowds.len())).copied();
            let near = crowd.filter(|_| self.random.unit() < CROWDED);
            if let Some(at) = self.on_skin(near) {
                self.inflamed(canvas, at, grade.largest_mm);
                painted += 1;
            }
            // Two of five have one beside them that the last outbreak has left: flat, and no longer counted.
            if let Some(at) = self.on_skin(near).filter(|_| self.random.unit() < 0.4) {
                let shape = Shape { radius: self.random.range(0.8, 2.5), seed: self.random.bits() };
                let what = if self.random.unit() < 0.5 { Substance::Blood } else { Substance::Melanin };
                let delta_e = self.random.range(1.5, 6.0);
                self.spot(canvas, at, shape, what, delta_e, false);
            }
        }
        painted
    }

    /// One inflamed lesion, and its flush; three of ten are pustules.
    fn inflamed(&mut self, canvas: &mut Canvas, at: Point, largest_mm: f32) {
        let radius = self.random.range(SMALLEST_MM.ln(), largest_mm.ln()).exp();
        let delta_e = self.random.range(4.0, 16.0);
        let flush = self.random.range(0.1, 0.4) * delta_e;
        self.patch(canvas, at, (2.2 * radius, 2.2 * radius), Substance::Blood, flush);
        let shape = Shape { radius, seed: self.random.bits() };
        self.spot(canvas, at, shape, Substance::Blood, delta_e, true);
        if self.random.unit() < 0.3 {
            let core = Shape { radius: self.random.range(0.3, 0.6) * radius, seed: shape.seed ^ 1 };
            self.spot(canvas, at, core, Substance::Pus, 0.8 * delta_e, false);
        }
    }

    /// A place on skin, anywhere or in the crowd around another.
    fn on_skin(&mut self, near: Option<Point>) -> Option<Point> {
        let spread = CROWD_MM * self.scale();
        for _ in 0..100 {
            let at = match near {
                Some(p) => Point::new(p.x + spread * self.random.normal(), p.y + spread * self.random.normal()),
                None => self.anywhere(),
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
    use crate::paint::{Recipe, Sample};
    use crate::report::ConcernId;

    #[test]
    fn the_more_severe_the_more_lesions_and_the_more_skin_is_changed() {
        let (family, dose) = (Family::B, Dose::Appearance);
        let recipe = |amount| Recipe { seed: 5, family, dose, concern: ConcernId::Acne, amount };
        let Sample { frame, mesh, .. } = recipe(0.0).on_head(4).unwrap();
        let skin = SkinMap::of_mesh(whole(frame.width(), frame.height(), 4.0), &mesh);
        for seed in [5, 6] {
            let bare = Recipe { seed, ..recipe(0.0) }.on_photo(&frame, &mesh, &skin).unwrap().frame;
            let of = |grade| Outbreak { seed, family, grade }.on_photo(&frame, &mesh, &skin).unwrap();
            let mut changed = Vec::new();
            for grade in &GRADES {
                let (painted, lesions) = of(grade);
                assert!((grade.lesions.0..=grade.lesions.1).contains(&lesions), "{grade:?}: {lesions}");
                let far = |(a, b): &(&u8, &u8)| a.abs_diff(**b) > 20;
                changed.push(painted.rgb().iter().zip(bare.rgb()).filter(far).count());
            }
            assert!(changed.windows(2).all(|w| w[0] < w[1]) && changed[0] == 0, "{changed:?}");
        }
    }

    #[test]
    fn where_there_is_no_skin_there_is_no_outbreak() {
        let recipe =
            Recipe { seed: 5, family: Family::B, dose: Dose::Appearance, concern: ConcernId::Acne, amount: 0.0 };
        let Sample { frame, mesh, .. } = recipe.on_head(4).unwrap();
        let mut skin = SkinMap::of_mesh(whole(frame.width(), frame.height(), 4.0), &mesh);
        skin.zones.fill(None);
        let of = |grade| Outbreak { seed: 5, family: Family::B, grade }.on_photo(&frame, &mesh, &skin);
        assert!(of(&GRADES[1]).is_none() && of(&GRADES[0]).is_some_and(|(_, lesions)| lesions == 0));
    }
}
