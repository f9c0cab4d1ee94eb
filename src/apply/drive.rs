//! The async loop over the scheduler: starts what may start, tells how it goes, records how it ended, stops when asked to.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet},
    future::Future,
    pin::{Pin, pin},
    time::Duration,
};

use futures::{FutureExt, StreamExt, stream::FuturesUnordered};
use tokio::time::Instant;

use super::{
    desired::Desk,
    run::{Progress, Run},
    shell::Shell,
    step::{Bench, Done, Recorder},
    write::Writer,
};
use crate::{
    azure::{self, Arm},
    base::{Diagnostic, Diagnostics, ModulePath, Severity, Value},
    builtin::Outside,
    lang::{
        ConditionKind, Each, Evaluator,
        blueprint::{Blueprint, Module},
    },
    plan::{
        self, Act, Plan, PlanMode, StepId,
        provider::Subscriptions,
        walk::{BlockKey, block_of},
    },
    state::{Event, OutputValue, State},
};

/// How often a running step is mentioned again.
const REMIND: Duration = Duration::from_secs(10);

/// What happens while a plan is carried out, for whoever tells the user.
#[derive(Clone, Debug)]
pub enum Notice {
    Started {
        step: StepId,
    },
    /// Azure's own words on a running operation.
    Progress {
        step: StepId,
        progress: azure::Progress,
    },
    /// A provisioner begins (no text), or prints a line.
    Provision {
        step: StepId,
        kind: String,
        text: Option<String>,
    },
    /// Something that the user should know, though the step goes on.
    Told(Box<Diagnostic>),
    /// Still running after this long.
    Still {
        step: StepId,
        elapsed: Duration,
    },
    /// Ended well; the value that now stands (none after a deletion).
    Ended {
        step: StepId,
        elapsed: Duration,
        value: Option<Value>,
    },
    Failed {
        step: StepId,
        elapsed: Duration,
    },
    /// Asked to stop: nothing more is started.
    Stopping {
        running: usize,
    },
}

/// What a run needs beside the plan.
pub struct Settings<'a> {
    pub blueprint: &'a Blueprint,
    pub eval: Evaluator<'a>,
    pub subscriptions: Subscriptions,
    pub arm: &'a Arm,
    pub outside: &'a dyn Outside,
    pub shell: &'a dyn Shell,
    pub parallelism: usize,
    /// RFC 3339 of now.
    pub clock: &'a dyn Fn() -> String,
    pub notice: &'a dyn Fn(Notice),
    pub recorder: &'a mut dyn Recorder,
}

/// How a run ended.
pub struct Applied {
    pub state: State,
    pub diags: Diagnostics,
    /// Steps done, by act: creates, updates, deletes.
    pub done: BTreeMap<Act, usize>,
    /// Steps that were not started, with the failed step in their way.
    pub left: Vec<(StepId, Option<StepId>)>,
    pub stopped: bool,
}

/// Carries out the plan. `stop` resolves when the user asks to stop; what is under way then ends, nothing new begins.
pub async fn drive<'a>(plan: &'a Plan, settings: Settings<'a>, stop: impl Future<Output = ()>) -> Applied {
    let bench = Bench {
        desk: Desk::new(settings.blueprint, settings.eval, plan, settings.subscriptions),
        writer: Writer { arm: settings.arm, major: crate::plan::provider::major(settings.blueprint, &mut Diagnostics::default()), bodies: RefCell::default() },
        outside: settings.outside,
        shell: settings.shell,
        ephemerals: RefCell::new(super::ephemeral::instances(plan)),
        state: RefCell::new(plan.prior.clone()),
        recorder: RefCell::new(settings.recorder),
        broken: Cell::new(false),
        clock: settings.clock,
        notice: settings.notice,
    };
    let mut run = Run::new(plan, settings.parallelism);
    let mut out = Applied { state: State::default(), diags: Diagnostics::default(), done: BTreeMap::new(), left: Vec::new(), stopped: false };
    work(plan, &bench, &mut run, stop, &mut out).await;
    out.left = run.left();
    out.stopped = run.is_stopped();
    outputs(plan, &bench, settings.blueprint, &unfinished(plan, &run), &mut out.diags);
    if !out.diags.has_errors() && !out.stopped && plan.mode == PlanMode::Normal {
        checks(&bench.desk.eval, &settings.blueprint.root, &mut out.diags);
    }
    out.state = bench.state.take();
    out
}

/// The blocks of steps that did not end well.
fn unfinished(plan: &Plan, run: &Run) -> BTreeSet<BlockKey> {
    let open = (0..plan.steps.len()).map(StepId).filter(|id| run.progress(*id) != Progress::Done);
    open.filter_map(|id| plan.change(id)).map(|change| block_of(&change.address)).collect()
}

type Ended<'a> = Pin<Box<dyn Future<Output = (StepId, Result<Done, Diagnostics>)> + 'a>>;

async fn work<'b>(plan: &'b Plan, bench: &'b Bench<'_>, run: &mut Run, stop: impl Future<Output = ()>, out: &mut Applied) {
    let mut stop = pin!(stop.fuse());
    let mut running: FuturesUnordered<Ended<'b>> = FuturesUnordered::new();
    let mut since: BTreeMap<StepId, (Instant, Instant)> = BTreeMap::new();
    loop {
        for id in run.ready() {
            let (Some(step), Some(change)) = (plan.steps.get(id.0), plan.change(id)) else {
                run.record(id, true);
                continue;
            };
            (bench.notice)(Notice::Started { step: id });
            since.insert(id, (Instant::now(), Instant::now() + REMIND));
            running.push(Box::pin(async move { (id, bench.execute(id, step, change).await) }));
        }
        if running.is_empty() {
            if run.is_over() {
                return;
            }
            continue;
        }
        let remind = since.values().map(|(_, next)| *next).min().unwrap_or_else(|| Instant::now() + REMIND);
        tokio::select! {
            biased;
            Some((id, result)) = running.next() => {
                let elapsed = since.remove(&id).map(|(begun, _)| begun.elapsed()).unwrap_or_default();
                run.record(id, result.is_ok());
                if bench.broken.get() {
                    run.stop();
                }
                ended(plan, bench, id, elapsed, result, out);
            }
            () = &mut stop, if !run.is_stopped() => {
                run.stop();
                (bench.notice)(Notice::Stopping { running: running.len() });
            }
            () = tokio::time::sleep_until(remind) => {
                for (id, (begun, next)) in since.iter_mut().filter(|(_, (_, next))| *next <= Instant::now()) {
                    *next += REMIND;
                    (bench.notice)(Notice::Still { step: *id, elapsed: begun.elapsed() });
                }
            }
        }
    }
}

fn ended(plan: &Plan, bench: &Bench, id: StepId, elapsed: Duration, result: Result<Done, Diagnostics>, out: &mut Applied) {
    match result {
        Ok(value) => {
            if let Some(step) = plan.steps.get(id.0) {
                *out.done.entry(step.act).or_default() += 1;
            }
            (bench.notice)(Notice::Ended { step: id, elapsed, value });
        }
        Err(found) => {
            out.diags.extend(found);
            (bench.notice)(Notice::Failed { step: id, elapsed });
        }
    }
}

/// Root outputs that can be worked out now; the others keep what was recorded, and so do those that tell of something that
/// did not come about.
fn outputs(plan: &Plan, bench: &Bench, blueprint: &Blueprint, unfinished: &BTreeSet<BlockKey>, diags: &mut Diagnostics) {
    let root = ModulePath::root();
    let lost = plan::outputs_of(blueprint, unfinished);
    for (name, change) in plan.outputs.iter().filter(|(name, _)| !lost.contains(*name)) {
        let value = match (&change.after, blueprint.root.outputs.get(name)) {
            (Some(after), _) if after.is_wholly_known() => Some(after.clone()),
            (Some(_), Some(_)) => {
                let mut found = Diagnostics::default();
                let value = bench.desk.eval.output(&root, name, &mut found);
                // After a failure the missing values are no news.
                if !diags.has_errors() {
                    diags.extend(found);
                }
                if !value.is_wholly_known() {
                    continue;
                }
                Some(value)
            }
            _ => None,
        };
        let kept = value.filter(|v| !v.is_null()).map(|v| OutputValue::of(&v, change.sensitive));
        if bench.state.borrow().outputs.get(name) == kept.as_ref() {
            continue;
        }
        if let Err(found) = bench.record(Event::Output { name: name.clone(), value: kept }) {
            diags.extend(found);
        }
    }
}

/// The `check` blocks, now that everything is known; what does not hold is a warning.
fn checks(eval: &Evaluator, module: &Module, diags: &mut Diagnostics) {
    for path in eval.module_instances(&module.path, &mut Diagnostics::default()) {
        for check in module.checks.values() {
            let mut found = Diagnostics::default();
            eval.judge(&path, &check.asserts, &Each::default(), ConditionKind::CheckAssertion, &mut found);
            for mut diagnostic in found {
                diagnostic.severity = Severity::Warning;
                diags.push(diagnostic);
            }
        }
    }
    for call in module.calls.values() {
        checks(eval, &call.module, diags);
    }
}

/// For each step that was not started, what stood in its way.
pub fn blocked(plan: &Plan, applied: &Applied) -> Vec<Diagnostic> {
    let mut by_cause: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (step, cause) in &applied.left {
        let (Some(change), Some(cause)) = (plan.change(*step), cause.and_then(|c| plan.change(c))) else { continue };
        // Of a replacement, one half may stand in the way of the other.
        let half = match plan.steps.get(step.0).map(|s| s.act) {
            Some(Act::Delete) if change.action.is_replace() => " (destruction of the old object)",
            _ => "",
        };
        by_cause.entry(cause.address.to_string()).or_default().push(format!("{}{half}", change.address));
    }
    by_cause
        .into_iter()
        .map(|(cause, mut blocked)| {
            blocked.dedup();
            Diagnostic::warning("blocked", "Steps were not started", format!("They depend on {cause}, which failed: {}.", blocked.join(", ")))
        })
        .collect()
}
