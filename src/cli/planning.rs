//! The plan pipeline as a command runs it: text → Blueprint → (live, prior) → Plan → findings.

use std::collections::BTreeMap;

use super::{
    allocating,
    args::{Planning, Vars},
    live_network,
    outside::Around,
    session::{Believed, Session},
    stacks,
};
use crate::{
    azure::{self, Arm},
    base::{Address, Diagnostic, Diagnostics, PathStep, Sources, Value, address::Target, diag::nearest},
    guard,
    lang::{Files, Inputs, blueprint::Blueprint},
    network::{self, Busy, Model},
    plan::{self, Attempt, Identity, Live, Options, Plan, PlanMode, Run, Setup, Want, provider::Subscriptions},
    state::event,
};

/// A plan with everything that made it.
pub struct Planned {
    pub plan: Plan,
    pub blueprint: Blueprint,
    pub variables: BTreeMap<String, Value>,
    pub believed: Believed,
    pub arm: Arm,
    pub report: network::Report,
    /// The network that the report is about.
    pub network: Model,
    pub subscriptions: Subscriptions,
}

/// From the folder to the plan. `None` when something is wrong; the diagnostics say what.
pub async fn make(session: &mut Session<'_, '_>, files: &dyn Files, vars: &Vars, planning: &Planning, diags: &mut Diagnostics) -> Option<Planned> {
    let planned = from_folder(session, files, vars, planning, diags).await?;
    if planning.lockfile.is_some() {
        diags.extend(allocating::read_only(session, &planned.plan.allocations));
    }
    Some(planned)
}

async fn from_folder(session: &mut Session<'_, '_>, files: &dyn Files, vars: &Vars, planning: &Planning, diags: &mut Diagnostics) -> Option<Planned> {
    let options = options(planning, diags)?;
    let blueprint = session.load(files, diags)?;
    let variables = session.variables(&blueprint, files, vars, diags);
    if diags.has_errors() {
        return None;
    }
    let inputs = session.inputs(variables.clone(), true);
    let believed = session.believed(Some(&blueprint), diags).await?;
    if !plan::provider::needs_azure(&blueprint, &believed.state, interrupted(&believed).keys()) {
        return without_azure(session, files, blueprint, variables, believed, &options, diags).await;
    }
    // What is wrong with the blueprint itself is told before anybody signs in.
    let expected = session.expected_subscription(&session.provider_settings(&blueprint, &inputs, files, &mut Diagnostics::default()));
    let wants = rehearse(session, files, &blueprint, &inputs, &believed, &options, expected.as_deref(), diags);
    if diags.has_errors() {
        return None;
    }
    let settings = session.provider_settings(&blueprint, &inputs, files, diags);
    let (arm, _simulator) = match session.connect(&settings).await {
        Ok(connected) => connected,
        Err(diagnostic) => {
            diags.push(diagnostic);
            return None;
        }
    };
    // What the rehearsal wanted to know holds when it was for the right subscription; one attempt is saved by that.
    let wants = if expected.as_ref() == Some(&arm.context().subscription) { wants } else { Vec::new() };
    let (mut plan, live) = ask_and_plan(session, files, &blueprint, inputs, &believed, &options, &arm, &wants, diags).await?;
    let live = live_network::around(&arm, &plan, &live).await;
    plan.requests = arm.requests();
    Some(finished(session, files, plan, live, Made { blueprint, variables, believed, arm }, &options, diags).await)
}

/// A folder in which nothing lives in Azure: nobody has to sign in.
#[allow(clippy::too_many_arguments)]
async fn without_azure(
    session: &mut Session<'_, '_>, files: &dyn Files, blueprint: Blueprint, variables: BTreeMap<String, Value>, believed: Believed, options: &Options,
    diags: &mut Diagnostics,
) -> Option<Planned> {
    let arm = azure::nowhere();
    let inputs = session.inputs(variables.clone(), true);
    let (plan, _) = ask_and_plan(session, files, &blueprint, inputs, &believed, options, &arm, &[], diags).await?;
    Some(finished(session, files, plan, Model::default(), Made { blueprint, variables, believed, arm }, options, diags).await)
}

/// What a plan was made from.
struct Made {
    blueprint: Blueprint,
    variables: BTreeMap<String, Value>,
    believed: Believed,
    arm: Arm,
}

/// The plan with what belongs to it; `live` is what lives in Azure around it.
#[allow(clippy::too_many_arguments)]
async fn finished(
    session: &mut Session<'_, '_>, files: &dyn Files, plan: Plan, live: Model, made: Made, options: &Options, diags: &mut Diagnostics,
) -> Planned {
    let Made { blueprint, variables, believed, arm } = made;
    narrowed(&plan, options, diags);
    let home = stacks::Home { ui: session.ui, dir: &session.dir.clone(), sim: session.sim, identity: plan.identity.clone() };
    let stacks = stacks::read(&home, &plan.declared.stacks, &mut session.sources, diags).await;
    let network = network_of(&plan, &blueprint, live, stacks);
    let (report, findings) = guard::check(&network);
    diags.extend(findings);
    let subscriptions = plan::walk::subscriptions_of(&blueprint, &session.sources, files, &session.inputs(variables.clone(), true));
    Planned { plan, blueprint, variables, believed, arm, network, report, subscriptions }
}

/// The network of a plan, its parts with the places of their attributes, what lives around it, and other stacks.
fn network_of(plan: &Plan, blueprint: &Blueprint, live: Model, stacks: Vec<Model>) -> Model {
    let places = |address: &Address, path: &[PathStep], named: Option<&str>| plan::place::attribute_place(blueprint, address, path, named);
    guard::model(plan, &guard::Around { places: Some(&places), live, stacks })
}

/// From the folder to the plan without asking anybody: no account is needed. What only Azure knows stays unknown, and the
/// recorded state is taken as it is, whether it is of Azure or of the simulator.
pub async fn unasked(session: &mut Session<'_, '_>, files: &dyn Files, vars: &Vars, diags: &mut Diagnostics) -> Option<(Plan, Blueprint)> {
    let blueprint = session.load(files, diags)?;
    let variables = session.variables(&blueprint, files, vars, diags);
    if diags.has_errors() {
        return None;
    }
    let inputs = session.inputs(variables, true);
    let state = session.recorded(Some(&blueprint), diags).await?;
    let expected = session.expected_subscription(&session.provider_settings(&blueprint, &inputs, files, &mut Diagnostics::default()));
    let expected = expected.or_else(|| session.only_subscription(&state));
    let options = Options { refresh: false, offline: true, ..Options::default() };
    let (identity, interrupted) = (somebody(expected), BTreeMap::new());
    let mut setup =
        Setup { blueprint: &blueprint, sources: &session.sources, files, inputs, state: &state, interrupted: &interrupted, identity, options: &options };
    let run = Run { timestamp: session.ui.world.timestamp(), requests: 0 };
    let mut attempt = allocating::attempt(&mut setup, &Live::default(), &run, None, diags);
    if let Attempt::Allocate { so_far, .. } = &attempt {
        let elsewhere = taken_elsewhere(session, None, &setup.identity, so_far, &Live::default()).await;
        attempt = allocating::attempt(&mut setup, &Live::default(), &run, Some(&elsewhere), diags);
    }
    match attempt {
        Attempt::Plan(plan) => Some((*plan, blueprint)),
        Attempt::Wants(_) | Attempt::Allocate { .. } | Attempt::Failed => {
            for diagnostic in diags.items.iter_mut().filter(|d| matches!(d.code, "unknown-for-each" | "unknown-count")) {
                diagnostic.hint = Some("Azure was not asked. With -live (or -live -sim) it is, and what depends on it is known.".to_owned());
            }
            None
        }
    }
}

/// Whoever signs in later; who that is makes no difference to what is only calculated.
fn somebody(subscription: Option<String>) -> Identity {
    let nobody = "00000000-0000-0000-0000-000000000000".to_owned();
    Identity { subscription: subscription.unwrap_or_else(|| nobody.clone()), tenant: nobody.clone(), client: Some(nobody.clone()), object: Some(nobody) }
}

fn options(planning: &Planning, diags: &mut Diagnostics) -> Option<Options> {
    let mut options = Options { refresh: planning.refresh, ..Options::default() };
    options.mode = match (planning.destroy, planning.refresh_only) {
        (true, _) => PlanMode::Destroy,
        (_, true) => PlanMode::RefreshOnly,
        _ => PlanMode::Normal,
    };
    for text in &planning.target {
        match text.parse::<Target>() {
            Ok(target) => options.targets.push(target),
            Err(error) => {
                diags.push(Diagnostic::error("target", "Invalid target", error.to_string()).hint("Write it as TYPE.NAME, TYPE.NAME[\"key\"] or module.NAME."))
            }
        }
    }
    for text in &planning.replace {
        match text.parse() {
            Ok(address) => options.replace.push(address),
            Err(error) => {
                diags.push(Diagnostic::error("replace", "Invalid force-replace address", format!("{error}")).hint("Name one instance of a managed resource."))
            }
        }
    }
    if diags.has_errors() { None } else { Some(options) }
}

/// What a user of -target and -replace should know.
fn narrowed(plan: &Plan, options: &Options, diags: &mut Diagnostics) {
    if !options.targets.is_empty() {
        diags.push(Diagnostic::warning(
            "targeted-plan",
            "Resource targeting is in effect",
            "You are creating a plan with the -target option, which means that the result of this plan may not represent all of the changes requested by \
             the current configuration.\n\nThe -target option is not for routine use, and is provided only for exceptional situations such as recovering \
             from errors or mistakes.",
        ));
    }
    let nearest_of = |text: &str| {
        let known: Vec<String> = plan.prior.resources.keys().chain(plan.changes.iter().map(|c| &c.address)).map(ToString::to_string).collect();
        nearest(text, known.iter().map(String::as_str)).map(|near| format!("Did you mean {near}?"))
    };
    for target in options.targets.iter().filter(|t| !plan.changes.iter().any(|c| t.covers(&c.address))) {
        let detail = format!("Neither the configuration nor the state has anything at {target}.");
        diags.push(Diagnostic { hint: nearest_of(&target.to_string()), ..Diagnostic::warning("unknown-target", "Target matches nothing", detail) });
    }
    for address in options.replace.iter().filter(|a| !plan.changes.iter().any(|c| c.address == **a)) {
        let detail = format!("Your force-replace request for {address} doesn't match any resource instance, so it has no effect.");
        let warning = Diagnostic::warning("unknown-replace", "Incompletely-matched force-replace resource instance", detail);
        diags.push(Diagnostic { hint: nearest_of(&address.to_string()), ..warning });
    }
}

fn setup<'a>(
    session: &'a Session<'_, '_>, files: &'a dyn Files, blueprint: &'a Blueprint, inputs: Inputs, believed: &'a Believed,
    interrupted: &'a BTreeMap<crate::base::Address, Option<crate::base::ResourceId>>, identity: Identity, options: &'a Options,
) -> Setup<'a> {
    Setup { blueprint, sources: &session.sources, files, inputs, state: &believed.state, interrupted, identity, options }
}

/// Creations of an interrupted run whose end is not known.
fn interrupted(believed: &Believed) -> BTreeMap<crate::base::Address, Option<crate::base::ResourceId>> {
    believed.recovered.pending.iter().filter(|i| i.action == event::Action::Create).map(|i| (i.address.clone(), i.id.clone())).collect()
}

/// Plans against nothing at all, to find what is wrong with the blueprint. Gives what the plan would ask of Azure first.
#[allow(clippy::too_many_arguments)]
fn rehearse(
    session: &Session<'_, '_>, files: &dyn Files, blueprint: &Blueprint, inputs: &Inputs, believed: &Believed, options: &Options, subscription: Option<&str>,
    diags: &mut Diagnostics,
) -> Vec<Want> {
    let interrupted = interrupted(believed);
    let identity = somebody(subscription.map(str::to_owned));
    let mut setup = setup(session, files, blueprint, inputs.clone(), believed, &interrupted, identity, options);
    let mut found = Diagnostics::default();
    // Ranges that are given out here are forgotten again: what Azure has is not known yet.
    match allocating::attempt(&mut setup, &Live::default(), &Run::default(), Some(&[]), &mut found) {
        Attempt::Failed | Attempt::Allocate { .. } => {
            diags.extend(found);
            Vec::new()
        }
        Attempt::Wants(wants) => wants,
        Attempt::Plan(_) => Vec::new(),
    }
}

#[allow(clippy::too_many_arguments)]
async fn ask_and_plan(
    session: &Session<'_, '_>, files: &dyn Files, blueprint: &Blueprint, inputs: Inputs, believed: &Believed, options: &Options, arm: &Arm, wants: &[Want],
    diags: &mut Diagnostics,
) -> Option<(Plan, Live)> {
    let identity = identity(arm);
    let interrupted = interrupted(believed);
    let mut setup = setup(session, files, blueprint, inputs, believed, &interrupted, identity, options);
    let mut live = Live::default();
    // The rehearsal did not know who signs in, so one of its questions may be wrong; what it then lacks, the attempts ask rightly.
    let _ = ask(arm, wants, &mut live).await;
    let outside = Around { ui: session.ui, dir: &session.dir, sim: session.sim };
    let mut elsewhere = None;
    loop {
        let run = Run { timestamp: session.ui.world.timestamp(), requests: arm.requests() };
        let mut found = Diagnostics::default();
        match allocating::attempt(&mut setup, &live, &run, elsewhere.as_deref(), &mut found) {
            Attempt::Wants(wants) => {
                plan::live::look_outside(&outside, &wants, &mut live).await;
                if let Err(error) = ask(arm, &wants, &mut live).await {
                    diags.push(error.diagnostic());
                    return None;
                }
            }
            Attempt::Plan(plan) => {
                diags.extend(found);
                return Some((*plan, live));
            }
            // What else there is has to be known before a range is given out: it cannot be taken back.
            Attempt::Allocate { so_far, .. } => elsewhere = Some(taken_elsewhere(session, Some(arm), &setup.identity, &so_far, &live).await),
            Attempt::Failed => {
                diags.extend(found);
                return None;
            }
        }
    }
}

/// Ranges that the plan itself does not show: of what lives around it in Azure, where that can be asked, and of other stacks.
async fn taken_elsewhere(session: &Session<'_, '_>, arm: Option<&Arm>, identity: &Identity, so_far: &Plan, live: &Live) -> Vec<Busy> {
    let around = match arm {
        Some(arm) => live_network::around(arm, so_far, live).await,
        None => Model::default(),
    };
    let home = stacks::Home { ui: session.ui, dir: &session.dir, sim: session.sim, identity: identity.clone() };
    // What is wrong with a stack is told when the plan is checked.
    let stacks = stacks::read(&home, &so_far.declared.stacks, &mut Sources::default(), &mut Diagnostics::default()).await;
    let mut busy = allocating::busy(&around);
    busy.extend(stacks.iter().flat_map(allocating::busy));
    busy
}

/// Who plans, and where.
pub fn identity(arm: &Arm) -> Identity {
    let who = arm.context();
    let some = |text: &String| if text.is_empty() { None } else { Some(text.clone()) };
    Identity { subscription: who.subscription.clone(), tenant: who.tenant.clone(), client: some(&who.client), object: some(&who.object) }
}

/// Asks Azure everything that the plan wants to know, single objects in bulk.
pub async fn ask(arm: &Arm, wants: &[Want], live: &mut Live) -> Result<(), azure::ArmError> {
    let gets: Vec<azure::Want> = wants
        .iter()
        .filter_map(|w| match w {
            Want::Get { id, api } => Some(azure::Want { id: id.clone(), api: api.clone() }),
            _ => None,
        })
        .collect();
    let inventory = arm.read_all(&gets).await?;
    for want in wants {
        let answer = match want {
            Want::Get { id, .. } => inventory.get(id).flatten().cloned(),
            Want::List { path, api } => Some(serde_json::Value::Array(arm.list(&crate::apply::step::with_api(path, api)).await?)),
            Want::Post { path, api } => {
                let (owner, action) = path.rsplit_once('/').unwrap_or((path, ""));
                match crate::base::ResourceId::parse(owner) {
                    Some(owner) => Some(arm.post(&owner, action, api, None, std::time::Duration::from_secs(300), &|_| {}).await?),
                    None => None,
                }
            }
            // A built-in provider answers that.
            Want::Outside(_) => continue,
        };
        live.insert(want, answer);
    }
    Ok(())
}
