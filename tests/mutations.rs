//! Plans whose bytes have been changed by chance: refused or run, and nothing read outside. Of what models/dist holds and of one that is kept,
//! so that it needs no compiler of plans and is quick to build under AddressSanitizer (see `build/test.sh`).

use std::path::PathBuf;

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
    // What ships has no step that enlarges or joins.
    let all = shipped.chain([root.join("tests/corpus/segmenter.plan")]);
    all.map(|path| std::fs::read(path).unwrap()).collect()
}

/// Chance that is the same every time (xorshift, Marsaglia 2003).
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end.max(1) as u64) as usize
    }

    /// One change, most often in the head.
    fn mutate(&mut self, bytes: &mut Vec<u8>, head: usize) {
        let at = if self.below(8) == 0 { self.below(bytes.len()) } else { self.below(head) };
        match self.below(5) {
            0 => bytes[at] ^= 1 << self.below(8),
            1 => bytes[at] = self.below(256) as u8,
            2 => {
                let word = [0, 1, 2, u32::MAX, u32::MAX - 1, 1 << 31, 1 << 16, self.below(5000) as u32][self.below(8)];
                let at = (at / 4 * 4).min(bytes.len() - 4);
                bytes[at..at + 4].copy_from_slice(&word.to_le_bytes());
            }
            3 => bytes.truncate(at),
            _ => {
                let end = (at + self.below(64)).min(bytes.len());
                bytes.drain(at..end);
            }
        }
    }
}

#[test]
fn no_mutated_plan_panics_or_reads_outside() {
    let count = std::env::var("SHINE_MUTATIONS").ok().and_then(|n| n.parse().ok()).unwrap_or(2000);
    let plans = plans();
    assert_eq!(plans.len(), 3);
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
