//! Templates from what `hcl::edit` parsed to the parts evaluation reads: strip markers trim the neighbouring text,
//! `<<-` heredocs lose their common indentation. Both work on lines of source text, as in Terraform.

use std::sync::Arc;

use hcl::edit::{
    Span as _,
    template::{Directive, Element, Strip, Template},
};

use super::{
    parse::Convert,
    syntax::{Node, Part},
};

/// One piece of a template, in source order. A literal holds at most one line.
pub enum Piece {
    Text(String),
    Value(Node),
    If(Node),
    Else,
    EndIf,
    For(Option<Arc<str>>, Arc<str>, Node),
    EndFor,
}

/// A piece with what its markers eat: `${~` trims before it, `~}` after it.
pub struct Marked {
    pub token: Piece,
    pub before: bool,
    pub after: bool,
}

impl Marked {
    pub fn plain(text: String) -> Marked {
        Marked { token: Piece::Text(text), before: false, after: false }
    }
}

impl Piece {
    /// The keyword that ends a directive, or divides it.
    pub fn name(&self) -> &'static str {
        match self {
            Piece::Else => "else",
            Piece::EndIf => "endif",
            Piece::EndFor => "endfor",
            _ => "",
        }
    }
}

/// How the text of literals is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Between quotes: with backslash escapes, and a literal is one piece however many lines it gives.
    Quoted,
    /// Heredocs and template files: only `$${` and `%%{` are escapes, and lines count.
    Raw,
}

impl Convert<'_> {
    /// The parts of a template; `flush` removes the common indentation.
    pub fn parts(&self, template: &Template, style: Style, flush: bool) -> Vec<Part> {
        let mut tokens = Vec::new();
        self.flatten(template, style, &mut tokens);
        trim(&mut tokens);
        if flush {
            dedent(&mut tokens);
        }
        let mut tokens = tokens.into_iter().map(|m| m.token);
        build(&mut tokens).0
    }

    fn flatten(&self, template: &Template, style: Style, out: &mut Vec<Marked>) {
        for element in template {
            match element {
                Element::Literal(text) => {
                    let raw = text.span().map_or(text.as_str(), |range| self.raw(range));
                    match style {
                        Style::Raw => out.extend(raw.split_inclusive('\n').map(|line| Marked::plain(unescape_markers(line)))),
                        Style::Quoted => out.push(Marked::plain(unescape(raw))),
                    }
                }
                Element::Interpolation(i) => out.push(marked(Piece::Value(self.node(&i.expr)), i.strip)),
                Element::Directive(directive) => self.flatten_directive(directive, style, out),
            }
        }
    }

    fn flatten_directive(&self, directive: &Directive, style: Style, out: &mut Vec<Marked>) {
        match directive {
            Directive::If(d) => {
                out.push(marked(Piece::If(self.node(&d.if_expr.cond_expr)), d.if_expr.strip));
                self.flatten(&d.if_expr.template, style, out);
                if let Some(e) = &d.else_expr {
                    out.push(marked(Piece::Else, e.strip));
                    self.flatten(&e.template, style, out);
                }
                out.push(marked(Piece::EndIf, d.endif_expr.strip));
            }
            Directive::For(d) => {
                let key = d.for_expr.key_var.as_ref().map(|k| Arc::from(k.as_str()));
                let value = Arc::from(d.for_expr.value_var.as_str());
                out.push(marked(Piece::For(key, value, self.node(&d.for_expr.collection_expr)), d.for_expr.strip));
                self.flatten(&d.for_expr.template, style, out);
                out.push(marked(Piece::EndFor, d.endfor_expr.strip));
            }
        }
    }
}

fn unescape_markers(text: &str) -> String {
    text.replace("$${", "${").replace("%%{", "%{")
}

/// The text of a quoted literal. The parser undoes escapes too, but not inside directives, so it is done here for all.
fn unescape(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(c) = rest.chars().next() {
        let escape = ["$${", "%%{", "\\n", "\\r", "\\t", "\\u", "\\U"].into_iter().find(|e| rest.starts_with(e));
        let (text, used) = match escape {
            Some(marker @ ("$${" | "%%{")) => (marker.get(1..).unwrap_or("").to_owned(), 3),
            Some("\\n") => ("\n".into(), 2),
            Some("\\r") => ("\r".into(), 2),
            Some("\\t") => ("\t".into(), 2),
            Some(unicode) => {
                let end = if unicode == "\\u" { 6 } else { 10 };
                let code = rest.get(2..end).and_then(|h| u32::from_str_radix(h, 16).ok()).and_then(char::from_u32);
                (code.map(String::from).unwrap_or_default(), end)
            }
            None if c == '\\' => {
                let next = rest.chars().nth(1);
                (next.map(String::from).unwrap_or_default(), 1 + next.map_or(0, char::len_utf8))
            }
            None => (c.to_string(), c.len_utf8()),
        };
        out.push_str(&text);
        rest = rest.get(used..).unwrap_or("");
    }
    out
}

fn marked(token: Piece, strip: Strip) -> Marked {
    let (before, after) = match strip {
        Strip::None => (false, false),
        Strip::Start => (true, false),
        Strip::End => (false, true),
        Strip::Both => (true, true),
    };
    Marked { token, before, after }
}

/// Applies the strip markers: each reaches over one literal, so at most to the next line break.
pub fn trim(tokens: &mut [Marked]) {
    for i in 0..tokens.len() {
        let (done, rest) = tokens.split_at_mut(i);
        let Some((current, rest)) = rest.split_first_mut() else { return };
        if let (true, Some(Marked { token: Piece::Text(text), .. })) = (current.before, done.last_mut()) {
            text.truncate(text.trim_end().len());
        }
        if let (true, Some(Marked { token: Piece::Text(text), .. })) = (current.after, rest.first_mut()) {
            *text = text.trim_start().to_owned();
        }
    }
}

/// Removes the indentation that all lines share; blank lines do not count, a line that starts with an interpolation has none.
pub fn dedent(tokens: &mut [Marked]) {
    let mut least = usize::MAX;
    let mut at_line_start = true;
    let mut starts = Vec::new();
    for (i, m) in tokens.iter().enumerate() {
        let was_start = std::mem::replace(&mut at_line_start, false);
        if let Piece::Text(text) = &m.token {
            at_line_start = text.ends_with('\n');
            let blank = text.trim_start().is_empty() && at_line_start;
            if was_start && !blank {
                starts.push(i);
                least = least.min(text.chars().take_while(|c| c.is_whitespace()).count());
            }
        } else if was_start {
            least = 0;
        }
    }
    for i in starts {
        if let Some(Marked { token: Piece::Text(text), .. }) = tokens.get_mut(i) {
            *text = text.chars().skip(least).collect();
        }
    }
}

enum End {
    Else,
    Close,
}

/// The tree of parts up to the token that ends the current directive; the parser has checked that they pair up.
fn build(tokens: &mut dyn Iterator<Item = Piece>) -> (Vec<Part>, End) {
    let mut parts = Vec::new();
    let mut text = String::new();
    while let Some(token) = tokens.next() {
        if !matches!(token, Piece::Text(_)) && !text.is_empty() {
            parts.push(Part::Text(Arc::from(std::mem::take(&mut text))));
        }
        match token {
            Piece::Text(t) => text.push_str(&t),
            Piece::Value(node) => parts.push(Part::Value(node)),
            Piece::If(cond) => {
                let (then, end) = build(tokens);
                let or = if matches!(end, End::Else) { build(tokens).0 } else { Vec::new() };
                parts.push(Part::If { cond, then, or });
            }
            Piece::For(key, value, collection) => {
                let body = build(tokens).0;
                parts.push(Part::For { key, value, collection, body });
            }
            Piece::Else => return (parts, End::Else),
            Piece::EndIf | Piece::EndFor => return (parts, End::Close),
        }
    }
    if !text.is_empty() {
        parts.push(Part::Text(Arc::from(text)));
    }
    (parts, End::Close)
}
