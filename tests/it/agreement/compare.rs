//! Two answers side by side: what has to agree does, order and versions aside.

use serde_json::Value as Json;

use super::case::Answer;

/// Fields that tell of the program and the moment.
const ASIDE: [&str; 4] = ["format_version", "terraform_version", "timestamp", "ravelin"];

/// Every place at which the two disagree, one line each.
pub fn differences(theirs: &Answer, ours: &Answer) -> Vec<String> {
    let mut out = Vec::new();
    let mut found = ours.diagnostics.clone();
    for wanted in &theirs.diagnostics {
        match found.iter().position(|d| d == wanted || unplaced(wanted).is_some_and(|w| d.starts_with(w))) {
            Some(i) => drop(found.remove(i)),
            None => out.push(format!("diagnostic missing: {wanted}")),
        }
    }
    out.extend(found.iter().map(|d| format!("diagnostic too many: {d}")));
    let object = |answer: &Answer| Json::Object(answer.plan.iter().cloned().collect());
    diff(&plain(&object(theirs)), &plain(&object(ours)), "", &mut out);
    out
}

/// What Terraform tells without a place may have one here.
fn unplaced(diagnostic: &str) -> Option<&str> {
    diagnostic.strip_suffix("|-|-")
}

/// Without what is aside, and with lists of things in the order of their addresses.
pub fn plain(json: &Json) -> Json {
    match json {
        Json::Object(m) => Json::Object(m.iter().filter(|(k, _)| !ASIDE.contains(&k.as_str())).map(|(k, v)| (k.clone(), sorted(k, plain(v)))).collect()),
        Json::Array(items) => items.iter().map(plain).collect(),
        other => other.clone(),
    }
}

/// Lists that are sets: of resources, changes, checks, dependencies.
fn sorted(key: &str, json: Json) -> Json {
    const SETS: [&str; 9] =
        ["resources", "child_modules", "resource_changes", "resource_drift", "checks", "instances", "relevant_attributes", "depends_on", "problems"];
    match json {
        Json::Array(mut items) if SETS.contains(&key) => {
            items.sort_by_key(|i| match i.get("address") {
                Some(Json::String(address)) => format!("{address} {}", i.get("deposed").or(i.get("deposed_key")).unwrap_or(&Json::Null)),
                _ => i.to_string(),
            });
            items.into()
        }
        other => other,
    }
}

fn diff(theirs: &Json, ours: &Json, at: &str, out: &mut Vec<String>) {
    match (theirs, ours) {
        (Json::Object(a), Json::Object(b)) => {
            for (key, value) in a {
                match b.get(key) {
                    Some(other) => diff(value, other, &format!("{at}/{key}"), out),
                    None => out.push(format!("{at}/{key}: terraform {} | ravelin has none", short(value))),
                }
            }
            for (key, value) in b.iter().filter(|(k, _)| !a.contains_key(*k)) {
                out.push(format!("{at}/{key}: terraform has none | ravelin {}", short(value)));
            }
        }
        (Json::Array(a), Json::Array(b)) if a.len() == b.len() => {
            for (i, (x, y)) in a.iter().zip(b).enumerate() {
                diff(x, y, &format!("{at}/{i}"), out);
            }
        }
        (a, b) if a == b => {}
        (a, b) => out.push(format!("{at}: terraform {} | ravelin {}", short(a), short(b))),
    }
}

fn short(json: &Json) -> String {
    let text = json.to_string();
    let cut = text.char_indices().nth(600).map_or(text.len(), |(i, _)| i);
    text[..cut].to_owned()
}
