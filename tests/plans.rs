//! Plans of the models that ship: they say what tract says, and one that asks for what is not there is refused.

#![cfg(all(feature = "cli", not(target_arch = "wasm32")))]

mod networks;

use std::path::PathBuf;

use networks::{int, ints, word, Network};

use shine_skin::engine::compile::{compile, TOLERANCE};
use shine_skin::engine::plan::format::{Activation, Kind, Step};
use shine_skin::engine::plan::{difference, noise};
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

/// A network that segments, as small as one can be: down, up again, joined with what it was, and a probability a pixel.
fn segmenter(mode: &str, transformation: &str) -> Vec<u8> {
    let pads = || ints("pads", &[1, 1, 1, 1]);
    // Numbers that half precision holds.
    let weights = |seed: u32, len: usize| noise(seed, len).iter().map(|v| (v * 64.0).round() / 128.0).collect();
    Network::new(&[1, 12, 20, 3], &[1, 12, 20, 5])
        .weights("a", &[6, 3, 3, 3], weights(1, 162))
        .weights("b", &[10, 6, 3, 3], weights(2, 540))
        .weights("c", &[5, 19, 3, 3], weights(3, 855))
        .weights("up", &[4], vec![1.0, 1.0, 2.0, 2.0])
        .node("Transpose", "x", "x0", vec![ints("perm", &[0, 3, 1, 2])])
        .node("Conv", "x0 a", "a0", vec![pads()])
        .node("Relu", "a0", "a1", vec![])
        .node("Conv", "a1 b", "b0", vec![pads(), ints("strides", &[2, 2])])
        .node("Relu", "b0", "b1", vec![])
        .node(
            "Resize",
            "b1 - up",
            "b2",
            vec![
                word("mode", mode),
                word("coordinate_transformation_mode", transformation),
                word("nearest_mode", "floor"),
            ],
        )
        .node("Concat", "a1 b2 x0", "j", vec![int("axis", 1)])
        .node("Conv", "j c", "c0", vec![pads()])
        .node("Sigmoid", "c0", "s", vec![])
        .node("Transpose", "s", "y", vec![ints("perm", &[0, 2, 3, 1])])
        .onnx()
}

#[test]
fn a_network_that_segments_has_a_plan() {
    for (mode, transformation, kind) in [
        ("linear", "half_pixel", Kind::Bilinear),
        ("linear", "pytorch_half_pixel", Kind::Bilinear),
        ("nearest", "asymmetric", Kind::Nearest),
    ] {
        // That it computes what tract does is proven where it is compiled.
        let plan = compile(&segmenter(mode, transformation), &[noise(9, 720)]).unwrap();
        let count = |kind: Kind| plan.steps.iter().filter(|s| s.kind == kind).count();
        assert_eq!([kind, Kind::Concat, Kind::Sigmoid, Kind::Dense].map(count), [1, 2, 1, 3]);
        assert_eq!(Plan::read(&plan.write()).unwrap(), plan);
    }
    for (mode, transformation) in [("cubic", "half_pixel"), ("linear", "align_corners"), ("linear", "asymmetric")] {
        let error = compile(&segmenter(mode, transformation), &[]).unwrap_err();
        assert!(error.message.contains("b2 (Resize)"), "{}", error.message);
    }
}

/// Plans that are changed by chance begin with this one too, and need no compiler for it. `SHINE_REFRESH_PLAN=1` writes it.
#[test]
fn the_kept_plan_is_what_is_compiled() {
    let path = root().join("tests/corpus/segmenter.plan");
    let plan = compile(&segmenter("linear", "half_pixel"), &[]).unwrap().write();
    if std::env::var_os("SHINE_REFRESH_PLAN").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &plan).unwrap();
    }
    let kept = Plan::read(&std::fs::read(path).unwrap()).unwrap();
    let plan = Plan::read(&plan).unwrap();
    // The last bits of what tract says differ between processors.
    assert_eq!((kept.steps, kept.values, kept.weights), (plan.steps, plan.values, plan.weights));
}

#[test]
fn steps_that_enlarge_or_join_what_they_can_not_are_refused() {
    let good = compile(&segmenter("linear", "half_pixel"), &[]).unwrap();
    let refused = |of: Kind, what: &str, change: &dyn Fn(&mut Step)| {
        let mut plan = good.clone();
        change(plan.steps.iter_mut().find(|s| s.kind == of).unwrap());
        let error = Plan::read(&plan.write()).expect_err(what);
        assert!(error.message.contains(what), "{what}: {}", error.message);
    };
    refused(Kind::Bilinear, "can't", &|s| s.stride = [2, 1]);
    refused(Kind::Bilinear, "can't", &|s| s.kind = Kind::Sigmoid);
    refused(Kind::Bilinear, "can't", &|s| s.activation = Activation::Relu);
    refused(Kind::Sigmoid, "can't", &|s| s.residual = Some(s.input));
    refused(Kind::Concat, "joins one", &|s| s.residual = None);
    refused(Kind::Concat, "does not fit", &|s| s.residual = Some(s.input));
    refused(Kind::Concat, "can't", &|s| s.padding = [1, 0]);
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
