//! Functions that turn values into text forms and back: JSON, base64, URL, CSV, other character sets.

use std::{
    collections::BTreeMap,
    io::{Read, Write},
};

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
    f("base64gunzip", STR, S, base64gunzip),
    f("urldecode", STR, S, urldecode),
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

/// Most that a compressed text may hold: a few bytes can otherwise stand for very much.
const MAX_UNPACKED: u64 = 64 << 20;

fn base64gunzip(c: &Cx) -> Outcome {
    let Ok(bytes) = STANDARD.decode(c.str(0)) else { return Err(format!("failed to decode base64 data {}", c.shown(0)).into()) };
    let mut text = String::new();
    let mut reader = flate2::read::MultiGzDecoder::new(bytes.as_slice()).take(MAX_UNPACKED + 1);
    match reader.read_to_string(&mut text) {
        Ok(n) if n as u64 > MAX_UNPACKED => Err("the text is too large once it is unpacked".into()),
        Ok(_) => Ok(Value::string(text)),
        Err(why) if why.kind() == std::io::ErrorKind::InvalidData => Err("the result of decoding the provided string is not valid UTF-8".into()),
        Err(why) => Err(format!("failed to decompress bytestream: {why}").into()),
    }
}

fn urldecode(c: &Cx) -> Outcome {
    let mut bytes = Vec::new();
    let mut rest = c.str(0).as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        match first {
            b'+' => bytes.push(b' '),
            b'%' => {
                let code = tail.get(..2).and_then(|h| std::str::from_utf8(h).ok()).filter(|h| h.bytes().all(|b| b.is_ascii_hexdigit()));
                let Some(byte) = code.and_then(|h| u8::from_str_radix(h, 16).ok()) else {
                    let shown = String::from_utf8_lossy(tail.get(..2.min(tail.len())).unwrap_or(&[])).into_owned();
                    return Err(format!("failed to decode URL: invalid URL escape {:?}", format!("%{shown}")).into());
                };
                bytes.push(byte);
                rest = tail.get(2..).unwrap_or(&[]);
            }
            other => bytes.push(*other),
        }
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Value::string(text)),
        Err(_) => Err("the result of decoding the provided string is not valid UTF-8".into()),
    }
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

/// Character sets that a table of the crate or one of the two below does not tell.
#[derive(Clone, Copy)]
enum Charset {
    Utf8,
    /// `mark`: with a byte order mark.
    Utf16 {
        big: bool,
        mark: bool,
    },
    Latin1,
    Ascii,
    /// What stands for the bytes from 0x80 on.
    Upper(&'static str),
    Table(&'static encoding_rs::Encoding),
}

const CODE_PAGE_437: &str =
    "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";
const CODE_PAGE_850: &str =
    "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{ad}±‗¾¶§÷¸°¨·¹³²■\u{a0}";

/// A character set by its IANA name, and that name.
fn charset(name: &str) -> Option<(Charset, String)> {
    let upper = name.to_ascii_uppercase();
    let (set, known) = match upper.as_str() {
        "UTF-8" | "UTF8" => (Charset::Utf8, "UTF-8"),
        "UTF-16LE" | "UTF16LE" => (Charset::Utf16 { big: false, mark: false }, "UTF-16LE"),
        "UTF-16BE" | "UTF16BE" => (Charset::Utf16 { big: true, mark: false }, "UTF-16BE"),
        "UTF-16" => (Charset::Utf16 { big: true, mark: true }, "UTF-16"),
        "ISO-8859-1" | "LATIN1" => (Charset::Latin1, "ISO_8859-1:1987"),
        "US-ASCII" | "ASCII" => (Charset::Ascii, "US-ASCII"),
        "IBM437" | "CP437" => (Charset::Upper(CODE_PAGE_437), "IBM437"),
        "IBM850" | "CP850" => (Charset::Upper(CODE_PAGE_850), "IBM850"),
        // Labels of the web that IANA does not have.
        "CP1252" | "X-SJIS" | "SJIS" | "UNICODE" | "DOS-874" => return None,
        _ => {
            let table = encoding_rs::Encoding::for_label(name.as_bytes())?;
            return Some((Charset::Table(table), table.name().to_owned()));
        }
    };
    Some((set, known.to_owned()))
}

fn textencode(c: &Cx) -> Outcome {
    let Some((set, name)) = charset(c.str(1)) else {
        return arg(1, format!("{:?} is not a supported IANA encoding name or alias in this Terraform version", c.str(1)));
    };
    let narrow = |limit: u32| c.str(0).chars().map(|ch| u8::try_from(ch as u32).ok().filter(|b| u32::from(*b) < limit)).collect::<Option<Vec<u8>>>();
    let bytes = match set {
        Charset::Utf8 => Some(c.str(0).as_bytes().to_vec()),
        Charset::Utf16 { big, mark } => {
            let units = mark.then_some(0xfeff).into_iter().chain(c.str(0).encode_utf16());
            Some(units.flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() }).collect())
        }
        Charset::Latin1 => narrow(256),
        Charset::Ascii => narrow(128),
        Charset::Upper(table) => {
            let byte =
                |ch: char| if ch.is_ascii() { u8::try_from(ch).ok() } else { table.chars().position(|t| t == ch).and_then(|i| u8::try_from(0x80 + i).ok()) };
            c.str(0).chars().map(byte).collect()
        }
        Charset::Table(table) => {
            let (bytes, _, lossy) = table.encode(c.str(0));
            (!lossy).then(|| bytes.into_owned())
        }
    };
    match bytes {
        Some(bytes) => Ok(Value::string(STANDARD.encode(bytes))),
        None => arg(0, format!("the given string contains characters that cannot be represented in {name}")),
    }
}

fn textdecode(c: &Cx) -> Outcome {
    let Some((set, name)) = charset(c.str(1)) else {
        return arg(1, format!("{:?} is not a supported IANA encoding name or alias in this Terraform version", c.str(1)));
    };
    let bytes = match STANDARD.decode(c.str(0)) {
        Ok(bytes) => bytes,
        Err(why) => {
            let at = match why {
                base64::DecodeError::InvalidByte(at, _) | base64::DecodeError::InvalidLastSymbol(at, _) => at,
                base64::DecodeError::InvalidLength(n) => n / 4 * 4,
                base64::DecodeError::InvalidPadding if !c.str(0).contains('=') => c.str(0).len() / 4 * 4,
                base64::DecodeError::InvalidPadding => c.str(0).trim_end_matches('=').len(),
            };
            return arg(0, format!("the given value is has an invalid base64 symbol at offset {at}"));
        }
    };
    let text = match set {
        Charset::Utf8 => String::from_utf8(bytes).ok(),
        Charset::Utf16 { big, mark } => {
            // The mark says which half comes first.
            let (bytes, big) = match (mark, bytes.strip_prefix(&[0xff, 0xfe]), bytes.strip_prefix(&[0xfe, 0xff])) {
                (true, Some(rest), _) => (rest.to_vec(), false),
                (true, _, Some(rest)) => (rest.to_vec(), true),
                _ => (bytes, big),
            };
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
        Charset::Upper(table) => {
            let char_of = |b: u8| b.checked_sub(0x80).map_or(Some(char::from(b)), |i| table.chars().nth(usize::from(i)));
            bytes.into_iter().map(char_of).collect()
        }
        Charset::Table(table) => table.decode_without_bom_handling_and_without_replacement(&bytes).map(|text| text.into_owned()),
    };
    match text {
        Some(text) => Ok(Value::string(text)),
        None => arg(0, format!("the given string contains symbols that are not defined for {name}")),
    }
}
