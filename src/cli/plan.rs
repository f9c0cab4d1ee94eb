//! `ravelin plan`.

use std::{collections::BTreeMap, path::PathBuf};

use clap::Args;

use super::{
    Exit, allocating,
    args::{Place, Planning, Vars},
    block_on, generate,
    planning::{self, Planned},
    session::Session,
    ui::Ui,
};
use crate::{
    base::{Diagnostic, Diagnostics, Value},
    lang::Disk,
    plan::{
        Plan,
        file::{self, FORMAT, Remember, SavedPlan},
    },
    render::{self, UiEvent},
};

/// Show what would be changed, with the address check. Nothing is changed.
#[derive(Args, Debug, Default)]
pub struct PlanArgs {
    #[command(flatten)]
    pub place: Place,
    #[command(flatten)]
    pub vars: Vars,
    #[command(flatten)]
    pub planning: Planning,
    /// Save the plan to this file, for apply.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Write all findings to this file in SARIF 2.1.0, for code scanning; `ip check -format=sarif` has those of addresses alone.
    #[arg(long, value_name = "FILE")]
    pub sarif: Option<PathBuf>,
    /// Write blocks for import blocks that have none into this new .tf file of the folder, and plan with them.
    #[arg(long, value_name = "FILE")]
    pub generate_config_out: Option<PathBuf>,
    /// Exit with 2 when there is something to apply, 0 when not, 1 on errors.
    #[arg(long)]
    pub detailed_exitcode: bool,
}

pub fn run(args: PlanArgs, ui: &Ui) -> Exit {
    *ui.json.borrow_mut() = args.planning.json;
    let disk = Disk;
    let files = Remember::new(&disk);
    let mut session = Session::new(ui, &args.place);
    ui.event(&UiEvent::Version(env!("CARGO_PKG_VERSION").to_owned()), &session.sources);
    let mut diags = Diagnostics::default();
    let sim = session.sim;
    if let Some(out) = &args.generate_config_out {
        let mut apart = Session::new(ui, &args.place);
        match block_on(sim, generate::run(&mut apart, &args.vars, out, &mut diags)) {
            Ok(Some(())) => diags = Diagnostics::default(),
            Ok(None) => return ui.fail(&diags, &apart.sources),
            Err(diagnostic) => return ui.fail_with(diagnostic),
        }
    }
    let planned = match block_on(sim || ui.world.virtual_time, async {
        ui.now_ms();
        planning::make(&mut session, &files, &args.vars, &args.planning, &mut diags).await
    }) {
        Ok(planned) => planned,
        Err(diagnostic) => return ui.fail_with(diagnostic),
    };
    let written = args.sarif.as_ref().map_or(Ok(()), |path| write_sarif(&ui.dir.join(path), planned.as_ref(), &diags, &session));
    if let Err(diagnostic) = written {
        diags.push(diagnostic);
    }
    let Some(planned) = planned else { return ui.fail(&diags, &session.sources) };
    show(ui, &session, &planned);
    ui.diagnostics(&diags, &session.sources);
    if diags.has_errors() {
        return Exit::Failed;
    }
    match allocating::keep(&session, &planned.plan.allocations) {
        Ok(Some(told)) => ui.event(&UiEvent::Log(told), &session.sources),
        Ok(None) => {}
        Err(diagnostic) => return ui.fail_with(diagnostic),
    }
    if let Some(out) = &args.out
        && let Err(diagnostic) = save(&ui.dir.join(out), &session, &planned, &files)
    {
        return ui.fail_with(diagnostic);
    }
    if args.out.is_some() || !planned.plan.is_empty() {
        let saved = args.out.as_ref().map(|out| out.display().to_string());
        ui.say(&render::next_steps_text(saved.as_deref(), &ui.style));
    }
    if args.detailed_exitcode && !planned.plan.is_empty() { Exit::Changes } else { Exit::Ok }
}

/// The plan in the form that was asked for.
pub fn show(ui: &Ui, session: &Session, planned: &Planned) {
    if ui.is_json() {
        for event in render::plan_events(&planned.plan) {
            ui.event(&event, &session.sources);
        }
        if !planned.report.subnets.is_empty() || !planned.report.findings.is_empty() {
            ui.event(&UiEvent::Addresses(Box::new(planned.report.clone())), &session.sources);
        }
    } else {
        ui.say(&text(ui, session, &planned.plan, &planned.report));
    }
}

/// The plan in words, the address summary last.
pub fn text(ui: &Ui, session: &Session, plan: &Plan, report: &crate::network::Report) -> String {
    let telling = render::Telling { shapes: &super::show::shapes, sources: &session.sources, style: &ui.style, errored: false };
    let mut out = render::plan_text(plan, &telling);
    out.push_str(&render::addresses_text(report, &ui.style));
    out
}

/// Everything that was found wrong, whether or not there is a plan. Findings of addresses are told with all they hold.
fn write_sarif(path: &std::path::Path, planned: Option<&Planned>, diags: &Diagnostics, session: &Session) -> Result<(), Diagnostic> {
    let report = planned.map(|p| &p.report);
    let findings: Vec<Diagnostic> = report.iter().flat_map(|r| &r.findings).map(|f| f.diagnostic()).collect();
    let others = diags.items.iter().filter(|d| !findings.contains(d));
    let text = format!("{:#}\n", render::sarif(report, others, &session.sources, env!("CARGO_PKG_VERSION")));
    super::disk::write(path, &text)
        .map_err(|e| Diagnostic::error("sarif-file", "Findings cannot be written", format!("{} cannot be written: {e}.", path.display())))
}

fn save(path: &std::path::Path, session: &Session, planned: &Planned, files: &Remember) -> Result<(), Diagnostic> {
    // Ephemeral values are given anew when the plan is applied.
    let lasting = |all: &BTreeMap<String, Value>| -> BTreeMap<String, Value> {
        all.iter().filter(|(_, v)| !v.marks_deep().ephemeral).map(|(name, v)| (name.clone(), v.clone())).collect()
    };
    let saved = SavedPlan {
        ravelin_plan: FORMAT,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        plan: Plan { variables: lasting(&planned.plan.variables), given: lasting(&planned.plan.given), ..planned.plan.clone() },
        dir: session.dir.clone(),
        cwd: session.ui.dir.clone(),
        files: files.taken(),
        sources: session.sources.files().map(|(_, f)| (f.path.clone(), f.text.clone())).collect(),
        variables: lasting(&planned.variables),
        simulated: session.sim,
        network: planned.network.clone(),
    };
    let text = file::write(&saved).map_err(|e| Diagnostic::error("plan-file", "Plan cannot be saved", e.to_string()))?;
    super::disk::write_private(path, &text)
        .map_err(|e| Diagnostic::error("plan-file", "Plan cannot be saved", format!("{} cannot be written: {e}.", path.display())))
}
