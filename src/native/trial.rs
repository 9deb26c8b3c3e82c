//! A model without a plan is tried in a process of its own first, which may take so much memory and time and no more: what a crash would take
//! with it is that process.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use crate::engine;
use crate::error::{Error, ErrorCode, Result};
use crate::store::{sha256_hex, ModelFile, ModelTest, VerifiedBytes};

/// Most address space, bytes; a face model takes some 100 MB.
const MOST_MEMORY: u64 = 2 << 30;

/// Most time of the processor, seconds; a face model takes less than one.
const MOST_TIME: u64 = 60;

/// The verb of `shine-skin models` that this is the child of.
pub const VERB: &str = "trial";

/// The executable that has that verb: only what runs as the command line knows that it is this one.
static EXECUTABLE: OnceLock<PathBuf> = OnceLock::new();

/// Has models be tried from now on.
pub fn enable() {
    if let Ok(path) = std::env::current_exe() {
        let _ = EXECUTABLE.set(path);
    }
}

/// Tries a model, and what it has to answer to noise.
///
/// # Errors
/// `model-incompatible`.
pub fn run(bytes: &VerifiedBytes, test: Option<&ModelTest>) -> Result<()> {
    let Some(executable) = EXECUTABLE.get() else { return Ok(()) };
    let failed = |why: &str| Error::new(ErrorCode::ModelIncompatible, why);
    let spawned = Command::new(executable)
        .args(["models", VERB])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let mut child = spawned.map_err(|e| failed(&format!("the model can't be tried: {e}")))?;
    if let Some(mut input) = child.stdin.take() {
        let test = serde_json::to_string(&test).map_err(|e| failed(&e.to_string()))?;
        // One that has ended reads no further, and says why below.
        let _ = writeln!(input, "{test}").and_then(|()| input.write_all(bytes.as_slice()));
    }
    let output = child.wait_with_output().map_err(|e| failed(&format!("the model can't be tried: {e}")))?;
    let said = String::from_utf8_lossy(&output.stdout);
    match (output.status.success(), said.trim()) {
        (true, "") => Ok(()),
        (true, why) => Err(failed(why)),
        (false, _) => {
            Err(failed(&format!("the model needs more memory or time than it may have, or crashes: {}", output.status)))
        }
    }
}

/// The child's part: what is wrong, or nothing.
///
/// # Errors
/// Where its own input can't be read, or its limits not be set.
pub fn child() -> Result<String> {
    let broken = |why: String| Error::new(ErrorCode::Internal, why);
    limit().map_err(|e| broken(e.to_string()))?;
    let mut input = Vec::new();
    std::io::stdin().read_to_end(&mut input).map_err(|e| broken(e.to_string()))?;
    let end = input.iter().position(|&byte| byte == b'\n').ok_or_else(|| broken("there is no first line".into()))?;
    let test: Option<ModelTest> = serde_json::from_slice(&input[..end]).map_err(|e| broken(e.to_string()))?;
    let bytes = input.split_off(end + 1);
    let file =
        ModelFile { format: "onnx".into(), url: "model".into(), bytes: bytes.len() as u64, sha256: sha256_hex(&bytes) };
    let verified = VerifiedBytes::verify(bytes, &file)?;
    let proven = engine::load(&verified).and_then(|model| match &test {
        Some(test) => engine::prove(model.as_ref(), Some(test)),
        None => Ok(()),
    });
    Ok(proven.err().map(|error| error.message).unwrap_or_default())
}

#[cfg(target_os = "linux")]
fn limit() -> std::io::Result<()> {
    use rustix::process::{getrlimit, setrlimit, Resource, Rlimit};
    for (resource, most) in [(Resource::As, MOST_MEMORY), (Resource::Cpu, MOST_TIME), (Resource::Core, 0)] {
        // What is lower already stays.
        let most = getrlimit(resource).maximum.map_or(most, |least| least.min(most));
        setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })?;
    }
    Ok(())
}

/// Other systems have no limit of address space that holds: there it is a process of its own.
#[cfg(not(target_os = "linux"))]
fn limit() -> std::io::Result<()> {
    Ok(())
}
