//! `random_id` and `random_bytes`: random bytes and their spellings.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use bigdecimal::num_bigint::{BigInt, Sign};

use crate::{
    base::{Diagnostic, Type, Value},
    builtin::{
        Outcome, Outside,
        fields::{int, text, text_or_null, with},
    },
};

pub fn create_id(planned: &Value, outside: &dyn Outside) -> Outcome<Value> {
    let bytes = drawn(int(planned, "byte_length"), outside)?;
    Ok(with(planned, spellings(&bytes, text(planned, "prefix").unwrap_or_default())))
}

pub fn create_bytes(planned: &Value, outside: &dyn Outside) -> Outcome<Value> {
    let bytes = drawn(int(planned, "length"), outside)?;
    Ok(with(planned, [("id", Value::string("none")), ("base64", Value::string(STANDARD.encode(&bytes))), ("hex", Value::string(hex(&bytes)))]))
}

fn drawn(length: Option<i64>, outside: &dyn Outside) -> Outcome<Vec<u8>> {
    let length = length.and_then(|n| usize::try_from(n).ok()).filter(|n| *n <= 1 << 24).ok_or_else(|| {
        Diagnostic::error("random-length", "Invalid length", "The number of random bytes must be at least 1 and at most 16777216.".to_owned())
    })?;
    let mut bytes = vec![0; length];
    outside.random(&mut bytes);
    Ok(bytes)
}

fn spellings(bytes: &[u8], prefix: &str) -> [(&'static str, Value); 5] {
    let id = URL_SAFE_NO_PAD.encode(bytes);
    let prefixed = |s: &str| Value::string(format!("{prefix}{s}"));
    [
        ("b64_url", prefixed(&id)),
        ("b64_std", prefixed(&STANDARD.encode(bytes))),
        ("hex", prefixed(&hex(bytes))),
        ("dec", prefixed(&BigInt::from_bytes_be(Sign::Plus, bytes).to_string())),
        ("id", Value::string(id)),
    ]
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// `b64_url`, or `prefix,b64_url`.
pub fn import_id(id: &str) -> Outcome<Value> {
    let (prefix, encoded) = id.rsplit_once(',').unwrap_or(("", id));
    let bytes = URL_SAFE_NO_PAD.decode(encoded).map_err(|e| {
        Diagnostic::error("import-id", "Import Random ID Error", format!("The id {encoded:?} is not base64 in its URL-friendly form without padding: {e}."))
    })?;
    let prefix_value = text_or_null(Some(prefix).filter(|p| !p.is_empty()));
    let fixed = [("byte_length", Value::number(bytes.len())), ("prefix", prefix_value), ("keepers", Value::map(Type::String, Default::default()))];
    Ok(Value::object_of(spellings(&bytes, prefix).into_iter().chain(fixed)))
}

pub fn import_bytes(id: &str) -> Outcome<Value> {
    let bytes = STANDARD.decode(id).map_err(|e| Diagnostic::error("import-id", "Import Random bytes Error", format!("The id is not base64: {e}.")))?;
    Ok(Value::object_of([
        ("id", Value::string("none")),
        ("length", Value::number(bytes.len())),
        ("base64", Value::string(id)),
        ("hex", Value::string(hex(&bytes))),
    ]))
}
