//! The host's clock.

use wasm_bindgen::JsCast;

/// Milliseconds; `performance.now()` where there is one, in windows and workers alike.
pub fn clock() -> f64 {
    let performance = js_sys::Reflect::get(&js_sys::global(), &"performance".into())
        .ok()
        .and_then(|value| value.dyn_into::<web_sys::Performance>().ok());
    performance.map_or_else(js_sys::Date::now, |p| p.now())
}
