//! `shine-skin models compile`: plans beside the ONNX files of a models directory, and their entries in its manifest.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::{json, Value};
use sha2::{Digest, Sha256};

use crate::engine::compile::compile;
use crate::error::{Error, ErrorCode, Result};

/// What is done with models.
#[derive(Args)]
pub struct ModelsArgs {
    #[command(subcommand)]
    command: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Lower ONNX models to plans, each proven to compute the same
    Compile {
        /// An ONNX file, whose plan is written beside it; or a directory with a manifest, which then lists the plans
        #[arg(value_name = "FILE|DIR")]
        path: PathBuf,
    },
}

/// Runs the verb.
///
/// # Errors
/// What can't be read, lowered or written.
pub fn run(args: &ModelsArgs) -> Result<()> {
    let Verb::Compile { path } = &args.command;
    if path.is_dir() {
        return directory(path);
    }
    let target = path.with_extension("plan");
    let plan = compile(&read(path)?, &[])?.write();
    write(&target, &plan)?;
    println!("{}: {} bytes", target.display(), plan.len());
    Ok(())
}

fn failed(path: &Path, e: &std::io::Error) -> Error {
    Error::new(ErrorCode::InvalidOptions, format!("{}: {e}", path.display()))
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|e| failed(path, &e))
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

/// Whole or not at all: a reader never sees half of a file.
fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let partial = path.with_extension("partial");
    std::fs::write(&partial, bytes).map_err(|e| failed(&partial, &e))?;
    std::fs::rename(&partial, path).map_err(|e| failed(path, &e))
}

/// Compiles all ONNX files of a manifest, and lists each plan before its ONNX file: a host takes the first that it can
/// run.
fn directory(directory: &Path) -> Result<()> {
    let path = directory.join("manifest.json");
    let invalid = |what: &str| Error::new(ErrorCode::ManifestInvalid, format!("{}: {what}", path.display()));
    let mut manifest: Value = serde_json::from_slice(&read(&path)?).map_err(|e| invalid(&e.to_string()))?;
    let models =
        manifest.get_mut("models").and_then(Value::as_object_mut).ok_or_else(|| invalid("it has no models"))?;
    for (id, model) in models {
        let files =
            model.get_mut("files").and_then(Value::as_array_mut).ok_or_else(|| invalid("a model has no files"))?;
        let of = |format: &str, files: &[Value]| files.iter().find(|f| f["format"] == format).cloned();
        let Some(onnx) = of("onnx", files) else { continue };
        let url = onnx["url"].as_str().ok_or_else(|| invalid("a file has no url"))?;
        let original = read(&directory.join(url))?;
        if onnx["sha256"] != hex(&original) {
            let message = format!("{url} is not the file that the manifest names");
            return Err(Error::new(ErrorCode::ModelIntegrity, message));
        }
        let bytes = compile(&original, &[])?.write();
        let digest = hex(&bytes);
        let name = format!("{}.{}.plan", id.split('@').next().unwrap_or(id), &digest[..8]);
        let entry = json!({ "format": "plan", "url": name, "bytes": bytes.len(), "sha256": digest });
        write(&directory.join(&name), &bytes)?;
        files.retain(|f| f["format"] != "plan");
        files.insert(0, entry);
        println!("{id}: {name}, {} bytes", bytes.len());
    }
    let text = serde_json::to_string_pretty(&manifest).map_err(|e| invalid(&e.to_string()))? + "\n";
    // Last: what a manifest lists is there.
    write(&path, text.as_bytes())
}
