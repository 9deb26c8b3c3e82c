//! The flow, from a photo to its report: [`Analyzer::look`], then [`Analyzer::measure`].

mod look;

use std::borrow::Cow;

use crate::engine::Model;
use crate::error::{Error, ErrorCode, Result};
use crate::examine::examine_in_stages;
use crate::face::{Detection, DetectorParams};
use crate::frame::{Frame, Pyramid};
use crate::mesh::{Mesh, MeshParams};
use crate::network::{Description, Network};
use crate::preview::PreviewParams;
use crate::quality::{Quality, QualityIssue, QualityParams};
use crate::quantile::keyed;
use crate::region::{GridParams, SkinColourParams, SkinMap};
use crate::report::{
    Category, Classification, Concern, ConcernId, DetectionReport, Engine, FaceReport, ModelInfo, Reason, ReleaseInfo,
    Segmentation, SkinReport,
};
use crate::skin::{self, monochrome, SkinParams, ToneParams};
use crate::stages::{Clock, Stages};
use crate::store::{Flags, ModelFile, Role, SelectedModel};
use crate::track::TrackParams;
use crate::write;
pub(crate) use look::Candidate;
pub use look::{FrameResult, Look};

/// Every threshold of the analysis, each with its reason where it is defined.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AnalyzerParams {
    /// Finding faces.
    pub detector: DetectorParams,
    /// Placing the mesh.
    pub mesh: MeshParams,
    /// The scale of the face.
    pub grid: GridParams,
    /// Telling skin from what covers it.
    pub skin_colour: SkinColourParams,
    /// Judging the photo.
    pub quality: QualityParams,
    /// Tone.
    pub tone: ToneParams,
    /// The nine concerns.
    pub skin: SkinParams,
    /// Following a face.
    pub track: TrackParams,
    /// Judging a frame of a video.
    pub preview: PreviewParams,
    /// Faces measured; the others only make the report say that there are several.
    pub max_faces: MaxFaces,
}

impl AnalyzerParams {
    /// These with what a release switches off.
    pub fn switched(mut self, flags: Flags) -> AnalyzerParams {
        if !flags.second_look {
            self.detector.tiles.clear();
        }
        self.track.follow &= flags.tracking;
        self
    }
}

/// How many faces of a photo are measured. Defaults to 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaxFaces(pub usize);

impl Default for MaxFaces {
    fn default() -> Self {
        MaxFaces(1)
    }
}

/// Finds faces and measures their skin: with a detector and a mesh, and with what networks of skin the release has.
pub struct Analyzer {
    detector: Box<dyn Model>,
    mesh: Box<dyn Model>,
    /// Tells what each pixel of a face shows, where the release has it.
    segmenter: Option<Network>,
    /// Tells what a face is like, where the release has it.
    classifier: Option<Network>,
    /// Models of the release that have not come.
    missing: Vec<Missing>,
    pub(crate) params: AnalyzerParams,
    release: Option<ReleaseInfo>,
    models: Vec<ModelInfo>,
    files: Vec<ModelFile>,
    clock: Clock,
}

impl Analyzer {
    /// An analyzer over the models that it can't be without.
    ///
    /// # Errors
    /// `internal` where a role is missing.
    pub fn new(
        mut models: Vec<(SelectedModel, Box<dyn Model>)>,
        release: Option<ReleaseInfo>,
        params: AnalyzerParams,
        clock: Clock,
    ) -> Result<Analyzer> {
        let mut take = |role: Role| {
            let at = models.iter().position(|(selected, _)| selected.role == role);
            let lacks = || Error::new(ErrorCode::Internal, format!("no model for {}", role.as_str()));
            at.map(|at| models.remove(at)).ok_or_else(lacks)
        };
        let (detector, mesh) = (take(Role::FaceDetector)?, take(Role::FaceMesh)?);
        let mut analyzer = Analyzer {
            detector: detector.1,
            mesh: mesh.1,
            segmenter: None,
            classifier: None,
            missing: Vec::new(),
            params,
            release,
            models: Vec::new(),
            files: Vec::new(),
            clock,
        };
        for (selected, executor) in [(detector.0, analyzer.detector.executor()), (mesh.0, analyzer.mesh.executor())] {
            analyzer.note(selected, executor);
        }
        Ok(analyzer)
    }

    /// The same while models that it can be without are on their way.
    pub fn expecting(mut self, later: &[SelectedModel]) -> Analyzer {
        let missing = |selected: &SelectedModel| {
            let description = Description::of(selected).ok().flatten();
            Missing { role: selected.role, id: selected.id.clone(), description }
        };
        self.missing = later.iter().map(missing).collect();
        self
    }

    /// Takes one of those.
    ///
    /// # Errors
    /// `model-incompatible` where it is not what its manifest says.
    pub fn add(&mut self, selected: SelectedModel, model: Box<dyn Model>) -> Result<()> {
        let Some(description) = Description::of(&selected)? else { return Ok(()) };
        let executor = model.executor();
        let network = Some(Network::new(selected.id.clone(), model, description));
        match selected.role {
            Role::SkinSegmentation => self.segmenter = network,
            Role::SkinClassifier => self.classifier = network,
            _ => return Ok(()),
        }
        self.missing.retain(|missing| missing.role != selected.role);
        self.note(selected, executor);
        Ok(())
    }

    fn note(&mut self, selected: SelectedModel, executor: &'static str) {
        let SelectedModel { id, version, file, .. } = selected;
        self.models.push(ModelInfo { id, version, sha256: file.sha256.clone(), executor });
        self.files.push(file);
    }

    /// The release that was loaded.
    pub fn release(&self) -> Option<&ReleaseInfo> {
        self.release.as_ref()
    }

    /// The models that were loaded.
    pub fn models(&self) -> &[ModelInfo] {
        &self.models
    }

    /// The names of those that have not come.
    pub fn missing(&self) -> impl Iterator<Item = &str> {
        self.missing.iter().map(|missing| missing.id.as_str())
    }

    fn misses(&self, role: Role) -> Option<&Missing> {
        self.missing.iter().find(|missing| missing.role == role)
    }

    /// The network that tells what each pixel of a face shows, where the release has one that runs.
    pub fn network(&self) -> Option<&Network> {
        self.segmenter.as_ref()
    }

    /// The file of each of them, as the manifest names it.
    pub fn files(&self) -> &[ModelFile] {
        &self.files
    }

    /// The faces of a photo, largest first, at most as many as the parameters say.
    ///
    /// # Errors
    /// `inference-failed`.
    pub fn detect(&self, frame: &Frame) -> Result<Vec<DetectionReport>> {
        let faces = self.faces(&Pyramid::new(frame))?;
        Ok(faces.iter().map(|candidate| DetectionReport::from(&candidate.detection)).collect())
    }

    /// The analysis of a photo: find its faces, and of the largest the mesh, the skin and what
    /// is on it.
    ///
    /// # Errors
    /// `inference-failed`. A photo without a face has a report that says so.
    pub fn analyze(&self, frame: &Frame) -> Result<SkinReport> {
        self.measure(self.look(Cow::Borrowed(frame))?)
    }

    /// The second half of an analysis: what is on the skin of faces that were found.
    ///
    /// # Errors
    /// `inference-failed`.
    pub fn measure(&self, look: Look) -> Result<SkinReport> {
        let mut models = self.models.clone();
        for network in [&self.segmenter, &self.classifier].into_iter().flatten() {
            if !look.meshes().any(|mesh| network.description().sees(mesh)) {
                models.retain(|model| model.id != network.id);
            }
        }
        let Look { photo, faces: found, mut stages } = look;
        stages.go_on();
        let mut faces = Vec::new();
        let mut quality = None;
        let several = found.len() > self.params.max_faces.0;
        for candidate in found.into_iter().take(self.params.max_faces.0) {
            let (face, its_quality) = self.face(&photo, candidate, &mut stages)?;
            faces.push(face);
            // The photo is judged by its largest face.
            quality.get_or_insert(its_quality);
        }
        let mut quality = quality.unwrap_or_else(|| Quality::without_mesh(QualityIssue::NoFace));
        if several {
            quality.add(QualityIssue::SeveralFaces);
        }
        let report = write::report(Engine::Enhanced, photo.size(), &quality, faces, stages);
        Ok(SkinReport { release: self.release.clone(), models, ..report })
    }

    /// One face: skin, quality, measures.
    fn face(&self, photo: &Pyramid, face: Candidate, stages: &mut Stages) -> Result<(FaceReport, Quality)> {
        let Candidate { detection, mesh } = face;
        let mut report = write::face(&detection);
        let Some(mesh) = mesh else {
            let quality = self.without_mesh(photo, &detection, &mut report);
            return Ok((report, quality));
        };
        report.landmarks = Some(write::landmarks(&mesh));
        let found = examine_in_stages(photo, &mesh, self.network(), &self.params, |stage| stages.end(stage));
        write::examined(&found, &mut report);
        stages.end("report");
        self.segmented(found.segmented, &mesh, &mut report);
        self.classify(photo, &mesh, &found.map, &mut report);
        if self.classifier.is_some() {
            stages.end("classify");
        }
        Ok((report, found.quality))
    }

    /// Why a part that a model of the release gives is not there.
    fn lacks(&self, role: Role, failed: bool) -> Option<Reason> {
        match self.misses(role) {
            Some(_) => Some(Reason::ModelMissing),
            None => failed.then_some(Reason::ModelFailed),
        }
    }

    /// What a network decided, or why it did not.
    fn segmented(&self, found: Option<Result<Vec<ConcernId>>>, mesh: &Mesh, report: &mut FaceReport) {
        if let Some(missing) = self.misses(Role::SkinSegmentation).filter(|missing| !missing.sees(mesh)) {
            // It would have decided none.
            report.segmentation = Some(Segmentation { model: missing.id.clone(), concerns: Vec::new() });
            return;
        }
        let failed = matches!(found, Some(Err(_)));
        let model = self.segmenter.as_ref().map(|network| network.id.clone());
        // What could not be measured was not decided either.
        let measured = |id: &ConcernId| report.concerns.get(id).is_some_and(|concern| concern.available);
        let decided = |fed: Vec<ConcernId>| fed.into_iter().filter(measured).collect();
        report.segmentation =
            model.zip(found.and_then(Result::ok)).map(|(model, fed)| Segmentation { model, concerns: decided(fed) });
        if let Some(why) = self.lacks(Role::SkinSegmentation, failed) {
            report.unavailable.insert("segmentation", why);
        }
    }

    /// What the classifier says, or why it does not.
    fn classify(&self, photo: &Pyramid, mesh: &Mesh, map: &SkinMap, report: &mut FaceReport) {
        let found = self.classifier.as_ref().map(|network| (network, network.classify(photo, mesh, map)));
        let failed = matches!(found, Some((_, Err(_))));
        report.classification = found.and_then(|(network, found)| {
            let category = |category: crate::network::Category| Category {
                label: category.label.into(),
                score: write::round(category.score, 4),
                concern: category.concern,
            };
            let categories = found.ok()?.into_iter().map(category).collect();
            Some(Classification { model: network.id.clone(), categories })
        });
        if let Some(why) = self.lacks(Role::SkinClassifier, failed) {
            report.unavailable.insert("classification", why);
        }
    }

    /// A face that the detector sees and the mesh does not: too small, turned away or covered.
    fn without_mesh(&self, photo: &Pyramid, detection: &Detection, report: &mut FaceReport) -> Quality {
        let [right_eye, left_eye, ..] = detection.keypoints;
        let (reason, issue) = if detection.looks_aside() {
            (Reason::OffPose, QualityIssue::OffPose)
        } else if right_eye.distance(left_eye) < self.params.quality.least_interocular {
            (Reason::Resolution, QualityIssue::FaceTooSmall)
        } else {
            (Reason::Occluded, QualityIssue::Occluded)
        };
        for what in ["landmarks", "pose", "skin", "tone", "overall"] {
            report.unavailable.insert(what, reason);
        }
        let others = [
            ("segmentation", Role::SkinSegmentation, &self.segmenter),
            ("classification", Role::SkinClassifier, &self.classifier),
        ];
        for (what, role, network) in others {
            if network.is_some() || self.misses(role).is_some() {
                report.unavailable.insert(what, reason);
            }
        }
        report.concerns = keyed(ConcernId::ALL.map(|id| (id, Concern::unavailable(reason))));
        let mut quality = Quality::without_mesh(issue);
        if monochrome::is_monochrome(&skin::lab_of(photo, &detection.rect)) {
            quality.add(QualityIssue::Monochrome);
            report.unavailable.insert("tone", Reason::Monochrome);
            for (id, concern) in &mut report.concerns {
                if skin::needs_colour(*id) {
                    *concern = Concern::unavailable(Reason::Monochrome);
                }
            }
        }
        quality
    }
}

/// A model that has not come.
struct Missing {
    role: Role,
    id: String,
    /// What it takes, where that can be read.
    description: Option<Description>,
}

impl Missing {
    /// Whether it would be shown a face.
    pub fn sees(&self, mesh: &Mesh) -> bool {
        self.description.as_ref().is_none_or(|description| description.sees(mesh))
    }
}
