//! One request as a stranger makes it, and what kept it from an answer.

use std::io::Read;
use std::net::{TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

use jiff::{Timestamp, Zoned};

/// Longest wait for a connection, and for an answer.
const CONNECT: Duration = Duration::from_secs(5);
const ANSWER: Duration = Duration::from_secs(45);

/// Most bytes of an answer that are read.
const MOST: u64 = 128 << 20;

/// An answer, whatever its status.
pub struct Answer {
    pub status: u16,
    headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub took: Duration,
}

impl Answer {
    /// A header; empty where it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// Whether it is a page, whatever was asked for.
    pub fn is_page(&self) -> bool {
        self.header("content-type").starts_with("text/html")
            || self.body.starts_with(b"<!doctype")
            || self.body.starts_with(b"<html")
    }

    /// By how many seconds the other clock is ahead of this one's; `None` where it does not tell.
    pub fn skew(&self) -> Option<f64> {
        let theirs: Zoned = jiff::fmt::rfc2822::parse(self.header("date")).ok()?;
        Some(theirs.timestamp().duration_since(Timestamp::now()).as_secs_f64())
    }
}

/// Why there is no answer: the layer that failed, and what it said.
pub struct Trouble {
    pub layer: &'static str,
    pub said: String,
    /// What to do about it.
    pub cure: &'static str,
}

/// Asks as a browser on some page would.
pub struct Prober {
    agent: ureq::Agent,
    origin: String,
}

impl Prober {
    /// A prober that says that it comes from an origin.
    pub fn new(origin: &str) -> Prober {
        let config = ureq::Agent::config_builder().http_status_as_error(false).timeout_connect(Some(CONNECT));
        Prober { agent: config.timeout_global(Some(ANSWER)).build().into(), origin: origin.into() }
    }

    /// Where the requests say that they come from.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Name and port by themselves, layer by layer: how many addresses the name has.
    pub fn reach(&self, url: &str) -> Result<usize, Trouble> {
        let (secure, rest) = match url.split_once("://") {
            Some(("https", rest)) => (true, rest),
            Some(("http", rest)) => (false, rest),
            _ => {
                return Err(trouble("address", "it does not begin with http:// or https://", "give the whole address"))
            }
        };
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let host = host.rsplit('@').next().unwrap_or(host);
        let with_port = if host.rsplit(':').next().is_some_and(|port| port.parse::<u16>().is_ok()) {
            host.to_string()
        } else {
            format!("{host}:{}", if secure { 443 } else { 80 })
        };
        let found = with_port.to_socket_addrs().map_err(|why| {
            trouble("dns", &format!("{host} has no address: {why}"), "check the name and its DNS record")
        })?;
        let addresses: Vec<_> = found.collect();
        let mut said = String::from("no address");
        for address in &addresses {
            match TcpStream::connect_timeout(address, CONNECT) {
                Ok(_) => return Ok(addresses.len()),
                Err(why) => said = format!("{address}: {why}"),
            }
        }
        Err(trouble("port", &said, "check the port, that the server runs, and the firewall between"))
    }

    /// A request without a body; extra headers by name and value.
    pub fn ask(&self, method: &str, url: &str, headers: &[(&str, &str)]) -> Result<Answer, Trouble> {
        let begun = Instant::now();
        let mut request = ureq::http::Request::builder().method(method).uri(url).header("origin", &self.origin);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(()).map_err(|why| trouble("address", &why.to_string(), "give the whole address"))?;
        self.answer(url, self.agent.run(request), begun)
    }

    /// A request with a body.
    pub fn send(&self, url: &str, kind: &str, key: Option<&str>, body: &[u8]) -> Result<Answer, Trouble> {
        let begun = Instant::now();
        let mut request = self.agent.post(url).header("origin", &self.origin).header("content-type", kind);
        if let Some(key) = key {
            request = request.header("authorization", format!("Bearer {key}"));
        }
        self.answer(url, request.send(body), begun)
    }

    fn answer(
        &self,
        url: &str,
        answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
        begun: Instant,
    ) -> Result<Answer, Trouble> {
        let mut answer = answer.map_err(|error| layered(url, error))?;
        let text = |value: &ureq::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers = answer.headers().iter().map(|(name, value)| (name.as_str().to_string(), text(value))).collect();
        let mut body = Vec::new();
        let status = answer.status().as_u16();
        let read = answer.body_mut().as_reader().take(MOST).read_to_end(&mut body);
        read.map_err(|why| layered(url, ureq::Error::from(why)))?;
        Ok(Answer { status, headers, body, took: begun.elapsed() })
    }
}

fn trouble(layer: &'static str, said: &str, cure: &'static str) -> Trouble {
    Trouble { layer, said: said.into(), cure }
}

/// Which layer an error is of.
fn layered(url: &str, error: ureq::Error) -> Trouble {
    let said = error.to_string();
    match error {
        ureq::Error::HostNotFound => trouble("dns", &said, "check the name and its DNS record"),
        ureq::Error::Timeout(_) => trouble("time", &said, "look what the server waits for"),
        ureq::Error::Rustls(_) | ureq::Error::Tls(_) => {
            trouble("tls", &said, "check the certificate, its name and its date, and that this port speaks TLS")
        }
        // That somebody listens was seen before: what breaks off then is the handshake.
        ureq::Error::Io(_) | ureq::Error::ConnectionFailed if url.starts_with("https:") => {
            trouble("tls", &said, "check the certificate, its name and its date, and that this port speaks TLS")
        }
        ureq::Error::Io(_) | ureq::Error::ConnectionFailed => {
            trouble("port", &said, "check the port, that the server runs, and the firewall between")
        }
        _ => trouble("http", &said, "look at what answers there: it does not speak HTTP as it should"),
    }
}
