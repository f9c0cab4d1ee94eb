//! What to do when a file does not parse as a whole: split it into its top-level items, parse each, and say what is wrong with
//! the broken ones in Terraform's words. Also here: object keys that are repeated, which Terraform accepts and the parser refuses.

use hcl::edit::parser;

use super::{
    blueprint::Body,
    parse::{Convert, Inserted},
};
use crate::base::{Diagnostic, Diagnostics, FileId, Span};

/// One top-level argument or block, from its first byte to the end of its last line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    pub start: usize,
    pub end: usize,
    /// A bracket was still open where the next block begins, or at the end of the file.
    pub unclosed: bool,
}

/// Splits text into its top-level items by matching brackets, strings, heredocs and comments.
pub fn items(text: &str, from: usize) -> Vec<Item> {
    let mut found = Vec::new();
    let mut lexer = Lexer::new(text, from);
    loop {
        lexer.skip_blank();
        let start = lexer.at;
        if start >= text.len() {
            return found;
        }
        let unclosed = lexer.item(start);
        found.push(Item { start, end: lexer.at, unclosed });
    }
}

struct Lexer<'t> {
    text: &'t [u8],
    at: usize,
    /// Where heredocs without a single line have their first line.
    empty_heredocs: Vec<usize>,
}

/// What an open bracket was opened by.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    Bracket,
    Quote,
    /// `${` or `%{` inside a quoted string.
    Template,
}

/// The blocks that stand at the top of a file: seen at the start of a line, they end whatever was left open before.
const TOP: [&str; 12] = ["resource", "data", "variable", "output", "locals", "module", "provider", "terraform", "moved", "import", "removed", "check"];

impl<'t> Lexer<'t> {
    fn new(text: &'t str, at: usize) -> Lexer<'t> {
        Lexer { text: text.as_bytes(), at, empty_heredocs: Vec::new() }
    }

    fn peek(&self, ahead: usize) -> u8 {
        self.text.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn starts(&self, prefix: &str) -> bool {
        self.text.get(self.at..).is_some_and(|t| t.starts_with(prefix.as_bytes()))
    }

    fn skip_blank(&mut self) {
        while self.at < self.text.len() {
            if self.peek(0).is_ascii_whitespace() {
                self.at += 1;
            } else if !self.comment() {
                return;
            }
        }
    }

    fn comment(&mut self) -> bool {
        if self.starts("#") || self.starts("//") {
            self.skip_line();
            true
        } else if self.starts("/*") {
            let rest = self.text.get(self.at + 2..).unwrap_or(&[]);
            self.at = rest.windows(2).position(|w| w == b"*/").map_or(self.text.len(), |i| self.at + 2 + i + 2);
            true
        } else {
            false
        }
    }

    fn skip_line(&mut self) {
        while self.at < self.text.len() && self.peek(0) != b'\n' {
            self.at += 1;
        }
    }

    /// Runs to the end of the item that starts here; whether something was left open.
    fn item(&mut self, start: usize) -> bool {
        let mut open: Vec<Open> = Vec::new();
        while self.at < self.text.len() {
            let c = self.peek(0);
            if open.last() == Some(&Open::Quote) {
                self.in_quotes(&mut open);
                continue;
            }
            if c == b'\n' && open.is_empty() {
                return false;
            }
            if !open.is_empty() && self.at > start && self.text.get(self.at - 1) == Some(&b'\n') && self.at_top_block() {
                return true;
            }
            if self.comment() || self.heredoc() {
                continue;
            }
            match c {
                b'"' => open.push(Open::Quote),
                b'{' | b'(' | b'[' => open.push(Open::Bracket),
                b'}' | b')' | b']' => {
                    open.pop();
                }
                _ => {}
            }
            self.at += 1;
        }
        !open.is_empty()
    }

    fn in_quotes(&mut self, open: &mut Vec<Open>) {
        match self.peek(0) {
            b'\\' => self.at += 2,
            b'"' | b'\n' => {
                open.pop();
                self.at += usize::from(self.peek(0) == b'"');
            }
            b'$' | b'%' if self.peek(1) == self.peek(0) && self.peek(2) == b'{' => self.at += 3,
            b'$' | b'%' if self.peek(1) == b'{' => {
                open.push(Open::Template);
                self.at += 2;
            }
            _ => self.at += 1,
        }
        self.at = self.at.min(self.text.len());
    }

    fn heredoc(&mut self) -> bool {
        if !self.starts("<<") {
            return false;
        }
        let mut i = 2 + usize::from(self.peek(2) == b'-');
        let name_start = self.at + i;
        while self.peek(i).is_ascii_alphanumeric() || self.peek(i) == b'_' || self.peek(i) == b'-' {
            i += 1;
        }
        let name = self.text.get(name_start..self.at + i).unwrap_or(&[]);
        let is_break = self.peek(i) == b'\n' || (self.peek(i) == b'\r' && self.peek(i + 1) == b'\n');
        if name.is_empty() || !is_break {
            return false;
        }
        self.at += i;
        let mut lines = 0;
        while self.at < self.text.len() {
            self.skip_line();
            let line = self.text.get(self.at + 1..).unwrap_or(&[]);
            let end = line.iter().position(|b| *b == b'\n').unwrap_or(line.len());
            if line.get(..end).is_some_and(|l| l.trim_ascii() == name) {
                if lines == 0 {
                    self.empty_heredocs.push(self.at + 1);
                }
                self.at = self.at + 1 + end;
                return true;
            }
            self.at = (self.at + 1).min(self.text.len());
            lines += 1;
        }
        true
    }

    fn at_top_block(&self) -> bool {
        let line = self.text.get(self.at..).unwrap_or(&[]);
        let word = line.iter().position(|b| !b.is_ascii_alphanumeric() && *b != b'_').unwrap_or(line.len());
        let (word, rest) = line.split_at(word);
        let next = rest.iter().find(|b| **b != b' ' && **b != b'\t');
        TOP.iter().any(|t| t.as_bytes() == word) && matches!(next, Some(b'"' | b'{'))
    }
}

/// Parses one item into `whole`, or reports what is wrong with it.
pub fn parse_item(file: FileId, text: &str, item: Item, whole: &mut Body, diags: &mut Diagnostics) {
    let Some(piece) = text.get(item.start..item.end) else { return };
    let (mut piece, mut inserted) = fill_empty_heredocs(piece);
    for turn in 0..1000 {
        match parser::parse_body(&piece) {
            Ok(body) => {
                let convert = Convert::shifted(file, text, item.start, &inserted);
                let parsed = convert.body(&body, Span::new(file, item.start, item.end));
                for (name, attribute) in parsed.attrs {
                    if let Some(first) = whole.attrs.get(&name) {
                        diags.push(redefined(&name, attribute.name_span).also(first.name_span, "first set here"));
                    } else {
                        whole.attrs.insert(name, attribute);
                    }
                }
                whole.blocks.extend(parsed.blocks);
                return;
            }
            Err(error) => {
                let offset = error.location().offset();
                if error.message().contains("found redefined object key") && mark_repeat(&mut piece, offset, turn, &mut inserted) {
                    continue;
                }
                let shift: usize = inserted.iter().filter(|i| i.at < offset).map(|i| i.len).sum();
                let unclosed = item.unclosed && offset + 1 >= piece.trim_end().len();
                diags.push(if unclosed { unclosed_block(file, text, item) } else { explain(file, text, item.start + offset - shift, error.message()) });
                return;
            }
        }
    }
}

/// Gives heredocs without lines one that stands for nothing: the parser would look for their end further down.
pub fn fill_empty_heredocs(text: &str) -> (String, Vec<Inserted>) {
    let mut lexer = Lexer::new(text, 0);
    if text.contains("<<") {
        loop {
            lexer.skip_blank();
            if lexer.at >= text.len() {
                break;
            }
            lexer.item(lexer.at);
        }
    }
    let line = format!("{MARK}\n");
    let (mut filled, mut inserted) = (text.to_owned(), Vec::new());
    for at in lexer.empty_heredocs {
        let at = at + inserted.len() * line.len();
        filled.insert_str(at, &line);
        inserted.push(Inserted { at, len: line.len() });
    }
    (filled, inserted)
}

/// Makes a repeated key distinct for the parser: a suffix on a name or quoted key, one more parenthesis around an expression.
fn mark_repeat(piece: &mut String, offset: usize, turn: usize, inserted: &mut Vec<Inserted>) -> bool {
    let Some(rest) = piece.get(offset..).map(str::to_owned) else { return false };
    let mut insert = |at: usize, what: &str| {
        piece.insert_str(at, what);
        for earlier in inserted.iter_mut().filter(|i| i.at >= at) {
            earlier.at += what.len();
        }
        inserted.push(Inserted { at, len: what.len() });
    };
    let mark = format!("{MARK}{turn}{MARK}");
    let mut lexer = Lexer::new(&rest, 0);
    match rest.bytes().next() {
        Some(b'"') => {
            let mut open = vec![Open::Quote];
            lexer.at = 1;
            while lexer.at < rest.len() && !open.is_empty() {
                if open.last() == Some(&Open::Quote) {
                    lexer.in_quotes(&mut open);
                } else {
                    match lexer.peek(0) {
                        b'"' => open.push(Open::Quote),
                        b'{' => open.push(Open::Bracket),
                        b'}' => {
                            open.pop();
                        }
                        _ => {}
                    }
                    lexer.at += 1;
                }
            }
            insert(offset + lexer.at.max(2) - 1, &mark);
        }
        Some(b'(') => {
            let mut depth = 0usize;
            let end = rest.bytes().position(|b| {
                depth = match b {
                    b'(' => depth + 1,
                    b')' => depth - 1,
                    _ => depth,
                };
                depth == 0
            });
            let Some(end) = end else { return false };
            insert(offset + end, ")");
            insert(offset, "(");
        }
        _ => {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '-').unwrap_or(rest.len());
            insert(offset + end, &mark);
        }
    }
    true
}

/// A letter nobody writes: it stands around the counter that makes a repeated key distinct.
const MARK: char = '\u{a7f8}';

/// The key as written, when it carries the mark of a repeated one.
pub fn without_repeat_mark(key: &str) -> Option<&str> {
    let inner = key.strip_suffix(MARK)?;
    inner.trim_end_matches(|c: char| c.is_ascii_digit()).strip_suffix(MARK)
}

fn redefined(name: &str, span: Span) -> Diagnostic {
    Diagnostic::error("attribute-redefined", "Attribute redefined", format!("The argument \"{name}\" was already set. Each argument may be set only once."))
        .at(span)
}

fn unclosed_block(file: FileId, text: &str, item: Item) -> Diagnostic {
    let header = text.get(item.start..item.end).and_then(|t| t.find(['{', '\n']).map(|i| i + 1)).unwrap_or(1);
    Diagnostic::error(
        "unclosed-block",
        "Unclosed configuration block",
        "There is no closing brace for this block before the end of the file. This may be caused by incorrect brace nesting elsewhere in this file.",
    )
    .at(Span::new(file, item.start, item.start + header))
}

/// A part of a parser's message, and the code, summary and detail that stand for it.
type Rule = (&'static str, &'static str, &'static str, &'static str);

const RULES: [Rule; 14] = [
    ("escape sequence", "invalid-escape", "Invalid escape sequence", "The character after the backslash is not one that can be escaped."),
    ("hex code", "invalid-escape", "Invalid escape sequence", "A unicode escape needs four hexadecimal digits after \\u, or eight after \\U."),
    ("nesting depth", "nested-too-deeply", "Expression nested too deeply", "Expressions and blocks may be nested at most 64 levels deep."),
    ("chained binary", "nested-too-deeply", "Expression nested too deeply", "At most 128 operators may be chained in one expression."),
    ("heredoc end", "unterminated-heredoc", "Unterminated template string", "No closing marker was found for the string."),
    ("invalid expression", "invalid-expression", "Invalid expression", "Expected the start of an expression, but found an invalid expression token."),
    ("object value assignment", "missing-attribute-value", "Missing attribute value", "Expected an attribute value, introduced by an equals sign (\"=\")."),
    (
        "invalid object item",
        "missing-attribute-separator",
        "Missing attribute separator",
        "Expected a newline or comma to mark the beginning of the next attribute.",
    ),
    ("invalid traversal", "invalid-attribute-name", "Invalid attribute name", "An attribute name is required after a dot."),
    ("expected `]`", "missing-item-separator", "Missing item separator", "Expected a comma to mark the beginning of the next item."),
    ("expected `)`", "missing-argument-separator", "Missing argument separator", "A comma is required to separate each function argument from the next."),
    (
        "expected `:`",
        "missing-false-expression",
        "Missing false expression in conditional",
        "The conditional operator (...?...:...) requires a false expression, delimited by a colon.",
    ),
    ("invalid block body", "argument-or-block-required", "Argument or block definition required", "An argument or block definition is required here."),
    ("invalid attribute", "invalid-argument", "Invalid argument definition", "An equals sign (\"=\") is required to introduce the argument value."),
];

/// A parser's message at an offset, in the words Terraform uses for the same mistake.
pub fn explain(file: FileId, text: &str, offset: usize, message: &str) -> Diagnostic {
    let offset = (0..=offset.min(text.len())).rev().find(|o| text.is_char_boundary(*o)).unwrap_or(0);
    let rest = &text[offset..];
    let next = rest.chars().next();
    let span = Span::new(file, offset, offset + next.filter(|c| *c != '\n').map_or(0, char::len_utf8));
    let error = |code, summary: &str, detail: &str| Diagnostic::error(code, summary, detail).at(span);
    if message.contains("redefined attribute") {
        let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_' || *c == '-').collect();
        return redefined(&name, Span::new(file, offset, offset + name.len()));
    }
    if let Some(open) = open_quote(text, offset).or_else(|| run_on_quote(text, offset)) {
        return Diagnostic::error(
            "unterminated-string",
            "Invalid multi-line string",
            "Quoted strings may not be split over multiple lines. To produce a multi-line string, either use the \\n escape to represent a newline \
             character or use the \"heredoc\" multi-line template syntax.",
        )
        .at(Span::new(file, open, open + 1));
    }
    if message.contains("invalid block body") && next == Some(',') {
        let detail = "Single-line block syntax can include only one argument definition. To define multiple arguments, use the multi-line block syntax with one \
                      argument definition per line.";
        return error("invalid-block", "Invalid single-argument block definition", detail);
    }
    if let Some((_, code, summary, detail)) = RULES.iter().find(|r| message.contains(r.0)) {
        return error(code, summary, detail);
    }
    let word = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-')).unwrap_or(rest.len());
    let lone_word = word > 0
        && rest.get(word..).is_none_or(|t| t.trim_start_matches([' ', '\t']).is_empty() || t.trim_start_matches([' ', '\t']).starts_with(['\n', '\r']));
    if message.contains("invalid structure") || (lone_word && message.contains("unexpected token")) {
        let detail = if matches!(next, None | Some('\n' | '\r')) {
            "A block definition must have block content delimited by \"{\" and \"}\", starting on the same line as the block header."
        } else {
            "Either a quoted string block label or an opening brace (\"{\") is expected here."
        };
        return error("invalid-block", "Invalid block definition", detail);
    }
    let line_so_far = text[..offset].rsplit('\n').next().unwrap_or("").trim();
    if message.contains("newline or eof") && !line_so_far.is_empty() {
        let before_brace = line_so_far.split('{').next().unwrap_or("");
        let is_block = line_so_far.ends_with('}') && !before_brace.contains('=');
        let (what, detail) = if is_block {
            ("block definition", "A block definition must end with a newline.")
        } else {
            ("argument", "An argument definition must end with a newline.")
        };
        return Diagnostic::error("missing-newline", format!("Missing newline after {what}"), detail).at(span);
    }
    error("argument-or-block-required", "Argument or block definition required", "An argument or block definition is required here.")
}

/// Where a quoted string starts that ran on from the line above, so that the first quote of this line closed it.
fn run_on_quote(text: &str, offset: usize) -> Option<usize> {
    let above = text[..offset].rfind('\n')?;
    let (open, in_string) = open_at_end(text, above)?;
    in_string.then_some(open)
}

/// Where a quoted string starts that is still open at the end of the line an error is on.
fn open_quote(text: &str, offset: usize) -> Option<usize> {
    open_at_end(text, offset).map(|(open, _)| open)
}

/// The first string that is open at the end of the line, and whether the line ends in a string itself, not in an
/// interpolation, which may go on.
fn open_at_end(text: &str, offset: usize) -> Option<(usize, bool)> {
    let line_start = text[..offset].rfind('\n').map_or(0, |i| i + 1);
    let line_end = text[offset..].find('\n').map_or(text.len(), |i| offset + i);
    let line = text.get(line_start..line_end)?;
    let mut lexer = Lexer::new(line, 0);
    let mut open: Vec<(Open, usize)> = Vec::new();
    while lexer.at < line.len() {
        let at = lexer.at;
        if open.last().is_some_and(|(o, _)| *o == Open::Quote) {
            let mut stack: Vec<Open> = open.iter().map(|(o, _)| *o).collect();
            lexer.in_quotes(&mut stack);
            open.truncate(stack.len());
            open.extend(stack.iter().skip(open.len()).map(|o| (*o, at)));
            continue;
        }
        if lexer.comment() {
            continue;
        }
        match lexer.peek(0) {
            b'"' => open.push((Open::Quote, at)),
            b'{' => open.push((Open::Bracket, at)),
            b'}' => {
                open.pop();
            }
            _ => {}
        }
        lexer.at += 1;
    }
    let in_string = open.last().is_some_and(|(o, _)| *o == Open::Quote);
    open.iter().find(|(o, _)| *o == Open::Quote).map(|(_, at)| (line_start + at, in_string))
}

/// What is wrong with a template whose directives do not pair up; an offset and the message.
pub fn unpaired_directive(text: &str, name: &str) -> Option<(usize, String, String)> {
    let mut open: Vec<(&str, usize, usize)> = Vec::new();
    let mut from = 0;
    while let Some(at) = text.get(from..)?.find("%{").map(|i| from + i) {
        from = at + 2;
        if text.get(..at)?.ends_with('%') {
            continue;
        }
        let end = text.get(from..)?.find('}').map_or(text.len(), |i| from + i + 1);
        let word = text.get(from..end)?.trim_start_matches('~').split_whitespace().next().unwrap_or("").trim_end_matches(['}', '~']);
        match word {
            "if" | "for" => open.push((if word == "if" { "if" } else { "for" }, at, end)),
            "endif" | "endfor" => {
                let wanted = word.strip_prefix("end").unwrap_or("");
                if open.pop().is_none_or(|(kind, ..)| kind != wanted) {
                    return Some((at, format!("Unexpected {word} directive"), format!("There is no {wanted} directive that this {word} directive could end.")));
                }
            }
            _ => {}
        }
    }
    let (kind, start, end) = open.pop()?;
    let place = super::functions::template_place(name, text, start, end);
    let detail = format!("The {kind} directive at {place} is missing its corresponding end{kind} directive.");
    Some((text.len(), "Unexpected end of template".into(), detail))
}
