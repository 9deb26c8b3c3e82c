//! `shine-skin models compile`: plans beside the ONNX files of a models directory, and their entries in its manifest.

use std::path::Path;

use serde_json::{json, Value};

use crate::engine::compile::compile;
use crate::error::{Error, ErrorCode, Result};
use crate::native::bucket::write_whole;
use crate::store::sha256_hex;

/// Compiles an ONNX file, whose plan is written beside it, or all of a directory's manifest. `inputs` is where real inputs lie, to be
/// proven on besides noise: `MODEL.*.input.f32`, little-endian floats.
///
/// # Errors
/// What can't be read, lowered or written.
pub fn run(path: &Path, inputs: Option<&Path>) -> Result<String> {
    if path.is_dir() {
        return directory(path, inputs);
    }
    let target = path.with_extension("plan");
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    let plan = compile(&read(path)?, &inputs_of(&name, inputs)?)?.write();
    write(&target, &plan)?;
    Ok(format!("{}: {} bytes", target.display(), plan.len()))
}

fn failed(path: &Path, e: &std::io::Error) -> Error {
    Error::new(ErrorCode::InvalidOptions, format!("{}: {e}", path.display()))
}

pub(super) fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|e| failed(path, &e))
}

/// The inputs of a model, by the files' names.
fn inputs_of(model: &str, folder: Option<&Path>) -> Result<Vec<Vec<f32>>> {
    let Some(folder) = folder else { return Ok(Vec::new()) };
    let entries = std::fs::read_dir(folder).map_err(|e| failed(folder, &e))?;
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(|e| failed(folder, &e))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with(&format!("{model}.")) && name.ends_with(".input.f32") {
            paths.push(path);
        }
    }
    paths.sort();
    let floats = |bytes: Vec<u8>| bytes.as_chunks().0.iter().map(|b| f32::from_le_bytes(*b)).collect();
    paths.iter().map(|path| read(path).map(floats)).collect()
}

pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    write_whole(path, bytes).map_err(|e| failed(path, &e))
}

/// Compiles all ONNX files of a manifest, and lists each plan before its ONNX file: a host takes the first that it can
/// run.
fn directory(directory: &Path, inputs: Option<&Path>) -> Result<String> {
    let mut lines = Vec::new();
    let path = directory.join("manifest.json");
    let invalid = |what: &str| Error::new(ErrorCode::ManifestInvalid, format!("{}: {what}", path.display()));
    let mut manifest: Value = serde_json::from_slice(&read(&path)?).map_err(|e| invalid(&e.to_string()))?;
    let models =
        manifest.get_mut("models").and_then(Value::as_object_mut).ok_or_else(|| invalid("it has no models"))?;
    for (id, model) in models {
        let tested = model["selfTest"].is_object();
        let files =
            model.get_mut("files").and_then(Value::as_array_mut).ok_or_else(|| invalid("a model has no files"))?;
        let of = |format: &str, files: &[Value]| files.iter().find(|f| f["format"] == format).cloned();
        let Some(onnx) = of("onnx", files) else { continue };
        let url = onnx["url"].as_str().ok_or_else(|| invalid("a file has no url"))?;
        let original = read(&directory.join(url))?;
        if onnx["sha256"] != sha256_hex(&original) {
            let message = format!("{url} is not the file that the manifest names");
            return Err(Error::new(ErrorCode::ModelIntegrity, message));
        }
        let name = id.split('@').next().unwrap_or(id);
        let inputs = inputs_of(name, inputs)?;
        let plan = match compile(&original, &inputs) {
            Ok(plan) => plan,
            // One that has a test of its own runs in the general engine.
            Err(error) if tested && of("plan", files).is_none() => {
                lines.push(format!("{id}: no plan: {}", error.message));
                continue;
            }
            Err(error) => return Err(error),
        };
        let (test, input) = (&plan.test, &plan.values[plan.input]);
        let shape = [1, input.height, input.width, input.channels];
        // The ONNX file carries no test of its own.
        let own = json!({ "shape": shape, "seed": test.seed, "tolerance": test.tolerance, "samples": test.samples });
        let bytes = plan.write();
        let digest = sha256_hex(&bytes);
        let name = format!("{name}.{}.plan", &digest[..8]);
        let entry = json!({ "format": "plan", "url": name, "bytes": bytes.len(), "sha256": digest });
        write(&directory.join(&name), &bytes)?;
        files.retain(|f| f["format"] != "plan");
        files.insert(0, entry);
        model["selfTest"] = own;
        lines.push(format!("{id}: {name}, {} bytes, proven on {} inputs besides noise", bytes.len(), inputs.len()));
    }
    let text = serde_json::to_string_pretty(&manifest).map_err(|e| invalid(&e.to_string()))? + "\n";
    // Last: what a manifest lists is there.
    write(&path, text.as_bytes())?;
    Ok(lines.join("\n"))
}
