//! Reading attributes out of a value and putting results into it: the small change of every provider.

use std::collections::BTreeMap;

use crate::base::{Diagnostic, Path, PathStep, Type, Value};

/// A text attribute; `None` when it is null, unknown or absent.
pub fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name).and_then(Value::as_str)
}

/// A whole number; `None` when it is null, unknown or absent.
pub fn int(value: &Value, name: &str) -> Option<i64> {
    value.get(name).and_then(Value::as_i64)
}

pub fn flag(value: &Value, name: &str) -> Option<bool> {
    value.get(name).and_then(Value::as_bool)
}

/// The texts of a list or set; empty when it is null or unknown.
pub fn texts(value: &Value, name: &str) -> Vec<String> {
    let elements = value.get(name).and_then(Value::elements).unwrap_or_default();
    elements.iter().filter_map(|e| e.as_str().map(str::to_owned)).collect()
}

/// The texts of a map; entries that are null are left out.
pub fn text_map(value: &Value, name: &str) -> BTreeMap<String, String> {
    let entries = value.get(name).and_then(Value::entries);
    entries.into_iter().flatten().filter_map(|(k, v)| Some((k.clone(), v.as_str()?.to_owned()))).collect()
}

/// Whether an attribute is there and not null; unknown counts as set.
pub fn is_set(value: &Value, name: &str) -> bool {
    value.get(name).is_some_and(|v| !v.is_null())
}

/// Whether an attribute will be known only later.
pub fn is_unknown(value: &Value, name: &str) -> bool {
    value.get(name).is_some_and(Value::is_unknown)
}

/// The object with some attributes replaced; each keeps the marks it had.
pub fn with(value: &Value, attributes: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    let mut entries = value.entries().cloned().unwrap_or_default();
    for (name, new) in attributes {
        let marks = entries.get(name).map(|old| old.marks).unwrap_or_default();
        entries.insert(name.to_owned(), new.marked(marks));
    }
    Value::object(entries).marked(value.marks)
}

/// The object with attributes that are not known to it set to their value where it has none.
pub fn or_default(value: &Value, defaults: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    with(value, defaults.into_iter().filter(|(name, _)| !is_set(value, name)))
}

/// The object with computed attributes unknown again.
pub fn forget(value: &Value, names: &[&'static str]) -> Value {
    let ty = |name: &str| value.get(name).map_or(Type::String, Value::ty);
    with(value, names.iter().map(|name| (*name, Value::unknown_not_null(ty(name)))))
}

/// A configuration that is all known, where what the provider may choose itself is null instead of unknown.
pub fn settled(config: &Value) -> Value {
    if config.is_unknown() { Value::null(config.ty()).marked(config.marks) } else { config.map_children(&mut |_, child| settled(&child)) }
}

pub fn texts_value(items: impl IntoIterator<Item = impl AsRef<str>>) -> Value {
    Value::list(Type::String, items.into_iter().map(Value::string).collect())
}

/// A text, or null for none.
pub fn text_or_null(text: Option<&str>) -> Value {
    text.map_or_else(|| Value::null(Type::String), Value::string)
}

pub fn path(name: &str) -> Path {
    vec![PathStep::Name(name.to_owned())]
}

/// Import is not offered by the type.
pub fn no_import(kind: &str) -> Diagnostic {
    Diagnostic::error(
        "import-not-supported",
        "Resource Import Not Implemented",
        format!("This resource does not support import: {kind} holds only what it computed when it was created."),
    )
}
