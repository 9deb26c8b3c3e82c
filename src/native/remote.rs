//! A server, as the command line or another server asks it.

use std::io::Read;
use std::time::Duration;

use serde_json::Value;

use crate::error::{Error, ErrorCode, Result};
use crate::policy::Failure;
use crate::remote::answer;
use crate::store::shown;

/// Most bytes of an answer: a report of the largest photo has less than one million.
const MOST_BYTES: u64 = 16 << 20;

/// A server that analyses photos.
pub struct Remote {
    url: String,
    key: Option<String>,
    agent: ureq::Agent,
}

impl Remote {
    /// The server at an address, and the key that it asks for, where it does.
    ///
    /// # Errors
    /// `invalid-options` where that is no address.
    pub fn new(url: &str, key: Option<String>) -> Result<Remote> {
        if !["http://", "https://"].iter().any(|scheme| url.starts_with(scheme)) {
            let message = format!("a server's address begins with http:// or https://, not {}", shown(url));
            return Err(Error::new(ErrorCode::InvalidOptions, message));
        }
        let config = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0);
        Ok(Remote { url: url.trim_end_matches('/').into(), key, agent: config.build().into() })
    }

    /// Has a photo analysed: `what` is `analyze` or `detect`.
    ///
    /// # Errors
    /// `server-unreachable`, `server-busy`, `server-failed`, `timeout`.
    pub fn post(&self, what: &str, jpeg: &[u8], most: Duration) -> std::result::Result<Value, Failure> {
        let url = format!("{}/v1/{what}", self.url);
        let request = self.agent.post(&url).header("content-type", "image/jpeg");
        let request = match &self.key {
            Some(key) => request.header("authorization", format!("Bearer {key}")),
            None => request,
        };
        let failed = |error: ureq::Error| -> Failure {
            let code = match error {
                ureq::Error::Timeout(_) => ErrorCode::Timeout,
                _ => ErrorCode::ServerUnreachable,
            };
            Error::new(code, format!("{} can't be asked: {error}", shown(&self.url))).into()
        };
        let mut response = request.config().timeout_global(Some(most)).build().send(jpeg).map_err(failed)?;
        let header = |name: &str| Some(response.headers().get(name)?.to_str().ok()?.to_string());
        let (status, retry_after) = (response.status().as_u16(), header("retry-after"));
        let mut body = Vec::new();
        let read = response.body_mut().as_reader().take(MOST_BYTES).read_to_end(&mut body);
        read.map_err(|error| failed(ureq::Error::from(error)))?;
        answer(status, retry_after.as_deref(), &body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one() {
        assert!(Remote::new("https://server.example/", None).is_ok());
        let error = Remote::new("ftp://me:secret@server", None).err().unwrap();
        assert_eq!(error.code, ErrorCode::InvalidOptions);
        assert!(!error.message.contains("secret"));
    }

    #[test]
    fn nobody_there_is_unreachable() {
        let remote = Remote::new("http://127.0.0.1:1", None).unwrap();
        let failure = remote.post("analyze", b"", Duration::from_secs(5)).unwrap_err();
        assert_eq!(failure.error.code, ErrorCode::ServerUnreachable);
    }
}
