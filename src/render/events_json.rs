//! The event stream of `-json`: one object a line, as Terraform's machine-readable UI 1.2.

use serde_json::{Map, Value as J, json};

use crate::{
    base::{Address, Key, Sources, json::to_json},
    plan::data::{Act, Change, Reason},
};

use super::{
    TERRAFORM_VERSION,
    diagnostics_json::diagnostic_json,
    events::{Operation, Summary, UiEvent, action_word, message, ui_action},
};

/// The event as one JSON object. `timestamp` is RFC 3339 and given by the caller; `None` where the stream has no such event.
pub fn event_json(event: &UiEvent, sources: &Sources, timestamp: &str) -> Option<J> {
    let (kind, payload) = payload(event, sources)?;
    let level = match event {
        UiEvent::Diagnostic(d) if d.is_error() => "error",
        UiEvent::Diagnostic(_) => "warn",
        _ => "info",
    };
    let mut out = Map::new();
    out.insert("@level".into(), json!(level));
    out.insert("@message".into(), json!(message(event)?));
    out.insert("@module".into(), json!("terraform.ui"));
    out.insert("@timestamp".into(), json!(timestamp));
    out.insert("type".into(), json!(kind));
    out.extend(payload);
    Some(J::Object(out))
}

fn payload(event: &UiEvent, sources: &Sources) -> Option<(&'static str, Map<String, J>)> {
    let one = |key: &str, value: J| Map::from_iter([(key.to_owned(), value)]);
    Some(match event {
        // Readers of the stream look for `terraform`; it names the version whose formats are kept.
        UiEvent::Version(version) => {
            let pairs = [("terraform", TERRAFORM_VERSION), ("ravelin", version.as_str()), ("ui", "1.2")];
            ("version", pairs.into_iter().map(|(k, v)| (k.to_owned(), json!(v))).collect())
        }
        UiEvent::Log(_) => ("log", Map::new()),
        UiEvent::Addresses(report) => ("ravelin_addresses", one("ravelin", super::ip_json::plan_part(report, sources))),
        UiEvent::Diagnostic(d) => ("diagnostic", one("diagnostic", diagnostic_json(d, sources))),
        UiEvent::RefreshStart { address, id } => ("refresh_start", one("hook", hook(address, None, id.as_deref(), None))),
        UiEvent::RefreshComplete { address, id } => ("refresh_complete", one("hook", hook(address, None, id.as_deref(), None))),
        UiEvent::ApplyStart { act: Act::Forget, .. } => return None,
        UiEvent::ApplyStart { address, act, id } => ("apply_start", one("hook", hook(address, Some(*act), id.as_deref(), None))),
        UiEvent::ApplyProgress { address, act, elapsed, .. } => ("apply_progress", one("hook", hook(address, Some(*act), None, Some(*elapsed)))),
        UiEvent::ApplyComplete { address, act, id, elapsed } => {
            let id = id.as_deref().filter(|_| *act != Act::Delete);
            ("apply_complete", one("hook", hook(address, Some(*act), id, Some(*elapsed))))
        }
        UiEvent::ApplyErrored { address, act, elapsed, .. } => ("apply_errored", one("hook", hook(address, Some(*act), None, Some(*elapsed)))),
        UiEvent::ProvisionStart { address, kind } => ("provision_start", one("hook", json!({ "resource": resource(address), "provisioner": kind }))),
        UiEvent::ProvisionProgress { address, kind, output } => {
            ("provision_progress", one("hook", json!({ "resource": resource(address), "provisioner": kind, "output": output })))
        }
        UiEvent::ResourceDrift(c) => ("resource_drift", one("change", change(c))),
        UiEvent::PlannedChange(c) => ("planned_change", one("change", change(c))),
        UiEvent::Summary(s) => ("change_summary", one("changes", summary(s))),
        UiEvent::PlannedOutputs(outputs) => {
            let each = outputs.iter().map(|(n, o)| (n.clone(), json!({ "sensitive": o.sensitive, "action": action_word(o.action) })));
            ("outputs", one("outputs", J::Object(each.collect())))
        }
        UiEvent::Outputs(outputs) => {
            let each = outputs.iter().map(|(n, o)| {
                let mut object = json!({ "sensitive": o.sensitive, "type": o.value.ty().to_json() });
                if !o.sensitive {
                    object["value"] = to_json(&o.value);
                }
                (n.clone(), object)
            });
            ("outputs", one("outputs", J::Object(each.collect())))
        }
    })
}

fn hook(address: &Address, act: Option<Act>, id: Option<&str>, elapsed: Option<u64>) -> J {
    let mut out = Map::from_iter([("resource".to_owned(), resource(address))]);
    if let Some(act) = act {
        out.insert("action".into(), json!(act_word(act)));
    }
    if let Some(id) = id {
        out.insert("id_key".into(), json!("id"));
        out.insert("id_value".into(), json!(id));
    }
    if let Some(seconds) = elapsed {
        out.insert("elapsed_seconds".into(), json!(seconds));
    }
    J::Object(out)
}

fn act_word(act: Act) -> &'static str {
    match act {
        Act::Create => "create",
        Act::Update => "update",
        Act::Delete => "delete",
        Act::Read => "read",
        Act::Forget | Act::Join => "remove",
    }
}

fn resource(address: &Address) -> J {
    let mut relative = address.clone();
    relative.resource.module = Default::default();
    json!({
        "addr": address.to_string(),
        "module": address.module().to_string(),
        "resource": relative.to_string(),
        "implied_provider": address.kind().split('_').next().unwrap_or_default(),
        "resource_type": address.kind(),
        "resource_name": address.name(),
        "resource_key": key(address.key.as_ref()),
    })
}

/// An instance key as JSON: a number, a string or null.
pub(super) fn key(key: Option<&Key>) -> J {
    match key {
        None => J::Null,
        Some(Key::Int(i)) => json!(i),
        Some(Key::Str(s)) => json!(s),
    }
}

fn change(c: &Change) -> J {
    let mut out = Map::from_iter([("resource".to_owned(), resource(&c.address)), ("action".to_owned(), json!(ui_action(c)))]);
    if let Some(previous) = &c.previous {
        out.insert("previous_resource".into(), resource(previous));
    }
    if let Some(reason) = c.reason {
        out.insert("reason".into(), json!(reason_word(reason)));
    }
    if let Some(id) = &c.importing {
        out.insert("importing".into(), json!({ "id": id }));
    }
    J::Object(out)
}

/// The stream's words for reasons; replacements have shorter ones than in plan files.
fn reason_word(reason: Reason) -> &'static str {
    match reason {
        Reason::CannotUpdate => "cannot_update",
        Reason::Tainted => "tainted",
        Reason::ByRequest => "requested",
        Reason::ByTriggers => "replace_triggered_by",
        other => other.word(),
    }
}

fn summary(s: &Summary) -> J {
    let operation = match s.operation {
        Operation::Plan => "plan",
        Operation::Apply => "apply",
        Operation::Destroy => "destroy",
    };
    json!({ "add": s.add, "change": s.change, "import": s.import, "remove": s.destroy, "operation": operation })
}
