//! Masks beside values in plan and state JSON: `true` where a value is unknown, or must not be shown.

use serde_json::{Map, Value as J};

use crate::base::{Kind, Type, Value, json::mirror};

/// Where the value is unknown. Known attributes are left out, list positions kept.
pub fn unknown_mask(value: &Value) -> J {
    mirror(value, &Value::is_unknown)
}

/// Where the value is sensitive. An unknown collection says nothing of what will be in it, and counts as empty.
pub fn sensitive_mask(value: &Value) -> J {
    if value.marks.sensitive {
        return J::Bool(true);
    }
    match &value.kind {
        Kind::Unknown(u) => match u.ty {
            Type::List(_) | Type::Set(_) | Type::Tuple(_) => J::Array(Vec::new()),
            Type::Map(_) | Type::Object(_) => J::Object(Map::new()),
            _ => J::Bool(false),
        },
        Kind::List(_, vs) | Kind::Set(_, vs) | Kind::Tuple(vs) => J::Array(vs.iter().map(sensitive_mask).collect()),
        Kind::Map(_, m) | Kind::Object(m) => {
            let found = m.iter().map(|(k, v)| (k.clone(), sensitive_mask(v))).filter(|(_, j)| *j != J::Bool(false));
            J::Object(found.collect())
        }
        _ => J::Bool(false),
    }
}
