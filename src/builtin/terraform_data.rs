//! `terraform_data`: a value that is kept, compared, and can trigger replacements.

use super::{Outside, Planned, uuid};
use crate::base::{PathStep, Type, Value};

/// The output follows the input when that is applied; a changed trigger makes everything anew.
pub fn planned(config: &Value, prior: Option<&Value>, planned: Value) -> Planned {
    let triggers = config.get("triggers_replace");
    let output = || match planned.get("input") {
        Some(input) if input.is_null() => input.clone(),
        Some(input) => Value::unknown(input.ty()),
        None => Value::null(Type::Any),
    };
    let id = Value::unknown_not_null(Type::String);
    let Some(prior) = prior else {
        let value = with(&with(&planned, "output", output()), "id", id);
        return Planned { value, replace: Vec::new() };
    };
    if !same(prior.get("triggers_replace"), triggers) {
        let value = with(&with(&planned, "output", output()), "id", id);
        return Planned { value, replace: vec![(vec![PathStep::Name("triggers_replace".into())], "what triggers a replacement has changed".into())] };
    }
    if same(prior.get("input"), planned.get("input")) {
        return Planned { value: planned, replace: Vec::new() };
    }
    // Even without an input: what it was is not what it will be.
    let ty = planned.get("input").map_or(Type::Any, Value::ty);
    let value = with(&planned, "output", Value::unknown(ty));
    Planned { value, replace: Vec::new() }
}

fn same(a: Option<&Value>, b: Option<&Value>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => a.same(b) && a.is_wholly_known() && b.is_wholly_known() && (a.is_null() || a.ty() == b.ty()),
        (a, b) => a.is_none_or(Value::is_null) && b.is_none_or(Value::is_null),
    }
}

fn with(value: &Value, name: &str, new: Value) -> Value {
    value.map_children(&mut |step, child| if step == PathStep::Name(name.into()) { new.clone() } else { child })
}

/// The output gets the input's value; marks do not travel along, as the provider never sees them.
pub fn applied(planned: &Value, outside: &dyn Outside) -> Value {
    let output = planned.get("input").cloned().unwrap_or(Value::null(Type::Any)).unmark_deep().0;
    let id = match planned.get("id").and_then(Value::as_str) {
        Some(id) => id.to_owned(),
        None => uuid(outside),
    };
    with(&with(planned, "output", output), "id", Value::string(id))
}
