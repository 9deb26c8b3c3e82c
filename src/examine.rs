//! Everything that is measured on a face whose mesh is known.

use std::collections::BTreeMap;

use crate::analyzer::AnalyzerParams;
use crate::error::Result;
use crate::frame::Pyramid;
use crate::mesh::{Mesh, Pose};
use crate::network::{Network, Segments};
use crate::quality::{Quality, QualityIssue};
use crate::region::{FaceGrid, SkinMap};
use crate::report::ConcernId;
use crate::skin::{self, monochrome, Outcome, Seen, Tone};

/// What a face's skin shows.
pub struct Examined {
    /// Which way the head looks.
    pub pose: Pose,
    /// Where its skin is.
    pub map: SkinMap,
    /// Whether the photo has no colour.
    pub colourless: bool,
    /// What the photo allows.
    pub quality: Quality,
    /// How far to trust what is measured on colour and area, 0–1.
    pub trust: f32,
    /// The tone; `None` where there is no colour or too little skin.
    pub tone: Option<Tone>,
    /// All nine concerns, each with how far to trust it.
    pub concerns: BTreeMap<ConcernId, (Outcome, f32)>,
    /// Which of them a network decided, or why it could not; `None` where there is none.
    pub segmented: Option<Result<Vec<ConcernId>>>,
}

/// Maps the skin of a face and measures it, with the network of skin where there is one.
pub fn examine(photo: &Pyramid, mesh: &Mesh, network: Option<&Network>, params: &AnalyzerParams) -> Examined {
    examine_in_stages(photo, mesh, network, params, |_| ())
}

/// The same; `ended` hears of the end of each stage: `skin`, where its skin is, of which tone and on what photo, and
/// `concerns`, all nine.
pub fn examine_in_stages(
    photo: &Pyramid,
    mesh: &Mesh,
    network: Option<&Network>,
    params: &AnalyzerParams,
    mut ended: impl FnMut(&'static str),
) -> Examined {
    let pose = Pose::of(mesh);
    let map = SkinMap::find(FaceGrid::cut(photo, mesh, &params.grid), mesh, &params.skin_colour);
    let lab = skin::lab_map(&map);
    let colourless = monochrome::is_monochrome(&lab);
    let tone = if colourless { None } else { Tone::measure(&map, &lab, &params.tone) };
    let mut quality = Quality::measure(photo, &map, mesh, &pose, tone.as_ref().map(|t| t.lab), &params.quality);
    if colourless {
        quality.add(QualityIssue::Monochrome);
    }
    ended("skin");
    let seen = Seen { photo, face: Some((mesh, &pose)), map: &map, quality: &quality, colourless };
    let surface = seen.surface();
    let segments = network.map(|network| match network.description().sees(mesh) {
        true => Segments::of(&surface, photo, mesh, &map, network),
        // It would tell what is too coarse to be measured.
        false => Ok(Segments::default()),
    });
    let known = segments.as_ref().and_then(|found| found.as_ref().ok());
    let concerns = seen.examine(&surface, known, &params.skin, &params.quality);
    let segmented = segments.map(|found| found.map(|segments| segments.concerns()));
    ended("concerns");
    let trust = quality.confidence(&params.quality);
    Examined { pose, map, colourless, quality, trust, tone, concerns, segmented }
}
