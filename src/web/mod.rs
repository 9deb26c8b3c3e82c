//! The browser and edge host: JavaScript in, the core's answers out. Converts and calls; decides
//! nothing.
//!
//! It makes two modules. The first has [`Engine`]: decoding, analysis and the executor of plans. The other, built with the
//! feature `onnx`, has the general engine and nothing else; the first has it run what has no plan.

#[cfg(not(feature = "onnx"))]
mod clock;
#[cfg(not(feature = "onnx"))]
mod engine;
mod error;
#[cfg(not(feature = "onnx"))]
mod fault;
#[cfg(not(feature = "onnx"))]
mod general;
#[cfg(not(feature = "onnx"))]
mod host;
#[cfg(not(feature = "onnx"))]
mod loading;
mod network;
#[cfg(not(feature = "onnx"))]
mod photo;
#[cfg(not(feature = "onnx"))]
mod policy;
#[cfg(not(feature = "onnx"))]
mod types;

#[cfg(not(feature = "onnx"))]
pub use engine::{Engine, Tracker};
#[cfg(not(feature = "onnx"))]
pub use host::JsHost;
#[cfg(not(feature = "onnx"))]
pub use loading::Loading;
pub use network::Network;
#[cfg(not(feature = "onnx"))]
pub use photo::Photo;

use wasm_bindgen::prelude::*;

/// Reports a panic on the console; a panic is a bug, and so says where.
#[wasm_bindgen(start)]
pub fn start() {
    console_error_panic_hook::set_once();
}
