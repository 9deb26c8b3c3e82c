//! `manifest.json`: releases, channels, and the files of each model.

mod channel;
mod check;
mod form;
mod place;
mod role;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::flags::Flags;
use crate::error::{Error, ErrorCode, Result};
use channel::Channel;
pub use check::is_absolute;
pub use form::{Form, Output};
pub use role::Role;

/// The file that a model directory or bucket starts with; `docs/manifest.schema.json` says the same to other programs. Unknown
/// fields pass.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// Grows with each manifest that is published; a rollback raises it too.
    #[serde(default)]
    sequence: u64,
    channels: BTreeMap<String, Channel>,
    releases: BTreeMap<String, Release>,
    models: BTreeMap<String, ModelEntry>,
}

#[derive(Clone, Debug, Deserialize)]
struct Release {
    models: BTreeMap<Role, String>,
    #[serde(default)]
    flags: BTreeMap<String, bool>,
}

/// One model: what it is for and the files that hold it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ModelEntry {
    /// What it is for.
    pub role: Role,
    /// The licence of its weights, as SPDX names it.
    pub license: String,
    /// Where its card lies.
    pub card: Option<String>,
    /// Its files; a host takes the first whose format it can run.
    pub files: Vec<ModelFile>,
    /// What a file that does not carry a test of its own has to reproduce.
    pub self_test: Option<ModelTest>,
    /// What it takes, in the form of its role: see [`Form`].
    input: Option<Box<RawValue>>,
    /// What it tells, in the form of its role: see [`Output`].
    output: Option<Box<RawValue>>,
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

/// What a model has to answer to even noise from −1 to 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelTest {
    /// Shape of the input.
    pub shape: Vec<usize>,
    /// Of [`crate::engine::plan::noise`].
    pub seed: u32,
    /// Largest difference, as a share of the largest sample of an output.
    pub tolerance: f32,
    /// Of each output, values spread evenly over it.
    pub samples: Vec<Vec<f32>>,
}

/// A model of a release and the file of it that this library runs.
#[derive(Clone, Debug, PartialEq)]
pub struct SelectedModel {
    /// For example `blazeface-short`.
    pub id: String,
    /// For example `1`.
    pub version: String,
    /// What it is for.
    pub role: Role,
    /// What to fetch.
    pub file: ModelFile,
    /// What it has to reproduce.
    pub self_test: Option<ModelTest>,
    /// What it takes, as JSON; empty where its manifest does not say it.
    pub input: String,
    /// What it tells; empty as well.
    pub output: String,
}

/// Formats that the engine runs.
const FORMATS: [&str; 2] = ["plan", "onnx"];

impl Manifest {
    /// The major version of the manifest that this library reads.
    pub const SCHEMA_VERSION: u32 = 1;

    /// Reads a manifest, and checks all that it says of channels, releases and files.
    ///
    /// # Errors
    /// `manifest-invalid`, naming the field; `model-incompatible` where a later library is needed.
    pub fn parse(json: &[u8]) -> Result<Manifest> {
        // The version first: of another one nothing else can be expected.
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Head {
            schema_version: u32,
            min_library: Option<String>,
        }
        let head: Head = read(json)?;
        if head.schema_version != Manifest::SCHEMA_VERSION {
            let (has, reads) = (head.schema_version, Manifest::SCHEMA_VERSION);
            return Err(invalid(format!("the manifest has schemaVersion {has}; this library reads {reads}")));
        }
        let needed = head.min_library.as_deref().unwrap_or("0");
        if numbers(needed) > numbers(env!("CARGO_PKG_VERSION")) {
            let message = format!("the manifest needs shine-skin {needed}; this is {}", env!("CARGO_PKG_VERSION"));
            return Err(Error::new(ErrorCode::ModelIncompatible, message));
        }
        let manifest: Manifest = read(json)?;
        manifest.check()?;
        Ok(manifest)
    }

    /// Which of two manifests is the later one.
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// The name of the release that a channel leads to; where it is split, by a key of the person's, or to the largest share.
    ///
    /// # Errors
    /// `invalid-options` where there is no such channel.
    pub fn release(&self, channel: &str, key: Option<&str>) -> Result<&str> {
        let refused = |message: String| Err(Error::new(ErrorCode::InvalidOptions, message));
        match self.channels.get(channel) {
            Some(Channel::Release(name)) => Ok(name),
            Some(Channel::Split { split }) => channel::choose(channel, split, key)
                .ok_or_else(|| invalid(format!("channels.{channel}.split leads nowhere"))),
            Some(Channel::Other) => {
                refused(format!("the channel {channel:?} is of a kind that this version can't follow"))
            }
            None => {
                let known: Vec<_> = self.channels.keys().map(String::as_str).collect();
                refused(format!("there is no channel {channel:?}; the manifest has {}", known.join(", ")))
            }
        }
    }

    /// The switches of a release over the defaults.
    pub fn flags(&self, release: &str) -> Flags {
        self.releases.get(release).map_or_else(Flags::default, |r| Flags::default().with(&r.flags))
    }

    /// The models of a release that this library can run, in the order of their roles; those that are not needed last, where it
    /// has them.
    ///
    /// # Errors
    /// `manifest-invalid` where the release is not there or lacks a role that is needed; `model-incompatible` where no file of
    /// a model can be run.
    pub fn select(&self, release: &str) -> Result<Vec<SelectedModel>> {
        let models = &self.releases.get(release).ok_or_else(|| invalid(format!("releases has no {release:?}")))?.models;
        Role::KNOWN
            .iter()
            .filter(|role| role.is_needed() || models.contains_key(role))
            .map(|role| {
                let lacks = || invalid(format!("releases.{release}.models lacks {}", role.as_str()));
                let id = models.get(role).ok_or_else(lacks)?;
                let entry = self.models.get(id).ok_or_else(|| invalid(format!("models has no {id:?}")))?;
                let runs = |file: &&ModelFile| FORMATS.contains(&file.format.as_str());
                // Of what is not needed a file that can't be run is a model that does not come.
                let other = entry.files.first().filter(|_| !role.is_needed());
                let file = entry.files.iter().find(runs).or(other).ok_or_else(|| {
                    Error::new(ErrorCode::ModelIncompatible, format!("{id} has no file in a format that can be run"))
                })?;
                let (name, version) = id.split_once('@').unwrap_or((id, ""));
                let text = |part: &Option<Box<RawValue>>| part.as_ref().map_or("", |json| json.get()).to_string();
                Ok(SelectedModel {
                    id: name.into(),
                    version: version.into(),
                    role: *role,
                    file: file.clone(),
                    self_test: entry.self_test.clone(),
                    input: text(&entry.input),
                    output: text(&entry.output),
                })
            })
            .collect()
    }
}

/// Reads JSON; what does not fit is named with its place.
fn read<T: serde::de::DeserializeOwned>(json: &[u8]) -> Result<T> {
    serde_json::from_slice(json).map_err(|e| match place::path(json, e.line(), e.column()) {
        path if path.is_empty() => invalid(format!("the manifest can't be read: {e}")),
        path => invalid(format!("the manifest's {path}: {e}")),
    })
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
                    { "format": "tea-leaves", "url": "m.tea", "bytes": 1, "sha256": "00".repeat(32) },
                    { "format": "onnx", "url": "m.onnx", "bytes": 2, "sha256": "01".repeat(32) },
                ],
            })
        };
        serde_json::json!({
            "schemaVersion": 1, "minLibrary": "0.1.0", "sequence": 1,
            "channels": { "stable": "r1", "trial": { "split": [["r1", 90], ["r2", 10]] }, "odd": { "moon": "r1" } },
            "releases": {
                "r1": { "models": { "face-detector": "d@1", "face-mesh": "m@2", "hat-finder": "h@1" }, "flags": {} },
                "r2": { "models": { "face-detector": "d@1", "face-mesh": "m@2" }, "flags": { "tracking": false, "hats": true } },
            },
            "models": { "d@1": model("face-detector"), "m@2": model("face-mesh"), "h@1": model("hat-finder") },
        })
    }

    fn select(value: &serde_json::Value) -> Result<Vec<SelectedModel>> {
        let manifest = Manifest::parse(value.to_string().as_bytes())?;
        let release = manifest.release("stable", None)?.to_string();
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
            Case {
                pointer: "/channels",
                value: 3.into(),
                code: ErrorCode::ManifestInvalid,
                says: "channels: invalid type",
            },
            Case { pointer: "/channels/stable", value: "r9".into(), code: ErrorCode::ManifestInvalid, says: "r9" },
            Case {
                pointer: "/releases/r1/models",
                value: serde_json::json!({}),
                code: ErrorCode::ManifestInvalid,
                says: "face-detector",
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
        for (channel, says) in [("blue", "stable"), ("odd", "kind")] {
            let error = manifest.release(channel, None).unwrap_err();
            assert_eq!(error.code, ErrorCode::InvalidOptions);
            assert!(error.message.contains(says), "{channel}: {}", error.message);
        }
    }

    #[test]
    fn a_split_channel_leads_to_one_of_its_releases_and_a_release_has_its_flags() {
        let manifest = Manifest::parse(manifest().to_string().as_bytes()).unwrap();
        assert_eq!(manifest.release("trial", None).unwrap(), "r1");
        let keys: Vec<String> = (0..100).map(|k| k.to_string()).collect();
        let second = keys.iter().filter(|key| manifest.release("trial", Some(key)).unwrap() == "r2").count();
        assert!((1..30).contains(&second), "{second}");
        assert_eq!(manifest.flags("r1"), Flags::default());
        assert_eq!(manifest.flags("r2"), Flags { tracking: false, ..Flags::default() });
    }

    #[test]
    fn each_field_that_can_not_be_is_named() {
        let long = "x".repeat(9000);
        let cases: Vec<(&str, serde_json::Value, &str)> = vec![
            ("/sequence", (-1).into(), "sequence"),
            ("/channels/trial/split", serde_json::json!([]), "channels.trial.split"),
            ("/channels/trial/split", "r1".into(), "channels.trial.split"),
            ("/channels/stable", 3.into(), "channels.stable"),
            ("/channels/trial/split/1/0", "r7".into(), "channels.trial: there is no release \"r7\""),
            ("/channels/trial/split/1/1", (-3).into(), "channels.trial.split"),
            ("/releases/r1/flags", serde_json::json!({ "tracking": "no" }), "releases.r1.flags.tracking"),
            ("/releases/r1/models/face-mesh", "d@1".into(), "releases.r1.models.face-mesh"),
            ("/models/d@1/role", 4.into(), "models.d@1.role"),
            ("/models/d@1/card", "../secret.key".into(), "models.d@1.card"),
            ("/models/d@1/card", "manifest.json".into(), "models.d@1.card"),
            ("/sequence", (1u64 << 60).into(), "sequence"),
            ("/models/d@1/files/1/bytes", 0.into(), "models.d@1.files[1].bytes"),
            ("/models/d@1/files/1/bytes", (1u64 << 40).into(), "models.d@1.files[1].bytes"),
            ("/models/d@1/files/1/sha256", "abc".into(), "models.d@1.files[1].sha256"),
            ("/models/d@1/files/1/sha256", "AB".repeat(32).into(), "models.d@1.files[1].sha256"),
            ("/models/d@1/files/1/url", "".into(), "models.d@1.files[1].url"),
            ("/models/d@1/files/1/url", "../m.onnx".into(), "models.d@1.files[1].url"),
            ("/models/d@1/files/1/url", "/etc/passwd".into(), "models.d@1.files[1].url"),
            ("/models/d@1/files/1/url", "file:///etc/passwd".into(), "models.d@1.files[1].url"),
            ("/models/d@1/files/1/url", "a\\b".into(), "models.d@1.files[1].url"),
            ("/models/d@1/files/1/url", long.into(), "models.d@1.files[1].url"),
        ];
        for (pointer, wrong, says) in cases {
            let mut value = manifest();
            *value.pointer_mut(pointer).unwrap() = wrong;
            let error = Manifest::parse(value.to_string().as_bytes()).expect_err(pointer);
            assert_eq!(error.code, ErrorCode::ManifestInvalid, "{pointer}");
            assert!(error.message.contains(says), "{pointer}: {}", error.message);
        }
        for url in ["m.onnx", "deep/m.onnx", "https://cdn.example/m.onnx?X-Signature=a%2Fb..c", "http://127.0.0.1:9/m"]
        {
            let mut value = manifest();
            *value.pointer_mut("/models/d@1/files/1/url").unwrap() = url.into();
            assert!(Manifest::parse(value.to_string().as_bytes()).is_ok(), "{url}");
        }
    }
}
