//! What JavaScript throws, as faults.

use wasm_bindgen::{JsCast, JsValue};

use crate::error::{Error, ErrorCode};

/// A fault as one of ours, of `code` where it has none of ours itself.
pub fn from_js(fault: &JsValue, code: ErrorCode) -> Error {
    let own = js_sys::Reflect::get(fault, &"code".into()).ok();
    let own = own.and_then(|own| ErrorCode::parse(&own.as_string()?));
    Error::new(own.unwrap_or(code), message(fault))
}

/// What an error says.
pub fn message(fault: &JsValue) -> String {
    fault.dyn_ref::<js_sys::Error>().map_or_else(|| format!("{fault:?}"), |error| String::from(error.message()))
}
