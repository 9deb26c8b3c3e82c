//! Whether a host can do what it is for, as measured facts.
//!
//! Five parts, as the service before this one had them; but a part is healthy because something was done and worked, with
//! the time it took, not because a flag is set.

pub mod picture;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::analyzer::Analyzer;
use crate::error::{Error, ErrorCode, Result};

/// How a part does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It was tried and works.
    Healthy,
    /// It works in part.
    Degraded,
    /// It was tried and does not work.
    Unhealthy,
    /// It is not part of this deployment.
    NotConfigured,
}

/// One thing that was tried.
#[derive(Clone, Debug, Serialize)]
pub struct Part {
    /// How it ended.
    pub status: Status,
    /// How long it took, milliseconds; `null` where nothing was to be done.
    pub ms: Option<f64>,
    /// What was tried and what came of it.
    pub message: String,
}

impl Part {
    /// A part from how a try ended.
    pub fn of(tried: &Result<String>, ms: f64) -> Part {
        let (status, message) = match tried {
            Ok(message) => (Status::Healthy, message.clone()),
            Err(error) => (Status::Unhealthy, error.to_string()),
        };
        Part { status, ms: Some((ms * 100.0).round() / 100.0), message }
    }

    /// A part that this deployment does not have.
    pub fn not_configured(message: &str) -> Part {
        Part { status: Status::NotConfigured, ms: None, message: message.into() }
    }
}

/// The names of the parts.
pub const PARTS: [&str; 5] =
    ["model_availability", "s3_connectivity", "enhanced_analyzer", "face_detection", "response_time"];

/// Of all parts: healthy where each is that there is, unhealthy where nothing answers in time, else degraded.
pub fn overall(parts: &BTreeMap<&'static str, Part>) -> Status {
    let there = || parts.values().filter(|part| part.status != Status::NotConfigured);
    if there().all(|part| part.status == Status::Healthy) {
        return Status::Healthy;
    }
    match parts.get("response_time").map(|part| part.status) {
        Some(Status::Healthy) => Status::Degraded,
        _ => Status::Unhealthy,
    }
}

/// Has the models find the face that is drawn.
///
/// # Errors
/// `inference-failed` where they find another or none.
pub fn finds_a_face(analyzer: &Analyzer) -> Result<String> {
    let faces = analyzer.detect(&picture::face())?;
    if !picture::is_found(&faces) {
        let message = format!("{} faces were found on the test picture, none or not all where it is", faces.len());
        return Err(Error::new(ErrorCode::InferenceFailed, message));
    }
    Ok("the face of the test picture was found where it is".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(statuses: [Status; 5]) -> Status {
        let part = |status| Part { status, ms: None, message: String::new() };
        overall(&PARTS.into_iter().zip(statuses.map(part)).collect())
    }

    #[test]
    fn degraded_is_not_healthy() {
        use Status::*;
        assert_eq!(all([Healthy; 5]), Healthy);
        assert_eq!(all([Healthy, NotConfigured, Healthy, Healthy, Healthy]), Healthy);
        assert_eq!(all([Unhealthy, Healthy, Unhealthy, Unhealthy, Healthy]), Degraded);
        assert_eq!(all([Healthy, Unhealthy, Healthy, Healthy, Healthy]), Degraded);
        assert_eq!(all([Healthy, Healthy, Healthy, Healthy, Unhealthy]), Unhealthy);
        assert_eq!(all([Unhealthy; 5]), Unhealthy);
    }
}
