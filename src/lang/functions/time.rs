//! Functions on points in time (RFC 3339).

use time::{Duration, OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

use super::{Cx, Fault, Function, Outcome, Res, T, arg, f, p};
use crate::base::{Type, Value};

pub(super) const FUNCTIONS: &[Function] = &[
    f("formatdate", &[p("format", T::Str), p("time", T::Str)], Res::Is(T::Str), formatdate),
    f("plantimestamp", &[], Res::Is(T::Str), |c| Ok(Value::string(&c.world.now))),
    f("timeadd", &[p("timestamp", T::Str), p("duration", T::Str)], Res::Is(T::Str), timeadd),
    f("timecmp", &[p("timestamp_a", T::Str), p("timestamp_b", T::Str)], Res::Is(T::Num), timecmp),
    f("timestamp", &[], Res::Is(T::Str), |c| {
        // The time of the apply, which a plan cannot know.
        Ok(if c.world.plan_mode { Value::unknown_not_null(Type::String) } else { Value::string(&c.world.now) })
    }),
];

fn parse(c: &Cx, place: usize) -> Result<OffsetDateTime, Fault> {
    let text = c.str(place);
    if let Some(why) = why_not(text) {
        return arg(place, format!("not a valid RFC3339 timestamp: {why}"));
    }
    match OffsetDateTime::parse(text, &Rfc3339) {
        Ok(t) => Ok(t),
        // Every part is right by itself, so the month is not that long.
        Err(_) => arg(place, "not a valid RFC3339 timestamp: day out of range"),
    }
}

/// What is wrong with the text, part by part and with the rest of it quoted, as Terraform says it.
fn why_not(text: &str) -> Option<String> {
    let cannot = |rest: &str, what: &str| Some(if rest.is_empty() { format!("end of string before {what}") } else { format!("cannot use {rest:?} as {what}") });
    let parts = [
        ("year", 4, 0, 9999, ""),
        ("month", 2, 1, 12, "-"),
        ("day of month", 2, 1, 31, "-"),
        ("hour", 2, 0, 23, "T"),
        ("minute", 2, 0, 59, ":"),
        ("second", 2, 0, 59, ":"),
    ];
    let mut rest = text;
    for (what, width, least, most, before) in parts {
        match rest.strip_prefix(before) {
            Some(tail) => rest = tail,
            None if before == "T" => return Some("missing required time introducer 'T'".into()),
            None if rest.is_empty() => return Some(format!("end of string where {before:?} is expected")),
            None => return Some(format!("found {rest:?} where {before:?} is expected")),
        }
        let digits = rest.get(..width).filter(|d| d.bytes().all(|b| b.is_ascii_digit()));
        let Some(n) = digits.and_then(|d| d.parse::<u32>().ok()) else { return cannot(rest, what) };
        rest = rest.get(width..).unwrap_or("");
        if !(least..=most).contains(&n) {
            return match what {
                "day of month" if n == 0 => Some("day out of range".into()),
                "month" | "day of month" | "second" => cannot(rest, what),
                "minute" => Some("minute must have exactly two digits".into()),
                _ => Some(format!("{what} must be between {least} and {most} inclusive")),
            };
        }
    }
    if let Some(fraction) = rest.strip_prefix('.') {
        rest = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
    }
    let is_offset = rest == "Z" || (rest.len() == 6 && rest.starts_with(['+', '-']) && rest.get(3..4) == Some(":"));
    let hours = rest.get(1..3).and_then(|h| h.parse::<u32>().ok()).unwrap_or(0);
    let minutes = rest.get(4..6).and_then(|m| m.parse::<u32>().ok()).unwrap_or(0);
    if !is_offset {
        return cannot(rest, "UTC offset");
    }
    (hours > 24 || minutes > 60).then(|| "end of string before UTC offset".into())
}

fn show(t: OffsetDateTime) -> Outcome {
    // Whole seconds, as Terraform writes them.
    let t = t.replace_nanosecond(0).unwrap_or(t);
    t.format(&Rfc3339).map(Value::string).map_err(|why| format!("the time cannot be written: {why}").into())
}

fn timecmp(c: &Cx) -> Outcome {
    let (a, b) = (parse(c, 0)?, parse(c, 1)?);
    Ok(Value::number(match a.cmp(&b) {
        std::cmp::Ordering::Less => -1,
        std::cmp::Ordering::Equal => 0,
        std::cmp::Ordering::Greater => 1,
    }))
}

fn timeadd(c: &Cx) -> Outcome {
    let at = parse(c, 0).map_err(|why| match why {
        Fault::Arg(_, why) => Fault::Call(why),
        other => other,
    })?;
    let duration = duration(c.str(1))?;
    match at.checked_add(duration) {
        Some(t) => show(t),
        None => Err("the time is out of range".into()),
    }
}

/// Go's durations: `1h30m`, `-1.5h`, `10ms`.
fn duration(text: &str) -> Result<Duration, String> {
    let invalid = || format!("time: invalid duration {text:?}");
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Ok(Duration::ZERO);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut total = 0f64;
    while !rest.is_empty() {
        let number = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (digits, tail) = rest.split_at(number);
        let n: f64 = digits.parse().map_err(|_| invalid())?;
        let (unit, tail) = tail.split_at(tail.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(tail.len()));
        if unit.is_empty() {
            return Err(format!("time: missing unit in duration {text:?}"));
        }
        total += n * match unit {
            "ns" => 1.0,
            "us" | "µs" | "μs" => 1e3,
            "ms" => 1e6,
            "s" => 1e9,
            "m" => 60e9,
            "h" => 3600e9,
            _ => return Err(format!("time: unknown unit {unit:?} in duration {text:?}")),
        };
        rest = tail;
    }
    // What fits 64 bits of nanoseconds, as in Go.
    if total > i64::MAX as f64 {
        return Err(invalid());
    }
    let d = Duration::nanoseconds(total.round() as i64);
    Ok(if negative { -d } else { d })
}

const MONTHS: [&str; 12] = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

fn formatdate(c: &Cx) -> Outcome {
    let t = parse(c, 1)?;
    let format = c.str(0);
    let mut out = String::new();
    let chars: Vec<char> = format.chars().collect();
    let mut i = 0;
    while let Some(first) = chars.get(i).copied() {
        if first == '\'' {
            i = quoted(&chars, i, &mut out)?;
            continue;
        }
        let run = chars.iter().skip(i).take_while(|ch| **ch == first).count();
        let verb: String = chars.iter().skip(i).take(run).collect();
        i += run;
        if first.is_ascii_alphabetic() {
            out.push_str(&part(&verb, t)?);
        } else {
            out.push_str(&verb);
        }
    }
    Ok(Value::string(out))
}

/// Text between quotes stands for itself; two quotes are one.
fn quoted(chars: &[char], start: usize, out: &mut String) -> Result<usize, Fault> {
    let mut i = start + 1;
    loop {
        match (chars.get(i), chars.get(i + 1)) {
            (Some('\''), Some('\'')) => {
                out.push('\'');
                i += 2;
            }
            (Some('\''), _) => return Ok(i + 1),
            (Some(c), _) => {
                out.push(*c);
                i += 1;
            }
            (None, _) => return arg(0, "unterminated literal '"),
        }
    }
}

fn part(verb: &str, t: OffsetDateTime) -> Result<String, Fault> {
    let month = MONTHS.get(usize::from(u8::from(t.month())) - 1).copied().unwrap_or("");
    let weekday = t.weekday().to_string();
    let short = |s: &str| s.chars().take(3).collect::<String>();
    let hour12 = if t.hour().is_multiple_of(12) { 12 } else { t.hour() % 12 };
    let half = if t.hour() < 12 { "AM" } else { "PM" };
    Ok(match verb {
        "YYYY" => format!("{:04}", t.year()),
        "YY" => format!("{:02}", t.year().rem_euclid(100)),
        "MMMM" => month.to_owned(),
        "MMM" => short(month),
        "MM" => format!("{:02}", u8::from(t.month())),
        "M" => u8::from(t.month()).to_string(),
        "DD" => format!("{:02}", t.day()),
        "D" => t.day().to_string(),
        "EEEE" => weekday,
        "EEE" => short(&weekday),
        "hh" => format!("{:02}", t.hour()),
        "h" => t.hour().to_string(),
        "HH" => format!("{hour12:02}"),
        "H" => hour12.to_string(),
        "AA" => half.to_owned(),
        "aa" => half.to_lowercase(),
        "mm" => format!("{:02}", t.minute()),
        "m" => t.minute().to_string(),
        "ss" => format!("{:02}", t.second()),
        "s" => t.second().to_string(),
        "ZZZZZ" => offset(t.offset(), ":"),
        "ZZZZ" => offset(t.offset(), ""),
        "ZZZ" if t.offset().is_utc() => "UTC".into(),
        "ZZZ" => offset(t.offset(), ""),
        "Z" if t.offset().is_utc() => "Z".into(),
        "Z" => offset(t.offset(), ":"),
        _ => {
            let first = verb.chars().next().unwrap_or(' ');
            let why = match first {
                'Y' => "year must either be \"YY\" or \"YYYY\"".to_owned(),
                'M' => "month must be \"M\", \"MM\", \"MMM\", or \"MMMM\"".into(),
                'D' => "day of month must either be \"D\" or \"DD\"".into(),
                'E' => "day of week must either be \"EEE\" or \"EEEE\"".into(),
                'h' => "24-hour must either be \"h\" or \"hh\"".into(),
                'H' => "12-hour must either be \"H\" or \"HH\"".into(),
                'A' => "must be \"AA\"".into(),
                'a' => "must be \"aa\"".into(),
                'm' => "minute must either be \"m\" or \"mm\"".into(),
                's' => "second must either be \"s\" or \"ss\"".into(),
                'Z' => "timezone must be Z, ZZZZ, or ZZZZZ".into(),
                _ => return arg(0, format!("invalid date format verb {verb:?}")),
            };
            return arg(0, format!("invalid date format verb {verb:?}: {why}"));
        }
    })
}

fn offset(o: UtcOffset, between: &str) -> String {
    let (h, m, _) = o.as_hms();
    format!("{}{:02}{between}{:02}", if o.is_negative() { '-' } else { '+' }, h.abs(), m.abs())
}
