//! How every condition of the blueprint stands: of variables, resources, outputs and `check` blocks.

use super::{
    CheckResult, CheckStatus,
    walk::{Walked, Walker},
};
use crate::{
    base::{Diagnostics, ModulePath, Severity},
    lang::{
        ConditionKind, Each, Judged, Standing,
        blueprint::{Condition, Module},
    },
};

/// Adds the results after all resources are decided; those of resources were found on the way.
pub(super) fn collect<'a>(walker: &Walker<'a, '_>, out: &mut Walked<'a>, diags: &mut Diagnostics) {
    let judged = out.items.iter().filter_map(|item| Some((item.address.to_string(), item.judged.clone()?)));
    let results: Vec<CheckResult> = judged.map(|(display, judged)| result("resource", display, judged, Severity::Error)).collect();
    out.checks.extend(results);
    module(walker, &walker.setup.blueprint.root, out, diags);
}

fn module(walker: &Walker, module_: &Module, out: &mut Walked, diags: &mut Diagnostics) {
    for path in walker.eval.module_instances(&module_.path, &mut Diagnostics::default()) {
        for variable in module_.variables.values().filter(|v| !v.validations.is_empty()) {
            let judged = quietly(walker, &path, &variable.validations);
            out.checks.push(result("var", display(&path, "var", &variable.name), judged, Severity::Error));
        }
        for output in module_.outputs.values().filter(|o| !o.preconditions.is_empty()) {
            let judged = quietly(walker, &path, &output.preconditions);
            out.checks.push(result("output_value", display(&path, "output", &output.name), judged, Severity::Error));
        }
        for check in module_.checks.values() {
            let judged = assert(walker, &path, &check.asserts, diags);
            out.checks.push(result("check", display(&path, "check", &check.name), judged, Severity::Warning));
        }
    }
    for call in module_.calls.values() {
        module(walker, &call.module, out, diags);
    }
}

fn display(path: &ModulePath, kind: &str, name: &str) -> String {
    if path.is_root() { format!("{kind}.{name}") } else { format!("{path}.{kind}.{name}") }
}

fn result(kind: &str, display: String, judged: Judged, severity: Severity) -> CheckResult {
    let status = match judged.standing {
        Standing::Holds => CheckStatus::Pass,
        Standing::Unknown => CheckStatus::Unknown,
        Standing::Fails => CheckStatus::Fail,
        Standing::Broken => CheckStatus::Error,
    };
    CheckResult { kind: kind.to_owned(), display, status, problems: judged.problems, severity }
}

/// What does not hold was told where it belongs: with the variable, or the output.
fn quietly(walker: &Walker, module: &ModulePath, conditions: &[Condition]) -> Judged {
    walker.eval.judge(module, conditions, &Each::default(), ConditionKind::OutputPrecondition, &mut Diagnostics::default())
}

/// A failed assertion of a `check` block warns; it never stops a plan.
fn assert(walker: &Walker, module: &ModulePath, asserts: &[Condition], diags: &mut Diagnostics) -> Judged {
    let mut found = Diagnostics::default();
    let judged = walker.eval.judge(module, asserts, &Each::default(), ConditionKind::CheckAssertion, &mut found);
    for mut diagnostic in found {
        diagnostic.severity = Severity::Warning;
        diags.push(diagnostic);
    }
    judged
}
