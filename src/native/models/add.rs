//! `shine-skin models add`: a model of one's own beside those of a directory.

use std::path::Path;

use serde_json::{json, Value};

use super::compile::{read, write};
use crate::engine::compile::{compile, self_test};
use crate::error::{Error, ErrorCode, Result};
use crate::network::Description;
use crate::store::{sha256_hex, Form, Manifest, ModelFile, SelectedModel};

/// Adds an ONNX file, which a JSON file describes as a manifest does and names by `id`, to the manifest of a directory, and leads a channel to a release
/// that has it besides what the channel's release had.
///
/// # Errors
/// What can't be read or written; `model-incompatible` with what does not fit: the description, or the model what it describes.
pub fn run(directory: &Path, onnx: &Path, description: &Path, channel: &str, release: Option<&str>) -> Result<String> {
    let manifest_path = directory.join("manifest.json");
    let text = read(&manifest_path)?;
    let old = Manifest::parse(&text)?.release(channel, None)?.to_string();
    let mut manifest: Value = parse(&manifest_path, &text)?;
    let refused = |what: String| Error::new(ErrorCode::InvalidOptions, what);
    if !manifest["channels"][channel].is_string() {
        return Err(refused(format!("{channel} is split: lead it to one release first")));
    }
    let mut entry: Value = parse(description, &read(description)?)?;
    let (name, version) = entry["id"].as_str().and_then(|id| id.split_once('@')).ok_or_else(|| {
        Error::new(ErrorCode::ManifestInvalid, format!("{}: id is NAME@VERSION", description.display()))
    })?;
    let (name, id) = (name.to_string(), format!("{name}@{version}"));
    // Files are called by it.
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if name.is_empty() || name.starts_with('.') || !id.chars().all(|c| plain(c) || c == '@') {
        return Err(refused(format!("{id:?} is no NAME@VERSION of letters, digits, dots and dashes")));
    }
    let release = release.map_or_else(|| format!("{old}+{name}"), String::from);
    for (section, there) in [("models", &id), ("releases", &release)] {
        if manifest[section].get(there).is_some() {
            return Err(refused(format!("{section} has {there:?} already: another version, or another release")));
        }
    }
    let bytes = read(onnx)?;
    let digest = sha256_hex(&bytes);
    let original = ModelFile {
        format: "onnx".into(),
        url: format!("{name}.{}.onnx", &digest[..8]),
        bytes: bytes.len() as u64,
        sha256: digest,
    };
    let role = entry["role"].clone();
    describe(&id, &entry)?;
    let shape: Vec<usize> = serde_json::from_value(entry["input"]["shape"].clone()).unwrap_or_default();
    let (test, outputs) = self_test(&bytes, &shape)?;
    let answered = json!(outputs.first());
    if entry["output"]["classes"]["shape"] != answered {
        return Err(incompatible(&id, &format!("output.classes.shape: the model answers {answered}")));
    }
    let mut files = vec![original];
    let mut contents = vec![bytes];
    let plan = match compile(&contents[0], &[]) {
        Ok(plan) => {
            let plan = plan.write();
            let digest = sha256_hex(&plan);
            let url = format!("{name}.{}.plan", &digest[..8]);
            files.insert(0, ModelFile { format: "plan".into(), url, bytes: plan.len() as u64, sha256: digest });
            contents.insert(0, plan);
            "with a plan".into()
        }
        Err(error) => format!("no plan: {}", error.message),
    };
    let Some(fields) = entry.as_object_mut() else { return Err(incompatible(&id, "its description is no object")) };
    fields.remove("id");
    fields.entry("license").or_insert_with(|| json!("NONE"));
    fields.insert("files".into(), json!(files));
    fields.insert("selfTest".into(), json!(test));
    let mut models = manifest["releases"][&old].clone();
    models["models"][role.as_str().unwrap_or_default()] = json!(id);
    manifest["releases"][&release] = models;
    manifest["models"][&id] = entry;
    manifest["channels"][channel] = json!(release);
    manifest["sequence"] = json!(manifest["sequence"].as_u64().unwrap_or(0).saturating_add(1));
    let text = serde_json::to_string_pretty(&manifest).unwrap_or_default() + "\n";
    Manifest::parse(text.as_bytes())?;
    for (file, content) in files.iter().zip(&contents) {
        write(&directory.join(&file.url), content)?;
    }
    // Last: what a manifest lists is there.
    write(&manifest_path, text.as_bytes())?;
    Ok(format!("{channel}: {release} has {id}, {plan}"))
}

/// The fields that a description can have: a misspelt one would do nothing.
const INPUT: [&str; 8] = ["shape", "layout", "colour", "range", "mean", "std", "crop", "margin"];
const CLASSES: [&str; 4] = ["shape", "activation", "labels", "concerns"];

/// What a model takes and tells, as a manifest's entry says it.
///
/// # Errors
/// `model-incompatible`, with what does not fit.
pub fn describe(id: &str, entry: &Value) -> Result<Description> {
    let classes = &entry["output"]["classes"];
    for (place, form, known) in [("input", &entry["input"], &INPUT[..]), ("output.classes", classes, &CLASSES[..])] {
        let unknown = form.as_object().into_iter().flatten().find(|(field, _)| !known.contains(&field.as_str()));
        if let Some((field, _)) = unknown {
            return Err(incompatible(id, &format!("{place}.{field}: there is no such field")));
        }
        // Why it can't be read, which a browser's module does not carry the words for.
        serde_json::from_value::<Form>(form.clone()).map_err(|e| incompatible(id, &format!("{place}: {e}")))?;
    }
    let selected = SelectedModel {
        id: id.into(),
        version: String::new(),
        role: serde_json::from_value(entry["role"].clone()).map_err(|e| incompatible(id, &e.to_string()))?,
        file: ModelFile { format: "onnx".into(), url: String::new(), bytes: 0, sha256: String::new() },
        self_test: None,
        input: entry["input"].to_string(),
        output: entry["output"].to_string(),
    };
    Description::of(&selected)?.ok_or_else(|| incompatible(id, "role: it is skin-segmentation or skin-classifier"))
}

/// Reads JSON of a file.
///
/// # Errors
/// `manifest-invalid`.
pub fn parse(path: &Path, text: &[u8]) -> Result<Value> {
    serde_json::from_slice(text).map_err(|e| Error::new(ErrorCode::ManifestInvalid, format!("{}: {e}", path.display())))
}

fn incompatible(id: &str, what: &str) -> Error {
    Error::new(ErrorCode::ModelIncompatible, format!("{id}: {what}"))
}
