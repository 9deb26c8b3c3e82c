//! The analysis without any model: where skin is by its colour alone, and of it what does not ask where on a face it lies: tone, redness,
//! coarse spots, texture.
//!
//! Its scale is a guess (a face is so many millimetres wide, see [`region::FACE_MM`]) and its place is not proven to be a face: so its
//! confidence is lower, nothing of it is drawn, and the rest is `model-missing`.

mod locate;
mod region;
mod skin;
mod small;

use crate::analyzer::AnalyzerParams;
use crate::frame::{Frame, Pyramid};
use crate::quality::{Quality, QualityIssue};
use crate::quantile::keyed;
use crate::report::{Concern, Engine, FaceReport, Reason, SkinReport};
use crate::skin::{lab_map, monochrome, scale, Seen, Tone};
use crate::stages::{Clock, Stages};
use crate::write;

pub use region::{find, Region, FACE_MM};

/// The report of a photo. It always has one: where no skin is found it says that there is no face.
pub fn analyze(frame: &Frame, params: &AnalyzerParams, clock: Clock) -> SkinReport {
    let mut stages = Stages::begin(clock);
    let photo = Pyramid::new(frame);
    stages.end("prepare");
    let found = find(&photo, &params.grid);
    stages.end("detect");
    let (faces, quality) = match found {
        Some(region) => {
            let (face, quality) = face(&photo, region, params);
            stages.end("concerns");
            (vec![face], quality)
        }
        None => (Vec::new(), Quality::without_mesh(QualityIssue::NoFace)),
    };
    write::report(Engine::Basic, photo.size(), &quality, faces, stages)
}

/// What is measured on a region of skin.
fn face(photo: &Pyramid, region: Region, params: &AnalyzerParams) -> (FaceReport, Quality) {
    let Region { rect, map, certainty } = region;
    let lab = lab_map(&map);
    let skin: Vec<_> = lab.iter().zip(&map.zones).filter(|(_, zone)| zone.is_some()).map(|(lab, _)| *lab).collect();
    let colourless = monochrome::is_monochrome(&skin);
    let tone = if colourless { None } else { Tone::measure(&map, &lab, &params.tone) };
    let mut quality = Quality::of_skin(photo, &map, tone.as_ref().map(|t| t.lab), &params.quality);
    if colourless {
        quality.add(QualityIssue::Monochrome);
    }
    let seen = Seen { photo, face: None, map: &map, quality: &quality, colourless };
    let concerns = seen.examine(&seen.surface(), None, &params.skin, &params.quality);
    let trust = certainty * quality.confidence(&params.quality);
    let mut report = write::region(&rect);
    for what in ["landmarks", "pose", "skin", "overall"] {
        report.unavailable.insert(what, Reason::ModelMissing);
    }
    match &tone {
        Some(tone) => report.tone = Some(write::tone(tone, trust * quality.light())),
        None => {
            let why = if colourless { Reason::Monochrome } else { Reason::NoSkin };
            report.unavailable.insert("tone", why);
        }
    }
    report.concerns = keyed(concerns.iter().map(|(id, (outcome, sure))| {
        let concern = write::concern(outcome, &scale(*id), certainty * sure);
        // Zones are of a face, and so are places on it.
        (*id, Concern { findings: Vec::new(), zones: Default::default(), ..concern })
    }));
    (report, quality)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::picture;
    use crate::skin::tone::MONK;

    /// The test picture with skin of another colour: what is drawn in the skin's hue goes with it.
    fn with_skin(swatch: u32, light: [f32; 3]) -> Frame {
        let plain = picture::face();
        let usual = [215.0, 168.0, 140.0];
        let to = [16, 8, 0].map(|shift| (swatch >> shift & 0xff) as f32);
        let rgb = plain.rgb().chunks_exact(3).flat_map(|pixel| {
            let skin = pixel[0] > pixel[2] + 12;
            [0, 1, 2].map(|c| {
                let value = f32::from(pixel[c]);
                (light[c] * if skin { value * to[c] / usual[c] } else { value }).clamp(0.0, 255.0) as u8
            })
        });
        Frame::from_rgb(plain.width(), plain.height(), rgb.collect()).unwrap()
    }

    fn report(frame: &Frame) -> SkinReport {
        analyze(frame, &AnalyzerParams::default(), || 0.0)
    }

    #[test]
    fn a_face_of_each_tone_is_found_in_each_light() {
        for light in [[1.0, 1.0, 1.0], [0.5, 0.5, 0.5], [1.0, 0.88, 0.75], [0.85, 0.95, 1.0]] {
            for (tone, swatch) in MONK.into_iter().enumerate() {
                let report = report(&with_skin(swatch, light));
                let face = report.faces.first().unwrap_or_else(|| panic!("Monk {} in {light:?}", tone + 1));
                let b = &face.bounding_box;
                let (x, y) = (b.origin_x + b.width / 2.0, b.origin_y + b.height / 2.0);
                assert!((x - 96.0).abs() < 15.0 && (y - 103.0).abs() < 25.0, "Monk {}: {x} {y}", tone + 1);
                assert!((70.0..160.0).contains(&b.width), "Monk {}: {}", tone + 1, b.width);
            }
        }
    }

    #[test]
    fn what_it_does_not_know_it_does_not_say() {
        let report = report(&picture::face());
        assert_eq!((report.engine, report.models.len()), (Engine::Basic, 0));
        let face = &report.faces[0];
        assert_eq!((face.source, face.score), ("skin-colour", None));
        assert!(face.keypoints.is_empty() && face.landmarks.is_none() && face.pose.is_none() && face.skin.is_none());
        assert_eq!(face.overall.score, None);
        for what in ["landmarks", "pose", "skin", "overall"] {
            assert_eq!(face.unavailable.get(what), Some(&Reason::ModelMissing), "{what}");
        }
        assert_eq!(face.concerns.len(), 9);
        for (id, concern) in &face.concerns {
            assert!(concern.findings.is_empty() && concern.zones.is_empty());
            let known = ["Redness", "DarkSpots", "Texture"].contains(&format!("{id:?}").as_str());
            assert_eq!(concern.reason == Some(Reason::ModelMissing), !known, "{id:?}");
        }
        let redness = &face.concerns[&crate::report::ConcernId::Redness];
        assert!(redness.available && redness.confidence.is_some_and(|sure| sure > 0.0 && sure < 0.8), "{redness:?}");
        assert!(face.tone.is_some());
    }

    #[test]
    fn what_is_no_face_is_none_and_no_size_panics() {
        let noise = |i: usize| ((i as u32).wrapping_mul(2_654_435_761) >> 24) as u8;
        let sand = |i: usize| [200u8, 160, 120][i % 3].saturating_sub(noise(i) / 8);
        let pictures: [&dyn Fn(usize) -> u8; 4] = [&|_| 0, &|_| 255, &noise, &sand];
        for (width, height) in [(1, 1), (1, 400), (400, 1), (2, 3), (97, 31), (240, 320)] {
            for (kind, pixel) in pictures.iter().enumerate() {
                let rgb = (0..3 * width * height).map(pixel).collect();
                let found = report(&Frame::from_rgb(width, height, rgb).unwrap());
                // Noise may look like anything.
                assert!(kind == 2 || found.quality.issues == [QualityIssue::NoFace], "{width}×{height} {kind}");
            }
        }
    }
}
