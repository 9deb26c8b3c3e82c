//! Where models come from natively: a directory, or over HTTP or from an S3 bucket with a cache on disk for what came from afar.

use std::fs;
use std::future::Future;
use std::io::Read;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use super::bucket::{write_whole, Bucket};
use super::trial;
use crate::analyzer::{Analyzer, AnalyzerParams};
use crate::engine::{self, Model};
use crate::error::{Error, ErrorCode, Result};
use crate::network::Description;
use crate::store::host::{first_byte, Answer, Body, Event, Host};
use crate::store::more::more;
use crate::store::open::{open, Loader};
use crate::store::{shown, SelectedModel, Signer, StoreOptions, VerifiedBytes};

/// Where the manifest and the models lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModelSource {
    /// A directory.
    Directory(PathBuf),
    /// The URL of the manifest's directory: by HTTP, or `s3://BUCKET/PREFIX` by the credentials of the environment.
    Url(String),
}

/// Longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(10);

/// Longest wait for all models, where `SHINE_TIMEOUT` says nothing else, in seconds.
const WAIT: f64 = 120.0;

/// How much of a file is read at once.
const PIECE: usize = 64 << 10;

impl ModelSource {
    /// A directory, or a URL where it begins like one.
    pub fn parse(text: &str) -> ModelSource {
        if ["http://", "https://", "s3://"].iter().any(|scheme| text.starts_with(scheme)) {
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
}

/// Model files loaded by this process: from the cache, and from where they lie.
static LOADED: [AtomicU64; 2] = [const { AtomicU64::new(0) }; 2];

/// How many model files this process has loaded: from the cache, and from where they lie.
pub fn loaded() -> [u64; 2] {
    [0, 1].map(|from| LOADED[from].load(Ordering::Relaxed))
}

/// The host of the store: this machine's files, network and clock.
struct Native {
    /// Where what came from afar is kept; what lies in a directory needs no second copy.
    cache: Option<PathBuf>,
    agent: ureq::Agent,
    /// When nobody waits any longer.
    deadline: Instant,
    /// Signs the requests of an S3 source.
    bucket: Option<Bucket>,
}

/// A file, or an answer of the network.
struct Reading(Box<dyn Read>);

impl Body for Reading {
    async fn next(&mut self) -> std::result::Result<Option<Vec<u8>>, String> {
        let mut piece = vec![0; PIECE];
        let length = self.0.read(&mut piece).map_err(|e| e.to_string())?;
        piece.truncate(length);
        Ok((length > 0).then_some(piece))
    }
}

impl Native {
    fn path(&self, key: &str) -> Option<PathBuf> {
        // The name comes out of a manifest: only a hash is a file name.
        let hash = key.len() == 64 && key.bytes().all(|b| b.is_ascii_hexdigit());
        self.cache.as_ref().filter(|_| hash).map(|directory| directory.join(key))
    }

    fn ask(&self, url: &str, from: u64, most_ms: Option<f64>) -> std::result::Result<Answer<Reading>, String> {
        let signed = match &self.bucket {
            Some(Bucket::S3(s3)) => url.strip_prefix("s3://").map(|path| s3.signed(path)),
            _ => None,
        };
        let left = self.deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
        let left = most_ms.map_or(left, |most| left.min(Duration::from_secs_f64(most / 1000.0)));
        let request = self.agent.get(signed.as_deref().unwrap_or(url));
        let mut request = request.config().timeout_global(Some(left)).build();
        if from > 0 {
            request = request.header("range", format!("bytes={from}-"));
        }
        let response = request.call().map_err(|e| e.to_string())?;
        let header = |name: &str| Some(response.headers().get(name)?.to_str().ok()?.to_string());
        let status = response.status().as_u16();
        let from = if status == 206 {
            header("content-range").and_then(|range| first_byte(&range)).unwrap_or(from)
        } else {
            0
        };
        let content_type = header("content-type");
        Ok(Answer { status, from, content_type, body: Reading(Box::new(response.into_body().into_reader())) })
    }
}

impl Host for Native {
    type Body = Reading;
    /// Processes may fetch one file at once: each writes it whole.
    type Turn = ();

    async fn cached(&self, key: &str) -> Option<Vec<u8>> {
        fs::read(self.path(key)?).ok()
    }

    async fn keep(&self, key: &str, bytes: &[u8]) -> std::result::Result<(), String> {
        let Some(path) = self.path(key) else { return Ok(()) };
        write_whole(&path, bytes).map_err(|e| format!("{}: {e}", path.display()))
    }

    async fn forget(&self, key: &str) {
        if let Some(path) = self.path(key) {
            // One that can't be removed is found out again the next time.
            let _ = fs::remove_file(path);
        }
    }

    async fn turn(&self, _: &str) {}

    async fn open(&self, url: &str, from: u64, most_ms: Option<f64>) -> std::result::Result<Answer<Reading>, String> {
        let afar = ["http://", "https://", "s3://"].iter().any(|scheme| url.starts_with(scheme));
        if afar {
            return self.ask(url, from, most_ms);
        }
        match fs::File::open(url) {
            Ok(file) => Ok(Answer { status: 200, from: 0, content_type: None, body: Reading(Box::new(file)) }),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                Ok(Answer { status: 404, from: 0, content_type: None, body: Reading(Box::new(std::io::empty())) })
            }
            Err(e) => Err(e.to_string()),
        }
    }

    async fn pause(&self, ms: f64) {
        let left = self.deadline.saturating_duration_since(Instant::now());
        std::thread::sleep(left.min(Duration::from_secs_f64(ms / 1000.0)));
    }

    fn chance(&self) -> f64 {
        (super::chance() >> 11) as f64 / (1u64 << 53) as f64
    }

    fn check(&self) -> Result<()> {
        if Instant::now() < self.deadline {
            return Ok(());
        }
        Err(Error::new(
            ErrorCode::Timeout,
            "the models did not come in time; SHINE_TIMEOUT says how many seconds they have",
        ))
    }

    fn tell(&self, event: Event<'_>) {
        match event {
            Event::Done(progress) => drop(LOADED[usize::from(!progress.cached)].fetch_add(1, Ordering::Relaxed)),
            Event::Recovered(error) => super::warn(&error.message),
            Event::NotKept(why) => super::warn(&format!("cache-unavailable: {why}")),
            Event::Begun(_) | Event::Loaded(_) => {}
        }
    }
}

/// Makes models for the engine here.
struct Engine;

impl Loader for Engine {
    type Model = Box<dyn Model>;

    fn fits(&self, selected: &SelectedModel) -> Result<()> {
        Description::of(selected).map(|_| ())
    }

    async fn model(&self, bytes: &VerifiedBytes, selected: &SelectedModel) -> Result<Box<dyn Model>> {
        if engine::is_general(bytes) {
            trial::run(bytes, selected.self_test.as_ref())?;
        }
        let model = engine::load(bytes)?;
        engine::prove(model.as_ref(), selected.self_test.as_ref())?;
        Ok(model)
    }
}

/// `$XDG_CACHE_HOME/shine-skin`, else `~/.cache/shine-skin`.
pub fn cache() -> Option<PathBuf> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
    let base = absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")))?;
    Some(base.join("shine-skin"))
}

/// How long the models have: `SHINE_TIMEOUT`, in seconds.
///
/// # Errors
/// `invalid-options` where it is no number of seconds.
pub fn patience() -> Result<Duration> {
    let text = std::env::var("SHINE_TIMEOUT").unwrap_or_default();
    let seconds = if text.is_empty() { Ok(WAIT) } else { text.parse() };
    match seconds {
        Ok(seconds) if (0.001..=86_400.0).contains(&seconds) => Ok(Duration::from_secs_f64(seconds)),
        _ => Err(Error::new(
            ErrorCode::InvalidOptions,
            format!("SHINE_TIMEOUT is {text:?}, which is no number of seconds"),
        )),
    }
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder().timeout_connect(Some(CONNECT)).http_status_as_error(false).build().into()
}

/// Asks for the manifest of a URL, whatever is kept here.
///
/// # Errors
/// `manifest-fetch`.
pub fn reach(url: &str, most: Duration) -> Result<String> {
    let bucket = url.starts_with("s3://").then(|| Bucket::parse(url)).transpose()?;
    let host = Native { cache: None, agent: agent(), deadline: Instant::now() + most, bucket };
    let place = format!("{url}/manifest.json");
    let failed =
        |why: String| Error::new(ErrorCode::ManifestFetch, format!("{} can't be reached: {why}", shown(&place)));
    let answer = host.ask(&place, 0, None).map_err(failed)?;
    match answer.status {
        200..=299 => Ok(format!("{} answers", shown(&place))),
        status => Err(failed(format!("status {status}"))),
    }
}

/// What a future that waits on threads alone answers.
fn finish<F: Future>(future: F) -> F::Output {
    let mut future = std::pin::pin!(future);
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return value;
        }
    }
}

/// An analyzer over the models of a channel. `SHINE_MANIFEST_PUBLIC_KEY` is the key that has to have signed the manifest; `SHINE_TIMEOUT` says
/// how many seconds the models have; `SHINE_SPLIT_KEY` is whom a split channel is split by.
///
/// # Errors
/// The codes of the manifest and of the models.
pub fn load(source: &ModelSource, channel: &str, params: AnalyzerParams) -> Result<Analyzer> {
    load_within(source, channel, params, patience()?)
}

/// The same within so much time.
///
/// # Errors
/// The codes of the manifest and of the models.
pub fn load_within(source: &ModelSource, channel: &str, params: AnalyzerParams, most: Duration) -> Result<Analyzer> {
    let key = std::env::var("SHINE_MANIFEST_PUBLIC_KEY").ok().filter(|key| !key.is_empty());
    let signer = key.map(|key| Signer::parse(&key)).transpose()?;
    let (base, cache, bucket) = match source {
        ModelSource::Directory(directory) => (directory.to_string_lossy().into_owned(), None, None),
        ModelSource::Url(url) => {
            (url.clone(), cache(), url.starts_with("s3://").then(|| Bucket::parse(url)).transpose()?)
        }
    };
    let split_key = std::env::var("SHINE_SPLIT_KEY").ok().filter(|key| !key.is_empty());
    let options = StoreOptions { base, channel: channel.into(), split_key, signer, ..StoreOptions::default() };
    let deadline = Instant::now() + most;
    let host = Native { cache, agent: agent(), deadline, bucket };
    let opened = finish(open(&host, &Engine, &options))?;
    let flags = opened.flags.in_environment(|key| std::env::var(key).ok())?;
    let analyzer = Analyzer::new(opened.models, Some(opened.release), params.switched(flags), super::clock)?;
    let mut analyzer = analyzer.expecting(&opened.later);
    for (selected, model) in finish(more(&host, &Engine, &options, opened.later)) {
        analyzer.add(selected, model)?;
    }
    Ok(analyzer)
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
        let agent = ureq::Agent::config_builder().build().into();
        let native = Native { cache: Some("/cache".into()), agent, deadline: Instant::now(), bucket: None };
        assert_eq!(native.path("../../etc/passwd"), None);
        assert_eq!(native.path(&"a".repeat(64)), Some(PathBuf::from("/cache").join("a".repeat(64))));
    }

    #[test]
    fn a_missing_directory_is_a_fetch_error() {
        let source = ModelSource::Directory("/nowhere".into());
        let error = load(&source, "stable", AnalyzerParams::default()).err().unwrap();
        assert_eq!(error.code, ErrorCode::ManifestFetch);
    }
}
