//! One test file: its run blocks one after the other, then everything that they created is destroyed.

use std::collections::BTreeMap;

use super::{
    session::Session,
    test_module::{self, Prepared},
    test_report::{FileResult, Report, RunResult, Status},
    test_run::{self, Stage},
};
use crate::{
    azure::{self, Arm},
    base::{Diagnostic, Diagnostics, Type, Value},
    lang::{
        Blueprint, Disk,
        testfile::{TestFile, TestRun},
        vars::Given,
    },
    plan::{PlanMode, provider},
    sim::Simulator,
    state::State,
};

/// What all test files share.
pub struct Suite<'a, 'u, 'w> {
    pub session: &'a Session<'u, 'w>,
    pub main: &'a Blueprint,
    pub modules: &'a BTreeMap<String, Blueprint>,
    /// Variables of the command line and of variables files.
    pub given: &'a [Given],
    pub report: &'a Report<'a, 'w>,
    pub parallelism: usize,
}

/// A state that runs of one file share, with what destroys it in the end.
struct Held {
    state: State,
    /// The last run that changed it.
    by: String,
    prepared: Prepared,
    order: usize,
}

impl Suite<'_, '_, '_> {
    pub async fn file(&self, file: &TestFile) -> FileResult {
        self.session.ui.now_ms();
        self.report.file_begins(file);
        let simulator = if self.session.sim { Simulator::open(None, self.session.ui.world.started_ms).ok() } else { None };
        let mut states: BTreeMap<String, Held> = BTreeMap::new();
        let mut outputs: BTreeMap<String, Value> = BTreeMap::new();
        let mut results: Vec<RunResult> = Vec::new();
        for (order, run) in file.runs.iter().enumerate() {
            if let Some(stopped) = results.iter().find(|r| r.status == Status::Error) {
                let result = RunResult::skipped(&run.name, &stopped.name);
                self.report.run_ended(file, &result);
                results.push(result);
                continue;
            }
            self.report.run_begins(file, run);
            let key = state_key(run);
            let prior = states.get(&key).map_or_else(|| self.empty(), |held| held.state.clone());
            let begun = self.session.ui.now_ms();
            let (mut result, after) = self.one(file, run, prior, &outputs, simulator.as_ref()).await;
            in_run(file, run, &mut result.diags);
            result.millis = self.session.ui.now_ms() - begun;
            if let Some(Ended { state, outputs: told, prepared }) = after {
                outputs.insert(run.name.clone(), told);
                if let Some(state) = state {
                    states.insert(key, Held { state, by: run.name.clone(), prepared, order });
                }
            }
            self.report.run_ended(file, &result);
            results.push(result);
        }
        self.report.file_tears_down(file);
        let left = self.tear_down(file, states, simulator.as_ref()).await;
        let worst = results.iter().map(|r| r.status).max().unwrap_or(Status::Pass);
        let status = if left.has_errors() { Status::Error } else { worst };
        let result = FileResult { path: file.path.clone(), status, runs: results };
        self.report.file_ended(&result, &left);
        result
    }

    fn empty(&self) -> State {
        State::new(self.session.ui.world.run_id.clone(), crate::render::TERRAFORM_VERSION)
    }

    /// One run block: prepared, planned, applied, judged.
    async fn one(
        &self, file: &TestFile, run: &TestRun, prior: State, outputs: &BTreeMap<String, Value>, simulator: Option<&Simulator>,
    ) -> (RunResult, Option<Ended>) {
        let mut diags = Diagnostics::default();
        let Some(prepared) = test_module::prepare(self, file, run, outputs, &mut diags) else {
            return (RunResult::of(&run.name, Status::Error, diags), None);
        };
        let arm = match self.arm(&prepared, &prior, simulator).await {
            Ok(arm) => arm,
            Err(diagnostic) => {
                diags.push(diagnostic);
                return (RunResult::of(&run.name, Status::Error, diags), None);
            }
        };
        let stage = Stage { suite: self, prepared: &prepared, arm: &arm };
        let done = test_run::run(&stage, run, &prior, outputs, diags).await;
        let ended = done.outputs.map(|outputs| Ended { state: done.state, outputs, prepared });
        (done.result, ended)
    }

    /// The way to Azure for a run: the file's simulator, or nowhere when nothing of it lives in Azure.
    async fn arm(&self, prepared: &Prepared, state: &State, simulator: Option<&Simulator>) -> Result<Arm, Diagnostic> {
        if !provider::needs_azure(&prepared.blueprint, state, &[]) {
            return Ok(azure::nowhere());
        }
        let inputs = prepared.inputs(self.session, true);
        let settings = self.session.provider_settings(&prepared.blueprint, &inputs, &Disk, &mut Diagnostics::default());
        match simulator {
            Some(simulator) => self.session.connect_simulated(&settings, simulator).await,
            None => self.session.connect(&settings).await.map(|(arm, _)| arm),
        }
    }

    /// Destroys what is left, what was made last first.
    async fn tear_down(&self, file: &TestFile, states: BTreeMap<String, Held>, simulator: Option<&Simulator>) -> Diagnostics {
        let mut held: Vec<Held> = states.into_values().filter(|h| h.state.resources.keys().any(|a| a.is_managed())).collect();
        held.sort_by_key(|h| std::cmp::Reverse(h.order));
        let mut left = Diagnostics::default();
        for mut held in held {
            held.prepared.options.mode = PlanMode::Destroy;
            held.prepared.options.targets.clear();
            held.prepared.options.replace.clear();
            let arm = match self.arm(&held.prepared, &held.state, simulator).await {
                Ok(arm) => arm,
                Err(diagnostic) => {
                    left.push(diagnostic);
                    continue;
                }
            };
            let stage = Stage { suite: self, prepared: &held.prepared, arm: &arm };
            let (state, found) = test_run::destroy(&stage, &held.state).await;
            if found.has_errors() || state.resources.keys().any(|a| a.is_managed()) {
                let names: Vec<String> = state.resources.keys().filter(|a| a.is_managed()).map(|a| format!("  - {a}")).collect();
                let detail = format!(
                    "Some resources that {}/{} created could not be destroyed{}\n{}",
                    file.path,
                    held.by,
                    if self.session.sim { " (they are in the simulator only):" } else { " and are left in Azure; they need to be cleaned up by hand:" },
                    names.join("\n")
                );
                left.extend(found);
                left.push(Diagnostic::error("test-cleanup", "Test cleanup failed", detail));
            }
        }
        left
    }
}

/// What a run leaves behind.
struct Ended {
    /// `None` after a plan.
    state: Option<State>,
    outputs: Value,
    prepared: Prepared,
}

/// Says of findings inside a run block in which one they are.
fn in_run(file: &TestFile, run: &TestRun, diags: &mut Diagnostics) {
    for diagnostic in &mut diags.items {
        let Some(span) = diagnostic.span.filter(|s| s.file == run.span.file) else { continue };
        let enclosing = file.runs.iter().filter(|r| r.span.start <= span.start).max_by_key(|r| r.span.start);
        if let Some(enclosing) = enclosing.filter(|_| diagnostic.context.is_none()) {
            diagnostic.context = Some(format!("run {:?}", enclosing.name));
        }
    }
}

/// Runs of one module share a state, unless they say otherwise.
fn state_key(run: &TestRun) -> String {
    match (&run.state_key, &run.module) {
        (Some(key), _) => format!("key {key}"),
        (None, Some((source, _))) => format!("module {source}"),
        (None, None) => String::new(),
    }
}

/// An object of nothing.
pub fn nothing() -> Value {
    Value::null(Type::Any)
}
