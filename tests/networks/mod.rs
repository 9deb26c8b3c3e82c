//! ONNX files made here: networks that no published model is.

use prost::Message;
use tract_onnx::pb::tensor_proto::DataType;
use tract_onnx::pb::tensor_shape_proto::dimension::Value as Length;
use tract_onnx::pb::tensor_shape_proto::Dimension;
use tract_onnx::pb::type_proto::{Tensor, Value};
use tract_onnx::pb::{
    attribute_proto::AttributeType, AttributeProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto,
    TensorShapeProto, TypeProto, ValueInfoProto,
};

/// A network in the making: one input `x` of a shape, and as its output the last node's, `y`.
#[derive(Default)]
pub struct Network {
    graph: GraphProto,
}

fn value(name: &str, shape: &[usize]) -> ValueInfoProto {
    let dim = |&d: &usize| Dimension { denotation: String::new(), value: Some(Length::DimValue(d as i64)) };
    let shape = Some(TensorShapeProto { dim: shape.iter().map(dim).collect() });
    let tensor = Tensor { elem_type: DataType::Float as i32, shape };
    let r#type = Some(TypeProto { value: Some(Value::TensorType(tensor)), ..Default::default() });
    ValueInfoProto { name: name.into(), r#type, ..Default::default() }
}

/// Whole numbers as an attribute.
pub fn ints(name: &str, ints: &[i64]) -> AttributeProto {
    AttributeProto { name: name.into(), r#type: AttributeType::Ints as i32, ints: ints.to_vec(), ..Default::default() }
}

/// One whole number as an attribute.
pub fn int(name: &str, i: i64) -> AttributeProto {
    AttributeProto { name: name.into(), r#type: AttributeType::Int as i32, i, ..Default::default() }
}

/// A word as an attribute.
pub fn word(name: &str, word: &str) -> AttributeProto {
    AttributeProto { name: name.into(), r#type: AttributeType::String as i32, s: word.into(), ..Default::default() }
}

impl Network {
    /// A network with one input and one output.
    pub fn new(input: &[usize], output: &[usize]) -> Network {
        let (input, output) = (vec![value("x", input)], vec![value("y", output)]);
        Network { graph: GraphProto { name: "made".into(), input, output, ..Default::default() } }
    }

    /// Weights.
    pub fn weights(mut self, name: &str, dims: &[usize], float_data: Vec<f32>) -> Network {
        let (dims, data_type) = (dims.iter().map(|&d| d as i64).collect(), DataType::Float as i32);
        self.graph.initializer.push(TensorProto {
            name: name.into(),
            dims,
            data_type,
            float_data,
            ..Default::default()
        });
        self
    }

    /// Whole numbers.
    #[allow(dead_code)] // Not every test that makes networks has them.
    pub fn whole(mut self, name: &str, int64_data: &[i64]) -> Network {
        let (dims, data_type) = (vec![int64_data.len() as i64], DataType::Int64 as i32);
        let int64_data = int64_data.to_vec();
        self.graph.initializer.push(TensorProto {
            name: name.into(),
            dims,
            data_type,
            int64_data,
            ..Default::default()
        });
        self
    }

    /// An operator: names of what it reads, separated by blanks, and of what it writes.
    pub fn node(mut self, op: &str, input: &str, output: &str, attribute: Vec<AttributeProto>) -> Network {
        let input = input.split(' ').map(|name| if name == "-" { String::new() } else { name.into() }).collect();
        let output = vec![output.to_string()];
        self.graph.node.push(NodeProto {
            op_type: op.into(),
            name: output[0].clone(),
            input,
            output,
            attribute,
            ..Default::default()
        });
        self
    }

    /// The file.
    pub fn onnx(self) -> Vec<u8> {
        let opset_import = vec![OperatorSetIdProto { domain: String::new(), version: 13 }];
        ModelProto { ir_version: 8, graph: Some(self.graph), opset_import, ..Default::default() }.encode_to_vec()
    }
}
