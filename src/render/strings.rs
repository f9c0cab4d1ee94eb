//! Scalars in a plan: numbers and short strings as they are, long strings by line, JSON strings by structure.

use crate::base::{Kind, Value, json::from_json};

use super::{
    align::{Row, align, number},
    diff::{Node, Sign, untyped},
    diff_text::{View, indent, node_text},
    words::quote,
};

/// A string, sorted by how it is best shown.
enum Text<'a> {
    Null,
    Plain(&'a str),
    /// Several lines, without blank ones around.
    Lines(Vec<&'a str>),
    Json(Value),
}

fn text(value: Option<&Value>) -> Text<'_> {
    let Some(s) = value.and_then(Value::as_str) else { return Text::Null };
    if s.starts_with(['{', '['])
        && let Ok(json) = serde_json::from_str::<serde_json::Value>(s)
    {
        return Text::Json(from_json(&json));
    }
    if s.contains('\n') { Text::Lines(s.trim().split('\n').collect()) } else { Text::Plain(s) }
}

/// A scalar that stays, comes, goes or changes.
pub fn scalar(node: &Node, before: Option<&Value>, after: Option<&Value>, level: usize, view: View<'_>) -> String {
    if [before, after].into_iter().flatten().any(|v| v.as_str().is_some()) {
        return string(node, before, after, level, view);
    }
    let (null, forces) = (view.null_suffix(node.sign), view.forces_suffix(node.replace));
    match node.sign {
        Sign::Create => format!("{}{forces}", simple(after, view)),
        // `null -> null` would look silly.
        Sign::Delete if before.is_none() => format!("{}{forces}", simple(None, view)),
        Sign::Delete => format!("{}{null}{forces}", simple(before, view)),
        Sign::Same => format!("{}{forces}", simple(before, view)),
        Sign::Update => format!("{} {} {}{forces}", simple(before, view), view.arrow(), simple(after, view)),
    }
}

fn simple(value: Option<&Value>, view: View<'_>) -> String {
    match value.map(|v| &v.kind) {
        None => view.style.dim("null"),
        Some(Kind::String(s)) => quote(s),
        Some(Kind::Number(n)) => n.to_string(),
        Some(Kind::Bool(b)) => b.to_string(),
        Some(_) => value.map(Value::to_string).unwrap_or_default(),
    }
}

fn string(node: &Node, before: Option<&Value>, after: Option<&Value>, level: usize, view: View<'_>) -> String {
    let (null, forces) = (view.null_suffix(node.sign), view.forces_suffix(node.replace));
    let one = |value: Option<&Value>, suffix: &str| match text(value) {
        Text::Null | Text::Plain(_) => format!("{}{suffix}{forces}", simple(value, view)),
        Text::Json(j) if node.sign == Sign::Same => jsonencode(node, Some(&j), Some(&j), level, view),
        Text::Json(j) if node.sign == Sign::Delete => jsonencode(node, Some(&j), None, level, view),
        Text::Json(j) => jsonencode(node, None, Some(&j), level, view),
        Text::Lines(lines) => heredoc(lines.into_iter().map(|l| (Sign::Same, l)), &forces, suffix, level, view),
    };
    match node.sign {
        Sign::Create | Sign::Same => one(after.or(before), ""),
        Sign::Delete => one(before, &null),
        Sign::Update => match (text(before), text(after)) {
            (Text::Json(b), Text::Json(a)) => jsonencode(node, Some(&b), Some(&a), level, view),
            (Text::Json(_), _) | (_, Text::Json(_)) => {
                let view = View { no_null: true, ..view };
                let gone = Node { sign: Sign::Delete, replace: false, ..node.clone() };
                let come = Node { sign: Sign::Create, replace: false, ..node.clone() };
                format!("{} {} {}", string(&gone, before, None, level, view), view.arrow(), string(&come, None, after, level, view))
            }
            (b @ Text::Lines(_), a) | (b, a @ Text::Lines(_)) => {
                let (b, a) = (lines_of(b), lines_of(a));
                heredoc(changed_lines(&b, &a).into_iter(), &forces, "", level, view)
            }
            _ => format!("{} {} {}{forces}", simple(before, view), view.arrow(), simple(after, view)),
        },
    }
}

fn lines_of(text: Text<'_>) -> Vec<&str> {
    match text {
        Text::Lines(lines) => lines,
        Text::Plain(s) => vec![s],
        _ => vec!["null"],
    }
}

fn changed_lines<'t>(before: &[&'t str], after: &[&'t str]) -> Vec<(Sign, &'t str)> {
    let (b, a) = number(before, after);
    let rows = align(&b, &a, &|_, _| false);
    let row = |row: Row| match row {
        Row::Both(i, _) => before.get(i).map(|l| (Sign::Same, *l)),
        Row::Before(i) => before.get(i).map(|l| (Sign::Delete, *l)),
        Row::After(j) => after.get(j).map(|l| (Sign::Create, *l)),
    };
    rows.into_iter().filter_map(row).collect()
}

fn heredoc<'t>(lines: impl Iterator<Item = (Sign, &'t str)>, forces: &str, suffix: &str, level: usize, view: View<'_>) -> String {
    let margin = indent(level + 1);
    let body: String = lines.map(|(sign, l)| format!("{margin}{}{l}\n", view.sign(sign))).collect();
    format!("<<-EOT{forces}\n{body}{}{}EOT{suffix}", indent(level), view.sign(Sign::Same))
}

/// `jsonencode(…)` around the structural difference of two JSON texts.
fn jsonencode(node: &Node, before: Option<&Value>, after: Option<&Value>, level: usize, view: View<'_>) -> String {
    let inner = untyped(before, after);
    // The structure is the same, so only blanks differ; without a word the change would look like none.
    let blanks = inner.sign == Sign::Same && node.sign == Sign::Update;
    let (note, forces) = match (blanks, node.replace || view.forces) {
        (true, true) => (" # whitespace changes force replacement", String::new()),
        (true, false) => (" # whitespace changes", String::new()),
        (false, _) => ("", view.forces_suffix(node.replace)),
    };
    let inside = View { no_null: true, forces: false, all: view.all || blanks, ..view };
    let shown = node_text(&inner, level + 1, inside);
    if !shown.contains('\n') {
        return format!("jsonencode({shown}){note}{forces}");
    }
    let sign = if node.sign == Sign::Update && !blanks { Sign::Update } else { Sign::Same };
    let (open, end) = (indent(level + 1), indent(level));
    format!("jsonencode({note}\n{open}{}{shown}{forces}\n{end}{}){}", view.sign(sign), view.sign(Sign::Same), view.null_suffix(node.sign))
}
