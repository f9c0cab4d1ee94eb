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
    for required in module.required_providers.values() {
        let azurerm = required.source.as_deref().is_none_or(|s| s.to_ascii_lowercase().ends_with("hashicorp/azurerm"));
        if let Some(text) = required.version.as_ref().filter(|_| azurerm && is_azurerm(module, required)) {
            out.push((text.clone(), required.span));
        }
    }
    for call in module.calls.values() {
        collect(&call.module, out);
    }
}

fn is_azurerm(module: &Module, required: &crate::lang::blueprint::RequiredProvider) -> bool {
    module.required_providers.iter().any(|(name, r)| {
        r.span == required.span && (name == "azurerm" || r.source.as_deref().is_some_and(|s| s.to_ascii_lowercase().ends_with("hashicorp/azurerm")))
    })
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
