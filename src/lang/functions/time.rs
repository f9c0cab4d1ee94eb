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
    // A space, or lower case letters, in place of T and Z are not RFC 3339 as Terraform reads it.
    let shaped = text.as_bytes().get(10) == Some(&b'T') && !text.ends_with('z');
    match OffsetDateTime::parse(text, &Rfc3339) {
        Ok(t) if shaped => Ok(t),
        _ => arg(place, format!("not a valid RFC3339 timestamp: {}", why_not(text))),
    }
}

/// The first part of the text that is not as it should be.
fn why_not(text: &str) -> String {
    let parts =
        [("year", 0, 4, ""), ("month", 5, 7, "-"), ("day of month", 8, 10, "-"), ("hour", 11, 13, "T"), ("minute", 14, 16, ":"), ("second", 17, 19, ":")];
    for (what, from, to, before) in parts {
        let Some(part) = text.get(from..to) else { return format!("cannot use {text:?} as {what}", text = text.get(from..).unwrap_or("")) };
        if !before.is_empty() && text.get(from - 1..from) != Some(before) {
            return format!("missing required separator {before:?}");
        }
        if !part.bytes().all(|b| b.is_ascii_digit()) {
            return format!("cannot use {part:?} as {what}");
        }
    }
    "a date, a time and an offset are needed, like 2020-01-02T03:04:05Z".into()
}

fn show(t: OffsetDateTime) -> Outcome {
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
    let at = parse(c, 0)?;
    let Some(duration) = duration(c.str(1)) else { return arg(1, format!("time: invalid duration {:?}", c.str(1))) };
    match at.checked_add(duration) {
        Some(t) => show(t),
        None => Err("the time is out of range".into()),
    }
}

/// Go's durations: `1h30m`, `-1.5h`, `10ms`.
fn duration(text: &str) -> Option<Duration> {
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(Duration::ZERO);
    }
    if rest.is_empty() {
        return None;
    }
    let mut total = 0f64;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let n: f64 = rest.get(..end)?.parse().ok()?;
        let unit_end = rest.get(end..)?.find(|c: char| c.is_ascii_digit() || c == '.').map_or(rest.len(), |i| end + i);
        total += n * match rest.get(end..unit_end)? {
            "ns" => 1.0,
            "us" | "µs" | "μs" => 1e3,
            "ms" => 1e6,
            "s" => 1e9,
            "m" => 60e9,
            "h" => 3600e9,
            _ => return None,
        };
        rest = rest.get(unit_end..)?;
    }
    // What fits 64 bits of nanoseconds, as in Go.
    if total > i64::MAX as f64 {
        return None;
    }
    let d = Duration::nanoseconds(total.round() as i64);
    Some(if negative { -d } else { d })
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
    let hour12 = if t.hour() % 12 == 0 { 12 } else { t.hour() % 12 };
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
                'Y' => "year must either be \"YYYY\" or \"YY\"".to_owned(),
                'M' => "month must be \"M\", \"MM\", \"MMM\", or \"MMMM\"".into(),
                'D' => "day of month must either be \"D\" or \"DD\"".into(),
                'E' => "day of week must either be \"EEE\" or \"EEEE\"".into(),
                'h' => "24-hour must either be \"h\" or \"hh\"".into(),
                'H' => "12-hour must either be \"H\" or \"HH\"".into(),
                'A' => "must use \"AA\" for AM/PM indicator".into(),
                'a' => "must use \"aa\" for am/pm indicator".into(),
                'm' => "minute must either be \"m\" or \"mm\"".into(),
                's' => "second must either be \"s\" or \"ss\"".into(),
                'Z' => "timezone must be Z, ZZZZ, or ZZZZZ".into(),
                _ => "formatting verb has no meaning here; use single quotes around text that stands for itself".into(),
            };
            return arg(0, format!("invalid date format verb {verb:?}: {why}"));
        }
    })
}

fn offset(o: UtcOffset, between: &str) -> String {
    let (h, m, _) = o.as_hms();
    format!("{}{:02}{between}{:02}", if o.is_negative() { '-' } else { '+' }, h.abs(), m.abs())
}
