//! Arguments and blocks.

use std::sync::Arc;

use super::{
    Parser,
    scan::{Kind, Token},
};
use crate::{
    base::Span,
    lang::{
        blueprint::{Attribute, Block, Body, Expr},
        parse::redefined,
    },
};

/// The blocks that stand at the top of a file.
const TOP: [&str; 13] =
    ["resource", "data", "ephemeral", "variable", "output", "locals", "module", "provider", "terraform", "moved", "import", "removed", "check"];

const REQUIRED: &str = "An argument or block definition is required here.";

impl Parser<'_> {
    /// The items up to the token that ends the body, which is read too. `span` is where the body is said to be.
    pub(super) fn body(&mut self, end: Kind, span: Span) -> Body {
        let mut body = Body::empty(span);
        let open = self.previous();
        let errors = self.errors();
        loop {
            let next = self.peek();
            match next.kind {
                kind if kind == end => {
                    self.read();
                    return body;
                }
                Kind::Newline => drop(self.read()),
                Kind::Ident if self.splits && end == Kind::CBrace && self.at_top_block(next) => {
                    self.unclosed(open);
                    self.recovery = false;
                    return body;
                }
                Kind::Ident => self.item(&mut body),
                _ if end == Kind::Eof && next.kind != Kind::Eof => {
                    // Between the blocks of a file a line that is none hides nothing.
                    self.not_an_item(next, end, open);
                    self.next_item();
                }
                _ => {
                    let bad = self.read();
                    // A mistake within may have swallowed the brace.
                    self.recovery |= bad.kind == Kind::Eof && self.errors() > errors;
                    self.not_an_item(bad, end, open);
                    self.recover(end);
                    return body;
                }
            }
        }
    }

    fn not_an_item(&mut self, bad: Token, end: Kind, open: Token) {
        if self.recovery {
            return;
        }
        match bad.kind {
            Kind::OQuote => self.error("invalid-argument-name", "Invalid argument name", "Argument names must not be quoted.", bad),
            Kind::Eof if end == Kind::CBrace => self.unclosed(open),
            _ => self.error("argument-or-block-required", "Argument or block definition required", REQUIRED, bad),
        }
    }

    fn unclosed(&mut self, open: Token) {
        let detail =
            "There is no closing brace for this block before the end of the file. This may be caused by incorrect brace nesting elsewhere in this file.";
        self.error("unclosed-block", "Unclosed configuration block", detail, open);
    }

    /// Whether a block that stands at the top of a file begins here: unindented, with a label or a brace after its word.
    fn at_top_block(&self, word: Token) -> bool {
        let at_line_start = word.start == 0 || self.text.as_bytes().get(word.start as usize - 1) == Some(&b'\n');
        let next = self.text.get(word.end as usize..).map(|t| t.trim_start_matches([' ', '\t'])).unwrap_or("");
        at_line_start && TOP.contains(&self.words(word)) && next.starts_with(['"', '{'])
    }

    fn item(&mut self, body: &mut Body) {
        let name = self.read();
        match self.peek().kind {
            Kind::Equal => {
                let attribute = self.attribute(name, false);
                self.add(attribute, body);
            }
            Kind::OQuote | Kind::OBrace | Kind::Ident => {
                if let Some(block) = self.block(name) {
                    body.blocks.push(block);
                }
            }
            _ => {
                self.lacks_value(name);
                self.next_item();
            }
        }
    }

    fn lacks_value(&mut self, name: Token) {
        let detail = format!("{REQUIRED} To set an argument, use the equals sign \"=\" to introduce the argument value.");
        self.error("argument-or-block-required", "Argument or block definition required", &detail, name);
    }

    fn add(&mut self, attribute: Attribute, body: &mut Body) {
        if let Some(first) = body.attrs.get(&attribute.name) {
            let place = self.named((first.name_span.start, first.name_span.end));
            let d = redefined(&attribute, first.name_span, &place);
            self.found.push(d);
        } else {
            body.attrs.insert(attribute.name.clone(), attribute);
        }
    }

    /// Skips to the line after the one on which the broken item ends; the items that follow are judged anew.
    fn next_item(&mut self) {
        let mut open: Vec<Kind> = Vec::new();
        loop {
            let token = self.read();
            let opener = match token.kind {
                Kind::Newline if open.is_empty() => break,
                // Nothing follows: what is still open now is so by the same mistake.
                Kind::Eof => return self.recovery = true,
                Kind::OBrace | Kind::OBrack | Kind::OParen | Kind::OQuote | Kind::OHeredoc | Kind::Interp => {
                    open.push(token.kind);
                    continue;
                }
                Kind::Control => {
                    open.push(Kind::Interp);
                    continue;
                }
                Kind::CBrace => Kind::OBrace,
                Kind::CBrack => Kind::OBrack,
                Kind::CParen => Kind::OParen,
                Kind::CQuote => Kind::OQuote,
                Kind::CHeredoc => Kind::OHeredoc,
                Kind::SeqEnd => Kind::Interp,
                _ => continue,
            };
            match open.iter().rposition(|k| *k == opener) {
                Some(at) => open.truncate(at),
                None => open.clear(),
            }
        }
        self.recovery = false;
    }

    /// An argument whose name was read; `single` in a block on one line, which has no line break after it.
    fn attribute(&mut self, name: Token, single: bool) -> Attribute {
        self.read();
        let errors = self.errors();
        let node = self.expression();
        let broken = self.errors() > errors;
        if self.recovery && broken {
            if !single {
                self.next_item();
            }
        } else if !single {
            let end = self.peek();
            if matches!(end.kind, Kind::Newline | Kind::Eof) {
                self.read();
            } else {
                let (summary, detail) = match end.kind {
                    Kind::Comma => (
                        "Unexpected comma after argument",
                        "Argument definitions must be separated by newlines, not commas. An argument definition must end with a newline.",
                    ),
                    _ => ("Missing newline after argument", "An argument definition must end with a newline."),
                };
                if !self.recovery {
                    self.error("missing-newline", summary, detail, end);
                }
                self.next_item();
            }
        }
        let span = self.span(node.start, node.end);
        let name_span = self.span(name.start, name.end);
        // A broken value keeps its place, so that nobody misses the argument too.
        let node = if broken { self.placeholder(Token { kind: Kind::Ident, start: node.start, end: node.end }) } else { node };
        Attribute { name: self.words(name).to_owned(), name_span, expr: Expr { node: Arc::new(node), span } }
    }

    fn block(&mut self, kind: Token) -> Option<Block> {
        let mut labels = Vec::new();
        let mut header = kind;
        loop {
            let token = self.peek();
            match token.kind {
                Kind::OBrace => {
                    self.read();
                    break;
                }
                Kind::OQuote => labels.push(self.label()),
                Kind::Ident => {
                    self.read();
                    labels.push(self.words(token).to_owned());
                }
                other => {
                    let detail = match other {
                        Kind::Equal => "The equals sign \"=\" indicates an argument definition, and must not be used when defining a block.",
                        Kind::Newline => {
                            "A block definition must have block content delimited by \"{\" and \"}\", starting on the same line as the block header."
                        }
                        _ => "Either a quoted string block label or an opening brace (\"{\") is expected here.",
                    };
                    self.error("invalid-block", "Invalid block definition", detail, token);
                    self.next_item();
                    return None;
                }
            }
            header = self.previous();
        }
        let span = self.span(kind.start, header.end);
        let brace = self.previous();
        let body = self.block_body(self.span(brace.start, brace.end));
        let line_end = self.peek();
        if self.splits && self.previous().kind == Kind::Newline {
            // It was ended by the block that follows.
        } else if matches!(line_end.kind, Kind::Newline | Kind::Eof) {
            self.read();
        } else {
            if !self.recovery {
                self.error("missing-newline", "Missing newline after block definition", "A block definition must end with a newline.", line_end);
            }
            self.next_item();
        }
        Some(Block { kind: self.words(kind).to_owned(), labels, body, span })
    }

    fn block_body(&mut self, span: Span) -> Body {
        if !self.enter() {
            self.recover(Kind::CBrace);
            self.leave();
            return Body::empty(span);
        }
        let body = match self.peek().kind {
            Kind::Newline | Kind::Eof | Kind::CBrace => self.body(Kind::CBrace, span),
            _ => self.single_line(span),
        };
        self.leave();
        body
    }

    /// The body of a block on one line, which holds one argument at most.
    fn single_line(&mut self, span: Span) -> Body {
        let mut body = Body::empty(span);
        let name = self.read();
        match (name.kind, self.peek().kind) {
            (Kind::Ident, Kind::Equal) => {
                let attribute = self.attribute(name, true);
                self.add(attribute, &mut body);
            }
            (Kind::Ident, Kind::OQuote | Kind::OBrace | Kind::Ident) => {
                let detail = format!(
                    "A single-line block definition can contain only a single argument. If you meant to define argument {:?}, use an equals sign to assign it a \
                     value. To define a nested block, place it on a line of its own within its parent block.",
                    self.words(name)
                );
                self.error("argument-required", "Argument definition required", &detail, name);
                self.recovery = true;
            }
            (Kind::Ident, _) => {
                self.lacks_value(name);
                self.recovery = true;
            }
            _ => {
                self.error("argument-or-block-required", "Argument or block definition required", REQUIRED, name);
                self.recovery = true;
            }
        }
        let next = self.peek();
        let detail = match next.kind {
            Kind::CBrace => {
                self.read();
                return body;
            }
            Kind::Comma => {
                "Single-line block syntax can include only one argument definition. To define multiple arguments, use the multi-line block syntax with one argument \
                 definition per line."
            }
            Kind::Newline => {
                "An argument definition on the same line as its containing block creates a single-line block definition, which must also be closed on the same line. \
                 Place the block's closing brace immediately after the argument definition."
            }
            _ => "A single-line block definition must end with a closing brace immediately after its single argument definition.",
        };
        if !self.recovery {
            self.error("invalid-block", "Invalid single-argument block definition", detail, next);
        }
        self.recover(Kind::CBrace);
        body
    }

    /// A quoted label: text without interpolations.
    fn label(&mut self) -> String {
        self.read();
        let mut out = String::new();
        loop {
            let token = self.read();
            match token.kind {
                Kind::CQuote => return out,
                Kind::QuotedText => out.push_str(&self.unescape(token)),
                Kind::Interp | Kind::Control => {
                    if !self.recovery {
                        let sign = if token.kind == Kind::Interp { "$" } else { "%" };
                        let detail = format!(
                            "Template sequences are not allowed in this string. To include a literal {sign:?}, double it (as \"{sign}{sign}\") to escape it."
                        );
                        self.error("invalid-string", "Invalid string literal", &detail, token);
                    }
                    self.recover(Kind::SeqEnd);
                }
                _ if self.breaks_string(token) => return out,
                _ => {
                    if !self.recovery && token.kind != Kind::Invalid {
                        let detail = "Unable to find the closing quote mark before the end of the file.";
                        self.error("unterminated-string", "Unterminated string literal", detail, token);
                    }
                    if token.kind == Kind::Eof {
                        return out;
                    }
                    self.recovery = true;
                }
            }
        }
    }
}
