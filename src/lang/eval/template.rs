//! The text of templates: interpolations, and the `if` and `for` directives.

use std::sync::Arc;

use unicode_segmentation::UnicodeSegmentation;

use super::expr::{Bound, Env, eval, iterate};
use crate::{
    base::{Diagnostics, Kind, Marks, Type, Unknown, Value},
    lang::{
        convert::{convert, to_text},
        syntax::{Node, Part},
    },
};

/// The text of a string template.
pub(super) fn text(parts: &[Part], env: &Env, out: &mut Diagnostics) -> Value {
    let mut build = Build { text: String::new(), marks: Marks::NONE, unknown: false };
    template_parts(parts, &mut build, env, out);
    build.finish()
}

/// A text in the making. Once a part is unknown, what came before it is a certain prefix.
struct Build {
    text: String,
    marks: Marks,
    unknown: bool,
}

impl Build {
    fn push(&mut self, text: &str) {
        if !self.unknown {
            self.text.push_str(text);
        }
    }

    fn finish(self) -> Value {
        if !self.unknown {
            return Value::string(self.text).marked(self.marks);
        }
        let prefix = certain(&self.text);
        let prefix = (!prefix.is_empty()).then(|| Arc::from(prefix));
        Value::from(Kind::Unknown(Box::new(Unknown { ty: Type::String, not_null: true, prefix, length: (None, None) }))).marked(self.marks)
    }
}

/// The part of a text that stays as it is whatever follows: a letter at its end may yet combine with what comes next.
fn certain(text: &str) -> &str {
    match text.grapheme_indices(true).next_back() {
        Some((_, last)) if last.chars().all(|c| c.is_ascii_punctuation() || c == ' ') => text,
        Some((at, _)) => text.get(..at).unwrap_or(""),
        None => "",
    }
}

/// The text of a whole template, as `templatefile` needs it.
pub fn render_template(parts: &[Part], env: &Env, out: &mut Diagnostics) -> Value {
    // A template that is one interpolation alone gives that value as it is, as Terraform's does.
    if let [Part::Value(node)] = parts {
        return eval(node, env, out);
    }
    text(parts, env, out)
}

fn template_parts(parts: &[Part], build: &mut Build, env: &Env, out: &mut Diagnostics) {
    for part in parts {
        match part {
            Part::Text(text) => build.push(text),
            Part::Value(node) => interpolate(node, build, env, out),
            Part::If { cond, then, or } => template_if(cond, then, or, build, env, out),
            Part::For { key, value, collection, body } => {
                let whole = eval(collection, env, out);
                let (whole, marks) = whole.unmark();
                build.marks = build.marks.or(marks);
                let Some(pairs) = iterate(&whole, collection, "a 'for' expression", env, out) else {
                    build.unknown = true;
                    continue;
                };
                for (k, v) in pairs {
                    let outer = key.as_ref().map(|name| Bound { name, value: k, outer: env.bound });
                    let inner = Bound { name: value, value: v, outer: outer.as_ref().or(env.bound) };
                    template_parts(body, build, &env.bind(&inner), out);
                }
            }
        }
    }
}

fn interpolate(node: &Node, build: &mut Build, env: &Env, out: &mut Diagnostics) {
    let (value, marks) = eval(node, env, out).unmark();
    build.marks = build.marks.or(marks);
    let detail = match &value.kind {
        Kind::Null(_) => "The expression result is null. Cannot include a null value in a string template.".to_owned(),
        Kind::Unknown(u) => {
            if let Some(prefix) = u.prefix.as_deref() {
                build.push(prefix);
            }
            build.unknown = true;
            return;
        }
        _ => match to_text(&value) {
            Some(text) => return build.push(&text),
            None => "Cannot include the given value in a string template: string required.".to_owned(),
        },
    };
    out.push(env.error(node, env.span(node), "invalid-template-value", "Invalid template interpolation value", detail));
    build.unknown = true;
}

fn template_if(cond: &Node, then: &[Part], or: &[Part], build: &mut Build, env: &Env, out: &mut Diagnostics) {
    let (value, marks) = eval(cond, env, out).unmark();
    build.marks = build.marks.or(marks);
    match convert(&value, &Type::Bool).map(|v| v.kind) {
        Ok(Kind::Bool(true)) => template_parts(then, build, env, out),
        Ok(Kind::Bool(false)) => template_parts(or, build, env, out),
        Ok(Kind::Unknown(_)) => build.unknown = true,
        Ok(_) => {
            let detail = "The condition value is null. Conditions must either be true or false.";
            out.push(env.error(cond, env.span(cond), "null-condition", "Null condition", detail));
            build.unknown = true;
        }
        Err(_) => {
            let detail = "The condition expression must be of type bool.";
            out.push(env.error(cond, env.span(cond), "incorrect-condition-type", "Incorrect condition type", detail));
            build.unknown = true;
        }
    }
}
