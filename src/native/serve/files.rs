//! The models as files, for development and for a deployment without a bucket: kept for good where the name has a hash, asked for
//! again where it has none.

use std::path::{Component, Path, PathBuf};
use std::time::UNIX_EPOCH;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{header, HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use tower_http::services::ServeDir;

/// Serves a directory with ranges, validators and how long each file may be kept.
pub async fn serve(directory: &Path, mut request: Request) -> Response {
    let tag = tag_of(directory, request.uri().path());
    let asked = |name: header::HeaderName, headers: &HeaderMap| headers.get(name)?.to_str().ok().map(str::to_string);
    if let Some(tag) = &tag {
        let same = |text: String| text.split(',').any(|one| one.trim().trim_start_matches("W/") == tag || one == "*");
        if asked(header::IF_NONE_MATCH, request.headers()).is_some_and(same) {
            return with(StatusCode::NOT_MODIFIED.into_response(), Some(tag), request.uri().path());
        }
        // A part of another file is of no use.
        if asked(header::IF_RANGE, request.headers()).is_some_and(|text| text != *tag) {
            request.headers_mut().remove(header::RANGE);
        }
    }
    if request.method() != Method::GET && request.method() != Method::HEAD {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let path = request.uri().path().to_string();
    match ServeDir::new(directory).append_index_html_on_directories(false).try_call(request).await {
        Ok(answer) => with(answer.map(Body::new), tag.as_deref(), &path),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn with(mut answer: Response, tag: Option<&str>, path: &str) -> Response {
    let status = answer.status();
    let headers = answer.headers_mut();
    if let Some(tag) = tag.and_then(|tag| HeaderValue::from_str(tag).ok()) {
        headers.insert(header::ETAG, tag);
    }
    let good = status.is_success() || status == StatusCode::NOT_MODIFIED;
    let kept = if good && is_named_by_hash(path) { "public, max-age=31536000, immutable" } else { "no-cache" };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
    answer
}

/// Whether a name holds the start of its file's hash: `facemesh-468.0f596613.onnx`.
fn is_named_by_hash(path: &str) -> bool {
    let mut parts = path.rsplit('.');
    let (_, hash) = (parts.next(), parts.next());
    hash.is_some_and(|hash| hash.len() == 8 && hash.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// What a file's validator is: its length and when it was written. `None` of what is no file.
fn tag_of(directory: &Path, path: &str) -> Option<String> {
    let relative = PathBuf::from(path.trim_start_matches('/'));
    let plain = relative.components().all(|part| matches!(part, Component::Normal(_)));
    let about = plain.then(|| std::fs::metadata(directory.join(relative)).ok())?.filter(std::fs::Metadata::is_file)?;
    let written = about.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(format!("\"{:x}-{:x}\"", about.len(), written.as_nanos()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_a_hash_is_kept_for_good() {
        assert!(is_named_by_hash("/facemesh-468.0f596613.onnx"));
        for name in ["/manifest.json", "/blazeface-short.md", "/a.0f59661g.onnx", "/a.0f596613", "/"] {
            assert!(!is_named_by_hash(name), "{name}");
        }
    }

    #[test]
    fn no_path_leads_out() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        assert!(tag_of(root, "/Cargo.toml").is_some());
        for path in ["/../etc/passwd", "/src/../Cargo.toml", "/src", "/", "//etc/passwd"] {
            assert!(tag_of(&root.join("src"), path).is_none(), "{path}");
        }
    }
}
