//! What is seen of each request from outside: an id, whose deployment answered, a line in the log, a number in the metrics. And
//! who may ask.

use std::io::Write;
use std::sync::atomic::Ordering;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{Request, State};
use axum::http::{header, HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use serde_json::{json, Value};

use super::held::Held;
use super::{answer, App};
use crate::error::ErrorCode;
use crate::native::{chance, WARNED};
use crate::store::sha256_hex;

/// The time, as logs and answers say it.
pub fn now() -> String {
    jiff::Timestamp::now().to_string()
}

/// Writes a line of JSON to the log. What it holds never came from a photo.
pub fn log(event: &str, mut about: Value) {
    about["at"] = json!(now());
    about["event"] = json!(event);
    // Where nobody reads the log the server goes on.
    let _ = writeln!(std::io::stderr(), "{about}");
}

/// Has warnings and panics be lines of the log like everything else.
pub fn take_over() {
    let _ = WARNED.set(|message| log("warning", json!({ "message": message })));
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        log("panic", json!({ "place": place }));
    }));
}

/// The code of the error that an answer tells, for the log.
#[derive(Clone, Copy)]
struct Code(ErrorCode);

/// An answer that tells of an error.
pub fn coded(mut answer: Response, code: ErrorCode) -> Response {
    answer.extensions_mut().insert(Code(code));
    answer
}

/// Paths as metrics name them; whatever else is asked for has one name, or a stranger could fill the memory with names.
const PATHS: [&str; 16] = [
    "/v1/analyze",
    "/v1/detect",
    "/v1/feedback",
    "/v1/health",
    "/health",
    "/ready",
    "/metrics",
    "/openapi.json",
    "/docs",
    "/api/health",
    "/api/v1/face/detect",
    "/api/v4/face/detect",
    "/api/v4/skin/analyze-enhanced",
    "/api/v5/skin/model-status",
    "/api/v6/skin/analyze-hare-run",
    "/",
];

fn named(path: &str) -> &'static str {
    let known = PATHS.into_iter().find(|known| *known == path);
    known.unwrap_or(if path.starts_with("/models/") { "/models" } else { "other" })
}

/// The id that a request brings, where it is one, else a new one.
fn id(headers: &HeaderMap) -> String {
    let brought = headers.get("x-request-id").and_then(|id| id.to_str().ok());
    let good = |id: &&str| {
        (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
    };
    brought.filter(good).map_or_else(|| format!("{:016x}", chance()), str::to_string)
}

/// Sees a request come and its answer go.
pub async fn observed(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let (id, method) = (id(request.headers()), request.method().clone());
    let path = named(request.uri().path());
    let (request, body) = Held::of(request);
    let mut answer = next.run(request).await;
    body.finish().await;
    let status = answer.status().as_u16();
    let headers = answer.headers_mut();
    for (name, text) in [("x-request-id", &id), ("x-shine-owner", &app.args.owner), ("x-shine-build", &app.args.build)]
    {
        if let Ok(value) = HeaderValue::from_str(text) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    if app.draining.load(Ordering::Acquire) {
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    let seconds = begun.elapsed().as_secs_f64();
    app.metrics.answered(path, status, seconds);
    let code = answer.extensions().get::<Code>().map(|code| code.0);
    let ms = (seconds * 10_000.0).round() / 10.0;
    log(
        "request",
        json!({ "id": id, "method": method.as_str(), "path": path, "status": status, "ms": ms, "code": code }),
    );
    answer
}

/// Lets through who has the key, where there is one.
pub async fn authorized(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let Some(key) = app.args.api_key.as_deref().filter(|key| !key.is_empty()) else { return next.run(request).await };
    let headers = request.headers();
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let bearer = text("authorization").and_then(|value| value.strip_prefix("Bearer "));
    // Hashes take equally long to compare whatever is guessed.
    let right =
        bearer.or(text("x-api-key")).is_some_and(|sent| sha256_hex(sent.as_bytes()) == sha256_hex(key.as_bytes()));
    if right {
        return next.run(request).await;
    }
    let old = request.uri().path().starts_with("/api/");
    answer::unauthorized(old)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_could_forge_a_line_is_replaced() {
        let with = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert("x-request-id", HeaderValue::from_bytes(text.as_bytes()).unwrap());
            id(&headers)
        };
        assert_eq!(with("abc-1.2_3"), "abc-1.2_3");
        for text in ["", "a b", "\"}", "äö"] {
            assert_eq!(with(text).len(), 16, "{text}");
        }
        assert_ne!(id(&HeaderMap::new()), id(&HeaderMap::new()));
    }

    #[test]
    fn a_strangers_path_is_no_name_of_a_metric() {
        assert_eq!(
            (named("/v1/analyze"), named("/models/a.plan"), named("/wp-admin.php")),
            ("/v1/analyze", "/models", "other")
        );
    }
}
