//! Plans of the models that ship: they say what tract says, and one that is damaged is refused or runs within its bounds.

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
        let (plan, original) = (PlanModel::new(plan), OnnxModel::parse(&onnx).unwrap());
        for data in crops {
            let input = Tensor { shape: vec![1, side, side, 3], data };
            for (expected, got) in original.run(&input).unwrap().iter().zip(plan.run(&input).unwrap()) {
                let off = difference(&expected.data, &got.data);
                assert!(expected.shape == got.shape && off <= TOLERANCE, "{id}: {off}");
            }
        }
    }
}

/// A plan with one byte, word or run of it changed, and whatever else a file may suffer.
fn mutated(bytes: &[u8], seed: &mut u64) -> Vec<u8> {
    // xorshift64 (Marsaglia 2003).
    let mut random = |below: usize| {
        *seed ^= *seed << 13;
        *seed ^= *seed >> 7;
        *seed ^= *seed << 17;
        (*seed % below.max(1) as u64) as usize
    };
    let mut bytes = bytes.to_vec();
    // What is not weights lies in front.
    let at = if random(8) == 0 { random(bytes.len()) } else { random(6000.min(bytes.len())) };
    match random(5) {
        0 => bytes[at] ^= 1 << random(8),
        1 => bytes[at] = random(256) as u8,
        2 => {
            let word = [0, 1, 2, u32::MAX, u32::MAX - 1, 1 << 31, 1 << 16, random(5000) as u32][random(8)];
            let at = (at / 4 * 4).min(bytes.len() - 4);
            bytes[at..at + 4].copy_from_slice(&word.to_le_bytes());
        }
        3 => bytes.truncate(at),
        _ => {
            let end = (at + random(64)).min(bytes.len());
            bytes.drain(at..end);
        }
    }
    bytes
}

#[test]
fn no_mutated_plan_panics_or_reads_outside() {
    let count = std::env::var("SHINE_MUTATIONS").ok().and_then(|n| n.parse().ok()).unwrap_or(3000);
    let bytes = compile(onnx("blazeface-short").as_slice(), &[]).unwrap().write();
    let mut seed = 0x5eed;
    let (mut refused, mut ran) = (0, 0);
    for _ in 0..count {
        match Plan::read(&mutated(&bytes, &mut seed)) {
            Err(error) => {
                assert_eq!(error.code.as_str(), "model-incompatible");
                refused += 1;
            }
            Ok(plan) => {
                let value = &plan.values[plan.input];
                let shape = vec![1, value.height, value.width, value.channels];
                let data = vec![0.5; shape.iter().product()];
                PlanModel::new(plan).run(&Tensor { shape, data }).unwrap();
                ran += 1;
            }
        }
    }
    assert!(refused > count / 4 && ran > count / 100, "{refused} refused, {ran} ran");
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
