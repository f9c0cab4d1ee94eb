//! Which changes replace a resource instead of updating it, and why.

use std::str::FromStr;

use super::{
    codec::plain_text,
    declare::{Field, Lens, ResourceType, Transition},
    planned::counterpart,
    same,
};
use crate::base::{
    Path, PathStep, Prefix, Shape, Value,
    shape::{Attr, Nesting},
    value::show_path,
};

impl ResourceType {
    /// The paths whose change from `before` to `after` replaces the resource, each with the reason.
    pub fn replacements(&self, before: &Value, after: &Value) -> Vec<(Path, String)> {
        let mut out = Vec::new();
        walk(&self.shape, &self.lens, before, after, &mut Vec::new(), &mut out);
        out
    }
}

fn walk(shape: &Shape, lens: &Lens, before: &Value, after: &Value, path: &mut Path, out: &mut Vec<(Path, String)>) {
    let null = Value::null(crate::base::Type::Any);
    for (name, attr) in &shape.attrs {
        let Some(field) = lens.fields.get(name) else { continue };
        let (b, a) = (before.get(name).unwrap_or(&null), after.get(name).unwrap_or(&null));
        if same::same_attr(attr, field, b, a) || (a.is_unknown() && !attr.settable()) {
            continue;
        }
        if replaces(attr, field, b, a, after) {
            path.push(PathStep::Name(name.clone()));
            let reason = field.because.clone().unwrap_or_else(|| format!("{} cannot be changed in place", show_path(path)));
            out.push((path.clone(), reason));
            path.pop();
        }
    }
    for (name, nested) in &shape.blocks {
        let Some(group) = lens.groups.get(name) else { continue };
        let (b, a) = (before.get(name).unwrap_or(&null), after.get(name).unwrap_or(&null));
        let (was, now) = (b.elements().unwrap_or(&[]), a.elements().unwrap_or(&[]));
        if a.is_unknown() && nested.computed {
            continue;
        }
        path.push(PathStep::Name(name.clone()));
        if nested.force_new && (was.len() != now.len() || a.is_unknown()) {
            out.push((path.clone(), format!("{} blocks cannot be added or removed in place", show_path(path))));
        }
        for (i, element) in now.iter().enumerate() {
            let pair = if nested.nesting == Nesting::Set && group.key.is_none() {
                was.iter().find(|w| same::same_object(&nested.shape, &group.lens, w, element)).or(was.get(i).filter(|_| was.len() == now.len()))
            } else {
                counterpart(group, element, i, was)
            };
            path.push(PathStep::Index(i));
            match pair {
                Some(w) => walk(&nested.shape, &group.lens, w, element, path, out),
                // A block that was not there before: its attributes were unset.
                None if !was.is_empty() || !nested.force_new => walk(&nested.shape, &group.lens, &null, element, path, out),
                None => {}
            }
            path.pop();
        }
        path.pop();
    }
}

fn replaces(attr: &Attr, field: &Field, before: &Value, after: &Value, block: &Value) -> bool {
    let matches = |t: &Transition| fits(t, before, after, block);
    attr.force_new || (!field.replace_unless.is_empty() && !field.replace_unless.iter().any(matches)) || field.replace_if.iter().any(matches)
}

fn fits(transition: &Transition, before: &Value, after: &Value, block: &Value) -> bool {
    let text = |v: &Value| if v.is_null() { Some(String::new()) } else { plain_text(v) };
    let is = |pattern: &str, v: &Value| pattern == "*" || text(v).is_some_and(|t| t.eq_ignore_ascii_case(pattern));
    let to = if transition.to == "wider" { is_wider(before, after) } else { is(&transition.to, after) };
    let when = transition.when.as_ref().is_none_or(|(name, wanted)| block.get(name).is_some_and(|v| is(wanted, v)));
    is(&transition.from, before) && to && when
}

/// Whether every prefix of `before` lies in one of `after`.
fn is_wider(before: &Value, after: &Value) -> bool {
    let prefixes = |v: &Value| -> Option<Vec<Prefix>> {
        match v.elements() {
            Some(items) => items.iter().map(|i| i.as_str().and_then(|s| Prefix::from_str(s).ok())).collect(),
            None => Some(vec![Prefix::from_str(v.as_str()?).ok()?]),
        }
    };
    match (prefixes(before), prefixes(after)) {
        (Some(was), Some(now)) => !was.is_empty() && was.iter().all(|w| now.iter().any(|n| n.contains(*w))),
        _ => false,
    }
}
