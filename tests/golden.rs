//! The sample photo's report, number by number. `SHINE_REFRESH=1` writes it anew.

#![cfg(all(feature = "cli", not(target_arch = "wasm32")))]

use std::fs;
use std::path::PathBuf;

use serde_json::Value;
use shine_skin::analyzer::{Analyzer, AnalyzerParams};
use shine_skin::frame::{decode, Frame, Limits};
use shine_skin::native::{load, ModelSource};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn analyzer() -> Analyzer {
    let source = ModelSource::Directory(root().join("models/dist"));
    load(&source, "stable", AnalyzerParams::default()).expect("run ./build.sh models first")
}

fn sample() -> Frame {
    decode(&fs::read(root().join("www/page/sample/astronaut.png")).unwrap(), &Limits::default()).unwrap()
}

fn report(frame: &Frame) -> Value {
    serde_json::to_value(analyzer().analyze(frame).unwrap()).unwrap()
}

/// Leaves out what changes from run to run, and outlines, whose corners are many and whose areas
/// are compared.
fn comparable(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for key in ["timings", "polygons", "polygon", "sha256"] {
                map.remove(key);
            }
            map.values_mut().for_each(comparable);
        }
        Value::Array(items) => items.iter_mut().for_each(comparable),
        _ => {}
    }
}

/// The places where two reports differ by more than rounding and instruction sets explain.
fn differences(path: &str, a: &Value, b: &Value, found: &mut Vec<String>) {
    match (a, b) {
        (Value::Number(x), Value::Number(y)) => {
            let (x, y) = (x.as_f64().unwrap(), y.as_f64().unwrap());
            if (x - y).abs() > 0.05 + 0.005 * x.abs() {
                found.push(format!("{path}: {x}, now {y}"));
            }
        }
        (Value::Object(x), Value::Object(y)) => {
            for key in x.keys().chain(y.keys().filter(|k| !x.contains_key(*k))) {
                differences(
                    &format!("{path}.{key}"),
                    &x.get(key).cloned().unwrap_or_default(),
                    &y.get(key).cloned().unwrap_or_default(),
                    found,
                );
            }
        }
        (Value::Array(x), Value::Array(y)) if x.len() == y.len() => {
            for (i, (x, y)) in x.iter().zip(y).enumerate() {
                differences(&format!("{path}[{i}]"), x, y, found);
            }
        }
        _ if a != b => found.push(format!("{path}: {a}, now {b}")),
        _ => {}
    }
}

#[test]
fn the_sample_has_the_report_that_it_had() {
    let mut actual = report(&sample());
    comparable(&mut actual);
    let path = root().join("tests/golden/astronaut.json");
    if std::env::var_os("SHINE_REFRESH").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, serde_json::to_string_pretty(&actual).unwrap() + "\n").unwrap();
    }
    let expected: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let mut found = Vec::new();
    differences("report", &expected, &actual, &mut found);
    if !found.is_empty() {
        let now = std::env::temp_dir().join("astronaut.actual.json");
        fs::write(&now, serde_json::to_string_pretty(&actual).unwrap()).unwrap();
        panic!("{} differences, {} has all that was found:\n{}", found.len(), now.display(), found.join("\n"));
    }
}

#[test]
fn a_grey_copy_has_no_colour_to_measure() {
    let photo = sample();
    let grey = photo
        .rgb()
        .chunks_exact(3)
        .flat_map(|p| [((u16::from(p[0]) + u16::from(p[1]) + u16::from(p[2])) / 3) as u8; 3])
        .collect();
    let report = report(&Frame::from_rgb(photo.width(), photo.height(), grey).unwrap());
    let face = &report["faces"][0];
    assert_eq!(face["tone"], Value::Null);
    assert_eq!(face["unavailable"]["tone"], "monochrome");
    assert_eq!(face["concerns"]["redness"]["reason"], "monochrome");
    assert_eq!(face["concerns"]["redness"]["score"], Value::Null);
    assert!(face["landmarks"].as_array().is_some_and(|l| l.len() == 468));
}

#[test]
fn a_mirrored_copy_has_left_and_right_exchanged() {
    let photo = sample();
    let width = photo.width();
    let mirrored: Vec<u8> = photo
        .rgb()
        .chunks_exact(width * 3)
        .flat_map(|row| row.chunks_exact(3).rev().flatten().copied().collect::<Vec<_>>())
        .collect();
    let (a, b) = (report(&photo), report(&Frame::from_rgb(width, photo.height(), mirrored).unwrap()));
    let area = |report: &Value, zone: &str| report["faces"][0]["skin"]["zones"][zone]["areaPx"].as_f64().unwrap();
    for (zone, twin) in [("leftCheek", "rightCheek"), ("underLeftEye", "underRightEye"), ("forehead", "forehead")] {
        let (x, y) = (area(&a, zone), area(&b, twin));
        assert!((x - y).abs() < 0.15 * x.max(y), "{zone} {x}, mirrored {twin} {y}");
    }
    let yaw = |report: &Value| report["faces"][0]["pose"]["yaw"].as_f64().unwrap();
    assert!((yaw(&a) + yaw(&b)).abs() < 4.0, "{} and {}", yaw(&a), yaw(&b));
}

#[test]
fn a_photo_without_a_face_has_a_report_that_says_so() {
    for rgb in [[127, 127, 127], [0, 0, 0], [224, 172, 140]] {
        let frame = Frame::from_rgb(320, 240, rgb.repeat(320 * 240)).unwrap();
        let report = report(&frame);
        assert_eq!(report["faces"], serde_json::json!([]), "{rgb:?}");
        assert_eq!(report["quality"]["issues"], serde_json::json!(["no-face"]));
        assert_eq!(report["quality"]["sharpness"], Value::Null);
        assert_eq!(report["quality"]["acceptable"], false);
    }
}

#[test]
fn no_number_of_any_report_is_outside_its_range() {
    let photo = sample();
    let dark = photo.rgb().iter().map(|c| c / 12).collect();
    let bright = photo.rgb().iter().map(|c| c.saturating_mul(4)).collect();
    let tiny: Vec<u8> = photo.rgb()[..3 * 4].to_vec();
    let frames = [
        Frame::from_rgb(512, 512, dark).unwrap(),
        Frame::from_rgb(512, 512, bright).unwrap(),
        Frame::from_rgb(2, 2, tiny).unwrap(),
        Frame::from_rgb(1, 1, vec![9, 9, 9]).unwrap(),
        Frame::from_rgb(3000, 1, vec![120; 9000]).unwrap(),
    ];
    for frame in &frames {
        check(&report(frame), "report", frame);
    }
}

/// serde_json writes NaN as null, so null is checked where a number must be.
fn check(value: &Value, path: &str, frame: &Frame) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                if matches!(key.as_str(), "confidence" | "exposure" | "sharpness" | "illuminationBalance") {
                    assert!(value.is_null() || (0.0..=1.0).contains(&value.as_f64().unwrap()), "{path}.{key}: {value}");
                }
                if matches!(key.as_str(), "originX" | "originY" | "width" | "height" | "x" | "y" | "ita" | "yaw") {
                    assert!(value.as_f64().is_some_and(f64::is_finite), "{path}.{key}: {value} of {frame:?}");
                }
                check(value, &format!("{path}.{key}"), frame);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| check(item, path, frame)),
        _ => {}
    }
}
