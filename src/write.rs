//! From what was measured to what the report says: units, rounding, names.

use std::collections::BTreeMap;

use crate::face::Detection;
use crate::mesh::{Mesh, Pose};
use crate::quality::Quality;
use crate::region::{SkinMap, Zone};
use crate::report::{
    points, round, Concern, DetectionReport, FaceReport, Finding, Measure, Overall, PoseReport, QualityReport,
    SkinArea, ToneReport, ZoneArea,
};
use crate::skin::{redness, Redness, Tone};

pub fn quality(quality: &Quality) -> QualityReport {
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
    FaceReport {
        bounding_box: found.bounding_box,
        source: "detector",
        score: Some(found.score),
        keypoints: found.keypoints,
        unavailable: BTreeMap::new(),
        landmarks: None,
        pose: None,
        skin: None,
        tone: None,
        concerns: BTreeMap::new(),
        overall: Overall::default(),
    }
}

pub fn landmarks(mesh: &Mesh) -> Vec<[f64; 3]> {
    mesh.points().iter().map(|p| p.map(|c| round(c, 2))).collect()
}

pub fn pose(pose: &Pose) -> PoseReport {
    PoseReport { yaw: round(pose.yaw, 1), pitch: round(pose.pitch, 1), roll: round(pose.roll, 1) }
}

/// The skin of a map, zone by zone; `None` where there is none.
pub fn skin_area(map: &SkinMap) -> Option<SkinArea> {
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

pub fn redness(found: &Redness, trust: f32) -> Concern {
    let findings = found.findings.iter().map(|place| Finding {
        polygon: points(&place.polygon),
        area_mm2: Some(round(place.area_mm2, 1)),
        zone: place.zone,
        confidence: round(trust, 3),
    });
    Concern {
        available: true,
        reason: None,
        score: Some(round(redness::score(found.value), 1)),
        severity: Some(redness::severity(found.value)),
        measure: Some(Measure { value: round(found.value, 3), unit: "a* above own baseline" }),
        confidence: Some(round(trust, 3)),
        findings: findings.collect(),
        zones: found.zones.iter().map(|&(zone, value)| (zone, round(redness::score(value), 1))).collect(),
    }
}
