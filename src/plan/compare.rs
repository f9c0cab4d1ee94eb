//! Where two values of a resource differ, by the resource type's own notion of sameness.

use std::collections::BTreeSet;

use crate::{
    base::{Kind, Path, PathStep, Shape, Value, shape::Member},
    schema::ResourceType,
};

/// The innermost paths at which the two differ. Collections of different length, and sets, differ as a whole.
pub fn changed(ty: &ResourceType, before: &Value, after: &Value) -> Vec<Path> {
    let mut found = Vec::new();
    walk(ty, before, after, &mut Vec::new(), &mut found);
    found
}

fn walk(ty: &ResourceType, before: &Value, after: &Value, path: &mut Path, found: &mut Vec<Path>) {
    if after.is_unknown() {
        found.push(path.clone());
        return;
    }
    if after.is_wholly_known() && ty.same(path, before, after) {
        return;
    }
    match (&before.kind, &after.kind) {
        (Kind::Object(b), Kind::Object(a)) => {
            // Within an attribute, objects may have other members than before.
            let inside = matches!(ty.shape.member(path), Some(Member::Attr(_)));
            for (name, value) in a.iter() {
                path.push(PathStep::Name(name.clone()));
                match b.get(name) {
                    Some(old) => walk(ty, old, value, path, found),
                    None if value.is_null() && !inside => {}
                    None => found.push(path.clone()),
                }
                path.pop();
            }
            for name in b.keys().filter(|name| inside && !a.contains_key(*name)) {
                path.push(PathStep::Name(name.clone()));
                found.push(path.clone());
                path.pop();
            }
        }
        (Kind::Map(_, b), Kind::Map(_, a)) => {
            for name in b.keys().chain(a.keys().filter(|k| !b.contains_key(*k))) {
                path.push(PathStep::Name(name.clone()));
                match (b.get(name), a.get(name)) {
                    (Some(old), Some(new)) => walk(ty, old, new, path, found),
                    _ => found.push(path.clone()),
                }
                path.pop();
            }
        }
        (Kind::List(_, b), Kind::List(_, a)) if a.len() == b.len() => {
            for (i, (old, new)) in b.iter().zip(a.iter()).enumerate() {
                path.push(PathStep::Index(i));
                walk(ty, old, new, path, found);
                path.pop();
            }
        }
        _ => found.push(path.clone()),
    }
}

/// Whether the configuration hides other values than the record does; what the type always hides does not count.
pub fn marks_differ(shape: &Shape, before: &Value, after: &Value) -> bool {
    let (mut was, mut is) = (BTreeSet::new(), BTreeSet::new());
    hidden(shape, before, &mut Vec::new(), &mut was);
    hidden(shape, after, &mut Vec::new(), &mut is);
    was != is
}

fn hidden(shape: &Shape, value: &Value, path: &mut Path, found: &mut BTreeSet<Path>) {
    if !value.marks_deep().sensitive {
        return;
    }
    if matches!(shape.member(path), Some(Member::Attr(attr)) if attr.sensitive || attr.write_only) {
        return;
    }
    if value.marks.sensitive {
        found.insert(path.clone());
        return;
    }
    for (step, child) in value.children() {
        path.push(step);
        hidden(shape, child, path, found);
        path.pop();
    }
}

/// The value with what stands at `path` taken from `from`; unchanged where either has no such place.
pub fn with_path_from(value: &Value, from: &Value, path: &[PathStep]) -> Value {
    let Some((step, rest)) = path.split_first() else { return from.clone() };
    // `tags["x"]` may be set on one side only: the entry is added or taken away.
    if let (Kind::Map(elem, mine), PathStep::Name(name), []) = (&value.kind, step, rest) {
        let mut entries = (**mine).clone();
        match from.get(name) {
            Some(v) => entries.insert(name.clone(), v.clone()),
            None => entries.remove(name),
        };
        return Value::map(elem.clone(), entries).marked(value.marks);
    }
    let Some(inner) = from.at(std::slice::from_ref(step)) else { return value.clone() };
    value.map_children(&mut |at, child| if at == *step { with_path_from(&child, inner, rest) } else { child })
}
