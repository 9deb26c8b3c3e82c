//! A person's face as the ground that conditions are painted on: where its skin is, and where it may have conditions
//! of its own, of which nobody has said whether they are any.

use crate::analyzer::AnalyzerParams;
use crate::examine::examine;
use crate::frame::{Frame, Pyramid};
use crate::geometry::{Point, Similarity};
use crate::lab::linear;
use crate::mesh::Mesh;
use crate::quantile::median;
use crate::region::{fill, Zone};
use crate::report::ConcernId;
use crate::skin::{acne, dark_spots};
use crate::surface::{Surface, PX_PER_MM};

/// Skin that nothing covers.
pub const SKIN: u8 = 1;
/// Where the mesh allows skin.
pub const ALLOWED: u8 = 2;
/// Covered: hair, beard, glasses, a hand.
pub const COVERED: u8 = 4;
/// A spot that stands out, on skin with nothing near: it may be one.
pub const SPOT: u8 = 8;
/// The same of a line.
pub const LINE: u8 = 16;

/// What lies nearer to the edge of the skin is taken for a part of it, mm: fringes, frames and stubble lie there.
const EDGE_MM: f32 = 4.0;

/// Contrast of a spot of the person's own, as a multiple of what this skin's unevenness reaches, from which it may be a lesion. Of what
/// stands out less, hardly anything is one (`docs/accuracy.md`: of a hundred findings of the closed forms one to three were judged true).
const SURE: f32 = 1.8;

/// Covered parts smaller than this are the skin's own shadows and moles, mm².
const LEAST_COVER_MM2: f32 = 12.0;

/// A face on a photo.
pub struct Background<'a> {
    /// The photo.
    pub photo: Pyramid<'a>,
    /// From the face's frame, [`PX_PER_MM`] a millimetre, to the photo.
    pub map: Similarity,
    /// How the head is turned on the photo, radians.
    pub roll: f32,
    /// Pixels of the photo a millimetre.
    pub native: f32,
    /// Pixels of the frame across.
    pub width: usize,
    /// What each pixel of the frame is, row-major: bits of the constants above.
    pub state: Vec<u8>,
    /// The pixels that the mesh allows.
    pub places: Vec<usize>,
    /// The light of its skin, in the middle of it.
    pub skin: [f32; 3],
}

impl<'a> Background<'a> {
    /// A face whose mesh is known; `None` where hardly any skin is seen, or in no colour.
    pub fn new(frame: &'a Frame, mesh: &Mesh) -> Option<Background<'a>> {
        let photo = Pyramid::new(frame);
        let params = AnalyzerParams::default();
        let found = examine(&photo, mesh, None, &params);
        let surface = Surface::new(&photo, &found.map);
        if found.colourless || surface.skin_mm2() < 2000.0 {
            return None;
        }
        let size = (surface.width, surface.height);
        let mut state: Vec<u8> = surface
            .zones
            .iter()
            .zip(&surface.allowed)
            .map(|(z, a)| (u8::from(z.is_some()) * SKIN) | (u8::from(a.is_some()) * ALLOWED))
            .collect();
        let not: Vec<bool> = state.iter().zip(&surface.blown).map(|(s, blown)| *s == ALLOWED && !blown).collect();
        for part in crate::surface::members(&not, surface.width) {
            if part.len() as f32 / (PX_PER_MM * PX_PER_MM) >= LEAST_COVER_MM2 {
                part.into_iter().for_each(|i| state[i] |= COVERED);
            }
        }
        let free = surface.away_from(state.iter().map(|s| s & SKIN == 0), EDGE_MM);
        let below = |i: usize| matches!(surface.zones[i], Some(Zone::UnderLeftEye | Zone::UnderRightEye));
        let lesions = acne::lesions(&surface, &surface.redness(), &params.skin.acne);
        let spots = dark_spots::spots(&surface, &surface.darkness(), &lesions, &params.skin.dark_spots);
        for spot in lesions.found.iter().chain(&spots.found) {
            if spot.peak >= SURE && spot.pixels.iter().all(|&i| free[i] && !below(i)) {
                spot.pixels.iter().for_each(|&i| state[i] |= SPOT);
            }
        }
        let lines = found.concerns.get(&ConcernId::Wrinkles).and_then(|(outcome, _)| outcome.as_ref().ok());
        for place in lines.iter().flat_map(|m| &m.findings) {
            let points: Vec<Point> = place.polygon.iter().map(|p| surface.map.unmap(*p)).collect();
            fill(&points, size, |i| state[i] |= LINE);
        }
        let skin = [0, 1, 2].map(|c| {
            let of = |i: usize| (-surface.density[c][i] / surface.gain).exp();
            median((0..state.len()).filter(|&i| state[i] & SKIN > 0).map(of))
        });
        let places = (0..state.len()).filter(|&i| state[i] & ALLOWED > 0).collect();
        let Surface { map, native, width, .. } = surface;
        Some(Background { photo, map, roll: mesh.roll(), native, width, state, places, skin })
    }

    /// What lies at a point of the photo.
    pub fn state(&self, p: Point) -> u8 {
        let at = self.map.unmap(p);
        let inside = at.x >= 0.0 && at.y >= 0.0 && at.x < self.width as f32;
        let index = at.y as usize * self.width + at.x as usize;
        self.state.get(index).copied().filter(|_| inside).unwrap_or(0)
    }

    /// The linear light of a part of the photo, row-major.
    pub fn light(&self, map: &Similarity, size: (usize, usize)) -> Vec<[f32; 3]> {
        let mut light = Vec::with_capacity(size.0 * size.1);
        self.photo.sample(map, size, crate::frame::Border::Nearest, |rgb| light.push(rgb.map(linear)));
        light
    }
}
