//! Values, addresses and spans as JSON that loses nothing: types, unknowns and marks included. Used by saved plans.

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::{Map, Value as J, json};

use super::{
    address::{Address, ModulePath},
    number::Number,
    source::{FileId, Span},
    types::Type,
    value::{Kind, Marks, PathStep, Unknown, Value},
};

/// Booleans, strings and tuples stand for themselves; everything else is an object with one telling key.
pub fn encode(value: &Value) -> J {
    let plain = match &value.kind {
        Kind::Null(t) => json!({ "null": t.to_json() }),
        Kind::Unknown(u) => json!({ "unknown": { "type": u.ty.to_json(), "not_null": u.not_null, "prefix": u.prefix, "length": [u.length.0, u.length.1] } }),
        Kind::Bool(b) => J::Bool(*b),
        Kind::Number(n) => json!({ "number": n.to_string() }),
        Kind::String(s) => J::String(s.to_string()),
        Kind::List(t, vs) => json!({ "list": [t.to_json(), all(vs)] }),
        Kind::Set(t, vs) => json!({ "set": [t.to_json(), all(vs)] }),
        Kind::Map(t, m) => json!({ "map": [t.to_json(), entries(m)] }),
        Kind::Tuple(vs) => all(vs),
        Kind::Object(m) => json!({ "object": entries(m) }),
    };
    if value.marks.any() { json!({ "marked": [value.marks.sensitive, value.marks.ephemeral, plain] }) } else { plain }
}

fn all(values: &[Value]) -> J {
    J::Array(values.iter().map(encode).collect())
}

fn entries(m: &BTreeMap<String, Value>) -> J {
    J::Object(m.iter().map(|(k, v)| (k.clone(), encode(v))).collect())
}

/// The inverse of [`encode`]; `None` for anything that it would not write.
pub fn decode(json: &J) -> Option<Value> {
    match json {
        J::Bool(b) => Some(Value::bool(*b)),
        J::String(s) => Some(Value::string(s)),
        J::Array(items) => Some(Value::tuple(decode_all(items)?)),
        J::Object(m) if m.len() == 1 => {
            let (tag, inner) = m.iter().next()?;
            tagged(tag, inner)
        }
        _ => None,
    }
}

fn decode_all(items: &[J]) -> Option<Vec<Value>> {
    items.iter().map(decode).collect()
}

fn decode_entries(m: &Map<String, J>) -> Option<BTreeMap<String, Value>> {
    m.iter().map(|(k, v)| Some((k.clone(), decode(v)?))).collect()
}

fn tagged(tag: &str, inner: &J) -> Option<Value> {
    let typed = || Some((Type::from_json(inner.get(0)?)?, inner.get(1)?));
    Some(match tag {
        "null" => Value::null(Type::from_json(inner)?),
        "number" => Value::number(Number::parse(inner.as_str()?)?),
        "object" => Value::object(decode_entries(inner.as_object()?)?),
        "list" => {
            let (t, items) = typed()?;
            Value::list(t, decode_all(items.as_array()?)?)
        }
        "set" => {
            let (t, items) = typed()?;
            Value::set(t, decode_all(items.as_array()?)?)
        }
        "map" => {
            let (t, m) = typed()?;
            Value::map(t, decode_entries(m.as_object()?)?)
        }
        "unknown" => {
            let bound = |i: usize| inner.get("length").and_then(|l| l.get(i)).and_then(J::as_u64).map(|n| n as usize);
            Kind::Unknown(Box::new(Unknown {
                ty: Type::from_json(inner.get("type")?)?,
                not_null: inner.get("not_null")?.as_bool()?,
                prefix: inner.get("prefix").and_then(J::as_str).map(Arc::from),
                length: (bound(0), bound(1)),
            }))
            .into()
        }
        "marked" => {
            let flag = |i: usize| inner.get(i).and_then(J::as_bool);
            decode(inner.get(2)?)?.marked(Marks { sensitive: flag(0)?, ephemeral: flag(1)? })
        }
        _ => return None,
    })
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        encode(self).serialize(serializer)
    }
}
impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
        decode(&J::deserialize(deserializer)?).ok_or_else(|| D::Error::custom("not an encoded value"))
    }
}

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Address, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl Serialize for ModulePath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for ModulePath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<ModulePath, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl Serialize for PathStep {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            PathStep::Name(n) => serializer.serialize_str(n),
            PathStep::Index(i) => serializer.serialize_u64(*i as u64),
        }
    }
}
impl<'de> Deserialize<'de> for PathStep {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<PathStep, D::Error> {
        match J::deserialize(deserializer)? {
            J::String(s) => Ok(PathStep::Name(s)),
            J::Number(n) => n.as_u64().map(|i| PathStep::Index(i as usize)).ok_or_else(|| D::Error::custom("not an index")),
            _ => Err(D::Error::custom("not a path step")),
        }
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        [self.file.0, self.start, self.end].serialize(serializer)
    }
}
impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Span, D::Error> {
        let [file, start, end] = <[u32; 3]>::deserialize(deserializer)?;
        Ok(Span { file: FileId(file), start, end })
    }
}
