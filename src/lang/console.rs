//! Values as Terraform shows them in its console and its outputs: literals over several lines, with types where a literal
//! would not say them.

use std::sync::Arc;

use super::{
    blueprint::Expr,
    eval::{Each, Evaluator},
    syntax::NodeKind,
};
use crate::base::{Diagnostic, Diagnostics, Kind, ModulePath, Span, Type, Value};

/// The value as text; nested lines are indented by two spaces each.
pub fn format_value(value: &Value) -> String {
    let mut out = String::new();
    write(value, 0, &mut out);
    out
}

fn write(value: &Value, indent: usize, out: &mut String) {
    if value.is_unknown() {
        return out.push_str("(known after apply)");
    }
    if value.marks.sensitive {
        return out.push_str("(sensitive value)");
    }
    if value.marks.ephemeral {
        return out.push_str("(ephemeral value)");
    }
    match &value.kind {
        Kind::Unknown(_) => out.push_str("(known after apply)"),
        Kind::Null(ty) => out.push_str(&null(ty)),
        Kind::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Kind::Number(n) => out.push_str(&n.to_string()),
        Kind::String(s) if s.contains('\n') => heredoc(s, indent, out),
        Kind::String(s) => out.push_str(&quote(s)),
        Kind::Tuple(items) => sequence(items, indent, out),
        Kind::Object(m) => mapping(m.iter(), indent, out),
        Kind::List(_, items) => wrapped("tolist", out, |out| sequence(items, indent, out)),
        Kind::Set(_, items) => wrapped("toset", out, |out| sequence(items, indent, out)),
        Kind::Map(_, m) => wrapped("tomap", out, |out| mapping(m.iter(), indent, out)),
    }
}

fn null(ty: &Type) -> String {
    match ty {
        Type::Any => "null".into(),
        Type::String => "tostring(null)".into(),
        Type::Number => "tonumber(null)".into(),
        Type::Bool => "tobool(null)".into(),
        Type::List(t) => format!("tolist(null) /* of {} */", t.friendly()),
        Type::Set(t) => format!("toset(null) /* of {} */", t.friendly()),
        Type::Map(t) => format!("tomap(null) /* of {} */", t.friendly()),
        other => format!("null /* {} */", other.friendly()),
    }
}

fn wrapped(function: &str, out: &mut String, inner: impl FnOnce(&mut String)) {
    out.push_str(function);
    out.push('(');
    inner(out);
    out.push(')');
}

fn new_line(indent: usize, out: &mut String) {
    out.push('\n');
    out.push_str(&" ".repeat(indent));
}

fn sequence(items: &[Value], indent: usize, out: &mut String) {
    if items.is_empty() {
        return out.push_str("[]");
    }
    out.push('[');
    for item in items {
        new_line(indent + 2, out);
        write(item, indent + 2, out);
        out.push(',');
    }
    new_line(indent, out);
    out.push(']');
}

fn mapping<'v>(mut entries: impl ExactSizeIterator<Item = (&'v String, &'v Value)>, indent: usize, out: &mut String) {
    if entries.len() == 0 {
        return out.push_str("{}");
    }
    out.push('{');
    entries.by_ref().for_each(|(k, v)| {
        new_line(indent + 2, out);
        out.push_str(&quote(k));
        out.push_str(" = ");
        write(v, indent + 2, out);
    });
    new_line(indent, out);
    out.push('}');
}

/// A text of several lines, between markers that do not occur in it.
fn heredoc(s: &str, indent: usize, out: &mut String) {
    let mut marker = String::from("EOT");
    while s.split('\n').any(|line| line.trim() == marker) {
        marker.push('_');
    }
    out.push_str(if indent > 0 { "<<-" } else { "<<" });
    out.push_str(&marker);
    for line in s.split('\n').chain([marker.as_str()]) {
        new_line(indent, out);
        out.push_str(line);
    }
}

/// A string as a quoted literal, with escapes as Go writes them.
pub fn quote(s: &str) -> String {
    let mut out = String::from("\"");
    for c in s.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{b}' => out.push_str("\\v"),
            '\u{c}' => out.push_str("\\f"),
            c if (c as u32) < 0x20 || c as u32 == 0x7f => out.push_str(&format!("\\x{:02x}", c as u32)),
            c if !is_printable(c) && (c as u32) < 0x10000 => out.push_str(&format!("\\u{:04x}", c as u32)),
            c if !is_printable(c) => out.push_str(&format!("\\U{:08x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Whether Go prints a character as it is: letters, marks, digits, punctuation, symbols, and the plain space.
fn is_printable(c: char) -> bool {
    !matches!(c,
        '\u{80}'..='\u{a0}' | '\u{ad}' | '\u{378}'..='\u{379}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{1680}' | '\u{180e}'
        | '\u{2000}'..='\u{200f}' | '\u{2028}'..='\u{202f}' | '\u{205f}'..='\u{206f}' | '\u{3000}' | '\u{e000}'..='\u{f8ff}' | '\u{feff}'
        | '\u{fff0}'..='\u{fffb}' | '\u{fffe}'..='\u{ffff}' | '\u{e0000}'..='\u{e00ff}' | '\u{e01f0}'..='\u{10ffff}')
}

/// What a console answers to an expression: its value, or with `type(…)`, a function that only a console has, the type of its
/// argument. `None` when an error was reported.
pub fn answer(ev: &Evaluator, module: &ModulePath, expr: &Expr, diags: &mut Diagnostics) -> Option<String> {
    let value = |expr: &Expr, diags: &mut Diagnostics| {
        let mut own = Diagnostics::default();
        ev.check_expression(module, expr, &mut own);
        let value = if own.has_errors() { None } else { Some(ev.eval(module, expr, &Each::default(), &mut own)) };
        let value = value.filter(|_| !own.has_errors());
        diags.extend(own);
        value
    };
    let NodeKind::Call(call) = &expr.node.kind else { return value(expr, diags).map(|v| format_value(&v)) };
    if &*call.name != "type" {
        return value(expr, diags).map(|v| format_value(&v));
    }
    let span = |start, end| Span { start, end, ..expr.span };
    let [of] = call.args.as_slice() else {
        let (code, summary, detail) = match call.args.len() {
            0 => ("missing-function-argument", "Not enough function arguments", "Function \"type\" expects 1 argument(s). Missing value for \"value\"."),
            _ => ("extra-function-argument", "Too many function arguments", "Function \"type\" expects only 1 argument(s)."),
        };
        diags.push(Diagnostic::error(code, summary, detail).at(expr.span));
        return None;
    };
    if matches!(&of.kind, NodeKind::Call(inner) if &*inner.name == "type" && inner.args.len() == 1) {
        return Some("type".into());
    }
    let of = Expr { node: Arc::new(of.clone()), span: span(of.start, of.end) };
    value(&of, diags).map(|v| format_type(&v.ty()))
}

/// A type as the console's `type` shows it, over several lines.
pub fn format_type(ty: &Type) -> String {
    let mut out = String::new();
    write_type(ty, 0, &mut out);
    out
}

fn write_type(ty: &Type, depth: usize, out: &mut String) {
    let line = |depth: usize, out: &mut String| new_line(depth * 4, out);
    match ty {
        Type::List(t) | Type::Set(t) | Type::Map(t) => {
            out.push_str(if matches!(ty, Type::List(_)) {
                "list("
            } else if matches!(ty, Type::Set(_)) {
                "set("
            } else {
                "map("
            });
            // An element with a structure of its own has its own lines.
            if matches!(**t, Type::Tuple(_) | Type::Object(_)) {
                line(depth + 1, out);
                write_type(t, depth + 1, out);
                out.push(',');
                line(depth, out);
            } else {
                write_type(t, depth, out);
            }
            out.push(')');
        }
        Type::Tuple(types) if types.is_empty() => out.push_str("tuple([])"),
        Type::Tuple(types) => {
            out.push_str("tuple([");
            for t in types {
                line(depth + 1, out);
                write_type(t, depth + 1, out);
                out.push(',');
            }
            line(depth, out);
            out.push_str("])");
        }
        Type::Object(object) if object.attrs.is_empty() => out.push_str("object({})"),
        Type::Object(object) => {
            out.push_str("object({");
            for (name, t) in &object.attrs {
                line(depth + 1, out);
                out.push_str(name);
                out.push_str(": ");
                write_type(t, depth + 1, out);
                out.push(',');
            }
            line(depth, out);
            out.push_str("})");
        }
        other => out.push_str(&other.friendly()),
    }
}
