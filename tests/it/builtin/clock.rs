//! `time_*`: moments, what is added to them, and pauses.

use expect_test::{Expect, expect};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::{create, shown, still, text, told, value};
use ravelin::{base::Value, builtin};

const NOW: &str = "2026-03-01T12:00:00Z";

fn check(kind: &str, planned: Json, expected: Expect) {
    expected.assert_eq(&told(create(kind, planned, &still())));
}

#[test]
fn moments_are_taken_or_given() {
    check(
        "time_static",
        json!({}),
        expect![[r#"
        {
          "day": 1,
          "hour": 12,
          "id": "2026-03-01T12:00:00Z",
          "minute": 0,
          "month": 3,
          "rfc3339": "2026-03-01T12:00:00Z",
          "second": 0,
          "unix": 1772366400,
          "year": 2026
        }"#]],
    );
    check(
        "time_static",
        json!({ "rfc3339": "2020-02-29T23:00:00+02:00" }),
        expect![[r#"
        {
          "day": 29,
          "hour": 23,
          "id": "2020-02-29T23:00:00+02:00",
          "minute": 0,
          "month": 2,
          "rfc3339": "2020-02-29T23:00:00+02:00",
          "second": 0,
          "unix": 1583010000,
          "year": 2020
        }"#]],
    );
    check(
        "time_offset",
        json!({ "base_rfc3339": "2024-01-31T00:00:00Z", "offset_months": 1 }),
        expect![[r#"
        {
          "base_rfc3339": "2024-01-31T00:00:00Z",
          "day": 2,
          "hour": 0,
          "id": "2024-01-31T00:00:00Z",
          "minute": 0,
          "month": 3,
          "offset_months": 1,
          "rfc3339": "2024-03-02T00:00:00Z",
          "second": 0,
          "unix": 1709337600,
          "year": 2024
        }"#]],
    );
    check(
        "time_offset",
        json!({ "base_rfc3339": "2024-02-29T00:00:00Z", "offset_years": -1 }),
        expect![[r#"
        {
          "base_rfc3339": "2024-02-29T00:00:00Z",
          "day": 1,
          "hour": 0,
          "id": "2024-02-29T00:00:00Z",
          "minute": 0,
          "month": 3,
          "offset_years": -1,
          "rfc3339": "2023-03-01T00:00:00Z",
          "second": 0,
          "unix": 1677628800,
          "year": 2023
        }"#]],
    );
    check(
        "time_rotating",
        json!({ "rotation_days": 30 }),
        expect![[r#"
        {
          "day": 31,
          "hour": 12,
          "id": "2026-03-01T12:00:00Z",
          "minute": 0,
          "month": 3,
          "rfc3339": "2026-03-01T12:00:00Z",
          "rotation_days": 30,
          "rotation_rfc3339": "2026-03-31T12:00:00Z",
          "second": 0,
          "unix": 1774958400,
          "year": 2026
        }"#]],
    );
    check(
        "time_static",
        json!({ "rfc3339": "yesterday" }),
        expect![[r#"
        Invalid RFC3339 String Value: Attribute rfc3339 is "yesterday", which is not a time as RFC 3339 writes it: the 'year' component could not be parsed.
    "#]],
    );
}

#[test]
fn a_pause_lasts_as_long_as_it_says() {
    let outside = still();
    let made = create("time_sleep", json!({ "create_duration": "1m30s", "destroy_duration": "1.5h" }), &outside).unwrap();
    assert_eq!(text(&made, "id"), "2026-03-01T12:01:30Z");
    futures::executor::block_on(builtin::delete("time_sleep", &made, &outside)).unwrap();
    assert_eq!(outside.slept.borrow().as_secs(), 90 + 5400);
}

/// What is known of a moment is in the plan; a rotation in the past replaces, and a refresh forgets it.
#[test]
fn plans_know_what_they_can() {
    let config = value(json!({ "rfc3339": "2026-01-02T03:04:05Z" }));
    let planned = builtin::planned("time_static", &config, None, config.clone(), NOW);
    assert_eq!(planned.value.get("unix").and_then(Value::as_i64), Some(1_767_323_045));
    let outside = still();
    let prior = create("time_rotating", json!({ "rotation_days": 30, "rfc3339": "2026-01-01T00:00:00Z" }), &outside).unwrap();
    let replace = builtin::planned("time_rotating", &prior, Some(&prior), prior.clone(), NOW).replace;
    expect!["the rotation was due at 2026-01-31T00:00:00Z"].assert_eq(&replace[0].1);
    assert_eq!(futures::executor::block_on(builtin::read("time_rotating", &prior, &outside)).unwrap(), None);
    let later = create("time_rotating", json!({ "rotation_days": 90, "rfc3339": "2026-01-01T00:00:00Z" }), &outside).unwrap();
    assert!(builtin::planned("time_rotating", &later, Some(&later), later.clone(), NOW).replace.is_empty());
    assert!(futures::executor::block_on(builtin::read("time_rotating", &later, &outside)).unwrap().is_some());
}

/// An offset that changes is counted from the base that was kept.
#[test]
fn an_offset_changes_in_place() {
    let prior = create("time_offset", json!({ "base_rfc3339": "2026-01-01T00:00:00Z", "offset_days": 1, "offset_hours": null }), &still()).unwrap();
    let mut changed = prior.entries().unwrap().clone();
    changed.insert("offset_days".into(), Value::number(3));
    let changed = Value::object(changed);
    let planned = builtin::planned("time_offset", &changed, Some(&prior), changed.clone(), NOW).value;
    assert_eq!(text(&planned, "rfc3339"), "2026-01-04T00:00:00Z");
    assert_eq!(text(&planned, "id"), "2026-01-01T00:00:00Z");
}

#[test]
fn imports_have_the_forms_of_the_real_provider() {
    expect![[r#"
        {
          "base_rfc3339": "2020-02-12T06:36:13Z",
          "day": 19,
          "hour": 6,
          "id": "2020-02-12T06:36:13Z",
          "minute": 36,
          "month": 2,
          "offset_days": 7,
          "offset_months": 0,
          "offset_years": 0,
          "rfc3339": "2020-02-19T06:36:13Z",
          "second": 13,
          "triggers": {},
          "unix": 1582094173,
          "year": 2020
        }"#]]
    .assert_eq(&shown(&builtin::import("time_offset", "2020-02-12T06:36:13Z,0,0,7,,,").unwrap()));
    expect![[r#"
        {
          "day": 12,
          "hour": 6,
          "id": "2020-02-12T06:36:13Z",
          "minute": 36,
          "month": 3,
          "rfc3339": "2020-02-12T06:36:13Z",
          "rotation_rfc3339": "2020-03-12T06:36:13Z",
          "second": 13,
          "triggers": {},
          "unix": 1583994973,
          "year": 2020
        }"#]]
    .assert_eq(&shown(&builtin::import("time_rotating", "2020-02-12T06:36:13Z,2020-03-12T06:36:13Z").unwrap()));
    expect![[r#"
        {
          "create_duration": "30s",
          "destroy_duration": null,
          "id": "1970-01-01T00:00:00Z",
          "triggers": {
            "a": "b"
          }
        }"#]]
    .assert_eq(&shown(&builtin::import("time_sleep", "30s,,a=b").unwrap()));
    let refused = |kind, id| builtin::import(kind, id).map_err(|d| d.detail).unwrap_err();
    expect![[r#"Unexpected format of ID ("2020-02-12T06:36:13Z,,,,,,"), expected BASETIMESTAMP,YEARS,MONTHS,DAYS,HOURS,MINUTES,SECONDS where at least one offset value is non-empty"#]].assert_eq(&refused("time_offset", "2020-02-12T06:36:13Z,,,,,,"));
    expect![[
        r#"Unexpected format of ID (","), expected CREATEDURATION,DESTROYDURATION,KEY=VALUE,KEY=VALUE... where at least one of the durations is non-empty"#
    ]]
    .assert_eq(&refused("time_sleep", ","));
}

#[test]
fn what_does_nothing_is_told_before() {
    let found =
        |kind: &str, config| builtin::validate(kind, &value(config)).into_iter().map(|d| format!("{}: {}", d.summary, d.detail)).collect::<Vec<_>>().join("\n");
    expect!["Missing Attribute Configuration: At least one of these attributes must be configured: [rotation_days,rotation_hours,rotation_minutes,rotation_months,rotation_years,rotation_rfc3339]"].assert_eq(&found("time_rotating", json!({})));
    expect![[r#"Invalid Attribute Value Match: Attribute create_duration is wrong: "soon" is not a duration: write a number and its unit (ns, us, ms, s, m, h), as "30s" or "1h30m"."#]].assert_eq(&found("time_sleep", json!({ "create_duration": "soon" })));
    expect![[
        r#"Invalid RFC3339 String Value: Attribute rfc3339 is "2026-13-01T00:00:00Z", which is not a time as RFC 3339 writes it: month was not in range."#
    ]]
    .assert_eq(&found("time_static", json!({ "rfc3339": "2026-13-01T00:00:00Z" })));
}

proptest! {
    /// Days there and days back are the same moment.
    #[test]
    fn days_there_and_back(days in -20_000i64..20_000) {
        prop_assume!(days != 0);
        let there = create("time_offset", json!({ "offset_days": days }), &still()).unwrap();
        let back = create("time_offset", json!({ "base_rfc3339": text(&there, "rfc3339"), "offset_days": -days }), &still()).unwrap();
        prop_assert_eq!(text(&back, "rfc3339"), NOW);
    }
}
