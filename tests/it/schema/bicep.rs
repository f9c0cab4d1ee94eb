//! Bodies against Azure's own type definitions: every member that we send exists for the pinned api-version, has a fitting kind,
//! and is not read-only. Runs where the definitions are unpacked (`RAVELIN_TRUTH` or its `bicep-types`).
//! Edge: reads files of the machine that runs it, and says so when it skips.
#![allow(clippy::disallowed_methods, clippy::disallowed_macros)]

use std::{collections::BTreeMap, path::PathBuf, process::Command, sync::OnceLock};

use ravelin::{
    base::Mode,
    schema::{Json, Major, Target, find, kinds},
};

use super::{context, inverse};

/// Members that we send though the definitions call them read-only, or do not know them, with the reason.
const MEANT: &[(&str, &str)] = &[
    (
        "Microsoft.Network/virtualNetworks/subnets properties.delegations[].properties.actions",
        "azurerm sends the actions that a configuration names, and ARM accepts them",
    ),
    (
        "Microsoft.ContainerService/managedClusters/agentPools properties.spotMaxPrice",
        "a fraction of a dollar: the definitions say integer, live answers hold fractions",
    ),
];

/// A provider's definitions in one api-version.
struct Types {
    nodes: Vec<Json>,
}

impl Types {
    fn node(&self, reference: &Json) -> Option<&Json> {
        let index: usize = reference.get("$ref")?.as_str()?.strip_prefix("#/")?.parse().ok()?;
        self.nodes.get(index)
    }

    fn body(&self, full: &str) -> Option<&Json> {
        let named = |n: &&Json| n.get("name").and_then(Json::as_str).is_some_and(|s| s.eq_ignore_ascii_case(full));
        self.nodes.iter().filter(|n| n["$type"] == "ResourceType").find(named)?.get("body")
    }

    /// What is wrong with a value of a type.
    fn check(&self, reference: &Json, value: &Json, path: &str, out: &mut Vec<String>) {
        let Some(node) = self.node(reference) else { return };
        match (node["$type"].as_str().unwrap_or(""), value) {
            ("ObjectType", Json::Object(map)) => {
                for (name, inner) in map {
                    let here = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                    match node["properties"].get(name) {
                        Some(p) if p["flags"].as_u64().unwrap_or(0) & 2 != 0 => out.push(format!("{here} is read-only")),
                        Some(p) => self.check(&p["type"], inner, &here, out),
                        None => match node.get("additionalProperties") {
                            Some(any) => self.check(any, inner, &here, out),
                            None => out.push(format!("{here} does not exist")),
                        },
                    }
                }
            }
            ("ArrayType", Json::Array(items)) => items.iter().for_each(|i| self.check(&node["itemType"], i, &format!("{path}[]"), out)),
            ("UnionType", _) => {
                let fits = node["elements"].as_array().into_iter().flatten().any(|e| {
                    let mut inner = Vec::new();
                    self.check(e, value, path, &mut inner);
                    inner.is_empty()
                });
                if !fits {
                    out.push(format!("{path} cannot be {value}"));
                }
            }
            ("StringLiteralType", Json::String(s)) if node["value"] != **s => out.push(format!("{path} cannot be {s:?}")),
            ("StringLiteralType" | "StringType", Json::String(_)) | ("IntegerType", Json::Number(_)) | ("BooleanType", Json::Bool(_)) | ("AnyType", _) => {}
            (kind, _) => out.push(format!("{path} is a {kind}, not {value}")),
        }
    }
}

/// The folder of the definitions; the truth folder may hold them packed.
fn folder() -> Option<PathBuf> {
    static UNPACKED: OnceLock<Option<(tempfile::TempDir, PathBuf)>> = OnceLock::new();
    let truth = PathBuf::from(std::env::var_os("RAVELIN_TRUTH")?);
    if let Some(found) = [truth.join("bicep-types"), truth.clone()].into_iter().find(|p| p.join("network").join("microsoft.network").is_dir()) {
        return Some(found);
    }
    let unpack = || {
        let dir = tempfile::tempdir().ok()?;
        let done = Command::new("tar").arg("xf").arg(truth.join("bicep-types.tar.xz")).arg("-C").arg(dir.path()).status().ok()?;
        let root = dir.path().join("bicep-types");
        done.success().then_some((dir, root))
    };
    UNPACKED.get_or_init(unpack).as_ref().map(|(_, root)| root.clone())
}

/// The definitions of a type's provider in an api-version: `network/microsoft.network/2025-01-01/types.json`, in one of several folders.
fn load(arm_type: &str, api: &str, cache: &mut BTreeMap<String, Option<Types>>) -> bool {
    let Some(root) = folder() else { return false };
    let namespace = arm_type.split('/').next().unwrap_or("").to_lowercase();
    let key = format!("{arm_type}@{api}");
    let folders = std::fs::read_dir(root).into_iter().flatten().flatten();
    let files = folders.map(|f| f.path().join(&namespace).join(api).join("types.json"));
    let types = files.filter_map(|p| std::fs::read_to_string(p).ok()).filter_map(|t| serde_json::from_str(&t).ok()).map(|nodes| Types { nodes });
    let found = types.into_iter().find(|t: &Types| t.body(&key).is_some());
    cache.entry(key).or_insert(found).is_some()
}

#[test]
fn bodies_fit_azures_definitions() {
    if folder().is_none() {
        println!("skipped: RAVELIN_TRUTH does not lead to type definitions");
        return;
    }
    let mut cache = BTreeMap::new();
    let (mut out, mut checked) = (std::collections::BTreeSet::new(), 0);
    for kind in kinds(Mode::Managed) {
        for major in [Major::V4, Major::V5] {
            let Some(ty) = find(Mode::Managed, kind, major) else { continue };
            let key = format!("{}@{}", ty.arm_type, ty.api_version);
            if !cache.contains_key(&key) {
                load(&ty.arm_type, &ty.api_version, &mut cache);
            }
            let Some(Some(types)) = cache.get(&key) else { continue };
            let mut dice = inverse::Dice::new(kind);
            for _ in 0..12 {
                let config = inverse::modelled(ty, inverse::random(&ty.shape, inverse::SHARES, &mut dice, 0));
                let planned = ty.planned(&config, None, &context());
                let Ok(built) = ty.build(&planned, &context()) else { continue };
                let body = match ty.target(&planned, &context()) {
                    Some(Target::Part { place, .. }) => {
                        let mut owner = Json::Null;
                        place.set(&mut owner, built);
                        owner
                    }
                    Some(Target::Own { .. }) => built,
                    _ => continue,
                };
                let mut found = Vec::new();
                if let Some(reference) = types.body(&key) {
                    types.check(reference, &body, "", &mut found);
                    checked += 1;
                }
                out.extend(found.into_iter().map(|f| format!("{kind}: {} {f}", ty.arm_type)));
            }
        }
    }
    let meant = |line: &String| MEANT.iter().any(|(place, _)| line.contains(place));
    out.retain(|line| !meant(line));
    assert!(checked > 100, "only {checked} bodies could be checked");
    assert!(out.is_empty(), "{} members do not fit:\n{}", out.len(), out.into_iter().collect::<Vec<_>>().join("\n"));
}
