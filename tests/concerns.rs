//! Each concern against ground truth that is painted: it rises with the condition on skin of every tone, stays at nothing
//! without it, and leaves the other concerns alone. `shine-skin evaluate` measures the same on thousands of heads.

#![cfg(all(feature = "evaluate", not(target_arch = "wasm32")))]

use shine_skin::analyzer::AnalyzerParams;
use shine_skin::engine;
use shine_skin::examine::{examine, Examined};
use shine_skin::frame::{Frame, Pyramid};
use shine_skin::mesh::topology::RIGHT_EYE_CORNERS;
use shine_skin::mesh::Mesh;
use shine_skin::network::{Description, Network};
use shine_skin::paint::{Dose, Family, Mark, Recipe, Sample};
use shine_skin::report::{ConcernId, Reason};
use shine_skin::skin::{scale, Measured};
use shine_skin::store::{Manifest, Role, VerifiedBytes};
use shine_skin::surface::Place;

fn paint(family: Family, concern: ConcernId, amount: f32, monk: usize) -> (Sample, Examined) {
    let recipe = Recipe { seed: 77 + monk as u64, family, dose: Dose::Appearance, concern, amount };
    let sample = recipe.on_head(monk).unwrap();
    let found = examine(&Pyramid::new(&sample.frame), &sample.mesh, None, &AnalyzerParams::default());
    (sample, found)
}

fn measured(found: &Examined, concern: ConcernId) -> &Measured {
    found.concerns[&concern].0.as_ref().unwrap_or_else(|reason| panic!("{concern:?}: {reason:?}"))
}

/// Those whose painted amounts are compared; texture is the grain of the head itself.
fn painted() -> impl Iterator<Item = ConcernId> {
    ConcernId::ALL.into_iter().filter(|concern| *concern != ConcernId::Texture)
}

#[test]
fn a_measure_rises_with_what_is_painted_on_every_tone() {
    let mut failed = Vec::new();
    for concern in painted() {
        for monk in [2, 5, 8] {
            let values = [0.0, 0.4, 1.0].map(|amount| {
                let (_, found) = paint(Family::B, concern, amount, monk);
                measured(&found, concern).value
            });
            if !(values[0] < values[1] && values[1] < values[2]) {
                failed.push(format!("{concern:?} on Monk {monk}: {values:?}"));
            }
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}

#[test]
fn a_head_without_a_condition_has_next_to_none() {
    let mut failed = Vec::new();
    for monk in [2, 5, 8] {
        let (_, found) = paint(Family::A, ConcernId::Acne, 0.0, monk);
        for concern in painted() {
            let score = scale(concern).score(measured(&found, concern).value);
            if score < 95.0 {
                failed.push(format!("{concern:?} on Monk {monk}: {score}"));
            }
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}

/// Whether the middle of a finding lies within a millimetre of a mark.
fn lies_on(finding: &Place, mark: &Mark, px_per_mm: f32) -> bool {
    let n = finding.polygon.len() as f32;
    let (x, y) = finding.polygon.iter().fold((0.0, 0.0), |s, p| (s.0 + p.x / n, s.1 + p.y / n));
    (x - mark.center.x).hypot(y - mark.center.y) < (mark.radius_mm + 1.0) * px_per_mm
}

#[test]
fn findings_lie_on_what_was_painted_and_have_its_area() {
    for concern in [ConcernId::Acne, ConcernId::DarkSpots] {
        for monk in [3, 7] {
            let (sample, found) = paint(Family::B, concern, 0.5, monk);
            let px_per_mm = found.map.grid.px_per_mm * found.map.grid.map.scale();
            let findings = &measured(&found, concern).findings;
            let (mut missed, mut all) = (0, 0);
            for mark in sample.truth.marks.iter().filter(|m| m.radius_mm >= 1.0) {
                let near = findings.iter().find(|f| lies_on(f, mark, px_per_mm));
                all += 1;
                let Some(found) = near else {
                    missed += 1;
                    continue;
                };
                let ratio = found.area_mm2 / mark.area_mm2();
                assert!((0.3..3.0).contains(&ratio), "{concern:?} on Monk {monk}: {ratio} of {mark:?}");
                assert_eq!(found.zone, mark.zone);
            }
            assert!(all >= 5 && missed * 10 <= all, "{concern:?} on Monk {monk}: {missed} of {all} were not found");
            let stray =
                findings.iter().filter(|f| sample.truth.marks.iter().all(|m| !lies_on(f, m, px_per_mm))).count();
            assert!(stray * 10 <= findings.len(), "{concern:?} on Monk {monk}: {stray} lie on nothing");
        }
    }
}

#[test]
fn lesions_lower_their_own_score_and_hardly_another() {
    for concern in [ConcernId::Acne, ConcernId::DarkSpots] {
        for monk in [2, 5, 8] {
            let (_, clean) = paint(Family::B, concern, 0.0, monk);
            let (_, marked) = paint(Family::B, concern, 0.6, monk);
            let score = |of: &Examined, id: ConcernId| scale(id).score(measured(of, id).value);
            let fall = |id: ConcernId| score(&clean, id) - score(&marked, id);
            assert!(fall(concern) > 15.0, "{concern:?} on Monk {monk}: {}", fall(concern));
            for other in ConcernId::ALL.into_iter().filter(|other| *other != concern) {
                assert!(fall(other).abs() < 3.0, "{concern:?} on Monk {monk} moves {other:?} by {}", fall(other));
            }
        }
    }
}

#[test]
fn confidence_does_not_grow_with_what_is_found() {
    for concern in [ConcernId::Acne, ConcernId::Redness, ConcernId::DarkCircles] {
        let trust = [0.0, 1.0].map(|amount| paint(Family::B, concern, amount, 5).1.concerns[&concern].1);
        assert!(trust[1] < trust[0] + 0.02, "{concern:?}: {trust:?}");
    }
}

#[test]
fn dark_circles_are_told_of_eyes_that_the_photo_shows() {
    let recipe =
        Recipe { seed: 82, family: Family::B, dose: Dose::Appearance, concern: ConcernId::DarkCircles, amount: 1.0 };
    let sample = recipe.on_head(5).unwrap();
    let eye = RIGHT_EYE_CORNERS.map(|corner| sample.mesh.point(corner).y);
    // What is left of the photo below a line.
    let below = |y: f32| {
        let (top, width) = (y as usize, sample.frame.width());
        let rgb = sample.frame.rgb()[3 * top * width..].to_vec();
        let frame = Frame::from_rgb(width, sample.frame.height() - top, rgb).unwrap();
        let points = sample.mesh.points().iter().map(|[x, y, z]| [*x, y - top as f32, *z]).collect();
        let found = examine(&Pyramid::new(&frame), &Mesh::new(points).unwrap(), None, &AnalyzerParams::default());
        found.concerns[&ConcernId::DarkCircles].0.as_ref().map(|measured| measured.value).map_err(|reason| *reason)
    };
    let mm = sample.mesh.px_per_mm();
    assert!(below(eye[1].min(eye[0]) - 5.0 * mm).unwrap() > 8.0);
    assert_eq!(below(eye[1].max(eye[0]) + 2.0 * mm), Err(Reason::Occluded));
}

#[test]
fn the_network_sees_what_closed_forms_do_not_and_invents_nothing() {
    let network = skin_net();
    let (mut there, mut found, mut closed, mut invented) = (0, 0, 0, 0);
    for monk in [2, 5, 8] {
        for seed in 31..36 {
            let recipe =
                |amount| Recipe { seed, family: Family::B, dose: Dose::Appearance, concern: ConcernId::Acne, amount };
            let findings = |sample: &Sample, network: Option<&Network>| {
                let photo = Pyramid::new(&sample.frame);
                let found = examine(&photo, &sample.mesh, network, &AnalyzerParams::default());
                measured(&found, ConcernId::Acne).findings.clone()
            };
            let sample = recipe(0.7).on_head(monk).unwrap();
            let small = sample.truth.marks.iter().filter(|m| m.radius_mm < 0.75);
            let scale = sample.mesh.interocular() / 63.0;
            let hit = |m: &&Mark, places: &[Place]| {
                places.iter().any(|p| p.polygon.iter().any(|q| q.distance(m.center) < (m.radius_mm + 1.0) * scale))
            };
            let (with, without) = (findings(&sample, Some(&network)), findings(&sample, None));
            there += small.clone().count();
            found += small.clone().filter(|m| hit(m, &with)).count();
            closed += small.filter(|m| hit(m, &without)).count();
            invented += findings(&recipe(0.0).on_head(monk).unwrap(), Some(&network)).len();
        }
    }
    assert!(there > 10 && found * 10 >= there * 9, "{found} of {there}");
    assert!(closed * 2 < found, "{closed} of {there} without it");
    assert!(invented <= 1, "{invented}");
}

/// The network of the channel `stable`, as its manifest describes it.
fn skin_net() -> Network {
    let dist = concat!(env!("CARGO_MANIFEST_DIR"), "/models/dist");
    let manifest = Manifest::parse(&std::fs::read(format!("{dist}/manifest.json")).unwrap()).unwrap();
    let selected = manifest.select(manifest.release("stable", None).unwrap()).unwrap();
    let model = selected.into_iter().find(|model| model.role == Role::SkinSegmentation).unwrap();
    let bytes = std::fs::read(format!("{dist}/{}", model.file.url)).unwrap();
    let loaded = engine::load(&VerifiedBytes::verify(bytes, &model.file).unwrap()).unwrap();
    let description = Description::of(&model).unwrap().unwrap();
    Network::new(model.id, loaded, description)
}
