//! What a run's failures mean: those of conditions that were expected to fail are no failures, and those that did not come are.

use std::collections::BTreeSet;

use super::{test_module::Prepared, test_run::Stage};
use crate::{
    base::{Diagnostic, Diagnostics, Mode, Severity, Span},
    lang::{Blueprint, blueprint::Condition, testfile::TestRun},
};

/// What is left of the findings, and which of the expected objects failed.
pub struct Judged {
    pub diags: Diagnostics,
    pub hits: BTreeSet<String>,
}

/// A variable's value stands in the test file, not at its declaration.
pub fn relocate(prepared: &Prepared, diags: &mut Diagnostics) {
    for diagnostic in diags.items.iter_mut().filter(|d| d.code == "invalid-variable-value") {
        let place = checked(&prepared.blueprint, diagnostic).and_then(|name| prepared.places.get(name.strip_prefix("var.")?).copied());
        diagnostic.span = place.or(diagnostic.span);
    }
}

/// Takes out what was expected to fail. A failed check is an error in a test unless it was expected. `stops_apply`: the failure of a
/// condition now keeps the apply, which the run is about, from being done.
pub fn judge(stage: &Stage<'_, '_, '_>, run: &TestRun, found: Diagnostics, stops_apply: bool) -> Judged {
    let expected = expected(stage, run);
    let mut judged = Judged { diags: Diagnostics::default(), hits: BTreeSet::new() };
    for mut diagnostic in found {
        let object = checked(&stage.prepared.blueprint, &diagnostic);
        let hit = object.as_ref().and_then(|object| expected.iter().find(|(name, _)| is_meant(name, object, diagnostic.address.as_deref())));
        let Some((name, _)) = hit else {
            if diagnostic.code == "check-failed" {
                diagnostic.severity = Severity::Error;
            }
            judged.diags.push(diagnostic);
            continue;
        };
        judged.hits.insert(name.clone());
        if stops_apply && diagnostic.is_error() {
            let detail = format!(
                "A custom condition within {name} failed during the planning stage and prevented the requested apply operation. While this was an expected \
                 failure, the apply operation could not be executed and so the overall test case will be marked as a failure and the original diagnostic \
                 included in the test report."
            );
            judged.diags.push(diagnostic);
            judged.diags.push(Diagnostic::warning("test-failed-early", "Expected failure while planning", detail));
        }
    }
    judged
}

/// Tells which expected failures did not come.
pub fn missing(stage: &Stage<'_, '_, '_>, run: &TestRun, hits: &BTreeSet<String>, diags: &mut Diagnostics) {
    for (name, span) in expected(stage, run).into_iter().filter(|(name, _)| !hits.contains(name)) {
        let detail = format!("The checkable object, {name}, was expected to report an error but did not.");
        diags.push(Diagnostic::error("test-no-failure", "Missing expected failure", detail).at(span));
    }
}

/// The objects that are to fail, as they are written.
fn expected(stage: &Stage<'_, '_, '_>, run: &TestRun) -> Vec<(String, Span)> {
    let text = |span: Span| stage.suite.session.sources.text(span).split_whitespace().collect::<String>().trim_matches('"').to_owned();
    run.expect_failures.iter().map(|e| (e.node.as_literal_str().map_or_else(|| text(e.span), str::to_owned), e.span)).collect()
}

/// Whether an expected object is the one that failed; an instance is meant by its own name or by its block's.
fn is_meant(expected: &str, object: &str, address: Option<&str>) -> bool {
    expected == object || address == Some(expected)
}

/// The checkable object of the root module that a finding comes from: `var.a`, `output.a`, `check.a`, or a resource.
fn checked(blueprint: &Blueprint, diagnostic: &Diagnostic) -> Option<String> {
    let root = &blueprint.root;
    let rule = |c: &Condition| diagnostic.related.iter().any(|r| r.span == c.span);
    let here = |c: &Condition| diagnostic.span == Some(c.condition.span);
    match diagnostic.code {
        "invalid-variable-value" => root.variables.values().find(|v| v.validations.iter().any(rule)).map(|v| format!("var.{}", v.name)),
        "precondition-failed" | "postcondition-failed" => {
            let of_resource = root.resources.iter().find(|(_, r)| r.lifecycle.preconditions.iter().chain(&r.lifecycle.postconditions).any(here));
            let of_output = || root.outputs.values().find(|o| o.preconditions.iter().any(here)).map(|o| format!("output.{}", o.name));
            match of_resource {
                Some((key, _)) => Some(format!("{}{}.{}", if key.mode == Mode::Data { "data." } else { "" }, key.kind, key.name)),
                None => of_output(),
            }
        }
        "check-failed" => root.checks.values().find(|c| c.asserts.iter().any(here)).map(|c| format!("check.{}", c.name)),
        _ => None,
    }
}
