//! `shine-skin serve` as its callers and its operator meet it.

#![cfg(all(feature = "server", unix))]

mod served;

use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use base64::engine::general_purpose::STANDARD;
use base64::Engine;
use serde_json::{json, Value};

use served::{root, sample, Answer, Server, SAMPLE};

fn in_json(photo: &[u8]) -> Vec<u8> {
    json!({ "image": format!("data:image/png;base64,{}", STANDARD.encode(photo)) }).to_string().into_bytes()
}

fn in_form(photo: &[u8]) -> Vec<u8> {
    let head =
        "--b\r\nContent-Disposition: form-data; name=\"image\"; filename=\"me.png\"\r\nContent-Type: image/png\r\n\r\n";
    [head.as_bytes(), photo, b"\r\n--b--\r\n"].concat()
}

fn timeless(mut report: Value) -> Value {
    report.as_object_mut().unwrap().remove("timings");
    report
}

#[test]
fn however_a_photo_is_sent_its_report_is_that_of_the_command_line() {
    let server = Server::with_models();
    let output = Command::new(env!("CARGO_BIN_EXE_shine-skin"))
        .args(["analyze", "--json", SAMPLE, "--models", "models/dist"])
        .current_dir(root())
        .output()
        .unwrap();
    let line: Value = serde_json::from_slice(&output.stdout).unwrap();
    let expected = timeless(line["report"].clone());
    for (kind, body) in [
        ("image/png", sample()),
        ("application/octet-stream", sample()),
        ("application/json", in_json(&sample())),
        ("multipart/form-data; boundary=b", in_form(&sample())),
    ] {
        let answer = server.post("/v1/analyze", kind, &body);
        assert_eq!(answer.status, 200, "{kind}");
        assert_eq!(timeless(answer.json()), expected, "{kind}");
    }
    // A form as large as a phone's photo.
    let large = [sample(), vec![0; 4 << 20]].concat();
    assert_eq!(server.post("/v1/analyze", "multipart/form-data; boundary=b", &in_form(&large)).status, 200);
    let faces = server.post("/v1/detect", "image/png", &sample()).json();
    assert_eq!(faces["detections"].as_array().unwrap().len(), 1);
}

#[test]
fn what_is_wrong_with_a_request_has_its_status_and_its_code() {
    let server = Server::start(
        &["--models", "models/dist", "--max-bytes", "600000", "--max-pixels", "300000", "--drain", "0"],
        &[],
    );
    let large = vec![7; 700_000];
    let cut = &sample()[..1000];
    let cases: [(&str, &[u8], u16, &str); 6] = [
        ("image/jpeg", b"", 400, "invalid-options"),
        ("image/jpeg", b"hello", 415, "unsupported-format"),
        ("image/png", cut, 400, "decode-failed"),
        ("image/jpeg", &large, 413, "image-too-large"),
        ("application/json", b"{\"image\": 3}", 400, "invalid-options"),
        ("multipart/form-data; boundary=b", b"--b--", 400, "invalid-options"),
    ];
    for (kind, body, status, code) in cases {
        let answer = server.post("/v1/analyze", kind, body);
        assert_eq!((answer.status, answer.json()["error"]["code"].as_str()), (status, Some(code)), "{kind}");
        let old = server.post("/api/v6/skin/analyze-hare-run", kind, body);
        let known = if status == 415 { 400 } else { status };
        assert_eq!((old.status, &old.json()["success"]), (known, &json!(false)), "{kind}");
    }
    let answer = server.post("/v1/analyze?engine=magic", "image/png", &sample());
    assert_eq!((answer.status, answer.json()["error"]["code"].clone()), (400, json!("invalid-options")));
    assert_eq!(server.get("/nothing/here", &[]).status, 404);
    assert_eq!(server.get("/v1/analyze", &[]).status, 405);
}

#[test]
fn without_models_version_1_measures_on_and_the_old_api_says_no() {
    let server = Server::start(&["--models", "/nowhere", "--drain", "0"], &[]);
    let report = server.post("/v1/analyze", "image/png", &sample());
    assert_eq!((report.status, report.json()["engine"].clone()), (200, json!("basic")));
    assert_eq!(report.json()["fallbacks"][0]["code"], "manifest-fetch");
    assert_eq!(server.post("/v1/analyze?engine=enhanced", "image/png", &sample()).status, 503);
    assert_eq!(server.post("/v1/detect", "image/png", &sample()).status, 503);
    let old = ["v1/face/detect", "v4/face/detect", "v6/skin/analyze-hare-run", "v4/skin/analyze-enhanced"];
    for path in old {
        let answer = server.post(&format!("/api/{path}"), "application/json", &in_json(&sample()));
        assert_eq!((answer.status, answer.json()["error"].clone()), (503, json!("ML models not available")), "{path}");
    }
    // Alive, and ready for what it can do; but not healthy.
    assert_eq!((server.get("/health", &[]).status, server.get("/ready", &[]).status), (200, 200));
    let health = server.get("/v1/health", &[]);
    assert_eq!((health.status, health.json()["status"].clone()), (503, json!("degraded")));
    let parts = health.json()["parts"].clone();
    for (name, status) in
        [("model_availability", "unhealthy"), ("face_detection", "unhealthy"), ("response_time", "healthy")]
    {
        assert_eq!(parts[name]["status"], status, "{name}: {}", parts[name]);
    }
    assert_eq!(server.get("/api/health", &[]).json()["status"], "error");
    assert_eq!(server.get("/api/v5/skin/model-status", &[]).status, 503);
}

/// Whether a value has a shape: the name of a type, several with | between, a list of one shape, or an object of shapes.
fn fits(value: &Value, shape: &Value) -> bool {
    match shape {
        Value::String(types) => types.split('|').any(|name| match name {
            "null" => value.is_null(),
            "boolean" => value.is_boolean(),
            "integer" => value.is_u64(),
            "number" => value.is_number(),
            "string" => value.is_string(),
            "object" => value.is_object(),
            literal => value.as_str() == Some(literal.trim_matches('\'')),
        }),
        Value::Array(items) => value.as_array().is_some_and(|all| all.iter().all(|item| fits(item, &items[0]))),
        Value::Object(keys) => keys.iter().all(|(key, shape)| value.get(key).is_some_and(|value| fits(value, shape))),
        Value::Bool(_) | Value::Number(_) | Value::Null => value == shape,
    }
}

#[test]
fn the_old_api_has_the_shapes_that_its_clients_were_written_for() {
    let recorded: Vec<Value> =
        serde_json::from_slice(&std::fs::read(root().join("tests/corpus/api/old.json")).unwrap()).unwrap();
    assert!(recorded.len() >= 14);
    let (with, without) = (Server::with_models(), Server::start(&["--models", "/nowhere", "--drain", "0"], &[]));
    let empty = {
        let mut png = Vec::new();
        let encoder = image::codecs::png::PngEncoder::new(&mut png);
        image::ImageEncoder::write_image(encoder, &[90; 3 * 64 * 64], 64, 64, image::ExtendedColorType::Rgb8).unwrap();
        png
    };
    for case in recorded {
        let name = case["name"].as_str().unwrap();
        let server = if case["models"] == false { &without } else { &with };
        let path = case["path"].as_str().unwrap();
        let body = match case["photo"].as_str() {
            None => None,
            Some("face") => Some(case["body"].to_string().replace("PHOTO", &STANDARD.encode(sample()))),
            Some("empty") => Some(case["body"].to_string().replace("PHOTO", &STANDARD.encode(&empty))),
            Some(other) => Some(case["body"].to_string().replace("PHOTO", other)),
        };
        let answer = match body {
            Some(body) => server.post(path, "application/json", body.as_bytes()),
            None => server.get(path, &[]),
        };
        assert_eq!(json!(answer.status), case["status"], "{name}: {}", String::from_utf8_lossy(&answer.body));
        if case["shape"].is_null() {
            assert_eq!(String::from_utf8_lossy(&answer.body), case["text"].as_str().unwrap(), "{name}");
        } else {
            assert!(fits(&answer.json(), &case["shape"]), "{name}: {}", answer.json());
        }
    }
}

#[test]
fn what_there_is_no_room_for_is_refused_at_once_and_nothing_is_lost() {
    let server = Server::start(
        &["--models", "models/dist", "--concurrency", "1", "--queue", "1", "--eager", "--drain", "0"],
        &[],
    );
    assert_eq!(server.post("/v1/analyze", "image/png", &sample()).status, 200);
    let photo = sample();
    let answers: Vec<(Answer, Duration)> = std::thread::scope(|scope| {
        let asked: Vec<_> = (0..16)
            .map(|_| {
                scope.spawn(|| {
                    let begun = Instant::now();
                    (server.post("/v1/analyze", "image/png", &photo), begun.elapsed())
                })
            })
            .collect();
        asked.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let count = |status: u16| answers.iter().filter(|(answer, _)| answer.status == status).count();
    assert_eq!(count(200) + count(503), 16, "each has an answer");
    assert!(count(200) >= 1 && count(503) >= 8, "{} answered, {} refused", count(200), count(503));
    for (answer, took) in answers.iter().filter(|(answer, _)| answer.status == 503) {
        assert_eq!(answer.json()["error"]["code"], "server-busy");
        assert!(answer.header("retry-after").parse::<u64>().is_ok_and(|seconds| seconds >= 1));
        assert!(*took < Duration::from_secs(5), "{took:?}");
    }
    assert_eq!(server.post("/v1/analyze", "image/png", &sample()).status, 200, "and then it serves again");
    let metrics = String::from_utf8(server.get("/metrics", &[]).body).unwrap();
    let shed = format!("shine_shed_total {}", count(503));
    assert!(metrics.lines().any(|line| line == shed), "{shed}");
}

#[test]
fn told_to_end_it_answers_what_it_has_begun() {
    let server = Server::start(&["--models", "models/dist", "--eager", "--drain", "0.5"], &[]);
    assert_eq!(server.post("/v1/analyze", "image/png", &sample()).status, 200);
    let (photo, begun, lost) = (sample(), AtomicUsize::new(0), AtomicUsize::new(0));
    let (url, pid) = (server.url.clone(), rustix::process::Pid::from_child(&server.child));
    let answered = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..6)
            .map(|_| {
                scope.spawn(|| {
                    let mut answered = 0;
                    loop {
                        begun.fetch_add(1, Ordering::SeqCst);
                        let sent = served::agent()
                            .post(format!("{url}/v1/analyze"))
                            .header("content-type", "image/png")
                            .send(&photo[..]);
                        match sent.map(|answer| answer.status().as_u16()) {
                            Ok(200 | 503) => answered += 1,
                            Ok(status) => panic!("status {status}"),
                            // Nobody listens any longer: this one was never taken.
                            Err(ureq::Error::Io(e)) if e.kind() == std::io::ErrorKind::ConnectionRefused => {
                                return answered
                            }
                            Err(e) => {
                                lost.fetch_add(1, Ordering::SeqCst);
                                eprintln!("lost: {e}");
                                return answered;
                            }
                        }
                    }
                })
            })
            .collect();
        std::thread::sleep(Duration::from_millis(600));
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        clients.into_iter().map(|client| client.join().unwrap()).sum::<usize>()
    });
    assert!(answered > 6, "{answered}");
    let mut server = server;
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
    let log = server.log();
    assert!(log.contains("\"event\":\"ended\""));
    // Each request that the server has seen had its answer. One that the system took in the moment when the door closed is none.
    let seen = log.lines().filter(|line| line.contains("/v1/analyze")).count() - 1;
    assert_eq!(answered, seen, "{log}");
    assert!(lost.load(Ordering::SeqCst) <= 1, "{lost:?} of {begun:?}");
}

#[test]
fn no_log_no_metric_and_no_error_holds_anything_of_a_photo() {
    let server = Server::with_models();
    // A text in the file, and rows of pixels that stand out, in a photo that is read and in one that is not.
    let marker = b"a-marker-nobody-else-has";
    let mut jpeg = Vec::new();
    let picture: Vec<u8> = (0..3 * 320 * 320).map(|i| [0xAB, 0xCD, 0x13, 0x57][i / 5 % 4]).collect();
    image::codecs::jpeg::JpegEncoder::new(&mut jpeg)
        .encode(&picture, 320, 320, image::ExtendedColorType::Rgb8)
        .unwrap();
    let comment = [&[0xff, 0xfe, 0, marker.len() as u8 + 2][..], marker].concat();
    jpeg.splice(2..2, comment);
    assert_eq!(server.post("/v1/analyze", "image/jpeg", &jpeg).status, 200);
    assert_eq!(server.post("/v1/analyze", "image/jpeg", &jpeg[..200]).status, 400);
    let form =
        "--b\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a-marker-nobody-else-has.jpg\"\r\n\r\n";
    let body = [form.as_bytes(), &jpeg, b"\r\n--b--\r\n"].concat();
    assert_eq!(server.post("/v1/analyze", "multipart/form-data; boundary=b", &body).status, 200);
    assert_eq!(server.post("/api/v6/skin/analyze-hare-run", "application/json", &in_json(&jpeg)).status, 400);
    assert_eq!(server.post("/v1/analyze?note=a-marker-nobody-else-has", "image/jpeg", marker).status, 415);
    let encoded = STANDARD.encode(&jpeg);
    let told = [
        server.log(),
        String::from_utf8(server.get("/metrics", &[]).body).unwrap(),
        server.get("/v1/health", &[]).json().to_string(),
    ];
    for text in told {
        for part in ["a-marker-nobody-else-has", &encoded[40..72], &encoded[400..432], "171, 205, 19"] {
            assert!(!text.contains(part), "{part} in {text}");
        }
    }
}

#[test]
fn who_has_no_key_is_not_let_in_and_no_secret_is_told() {
    let variables = [
        ("SHINE_API_KEY", "s3cret-key"),
        ("SHINE_SERVER", "http://me:pass-word@127.0.0.1:9"),
        ("SHINE_SERVER_KEY", "other-s3cret"),
        ("SHINE_MODLES", "x"),
        ("SHINE_OWNER", "team-a"),
    ];
    let server = Server::start(&["--models", "models/dist", "--drain", "0"], &variables);
    let with = |headers: &[(&str, &str)]| server.post_with("/v1/analyze", "image/png", &sample(), headers).status;
    assert_eq!(with(&[]), 401);
    assert_eq!(with(&[("authorization", "Bearer wrong")]), 401);
    assert_eq!(with(&[("authorization", "Bearer s3cret-key")]), 200);
    assert_eq!(with(&[("x-api-key", "s3cret-key")]), 200);
    let health = server.get("/health", &[("x-request-id", "abc-1")]);
    assert_eq!(
        (health.status, health.header("x-request-id"), health.header("x-shine-owner")),
        (200, "abc-1".into(), "team-a".into())
    );
    let log = server.log();
    for secret in ["s3cret", "pass-word"] {
        assert!(!log.contains(secret), "{log}");
    }
    assert!(log.contains("SHINE_MODLES") && log.contains("\"owner\":\"team-a\""));
    // Every line is one JSON object.
    assert!(log.lines().all(|line| serde_json::from_str::<Value>(line).is_ok_and(|line| line.is_object())));
}

#[test]
fn a_setting_that_can_not_be_is_told_and_no_panic() {
    for (flag, value) in
        [("--drain", "nan"), ("--drain", "-1"), ("--request-timeout", "nan"), ("--request-timeout", "inf")]
    {
        let setting = format!("{flag}={value}");
        let output =
            Command::new(env!("CARGO_BIN_EXE_shine-skin")).args(["serve", "--port", "0", &setting]).output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(
            !output.status.success() && told.contains("invalid-options") && !told.contains("panic"),
            "{setting}: {told}"
        );
    }
}

#[test]
fn the_old_settings_still_lead_to_port_and_models() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let port = free.to_string();
    let server = Server::start(&["--drain", "0"], &[("PORT", port.as_str()), ("MODEL_PATH", "models/dist/model.h5")]);
    assert_eq!(server.url, format!("http://127.0.0.1:{port}"));
    assert_eq!(server.get("/api/health", &[]).json()["models_loaded"], true);
    assert_eq!(server.end(), Some(0));
}

#[test]
fn models_are_served_in_parts_with_validators_and_for_good_where_their_name_says_so() {
    let server = Server::with_models();
    let manifest = server.get("/models/manifest.json", &[("origin", "https://a.example")]);
    assert_eq!((manifest.status, manifest.header("cache-control")), (200, "no-cache".into()));
    assert_eq!(manifest.header("access-control-allow-origin"), "*");
    let tag = manifest.header("etag");
    let again = server.get("/models/manifest.json", &[("if-none-match", &tag)]);
    assert_eq!((again.status, again.body.len()), (304, 0));
    let url = manifest.json()["models"]["facemesh-468@1"]["files"][0]["url"].as_str().unwrap().to_string();
    let path = format!("/models/{url}");
    let whole = server.get(&path, &[]);
    assert!(whole.header("cache-control").contains("immutable"));
    let part = server.get(&path, &[("range", "bytes=100-199")]);
    assert_eq!((part.status, part.body.as_slice()), (206, &whole.body[100..200]));
    assert!(part.header("content-range").starts_with("bytes 100-199/"));
    let same = server.get(&path, &[("range", "bytes=100-199"), ("if-range", &whole.header("etag"))]);
    let other = server.get(&path, &[("range", "bytes=100-199"), ("if-range", "\"other\"")]);
    assert_eq!((same.status, other.status, other.body.len()), (206, 200, whole.body.len()));
    assert_eq!(server.get("/models/../Cargo.toml", &[]).status, 404);
    assert_eq!(server.post(&path, "text/plain", b"x").status, 405);
}

#[test]
fn a_thumb_is_counted_and_nothing_else_is_taken() {
    let server = Server::with_models();
    assert_eq!(
        server.post("/v1/feedback", "application/json", b"{\"rating\": \"up\"}").json(),
        json!({ "counted": true })
    );
    for body in ["{\"rating\": 5}", "{}", "x", ""] {
        assert_eq!(server.post("/v1/feedback", "application/json", body.as_bytes()).status, 400, "{body}");
    }
    let metrics = String::from_utf8(server.get("/metrics", &[]).body).unwrap();
    assert!(metrics.contains("shine_feedback_total{rating=\"up\"} 1\n"));
    assert!(metrics.contains("process_resident_memory_bytes ") && metrics.contains("process_cpu_seconds_total "));
}

#[test]
fn a_server_behind_a_server_answers_for_it_and_the_report_says_so() {
    let behind = Server::with_models();
    let server = Server::start(&["--models", "/nowhere", "--server", &behind.url, "--drain", "0"], &[]);
    let report = server.post("/v1/analyze", "image/png", &sample()).json();
    assert_eq!((&report["engine"], &report["serverEngine"]), (&json!("server"), &json!("enhanced")));
    assert_eq!(report["fallbacks"].as_array().unwrap().len(), 1);
    assert_eq!(report["image"], json!({ "width": 512, "height": 512 }));
    assert_eq!(server.post("/v1/detect", "image/png", &sample()).json()["detections"].as_array().unwrap().len(), 1);
    drop(behind);
    let report = server.post("/v1/analyze", "image/png", &sample()).json();
    let codes: Vec<&str> = report["fallbacks"].as_array().unwrap().iter().filter_map(|f| f["code"].as_str()).collect();
    assert_eq!((report["engine"].as_str(), codes), (Some("basic"), vec!["manifest-fetch", "server-unreachable"]));
}
