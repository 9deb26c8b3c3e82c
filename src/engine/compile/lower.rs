//! From tract's decluttered graph to steps, each operator with all that can be done while its result is still in registers.

use std::collections::HashMap;

use tract_onnx::prelude::*;
use tract_onnx::tract_core::ops::array::{Pad, PadMode, TypedConcat};
use tract_onnx::tract_core::ops::change_axes::AxisOp;
use tract_onnx::tract_core::ops::cnn::{Conv, KernelFormat, MaxPool, PoolSpec};
use tract_onnx::tract_core::ops::einsum::EinSum;
use tract_onnx::tract_core::ops::nn::resize::{CoordTransformer, Interpolator, NearestUpsample, Resize};
use tract_onnx::tract_core::ops::nn::DataFormat;

use super::network::{Draft, Network};
use crate::engine::plan::format::{Activation, Kind, Step};
use crate::error::{Error, ErrorCode, Result};

/// What a tensor of the graph is in the plan.
#[derive(Clone)]
pub(super) enum Seen {
    /// A value, with more channels than it has where zeros follow; whether channels are the last axis.
    Picture { value: usize, wide: usize, last: bool },
    /// Values read out one after another.
    Flat(Vec<usize>),
    /// A tensor that is known.
    Constant(Arc<Tensor>),
    /// Where another is negative: half of a PReLU.
    Negative(OutletId),
    /// Another times one slope a channel: the other half.
    Scaled(OutletId, Vec<f32>),
}

/// Lowers an ONNX file.
///
/// # Errors
/// `model-incompatible` where tract can't read it, or an operator has no step: that is named, with its node.
pub fn lower(onnx: &[u8]) -> Result<Network> {
    let model = tract_onnx::onnx()
        .model_for_read(&mut &*onnx)
        .and_then(|model| model.into_typed())
        .and_then(|model| model.into_decluttered())
        .map_err(|e| Error::new(ErrorCode::ModelIncompatible, format!("the model can't be read: {e}")))?;
    let mut lowering = Lowering { model: &model, network: Network::default(), seen: HashMap::new() };
    for id in model.eval_order().map_err(|e| Error::new(ErrorCode::ModelIncompatible, e.to_string()))? {
        let node = model.node(id);
        lowering.node(node).map_err(|why| {
            let message = format!("{} ({}) can't be lowered: {why}", node.name, node.op.name());
            Error::new(ErrorCode::ModelIncompatible, message)
        })?;
    }
    lowering.outputs().map_err(|why| Error::new(ErrorCode::ModelIncompatible, why))?;
    Ok(lowering.network)
}

pub(super) type Lowered<T = ()> = std::result::Result<T, String>;

pub(super) struct Lowering<'m> {
    pub(super) model: &'m TypedModel,
    pub(super) network: Network,
    pub(super) seen: HashMap<OutletId, Seen>,
}

/// A step that sees single pixels.
fn plain(kind: Kind, input: usize, output: usize) -> Step {
    let (weights, activation, residual) = (0, Activation::None, None);
    Step { kind, input, output, kernel: [1, 1], stride: [1, 1], padding: [0, 0], weights, activation, residual }
}

pub(super) fn refuse<T>(why: &str) -> Lowered<T> {
    Err(why.into())
}

pub(super) fn floats(tensor: &Tensor) -> Lowered<Vec<f32>> {
    let view = tensor.to_plain_array_view::<f32>().map_err(|e| e.to_string())?;
    Ok(view.iter().copied().collect())
}

impl Lowering<'_> {
    fn node(&mut self, node: &TypedNode) -> Lowered {
        let seen = if let Some(constant) = &node.outputs[0].fact.konst {
            Seen::Constant(constant.clone())
        } else if let Some(conv) = node.op_as::<Conv>() {
            self.convolution(node, conv)?
        } else if let Some(product) = node.op_as::<EinSum>() {
            self.product(node, &product.axes.to_string())?
        } else if let Some(pool) = node.op_as::<MaxPool>() {
            self.pool(node, &pool.pool_spec)?
        } else if let Some(pad) = node.op_as::<Pad>() {
            self.pad(node, pad)?
        } else if let Some(axis) = node.op_as::<AxisOp>() {
            self.axis(node, axis)?
        } else if let Some(concat) = node.op_as::<TypedConcat>() {
            self.concat(node, concat.axis)?
        } else if node.op_is::<NearestUpsample>() {
            self.enlarge(node, Kind::Nearest)?
        } else if let Some(resize) = node.op_as::<Resize>() {
            use CoordTransformer::{HalfPixel, PytorchHalfPixel};
            let middles = matches!(resize.coord_transformer, HalfPixel | PytorchHalfPixel);
            if resize.interpolator != Interpolator::Linear || !middles {
                return refuse("it is not linear between the middles of pixels");
            }
            self.enlarge(node, Kind::Bilinear)?
        } else {
            match &*node.op.name() {
                "Source" => self.source(node)?,
                "Add" => self.add(node)?,
                "Max" => self.max(node)?,
                "GT" => self.negative(node)?,
                "Mul" => self.scaled(node)?,
                "Iff" => self.choice(node)?,
                "Sigmoid" => self.sigmoid(node)?,
                _ => return refuse("there is no such step"),
            }
        };
        self.seen.insert(node.id.into(), seen);
        Ok(())
    }

    pub(super) fn of(&self, node: &TypedNode, slot: usize) -> Lowered<&Seen> {
        node.inputs.get(slot).and_then(|outlet| self.seen.get(outlet)).ok_or("it lacks an input".into())
    }

    pub(super) fn shape(&self, outlet: OutletId) -> Lowered<Vec<usize>> {
        let fact = self.model.outlet_fact(outlet).map_err(|e| e.to_string())?;
        fact.shape.as_concrete().map(<[usize]>::to_vec).ok_or("its shape is not fixed".into())
    }

    /// A value of the plan, all channels of which it has itself.
    fn picture(&self, node: &TypedNode, slot: usize) -> Lowered<usize> {
        match self.of(node, slot)? {
            Seen::Picture { value, wide, last: false } if *wide == self.network.sizes[*value][2] => Ok(*value),
            _ => refuse("its input is no picture"),
        }
    }

    pub(super) fn constant(&self, node: &TypedNode, slot: usize) -> Lowered<&Tensor> {
        match self.of(node, slot)? {
            Seen::Constant(tensor) => Ok(tensor),
            _ => refuse("its weights are not constant"),
        }
    }

    /// A new value of the size of a node's output.
    fn value(&mut self, node: &TypedNode, last: bool) -> Lowered<usize> {
        let shape = self.shape(node.id.into())?;
        let size = match (&shape[..], last) {
            (&[1, c, h, w] | &[c, h, w], false) | (&[1, h, w, c], true) => [h, w, c],
            _ => return refuse("it is no picture"),
        };
        if size.contains(&0) {
            return refuse("nothing is left of its input");
        }
        self.network.sizes.push(size);
        Ok(self.network.sizes.len() - 1)
    }

    fn source(&mut self, node: &TypedNode) -> Lowered<Seen> {
        let value = self.value(node, true)?;
        self.network.input = value;
        Ok(Seen::Picture { value, wide: self.network.sizes[value][2], last: true })
    }

    fn convolution(&mut self, node: &TypedNode, conv: &Conv) -> Lowered<Seen> {
        let spec = &conv.pool_spec;
        if conv.kernel_fmt != KernelFormat::OIHW || conv.q_params.is_some() {
            return refuse("its weights are in another order, or quantised");
        }
        let input = self.picture(node, 0)?;
        let (kernel, bias) = (self.constant(node, 1)?, floats(self.constant(node, 2)?)?);
        let &[o, i, down, across] = kernel.shape() else { return refuse("its kernel is not flat") };
        let from = floats(kernel)?;
        let depthwise = conv.group == o && i == 1 && conv.group == self.network.sizes[input][2] && o > 1;
        if !depthwise && (conv.group != 1 || i != self.network.sizes[input][2]) {
            return refuse("it has groups of channels");
        }
        let mut weights = vec![0.0; from.len()];
        for (k, weight) in from.into_iter().enumerate() {
            let (place, of) = (k % (down * across), k / (down * across));
            let (o_at, i_at) = (of / i, of % i);
            weights[(place * i + i_at) * o + o_at] = weight;
        }
        let kind = if depthwise { Kind::Depthwise } else { Kind::Dense };
        let bias = if bias.len() == 1 { vec![bias[0]; o] } else { bias };
        self.step(node, kind, input, spec, weights, bias)
    }

    fn step(
        &mut self,
        node: &TypedNode,
        kind: Kind,
        input: usize,
        spec: &PoolSpec,
        weights: Vec<f32>,
        bias: Vec<f32>,
    ) -> Lowered<Seen> {
        let order = matches!(spec.data_format, DataFormat::NCHW | DataFormat::CHW);
        if !order || spec.dilations.iter().flatten().any(|&d| d != 1) {
            return refuse("its axes are in another order, or it is dilated");
        }
        let [height, width, _] = self.network.sizes[input];
        let padding = spec.computed_padding(&[height, width]);
        let (&[down, across], [top, left]) = (&spec.kernel_shape[..], &padding[..]) else {
            return refuse("it is not flat");
        };
        let step = Step {
            kernel: [down, across],
            stride: [spec.stride(0), spec.stride(1)],
            padding: [top.pad_before, left.pad_before],
            ..plain(kind, input, self.value(node, false)?)
        };
        Ok(self.push(step, weights, bias, false))
    }

    fn push(&mut self, step: Step, weights: Vec<f32>, bias: Vec<f32>, last: bool) -> Seen {
        let value = step.output;
        self.network.steps.push(Draft { step, weights, bias, slope: Vec::new() });
        Seen::Picture { value, wide: self.network.sizes[value][2], last }
    }

    /// A convolution of single pixels, as tract writes it.
    fn product(&mut self, node: &TypedNode, axes: &str) -> Lowered<Seen> {
        let last = match axes {
            // Of one picture tract may leave its axis out, and put it back later.
            "NIHW,OI->NOHW" | "NIHW,OI->OHW" | "IHW,OI->OHW" | "IHW,OI->NOHW" => false,
            "NIHW,OI->NHWO" | "IHW,OI->NHWO" => true,
            other => return Err(format!("a product {other} is no convolution")),
        };
        let input = self.picture(node, 0)?;
        let kernel = self.constant(node, 1)?;
        let &[o, i] = kernel.shape() else { return refuse("its kernel is not flat") };
        let from = floats(kernel)?;
        let weights = (0..i * o).map(|k| from[k % o * i + k / o]).collect();
        let output = self.value(node, last)?;
        Ok(self.push(plain(Kind::Dense, input, output), weights, vec![0.0; o], last))
    }

    fn sigmoid(&mut self, node: &TypedNode) -> Lowered<Seen> {
        let &Seen::Picture { value, wide, last } = self.of(node, 0)? else { return refuse("its input is no picture") };
        if wide != self.network.sizes[value][2] {
            return refuse("its input has channels of zeros");
        }
        let output = self.value(node, last)?;
        Ok(self.push(plain(Kind::Sigmoid, value, output), Vec::new(), Vec::new(), last))
    }

    fn enlarge(&mut self, node: &TypedNode, kind: Kind) -> Lowered<Seen> {
        let input = self.picture(node, 0)?;
        let output = self.value(node, false)?;
        let (from, to) = (self.network.sizes[input], self.network.sizes[output]);
        let stride = [0, 1].map(|axis| to[axis] / from[axis]);
        if [0, 1].iter().any(|&axis| stride[axis] * from[axis] != to[axis]) || from[2] != to[2] {
            return refuse("it does not make its input larger by a whole factor");
        }
        Ok(self.push(Step { stride, ..plain(kind, input, output) }, Vec::new(), Vec::new(), false))
    }

    fn pool(&mut self, node: &TypedNode, spec: &PoolSpec) -> Lowered<Seen> {
        let input = self.picture(node, 0)?;
        let [height, width, _] = self.network.sizes[input];
        if spec.computed_padding(&[height, width]).iter().any(|p| p.pad_before + p.pad_after > 0) {
            return refuse("it is padded");
        }
        self.step(node, Kind::MaxPool, input, spec, Vec::new(), Vec::new())
    }

    fn pad(&mut self, node: &TypedNode, pad: &Pad) -> Lowered<Seen> {
        let zero = matches!(&pad.mode, PadMode::Constant(with) if floats(with)?.iter().all(|&v| v == 0.0));
        match (self.of(node, 0)?, &pad.pads[..]) {
            (&Seen::Picture { value, wide, last: false }, &[(0, 0), (0, more), (0, 0), (0, 0)]) if zero => {
                Ok(Seen::Picture { value, wide: wide + more, last: false })
            }
            _ => refuse("it adds something else than channels of zeros"),
        }
    }

    fn axis(&mut self, node: &TypedNode, axis: &AxisOp) -> Lowered<Seen> {
        match (self.of(node, 0)?.clone(), axis) {
            (Seen::Picture { value, wide, last: true }, AxisOp::Move(3, 1)) => {
                Ok(Seen::Picture { value, wide, last: false })
            }
            (Seen::Picture { value, wide, last: false }, AxisOp::Move(1, 3)) => {
                Ok(Seen::Picture { value, wide, last: true })
            }
            (_, AxisOp::Move(..)) => refuse("it moves an axis whose order is already chosen"),
            (Seen::Picture { value, wide, last }, _) => {
                let [height, width, channels] = self.network.sizes[value];
                let pixels = height * width;
                if pixels > 1 && !last && matches!(axis, AxisOp::Add(0) | AxisOp::Rm(0)) {
                    return Ok(Seen::Picture { value, wide, last });
                }
                if wide != channels || !(last || pixels == 1) {
                    return refuse("it reads channels out before pixels");
                }
                Ok(Seen::Flat(vec![value]))
            }
            (Seen::Flat(values), _) => Ok(Seen::Flat(values)),
            _ => refuse("it reshapes what is no result"),
        }
    }

    fn concat(&mut self, node: &TypedNode, axis: usize) -> Lowered<Seen> {
        let pictures =
            (0..node.inputs.len()).all(|slot| matches!(self.of(node, slot), Ok(Seen::Picture { last: false, .. })));
        if pictures && axis == 1 {
            return self.join(node);
        }
        if self.shape(node.id.into())?[..axis].iter().any(|&d| d != 1) {
            return refuse("it joins along an inner axis");
        }
        let mut all = Vec::new();
        for slot in 0..node.inputs.len() {
            match self.of(node, slot)? {
                Seen::Flat(values) => all.extend(values),
                &Seen::Picture { value, wide, last: true } if wide == self.network.sizes[value][2] => all.push(value),
                _ => return refuse("it joins pictures"),
            }
        }
        Ok(Seen::Flat(all))
    }

    /// The channels of several pictures in one, two at a time.
    fn join(&mut self, node: &TypedNode) -> Lowered<Seen> {
        let mut all = self.picture(node, 0)?;
        for slot in 1..node.inputs.len() {
            let next = self.picture(node, slot)?;
            let (own, [height, width, more]) = (self.network.sizes[all], self.network.sizes[next]);
            self.network.sizes.push([height, width, own[2] + more]);
            let output = self.network.sizes.len() - 1;
            let step = Step { residual: Some(next), ..plain(Kind::Concat, all, output) };
            self.push(step, Vec::new(), Vec::new(), false);
            all = output;
        }
        Ok(Seen::Picture { value: all, wide: self.network.sizes[all][2], last: false })
    }

    fn outputs(&mut self) -> Lowered {
        for &outlet in self.model.output_outlets().map_err(|e| e.to_string())? {
            let values = match self.seen.get(&outlet) {
                Some(Seen::Flat(values)) => values.clone(),
                Some(&Seen::Picture { value, wide, last: true }) if wide == self.network.sizes[value][2] => vec![value],
                _ => return refuse("an output has its channels before its pixels"),
            };
            let shape = self.shape(outlet)?;
            self.network.outputs.push((shape, values));
        }
        Ok(())
    }
}
