//! Which provider configuration a resource belongs to, and which azurerm major the folder is written for.

use std::collections::BTreeMap;

use super::version;
use crate::{
    base::{Address, Diagnostic, Diagnostics, Mode},
    lang::blueprint::{Blueprint, Module, Resource},
    schema::{self, Major},
    state::State,
};

/// The versions whose shapes Ravelin carries, newest first.
const CARRIED: [(Major, [u64; 3]); 2] = [(Major::V5, [5, 2, 0]), (Major::V4, [4, 81, 0])];

/// The azurerm shape that the folder's version constraints ask for; 5.x when nothing is said.
pub fn major(blueprint: &Blueprint, diags: &mut Diagnostics) -> Major {
    let mut constraints = Vec::new();
    collect(&blueprint.root, &mut constraints);
    let fits = |v: [u64; 3]| constraints.iter().all(|(text, _)| version::satisfies(v, text).unwrap_or(true));
    if let Some((major, _)) = CARRIED.iter().find(|(_, v)| fits(*v)) {
        return *major;
    }
    // An exact or patch-level pin: the major number decides.
    let pinned = constraints.iter().filter_map(|(text, _)| version::parse(text.trim_start_matches(|c: char| !c.is_ascii_digit()))).max();
    match pinned {
        Some([4, ..]) => Major::V4,
        Some([5, ..]) => Major::V5,
        _ => {
            if let Some((text, span)) = constraints.first() {
                diags.push(
                    Diagnostic::warning(
                        "provider-version",
                        "Provider version is not carried",
                        format!("The version constraint {text:?} on azurerm admits neither 5.x nor 4.x. The blueprint is read with the shapes of 5.x."),
                    )
                    .at(*span),
                );
            }
            Major::V5
        }
    }
}

fn collect(module: &Module, out: &mut Vec<(String, crate::base::Span)>) {
    for (name, required) in &module.required_providers {
        let azurerm = address(name, required.source.as_deref()) == "registry.terraform.io/hashicorp/azurerm";
        if let Some(version) = required.version.as_ref().filter(|_| azurerm) {
            out.push((version.clone(), required.span));
        }
    }
    for call in module.calls.values() {
        collect(&call.module, out);
    }
}

/// The providers whose types Ravelin has, by their full addresses.
pub const PROVIDERS: [&str; 11] = [
    "registry.terraform.io/hashicorp/azurerm",
    "registry.terraform.io/hashicorp/cloudinit",
    "registry.terraform.io/hashicorp/external",
    "registry.terraform.io/hashicorp/http",
    "registry.terraform.io/hashicorp/local",
    "registry.terraform.io/hashicorp/null",
    "registry.terraform.io/hashicorp/random",
    "registry.terraform.io/hashicorp/template",
    "registry.terraform.io/hashicorp/time",
    "registry.terraform.io/hashicorp/tls",
    "terraform.io/builtin/terraform",
];

/// A provider's full address: host, namespace and type, from its local name and what `required_providers` says.
pub fn address(name: &str, source: Option<&str>) -> String {
    let lower = source.unwrap_or(name).to_ascii_lowercase();
    match (source, lower.split('/').collect::<Vec<_>>().as_slice()) {
        (None, _) if name == "terraform" => "terraform.io/builtin/terraform".to_owned(),
        (_, [kind]) => format!("registry.terraform.io/hashicorp/{kind}"),
        (_, [namespace, kind]) => format!("registry.terraform.io/{namespace}/{kind}"),
        _ => lower,
    }
}

/// Reports providers that are required and that Ravelin does not have: an error where something of theirs is used.
pub fn check(blueprint: &Blueprint, diags: &mut Diagnostics) {
    let mut stack = vec![&*blueprint.root];
    let mut told = std::collections::BTreeSet::new();
    while let Some(module) = stack.pop() {
        stack.extend(module.calls.values().map(|c| &*c.module));
        for (name, required) in &module.required_providers {
            let full = address(name, required.source.as_deref());
            if PROVIDERS.contains(&full.as_str()) || !told.insert(required.span) {
                continue;
            }
            let local = |r: &Resource| r.provider.as_ref().map_or(r.kind.split('_').next().unwrap_or("").to_owned(), |(n, _, _)| n.clone());
            let used = module.resources.values().any(|r| local(r) == *name) || module.providers.iter().any(|p| p.name == *name);
            let short = |full: &str| full.strip_prefix("registry.terraform.io/").unwrap_or(full).to_owned();
            let have = PROVIDERS.iter().map(|p| short(p)).collect::<Vec<_>>().join(", ");
            let detail = format!("This module requires the provider {}, which Ravelin does not have. It has {have}.", short(&full));
            diags.push(if used {
                Diagnostic::error("provider-unavailable", "Provider not available", detail).at(required.span)
            } else {
                Diagnostic::warning("provider-unavailable", "Provider not available", format!("{detail} Nothing of it is used here, so that does no harm."))
                    .at(required.span)
            });
        }
    }
}

/// A provider configuration of the root module: local name and alias.
pub type Config = (String, Option<String>);

/// The root module's provider configuration that a resource uses, followed through the `providers` maps of the calls on the way.
pub fn config_of(blueprint: &Blueprint, names: &[String], resource: &Resource) -> Config {
    let default = (resource.kind.split('_').next().unwrap_or("").to_owned(), None);
    let mut config = resource.provider.as_ref().map_or(default, |(name, alias, _)| (name.clone(), alias.clone()));
    // From the resource's module outwards, each call may rename the configuration.
    for depth in (1..=names.len()).rev() {
        let Some(call) = call_at(blueprint, &names[..depth]) else { break };
        if let Some((_, parent)) = call.providers.iter().find(|(child, _)| *child == config) {
            config = parent.clone();
        }
    }
    config
}

/// The module call that the names lead to.
pub fn call_at<'a>(blueprint: &'a Blueprint, names: &[String]) -> Option<&'a crate::lang::blueprint::ModuleCall> {
    let (last, path) = names.split_last()?;
    module_at(blueprint, path)?.calls.get(last)
}

/// The module that the names lead to.
pub fn module_at<'a>(blueprint: &'a Blueprint, names: &[String]) -> Option<&'a Module> {
    names.iter().try_fold(&*blueprint.root, |module, name| module.calls.get(name).map(|c| &*c.module))
}

/// The subscription of every provider configuration that names one.
pub type Subscriptions = BTreeMap<Config, String>;

/// Whether anything that the blueprint declares, or that is recorded, lives in Azure. What is of no known type counts as if it did.
pub fn needs_azure<'a>(blueprint: &Blueprint, state: &'a State, interrupted: impl IntoIterator<Item = &'a Address>) -> bool {
    let in_azure = |mode: Mode, kind: &str| {
        let found = schema::find(mode, kind, Major::V5).or_else(|| schema::find(mode, kind, Major::V4));
        found.is_none_or(|ty| !ty.is_local())
    };
    let mut modules = vec![&*blueprint.root];
    while let Some(module) = modules.pop() {
        if module.resources.keys().any(|key| in_azure(key.mode, &key.kind)) {
            return true;
        }
        modules.extend(module.calls.values().map(|call| &*call.module));
    }
    let recorded = state.resources.keys().chain(state.deposed.keys().map(|(address, _)| address));
    recorded.chain(interrupted).any(|address| in_azure(address.mode(), address.kind()))
}
