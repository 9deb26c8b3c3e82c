//! The messages of an ONNX file, counted before anything is made of them: two bytes can stand for an object of hundreds.

/// Most fields of a file, and how deep they may lie; a face model has some ten thousand, at most eight deep.
const MOST_FIELDS: usize = 1 << 20;
const MOST_DEPTH: usize = 32;

/// Messages that hold others (onnx.proto, version 1.16).
#[derive(Clone, Copy)]
enum Kind {
    Model,
    Graph,
    Node,
    Attribute,
    Tensor,
    Value,
    Type,
    TensorType,
    Shape,
    SparseTensor,
    Annotation,
    Flat,
}

impl Kind {
    /// The kind of the message in a field; none where the field holds text or numbers.
    fn of(self, field: u64) -> Option<Kind> {
        Some(match (self, field) {
            (Kind::Model, 7) => Kind::Graph,
            (Kind::Model, 8 | 14) | (Kind::Tensor, 3 | 13) | (Kind::Shape, 1) | (Kind::Annotation, 2) => Kind::Flat,
            (Kind::Graph, 14) => Kind::Annotation,
            (Kind::Graph, 1) => Kind::Node,
            (Kind::Graph, 5) | (Kind::Attribute, 5 | 10) | (Kind::SparseTensor, 1 | 2) => Kind::Tensor,
            (Kind::Graph, 11..=13) => Kind::Value,
            (Kind::Graph, 15) | (Kind::Attribute, 22 | 23) => Kind::SparseTensor,
            (Kind::Node, 5) => Kind::Attribute,
            (Kind::Attribute, 6 | 11) => Kind::Graph,
            (Kind::Attribute, 15) | (Kind::Value, 2) => Kind::Type,
            (Kind::Type, 1 | 8) => Kind::TensorType,
            (Kind::TensorType, 2) => Kind::Shape,
            _ => return None,
        })
    }
}

/// Whether a field packs whole numbers, each of which takes eight times its byte.
fn packs(kind: Kind, field: u64) -> bool {
    matches!((kind, field), (Kind::Attribute, 8) | (Kind::Tensor, 1 | 5 | 7 | 11) | (Kind::SparseTensor, 3))
}

/// Checks that bytes are fields, none of them cut off, and not too many.
///
/// # Errors
/// What is wrong.
pub fn check(bytes: &[u8]) -> Result<(), &'static str> {
    let mut fields = 0;
    message(bytes, Kind::Model, MOST_DEPTH, &mut fields)
}

fn message(mut bytes: &[u8], kind: Kind, depth: usize, fields: &mut usize) -> Result<(), &'static str> {
    const CUT: &str = "the file is cut off, or no ONNX file";
    let left = depth.checked_sub(1).ok_or("its messages lie too deep")?;
    while !bytes.is_empty() {
        let tag = varint(&mut bytes).ok_or(CUT)?;
        let length = match tag & 7 {
            0 => {
                varint(&mut bytes).ok_or(CUT)?;
                0
            }
            1 => 8,
            2 => varint(&mut bytes).ok_or(CUT)?,
            5 => 4,
            _ => return Err(CUT),
        };
        let (inner, rest) = usize::try_from(length).ok().and_then(|n| bytes.split_at_checked(n)).ok_or(CUT)?;
        bytes = rest;
        let field = tag >> 3;
        if let (Kind::Model, 20 | 25) = (kind, field) {
            return Err("it has functions of its own, or says how it was trained");
        }
        *fields += if packs(kind, field) { inner.len() } else { 1 };
        if *fields > MOST_FIELDS {
            return Err("it has too many fields");
        }
        if let (2, Some(kind)) = (tag & 7, kind.of(field)) {
            message(inner, kind, left, fields)?;
        }
    }
    Ok(())
}

/// A number of seven bits a byte, at most ten bytes long.
fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for place in 0..10 {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(first & 0x7f) << (7 * place);
        if first & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_off_too_deep_or_too_much_is_refused() {
        check(b"").unwrap();
        // ir_version 8, and a graph with a node without anything.
        let graph = [0x08, 8, 0x3a, 2, 0x0a, 0];
        check(&graph).unwrap();
        for end in [1, 3, 4, 5] {
            assert!(check(&graph[..end]).unwrap_err().contains("cut off"), "{end}");
        }
        assert!(check(&[0x80; 11]).is_err());
        assert!(check(&[0x0b]).is_err(), "a group");
        assert!(check(&[0xca, 0x01, 0]).unwrap_err().contains("functions"));
        let nodes = [0x0a, 0].repeat(MOST_FIELDS);
        let length = [0x3a, 0x80, 0x80, 0x80, 0x01];
        assert!(check(&[&length[..], &nodes].concat()).unwrap_err().contains("too many"));
        // A tensor that is nothing but its shape.
        let shape = [&[0x0a, 0x81, 0x80, 0x40][..], &vec![0; MOST_FIELDS + 1]].concat();
        let tensor = [&[0x2a, 0x85, 0x80, 0x40][..], &shape].concat();
        let whole = [&[0x3a, 0x89, 0x80, 0x40][..], &tensor].concat();
        assert!(check(&whole).unwrap_err().contains("too many"));
        // A graph in an attribute of a node of a graph, and so on.
        let mut deep = Vec::new();
        for field in [1u8, 5, 6].repeat(20).iter().rev() {
            deep = [&[field << 3 | 2, deep.len() as u8 & 0x7f][..], &deep].concat();
        }
        let whole = [&[0x3a, deep.len() as u8 & 0x7f][..], &deep].concat();
        assert!(check(&whole).is_err());
    }
}
