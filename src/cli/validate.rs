//! `ravelin validate`.

use std::collections::BTreeSet;

use clap::Args;

use super::{Exit, args::Place, session::Session, ui::Ui};
use crate::{
    base::{Diagnostics, Value},
    lang::Disk,
    plan::{self, Identity, Live, Options, Run, Setup},
    render,
    state::State,
};

/// Check the blueprint without asking Azure: syntax, references, types, attributes. Variables without a value stay open.
#[derive(Args, Debug)]
pub struct Validate {
    #[command(flatten)]
    pub place: Place,
    /// As JSON, in Terraform's form.
    #[arg(long)]
    pub json: bool,
}

pub fn run(args: Validate, ui: &Ui) -> Exit {
    let mut session = Session::new(ui, &args.place);
    let mut diags = Diagnostics::default();
    check(&mut session, &mut diags);
    if args.json {
        ui.world.say(&format!("{:#}\n", render::validate_json(&diags.items, &session.sources)));
        return if diags.has_errors() { Exit::Failed } else { Exit::Ok };
    }
    if diags.has_errors() {
        return ui.fail(&diags, &session.sources);
    }
    ui.diagnostics(&diags, &session.sources);
    let with = if diags.is_empty() { "" } else { ", but there were some validation warnings as shown above" };
    ui.say(&format!("{} The configuration is valid{with}.\n", ui.style.bold_green("Success!")));
    Exit::Ok
}

fn check(session: &mut Session, diags: &mut Diagnostics) {
    let Some(blueprint) = session.load(&Disk, diags) else { return };
    session.backend(Some(&blueprint), diags);
    // Any value of the right type may be given later.
    let variables = blueprint.root.variables.iter().map(|(name, v)| (name.clone(), Value::unknown(v.ty.clone()))).collect();
    let state = State::default();
    let interrupted = BTreeSet::new();
    let options = Options { refresh: false, ..Options::default() };
    // Whoever signs in later has these; who that is makes no difference here.
    let somebody = "00000000-0000-0000-0000-000000000000".to_owned();
    let identity = Identity { subscription: somebody.clone(), tenant: somebody.clone(), client: Some(somebody.clone()), object: Some(somebody) };
    let inputs = session.inputs(variables, true);
    let setup =
        Setup { blueprint: &blueprint, sources: &session.sources, files: &Disk, inputs, state: &state, interrupted: &interrupted, identity, options: &options };
    let mut found = Diagnostics::default();
    plan::attempt(&setup, &Live::default(), &Run::default(), &mut found);
    // Repetition over a value that is only open here is no mistake of the blueprint.
    diags.extend(found.into_iter().filter(|d| !OPEN.contains(&d.code)));
}

/// Findings that only say that a value is not known yet.
const OPEN: [&str; 4] = ["unknown-for-each", "unknown-count", "unknown-for-each-module", "unknown-count-module"];
