//! Plans of the models that ship: they say what tract says, and one that asks for what is not there is refused.

#![cfg(all(feature = "cli", not(target_arch = "wasm32")))]

use std::path::PathBuf;

use shine_skin::engine::compile::{compile, TOLERANCE};
use shine_skin::engine::plan::difference;
use shine_skin::engine::{Model, OnnxModel, Plan, PlanModel, Tensor};
use shine_skin::store::{ModelFile, VerifiedBytes};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The ONNX file of a model that ships, as the manifest names it.
fn onnx(id: &str) -> VerifiedBytes {
    let dist = root().join("models/dist");
    let text = std::fs::read(dist.join("manifest.json")).expect("run ./build.sh models first");
    let manifest: serde_json::Value = serde_json::from_slice(&text).unwrap();
    let models = manifest["models"].as_object().unwrap();
    let (_, model) = models.iter().find(|(name, _)| name.starts_with(id)).unwrap();
    let files: Vec<ModelFile> = serde_json::from_value(model["files"].clone()).unwrap();
    let file = files.iter().find(|f| f.format == "onnx").unwrap();
    VerifiedBytes::verify(std::fs::read(dist.join(&file.url)).unwrap(), file).unwrap()
}

/// Real crops.
fn crops(id: &str) -> Vec<Vec<f32>> {
    let file = |k: usize| std::fs::read(root().join(format!("models/reference/{id}.{k}.input.f32"))).unwrap();
    let floats = |b: Vec<u8>| b.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
    (0..3).map(|k| floats(file(k))).collect()
}

const MODELS: [(&str, usize); 2] = [("blazeface-short", 128), ("facemesh-468", 192)];

#[test]
fn plans_say_what_tract_says() {
    for (id, side) in MODELS {
        let (onnx, crops) = (onnx(id), crops(id));
        let plan = compile(onnx.as_slice(), &crops).unwrap();
        let bytes = plan.write();
        assert_eq!(Plan::read(&bytes).unwrap(), plan);
        let (plan, original) = (PlanModel::new(plan).unwrap(), OnnxModel::parse(&onnx).unwrap());
        for data in crops {
            let input = Tensor { shape: vec![1, side, side, 3], data };
            for (expected, got) in original.run(&input).unwrap().iter().zip(plan.run(&input).unwrap()) {
                let off = difference(&expected.data, &got.data);
                assert!(expected.shape == got.shape && off <= TOLERANCE, "{id}: {off}");
            }
        }
    }
}

#[test]
fn plans_that_ask_for_what_is_not_there_or_for_too_much_are_refused() {
    let good = compile(onnx("blazeface-short").as_slice(), &[]).unwrap();
    let refused = |what: &str, change: &dyn Fn(&mut Plan)| {
        let mut plan = good.clone();
        change(&mut plan);
        let error = Plan::read(&plan.write()).expect_err(what);
        assert_eq!(error.code.as_str(), "model-incompatible");
        assert!(error.message.contains(what), "{what}: {}", error.message);
    };
    refused("too much", &|p| {
        p.outputs[0].shape = vec![p.outputs[0].shape.iter().product::<usize>() * 2000];
        p.outputs[0].pieces = p.outputs[0].pieces.repeat(2000);
    });
    refused("no output", &|p| {
        p.outputs.clear();
        p.test.samples.clear();
    });
    refused("other outputs", &|p| p.outputs.clear());
    refused("too much work", &|p| p.steps = vec![p.steps[0].clone(); 2000]);
    refused("lists too much", &|p| p.steps = vec![p.steps[0].clone(); 5000]);
    refused("nothing has written", &|p| p.steps.swap(0, 1));
    refused("padding", &|p| p.steps[0].padding = [u32::MAX as usize, 0]);
    refused("beyond the last", &|p| p.steps[0].weights = p.weights.len());
    refused("beyond the last", &|p| p.steps[0].weights = u32::MAX as usize);
    refused("reads too far", &|p| p.steps[0].stride = [16, 16]);
    refused("window", &|p| p.steps[0].kernel = [0, 1]);
    refused("outside the arena", &|p| p.values[3].offset = p.arena);
    refused("arena is too large", &|p| p.arena = 1 << 25);
    refused("no such value", &|p| p.input = 9999);
    refused("does not fit", &|p| {
        let with = p.steps.iter().position(|s| s.residual.is_some()).unwrap();
        p.steps[with].residual = Some(p.input);
    });
    refused("tolerates too much", &|p| p.test.tolerance = f32::NAN);
    refused("reads what it writes", &|p| p.values[p.steps[0].output].offset = p.values[p.input].offset);
}
