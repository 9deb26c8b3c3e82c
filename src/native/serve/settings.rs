//! What a server is told, by flags or by the environment, and what of it may be shown.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::error::{Error, ErrorCode, Result};
use crate::frame::Limits;
use crate::native::remote::Remote;
use crate::native::source::ModelSource;
use crate::store::shown;

/// What `shine-skin serve` is asked. A flag stands before its variable.
#[derive(Args, Clone)]
pub struct ServeArgs {
    /// The address to listen on; 0.0.0.0 in a container
    #[arg(long, env = "SHINE_HOST", default_value = "127.0.0.1")]
    pub host: IpAddr,
    /// The port; PORT is read where SHINE_PORT is not set
    #[arg(long, env = "SHINE_PORT")]
    pub port: Option<u16>,
    /// The directory of the page
    #[arg(long, env = "SHINE_SITE", default_value = "target/site")]
    pub site: PathBuf,
    /// Where the models are: a directory, which is also served under /models, or a URL
    #[arg(long, value_name = "DIR|URL")]
    pub models: Option<String>,
    /// A channel of the manifest
    #[arg(long, env = "SHINE_CHANNEL", default_value = "stable")]
    pub channel: String,
    /// Load the models at the start rather than with the first photo
    #[arg(long, env = "SHINE_EAGER", value_parser = clap::builder::FalseyValueParser::new())]
    pub eager: bool,
    /// Another server, asked where the models can't run here
    #[arg(long, env = "SHINE_SERVER", value_name = "URL")]
    pub server: Option<String>,
    /// The key of that server
    #[arg(long, env = "SHINE_SERVER_KEY", value_name = "KEY", hide_env_values = true)]
    pub server_key: Option<String>,
    /// The key that callers of the analysis have to send; none asks for none
    #[arg(long, env = "SHINE_API_KEY", value_name = "KEY", hide_env_values = true)]
    pub api_key: Option<String>,
    /// Origins that a browser may call from, with commas between; * for all
    #[arg(long, env = "SHINE_CORS", default_value = "*", value_delimiter = ',')]
    pub cors: Vec<String>,
    /// Most bytes of a photo
    #[arg(long, env = "SHINE_MAX_BYTES", default_value_t = Limits::default().max_bytes)]
    pub max_bytes: usize,
    /// Most pixels of a photo
    #[arg(long, env = "SHINE_MAX_PIXELS", default_value_t = Limits::default().max_pixels)]
    pub max_pixels: usize,
    /// Photos that are analysed at once; as many as there are cores where it is not set
    #[arg(long, env = "SHINE_CONCURRENCY")]
    pub concurrency: Option<usize>,
    /// Photos that may wait for their turn; the next is refused with 503
    #[arg(long, env = "SHINE_QUEUE", default_value_t = 16)]
    pub queue: usize,
    /// Longest that a request may take, seconds
    #[arg(long, env = "SHINE_REQUEST_TIMEOUT", default_value_t = 30.0)]
    pub request_timeout: f64,
    /// How long new connections are still taken after a signal to end, seconds: longer than a load balancer needs to notice
    #[arg(long, env = "SHINE_DRAIN", default_value_t = 1.0)]
    pub drain: f64,
    /// Serve nothing: ask the server that listens there whether it is ready, for a container's health check
    #[arg(long)]
    pub check: bool,
    /// Whose deployment this is, told in a header of each answer
    #[arg(long, env = "SHINE_OWNER", default_value = "")]
    pub owner: String,
    /// Which build this is, told beside it
    #[arg(long, env = "SHINE_BUILD", default_value = env!("CARGO_PKG_VERSION"))]
    pub build: String,
}

/// Every variable that this project reads; another that begins alike is a slip of the pen.
const KNOWN: [&str; 33] = [
    "SHINE_HOST",
    "SHINE_PORT",
    "SHINE_SITE",
    "SHINE_MODELS",
    "SHINE_CHANNEL",
    "SHINE_EAGER",
    "SHINE_SERVER",
    "SHINE_SERVER_KEY",
    "SHINE_API_KEY",
    "SHINE_CORS",
    "SHINE_MAX_BYTES",
    "SHINE_MAX_PIXELS",
    "SHINE_CONCURRENCY",
    "SHINE_QUEUE",
    "SHINE_REQUEST_TIMEOUT",
    "SHINE_DRAIN",
    "SHINE_OWNER",
    "SHINE_BUILD",
    "SHINE_TIMEOUT",
    "SHINE_SPLIT_KEY",
    "SHINE_MANIFEST_PUBLIC_KEY",
    "SHINE_FLAG_SECOND_LOOK",
    "SHINE_FLAG_TRACKING",
    // Of the build and of its tests.
    "SHINE_TOOLS",
    "SHINE_WEED",
    "SHINE_TEST_MODELS",
    "SHINE_MUTATIONS",
    "SHINE_FUZZ_MODELS",
    "SHINE_FUZZ_KEEP",
    "SHINE_FUZZ_MANIFESTS",
    "SHINE_BENCH_ROUNDS",
    "SHINE_ACCEPT",
    "SHINE_LOAD_SECONDS",
];

/// The variables of an environment that begin like ours and are none.
pub fn unknown(names: impl Iterator<Item = String>) -> Vec<String> {
    names.filter(|name| name.starts_with("SHINE_") && !KNOWN.contains(&name.as_str())).collect()
}

impl ServeArgs {
    /// The port: the flag or `SHINE_PORT`, then `PORT`, then 8000.
    ///
    /// # Errors
    /// `invalid-options` where `PORT` is no port.
    pub fn port(&self) -> Result<u16> {
        let set = |text: String| {
            let wrong = |_| Error::new(ErrorCode::InvalidOptions, format!("PORT is {text:?}, which is no port"));
            text.parse().map_err(wrong)
        };
        match (self.port, std::env::var("PORT")) {
            (Some(port), _) => Ok(port),
            (None, Ok(text)) if !text.is_empty() => set(text),
            _ => Ok(8000),
        }
    }

    /// Where the models are: the flag, `SHINE_MODELS`, then what the service before this one was told by, then what is usual.
    pub fn source(&self) -> ModelSource {
        let set = |name: &str| std::env::var(name).ok().filter(|text| !text.is_empty());
        if let Some(text) = self.models.clone().or_else(|| set("SHINE_MODELS")) {
            return ModelSource::parse(&text);
        }
        legacy(set).unwrap_or_else(ModelSource::default_source)
    }

    /// How many photos are analysed at once.
    pub fn at_once(&self) -> usize {
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        self.concurrency.unwrap_or_else(cores).clamp(1, 4096)
    }

    /// What a photo may cost.
    pub fn limits(&self) -> Limits {
        Limits { max_bytes: self.max_bytes, max_pixels: self.max_pixels }
    }

    /// Looks at what clap can't.
    ///
    /// # Errors
    /// `invalid-options` where a time is none.
    pub fn validate(&self) -> Result<()> {
        for (name, seconds) in [("SHINE_REQUEST_TIMEOUT", self.request_timeout), ("SHINE_DRAIN", self.drain)] {
            if !(0.0..=86_400.0).contains(&seconds) {
                let message = format!("{name} is {seconds}, which is no number of seconds");
                return Err(Error::new(ErrorCode::InvalidOptions, message));
            }
        }
        Ok(())
    }

    /// The other server, where there is one.
    ///
    /// # Errors
    /// `invalid-options`.
    pub fn remote(&self) -> Result<Option<Remote>> {
        let url = self.server.as_deref().filter(|url| !url.is_empty());
        let key = self.server_key.clone().filter(|key| !key.is_empty());
        url.map(|url| Remote::new(url, key)).transpose()
    }

    /// What holds, for the start's log: no key is shown, and no address with a password.
    pub fn effective(&self) -> Result<serde_json::Value> {
        let hidden = |key: &Option<String>| key.as_ref().filter(|key| !key.is_empty()).map(|_| "***");
        let models = match self.source() {
            ModelSource::Directory(directory) => directory.to_string_lossy().into_owned(),
            ModelSource::Url(url) => shown(&url),
        };
        Ok(serde_json::json!({
            "host": self.host, "port": self.port()?, "site": self.site, "models": models, "channel": self.channel,
            "eager": self.eager, "server": self.server.as_deref().map(shown), "serverKey": hidden(&self.server_key),
            "apiKey": hidden(&self.api_key), "cors": self.cors, "maxBytes": self.max_bytes,
            "maxPixels": self.max_pixels, "concurrency": self.at_once(), "queue": self.queue,
            "requestTimeout": self.request_timeout, "drain": self.drain, "owner": self.owner, "build": self.build,
        }))
    }
}

/// The settings of the service before this one: a model file here, or one in a bucket. What lies here goes first.
fn legacy(set: impl Fn(&str) -> Option<String>) -> Option<ModelSource> {
    let folder = |path: &str| match path.rsplit_once('/') {
        // A key or a path that ends like a file names the folder that it lies in.
        Some((folder, file)) if file.contains('.') => folder.to_string(),
        None if path.contains('.') => String::new(),
        _ => path.trim_end_matches('/').to_string(),
    };
    if let Some(path) = set("MODEL_PATH").map(|path| folder(&path)) {
        let path = if path.is_empty() { ".".into() } else { path };
        if Path::new(&path).join("manifest.json").exists() {
            return Some(ModelSource::Directory(path.into()));
        }
    }
    let bucket = set("S3_BUCKET")?;
    let prefix = set("S3_MODEL_KEY").map(|key| folder(&key)).unwrap_or_default();
    Some(ModelSource::parse(&format!("s3://{bucket}/{prefix}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_is_noticed() {
        let names = ["SHINE_MODLES", "SHINE_MODELS", "PATH", "SHINE_"].map(String::from);
        assert_eq!(unknown(names.into_iter()), ["SHINE_MODLES", "SHINE_"]);
    }

    #[test]
    fn what_the_old_service_was_told_by_still_leads_to_models() {
        let with = |pairs: &'static [(&str, &str)]| {
            legacy(|name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| value.to_string()))
        };
        let s3 = |url: &str| Some(ModelSource::Url(url.into()));
        assert_eq!(with(&[]), None);
        assert_eq!(with(&[("S3_BUCKET", "b"), ("S3_MODEL_KEY", "models/skin/model.h5")]), s3("s3://b/models/skin"));
        assert_eq!(with(&[("S3_BUCKET", "b"), ("S3_MODEL_KEY", "model.h5")]), s3("s3://b"));
        assert_eq!(with(&[("S3_BUCKET", "b")]), s3("s3://b"));
        assert_eq!(with(&[("MODEL_PATH", "/nowhere/model.h5"), ("S3_BUCKET", "b")]), s3("s3://b"));
        let here = with(&[("MODEL_PATH", "models/dist/model.onnx"), ("S3_BUCKET", "b")]);
        assert_eq!(here, Some(ModelSource::Directory("models/dist".into())));
    }
}
