//! `null_resource`: a resource that does nothing; it is replaced when its triggers change.

use super::Outside;
use crate::base::{PathStep, Value};

/// The id is a positive number of 63 random bits, as text.
pub fn create(planned: &Value, outside: &dyn Outside) -> Value {
    let mut bytes = [0; 8];
    outside.random(&mut bytes);
    let id = u64::from_be_bytes(bytes) >> 1;
    planned.map_children(&mut |step, child| if step == PathStep::Name("id".into()) { Value::string(id.to_string()) } else { child })
}
