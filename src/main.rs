//! The command line of shine-skin.

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    shine_skin::native::run()
}

/// A module for the web has no command line.
#[cfg(target_arch = "wasm32")]
fn main() {}
