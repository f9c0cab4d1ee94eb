//! The functions of Terraform's built-in provider: values to source text and back (`provider::terraform::encode_expr`, …).

use super::{Cx, Fault, Function, Outcome, Res, T, f, p};
use crate::{
    base::{Diagnostics, FileId, Kind, Type, Value, value::is_identifier},
    lang::{
        eval::expr::{Env, NoNames, eval},
        parse,
    },
};

pub(super) const FUNCTIONS: &[Function] = &[
    f("decode_tfvars", &[p("src", T::Str)], Res::Is(T::Any), decode_tfvars).of_provider(),
    f("encode_expr", &[p("value", T::Any).unknown().dynamic()], Res::Is(T::Str), encode_expr).of_provider(),
    f("encode_tfvars", &[p("value", T::Any).dynamic()], Res::Is(T::Str), encode_tfvars).of_provider(),
];

fn encode_expr(c: &Cx) -> Outcome {
    let value = c.value(0);
    if !value.is_wholly_known() {
        return Ok(Value::unknown_not_null(Type::String));
    }
    Ok(Value::string(source(&value)))
}

fn encode_tfvars(c: &Cx) -> Outcome {
    let value = c.value(0);
    let (Kind::Object(entries) | Kind::Map(_, entries)) = &value.kind else {
        return Err("invalid value to encode: must be an object whose attribute names will become the encoded variable names".into());
    };
    let mut lines = Vec::new();
    for (name, value) in entries.iter() {
        if !is_identifier(name) {
            return Err(format!("invalid variable name {name:?}: must be a valid identifier, per Terraform's rules for input variable declarations").into());
        }
        lines.push((name.as_str(), source(value)));
    }
    Ok(Value::string(aligned(&lines, 0)))
}

fn decode_tfvars(c: &Cx) -> Outcome {
    let (file, mut diags) = (FileId(u32::MAX), Diagnostics::default());
    let body = parse::parse_body(file, c.str(0), &mut diags);
    let place = |d: &crate::base::Diagnostic| d.span.map_or((0, 0), |s| (s.start as usize, s.end as usize));
    let failed = |what: String, d: &crate::base::Diagnostic| {
        let (start, end) = place(d);
        Fault::Call(format!("invalid {what}: {}: {}; {}", super::filesystem::place("<decode_tfvars argument>", c.str(0), start, end), d.summary, d.detail))
    };
    if let Some(d) = diags.items.iter().find(|d| d.is_error()) {
        return Err(failed("tfvars syntax".into(), d));
    }
    if let Some(block) = body.blocks.first() {
        let d = crate::base::Diagnostic::error("unexpected-block", format!("Unexpected {:?} block", block.kind), "Blocks are not allowed here.").at(block.span);
        return Err(failed("tfvars content".into(), &d));
    }
    let env = Env { names: &NoNames, world: None, file, bound: None, quiet: true };
    let mut attrs = std::collections::BTreeMap::new();
    for attr in parse::in_order(&body.attrs) {
        let value = eval(&attr.expr.node, &env, &mut diags);
        if let Some(d) = diags.items.iter().find(|d| d.is_error()) {
            return Err(failed(format!("expression for variable {:?}", attr.name), d));
        }
        attrs.insert(attr.name.clone(), value);
    }
    Ok(Value::object(attrs))
}

/// The value as the language writes it, laid out as `terraform fmt` would.
fn source(value: &Value) -> String {
    let mut out = String::new();
    write(value, 0, &mut out);
    out
}

fn write(value: &Value, depth: usize, out: &mut String) {
    match &value.kind {
        Kind::Null(_) | Kind::Unknown(_) => out.push_str("null"),
        Kind::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Kind::Number(n) => out.push_str(&n.to_string()),
        Kind::String(s) => out.push_str(&quoted(s)),
        Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                write(item, depth, out);
            }
            out.push(']');
        }
        Kind::Map(_, entries) | Kind::Object(entries) if entries.is_empty() => out.push_str("{}"),
        Kind::Map(_, entries) | Kind::Object(entries) => {
            let lines: Vec<(String, String)> = entries
                .iter()
                .map(|(k, v)| {
                    let mut text = String::new();
                    write(v, depth + 1, &mut text);
                    (if is_identifier(k) { k.clone() } else { quoted(k) }, text)
                })
                .collect();
            out.push_str("{\n");
            out.push_str(&aligned(&lines, depth + 1));
            out.push_str(&"  ".repeat(depth));
            out.push('}');
        }
    }
}

/// Lines of names and values with their equals signs below each other; a value of several lines ends a group.
fn aligned(lines: &[(impl AsRef<str>, String)], depth: usize) -> String {
    let mut out = String::new();
    let mut rest = lines;
    while !rest.is_empty() {
        let until = rest.iter().position(|(_, v)| v.contains('\n')).map_or(rest.len(), |i| i + 1);
        let (group, tail) = rest.split_at(until);
        let width = group.iter().map(|(name, _)| name.as_ref().chars().count()).max().unwrap_or(0);
        for (name, value) in group {
            let name = name.as_ref();
            let pad = " ".repeat(width - name.chars().count());
            out.push_str(&format!("{}{name}{pad} = {value}\n", "  ".repeat(depth)));
        }
        rest = tail;
    }
    out
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '$' | '%' => {
                out.push(c);
                if chars.peek() == Some(&'{') {
                    out.push(c);
                }
            }
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
