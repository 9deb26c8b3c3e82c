//! The routes that take a photo, and those that tell of the rest.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{Request, State};
use axum::http::header::CONTENT_LENGTH;
use axum::response::Response;
use serde_json::{json, Value};

use super::usage::Usage;
use super::{answer, kilobytes, legacy, observe, photo, App};
use crate::error::{Error, ErrorCode, Result};
use crate::frame::{decode, Frame};
use crate::policy::Choice;
use crate::report::Engine;

/// What is done with a photo.
type Work = fn(&App, &Frame, Choice, Duration) -> Result<Value>;

pub async fn analyze(State(app): State<Arc<App>>, request: Request) -> Response {
    let choice = match choice(&request) {
        Ok(choice) => choice,
        Err(error) => return answer::error(&error),
    };
    answered(with_photo(app, request, choice, report).await, answer::error, |report| answer::value(200, &report))
}

pub async fn detect(State(app): State<Arc<App>>, request: Request) -> Response {
    let found = with_photo(app, request, Choice::Auto, faces_of).await;
    answered(found, answer::error, |faces| answer::value(200, &json!({ "detections": faces })))
}

pub async fn primary_face(State(app): State<Arc<App>>, request: Request) -> Response {
    let found = with_photo(app, request, Choice::Auto, faces_of).await;
    answered(found, answer::old_error, |faces| answer::value(200, &legacy::primary_face(list(&faces))))
}

pub async fn faces(State(app): State<Arc<App>>, request: Request) -> Response {
    let found = with_photo(app, request, Choice::Auto, faces_of).await;
    answered(found, answer::old_error, |faces| answer::value(200, &legacy::faces(list(&faces))))
}

/// The analysis as its old clients ask for it: by models or not at all.
pub async fn hare_run(State(app): State<Arc<App>>, request: Request) -> Response {
    let made = with_photo(app, request, Choice::Only(Engine::Enhanced), report).await;
    answered(made, answer::old_error, |report| match legacy::analysis(&report, &observe::now()) {
        Some(found) => answer::value(200, &found),
        None => {
            let message = "No face was found on the photo.";
            answer::value(400, &json!({ "success": false, "error": "No face detected", "message": message }))
        }
    })
}

fn list(faces: &Value) -> &[Value] {
    faces.as_array().map_or(&[], Vec::as_slice)
}

fn report(app: &App, frame: &Frame, choice: Choice, most: Duration) -> Result<Value> {
    let begun = Instant::now();
    let report = app.engines.analyze(frame, choice, most)?;
    app.metrics.reported(&report, begun.elapsed().as_secs_f64());
    Ok(report)
}

fn faces_of(app: &App, frame: &Frame, choice: Choice, most: Duration) -> Result<Value> {
    app.engines.detect(frame, choice, most)
}

/// The engine that a request's query names.
fn choice(request: &Request) -> Result<Choice> {
    let pairs = request.uri().query().unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
    let Some((_, text)) = pairs.into_iter().find(|(key, _)| *key == "engine") else { return Ok(Choice::Auto) };
    Choice::parse(text)
        .filter(|choice| *choice != Choice::Only(Engine::Server))
        .ok_or_else(|| Error::new(ErrorCode::InvalidOptions, "the engine is auto, enhanced or basic"))
}

/// How a request with a photo ended.
enum Ended {
    Made(Value),
    Failed(Error),
    /// No room; seconds to wait.
    Full(f64),
}

fn answered(ended: Ended, failed: fn(&Error) -> Response, made: impl FnOnce(Value) -> Response) -> Response {
    match ended {
        Ended::Made(value) => made(value),
        Ended::Failed(error) => observe::coded(failed(&error), error.code),
        Ended::Full(seconds) => observe::coded(answer::busy(seconds, failed), ErrorCode::ServerBusy),
    }
}

/// Reads the photo of a request and has something done with it when it is its turn.
async fn with_photo(app: Arc<App>, request: Request, choice: Choice, work: Work) -> Ended {
    let begun = Instant::now();
    let ended = guarded(&app, request, choice, work, begun).await;
    match &ended {
        Ended::Made(_) => {}
        Ended::Failed(error) => app.metrics.failed(error.code.as_str()),
        Ended::Full(_) => app.metrics.refused(),
    }
    ended
}

async fn guarded(app: &Arc<App>, request: Request, choice: Choice, work: Work, begun: Instant) -> Ended {
    let limits = app.args.limits();
    let most = Duration::from_secs_f64(app.args.request_timeout);
    let left = || most.saturating_sub(begun.elapsed());
    let late =
        || Ended::Failed(Error::new(ErrorCode::Timeout, format!("it took longer than {} s", most.as_secs_f64())));
    // Room is looked for before the photo is read, and taken after: who sends slowly keeps no one out.
    let length = request.headers().get(CONTENT_LENGTH).and_then(|text| text.to_str().ok()?.parse().ok());
    let needed = kilobytes(length.unwrap_or(limits.max_bytes).min(limits.max_bytes));
    let room = Arc::clone(&app.room).try_acquire_many_owned(needed).ok().filter(|_| app.gate.has_room());
    let Some(room) = room else { return Ended::Full(wait(app)) };
    let bytes = match tokio::time::timeout(left(), photo::read(request, limits.max_bytes)).await {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(error)) => return Ended::Failed(error),
        Err(_) => return late(),
    };
    let Some(place) = app.gate.enter() else { return Ended::Full(wait(app)) };
    drop(room);
    let Some(turn) = place.turn(left()).await else { return Ended::Full(wait(app)) };
    let shared = Arc::clone(app);
    let working = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        let frame = decode(&bytes, &limits)?;
        drop(bytes);
        // What it waited for its turn is gone.
        work(&shared, &frame, choice, most.saturating_sub(begun.elapsed()))
    });
    match tokio::time::timeout(left(), working).await {
        Ok(Ok(Ok(value))) => Ended::Made(value),
        Ok(Ok(Err(error))) => Ended::Failed(error),
        Ok(Err(_)) => Ended::Failed(Error::new(ErrorCode::Internal, "the analysis panicked")),
        Err(_) => late(),
    }
}

/// Seconds until there may be room: as long as what is inside takes.
fn wait(app: &App) -> f64 {
    app.gate.inside() as f64 * app.metrics.mean_work().unwrap_or(1.0) / app.args.at_once() as f64
}

/// Loads the models before they are needed.
pub fn load(app: &App) {
    let most = Duration::from_secs_f64(app.args.request_timeout.clamp(1.0, 86_400.0));
    match app.engines.models(most) {
        Ok(_) => observe::log("models", json!({ "message": "the models are loaded" })),
        Err(error) => observe::log("warning", json!({ "code": error.code, "message": error.message })),
    }
}

/// A thumb up or down: counted, and nothing else.
pub async fn feedback(State(app): State<Arc<App>>, request: Request) -> Response {
    let wrong = |message: &str| answer::error(&Error::new(ErrorCode::InvalidOptions, message));
    let Ok(body) = axum::body::to_bytes(request.into_body(), 4096).await else { return wrong("the body is too large") };
    let Ok(value) = serde_json::from_slice::<Value>(&body) else { return wrong("the body is no JSON") };
    match value["rating"].as_str() {
        Some(rating @ ("up" | "down")) => app.metrics.rated(rating == "up"),
        _ => return wrong("the rating is up or down"),
    }
    answer::value(200, &json!({ "counted": true }))
}

pub async fn metrics(State(app): State<Arc<App>>) -> Response {
    let text = app.metrics.text(&Usage::now(&app.disk()), app.gate.inside());
    answer::typed(200, "text/plain; version=0.0.4; charset=utf-8", text)
}

/// What this server can be asked, as OpenAPI.
const OPENAPI: &str = include_str!("openapi.json");

pub async fn openapi() -> Response {
    answer::typed(200, "application/json", OPENAPI)
}

/// The same for people.
pub async fn docs() -> Response {
    answer::typed(200, "text/html; charset=utf-8", include_str!("docs.html"))
}
