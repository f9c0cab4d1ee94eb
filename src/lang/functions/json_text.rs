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
        self.peek().map_or_else(|| "EOF".into(), |c| format!("invalid character {c:?}{place}"))
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
                    if !self.rest().is_empty() && word.starts_with(self.rest().trim_end()) {
                        return Err("unexpected EOF".into());
                    }
                }
                Err(self.unexpected(" looking for beginning of value"))
            }
        }
    }

    fn number(&mut self) -> Result<Value, String> {
        let len = self.rest().find(|c: char| !matches!(c, '0'..='9' | '-' | '+' | '.' | 'e' | 'E')).unwrap_or(self.rest().len());
        let text = self.rest().get(..len).unwrap_or("");
        let digits = text.trim_start_matches('-');
        // JSON knows neither leading zeros nor bare points.
        let whole = digits.split(['.', 'e', 'E']).next().unwrap_or("");
        let leading_zero = whole.len() > 1 && whole.starts_with('0');
        let bare_point = whole.is_empty() || digits.ends_with('.') || digits.contains(".e") || digits.contains(".E");
        let number = parse_number(text).filter(|_| !leading_zero && !bare_point && !text.starts_with('+'));
        match number {
            Some(n) => {
                self.at += len;
                Ok(Value::number(n))
            }
            None => Err("invalid character in numeric literal".into()),
        }
    }

    fn string(&mut self) -> Result<String, String> {
        let bytes = self.rest().as_bytes();
        let mut i = 1;
        while let Some(b) = bytes.get(i) {
            match b {
                b'\\' => i += 2,
                b'"' => {
                    let literal = self.rest().get(..=i).unwrap_or("").to_owned();
                    self.at += i + 1;
                    return serde_json::from_str(&literal).map_err(|_| "invalid character in string escape code".to_owned());
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
