//! The `.plan` file: a network lowered at publishing time, so that a host only reads, checks and runs it.
//!
//! Little-endian, without alignment, in this order:
//!
//! | what | as |
//! | --- | --- |
//! | `SHINEPLN`, then the version, 1 | 8 bytes, u32 |
//! | SHA-256 of the ONNX file it was made of | 32 bytes |
//! | floats of the arena | u32 |
//! | values: how many, then of each height, width, channels, border (top, right, bottom, left), offset in the arena | u32s |
//! | the value that is the input | u32 |
//! | outputs: how many, then of each its rank, its shape, how many values, and these | u32s |
//! | steps: how many, then of each what it does, input, output, kernel (down, across), stride (down, across), padding (top, left), first weight, activation, residual | u32s; residual `u32::MAX` is none |
//! | self-test: seed, tolerance as a share of the largest sample, then of each output how many samples, and these | u32, f32, then u32 and f32s |
//! | weights: how many, then these | u32, then half-precision floats |
//!
//! Values are stored row-major with channels innermost and padded to a multiple of four by zeros; their border is zero
//! too. The weights of a step lie one after another: kernel (down, across, in, out; depthwise: down, across, channel),
//! bias, and slopes where the activation is PReLU.

use half::f16;
pub use shine_skin_kernels::Activation;

use crate::error::{Error, ErrorCode, Result};

const MAGIC: &[u8; 8] = b"SHINEPLN";
const VERSION: u32 = 1;
const NONE: u32 = u32::MAX;

/// Most values, steps, outputs, and of each whatever it lists.
const MOST_ITEMS: usize = 4096;

/// A picture of activations in the arena.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// Channels that mean something.
    pub channels: usize,
    /// Zeros around it: top, right, bottom, left.
    pub border: [usize; 4],
    /// Where it begins in the arena, floats.
    pub offset: usize,
}

impl Value {
    /// Floats from one pixel to the next.
    pub fn stride(&self) -> usize {
        self.channels.next_multiple_of(4)
    }

    /// Floats from one row to the next.
    pub fn row(&self) -> usize {
        (self.border[3] + self.width + self.border[1]) * self.stride()
    }

    /// Floats of all of it.
    pub fn floats(&self) -> usize {
        (self.border[0] + self.height + self.border[2]) * self.row()
    }

    /// Where the pixel of row 0 and column 0 begins, from [`Value::offset`].
    pub fn origin(&self) -> usize {
        self.border[0] * self.row() + self.border[3] * self.stride()
    }

    /// The floats of the arena that it takes.
    pub fn range(&self) -> std::ops::Range<usize> {
        self.offset..self.offset + self.floats()
    }
}

/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A convolution over all channels.
    Dense,
    /// A convolution of each channel by itself.
    Depthwise,
    /// The greatest value under a window.
    MaxPool,
    /// Larger by the factors that stand as its stride, pixels repeated.
    Nearest,
    /// Larger by the factors that stand as its stride, between the middles of pixels.
    Bilinear,
    /// The channels of its input, then those of what stands as its residual.
    Concat,
    /// The logistic function.
    Sigmoid,
}

impl Kind {
    /// As files number them.
    const ALL: [Kind; 7] =
        [Kind::Dense, Kind::Depthwise, Kind::MaxPool, Kind::Nearest, Kind::Bilinear, Kind::Concat, Kind::Sigmoid];

    /// Whether it looks through a window that moves by its stride.
    pub fn has_window(self) -> bool {
        self.is_convolution() || self == Kind::MaxPool
    }

    /// Whether it has weights, adds a residual and applies an activation.
    pub fn is_convolution(self) -> bool {
        matches!(self, Kind::Dense | Kind::Depthwise)
    }
}

/// One operator.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// What it does.
    pub kind: Kind,
    /// Index of the value it reads.
    pub input: usize,
    /// Index of the value it writes.
    pub output: usize,
    /// Window, down and across.
    pub kernel: [usize; 2],
    /// Stride, down and across.
    pub stride: [usize; 2],
    /// Padding above and to the left.
    pub padding: [usize; 2],
    /// Index of its first weight.
    pub weights: usize,
    /// Applied last.
    pub activation: Activation,
    /// Index of a value of the same size and at most as many channels that is added before the activation; of
    /// [`Kind::Concat`] what stands behind the input.
    pub residual: Option<usize>,
}

/// One output: values read out one after another.
#[derive(Clone, Debug, PartialEq)]
pub struct Output {
    /// Its shape.
    pub shape: Vec<usize>,
    /// Indices of its values.
    pub pieces: Vec<usize>,
}

/// What the plan has to reproduce.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SelfTest {
    /// Of the input; see [`super::noise`].
    pub seed: u32,
    /// Largest difference, as a share of the largest sample of an output.
    pub tolerance: f32,
    /// Of each output, values spread evenly over it.
    pub samples: Vec<Vec<f32>>,
}

/// A lowered network.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// SHA-256 of the ONNX file it was made of.
    pub source: [u8; 32],
    /// Floats that all values together need.
    pub arena: usize,
    /// All values.
    pub values: Vec<Value>,
    /// Index of the input.
    pub input: usize,
    /// In the order of the ONNX file.
    pub outputs: Vec<Output>,
    /// In the order they run.
    pub steps: Vec<Step>,
    /// What it has to reproduce.
    pub test: SelfTest,
    /// All weights.
    pub weights: Vec<f16>,
}

/// Whether a file is a plan.
pub fn is_plan(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

pub(super) fn broken(what: &str) -> Error {
    Error::new(ErrorCode::ModelIncompatible, format!("the plan is broken: {what}"))
}

/// Reads untrusted bytes from the front.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize) -> Result<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(n).ok_or_else(|| broken("it ends too early"))?;
        self.0 = rest;
        Ok(head)
    }

    fn word(&mut self) -> Result<u32> {
        Ok(u32::from_le_bytes(self.take(4)?.try_into().unwrap_or_default()))
    }

    fn size(&mut self) -> Result<usize> {
        Ok(self.word()? as usize)
    }

    fn sizes<const N: usize>(&mut self) -> Result<[usize; N]> {
        let mut sizes = [0; N];
        for size in &mut sizes {
            *size = self.size()?;
        }
        Ok(sizes)
    }

    fn float(&mut self) -> Result<f32> {
        Ok(f32::from_bits(self.word()?))
    }

    /// As many as a count says, at most [`MOST_ITEMS`].
    fn many<T>(&mut self, mut one: impl FnMut(&mut Self) -> Result<T>) -> Result<Vec<T>> {
        let count = self.size()?;
        if count > MOST_ITEMS {
            return Err(broken("it lists too much"));
        }
        (0..count).map(|_| one(self)).collect()
    }
}

impl Plan {
    /// Reads a plan and checks all that running it relies on.
    ///
    /// # Errors
    /// `model-incompatible`, with what is wrong.
    pub fn read(bytes: &[u8]) -> Result<Plan> {
        let mut from = Reader(bytes);
        if from.take(MAGIC.len())? != MAGIC {
            return Err(broken("it is no plan"));
        }
        let version = from.word()?;
        if version != VERSION {
            return Err(broken(&format!("its version is {version}; this library reads {VERSION}")));
        }
        let plan = Plan {
            source: from.take(32)?.try_into().unwrap_or([0; 32]),
            arena: from.size()?,
            values: from.many(|from| {
                let [height, width, channels, top, right, bottom, left, offset] = from.sizes()?;
                Ok(Value { height, width, channels, border: [top, right, bottom, left], offset })
            })?,
            input: from.size()?,
            outputs: from
                .many(|from| Ok(Output { shape: from.many(Reader::size)?, pieces: from.many(Reader::size)? }))?,
            steps: from.many(step)?,
            test: SelfTest {
                seed: from.word()?,
                tolerance: from.float()?,
                samples: from.many(|from| from.many(Reader::float))?,
            },
            weights: weights(&mut from)?,
        };
        if !from.0.is_empty() {
            return Err(broken("something follows it"));
        }
        plan.check()?;
        Ok(plan)
    }

    /// The file of a plan.
    pub fn write(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        let mut words: Vec<u32> = vec![VERSION];
        // The hash lies between the words.
        fn flush(bytes: &mut Vec<u8>, words: &mut Vec<u32>) {
            words.drain(..).for_each(|w| bytes.extend(w.to_le_bytes()));
        }
        fn list(words: &mut Vec<u32>, sizes: &[usize]) {
            words.push(sizes.len() as u32);
            words.extend(sizes.iter().map(|&s| s as u32));
        }
        flush(&mut bytes, &mut words);
        bytes.extend(self.source);
        words.extend([self.arena as u32, self.values.len() as u32]);
        for v in &self.values {
            let [top, right, bottom, left] = v.border;
            words.extend([v.height, v.width, v.channels, top, right, bottom, left, v.offset].map(|n| n as u32));
        }
        words.extend([self.input as u32, self.outputs.len() as u32]);
        for output in &self.outputs {
            list(&mut words, &output.shape);
            list(&mut words, &output.pieces);
        }
        words.push(self.steps.len() as u32);
        for s in &self.steps {
            let numbers = [s.input, s.output, s.kernel[0], s.kernel[1], s.stride[0], s.stride[1]];
            words.push(s.kind as u32);
            words.extend(numbers.map(|n| n as u32));
            words.extend([s.padding[0], s.padding[1], s.weights, s.activation as usize].map(|n| n as u32));
            words.push(s.residual.map_or(NONE, |r| r as u32));
        }
        words.extend([self.test.seed, self.test.tolerance.to_bits(), self.test.samples.len() as u32]);
        for samples in &self.test.samples {
            words.push(samples.len() as u32);
            words.extend(samples.iter().map(|s| s.to_bits()));
        }
        words.push(self.weights.len() as u32);
        flush(&mut bytes, &mut words);
        self.weights.iter().for_each(|w| bytes.extend(w.to_le_bytes()));
        bytes
    }
}

fn weights(from: &mut Reader) -> Result<Vec<f16>> {
    let count = from.size()?;
    let bytes = from.take(count.saturating_mul(2))?;
    Ok(bytes.chunks_exact(2).map(|b| f16::from_le_bytes([b[0], b[1]])).collect())
}

fn step(from: &mut Reader) -> Result<Step> {
    let operator = from.size()?;
    let unknown = || broken(&format!("it has an operator {operator} that this library does not know"));
    let kind = *Kind::ALL.get(operator).ok_or_else(unknown)?;
    let [input, output, down, across, stride_down, stride_across, top, left, weights] = from.sizes()?;
    let activation = match from.word()? {
        0 => Activation::None,
        1 => Activation::Relu,
        2 => Activation::PRelu,
        other => return Err(broken(&format!("it has an activation {other} that this library does not know"))),
    };
    let residual = from.word()?;
    Ok(Step {
        kind,
        input,
        output,
        kernel: [down, across],
        stride: [stride_down, stride_across],
        padding: [top, left],
        weights,
        activation,
        residual: (residual != NONE).then_some(residual as usize),
    })
}
