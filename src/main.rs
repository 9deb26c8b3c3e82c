//! The command line of shine-skin.

use std::process::ExitCode;

fn main() -> ExitCode {
    shine_skin::native::run()
}
