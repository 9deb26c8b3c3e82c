//! What an ONNX file may ask for, checked before tract sees it: tensors that hold what their shape says, nodes in an order in which they can
//! be computed, and no number that would make a tensor out of proportion.

use std::collections::{HashMap, HashSet};

use tract_onnx::pb::tensor_proto::{DataLocation, DataType};
use tract_onnx::pb::tensor_shape_proto::dimension::Value as Length;
use tract_onnx::pb::type_proto::Value;
use tract_onnx::pb::{AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto};

/// Most nodes and initialisers; a graph within another counts for a hundred, for it knows all that those around it know.
const MOST: usize = 20_000;
const GRAPH: usize = 100;

/// Most numbers that a size is told by.
const MOST_NUMBERS: i64 = 64;

/// Most dimensions of a tensor.
const MOST_RANK: usize = 8;

/// Largest length, axis and the like.
const MOST_LENGTH: i64 = 1 << 16;

/// Largest stride, dilation or padding of a window.
const MOST_STEP: i64 = 512;

/// Largest enlargement.
const MOST_SCALE: f32 = 64.0;

/// Most elements of a tensor whose shape the file states or asks for.
const MOST_ELEMENTS: i64 = 1 << 26;

/// Operators of which a tensor of whole numbers says how large the answer is.
const SIZED: [&str; 11] = [
    "CenterCropPad",
    "ConstantOfShape",
    "Expand",
    "OneHot",
    "Pad",
    "Range",
    "Reshape",
    "Resize",
    "Tile",
    "TopK",
    "Upsample",
];

/// Attributes that may go beyond every length: the end of a slice is often the largest number that there is.
const UNBOUNDED: [&str; 2] = ["starts", "ends"];

/// Checks a model.
///
/// # Errors
/// What is wrong, and where.
pub fn check(model: &ModelProto) -> Result<(), String> {
    let graph = model.graph.as_ref().ok_or("it has no graph")?;
    let mut count = 0;
    self::graph(graph, &HashSet::new(), &HashMap::new(), &mut count)
}

/// Tensors that are known, by their names.
type Sizes<'a> = HashMap<&'a str, &'a TensorProto>;

/// Checks a graph; it sees what the graphs around it have computed.
fn graph<'a>(
    graph: &'a GraphProto,
    around: &HashSet<&'a str>,
    sizes: &Sizes<'a>,
    count: &mut usize,
) -> Result<(), String> {
    *count += GRAPH + graph.node.len() + graph.initializer.len();
    if *count > MOST {
        return Err(format!("it has more than {MOST} nodes and initialisers"));
    }
    if !graph.sparse_initializer.is_empty() {
        return Err("it has sparse initialisers".into());
    }
    let mut known = around.clone();
    let mut sizes = sizes.clone();
    for tensor in &graph.initializer {
        self::tensor(tensor).map_err(|why| format!("initialiser {:?}: {why}", tensor.name))?;
        known.insert(&tensor.name);
        sizes.insert(tensor.name.as_str(), tensor);
    }
    for value in graph.input.iter().chain(&graph.output).chain(&graph.value_info) {
        shape(&dims(value)).map_err(|why| format!("value {:?}: {why}", value.name))?;
    }
    for value in &graph.input {
        if dims(value).contains(&0) {
            return Err(format!("its input {:?} holds nothing", value.name));
        }
        known.insert(&value.name);
    }
    for node in &graph.node {
        let at = |why: String| format!("node {:?} ({}): {why}", node.name, node.op_type);
        if let Some(missing) = node.input.iter().find(|name| !name.is_empty() && !known.contains(name.as_str())) {
            return Err(at(format!("{missing:?} is not computed before it")));
        }
        for attribute in &node.attribute {
            self::attribute(attribute, &known, &sizes, count).map_err(at)?;
            if let (Some(tensor), Some(output)) = (&attribute.t, node.output.first()) {
                sizes.insert(output.as_str(), tensor);
            }
        }
        let reads = node.input.iter().take_while(|name| !name.is_empty()).count();
        let least = match node.op_type.as_str() {
            "Constant" | "If" | "Loop" | "RandomNormal" | "RandomUniform" => 0,
            "Conv" | "ConvTranspose" | "Gather" | "Gemm" | "MatMul" | "Expand" | "Reshape" | "Tile" => 2,
            _ => 1,
        };
        if reads < least {
            return Err(at(format!("it reads {reads} values of {least}")));
        }
        match node.op_type.as_str() {
            "Conv" | "ConvTranspose" | "AveragePool" | "LpPool" | "MaxPool" => windowed(node, &sizes).map_err(at)?,
            "Slice" => stepped(node, &sizes).map_err(at)?,
            // Without an end tract turns it over.
            "Split" if node.output.len() < 2 => return Err(at("it splits into one".into())),
            kind if SIZED.contains(&kind) => sized(node, &sizes).map_err(at)?,
            _ => {}
        }
        for name in node.output.iter().filter(|name| !name.is_empty()) {
            if !known.insert(name) {
                return Err(at(format!("{name:?} is computed twice")));
            }
        }
    }
    match graph.output.iter().find(|value| !known.contains(value.name.as_str())) {
        Some(value) => Err(format!("its output {:?} is not computed", value.name)),
        None => Ok(()),
    }
}

/// Checks the tensors that say how large a node's answer is: those behind its data.
fn sized(node: &NodeProto, sizes: &Sizes) -> Result<(), String> {
    let data = usize::from(!["ConstantOfShape", "Range"].contains(&node.op_type.as_str()));
    for tensor in node.input.iter().skip(data).filter_map(|name| sizes.get(name.as_str())) {
        if shape(&tensor.dims)? > MOST_NUMBERS {
            return Err(format!("{:?} are too many numbers", tensor.name));
        }
        let numbers = whole_numbers(tensor);
        let most = if node.op_type == "Pad" { MOST_STEP } else { MOST_LENGTH };
        if let Some(number) = numbers.iter().find(|n| !(-most..=most).contains(*n)) {
            return Err(format!("{number} is out of proportion"));
        }
        elements(numbers.iter().copied().filter(|n| node.op_type != "Pad" && *n > 0))?;
        // Of a region nothing is asked.
        let scales = ["Resize", "Upsample"].contains(&node.op_type.as_str()) && node.input.last() == Some(&tensor.name);
        if let Some(scale) = fractions(tensor).find(|scale| scales && !(*scale > 0.0 && *scale <= MOST_SCALE)) {
            return Err(format!("it can't be scaled by {scale}"));
        }
    }
    Ok(())
}

/// Checks that a window over an image is one: as many lengths as the image has directions, and none of them nothing.
fn windowed(node: &NodeProto, sizes: &Sizes) -> Result<(), String> {
    let ints = |name: &str| {
        let attribute = node.attribute.iter().find(|attribute| attribute.name == name);
        attribute.map(|attribute| attribute.ints.as_slice()).filter(|ints| !ints.is_empty())
    };
    let weights = node.input.get(1).and_then(|name| sizes.get(name.as_str()));
    let kernel = match (ints("kernel_shape"), weights) {
        (kernel, Some(weights)) => {
            let (_, window) = weights.dims.split_at_checked(2).ok_or("its weights have fewer than two dimensions")?;
            if kernel.is_some_and(|kernel| kernel != window) {
                return Err("its kernel_shape is not that of its weights".into());
            }
            window
        }
        (Some(kernel), None) => kernel,
        // Weights that are computed; a pool has none.
        (None, None) if node.op_type.starts_with("Conv") => return Ok(()),
        (None, None) => return Err("it has no kernel_shape".into()),
    };
    for (name, per_direction, least) in
        [("strides", 1, 1), ("dilations", 1, 1), ("pads", 2, 0), ("output_padding", 1, 0)]
    {
        let Some(numbers) = ints(name) else { continue };
        if numbers.len() != per_direction * kernel.len() || numbers.iter().any(|n| !(least..=MOST_STEP).contains(n)) {
            return Err(format!("its {name} do not fit a window of {} directions", kernel.len()));
        }
    }
    if kernel.is_empty() || kernel.iter().any(|n| *n < 1) {
        return Err("its window is nothing".into());
    }
    Ok(())
}

/// Checks that a slice begins, ends and goes on by whole numbers.
fn stepped(node: &NodeProto, sizes: &Sizes) -> Result<(), String> {
    for (place, name) in node.input.iter().enumerate().skip(1) {
        let Some(tensor) = sizes.get(name.as_str()) else { continue };
        let numbers = whole_numbers(tensor);
        if numbers.len() as i64 != tensor.dims.iter().product::<i64>() || (place == 4 && numbers.contains(&0)) {
            return Err(format!("{name:?} is no number that it can go by"));
        }
    }
    Ok(())
}

fn attribute<'a>(
    attribute: &'a AttributeProto,
    known: &HashSet<&'a str>,
    sizes: &Sizes<'a>,
    count: &mut usize,
) -> Result<(), String> {
    let at = |why: String| format!("attribute {:?}: {why}", attribute.name);
    for tensor in attribute.t.iter().chain(&attribute.tensors) {
        self::tensor(tensor).map_err(at)?;
    }
    if attribute.sparse_tensor.is_some() || !attribute.sparse_tensors.is_empty() {
        return Err(at("it is sparse".into()));
    }
    let mut numbers = attribute.ints.iter().chain([&attribute.i]);
    let most = match attribute.name.as_str() {
        "axis" => MOST_RANK as i64,
        name if UNBOUNDED.contains(&name) => i64::MAX,
        _ => MOST_LENGTH,
    };
    if let Some(number) = numbers.find(|n| n.unsigned_abs() > most.unsigned_abs()) {
        return Err(at(format!("{number} is out of proportion")));
    }
    for inner in attribute.g.iter().chain(&attribute.graphs) {
        graph(inner, known, sizes, count).map_err(at)?;
    }
    Ok(())
}

/// The lengths of a value's shape that are known.
fn dims(value: &ValueInfoProto) -> Vec<i64> {
    let Some(Value::TensorType(tensor)) = value.r#type.as_ref().and_then(|kind| kind.value.as_ref()) else {
        return Vec::new();
    };
    let dims = tensor.shape.iter().flat_map(|shape| &shape.dim);
    dims.filter_map(|dim| match dim.value {
        Some(Length::DimValue(length)) => Some(length),
        _ => None,
    })
    .collect()
}

/// Checks that a tensor holds what its shape says.
fn tensor(tensor: &TensorProto) -> Result<(), String> {
    let elements = shape(&tensor.dims)?;
    if tensor.data_location == Some(DataLocation::External as i32) || !tensor.external_data.is_empty() {
        return Err("its data lies in another file".into());
    }
    let kind = DataType::try_from(tensor.data_type).unwrap_or(DataType::Undefined);
    // Bytes of one, and how many there are where they do not lie raw.
    let (size, typed) = match kind {
        DataType::Float => (4, tensor.float_data.len()),
        DataType::Double => (8, tensor.double_data.len()),
        DataType::Int64 => (8, tensor.int64_data.len()),
        DataType::Uint64 => (8, tensor.uint64_data.len()),
        DataType::Uint32 => (4, tensor.uint64_data.len()),
        DataType::Int32 => (4, tensor.int32_data.len()),
        DataType::Int16 | DataType::Uint16 | DataType::Float16 | DataType::Bfloat16 => (2, tensor.int32_data.len()),
        DataType::Int8 | DataType::Uint8 | DataType::Bool => (1, tensor.int32_data.len()),
        DataType::String => (1, tensor.string_data.len()),
        _ => return Err(format!("it is of type {}", tensor.data_type)),
    };
    let held = if tensor.raw_data.is_empty() { typed } else { tensor.raw_data.len() / size };
    let whole = tensor.raw_data.len().is_multiple_of(size);
    if !whole || held as i64 != elements {
        return Err(format!("it holds {held} elements, its shape says {elements}"));
    }
    Ok(())
}

/// The whole numbers of a tensor that has such.
fn whole_numbers(tensor: &TensorProto) -> Vec<i64> {
    match DataType::try_from(tensor.data_type) {
        Ok(DataType::Int64) if tensor.raw_data.is_empty() => tensor.int64_data.clone(),
        Ok(DataType::Int64) => {
            tensor.raw_data.as_chunks::<8>().0.iter().map(|bytes| i64::from_le_bytes(*bytes)).collect()
        }
        Ok(DataType::Int32) if tensor.raw_data.is_empty() => tensor.int32_data.iter().map(|&n| n.into()).collect(),
        Ok(DataType::Int32) => {
            tensor.raw_data.as_chunks::<4>().0.iter().map(|bytes| i32::from_le_bytes(*bytes).into()).collect()
        }
        _ => Vec::new(),
    }
}

/// The fractions of a tensor that has such.
fn fractions(tensor: &TensorProto) -> impl Iterator<Item = f32> + '_ {
    let float = tensor.data_type == DataType::Float as i32;
    let raw = tensor.raw_data.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes));
    tensor.float_data.iter().copied().chain(raw).filter(move |_| float)
}

/// How many elements a shape has.
fn shape(dims: &[i64]) -> Result<i64, String> {
    if dims.len() > MOST_RANK {
        return Err(format!("it has {} dimensions", dims.len()));
    }
    elements(dims.iter().copied())
}

fn elements(mut dims: impl Iterator<Item = i64>) -> Result<i64, String> {
    let product = dims.try_fold(1i64, |product, length| {
        (0..=MOST_ELEMENTS).contains(&length).then(|| product.saturating_mul(length)).filter(|n| *n <= MOST_ELEMENTS)
    });
    product.ok_or_else(|| format!("its shape is out of proportion: more than {MOST_ELEMENTS} elements"))
}
