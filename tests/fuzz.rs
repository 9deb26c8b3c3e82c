//! Manifests and ONNX files that have been changed by chance: refused or used, and nothing else. Natively an ONNX file is tried in a process of
//! its own, as the command line does it.
//!
//! What once did worse is kept in `tests/corpus/onnx` and tried every time.

#![cfg(all(feature = "cli", not(target_arch = "wasm32")))]

mod chance;
mod networks;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;

use chance::{count, Chance};
use networks::{int, ints, word, Network};
use prost::Message;
use shine_skin::store::Manifest;
use tract_onnx::pb::{GraphProto, ModelProto};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn manifest() -> serde_json::Value {
    let text = std::fs::read(root().join("models/dist/manifest.json")).expect("run ./build.sh models first");
    serde_json::from_slice(&text).unwrap()
}

/// All values of a tree, by their paths.
fn pointers(value: &serde_json::Value, at: &str, found: &mut Vec<String>) {
    found.push(at.into());
    match value {
        serde_json::Value::Object(fields) => {
            for (key, value) in fields {
                pointers(value, &format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")), found);
            }
        }
        serde_json::Value::Array(items) => {
            for (index, value) in items.iter().enumerate().take(4) {
                pointers(value, &format!("{at}/{index}"), found);
            }
        }
        _ => {}
    }
}

#[test]
fn no_changed_manifest_does_more_than_being_refused() {
    let count = count("SHINE_FUZZ_MANIFESTS", 1_000_000);
    let mut whole = manifest();
    // Of a self-test a few numbers suffice.
    for model in whole["models"].as_object_mut().unwrap().values_mut() {
        model["selfTest"]["samples"] = serde_json::json!([[0.5, 1.0]]);
    }
    whole["channels"]["split"] = serde_json::json!({ "split": [["2026.11.0", 90], ["2026.11.0", 10]] });
    let mut places = Vec::new();
    pointers(&whole, "", &mut places);
    let text = whole.to_string().into_bytes();
    let odd = [
        "null",
        "true",
        "-1",
        "1e400",
        "18446744073709551615",
        "\"\"",
        "[]",
        "{}",
        "\"../x\"",
        "\"\\u0000\"",
        "[[[[]]]]",
        "{\"split\":[]}",
        "9007199254740993",
        "\"https://a/b?c#d\"",
    ];
    let mut chance = Chance(0x5eed);
    let (mut refused, mut taken) = (0, 0);
    for _ in 0..count {
        let bytes = if chance.below(2) == 0 {
            let mut bytes = text.clone();
            for _ in 0..=chance.below(3) {
                chance.mutate(&mut bytes, text.len());
            }
            bytes
        } else {
            let mut changed = whole.clone();
            for _ in 0..=chance.below(2) {
                let place = &places[chance.below(places.len())];
                let value = serde_json::from_str(odd[chance.below(odd.len())]).unwrap_or(serde_json::Value::Null);
                if let Some(target) = changed.pointer_mut(place) {
                    *target = value;
                }
            }
            changed.to_string().into_bytes()
        };
        match Manifest::parse(&bytes) {
            Err(error) => {
                assert!(["manifest-invalid", "model-incompatible"].contains(&error.code.as_str()), "{error}");
                refused += 1;
            }
            Ok(manifest) => {
                for channel in ["stable", "split", ""] {
                    if let Ok(release) = manifest.release(channel, Some("key")) {
                        let _ = (manifest.select(release), manifest.flags(release));
                    }
                }
                taken += 1;
            }
        }
    }
    println!("{count} manifests: {refused} refused, {taken} taken");
    assert!(refused > count / 4 && taken > count / 100, "{refused} refused, {taken} taken");
}

/// Files to change: what ships, and networks with what those lack.
fn seeds() -> Vec<Vec<u8>> {
    let manifest = manifest();
    let files = manifest["models"].as_object().unwrap().values().flat_map(|model| model["files"].as_array().unwrap());
    let onnx = files.filter(|file| file["format"] == "onnx").map(|file| file["url"].as_str().unwrap());
    let shipped = onnx.map(|url| std::fs::read(root().join("models/dist").join(url)).unwrap());
    let weights = |n: usize| (0..n).map(|i| i as f32 / 64.0 - 1.0).collect();
    let made = [
        Network::new(&[1, 3, 8, 8], &[1, 5, 8, 8])
            .weights("a", &[6, 3, 3, 3], weights(162))
            .weights("b", &[5, 9, 3, 3], weights(405))
            .weights("up", &[4], vec![1.0, 1.0, 2.0, 2.0])
            .node("Conv", "x a", "a0", vec![ints("pads", &[1, 1, 1, 1]), ints("strides", &[2, 2])])
            .node("Relu", "a0", "a1", vec![])
            .node("Resize", "a1 - up", "a2", vec![word("mode", "nearest"), word("nearest_mode", "floor")])
            .node("Concat", "a2 x", "j", vec![int("axis", 1)])
            .node("Conv", "j b", "b0", vec![ints("pads", &[1, 1, 1, 1])])
            .node("Sigmoid", "b0", "y", vec![]),
        Network::new(&[2, 12], &[1, 4])
            .weights("w", &[12, 4], weights(48))
            .weights("c", &[4], weights(4))
            .whole("shape", &[1, 8])
            .whole("starts", &[0])
            .whole("ends", &[4])
            .whole("axes", &[1])
            .whole("twice", &[1, 2])
            .whole("wide", &[1, 16])
            .node("Gemm", "x w c", "g", vec![])
            .node("Reshape", "g shape", "r", vec![])
            .node("Softmax", "r", "s", vec![int("axis", 1)])
            .node("Tile", "s twice", "t", vec![])
            .node("Expand", "t wide", "e", vec![])
            .node("Slice", "e starts ends axes", "y", vec![]),
        Network::new(&[1, 4, 6, 6], &[1, 4])
            .weights("scale", &[4], weights(4))
            .weights("mean", &[4], weights(4))
            .weights("pad", &[], vec![0.0])
            .whole("pads", &[0, 0, 1, 1, 0, 0, 1, 1])
            .node("Pad", "x pads pad", "p", vec![])
            .node("BatchNormalization", "p scale mean mean scale", "n", vec![])
            .node("MaxPool", "n", "m", vec![ints("kernel_shape", &[2, 2]), ints("strides", &[2, 2])])
            .node("GlobalAveragePool", "m", "a", vec![])
            .node("Flatten", "a", "y", vec![int("axis", 1)]),
    ];
    shipped.chain(made.map(Network::onnx)).collect()
}

/// Changes what a file means rather than its bytes: lengths, names, operators, types, the order of nodes.
fn misdescribe(graph: &mut GraphProto, chance: &mut Chance) {
    const LENGTHS: [i64; 12] = [0, 1, 2, 3, -1, -2, 7, 255, 65_536, 1 << 31, i64::MAX, i64::MIN];
    const OPERATORS: [&str; 24] = [
        "Conv",
        "Relu",
        "Add",
        "Concat",
        "Reshape",
        "Gemm",
        "MatMul",
        "Pad",
        "Slice",
        "Tile",
        "Expand",
        "Resize",
        "Softmax",
        "Gather",
        "ConstantOfShape",
        "Range",
        "Loop",
        "If",
        "Split",
        "Transpose",
        "TopK",
        "NonMaxSuppression",
        "Cast",
        "Einsum",
    ];
    let nodes = graph.node.len();
    let length = LENGTHS[chance.below(LENGTHS.len())];
    match chance.below(10) {
        0 if !graph.initializer.is_empty() => {
            let which = chance.below(graph.initializer.len());
            let dims = &mut graph.initializer[which].dims;
            if !dims.is_empty() {
                let at = chance.below(dims.len());
                dims[at] = length;
            }
        }
        1 if !graph.initializer.is_empty() => {
            let which = chance.below(graph.initializer.len());
            let tensor = &mut graph.initializer[which];
            match chance.below(3) {
                0 => tensor.data_type = chance.below(20) as i32,
                1 => tensor.raw_data.truncate(chance.below(64)),
                _ => tensor.int64_data.iter_mut().for_each(|n| *n = length),
            }
        }
        2 if nodes > 0 => {
            // Often a cycle.
            let (from, to) = (chance.below(nodes), chance.below(nodes));
            let name = graph.node[from].output.first().cloned().unwrap_or_default();
            if let Some(input) = graph.node[to].input.first_mut() {
                *input = name;
            }
        }
        3 if nodes > 0 => graph.node[chance.below(nodes)].op_type = OPERATORS[chance.below(OPERATORS.len())].into(),
        4 if nodes > 1 => graph.node.swap(chance.below(nodes), chance.below(nodes)),
        5 if nodes > 0 => {
            let node = &mut graph.node[chance.below(nodes)];
            let at = chance.below(node.attribute.len());
            if let Some(attribute) = node.attribute.get_mut(at) {
                match chance.below(4) {
                    0 => attribute.i = length,
                    1 => attribute.ints.iter_mut().for_each(|n| *n = length),
                    2 => attribute.ints.push(length),
                    _ => attribute.name.push('x'),
                }
            }
        }
        6 if nodes > 0 => {
            let node = &mut graph.node[chance.below(nodes)];
            match chance.below(3) {
                0 => drop(node.input.pop()),
                1 => drop(node.output.pop()),
                _ => node.input.reverse(),
            }
        }
        7 if nodes > 0 => drop(graph.node.remove(chance.below(nodes))),
        8 => {
            for value in graph.input.iter_mut().chain(&mut graph.output).take(1 + chance.below(2)) {
                use tract_onnx::pb::tensor_shape_proto::dimension::Value as Length;
                use tract_onnx::pb::type_proto::Value;
                let Some(Value::TensorType(tensor)) = value.r#type.as_mut().and_then(|kind| kind.value.as_mut()) else {
                    continue;
                };
                if chance.below(4) == 0 {
                    tensor.elem_type = chance.below(20) as i32;
                }
                if let Some(shape) = &mut tensor.shape {
                    let at = chance.below(shape.dim.len());
                    if let Some(dim) = shape.dim.get_mut(at) {
                        dim.value = Some(Length::DimValue(length));
                    }
                }
            }
        }
        _ => drop(graph.output.pop()),
    }
}

fn changed(seed: &[u8], chance: &mut Chance) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    if chance.below(3) == 0 {
        for _ in 0..=chance.below(3) {
            chance.mutate(&mut bytes, seed.len().min(20_000));
        }
        return bytes;
    }
    let mut model = ModelProto::decode(seed).unwrap();
    for _ in 0..=chance.below(2) {
        misdescribe(model.graph.as_mut().unwrap(), chance);
    }
    model.encode_to_vec()
}

/// How a trial ends (`taken`, `refused`, `panicked` or `stopped`) and what it says.
fn trial(bytes: &[u8]) -> (&'static str, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_shine-skin"))
        .args(["models", "trial"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let _ = input.write_all(b"null\n").and_then(|()| input.write_all(bytes));
    drop(input);
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).trim().to_string();
    let end = match said.as_str() {
        _ if !output.status.success() => "stopped",
        "" => "taken",
        why if why.contains("panicked") => "panicked",
        _ => "refused",
    };
    (end, said)
}

#[test]
fn what_was_found_is_refused_or_contained() {
    let mut count = 0;
    for entry in std::fs::read_dir(root().join("tests/corpus/onnx")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        // Its name begins with its end. What still panics does so in tract, by shapes that only tract infers.
        assert_eq!(trial(&std::fs::read(&path).unwrap()).0, name.split('-').next().unwrap(), "{name}");
        count += 1;
    }
    assert!(count >= 15);
}

#[test]
fn what_wants_more_memory_than_there_may_be_is_stopped() {
    let long = || vec![1.0; 65_536];
    let network = Network::new(&[1, 65_536], &[1, 65_536])
        .weights("column", &[65_536, 1], long())
        .weights("row", &[1, 65_536], long())
        .node("MatMul", "column row", "all", vec![])
        .node("ReduceMax", "all", "most", vec![])
        .node("Add", "most x", "y", vec![]);
    let bytes = network.onnx();
    // Where tract itself makes the tensor it panics, which is caught.
    let (end, _) = trial(&bytes);
    assert!(["panicked", "stopped"].contains(&end), "{end}");
}

#[test]
fn no_changed_model_does_more_than_being_refused() {
    let count = count("SHINE_FUZZ_MODELS", 2000);
    let seeds = seeds();
    for seed in &seeds {
        assert_eq!(trial(seed), ("taken", String::new()));
    }
    let next = Mutex::new((0, Chance(0x5eed)));
    let ends = Mutex::new(BTreeMap::<&str, usize>::new());
    let found = std::env::var_os("SHINE_FUZZ_KEEP").map(PathBuf::from);
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| loop {
                let bytes = {
                    let (done, chance) = &mut *next.lock().unwrap();
                    if *done == count {
                        return;
                    }
                    *done += 1;
                    // What ships is large, and slow to try.
                    let which = if chance.below(8) == 0 {
                        chance.below(seeds.len())
                    } else {
                        seeds.len() - 1 - chance.below(3)
                    };
                    changed(&seeds[which], chance)
                };
                let (end, _) = trial(&bytes);
                *ends.lock().unwrap().entry(end).or_default() += 1;
                if let Some(place) = found.as_deref().filter(|_| matches!(end, "panicked" | "stopped")) {
                    keep(place, end, &bytes);
                }
            });
        }
    });
    let ends = ends.into_inner().unwrap();
    println!("{count} models: {ends:?}");
    let end = |name| ends.get(name).copied().unwrap_or(0);
    assert_eq!(end("stopped"), 0, "{ends:?}");
    assert!(end("refused") > count / 4 && end("taken") > count / 100 && end("panicked") <= count / 200, "{ends:?}");
}

fn keep(place: &Path, end: &str, bytes: &[u8]) {
    std::fs::create_dir_all(place).unwrap();
    std::fs::write(place.join(format!("{end}-{}.onnx", &shine_skin::store::sha256_hex(bytes)[..12])), bytes).unwrap();
}
