//! `shine-skin doctor` before deployments that are well, and before broken ones: each is named rightly, with what was seen and what to do.

#![cfg(all(feature = "server", unix))]

mod served;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::Arc;

use serde_json::Value;

use served::{root, Server};

/// What a fake deployment answers to a path with its query, and whether a part is asked for.
type Handler = dyn Fn(&str, bool) -> Reply + Send + Sync;

struct Reply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

/// A deployment that answers as it is told, for as long as the process lives.
fn deployment(handler: impl Fn(&str, bool) -> Reply + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let handler: Arc<Handler> = Arc::new(handler);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let handler = Arc::clone(&handler);
            std::thread::spawn(move || drop(one(stream, handler.as_ref())));
        }
    });
    url
}

fn one(stream: TcpStream, handler: &Handler) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?);
    let mut first = String::new();
    lines.read_line(&mut first)?;
    let (mut part, mut length) = (false, 0);
    loop {
        let mut line = String::new();
        lines.read_line(&mut line)?;
        let line = line.trim().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        part |= line.starts_with("range:");
        length = line.strip_prefix("content-length:").and_then(|n| n.trim().parse().ok()).unwrap_or(length);
    }
    std::io::copy(&mut lines.take(length), &mut std::io::sink())?;
    let Reply { status, headers, body } = handler(first.split(' ').nth(1).unwrap_or("/"), part);
    let mut head = format!("HTTP/1.1 {status} x\r\nconnection: close\r\ncontent-length: {}\r\n", body.len());
    headers.iter().for_each(|(name, value)| head += &format!("{name}: {value}\r\n"));
    let mut stream = stream;
    stream.write_all(format!("{head}\r\n").as_bytes())?;
    stream.write_all(&body)
}

/// The files of models/dist as a bucket with all its headers right serves them.
fn good(path: &str, part: bool) -> Reply {
    let name = path.split('?').next().unwrap().trim_start_matches('/');
    let Ok(body) = std::fs::read(root().join("models/dist").join(name)) else {
        return Reply { status: 404, headers: Vec::new(), body: Vec::new() };
    };
    let json = name.ends_with(".json");
    let kind = if json { "application/json" } else { "application/octet-stream" };
    let kept = if json { "no-cache" } else { "public, max-age=31536000, immutable" };
    let headers = vec![
        ("content-type", kind.to_string()),
        ("cache-control", kept.to_string()),
        ("access-control-allow-origin", "*".to_string()),
        ("etag", "\"1\"".to_string()),
    ];
    let (status, body) = if part { (206, body[..10].to_vec()) } else { (200, body) };
    Reply { status, headers, body }
}

fn is_model(path: &str) -> bool {
    path.contains(".plan")
}

fn doctor(args: &[&str]) -> (Vec<Value>, Option<i32>) {
    let output =
        Command::new(env!("CARGO_BIN_EXE_shine-skin")).arg("doctor").arg("--json").args(args).output().unwrap();
    let told: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    (told["findings"].as_array().unwrap().clone(), output.status.code())
}

/// The checks that found something, and whether each says how and what to do.
fn found(args: &[&str]) -> (Vec<String>, Option<i32>) {
    let (findings, status) = doctor(args);
    let bad: Vec<&Value> = findings.iter().filter(|finding| finding["level"] != "ok").collect();
    for finding in &bad {
        for key in ["what", "seen", "cure", "subject"] {
            assert!(finding[key].as_str().is_some_and(|text| text.len() > 3), "{key} of {finding}");
        }
    }
    let mut checks: Vec<String> = bad.iter().map(|finding| finding["check"].as_str().unwrap().into()).collect();
    checks.dedup();
    (checks, status)
}

#[test]
fn a_deployment_that_is_well_is_said_to_be() {
    let server = Server::start(&["--models", "models/dist", "--owner", "team-a", "--drain", "0"], &[]);
    let models = format!("{}/models", server.url);
    let args = ["--models", &models, "--server", &server.url, "--expect-owner", "team-a"];
    let (findings, status) = doctor(&args);
    let bad: Vec<&Value> = findings.iter().filter(|finding| finding["level"] != "ok").collect();
    assert!(bad.is_empty() && status == Some(0), "{bad:?}");
    for check in [
        "port",
        "clock",
        "mime",
        "cors",
        "cache",
        "old-manifest",
        "hash",
        "range",
        "owner",
        "ready",
        "health",
        "release",
        "analysis",
    ] {
        assert!(findings.iter().any(|finding| finding["check"] == check), "{check} was not looked at");
    }
    let text = Command::new(env!("CARGO_BIN_EXE_shine-skin")).arg("doctor").args(args).output().unwrap();
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(text.contains("0 errors, 0 warnings"), "{text}");
    let bucket = deployment(good);
    assert_eq!(found(&["--models", &bucket]), (vec![], Some(0)));
}

#[test]
fn each_broken_deployment_of_models_is_named() {
    let later = |path: &str, part: bool| {
        let mut reply = good(path, part);
        if path.starts_with("/manifest.json?") {
            let mut manifest: Value = serde_json::from_slice(&reply.body).unwrap();
            manifest["sequence"] = (manifest["sequence"].as_u64().unwrap() + 1).into();
            reply.body = manifest.to_string().into_bytes();
        }
        reply
    };
    let page = |path: &str, part: bool| match is_model(path) {
        true => Reply {
            status: 200,
            headers: vec![("content-type", "text/html".into()), ("access-control-allow-origin", "*".into())],
            body: b"<!doctype html><title>App</title>".to_vec(),
        },
        false => good(path, part),
    };
    let expired = |path: &str, part: bool| match is_model(path) {
        true => Reply {
            status: 403,
            headers: vec![("content-type", "application/xml".into())],
            body: b"<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>".to_vec(),
        },
        false => good(path, part),
    };
    let changed = |path: &str, part: bool| {
        let mut reply = good(path, part);
        if is_model(path) {
            reply.body[0] ^= 1;
        }
        reply
    };
    let without = |name: &'static str| {
        move |path: &str, part: bool| {
            let mut reply = good(path, part);
            reply.headers.retain(|(key, _)| *key != name);
            reply
        }
    };
    let whole = |path: &str, _: bool| good(path, false);
    let kept = |path: &str, part: bool| {
        let mut reply = good(path, part);
        reply
            .headers
            .iter_mut()
            .filter(|(key, _)| *key == "cache-control")
            .for_each(|(_, value)| *value = "max-age=86400".into());
        reply
    };
    let slow_clock = |path: &str, part: bool| {
        let mut reply = good(path, part);
        reply.headers.push(("date", "Wed, 21 Oct 2015 07:28:00 GMT".into()));
        reply
    };
    let gone = |path: &str, part: bool| if is_model(path) { good("/nothing", part) } else { good(path, part) };
    let nothing = |_: &str, _: bool| Reply {
        status: 200,
        headers: vec![("content-type", "application/json".into()), ("access-control-allow-origin", "*".into())],
        body: b"{}".to_vec(),
    };
    let cases = [
        ("an old manifest", deployment(later), "old-manifest", 1),
        ("a page for a model", deployment(page), "mime", 1),
        ("an expired address", deployment(expired), "presigned-expired", 1),
        ("another file", deployment(changed), "hash", 1),
        ("no CORS", deployment(without("access-control-allow-origin")), "cors", 1),
        ("no parts", deployment(whole), "range", 0),
        ("a manifest that is kept", deployment(kept), "cache", 1),
        ("another clock", deployment(slow_clock), "clock", 1),
        ("a model that is gone", deployment(gone), "status", 1),
        ("no manifest", deployment(nothing), "manifest", 1),
        ("nobody there", "http://127.0.0.1:9".into(), "port", 1),
        ("no such name", "http://nowhere.invalid".into(), "dns", 1),
        ("no TLS", deployment(good).replace("http:", "https:"), "tls", 1),
        ("no address", "models/dist".into(), "address", 1),
    ];
    for (name, url, check, status) in cases {
        assert_eq!(found(&["--models", &url]), (vec![check.to_string()], Some(status)), "{name}");
    }
    let channel = found(&["--models", &deployment(good), "--channel", "purple"]);
    assert_eq!(channel, (vec!["channel".to_string()], Some(1)));
}

#[test]
fn each_broken_server_is_named() {
    let well = Server::start(
        &["--models", "models/dist", "--owner", "team-a", "--cors", "https://a.example", "--drain", "0"],
        &[],
    );
    let other = found(&["--server", &well.url, "--expect-owner", "team-b", "--origin", "https://a.example"]);
    assert_eq!(other, (vec!["owner".to_string()], Some(1)));
    let build = found(&["--server", &well.url, "--expect-build", "9.9.9", "--origin", "https://a.example"]);
    assert_eq!(build, (vec!["build".to_string()], Some(1)));
    assert_eq!(found(&["--server", &well.url, "--origin", "https://b.example"]), (vec!["cors".to_string()], Some(1)));
    let without = Server::start(&["--models", "/nowhere", "--drain", "0"], &[]);
    let (checks, status) = found(&["--server", &without.url]);
    assert_eq!((checks, status), (vec!["health".to_string(), "analysis".to_string()], Some(1)));
    let keyed = Server::start(&["--models", "models/dist", "--api-key", "k", "--drain", "0"], &[]);
    assert_eq!(found(&["--server", &keyed.url]), (vec!["analysis".to_string()], Some(1)));
    assert_eq!(found(&["--server", &keyed.url, "--key", "k"]), (vec![], Some(0)));
    let app = deployment(|_, _| Reply {
        status: 200,
        headers: vec![("content-type", "text/html".into())],
        body: b"<!doctype html>".to_vec(),
    });
    assert_eq!(found(&["--server", &app]), (vec!["identity".to_string()], Some(1)));
    // A bucket that leads to another release than the server's.
    let mut manifest: Value =
        serde_json::from_slice(&std::fs::read(root().join("models/dist/manifest.json")).unwrap()).unwrap();
    let name = manifest["channels"]["stable"].as_str().unwrap().to_string();
    manifest["releases"]["2099.1.0"] = manifest["releases"][&name].clone();
    manifest["channels"]["stable"] = "2099.1.0".into();
    let text = manifest.to_string();
    let bucket = deployment(move |path, part| {
        let mut reply = good(path, part);
        if path.starts_with("/manifest.json") {
            reply.body = text.clone().into_bytes();
        }
        reply
    });
    let both = found(&["--models", &bucket, "--server", &well.url, "--origin", "https://a.example"]);
    assert_eq!(both, (vec!["release".to_string()], Some(0)));
}
