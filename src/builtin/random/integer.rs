//! `random_integer` and `random_shuffle`: with a seed, what the real provider draws from it.

use super::{draw, go_rand::GoRand};
use crate::{
    base::{Diagnostic, Type, Value},
    builtin::{
        Outcome, Outside,
        fields::{int, text, texts, texts_value, with},
    },
};

pub fn validate(config: &Value) -> Vec<Diagnostic> {
    match (int(config, "min"), int(config, "max")) {
        (Some(min), Some(max)) if min > max => vec![wrong_order(min, max)],
        _ => Vec::new(),
    }
}

fn wrong_order(min: i64, max: i64) -> Diagnostic {
    Diagnostic::error(
        "random-range",
        "Create Random Integer Error",
        format!("The minimum (min) value needs to be smaller than or equal to maximum (max) value: min is {min}, max is {max}."),
    )
}

/// The generator of a seed; without one, of the outside's randomness.
fn generator(planned: &Value, outside: &dyn Outside) -> GoRand {
    match text(planned, "seed").filter(|s| !s.is_empty()) {
        Some(seed) => GoRand::of_text(seed),
        None => GoRand::new(draw::word(outside) as i64),
    }
}

pub fn create(planned: &Value, outside: &dyn Outside) -> Outcome<Value> {
    let (min, max) = (int(planned, "min").unwrap_or(0), int(planned, "max").unwrap_or(0));
    if min > max {
        return Err(wrong_order(min, max));
    }
    let count = i128::from(max) - i128::from(min) + 1;
    let drawn = match i64::try_from(count) {
        Ok(count) => generator(planned, outside).intn(count),
        // The whole range of 64 bits, or nearly: the real provider cannot draw from it.
        Err(_) => return Err(Diagnostic::error("random-range", "Create Random Integer Error", format!("The range from {min} to {max} is too wide."))),
    };
    let number = min.saturating_add(drawn);
    Ok(with(planned, [("id", Value::string(number.to_string())), ("result", Value::number(number))]))
}

pub fn shuffle(planned: &Value, outside: &dyn Outside) -> Outcome<Value> {
    let input = texts(planned, "input");
    let wanted = int(planned, "result_count").filter(|n| *n != 0).map_or(Ok(input.len()), usize::try_from);
    let wanted = wanted.map_err(|_| Diagnostic::error("random-count", "Invalid result_count", "The attribute result_count cannot be negative.".to_owned()))?;
    let mut result = Vec::new();
    if !input.is_empty() {
        let mut generator = generator(planned, outside);
        // More than there are: each round is another order of all of them.
        while result.len() < wanted.max(1) {
            result.extend(generator.perm(input.len()).into_iter().filter_map(|i| input.get(i)));
        }
        result.truncate(wanted.max(1));
    }
    Ok(with(planned, [("id", Value::string("-")), ("result", texts_value(result))]))
}

/// `result,min,max` or `result,min,max,seed`.
pub fn import(id: &str) -> Outcome<Value> {
    let wrong = |detail: String| Diagnostic::error("import-id", "Import Random Integer Error", detail);
    let parts: Vec<&str> = id.split(',').collect();
    let (&[result, min, max] | &[result, min, max, _]) = parts.as_slice() else {
        return Err(wrong("Invalid import usage: expecting {result},{min},{max} or {result},{min},{max},{seed}".to_owned()));
    };
    let number = |what: &str, text: &str| text.parse::<i64>().map_err(|_| wrong(format!("The {what} {text:?} is not a whole number.")));
    Ok(Value::object_of([
        ("id", Value::string(result)),
        ("result", Value::number(number("result", result)?)),
        ("min", Value::number(number("minimum", min)?)),
        ("max", Value::number(number("maximum", max)?)),
        ("seed", parts.get(3).map_or_else(|| Value::null(Type::String), Value::string)),
    ]))
}
