//! Reads YAML into values, resolving plain scalars as Terraform does: `yes` is true, `017` is seventeen, dates are times.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Tag};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::{
    base::{Number, Type, Value},
    lang::convert::parse_number,
};

/// Deepest nesting that is read.
const MAX_DEPTH: usize = 200;

/// Most values a document may stand for once its aliases are followed: a few lines can otherwise name billions.
const MAX_VALUES: usize = 1_000_000;

/// The one document in a text.
pub fn decode(text: &str) -> Result<Value, String> {
    let mut reader = Reader { events: Parser::new_from_str(text), anchors: BTreeMap::new(), open: Vec::new(), values: 0 };
    let value = loop {
        match reader.next()? {
            Event::StreamStart | Event::DocumentStart(_) | Event::Nothing => {}
            Event::StreamEnd | Event::DocumentEnd => return Err("on line 1, column 1: missing start of document".into()),
            event => break reader.node(event, 0)?,
        }
    };
    loop {
        match reader.next()? {
            Event::DocumentEnd | Event::Nothing => {}
            Event::StreamEnd => return Ok(value),
            _ => return Err("on line 1, column 1: unexpected extra content after value".into()),
        }
    }
}

struct Reader<'t> {
    events: Parser<'t, saphyr_parser::StrInput<'t>>,
    anchors: BTreeMap<usize, Value>,
    /// Anchors whose definition is being read.
    open: Vec<usize>,
    values: usize,
}

impl<'t> Reader<'t> {
    fn next(&mut self) -> Result<Event<'t>, String> {
        match self.events.next() {
            Some(Ok((event, _))) => Ok(event),
            Some(Err(why)) => Err(format!("on line {}, column {}: {}", why.marker().line(), why.marker().col() + 1, why.info())),
            None => Ok(Event::StreamEnd),
        }
    }

    fn node(&mut self, event: Event<'t>, depth: usize) -> Result<Value, String> {
        if depth > MAX_DEPTH {
            return Err(format!("the document is nested more than {MAX_DEPTH} levels deep"));
        }
        self.count(1)?;
        match event {
            Event::Alias(id) if self.open.contains(&id) => Err("cannot refer to an anchor from inside its own definition".into()),
            Event::Alias(id) => {
                let value = self.anchors.get(&id).cloned().ok_or("reference to undefined anchor")?;
                self.count(size(&value))?;
                Ok(value)
            }
            Event::Scalar(text, style, anchor, tag) => {
                let value = scalar(&text, style, tag.as_deref())?;
                self.keep(anchor, &value);
                Ok(value)
            }
            Event::SequenceStart(anchor, tag) => {
                known_tag(tag.as_deref(), "seq")?;
                self.open.push(anchor);
                let mut items = Vec::new();
                loop {
                    match self.next()? {
                        Event::SequenceEnd => break,
                        event => items.push(self.node(event, depth + 1)?),
                    }
                }
                self.open.pop();
                let value = Value::tuple(items);
                self.keep(anchor, &value);
                Ok(value)
            }
            Event::MappingStart(anchor, tag) => {
                known_tag(tag.as_deref(), "map")?;
                self.open.push(anchor);
                let value = self.mapping(depth)?;
                self.open.pop();
                self.keep(anchor, &value);
                Ok(value)
            }
            _ => Err("unexpected end of document".into()),
        }
    }

    fn count(&mut self, more: usize) -> Result<(), String> {
        self.values = self.values.saturating_add(more);
        if self.values > MAX_VALUES { Err(format!("the document holds more than {MAX_VALUES} values")) } else { Ok(()) }
    }

    fn keep(&mut self, anchor: usize, value: &Value) {
        if anchor != 0 {
            self.anchors.insert(anchor, value.clone());
        }
    }

    fn mapping(&mut self, depth: usize) -> Result<Value, String> {
        let mut attrs = BTreeMap::new();
        loop {
            let (key, is_merge) = match self.next()? {
                Event::MappingEnd => return Ok(Value::object(attrs)),
                Event::Scalar(text, ScalarStyle::Plain, 0, None) if text == "<<" => (Value::string("<<"), true),
                event => (self.node(event, depth + 1)?, false),
            };
            let event = self.next()?;
            let value = self.node(event, depth + 1)?;
            if is_merge {
                let Some(entries) = value.entries() else { return Err(format!("on line 1, column 3: cannot merge {} into mapping", value.ty().friendly())) };
                // What comes later in the mapping overrides what is merged here.
                attrs.extend(entries.clone());
                continue;
            }
            if key.is_null() {
                return Err("mapping key cannot be null".into());
            }
            match crate::lang::convert::to_text(&key) {
                Some(key) => drop(attrs.insert(key, value)),
                None => return Err("only strings are allowed as mapping keys".into()),
            }
        }
    }
}

fn size(value: &Value) -> usize {
    1 + value.children().map(|(_, v)| size(v)).sum::<usize>()
}

fn known_tag(tag: Option<&Tag>, own: &str) -> Result<(), String> {
    match tag {
        Some(tag) if !(tag.is_yaml_core_schema() && tag.suffix == own) => Err(unsupported(tag)),
        _ => Ok(()),
    }
}

fn unsupported(tag: &Tag) -> String {
    format!("unsupported tag {:?}", if tag.is_yaml_core_schema() { format!("!!{}", tag.suffix) } else { format!("{}{}", tag.handle, tag.suffix) })
}

fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Result<Value, String> {
    let plain = || if style == ScalarStyle::Plain { resolve(text) } else { Ok(Value::string(text)) };
    let Some(tag) = tag else { return plain() };
    if !tag.is_yaml_core_schema() {
        return Err(unsupported(tag));
    }
    match tag.suffix.as_str() {
        "str" | "binary" => Ok(Value::string(text)),
        "null" => Ok(Value::null(Type::Any)),
        "int" | "float" | "bool" | "timestamp" => plain(),
        _ => Err(unsupported(tag)),
    }
}

/// A plain scalar's value by what it looks like.
fn resolve(text: &str) -> Result<Value, String> {
    Ok(match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::null(Type::Any),
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Value::bool(true),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Value::bool(false),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "-.inf" | "+.Inf" | "-.Inf" => return Err("infinity cannot be a value".into()),
        ".nan" | ".NaN" | ".NAN" => return Err("floating point NaN is not supported".into()),
        _ => number(text).map(Value::number).or_else(|| timestamp(text)).unwrap_or_else(|| Value::string(text)),
    })
}

fn number(text: &str) -> Option<Number> {
    let radix = |digits: &str, base: u32| {
        let all = !digits.is_empty() && digits.chars().all(|c| c.is_digit(base));
        all.then(|| u128::from_str_radix(digits, base).ok()).flatten().map(Number::from)
    };
    match text.get(..2) {
        Some("0x") => radix(text.get(2..)?, 16),
        Some("0o") => radix(text.get(2..)?, 8),
        _ => parse_number(text),
    }
}

/// `2020-1-2`, `2020-01-02 03:04:05`, `2020-01-02T03:04:05.6+07:00`, as RFC 3339 without fractions.
fn timestamp(text: &str) -> Option<Value> {
    let (date, rest) = text.split_at(text.find(['T', 't', ' ']).unwrap_or(text.len()));
    let numbers: Vec<&str> = date.split('-').collect();
    let [year, month, day] = numbers.as_slice() else { return None };
    let digits = |s: &str, n: std::ops::RangeInclusive<usize>| n.contains(&s.len()) && s.bytes().all(|b| b.is_ascii_digit());
    if !digits(year, 4..=4) || !digits(month, 1..=2) || !digits(day, 1..=2) {
        return None;
    }
    let clock = match rest.trim_start_matches(['T', 't', ' ']) {
        "" if rest.is_empty() => "00:00:00Z".to_owned(),
        clock if clock.ends_with('Z') || clock.get(8..).is_some_and(|z| z.contains(['+', '-'])) => clock.replace(' ', ""),
        clock => format!("{clock}Z"),
    };
    let whole = format!("{year}-{month:0>2}-{day:0>2}T{clock}");
    let t = OffsetDateTime::parse(&whole, &Rfc3339).ok()?.replace_nanosecond(0).ok()?;
    t.format(&Rfc3339).ok().map(Value::string)
}
