//! The type that several types have in common, as conditionals, `tolist` and untyped collections need it.

use std::collections::BTreeMap;

use super::convert::result_type;
use crate::base::{Kind, Type, Value, types::ObjectType};

/// A type that values of all the given types convert to; `None` when there is none, `any` when one of them is not known yet.
pub fn unify(types: &[Type]) -> Option<Type> {
    let Some(first) = types.first() else { return Some(Type::Any) };
    if types.iter().all(|t| t == first) {
        return Some(first.clone());
    }
    if types.contains(&Type::Any) {
        // Among primitives what is not known yet gives way; structures may come out in more than one way.
        let known: Vec<Type> = types.iter().filter(|t| **t != Type::Any).cloned().collect();
        return if known.iter().all(Type::is_primitive) { unify(&known) } else { Some(Type::Any) };
    }
    let is_object = |t: &&Type| matches!(t, Type::Object(_));
    let is_map = |t: &&Type| matches!(t, Type::Map(_));
    let is_tuple = |t: &&Type| matches!(t, Type::Tuple(_));
    let is_list = |t: &&Type| matches!(t, Type::List(_));
    let count = |f: &dyn Fn(&&Type) -> bool| types.iter().filter(f).count();
    let (objects, maps, tuples, lists) = (count(&is_object), count(&is_map), count(&is_tuple), count(&is_list));
    let sets = types.iter().filter(|t| matches!(t, Type::Set(_))).count();
    let all = types.len();
    if objects == all {
        return unify_objects(types);
    }
    if maps > 0 && maps + objects == all {
        return unify_collection(types).map(Type::map);
    }
    if tuples == all {
        return unify_tuples(types);
    }
    if lists > 0 && lists + tuples == all {
        return unify_collection(types).map(Type::list);
    }
    if sets > 0 && lists > 0 && sets + tuples + lists == all {
        return unify_collection(types).map(Type::list);
    }
    if sets > 0 && sets + tuples + lists == all {
        return unify_collection(types).map(Type::set);
    }
    // Among primitives only text can stand for the others.
    types
        .iter()
        .filter(|t| t.is_primitive())
        .find(|t| types.iter().all(|other| !matches!((other, t), (Type::String, Type::Bool | Type::Number)) && result_type(other, t).is_some()))
        .cloned()
}

fn parts(ty: &Type) -> Vec<Type> {
    match ty {
        Type::List(t) | Type::Set(t) | Type::Map(t) => vec![(**t).clone()],
        Type::Tuple(ts) => ts.clone(),
        Type::Object(o) => o.attrs.values().cloned().collect(),
        _ => Vec::new(),
    }
}

fn unify_collection(types: &[Type]) -> Option<Type> {
    unify(&types.iter().flat_map(parts).collect::<Vec<_>>())
}

fn unify_objects(types: &[Type]) -> Option<Type> {
    let objects: Vec<&ObjectType> = types.iter().filter_map(|t| if let Type::Object(o) = t { Some(o) } else { None }).collect();
    let first = objects.first()?;
    if !objects.iter().all(|o| o.attrs.len() == first.attrs.len() && o.attrs.keys().eq(first.attrs.keys())) {
        // Different attributes: only a map can hold both.
        return unify_collection(types).map(Type::map);
    }
    let mut attrs = BTreeMap::new();
    for name in first.attrs.keys() {
        let each: Vec<Type> = objects.iter().filter_map(|o| o.attrs.get(name).cloned()).collect();
        attrs.insert(name.clone(), unify(&each)?);
    }
    Some(Type::object(attrs))
}

fn unify_tuples(types: &[Type]) -> Option<Type> {
    let tuples: Vec<&Vec<Type>> = types.iter().filter_map(|t| if let Type::Tuple(ts) = t { Some(ts) } else { None }).collect();
    let first = tuples.first()?;
    if tuples.iter().any(|t| t.len() != first.len()) {
        return unify_collection(types).map(Type::list);
    }
    let place = |i: usize| unify(&tuples.iter().filter_map(|t| t.get(i).cloned()).collect::<Vec<_>>());
    (0..first.len()).map(place).collect::<Option<Vec<_>>>().map(Type::Tuple)
}

/// The common type of values: a bare `null` fits any.
pub fn unify_values<'v>(values: impl IntoIterator<Item = &'v Value>) -> Option<Type> {
    unify(&values.into_iter().filter(|v| !matches!(v.kind, Kind::Null(Type::Any))).map(Value::ty).collect::<Vec<_>>())
}
