//! From the body of a request to the bytes of a photo: as they are, as a form's file, or as base64 in JSON.

use axum::body::Body;
use axum::extract::multipart::MultipartError;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::StatusCode;
use base64::engine::general_purpose::STANDARD;
use base64::Engine;
use http_body_util::BodyExt;
use serde_json::Value;

use crate::error::{Error, ErrorCode, Result};

/// Names of a form's field that holds the photo.
const FIELDS: [&str; 4] = ["image", "file", "photo", "image_data"];

/// The bytes of a request's photo, at most `most` of them.
///
/// # Errors
/// `image-too-large`, `invalid-options`.
pub async fn read(request: Request, most: usize) -> Result<Vec<u8>> {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.to_ascii_lowercase();
    if kind.starts_with("multipart/form-data") {
        return from_form(request, most).await;
    }
    if kind.starts_with("application/json") {
        // Base64 takes four bytes for three; and a little for what is around it.
        let text = whole(request.into_body(), most.saturating_add(most / 3).saturating_add(4096)).await?;
        return from_json(&text, most);
    }
    whole(request.into_body(), most).await
}

fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorCode::InvalidOptions, message)
}

fn too_large(most: usize) -> Error {
    Error::new(ErrorCode::ImageTooLarge, format!("the request is larger than a photo of {most} bytes"))
}

async fn whole(mut body: Body, most: usize) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(part) = body.frame().await {
        let Ok(part) = part.map_err(|e| invalid(format!("the request broke off: {e}")))?.into_data() else { continue };
        if bytes.len() + part.len() > most {
            return Err(too_large(most));
        }
        bytes.extend_from_slice(&part);
    }
    if bytes.is_empty() {
        return Err(invalid("the request holds no photo"));
    }
    Ok(bytes)
}

async fn from_form(request: Request, most: usize) -> Result<Vec<u8>> {
    let wrong = |e: MultipartError| match e.status() {
        StatusCode::PAYLOAD_TOO_LARGE => too_large(most),
        _ => invalid(format!("the form can't be read: {e}")),
    };
    let form = Multipart::from_request(request, &()).await;
    let mut form = form.map_err(|e| invalid(format!("the form can't be read: {e}")))?;
    while let Some(mut field) = form.next_field().await.map_err(wrong)? {
        if !field.name().is_some_and(|name| FIELDS.contains(&name)) {
            continue;
        }
        let mut bytes = Vec::new();
        while let Some(part) = field.chunk().await.map_err(wrong)? {
            if bytes.len() + part.len() > most {
                return Err(too_large(most));
            }
            bytes.extend_from_slice(&part);
        }
        return Ok(bytes);
    }
    Err(invalid(format!("the form has no field {}", FIELDS.join(", "))))
}

/// `{ "image": base64 or data URL }`, or `image_data` for `image`.
fn from_json(text: &[u8], most: usize) -> Result<Vec<u8>> {
    let value: Value = serde_json::from_slice(text).map_err(|e| invalid(format!("the body is no JSON: {e}")))?;
    let image = value.get("image").or(value.get("image_data")).and_then(Value::as_str);
    let image = image.ok_or_else(|| invalid("the JSON has no string \"image\""))?;
    let encoded = match image.strip_prefix("data:") {
        Some(rest) => rest.split_once(";base64,").ok_or_else(|| invalid("the data URL is not base64"))?.1,
        None => image,
    };
    // Some encoders break lines.
    let plain: String = encoded.split_ascii_whitespace().collect();
    let bytes = STANDARD.decode(plain.as_bytes()).map_err(|e| invalid(format!("the image is no base64: {e}")))?;
    if bytes.len() > most {
        return Err(too_large(most));
    }
    if bytes.is_empty() {
        return Err(invalid("the JSON's image is empty"));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(kind: &str, body: impl Into<Body>) -> Request {
        Request::builder().header(CONTENT_TYPE, kind).body(body.into()).unwrap()
    }

    #[tokio::test]
    async fn each_way_of_sending_a_photo_gives_its_bytes() {
        let form = "--x\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nhi\r\n--x\r\n\
                    Content-Disposition: form-data; name=\"image\"; filename=\"a.jpg\"\r\n\r\nphoto\r\n--x--\r\n";
        let cases = [
            ("image/jpeg", "photo"),
            ("", "photo"),
            ("multipart/form-data; boundary=x", form),
            ("application/json", r#"{"image": "cGhvdG8="}"#),
            ("application/json; charset=utf-8", r#"{"image": "data:image/jpeg;base64,cGhv\ndG8="}"#),
            ("Application/JSON", r#"{"image_data": "cGhvdG8="}"#),
        ];
        for (kind, body) in cases {
            assert_eq!(read(request(kind, body), 5).await.unwrap(), b"photo", "{kind}");
        }
    }

    #[tokio::test]
    async fn what_is_none_is_refused() {
        let large = "x".repeat(100);
        let cases = [
            ("image/jpeg", "", ErrorCode::InvalidOptions),
            ("image/jpeg", large.as_str(), ErrorCode::ImageTooLarge),
            ("application/json", "{", ErrorCode::InvalidOptions),
            ("application/json", "[]", ErrorCode::InvalidOptions),
            ("application/json", r#"{"image": 7}"#, ErrorCode::InvalidOptions),
            ("application/json", r#"{"image": ""}"#, ErrorCode::InvalidOptions),
            ("application/json", r#"{"image": "data:image/jpeg,abc"}"#, ErrorCode::InvalidOptions),
            ("application/json", r#"{"image": "!!!"}"#, ErrorCode::InvalidOptions),
            ("application/json", r#"{"image": "cGhvdG9waG90bw=="}"#, ErrorCode::ImageTooLarge),
            ("multipart/form-data", "photo", ErrorCode::InvalidOptions),
            ("multipart/form-data; boundary=x", "--x--\r\n", ErrorCode::InvalidOptions),
        ];
        for (kind, body, code) in cases {
            assert_eq!(read(request(kind, body.to_string()), 5).await.unwrap_err().code, code, "{kind} {body}");
        }
    }
}
