//! When two values mean the same to a resource type: regions and ids without case, prefixes by what they cover, unset and zero alike.

use std::str::FromStr;

use super::{
    codec::location,
    declare::{Field, Group, Lens, ResourceType, Sameness},
};
use crate::base::{
    Path, PathStep, Prefix, Shape, Value,
    shape::{Attr, Nested},
};

impl ResourceType {
    /// Whether two values at a path mean the same. The empty path compares whole resources. Marks do not count;
    /// an unknown is the same only as an unknown.
    pub fn same(&self, path: &Path, a: &Value, b: &Value) -> bool {
        let (mut shape, mut lens) = (&self.shape, &self.lens);
        let mut steps = path.iter().peekable();
        while let Some(step) = steps.next() {
            let PathStep::Name(name) = step else { continue };
            if let (Some(attr), Some(field)) = (shape.attrs.get(name), lens.fields.get(name)) {
                return if steps.peek().is_some() { same_leaf(field.same, a, b) } else { same_attr(attr, field, a, b) };
            }
            let (Some(nested), Some(group)) = (shape.blocks.get(name), lens.groups.get(name)) else { return a.same(b) };
            match steps.peek() {
                None => return same_blocks(nested, group, a, b),
                Some(PathStep::Index(_)) => {}
                Some(PathStep::Name(_)) => return a.same(b),
            }
            (shape, lens) = (&nested.shape, &group.lens);
        }
        same_object(shape, lens, a, b)
    }
}

pub(crate) fn same_object(shape: &Shape, lens: &Lens, a: &Value, b: &Value) -> bool {
    if a.is_unknown() || b.is_unknown() || a.is_null() || b.is_null() {
        return a.same(b);
    }
    let missing = Value::null(crate::base::Type::Any);
    let get = |v: &Value, name: &str| v.get(name).cloned().unwrap_or_else(|| missing.clone());
    let attrs = shape.attrs.iter().all(|(name, attr)| match lens.fields.get(name) {
        Some(field) => same_attr(attr, field, &get(a, name), &get(b, name)),
        // Only `id` is declared by no file.
        None => same_leaf(Sameness::NoCase, &get(a, name), &get(b, name)),
    });
    attrs && shape.blocks.iter().all(|(name, nested)| lens.groups.get(name).is_none_or(|group| same_blocks(nested, group, &get(a, name), &get(b, name))))
}

pub(crate) fn same_attr(attr: &Attr, field: &Field, a: &Value, b: &Value) -> bool {
    match field.same {
        Sameness::Always => return true,
        // Where the type is free, a list is another value than a tuple of the same elements.
        Sameness::Strict => return a.same(b) && (attr.ty != crate::base::Type::Any || a.is_null() || a.ty() == b.ty()),
        _ => {}
    }
    if a.is_unknown() || b.is_unknown() {
        return a.is_unknown() && b.is_unknown();
    }
    match (a.is_null(), b.is_null()) {
        (true, true) => true,
        (true, false) => reads_as_unset(attr, field, b),
        (false, true) => reads_as_unset(attr, field, a),
        (false, false) => same_leaf(field.same, a, b),
    }
}

/// Whether a value of an attribute is what an unset attribute comes back as: its zero, or what the platform fills in.
pub(crate) fn reads_as_unset(attr: &Attr, field: &Field, value: &Value) -> bool {
    let filled = field.filled.iter().any(|f| same_leaf(Sameness::NoCase, f, value));
    filled || (!attr.required && attr.default.is_none() && (field.quiet || is_zero(value)))
}

/// `false`, `0`, the empty text or an empty collection.
pub(crate) fn is_zero(value: &Value) -> bool {
    value.as_bool() == Some(false)
        || value.as_str() == Some("")
        || value.as_number().is_some_and(crate::base::Number::is_zero)
        || value.elements().is_some_and(<[Value]>::is_empty)
        || value.entries().is_some_and(|e| e.is_empty() && matches!(value.kind, crate::base::Kind::Map(..)))
}

/// Equality of two values by a notion of sameness; collections of texts compare element by element.
pub(crate) fn same_leaf(how: Sameness, a: &Value, b: &Value) -> bool {
    if matches!(how, Sameness::Exact | Sameness::Strict) {
        return a.same(b);
    }
    if let (Some(x), Some(y)) = (a.as_str(), b.as_str()) {
        return match how {
            Sameness::Location => location(x) == location(y),
            Sameness::Cidr => same_prefix(x, y),
            Sameness::LastSegment => x.rsplit('/').next().zip(y.rsplit('/').next()).is_some_and(|(p, q)| p.eq_ignore_ascii_case(q)),
            _ => x.eq_ignore_ascii_case(y),
        };
    }
    if let (Some(x), Some(y)) = (a.elements(), b.elements()) {
        let is_set = |v: &Value| matches!(v.kind, crate::base::Kind::Set(..));
        let unordered = is_set(a) || is_set(b) || matches!(how, Sameness::Cidr | Sameness::AnyOrder);
        let pair = |p: &Value, q: &Value| same_leaf(how, p, q);
        return if unordered { permuted(x, y, &pair) } else { x.len() == y.len() && x.iter().zip(y).all(|(p, q)| pair(p, q)) };
    }
    a.same(b)
}

fn same_prefix(a: &str, b: &str) -> bool {
    match (Prefix::from_str(a), Prefix::from_str(b)) {
        (Ok(a), Ok(b)) => a == b,
        _ => a.eq_ignore_ascii_case(b),
    }
}

pub(crate) fn same_blocks(nested: &Nested, group: &Group, a: &Value, b: &Value) -> bool {
    if a.is_unknown() || b.is_unknown() {
        return a.is_unknown() && b.is_unknown();
    }
    let (x, y) = (a.elements().unwrap_or(&[]), b.elements().unwrap_or(&[]));
    let same = |p: &Value, q: &Value| same_object(&nested.shape, &group.lens, p, q);
    match nested.nesting {
        crate::base::shape::Nesting::Set => permuted(x, y, &same),
        crate::base::shape::Nesting::List => x.len() == y.len() && x.iter().zip(y).all(|(p, q)| same(p, q)),
    }
}

/// Whether the elements can be paired so that each pair is the same.
fn permuted(x: &[Value], y: &[Value], same: &dyn Fn(&Value, &Value) -> bool) -> bool {
    if x.len() != y.len() {
        return false;
    }
    let mut left: Vec<&Value> = y.iter().collect();
    x.iter().all(|p| match left.iter().position(|q| same(p, q)) {
        Some(i) => {
            // In order, so that lists that already agree are walked once.
            left.remove(i);
            true
        }
        None => false,
    })
}
