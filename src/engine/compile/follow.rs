//! What follows a convolution and is done while its result is still in registers: bias, residual, activation.

use tract_onnx::prelude::*;

use super::lower::{floats, refuse, Lowered, Lowering, Seen};
use super::network::Draft;
use crate::engine::plan::format::Activation;

impl Lowering<'_> {
    /// The step that writes a value, where something may still follow in it: nothing else reads the tensor.
    fn open(&mut self, outlet: OutletId, readers: usize) -> Option<(usize, &mut Draft)> {
        let &Seen::Picture { value, wide, .. } = self.seen.get(&outlet)? else { return None };
        // Others may be the same value under another name: each is read by the next name alone.
        let same = |seen: &Seen| match seen {
            Seen::Picture { value: other, .. } => *other == value,
            Seen::Flat(values) => values.contains(&value),
            _ => false,
        };
        let is_output = |o: &OutletId| self.model.outputs.contains(o);
        let read = |o: &OutletId| self.model.node(o.node).outputs[o.slot].successors.len();
        let alone = self
            .seen
            .iter()
            .filter(|(_, seen)| same(seen))
            .all(|(o, _)| !is_output(o) && read(o) == if *o == outlet { readers } else { 1 });
        let own = wide == self.network.sizes[value][2];
        let (at, draft) = self.network.steps.iter_mut().enumerate().find(|(_, d)| d.step.output == value)?;
        let plain = draft.step.activation == Activation::None && draft.step.kind.is_convolution();
        (alone && own && plain).then_some((at, draft))
    }

    pub(super) fn add(&mut self, node: &TypedNode) -> Lowered<Seen> {
        for (slot, other) in [(0, 1), (1, 0)] {
            if let Seen::Constant(constant) = self.of(node, other)? {
                let bias = self.by_channel(node, slot, constant)?;
                let seen = self.of(node, slot)?.clone();
                let (_, draft) = self.open(node.inputs[slot], 1).ok_or("nothing before it can take a bias")?;
                let channels = draft.bias.len();
                if bias.len() != 1 && bias.len() != channels {
                    return refuse("it adds something else than a bias");
                }
                draft.bias.iter_mut().enumerate().for_each(|(o, b)| *b += bias[o % bias.len()]);
                return Ok(seen);
            }
        }
        // The later of the two takes the other in.
        let mut hosts: Vec<(usize, usize)> =
            (0..2).filter_map(|slot| Some((self.open(node.inputs[slot], 1)?.0, slot))).collect();
        hosts.sort_unstable();
        for (at, slot) in hosts.into_iter().rev() {
            let (seen, other) = (self.of(node, slot)?.clone(), self.of(node, 1 - slot)?);
            let &Seen::Picture { value: other, wide, .. } = other else { continue };
            let step = &self.network.steps[at].step;
            let earlier = !self.network.steps[at..].iter().any(|d| d.step.output == other);
            if step.residual.is_none() && earlier && wide == self.network.sizes[step.output][2] {
                self.network.steps[at].step.residual = Some(other);
                return Ok(seen);
            }
        }
        refuse("neither of what it adds is a convolution that can take the other in")
    }

    pub(super) fn max(&mut self, node: &TypedNode) -> Lowered<Seen> {
        for (slot, other) in [(0, 1), (1, 0)] {
            if let Seen::Constant(constant) = self.of(node, other)? {
                if floats(constant)?.iter().any(|&v| v != 0.0) {
                    return refuse("it is no ReLU");
                }
                let seen = self.of(node, slot)?.clone();
                let (_, draft) = self.open(node.inputs[slot], 1).ok_or("nothing before it can take an activation")?;
                draft.step.activation = Activation::Relu;
                return Ok(seen);
            }
        }
        refuse("it is no ReLU")
    }

    /// A constant that has one number, or one a channel, of an input that it does not make larger.
    fn by_channel(&self, node: &TypedNode, slot: usize, constant: &Tensor) -> Lowered<Vec<f32>> {
        let &Seen::Picture { last, .. } = self.of(node, slot)? else { return refuse("its input is no picture") };
        let missing = 4usize.checked_sub(constant.shape().len()).ok_or("it has too many axes")?;
        let channel = if last { 3 } else { 1 };
        let others = constant.shape().iter().enumerate().any(|(i, &d)| d != 1 && i + missing != channel);
        if others || self.shape(node.id.into())? != self.shape(node.inputs[slot])? {
            return refuse("it has more than one number a channel");
        }
        floats(constant)
    }

    pub(super) fn negative(&mut self, node: &TypedNode) -> Lowered<Seen> {
        if floats(self.constant(node, 0)?)?.iter().any(|&v| v != 0.0) {
            return refuse("it compares with something else than zero");
        }
        Ok(Seen::Negative(node.inputs[1]))
    }

    pub(super) fn scaled(&mut self, node: &TypedNode) -> Lowered<Seen> {
        let slope = self.by_channel(node, 0, self.constant(node, 1)?)?;
        Ok(Seen::Scaled(node.inputs[0], slope))
    }

    /// A PReLU, as tract writes it.
    pub(super) fn choice(&mut self, node: &TypedNode) -> Lowered<Seen> {
        let of = node.inputs[2];
        match (self.of(node, 0)?, self.of(node, 1)?.clone()) {
            (&Seen::Negative(a), Seen::Scaled(b, slope)) if a == of && b == of => {
                let seen = self.of(node, 2)?.clone();
                // The test, the product and the choice read it.
                let (_, draft) = self.open(of, 3).ok_or("nothing before it can take an activation")?;
                if slope.len() != 1 && slope.len() != draft.bias.len() {
                    return refuse("its slopes are not one a channel");
                }
                draft.slope = (0..draft.bias.len()).map(|o| slope[o % slope.len()]).collect();
                draft.step.activation = Activation::PRelu;
                Ok(seen)
            }
            _ => refuse("it is no PReLU"),
        }
    }
}
