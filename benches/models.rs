//! How long the models take that `./build.sh models` has published, each as a plan and as the ONNX file that it was lowered from:
//! `cargo bench --bench models`.

use std::hint::black_box;
use std::path::Path;

use criterion::{criterion_group, criterion_main, Criterion};
use shine_skin::engine::{self, Tensor};
use shine_skin::store::{ModelFile, VerifiedBytes};

fn models(criterion: &mut Criterion) {
    let folder = Path::new("models/dist");
    let json = std::fs::read(folder.join("manifest.json")).expect("models/dist: ./build.sh models makes it");
    let manifest: serde_json::Value = serde_json::from_slice(&json).expect("a manifest");
    let mut group = criterion.benchmark_group("models");
    for (id, model) in manifest["models"].as_object().expect("models") {
        let input: Vec<usize> = serde_json::from_value(model["input"]["shape"].clone()).expect("a shape");
        for file in model["files"].as_array().expect("files") {
            let file: ModelFile = serde_json::from_value(file.clone()).expect("a file");
            let format = &file.format;
            let bytes = std::fs::read(folder.join(&file.url)).expect("a file of the manifest");
            let verified = VerifiedBytes::verify(bytes, &file).expect("what the manifest says");
            let model = engine::load(&verified).expect("a model");
            let shape = input.clone();
            let data = (0..shape.iter().product()).map(|i: usize| (i % 255) as f32 / 255.0).collect();
            let input = Tensor { shape, data };
            group.bench_function(format!("{id} {format}"), |b| b.iter(|| black_box(model.run(&input))));
        }
    }
    group.finish();
}

criterion_group!(benches, models);
criterion_main!(benches);
