//! What diagnostics say about values: the references of an expression, each with a short statement of what it is.

use std::collections::BTreeMap;

use super::expr::{Env, eval};
use crate::{
    base::{Diagnostics, Kind, Type, Value},
    lang::syntax::{Node, NodeKind, Step, StepKind},
};

/// Which values are worth stating.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// Those that are known; an unknown value explains nothing.
    Known,
    /// Unknown ones too, when they are the cause.
    Unknown,
    /// Sensitive ones too, when they are the cause.
    Sensitive,
}

/// The references in an expression and what each `is`, as Terraform lists them under an excerpt.
pub fn shown_values(node: &Node, env: &Env, which: Shown) -> Vec<(String, String)> {
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    collect(node, &mut Vec::new(), env, which, &mut found);
    found.into_iter().collect()
}

fn collect<'n>(node: &'n Node, bound: &mut Vec<&'n str>, env: &Env, which: Shown, found: &mut BTreeMap<String, String>) {
    let (on, steps): (&Node, &[Step]) = match &node.kind {
        NodeKind::Traversal(t) => (&t.on, &t.steps),
        _ => (node, &[]),
    };
    if let NodeKind::Root(name) = &on.kind {
        if !bound.contains(&&**name) {
            // Where the whole reference fails, what it starts with may explain why.
            let (_, most) = traversal_text(name, steps);
            let found_value = (usize::from(most > 0)..=most).rev().find_map(|used| Some((used, steps_value(node, on, used, env)?)));
            if let Some((used, value)) = found_value
                && let Some(statement) = statement(&value, which)
            {
                found.insert(traversal_text(name, steps.get(..used).unwrap_or(steps)).0, statement);
            }
        }
        for step in steps {
            if let StepKind::Index(key) = &step.kind {
                collect(key, bound, env, which, found);
            }
        }
        return;
    }
    node.children(&mut |child, names| {
        let depth = bound.len();
        bound.extend(names);
        collect(child, bound, env, which, found);
        bound.truncate(depth);
    });
}

/// `root.a["b"]` as far as it is static, and how many steps that covers.
fn traversal_text(root: &str, steps: &[Step]) -> (String, usize) {
    let mut text = root.to_owned();
    for (i, step) in steps.iter().enumerate() {
        match &step.kind {
            StepKind::Attr(name) => {
                text.push('.');
                text.push_str(name);
            }
            StepKind::LegacyIndex(n) => text.push_str(&format!("[{n}]")),
            StepKind::Index(key) => match &key.kind {
                NodeKind::Literal(v) if !v.is_null() => text.push_str(&format!("[{v}]")),
                _ => return (text, i),
            },
            StepKind::AttrSplat | StepKind::FullSplat => return (text, i),
        }
    }
    (text, steps.len())
}

/// The value of the static part of a reference; nothing when it has none.
fn steps_value(node: &Node, on: &Node, used: usize, env: &Env) -> Option<Value> {
    let mut quiet = Diagnostics::default();
    let env = &Env { quiet: true, ..*env };
    let value = match &node.kind {
        NodeKind::Traversal(t) if used < t.steps.len() => {
            let steps = t.steps.get(..used)?.to_vec();
            let part = crate::lang::syntax::Traversal { on: on.clone(), steps };
            eval(&Node::new(NodeKind::Traversal(Box::new(part)), node.start, node.end), env, &mut quiet)
        }
        _ => eval(node, env, &mut quiet),
    };
    (!quiet.has_errors()).then_some(value)
}

fn statement(value: &Value, which: Shown) -> Option<String> {
    if value.marks.sensitive {
        return (which == Shown::Sensitive).then(|| "has a sensitive value".to_owned());
    }
    match &value.kind {
        Kind::Unknown(u) if which == Shown::Unknown => {
            Some(if u.ty == Type::Any { "will be known only after apply".into() } else { format!("is a {}, known only after apply", u.ty.friendly()) })
        }
        Kind::Unknown(_) => None,
        _ => Some(format!("is {}", compact(value))),
    }
}

/// A value in a few words.
pub fn compact(value: &Value) -> String {
    if value.marks.sensitive {
        return "(sensitive value)".into();
    }
    let counted = |n: usize| match n {
        0 => format!("empty {}", value.ty().friendly()),
        1 => format!("{} with 1 element", value.ty().friendly()),
        n => format!("{} with {n} elements", value.ty().friendly()),
    };
    match &value.kind {
        Kind::Null(_) => "null".into(),
        Kind::Unknown(_) => "(not yet known)".into(),
        Kind::Bool(b) => b.to_string(),
        Kind::Number(n) => n.to_string(),
        Kind::String(s) => format!("{s:?}"),
        Kind::List(_, vs) | Kind::Set(_, vs) | Kind::Tuple(vs) => counted(vs.len()),
        Kind::Map(_, m) => counted(m.len()),
        Kind::Object(m) => match m.len() {
            0 => "object with no attributes".into(),
            1 => format!("object with 1 attribute {:?}", m.keys().next().map_or("", String::as_str)),
            n => format!("object with {n} attributes"),
        },
    }
}

/// Why the sides of a conditional do not fit together, without a final full stop.
pub fn conditional_mismatch(then: &Type, or: &Type) -> String {
    match (then, or) {
        (Type::Object(a), Type::Object(b)) => {
            for (name, t) in &a.attrs {
                match b.attrs.get(name) {
                    None => return format!("The 'true' value includes object attribute {name:?}, which is absent in the 'false' value"),
                    Some(o) if crate::lang::unify::unify(&[t.clone(), o.clone()]).is_none() => {
                        return format!("Type mismatch for object attribute {name:?}: {}", conditional_mismatch(t, o));
                    }
                    _ => {}
                }
            }
            match b.attrs.keys().find(|n| !a.attrs.contains_key(*n)) {
                Some(name) => format!("The 'false' value includes object attribute {name:?}, which is absent in the 'true' value"),
                None => "At least one object attribute is not compatible across both the 'true' and the 'false' value".into(),
            }
        }
        (Type::Tuple(a), Type::Tuple(b)) if a.len() != b.len() => {
            format!("The 'true' tuple has length {}, but the 'false' tuple has length {}", a.len(), b.len())
        }
        (Type::Tuple(a), Type::Tuple(b)) => {
            let bad = a.iter().zip(b).enumerate().find(|(_, (x, y))| crate::lang::unify::unify(&[(*x).clone(), (*y).clone()]).is_none());
            bad.map_or_else(
                || "At least one tuple element is not compatible".into(),
                |(i, (x, y))| format!("Type mismatch for tuple element {i}: {}", conditional_mismatch(x, y)),
            )
        }
        (Type::List(a), Type::List(b)) => format!("Mismatched list element types: {}", conditional_mismatch(a, b)),
        (Type::Set(a), Type::Set(b)) => format!("Mismatched set element types: {}", conditional_mismatch(a, b)),
        (Type::Map(a), Type::Map(b)) => format!("Mismatched map element types: {}", conditional_mismatch(a, b)),
        _ => format!("The 'true' value is {}, but the 'false' value is {}", then.friendly(), or.friendly()),
    }
}
