//! Health as this server measures it, and the two old words for it.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::response::Response;
use serde_json::{json, Value};
use tokio::sync::Mutex;

use super::{answer, legacy, observe, App};
use crate::error::{Error, ErrorCode, Result};
use crate::health::{finds_a_face, overall, picture, Part, Status};
use crate::native::source::{reach, ModelSource};
use crate::policy::Choice;

/// How long a document is told again before all of it is measured anew: who asks often costs little.
const KEPT: Duration = Duration::from_secs(10);

/// Longest that a part may take.
const MOST: Duration = Duration::from_secs(20);

/// The old service's objective for a report.
const OBJECTIVE: Duration = Duration::from_secs(30);

/// The last document.
#[derive(Default)]
pub struct Kept(Mutex<Option<(Instant, Value)>>);

/// The document, measured at most every ten seconds.
async fn measured(app: &Arc<App>) -> Value {
    let mut kept = app.health.0.lock().await;
    if let Some((when, document)) = kept.as_ref() {
        if when.elapsed() < KEPT {
            return document.clone();
        }
    }
    let shared = Arc::clone(app);
    let measured = tokio::task::spawn_blocking(move || measure(&shared)).await;
    let document = measured.unwrap_or_else(|_| json!({ "status": Status::Unhealthy, "parts": {} }));
    *kept = Some((Instant::now(), document.clone()));
    document
}

fn timed(work: impl FnOnce() -> Result<String>) -> Part {
    let begun = Instant::now();
    let tried = work();
    Part::of(&tried, begun.elapsed().as_secs_f64() * 1000.0)
}

fn measure(app: &App) -> Value {
    let source = app.engines.source();
    let mut parts = BTreeMap::new();
    let models = app.engines.models(MOST);
    let named = || -> Result<String> {
        let analyzer = models.as_ref().map_err(Error::clone)?;
        let names: Vec<String> =
            analyzer.models().iter().map(|model| format!("{}@{}", model.id, model.version)).collect();
        let (loaded, missing) =
            (format!("loaded: {}", names.join(", ")), analyzer.missing().collect::<Vec<_>>().join(", "));
        match missing.is_empty() {
            true => Ok(loaded),
            false => Err(Error::new(ErrorCode::ModelFetch, format!("{loaded}; not there: {missing}"))),
        }
    };
    parts.insert("model_availability", timed(named));
    parts.insert(
        "s3_connectivity",
        match source {
            ModelSource::Directory(_) => Part::not_configured("the models lie in a directory"),
            ModelSource::Url(url) => timed(|| reach(url, MOST)),
        },
    );
    let photo = picture::face();
    let analyzed = || -> Result<String> {
        let report = models.as_ref().map_err(Error::clone)?.analyze(&photo)?;
        match report.faces.first().filter(|face| face.landmarks.is_some()) {
            Some(_) => Ok("the face of the test picture was analysed".into()),
            None => Err(Error::new(ErrorCode::InferenceFailed, "the mesh did not fit the test picture")),
        }
    };
    parts.insert("enhanced_analyzer", timed(analyzed));
    parts.insert("face_detection", timed(|| finds_a_face(models.as_ref().map_err(Error::clone)?.as_ref())));
    let begun = Instant::now();
    let answered = app.engines.analyze(&photo, Choice::Auto, OBJECTIVE).and_then(|report| {
        let took = begun.elapsed();
        if took > OBJECTIVE {
            return Err(Error::new(ErrorCode::Timeout, format!("a report took {:.1} s", took.as_secs_f64())));
        }
        Ok(format!("the {} engine made a report; 30 s are asked", report["engine"].as_str().unwrap_or("?")))
    });
    parts.insert("response_time", Part::of(&answered, begun.elapsed().as_secs_f64() * 1000.0));
    let release = models.as_ref().ok().and_then(|models| models.release().cloned());
    json!({
        "status": overall(&parts), "parts": parts, "at": observe::now(), "release": release,
        "owner": app.args.owner, "build": app.args.build,
    })
}

/// `/v1/health`: 200 where all is well, else 503. Degraded is not healthy.
pub async fn document(State(app): State<Arc<App>>) -> Response {
    let document = measured(&app).await;
    let status = if document["status"] == json!(Status::Healthy) { 200 } else { 503 };
    answer::value(status, &document)
}

/// `/ready`: whether requests may be sent here.
pub async fn ready(State(app): State<Arc<App>>) -> Response {
    let ending = app.draining.load(Ordering::Acquire);
    let (status, word, message) =
        if ending { (503, "ending", "The server is about to end.") } else { (200, "ready", "The server is ready.") };
    let body = json!({ "message": message, "service": legacy::SERVICE, "status": word, "timestamp": observe::now() });
    answer::value(status, &body)
}

/// Asks the server on a port of this machine whether it is ready.
///
/// # Errors
/// `server-unreachable`, `server-failed`.
pub fn ask_ready(port: u16) -> Result<()> {
    let agent = ureq::Agent::config_builder().timeout_global(Some(Duration::from_secs(5))).build().new_agent();
    let answer = agent.get(format!("http://127.0.0.1:{port}/ready")).call();
    match answer {
        Ok(_) => Ok(()),
        Err(ureq::Error::StatusCode(status)) => {
            Err(Error::new(ErrorCode::ServerFailed, format!("it is not ready: status {status}")))
        }
        Err(error) => Err(Error::new(ErrorCode::ServerUnreachable, format!("nobody answers on port {port}: {error}"))),
    }
}

/// `/api/health`.
pub async fn old(State(app): State<Arc<App>>) -> Response {
    let document = measured(&app).await;
    let healthy = document["status"] == json!(Status::Healthy);
    let loaded = app.engines.loaded().is_some();
    let status = if healthy { "healthy" } else { "error" };
    let message = if healthy { "All parts work." } else { "Not all parts work: see /v1/health." };
    let body = json!({
        "message": message, "service": legacy::SERVICE, "status": status, "models_loaded": loaded,
        "timestamp": document["at"],
    });
    answer::value(if healthy { 200 } else { 503 }, &body)
}

/// `/api/v5/skin/model-status`.
pub async fn models(State(app): State<Arc<App>>) -> Response {
    // Kept for ten seconds: who asks often loads nothing.
    let health = measured(&app).await;
    let loaded = app.engines.loaded();
    let source = app.engines.source();
    let (kind, place) = match source {
        ModelSource::Directory(directory) => ("local", directory.to_string_lossy().into_owned()),
        ModelSource::Url(url) => ("s3", crate::store::shown(url)),
    };
    let details: serde_json::Map<String, Value> = match &loaded {
        Some(models) => {
            let file = |file: &crate::store::ModelFile| {
                let whole = crate::store::is_absolute(&file.url);
                let path = crate::store::shown(&if whole { file.url.clone() } else { format!("{place}/{}", file.url) });
                json!({ "source": kind, "path": path, "size": file.bytes, "available": true })
            };
            models.models().iter().zip(models.files()).map(|(model, of)| (model.id.clone(), file(of))).collect()
        }
        None => serde_json::Map::new(),
    };
    let status = json!({
        "models_loaded": !details.is_empty(), "total_models": details.len(), "model_details": details,
        "config": { "source": place, "channel": app.args.channel },
    });
    let good = loaded.is_some();
    let word = if good { "healthy" } else { "error" };
    let mut body = json!({
        "service": legacy::SERVICE, "status": word, "model_status": status, "timestamp": observe::now(),
    });
    if !good {
        let message = health["parts"]["model_availability"]["message"].clone();
        (body["error"], body["message"]) = (json!("ML models not available"), message);
    }
    answer::value(if good { 200 } else { 503 }, &body)
}
