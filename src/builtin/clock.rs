//! The `time` provider, as its 0.13: moments that are kept in the state, and delays.

use time::{Date, Month, OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

use super::{
    Outcome, Outside, Planned, duration,
    fields::{forget, int, is_set, is_unknown, path, text, text_or_null, with},
};
use crate::base::{Diagnostic, Type, Value};

/// The units that are added to a base, in the order in which the real provider goes through them: the last that is set counts.
const OFFSETS: [(&str, Unit); 6] = [
    ("offset_days", Unit::Days),
    ("offset_hours", Unit::Seconds(3600)),
    ("offset_minutes", Unit::Seconds(60)),
    ("offset_months", Unit::Months(1)),
    ("offset_seconds", Unit::Seconds(1)),
    ("offset_years", Unit::Months(12)),
];
const ROTATIONS: [(&str, Unit); 5] = [
    ("rotation_days", Unit::Days),
    ("rotation_hours", Unit::Seconds(3600)),
    ("rotation_minutes", Unit::Seconds(60)),
    ("rotation_months", Unit::Months(1)),
    ("rotation_years", Unit::Months(12)),
];
/// What is computed of a moment.
const PARTS: [&str; 8] = ["year", "month", "day", "hour", "minute", "second", "unix", "id"];

#[derive(Clone, Copy)]
enum Unit {
    Days,
    Seconds(i64),
    Months(i64),
}

/// What the shapes cannot say: moments that are none, and resources that would do nothing.
pub fn validate(kind: &str, config: &Value) -> Vec<Diagnostic> {
    let moments: &[&str] = match kind {
        "time_static" => &["rfc3339"],
        "time_offset" => &["base_rfc3339"],
        "time_rotating" => &["rfc3339", "rotation_rfc3339"],
        _ => &[],
    };
    let mut found: Vec<Diagnostic> = moments.iter().filter_map(|name| moment(name, text(config, name)?).err()).collect();
    let wanted: Vec<&str> = match kind {
        "time_offset" => OFFSETS.iter().map(|(name, _)| *name).collect(),
        "time_rotating" => ROTATIONS.iter().map(|(name, _)| *name).chain(["rotation_rfc3339"]).collect(),
        "time_sleep" => vec!["create_duration", "destroy_duration"],
        _ => Vec::new(),
    };
    if !wanted.is_empty() && !wanted.iter().any(|name| is_set(config, name)) {
        let detail = format!("At least one of these attributes must be configured: [{}]", wanted.join(","));
        found.push(Diagnostic::error("missing-attribute", "Missing Attribute Configuration", detail));
    }
    for name in ["create_duration", "destroy_duration"] {
        if let Some(Err(why)) = text(config, name).map(duration::parse) {
            found.push(Diagnostic::error("time-duration", "Invalid Attribute Value Match", format!("Attribute {name} is wrong: {why}.")));
        }
    }
    found
}

/// What can be said of the moment before it is kept: parts of a moment that the configuration gives, and the end of a rotation.
pub fn planned(kind: &str, prior: Option<&Value>, planned: Value, now: &str) -> Planned {
    let mut replace = Vec::new();
    let value = match (kind, prior) {
        ("time_static", None) => match text(&planned, "rfc3339").and_then(|t| moment("rfc3339", t).ok()) {
            Some(at) => with(&planned, parts(at).into_iter().chain([("id", Value::string(show(at)))])),
            None => planned,
        },
        ("time_offset", Some(prior)) => moved(prior, planned, &OFFSETS, "base_rfc3339", "rfc3339"),
        ("time_rotating", Some(prior)) => {
            let ended = text(prior, "rotation_rfc3339").and_then(|t| moment("rotation_rfc3339", t).ok());
            if let (Some(end), Ok(now)) = (ended, moment("now", now))
                && now > end
            {
                replace.push((path("rotation_rfc3339"), format!("the rotation was due at {}", show(end))));
            }
            moved(prior, planned, &ROTATIONS, "rfc3339", "rotation_rfc3339")
        }
        _ => planned,
    };
    Planned { value, replace }
}

/// An offset or a rotation that changes in place: its moments are computed anew from the base that it keeps.
fn moved(prior: &Value, planned: Value, units: &[(&'static str, Unit)], base: &'static str, result: &'static str) -> Value {
    let differs = |name: &str| match (prior.get(name), planned.get(name)) {
        (Some(a), Some(b)) => !a.same(b),
        (a, b) => a.is_some() != b.is_some(),
    };
    let names = units.iter().map(|(name, _)| *name);
    if !names.clone().chain([base, result]).any(differs) {
        return planned;
    }
    if names.clone().any(|name| is_unknown(&planned, name)) {
        return forget(&planned, &[&PARTS[..], &[result]].concat());
    }
    let kept = if is_unknown(&planned, base) { text(prior, base) } else { text(&planned, base) };
    // The end that is in the plan may be one that the configuration gives, or the prior one that units replace.
    let given = text(&planned, result).filter(|_| result == "rotation_rfc3339" && !names.clone().any(|name| is_set(&planned, name)));
    match kept.and_then(|t| moment(base, t).ok()).and_then(|at| Some((at, ended(at, units, &planned, given).ok()?))) {
        Some((at, end)) => filled(&planned, base, at, result, end),
        None => planned,
    }
}

/// Where the units lead from a base.
fn ended(base: OffsetDateTime, units: &[(&str, Unit)], value: &Value, given: Option<&str>) -> Outcome<OffsetDateTime> {
    let mut end = match given {
        Some(t) => moment("rotation_rfc3339", t)?,
        None => base,
    };
    for (name, unit) in units {
        if let Some(n) = int(value, name).filter(|n| *n != 0) {
            end = added(base, *unit, n)
                .ok_or_else(|| Diagnostic::error("time-range", "Time out of range", format!("{name} = {n} leads to a year beyond 9999 or before 0.")))?;
        }
    }
    Ok(end)
}

/// Months are added as Go adds them: the 31st of a month that has 30 days is the 1st of the next.
fn added(base: OffsetDateTime, unit: Unit, n: i64) -> Option<OffsetDateTime> {
    match unit {
        Unit::Seconds(each) => base.checked_add(time::Duration::seconds(n.checked_mul(each)?)),
        Unit::Days => base.checked_add(time::Duration::days(n)),
        Unit::Months(each) => {
            let months = (i64::from(base.year()) * 12 + i64::from(u8::from(base.month())) - 1).checked_add(n.checked_mul(each)?)?;
            let month = Month::try_from(u8::try_from(months.rem_euclid(12) + 1).ok()?).ok()?;
            let first = Date::from_calendar_date(i32::try_from(months.div_euclid(12)).ok()?, month, 1).ok()?;
            let date = first.checked_add(time::Duration::days(i64::from(base.day()) - 1))?;
            Some(base.replace_date(date))
        }
    }
}

fn filled(value: &Value, base: &'static str, at: OffsetDateTime, result: &'static str, end: OffsetDateTime) -> Value {
    let named = [(base, Value::string(show(at))), (result, Value::string(show(end))), ("id", Value::string(show(at)))];
    with(value, parts(end).into_iter().chain(named))
}

fn parts(at: OffsetDateTime) -> [(&'static str, Value); 7] {
    [
        ("year", Value::number(at.year())),
        ("month", Value::number(u8::from(at.month()))),
        ("day", Value::number(at.day())),
        ("hour", Value::number(at.hour())),
        ("minute", Value::number(at.minute())),
        ("second", Value::number(at.second())),
        ("unix", Value::number(at.unix_timestamp())),
    ]
}

/// Takes the moment, or waits.
///
/// # Errors
/// When a moment or duration cannot be read.
pub async fn create(kind: &str, planned: &Value, outside: &dyn Outside) -> Outcome<Value> {
    let at = |name: &'static str| match text(planned, name).filter(|t| !t.is_empty()) {
        Some(given) => moment(name, given),
        None => now(outside),
    };
    match kind {
        "time_static" => {
            let at = at("rfc3339")?;
            Ok(with(planned, parts(at).into_iter().chain([("rfc3339", Value::string(show(at))), ("id", Value::string(show(at)))])))
        }
        "time_offset" => {
            let at = at("base_rfc3339")?;
            Ok(filled(planned, "base_rfc3339", at, "rfc3339", ended(at, &OFFSETS, planned, None)?))
        }
        "time_rotating" => {
            let at = at("rfc3339")?;
            Ok(filled(planned, "rfc3339", at, "rotation_rfc3339", ended(at, &ROTATIONS, planned, text(planned, "rotation_rfc3339"))?))
        }
        "time_sleep" => {
            wait(planned, "create_duration", outside).await?;
            Ok(with(planned, [("id", Value::string(show(now(outside)?)))]))
        }
        _ => Err(super::unknown_kind(kind)),
    }
}

/// What the plan has not said yet of an offset or a rotation that changes.
///
/// # Errors
/// As [`create`].
pub fn update(kind: &str, prior: &Value, planned: &Value) -> Outcome<Value> {
    Ok(match kind {
        "time_offset" => moved(prior, planned.clone(), &OFFSETS, "base_rfc3339", "rfc3339"),
        "time_rotating" => moved(prior, planned.clone(), &ROTATIONS, "rfc3339", "rotation_rfc3339"),
        _ => planned.clone(),
    })
}

/// # Errors
/// When the duration cannot be read.
pub async fn delete(kind: &str, prior: &Value, outside: &dyn Outside) -> Outcome<()> {
    if kind == "time_sleep" { wait(prior, "destroy_duration", outside).await } else { Ok(()) }
}

/// A rotation whose time has come is gone, so that it is made anew.
///
/// # Errors
/// When its end cannot be read.
pub fn read(kind: &str, prior: &Value, outside: &dyn Outside) -> Outcome<Option<Value>> {
    if kind == "time_rotating"
        && let Some(end) = text(prior, "rotation_rfc3339").filter(|t| !t.is_empty())
        && now(outside)? > moment("rotation_rfc3339", end)?
    {
        return Ok(None);
    }
    Ok(Some(prior.clone()))
}

async fn wait(value: &Value, name: &str, outside: &dyn Outside) -> Outcome<()> {
    let Some(given) = text(value, name).filter(|t| !t.is_empty()) else { return Ok(()) };
    let duration =
        duration::parse(given).map_err(|why| Diagnostic::error("time-duration", "Create time sleep error", format!("The {name} cannot be parsed: {why}.")))?;
    outside.sleep(duration).await;
    Ok(())
}

/// The forms of the real provider: a moment, and the units after it with commas between.
///
/// # Errors
/// When the id has not the type's form.
pub fn import(kind: &str, id: &str) -> Outcome<Value> {
    let form = |expected: &str| Diagnostic::error("import-id", "Unexpected Format of ID", format!("Unexpected format of ID ({id:?}), expected {expected}"));
    let ids: Vec<&str> = id.split(',').collect();
    let no_triggers = ("triggers", Value::map(Type::String, Default::default()));
    match (kind, ids.as_slice()) {
        ("time_static", _) => {
            let at = moment("id", id)?;
            let named = [("rfc3339", Value::string(show(at))), ("id", Value::string(show(at))), no_triggers];
            Ok(Value::object_of(parts(at).into_iter().chain(named)))
        }
        ("time_offset", [base, units @ ..]) if units.len() == 6 && units.iter().any(|u| !u.is_empty()) => {
            let order = ["offset_years", "offset_months", "offset_days", "offset_hours", "offset_minutes", "offset_seconds"];
            imported(base, &order, units, &OFFSETS, "base_rfc3339", "rfc3339")
        }
        ("time_offset", _) => Err(form("BASETIMESTAMP,YEARS,MONTHS,DAYS,HOURS,MINUTES,SECONDS where at least one offset value is non-empty")),
        ("time_rotating", [base, end]) if !base.is_empty() && !end.is_empty() => {
            let (at, end) = (moment("id", base)?, moment("id", end)?);
            Ok(filled(&Value::object_of([no_triggers]), "rfc3339", at, "rotation_rfc3339", end))
        }
        ("time_rotating", [base, units @ ..]) if units.len() == 5 && units.iter().any(|u| !u.is_empty()) => {
            let order = ["rotation_years", "rotation_months", "rotation_days", "rotation_hours", "rotation_minutes"];
            imported(base, &order, units, &ROTATIONS, "rfc3339", "rotation_rfc3339")
        }
        ("time_rotating", _) => Err(form("BASETIMESTAMP,YEARS,MONTHS,DAYS,HOURS,MINUTES or BASETIMESTAMP,ROTATIONTIMESTAMP")),
        ("time_sleep", [create, destroy, triggers @ ..]) if !create.is_empty() || !destroy.is_empty() => imported_sleep(create, destroy, triggers),
        ("time_sleep", _) => Err(form("CREATEDURATION,DESTROYDURATION,KEY=VALUE,KEY=VALUE... where at least one of the durations is non-empty")),
        _ => Err(super::unknown_kind(kind)),
    }
}

fn imported(base: &str, order: &[&'static str], given: &[&str], units: &[(&'static str, Unit)], from: &'static str, to: &'static str) -> Outcome<Value> {
    let at = moment("id", base)?;
    let mut attributes = vec![("triggers", Value::map(Type::String, Default::default()))];
    for (name, text) in order.iter().zip(given).filter(|(_, text)| !text.is_empty()) {
        let n: i64 = text
            .parse()
            .map_err(|_| Diagnostic::error("import-id", "Unexpected Format of ID", format!("The {name} parameter {text:?} is not a whole number.")))?;
        attributes.push((name, Value::number(n)));
    }
    let value = Value::object_of(attributes);
    let end = ended(at, units, &value, None)?;
    Ok(filled(&value, from, at, to, end))
}

/// The id of a sleep is the moment of its import, which an import cannot know; it stands for "once".
fn imported_sleep(create: &str, destroy: &str, triggers: &[&str]) -> Outcome<Value> {
    for given in [create, destroy].into_iter().filter(|t| !t.is_empty()) {
        duration::parse(given).map_err(|why| Diagnostic::error("import-id", "Import time sleep error", format!("The duration cannot be parsed: {why}.")))?;
    }
    let mut map = std::collections::BTreeMap::new();
    for trigger in triggers {
        let (key, value) = trigger
            .split_once('=')
            .ok_or_else(|| Diagnostic::error("import-id", "Trigger import error", format!("Trigger import entries must be KEY=VALUE, got {trigger}")))?;
        map.insert(key.to_owned(), Value::string(value));
    }
    Ok(Value::object_of([
        ("create_duration", text_or_null(Some(create).filter(|t| !t.is_empty()))),
        ("destroy_duration", text_or_null(Some(destroy).filter(|t| !t.is_empty()))),
        ("triggers", Value::map(Type::String, map)),
        ("id", Value::string("1970-01-01T00:00:00Z")),
    ]))
}

/// A moment of RFC 3339.
///
/// # Errors
/// Says which attribute is not one.
pub fn moment(name: &str, text: &str) -> Outcome<OffsetDateTime> {
    OffsetDateTime::parse(text, &Rfc3339).map_err(|e| {
        Diagnostic::error(
            "time-rfc3339",
            "Invalid RFC3339 String Value",
            format!("Attribute {name} is {text:?}, which is not a time as RFC 3339 writes it: {e}."),
        )
    })
}

/// The clock, to the second, in UTC.
///
/// # Errors
/// When the outside's clock does not speak RFC 3339.
pub fn now(outside: &dyn Outside) -> Outcome<OffsetDateTime> {
    let at = moment("now", &outside.now())?.to_offset(UtcOffset::UTC);
    Ok(at.replace_nanosecond(0).unwrap_or(at))
}

/// The moment as Go's RFC 3339 writes it: to the second, with `Z` for UTC.
pub fn show(at: OffsetDateTime) -> String {
    at.replace_nanosecond(0).unwrap_or(at).format(&Rfc3339).unwrap_or_default()
}
