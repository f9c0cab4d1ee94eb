//! A plan as JSON: what `show -json PLANFILE` prints, `format_version` 1.2.

use serde_json::{Map, Value as J, json};

use crate::{
    base::{Address, Path, PathStep, Sources, Value, json::to_json},
    lang::{blueprint::Blueprint, literal},
    plan::data::{Action, Change, CheckResult, CheckStatus, OutputChange, Plan, PlanMode},
    state::{OutputValue, State},
};

use super::{
    TERRAFORM_VERSION,
    config_json::configuration,
    diff,
    mirror::{sensitive_mask, unknown_mask},
    modules::{mode_word, module_tree, resource_head},
    plan_text::Shapes,
    relevant::relevant_attributes,
    state_json::state_json,
};

/// What the JSON of a plan is made from beside the plan.
pub struct Surroundings<'a> {
    pub shapes: &'a Shapes<'a>,
    /// The state the plan was made from.
    pub state: Option<&'a State>,
    pub blueprint: Option<&'a Blueprint>,
    /// The blueprint's source text, from which references are quoted.
    pub sources: &'a Sources,
    /// Planning stopped at an error.
    pub errored: bool,
}

/// The plan as Terraform 1.11 writes it, key by key.
pub fn plan_json(plan: &Plan, with: &Surroundings<'_>) -> J {
    let mut out = Map::new();
    out.insert("format_version".into(), json!("1.2"));
    out.insert("terraform_version".into(), json!(TERRAFORM_VERSION));
    let variables = variables(plan, with.blueprint);
    if !variables.is_empty() {
        out.insert("variables".into(), J::Object(variables));
    }
    out.insert("planned_values".into(), planned_values(plan, with));
    let refresh_only = plan.mode == PlanMode::RefreshOnly;
    // A mere move is told among the changes, unless there are none to tell it among.
    let drift = plan.drift.iter().filter(|c| c.action != Action::NoOp || refresh_only && c.previous.is_some());
    insert_list(&mut out, "resource_drift", drift.map(|c| resource_change(c, with)).collect());
    let changes = plan.changes.iter().filter(|c| is_told(c) && !refresh_only);
    insert_list(&mut out, "resource_changes", changes.map(|c| resource_change(c, with)).collect());
    if !plan.outputs.is_empty() {
        let each = plan.outputs.iter().map(|(n, o)| (n.clone(), output_change(o)));
        out.insert("output_changes".into(), J::Object(each.collect()));
    }
    if let Some(state) = with.state.map(|s| with_outputs(s, plan)).filter(|s| !s.is_empty()) {
        out.insert("prior_state".into(), state_json(&state, with.shapes));
    }
    if let Some(blueprint) = with.blueprint {
        out.insert("configuration".into(), configuration(blueprint, with.sources, plan, with.shapes));
        insert_list(&mut out, "relevant_attributes", relevant_attributes(blueprint, plan));
    }
    insert_list(&mut out, "checks", checks(&plan.checks));
    out.insert("timestamp".into(), json!(plan.timestamp));
    let applyable = !plan.is_empty() || refresh_only && !plan.drift.is_empty();
    out.insert("applyable".into(), json!(applyable && !with.errored));
    out.insert("complete".into(), json!(!plan.partial && !with.errored));
    out.insert("errored".into(), json!(with.errored));
    J::Object(out)
}

/// Root variables as they were given, or their defaults; a plan does not hold the values of ephemeral ones.
fn variables(plan: &Plan, blueprint: Option<&Blueprint>) -> Map<String, J> {
    let value = |v: &Value| json!({ "value": to_json(v) });
    let mut out: Map<String, J> = plan.variables.iter().map(|(n, v)| (n.clone(), value(plan.given.get(n).unwrap_or(v)))).collect();
    let declared = blueprint.into_iter().flat_map(|b| &b.root.variables);
    for (name, variable) in declared.filter(|(name, _)| !plan.variables.contains_key(*name)) {
        if let Some(default) = variable.default.as_ref().and_then(literal) {
            out.insert(name.clone(), value(&default));
        }
    }
    out
}

/// The prior state with every output whose value is known already.
fn with_outputs(state: &State, plan: &Plan) -> State {
    let mut out = state.clone();
    for (name, change) in &plan.outputs {
        match &change.after {
            Some(value) if value.is_null() => drop(out.outputs.remove(name)),
            Some(value) if value.is_wholly_known() => {
                let value = value.clone().unmark_deep().0;
                drop(out.outputs.insert(name.clone(), OutputValue { ty: value.ty(), value, sensitive: change.declared_sensitive }));
            }
            _ => {}
        }
    }
    out
}

fn insert_list(out: &mut Map<String, J>, key: &str, items: Vec<J>) {
    if !items.is_empty() {
        out.insert(key.into(), J::Array(items));
    }
}

/// Data sources show only while they still have to be read.
fn is_told(change: &Change) -> bool {
    change.address.is_managed() || change.action == Action::Read
}

fn planned_values(plan: &Plan, with: &Surroundings<'_>) -> J {
    let mut out = Map::new();
    let outputs: Map<String, J> = plan.outputs.iter().filter_map(|(n, o)| Some((n.clone(), planned_output(o)?))).collect();
    if !outputs.is_empty() {
        out.insert("outputs".into(), J::Object(outputs));
    }
    let stays = |c: &&Change| is_told(c) && c.deposed.is_none() && c.action != Action::Delete && plan.mode != PlanMode::RefreshOnly;
    let resources = plan.changes.iter().filter(stays).filter_map(|c| {
        let resource = match c.action {
            Action::Forget => forgotten(c),
            _ => planned_resource(c, c.after.as_ref()?, with),
        };
        Some((c.address.module().clone(), resource))
    });
    out.insert("root_module".into(), module_tree(resources));
    J::Object(out)
}

fn planned_output(output: &OutputChange) -> Option<J> {
    let value = output.after.as_ref()?;
    let mut out = Map::from_iter([("sensitive".to_owned(), json!(output.sensitive))]);
    if value.is_wholly_known() {
        out.insert("type".into(), if value.is_null() { json!("dynamic") } else { value.ty().to_json() });
        out.insert("value".into(), to_json(value));
    }
    Some(J::Object(out))
}

fn planned_resource(change: &Change, after: &Value, with: &Surroundings<'_>) -> J {
    let after = hidden(change, after, with);
    let mut out = resource_head(&change.address, &change.provider);
    out.insert("schema_version".into(), json!(change.schema_version));
    out.insert("values".into(), to_json(&after));
    out.insert("sensitive_values".into(), sensitive_mask(&after));
    J::Object(out)
}

/// What leaves the state has no planned values.
fn forgotten(change: &Change) -> J {
    let mut out = resource_head(&change.address, &change.provider);
    out.insert("schema_version".into(), json!(change.schema_version));
    out.insert("sensitive_values".into(), json!(false));
    J::Object(out)
}

/// The value with the marks its shape declares.
fn hidden(change: &Change, value: &Value, with: &Surroundings<'_>) -> Value {
    (with.shapes)(change.address.mode(), change.address.kind()).map_or_else(|| value.clone(), |s| diff::hide(value, s))
}

fn resource_change(c: &Change, with: &Surroundings<'_>) -> J {
    let mut out = resource_head(&c.address, &c.provider);
    if let Some(previous) = c.previous.as_ref().filter(|p| **p != c.address) {
        out.insert("previous_address".into(), json!(previous.to_string()));
    }
    if !c.address.module().is_root() {
        out.insert("module_address".into(), json!(c.address.module().to_string()));
    }
    if let Some(key) = &c.deposed {
        out.insert("deposed".into(), json!(key));
    }
    out.insert("change".into(), change(c, with));
    if let Some(reason) = c.reason {
        out.insert("action_reason".into(), json!(reason.word()));
    }
    J::Object(out)
}

fn change(c: &Change, with: &Surroundings<'_>) -> J {
    let side = |v: &Option<Value>| v.as_ref().map(|v| hidden(c, v, with));
    let (before, after) = (side(&c.before), side(&c.after));
    let json_of = |v: &Option<Value>| v.as_ref().map_or(J::Null, to_json);
    let mask_of = |v: &Option<Value>| v.as_ref().map_or(J::Bool(false), sensitive_mask);
    let unknown = after.as_ref().filter(|v| !v.is_wholly_known()).map_or(json!({}), unknown_mask);
    let mut out = Map::new();
    out.insert("actions".into(), actions(c.action));
    out.insert("before".into(), json_of(&before));
    out.insert("after".into(), json_of(&after));
    out.insert("after_unknown".into(), unknown);
    out.insert("before_sensitive".into(), mask_of(&before));
    out.insert("after_sensitive".into(), mask_of(&after));
    insert_list(&mut out, "replace_paths", c.replace_paths.iter().map(|(p, _)| path_json(p)).collect());
    if let Some(id) = &c.importing {
        out.insert("importing".into(), json!({ "id": id }));
    }
    J::Object(out)
}

/// A path as an array of names and places.
pub(super) fn path_json(path: &Path) -> J {
    path.iter()
        .map(|step| match step {
            PathStep::Name(n) => json!(n),
            PathStep::Index(i) => json!(i),
        })
        .collect()
}

fn actions(action: Action) -> J {
    match action {
        Action::NoOp => json!(["no-op"]),
        Action::Read => json!(["read"]),
        Action::Create => json!(["create"]),
        Action::Update => json!(["update"]),
        Action::Replace => json!(["delete", "create"]),
        Action::ReplaceCreateFirst => json!(["create", "delete"]),
        Action::Delete => json!(["delete"]),
        Action::Forget => json!(["forget"]),
    }
}

fn output_change(o: &OutputChange) -> J {
    let mut out = Map::new();
    out.insert("actions".into(), actions(o.action()));
    out.insert("before".into(), o.before.as_ref().map_or(J::Null, to_json));
    // A wholly unknown value has no `after` at all; null would mean that the output goes away.
    match &o.after {
        Some(v) if v.is_unknown() => {}
        after => {
            out.insert("after".into(), after.as_ref().map_or(J::Null, to_json));
        }
    }
    let unknown = o.after.as_ref().filter(|v| !v.is_wholly_known()).map_or(J::Bool(false), unknown_mask);
    out.insert("after_unknown".into(), unknown);
    out.insert("before_sensitive".into(), json!(o.sensitive));
    out.insert("after_sensitive".into(), json!(o.sensitive));
    J::Object(out)
}

/// Results grouped under the block that declares the checks; a group is as bad as its worst instance.
fn checks(results: &[CheckResult]) -> Vec<J> {
    let mut groups: Vec<(J, CheckStatus, Vec<J>)> = Vec::new();
    for result in results {
        let (block, instance) = check_address(result);
        let mut object = Map::from_iter([("address".to_owned(), instance), ("status".to_owned(), json!(status_word(result.status)))]);
        insert_list(&mut object, "problems", result.problems.iter().map(|m| json!({ "message": m })).collect());
        let object = J::Object(object);
        match groups.iter_mut().find(|(b, ..)| *b == block) {
            Some((_, status, instances)) => {
                *status = worse(*status, result.status);
                instances.push(object);
            }
            None => groups.push((block, result.status, vec![object])),
        }
    }
    groups.into_iter().map(|(address, status, instances)| json!({ "address": address, "status": status_word(status), "instances": instances })).collect()
}

/// The address of the declaring block, and that of the instance. What is not a resource reads like one: `module.m[0].check.name`.
fn check_address(result: &CheckResult) -> (J, J) {
    let mut block = Map::from_iter([("kind".to_owned(), json!(result.kind))]);
    let mut instance = Map::from_iter([("to_display".to_owned(), json!(result.display))]);
    let mut shown = result.display.clone();
    if let Ok(address) = result.display.parse::<Address>() {
        let mut declared = address.resource.clone();
        declared.module.0.iter_mut().for_each(|step| step.key = None);
        shown = declared.to_string();
        if result.kind == "resource" {
            block.insert("mode".into(), json!(mode_word(address.is_managed())));
            block.insert("type".into(), json!(address.kind()));
        }
        block.insert("name".into(), json!(address.name()));
        if !declared.module.is_root() {
            block.insert("module".into(), json!(declared.module.to_string()));
            instance.insert("module".into(), json!(address.module().to_string()));
        }
        if address.key.is_some() {
            instance.insert("instance_key".into(), super::events_json::key(address.key.as_ref()));
        }
    }
    block.insert("to_display".into(), json!(shown));
    (J::Object(block), J::Object(instance))
}

fn worse(a: CheckStatus, b: CheckStatus) -> CheckStatus {
    let rank = |s: CheckStatus| match s {
        CheckStatus::Pass => 0,
        CheckStatus::Unknown => 1,
        CheckStatus::Fail => 2,
        CheckStatus::Error => 3,
    };
    if rank(b) > rank(a) { b } else { a }
}

fn status_word(status: CheckStatus) -> &'static str {
    match status {
        CheckStatus::Pass => "pass",
        CheckStatus::Fail => "fail",
        CheckStatus::Error => "error",
        CheckStatus::Unknown => "unknown",
    }
}
