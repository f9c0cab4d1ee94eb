//! `null_resource`: a resource that does nothing; it is replaced when its triggers change.

use super::{Outside, fields};
use crate::base::{PathStep, Type, Value};

/// The id is a positive number of 63 random bits, as text.
pub fn create(planned: &Value, outside: &dyn Outside) -> Value {
    let mut bytes = [0; 8];
    outside.random(&mut bytes);
    let id = u64::from_be_bytes(bytes) >> 1;
    planned.map_children(&mut |step, child| if step == PathStep::Name("id".into()) { Value::string(id.to_string()) } else { child })
}

/// `null_data_source`: the inputs once more as outputs, and a number that is another each time.
pub fn data(config: &Value, outside: &dyn Outside) -> Value {
    let mut bytes = [0; 8];
    outside.random(&mut bytes);
    let random = (u64::from_be_bytes(bytes) >> 1).to_string();
    let inputs = config.get("inputs").cloned().unwrap_or_else(|| Value::map(Type::String, Default::default()));
    let computed = if fields::is_set(config, "has_computed_default") { config.get("has_computed_default").cloned() } else { None };
    fields::with(
        config,
        [
            ("id", Value::string("static")),
            ("outputs", inputs),
            ("random", Value::string(random)),
            ("has_computed_default", computed.unwrap_or_else(|| Value::string("default"))),
        ],
    )
}
