//! Files over HTTP, with progress.

use gloo_net::http::{Request, Response};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::ReadableStreamDefaultReader;

use super::types::{to_value, JsProgress, Progress};
use crate::error::{Error, ErrorCode, Result};
use crate::store::ModelFile;

/// A manifest is a few kilobytes; more is not one.
const MOST_MANIFEST: u64 = 1 << 20;

/// The bytes of the manifest below a base URL.
pub async fn manifest(base: &str) -> Result<Vec<u8>> {
    let url = format!("{base}/manifest.json");
    let response = get(&url, ErrorCode::ManifestFetch).await?;
    read(&response, &url, MOST_MANIFEST, ErrorCode::ManifestFetch, |_| {}).await
}

/// The bytes of a model's file, not yet verified. Reading stops one byte past the length that the
/// manifest says.
pub async fn model(base: &str, file: &ModelFile, progress: &JsProgress) -> Result<Vec<u8>> {
    let absolute = file.url.starts_with("https://") || file.url.starts_with("http://");
    let url = if absolute { file.url.clone() } else { format!("{base}/{}", file.url) };
    let (name, total) = (file.url.as_str(), file.bytes as f64);
    tell(progress, Progress::Initiate { file: name, total });
    let response = get(&url, ErrorCode::ModelFetch).await?;
    let loaded = |bytes: usize| tell(progress, Progress::Progress { file: name, loaded: bytes as f64, total });
    let bytes = read(&response, &url, file.bytes, ErrorCode::ModelFetch, loaded).await?;
    tell(progress, Progress::Done { file: name, total });
    Ok(bytes)
}

/// A listener that throws does not stop the download.
fn tell(progress: &JsProgress, step: Progress) {
    if let Ok(value) = to_value(&step) {
        let _ = progress.call1(&JsValue::NULL, &value);
    }
}

async fn get(url: &str, code: ErrorCode) -> Result<Response> {
    let response = Request::get(url).send().await;
    let response = response.map_err(|e| Error::new(code, format!("{url} can't be fetched: {e}")))?;
    if !response.ok() {
        return Err(Error::new(code, format!("{url} can't be fetched: status {}", response.status())));
    }
    Ok(response)
}

/// The body, refused as soon as it is longer than `most` bytes.
async fn read(response: &Response, url: &str, most: u64, code: ErrorCode, loaded: impl Fn(usize)) -> Result<Vec<u8>> {
    let failed = |why: String| Error::new(code, format!("{url} can't be read: {why}"));
    let Some(body) = response.body() else { return Err(failed("it has no body".into())) };
    let reader: ReadableStreamDefaultReader = body.get_reader().unchecked_into();
    let mut bytes = Vec::new();
    loop {
        let chunk = JsFuture::from(reader.read()).await.map_err(|e| failed(format!("{e:?}")))?;
        let value = js_sys::Reflect::get(&chunk, &"value".into()).unwrap_or(JsValue::UNDEFINED);
        let Ok(part) = value.dyn_into::<js_sys::Uint8Array>() else { return Ok(bytes) };
        if bytes.len() as u64 + u64::from(part.length()) > most {
            // Nobody waits for the rest.
            let _ = reader.cancel();
            return Err(failed(format!("it is longer than {most} bytes")));
        }
        let from = bytes.len();
        bytes.resize(from + part.length() as usize, 0);
        part.copy_to(&mut bytes[from..]);
        loaded(bytes.len());
    }
}
