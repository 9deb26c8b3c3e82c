//! Publishing: files first, under names that carry their hash; the manifest last. Whoever reads at any moment gets a whole old release or a
//! whole new one.
//!
//! The manifest is edited as JSON, so that fields of a later version stay. Its `history` lists for each channel where it led before: what
//! `rollback` goes back to.

use serde_json::{json, Value};

use crate::error::{Error, ErrorCode, Result};
use crate::native::bucket::{Bucket, Keep};
use crate::network::Description;
use crate::store::{is_absolute, public_key, shown, sign, Manifest, ModelFile, Signer, VerifiedBytes};

const MANIFEST: &str = "manifest.json";
const SIGNATURE: &str = "manifest.json.sig";

/// How many former releases of a channel are remembered.
const REMEMBERED: usize = 20;

fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorCode::ManifestInvalid, message)
}

fn options(message: impl Into<String>) -> Error {
    Error::new(ErrorCode::InvalidOptions, message)
}

/// A manifest on its way to a bucket.
pub struct Publication<'a> {
    bucket: &'a Bucket,
    /// Secret key that signs it.
    key: Option<String>,
    manifest: Value,
    /// What is there; nothing where nothing is published.
    before: Vec<u8>,
}

/// What is built upon has to be the operator's own: whoever can write to the bucket could have changed it, and would have it signed.
fn check_signature(bucket: &Bucket, key: Option<&str>, manifest: &[u8]) -> Result<()> {
    let signature = bucket.get(SIGNATURE)?;
    match (key, signature) {
        (Some(key), signature) => Signer::parse(&public_key(key)?)?.check(manifest, signature.as_deref()),
        (None, Some(_)) => Err(options("the manifest there is signed: --key signs the next one")),
        (None, None) => Ok(()),
    }
}

impl<'a> Publication<'a> {
    /// What a bucket has published, to be read.
    ///
    /// # Errors
    /// `publish-failed`; `manifest-invalid` where what is there is no manifest; `invalid-options` where there is none.
    pub fn read(bucket: &'a Bucket) -> Result<Publication<'a>> {
        let bytes = bucket.get(MANIFEST)?.ok_or_else(|| options("nothing is published there"))?;
        Ok(Publication { bucket, key: None, manifest: parse(&bytes)?.1, before: bytes })
    }

    /// The same, to be built upon.
    ///
    /// # Errors
    /// Also `manifest-signature` where it is not signed by the key, and `invalid-options` where it is signed and there is none.
    pub fn at(bucket: &'a Bucket, key: Option<String>) -> Result<Publication<'a>> {
        Publication::over(bucket, key)?.ok_or_else(|| options("nothing is published there"))
    }

    /// The same, `None` where nothing is published.
    fn over(bucket: &'a Bucket, key: Option<String>) -> Result<Option<Publication<'a>>> {
        let Some(before) = bucket.get(MANIFEST)? else { return Ok(None) };
        check_signature(bucket, key.as_deref(), &before)?;
        Ok(Some(Publication { bucket, key, manifest: parse(&before)?.1, before }))
    }

    /// Adds the release that a channel of a source leads to, with its models and their files, and leads a channel to it. Returns the
    /// release's name.
    ///
    /// # Errors
    /// As [`Publication::at`]; `model-incompatible` where what a model takes or tells does not fit; `model-integrity` where a file of the source is not what its manifest says; `publish-failed` where a
    /// release or model of that name is already there and is another: what is published does not change.
    pub fn publish(
        source: &Bucket,
        bucket: &'a Bucket,
        key: Option<String>,
        from: &str,
        channel: &str,
        name: Option<&str>,
    ) -> Result<String> {
        let own = source.get(MANIFEST)?.ok_or_else(|| options("the source has no manifest.json"))?;
        let (checked, own) = parse(&own)?;
        let release = checked.release(from, None)?.to_string();
        for selected in checked.select(&release)? {
            Description::of(&selected)?;
        }
        let name = name.unwrap_or(&release);
        let mut published = Publication::over(bucket, key.clone())?.unwrap_or_else(|| {
            let manifest = json!({ "schemaVersion": 1, "sequence": 0, "channels": {}, "releases": {}, "models": {} });
            Publication { bucket, key, manifest, before: Vec::new() }
        });
        let entry = own["releases"][&release].clone();
        let ids: Vec<&str> =
            entry["models"].as_object().into_iter().flatten().filter_map(|(_, id)| id.as_str()).collect();
        for id in &ids {
            published.add("models", id, own["models"][id].clone())?;
        }
        published.add("releases", name, entry.clone())?;
        // Nothing is written before all of it fits.
        for id in ids {
            published.files(source, &own["models"][id])?;
        }
        if published.manifest.get("minLibrary").is_none() {
            if let Some(needed) = own.get("minLibrary") {
                published.manifest["minLibrary"] = needed.clone();
            }
        }
        published.lead(channel, name)?;
        published.write()?;
        Ok(name.to_string())
    }

    /// Leads a channel to a release that is there.
    ///
    /// # Errors
    /// `invalid-options` where there is no such release; `publish-failed`.
    pub fn promote(&mut self, channel: &str, release: &str) -> Result<()> {
        self.lead(channel, release)?;
        self.write()
    }

    /// Splits a channel among releases by shares.
    ///
    /// # Errors
    /// As [`Publication::promote`].
    pub fn split(&mut self, channel: &str, shares: &[(String, f64)]) -> Result<()> {
        for (release, _) in shares {
            self.require_release(release)?;
        }
        let split = json!({ "split": shares });
        if self.manifest["channels"].get(channel) != Some(&split) {
            self.remember(channel)?;
            self.manifest["channels"][channel] = split;
        }
        self.write()
    }

    /// Leads a channel back to where it led before. Returns that, as the manifest writes it.
    ///
    /// # Errors
    /// `invalid-options` where it led nowhere before; `publish-failed`.
    pub fn rollback(&mut self, channel: &str) -> Result<Value> {
        let history = self.manifest.get_mut("history").and_then(|h| h.get_mut(channel)).and_then(Value::as_array_mut);
        let before =
            history.and_then(Vec::pop).ok_or_else(|| options(format!("{channel:?} has led nowhere before")))?;
        self.manifest["channels"][channel] = before.clone();
        self.write()?;
        Ok(before)
    }

    /// What channels lead to, and releases and models, for people.
    pub fn list(&self) -> String {
        let section = |name: &str| self.manifest[name].as_object().cloned().unwrap_or_default();
        let mut lines = vec![format!("sequence {}", self.manifest["sequence"])];
        lines.extend(section("channels").iter().map(|(name, to)| format!("channel {name}: {}", plain(to))));
        for (name, release) in section("releases") {
            let models = release["models"].as_object().cloned().unwrap_or_default();
            let models: Vec<String> = models.values().map(plain).collect();
            lines.push(format!("release {name}: {}", models.join(", ")));
        }
        for (id, model) in section("models") {
            let files = model["files"].as_array().cloned().unwrap_or_default();
            let files: Vec<String> =
                files.iter().map(|f| format!("{} ({} bytes)", shown(&plain(&f["url"])), f["bytes"])).collect();
            lines.push(format!("model {id}: {}", files.join(", ")));
        }
        lines.join("\n")
    }

    /// Reads every file that the manifest lists below it and compares it. Returns how many there were, and what is wrong.
    ///
    /// # Errors
    /// `publish-failed`.
    pub fn verify(&self) -> Result<(usize, Vec<String>)> {
        let (mut count, mut wrong) = (0, Vec::new());
        for model in self.manifest["models"].as_object().into_iter().flatten().map(|(_, model)| model) {
            for file in files_of(model)? {
                if is_absolute(&file.url) {
                    continue;
                }
                count += 1;
                match self.bucket.get(&file.url)? {
                    None => wrong.push(format!("{} is not there", file.url)),
                    Some(bytes) => wrong.extend(VerifiedBytes::verify(bytes, &file).err().map(|e| e.message)),
                }
            }
        }
        Ok((count, wrong))
    }

    /// Signs what is there as it is, whoever has written it.
    ///
    /// # Errors
    /// `publish-failed`; `invalid-options` where there is no key.
    pub fn sign(bucket: &Bucket, key: Option<&str>) -> Result<()> {
        let bytes = bucket.get(MANIFEST)?.ok_or_else(|| options("nothing is published there"))?;
        parse(&bytes)?;
        let key = key.ok_or_else(|| options("there is no key to sign with"))?;
        bucket.put(SIGNATURE, sign(&bytes, key)?.as_bytes(), Keep::Asked)
    }

    /// Copies the files of a model that are not there yet, each compared with what the manifest says.
    fn files(&self, source: &Bucket, model: &Value) -> Result<()> {
        let files = files_of(model)?;
        if model["selfTest"].is_null() && files.iter().all(|file| file.format != "plan") {
            return Err(invalid("a model without a plan and without a self-test is refused everywhere"));
        }
        for file in files {
            if is_absolute(&file.url) {
                continue;
            }
            let place = file.url.clone();
            if !place.contains(&file.sha256[..8]) {
                return Err(invalid(format!(
                    "{place} does not carry its hash, and would be kept for ever under its name"
                )));
            }
            let there = self.bucket.get(&place)?;
            if there.is_some_and(|bytes| VerifiedBytes::verify(bytes, &file).is_ok()) {
                continue;
            }
            let bytes = source.get(&place)?.ok_or_else(|| options(format!("the source lacks {place}")))?;
            let verified = VerifiedBytes::verify(bytes, &file)?;
            self.bucket.put(&place, verified.as_slice(), Keep::Always)?;
        }
        if let Some(card) = model["card"].as_str() {
            if let Some(text) = source.get(card)? {
                self.bucket.put(card, &text, Keep::Shortly)?;
            }
        }
        Ok(())
    }

    /// Adds an entry, which may be there already if it is the same.
    fn add(&mut self, section: &str, name: &str, entry: Value) -> Result<()> {
        let there = self.manifest[section].get(name);
        if there.is_some_and(|there| *there != entry) {
            let message = format!("{section} has another {name:?} already; what is published does not change");
            return Err(Error::new(ErrorCode::PublishFailed, message));
        }
        self.manifest[section][name] = entry;
        Ok(())
    }

    fn require_release(&self, release: &str) -> Result<()> {
        if self.manifest["releases"].get(release).is_some() {
            return Ok(());
        }
        Err(options(format!("there is no release {release:?}")))
    }

    fn lead(&mut self, channel: &str, release: &str) -> Result<()> {
        self.require_release(release)?;
        if self.manifest["channels"].get(channel) != Some(&json!(release)) {
            self.remember(channel)?;
            self.manifest["channels"][channel] = json!(release);
        }
        Ok(())
    }

    /// Keeps where a channel leads.
    fn remember(&mut self, channel: &str) -> Result<()> {
        let Some(now) = self.manifest["channels"].get(channel).cloned() else { return Ok(()) };
        let manifest = self.manifest.as_object_mut().ok_or_else(|| invalid("the manifest is no object"))?;
        let history = manifest.entry("history").or_insert_with(|| json!({}));
        let channels = history.as_object_mut().ok_or_else(|| invalid("the manifest's history is no object"))?;
        let list = channels.entry(channel).or_insert_with(|| json!([]));
        let list = list.as_array_mut().ok_or_else(|| invalid("the manifest's history has no lists"))?;
        list.push(now);
        let many = list.len().saturating_sub(REMEMBERED);
        list.drain(..many);
        Ok(())
    }

    /// Writes the manifest with the next sequence; where it is signed, first a file that holds its signature and that of the manifest
    /// it replaces.
    fn write(&mut self) -> Result<()> {
        let sequence = self.manifest["sequence"].as_u64().unwrap_or(0);
        self.manifest["sequence"] = json!(sequence.saturating_add(1));
        let text = serde_json::to_string_pretty(&self.manifest).map_err(|e| invalid(e.to_string()))? + "\n";
        Manifest::parse(text.as_bytes())?;
        if let Some(key) = &self.key {
            let old = if self.before.is_empty() { String::new() } else { sign(&self.before, key)? };
            let both = sign(text.as_bytes(), key)? + &old;
            self.bucket.put(SIGNATURE, both.as_bytes(), Keep::Asked)?;
        }
        self.bucket.put(MANIFEST, text.as_bytes(), Keep::Shortly)
    }
}

fn parse(bytes: &[u8]) -> Result<(Manifest, Value)> {
    let value = serde_json::from_slice(bytes).map_err(|e| invalid(e.to_string()))?;
    Ok((Manifest::parse(bytes)?, value))
}

fn files_of(model: &Value) -> Result<Vec<ModelFile>> {
    serde_json::from_value(model["files"].clone()).map_err(|e| invalid(format!("a model's files: {e}")))
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), String::from)
}
