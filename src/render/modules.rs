//! Resources sorted into the nested modules of plan and state JSON.

use std::collections::BTreeMap;

use serde_json::{Map, Value as J, json};

use crate::base::{Address, ModulePath};

use super::events_json::key;

/// One module's resources, and the modules below it.
#[derive(Default)]
struct Branch {
    resources: Vec<J>,
    children: BTreeMap<ModulePath, Branch>,
}

/// The module tree of the given resource objects, each with the module it stands in.
pub fn module_tree(resources: impl IntoIterator<Item = (ModulePath, J)>) -> J {
    let mut root = Branch::default();
    for (module, resource) in resources {
        let mut branch = &mut root;
        for depth in 1..=module.0.len() {
            let path = ModulePath(module.0.iter().take(depth).cloned().collect());
            branch = branch.children.entry(path).or_default();
        }
        branch.resources.push(resource);
    }
    json(root, None)
}

fn json(branch: Branch, path: Option<&ModulePath>) -> J {
    let mut out = Map::new();
    if !branch.resources.is_empty() {
        let mut resources = branch.resources;
        resources.sort_by(|a, b| sort_key(a).cmp(&sort_key(b)));
        out.insert("resources".into(), J::Array(resources));
    }
    if let Some(path) = path {
        out.insert("address".into(), json!(path.to_string()));
    }
    if !branch.children.is_empty() {
        let mut children: Vec<(ModulePath, Branch)> = branch.children.into_iter().collect();
        children.sort_by_key(|(p, _)| p.to_string());
        out.insert("child_modules".into(), children.into_iter().map(|(p, b)| json(b, Some(&p))).collect());
    }
    J::Object(out)
}

fn sort_key(resource: &J) -> (&str, u64, &str) {
    let text = |k: &str| resource.get(k).and_then(J::as_str).unwrap_or_default();
    // Ten comes after nine: instances of `count` are sorted by number under their resource.
    let index = resource.get("index").and_then(J::as_u64);
    let address = text("address");
    let stem = if index.is_some() { address.rsplit_once('[').map_or(address, |(stem, _)| stem) } else { address };
    (stem, index.unwrap_or(0), text("deposed_key"))
}

/// What every resource object begins with: address, mode, type, name, index and provider.
pub fn resource_head(address: &Address, provider: &str) -> Map<String, J> {
    let mut out = Map::new();
    out.insert("address".into(), json!(address.to_string()));
    out.insert("mode".into(), json!(mode_word(address.is_managed())));
    out.insert("type".into(), json!(address.kind()));
    out.insert("name".into(), json!(address.name()));
    if address.key.is_some() {
        out.insert("index".into(), key(address.key.as_ref()));
    }
    out.insert("provider_name".into(), json!(provider_source(provider)));
    out
}

pub fn mode_word(managed: bool) -> &'static str {
    if managed { "managed" } else { "data" }
}

/// `registry.terraform.io/hashicorp/azurerm`, out of the forms that states and plans write it in:
/// `module.a.provider["registry.terraform.io/hashicorp/azurerm"].hub`.
pub fn provider_source(provider: &str) -> &str {
    let inner = provider.split_once("provider[\"").and_then(|(_, rest)| rest.split_once("\"]"));
    inner.map_or(provider, |(source, _)| source)
}
