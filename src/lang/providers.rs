//! Provider configurations across modules: what a call has to pass, and what must not stand in a module that is called often.

use super::blueprint::*;
use crate::base::{Diagnostic, Diagnostics};

/// Checks a call against the module it calls.
pub fn check_call(call: &ModuleCall, diags: &mut Diagnostics) {
    repeated(call, diags);
    for (name, required) in &call.module.required_providers {
        for alias in &required.aliases {
            if !call.providers.iter().any(|(child, _)| child == alias) {
                let alias_text = alias.1.as_deref().unwrap_or("");
                let detail = format!(
                    "The child module requires a configuration for provider {name}.{alias_text}, which module {:?} declares in its configuration_aliases. Pass one \
                     in the call's providers argument:\n    providers = {{\n      {name}.{alias_text} = {name}\n    }}",
                    call.name
                );
                diags.push(Diagnostic::error("missing-provider-configuration", "Missing required provider configuration", detail).at(call.span));
            }
        }
    }
}

/// Reports references to alternative provider configurations that nobody declares or passes.
pub fn check(blueprint: &Blueprint, diags: &mut Diagnostics) {
    let mut stack = vec![&*blueprint.root];
    while let Some(module) = stack.pop() {
        let named = |name: &str, alias: &str| {
            let own = module.providers.iter().any(|p| p.name == name && p.alias.as_deref() == Some(alias));
            own || module.required_providers.values().any(|r| r.aliases.iter().any(|(n, a)| n == name && a.as_deref() == Some(alias)))
        };
        for resource in module.resources.values() {
            let Some((name, Some(alias), span)) = &resource.provider else { continue };
            if !named(name, alias) {
                let what = format!("{}{}.{}", resource.mode.prefix(), resource.kind, resource.name);
                diags.push(not_present(&what, name, alias).at(*span));
            }
        }
        for import in &module.imports {
            if let Some((name, Some(alias), span)) = import.provider.as_ref().filter(|(n, a, _)| a.as_ref().is_some_and(|a| !named(n, a))) {
                diags.push(not_present("the import", name, alias).at(*span));
            }
        }
        for call in module.calls.values() {
            for (_, (name, alias)) in &call.providers {
                if let Some(alias) = alias.as_ref().filter(|a| !named(name, a)) {
                    diags.push(not_present(&format!("module.{}", call.name), name, alias).at(call.span));
                }
            }
        }
        stack.extend(module.calls.values().map(|c| &*c.module));
    }
}

fn not_present(what: &str, name: &str, alias: &str) -> Diagnostic {
    let detail = format!(
        "To work with {what} the provider configuration {name}.{alias} is required, but this module has no provider {name:?} block with alias = {alias:?}, and does \
         not list it in the configuration_aliases of its required_providers."
    );
    Diagnostic::error("undefined-provider", "Provider configuration not present", detail)
}

/// A module with provider configurations of its own can be called only once, and waits for nothing: the configuration has to be
/// there before and after everything else.
fn repeated(call: &ModuleCall, diags: &mut Diagnostics) {
    let why = [(call.count.is_some(), "count"), (call.for_each.is_some(), "for_each"), (!call.depends_on.is_empty(), "depends_on")];
    let Some((_, argument)) = why.into_iter().find(|(is, _)| *is) else { return };
    let mut stack = vec![&*call.module];
    while let Some(module) = stack.pop() {
        if let Some(own) = module.providers.iter().find(|p| !p.body.attrs.is_empty() || !p.body.blocks.is_empty()) {
            let detail = format!(
                "The module {:?} is a legacy module which contains its own local provider configurations, and so calls to it may not use the count, for_each, or \
                 depends_on arguments.\n\nIf you also control the module, consider updating this module to instead expect provider configurations to be passed by \
                 its caller.",
                call.name
            );
            let expr = match argument {
                "count" => call.count.as_ref(),
                "for_each" => call.for_each.as_ref(),
                _ => call.depends_on.first(),
            };
            let span = expr.map_or(call.span, |e| e.span);
            let found = Diagnostic::error("legacy-module", "Module is incompatible with count, for_each, and depends_on", detail);
            diags.push(found.at(span).also(own.span, "its provider configuration"));
            return;
        }
        stack.extend(module.calls.values().map(|c| &*c.module));
    }
}
