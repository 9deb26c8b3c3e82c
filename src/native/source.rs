//! Models from a directory or over HTTP, with a cache on disk for what came from afar.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::analyzer::{Analyzer, AnalyzerParams};
use crate::engine;
use crate::error::{Error, ErrorCode, Result};
use crate::report::ReleaseInfo;
use crate::store::{Manifest, ModelFile, VerifiedBytes};

/// Where the manifest and the models lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModelSource {
    /// A directory.
    Directory(PathBuf),
    /// The URL of the manifest's directory.
    Url(String),
}

/// A manifest is a few kilobytes; more is not one.
const MOST_MANIFEST: u64 = 1 << 20;

/// Longest wait for one file.
const TIMEOUT: Duration = Duration::from_secs(60);

impl ModelSource {
    /// A directory, or a URL where it begins like one.
    pub fn parse(text: &str) -> ModelSource {
        if text.starts_with("http://") || text.starts_with("https://") {
            ModelSource::Url(text.trim_end_matches('/').into())
        } else {
            ModelSource::Directory(text.into())
        }
    }

    /// What is used where nothing is said: `SHINE_MODELS`, then `models/dist` here, then beside the
    /// executable.
    pub fn default_source() -> ModelSource {
        if let Ok(text) = std::env::var("SHINE_MODELS") {
            if !text.is_empty() {
                return ModelSource::parse(&text);
            }
        }
        let here = PathBuf::from("models/dist");
        let beside = std::env::current_exe().ok().and_then(|exe| Some(exe.parent()?.join("models")));
        match beside {
            Some(beside) if !here.join("manifest.json").exists() && beside.join("manifest.json").exists() => {
                ModelSource::Directory(beside)
            }
            _ => ModelSource::Directory(here),
        }
    }

    fn read(&self, name: &str, most: u64, code: ErrorCode) -> Result<Vec<u8>> {
        let failed = |place: &str, why: String| Error::new(code, format!("{place} can't be read: {why}"));
        let url = match self {
            _ if name.starts_with("http://") || name.starts_with("https://") => name.to_string(),
            ModelSource::Url(base) => format!("{base}/{name}"),
            ModelSource::Directory(directory) => {
                let path = directory.join(name);
                return fs::read(&path).map_err(|e| failed(&path.display().to_string(), e.to_string()));
            }
        };
        download(&url, most).map_err(|why| failed(&url, why))
    }

    /// The verified bytes of a file: out of the cache, or fetched and put there.
    fn model(&self, file: &ModelFile) -> Result<VerifiedBytes> {
        let cached = match self {
            ModelSource::Url(_) => cache_path(&file.sha256),
            // What lies in a directory needs no second copy.
            ModelSource::Directory(_) => None,
        };
        if let Some(bytes) = cached.as_ref().and_then(|path| fs::read(path).ok()) {
            // A cached file that is not what it was heals itself: it is fetched again.
            if let Ok(verified) = VerifiedBytes::verify(bytes, file) {
                return Ok(verified);
            }
        }
        let bytes = self.read(&file.url, file.bytes.saturating_add(1), ErrorCode::ModelFetch)?;
        let verified = VerifiedBytes::verify(bytes, file)?;
        if let Some(path) = cached {
            if let Err(why) = put(&path, verified.as_slice()) {
                eprintln!("warning: cache-unavailable: {}: {why}", path.display());
            }
        }
        Ok(verified)
    }
}

fn download(url: &str, most: u64) -> std::result::Result<Vec<u8>, String> {
    let agent: ureq::Agent = ureq::Agent::config_builder().timeout_global(Some(TIMEOUT)).build().into();
    let mut response = agent.get(url).call().map_err(|e| e.to_string())?;
    let mut bytes = Vec::new();
    response.body_mut().as_reader().take(most).read_to_end(&mut bytes).map_err(|e| e.to_string())?;
    Ok(bytes)
}

/// `$XDG_CACHE_HOME/shine-skin`, else `~/.cache/shine-skin`, by hash.
fn cache_path(sha256: &str) -> Option<PathBuf> {
    // The name comes out of a manifest: only a hash is a file name.
    if sha256.len() != 64 || !sha256.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
    let base = absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")))?;
    Some(base.join("shine-skin").join(sha256))
}

/// Writes a file whole or not at all, also where two processes write it at once.
fn put(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(directory)?;
    let part = path.with_extension(format!("{}.part", std::process::id()));
    fs::write(&part, bytes)?;
    fs::rename(&part, path)
}

/// An analyzer over the models of a channel.
///
/// # Errors
/// The codes of the manifest and of the models.
pub fn load(source: &ModelSource, channel: &str, params: AnalyzerParams) -> Result<Analyzer> {
    let manifest = Manifest::parse(&source.read("manifest.json", MOST_MANIFEST, ErrorCode::ManifestFetch)?)?;
    let release = manifest.release(channel, None)?.to_string();
    let models = manifest
        .select(&release)?
        .into_iter()
        .map(|selected| {
            let model = engine::load(&source.model(&selected.file)?)?;
            Ok((selected, model))
        })
        .collect::<Result<Vec<_>>>()?;
    let info = ReleaseInfo { name: release, channel: channel.into(), rolled_back_from: None };
    Analyzer::new(models, Some(info), params, super::clock)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_told_from_a_directory() {
        assert_eq!(ModelSource::parse("https://a.b/c/"), ModelSource::Url("https://a.b/c".into()));
        assert_eq!(ModelSource::parse("models/dist"), ModelSource::Directory("models/dist".into()));
    }

    #[test]
    fn a_cache_name_is_a_hash_and_nothing_else() {
        assert_eq!(cache_path("../../etc/passwd"), None);
        assert!(cache_path(&"a".repeat(64)).is_none_or(|p| p.ends_with("a".repeat(64))));
    }

    #[test]
    fn a_missing_directory_is_a_fetch_error() {
        let source = ModelSource::Directory("/nowhere".into());
        let error = load(&source, "stable", AnalyzerParams::default()).err().unwrap();
        assert_eq!(error.code, ErrorCode::ManifestFetch);
    }
}
