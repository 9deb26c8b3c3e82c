//! The native hosts: command line and server. They read, convert and call; what is decided is
//! decided in the core.

mod bucket;
mod cli;
mod doctor;
mod engines;
mod models;
mod overlay;
mod remote;
#[cfg(feature = "server")]
mod serve;
mod source;
mod trial;

pub use cli::run;
#[cfg(feature = "evaluate")]
pub use overlay::draw_shapes;
pub use source::{load, ModelSource};

use std::sync::OnceLock;
use std::time::Instant;

/// Bits by chance, good for names and pauses: those that the standard library seeds each map's hasher with.
fn chance() -> u64 {
    use std::hash::{BuildHasher, Hasher};
    std::collections::hash_map::RandomState::new().build_hasher().finish()
}

/// Milliseconds since the first call.
pub fn clock() -> f64 {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_secs_f64() * 1000.0
}
