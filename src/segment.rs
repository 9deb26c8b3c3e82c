//! What a network sees in each half millimetre of a face: `skin-net`, whose input is the frame of reference of the measures.
//!
//! It was trained on conditions painted onto people's skin (`models/train`). It tells what is a lesion from what only stands out; how
//! large and how strong a lesion is stays the measures' own.

use crate::engine::{Model, Tensor};
use crate::error::{Error, ErrorCode, Result};
use crate::surface::Surface;

/// What the network tells apart, in the order of its channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// An inflamed lesion.
    Inflamed,
    /// A comedone.
    Comedone,
    /// A freckle, mole or age spot.
    Pigmented,
    /// A wrinkle.
    Line,
    /// What covers skin: hair, beard, glasses, the edge of make-up.
    Cover,
}

/// How many there are.
pub const CLASSES: usize = 5;

/// Pixels of the network's picture, across and down: 156 × 192 mm, which nineteen of twenty faces have.
pub const SIZE: (usize, usize) = (312, 384);

/// Densities further from the skin's than this are as far as this, as in training.
const FARTHEST: f32 = 2.0;

/// Of each pixel of a surface the probability of each class, 0–1.
pub struct Segments([Vec<f32>; CLASSES]);

impl Segments {
    /// Runs the network on a face. What lies beyond its picture is nothing of what it tells.
    ///
    /// # Errors
    /// `inference-failed`.
    pub fn of(surface: &Surface, model: &dyn Model) -> Result<Segments> {
        let (width, height) = SIZE;
        let middle = [0, 1, 2].map(|c| surface.median(&surface.density[c]));
        let rows = surface.len() / surface.width.max(1);
        // The middles of both lie on each other; pixels of the surface and the places that they have in the network's picture.
        let (left, top) = ((width as isize - surface.width as isize) / 2, (height as isize - rows as isize) / 2);
        let mut both = Vec::with_capacity(surface.len());
        for i in 0..surface.len() {
            let (x, y) = ((i % surface.width) as isize + left, (i / surface.width) as isize + top);
            if (0..width as isize).contains(&x) && (0..height as isize).contains(&y) {
                both.push((i, y as usize * width + x as usize));
            }
        }
        let mut data = vec![0.0; width * height * 3];
        for &(i, at) in &both {
            for c in 0..3 {
                data[at * 3 + c] = (surface.density[c][i] - middle[c]).clamp(-FARTHEST, FARTHEST);
            }
        }
        let out = model.run(&Tensor { shape: vec![1, height, width, 3], data })?;
        let out = out.first().map_or(&[][..], |out| &out.data);
        if out.len() != width * height * CLASSES {
            return Err(Error::new(ErrorCode::InferenceFailed, "the answer has another size"));
        }
        let mut planes = [(); CLASSES].map(|()| vec![0.0; surface.len()]);
        for (i, at) in both {
            for (plane, value) in planes.iter_mut().zip(&out[at * CLASSES..]) {
                // Another network than ours may answer anything.
                plane[i] = value.clamp(0.0, 1.0);
            }
        }
        Ok(Segments(planes))
    }

    /// The probability of a class at each pixel.
    pub fn plane(&self, class: Class) -> &[f32] {
        &self.0[class as usize]
    }
}
