//! `ravelin ip prune`: ranges that nothing asks for any more.

use clap::Args;

use super::{
    Exit, allocating,
    args::{Place, Planning, Vars},
    block_on, planning,
    session::Session,
    ui::Ui,
};
use crate::{
    base::{Diagnostics, Ledger},
    lang::{Disk, lock::LOCK_FILE},
};

/// List the address ranges in the lock file that no cidr::allocate asks for any more; with -write, give them back.
///
/// The blueprint is planned, so that every key is known. No other range moves.
#[derive(Args, Debug)]
pub struct PruneArgs {
    #[command(flatten)]
    pub place: Place,
    #[command(flatten)]
    pub vars: Vars,
    /// Remove them from the lock file.
    #[arg(long)]
    pub write: bool,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
}

pub fn run(args: PruneArgs, ui: &Ui) -> Exit {
    let mut session = Session::new(ui, &args.place);
    let mut diags = Diagnostics::default();
    let planning = Planning { refresh: true, parallelism: 10, ..Planning::default() };
    let sim = session.sim;
    let planned = match block_on(sim, planning::make(&mut session, &Disk, &args.vars, &planning, &mut diags)) {
        Ok(planned) => planned,
        Err(diagnostic) => return ui.fail_with(diagnostic),
    };
    // Findings about the networks do not matter here; without a plan nobody knows what is asked for.
    if planned.is_none() {
        return ui.fail(&diags, &session.sources);
    }
    let used = session.allocations.used();
    let (stays, goes): (Vec<_>, Vec<_>) =
        session.allocations.ledger.entries().into_iter().cloned().partition(|e| used.contains(&(e.pool.clone(), e.key.clone())));
    if args.write
        && !goes.is_empty()
        && let Err(diagnostic) = allocating::write(&session, &Ledger::of(stays))
    {
        return ui.fail_with(diagnostic);
    }
    if args.json {
        ui.world.say(&format!("{:#}\n", serde_json::json!({ "unused": goes, "removed": args.write })));
        return Exit::Ok;
    }
    if goes.is_empty() {
        ui.say(&format!("Everything in {LOCK_FILE} is asked for.\n"));
        return Exit::Ok;
    }
    let width = goes.iter().map(|e| e.prefix.to_string().len()).max().unwrap_or(0);
    for entry in &goes {
        ui.say(&format!("  {:width$}  {:?} of {:?}\n", entry.prefix.to_string(), entry.key, entry.pool));
    }
    let (count, are) = if goes.len() == 1 { ("1 range".to_owned(), "is") } else { (format!("{} ranges", goes.len()), "are") };
    ui.say(&if args.write {
        format!("\n{count} {are} free again.\n")
    } else {
        format!("\n{count} {are} not asked for any more. Nothing was changed; -write gives them back.\n")
    });
    Exit::Ok
}
