//! What the root module says about the whole: imports to make, outputs, and the outcome of checks.

use std::collections::BTreeMap;

use super::{
    CheckResult, CheckStatus, OutputChange, PlanMode,
    walk::{Walked, Walker},
};
use crate::{
    base::{Address, Diagnostic, Diagnostics, Key, ModulePath, Severity, Span, Value},
    lang::{
        ConditionKind, Each,
        blueprint::{Condition, Module},
    },
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
                format!("The import block names {address}, which the configuration does not declare. What is imported needs a block of its own."),
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
        out.outputs.insert(name.clone(), OutputChange { before: Some(value), after: None, sensitive: recorded.sensitive });
    }
    if destroy {
        return;
    }
    for (name, output) in &walker.setup.blueprint.root.outputs {
        let value = walker.eval.output(&root, name, diags);
        let entry = out.outputs.entry(name.clone()).or_insert(OutputChange { before: None, after: None, sensitive: false });
        entry.sensitive |= output.sensitive;
        // A null output is not kept, as Terraform has it.
        entry.after = if value.is_null() { None } else { Some(value) };
    }
    checks(walker, &walker.setup.blueprint.root, out, diags);
}

fn checks(walker: &Walker, module: &Module, out: &mut Walked, diags: &mut Diagnostics) {
    for path in walker.eval.module_instances(&module.path, &mut Diagnostics::default()) {
        for check in module.checks.values() {
            let display = if path.is_root() { format!("check.{}", check.name) } else { format!("{path}.check.{}", check.name) };
            let result = assert(walker, &path, &check.asserts, display, diags);
            out.checks.push(result);
        }
    }
    for call in module.calls.values() {
        checks(walker, &call.module, out, diags);
    }
}

/// A failed assertion of a `check` block warns; it never stops a plan.
fn assert(walker: &Walker, module: &ModulePath, asserts: &[Condition], display: String, diags: &mut Diagnostics) -> CheckResult {
    let mut result = CheckResult { kind: "check".to_owned(), display, status: CheckStatus::Pass, problems: Vec::new(), severity: Severity::Warning };
    for condition in asserts {
        let mut found = Diagnostics::default();
        let value = walker.eval.eval(module, &condition.condition, &Each::default(), &mut found);
        if found.is_empty() && value.is_unknown() && result.status == CheckStatus::Pass {
            result.status = CheckStatus::Unknown;
            continue;
        }
        let mut found = Diagnostics::default();
        walker.eval.conditions(module, std::slice::from_ref(condition), &Each::default(), ConditionKind::CheckAssertion, &mut found);
        for mut diagnostic in found {
            result.status = CheckStatus::Fail;
            result.problems.push(diagnostic.detail.clone());
            diagnostic.severity = Severity::Warning;
            diags.push(diagnostic);
        }
    }
    result
}
