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

use std::io::Write;
use std::sync::OnceLock;
use std::time::Instant;

/// Who is told what went wrong and was got over.
static WARNED: OnceLock<fn(&str)> = OnceLock::new();

/// Tells of something that was got over: on stderr, or to a server's log.
fn warn(message: &str) {
    match WARNED.get() {
        Some(told) => told(message),
        // Where nobody reads it is not heard, and that is no fault either.
        None => drop(writeln!(std::io::stderr(), "warning: {message}")),
    }
}

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
