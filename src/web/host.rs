//! The browser and the edge as a host of the store: `host.js` has the cache, the clock and who waits; what is fetched is fetched here.

use gloo_net::http::{Request, Response};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, ReadableStreamDefaultReader, RequestCache};

use super::fault::{from_js, message};
use crate::error::{Error, ErrorCode, Result};
use crate::store::host::{first_byte, Answer, Body, Event, Host, Progress};
use crate::store::shown;

#[wasm_bindgen]
extern "C" {
    /// A host of `host.js`.
    #[wasm_bindgen(typescript_type = "Host")]
    pub type JsHost;

    #[wasm_bindgen(method, catch)]
    async fn get(this: &JsHost, key: &str) -> std::result::Result<JsValue, JsValue>;

    #[wasm_bindgen(method)]
    fn put(this: &JsHost, key: &str, bytes: js_sys::Uint8Array);

    #[wasm_bindgen(method, catch)]
    async fn delete(this: &JsHost, key: &str) -> std::result::Result<(), JsValue>;

    #[wasm_bindgen(method, catch)]
    async fn turn(this: &JsHost, key: &str) -> std::result::Result<JsValue, JsValue>;

    #[wasm_bindgen(method, catch)]
    async fn pause(this: &JsHost, ms: f64) -> std::result::Result<(), JsValue>;

    #[wasm_bindgen(method, catch)]
    fn check(this: &JsHost) -> std::result::Result<(), JsValue>;

    #[wasm_bindgen(method, catch)]
    async fn fetch(this: &JsHost, request: web_sys::Request) -> std::result::Result<JsValue, JsValue>;

    #[wasm_bindgen(method)]
    fn watch(this: &JsHost, most_ms: Option<f64>) -> Watch;

    #[wasm_bindgen(method)]
    fn step(this: &JsHost, status: &str, file: &str, loaded: f64, total: f64, cached: bool);

    #[wasm_bindgen(method)]
    fn happened(this: &JsHost, kind: &str, code: &str, message: &str);

    /// Who aborts a request that stands still, or that nobody waits for.
    type Watch;

    #[wasm_bindgen(method, getter)]
    fn signal(this: &Watch) -> AbortSignal;

    /// Something came.
    #[wasm_bindgen(method)]
    fn touch(this: &Watch);

    /// The request has ended.
    #[wasm_bindgen(method)]
    fn end(this: &Watch);
}

/// The right to fetch a file: `host.js` gives it as the function that ends it.
pub struct Turn(JsValue);

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(end) = self.0.dyn_ref::<js_sys::Function>() {
            let _ = end.call0(&JsValue::NULL);
        }
    }
}

/// A request under way: it ends with this.
struct Watched(Watch);

impl Drop for Watched {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// A body as it comes.
pub struct Stream {
    reader: Option<ReadableStreamDefaultReader>,
    watched: Watched,
}

impl Body for Stream {
    async fn next(&mut self) -> std::result::Result<Option<Vec<u8>>, String> {
        let Some(reader) = &self.reader else { return Ok(None) };
        let chunk = JsFuture::from(reader.read()).await.map_err(|fault| message(&fault))?;
        self.watched.0.touch();
        let value = js_sys::Reflect::get(&chunk, &"value".into()).unwrap_or(JsValue::UNDEFINED);
        Ok(value.dyn_into::<js_sys::Uint8Array>().ok().map(|part| part.to_vec()))
    }
}

impl Host for JsHost {
    type Body = Stream;
    type Turn = Turn;

    async fn cached(&self, key: &str) -> Option<Vec<u8>> {
        self.get(key).await.ok()?.dyn_into::<js_sys::Uint8Array>().ok().map(|bytes| bytes.to_vec())
    }

    async fn keep(&self, key: &str, bytes: &[u8]) -> std::result::Result<(), String> {
        // `host.js` tells of what can't be kept: by then the models may be at work.
        self.put(key, js_sys::Uint8Array::from(bytes));
        Ok(())
    }

    async fn forget(&self, key: &str) {
        // What can't be removed is found out again the next time.
        let _ = self.delete(key).await;
    }

    async fn turn(&self, key: &str) -> Turn {
        Turn(self.turn(key).await.unwrap_or(JsValue::UNDEFINED))
    }

    async fn open(&self, url: &str, from: u64, most_ms: Option<f64>) -> std::result::Result<Answer<Stream>, String> {
        let watched = Watched(self.watch(most_ms));
        // A browser's own message may have the whole address.
        let hidden = |said: String| said.replace(url, &shown(url));
        let request = |cache: Option<RequestCache>| {
            let mut request = Request::get(url).abort_signal(Some(&watched.0.signal()));
            if from > 0 {
                request = request.header("range", &format!("bytes={from}-"));
            }
            match cache {
                Some(cache) => request.cache(cache).build(),
                None => request.build(),
            }
        };
        // The browser's own cache would be a second one, which no hash heals. Not every host has that setting.
        let request = request(Some(RequestCache::NoStore))
            .or_else(|_| request(None))
            .map_err(|fault| hidden(fault.to_string()))?;
        let response = self.fetch(request.into()).await.map_err(|fault| hidden(message(&fault)))?;
        let response = Response::from(response.unchecked_into::<web_sys::Response>());
        watched.0.touch();
        // A server may hide which part it sends.
        let given = || response.headers().get("content-range").and_then(|range| first_byte(&range)).unwrap_or(from);
        let from = if response.status() == 206 { given() } else { 0 };
        let reader = response.body().map(|body| body.get_reader().unchecked_into());
        let content_type = response.headers().get("content-type");
        Ok(Answer { status: response.status(), from, content_type, body: Stream { reader, watched } })
    }

    async fn pause(&self, ms: f64) {
        let _ = self.pause(ms).await;
    }

    fn chance(&self) -> f64 {
        js_sys::Math::random()
    }

    fn check(&self) -> Result<()> {
        self.check().map_err(|fault| from_js(&fault, ErrorCode::Aborted))
    }

    fn tell(&self, event: Event<'_>) {
        let step = |status, p: Progress| self.step(status, p.file, p.loaded as f64, p.total as f64, p.cached);
        match event {
            Event::Begun(progress) => step("initiate", progress),
            Event::Loaded(progress) => step("progress", progress),
            Event::Done(progress) => step("done", progress),
            Event::Recovered(Error { code, message }) => self.happened("recovered", code.as_str(), message),
            // `host.js` tells of that.
            Event::NotKept(_) => {}
        }
    }
}
