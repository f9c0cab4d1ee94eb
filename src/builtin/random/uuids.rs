//! `random_uuid`, `random_uuid4` and `random_uuid7`.

use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::{Builder, Uuid};

use crate::{
    base::{Diagnostic, Value},
    builtin::{Outcome, Outside, fields::with},
};

/// A version 4 UUID of the outside's randomness.
pub fn v4(outside: &dyn Outside) -> String {
    let mut bytes = [0; 16];
    outside.random(&mut bytes);
    Builder::from_random_bytes(bytes).into_uuid().to_string()
}

pub fn create_v4(planned: &Value, outside: &dyn Outside) -> Value {
    both(planned, &v4(outside))
}

/// Version 7 begins with the milliseconds since 1970, so that later ones sort later.
pub fn create_v7(planned: &Value, outside: &dyn Outside) -> Outcome<Value> {
    let now = OffsetDateTime::parse(&outside.now(), &Rfc3339)
        .map_err(|e| Diagnostic::error("clock", "The clock cannot be read", format!("The time {:?} is not RFC 3339: {e}.", outside.now())))?;
    let millis = u64::try_from(now.unix_timestamp_nanos() / 1_000_000).unwrap_or(0);
    let mut bytes = [0; 10];
    outside.random(&mut bytes);
    Ok(both(planned, &Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid().to_string()))
}

fn both(planned: &Value, uuid: &str) -> Value {
    with(planned, [("id", Value::string(uuid)), ("result", Value::string(uuid))])
}

pub fn import(id: &str) -> Outcome<Value> {
    let uuid =
        Uuid::parse_str(id).map_err(|e| Diagnostic::error("import-id", "Import Random UUID Error", format!("The id {id:?} is not a UUID: {e}.")))?.to_string();
    Ok(Value::object_of([("id", Value::string(&uuid)), ("result", Value::string(&uuid))]))
}
