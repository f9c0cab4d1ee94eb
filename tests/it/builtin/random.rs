//! `random_*`: what the real provider draws from a seed, the counts that were asked for, and spellings that agree.

use base64::{Engine, engine::general_purpose};
use expect_test::{Expect, expect};
use proptest::prelude::*;
use serde_json::json;

use super::{create, shown, still, strings, text, value};
use ravelin::{base::Value, builtin};

const SPECIAL: &str = "!@#$%&*()-_=+[]{}<>:?";

fn check(kind: &str, planned: serde_json::Value, expected: Expect) {
    expected.assert_eq(&match create(kind, planned, &still()) {
        Ok(made) => shown(&made),
        Err(d) => format!("{}: {}\n", d.summary, d.detail),
    });
}

/// The figures of the real provider's own acceptance tests.
#[test]
fn a_seed_draws_what_the_real_provider_draws() {
    let shuffled = |planned| strings(&create("random_shuffle", planned, &still()).unwrap(), "result").join(" ");
    assert_eq!(shuffled(json!({ "input": ["a", "b", "c", "d", "e"], "seed": "-" })), "a c b e d");
    assert_eq!(shuffled(json!({ "input": ["a", "b", "c", "d", "e"], "seed": "-", "result_count": 3 })), "a c b");
    assert_eq!(shuffled(json!({ "input": ["a", "b", "c", "d", "e"], "seed": "-", "result_count": 12 })), "a c b e d a e d c b a b");
    let drawn = |planned| create("random_integer", planned, &still()).unwrap().get("result").unwrap().as_i64().unwrap();
    assert_eq!(drawn(json!({ "min": 1, "max": 3, "seed": "12345" })), 3);
}

#[test]
fn shapes_of_what_is_drawn() {
    check(
        "random_id",
        json!({ "byte_length": 5, "prefix": "rg-" }),
        expect![[r#"
        {
          "b64_std": "rg-r80dezk=",
          "b64_url": "rg-r80dezk",
          "byte_length": 5,
          "dec": "rg-755060538169",
          "hex": "rg-afcd1d7b39",
          "id": "r80dezk",
          "prefix": "rg-"
        }"#]],
    );
    check(
        "random_bytes",
        json!({ "length": 3 }),
        expect![[r#"
        {
          "base64": "r80d",
          "hex": "afcd1d",
          "id": "none",
          "length": 3
        }"#]],
    );
    check(
        "random_uuid",
        json!({}),
        expect![[r#"
        {
          "id": "afcd1d7b-39a8-40e2-b465-b9a16a9e786e",
          "result": "afcd1d7b-39a8-40e2-b465-b9a16a9e786e"
        }"#]],
    );
    check(
        "random_uuid7",
        json!({}),
        expect![[r#"
        {
          "id": "019ca945-0a00-7fcd-9d7b-39a820e2f465",
          "result": "019ca945-0a00-7fcd-9d7b-39a820e2f465"
        }"#]],
    );
    check(
        "random_pet",
        json!({ "length": 3, "separator": "_", "prefix": "the" }),
        expect![[r#"
        {
          "id": "the_slyly_nationwide_katydid",
          "length": 3,
          "prefix": "the",
          "separator": "_"
        }"#]],
    );
    check(
        "random_string",
        json!({ "length": 12, "special": false, "min_upper": 4 }),
        expect![[r#"
        {
          "id": "xB9YjJPYmiAM",
          "length": 12,
          "min_upper": 4,
          "result": "xB9YjJPYmiAM",
          "special": false
        }"#]],
    );
    check(
        "random_string",
        json!({ "length": 3, "min_upper": 2, "min_lower": 2 }),
        expect![[r#"
        Invalid Attribute Value: Attribute length must be at least the sum of the minima, which is 4 (min_upper = 2, min_lower = 2), got: 3.
    "#]],
    );
    check(
        "random_integer",
        json!({ "min": 5, "max": 4 }),
        expect![[r#"
        Create Random Integer Error: The minimum (min) value needs to be smaller than or equal to maximum (max) value: min is 5, max is 4.
    "#]],
    );
}

#[test]
fn a_password_has_a_hash_that_verifies_and_no_telling_id() {
    let made = create("random_password", json!({ "id": null, "length": 90 }), &still()).unwrap();
    assert_eq!(text(&made, "id"), "none");
    let (password, hash) = (text(&made, "result"), text(&made, "bcrypt_hash"));
    assert!(bcrypt::verify(&password.as_bytes()[..72], &hash).unwrap(), "{hash}");
    let opened = futures::executor::block_on(builtin::open("random_password", &value(json!({ "length": 9, "upper": null })), &still())).unwrap();
    assert_eq!(text(&opened, "result").len(), 9);
    assert_eq!(opened.get("upper").and_then(Value::as_bool), Some(true));
}

/// What an import yields plans without a change, and says the same as the original.
#[test]
fn what_was_drawn_can_be_imported() {
    let made = create("random_id", json!({ "byte_length": 7, "prefix": "p," }), &still()).unwrap();
    let again = builtin::import("random_id", &format!("p,,{}", text(&made, "id"))).unwrap();
    for name in ["id", "hex", "dec", "b64_std", "b64_url", "prefix"] {
        assert_eq!(text(&made, name), text(&again, name), "{name}");
    }
    expect![[r#"
        {
          "id": "aB3$",
          "length": 4,
          "lower": true,
          "min_lower": 0,
          "min_numeric": 0,
          "min_special": 0,
          "min_upper": 0,
          "number": true,
          "numeric": true,
          "result": "aB3$",
          "special": true,
          "upper": true
        }"#]]
    .assert_eq(&shown(&builtin::import("random_string", "aB3$").unwrap()));
    expect![[r#"
        {
          "id": "15390",
          "max": 50000,
          "min": 1,
          "result": 15390,
          "seed": "abc"
        }"#]]
    .assert_eq(&shown(&builtin::import("random_integer", "15390,1,50000,abc").unwrap()));
    let refused = |kind, id| builtin::import(kind, id).map_err(|d| d.detail).unwrap_err();
    expect!["Invalid import usage: expecting {result},{min},{max} or {result},{min},{max},{seed}"].assert_eq(&refused("random_integer", "1,2"));
    expect![[r#"The id "zz" is not a UUID: invalid character: found `z` at 0."#]].assert_eq(&refused("random_uuid", "zz"));
    expect!["This resource does not support import: random_pet holds only what it computed when it was created."].assert_eq(&refused("random_pet", "x"));
}

/// A keeper that changes replaces; one that an import did not know does not.
#[test]
fn keepers_decide_about_replacement() {
    let replaced = |config: serde_json::Value, prior: serde_json::Value| {
        let (config, prior) = (value(json!({ "keepers": config })), value(json!({ "keepers": prior })));
        !builtin::planned("random_id", &config, Some(&prior), config.clone(), "2026-03-01T12:00:00Z").replace.is_empty()
    };
    assert!(replaced(json!({ "a": "2" }), json!({ "a": "1" })));
    assert!(replaced(json!({}), json!({ "a": "1" })));
    assert!(replaced(json!({ "a": "1" }), json!(null)));
    assert!(!replaced(json!({ "a": "1" }), json!({ "a": "1" })));
    assert!(!replaced(json!(null), json!({})));
    assert!(!replaced(json!({ "a": null }), json!(null)));
}

#[test]
fn number_and_numeric_are_one() {
    let config = value(json!({ "numeric": false, "number": null }));
    let planned = value(json!({ "numeric": false, "number": true }));
    let value = builtin::planned("random_string", &config, None, planned, "").value;
    assert_eq!(value.get("number").and_then(Value::as_bool), Some(false));
}

#[test]
fn what_cannot_be_drawn_is_told_before() {
    let found = |kind: &str, config| builtin::validate(kind, &value(config)).into_iter().map(|d| format!("{}: {}", d.summary, d.detail)).collect::<Vec<_>>();
    expect!["Invalid Attribute Value: Attribute length must be at least the sum of the minima, which is 6 (min_upper = 3, min_special = 3), got: 5."]
        .assert_eq(&found("random_password", json!({ "length": 5, "min_upper": 3, "min_special": 3 })).join("\n"));
    expect![
        "Invalid Attribute Combination: At least one of the attributes special, upper, lower and numeric must be true: there would be no character to draw."
    ]
    .assert_eq(&found("random_string", json!({ "length": 5, "upper": false, "lower": false, "numeric": false, "special": false })).join("\n"));
    expect!["Create Random Integer Error: The minimum (min) value needs to be smaller than or equal to maximum (max) value: min is 5, max is 4."]
        .assert_eq(&found("random_integer", json!({ "min": 5, "max": 4 })).join("\n"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn texts_have_their_length_and_their_minima(length in 1usize..60, minima in proptest::array::uniform4(0usize..10), seed in any::<u64>()) {
        prop_assume!(minima.iter().sum::<usize>() <= length);
        let outside = still();
        *outside.counter.borrow_mut() = seed;
        let [upper, lower, numeric, special] = minima;
        let made = create("random_string", json!({ "length": length, "min_upper": upper, "min_lower": lower, "min_numeric": numeric, "min_special": special }), &outside).unwrap();
        let result = text(&made, "result");
        prop_assert_eq!(result.chars().count(), length);
        prop_assert!(result.chars().filter(char::is_ascii_uppercase).count() >= upper);
        prop_assert!(result.chars().filter(char::is_ascii_lowercase).count() >= lower);
        prop_assert!(result.chars().filter(char::is_ascii_digit).count() >= numeric);
        let drawn = result.chars().filter(|c| SPECIAL.contains(*c)).count();
        prop_assert!(drawn >= special);
    }

    #[test]
    fn only_the_classes_that_are_on_are_drawn(length in 1usize..40, on in proptest::array::uniform3(any::<bool>()), seed in any::<u64>()) {
        let outside = still();
        *outside.counter.borrow_mut() = seed;
        let [upper, lower, numeric] = on;
        let made = create("random_string", json!({ "length": length, "upper": upper, "lower": lower, "numeric": numeric, "special": true, "override_special": "~é" }), &outside).unwrap();
        let result = text(&made, "result");
        prop_assert_eq!(result.chars().count(), length);
        prop_assert!(upper || !result.chars().any(|c| c.is_ascii_uppercase()));
        prop_assert!(lower || !result.chars().any(|c| c.is_ascii_lowercase()));
        prop_assert!(numeric || !result.chars().any(|c| c.is_ascii_digit()));
    }

    #[test]
    fn spellings_of_an_id_agree(length in 1usize..40, seed in any::<u64>()) {
        let outside = still();
        *outside.counter.borrow_mut() = seed;
        let made = create("random_id", json!({ "byte_length": length }), &outside).unwrap();
        let bytes = general_purpose::URL_SAFE_NO_PAD.decode(text(&made, "b64_url")).unwrap();
        prop_assert_eq!(bytes.len(), length);
        prop_assert_eq!(&general_purpose::STANDARD.decode(text(&made, "b64_std")).unwrap(), &bytes);
        prop_assert_eq!(text(&made, "hex"), bytes.iter().map(|b| format!("{b:02x}")).collect::<String>());
        let number = bigdecimal::num_bigint::BigInt::parse_bytes(text(&made, "hex").as_bytes(), 16).unwrap();
        prop_assert_eq!(text(&made, "dec"), number.to_string());
    }

    #[test]
    fn a_shuffle_keeps_everything(input in proptest::collection::vec("[a-z]{1,4}", 1..20), seed in "[a-z]{0,5}") {
        let made = create("random_shuffle", json!({ "input": input, "seed": seed }), &still()).unwrap();
        let (mut before, mut after) = (input, strings(&made, "result"));
        before.sort();
        after.sort();
        prop_assert_eq!(before, after);
    }

    #[test]
    fn numbers_stay_in_their_range(min in -1000i64..1000, span in 0i64..100_000, seed in "[a-z0-9]{0,6}") {
        let made = create("random_integer", json!({ "min": min, "max": min + span, "seed": seed }), &still()).unwrap();
        let n = made.get("result").and_then(Value::as_i64).unwrap();
        prop_assert!((min..=min + span).contains(&n), "{}", n);
    }
}
