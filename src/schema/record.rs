//! A value as a state file records it: JSON by the type's shape, where an attribute of no fixed type keeps its own beside it.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use super::{declare::ResourceType, target::empty_block};
use crate::base::{
    Kind, Shape, Type, Value,
    json::{from_json_as, to_json},
};

impl ResourceType {
    /// The attributes as the state file holds them. Unknown ones are left out.
    pub fn record(&self, value: &Value) -> Json {
        if has_free(&self.shape) { encode(value, &self.shape.ty()) } else { to_json(value) }
    }

    /// The value of recorded attributes; `None` when they do not fit the type at all.
    pub fn recorded(&self, attributes: &Json) -> Option<Value> {
        let ty = self.shape.ty();
        if has_free(&self.shape) { decode(attributes, &ty) } else { from_json_as(attributes, &ty) }
    }

    /// The value with what it does not name: null attributes, no blocks.
    pub fn complete(&self, value: &Value) -> Value {
        let mut attrs: BTreeMap<String, Value> = value.entries().cloned().unwrap_or_default();
        for (name, attr) in &self.shape.attrs {
            attrs.entry(name.clone()).or_insert_with(|| Value::null(attr.ty.clone()));
        }
        for (name, nested) in &self.shape.blocks {
            attrs.entry(name.clone()).or_insert_with(|| empty_block(nested));
        }
        Value::object(attrs).marked(value.marks)
    }
}

/// Whether an attribute's type is free, so that the type has to be recorded too.
fn has_free(shape: &Shape) -> bool {
    shape.attrs.values().any(|a| is_free(&a.ty)) || shape.blocks.values().any(|n| has_free(&n.shape))
}

fn is_free(ty: &Type) -> bool {
    match ty {
        Type::Any => true,
        Type::List(t) | Type::Set(t) | Type::Map(t) => is_free(t),
        Type::Tuple(ts) => ts.iter().any(is_free),
        Type::Object(o) => o.attrs.values().any(is_free),
        _ => false,
    }
}

fn encode(value: &Value, ty: &Type) -> Json {
    match (ty, &value.kind) {
        (_, Kind::Unknown(_)) | (Type::Any, Kind::Null(Type::Any)) => Json::Null,
        (Type::Any, _) => json!({ "value": to_json(value), "type": value.ty().to_json() }),
        (Type::List(t), Kind::List(_, vs)) | (Type::Set(t), Kind::Set(_, vs)) => vs.iter().map(|v| encode(v, t)).collect(),
        (Type::Map(t), Kind::Map(_, m)) => Json::Object(m.iter().filter(|(_, v)| !v.is_unknown()).map(|(k, v)| (k.clone(), encode(v, t))).collect()),
        (Type::Object(o), Kind::Object(m)) => {
            let known = m.iter().filter(|(_, v)| !v.is_unknown());
            Json::Object(known.map(|(k, v)| (k.clone(), o.attrs.get(k).map_or_else(|| to_json(v), |t| encode(v, t)))).collect())
        }
        _ => to_json(value),
    }
}

fn decode(json: &Json, ty: &Type) -> Option<Value> {
    match (ty, json) {
        (Type::Any, Json::Object(m)) => match typed(m) {
            Some((inner, ty)) => from_json_as(inner, &ty),
            None => from_json_as(json, ty),
        },
        (Type::List(t), Json::Array(items)) => Some(Value::list((**t).clone(), items.iter().map(|i| decode(i, t)).collect::<Option<_>>()?)),
        (Type::Set(t), Json::Array(items)) => Some(Value::set((**t).clone(), items.iter().map(|i| decode(i, t)).collect::<Option<_>>()?)),
        (Type::Map(t), Json::Object(m)) => Some(Value::map((**t).clone(), m.iter().map(|(k, v)| Some((k.clone(), decode(v, t)?))).collect::<Option<_>>()?)),
        (Type::Object(o), Json::Object(m)) => {
            let attrs = o.attrs.iter().map(|(k, t)| Some((k.clone(), decode(m.get(k).unwrap_or(&Json::Null), t)?)));
            Some(Value::object(attrs.collect::<Option<_>>()?))
        }
        _ => from_json_as(json, ty),
    }
}

/// A value with its type beside it.
fn typed(m: &Map<String, Json>) -> Option<(&Json, Type)> {
    match (m.len(), m.get("value"), m.get("type")) {
        (2, Some(value), Some(ty)) => Some((value, Type::from_json(ty)?)),
        _ => None,
    }
}
