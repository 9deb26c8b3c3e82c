//! What is said of one concern.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Reason;
use crate::region::Zone;

/// A concern's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)] // The names say it.
pub enum ConcernId {
    Acne,
    Redness,
    DarkSpots,
    Pigmentation,
    Pores,
    Wrinkles,
    Texture,
    Oiliness,
    DarkCircles,
}

impl ConcernId {
    /// All nine.
    pub const ALL: [ConcernId; 9] = [
        ConcernId::Acne,
        ConcernId::Redness,
        ConcernId::DarkSpots,
        ConcernId::Pigmentation,
        ConcernId::Pores,
        ConcernId::Wrinkles,
        ConcernId::Texture,
        ConcernId::Oiliness,
        ConcernId::DarkCircles,
    ];

    /// The name in a report.
    pub fn as_str(self) -> &'static str {
        match self {
            ConcernId::Acne => "acne",
            ConcernId::Redness => "redness",
            ConcernId::DarkSpots => "darkSpots",
            ConcernId::Pigmentation => "pigmentation",
            ConcernId::Pores => "pores",
            ConcernId::Wrinkles => "wrinkles",
            ConcernId::Texture => "texture",
            ConcernId::Oiliness => "oiliness",
            ConcernId::DarkCircles => "darkCircles",
        }
    }
}

impl Serialize for ConcernId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// One measure.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Concern {
    /// Whether it could be measured.
    pub available: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// 0–100, higher is better.
    pub score: Option<f64>,
    /// `none`, `mild`, `moderate` or `severe`.
    pub severity: Option<&'static str>,
    /// The raw quantity.
    pub measure: Option<Measure>,
    /// 0–1, from what the photo allows.
    pub confidence: Option<f64>,
    /// Where.
    pub findings: Vec<Finding>,
    /// Score for each zone.
    pub zones: BTreeMap<Zone, f64>,
}

impl Concern {
    /// A concern that could not be measured.
    pub fn unavailable(reason: Reason) -> Concern {
        Concern { reason: Some(reason), ..Concern::default() }
    }
}

/// A quantity with its unit.
#[derive(Clone, Debug, Serialize)]
pub struct Measure {
    /// 0 where nothing is there.
    pub value: f64,
    /// For people.
    pub unit: &'static str,
}

/// A place on the photo.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// Closed outline, pixels.
    pub polygon: Vec<[f64; 2]>,
    /// mm², 63 mm between the pupils.
    pub area_mm2: Option<f64>,
    /// The zone that most of it lies in.
    pub zone: Zone,
    /// 0–1.
    pub confidence: f64,
}
