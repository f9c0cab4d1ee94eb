//! Types of the language, and of resource attributes: Terraform's, with `any` for "not known yet".

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// Not known (dynamic); any value fits.
    Any,
    Bool,
    Number,
    String,
    List(Box<Type>),
    Set(Box<Type>),
    Map(Box<Type>),
    Tuple(Vec<Type>),
    Object(ObjectType),
}

/// Attributes by name, and which of them may be left out when a value is converted to this type.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ObjectType {
    pub attrs: BTreeMap<String, Type>,
    pub optional: BTreeSet<String>,
}

impl Type {
    pub fn list(elem: Type) -> Type {
        Type::List(Box::new(elem))
    }

    pub fn set(elem: Type) -> Type {
        Type::Set(Box::new(elem))
    }

    pub fn map(elem: Type) -> Type {
        Type::Map(Box::new(elem))
    }

    pub fn object(attrs: impl IntoIterator<Item = (impl Into<String>, Type)>) -> Type {
        Type::Object(ObjectType { attrs: attrs.into_iter().map(|(k, t)| (k.into(), t)).collect(), optional: BTreeSet::new() })
    }

    pub fn is_primitive(&self) -> bool {
        matches!(self, Type::Bool | Type::Number | Type::String)
    }

    /// Whether no part of it is `any`.
    pub fn is_concrete(&self) -> bool {
        match self {
            Type::Any => false,
            Type::Bool | Type::Number | Type::String => true,
            Type::List(t) | Type::Set(t) | Type::Map(t) => t.is_concrete(),
            Type::Tuple(ts) => ts.iter().all(Type::is_concrete),
            Type::Object(o) => o.attrs.values().all(Type::is_concrete),
        }
    }

    /// Terraform's short name for messages: `list of string`, `object`.
    pub fn friendly(&self) -> String {
        match self {
            Type::Any => "dynamic".into(),
            Type::Bool => "bool".into(),
            Type::Number => "number".into(),
            Type::String => "string".into(),
            Type::List(t) => format!("list of {}", t.friendly()),
            Type::Set(t) => format!("set of {}", t.friendly()),
            Type::Map(t) => format!("map of {}", t.friendly()),
            Type::Tuple(_) => "tuple".into(),
            Type::Object(_) => "object".into(),
        }
    }

    /// The JSON form used in state and plan files: `"string"`, `["list","string"]`, `["object",{…}]`.
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::json;
        match self {
            Type::Any => json!("dynamic"),
            Type::Bool => json!("bool"),
            Type::Number => json!("number"),
            Type::String => json!("string"),
            Type::List(t) => json!(["list", t.to_json()]),
            Type::Set(t) => json!(["set", t.to_json()]),
            Type::Map(t) => json!(["map", t.to_json()]),
            Type::Tuple(ts) => json!(["tuple", ts.iter().map(Type::to_json).collect::<Vec<_>>()]),
            Type::Object(o) => {
                let attrs: serde_json::Map<_, _> = o.attrs.iter().map(|(k, t)| (k.clone(), t.to_json())).collect();
                if o.optional.is_empty() { json!(["object", attrs]) } else { json!(["object", attrs, o.optional]) }
            }
        }
    }

    /// The inverse of [`Type::to_json`].
    pub fn from_json(json: &serde_json::Value) -> Option<Type> {
        use serde_json::Value as J;
        match json {
            J::String(s) => match s.as_str() {
                "dynamic" => Some(Type::Any),
                "bool" => Some(Type::Bool),
                "number" => Some(Type::Number),
                "string" => Some(Type::String),
                _ => None,
            },
            J::Array(parts) => match (parts.first()?.as_str()?, parts.get(1)?) {
                ("list", t) => Some(Type::list(Type::from_json(t)?)),
                ("set", t) => Some(Type::set(Type::from_json(t)?)),
                ("map", t) => Some(Type::map(Type::from_json(t)?)),
                ("tuple", J::Array(ts)) => Some(Type::Tuple(ts.iter().map(Type::from_json).collect::<Option<_>>()?)),
                ("object", J::Object(attrs)) => {
                    let attrs = attrs.iter().map(|(k, t)| Some((k.clone(), Type::from_json(t)?))).collect::<Option<_>>()?;
                    let optional = match parts.get(2) {
                        Some(J::Array(names)) => names.iter().filter_map(|n| n.as_str().map(str::to_owned)).collect(),
                        _ => BTreeSet::new(),
                    };
                    Some(Type::Object(ObjectType { attrs, optional }))
                }
                _ => None,
            },
            _ => None,
        }
    }
}

/// The type as the language writes it: `map(object({ a = optional(string) }))`.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Any => f.write_str("any"),
            Type::Bool => f.write_str("bool"),
            Type::Number => f.write_str("number"),
            Type::String => f.write_str("string"),
            Type::List(t) => write!(f, "list({t})"),
            Type::Set(t) => write!(f, "set({t})"),
            Type::Map(t) => write!(f, "map({t})"),
            Type::Tuple(ts) => {
                f.write_str("tuple([")?;
                for (i, t) in ts.iter().enumerate() {
                    write!(f, "{}{t}", if i > 0 { ", " } else { "" })?;
                }
                f.write_str("])")
            }
            Type::Object(o) => {
                f.write_str("object({")?;
                for (i, (name, t)) in o.attrs.iter().enumerate() {
                    f.write_str(if i > 0 { ", " } else { " " })?;
                    if o.optional.contains(name) { write!(f, "{name} = optional({t})")? } else { write!(f, "{name} = {t}")? }
                }
                f.write_str(if o.attrs.is_empty() { "})" } else { " })" })
            }
        }
    }
}
