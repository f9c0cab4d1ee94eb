//! What the root module says about the whole: imports to make, and outputs.

use std::collections::BTreeMap;

use super::{
    OutputChange, PlanMode,
    walk::{Walked, Walker},
};
use crate::{
    base::{Address, Diagnostic, Diagnostics, Key, ModulePath, Span, Value},
    lang::Each,
};

/// Ids to import from, by address. Instances that are already recorded are left alone.
pub(super) fn imports(walker: &Walker, diags: &mut Diagnostics) -> BTreeMap<Address, (String, Span)> {
    let mut out = BTreeMap::new();
    let root = ModulePath::root();
    for import in &walker.setup.blueprint.root.imports {
        let eaches = match &import.for_each {
            None => vec![Each::default()],
            Some(expr) => {
                let value = walker.eval.eval(&root, expr, &Each::default(), diags);
                value.children().map(|(step, v)| Each { key: Some(Key::Str(key_of(&step, v))), each_value: Some(v.clone()), self_value: None }).collect()
            }
        };
        for each in eaches {
            let Some(address) = walker.eval.address_of(&root, &import.to, &each, diags) else { continue };
            let id = walker.eval.eval(&root, &import.id, &each, diags);
            if let Some(id) = id.as_str().filter(|_| !walker.state.resources.contains_key(&address)) {
                out.insert(address, (id.to_owned(), import.span));
            }
        }
    }
    out
}

/// Imports to addresses that no block declares.
pub(super) fn stray_imports(walker: &Walker, out: &Walked, diags: &mut Diagnostics) {
    if !walker.scope.is_everything() || walker.setup.options.mode == PlanMode::Destroy {
        return;
    }
    let declared: std::collections::BTreeSet<&Address> = out.items.iter().filter(|i| i.resource.is_some()).map(|i| &i.address).collect();
    for (address, (_, span)) in walker.imports.iter().filter(|(a, _)| !declared.contains(a)) {
        diags.push(
            Diagnostic::error(
                "import-target",
                "Configuration for import target does not exist",
                format!(
                    "The configuration for the given import target {address} does not exist. If you wish to automatically generate config for this resource, use \
                     the -generate-config-out option within ravelin plan. Otherwise, make sure the target resource exists within your configuration. For \
                     example:\n\n  ravelin plan -generate-config-out=generated.tf"
                ),
            )
            .at(*span),
        );
    }
}

fn key_of(step: &crate::base::PathStep, value: &Value) -> String {
    match step {
        crate::base::PathStep::Name(n) => n.clone(),
        crate::base::PathStep::Index(_) => value.as_str().unwrap_or_default().to_owned(),
    }
}

/// Evaluates outputs and `check` blocks after all resources are decided.
pub(super) fn collect<'a>(walker: &Walker<'a, '_>, out: &mut Walked<'a>, diags: &mut Diagnostics) {
    let root = ModulePath::root();
    let destroy = walker.setup.options.mode == PlanMode::Destroy;
    for (name, recorded) in &walker.state.outputs {
        let value = if recorded.sensitive { recorded.value.clone().sensitive() } else { recorded.value.clone() };
        let change = OutputChange { before: Some(value), after: None, sensitive: recorded.sensitive, declared_sensitive: false };
        out.outputs.insert(name.clone(), change);
    }
    if destroy {
        return;
    }
    for (name, output) in &walker.setup.blueprint.root.outputs {
        if !walker.scope.is_everything() && !walker.scope.has_output(out.output_needs.get(name)) {
            out.outputs.remove(name);
            continue;
        }
        let value = walker.eval.output(&root, name, diags);
        let entry = out.outputs.entry(name.clone()).or_default();
        entry.sensitive |= output.sensitive;
        entry.declared_sensitive = output.sensitive;
        entry.after = Some(value);
    }
    super::checks::collect(walker, out, diags);
}
