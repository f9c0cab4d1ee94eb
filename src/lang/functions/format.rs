//! `format` and `formatlist`: Go's verbs, as Terraform keeps them.

use std::num::NonZeroU64;

use bigdecimal::RoundingMode;

use super::{Cx, Fault, Function, Outcome, Res, T, f, p};
use crate::{
    base::{Kind, Marks, Number, Type, Unknown, Value},
    lang::convert::convert,
};

pub(super) const FUNCTIONS: &[Function] = &[
    f("format", &[p("format", T::Str)], Res::Is(T::Str), format).rest(p("args", T::Any).null().unknown()),
    f("formatlist", &[p("format", T::Str)], Res::Is(T::ListStr), formatlist).rest(p("args", T::Any).null().unknown()),
];

/// `%[2]-8.3f`: flags, width, precision, the argument it takes and the verb.
#[derive(Default)]
struct Verb {
    minus: bool,
    plus: bool,
    sharp: bool,
    zero: bool,
    space: bool,
    width: Option<usize>,
    precision: Option<usize>,
    explicit: bool,
    index: usize,
    verb: char,
    text: String,
}

/// Widest field; larger ones would only fill memory.
const MAX_WIDTH: usize = 100_000;

fn format(c: &Cx) -> Outcome {
    let args: Vec<Value> = c.args.iter().skip(1).cloned().collect();
    let marks = args.iter().fold(Marks::NONE, |m, v| m.or(v.marks_deep()));
    run(c.str(0), &args).map(|v| v.marked(marks))
}

/// The text, or an unknown one that starts like it.
fn run(format: &str, args: &[Value]) -> Outcome {
    let mut out = String::new();
    let mut rest = format;
    let mut next = 0usize;
    let mut used = 0usize;
    while let Some(at) = rest.find('%') {
        out.push_str(rest.get(..at).unwrap_or(""));
        rest = rest.get(at..).unwrap_or("");
        if let Some(tail) = rest.strip_prefix("%%") {
            out.push('%');
            rest = tail;
            continue;
        }
        let offset = format.len() - rest.len();
        let (verb, tail) = parse_verb(rest, next, offset)?;
        rest = tail;
        let Some(value) = args.get(verb.index) else {
            return Err(format!("not enough arguments for {:?} at {offset}: need index {} but have {} total", verb.text, verb.index + 1, args.len()).into());
        };
        next = verb.index + 1;
        used = used.max(next);
        let (value, _) = value.clone().unmark_deep();
        if !value.is_wholly_known() {
            let prefix = (!out.is_empty()).then(|| std::sync::Arc::from(out));
            return Ok(Kind::Unknown(Box::new(Unknown { ty: Type::String, not_null: true, prefix, length: (None, None) })).into());
        }
        out.push_str(&one(&verb, &value, offset)?);
    }
    out.push_str(rest);
    if used < args.len() {
        let why = match used {
            0 => "too many arguments; no verbs in format string".to_owned(),
            n => format!("too many arguments; only {n} used by format string"),
        };
        return super::arg(used + 1, why);
    }
    Ok(Value::string(out))
}

fn parse_verb(text: &str, next: usize, offset: usize) -> Result<(Verb, &str), Fault> {
    let mut v = Verb { index: next, ..Verb::default() };
    let mut chars = text.char_indices().skip(1).peekable();
    let number = |chars: &mut std::iter::Peekable<std::iter::Skip<std::str::CharIndices>>| {
        let mut n: Option<usize> = None;
        while let Some(d) = chars.peek().and_then(|(_, c)| c.to_digit(10)) {
            n = Some(n.unwrap_or(0).saturating_mul(10).saturating_add(d as usize).min(MAX_WIDTH));
            chars.next();
        }
        n
    };
    while let Some((_, c)) = chars.peek() {
        match c {
            '-' => v.minus = true,
            '+' => v.plus = true,
            '#' => v.sharp = true,
            '0' => v.zero = true,
            ' ' => v.space = true,
            _ => break,
        }
        chars.next();
    }
    v.width = number(&mut chars);
    if chars.peek().is_some_and(|(_, c)| *c == '.') {
        chars.next();
        v.precision = Some(number(&mut chars).unwrap_or(0));
    }
    if chars.peek().is_some_and(|(_, c)| *c == '[') {
        chars.next();
        let unrecognized = |at: Option<(usize, char)>| match at {
            Some((i, c)) => format!("unrecognized format character {c:?} at offset {}", offset + i),
            None => "unexpected end of format string".to_owned(),
        };
        // The first digit of a place is not zero.
        let first = chars.peek().copied();
        let n = number(&mut chars).filter(|_| first.is_some_and(|(_, c)| c != '0')).ok_or_else(|| unrecognized(first))?;
        let closing = chars.next();
        if closing.is_none_or(|(_, c)| c != ']') {
            return Err(unrecognized(closing).into());
        }
        v.index = n - 1;
        v.explicit = true;
    }
    match chars.next() {
        Some((i, c)) => {
            let end = i + c.len_utf8();
            v.verb = c;
            v.text = text.get(..end).unwrap_or("").to_owned();
            if !c.is_ascii_alphabetic() {
                return Err(format!("unrecognized format character {c:?} at offset {}", offset + i).into());
            }
            if !"vtbdoxXeEfgGsq".contains(c) {
                return Err(format!("unsupported format verb {c:?} in {:?} at offset {offset}", v.text).into());
            }
            Ok((v, text.get(end..).unwrap_or("")))
        }
        None => Err(format!("invalid format string starting at offset {}", offset + text.len()).into()),
    }
}

fn one(v: &Verb, value: &Value, offset: usize) -> Result<String, Fault> {
    let unsupported = |why: String| Fault::Call(format!("unsupported value for {:?} at {offset}: {why}", v.text));
    let as_type = |ty: Type| -> Result<Value, Fault> {
        match convert(value, &ty) {
            Ok(x) if x.is_null() => Err(unsupported("null value cannot be formatted".into())),
            Ok(x) => Ok(x),
            Err(why) => Err(unsupported(why)),
        }
    };
    match v.verb {
        'v' => {
            let text = match &value.kind {
                Kind::String(s) if !v.sharp => s.to_string(),
                Kind::Number(n) if !n.is_finite() => n.to_string(),
                Kind::Number(n) if !v.sharp => return Ok(number(&Verb { plus: false, precision: None, ..v.like('g') }, n)),
                Kind::Null(_) => "null".into(),
                Kind::Bool(b) => b.to_string(),
                _ => super::encoding::to_json_text(value),
            };
            Ok(pad(v, text, false))
        }
        't' => Ok(as_type(Type::Bool)?.as_bool().unwrap_or(false).to_string()),
        's' | 'q' => {
            let s = as_type(Type::String)?;
            let s = s.as_str().unwrap_or("").to_owned();
            Ok(pad_text(v, &if v.verb == 's' { s } else { crate::lang::console::quote(&s) }))
        }
        _ => {
            let n = as_type(Type::Number)?;
            let n = n.as_number().cloned().unwrap_or(Number::from(0));
            if "bdoxX".contains(v.verb) && !n.is_integer() {
                return Err(unsupported("an integer is required".into()));
            }
            Ok(number(v, &n))
        }
    }
}

impl Verb {
    fn like(&self, verb: char) -> Verb {
        Verb { verb, text: self.text.clone(), ..*self }
    }
}

fn pad_text(v: &Verb, s: &str) -> String {
    let cut: String = match v.precision {
        Some(n) => super::string::graphemes(s).take(n).collect(),
        None => s.to_owned(),
    };
    pad(v, cut, false)
}

fn pad(v: &Verb, text: String, numeric: bool) -> String {
    let width = v.width.unwrap_or(0);
    let have = super::string::graphemes(&text).count();
    let fill = width.saturating_sub(have);
    if fill == 0 {
        return text;
    }
    if v.minus {
        return text + &" ".repeat(fill);
    }
    if v.zero && (numeric || v.verb != 'v') {
        let (sign, digits) = match text.chars().next() {
            Some(c @ ('+' | '-' | ' ')) if numeric => (c.to_string(), text.get(1..).unwrap_or("")),
            _ => (String::new(), text.as_str()),
        };
        return format!("{sign}{}{digits}", "0".repeat(fill));
    }
    " ".repeat(fill) + &text
}

fn number(v: &Verb, n: &Number) -> String {
    if !n.is_finite() {
        let text = n.to_string();
        let text = if v.plus || n.is_negative() { text.as_str() } else { text.trim_start_matches('+') };
        return pad(&Verb { zero: false, ..v.like(v.verb) }, text.to_owned(), true);
    }
    let magnitude = n.abs();
    let whole = magnitude.floor();
    let digits = match v.verb {
        'd' => whole.to_string(),
        'b' => radix(&whole, 2, v.sharp, "0b"),
        'o' => radix(&whole, 8, v.sharp, "0"),
        'x' => radix(&whole, 16, v.sharp, "0x"),
        'X' => radix(&whole, 16, v.sharp, "0X").to_uppercase(),
        'f' | 'F' => fixed(&magnitude, v.precision.unwrap_or(6)),
        'e' | 'E' => exponent(&magnitude, v.precision.unwrap_or(6), v.verb),
        _ => shortest(&magnitude, v),
    };
    let is_zero = "bdoxX".contains(v.verb) && whole.is_zero();
    let negative_zero = n.is_zero() && n.to_string().starts_with('-') && !is_zero;
    let sign = match (n.is_negative() && !is_zero || negative_zero, v.plus, v.space) {
        (true, ..) => "-",
        (_, true, _) => "+",
        (_, _, true) => " ",
        _ => "",
    };
    pad(v, format!("{sign}{digits}"), true)
}

fn radix(n: &Number, base: u32, sharp: bool, prefix: &str) -> String {
    let digits = n.decimal().with_scale(0).into_bigint_and_exponent().0.to_str_radix(base);
    if sharp { format!("{prefix}{digits}") } else { digits }
}

fn fixed(n: &Number, places: usize) -> String {
    let rounded = n.float_digits().with_scale_round(places as i64, RoundingMode::HalfEven);
    rounded.to_plain_string()
}

/// `d.ddde±dd`.
fn exponent(n: &Number, places: usize, verb: char) -> String {
    let text = format!("{:.*e}", places, n.as_f64());
    let (mantissa, exp) = text.split_once('e').unwrap_or((&text, "0"));
    let exp: i32 = exp.parse().unwrap_or(0);
    format!("{mantissa}{}{}{:02}", verb, if exp < 0 { '-' } else { '+' }, exp.abs())
}

/// `%g`: the digits there are, or as many as asked for; with an exponent for very small and for larger numbers.
fn shortest(n: &Number, v: &Verb) -> String {
    if n.is_zero() {
        return "0".into();
    }
    let decimal = match v.precision {
        Some(p) => n.float_digits().with_precision_round(NonZeroU64::new(p as u64).unwrap_or(NonZeroU64::MIN), RoundingMode::HalfEven).normalized(),
        None => n.decimal().normalized(),
    };
    let (digits, scale) = decimal.as_bigint_and_exponent();
    let digits = digits.to_string();
    // The place of the first digit, and where plain digits end.
    let exp = digits.len() as i64 - 1 - scale;
    let limit = match v.precision {
        Some(p) if p.max(1) > digits.len() && digits.len() as i64 > exp => digits.len() as i64,
        Some(p) => p.max(1) as i64,
        None => 6,
    };
    if (-4..limit).contains(&exp) {
        return decimal.to_plain_string();
    }
    let (first, more) = digits.split_at(1);
    let point = if more.is_empty() { "" } else { "." };
    let e = if v.verb == 'G' { 'E' } else { 'e' };
    format!("{first}{point}{more}{e}{}{:02}", if exp < 0 { '-' } else { '+' }, exp.abs())
}

fn formatlist(c: &Cx) -> Outcome {
    let args: Vec<Value> = c.args.iter().skip(1).cloned().collect();
    let marks = args.iter().fold(Marks::NONE, |m, v| m.or(v.marks_deep()));
    let mut length: Option<(usize, usize)> = None;
    for (i, value) in args.iter().enumerate() {
        if value.is_unknown() && !value.ty().is_primitive() {
            return Ok(Value::unknown_not_null(Type::list(Type::String)).marked(marks));
        }
        let Some(items) = value.elements() else { continue };
        match length {
            None => length = Some((items.len(), i)),
            Some((n, first)) if n != items.len() => {
                let why = format!("argument {} has length {}, which is inconsistent with argument {} of length {n}", i + 1, items.len(), first + 1);
                return super::arg(i + 1, why);
            }
            _ => {}
        }
    }
    let rows = length.map_or(1, |(n, _)| n);
    let mut out = Vec::with_capacity(rows);
    for row in 0..rows {
        let cells: Vec<Value> = args.iter().map(|v| v.elements().and_then(|e| e.get(row)).unwrap_or(v).clone()).collect();
        match run(c.str(0), &cells) {
            Ok(v) => out.push(v),
            Err(Fault::Call(why) | Fault::Arg(_, why)) => return Err(format!("error on format iteration {row}: {why}").into()),
        }
    }
    Ok(Value::list(Type::String, out).marked(marks))
}
