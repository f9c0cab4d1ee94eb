//! Findings over a plan: one file per rule family. First of them: the address plan.

mod addresses;

use crate::{
    base::Diagnostic,
    network::{self, Day, Model, Report},
    plan::Plan,
};

/// The network model of a plan, with what its address plan declares.
pub fn model(plan: &Plan) -> Model {
    let mut model = addresses::model(plan);
    plan.declared.clone().into_model(&mut model, Day::parse(&plan.timestamp));
    model
}

/// The address check of a plan: the report for the reader, and its findings as diagnostics.
pub fn addresses(plan: &Plan) -> (Report, Vec<Diagnostic>) {
    let report = network::check(&model(plan));
    let findings = report.findings.iter().map(|f| f.diagnostic()).collect();
    (report, findings)
}
