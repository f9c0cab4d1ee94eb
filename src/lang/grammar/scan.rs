//! Text to tokens. Inside strings and heredocs the text between interpolations is cut where Terraform's scanner cuts it, as strip
//! markers reach over one piece.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Ident,
    Number,
    OBrace,
    CBrace,
    OBrack,
    CBrack,
    OParen,
    CParen,
    OQuote,
    CQuote,
    OHeredoc,
    CHeredoc,
    /// Text inside quotes, with escapes.
    QuotedText,
    /// Text of a heredoc or a whole template.
    RawText,
    /// `${` or `${~`.
    Interp,
    /// `%{` or `%{~`.
    Control,
    /// The brace, with or without `~`, that ends one of them.
    SeqEnd,
    Newline,
    /// `#` or `//` with its line break.
    LineComment,
    Comment,
    Equal,
    EqualOp,
    NotEqual,
    Less,
    LessEq,
    Greater,
    GreaterEq,
    Plus,
    Minus,
    Star,
    Slash,
    Percent,
    And,
    Or,
    Bang,
    Dot,
    Comma,
    Ellipsis,
    FatArrow,
    Question,
    Colon,
    DoubleColon,
    Invalid,
    Eof,
}

#[derive(Clone, Copy, Debug)]
pub struct Token {
    pub kind: Kind,
    pub start: u32,
    pub end: u32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Normal,
    /// The whole text is a template.
    Heredoc,
}

/// What surrounds the place that is scanned.
enum Inside {
    /// An expression within a template; how many braces are open in it.
    Sequence(usize),
    Quotes,
    Heredoc(String),
    Whole,
}

/// All tokens of a text from a byte on; the last is the end.
pub fn scan(text: &str, from: usize, mode: Mode) -> Vec<Token> {
    let mut s = Scanner { text, at: from.min(text.len()), tokens: Vec::new(), inside: Vec::new() };
    if mode == Mode::Heredoc {
        s.inside.push(Inside::Whole);
    }
    while s.at < text.len() {
        match s.inside.last() {
            None | Some(Inside::Sequence(_)) => s.normal(),
            Some(Inside::Quotes) => s.quotes(),
            Some(Inside::Heredoc(_) | Inside::Whole) => s.heredoc(),
        }
    }
    let end = text.len() as u32;
    s.tokens.push(Token { kind: Kind::Eof, start: end, end });
    s.tokens
}

struct Scanner<'t> {
    text: &'t str,
    at: usize,
    tokens: Vec<Token>,
    inside: Vec<Inside>,
}

/// Operators and brackets, longer ones first.
const SYMBOLS: [(&str, Kind); 29] = [
    ("...", Kind::Ellipsis),
    ("::", Kind::DoubleColon),
    ("=>", Kind::FatArrow),
    ("==", Kind::EqualOp),
    ("!=", Kind::NotEqual),
    ("<=", Kind::LessEq),
    (">=", Kind::GreaterEq),
    ("&&", Kind::And),
    ("||", Kind::Or),
    ("**", Kind::Invalid),
    ("[", Kind::OBrack),
    ("]", Kind::CBrack),
    ("(", Kind::OParen),
    (")", Kind::CParen),
    ("=", Kind::Equal),
    ("<", Kind::Less),
    (">", Kind::Greater),
    ("+", Kind::Plus),
    ("-", Kind::Minus),
    ("*", Kind::Star),
    ("/", Kind::Slash),
    ("%", Kind::Percent),
    ("!", Kind::Bang),
    (".", Kind::Dot),
    (",", Kind::Comma),
    ("?", Kind::Question),
    (":", Kind::Colon),
    ("&", Kind::Invalid),
    ("|", Kind::Invalid),
];

pub fn starts_identifier(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

pub fn continues_identifier(c: char) -> bool {
    // Letters, digits, and the marks that combine with them.
    c.is_alphanumeric() || c == '_' || c == '-' || matches!(c, '\u{300}'..='\u{36f}' | '\u{b7}' | '\u{203f}'..='\u{2040}')
}

impl Scanner<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn starts(&self, prefix: &str) -> bool {
        self.rest().starts_with(prefix)
    }

    fn push(&mut self, kind: Kind, len: usize) {
        let end = (self.at + len).min(self.text.len());
        self.tokens.push(Token { kind, start: self.at as u32, end: end as u32 });
        self.at = end;
    }

    fn normal(&mut self) {
        let Some(c) = self.rest().chars().next() else { return };
        let line = |rest: &str| rest.find('\n').map_or(rest.len(), |i| i + 1);
        match c {
            ' ' | '\t' => self.at += 1,
            '\r' if self.starts("\r\n") => self.push(Kind::Newline, 2),
            '\n' => self.push(Kind::Newline, 1),
            '#' => self.push(Kind::LineComment, line(self.rest())),
            '/' if self.starts("//") => self.push(Kind::LineComment, line(self.rest())),
            '/' if self.starts("/*") => {
                let len = self.rest().get(2..).and_then(|r| r.find("*/")).map_or(self.rest().len(), |i| i + 4);
                self.push(Kind::Comment, len);
            }
            '"' => {
                self.push(Kind::OQuote, 1);
                self.inside.push(Inside::Quotes);
            }
            '<' if self.starts("<<") && self.heredoc_marker().is_some() => self.open_heredoc(),
            '{' => {
                if let Some(Inside::Sequence(open)) = self.inside.last_mut() {
                    *open += 1;
                }
                self.push(Kind::OBrace, 1);
            }
            '}' | '~' if c == '}' || self.starts("~}") => self.close_brace(c == '~'),
            '0'..='9' => self.push(Kind::Number, number_len(self.rest())),
            c if starts_identifier(c) => {
                let len = self.rest().find(|c| !continues_identifier(c)).unwrap_or(self.rest().len());
                self.push(Kind::Ident, len);
            }
            _ => match SYMBOLS.iter().find(|(text, _)| self.starts(text)) {
                Some((text, kind)) => self.push(*kind, text.len()),
                None => self.push(Kind::Invalid, c.len_utf8()),
            },
        }
    }

    fn close_brace(&mut self, marked: bool) {
        match self.inside.last_mut() {
            Some(Inside::Sequence(0)) => {
                self.inside.pop();
                self.push(Kind::SeqEnd, 1 + usize::from(marked));
            }
            _ if marked => self.push(Kind::Invalid, 1),
            Some(Inside::Sequence(open)) => {
                *open -= 1;
                self.push(Kind::CBrace, 1);
            }
            _ => self.push(Kind::CBrace, 1),
        }
    }

    /// The marker after `<<` or `<<-`, when a line break follows it, and the length of the whole line.
    fn heredoc_marker(&self) -> Option<(String, usize)> {
        let rest = self.rest().get(2..)?;
        let dash = usize::from(rest.starts_with('-'));
        let name = rest.get(dash..)?;
        let len = name.find(|c| !continues_identifier(c)).unwrap_or(name.len());
        let marker = name.get(..len).filter(|m| m.starts_with(starts_identifier))?;
        let after = name.get(len..)?;
        let line_break = if after.starts_with("\r\n") { 2 } else { usize::from(after.starts_with('\n')) };
        (line_break > 0).then(|| (marker.to_owned(), 2 + dash + len + line_break))
    }

    fn open_heredoc(&mut self) {
        if let Some((marker, len)) = self.heredoc_marker() {
            self.push(Kind::OHeredoc, len);
            self.inside.push(Inside::Heredoc(marker));
            self.end_heredoc();
        }
    }

    /// Whether a line starts here that holds the marker alone; then the heredoc is over.
    fn end_heredoc(&mut self) -> bool {
        let Some(Inside::Heredoc(marker)) = self.inside.last() else { return false };
        let line = self.rest().split('\n').next().unwrap_or("");
        if line.trim() != marker {
            return false;
        }
        let len = line.trim_end_matches('\r').len();
        self.inside.pop();
        self.push(Kind::CHeredoc, len);
        true
    }

    /// An interpolation or directive that starts here.
    fn sequence(&mut self) -> bool {
        let kind = if self.starts("${") {
            Kind::Interp
        } else if self.starts("%{") {
            Kind::Control
        } else {
            return false;
        };
        let len = 2 + usize::from(self.rest().get(2..).is_some_and(|r| r.starts_with('~')));
        self.push(kind, len);
        self.inside.push(Inside::Sequence(0));
        true
    }

    /// `$` or `%` that starts nothing: alone, or doubled before a brace.
    fn lone_marker(&mut self, kind: Kind) {
        let escaped = ["$${~", "%%{~", "$${", "%%{"].into_iter().find(|e| self.starts(e));
        self.push(kind, escaped.map_or(1, str::len));
    }

    fn quotes(&mut self) {
        let Some(c) = self.rest().chars().next() else { return };
        match c {
            '"' => {
                self.inside.pop();
                self.push(Kind::CQuote, 1);
            }
            '\n' | '\r' => {
                let len = self.rest().find(|c| c != '\n' && c != '\r').unwrap_or(self.rest().len());
                self.push(Kind::Invalid, len);
                // The string ends with its line, and so does what it is nested in, so that the next lines are read as what they are.
                let outer = self.inside.iter().rposition(|i| matches!(i, Inside::Heredoc(_) | Inside::Whole)).map_or(0, |i| i + 1);
                let first = self.inside.iter().skip(outer).position(|i| matches!(i, Inside::Quotes)).unwrap_or(0);
                self.inside.truncate(outer + first);
                self.push(Kind::Newline, 0);
            }
            '$' | '%' => {
                if !self.sequence() {
                    self.lone_marker(Kind::QuotedText);
                }
            }
            _ => {
                let mut len = 0;
                let mut chars = self.rest().chars().peekable();
                while let Some(c) = chars.peek().copied() {
                    match c {
                        '"' | '\n' | '\r' | '$' | '%' => break,
                        '\\' => {
                            len += 1;
                            chars.next();
                            match chars.peek() {
                                Some('\n' | '\r') | None => break,
                                Some(next) => len += next.len_utf8(),
                            }
                        }
                        c => len += c.len_utf8(),
                    }
                    chars.next();
                }
                self.push(Kind::QuotedText, len);
            }
        }
    }

    fn heredoc(&mut self) {
        let rest = self.rest();
        if rest.starts_with(['$', '%']) {
            if !self.sequence() {
                self.lone_marker(Kind::RawText);
            }
            return;
        }
        let stop = rest.find(['$', '%', '\n']).unwrap_or(rest.len());
        let broken = rest.get(stop..).is_some_and(|r| r.starts_with('\n'));
        self.push(Kind::RawText, stop + usize::from(broken));
        if broken {
            self.end_heredoc();
        }
    }
}

/// How far a number goes: digits, points and exponents that end in a digit; whether they make sense is asked later.
fn number_len(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digit = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_digit);
    let (mut i, mut end) = (0, 0);
    loop {
        match bytes.get(i) {
            Some(b'0'..=b'9') => {
                i += 1;
                end = i;
            }
            Some(b'.') => i += 1,
            Some(b'e' | b'E') if digit(i + 1) => i += 1,
            Some(b'e' | b'E') if matches!(bytes.get(i + 1), Some(b'+' | b'-')) && digit(i + 2) => i += 2,
            _ => return end,
        }
    }
}
