//! Desired + prior + live → Plan: pure data that says what will be done, in which order, and why.
//!
//! [`attempt`] is the way in. It reads top to bottom: walk the blueprint in dependency order ([`walk`]), deciding each
//! instance ([`instance`], [`data_source`], [`orphan`]); arrange the work into steps ([`steps`], [`carry`]); write it down
//! ([`data`]). Nothing here talks to Azure: what has to be known is named as wants ([`live`]) and asked by the caller.

pub mod address_plan;
pub mod because;
mod carry;
mod checks;
pub mod compare;
mod create_first;
pub mod data;
mod data_source;
pub mod file;
pub mod generate;
mod ignored;
pub mod inside;
pub mod instance;
mod links;
pub mod live;
mod moves;
pub mod needs;
mod orphan;
mod outcome;
mod outside;
pub mod place;
mod present;
pub mod provider;
pub mod refresh;
pub mod stand_in;
pub mod steps;
mod strangers;
mod target;
pub mod timeouts;
pub mod version;
pub mod walk;

pub use data::*;
pub use links::config_address;
pub use live::{Live, Lookup, Question, Want};
pub use present::present;
pub use stand_in::StandIns;
pub use strangers::strangers;
pub use target::outputs_of;
pub use walk::{Identity, Options, Setup};

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    base::{Address, Diagnostic, Diagnostics, Path, PathStep, Span, Value, ledger::Request, shape::Member},
    state::{Instance, State},
};
use needs::BlockNeeds;
use walk::{Item, Walked};

/// What an attempt to plan came to.
pub enum Attempt {
    /// Azure has to be asked these first; then try again.
    Wants(Vec<Want>),
    Plan(Box<Plan>),
    /// Address ranges have to be given out first, with regard to what the plan holds so far (its changes, nothing else); then
    /// try again.
    Allocate {
        requests: BTreeMap<Request, Span>,
        so_far: Box<Plan>,
    },
    /// The diagnostics say why.
    Failed,
}

/// Facts about the run that the plan notes.
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// RFC 3339.
    pub timestamp: String,
    /// ARM requests sent so far.
    pub requests: u64,
}

/// Makes the plan from what is known, or says what is still to be asked.
///
/// Errors of the blueprint are reported before anything is asked, unless a data source has to be read first: what it
/// answers may be all that is missing.
pub fn attempt(setup: &Setup, live: &Live, run: &Run, diags: &mut Diagnostics) -> Attempt {
    let mut walked = walk::walk(setup, live, diags);
    if setup.options.offline {
        walked.wants.clear();
    }
    let requests = setup.inputs.allocations.take_wanted();
    if !walked.wants.is_empty() && (!diags.has_errors() || walked.reads_data) {
        return Attempt::Wants(walked.wants);
    }
    // What an unknown range led to (instances that cannot be counted, and so on) is no mistake: it will be known next time.
    if !requests.is_empty() && walked.allocates {
        let changes = walked.items.iter().map(walk::change).collect();
        return Attempt::Allocate {
            requests,
            so_far: Box::new(Plan { changes, declared: walked.declared, allocations: setup.inputs.allocations.ledger.clone(), ..Plan::default() }),
        };
    }
    if diags.has_errors() {
        return Attempt::Failed;
    }
    if setup.options.mode == PlanMode::RefreshOnly {
        only_refresh(&mut walked);
    }
    let mut arranged = steps::arrange(&mut walked, setup.state, setup.blueprint, diags);
    if diags.has_errors() {
        return Attempt::Failed;
    }
    let changes = changes(&walked, &mut arranged);
    diags.extend(left_alone(&changes));
    let prior = refreshed(setup.state, &walked, &arranged.needs);
    let stood_in = setup.options.stand_ins.among(setup.blueprint, walked.items.iter().map(|i| &i.address));
    Attempt::Plan(Box::new(Plan {
        mode: setup.options.mode,
        drift: walked.items.iter().filter_map(|i| drift(i, setup.options.mode == PlanMode::RefreshOnly)).collect(),
        changes,
        steps: arranged.steps,
        edges: arranged.edges,
        needs: arranged.needs,
        outputs: std::mem::take(&mut walked.outputs),
        variables: setup.inputs.variables.clone(),
        given: setup.inputs.given.clone(),
        checks: std::mem::take(&mut walked.checks),
        blocks: std::mem::take(&mut walked.blocks),
        partial: walked.partial,
        requests: run.requests,
        timestamp: run.timestamp.clone(),
        lineage: setup.state.lineage.clone(),
        serial: setup.state.serial,
        workspace: setup.inputs.workspace.clone(),
        identity: setup.identity.clone(),
        prior,
        declared: std::mem::take(&mut walked.declared),
        allocations: setup.inputs.allocations.ledger.clone(),
        stood_in,
    }))
}

/// The plan's entries, and the steps pointed at them. What is gone, and not wanted any more, has no entry.
fn changes(walked: &Walked, arranged: &mut steps::Arranged) -> Vec<Change> {
    let mut out = Vec::new();
    let mut entry = vec![None; walked.items.len()];
    for (i, item) in walked.items.iter().enumerate().filter(|(_, item)| !item.is_gone() || item.action != Action::NoOp) {
        entry[i] = Some(out.len());
        out.push(walk::change(item));
    }
    for step in &mut arranged.steps {
        step.change = step.change.and_then(|i| entry.get(i).copied().flatten());
    }
    out
}

/// Said when objects leave the state and stay where they are.
fn left_alone(changes: &[Change]) -> Option<Diagnostic> {
    let names: Vec<String> = changes.iter().filter(|c| c.action == Action::Forget).map(|c| format!(" - {}", c.address)).collect();
    let detail = format!(
        "If you apply this plan, Ravelin will discard its tracking information for the following objects, but it will not delete them:\n{}\n\n\
         After applying this plan, Ravelin will no longer manage these objects. You will need to import them to manage them again.",
        names.join("\n")
    );
    (!names.is_empty()).then(|| Diagnostic::warning("left-alone", "Some objects will no longer be managed by Ravelin", detail))
}

/// In refresh-only mode nothing is done to Azure: what is there becomes what the state says.
fn only_refresh(walked: &mut Walked) {
    for item in &mut walked.items {
        item.action = Action::NoOp;
        item.reason = None;
        item.replace_paths.clear();
        item.because.clear();
        item.after = item.prior.clone();
    }
    walked.items.retain(|i| i.stored.is_some());
}

/// What changed outside since it was recorded. Only what the blueprint decides counts: what the platform fills in by itself
/// (and what our own later writes show on other resources) is taken over without a word. `all` tells that too.
fn drift(item: &Item, all: bool) -> Option<Change> {
    let stored = item.stored.as_ref().filter(|_| item.address.is_managed())?;
    let (action, after) = match &item.prior {
        None => (Action::Delete, None),
        Some(prior) => {
            let paths: Vec<_> = compare::changed(item.ty, stored, prior).into_iter().filter(|p| all || is_ours(item, p)).collect();
            if paths.is_empty() {
                return None;
            }
            (Action::Update, Some(paths.iter().fold(stored.clone(), |value, path| compare::with_path_from(&value, prior, path))))
        }
    };
    Some(Change { action, reason: None, before: Some(stored.clone()), after, replace_paths: Vec::new(), because: Vec::new(), ..walk::change(item) })
}

/// Whether the blueprint decides what stands at a path: it sets it, or an unset value means "none" rather than "as the platform likes".
fn is_ours(item: &Item, path: &Path) -> bool {
    let set = item.config.at(path).is_some_and(|v| !v.is_null() && v.elements().is_none_or(|e| !e.is_empty()));
    set || match item.ty.shape.member(path) {
        Some(Member::Attr(attr)) => attr.settable() && !attr.computed && !path.first().is_some_and(|step| is_filled(item, step)),
        Some(Member::Nested(nested)) => nested.optional && !nested.computed,
        None => false,
    }
}

/// Whether the platform fills a block of this name when nobody writes it.
fn is_filled(item: &Item, step: &PathStep) -> bool {
    matches!(item.ty.shape.member(std::slice::from_ref(step)), Some(Member::Nested(nested)) if nested.computed)
}

/// The state with moves made, recorded values brought up to date, and what the configuration says of dependencies; apply
/// starts from it. Data sources that are not asked any more leave it.
fn refreshed(state: &State, walked: &Walked, needs: &BlockNeeds) -> State {
    let mut out = state.clone();
    if !walked.partial {
        let known: BTreeSet<&Address> = walked.items.iter().map(|item| &item.address).collect();
        out.resources.retain(|address, _| address.is_managed() || known.contains(address));
    }
    for item in &walked.items {
        let key = item.deposed.clone().map(|k| (item.address.clone(), k));
        let recorded = match (&key, &item.previous) {
            (Some(key), previous) => {
                let before = previous.as_ref().map(|p| (p.clone(), key.1.clone()));
                out.deposed.remove(key).or_else(|| before.and_then(|key| out.deposed.remove(&key)))
            }
            (None, Some(previous)) => out.resources.remove(previous),
            (None, None) => out.resources.remove(&item.address),
        };
        let Some(value) = &item.prior else { continue };
        if item.address.is_managed() && recorded.is_none() && item.importing.is_none() && item.stored.is_none() {
            // Found in Azure after an interrupted creation: it is ours from now on.
            let found = Instance { dependencies: needs.all(&config_address(&item.address)), ..instance(item, value, None) };
            out.resources.insert(item.address.clone(), found);
            continue;
        }
        let mut fresh = instance(item, value, recorded);
        // Nothing is written for what does not change, so this is where a new reference gets into the state. Until a change is
        // made, what was needed before counts as well.
        if item.resource.is_some() && item.after.is_some() && item.address.is_managed() && item.deposed.is_none() {
            let now = needs.all(&config_address(&item.address));
            if item.action == Action::NoOp {
                fresh.dependencies = now;
                fresh.create_before_destroy = item.create_before_destroy;
            } else {
                let all: BTreeSet<String> = fresh.dependencies.iter().cloned().chain(now).collect();
                fresh.dependencies = all.into_iter().collect();
            }
        }
        match key {
            Some(key) => out.deposed.insert(key, fresh),
            None => out.resources.insert(item.address.clone(), fresh),
        };
    }
    out
}

/// A recorded instance with new values; what the value does not say stays as it was recorded.
fn instance(item: &Item, value: &Value, recorded: Option<Instance>) -> Instance {
    let fresh = refresh::instance(item.ty, value);
    match recorded {
        None => fresh,
        Some(old) => Instance {
            dependencies: old.dependencies,
            create_before_destroy: old.create_before_destroy,
            tainted: old.tainted,
            private: old.private,
            extras: old.extras,
            provider: if old.provider.is_empty() { fresh.provider } else { old.provider },
            ..fresh
        },
    }
}
