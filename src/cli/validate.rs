//! `ravelin validate`.

use std::collections::BTreeMap;

use clap::Args;

use super::{Exit, allocating, args::Place, backend, session::Session, ui::Ui};
use crate::{
    base::{Diagnostic, Diagnostics, Value},
    lang::{Disk, blueprint::Blueprint, vars},
    plan::{Identity, Live, Options, Run, Setup},
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
        let mut told: Vec<Diagnostic> = Vec::new();
        for mut diagnostic in diags.items.iter().cloned() {
            diagnostic.detail = ui.local(&diagnostic.detail);
            diagnostic.hint = diagnostic.hint.map(|h| ui.local(&h));
            // Several instances of a block are wrong in the same way; here nobody counts them.
            if !told.iter().any(|t| (t.code, t.span, &t.summary, &t.detail) == (diagnostic.code, diagnostic.span, &diagnostic.summary, &diagnostic.detail)) {
                told.push(diagnostic);
            }
        }
        ui.world.say(&format!("{:#}\n", render::validate_json(&told, &session.sources)));
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
    // Where the state is kept is no matter here; what nobody has is wrong all the same.
    if let Some(block) = &blueprint.root.backend {
        backend::check(block, diags);
    }
    // Any value of the right type may be given later.
    let open = blueprint.root.variables.iter().map(|(name, v)| (name.clone(), Value::unknown(v.ty.clone()))).collect();
    let (mut found, open): (Vec<_>, Vec<_>) = attempt(session, &blueprint, open).into_iter().partition(|d| !OPEN.contains(&d.code));
    if !open.is_empty() {
        // What is repeated as often as a variable says is looked at as its default has it; that this is open is no mistake.
        let defaults = vars::assign(&blueprint.root, Vec::new(), &mut Diagnostics::default());
        let more = attempt(session, &blueprint, defaults).into_iter().filter(|d| !OPEN.contains(&d.code));
        let places: Vec<_> = found.iter().map(|d| (d.code, d.span)).collect();
        found.extend(more.filter(|d| !places.contains(&(d.code, d.span))));
    }
    diags.extend(found);
}

/// What planning finds wrong before anything is asked.
fn attempt(session: &Session, blueprint: &Blueprint, variables: BTreeMap<String, Value>) -> Diagnostics {
    let state = State::default();
    let interrupted = BTreeMap::new();
    let options = Options { refresh: false, ..Options::default() };
    // Whoever signs in later has these; who that is makes no difference here.
    let somebody = "00000000-0000-0000-0000-000000000000".to_owned();
    let identity = Identity { subscription: somebody.clone(), tenant: somebody.clone(), client: Some(somebody.clone()), object: Some(somebody) };
    let inputs = session.inputs(variables, true);
    let mut setup = Setup { blueprint, sources: &session.sources, files: &Disk, inputs, state: &state, interrupted: &interrupted, identity, options: &options };
    let mut found = Diagnostics::default();
    allocating::attempt(&mut setup, &Live::default(), &Run::default(), Some(&[]), &mut found);
    found
}

/// Findings that only say that a value is not known yet.
const OPEN: [&str; 3] = ["unknown-for-each", "unknown-count", "address-plan-unknown"];
