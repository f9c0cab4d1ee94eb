//! Values in the language's own form, as `output` and `console` print them.

use crate::base::{Kind, Type, Value};

use super::words::quote;

/// The value on one or more lines; nested lines are indented by two spaces.
pub fn value_text(value: &Value) -> String {
    at(value, 0)
}

fn at(value: &Value, indent: usize) -> String {
    if value.marks.sensitive {
        return "(sensitive value)".into();
    }
    match &value.kind {
        Kind::Null(Type::Any) => "null".into(),
        Kind::Null(Type::List(t)) => format!("tolist(null) /* of {} */", t.friendly()),
        Kind::Null(Type::Set(t)) => format!("toset(null) /* of {} */", t.friendly()),
        Kind::Null(Type::Map(t)) => format!("tomap(null) /* of {} */", t.friendly()),
        Kind::Null(Type::Bool) => "tobool(null)".into(),
        Kind::Null(Type::Number) => "tonumber(null)".into(),
        Kind::Null(Type::String) => "tostring(null)".into(),
        Kind::Null(t) => format!("null /* {} */", t.friendly()),
        Kind::Unknown(_) => "(known after apply)".into(),
        Kind::Bool(b) => b.to_string(),
        Kind::Number(n) => n.to_string(),
        Kind::String(s) => text(s, indent),
        Kind::List(_, items) => format!("tolist({})", sequence(items, indent)),
        Kind::Set(_, items) => format!("toset({})", sequence(items, indent)),
        Kind::Tuple(items) => sequence(items, indent),
        Kind::Map(_, entries) => format!("tomap({})", mapping(entries.iter(), indent)),
        Kind::Object(entries) => mapping(entries.iter(), indent),
    }
}

fn sequence(items: &[Value], indent: usize) -> String {
    if items.is_empty() {
        return "[]".into();
    }
    let inner = "  ".repeat(indent + 1);
    let lines: String = items.iter().map(|v| format!("{inner}{},\n", at(v, indent + 1))).collect();
    format!("[\n{lines}{}]", "  ".repeat(indent))
}

fn mapping<'a>(entries: impl ExactSizeIterator<Item = (&'a String, &'a Value)>, indent: usize) -> String {
    if entries.len() == 0 {
        return "{}".into();
    }
    let inner = "  ".repeat(indent + 1);
    let lines: String = entries.map(|(k, v)| format!("{inner}{} = {}\n", quote(k), at(v, indent + 1))).collect();
    format!("{{\n{lines}{}}}", "  ".repeat(indent))
}

/// A string in quotes, or as a heredoc when it has several lines.
fn text(s: &str, indent: usize) -> String {
    if !s.contains('\n') {
        return quote(s);
    }
    let (operator, inner) = if indent == 0 { ("<<", String::new()) } else { ("<<-", "  ".repeat(indent)) };
    let mut delimiter = "EOT".to_owned();
    while s.lines().any(|l| l.trim() == delimiter) {
        delimiter.push('_');
    }
    let lines: String = s.split('\n').map(|l| format!("{inner}{l}\n")).collect();
    format!("{operator}{delimiter}\n{lines}{inner}{delimiter}")
}
