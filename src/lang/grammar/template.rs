//! Strings, heredocs and templates.

use std::sync::Arc;

use super::{
    Parser,
    scan::{Kind, Token},
};
use crate::{
    base::{Value, diag::nearest},
    lang::{
        functions::template_place,
        parse::template_node,
        syntax::{Node, NodeKind, Part},
        template::{Marked, Piece, dedent, trim},
    },
};

/// A piece of a template and where its sequence stands.
type Placed = (Piece, (u32, u32));

impl Parser<'_> {
    /// A quoted string or a heredoc.
    pub(super) fn string(&mut self, open: Token) -> Node {
        self.read();
        if !self.enter() {
            self.leave();
            self.recover(if open.kind == Kind::OQuote { Kind::CQuote } else { Kind::CHeredoc });
            return self.placeholder(open);
        }
        let quoted = open.kind == Kind::OQuote;
        let flush = !quoted && self.words(open).starts_with("<<-");
        let parts = self.template(if quoted { Kind::CQuote } else { Kind::CHeredoc }, flush);
        self.leave();
        let close = self.previous();
        if quoted {
            return template_node(parts, open.start, close.end);
        }
        let kind = match <[Part; 1]>::try_from(parts) {
            Ok([Part::Text(text)]) => NodeKind::Literal(Value::string(text)),
            Ok(part) => NodeKind::Template(part.into()),
            Err(parts) if parts.is_empty() => NodeKind::Literal(Value::string("")),
            Err(parts) => NodeKind::Template(parts),
        };
        Node::new(kind, open.start, close.end)
    }

    /// The parts up to the token that ends the template, which is read too.
    pub(super) fn template(&mut self, end: Kind, flush: bool) -> Vec<Part> {
        self.lines.push(false);
        let mut pieces = Vec::new();
        let mut places = Vec::new();
        let last = loop {
            let token = self.read();
            if token.kind == end {
                break token;
            }
            match token.kind {
                Kind::QuotedText => {
                    pieces.push(Marked::plain(self.unescape(token)));
                    places.push((token.start, token.end));
                }
                Kind::RawText => {
                    pieces.push(Marked::plain(self.words(token).replace("$${", "${").replace("%%{", "%{")));
                    places.push((token.start, token.end));
                }
                Kind::Interp | Kind::Control => {
                    self.lines.push(false);
                    if let Some((piece, close)) = self.sequence(token, end) {
                        let before = self.words(token).ends_with('~');
                        let after = self.words(close).starts_with('~');
                        pieces.push(Marked { token: piece, before, after });
                        places.push((token.start, close.end));
                    }
                    self.lines.pop();
                }
                _ if self.breaks_string(token) => break token,
                _ => {
                    if !self.recovery && token.kind != Kind::Invalid {
                        self.error("unterminated-string", "Unterminated template string", "No closing marker was found for the string.", token);
                    }
                    break self.recover(end);
                }
            }
        };
        self.lines.pop();
        trim(&mut pieces);
        if flush {
            dedent(&mut pieces);
        }
        let pieces = pieces.into_iter().map(|m| m.token).zip(places).collect();
        self.build(pieces, last)
    }

    /// An interpolation or a directive, behind its opening, with the token that closes it.
    fn sequence(&mut self, open: Token, end: Kind) -> Option<(Piece, Token)> {
        let (piece, what) = if open.kind == Kind::Interp { (Piece::Value(self.expression()), String::new()) } else { self.directive()? };
        let close = self.peek();
        if close.kind == Kind::SeqEnd {
            return Some((piece, self.read()));
        }
        if !self.recovery {
            if what.is_empty() {
                self.extra_in_interpolation(open, close, end);
            } else {
                let summary = format!("Extra characters in {what} marker");
                self.error("extra-characters", &summary, "Expected a closing brace to end the sequence, but found extra characters.", close);
            }
        }
        let close = self.recover(Kind::SeqEnd);
        Some((piece, close))
    }

    fn extra_in_interpolation(&mut self, open: Token, close: Token, end: Kind) {
        let unclosed = |before: &str| {
            format!(
                "There is no closing brace for this interpolation sequence before the end of the {before}. This might be caused by incorrect nesting inside the given \
                 expression."
            )
        };
        match close.kind {
            Kind::Eof => self.error("unclosed-interpolation", "Unclosed template interpolation sequence", &unclosed("file"), open),
            Kind::CQuote | Kind::OQuote if end == Kind::CQuote => {
                self.error("unclosed-interpolation", "Unclosed template interpolation sequence", &unclosed("quoted template"), open);
            }
            Kind::Colon => {
                let detail = "Template interpolation doesn't expect a colon at this location. Did you intend this to be a literal sequence to be processed as part of \
                              another language? If so, you can escape it by starting with \"$${\" instead of just \"${\".";
                self.error("extra-characters", "Extra characters after interpolation expression", detail, close);
            }
            _ => {
                let detail = "Expected a closing brace to end the interpolation expression, but found extra characters.\n\nThis can happen when you include interpolation \
                              syntax for another language, such as shell scripting, but forget to escape the interpolation start token. If this is an embedded sequence for \
                              another language, escape it by starting with \"$${\" instead of just \"${\".";
                self.error("extra-characters", "Extra characters after interpolation expression", detail, close);
            }
        }
    }

    /// A directive's piece and its keyword; `None` after a mistake, read to its end.
    fn directive(&mut self) -> Option<(Piece, String)> {
        let word = self.peek();
        if word.kind != Kind::Ident {
            return self.no_directive(
                "Invalid template directive",
                "A template directive keyword (\"if\", \"for\", etc) is expected at the beginning of a %{ ... } sequence.",
                word,
            );
        }
        self.read();
        let piece = match self.words(word) {
            "if" => Piece::If(self.expression()),
            "else" => Piece::Else,
            "endif" => Piece::EndIf,
            "endfor" => Piece::EndFor,
            "for" => return self.for_directive().map(|piece| (piece, "for".to_owned())),
            given => {
                let near = nearest(given, ["if", "for", "else", "endif", "endfor"]).map(|n| format!(" Did you mean {n:?}?")).unwrap_or_default();
                return self.no_directive("Invalid template control keyword", &format!("{given:?} is not a valid template control keyword.{near}"), word);
            }
        };
        Some((piece, self.words(word).to_owned()))
    }

    fn no_directive<R>(&mut self, summary: &str, detail: &str, at: Token) -> Option<R> {
        if !self.recovery {
            self.error("invalid-directive", summary, detail, at);
        }
        self.recover(Kind::SeqEnd);
        None
    }

    fn for_directive(&mut self) -> Option<Piece> {
        const SUMMARY: &str = "Invalid 'for' directive";
        let first = self.peek();
        if first.kind != Kind::Ident {
            return self.no_directive(SUMMARY, "For directive requires variable name after 'for'.", first);
        }
        self.read();
        let mut value = Arc::<str>::from(self.words(first));
        let mut key = None;
        if self.peek().kind == Kind::Comma {
            self.read();
            let second = self.peek();
            if second.kind != Kind::Ident {
                return self.no_directive(SUMMARY, "For directive requires value variable name after comma.", second);
            }
            self.read();
            key = Some(std::mem::replace(&mut value, Arc::from(self.words(second))));
        }
        let word = self.peek();
        if !self.is_word(word, "in") {
            return self.no_directive(SUMMARY, "For directive requires 'in' keyword after names.", word);
        }
        self.read();
        Some(Piece::For(key, value, self.expression()))
    }

    /// The tree of a template's pieces; directives that do not pair up are reported.
    fn build(&mut self, pieces: Vec<Placed>, last: Token) -> Vec<Part> {
        let mut pieces = pieces.into_iter();
        let mut parts = Vec::new();
        loop {
            match self.parts(&mut pieces, last, None) {
                (more, None) => {
                    parts.extend(more);
                    return parts;
                }
                (more, Some((end, at))) => {
                    parts.extend(more);
                    let summary = format!("Unexpected {} directive", end.name());
                    self.error_at("unbalanced-directive", &summary, "The control directives within this template are unbalanced.", at.0, at.1);
                }
            }
        }
    }

    /// The parts up to the piece that ends the directive at `open`, and that piece.
    fn parts(&mut self, pieces: &mut dyn Iterator<Item = Placed>, last: Token, open: Option<(&str, (u32, u32))>) -> (Vec<Part>, Option<Placed>) {
        let mut parts = Vec::new();
        let mut text = String::new();
        let flush = |text: &mut String, parts: &mut Vec<Part>| {
            if !text.is_empty() {
                parts.push(Part::Text(Arc::from(std::mem::take(text))));
            }
        };
        while let Some((piece, at)) = pieces.next() {
            if !matches!(piece, Piece::Text(_)) {
                flush(&mut text, &mut parts);
            }
            match piece {
                Piece::Text(t) => text.push_str(&t),
                Piece::Value(node) => parts.push(Part::Value(node)),
                Piece::If(cond) => {
                    if let Some((then, or)) = self.branches(pieces, last, at) {
                        parts.push(Part::If { cond, then, or });
                    }
                }
                Piece::For(key, value, collection) => {
                    let (body, end) = self.parts(pieces, last, Some(("for", at)));
                    match end {
                        Some((Piece::EndFor, _)) => parts.push(Part::For { key, value, collection, body }),
                        Some((end, here)) => self.unexpected(&end, here, &format!("Expecting an endfor directive for the for started at {}.", self.named(at))),
                        None => {}
                    }
                }
                end => return (parts, Some((end, at))),
            }
        }
        flush(&mut text, &mut parts);
        if let Some((kind, at)) = open {
            let detail = format!("The {kind} directive at {} is missing its corresponding end{kind} directive.", self.named(at));
            self.error("unbalanced-directive", "Unexpected end of template", &detail, last);
        }
        (parts, None)
    }

    fn branches(&mut self, pieces: &mut dyn Iterator<Item = Placed>, last: Token, at: (u32, u32)) -> Option<(Vec<Part>, Vec<Part>)> {
        let (then, end) = self.parts(pieces, last, Some(("if", at)));
        let (or, end) = match end? {
            (Piece::Else, _) => {
                let (or, end) = self.parts(pieces, last, Some(("if", at)));
                (or, end?)
            }
            other => (Vec::new(), other),
        };
        match end {
            (Piece::EndIf, _) => return Some((then, or)),
            (Piece::Else, here) => self.unexpected(&Piece::Else, here, &format!("Already in the else clause for the if started at {}.", self.named(at))),
            (end, here) => self.unexpected(&end, here, &format!("Expecting an endif directive for the if started at {}.", self.named(at))),
        }
        None
    }

    fn unexpected(&mut self, end: &Piece, at: (u32, u32), detail: &str) {
        let summary = format!("Unexpected {} directive", end.name());
        self.error_at("unbalanced-directive", &summary, detail, at.0, at.1);
    }

    /// A place for a message.
    pub(super) fn named(&self, at: (u32, u32)) -> String {
        let place = template_place(self.name, self.text, at.0 as usize, at.1 as usize);
        place.trim_start_matches(':').to_owned()
    }

    /// The text that a piece of a quoted string stands for.
    pub(super) fn unescape(&mut self, token: Token) -> String {
        let raw = self.words(token);
        if matches!(raw, "$${" | "%%{" | "$${~" | "%%{~") {
            return raw.get(1..).unwrap_or("").to_owned();
        }
        let mut out = String::with_capacity(raw.len());
        let mut chars = raw.char_indices();
        while let Some((i, c)) = chars.next() {
            if c != '\\' {
                out.push(c);
                continue;
            }
            let start = token.start + i as u32;
            let Some((_, selector)) = chars.next() else {
                self.error_at(
                    "invalid-escape",
                    "Invalid escape sequence",
                    "Backslash must be followed by an escape sequence selector character.",
                    start,
                    start + 1,
                );
                break;
            };
            match selector {
                'n' => out.push('\n'),
                'r' => out.push('\r'),
                't' => out.push('\t'),
                '"' => out.push('"'),
                '\\' => out.push('\\'),
                'u' | 'U' => {
                    let wanted = if selector == 'u' { 4 } else { 8 };
                    let digits: String = raw.get(i + 2..).unwrap_or("").chars().take_while(char::is_ascii_hexdigit).take(wanted).collect();
                    out.extend(self.code_point(selector, &digits, wanted, start));
                    chars.by_ref().take(digits.len()).for_each(drop);
                }
                other => {
                    let detail = format!("The symbol {:?} is not a valid escape sequence selector.", other.to_string());
                    self.error_at("invalid-escape", "Invalid escape sequence", &detail, start, start + 1 + other.len_utf8() as u32);
                }
            }
        }
        out
    }

    fn code_point(&mut self, selector: char, digits: &str, wanted: usize, start: u32) -> Option<char> {
        let end = start + 2 + digits.len() as u32;
        if digits.len() < wanted {
            let detail = format!("The \\{selector} escape sequence must be followed by {} hexadecimal digits.", if wanted == 4 { "four" } else { "eight" });
            self.error_at("invalid-escape", "Invalid escape sequence", &detail, start, end);
            return None;
        }
        let code = u32::from_str_radix(digits, 16).unwrap_or(u32::MAX);
        let found = char::from_u32(code);
        if found.is_none() {
            self.error_at("invalid-escape", "Invalid escape sequence", &format!("Cannot encode character U+{code:04x} in UTF-8."), start, end);
        }
        found
    }
}
