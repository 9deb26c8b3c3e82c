//! Faults as real JavaScript errors.

use wasm_bindgen::JsValue;

use crate::error::Error;

/// A JavaScript `Error` with `name` and `code`.
pub fn to_js(error: Error) -> JsValue {
    let js = js_sys::Error::new(&error.message);
    js.set_name("ShineSkinError");
    // Fails only on a frozen object, and this one is new.
    let _ = js_sys::Reflect::set(&js, &"code".into(), &error.code.as_str().into());
    js.into()
}
