//! Faces in a photo: box, score and six keypoints each.
//!
//! BlazeFace (Bazarevsky 2019) sees 128 × 128 pixels. One look at the whole photo misses small
//! faces, so the detector looks again at overlapping tiles, and confirms what it is unsure of in a
//! zoomed crop.

mod anchors;
mod look;
mod nms;

pub use nms::suppress;

use crate::engine::Model;
use crate::error::Result;
use crate::frame::Pyramid;
use crate::geometry::{cos_sin, Point, Rect};
use crate::quantile::descending;
use look::{Look, View, REACH};

/// The six keypoints of BlazeFace, in the order of [`Detection::keypoints`]. Right and left are
/// the person's own.
pub const KEYPOINTS: [&str; 6] = ["rightEye", "leftEye", "noseTip", "mouthCenter", "rightEarTragion", "leftEarTragion"];

/// A face.
#[derive(Clone, Debug, PartialEq)]
pub struct Detection {
    /// From the brows to the chin, pixels of the photo; may reach outside it.
    pub rect: Rect,
    /// Probability that it is a face, 0–1.
    pub score: f32,
    /// Pixels of the photo, in the order of [`KEYPOINTS`].
    pub keypoints: [Point; 6],
}

impl Detection {
    /// The turn of the line between the eyes, radians, clockwise on the photo.
    pub fn roll(&self) -> f32 {
        let [right, left, ..] = self.keypoints;
        (left.y - right.y).atan2(left.x - right.x)
    }

    /// The turn of the line from between the eyes to the mouth, radians, clockwise on the photo, 0 where it goes straight down. Where a head
    /// is turned far it tells more of how it is tilted than the line between the eyes, which is short then.
    pub fn upright(&self) -> f32 {
        let [right, left, _, mouth, ..] = self.keypoints;
        let middle = right.midpoint(left);
        (middle.x - mouth.x).atan2(mouth.y - middle.y)
    }

    /// Whether the tip of the nose lies far from the middle between the eyes, as it does on a head
    /// that is turned by some 35° and more: the nose stands out by about 0.45 eye distances.
    pub fn looks_aside(&self) -> bool {
        let [right, left, nose, ..] = self.keypoints;
        let middle = right.midpoint(left);
        let (along, across) = cos_sin(self.roll());
        let aside = (nose.x - middle.x) * along + (nose.y - middle.y) * across;
        aside.abs() > 0.3 * right.distance(left)
    }
}

/// The first look at a photo that is longer than 4 : 3 shows bystanders less well than that of one which is not; whoever holds a camera so
/// does not wait for that.
const WIDEST: f32 = 4.0 / 3.0;

/// How faces are looked for.
#[derive(Clone, Debug, PartialEq)]
pub struct DetectorParams {
    /// Least score of a face that is reported, 0–1, where no edge of the photo cuts it. 0.5 is the point where the model itself
    /// is undecided.
    pub min_score: f32,
    /// Least score of a first sighting that is worth a zoomed crop. Small faces score low in a
    /// first look; a crop costs one run.
    pub candidate_score: f32,
    /// Score from which one sighting is enough; below it a second look, and the mesh, must agree.
    pub sure_score: f32,
    /// Least score of a face that the mesh does not confirm, reported only where there is no other and
    /// where other views show it too.
    pub lone_score: f32,
    /// Least score of a face that an edge of the photo cuts, which has to fit a mesh: the model was trained on whole faces, and is undecided
    /// long before the mesh is. Of 858 pictures of what lies beside faces, collars and noise none has one by it.
    pub cut_off_score: f32,
    /// Overlap (IoU) from which two boxes are one face. MediaPipe's own value.
    pub same_face: f32,
    /// A face narrower than this share of a look's side is not sure until a zoomed crop
    /// shows it as well: the model was trained on faces that fill a fifth and more.
    pub small: f32,
    /// Side of a zoomed crop in face widths: the face then fills a third, the middle of the
    /// range that the model was trained on.
    pub zoom: f32,
    /// Faces narrower than this share of the widest sure one are not looked for: bystanders, who stand more than twice as far away.
    pub bystander: f32,
    /// Sides of the tiles as shares of the photo's shorter side, each overlapping by half, the largest first.
    pub tiles: Vec<f32>,
    /// Most faces reported.
    pub max_faces: usize,
}

impl Default for DetectorParams {
    fn default() -> Self {
        DetectorParams {
            min_score: 0.5,
            candidate_score: 0.35,
            sure_score: 0.9,
            lone_score: 0.58,
            cut_off_score: 0.2,
            same_face: 0.3,
            small: 0.2,
            zoom: 3.0,
            bystander: 0.45,
            tiles: vec![0.7, 0.4],
            max_faces: 64,
        }
    }
}

/// Finds faces with a BlazeFace model.
pub struct FaceDetector<'m> {
    look: Look<'m>,
    params: DetectorParams,
}

impl<'m> FaceDetector<'m> {
    /// A detector over a model of the role `face-detector`.
    pub fn new(model: &'m dyn Model, params: DetectorParams) -> Self {
        FaceDetector { look: Look::new(model), params }
    }

    /// The faces of a photo, widest first.
    ///
    /// # Errors
    /// `inference-failed`.
    pub fn detect(&self, photo: &Pyramid) -> Result<Vec<Detection>> {
        let mut found = self.settle(photo, &View::whole(photo.size()), &[])?;
        let mut share = WIDEST;
        for finer in &self.params.tiles {
            if self.suffices(photo, &found, share) {
                break;
            }
            for tile in View::tiles(photo.size(), *finer) {
                let new = self.settle(photo, &tile, &found)?;
                found.extend(new);
            }
            share = *finer;
        }
        if found.is_empty() {
            for view in View::turned(photo.size()) {
                let new = self.settle(photo, &view, &found)?;
                found.extend(new);
            }
        }
        Ok(self.distinct(found))
    }

    /// The faces that one look at the whole photo shows, where one is so large that this suffices; else `None`, and tiles
    /// would have to be looked at.
    ///
    /// # Errors
    /// `inference-failed`.
    pub fn detect_large(&self, photo: &Pyramid) -> Result<Option<Vec<Detection>>> {
        let found = self.settle(photo, &View::whole(photo.size()), &[])?;
        Ok(self.suffices(photo, &found, WIDEST).then(|| self.distinct(found)))
    }

    /// What may be faces of which an edge of the photo leaves a part. Half a face is a whole one beside its mirror image; so is half of a
    /// pattern, and the mesh has to agree.
    ///
    /// # Errors
    /// `inference-failed`.
    pub fn cut_off(&self, photo: &Pyramid) -> Result<Vec<Detection>> {
        let mut found = Vec::new();
        for view in View::beyond(photo.size()) {
            let mut sightings = self.look.at(photo, &view, self.params.cut_off_score)?;
            sightings.retain(|sighting| view.completes(sighting));
            found.append(&mut sightings);
        }
        Ok(suppress(found, self.params.same_face))
    }

    /// Of sightings each face once, the largest first.
    fn distinct(&self, found: Vec<Detection>) -> Vec<Detection> {
        let mut faces = suppress(found, self.params.same_face);
        faces.retain(|face| face.score >= self.params.min_score);
        let mut faces = descending(faces, |face| face.rect.area());
        faces.truncate(self.params.max_faces);
        faces
    }

    /// Whether views whose side is such a share of the photo's shorter one, or all of it where that is less, have shown all faces that are
    /// looked for.
    fn suffices(&self, photo: &Pyramid, found: &[Detection], share: f32) -> bool {
        let (width, height) = (photo.size().0 as f32, photo.size().1 as f32);
        let side = (share * width.min(height)).min(width.max(height));
        let sure = found.iter().filter(|face| face.score >= self.params.sure_score);
        sure.map(|face| face.rect.width).any(|width| self.params.bystander * width >= REACH * side)
    }

    /// What one view shows, each sighting placed anew in a zoomed crop, so that a face has one box from
    /// wherever it was seen. A weak or small one that the crop does not show is dropped, and one that is known for sure is
    /// not looked at again.
    fn settle(&self, photo: &Pyramid, view: &View, known: &[Detection]) -> Result<Vec<Detection>> {
        let is_known = |sighting: &Detection| {
            let sure = known.iter().filter(|face| face.score >= self.params.sure_score);
            sure.map(|face| face.rect.iou(&sighting.rect)).any(|iou| iou >= self.params.same_face)
        };
        let sightings = suppress(self.look.at(photo, view, self.params.candidate_score)?, self.params.same_face);
        let mut settled = Vec::new();
        for sighting in sightings.into_iter().filter(|sighting| !is_known(sighting)) {
            let small = sighting.rect.width < self.params.small * view.side();
            let sure = sighting.score >= self.params.sure_score && !small;
            // A crop that is no nearer shows nothing new.
            let zoomed = self.params.zoom * sighting.rect.width.max(sighting.rect.height) < view.side();
            if sure && !zoomed {
                settled.push(sighting);
                continue;
            }
            match self.confirm(photo, &sighting)? {
                Some(face) if sure => settled.push(Detection { score: face.score.max(sighting.score), ..face }),
                Some(face) => settled.push(face),
                None if sure => settled.push(sighting),
                None => {}
            }
        }
        Ok(settled)
    }

    /// Whether a face is there from whatever view: nearer, further, tilted. Patterns that look like
    /// one by chance do so in one view.
    ///
    /// # Errors
    /// `inference-failed`.
    pub fn is_steady(&self, photo: &Pyramid, face: &Detection) -> Result<bool> {
        let width = face.rect.width.max(face.rect.height);
        for (zoom, tilt) in [(2.4, 0.2), (2.4, -0.2), (3.8, 0.2), (3.8, -0.2)] {
            let view = View::around(face.rect.center(), zoom * width, face.roll() + tilt);
            let seen = self.look.at(photo, &view, self.params.min_score)?;
            if !seen.iter().any(|other| other.rect.iou(&face.rect) >= self.params.same_face) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The same face in a crop around it, where it is there.
    fn confirm(&self, photo: &Pyramid, sighting: &Detection) -> Result<Option<Detection>> {
        let side = self.params.zoom * sighting.rect.width.max(sighting.rect.height);
        let view = View::around(sighting.rect.center(), side, sighting.roll());
        let seen = suppress(self.look.at(photo, &view, self.params.min_score)?, self.params.same_face);
        Ok(seen
            .into_iter()
            .filter(|face| face.rect.iou(&sighting.rect) >= self.params.same_face)
            .max_by(|a, b| a.score.total_cmp(&b.score)))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::look::tests::{answer, INPUTS};
    use super::*;
    use crate::engine::Tensor;
    use crate::error::Result;
    use crate::frame::Frame;

    /// Sees one face at its first look, as wide a share of it and with such a logit, and in the crop around it, and none after; counts the
    /// looks.
    struct Once {
        share: f32,
        logit: f32,
        looks: AtomicUsize,
    }

    impl Model for Once {
        fn run(&self, input: &Tensor) -> Result<Vec<Tensor>> {
            let (share, logit) = match self.looks.fetch_add(1, Ordering::Relaxed) {
                0 => (self.share, self.logit),
                1 => (1.0 / 3.0, self.logit),
                _ => (0.0, -9.0),
            };
            Ok(answer(input, [share * INPUTS as f32; 2], logit))
        }

        fn executor(&self) -> &'static str {
            "onnx"
        }
    }

    fn looks(share: f32, logit: f32, (width, height): (usize, usize), tiles: Vec<f32>) -> usize {
        let model = Once { share, logit, looks: AtomicUsize::new(0) };
        let frame = Frame::from_rgb(width, height, vec![128; width * height * 3]).unwrap();
        let params = DetectorParams { tiles, ..DetectorParams::default() };
        FaceDetector::new(&model, params).detect(&Pyramid::new(&frame)).unwrap();
        model.looks.into_inner()
    }

    #[test]
    fn tiles_are_looked_at_until_a_sure_face_leaves_nobody_to_be_looked_for() {
        let tiles = || DetectorParams::default().tiles;
        let square = (400, 400);
        // The first look, a crop of what it showed, and 4 tiles of seven tenths, 16 of four.
        assert_eq!(looks(0.25, 5.0, square, tiles()), 2);
        assert_eq!(looks(0.21, 5.0, square, tiles()), 2 + 4);
        assert_eq!(looks(0.21, 5.0, square, vec![0.7]), 2 + 4);
        assert_eq!(looks(0.21, 5.0, square, Vec::new()), 2);
        // Of a face that is not sure all are.
        assert_eq!(looks(0.25, 1.5, square, tiles()), 2 + 4 + 16);
        // Of the shorter side 0.31 and 0.28, which a longer other one does not change much.
        assert_eq!(looks(0.31 * 9.0 / 16.0, 5.0, (640, 360), tiles()), 2);
        assert_eq!(looks(0.28 * 9.0 / 16.0, 5.0, (640, 360), tiles()), 2 + 10);
    }
}
