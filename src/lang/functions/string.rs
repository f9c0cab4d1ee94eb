//! Functions on text.

use std::collections::BTreeMap;

use unicode_segmentation::UnicodeSegmentation;

use super::{Cx, Fault, Function, Outcome, Param, Res, T, arg, f, p, re2::Pattern};
use crate::base::{Type, Value};

const STR: &[Param] = &[p("str", T::Str)];
const S: Res = Res::Is(T::Str);
const B: Res = Res::Is(T::Bool);
const PATTERN: &[Param] = &[p("pattern", T::Str), p("string", T::Str)];

pub(super) const FUNCTIONS: &[Function] = &[
    f("chomp", STR, S, |c| Ok(text(c.str(0).trim_end_matches(['\n', '\r'])))),
    f("endswith", &[p("str", T::Str), p("suffix", T::Str)], B, |c| Ok(Value::bool(c.str(0).ends_with(c.str(1))))),
    f("indent", &[p("spaces", T::Num), p("str", T::Str)], S, indent),
    f("lower", STR, S, |c| Ok(text(c.str(0).chars().map(lower).collect::<String>()))),
    f("regex", PATTERN, Res::Of(regex_type), regex),
    f("regexall", PATTERN, Res::Of(|a| Type::list(regex_type(a))), regexall),
    f("replace", &[p("str", T::Str), p("substr", T::Str), p("replace", T::Str)], S, replace),
    f("split", &[p("separator", T::Str), p("str", T::Str)], Res::Is(T::ListStr), split),
    f("startswith", &[p("str", T::Str).unknown(), p("prefix", T::Str)], B, startswith),
    f("strcontains", &[p("str", T::Str), p("substr", T::Str)], B, |c| Ok(Value::bool(c.str(0).contains(c.str(1))))),
    f("strrev", STR, S, |c| Ok(text(graphemes(c.str(0)).rev().collect::<String>()))),
    f("substr", &[p("str", T::Str), p("offset", T::Num), p("length", T::Num)], S, substr),
    f("title", STR, S, |c| Ok(text(title(c.str(0))))),
    f("trim", &[p("str", T::Str), p("cutset", T::Str)], S, |c| {
        let cut: Vec<char> = c.str(1).chars().collect();
        Ok(text(c.str(0).trim_matches(cut.as_slice())))
    }),
    f("trimprefix", &[p("str", T::Str), p("prefix", T::Str)], S, |c| Ok(text(c.str(0).strip_prefix(c.str(1)).unwrap_or(c.str(0))))),
    f("trimspace", STR, S, |c| Ok(text(c.str(0).trim()))),
    f("trimsuffix", &[p("str", T::Str), p("suffix", T::Str)], S, |c| Ok(text(c.str(0).strip_suffix(c.str(1)).unwrap_or(c.str(0))))),
    f("upper", STR, S, |c| Ok(text(c.str(0).chars().map(upper).collect::<String>()))),
];

fn text(s: impl AsRef<str>) -> Value {
    Value::string(s)
}

/// What a reader takes for characters: the unit in which Terraform counts and cuts text.
pub(super) fn graphemes(s: &str) -> impl DoubleEndedIterator<Item = &str> {
    s.graphemes(true)
}

fn indent(c: &Cx) -> Outcome {
    let spaces = c.int(0)?;
    if spaces < 0 {
        return arg(0, "the number of spaces must not be negative");
    }
    let pad = " ".repeat(usize::try_from(spaces).unwrap_or(0).min(10_000));
    Ok(text(c.str(1).replace('\n', &format!("\n{pad}"))))
}

/// One letter for one, as Go maps them: `ß` has no upper case.
fn upper(c: char) -> char {
    let mut all = c.to_uppercase();
    all.next().filter(|_| all.next().is_none()).unwrap_or(c)
}

fn lower(c: char) -> char {
    // Where there are several, the first is the letter and the others are marks on it.
    c.to_lowercase().next().unwrap_or(c)
}

/// Letters that stand for two have a form with only the first in upper case.
fn title_case(c: char) -> char {
    match c {
        '\u{1c4}'..='\u{1c6}' => '\u{1c5}',
        '\u{1c7}'..='\u{1c9}' => '\u{1c8}',
        '\u{1ca}'..='\u{1cc}' => '\u{1cb}',
        '\u{1f1}'..='\u{1f3}' => '\u{1f2}',
        c => upper(c),
    }
}

fn title(s: &str) -> String {
    let mut at_start = true;
    let mut out = String::with_capacity(s.len());
    for c in s.chars() {
        if at_start {
            out.push(title_case(c));
        } else {
            out.push(c);
        }
        at_start = !(c.is_alphanumeric() || c == '_') && (c.is_ascii() || c.is_whitespace());
    }
    out
}

fn split(c: &Cx) -> Outcome {
    let (separator, whole) = (c.str(0), c.str(1));
    let parts: Vec<Value> =
        if separator.is_empty() { whole.chars().map(|c| text(c.to_string())).collect() } else { whole.split(separator).map(text).collect() };
    Ok(Value::list(Type::String, parts))
}

fn startswith(c: &Cx) -> Outcome {
    let value = c.value(0);
    if let crate::base::Kind::Unknown(u) = &value.kind {
        // What is certain about the start may be enough.
        let known = u.prefix.as_deref().unwrap_or("");
        return Ok(if known.starts_with(c.str(1)) {
            Value::bool(true)
        } else if !c.str(1).starts_with(known) {
            Value::bool(false)
        } else {
            Value::unknown_not_null(Type::Bool)
        });
    }
    Ok(Value::bool(c.str(0).starts_with(c.str(1))))
}

fn substr(c: &Cx) -> Outcome {
    let (offset, length) = (c.int(1)?, c.int(2)?);
    let all: Vec<&str> = graphemes(c.str(0)).collect();
    let start = if offset < 0 { (all.len() as i64 + offset).max(0) } else { offset };
    let start = usize::try_from(start).unwrap_or(usize::MAX);
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    Ok(text(all.into_iter().skip(start).take(length).collect::<String>()))
}

fn compile(pattern: &str) -> Result<Pattern, Fault> {
    Pattern::compile(pattern).or_else(|why| arg(0, format!("invalid regexp pattern: {} in {}", why.rule, why.part)))
}

/// What a match of the pattern gives: the text, its groups in order, or its named groups.
fn regex_type(args: &[Value]) -> Type {
    let Some(pattern) = args.first().and_then(Value::as_str).and_then(|p| Pattern::compile(p).ok()) else { return Type::Any };
    let names: Vec<&str> = pattern.names.iter().flatten().map(String::as_str).collect();
    match (names.is_empty(), pattern.names.len()) {
        (_, 0) => Type::String,
        (true, n) => Type::Tuple(vec![Type::String; n]),
        (false, _) => Type::object(names.into_iter().map(|n| (n, Type::String))),
    }
}

fn matched(pattern: &Pattern, found: &regex::Captures) -> Value {
    let group = |i: usize| found.get(i).map_or(Value::null(Type::String), |m| text(m.as_str()));
    let named = pattern.names.iter().any(Option::is_some);
    match (named, pattern.names.len()) {
        (_, 0) => group(0),
        (false, n) => Value::tuple((1..=n).map(group).collect()),
        (true, _) => {
            let groups = pattern.names.iter().enumerate().filter_map(|(i, n)| Some((n.clone()?, group(i + 1))));
            Value::object(groups.collect::<BTreeMap<_, _>>())
        }
    }
}

fn checked(c: &Cx) -> Result<Pattern, Fault> {
    let pattern = compile(c.str(0))?;
    let named = pattern.names.iter().flatten().count();
    if named > 0 && named < pattern.names.len() {
        return arg(0, "invalid regexp pattern: cannot mix both named and unnamed capture groups");
    }
    Ok(pattern)
}

fn regex(c: &Cx) -> Outcome {
    let pattern = checked(c)?;
    match pattern.regex.captures(c.str(1)) {
        Some(found) => Ok(matched(&pattern, &found)),
        None => Err("pattern did not match any part of the given string".into()),
    }
}

fn regexall(c: &Cx) -> Outcome {
    let pattern = checked(c)?;
    let all = pattern.regex.captures_iter(c.str(1)).map(|found| matched(&pattern, &found)).collect();
    Ok(Value::list(regex_type(c.args), all))
}

fn replace(c: &Cx) -> Outcome {
    let (whole, what, with) = (c.str(0), c.str(1), c.str(2));
    // Between slashes it is a pattern, whose groups the replacement may name.
    if let Some(pattern) = what.strip_prefix('/').and_then(|w| w.strip_suffix('/')).filter(|_| what.len() > 1) {
        let pattern = Pattern::compile(pattern).map_err(|why| format!("error parsing regexp: {}: `{}`", why.rule, why.part))?;
        let replaced = pattern.regex.replace_all(whole, |found: &regex::Captures| {
            let mut out = String::new();
            pattern.expand(with, found, &mut out);
            out
        });
        return Ok(text(replaced));
    }
    if what.is_empty() {
        // As Go has it: between all characters, and at both ends.
        let mut out = with.to_owned();
        for ch in whole.chars() {
            out.push(ch);
            out.push_str(with);
        }
        return Ok(text(out));
    }
    Ok(text(whole.replace(what, with)))
}
