//! What no change may break, checked on the sources themselves.

#![cfg(all(feature = "cli", not(target_arch = "wasm32")))]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file below a directory of the sources, with its text.
fn sources(directory: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            found.push((path.strip_prefix(root()).unwrap().to_path_buf(), text));
        }
    }
    found
}

fn core() -> Vec<(PathBuf, String)> {
    let hosts = ["src/web", "src/native", "src/evaluate", "src/patches", "src/main.rs"];
    let mut all = sources(&root().join("src"));
    all.retain(|(path, _)| !hosts.iter().any(|host| path.starts_with(host)));
    assert!(all.len() > 15, "the core was not found");
    all
}

#[test]
fn the_core_names_no_web_crate_and_no_host() {
    let foreign = ["wasm_bindgen", "js_sys", "web_sys", "gloo", "serde_wasm", "axum", "tokio", "ureq", "clap"];
    let hosts = ["std::fs", "std::net", "std::time", "std::env", "println!", "eprintln!", "dbg!"];
    for (path, text) in core() {
        for name in foreign.iter().chain(&hosts) {
            assert!(!text.contains(name), "{} names {name}", path.display());
        }
    }
}

#[test]
fn only_the_engine_names_tract() {
    for (path, text) in sources(&root().join("src")) {
        let allowed = path.starts_with("src/engine");
        assert!(allowed || !text.replace("extract_", "").contains("tract_"), "{} names tract", path.display());
    }
}

#[test]
fn models_are_parsed_from_verified_bytes_only() {
    // The executor takes VerifiedBytes, whose field is private and which only `verify` makes.
    let store = fs::read_to_string(root().join("src/store/mod.rs")).unwrap();
    let made: Vec<_> = store.match_indices("VerifiedBytes(").collect();
    assert_eq!(made.len(), 2, "VerifiedBytes is defined once and made once");
    assert!(store.contains("pub struct VerifiedBytes(Arc<[u8]>);"), "its field is private");
    let engine = fs::read_to_string(root().join("src/engine/onnx/mod.rs")).unwrap();
    assert!(engine.contains("pub fn parse(bytes: &VerifiedBytes)"));
    assert!(engine.contains("pub(super) fn from_onnx("), "publishing alone reads bytes that are its own");
    assert_eq!(engine.matches("proto_model_for_read").count(), 1);
    let plans = fs::read_to_string(root().join("src/engine/plan/mod.rs")).unwrap();
    assert!(plans.contains("pub fn parse(bytes: &VerifiedBytes)"));
}

#[test]
fn a_photo_leaves_from_one_place_alone() {
    // Models are read with GET; one file has a body to send, and asks for an address that the caller has to set.
    for (path, text) in sources(&root().join("src/web")) {
        for word in ["::post(", "::put(", "\"POST\"", ".body(Some", "send_beacon", "WebSocket"] {
            assert!(!text.contains(word), "{} has {word}", path.display());
        }
    }
    for directory in ["www/package", "www/page"] {
        for entry in fs::read_dir(root().join(directory)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|e| e == "js") {
                let text = fs::read_to_string(&path).unwrap();
                let sends = path.ends_with("package/server.js");
                assert_eq!(text.matches("POST").count(), usize::from(sends), "{} has POST", path.display());
                for word in ["XMLHttpRequest", "sendBeacon", "WebSocket", "localStorage"] {
                    assert!(!text.contains(word), "{} has {word}", path.display());
                }
                // The page keeps a photo where it was told to, in one place.
                let keeps = path.ends_with("page/days.js");
                assert_eq!(text.contains("indexedDB"), keeps, "{} has indexedDB", path.display());
            }
        }
    }
    let server = fs::read_to_string(root().join("www/package/server.js")).unwrap();
    assert!(server.contains("fetch(`${serverUrl}/v1/${what}`, request)"));
    assert_eq!(server.matches("fetch(").count(), 1);
}

/// The names of the crates that a wasm module depends on, all the way down.
fn wasm_tree(features: &str) -> String {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--target", "wasm32-unknown-unknown", "--no-default-features", "--edges", "normal"])
        .args(["--features", features])
        .args(["--prefix", "none", "--format", "{p}"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    String::from_utf8(tree.stdout).unwrap()
}

#[test]
fn each_named_dependency_is_in_the_wasm_build_and_used() {
    let (first, general) = (wasm_tree(""), wasm_tree("onnx"));
    let all: String = sources(&root().join("src")).into_iter().map(|(_, text)| text).collect();
    let named = [
        ("image", "image::"),
        ("wasm-bindgen", "wasm_bindgen::"),
        ("js-sys", "js_sys::"),
        ("web-sys", "web_sys::"),
        ("serde-wasm-bindgen", "serde_wasm_bindgen::"),
        ("console_error_panic_hook", "console_error_panic_hook::"),
        ("gloo-net", "gloo_net::"),
    ];
    let has = |tree: &str, package: &str| tree.lines().any(|line| line.starts_with(&format!("{package} v")));
    for (package, path) in named {
        assert!(has(&first, package), "{package} is not in the wasm build");
        assert!(all.contains(path), "{package} is not used");
    }
    assert!(has(&general, "tract-onnx"), "the general engine is not tract");
    assert!(!has(&first, "tract-onnx"), "the first download holds tract");
}

#[test]
fn the_wasm_build_has_no_server_and_no_command_line() {
    let tree = wasm_tree("onnx");
    for package in ["axum", "tokio", "clap", "ureq", "tower-http"] {
        assert!(!tree.lines().any(|line| line.starts_with(&format!("{package} v"))), "{package} is in the wasm build");
    }
}

#[test]
fn no_file_holds_more_than_its_noun() {
    for (path, text) in sources(&root().join("src")) {
        assert!(text.lines().count() <= 400, "{} has {} lines", path.display(), text.lines().count());
    }
}
