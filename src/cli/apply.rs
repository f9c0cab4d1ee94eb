//! `ravelin apply` and `ravelin destroy`.

use std::collections::BTreeMap;

use clap::Args;

use super::{
    Exit, allocating,
    args::{GivenVar, Place, Planning, Vars},
    block_on,
    confirm::confirm,
    disk,
    outside::Around,
    plan,
    planning::{self, Planned},
    session::{Session, mark_simulated},
    ui::Ui,
    world::rfc3339,
};
use crate::{
    apply::{
        self, Applied, Notice,
        shell::{Machine, Rehearsal},
        step::Recorder,
    },
    azure::{self, Arm},
    base::{Diagnostic, Diagnostics, Sources},
    lang::{self, Disk, Evaluator, Files, blueprint::Blueprint},
    plan::{
        Act, Plan, PlanMode, StepId,
        file::{self, Kept, Remember, SavedPlan},
        provider::{self, Subscriptions},
    },
    render::{self, Operation, OutputLine, Summary, UiEvent},
    state::{
        Event, State,
        store::{Backend, Journal, LockInfo},
    },
};

/// Make a plan (or take a saved one) and carry it out.
#[derive(Args, Debug, Default)]
pub struct ApplyArgs {
    #[command(flatten)]
    pub place: Place,
    #[command(flatten)]
    pub vars: Vars,
    #[command(flatten)]
    pub planning: Planning,
    /// Do not ask before applying.
    #[arg(long)]
    pub auto_approve: bool,
}

/// Delete everything that the state knows.
#[derive(Args, Debug, Default)]
pub struct DestroyArgs {
    #[command(flatten)]
    pub place: Place,
    #[command(flatten)]
    pub vars: Vars,
    #[command(flatten)]
    pub planning: Planning,
    /// Do not ask before deleting.
    #[arg(long)]
    pub auto_approve: bool,
}

pub fn destroy(args: DestroyArgs, ui: &Ui) -> Exit {
    let planning = Planning { destroy: true, ..args.planning };
    run(ApplyArgs { place: args.place, vars: args.vars, planning, auto_approve: args.auto_approve }, ui)
}

pub fn run(args: ApplyArgs, ui: &Ui) -> Exit {
    *ui.json.borrow_mut() = args.planning.json;
    ui.event(&UiEvent::Version(env!("CARGO_PKG_VERSION").to_owned()), &Sources::default());
    let given = args.place.dir.as_ref().map(|d| ui.dir.join(d)).filter(|p| disk::is_file(p));
    match given {
        Some(path) => saved(args, &path, ui),
        None => fresh(args, ui),
    }
}

/// Plans, asks, applies.
fn fresh(args: ApplyArgs, ui: &Ui) -> Exit {
    let disk = Disk;
    let files = Remember::new(&disk);
    let mut session = Session::new(ui, &args.place);
    let sim = session.sim;
    let mut diags = Diagnostics::default();
    if !session.has_folder(&files, &mut diags) {
        return ui.fail(&diags, &session.sources);
    }
    let result = block_on(sim || ui.world.virtual_time, async {
        ui.now_ms();
        let _lock = match lock(&session, &args, &mut diags).await {
            Some(lock) => lock,
            None => return None,
        };
        let planned = planning::make(&mut session, &files, &args.vars, &args.planning, &mut diags).await;
        let exit = match planned {
            Some(planned) => approve_and_apply(&args, ui, &session, &files, planned, &mut diags).await,
            None => None,
        };
        release(_lock, &mut diags).await;
        exit
    });
    match result {
        Ok(Some(exit)) => exit,
        Ok(None) => ui.fail(&diags, &session.sources),
        Err(diagnostic) => ui.fail_with(diagnostic),
    }
}

async fn approve_and_apply(
    args: &ApplyArgs, ui: &Ui<'_>, session: &Session<'_, '_>, files: &dyn Files, planned: Planned, diags: &mut Diagnostics,
) -> Option<Exit> {
    plan::show(ui, session, &planned);
    if diags.has_errors() {
        return None;
    }
    ui.diagnostics(diags, &session.sources);
    diags.items.clear();
    match allocating::keep(session, &planned.plan.allocations) {
        Ok(Some(told)) => ui.event(&UiEvent::Log(told), &session.sources),
        Ok(None) => {}
        Err(diagnostic) => {
            diags.push(diagnostic);
            return None;
        }
    }
    if planned.plan.is_empty() && !prior_differs(&planned) {
        finish_text(ui, &planned.plan, &Default::default(), &planned.believed.state, &session.sources);
        return Some(Exit::Ok);
    }
    if !args.auto_approve && needs_approval(&planned.plan) && !approved(ui, &planned.plan, args) {
        return Some(Exit::Failed);
    }
    if planned.plan.steps.iter().any(|s| s.act != Act::Join) {
        ui.say("\n");
    }
    let work = Work {
        plan: &planned.plan,
        blueprint: &planned.blueprint,
        subscriptions: planned.subscriptions.clone(),
        arm: &planned.arm,
        signed_in: provider::needs_azure(&planned.blueprint, &planned.believed.state, &[]),
        parallelism: args.planning.parallelism,
        variables: planned.variables.clone(),
    };
    Some(work.carry_out(ui, session, files, &planned.believed).await)
}

/// Whether looking at Azure changed what the state says, although nothing is to be done.
fn prior_differs(planned: &Planned) -> bool {
    !planned.plan.prior.same_content(&planned.believed.state) || planned.believed.recovered.cut_off.is_some()
}

/// Whether applying changes Azure, or what the state says about it.
fn needs_approval(plan: &Plan) -> bool {
    !plan.is_empty() || (plan.mode == PlanMode::RefreshOnly && !plan.drift.is_empty())
}

fn approved(ui: &Ui, plan: &Plan, args: &ApplyArgs) -> bool {
    if !args.planning.input || !ui.world.interactive || ui.is_json() {
        ui.diagnostics(
            &Diagnostics {
                items: vec![
                    Diagnostic::error("not-approved", "Apply needs to be approved", "Nobody can be asked here, so nothing was done.")
                        .hint("Add -auto-approve, or apply a saved plan."),
                ],
            },
            &Sources::default(),
        );
        return false;
    }
    let (question, description) = match plan.mode {
        PlanMode::Destroy => (
            "Do you really want to destroy all resources?",
            "  Ravelin will destroy all your managed infrastructure, as shown above.\n  There is no undo. Only 'yes' will be accepted to confirm.",
        ),
        PlanMode::RefreshOnly => (
            "Would you like to update the Ravelin state to reflect these detected changes?",
            "  Ravelin will write these changes to the state without modifying any real infrastructure.\n  There is no undo. Only 'yes' will be accepted to confirm.",
        ),
        PlanMode::Normal => {
            ("Do you want to perform these actions?", "  Ravelin will perform the actions described above.\n  Only 'yes' will be accepted to approve.")
        }
    };
    let yes = confirm(ui, question, description);
    if !yes {
        ui.say(&format!("\n{} cancelled.\n", if plan.mode == PlanMode::Destroy { "Destroy" } else { "Apply" }));
    }
    yes
}

/// Applies a saved plan: the same text, the same values, the same state, or not at all.
fn saved(args: ApplyArgs, path: &std::path::Path, ui: &Ui) -> Exit {
    let text = match disk::read(path) {
        Ok(text) => text,
        Err(error) => {
            return ui.fail_with(Diagnostic::error("plan-file", "Saved plan cannot be read", format!("{} cannot be read: {error}.", path.display())));
        }
    };
    let saved = match file::read(&text) {
        Ok(saved) => saved,
        Err(error) => {
            return ui.fail_with(
                Diagnostic::error("plan-file", "Saved plan cannot be read", format!("{} cannot be applied: {error}.", path.display()))
                    .hint("Give a folder, or a file that `ravelin plan -out` wrote."),
            );
        }
    };
    let place = Place { dir: Some(saved.dir.clone()), sim: saved.simulated, state: args.place.state.clone() };
    let mut session = Session::new(ui, &place);
    session.sim = saved.simulated;
    let mut diags = Diagnostics::default();
    let result = block_on(saved.simulated || ui.world.virtual_time, async {
        ui.now_ms();
        apply_saved(&args, ui, &mut session, saved, &mut diags).await
    });
    match result {
        Ok(Some(exit)) => exit,
        Ok(None) => ui.fail(&diags, &session.sources),
        Err(diagnostic) => ui.fail_with(diagnostic),
    }
}

async fn apply_saved(args: &ApplyArgs, ui: &Ui<'_>, session: &mut Session<'_, '_>, saved: SavedPlan, diags: &mut Diagnostics) -> Option<Exit> {
    let files = Kept::new(&saved);
    let lock = lock(session, args, diags).await?;
    // The same files in the same order give the same spans that the plan points with.
    let blueprint = session.load(&files, diags)?;
    let variables = with_ephemeral(ui, session, &blueprint, saved.variables.clone(), diags)?;
    let believed = session.believed(Some(&blueprint), diags).await?;
    if believed.state.serial != saved.plan.serial || (!believed.state.is_empty() && believed.state.lineage != saved.plan.lineage) {
        diags.push(
            Diagnostic::error(
                "stale-plan",
                "Saved plan is stale",
                format!(
                    "The plan was made from serial {} of the state; the state now has serial {}. What it would do may no longer be right.",
                    saved.plan.serial, believed.state.serial
                ),
            )
            .hint("Make a new plan."),
        );
        return None;
    }
    if args.planning.lockfile.is_some() {
        diags.extend(allocating::read_only(session, &saved.plan.allocations));
        if diags.has_errors() {
            return None;
        }
    }
    allocating::keep_saved(session, &saved.plan.allocations, diags)?;
    let inputs = session.inputs(variables.clone(), false);
    let arm = if provider::needs_azure(&blueprint, &believed.state, &[]) {
        let settings = session.provider_settings(&blueprint, &inputs, &files, diags);
        match session.connect(&settings).await {
            Ok((arm, _simulator)) => arm,
            Err(diagnostic) => {
                diags.push(diagnostic);
                return None;
            }
        }
    } else {
        azure::nowhere()
    };
    let subscriptions = crate::plan::walk::subscriptions_of(&blueprint, &session.sources, &files, &inputs);
    let work = Work {
        plan: &saved.plan,
        blueprint: &blueprint,
        subscriptions,
        arm: &arm,
        signed_in: provider::needs_azure(&blueprint, &believed.state, &[]),
        parallelism: args.planning.parallelism,
        variables,
    };
    let exit = work.carry_out(ui, session, &files, &believed).await;
    release(lock, diags).await;
    ui.diagnostics(diags, &session.sources);
    Some(exit)
}

/// The saved values, and those of ephemeral variables, which no plan holds: they are given again, as options, in the environment
/// or in files.
fn with_ephemeral(
    ui: &Ui<'_>, session: &mut Session<'_, '_>, blueprint: &Blueprint, mut saved: BTreeMap<String, crate::base::Value>, diags: &mut Diagnostics,
) -> Option<BTreeMap<String, crate::base::Value>> {
    let is_ephemeral = |name: &str| blueprint.root.variables.get(name).is_some_and(|v| v.ephemeral);
    let refused = ui.vars.iter().find(|given| match given {
        GivenVar::Value(text) => !is_ephemeral(text.split('=').next().unwrap_or_default().trim()),
        GivenVar::File(_) => !blueprint.root.variables.values().any(|v| v.ephemeral),
    });
    if refused.is_some() {
        diags.push(Diagnostic::error(
            "plan-vars",
            "Variables cannot be set when applying a saved plan",
            "The saved plan holds the values that it was made with.",
        ));
        return None;
    }
    if blueprint.root.variables.values().any(|v| v.ephemeral) {
        let mut found = Diagnostics::default();
        let given = session.variables(blueprint, &Disk, &Vars::default(), &mut found);
        saved.extend(given.into_iter().filter(|(name, _)| is_ephemeral(name)));
        // What is wrong with the others is no concern of this run: their values are in the plan.
        let lacking = |d: &Diagnostic| blueprint.root.variables.values().any(|v| v.ephemeral && d.span == Some(v.span));
        diags.extend(found.into_iter().filter(lacking));
        if diags.has_errors() {
            return None;
        }
    }
    Some(saved)
}

type Held = Option<Box<dyn crate::state::store::Lock>>;

async fn lock(session: &Session<'_, '_>, args: &ApplyArgs, diags: &mut Diagnostics) -> Option<Held> {
    if !args.planning.lock {
        return Some(None);
    }
    let world = session.ui.world;
    let backend = session.backend(None, diags);
    let info = LockInfo {
        id: world.run_id.clone(),
        operation: "OperationTypeApply".to_owned(),
        info: String::new(),
        who: world.who.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        created: world.timestamp(),
        path: backend.path.display().to_string(),
        engine: Some(crate::state::store::ENGINE.to_owned()),
    };
    match backend.lock(info).await {
        Ok(lock) => Some(Some(lock)),
        Err(error) => {
            diags.push(error.diagnostic());
            None
        }
    }
}

async fn release(lock: Held, diags: &mut Diagnostics) {
    if let Some(lock) = lock
        && let Err(error) = lock.release().await
    {
        diags.push(error.diagnostic());
    }
}

/// One plan to be carried out.
struct Work<'a> {
    plan: &'a Plan,
    blueprint: &'a Blueprint,
    subscriptions: Subscriptions,
    arm: &'a Arm,
    /// Whether the run has to do with Azure at all.
    signed_in: bool,
    parallelism: usize,
    variables: BTreeMap<String, crate::base::Value>,
}

/// The journal as the recorder of a run.
struct Journaled(Journal);

impl Recorder for Journaled {
    fn record(&mut self, event: &Event) -> Result<(), Diagnostic> {
        self.0.append(event).map_err(|e| e.diagnostic())
    }
}

impl Work<'_> {
    async fn carry_out(self, ui: &Ui<'_>, session: &Session<'_, '_>, files: &dyn Files, believed: &super::session::Believed) -> Exit {
        let mut start = self.plan.prior.clone().succeed(&believed.state);
        mark_simulated(&mut start, session.sim);
        let clock = || rfc3339(ui.now_ms());
        // What was recovered or found by looking is kept before anything new is begun.
        if (start.serial != believed.state.serial || believed.recovered.cut_off.is_some())
            && let Err(error) = believed.backend.write(&start).await
        {
            return ui.fail_with(error.diagnostic());
        }
        let open = self.plan.unsettled(&believed.recovered.pending);
        let journal = Journal::start(&session.journal(), &ui.world.run_id, &digest(self.plan), &start, &open, &clock());
        let mut recorder = match journal {
            Ok(journal) => Journaled(journal),
            Err(error) => return ui.fail_with(error.diagnostic()),
        };
        let mut plan = self.plan.clone();
        plan.prior = start.clone();
        let applied = self.drive(ui, session, files, &plan, &mut recorder, &clock).await;
        let mut state = applied.state.clone();
        state.journal = Some(recorder.0.mark());
        let mut end = state.succeed(&start);
        mark_simulated(&mut end, session.sim);
        let mut diags = applied.diags.clone();
        match believed.backend.write(&end).await {
            Ok(()) => {
                if let Err(error) = recorder.0.finish(&clock()) {
                    diags.push(error.diagnostic());
                }
            }
            Err(error) => diags.push(error.diagnostic()),
        }
        diags.extend(apply::drive::blocked(&plan, &applied));
        self.tell(ui, session, &plan, &applied, &end, &diags)
    }

    async fn drive(
        &self, ui: &Ui<'_>, session: &Session<'_, '_>, files: &dyn Files, plan: &Plan, recorder: &mut Journaled, clock: &dyn Fn() -> String,
    ) -> Applied {
        let inputs = session.inputs(self.variables.clone(), false);
        let inputs = lang::Inputs { now: plan.timestamp.clone(), ..inputs }.allocating(plan.allocations.clone());
        let notice = |notice: Notice| tell_progress(ui, plan, &notice, &session.sources);
        let machine = Machine { cwd: ui.dir.clone() };
        let settings = apply::Settings {
            blueprint: self.blueprint,
            eval: Evaluator::new(self.blueprint, &session.sources, files, inputs),
            subscriptions: self.subscriptions.clone(),
            arm: self.arm,
            outside: &Around { ui: session.ui, dir: &session.dir, sim: session.sim },
            shell: if session.sim { &Rehearsal } else { &machine },
            parallelism: self.parallelism,
            clock,
            notice: &notice,
            recorder,
        };
        apply::drive(plan, settings, interrupt()).await
    }

    fn tell(&self, ui: &Ui, session: &Session, plan: &Plan, applied: &Applied, state: &State, diags: &Diagnostics) -> Exit {
        let mut diags = diags.clone();
        if plan.partial {
            diags.push(incomplete());
        }
        ui.diagnostics(&diags, &session.sources);
        if diags.has_errors() {
            return Exit::Failed;
        }
        if applied.stopped {
            ui.say("\nStopped as asked: what was under way has ended, and the state says what exists. Run the command again to go on.\n");
            return Exit::Failed;
        }
        finish_text(ui, plan, &applied.done, state, &session.sources);
        if self.signed_in {
            ui.say(&format!("\nARM requests: {}\n", self.arm.requests()));
        }
        Exit::Ok
    }
}

/// Said after an apply that -target narrowed, in Terraform's words.
fn incomplete() -> Diagnostic {
    Diagnostic::warning(
        "targeted-apply",
        "Applied changes may be incomplete",
        "The plan was created with the -target option in effect, so some changes requested in the configuration may have been ignored and the output \
         values may not be fully updated. Run `ravelin plan` to verify that no other changes are pending.",
    )
}

/// Resolves when the user asks to stop.
async fn interrupt() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// A digest of the plan, for the journal.
fn digest(plan: &Plan) -> String {
    use sha2::Digest;
    let text = serde_json::to_string(plan).unwrap_or_default();
    sha2::Sha256::digest(text.as_bytes()).iter().map(|b| format!("{b:02x}")).collect()
}

fn tell_progress(ui: &Ui, plan: &Plan, notice: &Notice, sources: &Sources) {
    let told = |step: &StepId| -> Option<(crate::base::Address, Act, Option<String>)> {
        let change = plan.change(*step)?;
        let act = plan.steps.get(step.0)?.act;
        let id = if act == Act::Create { None } else { change.before.as_ref().and_then(|b| b.get("id")).and_then(|v| v.as_str()).map(str::to_owned) };
        Some((change.address.clone(), act, id))
    };
    let event = match notice {
        Notice::Started { step } => told(step).map(|(address, act, id)| UiEvent::ApplyStart { address, act, id }),
        Notice::Still { step, elapsed } => told(step).map(|(address, act, id)| UiEvent::ApplyProgress { address, act, id, elapsed: elapsed.as_secs() }),
        Notice::Ended { step, elapsed, value } => told(step).map(|(address, act, id)| {
            let id = value.as_ref().and_then(|v| v.get("id")).and_then(|v| v.as_str()).map(str::to_owned).or(id);
            UiEvent::ApplyComplete { address, act, id, elapsed: elapsed.as_secs() }
        }),
        Notice::Failed { step, elapsed } => told(step).map(|(address, act, id)| UiEvent::ApplyErrored { address, act, id, elapsed: elapsed.as_secs() }),
        Notice::Stopping { running } => {
            Some(UiEvent::Log(format!("\nInterrupt received: {running} operations are under way and will be waited for; nothing new is started.")))
        }
        Notice::Provision { step, kind, text: None } => told(step).map(|(address, ..)| UiEvent::ProvisionStart { address, kind: kind.clone() }),
        Notice::Provision { step, kind, text: Some(text) } => {
            told(step).map(|(address, ..)| UiEvent::ProvisionProgress { address, kind: kind.clone(), output: text.clone() })
        }
        Notice::Told(diagnostic) => Some(UiEvent::Diagnostic(diagnostic.clone())),
        Notice::Progress { .. } => None,
    };
    if let Some(event) = event {
        ui.event(&event, sources);
    }
}

/// The closing lines: what was done, and the outputs.
fn finish_text(ui: &Ui, plan: &Plan, done: &BTreeMap<Act, usize>, state: &State, sources: &Sources) {
    let count = |act| done.get(&act).copied().unwrap_or(0);
    let operation = if plan.mode == PlanMode::Destroy { Operation::Destroy } else { Operation::Apply };
    let import = plan.changes.iter().filter(|c| c.importing.is_some()).count();
    let summary = Summary { operation, import, add: count(Act::Create), change: count(Act::Update), destroy: count(Act::Delete) };
    ui.event(&UiEvent::Summary(summary), sources);
    let outputs: BTreeMap<String, OutputLine> =
        state.outputs.iter().map(|(name, o)| (name.clone(), OutputLine { sensitive: o.sensitive, value: o.value.clone() })).collect();
    if ui.is_json() {
        ui.event(&UiEvent::Outputs(outputs), sources);
    } else if !outputs.is_empty() {
        ui.say(&format!("\n{}\n\n{}", ui.style.bold_green("Outputs:"), render::outputs_text(&outputs)));
    }
}
