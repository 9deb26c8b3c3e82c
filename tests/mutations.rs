//! Plans whose bytes have been changed by chance: refused or run, and nothing read outside. Of what models/dist holds and of one that is kept,
//! so that it needs no compiler of plans and is quick to build under AddressSanitizer (see `build/test.sh`).

mod chance;

use std::path::PathBuf;

use chance::{count, Chance};
use shine_skin::engine::plan::{Plan, PlanModel};
use shine_skin::engine::{Model, Tensor};

fn plans() -> Vec<Vec<u8>> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let dist = root.join("models/dist");
    let text = std::fs::read(dist.join("manifest.json")).expect("run ./build.sh models first");
    let manifest: serde_json::Value = serde_json::from_slice(&text).unwrap();
    let files = manifest["models"].as_object().unwrap().values().flat_map(|model| model["files"].as_array().unwrap());
    let plans = files.filter(|file| file["format"] == "plan");
    let shipped = plans.map(|file| dist.join(file["url"].as_str().unwrap()));
    // And a small one.
    let all = shipped.chain([root.join("tests/corpus/segmenter.plan")]);
    all.map(|path| std::fs::read(path).unwrap()).collect()
}

#[test]
fn no_mutated_plan_panics_or_reads_outside() {
    let count = count("SHINE_MUTATIONS", 2000);
    let plans = plans();
    assert_eq!(plans.len(), 4);
    let mut chance = Chance(0x5eed);
    for whole in plans {
        // What is not weights lies in front.
        let head = whole.len() - 2 * Plan::read(&whole).unwrap().weights.len();
        let (mut refused, mut ran) = (0, 0);
        for _ in 0..count {
            let mut bytes = whole.clone();
            chance.mutate(&mut bytes, head);
            match Plan::read(&bytes) {
                Err(error) => {
                    assert_eq!(error.code.as_str(), "model-incompatible");
                    refused += 1;
                }
                Ok(plan) => {
                    let value = &plan.values[plan.input];
                    let shape = vec![1, value.height, value.width, value.channels];
                    let data = vec![0.5; shape.iter().product()];
                    PlanModel::new(plan).unwrap().run(&Tensor { shape, data }).unwrap();
                    ran += 1;
                }
            }
        }
        assert!(refused > count / 4 && ran > count / 100, "{refused} refused, {ran} ran");
    }
}
