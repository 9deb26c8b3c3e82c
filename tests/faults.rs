//! What can go wrong between a model and its bucket, over HTTP: each fault ends in a report or in the right code, in bounded time, and the
//! cache that it leaves serves the next run.

#![cfg(all(feature = "cli", not(target_arch = "wasm32")))]

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A request: its path, and the first byte that it asks for.
struct Request {
    path: String,
    from: Option<usize>,
}

/// The connection of a request; what is written is what the client gets.
type Handler = dyn Fn(&Request, &mut TcpStream, usize) -> std::io::Result<()> + Send + Sync;

/// A server on this machine, which ends with the test.
struct Server(u16);

impl Server {
    /// `handle` is told how many requests for this path came before.
    fn start(handle: Box<Handler>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let handle = Arc::new(handle);
        let counts: Arc<std::sync::Mutex<std::collections::HashMap<String, usize>>> = Arc::default();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (handle, counts) = (handle.clone(), counts.clone());
                std::thread::spawn(move || {
                    let Ok(mut stream) = stream else { return };
                    let Some(request) = read(&stream) else { return };
                    let before = {
                        let mut counts = counts.lock().unwrap();
                        let count = counts.entry(request.path.clone()).or_default();
                        *count += 1;
                        *count - 1
                    };
                    // A client that has had enough closes.
                    let _ = handle(&request, &mut stream, before);
                });
            }
        });
        Server(port)
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.0)
    }
}

fn read(stream: &TcpStream) -> Option<Request> {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    let path = lines.next()?.split(' ').nth(1)?.split('?').next()?.to_string();
    let from = lines.take_while(|line| !line.is_empty()).find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let from = value.trim().strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok()?;
        name.eq_ignore_ascii_case("range").then_some(from)
    });
    Some(Request { path, from })
}

fn answer(to: &mut TcpStream, status: &str, headers: &str, body: &[u8]) -> std::io::Result<()> {
    write!(to, "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n", body.len())?;
    to.write_all(body)
}

/// The file, or the part that is asked for.
fn good(request: &Request, to: &mut TcpStream) -> std::io::Result<()> {
    let path = root().join("models/dist").join(request.path.trim_start_matches('/'));
    let Ok(bytes) = std::fs::read(path) else { return answer(to, "404 Not Found", "", b"") };
    match request.from {
        Some(from) if from < bytes.len() => {
            let range = format!("content-range: bytes {from}-{}/{}\r\n", bytes.len() - 1, bytes.len());
            answer(to, "206 Partial Content", &range, &bytes[from..])
        }
        Some(_) => answer(to, "416 Range Not Satisfiable", "", b""),
        None => answer(to, "200 OK", "content-type: application/octet-stream\r\n", &bytes),
    }
}

fn manifest() -> Value {
    let text = std::fs::read(root().join("models/dist/manifest.json")).expect("run ./build.sh models first");
    serde_json::from_slice(&text).unwrap()
}

fn plan() -> (String, Vec<u8>) {
    let url = manifest()["models"]["facemesh-468@1"]["files"][0]["url"].as_str().unwrap().to_string();
    let bytes = std::fs::read(root().join("models/dist").join(&url)).unwrap();
    (format!("/{url}"), bytes)
}

/// A cache that goes with its test.
struct Cache(PathBuf);

impl Cache {
    fn new() -> Cache {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("shine-skin-faults-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        Cache(std::env::temp_dir().join(name))
    }

    /// The code of an error, or `report`.
    fn detect(&self, models: &str) -> String {
        let begun = Instant::now();
        let output = Command::new(env!("CARGO_BIN_EXE_shine-skin"))
            .args(["detect", "--json", "--models", models, "www/page/sample/astronaut.png"])
            .env("XDG_CACHE_HOME", &self.0)
            .env_remove("SHINE_MANIFEST_PUBLIC_KEY")
            .current_dir(root())
            .output()
            .unwrap();
        assert!(begun.elapsed() < Duration::from_secs(20), "it took {:?}", begun.elapsed());
        let line: Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&output.stderr)));
        match line["error"]["code"].as_str() {
            Some(code) => code.into(),
            None => {
                assert_eq!(line["detections"].as_array().map(Vec::len), Some(1));
                "report".into()
            }
        }
    }
}

impl Drop for Cache {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

type Fault = fn(&Request, &mut TcpStream, usize, &[u8]) -> std::io::Result<()>;

/// Sends the head of the whole file and so much of it, then closes.
fn cut(request: &Request, to: &mut TcpStream, bytes: &[u8], end: usize, ranges: bool) -> std::io::Result<()> {
    let from = request.from.filter(|_| ranges).unwrap_or(0);
    let (status, range) = match from {
        0 => ("200 OK", String::new()),
        _ => ("206 Partial Content", format!("content-range: bytes {from}-{}/{}\r\n", bytes.len() - 1, bytes.len())),
    };
    write!(to, "HTTP/1.1 {status}\r\ncontent-length: {}\r\n{range}\r\n", bytes.len() - from)?;
    to.write_all(&bytes[from..end.max(from)])
}

#[test]
fn faults_of_a_model_end_in_a_report_or_in_their_code() {
    let faults: Vec<(&str, &str, Fault)> = vec![
        ("not found", "model-fetch", |_, to, _, _| answer(to, "404 Not Found", "", b"no")),
        ("forbidden", "model-fetch", |_, to, _, _| answer(to, "403 Forbidden", "", b"<Error/>")),
        ("gone", "model-fetch", |_, to, _, _| answer(to, "410 Gone", "", b"")),
        ("fails always", "model-fetch", |_, to, _, _| answer(to, "500 Internal Server Error", "", b"")),
        ("fails once", "report", |request, to, before, _| match before {
            0 => answer(to, "503 Service Unavailable", "retry-after: 1\r\n", b""),
            _ => good(request, to),
        }),
        ("too many requests, once", "report", |request, to, before, _| match before {
            0 => answer(to, "429 Too Many Requests", "", b""),
            _ => good(request, to),
        }),
        ("a page with status 200", "model-integrity", |_, to, _, _| {
            answer(to, "200 OK", "content-type: text/html; charset=utf-8\r\n", b"<!doctype html><title>Sign in</title>")
        }),
        ("a page without a type", "model-integrity", |_, to, _, bytes| {
            let mut page = b"<!doctype html>".to_vec();
            page.resize(bytes.len(), b' ');
            answer(to, "200 OK", "", &page)
        }),
        ("one wrong bit", "model-integrity", |_, to, _, bytes| {
            let mut wrong = bytes.to_vec();
            wrong[5000] ^= 1;
            answer(to, "200 OK", "", &wrong)
        }),
        ("a byte too many", "model-integrity", |_, to, _, bytes| answer(to, "200 OK", "", &[bytes, b"!"].concat())),
        ("far too long", "model-integrity", |_, to, _, bytes| answer(to, "200 OK", "", &bytes.repeat(9))),
        ("too short, as if that were all", "model-integrity", |_, to, _, bytes| {
            answer(to, "200 OK", "", &bytes[..bytes.len() / 2])
        }),
        ("nothing", "model-integrity", |_, to, _, _| answer(to, "200 OK", "", b"")),
        ("compressed though nobody asked", "model-integrity", |_, to, _, _| {
            answer(to, "200 OK", "content-encoding: gzip\r\n", b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x03\0\0\0\0\0\0\0\0\0")
        }),
        ("cut off twice, with ranges", "report", |request, to, before, bytes| match before {
            0 => cut(request, to, bytes, 400_000, true),
            1 => cut(request, to, bytes, 800_000, true),
            _ => good(request, to),
        }),
        ("cut off once, without ranges", "report", |request, to, before, bytes| match before {
            0 => cut(request, to, bytes, 400_000, false),
            _ => answer(to, "200 OK", "", bytes),
        }),
        ("cut off always", "model-fetch", |request, to, _, bytes| cut(request, to, bytes, 1000, false)),
        ("another file after a cut", "report", |request, to, before, bytes| match before {
            0 => {
                let mut old = bytes.to_vec();
                old[7] ^= 1;
                cut(request, to, &old, 400_000, true)
            }
            _ => good(request, to),
        }),
        ("closed before an answer", "model-fetch", |_, _, _, _| Ok(())),
        ("no HTTP", "model-fetch", |_, to, _, _| to.write_all(b"220 smtp.example ESMTP\r\n")),
        ("a redirect", "report", |request, to, _, _| {
            answer(to, "302 Found", &format!("location: /moved{}\r\n", request.path), b"")
        }),
        ("a redirect to itself", "model-fetch", |request, to, _, _| {
            answer(to, "302 Found", &format!("location: {}\r\n", request.path), b"")
        }),
        ("slow", "report", |_, to, _, bytes| {
            write!(to, "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", bytes.len())?;
            for part in bytes.chunks(bytes.len() / 20 + 1) {
                std::thread::sleep(Duration::from_millis(50));
                to.write_all(part)?;
            }
            Ok(())
        }),
        ("in chunks, of no stated length", "report", |_, to, _, bytes| {
            write!(to, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")?;
            for part in bytes.chunks(100_000) {
                write!(to, "{:x}\r\n", part.len())?;
                to.write_all(part)?;
                to.write_all(b"\r\n")?;
            }
            to.write_all(b"0\r\n\r\n")
        }),
    ];
    let healthy = Server::start(Box::new(|request, to, _| good(request, to)));
    for (name, expected, fault) in faults {
        let (path, bytes) = plan();
        let server = Server::start(Box::new(move |request, to, before| {
            if request.path == path {
                return fault(request, to, before, &bytes);
            }
            let path = request.path.strip_prefix("/moved").unwrap_or(&request.path).to_string();
            good(&Request { path, from: request.from }, to)
        }));
        let cache = Cache::new();
        assert_eq!(cache.detect(&server.url()), expected, "{name}");
        assert_eq!(cache.detect(&healthy.url()), "report", "after: {name}");
    }
}

#[test]
fn faults_of_a_manifest_end_in_their_code() {
    let changed = |pointer: &str, value: Value| {
        let mut manifest = manifest();
        *manifest.pointer_mut(pointer).unwrap() = value;
        manifest.to_string().into_bytes()
    };
    let release = manifest()["channels"]["stable"].as_str().unwrap().to_string();
    let file = "/models/facemesh-468@1/files/0";
    let cases: Vec<(&str, &str, &str, Vec<u8>)> = vec![
        ("a page", "manifest-invalid", "200 OK", b"<!doctype html>".to_vec()),
        ("half of it", "manifest-invalid", "200 OK", manifest().to_string().into_bytes()[..300].to_vec()),
        ("two megabytes", "manifest-invalid", "200 OK", vec![b' '; 2 << 20]),
        ("another major version", "manifest-invalid", "200 OK", changed("/schemaVersion", 2.into())),
        ("a later library", "model-incompatible", "200 OK", changed("/minLibrary", "9.0".into())),
        ("no such release", "manifest-invalid", "200 OK", changed("/channels/stable", "none".into())),
        (
            "no such model",
            "manifest-invalid",
            "200 OK",
            changed(&format!("/releases/{release}/models/face-mesh"), "x@1".into()),
        ),
        (
            "a path that leads out",
            "manifest-invalid",
            "200 OK",
            changed(&format!("{file}/url"), "../../etc/passwd".into()),
        ),
        ("a hash that is none", "manifest-invalid", "200 OK", changed(&format!("{file}/sha256"), "x".into())),
        ("a model of a terabyte", "manifest-invalid", "200 OK", changed(&format!("{file}/bytes"), (1u64 << 40).into())),
        ("another hash", "model-integrity", "200 OK", changed(&format!("{file}/sha256"), "0".repeat(64).into())),
        ("not found", "manifest-fetch", "404 Not Found", Vec::new()),
        ("fails always", "manifest-fetch", "502 Bad Gateway", Vec::new()),
    ];
    for (name, expected, status, body) in cases {
        let server = Server::start(Box::new(move |request, to, _| match request.path.as_str() {
            "/manifest.json" => answer(to, status, "", &body),
            _ => good(request, to),
        }));
        assert_eq!(Cache::new().detect(&server.url()), expected, "{name}");
    }
    // Nobody listens there.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    assert_eq!(Cache::new().detect(&format!("http://127.0.0.1:{port}")), "manifest-fetch");
}

#[test]
fn what_was_fetched_once_is_there_when_the_server_is_not() {
    let cache = Cache::new();
    let asked = Arc::new(AtomicUsize::new(0));
    let down = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let (count, off) = (asked.clone(), down.clone());
    let server = Server::start(Box::new(move |request, to, _| {
        count.fetch_add(1, Ordering::SeqCst);
        if off.load(Ordering::SeqCst) {
            return Ok(());
        }
        good(request, to)
    }));
    assert_eq!(cache.detect(&server.url()), "report");
    assert_eq!(asked.load(Ordering::SeqCst), 3, "the manifest and two models");
    assert_eq!(cache.detect(&server.url()), "report");
    assert_eq!(asked.load(Ordering::SeqCst), 4, "the manifest");
    down.store(true, Ordering::SeqCst);
    assert_eq!(cache.detect(&server.url()), "report");
}
