//! The sample photo's report, number by number. `SHINE_REFRESH=1` writes it anew.

#![cfg(all(feature = "cli", not(target_arch = "wasm32")))]

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use proptest::prelude::*;
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
    static ANALYZER: LazyLock<Analyzer> = LazyLock::new(analyzer);
    serde_json::to_value(ANALYZER.analyze(frame).unwrap()).unwrap()
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
            // Shares and confidences lie between 0 and 1, and the measure of redness near 0.
            let small = ["onfidence", "sharpness", "exposure", "Balance", "core", "measure.value"];
            let tolerance = if small.iter().any(|key| path.ends_with(key)) && x.abs() <= 1.0 {
                0.01
            } else {
                0.05 + 0.005 * x.abs()
            };
            if (x - y).abs() > tolerance {
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

/// A whole number of photos out of one: cropped, turned by quarters, lighter and darker, tinted.
fn variants() -> impl Strategy<Value = Frame> {
    let crop = (0usize..300, 0usize..200, 8usize..512, 8usize..512);
    (crop, 0u8..4, 0.05f32..4.0, [0.6f32..1.4, 0.6f32..1.4, 0.6f32..1.4]).prop_map(
        |((x, y, width, height), turns, gain, tint)| {
            let photo = sample();
            let (width, height) = (width.min(512 - x), height.min(512 - y));
            let pixel = |u: usize, v: usize| (0..3).map(move |c| (u, v, c));
            let value = |(u, v, c): (usize, usize, usize)| {
                (f32::from(photo.rgb()[((y + v) * 512 + x + u) * 3 + c]) * gain * tint[c]) as u8
            };
            let (w, h) = if turns % 2 == 0 { (width, height) } else { (height, width) };
            let rgb = (0..w * h).flat_map(|i| {
                let (u, v) = (i % w, i / w);
                let (u, v) = match turns {
                    0 => (u, v),
                    1 => (v, height - 1 - u),
                    2 => (width - 1 - u, height - 1 - v),
                    _ => (width - 1 - v, u),
                };
                pixel(u, v).map(value).collect::<Vec<_>>()
            });
            Frame::from_rgb(w, h, rgb.collect()).unwrap()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn every_number_is_there_or_its_absence_has_a_reason(frame in variants()) {
        check(&report(&frame), &format!("{frame:?}"));
    }
}

#[test]
fn the_smallest_and_narrowest_photos_have_whole_reports() {
    for (width, height) in [(1, 1), (2, 2), (3000, 1), (1, 3000), (40, 41)] {
        let frame = Frame::from_rgb(width, height, vec![120; width * height * 3]).unwrap();
        check(&report(&frame), &format!("{frame:?}"));
    }
}

/// NaN serialises as null, so each null is asked for its reason.
fn check(report: &Value, photo: &str) {
    let face_seen = report["faces"].as_array().is_some_and(|faces| !faces.is_empty());
    let issues = report["quality"]["issues"].as_array().unwrap();
    assert_eq!(!face_seen, issues.contains(&"no-face".into()), "{photo}");
    for key in ["sharpness", "exposure", "interocularPx"] {
        let value = &report["quality"][key];
        let meshed = face_seen && !report["faces"][0]["landmarks"].is_null();
        assert_eq!(value.is_number(), meshed, "{photo}: {key} {value}");
    }
    for face in report["faces"].as_array().unwrap() {
        let unavailable = face["unavailable"].as_object().unwrap();
        for key in ["landmarks", "pose", "skin", "tone"] {
            assert_eq!(face[key].is_null(), unavailable.contains_key(key), "{photo}: {key}");
        }
        assert_eq!(face["overall"]["score"].is_null(), unavailable.contains_key("overall"));
        let concerns = face["concerns"].as_object().unwrap();
        assert_eq!(concerns.len(), 9);
        for (id, concern) in concerns {
            let available = concern["available"].as_bool().unwrap();
            assert_eq!(available, concern["reason"].is_null(), "{photo}: {id}");
            for key in ["score", "severity", "measure", "confidence"] {
                assert_eq!(available, !concern[key].is_null(), "{photo}: {id} {key}");
            }
            assert!(!available || concern["measure"]["unit"].as_str().is_some_and(|unit| !unit.is_empty()));
        }
        for key in ["boundingBox", "keypoints", "landmarks", "pose", "skin", "tone"] {
            if !face[key].is_null() {
                assert_no_null(&face[key], &format!("{photo}: {key}"));
            }
        }
        for (id, concern) in concerns.iter().filter(|(id, _)| available(face, id)) {
            assert_no_null(concern, &format!("{photo}: {id}"));
            assert!((0.0..=100.0).contains(&concern["score"].as_f64().unwrap()), "{photo}: {id}");
            assert!((0.0..=1.0).contains(&concern["confidence"].as_f64().unwrap()), "{photo}: {id}");
        }
        if let Some(skin) = face["skin"].as_object() {
            let zones = skin["zones"].as_object().unwrap().values();
            assert_eq!(skin["areaPx"].as_u64().unwrap(), zones.map(|z| z["areaPx"].as_u64().unwrap()).sum::<u64>());
        }
    }
}

fn available(face: &Value, id: &str) -> bool {
    face["concerns"][id]["available"] == true
}

fn assert_no_null(value: &Value, path: &str) {
    match value {
        Value::Null => panic!("{path} holds a null"),
        Value::Object(map) => map.iter().for_each(|(key, value)| assert_no_null(value, &format!("{path}.{key}"))),
        Value::Array(items) => items.iter().for_each(|item| assert_no_null(item, path)),
        _ => {}
    }
}

#[test]
fn a_small_face_is_too_small_and_in_colour() {
    for side in [40usize, 64, 96] {
        let photo = image::open(root().join("www/page/sample/astronaut.png")).unwrap();
        let small = photo.resize_exact(side as u32, side as u32, image::imageops::FilterType::Triangle).into_rgb8();
        let report = report(&Frame::from_rgb(side, side, small.into_raw()).unwrap());
        let issues = report["quality"]["issues"].as_array().unwrap();
        assert!(!issues.contains(&"monochrome".into()) && !issues.contains(&"occluded".into()), "{side}: {issues:?}");
        assert!(issues.contains(&"face-too-small".into()) || issues.contains(&"no-face".into()), "{side}: {issues:?}");
    }
}

#[test]
fn patterns_are_no_faces() {
    for step in [3usize, 7, 16, 40] {
        // Coloured squares without order.
        let colour =
            |x: usize, y: usize, c: usize| (((x * 7919 + y * 104_729 + c * 1_299_709) * 2_654_435_761) >> 7) as u8;
        let rgb = (0..400 * 300).flat_map(|i| [0, 1, 2].map(|c| colour(i % 400 / step, i / 400 / step, c)));
        let report = report(&Frame::from_rgb(400, 300, rgb.collect()).unwrap());
        assert_eq!(report["faces"], serde_json::json!([]), "squares of {step}");
    }
}
