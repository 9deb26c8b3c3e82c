//! `manifest.json`: releases, channels, and the files of each model.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorCode, Result};

/// The file that a model directory or bucket starts with. Unknown fields pass.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    schema_version: u32,
    min_library: Option<String>,
    channels: BTreeMap<String, Channel>,
    releases: BTreeMap<String, Release>,
    models: BTreeMap<String, ModelEntry>,
}

/// What a channel leads to.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Channel {
    Release(String),
    /// A kind that a later version knows, such as a split: refused only where it is chosen.
    Other(serde::de::IgnoredAny),
}

#[derive(Clone, Debug, Deserialize)]
struct Release {
    models: BTreeMap<Role, String>,
}

/// What a model is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Finds faces: BlazeFace's regressors and logits.
    FaceDetector,
    /// Places 468 points on a face.
    FaceMesh,
    /// A role that this version does not know, and does not load.
    #[serde(other)]
    Unknown,
}

impl Role {
    /// The roles that an enhanced analysis needs.
    pub const REQUIRED: [Role; 2] = [Role::FaceDetector, Role::FaceMesh];
}

/// One model: what it is for and the files that hold it.
#[derive(Clone, Debug, Deserialize)]
pub struct ModelEntry {
    /// What it is for.
    pub role: Role,
    /// The licence of its weights, as SPDX names it.
    pub license: String,
    /// Its files; a host takes the first whose format it can run.
    pub files: Vec<ModelFile>,
}

/// One file of a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelFile {
    /// `plan`, `onnx`, or a format that a later version knows.
    pub format: String,
    /// Relative to the manifest, or absolute.
    pub url: String,
    /// Length in bytes.
    pub bytes: u64,
    /// SHA-256 in lower-case hexadecimal.
    pub sha256: String,
}

/// A model of a release and the file of it that this library runs.
#[derive(Clone, Debug)]
pub struct SelectedModel {
    /// For example `blazeface-short`.
    pub id: String,
    /// For example `1`.
    pub version: String,
    /// What it is for.
    pub role: Role,
    /// What to fetch.
    pub file: ModelFile,
}

/// Formats that the engine runs.
const FORMATS: [&str; 2] = ["plan", "onnx"];

impl Manifest {
    /// The major version of the manifest that this library reads.
    pub const SCHEMA_VERSION: u32 = 1;

    /// Reads a manifest.
    ///
    /// # Errors
    /// `manifest-invalid`, naming the field and place.
    pub fn parse(json: &[u8]) -> Result<Manifest> {
        let manifest: Manifest =
            serde_json::from_slice(json).map_err(|e| invalid(format!("the manifest can't be read: {e}")))?;
        if manifest.schema_version != Manifest::SCHEMA_VERSION {
            return Err(invalid(format!(
                "the manifest has schemaVersion {}; this library reads {}",
                manifest.schema_version,
                Manifest::SCHEMA_VERSION
            )));
        }
        let needed = manifest.min_library.as_deref().unwrap_or("0");
        if numbers(needed) > numbers(env!("CARGO_PKG_VERSION")) {
            let message = format!("the manifest needs shine-skin {needed}; this is {}", env!("CARGO_PKG_VERSION"));
            return Err(Error::new(ErrorCode::ModelIncompatible, message));
        }
        Ok(manifest)
    }

    /// The name of the release that a channel leads to.
    ///
    /// # Errors
    /// `invalid-options` where there is no such channel.
    pub fn release(&self, channel: &str) -> Result<&str> {
        let refused = |message: String| Err(Error::new(ErrorCode::InvalidOptions, message));
        match self.channels.get(channel) {
            Some(Channel::Release(name)) => Ok(name),
            Some(Channel::Other(_)) => {
                refused(format!("the channel {channel:?} is of a kind that this version can't follow"))
            }
            None => {
                let known: Vec<_> = self.channels.keys().map(String::as_str).collect();
                refused(format!("there is no channel {channel:?}; the manifest has {}", known.join(", ")))
            }
        }
    }

    /// The models of a release that this library can run, in the order of their roles.
    ///
    /// # Errors
    /// `manifest-invalid` where the release is not there, lacks a role that is needed, or names
    /// a model that is not there; `model-incompatible` where no file of a model can be run.
    pub fn select(&self, release: &str) -> Result<Vec<SelectedModel>> {
        let models = &self.releases.get(release).ok_or_else(|| invalid(format!("releases has no {release:?}")))?.models;
        Role::REQUIRED
            .iter()
            .map(|role| {
                let id =
                    models.get(role).ok_or_else(|| invalid(format!("releases.{release}.models lacks {role:?}")))?;
                let entry = self.models.get(id).ok_or_else(|| invalid(format!("models has no {id:?}")))?;
                let file =
                    entry.files.iter().find(|file| FORMATS.contains(&file.format.as_str())).ok_or_else(|| {
                        Error::new(
                            ErrorCode::ModelIncompatible,
                            format!("{id} has no file in a format that can be run"),
                        )
                    })?;
                let (name, version) = id.split_once('@').unwrap_or((id, ""));
                Ok(SelectedModel { id: name.into(), version: version.into(), role: *role, file: file.clone() })
            })
            .collect()
    }
}

/// A version as numbers, to compare: what is no number counts as none.
fn numbers(version: &str) -> Vec<u32> {
    version.split('.').map(|part| part.parse().unwrap_or(0)).collect()
}

fn invalid(message: String) -> Error {
    Error::new(ErrorCode::ManifestInvalid, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> serde_json::Value {
        let model = |role: &str| {
            serde_json::json!({
                "role": role, "license": "Apache-2.0", "card": "m.md",
                "files": [
                    { "format": "tea-leaves", "url": "m.tea", "bytes": 1, "sha256": "00" },
                    { "format": "onnx", "url": "m.onnx", "bytes": 2, "sha256": "01" },
                ],
            })
        };
        serde_json::json!({
            "schemaVersion": 1, "minLibrary": "0.1.0", "sequence": 1,
            "channels": { "stable": "r1", "trial": { "split": [["r1", 90], ["r2", 10]] } },
            "releases": { "r1": { "models": { "face-detector": "d@1", "face-mesh": "m@2", "hat-finder": "h@1" }, "flags": {} } },
            "models": { "d@1": model("face-detector"), "m@2": model("face-mesh"), "h@1": model("hat-finder") },
        })
    }

    fn select(value: &serde_json::Value) -> Result<Vec<SelectedModel>> {
        let manifest = Manifest::parse(value.to_string().as_bytes())?;
        let release = manifest.release("stable")?.to_string();
        manifest.select(&release)
    }

    #[test]
    fn a_release_names_the_files_to_fetch() {
        let selected = select(&manifest()).unwrap();
        let names: Vec<_> = selected.iter().map(|m| (m.id.as_str(), m.version.as_str(), m.file.url.as_str())).collect();
        assert_eq!(names, [("d", "1", "m.onnx"), ("m", "2", "m.onnx")]);
    }

    #[test]
    fn what_is_wrong_is_named() {
        struct Case {
            pointer: &'static str,
            value: serde_json::Value,
            code: ErrorCode,
            says: &'static str,
        }
        let cases = [
            Case {
                pointer: "/schemaVersion",
                value: 2.into(),
                code: ErrorCode::ManifestInvalid,
                says: "schemaVersion 2",
            },
            Case { pointer: "/minLibrary", value: "9.0.0".into(), code: ErrorCode::ModelIncompatible, says: "9.0.0" },
            Case { pointer: "/channels", value: 3.into(), code: ErrorCode::ManifestInvalid, says: "expected a map" },
            Case { pointer: "/channels/stable", value: "r9".into(), code: ErrorCode::ManifestInvalid, says: "r9" },
            Case {
                pointer: "/releases/r1/models",
                value: serde_json::json!({}),
                code: ErrorCode::ManifestInvalid,
                says: "FaceDetector",
            },
            Case { pointer: "/models", value: serde_json::json!({}), code: ErrorCode::ManifestInvalid, says: "d@1" },
            Case {
                pointer: "/models/d@1/files",
                value: serde_json::json!([]),
                code: ErrorCode::ModelIncompatible,
                says: "d@1",
            },
        ];
        for case in cases {
            let mut value = manifest();
            *value.pointer_mut(case.pointer).unwrap() = case.value;
            let error = select(&value).unwrap_err();
            assert_eq!(error.code, case.code, "{}", case.pointer);
            assert!(error.message.contains(case.says), "{}: {}", case.pointer, error.message);
        }
        assert_eq!(Manifest::parse(b"<html>").unwrap_err().code, ErrorCode::ManifestInvalid);
    }

    #[test]
    fn an_unknown_channel_lists_the_known() {
        let manifest = Manifest::parse(manifest().to_string().as_bytes()).unwrap();
        for (channel, says) in [("blue", "stable"), ("trial", "kind")] {
            let error = manifest.release(channel).unwrap_err();
            assert_eq!(error.code, ErrorCode::InvalidOptions);
            assert!(error.message.contains(says), "{channel}: {}", error.message);
        }
    }
}
