//! Where models are published to: a directory, or an S3 bucket by the credentials of the environment.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusty_s3::actions::{GetObject, PutObject};
use rusty_s3::{Credentials, S3Action, UrlStyle};

use crate::error::{Error, ErrorCode, Result};

/// How long whoever fetches a file may keep it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// For ever: its name carries its hash.
    Always,
    /// Shortly: the next one has the same name.
    Shortly,
    /// Not without asking: what it signs may be kept, and the next one is signed in it as well.
    Asked,
}

impl Keep {
    fn header(self) -> &'static str {
        match self {
            Keep::Always => "public, max-age=31536000, immutable",
            Keep::Shortly => "public, max-age=60, must-revalidate",
            Keep::Asked => "no-cache",
        }
    }
}

/// A place that files are published to.
pub enum Bucket {
    /// A directory.
    Directory(PathBuf),
    /// A bucket, and what the names of files begin with.
    S3(Box<S3>),
}

/// A bucket of an S3 server.
pub struct S3 {
    bucket: rusty_s3::Bucket,
    credentials: Option<Credentials>,
    prefix: String,
    agent: ureq::Agent,
}

/// How long a signature of a request is good for.
const VALID: Duration = Duration::from_secs(300);

/// Longest wait for one answer.
const TIMEOUT: Duration = Duration::from_secs(120);

/// More is no file of a model.
const MOST: u64 = 256 << 20;

fn failed(place: &str, why: impl std::fmt::Display) -> Error {
    Error::new(ErrorCode::PublishFailed, format!("{place}: {why}"))
}

impl Bucket {
    /// `s3://BUCKET/PREFIX`, or a directory. The server of a bucket is `AWS_ENDPOINT_URL_S3` or `AWS_ENDPOINT_URL`, else Amazon's of the
    /// region that `AWS_REGION` or `AWS_DEFAULT_REGION` names; credentials are `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and
    /// `AWS_SESSION_TOKEN`.
    ///
    /// # Errors
    /// `invalid-options` where the bucket has no name, or the server no URL.
    pub fn parse(text: &str) -> Result<Bucket> {
        let Some(rest) = text.strip_prefix("s3://") else { return Ok(Bucket::Directory(text.into())) };
        let set = |names: [&str; 2]| names.iter().find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()));
        let region = set(["AWS_REGION", "AWS_DEFAULT_REGION"]).unwrap_or_else(|| "us-east-1".into());
        let custom = set(["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"]);
        // A server of one's own rarely has a host name for each bucket.
        let style = if custom.is_some() { UrlStyle::Path } else { UrlStyle::VirtualHost };
        let endpoint = custom.unwrap_or_else(|| format!("https://s3.{region}.amazonaws.com"));
        let (name, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let invalid = |why: String| Error::new(ErrorCode::InvalidOptions, format!("{text}: {why}"));
        if name.is_empty() {
            return Err(invalid("there is no bucket's name".into()));
        }
        let endpoint = endpoint.parse().map_err(|e| invalid(format!("{endpoint} is no URL: {e}")))?;
        let bucket = rusty_s3::Bucket::new(endpoint, style, name.to_string(), region)
            .map_err(|e| invalid(format!("it is no bucket: {e}")))?;
        let prefix = prefix.trim_end_matches('/');
        // A key is joined to the bucket's URL: one that begins with a slash, or goes up, would leave it.
        if !prefix.is_empty() && prefix.split('/').any(|part| matches!(part, "" | "." | "..")) {
            return Err(invalid("its path has an empty part, or one of dots".into()));
        }
        let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
        // A status that says no is an answer, and its body says why.
        let config = ureq::Agent::config_builder().timeout_global(Some(TIMEOUT)).http_status_as_error(false);
        let agent = config.build().into();
        Ok(Bucket::S3(Box::new(S3 { bucket, credentials: Credentials::from_env(), prefix, agent })))
    }

    /// A file; `None` where there is none.
    ///
    /// # Errors
    /// `publish-failed`.
    pub fn get(&self, name: &str) -> Result<Option<Vec<u8>>> {
        match self {
            Bucket::Directory(directory) => match std::fs::read(directory.join(name)) {
                Ok(bytes) => Ok(Some(bytes)),
                Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
                Err(e) => Err(failed(&directory.join(name).display().to_string(), e)),
            },
            Bucket::S3(s3) => s3.get(name),
        }
    }

    /// Writes a file whole or not at all.
    ///
    /// # Errors
    /// `publish-failed`.
    pub fn put(&self, name: &str, bytes: &[u8], keep: Keep) -> Result<()> {
        match self {
            Bucket::Directory(directory) => {
                let path = directory.join(name);
                write_whole(&path, bytes).map_err(|e| failed(&path.display().to_string(), e))
            }
            Bucket::S3(s3) => s3.put(name, bytes, keep),
        }
    }
}

impl S3 {
    /// A URL that gives a file, by its path: bucket and key.
    pub fn signed(&self, path: &str) -> String {
        let key = path.split_once('/').map_or("", |(_, key)| key);
        GetObject::new(&self.bucket, self.credentials.as_ref(), key).sign(VALID).into()
    }

    fn key(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    fn get(&self, name: &str) -> Result<Option<Vec<u8>>> {
        let key = self.key(name);
        let url = GetObject::new(&self.bucket, self.credentials.as_ref(), &key).sign(VALID);
        let mut response = self.agent.get(url.as_str()).call().map_err(|e| failed(&key, e))?;
        match response.status().as_u16() {
            404 => Ok(None),
            200 => response.body_mut().with_config().limit(MOST).read_to_vec().map(Some).map_err(|e| failed(&key, e)),
            status => Err(refused(&key, status, &mut response)),
        }
    }

    fn put(&self, name: &str, bytes: &[u8], keep: Keep) -> Result<()> {
        let key = self.key(name);
        let mut action = PutObject::new(&self.bucket, self.credentials.as_ref(), &key);
        let headers = [("content-type", content_type(name)), ("cache-control", keep.header())];
        for (header, value) in headers {
            action.headers_mut().insert(header, value);
        }
        let url = action.sign(VALID);
        let request = headers.iter().fold(self.agent.put(url.as_str()), |r, (header, value)| r.header(*header, *value));
        let mut response = request.send(bytes).map_err(|e| failed(&key, e))?;
        match response.status().as_u16() {
            200 => Ok(()),
            status => Err(refused(&key, status, &mut response)),
        }
    }
}

/// What the server's answer says, without the signature that the URL holds.
fn refused(key: &str, status: u16, response: &mut ureq::http::Response<ureq::Body>) -> Error {
    let text = response.body_mut().with_config().limit(4096).read_to_string().unwrap_or_default();
    let tag = |name: &str| Some(text.split_once(&format!("<{name}>"))?.1.split('<').next()?.to_string());
    let why: Vec<String> = ["Code", "Message"].into_iter().filter_map(tag).collect();
    failed(key, format!("the bucket answers {status} {}", why.join(": ")).trim_end())
}

fn content_type(name: &str) -> &'static str {
    match Path::new(name).extension().and_then(|e| e.to_str()) {
        Some("json") => "application/json",
        Some("sig") => "text/plain; charset=utf-8",
        Some("md") => "text/markdown; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// Writes a file whole or not at all, also where two processes write it at once.
///
/// # Errors
/// What the file system says.
pub fn write_whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write;
    let directory = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(directory)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    // By chance: processes in containers that share a directory have one number each, and it is 1.
    let part = directory.join(format!(".{name}.{:x}.part", super::chance()));
    let written = std::fs::File::create_new(&part).and_then(|mut file| {
        file.write_all(bytes)?;
        // What the name leads to must be there after a power cut too.
        file.sync_all()
    });
    let done = written.and_then(|()| std::fs::rename(&part, path));
    if done.is_err() {
        let _ = std::fs::remove_file(&part);
    }
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_told_from_a_directory() {
        assert!(matches!(Bucket::parse("models/dist").unwrap(), Bucket::Directory(_)));
        let Bucket::S3(s3) = Bucket::parse("s3://models/skin/").unwrap() else { panic!("no bucket") };
        assert_eq!((s3.bucket.name(), s3.prefix.as_str()), ("models", "skin/"));
        assert_eq!(s3.key("manifest.json"), "skin/manifest.json");
        for wrong in ["s3://", "s3:///x", "s3://b//x", "s3://b///:80/x", "s3://b/../x", "s3://b/x/./y"] {
            assert_eq!(Bucket::parse(wrong).err().map(|e| e.code), Some(ErrorCode::InvalidOptions), "{wrong}");
        }
    }

    #[test]
    fn files_are_there_whole_and_leave_nothing_beside_them() {
        let directory = std::env::temp_dir().join(format!("shine-skin-bucket-{}", std::process::id()));
        let bucket = Bucket::Directory(directory.clone());
        assert_eq!(bucket.get("a.json").unwrap(), None);
        std::thread::scope(|scope| {
            for k in 0..8u8 {
                let bucket = &bucket;
                scope.spawn(move || bucket.put("a.json", &vec![k; 50_000], Keep::Shortly).unwrap());
            }
        });
        let bytes = bucket.get("a.json").unwrap().unwrap();
        assert!(bytes.len() == 50_000 && bytes.iter().all(|b| *b == bytes[0]));
        assert_eq!(std::fs::read_dir(&directory).unwrap().count(), 1);
        std::fs::remove_dir_all(directory).unwrap();
    }
}
