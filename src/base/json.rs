//! Values to JSON and back, as state and plan files hold them.

use std::collections::BTreeMap;

use serde_json::{Map, Number as JNumber, Value as J};

use super::{
    number::Number,
    types::Type,
    value::{Kind, Value},
};

/// The value as JSON. Unknown object attributes and map entries are left out; unknown elements become null.
pub fn to_json(value: &Value) -> J {
    match &value.kind {
        Kind::Null(_) | Kind::Unknown(_) => J::Null,
        Kind::Bool(b) => J::Bool(*b),
        Kind::Number(n) => number_to_json(n),
        Kind::String(s) => J::String(s.to_string()),
        Kind::List(_, vs) | Kind::Set(_, vs) | Kind::Tuple(vs) => J::Array(vs.iter().map(to_json).collect()),
        Kind::Map(_, m) | Kind::Object(m) => J::Object(m.iter().filter(|(_, v)| !v.is_unknown()).map(|(k, v)| (k.clone(), to_json(v))).collect()),
    }
}

pub fn number_to_json(n: &Number) -> J {
    if let Some(i) = n.as_i64() {
        return J::Number(i.into());
    }
    if n.is_integer()
        && let Ok(u) = n.to_string().parse::<u64>()
    {
        return J::Number(u.into());
    }
    JNumber::from_f64(n.as_f64()).map_or(J::Null, J::Number)
}

/// The value with the type that JSON itself suggests: objects and tuples.
pub fn from_json(json: &J) -> Value {
    match json {
        J::Null => Value::null(Type::Any),
        J::Bool(b) => Value::bool(*b),
        J::Number(n) => Number::parse(&n.to_string()).map_or(Value::null(Type::Number), Value::number),
        J::String(s) => Value::string(s),
        J::Array(items) => Value::tuple(items.iter().map(from_json).collect()),
        J::Object(m) => Value::object(m.iter().map(|(k, v)| (k.clone(), from_json(v))).collect()),
    }
}

/// The value of the given type; `None` where the JSON does not fit it. Missing object attributes become null, surplus ones are dropped.
pub fn from_json_as(json: &J, ty: &Type) -> Option<Value> {
    if json.is_null() {
        return Some(Value::null(ty.clone()));
    }
    let all = |items: &Vec<J>, t: &Type| items.iter().map(|i| from_json_as(i, t)).collect::<Option<Vec<_>>>();
    match (ty, json) {
        (Type::Any, j) => Some(from_json(j)),
        (Type::Bool, J::Bool(b)) => Some(Value::bool(*b)),
        (Type::Bool, J::String(s)) => s.parse().ok().map(Value::bool),
        (Type::Number, J::Number(n)) => Number::parse(&n.to_string()).map(Value::number),
        (Type::Number, J::String(s)) => Number::parse(s).map(Value::number),
        (Type::String, J::String(s)) => Some(Value::string(s)),
        (Type::String, J::Number(n)) => Some(Value::string(Number::parse(&n.to_string())?.to_string())),
        (Type::String, J::Bool(b)) => Some(Value::string(b.to_string())),
        (Type::List(t), J::Array(items)) => Some(Value::list((**t).clone(), all(items, t)?)),
        (Type::Set(t), J::Array(items)) => Some(Value::set((**t).clone(), all(items, t)?)),
        (Type::Map(t), J::Object(m)) => {
            let entries = m.iter().map(|(k, v)| Some((k.clone(), from_json_as(v, t)?))).collect::<Option<BTreeMap<_, _>>>()?;
            Some(Value::map((**t).clone(), entries))
        }
        (Type::Tuple(ts), J::Array(items)) if ts.len() == items.len() => {
            Some(Value::tuple(ts.iter().zip(items).map(|(t, i)| from_json_as(i, t)).collect::<Option<_>>()?))
        }
        (Type::Object(o), J::Object(m)) => {
            let attrs = o.attrs.iter().map(|(k, t)| Some((k.clone(), from_json_as(m.get(k).unwrap_or(&J::Null), t)?))).collect::<Option<BTreeMap<_, _>>>()?;
            Some(Value::object(attrs))
        }
        _ => None,
    }
}

/// Mirrors the value's structure with `true` where `test` holds, as `after_unknown` and `*_sensitive` do in plan files:
/// attributes without any are left out, list positions are kept, `{}`/`[]`/`false` where nothing is found.
pub fn mirror(value: &Value, test: &dyn Fn(&Value) -> bool) -> J {
    if test(value) {
        return J::Bool(true);
    }
    match &value.kind {
        Kind::List(_, vs) | Kind::Set(_, vs) | Kind::Tuple(vs) => J::Array(vs.iter().map(|v| mirror(v, test)).collect()),
        Kind::Map(_, m) | Kind::Object(m) => {
            let found: Map<String, J> = m.iter().map(|(k, v)| (k.clone(), mirror(v, test))).filter(|(_, j)| *j != J::Bool(false)).collect();
            J::Object(found)
        }
        _ => J::Bool(false),
    }
}
