//! The value of an expression that refers to nothing, as far as it is written out.

use crate::{
    base::Value,
    lang::syntax::{Node, NodeKind, Part, UnaryOp},
};

/// The value of a literal, or of a list or object of them; `None` for anything that has to be computed.
pub fn constant(node: &Node) -> Option<Value> {
    match &node.kind {
        NodeKind::Literal(value) => Some(value.clone()),
        NodeKind::Paren(inner) | NodeKind::Wrap(inner) => constant(inner),
        NodeKind::Tuple(items) => Some(Value::tuple(items.iter().map(constant).collect::<Option<_>>()?)),
        NodeKind::Object(items) => {
            let entry = |(key, value): &(Node, Node)| {
                let key = constant(key)?;
                let name = match key.as_str() {
                    Some(name) => name.to_owned(),
                    None => key.as_number()?.to_string(),
                };
                Some((name, constant(value)?))
            };
            Some(Value::object(items.iter().map(entry).collect::<Option<_>>()?))
        }
        NodeKind::Template(parts) => {
            let text = |part: &Part| match part {
                Part::Text(text) => Some(text.to_string()),
                Part::Value(node) => constant(node).and_then(|v| v.as_str().map(str::to_owned)),
                _ => None,
            };
            Some(Value::string(parts.iter().map(text).collect::<Option<String>>()?))
        }
        NodeKind::Unary(UnaryOp::Neg, inner) => Some(Value::number(constant(inner)?.as_number()?.neg())),
        NodeKind::Unary(UnaryOp::Not, inner) => Some(Value::bool(!constant(inner)?.as_bool()?)),
        _ => None,
    }
}
