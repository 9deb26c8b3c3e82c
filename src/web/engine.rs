//! The analysis, as JavaScript calls it.

use std::borrow::Cow;

use wasm_bindgen::prelude::*;

use super::error::to_js;
use super::loading::Loading;
use super::photo::Photo;
use super::types::{to_value, JsDetections, JsSkinReport, JsVideoFrameResult};
use crate::analyzer::{self, Analyzer, FrameResult};
use crate::frame::{Limits, Part};
use crate::health;
use crate::report::DetectionReport;
use crate::store::SelectedModel;
use crate::track;

/// The models of one release, loaded and ready.
#[wasm_bindgen]
pub struct Engine {
    pub(super) analyzer: Analyzer,
    pub(super) limits: Limits,
    /// Models that it can be without, and has not yet.
    pub(super) later: Vec<SelectedModel>,
}

#[wasm_bindgen]
impl Engine {
    /// Whether all models of its release are there.
    #[wasm_bindgen(getter)]
    pub fn whole(&self) -> bool {
        self.later.is_empty()
    }

    /// Takes the models that came.
    pub fn take(&mut self, loading: Loading) -> Result<(), JsValue> {
        for (selected, model) in loading.came() {
            self.later.retain(|later| later.role != selected.role);
            self.analyzer.add(selected, model).map_err(to_js)?;
        }
        Ok(())
    }

    /// The photo of a JPEG, PNG or WebP file.
    pub fn decode(&self, bytes: &[u8]) -> Result<Photo, JsValue> {
        Photo::decode(bytes, self.limits.max_bytes, self.limits.max_pixels)
    }

    /// Room for a photo of `width` × `height`.
    pub fn photo(&self, width: usize, height: usize) -> Result<Photo, JsValue> {
        self.limits.check_pixels(width, height).map_err(to_js)?;
        Photo::of(Part::whole(width, height))
    }

    /// Room for the same at a size in which large faces can be told; none where it is as small.
    #[wasm_bindgen(js_name = reducedPhoto)]
    pub fn reduced_photo(&self, width: usize, height: usize) -> Result<Option<Photo>, JsValue> {
        self.limits.check_pixels(width, height).map_err(to_js)?;
        self.analyzer.reduced(width, height).map(Photo::of).transpose()
    }

    /// Finds the faces in a photo.
    #[wasm_bindgen(js_name = detectPhoto)]
    pub fn detect_photo(&self, photo: Photo) -> Result<JsDetections, JsValue> {
        detections(&self.analyzer.detect(&photo.frame()?).map_err(to_js)?)
    }

    /// Finds the faces in a reduced photo; nothing where none is large, and all pixels have to be seen.
    #[wasm_bindgen(js_name = detectReduced)]
    pub fn detect_reduced(&self, photo: Photo) -> Result<Option<JsDetections>, JsValue> {
        let part = photo.part;
        let found = self.analyzer.detect_large(&photo.frame()?, &part).map_err(to_js)?;
        found.map(|faces| detections(&faces)).transpose()
    }

    /// Room for the part of a video's next frame that shows the face; nothing where all of it has to be seen.
    #[wasm_bindgen(js_name = trackedPhoto)]
    pub fn tracked_photo(
        &self,
        tracker: &mut Tracker,
        width: usize,
        height: usize,
        timestamp_ms: f64,
    ) -> Result<Option<Photo>, JsValue> {
        self.limits.check_pixels(width, height).map_err(to_js)?;
        tracker.0.part(&self.analyzer, (width, height), timestamp_ms).map(Photo::of).transpose()
    }

    /// Finds the face in that part; nothing where it is no longer there.
    pub fn follow(&self, tracker: &mut Tracker, photo: Photo) -> Result<Option<JsVideoFrameResult>, JsValue> {
        let part = photo.part;
        let found = self.analyzer.follow(&mut tracker.0, &photo.frame()?, &part).map_err(to_js)?;
        on_frame(tracker, found.map(|face| vec![face]))
    }

    /// Finds the faces in all of a frame, reduced or not, and follows one that is alone from there on; nothing where the frame
    /// is reduced and no face is large.
    #[wasm_bindgen(js_name = beginTracking)]
    pub fn begin_tracking(&self, tracker: &mut Tracker, photo: Photo) -> Result<Option<JsVideoFrameResult>, JsValue> {
        let part = photo.part;
        let found = self.analyzer.begin_tracking(&mut tracker.0, &photo.frame()?, &part).map_err(to_js)?;
        on_frame(tracker, found)
    }

    /// Finds the face of the test picture, and says so; throws where it is not found.
    #[wasm_bindgen(js_name = findFace)]
    pub fn find_face(&self) -> Result<String, JsValue> {
        health::finds_a_face(&self.analyzer).map_err(to_js)
    }

    /// Finds the faces of a photo and their meshes: the first half of an analysis.
    #[wasm_bindgen(js_name = lookPhoto)]
    pub fn look_photo(&self, photo: Photo) -> Result<Look, JsValue> {
        self.analyzer.look(Cow::Owned(photo.frame()?)).map(Look).map_err(to_js)
    }

    /// Where a model that is not there yet would be shown one of these faces: what there is before it comes.
    pub fn early(&self, look: &Look) -> Result<Option<JsVideoFrameResult>, JsValue> {
        self.analyzer.early(&look.0).map(result).transpose()
    }

    /// What is on the skin of these faces: the second half of an analysis.
    pub fn measure(&self, look: Look) -> Result<JsSkinReport, JsValue> {
        let report = self.analyzer.measure(look.0).map_err(to_js)?;
        to_value(&report).map(JsCast::unchecked_into)
    }
}

fn detections(faces: &[DetectionReport]) -> Result<JsDetections, JsValue> {
    to_value(&faces).map(JsCast::unchecked_into)
}

/// The faces on a frame, and how a photo of the one that is followed would come out.
fn on_frame(tracker: &Tracker, found: Option<Vec<DetectionReport>>) -> Result<Option<JsVideoFrameResult>, JsValue> {
    found.map(|detections| result(FrameResult { detections, preview: tracker.0.preview().cloned() })).transpose()
}

fn result(early: FrameResult) -> Result<JsVideoFrameResult, JsValue> {
    to_value(&early).map(JsCast::unchecked_into)
}

/// A photo whose faces were found.
#[wasm_bindgen]
pub struct Look(analyzer::Look<'static>);

/// What is known of the face on a video from the frame before.
#[wasm_bindgen]
#[derive(Default)]
pub struct Tracker(track::Tracker);

#[wasm_bindgen]
impl Tracker {
    /// Of a video that begins.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Tracker {
        Tracker::default()
    }
}
