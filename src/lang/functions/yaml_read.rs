//! Reads YAML into values, resolving plain scalars as Terraform does: `yes` is true, `017` is seventeen, dates are times.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Span, Tag};
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
    refuse_early(text)?;
    let length = text.chars().count();
    let mut reader = Reader { text, length, events: Parser::new_from_str(text), anchors: BTreeMap::new(), open: Vec::new(), values: 0, place: Span::default() };
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
            _ => return Err(format!("on line {}, column 1: unexpected extra content after value", reader.place.start.line().saturating_sub(1))),
        }
    }
}

/// What Terraform's reader refuses and this one takes: other versions of YAML, unknown directives, a tab before the first key.
fn refuse_early(text: &str) -> Result<(), String> {
    let start = text.trim_start_matches(['\n', '\r']);
    if let Some(directive) = start.strip_prefix('%') {
        let known = ["YAML ", "TAG "].iter().any(|d| directive.starts_with(d));
        if !known {
            return Err("found unknown directive name".into());
        }
        if directive.strip_prefix("YAML ").is_some_and(|v| v.split_whitespace().next() != Some("1.1")) {
            return Err("found incompatible YAML document".into());
        }
    }
    if start.starts_with('\t') && !start.trim().is_empty() { Err("found character that cannot start any token".into()) } else { Ok(()) }
}

/// What is wrong, in the words and at the place that Terraform's reader tells of: the first line is not told, and errors of
/// the grammar count lines from zero.
fn explain(info: &str, line: usize) -> String {
    let info = info.rsplit_once(", ").map_or(info, |(before, what)| if before.starts_with("while ") { what } else { info });
    let flow = info.starts_with("expected ',' or ");
    let (what, of_grammar, line) = match info {
        "mapping values are not allowed in this context" => (info, false, line),
        "misplaced bracket" => ("did not find expected node content", true, line),
        "a block scalar content cannot start with a tab" => ("found a tab character where an indentation space is expected", false, line + 1),
        _ if info.starts_with("unexpected character: ") => ("found character that cannot start any token", false, line),
        _ if flow || info.starts_with("did not find expected '") || info.contains("node content") || info.contains("expected <") => (info, true, line),
        _ => (info, false, line),
    };
    let what = if flow { format!("did not find {what}") } else { what.to_owned() };
    match line.saturating_sub(1) {
        0 => what,
        n => format!("on line {}, column 1: {what}", if of_grammar { n } else { n + 1 }),
    }
}

struct Reader<'t> {
    text: &'t str,
    /// In characters.
    length: usize,
    /// Where the last event stands.
    place: Span,
    events: Parser<'t, saphyr_parser::StrInput<'t>>,
    anchors: BTreeMap<usize, Value>,
    /// Anchors whose definition is being read.
    open: Vec<usize>,
    values: usize,
}

impl<'t> Reader<'t> {
    fn next(&mut self) -> Result<Event<'t>, String> {
        match self.events.next() {
            Some(Ok((event, place))) => {
                self.place = place;
                Ok(event)
            }
            Some(Err(why)) if why.info().contains("unknown anchor") => Err(format!("reference to undefined anchor {:?}", self.name_at(why.marker().index()))),
            Some(Err(why)) => Err(explain(why.info(), why.marker().line())),
            None => Ok(Event::StreamEnd),
        }
    }

    /// The name of the anchor or alias at a character's place.
    fn name_at(&self, at: usize) -> String {
        let rest = self.text.chars().skip(at).skip_while(|c| matches!(c, '*' | '&'));
        rest.take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '-')).collect()
    }

    /// Whether the last event, a key without text, is just the colon after it.
    fn starts_with_colon(&self) -> bool {
        self.text.chars().nth(self.place.start.index()) == Some(':')
    }

    fn node(&mut self, event: Event<'t>, depth: usize) -> Result<Value, String> {
        if depth > MAX_DEPTH {
            return Err(format!("the document is nested more than {MAX_DEPTH} levels deep"));
        }
        self.count(1)?;
        match event {
            Event::Alias(id) if self.open.contains(&id) => {
                Err(format!("cannot refer to anchor {:?} from inside its own definition", self.name_at(self.place.start.index())))
            }
            Event::Alias(id) => {
                let value = self.anchors.get(&id).cloned().ok_or("reference to undefined anchor")?;
                self.count(size(&value))?;
                Ok(value)
            }
            Event::Scalar(text, style, anchor, tag) => {
                let ends_here =
                    matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) && self.place.end.index() >= self.length && !self.text.ends_with('\n');
                // A last line without a break gives none.
                let text = if ends_here { text.strip_suffix('\n').unwrap_or(&text) } else { &*text };
                let value = scalar(text, style, tag.as_deref())?;
                self.keep(anchor, &value);
                Ok(value)
            }
            Event::SequenceStart(anchor, tag) => {
                known_tag(tag.as_deref(), "seq", "sequence")?;
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
                known_tag(tag.as_deref(), "map", "mapping")?;
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
                Event::Scalar(text, ScalarStyle::Plain, 0, None) if text.is_empty() && self.starts_with_colon() => {
                    return Err("did not find expected key".into());
                }
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

fn known_tag(tag: Option<&Tag>, own: &str, what: &str) -> Result<(), String> {
    match tag.map(|t| (t, core(t))) {
        Some((_, Some(suffix))) if suffix != own => Err(format!("can't interpret {what} as {CORE}{suffix}")),
        Some((tag, None)) => Err(unsupported(tag)),
        _ => Ok(()),
    }
}

const CORE: &str = "tag:yaml.org,2002:";

/// The name of one of YAML's own tags, written short or in full.
fn core(tag: &Tag) -> Option<String> {
    if tag.is_yaml_core_schema() {
        return Some(tag.suffix.clone());
    }
    format!("{}{}", tag.handle, tag.suffix).strip_prefix(CORE).map(str::to_owned)
}

fn unsupported(tag: &Tag) -> String {
    format!("unsupported tag {:?}", if tag.is_yaml_core_schema() { format!("!!{}", tag.suffix) } else { format!("{}{}", tag.handle, tag.suffix) })
}

fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Result<Value, String> {
    let plain = || if style == ScalarStyle::Plain { resolve(text) } else { Ok(Value::string(text)) };
    let Some(tag) = tag else { return plain() };
    let Some(name) = core(tag) else { return Err(unsupported(tag)) };
    let cannot = || Err(format!("cannot parse {text:?} as {CORE}{name}"));
    match name.as_str() {
        "str" | "binary" => Ok(Value::string(text)),
        // What is quoted stays text.
        "int" | "float" | "bool" if style != ScalarStyle::Plain => Ok(Value::string(text)),
        "null" => Ok(Value::null(Type::Any)),
        "int" | "float" => resolve(text).and_then(|v| if v.as_number().is_some() { Ok(v) } else { cannot() }),
        "bool" => resolve(text).and_then(|v| if v.as_bool().is_some() { Ok(v) } else { cannot() }),
        "timestamp" => plain(),
        _ => Err(unsupported(tag)),
    }
}

/// A plain scalar's value by what it looks like.
fn resolve(text: &str) -> Result<Value, String> {
    Ok(match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::null(Type::Any),
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Value::bool(true),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Value::bool(false),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Value::number(Number::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Value::number(Number::NEG_INFINITY),
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
