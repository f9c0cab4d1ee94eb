//! A state as JSON: what `show -json` prints, and the `prior_state` of a plan.

use serde_json::{Map, Value as J, json};

use crate::{
    base::{
        Address, PathStep, Shape, Type, Value,
        json::{from_json, from_json_as, to_json},
    },
    state::{Instance, State},
};

use super::{
    TERRAFORM_VERSION, diff,
    mirror::sensitive_mask,
    modules::{module_tree, resource_head},
    plan_text::Shapes,
};

/// The state as `show -json` has it, `format_version` 1.0.
pub fn state_json(state: &State, shapes: &Shapes<'_>) -> J {
    let mut out = Map::from_iter([("format_version".to_owned(), json!("1.0"))]);
    if !state.is_empty() {
        let version = if state.terraform_version.is_empty() { TERRAFORM_VERSION } else { &state.terraform_version };
        out.insert("terraform_version".into(), json!(version));
        out.insert("values".into(), values(state, shapes));
    }
    J::Object(out)
}

fn values(state: &State, shapes: &Shapes<'_>) -> J {
    let mut out = Map::new();
    if !state.outputs.is_empty() {
        let each = state.outputs.iter().map(|(n, o)| (n.clone(), json!({ "sensitive": o.sensitive, "type": o.ty.to_json(), "value": to_json(&o.value) })));
        out.insert("outputs".into(), J::Object(each.collect()));
    }
    let current = state.resources.iter().map(|(a, i)| (a.module().clone(), resource(a, i, None, shapes)));
    let deposed = state.deposed.iter().map(|((a, key), i)| (a.module().clone(), resource(a, i, Some(key), shapes)));
    out.insert("root_module".into(), module_tree(current.chain(deposed)));
    J::Object(out)
}

fn resource(address: &Address, instance: &Instance, deposed: Option<&str>, shapes: &Shapes<'_>) -> J {
    let value = instance_value(instance, shapes(address.mode(), address.kind()));
    let mut out = resource_head(address, &instance.provider);
    out.insert("schema_version".into(), json!(instance.schema_version));
    out.insert("values".into(), to_json(&value));
    out.insert("sensitive_values".into(), sensitive_mask(&value));
    if !instance.dependencies.is_empty() {
        out.insert("depends_on".into(), json!(instance.dependencies));
    }
    if instance.tainted {
        out.insert("tainted".into(), json!(true));
    }
    if let Some(key) = deposed {
        out.insert("deposed_key".into(), json!(key));
    }
    J::Object(out)
}

/// An instance's attributes as a value of its type, with the marks that the state and the shape give it.
pub fn instance_value(instance: &Instance, shape: Option<&Shape>) -> Value {
    let attributes = match (&instance.attributes, shape) {
        (J::Object(m), shape) => {
            // An attribute of no fixed type is kept with its type beside it.
            let loose = |name: &str| shape.is_none_or(|s| s.attrs.get(name).is_some_and(|a| a.ty == Type::Any));
            m.iter().map(|(k, v)| (k.clone(), if loose(k) { unwrap(v) } else { v.clone() })).collect()
        }
        _ => Map::new(),
    };
    let json = J::Object(attributes);
    let value = shape.and_then(|s| from_json_as(&json, &s.ty())).unwrap_or_else(|| from_json(&json));
    let value = instance.sensitive.iter().fold(value, |v, path| mark_at(v, path));
    shape.map_or_else(|| value.clone(), |s| diff::hide(&value, s))
}

fn unwrap(json: &J) -> J {
    match json.as_object() {
        Some(m) if m.len() == 2 && m.contains_key("value") && m.contains_key("type") => m.get("value").cloned().unwrap_or_default(),
        _ => json.clone(),
    }
}

/// The value with what a path leads to marked sensitive; unchanged where the path leads nowhere.
fn mark_at(value: Value, path: &[PathStep]) -> Value {
    match path.split_first() {
        None => value.sensitive(),
        Some((first, rest)) => value.map_children(&mut |step, v| if step == *first { mark_at(v, rest) } else { v }),
    }
}
