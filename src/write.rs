//! From what was measured to what the report says: units, rounding, names.

use std::collections::BTreeMap;

use crate::examine::Examined;
use crate::face::{Detection, KEYPOINTS};
use crate::geometry::{Point, Rect};
use crate::mesh::{Mesh, Pose};
use crate::quality::Quality;
use crate::quantile::keyed;
use crate::region::{SkinMap, Zone};
use crate::report::{
    BoundingBox, Concern, ConcernId, DetectionReport, Engine, FaceReport, Finding, ImageSize, Keypoint, Measure,
    Overall, PoseReport, QualityReport, Reason, SkinArea, SkinReport, ToneReport, ZoneArea, DISCLAIMER,
};
use crate::skin::{overall::overall, scale, Outcome, Scale, Tone};
use crate::stages::Stages;

/// A report of what was found on a photo; no release and no models.
pub fn report(
    engine: Engine,
    (width, height): (usize, usize),
    found: &Quality,
    faces: Vec<FaceReport>,
    stages: Stages,
) -> SkinReport {
    SkinReport {
        schema_version: 1,
        engine,
        fallbacks: Vec::new(),
        release: None,
        image: ImageSize { width, height },
        quality: quality(found),
        faces,
        models: Vec::new(),
        timings: stages.taken,
        disclaimer: DISCLAIMER,
    }
}

fn quality(quality: &Quality) -> QualityReport {
    QualityReport {
        acceptable: quality.is_acceptable(),
        issues: quality.issues.clone(),
        sharpness: quality.sharpness.map(|v| round(v, 3)),
        exposure: quality.exposure.map(|v| round(v, 3)),
        illumination_balance: quality.illumination_balance.map(|v| round(v, 3)),
        interocular_px: quality.interocular.map(|v| round(v, 1)),
    }
}

/// The part of a face's report that detection alone gives.
pub fn face(detection: &Detection) -> FaceReport {
    let found = DetectionReport::from(detection);
    let face = region(&detection.rect);
    FaceReport { source: "detector", score: Some(found.score), keypoints: found.keypoints, ..face }
}

/// A face of which only the place of its skin is known.
pub fn region(rect: &Rect) -> FaceReport {
    FaceReport {
        bounding_box: rect.into(),
        source: "skin-colour",
        score: None,
        keypoints: Vec::new(),
        unavailable: BTreeMap::new(),
        landmarks: None,
        pose: None,
        skin: None,
        tone: None,
        concerns: BTreeMap::new(),
        segmentation: None,
        classification: None,
        overall: Overall::default(),
    }
}

pub fn landmarks(mesh: &Mesh) -> Vec<[f64; 3]> {
    mesh.points().iter().map(|p| p.map(|c| round(c, 2))).collect()
}

pub fn pose(pose: &Pose) -> PoseReport {
    PoseReport { yaw: round(pose.yaw, 1), pitch: round(pose.pitch, 1), roll: round(pose.roll, 1) }
}

/// What was measured on a face's skin, and why the rest was not.
pub fn examined(found: &Examined, report: &mut FaceReport) {
    report.pose = Some(pose(&found.pose));
    match skin_area(&found.map) {
        Some(area) => report.skin = Some(area),
        None => drop(report.unavailable.insert("skin", Reason::NoSkin)),
    }
    match &found.tone {
        Some(measured) => report.tone = Some(tone(measured, found.trust * found.quality.light())),
        None => {
            let why = if found.colourless { Reason::Monochrome } else { Reason::NoSkin };
            report.unavailable.insert("tone", why);
        }
    }
    let written = |(id, (outcome, trust)): (&ConcernId, &(Outcome, f32))| (*id, concern(outcome, &scale(*id), *trust));
    report.concerns = keyed(found.concerns.iter().map(written));
    let (score, primary) = overall(&report.concerns);
    report.overall = Overall { score: score.map(|s| (s * 10.0).round() / 10.0), primary };
    if score.is_none() {
        let why = report.concerns.values().find_map(|c| c.reason).unwrap_or(Reason::NoSkin);
        report.unavailable.insert("overall", why);
    }
}

/// The skin of a map, zone by zone; `None` where there is none.
fn skin_area(map: &SkinMap) -> Option<SkinArea> {
    let mut zones = BTreeMap::new();
    for zone in Zone::ALL {
        let mask = map.mask(zone);
        let pixels = mask.iter().filter(|m| **m).count();
        let area_px = (pixels as f32 * map.photo_area()).round() as u64;
        if area_px > 0 {
            let polygons = map.outlines(&mask).iter().map(|outline| points(outline)).collect();
            zones.insert(zone, ZoneArea { area_px, polygons });
        }
    }
    let area_px = zones.values().map(|zone| zone.area_px).sum();
    (area_px > 0).then_some(SkinArea { area_px, zones })
}

pub fn tone(tone: &Tone, trust: f32) -> ToneReport {
    ToneReport {
        ita: round(tone.ita, 2),
        ita_interval: [round(tone.interval.0, 2), round(tone.interval.1, 2)],
        category: tone.category,
        monk: tone.monk,
        lab: [round(tone.lab.l, 2), round(tone.lab.a, 2), round(tone.lab.b, 2)],
        confidence: round(trust, 3),
    }
}

pub fn concern(outcome: &Outcome, scale: &Scale, trust: f32) -> Concern {
    let found = match outcome {
        Ok(found) => found,
        Err(reason) => return Concern::unavailable(*reason),
    };
    let findings = found.findings.iter().map(|place| Finding {
        polygon: points(&place.polygon),
        area_mm2: Some(round(place.area_mm2, 1)),
        zone: place.zone,
        confidence: round(trust, 3),
    });
    Concern {
        available: true,
        reason: None,
        score: Some(round(scale.score(found.value), 1)),
        severity: Some(scale.severity(found.value)),
        measure: Some(Measure { value: round(found.value, 3), unit: scale.unit }),
        confidence: Some(round(trust, 3)),
        findings: findings.collect(),
        zones: keyed(found.zones.iter().map(|&(zone, value)| (zone, round(scale.score(value), 1)))),
    }
}

/// Rounds once, for the report: an f32 would show as 0.10000000149 in JSON.
pub fn round(value: f32, digits: i32) -> f64 {
    let power = 10f64.powi(digits);
    let rounded = (f64::from(value) * power).round() / power;
    // −0 would be a second way to write nothing.
    if rounded == 0.0 {
        0.0
    } else {
        rounded
    }
}

fn points(polygon: &[Point]) -> Vec<[f64; 2]> {
    polygon.iter().map(|p| [round(p.x, 1), round(p.y, 1)]).collect()
}

impl From<&Rect> for BoundingBox {
    fn from(rect: &Rect) -> Self {
        BoundingBox {
            origin_x: round(rect.x, 2),
            origin_y: round(rect.y, 2),
            width: round(rect.width, 2),
            height: round(rect.height, 2),
        }
    }
}

impl From<&Detection> for DetectionReport {
    fn from(face: &Detection) -> Self {
        let labelled = face.keypoints.iter().zip(KEYPOINTS);
        DetectionReport {
            bounding_box: (&face.rect).into(),
            score: round(face.score, 4),
            keypoints: labelled.map(|(p, label)| Keypoint { x: round(p.x, 2), y: round(p.y, 2), label }).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_rounded_once() {
        for (value, digits, expected) in [(0.1f32, 4, 0.1), (-0.00001, 2, 0.0), (12.3456, 2, 12.35)] {
            assert_eq!(round(value, digits), expected);
            assert!(round(value, digits).is_sign_positive());
        }
    }
}
