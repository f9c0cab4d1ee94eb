//! `for` expressions.

use std::collections::BTreeMap;

use super::expr::{Bound, Env, eval, iterate, unknown};
use crate::{
    base::{Diagnostic, Diagnostics, Kind, Marks, Type, Value},
    lang::{
        convert::{convert, to_text},
        syntax::{For, Node},
    },
};

/// One round of a `for` expression: the variables bound, and whether its `if` lets it pass.
enum Round {
    Take,
    Skip,
    Unknown,
}

fn for_round(f: &For, marks: &mut Marks, env: &Env, out: &mut Diagnostics) -> Round {
    let Some(cond) = &f.cond else { return Round::Take };
    let (value, m) = eval(cond, env, out).unmark();
    *marks = marks.or(m);
    let problem = match convert(&value, &Type::Bool).map(|v| v.kind) {
        Ok(Kind::Bool(true)) => return Round::Take,
        Ok(Kind::Bool(false)) => return Round::Skip,
        Ok(Kind::Unknown(_)) => return Round::Unknown,
        Ok(_) => ("Condition is null", "The value of the 'if' clause must not be null.".to_owned()),
        Err(why) => ("Invalid 'for' condition", format!("The 'if' clause value is invalid: {why}.")),
    };
    out.push(env.error(cond, env.span(cond), "invalid-for-condition", problem.0, problem.1));
    Round::Unknown
}

/// `[for … : value]`.
pub(super) fn to_tuple(f: &For, env: &Env, out: &mut Diagnostics) -> Value {
    let (collection, mut marks) = eval(&f.collection, env, out).unmark();
    let Some(pairs) = iterate(&collection, &f.collection, "a 'for' expression", env, out) else { return unknown().marked(marks) };
    let mut items = Vec::with_capacity(pairs.len());
    let mut whole_unknown = false;
    for (k, v) in pairs {
        let outer = f.key_var.as_ref().map(|name| Bound { name, value: k, outer: env.bound });
        let inner = Bound { name: &f.value_var, value: v, outer: outer.as_ref().or(env.bound) };
        let env = env.bind(&inner);
        let before = out.items.len();
        match for_round(f, &mut marks, &env, out) {
            Round::Take => items.push(eval(&f.value, &env, out)),
            Round::Skip => {}
            Round::Unknown => whole_unknown = true,
        }
        // The same mistake would be found in every round.
        if out.items.iter().skip(before).any(Diagnostic::is_error) {
            return unknown().marked(marks);
        }
    }
    if whole_unknown { unknown().marked(marks) } else { Value::tuple(items).marked(marks) }
}

/// `{ for … : key => value }`.
pub(super) fn to_object(f: &For, node: &Node, env: &Env, out: &mut Diagnostics) -> Value {
    let (collection, mut marks) = eval(&f.collection, env, out).unmark();
    let Some(pairs) = iterate(&collection, &f.collection, "a 'for' expression", env, out) else { return unknown().marked(marks) };
    let mut groups: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    let mut whole_unknown = false;
    for (k, v) in pairs {
        let outer = f.key_var.as_ref().map(|name| Bound { name, value: k, outer: env.bound });
        let inner = Bound { name: &f.value_var, value: v, outer: outer.as_ref().or(env.bound) };
        let env = env.bind(&inner);
        let before = out.items.len();
        match for_round(f, &mut marks, &env, out) {
            Round::Take => {
                if let Some(key) = for_key(f, &mut marks, &env, out) {
                    let value = eval(&f.value, &env, out);
                    let group = groups.entry(key.clone()).or_default();
                    if !f.group && !group.is_empty() {
                        let detail = format!(
                            "Two different items produced the key {key:?} in this 'for' expression. If duplicates are expected, use the ellipsis (...) \
                             after the value expression to enable grouping by key."
                        );
                        let at = f.key.as_ref().map_or(env.span(node), |k| env.span(k));
                        out.push(env.error(f.key.as_ref().unwrap_or(node), at, "duplicate-object-key", "Duplicate object key", detail));
                    }
                    group.push(value);
                } else {
                    whole_unknown = true;
                }
            }
            Round::Skip => {}
            Round::Unknown => whole_unknown = true,
        }
        if out.items.iter().skip(before).any(Diagnostic::is_error) {
            return unknown().marked(marks);
        }
    }
    if whole_unknown {
        return unknown().marked(marks);
    }
    let attrs = groups.into_iter().filter_map(|(k, mut vs)| if f.group { Some((k, Value::tuple(vs))) } else { vs.pop().map(|v| (k, v)) });
    Value::object(attrs.collect()).marked(marks)
}

fn for_key(f: &For, marks: &mut Marks, env: &Env, out: &mut Diagnostics) -> Option<String> {
    let node = f.key.as_ref()?;
    let (key, m) = eval(node, env, out).unmark();
    *marks = marks.or(m);
    let detail = match &key.kind {
        Kind::Null(_) => "Key expression in 'for' expression must not produce a null value.".to_owned(),
        Kind::Unknown(_) => return None,
        _ => match to_text(&key) {
            Some(text) => return Some(text),
            None => "The key expression produced an invalid result: string required.".to_owned(),
        },
    };
    out.push(env.error(node, env.span(node), "invalid-object-key", "Invalid object key", detail));
    None
}
