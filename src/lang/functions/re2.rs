//! Regular expressions in the syntax of RE2, as Go reads it: checked and told of in Go's words, and put into the syntax of the
//! `regex` crate, whose classes know more of Unicode.

use regex::{Captures, Regex, RegexBuilder};

/// Most that a repetition may count, also nested.
const MAX_REPEAT: u32 = 1000;

/// Groups may be nested this deep.
const MAX_DEPTH: usize = 250;

/// A compiled pattern; its groups' names are kept apart, as Go allows what the crate does not.
pub struct Pattern {
    pub regex: Regex,
    /// By group, from the first on.
    pub names: Vec<Option<String>>,
}

/// What is wrong with a pattern: the rule, and the part of the pattern that breaks it.
pub struct Wrong {
    pub rule: &'static str,
    pub part: String,
}

impl Pattern {
    pub fn compile(pattern: &str) -> Result<Pattern, Wrong> {
        let mut reader = Reader { whole: pattern, rest: pattern, out: String::new(), names: Vec::new(), open: Vec::new(), last: Last::Nothing };
        reader.read()?;
        let too_large = |_| Wrong { rule: "expression too large", part: pattern.to_owned() };
        let regex = RegexBuilder::new(&reader.out).size_limit(64 << 20).build().map_err(too_large)?;
        Ok(Pattern { regex, names: reader.names })
    }

    /// What a replacement text gives for a match: `$1`, `${name}` and `$$` have a meaning in it.
    pub fn expand(&self, template: &str, found: &Captures, out: &mut String) {
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('$') {
            out.push_str(before);
            rest = after;
            if let Some(tail) = after.strip_prefix('$') {
                out.push('$');
                rest = tail;
                continue;
            }
            let word = |c: char| c.is_alphanumeric() || c == '_';
            let (name, tail) = match after.strip_prefix('{').and_then(|a| a.split_once('}')) {
                Some((name, tail)) => (name, tail),
                None => after.split_at(after.find(|c| !word(c)).unwrap_or(after.len())),
            };
            if name.is_empty() || !name.chars().all(word) {
                out.push('$');
                continue;
            }
            let index = match name.parse::<usize>() {
                Ok(index) => Some(index),
                Err(_) => self.names.iter().rposition(|n| n.as_deref() == Some(name)).map(|i| i + 1),
            };
            out.push_str(index.and_then(|i| found.get(i)).map_or("", |m| m.as_str()));
            rest = tail;
        }
        out.push_str(rest);
    }
}

/// What a repetition would repeat.
#[derive(Clone, Copy, PartialEq)]
enum Last {
    Nothing,
    /// Something that already counts so many repetitions.
    Item(u32),
    /// A repetition, which began with so many bytes left.
    Repeat(usize),
}

struct Reader<'p> {
    whole: &'p str,
    rest: &'p str,
    out: String,
    names: Vec<Option<String>>,
    /// For each open group, the most that its content repeats.
    open: Vec<u32>,
    last: Last,
}

fn wrong<R>(rule: &'static str, part: impl Into<String>) -> Result<R, Wrong> {
    Err(Wrong { rule, part: part.into() })
}

const PERL: &str = "invalid or unsupported Perl syntax";

impl<'p> Reader<'p> {
    fn read(&mut self) -> Result<(), Wrong> {
        let mut most = 1;
        while let Some(c) = self.rest.chars().next() {
            match c {
                '(' => self.group()?,
                ')' => {
                    let Some(outer) = self.open.pop() else { return wrong("unexpected )", self.whole) };
                    self.take(1);
                    self.out.push(')');
                    let inner = std::mem::replace(&mut most, outer);
                    self.last = Last::Item(inner);
                    continue;
                }
                '|' => {
                    self.take(1);
                    self.out.push('|');
                    self.last = Last::Nothing;
                }
                '*' | '+' | '?' => self.repeat(1, 1)?,
                '{' => match repeat_counts(self.rest) {
                    Some((len, least, most)) => {
                        let part = self.rest.get(..len).unwrap_or("");
                        if least > MAX_REPEAT || most.is_some_and(|m| m > MAX_REPEAT || m < least) {
                            return wrong("invalid repeat count", part);
                        }
                        self.repeat(len, most.unwrap_or(least).max(1))?;
                    }
                    None => self.literal('{', 1),
                },
                '[' => self.class()?,
                '\\' => self.escape()?,
                '^' | '$' | '.' => {
                    self.take(1);
                    self.out.push(c);
                    self.last = Last::Item(1);
                }
                c => self.literal(c, c.len_utf8()),
            }
            if c == '(' {
                // What the new group repeats is counted anew.
                if let Some(outer) = self.open.last_mut().filter(|_| self.last == Last::Nothing) {
                    *outer = std::mem::replace(&mut most, 1).max(*outer);
                }
            } else if let Last::Item(n) = self.last {
                most = most.max(n);
            }
        }
        if self.open.is_empty() { Ok(()) } else { wrong("missing closing )", self.whole) }
    }

    fn take(&mut self, len: usize) -> &'p str {
        let (taken, rest) = self.rest.split_at(len.min(self.rest.len()));
        self.rest = rest;
        taken
    }

    fn literal(&mut self, c: char, len: usize) {
        self.take(len);
        self.out.push_str(&regex::escape(c.encode_utf8(&mut [0; 4])));
        self.last = Last::Item(1);
    }

    fn repeat(&mut self, len: usize, times: u32) -> Result<(), Wrong> {
        let start = self.rest;
        let inner = match self.last {
            Last::Nothing => return wrong("missing argument to repetition operator", start.get(..len).unwrap_or("")),
            Last::Item(n) => n,
            Last::Repeat(left) => {
                // From the start of the first repetition to the end of this one.
                let from = self.whole.len() - left;
                let to = self.whole.len() - start.len() + len;
                return wrong("invalid nested repetition operator", self.whole.get(from..to).unwrap_or(""));
            }
        };
        if inner.saturating_mul(times) > MAX_REPEAT {
            return wrong("invalid repeat count", start.get(..len).unwrap_or(""));
        }
        let left = start.len();
        let op = self.take(len);
        self.out.push_str(op);
        if self.rest.starts_with('?') {
            self.take(1);
            self.out.push('?');
        }
        self.last = Last::Repeat(left);
        if let Some(most) = self.open.last_mut() {
            *most = (*most).max(inner.saturating_mul(times));
        }
        Ok(())
    }

    fn group(&mut self) -> Result<(), Wrong> {
        if self.open.len() >= MAX_DEPTH {
            return wrong("expression nests too deeply", self.whole);
        }
        let start = self.rest;
        let named = start.strip_prefix("(?P<").or_else(|| start.strip_prefix("(?<"));
        if let Some(after) = named {
            let Some((name, _)) = after.split_once('>') else { return wrong("invalid named capture", start) };
            let len = start.len() - after.len() + name.len() + 1;
            if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
                return wrong("invalid named capture", start.get(..len).unwrap_or(""));
            }
            self.take(len);
            self.names.push(Some(name.to_owned()));
            self.out.push('(');
        } else if let Some(flags) = start.strip_prefix("(?") {
            let (mut signed, mut any) = (false, false);
            for (i, c) in flags.char_indices() {
                match c {
                    'i' | 'm' | 's' | 'U' => any = true,
                    '-' if !signed => (signed, any) = (true, false),
                    ':' | ')' if !signed || any => {
                        let taken = self.take(2 + i + 1);
                        self.out.push_str(taken);
                        if c == ')' {
                            // Flags alone stay for the rest of the group.
                            if taken == "(?)" {
                                self.out.truncate(self.out.len() - 3);
                            }
                            self.last = Last::Nothing;
                            return Ok(());
                        }
                        self.open.push(1);
                        self.last = Last::Nothing;
                        return Ok(());
                    }
                    c => return wrong(PERL, start.get(..2 + i + c.len_utf8()).unwrap_or("")),
                }
            }
            return wrong(PERL, start);
        } else {
            self.take(1);
            self.names.push(None);
            self.out.push('(');
        }
        self.open.push(1);
        self.last = Last::Nothing;
        Ok(())
    }

    fn escape(&mut self) -> Result<(), Wrong> {
        let after = self.rest.get(1..).unwrap_or("");
        let Some(c) = after.chars().next() else { return wrong("trailing backslash at end of expression", "") };
        let simple = match c {
            'A' => "\\A",
            'z' => "\\z",
            'b' => "(?-u:\\b)",
            'B' => "\\B",
            'Q' => {
                let inner = after.get(1..).unwrap_or("");
                let (text, len) = inner.split_once("\\E").map_or((inner, inner.len()), |(text, _)| (text, text.len() + 2));
                self.out.push_str(&regex::escape(text));
                self.last = if text.is_empty() { self.last } else { Last::Item(1) };
                self.take(2 + len);
                return Ok(());
            }
            'p' | 'P' => {
                let class = self.property()?;
                self.out.push_str(&class);
                self.last = Last::Item(1);
                return Ok(());
            }
            c => match perl_class(c) {
                Some((inner, negated)) => {
                    self.out.push_str(&format!("[{}{inner}]", if negated { "^" } else { "" }));
                    ""
                }
                None => {
                    let code = self.code()?;
                    self.out.push_str(&format!("\\x{{{:x}}}", u32::from(code)));
                    self.last = Last::Item(1);
                    return Ok(());
                }
            },
        };
        self.out.push_str(simple);
        self.take(1 + c.len_utf8());
        self.last = Last::Item(1);
        Ok(())
    }

    /// `\pN`, `\p{Greek}`, `\P{^L}`.
    fn property(&mut self) -> Result<String, Wrong> {
        let after = self.rest.get(2..).unwrap_or("");
        let len = match after.chars().next() {
            Some('{') => match after.find('}') {
                Some(end) => 2 + end + 1,
                None => return wrong("invalid character class range", self.rest),
            },
            Some(c) => 2 + c.len_utf8(),
            None => return wrong("invalid escape sequence", self.rest),
        };
        let part = self.take(len);
        let name = part.get(2..).unwrap_or("").trim_start_matches('{').trim_end_matches('}');
        let negated = part.starts_with("\\P") != name.starts_with('^');
        let class = format!("\\{}{{{}}}", if negated { 'P' } else { 'p' }, name.trim_start_matches('^'));
        if Regex::new(&class).is_err() { wrong("invalid character class range", part) } else { Ok(class) }
    }

    /// The character that an escape stands for.
    fn code(&mut self) -> Result<char, Wrong> {
        let start = self.rest;
        let after = start.get(1..).unwrap_or("");
        let Some(c) = after.chars().next() else { return wrong("trailing backslash at end of expression", "") };
        let invalid = |len: usize| wrong("invalid escape sequence", start.get(..len.min(start.len())).unwrap_or(start));
        let octal = |s: &str| s.chars().take(3).take_while(|c| ('0'..='7').contains(c)).count();
        let (code, len) = match c {
            'a' => ('\u{7}', 1),
            'f' => ('\u{c}', 1),
            'n' => ('\n', 1),
            'r' => ('\r', 1),
            't' => ('\t', 1),
            'v' => ('\u{b}', 1),
            '0'..='7' if c == '0' || octal(after) > 1 => {
                let digits = octal(after);
                let code = after.get(..digits).and_then(|d| u32::from_str_radix(d, 8).ok()).and_then(char::from_u32);
                (code.unwrap_or('\0'), digits)
            }
            'x' => match hexadecimal(after) {
                Ok(found) => found,
                Err(len) => return invalid(1 + len),
            },
            c if c.is_ascii() && !c.is_ascii_alphanumeric() => (c, 1),
            c => return invalid(1 + c.len_utf8()),
        };
        self.take(1 + len);
        Ok(code)
    }

    fn class(&mut self) -> Result<(), Wrong> {
        let start = self.rest;
        self.take(1);
        self.out.push('[');
        if self.rest.starts_with('^') {
            self.take(1);
            self.out.push('^');
        }
        let mut first = true;
        while first || !self.rest.starts_with(']') {
            first = false;
            if let Some(name) = self.rest.strip_prefix("[:").and_then(|r| r.split_once(":]")).map(|(name, _)| name) {
                let part = self.take(name.len() + 4);
                const KNOWN: [&str; 14] =
                    ["alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper", "word", "xdigit"];
                if !KNOWN.contains(&name.trim_start_matches('^')) {
                    return wrong("invalid character class range", part);
                }
                self.out.push_str(part);
                continue;
            }
            let escaped = self.rest.strip_prefix('\\').and_then(|r| r.chars().next());
            if let Some('p' | 'P') = escaped {
                let class = self.property()?;
                self.out.push_str(&class);
                continue;
            }
            if let Some((inner, negated)) = escaped.and_then(perl_class) {
                self.take(2);
                self.out.push_str(&if negated { format!("[^{inner}]") } else { inner.to_owned() });
                continue;
            }
            let range = self.rest;
            let low = self.class_char(start)?;
            let mut high = low;
            if self.rest.starts_with('-') && !matches!(self.rest.get(1..2), None | Some("]")) {
                self.take(1);
                high = self.class_char(start)?;
                if high < low {
                    return wrong("invalid character class range", range.get(..range.len() - self.rest.len()).unwrap_or(""));
                }
            }
            self.out.push_str(&format!("\\x{{{:x}}}-\\x{{{:x}}}", u32::from(low), u32::from(high)));
        }
        self.take(1);
        self.out.push(']');
        self.last = Last::Item(1);
        Ok(())
    }

    fn class_char(&mut self, start: &str) -> Result<char, Wrong> {
        match self.rest.chars().next() {
            None => wrong("missing closing ]", start),
            Some('\\') => self.code(),
            Some(c) => {
                self.take(c.len_utf8());
                Ok(c)
            }
        }
    }
}

/// What `\d`, `\s` and `\w` stand for, in ASCII only, and whether the letter is the class's opposite.
fn perl_class(c: char) -> Option<(&'static str, bool)> {
    let inner = match c.to_ascii_lowercase() {
        'd' => "0-9",
        's' => "\\t\\n\\f\\r ",
        'w' => "0-9A-Za-z_",
        _ => return None,
    };
    Some((inner, c.is_ascii_uppercase()))
}

/// The character after `x`, and how long that is; or how much of it had to be read to see that it is none.
fn hexadecimal(text: &str) -> Result<(char, usize), usize> {
    let Some(inner) = text.strip_prefix("x{") else {
        let digits: String = text.chars().skip(1).take(2).collect();
        let code = if digits.chars().count() == 2 { u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32) } else { None };
        return code.map(|c| (c, 3)).ok_or(1 + digits.len());
    };
    let mut code = 0u32;
    for (i, c) in inner.char_indices() {
        match (c, c.to_digit(16)) {
            ('}', _) if i > 0 => return char::from_u32(code).map(|c| (c, 2 + i + 1)).ok_or(2 + i + 1),
            (_, Some(digit)) => {
                code = code * 16 + digit;
                if code > 0x10_ffff {
                    return Err(2 + i + 1);
                }
            }
            _ => return Err(2 + i + c.len_utf8()),
        }
    }
    Err(text.len())
}

/// `{2}`, `{2,}` or `{2,3}`: its length and the counts; anything else is text.
fn repeat_counts(text: &str) -> Option<(usize, u32, Option<u32>)> {
    let (inner, _) = text.strip_prefix('{')?.split_once('}')?;
    let number = |s: &str| {
        let digits = !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit()) && !(s.len() > 1 && s.starts_with('0'));
        digits.then(|| s.parse::<u32>().unwrap_or(u32::MAX))
    };
    let (least, most) = match inner.split_once(',') {
        None => (number(inner)?, Some(number(inner)?)),
        Some((least, "")) => (number(least)?, None),
        Some((least, most)) => (number(least)?, Some(number(most)?)),
    };
    Some((inner.len() + 2, least, most))
}
