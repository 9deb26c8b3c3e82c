//! The first half of an analysis: a photo's faces and the meshes of those that are measured. What is left may have to wait for
//! models that measure skin, and these faces say whether it does.

use std::borrow::Cow;

use serde::Serialize;

use super::Analyzer;
use crate::error::Result;
use crate::face::{Detection, FaceDetector};
use crate::frame::{Frame, Pyramid};
use crate::geometry::Point;
use crate::mesh::{Mesh, MeshFitter};
use crate::network::Network;
use crate::preview::Preview;
use crate::quantile::descending;
use crate::region::FaceGrid;
use crate::report::DetectionReport;
use crate::stages::Stages;
use crate::surface::FINEST_PX_PER_MM;

/// A photo whose faces were found.
pub struct Look<'a> {
    pub(super) photo: Pyramid<'a>,
    /// Largest first; those that are measured have their meshes, where one fits.
    pub(super) faces: Vec<Candidate>,
    pub(super) stages: Stages,
}

/// What is found on a frame, and on a photo before its skin is measured.
#[derive(Serialize)]
pub struct FrameResult {
    /// The faces.
    pub detections: Vec<DetectionReport>,
    /// How a photo of one that is alone comes out.
    pub preview: Option<Preview>,
}

impl Look<'_> {
    /// The meshes.
    pub(super) fn meshes(&self) -> impl Iterator<Item = &Mesh> {
        self.faces.iter().filter_map(|face| face.mesh.as_ref())
    }
}

impl Analyzer {
    /// Finds the faces of a photo and their meshes, for [`Analyzer::measure`].
    ///
    /// # Errors
    /// `inference-failed`.
    pub fn look<'a>(&self, frame: Cow<'a, Frame>) -> Result<Look<'a>> {
        let mut stages = Stages::begin(self.clock);
        let photo = Pyramid::of(frame);
        stages.end("prepare");
        let mut faces = self.faces(&photo)?;
        stages.end("detect");
        for (i, face) in faces.iter_mut().enumerate() {
            if i < self.params.max_faces.0 {
                face.mesh = self.mesh(&photo, face)?;
                stages.end("mesh");
            } else {
                // Others are not measured.
                face.mesh = None;
            }
        }
        let mut look = Look { photo, faces, stages };
        if let Some((scale, part)) = self.needs(&look) {
            look.photo.keep_for(scale, part);
        }
        Ok(look)
    }

    /// How many pixels of the photo one of the finest cut-out has that measuring these faces takes, and the part of the photo that all of them
    /// lie in, from one x to another and from one y to another; nothing where that is not known.
    fn needs(&self, look: &Look) -> Option<(f32, [(f32, f32); 2])> {
        let networks = [&self.segmenter, &self.classifier].into_iter().flatten().map(Network::description);
        let described: Vec<_> =
            networks.chain(self.missing.iter().filter_map(|missing| missing.description.as_ref())).collect();
        let finest = FINEST_PX_PER_MM.max(self.params.grid.max_px_per_mm);
        let mut views = Vec::new();
        for face in look.faces.iter().take(self.params.max_faces.0) {
            // Of a face without a mesh a look at its colours is taken.
            let mesh = face.mesh.as_ref()?;
            let (middle, (width, height)) = FaceGrid::outline(mesh);
            let native = mesh.px_per_mm();
            // With the margin of its grid.
            let margin = 3.0 * (native / self.params.grid.max_px_per_mm).max(1.0);
            views.push((native / finest, middle, 0.5 * width.hypot(height) + margin));
            let shown = described.iter().filter_map(|network| network.reach(look.photo.size(), mesh));
            views.extend(shown.map(|(pixels, center, reach)| (pixels, center.unwrap_or(middle), reach)));
        }
        // At a power of two the last bit must not decide.
        let scale = 0.999 * views.iter().map(|view| view.0).fold(f32::MAX, f32::min);
        let mut part = [(f32::MAX, f32::MIN); 2];
        // Of coarser ones another level is read.
        for (_, Point { x, y }, reach) in views.into_iter().filter(|view| view.0 <= 2.0 * scale.max(1.0)) {
            for ((from, to), at) in part.iter_mut().zip([x, y]) {
                (*from, *to) = (from.min(at - reach), to.max(at + reach));
            }
        }
        Some((scale, part))
    }

    /// Where a model that has not come would be shown one of these faces: what there is before it comes.
    pub fn early(&self, look: &Look) -> Option<FrameResult> {
        let awaits = |mesh| self.missing.iter().any(|missing| missing.sees(mesh));
        if !look.meshes().any(awaits) {
            return None;
        }
        let preview = match &look.faces[..] {
            [Candidate { mesh: Some(mesh), .. }] => {
                let params = (&self.params.preview, &self.params.quality);
                // A photo stands still.
                Some(Preview::measure(&look.photo, (mesh, mesh), look.photo.size(), 0.0, params))
            }
            _ => None,
        };
        let detections = look.faces.iter().map(|face| DetectionReport::from(&face.detection)).collect();
        Some(FrameResult { detections, preview })
    }

    /// What the detector is sure of, and of the rest what the mesh also takes for a face. Where
    /// that leaves none, the best of the rest that other views show too: a head in profile is a face
    /// that the mesh does not know.
    pub(crate) fn faces(&self, photo: &Pyramid) -> Result<Vec<Candidate>> {
        let detector = FaceDetector::new(self.detector.as_ref(), self.params.detector.clone());
        let faces = self.certain(photo, &detector, detector.detect(photo)?)?;
        let known = |face: &Candidate| face.mesh.is_some() || face.detection.score >= self.params.detector.sure_score;
        if faces.iter().any(known) {
            return Ok(faces);
        }
        let cut_off = self.certain(photo, &detector, detector.cut_off(photo)?)?;
        Ok(if cut_off.is_empty() { faces } else { cut_off })
    }

    /// The same where one look shows a large face, as one does on a selfie; else `None`.
    pub(crate) fn large(&self, photo: &Pyramid) -> Result<Option<Vec<Candidate>>> {
        let detector = FaceDetector::new(self.detector.as_ref(), self.params.detector.clone());
        detector.detect_large(photo)?.map(|found| self.certain(photo, &detector, found)).transpose()
    }

    fn certain(&self, photo: &Pyramid, detector: &FaceDetector, found: Vec<Detection>) -> Result<Vec<Candidate>> {
        let params = &self.params.detector;
        let mut faces = Vec::new();
        let mut doubtful = Vec::new();
        for detection in found {
            if detection.score >= params.sure_score {
                faces.push(Candidate { detection, mesh: None });
                continue;
            }
            match self.fitter().fit(photo, &detection)? {
                Some(mesh) => faces.push(Candidate { detection, mesh: Some(mesh) }),
                None if detection.score >= params.lone_score => doubtful.push(detection),
                None => {}
            }
        }
        if faces.is_empty() {
            for detection in descending(doubtful, |detection| detection.score) {
                if detector.is_steady(photo, &detection)? {
                    return Ok(vec![Candidate { detection, mesh: None }]);
                }
            }
        }
        Ok(faces)
    }

    pub(crate) fn fitter(&self) -> MeshFitter<'_> {
        MeshFitter::new(self.mesh.as_ref(), self.params.mesh.clone())
    }

    /// The mesh of a face; `None` where it does not fit.
    pub(crate) fn mesh(&self, photo: &Pyramid, face: &mut Candidate) -> Result<Option<Mesh>> {
        if let Some(mesh) = face.mesh.take() {
            return Ok(Some(mesh));
        }
        let fitter = self.fitter();
        match fitter.fit(photo, &face.detection)? {
            None if face.detection.looks_aside() => fitter.search(photo, &face.detection),
            fitted => Ok(fitted),
        }
    }

    /// The mesh of a photo's largest face; `None` where there is none.
    #[cfg(feature = "cli")]
    pub(crate) fn largest(&self, photo: &Pyramid) -> Result<Option<Mesh>> {
        self.faces(photo)?.first_mut().map_or(Ok(None), |face| self.mesh(photo, face))
    }
}

/// A face that was found, and its mesh where one was fitted.
pub(crate) struct Candidate {
    pub(crate) detection: Detection,
    pub(crate) mesh: Option<Mesh>,
}

#[cfg(all(test, feature = "cli"))]
mod tests {
    use super::*;
    use crate::analyzer::AnalyzerParams;
    use crate::frame::{decode, Border, Limits};
    use crate::geometry::{Point, Similarity};
    use crate::native::{load, ModelSource};

    fn analyzer() -> Analyzer {
        let source = ModelSource::Directory(concat!(env!("CARGO_MANIFEST_DIR"), "/models/dist").into());
        load(&source, "stable", AnalyzerParams::default()).unwrap()
    }

    fn sample() -> Frame {
        decode(include_bytes!("../../www/page/sample/astronaut.png"), &Limits::default()).unwrap()
    }

    /// A part of a photo around a point, so many times as large.
    fn part(photo: &Frame, center: Point, larger: f32, (width, height): (usize, usize)) -> Frame {
        let mut rgb = Vec::new();
        let map = Similarity::rect(center, 1.0 / larger, 0.0, width as f32, height as f32);
        Pyramid::new(photo).sample(&map, (width, height), Border::Nearest, |pixel| rgb.extend(pixel.map(|v| v as u8)));
        Frame::from_rgb(width, height, rgb).unwrap()
    }

    #[test]
    fn what_of_a_large_photo_is_not_kept_is_not_missed() {
        let (width, height) = (2640, 3300);
        let (analyzer, sample) = (analyzer(), sample());
        // Its face, of more than eight pixels a millimetre, and of fewer.
        for (larger, finest) in [(12.0, 2.0), (5.0, 0.5)] {
            let frame = part(&sample, Point::new(225.0, 167.5), larger, (width, height));
            let look = || analyzer.look(Cow::Owned(frame.clone())).unwrap();
            let mut whole = look();
            let (scale, part) = analyzer.needs(&whole).unwrap();
            assert!(
                (finest..2.0 * finest).contains(&scale) && part.iter().all(|(from, to)| to - from < 2500.0),
                "{scale} {part:?}"
            );
            // Less than half of what all would be.
            assert!(3 * whole.photo.pixels() < 2 * width * height, "{}", whole.photo.pixels());
            whole.photo = Pyramid::new(&frame);
            let [kept, whole] = [look(), whole].map(|look| {
                let mut report = serde_json::to_value(analyzer.measure(look).unwrap()).unwrap();
                report.as_object_mut().unwrap().remove("timings");
                report
            });
            assert_eq!(kept["models"].as_array().unwrap().len(), 3);
            assert_eq!(kept, whole);
        }
    }
    #[test]
    fn half_a_face_is_found_and_what_lies_beside_a_face_is_none() {
        let (analyzer, sample) = (analyzer(), sample());
        let whole = analyzer.largest(&Pyramid::new(&sample)).unwrap().unwrap();
        let nose = whole.point(crate::mesh::topology::NOSE_TIP);
        for side in [-1.0, 1.0] {
            // 130 pixels of either side of the nose, which is a little more than the face.
            let half = part(&sample, Point::new(nose.x + side * 65.0, nose.y), 1.0, (130, 260));
            let mesh = analyzer.largest(&Pyramid::new(&half)).unwrap().unwrap();
            let corner = [crate::mesh::topology::RIGHT_EYE_OUTER, crate::mesh::topology::LEFT_EYE_OUTER]
                .map(|i| (whole.point(i), mesh.point(i)));
            let (before, now) = corner[usize::from(side > 0.0)];
            let start = Point::new(nose.x + side * 65.0 - 65.0, nose.y - 130.0);
            let off = before.distance(Point::new(start.x + now.x, start.y + now.y));
            assert!(off < 8.0, "{side}: {off} pixels of a face of 100");

            let beside = part(&sample, Point::new(nose.x + side * 165.0, nose.y), 1.0, (120, 260));
            assert!(analyzer.faces(&Pyramid::new(&beside)).unwrap().is_empty(), "{side}");
        }
    }
}
