//! One run block: the plan, the apply, what failed against what was expected to fail, and the assertions.

use std::{cell::RefCell, collections::BTreeMap, time::Duration};

use async_trait::async_trait;

use super::{
    allocating,
    outside::Around,
    test_file::Suite,
    test_module::Prepared,
    test_report::{RunResult, Shown, Status},
    test_verdict,
    world::rfc3339,
};
use crate::{
    apply::{
        self,
        shell::{Machine, Rehearsal},
        step::Recorder,
    },
    azure::Arm,
    base::{Address, Diagnostic, Diagnostics, Mode, ModulePath, Value},
    builtin::{Command, HttpAnswer, HttpRequest, Outside, Ran},
    guard,
    lang::{Disk, Evaluator, eval::conditions::Assertion, testfile::TestRun},
    plan::{self, Attempt, Identity, Live, Lookup, Plan, Run, Setup, StandIns, Want},
    schema::{self, ResourceType},
    state::{Event, State},
};

/// Where a module is planned and applied.
pub struct Stage<'a, 'u, 'w> {
    pub suite: &'a Suite<'a, 'u, 'w>,
    pub prepared: &'a Prepared,
    pub arm: &'a Arm,
}

/// What came of a run.
pub struct Done {
    pub result: RunResult,
    /// The state afterwards, when something was applied.
    pub state: Option<State>,
    /// The outputs, for later runs; none when the plan failed.
    pub outputs: Option<Value>,
}

/// Plans, applies when that is asked for, and judges. `diags` is what preparing it has found.
pub async fn run(stage: &Stage<'_, '_, '_>, run: &TestRun, prior: &State, outputs: &BTreeMap<String, Value>, diags: Diagnostics) -> Done {
    let mut found = diags;
    let planned = plan(stage, prior, &mut found).await;
    test_verdict::relocate(stage.prepared, &mut found);
    let judged = test_verdict::judge(stage, run, found, !run.only_plan);
    let Some(plan) = planned.filter(|_| !judged.diags.has_errors()) else {
        // A plan that fails as expected has nothing to assert.
        let status = if judged.diags.has_errors() { Status::Error } else { Status::Pass };
        return Done { result: RunResult::of(&run.name, status, judged.diags), state: None, outputs: None };
    };
    let mut diags = judged.diags;
    let mut state = None;
    let mut hits = judged.hits;
    if !run.only_plan {
        let (after, found) = carry_out(stage, &plan).await;
        let again = test_verdict::judge(stage, run, found, false);
        diags.extend(again.diags);
        hits.extend(again.hits);
        state = Some(after);
    }
    test_verdict::missing(stage, run, &hits, &mut diags);
    let eval = evaluator(stage, &plan, state.as_ref());
    let told = told(stage, &eval, &mut diags);
    let mut status = if diags.has_errors() { Status::Error } else { Status::Pass };
    if status == Status::Pass {
        eval.also("output", told.clone());
        eval.also("run", Value::object(outputs.clone()));
        eval.also("var", stage.prepared.all.clone());
        for assert in &run.asserts {
            let came = match eval.assertion(assert, &mut diags) {
                Assertion::Holds => Status::Pass,
                Assertion::Fails => Status::Fail,
                Assertion::Broken => Status::Error,
            };
            status = status.max(came);
        }
    }
    let shown = match &state {
        Some(state) => Shown::State(Box::new(state.clone())),
        None => Shown::Plan(Box::new(plan)),
    };
    Done { result: RunResult { shown: Some(shown), asserts: run.asserts.len(), ..RunResult::of(&run.name, status, diags) }, state, outputs: Some(told) }
}

/// Destroys everything of a state. Gives what is left, and why.
pub async fn destroy(stage: &Stage<'_, '_, '_>, state: &State) -> (State, Diagnostics) {
    let mut diags = Diagnostics::default();
    match plan(stage, state, &mut diags).await {
        Some(plan) if !diags.has_errors() => carry_out(stage, &plan).await,
        _ => (state.clone(), diags),
    }
}

async fn plan(stage: &Stage<'_, '_, '_>, state: &State, diags: &mut Diagnostics) -> Option<Plan> {
    let session = stage.suite.session;
    let prepared = stage.prepared;
    let who = stage.arm.context();
    let some = |text: &String| if text.is_empty() { None } else { Some(text.clone()) };
    let identity = Identity { subscription: who.subscription.clone(), tenant: who.tenant.clone(), client: some(&who.client), object: some(&who.object) };
    let interrupted = BTreeMap::new();
    let mut setup = Setup {
        blueprint: &prepared.blueprint,
        sources: &session.sources,
        files: &Disk,
        inputs: prepared.inputs(session, true),
        state,
        interrupted: &interrupted,
        identity,
        options: &prepared.options,
    };
    let outside = outside(stage);
    let mut live = Live::default();
    loop {
        let run = Run { timestamp: rfc3339(session.ui.now_ms()), requests: stage.arm.requests() };
        let mut found = Diagnostics::default();
        match allocating::attempt(&mut setup, &live, &run, Some(&[]), &mut found) {
            Attempt::Wants(wants) => {
                look(&outside, &wants, &mut live).await;
                if let Err(error) = super::planning::ask(stage.arm, &wants, &mut live).await {
                    diags.push(error.diagnostic());
                    return None;
                }
            }
            Attempt::Plan(plan) => {
                diags.extend(found);
                let (_, findings) = guard::addresses(&plan, &guard::Around::default());
                diags.extend(findings);
                return Some(*plan);
            }
            Attempt::Failed | Attempt::Allocate { .. } => {
                diags.extend(found);
                return None;
            }
        }
    }
}

/// What is outside of Azure: made up where the test says so, else as it is.
async fn look(outside: &StoodIn<'_, '_>, wants: &[Want], live: &mut Live) {
    let mut others = Vec::new();
    for want in wants {
        match want {
            Want::Outside(question) if outside.stand_ins.covers(&outside.prepared.blueprint, &question.address) => {
                let answer = match question.lookup {
                    Lookup::Data | Lookup::Open => outside.stand_in(&question.address, &question.value),
                    Lookup::Read => question.value.clone(),
                };
                live.insert_outside(question, Ok(Some(answer)));
            }
            want => others.push(want.clone()),
        }
    }
    plan::live::look_outside(outside, &others, live).await;
}

/// Applies the plan; nothing is written anywhere but into the state that comes back.
async fn carry_out(stage: &Stage<'_, '_, '_>, plan: &Plan) -> (State, Diagnostics) {
    let session = stage.suite.session;
    let prepared = stage.prepared;
    let inputs = crate::lang::Inputs { now: plan.timestamp.clone(), ..prepared.inputs(session, false) };
    let inputs = inputs.allocating(plan.allocations.clone());
    let clock = || rfc3339(session.ui.now_ms());
    let machine = Machine { cwd: session.ui.dir.clone() };
    let settings = apply::Settings {
        blueprint: &prepared.blueprint,
        subscriptions: plan::walk::subscriptions_of(&prepared.blueprint, &session.sources, &Disk, &inputs),
        eval: Evaluator::new(&prepared.blueprint, &session.sources, &Disk, inputs),
        arm: stage.arm,
        outside: &outside(stage),
        // Provisioners are rehearsed with the simulator, as with --sim.
        shell: if session.sim { &Rehearsal } else { &machine },
        parallelism: stage.suite.parallelism,
        clock: &clock,
        notice: &|_| {},
        recorder: &mut Forgetful,
    };
    let applied = apply::drive(plan, settings, std::future::pending()).await;
    let mut diags = applied.diags.clone();
    diags.extend(apply::drive::blocked(plan, &applied));
    let mut state = applied.state;
    state.serial += 1;
    (state, diags)
}

/// A test's events are of no use once it is over.
struct Forgetful;

impl Recorder for Forgetful {
    fn record(&mut self, _: &Event) -> Result<(), Diagnostic> {
        Ok(())
    }
}

/// Everything that the blueprint names, with the values of the plan, or of the state after it was applied.
fn evaluator<'a>(stage: &'a Stage<'_, '_, '_>, plan: &Plan, state: Option<&State>) -> Evaluator<'a> {
    let prepared = stage.prepared;
    let session = stage.suite.session;
    let inputs = crate::lang::Inputs { now: plan.timestamp.clone(), ..prepared.inputs(session, state.is_none()) }.allocating(plan.allocations.clone());
    let eval = Evaluator::new(&prepared.blueprint, &session.sources, &Disk, inputs);
    for (block, repetition) in &plan.blocks {
        eval.declare(&block.resource, &apply::desired::expansion_of(repetition));
    }
    for change in plan.changes.iter().filter(|c| c.deposed.is_none()) {
        if let Some(after) = &change.after {
            eval.set(&change.address, after.clone());
        }
    }
    for (address, instance) in state.into_iter().flat_map(|s| &s.resources) {
        if let Some(value) = type_of(prepared, address).and_then(|ty| plan::refresh::stored(ty, instance)) {
            eval.set(address, value);
        }
    }
    eval
}

/// All outputs of the root module, as an object.
fn told(stage: &Stage<'_, '_, '_>, eval: &Evaluator, diags: &mut Diagnostics) -> Value {
    let root = &stage.prepared.blueprint.root;
    let mut found = Diagnostics::default();
    let outputs = root.outputs.keys().map(|name| (name.clone(), eval.output(&ModulePath::root(), name, &mut found))).collect();
    if !diags.has_errors() {
        // Preconditions of outputs have been judged with the plan.
        diags.extend(found.items.into_iter().filter(|d| d.code != "precondition-failed"));
    }
    Value::object(outputs)
}

fn type_of(prepared: &Prepared, address: &Address) -> Option<&'static ResourceType> {
    let major = plan::provider::major(&prepared.blueprint, &mut Diagnostics::default());
    let mode = if address.is_managed() { Mode::Managed } else { address.mode() };
    schema::find(mode, address.kind(), major)
}

fn outside<'a, 'w>(stage: &'a Stage<'_, '_, 'w>) -> StoodIn<'a, 'w> {
    let session = stage.suite.session;
    let around = Around { ui: session.ui, dir: &session.dir, sim: session.sim };
    StoodIn { around, stand_ins: &stage.prepared.options.stand_ins, prepared: stage.prepared, asked: RefCell::default() }
}

/// The world outside, with objects that the test makes up.
struct StoodIn<'a, 'w> {
    around: Around<'a, 'w>,
    stand_ins: &'a StandIns,
    prepared: &'a Prepared,
    asked: RefCell<usize>,
}

#[async_trait(?Send)]
impl Outside for StoodIn<'_, '_> {
    fn now(&self) -> String {
        self.around.now()
    }
    fn random(&self, bytes: &mut [u8]) {
        self.around.random(bytes);
    }
    fn read_file(&self, path: &str) -> Result<Option<Vec<u8>>, String> {
        self.around.read_file(path)
    }
    fn write_file(&self, path: &str, content: &[u8], file_mode: u32, folder_mode: u32) -> Result<(), String> {
        self.around.write_file(path, content, file_mode, folder_mode)
    }
    fn remove_file(&self, path: &str) -> Result<(), String> {
        self.around.remove_file(path)
    }
    async fn sleep(&self, duration: Duration) {
        self.around.sleep(duration).await;
    }
    async fn run(&self, command: &Command) -> Result<Ran, String> {
        self.around.run(command).await
    }
    async fn http(&self, request: &HttpRequest) -> Result<HttpAnswer, String> {
        self.around.http(request).await
    }
    async fn blob(&self, account: &str, container: &str, key: &str) -> Result<Option<Vec<u8>>, String> {
        self.around.blob(account, container, key).await
    }
    fn stand_in(&self, address: &Address, planned: &Value) -> Value {
        *self.asked.borrow_mut() += 1;
        match type_of(self.prepared, address) {
            Some(ty) => self.stand_ins.made(&self.prepared.blueprint, address, ty, planned),
            None => planned.clone(),
        }
    }
}
