//! Answers, and which status each error has.

use axum::body::Body;
use axum::http::{header, HeaderValue, StatusCode};
use axum::response::Response;
use serde_json::{json, Value};

use crate::error::{Error, ErrorCode};
use crate::policy::is_the_callers;

/// JSON with a status.
pub fn value(status: u16, value: &Value) -> Response {
    typed(status, "application/json", value.to_string())
}

/// A text of some type with a status.
pub fn typed(status: u16, kind: &'static str, text: impl Into<Body>) -> Response {
    let mut answer = Response::new(text.into());
    *answer.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    answer
}

/// An error of version 1: `{ "error": { "code", "message" } }`.
pub fn refusal(status: u16, code: &str, message: &str) -> Response {
    value(status, &json!({ "error": { "code": code, "message": message } }))
}

/// An error as version 1 says it.
pub fn error(error: &Error) -> Response {
    refusal(status(error.code), error.code.as_str(), &error.message)
}

/// An error as the service before this one said it.
pub fn old_error(error: &Error) -> Response {
    // Its clients know these alone.
    let status = match status(error.code) {
        415 => 400,
        504 => 500,
        status => status,
    };
    let what = match status {
        503 if error.code != ErrorCode::ServerBusy => "ML models not available",
        _ => error.code.as_str(),
    };
    value(status, &json!({ "success": false, "error": what, "message": error.message }))
}

/// That a key is asked for, in the words of either version.
pub fn unauthorized(old: bool) -> Response {
    let message = "this server asks for a key: Authorization: Bearer KEY, or X-Api-Key";
    match old {
        true => value(401, &json!({ "success": false, "error": "unauthorized", "message": message })),
        false => refusal(401, "unauthorized", message),
    }
}

/// The status of an error: 4xx where the request is at fault, 503 where the engines are.
pub fn status(code: ErrorCode) -> u16 {
    match code {
        ErrorCode::ImageTooLarge => 413,
        ErrorCode::UnsupportedFormat => 415,
        ErrorCode::Timeout => 504,
        ErrorCode::Internal | ErrorCode::PublishFailed => 500,
        code if is_the_callers(code) => 400,
        _ => 503,
    }
}

/// That there is no room now, and when there may be, in the words of some version.
pub fn busy(seconds: f64, error: fn(&Error) -> Response) -> Response {
    let mut answer = error(&Error::new(ErrorCode::ServerBusy, "the server has no room for another photo now"));
    let seconds = HeaderValue::from(seconds.clamp(1.0, 3600.0).ceil() as u64);
    answer.headers_mut().insert(header::RETRY_AFTER, seconds);
    answer
}
