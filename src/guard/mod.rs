//! Findings over a plan: one file per rule family. First of them: the address plan.

mod addresses;

use crate::{
    base::Diagnostic,
    network::{self, Report},
    plan::Plan,
};

/// The address check of a plan: the report for the reader, and its findings as diagnostics.
pub fn addresses(plan: &Plan) -> (Report, Vec<Diagnostic>) {
    let report = network::check(&addresses::model(plan));
    let findings = report.findings.iter().map(|f| f.diagnostic()).collect();
    (report, findings)
}
