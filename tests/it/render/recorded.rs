//! Reads plans that Terraform wrote as JSON, so that what we say of them can be held against what Terraform said.

use std::collections::BTreeMap;

use ravelin::{
    base::{
        Address, Mode, PathStep, Shape, Type, Value,
        json::{from_json, from_json_as},
        shape::{Attr, Nested, Nesting},
    },
    plan::data::{Action, Change, OutputChange, Plan, Reason},
};
use serde_json::Value as J;

pub type Shapes = BTreeMap<(Mode, String), Shape>;

/// The shapes of a `terraform providers schema -json`, by mode and type.
pub fn shapes(json: &J) -> &'static Shapes {
    let mut out = BTreeMap::new();
    for provider in json["provider_schemas"].as_object().into_iter().flatten().map(|(_, p)| p) {
        for (mode, key) in [(Mode::Managed, "resource_schemas"), (Mode::Data, "data_source_schemas")] {
            for (kind, schema) in provider[key].as_object().into_iter().flatten() {
                out.insert((mode, kind.clone()), shape(&schema["block"]));
            }
        }
    }
    Box::leak(Box::new(out))
}

fn shape(block: &J) -> Shape {
    let mut out = Shape::default();
    for (name, a) in block["attributes"].as_object().into_iter().flatten() {
        let mut attr = Attr::of(Type::from_json(&a["type"]).unwrap());
        attr.sensitive = a["sensitive"] == true;
        attr.write_only = a["write_only"] == true;
        out.attrs.insert(name.clone(), attr);
    }
    for (name, b) in block["block_types"].as_object().into_iter().flatten() {
        let nesting = match b["nesting_mode"].as_str().unwrap() {
            "list" => Nesting::List,
            "set" => Nesting::Set,
            // Only `timeouts`, which says nothing about the resource.
            _ => continue,
        };
        let nested = Nested { nesting, shape: shape(&b["block"]), min: 0, max: None, computed: false, optional: true, force_new: false, as_attribute: false };
        out.blocks.insert(name.clone(), nested);
    }
    out
}

/// A value of the type, with unknowns and marks as the two masks say.
fn value(json: &J, unknown: &J, sensitive: &J, ty: &Type) -> Value {
    let plain = if *unknown == true {
        Value::unknown(ty.clone())
    } else {
        let child = |k: &str, i: usize, t: &Type, j: &J| value(j, pick(unknown, k, i), pick(sensitive, k, i), t);
        match (ty, json) {
            (Type::List(t), J::Array(items)) => Value::list((**t).clone(), items.iter().enumerate().map(|(i, j)| child("", i, t, j)).collect()),
            (Type::Set(t), J::Array(items)) => Value::set((**t).clone(), items.iter().enumerate().map(|(i, j)| child("", i, t, j)).collect()),
            (Type::Map(t), J::Object(m)) => Value::map((**t).clone(), m.iter().map(|(k, j)| (k.clone(), child(k, 0, t, j))).collect()),
            (Type::Object(o), J::Object(m)) => Value::object(o.attrs.iter().map(|(k, t)| (k.clone(), child(k, 0, t, m.get(k).unwrap_or(&J::Null)))).collect()),
            (Type::Any, J::Array(items)) => Value::tuple(items.iter().enumerate().map(|(i, j)| child("", i, &Type::Any, j)).collect()),
            (Type::Any, J::Object(m)) => {
                let hidden = unknown.as_object().into_iter().flatten().filter(|(k, u)| **u == true && !m.contains_key(*k)).map(|(k, _)| k);
                let all = m.keys().chain(hidden);
                Value::object(all.map(|k| (k.clone(), child(k, 0, &Type::Any, m.get(k).unwrap_or(&J::Null)))).collect())
            }
            (Type::Any, j) => from_json(j),
            (ty, j) => from_json_as(j, ty).unwrap_or_else(|| panic!("{j} is no {ty}")),
        }
    };
    if *sensitive == true { plain.sensitive() } else { plain }
}

fn pick<'j>(mask: &'j J, key: &str, index: usize) -> &'j J {
    mask.get(key).or_else(|| mask.get(index)).unwrap_or(&J::Null)
}

fn change(json: &J, shapes: &Shapes) -> Change {
    let c = &json["change"];
    let address: Address = json["address"].as_str().unwrap().parse().unwrap();
    let ty = shapes.get(&(address.mode(), address.kind().to_owned())).map_or(Type::Any, Shape::ty);
    let side = |v: &str, u: &J, s: &str| (!c[v].is_null()).then(|| value(&c[v], u, &c[s], &ty));
    let path = |p: &J| {
        let step = |s: &J| s.as_str().map_or_else(|| PathStep::Index(s.as_u64().unwrap() as usize), |n| PathStep::Name(n.to_owned()));
        (p.as_array().unwrap().iter().map(step).collect::<Vec<_>>(), String::new())
    };
    let before = side("before", &J::Null, "before_sensitive");
    Change {
        id: before.as_ref().and_then(|b| b.get("id")).and_then(|v| v.as_str()).map(str::to_owned),
        before,
        after: side("after", &c["after_unknown"], "after_sensitive"),
        address,
        previous: json["previous_address"].as_str().map(|a| a.parse().unwrap()),
        deposed: json["deposed"].as_str().map(str::to_owned),
        action: action(&c["actions"]),
        reason: json["action_reason"].as_str().map(reason),
        replace_paths: c["replace_paths"].as_array().into_iter().flatten().map(path).collect(),
        importing: c["importing"]["id"].as_str().map(str::to_owned),
        provider: json["provider_name"].as_str().unwrap().to_owned(),
        schema_version: 0,
        declared: None,
        because: Vec::new(),
    }
}

fn action(json: &J) -> Action {
    let words: Vec<&str> = json.as_array().unwrap().iter().map(|w| w.as_str().unwrap()).collect();
    match words.as_slice() {
        ["no-op"] => Action::NoOp,
        ["create"] => Action::Create,
        ["read"] => Action::Read,
        ["update"] => Action::Update,
        ["delete"] => Action::Delete,
        ["delete", "create"] => Action::Replace,
        ["create", "delete"] => Action::ReplaceCreateFirst,
        ["forget"] => Action::Forget,
        other => panic!("{other:?}"),
    }
}

fn reason(word: &str) -> Reason {
    use Reason::*;
    let all = [
        CannotUpdate,
        Tainted,
        ByRequest,
        ByTriggers,
        NoResourceConfig,
        WrongRepetition,
        CountIndex,
        EachKey,
        NoModule,
        NoMoveTarget,
        ReadConfigUnknown,
        ReadDependencyPending,
        ReadCheckNested,
    ];
    all.into_iter().find(|r| r.word() == word).unwrap()
}

/// The plan that a `terraform show -json PLANFILE` describes.
pub fn plan(json: &J, shapes: &Shapes) -> Plan {
    let output = |o: &J| OutputChange {
        before: (!o["before"].is_null()).then(|| value(&o["before"], &J::Null, &J::Null, &Type::Any)),
        after: (action(&o["actions"]) != Action::Delete).then(|| value(&o["after"], &o["after_unknown"], &J::Null, &Type::Any)),
        declared_sensitive: false,
        sensitive: o["after_sensitive"] == true || o["before_sensitive"] == true,
    };
    Plan {
        changes: json["resource_changes"].as_array().into_iter().flatten().map(|c| change(c, shapes)).collect(),
        outputs: json["output_changes"].as_object().into_iter().flatten().map(|(n, o)| (n.clone(), output(o))).collect(),
        variables: json["variables"].as_object().into_iter().flatten().map(|(n, v)| (n.clone(), from_json(&v["value"]))).collect(),
        timestamp: json["timestamp"].as_str().unwrap_or_default().to_owned(),
        ..Plan::default()
    }
}

/// The JSON without what the recording cannot tell us: the type of a value that is wholly unknown, and so whether its mask is
/// `{}`, `[]` or left out; the version of a schema; and the order of a
/// set of objects, which is by hash there.
pub fn comparable(json: &J) -> J {
    fn prune(json: &J) -> Option<J> {
        match json {
            J::Object(m) if m.is_empty() => None,
            J::Array(a) if a.is_empty() => None,
            J::Object(m) => Some(J::Object(m.iter().filter_map(|(k, v)| Some((k.clone(), prune(v)?))).collect())),
            other => Some(other.clone()),
        }
    }
    match json {
        J::Object(m) => {
            let each = m.iter().filter(|(k, _)| *k != "schema_version").map(|(k, v)| {
                let masked = k.ends_with("_sensitive") || k == "sensitive_values";
                (k.clone(), if masked { prune(v).unwrap_or(J::Null) } else { comparable(v) })
            });
            J::Object(each.collect())
        }
        J::Array(a) => {
            let mut all: Vec<J> = a.iter().map(comparable).collect();
            if all.iter().all(J::is_object) {
                all.sort_by_key(J::to_string);
            }
            J::Array(all)
        }
        other => other.clone(),
    }
}
