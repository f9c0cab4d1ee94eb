//! Source text as tokens that hold every byte of it but the blanks between them: what formatting moves around.
//!
//! The scanner keeps its own stack of what is open, so that nesting costs no call depth, and never fails: text that is not
//! the language comes out as [`Kind::Other`].

/// What a token is, as far as the layout asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    OpenBrace,
    CloseBrace,
    OpenBracket,
    CloseBracket,
    OpenParen,
    CloseParen,
    OpenQuote,
    CloseQuote,
    /// `<<EOT` with its line break.
    OpenHeredoc,
    /// The closing marker with the blanks around it, without the line break.
    CloseHeredoc,
    /// `${`, `%{` and their forms with a strip marker.
    OpenTemplate,
    /// `}` or `~}` that ends one.
    CloseTemplate,
    /// Text between quotes.
    QuotedText,
    /// Text of a heredoc, up to and with a line break.
    HeredocText,
    Ident,
    Number,
    /// `#` and `//` comments hold their line break.
    Comment,
    Newline,
    Equal,
    Minus,
    /// `+`, `*`, `/` or `%`.
    Arithmetic,
    /// `==`, `!=`, `<`, `<=`, `>` or `>=`.
    Comparison,
    /// `&&` or `||`.
    Logic,
    Bang,
    Dot,
    Comma,
    Colon,
    DoubleColon,
    Question,
    Ellipsis,
    FatArrow,
    Other,
}

/// A token with the blanks that stand before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    pub kind: Kind,
    pub text: String,
    pub spaces: usize,
}

impl Token {
    pub fn new(kind: Kind, text: impl Into<String>) -> Token {
        Token { kind, text: text.into(), spaces: 0 }
    }

    /// Whether a line ends with it: a line break, or a comment that holds one.
    pub fn ends_line(&self) -> bool {
        self.kind == Kind::Newline || (self.kind == Kind::Comment && self.text.ends_with('\n'))
    }

    /// One more bracket open, one less, or none of both.
    pub fn bracket(&self) -> i32 {
        match self.kind {
            Kind::OpenBrace | Kind::OpenBracket | Kind::OpenParen | Kind::OpenTemplate => 1,
            Kind::CloseBrace | Kind::CloseBracket | Kind::CloseParen | Kind::CloseTemplate => -1,
            _ => 0,
        }
    }
}

/// What the scanner is inside of.
enum Inside {
    /// `${ … }` with this many braces open in it.
    Template {
        braces: usize,
    },
    Quote,
    /// A heredoc with its marker; the marker ends it only where a line begins.
    Heredoc {
        marker: String,
        line_start: bool,
    },
}

struct Scanner<'t> {
    text: &'t str,
    at: usize,
    inside: Vec<Inside>,
    out: Vec<Token>,
    /// Where the last token ended.
    last: usize,
}

/// Every token of a text. A byte order mark is left out.
pub fn scan(text: &str) -> Vec<Token> {
    let at = super::super::parse::bom(text);
    let mut scanner = Scanner { text, at, inside: Vec::new(), out: Vec::new(), last: at };
    while scanner.at < text.len() {
        match scanner.inside.last() {
            None | Some(Inside::Template { .. }) => scanner.plain(),
            Some(Inside::Quote) => scanner.quoted(),
            Some(Inside::Heredoc { .. }) => scanner.heredoc(),
        }
    }
    scanner.out
}

impl Scanner<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn push(&mut self, kind: Kind, len: usize) {
        let end = self.at + len;
        let text = self.text.get(self.at..end).unwrap_or("").to_owned();
        self.out.push(Token { kind, text, spaces: self.at - self.last });
        self.at = end;
        self.last = end;
    }

    /// Outside of strings.
    fn plain(&mut self) {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return };
        match first {
            ' ' | '\t' => self.at += 1,
            '\n' => self.push(Kind::Newline, 1),
            '\r' if rest.starts_with("\r\n") => self.push(Kind::Newline, 2),
            '#' => self.push(Kind::Comment, line_length(rest)),
            '/' if rest.starts_with("//") => self.push(Kind::Comment, line_length(rest)),
            '/' if rest.starts_with("/*") => self.push(Kind::Comment, rest.find("*/").map_or(rest.len(), |i| i + 2)),
            '"' => {
                self.push(Kind::OpenQuote, 1);
                self.inside.push(Inside::Quote);
            }
            '<' if heredoc_opening(rest).is_some() => {
                let (marker, len) = heredoc_opening(rest).unwrap_or_default();
                self.push(Kind::OpenHeredoc, len);
                self.inside.push(Inside::Heredoc { marker, line_start: true });
            }
            c if c.is_alphabetic() || c == '_' => self.push(Kind::Ident, run(rest, |c| c.is_alphanumeric() || c == '_' || c == '-')),
            c if c.is_ascii_digit() => self.push(Kind::Number, number_length(rest)),
            _ => self.symbol(first),
        }
    }

    fn symbol(&mut self, first: char) {
        let rest = self.rest();
        let is = |text: &str| rest.starts_with(text);
        let (kind, len) = match first {
            '{' => {
                self.braces(1);
                (Kind::OpenBrace, 1)
            }
            '}' if self.closes_template() => {
                self.inside.pop();
                (Kind::CloseTemplate, 1)
            }
            '~' if is("~}") && self.closes_template() => {
                self.inside.pop();
                (Kind::CloseTemplate, 2)
            }
            '}' => {
                self.braces(-1);
                (Kind::CloseBrace, 1)
            }
            '[' => (Kind::OpenBracket, 1),
            ']' => (Kind::CloseBracket, 1),
            '(' => (Kind::OpenParen, 1),
            ')' => (Kind::CloseParen, 1),
            '=' if is("==") => (Kind::Comparison, 2),
            '=' if is("=>") => (Kind::FatArrow, 2),
            '=' => (Kind::Equal, 1),
            '!' if is("!=") => (Kind::Comparison, 2),
            '!' => (Kind::Bang, 1),
            '<' | '>' if is("<=") || is(">=") => (Kind::Comparison, 2),
            '<' | '>' => (Kind::Comparison, 1),
            '&' if is("&&") => (Kind::Logic, 2),
            '|' if is("||") => (Kind::Logic, 2),
            '-' => (Kind::Minus, 1),
            '+' | '*' | '/' | '%' => (Kind::Arithmetic, 1),
            '.' if is("...") => (Kind::Ellipsis, 3),
            '.' => (Kind::Dot, 1),
            ',' => (Kind::Comma, 1),
            ':' if is("::") => (Kind::DoubleColon, 2),
            ':' => (Kind::Colon, 1),
            '?' => (Kind::Question, 1),
            other => (Kind::Other, other.len_utf8()),
        };
        self.push(kind, len);
    }

    fn braces(&mut self, change: isize) {
        if let Some(Inside::Template { braces }) = self.inside.last_mut() {
            *braces = braces.saturating_add_signed(change);
        }
    }

    fn closes_template(&self) -> bool {
        matches!(self.inside.last(), Some(Inside::Template { braces: 0 }))
    }

    /// Opens `${` or `%{` where one stands.
    fn template(&mut self) -> bool {
        let rest = self.rest();
        if !rest.starts_with("${") && !rest.starts_with("%{") {
            return false;
        }
        let len = if rest[2..].starts_with('~') { 3 } else { 2 };
        self.push(Kind::OpenTemplate, len);
        self.inside.push(Inside::Template { braces: 0 });
        true
    }

    fn quoted(&mut self) {
        if self.rest().starts_with('"') {
            self.push(Kind::CloseQuote, 1);
            self.inside.pop();
            return;
        }
        if self.template() {
            return;
        }
        let rest = self.rest();
        let mut len = 0;
        while let Some(c) = rest[len..].chars().next() {
            let here = &rest[len..];
            len += match c {
                '"' => break,
                '$' | '%' if escaped_template(here) => 3,
                '$' | '%' if here[1..].starts_with('{') => break,
                '\\' => 1 + here[1..].chars().next().map_or(0, char::len_utf8),
                c => c.len_utf8(),
            };
        }
        self.push(Kind::QuotedText, len);
    }

    /// One piece of a heredoc: the closing marker's line, an opening template, or text up to either or to the end of the line.
    fn heredoc(&mut self) {
        let line = self.text.get(self.at..).unwrap_or("").split_inclusive('\n').next().unwrap_or("");
        if let Some(Inside::Heredoc { marker, line_start: true }) = self.inside.last()
            && line.trim() == marker
        {
            let len = line.trim_end_matches('\n').trim_end_matches('\r').len();
            self.inside.pop();
            return self.push(Kind::CloseHeredoc, len);
        }
        if self.template() {
            return self.heredoc_line_start(self.inside.len().wrapping_sub(2), false);
        }
        let rest = self.rest();
        let mut len = 0;
        while let Some(c) = rest[len..].chars().next() {
            let here = &rest[len..];
            len += match c {
                '$' | '%' if escaped_template(here) => 3,
                '$' | '%' if here[1..].starts_with('{') => break,
                c => c.len_utf8(),
            };
            if c == '\n' {
                break;
            }
        }
        let ends_line = rest[..len].ends_with('\n');
        self.push(Kind::HeredocText, len);
        self.heredoc_line_start(self.inside.len().wrapping_sub(1), ends_line);
    }

    fn heredoc_line_start(&mut self, level: usize, value: bool) {
        if let Some(Inside::Heredoc { line_start, .. }) = self.inside.get_mut(level) {
            *line_start = value;
        }
    }
}

/// `$${` or `%%{`: text, not a template.
fn escaped_template(here: &str) -> bool {
    here.starts_with("$${") || here.starts_with("%%{")
}

/// How long the line is, with its line break.
fn line_length(text: &str) -> usize {
    text.find('\n').map_or(text.len(), |i| i + 1)
}

fn run(text: &str, more: impl Fn(char) -> bool) -> usize {
    text.find(|c| !more(c)).unwrap_or(text.len())
}

/// `12`, `1.5`, `1e-3`.
fn number_length(text: &str) -> usize {
    let digits = |from: usize| run(text.get(from..).unwrap_or(""), |c| c.is_ascii_digit());
    let mut len = digits(0);
    if text[len..].starts_with('.') && digits(len + 1) > 0 {
        len += 1 + digits(len + 1);
    }
    if text[len..].starts_with(['e', 'E']) {
        let sign = usize::from(text[len + 1..].starts_with(['+', '-']));
        if digits(len + 1 + sign) > 0 {
            len += 1 + sign + digits(len + 1 + sign);
        }
    }
    len
}

/// The marker of a heredoc that opens here, and the length of the opening with its line break.
fn heredoc_opening(text: &str) -> Option<(String, usize)> {
    let after = text.strip_prefix("<<")?;
    let after = after.strip_prefix('-').unwrap_or(after);
    let marker = &after[..run(after, |c| c.is_alphanumeric() || c == '_' || c == '-')];
    if !crate::base::value::is_identifier(marker) {
        return None;
    }
    let line_end = after[marker.len()..].strip_prefix('\r').unwrap_or(&after[marker.len()..]);
    let rest = line_end.strip_prefix('\n')?;
    Some((marker.to_owned(), text.len() - rest.len()))
}
