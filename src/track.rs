//! A face from one frame of a video to the next: its mesh is placed again where it was, which takes a part of the frame and one run
//! of one model where a look for faces takes all of it.

use crate::analyzer::{Analyzer, Candidate};
use crate::error::Result;
use crate::face::Detection;
use crate::frame::{Frame, Part, Pyramid};
use crate::geometry::{cos_sin, Point, Rect};
use crate::mesh::{topology, Mesh};
use crate::preview::{Move, Preview};
use crate::report::DetectionReport;

/// How much of a photo or a frame is looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct TrackParams {
    /// Whether a face is followed at all.
    pub follow: bool,
    /// After so many milliseconds all of a frame is looked at again: someone may have come in.
    pub again_ms: f64,
    /// For so many milliseconds after a look at all of a frame found nobody only large faces are looked for: small ones take ten times as long, and who
    /// comes to a camera can wait that long.
    pub rest_ms: f64,
    /// The longer side of a photo in which large faces are looked for first, pixels: three times what the detector sees.
    pub longest: usize,
    /// Pixels of a drawn part to one that the mesh's model sees, a side.
    pub fine: f32,
}

impl Default for TrackParams {
    fn default() -> Self {
        TrackParams { follow: true, again_ms: 1000.0, rest_ms: 500.0, longest: 384, fine: 1.2 }
    }
}

/// Least overlap of two boxes of one face, a moment apart.
const SAME: f32 = 0.3;

/// What is known of the face from the frame before; one for each video.
#[derive(Default)]
pub struct Tracker {
    face: Option<Followed>,
    /// The same until all of a frame has been looked at again.
    before: Option<Followed>,
    /// Of the frames, pixels.
    size: (usize, usize),
    /// When a whole frame was last looked at, and when the last frame was, milliseconds.
    looked: f64,
    seen: f64,
    /// When a look for faces of any size last found none.
    nobody: Option<f64>,
    /// What the last frame on which the face was followed showed of it.
    preview: Option<Preview>,
}

/// A face that is followed.
struct Followed {
    detection: Detection,
    mesh: Mesh,
    moved: Move,
}

impl Tracker {
    /// How a photo of the face that is followed would come out; `None` where none is, or it was only just found.
    pub fn preview(&self) -> Option<&Preview> {
        self.face.as_ref().and(self.preview.as_ref())
    }

    /// Which part of the next frame has to be seen; `None` where it is all of it.
    pub fn part(&mut self, analyzer: &Analyzer, (width, height): (usize, usize), now: f64) -> Option<Part> {
        let params = &analyzer.params.track;
        let same = self.size == (width, height) && now >= self.seen && now - self.looked < params.again_ms;
        if !same || !params.follow {
            // Of the video that goes on it may be found again.
            self.before = self.face.take().filter(|_| self.size == (width, height) && now >= self.seen);
        }
        (self.size, self.seen) = ((width, height), now);
        let (crop, scale) = analyzer.fitter().place(&self.face.as_ref()?.mesh)?;
        Part::of(width, height, &crop, params.fine / scale)
    }
}

impl Detection {
    /// The face of a part of a photo as one of the photo.
    fn of_part(&self, part: &Part) -> Detection {
        let corner = part.point(Point::new(self.rect.x, self.rect.y));
        let (across, down) = part.scale();
        let (width, height) = (self.rect.width * across, self.rect.height * down);
        let rect = Rect { x: corner.x, y: corner.y, width, height };
        Detection { rect, score: self.score, keypoints: self.keypoints.map(|p| part.point(p)) }
    }

    /// Where a face lies after its mesh has moved: the box goes with the eyes, the keypoints are the mesh's.
    fn moved(&self, from: &Mesh, to: &Mesh) -> Detection {
        let grown = to.interocular() / from.interocular().max(1e-3);
        let (cos, sin) = cos_sin(to.roll() - from.roll());
        let (cos, sin) = (grown * cos, grown * sin);
        let (old, new) = (from.between_eyes(), to.between_eyes());
        let off = Point::new(self.rect.center().x - old.x, self.rect.center().y - old.y);
        let center = Point::new(new.x + cos * off.x - sin * off.y, new.y + sin * off.x + cos * off.y);
        let (width, height) = (grown * self.rect.width, grown * self.rect.height);
        let rect = Rect { x: center.x - width / 2.0, y: center.y - height / 2.0, width, height };
        Detection { rect, score: self.score, keypoints: to.keypoints() }
    }
}

impl Mesh {
    /// The mesh of a part of a photo as one of the photo; depth is on the scale of the width.
    fn of_part(&self, part: &Part) -> Option<Mesh> {
        let place = |&[x, y, z]: &[f32; 3]| {
            let p = part.point(Point::new(x, y));
            [p.x, p.y, z * part.scale().0]
        };
        Mesh::new(self.points().iter().map(place).collect())
    }

    /// The mesh of a photo as one of its part.
    fn on_part(&self, part: &Part) -> Option<Mesh> {
        let place = |&[x, y, z]: &[f32; 3]| {
            let p = part.unpoint(Point::new(x, y));
            [p.x, p.y, z / part.scale().0]
        };
        Mesh::new(self.points().iter().map(place).collect())
    }

    pub(crate) fn between_eyes(&self) -> Point {
        let [right, left, ..] = self.keypoints();
        right.midpoint(left)
    }

    /// The six points that a detector sees.
    fn keypoints(&self) -> [Point; 6] {
        let between = |pair: [usize; 2]| self.point(pair[0]).midpoint(self.point(pair[1]));
        [
            between(topology::RIGHT_EYE_CORNERS),
            between(topology::LEFT_EYE_CORNERS),
            self.point(topology::NOSE_TIP),
            between(topology::LIPS_MIDDLE),
            self.point(topology::RIGHT_TRAGION),
            self.point(topology::LEFT_TRAGION),
        ]
    }
}

/// The faces of a part of a photo, in pixels of the photo.
fn reports(faces: &[Candidate], part: &Part) -> Vec<DetectionReport> {
    faces.iter().map(|face| DetectionReport::from(&face.detection.of_part(part))).collect()
}

impl Analyzer {
    /// All of a photo at a size in which its faces can be told where one is large; `None` of a photo that is as small.
    pub fn reduced(&self, width: usize, height: usize) -> Option<Part> {
        Part::reduced(width, height, self.params.track.longest)
    }

    /// The faces of a photo that was drawn smaller, in pixels of the photo; `None` where no face is large, for small ones
    /// may have been lost.
    ///
    /// # Errors
    /// `inference-failed`.
    pub fn detect_large(&self, frame: &Frame, part: &Part) -> Result<Option<Vec<DetectionReport>>> {
        Ok(self.large(&Pyramid::new(frame))?.map(|faces| reports(&faces, part)))
    }

    /// Looks for faces in all of the frame that [`Tracker::part`] was asked about, as [`Analyzer::detect_large`] where it was drawn
    /// smaller and as [`Analyzer::detect`] where not, and follows the face from there on, if there is one alone: its score stays what
    /// it is here, its keypoints are its mesh's.
    ///
    /// # Errors
    /// `inference-failed`.
    pub fn begin_tracking(
        &self,
        tracker: &mut Tracker,
        frame: &Frame,
        part: &Part,
    ) -> Result<Option<Vec<DetectionReport>>> {
        let photo = Pyramid::new(frame);
        let whole = *part == Part::whole(tracker.size.0, tracker.size.1);
        let rests = tracker.nobody.is_some_and(|at| (0.0..self.params.track.rest_ms).contains(&(tracker.seen - at)));
        let found = match (rests, whole) {
            (true, _) => Some(self.large(&photo)?.unwrap_or_default()),
            (false, true) => Some(self.faces(&photo)?),
            (false, false) => self.large(&photo)?,
        };
        let Some(mut faces) = found else { return Ok(None) };
        let before = tracker.face.take().or(tracker.before.take());
        tracker.looked = tracker.seen;
        if !rests {
            tracker.nobody = (whole && faces.is_empty()).then_some(tracker.seen);
        }
        if let ([Candidate { detection, mesh }], true) = (&mut faces[..], self.params.track.follow) {
            let mesh = mesh.take().map_or_else(|| self.fitter().fit(&photo, detection), |mesh| Ok(Some(mesh)))?;
            if let Some(mesh) = mesh {
                detection.keypoints = mesh.keypoints();
                let detection = detection.of_part(part);
                if let Some(mesh) = mesh.of_part(part) {
                    // Another face has another preview.
                    let same = before.filter(|before| before.detection.rect.iou(&detection.rect) > SAME);
                    tracker.preview = tracker.preview.take().filter(|_| same.is_some());
                    let begun = Move::begin(&mesh, tracker.seen);
                    let moved = same.map_or(begun, |it| it.moved.next(&mesh, tracker.seen, &self.params.preview));
                    tracker.face = Some(Followed { detection, mesh, moved });
                }
            }
        }
        Ok(Some(reports(&faces, part)))
    }

    /// The face in the part of the next frame that [`Tracker::part`] asked for; `None` where it is no longer there.
    ///
    /// # Errors
    /// `inference-failed`.
    pub fn follow(&self, tracker: &mut Tracker, frame: &Frame, part: &Part) -> Result<Option<DetectionReport>> {
        let Some(Followed { detection, mesh, moved }) = tracker.face.take() else { return Ok(None) };
        let Some(near) = mesh.on_part(part) else { return Ok(None) };
        let photo = Pyramid::new(frame);
        let Some(near) = self.fitter().again(&photo, &near)? else { return Ok(None) };
        let Some(new) = near.of_part(part) else { return Ok(None) };
        let detection = detection.moved(&mesh, &new);
        let report = DetectionReport::from(&detection);
        let moved = moved.next(&new, tracker.seen, &self.params.preview);
        let params = (&self.params.preview, &self.params.quality);
        tracker.preview = Some(Preview::measure(&photo, (&near, &new), tracker.size, moved.speed, params));
        tracker.face = Some(Followed { detection, mesh: new, moved });
        Ok(Some(report))
    }
}
