//! Ground truth that the project owns: skin conditions painted onto drawn heads and onto photos, by seed, with
//! everything that was painted known. Tests and the evaluation measure with it.
//!
//! Whoever paints and detects can fool himself, so there are two families of appearance (see
//! [`appearance`]): detectors are tuned on [`scattering`], and both are reported.

pub mod appearance;
pub mod camera;
pub mod canvas;
pub mod head;
pub mod layers;
pub mod outbreak;
pub mod painter;
pub mod random;
pub mod scattering;
pub mod stroke;
pub mod truth;
pub mod varied;

pub use camera::Camera;
pub use outbreak::Outbreak;
pub use painter::{Dose, Painter};
pub use truth::{Mark, Truth};

use appearance::Appearance;
use canvas::Canvas;
use head::HeadParams;
use random::Random;

use crate::frame::Frame;
use crate::mesh::Mesh;
use crate::region::SkinMap;
use crate::report::ConcernId;

/// One of the two families of appearance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Pigments in a scattering layer; detectors are tuned on it.
    A,
    /// Drawn layers; nothing is tuned on it.
    B,
}

impl Family {
    /// What paints.
    pub fn appearance(self) -> &'static dyn Appearance {
        match self {
            Family::A => &scattering::Scattering,
            Family::B => &layers::Layers,
        }
    }
}

/// What to paint.
#[derive(Clone, Debug, PartialEq)]
pub struct Recipe {
    /// All chance comes from it.
    pub seed: u64,
    /// How it looks.
    pub family: Family,
    /// What a strength means.
    pub dose: Dose,
    /// The condition.
    pub concern: ConcernId,
    /// From none, 0, to very much, 1.
    pub amount: f32,
}

/// A photo with known conditions.
pub struct Sample {
    /// The photo.
    pub frame: Frame,
    /// The face on it.
    pub mesh: Mesh,
    /// What was painted.
    pub truth: Truth,
}

impl Recipe {
    /// Paints a drawn head of a Monk tone and takes its photo, with a camera, a light, a pose and a
    /// scale drawn by the seed.
    pub fn on_head(&self, monk: usize) -> Option<Sample> {
        let mut random = Random::new(self.seed);
        let texture = self.concern == ConcernId::Texture;
        let params = HeadParams {
            monk,
            px_per_mm: random.range(4.0, 6.0),
            turn: [random.range(-12.0, 12.0), random.range(-8.0, 8.0), random.range(-8.0, 8.0)],
            light: (random.range(-1.0, 1.0), random.range(0.0, 0.4)),
            grain: if texture { 0.4 + 2.6 * self.amount } else { random.range(0.5, 1.0) },
        };
        let (mut canvas, mesh) = head::draw(&params, random.bits())?;
        let skin = SkinMap::of_mesh(head::whole(canvas.width, canvas.height, params.px_per_mm), &mesh);
        let mut truth = self.paint(&mut canvas, &mesh, &skin, random.bits());
        if texture {
            // The spread of light as a share of it, or as it looks: cube roots of light are the axis of CIELAB's lightness.
            let spread = 0.02 * params.grain;
            truth.amount = match self.dose {
                Dose::Substance => 100.0 * spread,
                Dose::Appearance | Dose::Faint => 116.0 / 3.0 * head::monk_light(monk)[1].cbrt() * spread,
            };
        }
        let mut camera = Camera::common(&mut random);
        // Nobody exposes so that a whole face is white.
        let brightest = head::monk_light(monk).into_iter().fold(0.0, f32::max);
        camera.stops = camera.stops.min((0.85 / brightest).log2());
        let frame = camera.take(&canvas, &mut random)?;
        Some(Sample { frame, mesh, truth })
    }

    /// Paints the face of a photo and takes it again, with a camera drawn by the seed: the same one whatever the amount,
    /// so that a photo with none of a condition is what the painted one has to be compared with.
    pub fn on_photo(&self, photo: &Frame, mesh: &Mesh, skin: &SkinMap) -> Option<Sample> {
        let mut canvas = Canvas::of(photo);
        let truth = self.paint(&mut canvas, mesh, skin, self.seed);
        Some(Sample { frame: taken_again(&canvas, self.seed)?, mesh: mesh.clone(), truth })
    }

    fn paint(&self, canvas: &mut Canvas, mesh: &Mesh, skin: &SkinMap, seed: u64) -> Truth {
        let random = Random::new(seed);
        let mut painter = Painter { family: self.family.appearance(), dose: self.dose, mesh, skin, random };
        painter.paint(canvas, self.concern, self.amount)
    }
}

/// The photo that a camera drawn by the seed takes of a painted photo.
fn taken_again(canvas: &Canvas, seed: u64) -> Option<Frame> {
    let mut random = Random::new(seed ^ 0xca3e);
    // More light would clip what the photo's own exposure has just kept.
    let camera = Camera { stops: random.range(-0.4, 0.0), ..Camera::common(&mut random) };
    camera.take(canvas, &mut random)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipe(concern: ConcernId, amount: f32) -> Recipe {
        Recipe { seed: 5, family: Family::B, dose: Dose::Appearance, concern, amount }
    }

    #[test]
    fn a_recipe_is_one_photo() {
        let make = || recipe(ConcernId::Acne, 0.3).on_head(4).unwrap();
        let (one, two) = (make(), make());
        assert!(one.frame == two.frame && one.truth == two.truth);
        assert_eq!(one.truth.marks.len(), 12);
    }

    #[test]
    fn what_is_painted_is_known_by_pixel() {
        for concern in ConcernId::ALL.into_iter().filter(|c| *c != ConcernId::Texture) {
            let Sample { frame, truth, .. } = recipe(concern, 0.5).on_head(4).unwrap();
            assert_eq!(truth.cover.len(), frame.width() * frame.height());
            let painted = truth.cover.iter().filter(|&&d| d > 2.0).count() as f32 / truth.cover.len() as f32;
            assert!((1e-4..0.3).contains(&painted), "{concern:?}: {painted}");
            let marked = |m: &Mark| truth.cover[m.center.y as usize * frame.width() + m.center.x as usize] > 2.0;
            assert!(truth.marks.iter().filter(|m| marked(m)).count() * 10 >= truth.marks.len() * 9, "{concern:?}");
        }
    }

    #[test]
    fn more_of_each_condition_is_a_greater_truth_and_none_is_none() {
        for concern in ConcernId::ALL.into_iter().filter(|c| *c != ConcernId::Texture) {
            let amounts = [0.0, 0.3, 1.0].map(|amount| recipe(concern, amount).on_head(6).unwrap().truth.amount);
            assert_eq!(amounts[0], 0.0, "{concern:?}");
            assert!(amounts[1] > 0.0 && amounts[2] > amounts[1], "{concern:?}: {amounts:?}");
        }
    }
}
