//! Functions on maps and objects.

use std::collections::BTreeMap;

use super::{Cx, Function, Outcome, Res, T, arg, f, p};
use crate::{
    base::{Kind, Type, Value},
    lang::convert::convert,
};

pub(super) const FUNCTIONS: &[Function] = &[
    f("keys", &[p("inputMap", T::Any).unknown()], Res::Is(T::Any), keys),
    f("values", &[p("mapping", T::Any).partly()], Res::Of(values_type), values),
    f("lookup", &[p("inputMap", T::Any).partly(), p("key", T::Str)], Res::Of(lookup_type), lookup)
        .rest(p("default", T::Any).null().unknown().dynamic())
        .may_be_null(),
    f("merge", &[], Res::Of(merge_type), merge).rest(p("maps", T::Any).null().partly().dynamic()),
    f("transpose", &[p("values", T::MapListStr)], Res::Is(T::MapListStr), transpose),
    f("zipmap", &[p("keys", T::ListStr), p("values", T::Any).partly()], Res::Of(zipmap_type), zipmap),
];

fn keys(c: &Cx) -> Outcome {
    let value = c.value(0);
    let names = |m: &BTreeMap<String, Value>| m.keys().map(Value::string).collect::<Vec<_>>();
    Ok(match &value.kind {
        Kind::Map(_, m) => Value::list(Type::String, names(m)),
        Kind::Object(m) => Value::tuple(names(m)),
        Kind::Unknown(u) => match &u.ty {
            Type::Map(_) => Value::unknown_not_null(Type::list(Type::String)),
            // The names are in the type.
            Type::Object(o) => Value::tuple(o.attrs.keys().map(Value::string).collect()),
            _ => return arg(0, "must have map or object type"),
        },
        _ => return arg(0, "must have map or object type"),
    })
}

fn values(c: &Cx) -> Outcome {
    let value = c.value(0);
    Ok(match &value.kind {
        Kind::Map(t, m) => Value::list(t.clone(), m.values().cloned().collect()),
        Kind::Object(m) => Value::tuple(m.values().cloned().collect()),
        _ => return Err("values() requires a map as the first argument".into()),
    })
}

fn lookup_type(args: &[Value]) -> Type {
    match (args.first().map(Value::ty), args.get(1).and_then(Value::as_str)) {
        (Some(Type::Map(t)), _) => *t,
        (Some(Type::Object(o)), Some(key)) => o.attrs.get(key).cloned().unwrap_or(Type::Any),
        _ => Type::Any,
    }
}

fn lookup(c: &Cx) -> Outcome {
    let map = c.value(0);
    let key = c.str(1);
    if c.args.len() > 3 {
        return Err(format!("lookup() takes two or three arguments, got {}", c.args.len()).into());
    }
    let default = c.args.get(2);
    match &map.kind {
        Kind::Object(attrs) => match (attrs.get(key), default) {
            (Some(v), _) => Ok(v.clone()),
            (None, Some(d)) => Ok(d.clone()),
            (None, None) => arg(0, format!("the given object has no attribute {key:?}")),
        },
        Kind::Map(t, m) => {
            let default = match default {
                Some(d) => match convert(d, t) {
                    Ok(d) => Some(d),
                    Err(_) => return arg(2, "the default value must have the same type as the map elements"),
                },
                None => None,
            };
            match m.get(key).cloned().or(default) {
                Some(v) => Ok(v),
                None => Err(format!("lookup failed to find key {key:?}").into()),
            }
        }
        _ => arg(0, "lookup() requires a map as the first argument"),
    }
}

fn merge(c: &Cx) -> Outcome {
    let mut attrs: BTreeMap<String, Value> = BTreeMap::new();
    let mut elem_types = Vec::new();
    let mut all_maps = true;
    for value in c.args {
        match &value.kind {
            Kind::Null(Type::Map(_)) => {}
            Kind::Null(Type::Any | Type::Object(_)) => all_maps = false,
            Kind::Map(t, m) => {
                elem_types.push(t.clone());
                attrs.extend(m.as_ref().clone());
            }
            Kind::Object(m) => {
                all_maps = false;
                attrs.extend(m.as_ref().clone());
            }
            _ => return Err(format!("arguments must be maps or objects, got {:?}", value.ty().friendly()).into()),
        }
    }
    // Maps of one element type stay a map; anything else becomes an object.
    match elem_types.first() {
        Some(first) if all_maps && elem_types.iter().all(|t| t == first) => Ok(Value::map(first.clone(), attrs)),
        _ => Ok(Value::object(attrs)),
    }
}

fn values_type(args: &[Value]) -> Type {
    match args.first().map(Value::ty) {
        Some(Type::Map(t)) => Type::List(t),
        Some(Type::Object(o)) => Type::Tuple(o.attrs.into_values().collect()),
        _ => Type::Any,
    }
}

fn merge_type(args: &[Value]) -> Type {
    let types: Vec<Type> = args.iter().map(Value::ty).collect();
    match types.first() {
        Some(first @ Type::Map(_)) if types.iter().all(|t| t == first) => return first.clone(),
        _ => {}
    }
    let mut attrs = BTreeMap::new();
    for (value, ty) in args.iter().zip(types) {
        match ty {
            Type::Object(o) => attrs.extend(o.attrs),
            Type::Map(t) if !value.is_unknown() => attrs.extend(value.entries().into_iter().flat_map(|m| m.keys()).map(|k| (k.clone(), (*t).clone()))),
            Type::Any if value.is_null() => {}
            _ => return Type::Any,
        }
    }
    Type::object(attrs)
}

fn zipmap_type(args: &[Value]) -> Type {
    let keys = args.first().filter(|k| k.is_wholly_known()).and_then(Value::elements);
    match (args.get(1).map(Value::ty), keys) {
        (Some(Type::List(t)), _) => Type::Map(t),
        (Some(Type::Tuple(types)), Some(keys)) if keys.len() == types.len() => {
            Type::object(keys.iter().filter_map(|k| k.as_str().map(str::to_owned)).zip(types))
        }
        _ => Type::Any,
    }
}

fn transpose(c: &Cx) -> Outcome {
    let mut turned: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (key, list) in c.entries(0) {
        for item in list.elements().unwrap_or(&[]) {
            let Some(text) = item.as_str() else { return Err("input list must not contain null string".into()) };
            turned.entry(text.to_owned()).or_default().push(key.clone());
        }
    }
    let lists = turned.into_iter().map(|(k, mut names)| {
        names.sort();
        (k, Value::list(Type::String, names.iter().map(Value::string).collect()))
    });
    Ok(Value::map(Type::list(Type::String), lists.collect()))
}

fn zipmap(c: &Cx) -> Outcome {
    let values = c.value(1);
    let items = match &values.kind {
        Kind::List(_, items) | Kind::Tuple(items) => items,
        _ => return Err("values argument must be a list or tuple value".into()),
    };
    let keys = c.items(0);
    if keys.len() != items.len() {
        return Err(format!("number of keys ({}) does not match number of values ({})", keys.len(), items.len()).into());
    }
    let mut attrs = BTreeMap::new();
    for (i, (key, value)) in keys.iter().zip(items.iter()).enumerate() {
        let Some(key) = key.as_str() else { return Err(format!("keys list has null value at index {i}").into()) };
        attrs.insert(key.to_owned(), value.clone());
    }
    Ok(match &values.kind {
        Kind::List(t, _) => Value::map(t.clone(), attrs),
        _ => Value::object(attrs),
    })
}
