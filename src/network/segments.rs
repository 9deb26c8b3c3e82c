//! What a segmenter sees at each place of a face: ours was trained on conditions painted onto people's skin (`models/train`). It tells
//! what is a lesion from what only stands out; how large a lesion is stays the measures' own.

use super::{Description, Network};
use crate::error::Result;
use crate::frame::Pyramid;
use crate::geometry::Point;
use crate::mesh::Mesh;
use crate::region::SkinMap;
use crate::report::ConcernId;
use crate::surface::{SeenParams, SpotParams, Spots, Surface};

/// Of each pixel of a surface the probabilities of the classes that feed a concern.
#[derive(Default)]
pub struct Segments<'a> {
    planes: Vec<(ConcernId, &'a str, Vec<f32>)>,
    /// How likely something lies over skin; `None` of a network that does not tell.
    cover: Option<Vec<f32>>,
}

impl Segments<'_> {
    /// What a network that tells nothing of cover has said.
    #[cfg(test)]
    pub fn told(planes: Vec<(ConcernId, &str, Vec<f32>)>) -> Segments<'_> {
        Segments { planes, cover: None }
    }

    /// Has a network look at a face. What lies beyond its picture is nothing of what it tells.
    ///
    /// # Errors
    /// `inference-failed`.
    pub fn of<'a>(
        surface: &Surface,
        photo: &Pyramid,
        mesh: &Mesh,
        map: &SkinMap,
        network: &'a Network,
    ) -> Result<Segments<'a>> {
        let Description { view, classes } = &network.description;
        let (place, input) = match view.density {
            Some(range) => {
                // The surface itself: the middles of both lie on each other, and pixels are taken as they are.
                let off = |own: usize, other: usize| ((other as isize - own as isize) / 2) as f32;
                let corner = Point::new(off(view.width, surface.width), off(view.height, surface.height));
                let place = surface.map.moved(corner);
                let input = view.of_surface(surface, &place, range);
                (place, input)
            }
            None => {
                let place = view.place(photo, mesh, map);
                let input = view.of_photo(photo, &place);
                (place, input)
            }
        };
        let all = classes.probabilities(&network.run(&input)?)?;
        let (width, height) = classes.size;
        let shrunk = (width as f32 / view.width as f32, height as f32 / view.height as f32);
        let seen: Vec<Option<usize>> = (0..surface.len())
            .map(|i| {
                let at = place.unmap(surface.point(i));
                let (x, y) = ((at.x * shrunk.0).floor(), (at.y * shrunk.1).floor());
                let inside = x >= 0.0 && y >= 0.0 && x < width as f32 && y < height as f32;
                inside.then_some(y as usize * width + x as usize)
            })
            .collect();
        let of_surface = |plane: &[f32]| seen.iter().map(|at| at.map_or(0.0, |at| plane[at])).collect();
        let mut planes = Vec::new();
        for ((plane, label), concern) in all.iter().zip(&classes.labels).zip(&classes.feeds) {
            if let Some(concern) = *concern {
                planes.push((concern, label.as_str(), of_surface(plane)));
            }
        }
        let cover = classes.cover.map(|class| of_surface(&all[class]));
        Ok(Segments { planes, cover })
    }

    /// The classes that feed a concern: their names, and their probabilities at each pixel of the surface.
    pub fn fed(&self, concern: ConcernId) -> impl Iterator<Item = (&str, &[f32])> {
        self.planes.iter().filter(move |(id, ..)| *id == concern).map(|(_, label, plane)| (*label, &plane[..]))
    }

    /// At each pixel the greatest probability of the classes that feed a concern, of those whose names count.
    pub fn strongest(&self, concern: ConcernId, counts: &dyn Fn(&str) -> bool) -> Vec<f32> {
        let mut strongest = Vec::new();
        for (label, seen) in self.fed(concern) {
            strongest.resize(seen.len(), 0.0f32);
            if counts(label) {
                strongest.iter_mut().zip(seen).for_each(|(most, seen)| *most = most.max(*seen));
            }
        }
        strongest
    }

    /// The spots of a plane of probabilities (see [`Spots::seen`]) without those that lie on what covers skin: where that is as likely, in
    /// the mean, as a share of the spot's own greatest probability.
    pub fn spots(
        &self,
        surface: &Surface,
        plane: &[f32],
        params: &SeenParams,
        closed: Option<(&[f32], &SpotParams)>,
    ) -> Spots {
        let mut spots = Spots::seen(surface, plane, params, closed);
        if let Some(cover) = &self.cover {
            spots.found.retain(|spot| {
                let likely = spot.pixels.iter().map(|&i| plane[i]).fold(0.0, f32::max);
                let covered = spot.pixels.iter().map(|&i| cover[i]).sum::<f32>() / spot.pixels.len() as f32;
                covered < params.covered * likely
            });
        }
        spots
    }

    /// The concerns that are fed.
    pub fn concerns(&self) -> Vec<ConcernId> {
        ConcernId::ALL.into_iter().filter(|&id| self.fed(id).next().is_some()).collect()
    }
}
