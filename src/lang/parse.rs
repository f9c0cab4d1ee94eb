//! Text to syntax: `hcl::edit` parses, [`Convert`] turns its tree into ours. What it refuses, or would read otherwise than
//! Terraform, is read by [`super::grammar`], which goes on after mistakes.

use std::{collections::BTreeMap, ops::Range, sync::Arc};

use hcl::edit::{
    Span as _,
    expr::{BinaryOperator, Expression, ForExpr, FuncCall, ObjectKey, Traversal as HclTraversal, TraversalOperator, UnaryOperator},
    parser,
    structure::{Body as HclBody, Structure},
};

use super::{
    blueprint::{Attribute, Block, Body, Expr},
    grammar,
    syntax::{Binary, BinaryOp, Call, Conditional, For, Node, NodeKind, Part, Step, StepKind, Traversal, UnaryOp},
    template::Style,
};
use crate::base::{Diagnostic, Diagnostics, FileId, Number, Span, Type, Value};

/// A file's text as a body. Syntax errors are reported, and what can be understood is returned. `name` is what messages call the file.
pub fn parse_named(file: FileId, name: &str, text: &str, diags: &mut Diagnostics) -> Body {
    let from = bom(text);
    let whole = Span::new(file, from, text.len());
    if reads_alike(text)
        && let Ok(body) = parser::parse_body(&text[from..])
        && let Some(body) = Convert::plain(file, text, from).body(&body, whole)
    {
        return body;
    }
    grammar::parse_body(file, name, text, from, diags)
}

/// [`parse_named`], for text without a name.
pub fn parse_body(file: FileId, text: &str, diags: &mut Diagnostics) -> Body {
    parse_named(file, "", text, diags)
}

/// A file's text as each of the two parsers reads it: they must agree wherever the first one is asked.
pub fn readings(text: &str) -> (Option<Body>, (Body, Diagnostics)) {
    let (file, from) = (FileId(0), bom(text));
    let first = parser::parse_body(&text[from..]).ok().filter(|_| reads_alike(text));
    let first = first.and_then(|body| Convert::plain(file, text, from).body(&body, Span::new(file, from, text.len())));
    let mut diags = Diagnostics::default();
    let second = grammar::parse_body(file, "", text, from, &mut diags);
    (first, (second, diags))
}

/// A single expression, as given to `-var` or written in JSON syntax.
pub fn parse_expr(file: FileId, text: &str, diags: &mut Diagnostics) -> Option<Expr> {
    let trimmed = text.trim();
    let base = text.len() - text.trim_start().len();
    match parser::parse_expr(trimmed) {
        Ok(node) if reads_alike(text) => Some(Convert::plain(file, text, base).expr(&node)),
        _ => grammar::parse_expr(file, text, diags),
    }
}

/// A whole text as a template; an error carries the byte offset and what is wrong.
pub fn parse_template(file: FileId, name: &str, text: &str) -> Result<Vec<Part>, (usize, Diagnostic)> {
    if reads_alike(text)
        && let Ok(template) = parser::parse_template(text)
    {
        return Ok(Convert::plain(file, text, 0).parts(&template, Style::Raw, false));
    }
    let mut diags = Diagnostics::default();
    match grammar::parse_template(file, name, text, &mut diags) {
        Some(parts) => Ok(parts),
        None => {
            let d = diags.items.into_iter().find(Diagnostic::is_error);
            let d = d.unwrap_or_else(|| Diagnostic::error("invalid-template", "Invalid template", "The template cannot be read."));
            Err((d.span.map_or(0, |s| s.start as usize), d))
        }
    }
}

/// Whether `hcl::edit`, where it accepts a text, reads it as Terraform does: not with heredocs, whose end it may look for too
/// far down, nor with two old-style indexes after each other, which Terraform refuses.
fn reads_alike(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digit = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_digit);
    let two_indexes = |at: usize| {
        let next = (at + 1..).find(|i| !digit(*i)).unwrap_or(at);
        next > at + 1 && bytes.get(next) == Some(&b'.') && digit(next + 1)
    };
    !text.contains("<<") && !bytes.iter().enumerate().any(|(i, b)| *b == b'.' && digit(i + 1) && two_indexes(i))
}

/// An argument that a body has twice.
pub fn redefined(again: &Attribute, first: Span, place: &str) -> Diagnostic {
    let detail = format!("The argument {:?} was already set at {place}. Each argument may be set only once.", again.name);
    Diagnostic::error("attribute-redefined", "Attribute redefined", detail).at(again.name_span).also(first, "first set here")
}

/// A template that is a value's whole text, as in JSON strings: one interpolation alone yields its value as it is.
pub fn template_node(parts: Vec<Part>, start: u32, end: u32) -> Node {
    let kind = match <[Part; 1]>::try_from(parts) {
        Ok([Part::Value(node)]) => NodeKind::Wrap(Box::new(node)),
        Ok([Part::Text(text)]) => NodeKind::Literal(Value::string(text)),
        Ok([part]) => NodeKind::Template(vec![part]),
        Err(parts) if parts.is_empty() => NodeKind::Literal(Value::string("")),
        Err(parts) => NodeKind::Template(parts),
    };
    Node::new(kind, start, end)
}

/// Bytes of a byte order mark, which is no part of the language.
pub fn bom(text: &str) -> usize {
    if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 }
}

/// Turns the parser's tree into ours: offsets become absolute in the file.
pub struct Convert<'t> {
    file: FileId,
    /// The whole file.
    text: &'t str,
    /// Where the parsed piece starts in it.
    base: usize,
}

impl<'t> Convert<'t> {
    pub fn plain(file: FileId, text: &'t str, base: usize) -> Convert<'t> {
        Convert { file, text, base }
    }

    fn offset(&self, at: usize) -> usize {
        self.base + at
    }

    fn range(&self, range: Option<Range<usize>>) -> (u32, u32) {
        range.map_or((0, 0), |r| (self.offset(r.start) as u32, self.offset(r.end) as u32))
    }

    fn span(&self, range: Option<Range<usize>>) -> Span {
        let (start, end) = self.range(range);
        Span { file: self.file, start, end }
    }

    /// The source text of a parsed range.
    pub fn raw(&self, range: Range<usize>) -> &'t str {
        self.text.get(self.offset(range.start)..self.offset(range.end)).unwrap_or("")
    }

    /// The brace that opens a block, behind its header.
    fn brace(&self, header: Span) -> Span {
        let behind = self.text.get(header.end as usize..).unwrap_or("");
        let mut at = 0;
        while let Some(rest) = behind.get(at..) {
            let blank = rest.len() - rest.trim_start().len();
            let comment = rest.trim_start().strip_prefix("/*").and_then(|c| c.find("*/")).map_or(0, |i| i + 4);
            at += blank + comment;
            if blank + comment == 0 {
                break;
            }
        }
        let start = header.end as usize + at;
        Span::new(self.file, start, start + usize::from(behind.get(at..).is_some_and(|r| r.starts_with('{'))))
    }

    /// The body; `None` when it is not one that Terraform takes.
    pub fn body(&self, body: &HclBody, span: Span) -> Option<Body> {
        let mut out = Body::empty(span);
        for structure in body {
            match structure {
                Structure::Attribute(a) => {
                    let name = a.key.as_str().to_owned();
                    let attribute = Attribute { name: name.clone(), name_span: self.span(a.key.span()), expr: self.expr(&a.value) };
                    if out.attrs.insert(name, attribute).is_some() {
                        return None;
                    }
                }
                Structure::Block(b) => {
                    let header = self.span(b.ident.span());
                    let header = b.labels.last().map_or(header, |l| header.to(self.span(l.span())));
                    out.blocks.push(Block {
                        kind: b.ident.as_str().to_owned(),
                        labels: b.labels.iter().map(|l| l.as_str().to_owned()).collect(),
                        body: self.body(&b.body, self.brace(header))?,
                        span: header,
                    });
                }
            }
        }
        Some(out)
    }

    pub fn expr(&self, e: &Expression) -> Expr {
        let node = self.node(e);
        let span = Span { file: self.file, start: node.start, end: node.end };
        Expr { node: Arc::new(node), span }
    }

    pub fn node(&self, e: &Expression) -> Node {
        let (start, end) = self.range(e.span());
        let kind = match e {
            Expression::Null(_) => NodeKind::Literal(Value::null(Type::Any)),
            Expression::Bool(b) => NodeKind::Literal(Value::bool(*b.value())),
            Expression::Number(n) => {
                let raw = e.span().map_or("", |r| self.raw(r));
                match raw.strip_prefix('-') {
                    // The sign is an operator on what follows it.
                    Some(digits) => {
                        let at = start + 1 + (digits.len() - digits.trim_start().len()) as u32;
                        let digits = self.number(digits.trim(), n.value().to_string().trim_start_matches('-'));
                        NodeKind::Unary(UnaryOp::Neg, Box::new(Node::literal(digits, at, end)))
                    }
                    None => NodeKind::Literal(self.number(raw, &n.value().to_string())),
                }
            }
            Expression::String(s) => NodeKind::Literal(Value::string(s.value())),
            Expression::Array(items) => NodeKind::Tuple(items.iter().map(|i| self.node(i)).collect()),
            Expression::Object(items) => NodeKind::Object(items.iter().map(|(k, v)| (self.key(k), self.node(v.expr()))).collect()),
            Expression::StringTemplate(t) => return template_node(self.parts(t, Style::Quoted, false), start, end),
            Expression::HeredocTemplate(t) => {
                let parts = self.parts(&t.template, Style::Raw, self.flushes(e.span()));
                match <[Part; 1]>::try_from(parts) {
                    Ok([Part::Text(text)]) => NodeKind::Literal(Value::string(text)),
                    Ok(part) => NodeKind::Template(part.into()),
                    Err(parts) if parts.is_empty() => NodeKind::Literal(Value::string("")),
                    Err(parts) => NodeKind::Template(parts),
                }
            }
            Expression::Parenthesis(p) => NodeKind::Paren(Box::new(self.node(p.inner()))),
            Expression::Variable(name) => NodeKind::Root(Arc::from(name.as_str())),
            Expression::Conditional(c) => {
                NodeKind::Conditional(Box::new(Conditional { cond: self.node(&c.cond_expr), then: self.node(&c.true_expr), or: self.node(&c.false_expr) }))
            }
            Expression::FuncCall(c) => NodeKind::Call(Box::new(self.call(c))),
            Expression::Traversal(t) => NodeKind::Traversal(Box::new(self.traversal(t))),
            Expression::UnaryOp(u) => {
                let op = if matches!(u.operator.value(), UnaryOperator::Neg) { UnaryOp::Neg } else { UnaryOp::Not };
                NodeKind::Unary(op, Box::new(self.node(&u.expr)))
            }
            Expression::BinaryOp(b) => {
                let op = binary_op(*b.operator.value());
                NodeKind::Binary(Box::new(Binary { op, left: self.node(&b.lhs_expr), right: self.node(&b.rhs_expr) }))
            }
            Expression::ForExpr(f) => NodeKind::For(Box::new(self.for_expr(f))),
        };
        Node::new(kind, start, end)
    }

    /// The number as written, since the parser keeps only what a double holds.
    fn number(&self, raw: &str, fallback: &str) -> Value {
        super::convert::parse_number(raw).or_else(|| Number::parse(fallback)).map_or(Value::null(Type::Number), Value::number)
    }

    /// Whether a heredoc was opened with `<<-`.
    fn flushes(&self, range: Option<Range<usize>>) -> bool {
        range.is_some_and(|r| self.raw(r).starts_with("<<-"))
    }

    fn key(&self, key: &ObjectKey) -> Node {
        match key {
            ObjectKey::Expression(Expression::Null(_)) => {
                let (start, end) = self.range(key.span());
                Node::literal(Value::string("null"), start, end)
            }
            ObjectKey::Expression(e) => self.node(e),
            ObjectKey::Ident(name) => {
                let (start, end) = self.range(name.span());
                Node::literal(Value::string(name.as_str()), start, end)
            }
        }
    }

    fn call(&self, c: &FuncCall) -> Call {
        let mut name = String::new();
        for part in &c.name.namespace {
            name.push_str(part.as_str());
            name.push_str("::");
        }
        name.push_str(c.name.name.as_str());
        let first = c.name.namespace.first().unwrap_or(&c.name.name);
        let (name_start, _) = self.range(first.span());
        let (_, name_end) = self.range(c.name.name.span());
        Call { name: Arc::from(name), name_start, name_end, args: c.args.iter().map(|a| self.node(a)).collect(), expand: c.args.expand_final() }
    }

    fn traversal(&self, t: &HclTraversal) -> Traversal {
        let steps = t.operators.iter().map(|op| {
            let (start, end) = self.range(op.span());
            let kind = match op.value() {
                TraversalOperator::AttrSplat(_) => StepKind::AttrSplat,
                TraversalOperator::FullSplat(_) => StepKind::FullSplat,
                TraversalOperator::GetAttr(name) => StepKind::Attr(Arc::from(name.as_str())),
                TraversalOperator::Index(key) => StepKind::Index(self.node(key)),
                TraversalOperator::LegacyIndex(n) => StepKind::LegacyIndex(*n.value()),
            };
            Step { kind, start, end }
        });
        Traversal { on: self.node(&t.expr), steps: steps.collect() }
    }

    fn for_expr(&self, f: &ForExpr) -> For {
        For {
            key_var: f.intro.key_var.as_ref().map(|k| Arc::from(k.as_str())),
            value_var: Arc::from(f.intro.value_var.as_str()),
            collection: self.node(&f.intro.collection_expr),
            key: f.key_expr.as_ref().map(|k| self.node(k)),
            value: self.node(&f.value_expr),
            group: f.grouping,
            cond: f.cond.as_ref().map(|c| self.node(&c.expr)),
        }
    }
}

fn binary_op(op: BinaryOperator) -> BinaryOp {
    match op {
        BinaryOperator::Eq => BinaryOp::Eq,
        BinaryOperator::NotEq => BinaryOp::NotEq,
        BinaryOperator::LessEq => BinaryOp::LessEq,
        BinaryOperator::GreaterEq => BinaryOp::GreaterEq,
        BinaryOperator::Less => BinaryOp::Less,
        BinaryOperator::Greater => BinaryOp::Greater,
        BinaryOperator::Plus => BinaryOp::Add,
        BinaryOperator::Minus => BinaryOp::Sub,
        BinaryOperator::Mul => BinaryOp::Mul,
        BinaryOperator::Div => BinaryOp::Div,
        BinaryOperator::Mod => BinaryOp::Rem,
        BinaryOperator::And => BinaryOp::And,
        BinaryOperator::Or => BinaryOp::Or,
    }
}

/// The attributes of a body in writing order.
pub fn in_order(attrs: &BTreeMap<String, Attribute>) -> Vec<&Attribute> {
    let mut all: Vec<&Attribute> = attrs.values().collect();
    all.sort_by_key(|a| a.name_span);
    all
}
