//! The networks of other stacks: blueprint folders that an address plan names, each evaluated with its recorded state and its
//! own lock file of addresses, without asking Azure.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use super::{args::Place, session::Session, ui::Ui};
use crate::{
    base::{Diagnostic, Diagnostics, Sources},
    guard::{self, Around},
    lang::{Disk, vars},
    network::{Model, settings::Stack},
    plan::{self, Attempt, Identity, Live, Options, Plan, Run, Setup},
    state::State,
};

/// Where stacks are looked for, and as whom.
pub struct Home<'a, 'w> {
    pub ui: &'a Ui<'w>,
    /// The folder whose address plan names them.
    pub dir: &'a Path,
    pub sim: bool,
    /// Who plans; a stack whose provider names another subscription is seen there.
    pub identity: Identity,
}

/// Reads the stacks that an address plan names. One that cannot be read is an error, for its networks would be missed.
pub async fn read(home: &Home<'_, '_>, stacks: &[Stack], sources: &mut Sources, diags: &mut Diagnostics) -> Vec<Model> {
    let mut out = Vec::new();
    for stack in stacks {
        let dir = home.dir.join(&stack.path);
        let mut found = Diagnostics::default();
        let plan = match same_folder(home.dir, &dir) {
            true => {
                found.push(Diagnostic::error("stack", "", "It is the folder of this address plan itself."));
                None
            }
            false => evaluate(home, dir, sources, &mut found).await,
        };
        match plan {
            Some(plan) => out.push(guard::model(&plan, &Around::default()).of_stack(&stack.name)),
            None => diags.push(unreadable(home, stack, &found)),
        }
    }
    out
}

/// Whether two paths lead to one folder, as far as they are written.
pub fn same_folder(a: &Path, b: &Path) -> bool {
    let plain = |p: &Path| {
        p.components().fold(PathBuf::new(), |mut out, part| {
            match part {
                std::path::Component::ParentDir => drop(out.pop()),
                std::path::Component::CurDir => {}
                other => out.push(other),
            }
            out
        })
    };
    plain(a) == plain(b)
}

fn unreadable(home: &Home, stack: &Stack, found: &Diagnostics) -> Diagnostic {
    let why = found.items.iter().find(|d| d.is_error());
    let why = why
        .map_or_else(|| "it cannot be evaluated.".to_owned(), |d| if d.summary.is_empty() { d.detail.clone() } else { format!("{}: {}", d.summary, d.detail) });
    let detail = format!("The networks of the stack {:?} in {} are not known. {}", stack.name, stack.path, home.ui.local(&why));
    Diagnostic::error("stack", "Stack cannot be read", detail)
        .at(stack.path_span)
        .hint("The path leads from this folder to another blueprint's; `ravelin validate` there tells more.")
}

/// The stack's plan as far as it is known offline: what its state does not know stays unknown.
async fn evaluate(home: &Home<'_, '_>, dir: PathBuf, sources: &mut Sources, diags: &mut Diagnostics) -> Option<Plan> {
    let mut session = Session::new(home.ui, &Place { dir: Some(dir), sim: home.sim, state: None });
    session.sources = std::mem::take(sources);
    let plan = within(home, &mut session, diags).await;
    *sources = std::mem::take(&mut session.sources);
    plan
}

async fn within(home: &Home<'_, '_>, session: &mut Session<'_, '_>, diags: &mut Diagnostics) -> Option<Plan> {
    let blueprint = session.load(&Disk, diags)?;
    // Options on the command line are for the folder that is planned. A value that is missing leaves unknown what depends on it.
    let environment: Vec<(String, String)> = home.ui.world.env.iter().map(|(k, v)| (k.clone(), v.clone())).collect();
    let mut quiet = Diagnostics::default();
    let given = vars::gather(&Disk, &session.dir, &environment, &[], &mut session.sources, &mut quiet);
    let variables = vars::assign(&blueprint.root, given, &mut quiet);
    diags.extend(quiet.into_iter().filter(|d| d.code != "missing-variable"));
    let inputs = session.inputs(variables, true);
    let believed = session.believed(Some(&blueprint), &mut Diagnostics::default()).await;
    let state = believed.map_or_else(State::default, |b| b.state);
    let settings = session.provider_settings(&blueprint, &inputs, &Disk, &mut Diagnostics::default());
    let subscription = session.expected_subscription(&settings).unwrap_or_else(|| home.identity.subscription.clone());
    let identity = Identity { subscription, ..home.identity.clone() };
    let options = Options { refresh: false, offline: true, ..Options::default() };
    let interrupted = BTreeMap::new();
    let setup =
        Setup { blueprint: &blueprint, sources: &session.sources, files: &Disk, inputs, state: &state, interrupted: &interrupted, identity, options: &options };
    let run = Run { timestamp: home.ui.world.timestamp(), requests: 0 };
    match plan::attempt(&setup, &Live::default(), &run, diags) {
        Attempt::Plan(plan) => Some(*plan),
        // Ranges that it will ask for are not given yet, and not to be given here.
        Attempt::Allocate { so_far, .. } => Some(*so_far),
        Attempt::Wants(_) | Attempt::Failed => None,
    }
}
