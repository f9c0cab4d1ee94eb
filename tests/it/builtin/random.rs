//! `random_*`: what the real provider draws from a seed, the counts that were asked for, and spellings that agree.

use base64::{Engine, engine::general_purpose};
use expect_test::{Expect, expect};
use proptest::prelude::*;
use serde_json::json;

use super::{create, shown, still, strings, text, value};
use ravelin::{base::Value, builtin};

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
