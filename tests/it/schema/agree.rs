//! Our shapes against azurerm's, attribute by attribute, for both majors. Runs where the facts are (`RAVELIN_TRUTH`).
//! Edge: reads files of the machine that runs it, and says so when it skips.
#![allow(clippy::disallowed_methods, clippy::disallowed_macros)]

use std::{collections::BTreeSet, path::PathBuf};

use ravelin::{
    base::{
        Mode, Shape, Type,
        json::to_json,
        shape::{Attr, Member, Nested, Nesting},
    },
    schema::{Json, Major, find, kinds},
};

/// Differences that are meant, with the reason.
const MEANT: &[(&str, &str)] = &[
    ("azurerm_kubernetes_cluster.kube_config", "a sensitive list of objects: an attribute here, a computed block there; the same value"),
    ("azurerm_kubernetes_cluster.kube_admin_config", "a sensitive list of objects: an attribute here, a computed block there; the same value"),
];

/// The facts folder beside the truth, when there is one.
fn facts(file: &str) -> Option<Json> {
    let truth = PathBuf::from(std::env::var_os("RAVELIN_TRUTH")?);
    let path = truth.parent()?.join("facts").join(file);
    let path = if path.exists() { path } else { truth.join("../facts").join(file) };
    serde_json::from_str(&std::fs::read_to_string(path).ok()?).ok()
}

fn flag(json: &Json, name: &str) -> bool {
    json.get(name).and_then(Json::as_bool) == Some(true)
}

fn type_of(json: &Json) -> Option<Type> {
    let element = || match json.pointer("/elem/type").and_then(Json::as_str) {
        Some("int" | "float") => Type::Number,
        Some("bool") => Type::Bool,
        _ => Type::String,
    };
    Some(match json.get("type")?.as_str()? {
        "bool" => Type::Bool,
        "int" | "float" => Type::Number,
        "string" => Type::String,
        "list" => Type::list(element()),
        "set" => Type::set(element()),
        "map" => Type::map(element()),
        _ => return None,
    })
}

fn attr_differs(theirs: &Json, ours: &Attr) -> Vec<String> {
    let mut out = Vec::new();
    let mut say = |what: &str, a: String, b: String| {
        if a != b {
            out.push(format!("{what} is {a} in azurerm, {b} here"));
        }
    };
    for (name, mine) in [
        ("required", ours.required),
        ("optional", ours.optional),
        ("computed", ours.computed),
        ("force_new", ours.force_new),
        ("sensitive", ours.sensitive),
        ("write_only", ours.write_only),
    ] {
        say(name, flag(theirs, name).to_string(), mine.to_string());
    }
    say("type", format!("{:?}", type_of(theirs)), format!("{:?}", Some(&ours.ty)));
    let default = ours.default.as_ref().map(to_json);
    let number = |j: &Json| j.as_f64().map(|n| n.to_string()).unwrap_or_else(|| j.to_string());
    say("default", format!("{:?}", theirs.get("default").map(number)), format!("{:?}", default.as_ref().map(number)));
    out
}

fn block_differs(theirs: &Json, ours: &Nested) -> Vec<String> {
    let mut out = Vec::new();
    let nesting = if theirs.get("type").and_then(Json::as_str) == Some("set") { Nesting::Set } else { Nesting::List };
    let their_max = theirs.get("max_items").and_then(Json::as_u64).map(|n| n as usize);
    let pairs = [
        ("nesting", format!("{nesting:?}"), format!("{:?}", ours.nesting)),
        ("required", flag(theirs, "required").to_string(), (ours.min > 0).to_string()),
        ("optional", (flag(theirs, "optional") || flag(theirs, "required")).to_string(), ours.optional.to_string()),
        ("computed", flag(theirs, "computed").to_string(), ours.computed.to_string()),
        ("force_new", flag(theirs, "force_new").to_string(), ours.force_new.to_string()),
        ("max_items", format!("{their_max:?}"), format!("{:?}", ours.max)),
        ("as_attribute", (theirs.get("config_mode").and_then(Json::as_str) == Some("attr")).to_string(), ours.as_attribute.to_string()),
    ];
    for (what, a, b) in pairs {
        if a != b {
            out.push(format!("{what} is {a} in azurerm, {b} here"));
        }
    }
    out
}

fn compare(path: &str, theirs: &Json, ours: &Shape, out: &mut Vec<String>) {
    let empty = serde_json::Map::new();
    let theirs = theirs.as_object().unwrap_or(&empty);
    let mine: BTreeSet<&String> = ours.attrs.keys().chain(ours.blocks.keys()).collect();
    for name in theirs.keys().filter(|n| !mine.contains(n)) {
        out.push(format!("{path}.{name} is missing"));
    }
    for name in mine.into_iter().filter(|n| !theirs.contains_key(*n)) {
        // Every resource has an id, which the schema dump leaves out.
        if !(name == "id" && path.matches('.').count() == 0) {
            out.push(format!("{path}.{name} is not azurerm's"));
        }
    }
    for (name, their) in theirs {
        let here = format!("{path}.{name}");
        let member = if let Some(a) = ours.attrs.get(name) {
            Member::Attr(a)
        } else if let Some(b) = ours.blocks.get(name) {
            Member::Nested(b)
        } else {
            continue;
        };
        match (member, their.get("block")) {
            (Member::Attr(attr), None) => out.extend(attr_differs(their, attr).into_iter().map(|d| format!("{here}: {d}"))),
            (Member::Nested(nested), Some(inner)) => {
                out.extend(block_differs(their, nested).into_iter().map(|d| format!("{here}: {d}")));
                compare(&here, inner, &nested.shape, out);
            }
            (Member::Attr(_), Some(_)) => out.push(format!("{here} is a block in azurerm, an attribute here")),
            (Member::Nested(_), None) => out.push(format!("{here} is an attribute in azurerm, a block here")),
        }
    }
}

#[test]
fn shapes_agree_with_azurerm() {
    let mut out = Vec::new();
    for (major, file) in [(Major::V4, "azurerm-4.81-schema.json"), (Major::V5, "azurerm-5.2-schema.json")] {
        let Some(facts) = facts(file) else {
            println!("skipped: RAVELIN_TRUTH does not lead to {file}");
            return;
        };
        for (mode, member) in [(Mode::Managed, "resource"), (Mode::Data, "data")] {
            for kind in kinds(mode).into_iter().filter(|k| k.starts_with("azurerm_")) {
                let (theirs, ours) = (facts.get(member).and_then(|m| m.get(kind)), find(mode, kind, major));
                match (theirs, ours) {
                    (Some(theirs), Some(ours)) => {
                        let version = theirs.get("schema_version").and_then(Json::as_u64).unwrap_or(0);
                        if version != ours.schema_version {
                            out.push(format!("{kind}: schema_version is {version} in azurerm, {} here", ours.schema_version));
                        }
                        compare(kind, theirs.get("attributes").unwrap_or(&Json::Null), &ours.shape, &mut out);
                    }
                    (None, None) => {}
                    (theirs, _) => out.push(format!("{kind} {major:?}: {} azurerm", if theirs.is_some() { "only in" } else { "not in" })),
                }
            }
        }
    }
    let meant = |line: &String| MEANT.iter().any(|(path, _)| line.starts_with(path));
    out.retain(|line| !meant(line));
    assert!(out.is_empty(), "{} differences:\n{}", out.len(), out.join("\n"));
}
