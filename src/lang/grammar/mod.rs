//! A parser of the language that goes on after a mistake, and says what is wrong as Terraform does, at the same places. It reads
//! what `hcl::edit` refuses, or would read otherwise: see [`super::parse`].

mod body;
mod expr;
mod scan;
mod template;

use self::scan::{Kind, Mode, Token};
use super::{
    blueprint::{Body, Expr},
    syntax::{Node, Part},
};
use crate::base::{Diagnostic, Diagnostics, FileId, Span};

/// Expressions and blocks may be nested this deep.
const MAX_DEPTH: usize = 100;

/// Operators that one chain may hold.
const MAX_CHAIN: usize = 500;

/// A file's text as a body, from a byte on; mistakes are reported, and what can be understood is returned.
pub fn parse_body(file: FileId, name: &str, text: &str, from: usize, diags: &mut Diagnostics) -> Body {
    let whole = Span::new(file, from, text.len());
    let mut p = Parser::new(file, name, text, from, Mode::Normal, true);
    let mut body = p.body(Kind::Eof, whole);
    if p.found.items.iter().any(|d| d.code == "unclosed-block") {
        // What follows the missing brace was taken for its content. Blocks that look like the top of a file end it instead.
        let mut split = Parser { splits: true, ..Parser::new(file, name, text, from, Mode::Normal, true) };
        let better = split.body(Kind::Eof, whole);
        if split.found.has_errors() {
            (p, body) = (split, better);
        }
    }
    p.finish(diags);
    body
}

/// A single expression; `None` after a mistake.
pub fn parse_expr(file: FileId, text: &str, diags: &mut Diagnostics) -> Option<Expr> {
    expr_in(file, "", text, diags)
}

/// What was entered into a console; `None` after a mistake.
pub fn parse_input(file: FileId, text: &str, diags: &mut Diagnostics) -> Option<Expr> {
    expr_in(file, "<console-input>", text, diags)
}

fn expr_in(file: FileId, name: &str, text: &str, diags: &mut Diagnostics) -> Option<Expr> {
    let mut p = Parser::new(file, name, text, 0, Mode::Normal, false);
    let node = p.expression();
    let next = p.peek();
    if next.kind != Kind::Eof && !p.recovery {
        p.error(
            "extra-characters",
            "Extra characters after expression",
            "An expression was successfully parsed, but extra characters were found after it.",
            next,
        );
    }
    let good = !p.found.has_errors();
    p.finish(diags);
    let span = Span { file, start: node.start, end: node.end };
    good.then(|| Expr { node: std::sync::Arc::new(node), span })
}

/// A whole text as a template.
pub fn parse_template(file: FileId, name: &str, text: &str, diags: &mut Diagnostics) -> Option<Vec<Part>> {
    let mut p = Parser::new(file, name, text, 0, Mode::Heredoc, false);
    let parts = p.template(Kind::Eof, false);
    let good = !p.found.has_errors();
    p.finish(diags);
    good.then_some(parts)
}

struct Parser<'t> {
    file: FileId,
    /// What messages call the file.
    name: &'t str,
    text: &'t str,
    tokens: Vec<Token>,
    at: usize,
    /// Whether line breaks count, innermost last.
    lines: Vec<bool>,
    /// A mistake may have left the parser at an odd place, so that what looks missing may be a consequence.
    recovery: bool,
    depth: usize,
    /// Whether a block at the start of a line ends the one that is still open.
    splits: bool,
    found: Diagnostics,
}

impl<'t> Parser<'t> {
    fn new(file: FileId, name: &'t str, text: &'t str, from: usize, mode: Mode, lines: bool) -> Parser<'t> {
        let tokens = scan::scan(text, from, mode);
        let mut p = Parser { file, name, text, tokens, at: 0, lines: vec![lines], recovery: false, depth: 0, splits: false, found: Diagnostics::default() };
        p.invalid_tokens();
        p
    }

    fn finish(self, diags: &mut Diagnostics) {
        let mut found = self.found;
        // In reading order, as the parser tells some things after what comes later.
        found.items.sort_by_key(|d| d.span.map(|s| s.start));
        diags.extend(found);
    }

    fn significant(&self, token: &Token) -> bool {
        match token.kind {
            Kind::Comment => false,
            // A comment that ends a line stands for the line's end.
            Kind::LineComment | Kind::Newline => self.lines.last() == Some(&true),
            _ => true,
        }
    }

    fn place(&self) -> usize {
        let skipped = self.tokens.iter().skip(self.at).take_while(|t| !self.significant(t)).count();
        (self.at + skipped).min(self.tokens.len().saturating_sub(1))
    }

    fn peek(&self) -> Token {
        let token = self.tokens.get(self.place()).copied().unwrap_or(Token { kind: Kind::Eof, start: 0, end: 0 });
        if token.kind == Kind::LineComment { Token { kind: Kind::Newline, ..token } } else { token }
    }

    fn read(&mut self) -> Token {
        let token = self.peek();
        self.at = (self.place() + 1).min(self.tokens.len());
        if token.kind == Kind::Eof {
            self.at = self.tokens.len().saturating_sub(1);
        }
        token
    }

    /// The token read last.
    fn previous(&self) -> Token {
        self.at.checked_sub(1).and_then(|i| self.tokens.get(i)).copied().unwrap_or(Token { kind: Kind::Eof, start: 0, end: 0 })
    }

    fn words(&self, token: Token) -> &'t str {
        self.text.get(token.start as usize..token.end as usize).unwrap_or("")
    }

    fn is_word(&self, token: Token, word: &str) -> bool {
        token.kind == Kind::Ident && self.words(token) == word
    }

    fn span(&self, start: u32, end: u32) -> Span {
        Span { file: self.file, start, end }
    }

    fn error(&mut self, code: &'static str, summary: &str, detail: &str, at: Token) {
        self.error_at(code, summary, detail, at.start, at.end);
    }

    fn error_at(&mut self, code: &'static str, summary: &str, detail: &str, start: u32, end: u32) {
        let span = self.span(start, end);
        self.found.push(Diagnostic::error(code, summary, detail).at(span));
    }

    /// Reads on to the end of what is open: behind the token that closes it.
    fn recover(&mut self, end: Kind) -> Token {
        self.recovery = true;
        let opens = |kind: Kind| match end {
            Kind::CBrace => kind == Kind::OBrace,
            Kind::CBrack => kind == Kind::OBrack,
            Kind::CParen => kind == Kind::OParen,
            Kind::CQuote => kind == Kind::OQuote,
            Kind::CHeredoc => kind == Kind::OHeredoc,
            Kind::SeqEnd => matches!(kind, Kind::Interp | Kind::Control),
            _ => false,
        };
        let mut nested = 0usize;
        loop {
            let token = self.read();
            if token.kind == Kind::Eof || self.breaks_string(token) {
                return token;
            } else if opens(token.kind) {
                nested += 1;
            } else if token.kind == end {
                if nested == 0 {
                    return token;
                }
                nested -= 1;
            }
        }
    }

    /// A line break in a quoted string, which was told of already: nothing that is open goes on behind it.
    fn breaks_string(&self, token: Token) -> bool {
        token.kind == Kind::Invalid && self.words(token).starts_with(['\n', '\r'])
    }

    /// Enters a nested construct; `false`, with a diagnostic, when it is too deep.
    fn enter(&mut self) -> bool {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            if !self.recovery {
                let at = self.peek();
                let detail = format!("Expressions and blocks may be nested at most {MAX_DEPTH} levels deep.");
                self.error("nested-too-deeply", "Expression nested too deeply", &detail, at);
            }
            self.recovery = true;
        }
        self.depth <= MAX_DEPTH
    }

    fn leave(&mut self) {
        self.depth -= 1;
    }

    /// Mistakes found so far; warnings leave what they are about intact.
    fn errors(&self) -> usize {
        self.found.items.iter().filter(|d| d.is_error()).count()
    }

    /// What stands where no expression could be read.
    fn placeholder(&self, token: Token) -> Node {
        Node::literal(crate::base::Value::unknown(crate::base::Type::Any), token.start, token.end)
    }

    /// Tells of characters that the language has no use for, each kind once.
    fn invalid_tokens(&mut self) {
        let mut told = std::collections::BTreeSet::new();
        for token in self.tokens.clone() {
            let Kind::Invalid = token.kind else { continue };
            let text = self.words(token);
            let (code, summary, detail) = match text {
                "&" => ("unsupported-operator", "Unsupported operator", "Bitwise operators are not supported. Did you mean boolean AND (\"&&\")?"),
                "|" => ("unsupported-operator", "Unsupported operator", "Bitwise operators are not supported. Did you mean boolean OR (\"||\")?"),
                "~" => ("unsupported-operator", "Unsupported operator", "Bitwise operators are not supported. Did you mean boolean NOT (\"!\")?"),
                "^" => ("unsupported-operator", "Unsupported operator", "Bitwise operators are not supported."),
                "**" => ("unsupported-operator", "Unsupported operator", "\"**\" is not a supported operator. Exponentiation is not supported as an operator."),
                "'" => ("invalid-character", "Invalid character", "Single quotes are not valid. Use double quotes (\") to enclose strings."),
                "`" => (
                    "invalid-character",
                    "Invalid character",
                    "The \"`\" character is not valid. To create a multi-line string, use the \"heredoc\" syntax, like \"<<EOT\".",
                ),
                ";" => (
                    "invalid-character",
                    "Invalid character",
                    "The \";\" character is not valid. Use newlines to separate arguments and blocks, and commas to separate items in collection values.",
                ),
                "\u{201c}" | "\u{201d}" => (
                    "invalid-character",
                    "Invalid character",
                    "\"Curly quotes\" are not valid here. These can sometimes be inadvertently introduced when sharing code via documents or discussion \
                     forums. It might help to replace the character with a \"straight quote\".",
                ),
                _ if text.starts_with(['\n', '\r']) => (
                    "unterminated-string",
                    "Invalid multi-line string",
                    "Quoted strings may not be split over multiple lines. To produce a multi-line string, either use the \\n escape to represent a newline \
                     character or use the \"heredoc\" multi-line template syntax.",
                ),
                _ => ("invalid-character", "Invalid character", "This character is not used within the language."),
            };
            let once = matches!(text, "&" | "|" | "~" | "^" | "**" | "'" | "`" | ";") || summary == "Invalid multi-line string";
            if !once || told.insert(if summary == "Invalid multi-line string" { "\n" } else { text }) {
                self.error(code, summary, detail, token);
            }
        }
    }
}
