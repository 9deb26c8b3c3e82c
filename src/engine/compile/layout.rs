//! Where each value lies: how wide its border of zeros is, and which part of the arena it has while something still reads
//! it.

use super::network::{Draft, Network};
use crate::engine::plan::format::Value;

/// The values of a network with their places, and the floats that they need together.
pub fn place(network: &Network) -> (Vec<Value>, usize) {
    let mut values: Vec<Value> = network
        .sizes
        .iter()
        .map(|&[height, width, channels]| Value { height, width, channels, border: [0; 4], offset: 0 })
        .collect();
    for step in network.steps.iter().map(|draft| &draft.step) {
        if !step.kind.has_window() {
            continue;
        }
        let [height, width, _] = network.sizes[step.output];
        let input = &mut values[step.input];
        // What lies beyond the last row or column that is read.
        let beyond = |axis: usize, out: usize, own: usize| {
            ((out - 1) * step.stride[axis] + step.kernel[axis]).saturating_sub(step.padding[axis] + own)
        };
        let needs = [step.padding[0], beyond(1, width, input.width), beyond(0, height, input.height), step.padding[1]];
        (0..4).for_each(|side| input.border[side] = input.border[side].max(needs[side]));
    }
    let lives = lives(network);
    // The largest first, each as low as what lives at the same time leaves room.
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by_key(|&v| std::cmp::Reverse(values[v].floats()));
    let mut placed: Vec<usize> = Vec::new();
    for v in order {
        let mut taken: Vec<_> = placed
            .iter()
            .filter(|&&o| lives[o].0 <= lives[v].1 && lives[v].0 <= lives[o].1)
            .map(|&o| values[o].range())
            .collect();
        taken.sort_by_key(|range| range.start);
        let len = values[v].floats();
        let fits = |at: usize, range: &std::ops::Range<usize>| range.start >= at + len;
        let mut at = 0;
        for range in &taken {
            if fits(at, range) {
                break;
            }
            at = at.max(range.end);
        }
        values[v].offset = at;
        placed.push(v);
    }
    let arena = values.iter().map(|v| v.range().end).max().unwrap_or(0);
    (values, arena)
}

/// The steps from which and up to which each value is needed.
fn lives(network: &Network) -> Vec<(usize, usize)> {
    let end = network.steps.len();
    let mut lives = vec![(0, 0); network.sizes.len()];
    for (k, Draft { step, .. }) in network.steps.iter().enumerate() {
        lives[step.output] = (k, k);
    }
    for (k, Draft { step, .. }) in network.steps.iter().enumerate() {
        for read in std::iter::once(step.input).chain(step.residual) {
            lives[read].1 = lives[read].1.max(k);
        }
    }
    for value in network.outputs.iter().flat_map(|(_, values)| values) {
        lives[*value].1 = end;
    }
    lives
}
