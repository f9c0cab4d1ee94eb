//! Reads JSON into values, with exact numbers, and says what is wrong in the words Terraform users know.

use std::collections::BTreeMap;

use crate::{
    base::{Type, Value},
    lang::convert::parse_number,
};

/// Deepest nesting that is read.
const MAX_DEPTH: usize = 200;

/// The one value in a text.
pub fn decode(text: &str) -> Result<Value, String> {
    let mut reader = Reader { text, at: 0 };
    reader.space();
    if reader.peek().is_none() {
        return Err("EOF".into());
    }
    let value = reader.value(0)?;
    reader.space();
    if reader.peek().is_some() { Err("extraneous data after JSON object".into()) } else { Ok(value) }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn space(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start_matches([' ', '\t', '\r', '\n']).len();
    }

    /// The complaint about the next character, or about the end of the text.
    fn unexpected(&self, place: &str) -> String {
        self.peek().map_or_else(|| "EOF".into(), |c| format!("invalid character {}{place}", shown(c)))
    }

    fn value(&mut self, depth: usize) -> Result<Value, String> {
        if depth > MAX_DEPTH {
            return Err("exceeded max depth".into());
        }
        match self.peek() {
            Some('{') => self.object(depth),
            Some('[') => self.array(depth),
            Some('"') => self.string().map(Value::string),
            Some('-' | '0'..='9') => self.number(),
            _ => {
                for (word, value) in [("true", Value::bool(true)), ("false", Value::bool(false)), ("null", Value::null(Type::Any))] {
                    if self.rest().starts_with(word) {
                        self.at += word.len();
                        return Ok(value);
                    }
                    if self.rest().chars().next() == word.chars().next() {
                        return Err(self.broken_word(word));
                    }
                }
                Err(self.unexpected(" looking for beginning of value"))
            }
        }
    }

    /// `true`, `false` or `null` that went wrong after its first letter.
    fn broken_word(&self, word: &str) -> String {
        let mut rest = self.rest().chars();
        for wanted in word.chars() {
            match rest.next() {
                Some(c) if c == wanted => {}
                Some(c) => return format!("invalid character {} in literal {word} (expecting {})", shown(c), shown(wanted)),
                None => break,
            }
        }
        "unexpected EOF".into()
    }

    fn number(&mut self) -> Result<Value, String> {
        let text = self.rest();
        let bytes = text.as_bytes();
        let digits = |from: usize| (from..).take_while(|i| bytes.get(*i).is_some_and(u8::is_ascii_digit)).count();
        let wrong = |at: usize, place: &str| match text.get(at..).and_then(|t| t.chars().next()) {
            Some(c) => Err(format!("invalid character {} {place}", shown(c))),
            None => Err("unexpected EOF".to_owned()),
        };
        let mut end = usize::from(bytes.first() == Some(&b'-'));
        // A zero stands alone before the point.
        end += match bytes.get(end) {
            Some(b'0') => 1,
            Some(b'1'..=b'9') => digits(end),
            _ => return wrong(end, "in numeric literal"),
        };
        if bytes.get(end) == Some(&b'.') {
            let fraction = digits(end + 1);
            if fraction == 0 {
                return wrong(end + 1, "after decimal point in numeric literal");
            }
            end += 1 + fraction;
        }
        if matches!(bytes.get(end), Some(b'e' | b'E')) {
            let from = end + 1 + usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
            let exponent = digits(from);
            if exponent == 0 {
                return wrong(from, "in exponent of numeric literal");
            }
            end = from + exponent;
        }
        let number = text.get(..end).and_then(parse_number).ok_or("invalid character in numeric literal")?;
        self.at += end;
        Ok(Value::number(number))
    }

    fn string(&mut self) -> Result<String, String> {
        let bytes = self.rest().as_bytes();
        let mut i = 1;
        while let Some(b) = bytes.get(i) {
            match b {
                b'\\' => i += 2,
                b'"' => {
                    let inner = unescape(self.rest().get(1..i).unwrap_or(""))?;
                    self.at += i + 1;
                    return Ok(inner);
                }
                0..=0x1f => return Err(format!("invalid character {:?} in string literal", *b as char)),
                _ => i += 1,
            }
        }
        Err("unexpected EOF".into())
    }

    fn array(&mut self, depth: usize) -> Result<Value, String> {
        self.at += 1;
        let mut items = Vec::new();
        self.space();
        if self.peek() == Some(']') {
            self.at += 1;
            return Ok(Value::tuple(items));
        }
        loop {
            self.space();
            items.push(self.value(depth + 1)?);
            self.space();
            match self.peek() {
                Some(',') => self.at += 1,
                Some(']') => break,
                _ => return Err(self.unexpected(" after array element")),
            }
        }
        self.at += 1;
        Ok(Value::tuple(items))
    }

    fn object(&mut self, depth: usize) -> Result<Value, String> {
        self.at += 1;
        let mut attrs = BTreeMap::new();
        self.space();
        if self.peek() == Some('}') {
            self.at += 1;
            return Ok(Value::object(attrs));
        }
        loop {
            self.space();
            if self.peek() != Some('"') {
                return Err(self.unexpected(""));
            }
            let key = self.string()?;
            self.space();
            if self.peek() != Some(':') {
                return Err(self.unexpected(" after object key"));
            }
            self.at += 1;
            self.space();
            let value = self.value(depth + 1)?;
            attrs.insert(key, value);
            self.space();
            match self.peek() {
                Some(',') => self.at += 1,
                Some('}') => break,
                _ => return Err(self.unexpected(" after object key:value pair")),
            }
        }
        self.at += 1;
        Ok(Value::object(attrs))
    }
}

/// A character as Go quotes it.
fn shown(c: char) -> String {
    match c {
        '\'' => "'\\''".into(),
        '"' => "'\"'".into(),
        c => format!("{c:?}"),
    }
}

/// A string's text without its escapes; halves of surrogate pairs become replacement characters.
fn unescape(raw: &str) -> Result<String, String> {
    let mut units: Vec<u16> = Vec::new();
    let mut chars = raw.chars();
    while let Some(c) = chars.next() {
        let mut buffer = [0; 2];
        let plain = match c {
            '\\' => match chars.next() {
                Some('u') => {
                    let digits: String = chars.by_ref().take(4).collect();
                    if let Some(bad) = digits.chars().find(|d| !d.is_ascii_hexdigit()) {
                        return Err(format!("invalid character {} in \\u hexadecimal character escape", shown(bad)));
                    }
                    units.push(u16::from_str_radix(&digits, 16).map_err(|_| "unexpected EOF")?);
                    continue;
                }
                Some(c @ ('"' | '\\' | '/')) => c,
                Some('b') => '\u{8}',
                Some('f') => '\u{c}',
                Some('n') => '\n',
                Some('r') => '\r',
                Some('t') => '\t',
                Some(other) => return Err(format!("invalid character {} in string escape code", shown(other))),
                None => return Err("unexpected EOF".into()),
            },
            c => c,
        };
        units.extend_from_slice(plain.encode_utf16(&mut buffer));
    }
    Ok(String::from_utf16_lossy(&units))
}
