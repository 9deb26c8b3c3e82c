//! The server as a process, for tests.

#![allow(dead_code)] // Each test file uses its own part.

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;

pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

pub const SAMPLE: &str = "www/page/sample/astronaut.png";

pub fn sample() -> Vec<u8> {
    std::fs::read(root().join(SAMPLE)).unwrap()
}

/// `shine-skin serve` on a port of its own.
pub struct Server {
    pub child: Child,
    pub url: String,
    log: Arc<Mutex<String>>,
}

/// An answer, whatever its status.
pub struct Answer {
    pub status: u16,
    pub headers: ureq::http::HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&self.body)))
    }

    pub fn header(&self, name: &str) -> String {
        self.headers.get(name).map_or(String::new(), |value| value.to_str().unwrap().into())
    }
}

impl Server {
    pub fn start(args: &[&str], variables: &[(&str, &str)]) -> Server {
        let mut command = Command::new(env!("CARGO_BIN_EXE_shine-skin"));
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("SHINE_")) {
            command.env_remove(name);
        }
        let port: &[&str] = if variables.iter().any(|(name, _)| *name == "PORT") { &[] } else { &["--port", "0"] };
        command.arg("serve").args(port).args(args).envs(variables.iter().copied()).current_dir(root());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // What nobody reads would fill its pipe.
        let log = Arc::new(Mutex::new(String::new()));
        let (kept, mut lines) = (Arc::clone(&log), BufReader::new(child.stderr.take().unwrap()));
        std::thread::spawn(move || {
            let mut line = String::new();
            while lines.read_line(&mut line).is_ok_and(|length| length > 0) {
                kept.lock().unwrap().push_str(&line);
                line.clear();
            }
        });
        let mut first = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
        let url = first.trim().rsplit(' ').next().unwrap().to_string();
        assert!(url.starts_with("http://"), "{first:?}, {}", log.lock().unwrap());
        Server { child, url, log }
    }

    pub fn with_models() -> Server {
        Server::start(&["--models", "models/dist", "--drain", "0"], &[])
    }

    pub fn log(&self) -> String {
        // What was written last may still be on its way.
        std::thread::sleep(Duration::from_millis(100));
        self.log.lock().unwrap().clone()
    }

    pub fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = agent().get(format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        read(request.call().unwrap())
    }

    pub fn post(&self, path: &str, kind: &str, body: &[u8]) -> Answer {
        self.post_with(path, kind, body, &[])
    }

    pub fn post_with(&self, path: &str, kind: &str, body: &[u8], headers: &[(&str, &str)]) -> Answer {
        self.try_post(path, kind, body, headers).unwrap()
    }

    pub fn try_post(&self, path: &str, kind: &str, body: &[u8], headers: &[(&str, &str)]) -> Result<Answer, String> {
        let mut request = agent().post(format!("{}{path}", self.url)).header("content-type", kind);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send(body).map(read).map_err(|e| e.to_string())
    }

    /// Tells it to end as an orchestrator does, and waits.
    pub fn end(mut self) -> Option<i32> {
        rustix::process::kill_process(rustix::process::Pid::from_child(&self.child), rustix::process::Signal::TERM)
            .unwrap();
        self.child.wait().unwrap().code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(60)))
        .build()
        .into()
}

fn read(mut answer: ureq::http::Response<ureq::Body>) -> Answer {
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    let mut body = Vec::new();
    answer.body_mut().as_reader().read_to_end(&mut body).unwrap();
    Answer { status, headers, body }
}
