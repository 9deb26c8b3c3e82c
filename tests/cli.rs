//! The command line as its users meet it.

#![cfg(all(feature = "cli", not(target_arch = "wasm32")))]

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;
use shine_skin::store::sha256_hex;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_shine-skin"))
        .args(arguments)
        .env("SHINE_MODELS", root().join("models/dist"))
        .current_dir(root())
        .output()
        .unwrap()
}

fn lines(output: &Output) -> Vec<Value> {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A directory that goes with its test.
struct TemporaryDirectory(PathBuf);

impl TemporaryDirectory {
    fn new() -> Self {
        let thread = format!("{:?}", std::thread::current().id());
        let path = std::env::temp_dir().join(format!("shine-skin-{}-{thread}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        TemporaryDirectory(path)
    }
}

impl Drop for TemporaryDirectory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const SAMPLE: &str = "www/page/sample/astronaut.png";

#[test]
fn one_line_an_image_in_order_and_a_bad_one_stops_no_other() {
    let output = run(&["analyze", "--json", "nowhere.jpg", SAMPLE, "Cargo.toml"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stderr.is_empty(), "progress goes to a terminal only");
    let lines = lines(&output);
    let files: Vec<_> = lines.iter().map(|l| l["file"].as_str().unwrap()).collect();
    assert_eq!(files, ["nowhere.jpg", SAMPLE, "Cargo.toml"]);
    assert_eq!(lines[0]["error"]["code"], "decode-failed");
    assert_eq!(lines[1]["report"]["schemaVersion"], 1);
    assert_eq!(lines[1]["report"]["engine"], "enhanced");
    assert_eq!(lines[1]["report"]["fallbacks"], serde_json::json!([]));
    assert_eq!(lines[1]["report"]["release"]["channel"], "stable");
    assert_eq!(lines[2]["error"]["code"], "unsupported-format");
    assert!(lines[2]["error"]["message"].as_str().is_some_and(|m| m.len() > 10));
}

#[test]
fn detect_finds_the_astronaut() {
    let output = run(&["detect", "--json", SAMPLE]);
    assert!(output.status.success());
    let found = &lines(&output)[0]["detections"];
    assert_eq!(found.as_array().unwrap().len(), 1);
    let b = &found[0]["boundingBox"];
    let center = (b["originX"].as_f64().unwrap() + b["width"].as_f64().unwrap() / 2.0, b["originY"].as_f64().unwrap());
    assert!((205.0..245.0).contains(&center.0) && (55.0..95.0).contains(&center.1), "{b}");
    assert_eq!(found[0]["keypoints"].as_array().unwrap().len(), 6);
    assert_eq!(found[0]["keypoints"][0]["label"], "rightEye");
}

#[test]
fn an_overlay_is_a_picture_of_the_photos_size() {
    let directory = TemporaryDirectory::new();
    let path = directory.0.join("out.png");
    let output = run(&["analyze", "--overlay", path.to_str().unwrap(), SAMPLE]);
    assert!(output.status.success());
    let drawn = image::open(&path).unwrap();
    assert_eq!((drawn.width(), drawn.height()), (512, 512));
    assert_ne!(drawn.into_rgb8(), image::open(root().join(SAMPLE)).unwrap().into_rgb8());
}

#[test]
fn models_that_are_not_there_are_an_error_for_each_image() {
    let output = run(&["analyze", "--json", "--engine", "enhanced", "--models", "/nowhere", SAMPLE]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(lines(&output)[0]["error"]["code"], "manifest-fetch");
}

#[test]
fn a_damaged_model_is_refused() {
    let directory = TemporaryDirectory::new();
    for entry in fs::read_dir(root().join("models/dist")).unwrap() {
        let path = entry.unwrap().path();
        let mut bytes = fs::read(&path).unwrap();
        if path.extension().is_some_and(|e| e == "plan") {
            bytes[1000] ^= 1;
        }
        fs::write(directory.0.join(path.file_name().unwrap()), bytes).unwrap();
    }
    let output = run(&["analyze", "--json", "--engine", "enhanced", "--models", directory.0.to_str().unwrap(), SAMPLE]);
    assert_eq!(lines(&output)[0]["error"]["code"], "model-integrity");
}

/// The models of a directory with ONNX files alone, changed once more.
fn without_plans(directory: &TemporaryDirectory, change: impl Fn(&mut Value)) -> Output {
    for entry in fs::read_dir(root().join("models/dist")).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, directory.0.join(path.file_name().unwrap())).unwrap();
    }
    let path = directory.0.join("manifest.json");
    let mut manifest: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    for model in manifest["models"].as_object_mut().unwrap().values_mut() {
        model["files"].as_array_mut().unwrap().retain(|file| file["format"] == "onnx");
        change(model);
    }
    fs::write(&path, manifest.to_string()).unwrap();
    run(&["analyze", "--json", "--engine", "enhanced", "--models", directory.0.to_str().unwrap(), SAMPLE])
}

#[test]
fn an_onnx_file_has_to_reproduce_what_the_manifest_says() {
    let good = without_plans(&TemporaryDirectory::new(), |_| {});
    assert_eq!(lines(&good)[0]["report"]["models"][0]["executor"], "onnx");
    let changes: [fn(&mut Value); 3] = [
        |model| model["selfTest"]["samples"][0][5] = 1e6.into(),
        |model| model["selfTest"]["seed"] = 99.into(),
        |model| model["selfTest"]["samples"].as_array_mut().unwrap().truncate(1),
    ];
    for change in changes {
        let wrong = without_plans(&TemporaryDirectory::new(), change);
        assert_eq!(lines(&wrong)[0]["error"]["code"], "model-incompatible");
    }
}

#[test]
fn a_model_that_makes_the_general_engine_panic_is_incompatible() {
    let bytes = fs::read(root().join("tests/corpus/onnx/panicked-flatten.onnx")).unwrap();
    let directory = TemporaryDirectory::new();
    fs::write(directory.0.join("panics.onnx"), &bytes).unwrap();
    let output = without_plans(&directory, |model| {
        let file = &mut model["files"][0];
        (file["url"], file["bytes"]) = ("panics.onnx".into(), bytes.len().into());
        file["sha256"] = sha256_hex(&bytes).into();
    });
    let error = &lines(&output)[0]["error"];
    assert_eq!(error["code"], "model-incompatible");
    assert!(error["message"].as_str().unwrap().contains("panicked"), "{error}");
}

#[test]
fn without_models_the_basic_engine_answers_and_says_why() {
    let output = run(&["analyze", "--json", "--models", "/nowhere", SAMPLE, SAMPLE]);
    assert!(output.status.success());
    for line in lines(&output) {
        let report = &line["report"];
        assert_eq!(report["engine"], "basic");
        assert_eq!(report["fallbacks"].as_array().unwrap().len(), 1);
        let why = (&report["fallbacks"][0]["engine"], &report["fallbacks"][0]["code"]);
        assert_eq!(why, (&Value::from("enhanced"), &Value::from("manifest-fetch")));
        assert_eq!(report["release"], Value::Null);
    }
    // Faces are not guessed.
    let output = run(&["detect", "--json", "--models", "/nowhere", SAMPLE]);
    assert_eq!(lines(&output)[0]["error"]["code"], "manifest-fetch");
}

#[test]
fn an_engine_that_is_forced_answers_or_fails() {
    let engine = |more: &[&str]| {
        let output = run(&[&["analyze", "--json", SAMPLE], more].concat());
        (lines(&output).remove(0), output.status.code())
    };
    let (basic, status) = engine(&["--engine", "basic"]);
    assert_eq!((&basic["report"]["engine"], status), (&Value::from("basic"), Some(0)));
    assert_eq!(basic["report"]["fallbacks"], serde_json::json!([]));
    let (unset, status) = engine(&["--engine", "server"]);
    assert_eq!((&unset["error"]["code"], status), (&Value::from("invalid-options"), Some(1)));
    let (down, _) = engine(&["--engine", "server", "--server", "http://127.0.0.1:9"]);
    assert_eq!(down["error"]["code"], "server-unreachable");
    // A server that is set is not asked while the models work.
    let (enhanced, _) = engine(&["--server", "http://127.0.0.1:9"]);
    assert_eq!(enhanced["report"]["engine"], "enhanced");
    let (all_down, _) = engine(&["--server", "http://127.0.0.1:9", "--models", "/nowhere"]);
    let codes: Vec<_> = all_down["report"]["fallbacks"].as_array().unwrap().iter().map(|f| f["code"].clone()).collect();
    assert_eq!(codes, ["manifest-fetch", "server-unreachable"]);
}

#[test]
fn a_folder_to_train_on_may_hold_what_shows_no_face() {
    let directory = TemporaryDirectory::new();
    fs::copy(root().join("www/page/sample/astronaut.png"), directory.0.join("b.png")).unwrap();
    let no_face = image::RgbImage::from_pixel(64, 64, image::Rgb([90, 120, 90]));
    no_face.save(directory.0.join("a.png")).unwrap();
    fs::write(directory.0.join("c.png"), "no picture").unwrap();
    let inputs = |of: &str| {
        run(&["models", "inputs", "--description", "models/train/classifier.json", "--models", "models/dist", of])
    };
    let output = inputs(directory.0.to_str().unwrap());
    assert!(output.status.success());
    assert_eq!(output.stdout.len(), 3 * 32 * 32 * 4);
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("a.png: no face") && told.contains("c.png") && !told.contains("b.png"), "{told}");
    assert!(!inputs(directory.0.join("a.png").to_str().unwrap()).status.success());
}
