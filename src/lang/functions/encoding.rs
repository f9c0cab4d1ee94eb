//! Functions that turn values into text forms and back: JSON, base64, URL, CSV, other character sets.

use std::{collections::BTreeMap, io::Write};

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{Cx, Function, Outcome, Param, Res, T, arg, f, p};
use crate::base::{Kind, Type, Value};

const STR: &[Param] = &[p("str", T::Str)];
const S: Res = Res::Is(T::Str);

pub(super) const FUNCTIONS: &[Function] = &[
    f("base64decode", STR, S, base64decode),
    f("base64encode", STR, S, |c| Ok(Value::string(STANDARD.encode(c.str(0))))),
    f("base64gzip", STR, S, base64gzip),
    f("csvdecode", STR, Res::Is(T::Any), csvdecode),
    f("jsondecode", STR, Res::Is(T::Any), jsondecode),
    f("jsonencode", &[p("val", T::Any).null().dynamic()], S, jsonencode),
    f("textdecodebase64", &[p("source", T::Str), p("encoding", T::Str)], S, textdecode),
    f("textencodebase64", &[p("string", T::Str), p("encoding", T::Str)], S, textencode),
    f("urlencode", STR, S, |c| Ok(Value::string(urlencode(c.str(0))))),
];

fn base64decode(c: &Cx) -> Outcome {
    // Line breaks within are skipped.
    match STANDARD.decode(c.str(0).replace(['\n', '\r'], "")).map(String::from_utf8) {
        Ok(Ok(text)) => Ok(Value::string(text)),
        Ok(Err(_)) => Err("the result of decoding the provided string is not valid UTF-8".into()),
        Err(_) => Err(format!("failed to decode base64 data {}", c.shown(0)).into()),
    }
}

fn base64gzip(c: &Cx) -> Outcome {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    let bytes = writer.write_all(c.str(0).as_bytes()).and_then(|()| writer.finish());
    bytes.map(|b| Value::string(STANDARD.encode(b))).map_err(|why| format!("failed to write gzip raw data: {why}").into())
}

fn jsonencode(c: &Cx) -> Outcome {
    let value = c.value(0);
    if has_infinity(&value) {
        return Err("cannot serialize infinity as JSON".into());
    }
    Ok(Value::string(to_json_text(&value)))
}

fn has_infinity(value: &Value) -> bool {
    value.as_number().is_some_and(|n| !n.is_finite()) || value.children().any(|(_, v)| has_infinity(v))
}

/// JSON as Terraform writes it: no spaces, keys sorted, `<`, `>` and `&` escaped.
pub(super) fn to_json_text(value: &Value) -> String {
    let mut out = String::new();
    write_json(value, &mut out);
    out
}

fn write_json(value: &Value, out: &mut String) {
    match &value.kind {
        Kind::Null(_) | Kind::Unknown(_) => out.push_str("null"),
        Kind::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Kind::Number(n) => out.push_str(&n.to_string()),
        Kind::String(s) => json_string(s, out),
        Kind::List(_, vs) | Kind::Set(_, vs) | Kind::Tuple(vs) => {
            out.push('[');
            for (i, v) in vs.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write_json(v, out);
            }
            out.push(']');
        }
        Kind::Map(_, m) | Kind::Object(m) => {
            out.push('{');
            for (i, (k, v)) in m.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                json_string(k, out);
                out.push(':');
                write_json(v, out);
            }
            out.push('}');
        }
    }
}

fn json_string(s: &str, out: &mut String) {
    out.push('"');
    for c in s.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\u{0}'..='\u{1f}' => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
}

fn jsondecode(c: &Cx) -> Outcome {
    Ok(super::json_text::decode(c.str(0))?)
}

fn urlencode(s: &str) -> String {
    let mut out = String::new();
    for b in s.bytes() {
        match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(b as char),
            b' ' => out.push('+'),
            b => out.push_str(&format!("%{b:02X}")),
        }
    }
    out
}

/// The records of a CSV text (RFC 4180); an error says on which line.
fn csv_records(text: &str) -> Result<Vec<Vec<String>>, String> {
    let mut records = Vec::new();
    let mut record = Vec::new();
    let mut field = String::new();
    let (mut quoted, mut was_quoted, mut line) = (false, false, 1);
    let text = text.replace("\r\n", "\n");
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                field.push('"');
            }
            '"' if quoted => {
                quoted = false;
                if chars.peek().is_some_and(|n| *n != ',' && *n != '\n') {
                    return Err(format!("CSV parse error on line {line}: extraneous or missing \" in quoted-field"));
                }
            }
            '"' if field.is_empty() && !was_quoted => (quoted, was_quoted) = (true, true),
            '"' => return Err(format!("CSV parse error on line {line}: bare \" in non-quoted-field")),
            c if quoted => field.push(c),
            ',' => {
                record.push(std::mem::take(&mut field));
                was_quoted = false;
            }
            '\n' => {
                line += 1;
                let blank = record.is_empty() && field.is_empty() && !was_quoted;
                if !blank {
                    record.push(std::mem::take(&mut field));
                    records.push(std::mem::take(&mut record));
                }
                was_quoted = false;
            }
            c => field.push(c),
        }
    }
    if quoted {
        return Err(format!("CSV parse error on line {line}: extraneous or missing \" in quoted-field"));
    }
    if !record.is_empty() || !field.is_empty() || was_quoted {
        record.push(field);
        records.push(record);
    }
    Ok(records)
}

fn csvdecode(c: &Cx) -> Outcome {
    let records = csv_records(c.str(0))?;
    let Some((header, rows)) = records.split_first() else { return Err("missing header line".into()) };
    for (i, name) in header.iter().enumerate() {
        if header.iter().take(i).any(|n| n == name) {
            return Err(format!("duplicate column name {name:?}").into());
        }
    }
    let mut out = Vec::new();
    for (i, row) in rows.iter().enumerate() {
        if row.len() != header.len() {
            return Err(format!("CSV parse error on line {}: wrong number of fields", i + 2).into());
        }
        out.push(Value::object(header.iter().cloned().zip(row.iter().map(Value::string)).collect::<BTreeMap<_, _>>()));
    }
    let ty = Type::object(header.iter().map(|h| (h.clone(), Type::String)));
    Ok(Value::list(ty, out))
}

/// Character sets by their IANA names.
#[derive(Clone, Copy)]
enum Charset {
    Utf8,
    Utf16 { big: bool },
    Latin1,
    Ascii,
    Windows1252,
}

impl Charset {
    fn name(self) -> &'static str {
        match self {
            Charset::Utf8 => "UTF-8",
            Charset::Utf16 { big: true } => "UTF-16BE",
            Charset::Utf16 { big: false } => "UTF-16LE",
            Charset::Latin1 => "ISO_8859-1:1987",
            Charset::Ascii => "US-ASCII",
            Charset::Windows1252 => "windows-1252",
        }
    }
}

/// What windows-1252 has in place of ISO 8859-1's control characters, from 0x80 on.
const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š',
    '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

fn to_windows(c: char) -> Option<u8> {
    match WINDOWS_1252.iter().position(|w| *w == c) {
        Some(i) => u8::try_from(0x80 + i).ok(),
        None => u8::try_from(c as u32).ok().filter(|b| !(0x80..0xa0).contains(b)),
    }
}

fn from_windows(b: u8) -> char {
    b.checked_sub(0x80).and_then(|i| WINDOWS_1252.get(usize::from(i)).copied()).unwrap_or(char::from(b))
}

fn charset(name: &str) -> Option<Charset> {
    Some(match name.to_ascii_uppercase().as_str() {
        "UTF-8" | "UTF8" => Charset::Utf8,
        "UTF-16LE" | "UTF16LE" => Charset::Utf16 { big: false },
        "UTF-16BE" | "UTF16BE" | "UTF-16" => Charset::Utf16 { big: true },
        "ISO-8859-1" | "LATIN1" => Charset::Latin1,
        "US-ASCII" | "ASCII" => Charset::Ascii,
        "WINDOWS-1252" => Charset::Windows1252,
        _ => return None,
    })
}

fn textencode(c: &Cx) -> Outcome {
    let Some(set) = charset(c.str(1)) else {
        return arg(1, format!("{:?} is not a supported IANA encoding name or alias in this Terraform version", c.str(1)));
    };
    let narrow = |limit: u32| c.str(0).chars().map(|ch| u8::try_from(ch as u32).ok().filter(|b| u32::from(*b) < limit)).collect::<Option<Vec<u8>>>();
    let bytes = match set {
        Charset::Utf8 => Some(c.str(0).as_bytes().to_vec()),
        Charset::Utf16 { big } => Some(c.str(0).encode_utf16().flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() }).collect()),
        Charset::Latin1 => narrow(256),
        Charset::Ascii => narrow(128),
        Charset::Windows1252 => c.str(0).chars().map(to_windows).collect(),
    };
    match bytes {
        Some(bytes) => Ok(Value::string(STANDARD.encode(bytes))),
        None => arg(0, format!("the given string contains characters that cannot be represented in {}", set.name())),
    }
}

fn textdecode(c: &Cx) -> Outcome {
    let Some(set) = charset(c.str(1)) else {
        return arg(1, format!("{:?} is not a supported IANA encoding name or alias in this Terraform version", c.str(1)));
    };
    let bytes = match STANDARD.decode(c.str(0)) {
        Ok(bytes) => bytes,
        Err(why) => {
            let at = match why {
                base64::DecodeError::InvalidByte(at, _) | base64::DecodeError::InvalidLastSymbol(at, _) => at,
                base64::DecodeError::InvalidLength(n) => n / 4 * 4,
                base64::DecodeError::InvalidPadding => c.str(0).trim_end_matches('=').len(),
            };
            return arg(0, format!("the given value is has an invalid base64 symbol at offset {at}"));
        }
    };
    let text = match set {
        Charset::Utf8 => String::from_utf8(bytes).ok(),
        Charset::Utf16 { big } => {
            let units: Vec<u16> = bytes
                .chunks(2)
                .map(|pair| match pair {
                    [a, b] if big => u16::from_be_bytes([*a, *b]),
                    [a, b] => u16::from_le_bytes([*a, *b]),
                    _ => 0xfffd,
                })
                .collect();
            Some(String::from_utf16_lossy(&units))
        }
        Charset::Latin1 => Some(bytes.into_iter().map(char::from).collect()),
        Charset::Ascii => bytes.is_ascii().then(|| bytes.into_iter().map(char::from).collect()),
        Charset::Windows1252 => Some(bytes.into_iter().map(from_windows).collect()),
    };
    match text {
        Some(text) => Ok(Value::string(text)),
        None => arg(0, format!("the given string contains symbols that are not defined for {}", set.name())),
    }
}
