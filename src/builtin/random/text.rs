//! `random_string` and `random_password`: characters of chosen classes, with a minimum of each.

use super::draw;
use crate::{
    base::{Diagnostic, Value},
    builtin::{
        Outcome, Outside,
        fields::{flag, int, is_unknown, or_default, text, with},
    },
};

const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
const NUMERIC: &str = "0123456789";
const SPECIAL: &str = "!@#$%&*()-_=+[]{}<>:?";

/// The classes with the attributes that switch them on and ask for a minimum.
const CLASSES: [(&str, &str, &str); 4] =
    [("upper", "min_upper", UPPER), ("lower", "min_lower", LOWER), ("numeric", "min_numeric", NUMERIC), ("special", "min_special", SPECIAL)];

pub fn validate(config: &Value) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let minima = CLASSES.map(|(_, min, _)| (min, int(config, min).unwrap_or(0)));
    let sum = minima.iter().fold(0i64, |sum, (_, n)| sum.saturating_add(*n));
    if let Some(length) = int(config, "length")
        && length < sum
    {
        let parts: Vec<String> = minima.iter().filter(|(_, n)| *n > 0).map(|(name, n)| format!("{name} = {n}")).collect();
        found.push(Diagnostic::error(
            "random-minimum",
            "Invalid Attribute Value",
            format!("Attribute length must be at least the sum of the minima, which is {sum} ({}), got: {length}.", parts.join(", ")),
        ));
    }
    if CLASSES.iter().all(|(class, ..)| wanted(config, class) == Some(false) && !is_unknown(config, class)) {
        found.push(Diagnostic::error(
            "random-no-class",
            "Invalid Attribute Combination",
            "At least one of the attributes special, upper, lower and numeric must be true: there would be no character to draw.".to_owned(),
        ));
    }
    found
}

/// Whether the class is switched on, where that is said; `number` is the old name of `numeric`.
fn wanted(value: &Value, class: &str) -> Option<bool> {
    flag(value, class).or_else(|| if class == "numeric" { flag(value, "number") } else { None })
}

/// `number` and `numeric` are one attribute under two names.
pub fn same_names(config: &Value, planned: Value) -> Value {
    if planned.get("number").is_none() {
        return planned;
    }
    let said = [config.get("numeric"), config.get("number")].into_iter().flatten().find(|v| !v.is_null()).cloned();
    let Some(value) = said else { return planned };
    with(&planned, [("number", value.clone()), ("numeric", value)])
}

fn drawn(planned: &Value, outside: &dyn Outside) -> Outcome<String> {
    let override_special = text(planned, "override_special").filter(|s| !s.is_empty());
    let classes = CLASSES.map(|(class, min, chars)| {
        let chars = if class == "special" { override_special.unwrap_or(chars) } else { chars };
        let all: Vec<char> = chars.chars().collect();
        (wanted(planned, class).unwrap_or(true), int(planned, min).unwrap_or(0), all)
    });
    let length = usize::try_from(int(planned, "length").unwrap_or(0)).unwrap_or(0);
    if let Some(problem) = validate(planned).into_iter().next() {
        return Err(problem);
    }
    let mut result = Vec::with_capacity(length);
    for (_, min, chars) in &classes {
        result.extend((0..*min).filter_map(|_| draw::pick(chars, outside).copied()));
    }
    let any: Vec<char> = classes.iter().filter(|(on, ..)| *on).flat_map(|(_, _, chars)| chars.iter().copied()).collect();
    while result.len() < length {
        result.extend(draw::pick(&any, outside).copied());
    }
    draw::shuffle(&mut result, outside);
    Ok(result.into_iter().collect())
}

pub fn create_string(planned: &Value, outside: &dyn Outside) -> Outcome<Value> {
    let result = Value::string(drawn(planned, outside)?);
    Ok(with(planned, [("id", result.clone()), ("result", result)]))
}

/// The password is never its own id: ids are shown.
pub fn create_password(planned: &Value, outside: &dyn Outside) -> Outcome<Value> {
    let result = drawn(planned, outside)?;
    let mut salt = [0; 16];
    outside.random(&mut salt);
    let made = [("result", Value::string(&result)), ("bcrypt_hash", Value::string(bcrypt_hash(&result, salt)?))];
    if planned.get("id").is_some() {
        return Ok(with(&with(planned, made), [("id", Value::string("none"))]));
    }
    // The ephemeral form has no id, and no defaults in its shape.
    Ok(or_default(&with(planned, made), CLASSES.iter().flat_map(|(class, min, _)| [(*class, Value::bool(true)), (*min, Value::number(0))])))
}

/// The hash at bcrypt's default cost, of the first 72 bytes: bcrypt knows no more.
fn bcrypt_hash(password: &str, salt: [u8; 16]) -> Outcome<String> {
    let bytes = password.as_bytes();
    let kept = bytes.get(..72).unwrap_or(bytes);
    let parts = bcrypt::hash_with_salt(kept, 10, salt)
        .map_err(|e| Diagnostic::error("random-bcrypt", "Create Random Password Error", format!("The hash of the password cannot be made: {e}.")))?;
    Ok(parts.format_for_version(bcrypt::Version::TwoA))
}

pub fn import_string(id: &str) -> Value {
    Value::object_of(imported(id).into_iter().chain([("id", Value::string(id))]))
}

/// The salt is made of the password: an import has no randomness, and a hash needs none that is secret.
pub fn import_password(id: &str) -> Outcome<Value> {
    use sha2::Digest;
    let digest = sha2::Sha256::digest(id.as_bytes());
    let mut salt = [0; 16];
    salt.iter_mut().zip(digest).for_each(|(s, d)| *s = d);
    let hash = Value::string(bcrypt_hash(id, salt)?);
    Ok(Value::object_of(imported(id).into_iter().chain([("id", Value::string("none")), ("bcrypt_hash", hash)])))
}

fn imported(id: &str) -> Vec<(&'static str, Value)> {
    let mut attributes = vec![("result", Value::string(id)), ("length", Value::number(id.len())), ("number", Value::bool(true))];
    attributes.extend(CLASSES.iter().flat_map(|(class, min, _)| [(*class, Value::bool(true)), (*min, Value::number(0))]));
    attributes
}
