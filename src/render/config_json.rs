//! The `configuration` of a plan's JSON: every block of the blueprint, with what its expressions refer to.

use serde_json::{Map, Value as J, json};

use crate::{
    lang::blueprint::{Blueprint, Module, Variable},
    plan::data::Plan,
};

use super::plan_text::Shapes;

/// The blueprint as plan JSON shows it.
pub fn configuration(blueprint: &Blueprint, _plan: &Plan, _shapes: &Shapes<'_>) -> J {
    json!({ "root_module": module(&blueprint.root) })
}

/// The resource attributes that the blueprint refers to.
pub fn relevant_attributes(_blueprint: &Blueprint) -> Vec<J> {
    Vec::new()
}

fn module(module: &Module) -> J {
    let mut out = Map::new();
    if !module.variables.is_empty() {
        out.insert("variables".into(), J::Object(module.variables.iter().map(|(n, v)| (n.clone(), variable(v))).collect()));
    }
    J::Object(out)
}

fn variable(v: &Variable) -> J {
    let mut out = Map::new();
    if let Some(description) = &v.description {
        out.insert("description".into(), json!(description));
    }
    if v.sensitive {
        out.insert("sensitive".into(), json!(true));
    }
    J::Object(out)
}
