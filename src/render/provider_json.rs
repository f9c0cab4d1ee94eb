//! The provider configurations of a blueprint in plan JSON, and the keys by which resources name them.

use serde_json::{Map, Value as J, json};

use crate::lang::blueprint::{Blueprint, Body, Module, ModuleCall, Provider, Resource};

/// Finds the key of a provider configuration from inside a module: its own, or one that a module above hands down.
pub struct ProviderKeys<'a> {
    module: &'a Module,
    above: Option<(&'a ProviderKeys<'a>, &'a ModuleCall)>,
}

impl<'a> ProviderKeys<'a> {
    pub fn root(module: &'a Module) -> ProviderKeys<'a> {
        ProviderKeys { module, above: None }
    }

    pub fn child(&'a self, call: &'a ModuleCall) -> ProviderKeys<'a> {
        ProviderKeys { module: &call.module, above: Some((self, call)) }
    }

    /// The key of a resource's provider configuration.
    pub fn of(&self, resource: &Resource) -> String {
        match &resource.provider {
            Some((name, alias, _)) => self.find(name, alias.as_deref()),
            None => self.find(implied(&resource.kind), None),
        }
    }

    /// Whether this module or one above it uses the provider at all.
    fn knows(&self, name: &str) -> bool {
        let m = self.module;
        let uses = |r: &Resource| r.provider.as_ref().map_or(implied(&r.kind), |(n, ..)| n) == name;
        m.required_providers.contains_key(name)
            || m.providers.iter().any(|p| p.name == name)
            || m.resources.values().any(uses)
            || self.above.is_some_and(|(above, _)| above.knows(name))
    }

    fn find(&self, name: &str, alias: Option<&str>) -> String {
        let own = |p: &Provider| p.name == name && p.alias.as_deref() == alias;
        match self.above {
            Some((above, call)) if !self.module.providers.iter().any(own) => {
                let handed = call.providers.iter().find(|((n, a), _)| n == name && a.as_deref() == alias);
                match handed {
                    Some((_, (name, alias))) => above.find(name, alias.as_deref()),
                    None if above.knows(name) => above.find(name, None),
                    // Nobody above uses the provider, so its implied configuration belongs to this module.
                    None => key(self.module, name, alias),
                }
            }
            _ => key(self.module, name, alias),
        }
    }
}

/// The provider that a resource type belongs to when nothing else is said: the word before the first underscore.
fn implied(kind: &str) -> &str {
    kind.split('_').next().unwrap_or(kind)
}

fn key(module: &Module, name: &str, alias: Option<&str>) -> String {
    let at = address(module).map(|a| format!("{a}:")).unwrap_or_default();
    let alias = alias.map(|a| format!(".{a}")).unwrap_or_default();
    format!("{at}{name}{alias}")
}

fn address(module: &Module) -> Option<String> {
    let steps: Vec<String> = module.path.iter().map(|n| format!("module.{n}")).collect();
    (!steps.is_empty()).then(|| steps.join("."))
}

/// Every provider configuration by key: those that are written, and those that are only implied by a resource.
pub fn provider_config(blueprint: &Blueprint, expressions: &dyn Fn(&Body) -> J) -> J {
    let mut out = Map::new();
    collect(&blueprint.root, &ProviderKeys::root(&blueprint.root), &blueprint.root, expressions, &mut out);
    J::Object(out)
}

fn collect(module: &Module, keys: &ProviderKeys<'_>, root: &Module, expressions: &dyn Fn(&Body) -> J, out: &mut Map<String, J>) {
    for provider in &module.providers {
        let mut entry = head(module, root, &provider.name);
        if let Some(alias) = &provider.alias {
            entry.insert("alias".into(), json!(alias));
        }
        if let Some(address) = address(module) {
            entry.insert("module_address".into(), json!(address));
        }
        let expressions = expressions(&provider.body);
        if expressions != json!({}) {
            entry.insert("expressions".into(), expressions);
        }
        out.insert(key(module, &provider.name, provider.alias.as_deref()), J::Object(entry));
    }
    for resource in module.resources.values() {
        let name = resource.provider.as_ref().map_or(implied(&resource.kind), |(name, ..)| name);
        let at = keys.of(resource);
        let owner = at.rsplit_once(':').map(|(module, _)| json!(module));
        out.entry(at).or_insert_with(|| {
            let mut entry = head(module, root, name);
            entry.extend(owner.map(|o| ("module_address".to_owned(), o)));
            J::Object(entry)
        });
    }
    for call in module.calls.values() {
        collect(&call.module, &keys.child(call), root, expressions, out);
    }
}

/// Name, full name and version of a provider, as the module or the root requires it.
fn head(module: &Module, root: &Module, name: &str) -> Map<String, J> {
    let required = module.required_providers.get(name).or_else(|| root.required_providers.get(name));
    let source = required.and_then(|r| r.source.as_deref());
    let mut out = Map::from_iter([("name".to_owned(), json!(name)), ("full_name".to_owned(), json!(full_name(source, name)))]);
    if let Some(version) = required.and_then(|r| r.version.as_deref()) {
        out.insert("version_constraint".into(), json!(version));
    }
    out
}

/// A provider's source with the parts that may be left out filled in.
fn full_name(source: Option<&str>, name: &str) -> String {
    match source {
        None if name == "terraform" => "terraform.io/builtin/terraform".into(),
        None => format!("registry.terraform.io/hashicorp/{name}"),
        Some(source) => match source.matches('/').count() {
            0 => format!("registry.terraform.io/hashicorp/{source}"),
            1 => format!("registry.terraform.io/{source}"),
            _ => source.to_owned(),
        },
    }
}
