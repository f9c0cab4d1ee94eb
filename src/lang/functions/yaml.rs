//! YAML, byte for byte as Terraform writes it: strings quoted, keys sorted, texts of several lines as blocks. What it reads,
//! `yaml_read` does.

use super::{Cx, Function, Outcome, Res, T, f, p, yaml_read};
use crate::base::{Kind, Value};

pub(super) const FUNCTIONS: &[Function] = &[
    f("yamlencode", &[p("value", T::Any).null().dynamic()], Res::Is(T::Str), |c| Ok(Value::string(encode(&c.value(0))))),
    f("yamldecode", &[p("src", T::Str)], Res::Is(T::Any), yamldecode),
];

fn yamldecode(c: &Cx) -> Outcome {
    Ok(yaml_read::decode(c.str(0))?)
}

fn encode(value: &Value) -> String {
    let mut w = Writer { out: String::new(), column: 0 };
    match &value.kind {
        Kind::Null(_) | Kind::Bool(_) | Kind::Number(_) => {
            w.scalar(value, 0);
            // A plain scalar alone needs an end of document.
            w.put("\n...");
        }
        _ => w.node(value, 0, false),
    }
    w.put("\n");
    w.out
}

/// Lines are folded after this column.
const WIDTH: usize = 80;

/// Longer keys are marked as such.
const LONGEST_KEY: usize = 126;

struct Writer {
    out: String,
    column: usize,
}

impl Writer {
    fn put(&mut self, text: &str) {
        self.out.push_str(text);
        match text.rfind('\n') {
            Some(i) => self.column = text.get(i + 1..).unwrap_or("").chars().count(),
            None => self.column += text.chars().count(),
        }
    }

    fn line(&mut self, indent: usize) {
        if !self.out.is_empty() {
            self.put("\n");
        }
        self.put(&" ".repeat(indent));
    }

    /// Writes a value at an indentation; `inline` when something already stands on its first line.
    fn node(&mut self, value: &Value, indent: usize, inline: bool) {
        match &value.kind {
            Kind::List(_, vs) | Kind::Set(_, vs) | Kind::Tuple(vs) if !vs.is_empty() => {
                for (i, v) in vs.iter().enumerate() {
                    if i > 0 || !inline {
                        self.line(indent);
                    }
                    self.put("- ");
                    self.node(v, indent + 2, true);
                }
            }
            Kind::Map(_, m) | Kind::Object(m) if !m.is_empty() => {
                for (i, (k, v)) in m.iter().enumerate() {
                    if i > 0 || !inline {
                        self.line(indent);
                    }
                    if k.contains('\n') || k.chars().count() > LONGEST_KEY {
                        // Such a key has its own line, and the value another.
                        self.put("? ");
                        self.scalar(&Value::string(k), indent);
                        self.line(indent);
                    } else {
                        self.quoted(k, None);
                    }
                    self.put(":");
                    self.entry(v, indent);
                }
            }
            _ => self.scalar(value, indent),
        }
    }

    /// A mapping's value: collections start on their own line, lists without further indentation.
    fn entry(&mut self, v: &Value, indent: usize) {
        match &v.kind {
            Kind::List(_, vs) | Kind::Set(_, vs) | Kind::Tuple(vs) if !vs.is_empty() => self.node(v, indent, false),
            Kind::Map(_, m) | Kind::Object(m) if !m.is_empty() => self.node(v, indent + 2, false),
            _ => {
                self.put(" ");
                self.scalar(v, indent + 2);
            }
        }
    }

    fn scalar(&mut self, value: &Value, indent: usize) {
        match &value.kind {
            Kind::Null(_) | Kind::Unknown(_) => self.put("null"),
            Kind::Bool(b) => self.put(if *b { "true" } else { "false" }),
            Kind::Number(n) => self.put(&n.to_string()),
            Kind::String(s) if s.contains('\n') && block_allowed(s) => self.block(s, indent.max(2)),
            Kind::String(s) => self.quoted(s, Some(indent.max(2))),
            Kind::List(..) | Kind::Set(..) | Kind::Tuple(_) => self.put("[]"),
            Kind::Map(..) | Kind::Object(_) => self.put("{}"),
        }
    }

    /// `|` and the text's lines, with notes on its first indentation and its last line breaks.
    fn block(&mut self, s: &str, indent: usize) {
        self.put("|");
        if s.starts_with([' ', '\n']) {
            self.put("2");
        }
        let body = s.strip_suffix('\n').unwrap_or(s);
        if !s.ends_with('\n') {
            self.put("-");
        } else if body.is_empty() || body.ends_with('\n') {
            self.put("+");
        }
        for line in body.split('\n') {
            self.put("\n");
            if !line.is_empty() {
                self.put(&" ".repeat(indent));
                self.put(line);
            }
        }
    }

    /// A double-quoted string; `fold` is the indentation of continuation lines, where those are allowed.
    fn quoted(&mut self, s: &str, fold: Option<usize>) {
        self.put("\"");
        let chars: Vec<char> = s.chars().collect();
        let mut after_space = false;
        for (i, c) in chars.iter().enumerate() {
            match (c, fold) {
                (' ', Some(indent)) if !after_space && self.column > WIDTH && i > 0 && i + 1 < chars.len() => {
                    self.put("\n");
                    self.put(&" ".repeat(indent));
                    if chars.get(i + 1) == Some(&' ') {
                        self.put("\\");
                    }
                    after_space = true;
                }
                (' ', _) => {
                    self.put(" ");
                    after_space = true;
                }
                (c, _) => {
                    self.put(&escaped(*c));
                    after_space = false;
                }
            }
        }
        self.put("\"");
    }
}

/// Whether a text can be a block: no space before a line break or at the end, nothing that needs escapes.
fn block_allowed(s: &str) -> bool {
    !s.contains(" \n") && !s.ends_with(' ') && s.chars().all(|c| c == '\n' || is_printable(c)) && !s.contains('\u{feff}')
}

fn is_printable(c: char) -> bool {
    // Characters beyond the basic plane are escaped too.
    matches!(c, ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}') && c != '\u{feff}'
}

fn escaped(c: char) -> String {
    match c {
        '"' => "\\\"".into(),
        '\\' => "\\\\".into(),
        '\0' => "\\0".into(),
        '\u{7}' => "\\a".into(),
        '\u{8}' => "\\b".into(),
        '\t' => "\\t".into(),
        '\n' => "\\n".into(),
        '\u{b}' => "\\v".into(),
        '\u{c}' => "\\f".into(),
        '\r' => "\\r".into(),
        '\u{1b}' => "\\e".into(),
        '\u{85}' => "\\N".into(),
        '\u{2028}' => "\\L".into(),
        '\u{2029}' => "\\P".into(),
        c if is_printable(c) => c.to_string(),
        c if (c as u32) < 0x100 => format!("\\x{:02X}", c as u32),
        c if (c as u32) < 0x10000 => format!("\\u{:04X}", c as u32),
        c => format!("\\U{:08X}", c as u32),
    }
}
