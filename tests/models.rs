//! The converted models, run by the engine that ships, against what a TFLite interpreter said of the
//! originals on real crops. `./build.sh models` writes both.

#![cfg(all(feature = "cli", not(target_arch = "wasm32")))]

use std::fs;
use std::path::{Path, PathBuf};

use shine_skin::engine::{self, Tensor};
use shine_skin::store::{Manifest, ModelFile, VerifiedBytes};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|e| panic!("{}: {e}; run ./build.sh models first", path.display()))
}

/// All files of a model, as the manifest names them: its plan and the ONNX file.
fn files(id: &str) -> Vec<ModelFile> {
    let manifest: serde_json::Value = serde_json::from_slice(&read(&root().join("models/dist/manifest.json"))).unwrap();
    let (_, model) = manifest["models"].as_object().unwrap().iter().find(|(name, _)| name.starts_with(id)).unwrap();
    let files: Vec<ModelFile> = serde_json::from_value(model["files"].clone()).unwrap();
    assert_eq!(files.iter().map(|f| f.format.as_str()).collect::<Vec<_>>(), ["plan", "onnx"], "{id}");
    files
}

fn floats(path: &Path) -> Vec<f32> {
    read(path).chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()
}

#[test]
fn converted_models_agree_with_the_originals() {
    struct Case {
        id: &'static str,
        side: usize,
        outputs: [&'static str; 2],
    }
    let cases = [
        Case { id: "blazeface-short", side: 128, outputs: ["regressors", "logits"] },
        Case { id: "facemesh-468", side: 192, outputs: ["points", "face"] },
    ];
    for (case, file) in cases.iter().flat_map(|case| files(case.id).into_iter().map(move |file| (case, file))) {
        let bytes = VerifiedBytes::verify(read(&root().join("models/dist").join(&file.url)), &file).unwrap();
        let model = engine::load(&bytes).unwrap();
        assert_eq!(model.executor(), file.format);
        let reference = root().join("models/reference");
        for crop in 0..3 {
            let data = floats(&reference.join(format!("{}.{crop}.input.f32", case.id)));
            let outputs = model.run(&Tensor { shape: vec![1, case.side, case.side, 3], data }).unwrap();
            for (name, output) in case.outputs.iter().zip(outputs) {
                let expected = floats(&reference.join(format!("{}.{crop}.{name}.f32", case.id)));
                assert_eq!(expected.len(), output.data.len());
                let worst = expected.iter().zip(&output.data).map(|(e, o)| (e - o).abs()).fold(0.0, f32::max);
                assert!(worst <= 1e-3, "{} {name}, crop {crop}: off by {worst}", case.id);
            }
        }
    }
}

#[test]
fn weights_stay_in_half_precision() {
    for (id, most) in [("blazeface-short", 235_000), ("facemesh-468", 1_250_000)] {
        for file in files(id) {
            assert!(file.bytes < most, "{id} has {} bytes as {}", file.bytes, file.format);
        }
    }
}

#[test]
fn a_wrong_input_is_an_error_and_not_a_panic() {
    let manifest = Manifest::parse(&read(&root().join("models/dist/manifest.json"))).unwrap();
    let selected = manifest.select(manifest.release("stable", None).unwrap()).unwrap();
    let file = &selected[0].file;
    let bytes = VerifiedBytes::verify(read(&root().join("models/dist").join(&file.url)), file).unwrap();
    let model = engine::load(&bytes).unwrap();
    for shape in [vec![1, 8, 8, 3], vec![1, 128, 128, 3]] {
        assert!(model.run(&Tensor { shape, data: vec![0.0; 192] }).is_err());
    }
}

#[test]
fn verified_bytes_that_are_no_model_are_incompatible() {
    use sha2::{Digest, Sha256};
    for text in ["", "<!doctype html><title>not a model</title>", "\u{8}\u{7}\u{12}\u{0}"] {
        let sha256: String = Sha256::digest(text).iter().map(|b| format!("{b:02x}")).collect();
        let file = serde_json::json!({ "format": "onnx", "url": "x.onnx", "bytes": text.len(), "sha256": sha256 });
        let bytes = VerifiedBytes::verify(text.into(), &serde_json::from_value(file).unwrap()).unwrap();
        assert_eq!(engine::load(&bytes).err().unwrap().code.as_str(), "model-incompatible", "{text:?}");
    }
}
