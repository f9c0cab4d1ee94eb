//! The `random` provider, as its 3.x versions: values that are drawn once and kept in the state until a keeper changes.

mod draw;
mod go_rand;
mod id;
mod integer;
mod pet;
mod text;
mod uuids;

pub use id::hex;

use std::collections::BTreeMap;

use super::{
    Outcome, Outside, Planned,
    fields::{self, path},
};
use crate::base::{Diagnostic, Value};

/// What the shapes cannot say: that the minima fit into the length, and that some class of characters is left.
pub fn validate(kind: &str, config: &Value) -> Vec<Diagnostic> {
    match kind {
        "random_string" | "random_password" => text::validate(config),
        "random_integer" => integer::validate(config),
        _ => Vec::new(),
    }
}

/// Keepers replace the resource when one of them changes, and not when an import or an older version left them out.
pub fn planned(kind: &str, config: &Value, prior: Option<&Value>, planned: Value) -> Planned {
    let value = if kind == "random_string" || kind == "random_password" { text::same_names(config, planned) } else { planned };
    let mut replace = Vec::new();
    if let Some(prior) = prior
        && keepers_changed(config.get("keepers"), prior.get("keepers"))
    {
        replace.push((path("keepers"), "a keeper changes".to_owned()));
    }
    Planned { value, replace }
}

fn keepers_changed(config: Option<&Value>, prior: Option<&Value>) -> bool {
    let none = BTreeMap::new();
    if config.is_some_and(|c| !c.is_wholly_known()) {
        return true;
    }
    let config = config.and_then(Value::entries).unwrap_or(&none);
    let prior = prior.and_then(Value::entries).unwrap_or(&none);
    let differs = |(key, value): (&String, &Value)| match prior.get(key) {
        Some(old) => !old.same(value),
        None => !value.is_null(),
    };
    config.iter().any(differs) || prior.keys().any(|key| !config.contains_key(key))
}

/// Draws the value.
///
/// # Errors
/// When the configuration leaves nothing to draw from.
pub fn create(kind: &str, planned: &Value, outside: &dyn Outside) -> Outcome<Value> {
    match kind {
        "random_id" => id::create_id(planned, outside),
        "random_bytes" => id::create_bytes(planned, outside),
        "random_string" => text::create_string(planned, outside),
        "random_password" => text::create_password(planned, outside),
        "random_pet" => pet::create(planned, outside),
        "random_integer" => integer::create(planned, outside),
        "random_shuffle" => integer::shuffle(planned, outside),
        "random_uuid" | "random_uuid4" => Ok(uuids::create_v4(planned, outside)),
        "random_uuid7" => uuids::create_v7(planned, outside),
        _ => Err(super::unknown_kind(kind)),
    }
}

/// The ephemeral password: drawn each time, kept nowhere.
///
/// # Errors
/// As [`create`].
pub fn open(config: &Value, outside: &dyn Outside) -> Outcome<Value> {
    text::create_password(config, outside)
}

/// What an id to import says.
///
/// # Errors
/// When it has not the type's form; pets and shuffles cannot be imported.
pub fn import(kind: &str, id: &str) -> Outcome<Value> {
    match kind {
        "random_id" => id::import_id(id),
        "random_bytes" => id::import_bytes(id),
        "random_string" => Ok(text::import_string(id)),
        "random_password" => text::import_password(id),
        "random_integer" => integer::import(id),
        "random_uuid" | "random_uuid4" | "random_uuid7" => uuids::import(id),
        _ => Err(fields::no_import(kind)),
    }
}
