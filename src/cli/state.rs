//! `ravelin state` and `ravelin force-unlock`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Exit, args::Place, block_on, session::Session, show::shapes, ui::Ui};
use crate::{
    base::{Address, Diagnostic, Diagnostics, address::Target, diag::nearest},
    render,
    state::{State, store::Backend},
};

/// Look into the state.
#[derive(Args, Debug)]
pub struct StateArgs {
    #[command(subcommand)]
    pub command: StateCommand,
}

#[derive(Subcommand, Debug)]
pub enum StateCommand {
    /// List what the state knows.
    List {
        /// Only these resources or modules.
        addresses: Vec<String>,
        #[command(flatten)]
        file: StateFile,
        /// Only the one with this id.
        #[arg(long)]
        id: Option<String>,
    },
    /// Show one resource's recorded attributes.
    Show {
        /// The resource's address, as state list prints it.
        address: String,
        #[command(flatten)]
        file: StateFile,
    },
}

#[derive(Args, Debug)]
pub struct StateFile {
    /// The blueprint's folder; the current folder without it.
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// State file instead of terraform.tfstate in the folder.
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
}

/// Remove a lock on the state; one that a dead run of Ravelin left is taken over without.
#[derive(Args, Debug)]
pub struct ForceUnlock {
    /// The lock's ID, as the message about the lock shows it.
    pub id: String,
    #[command(flatten)]
    pub file: StateFile,
}

impl StateFile {
    fn place(&self) -> Place {
        Place { dir: self.dir.clone(), sim: false, state: self.state.clone() }
    }
}

/// The state for looking at: whoever made it, and whatever an interrupted run left in the journal.
pub async fn read(session: &Session<'_, '_>, diags: &mut Diagnostics) -> Option<State> {
    let backend = session.backend(session.backend_blueprint().as_ref(), diags);
    let state = match backend.read().await {
        Ok(state) => state.unwrap_or_default(),
        Err(error) => {
            diags.push(error.diagnostic());
            return None;
        }
    };
    match crate::state::store::recover(&session.journal(), state) {
        Ok(recovered) => Some(recovered.state),
        Err(error) => {
            diags.push(error.diagnostic());
            None
        }
    }
}

pub fn run(args: StateArgs, ui: &Ui) -> Exit {
    let place = match &args.command {
        StateCommand::List { file, .. } | StateCommand::Show { file, .. } => file.place(),
    };
    let session = Session::new(ui, &place);
    let mut diags = Diagnostics::default();
    let state = match block_on(false, read(&session, &mut diags)) {
        Ok(Some(state)) => state,
        Ok(None) => return ui.fail(&diags, &session.sources),
        Err(diagnostic) => return ui.fail_with(diagnostic),
    };
    match args.command {
        StateCommand::List { addresses, id, .. } => list(&state, &addresses, id.as_deref(), ui),
        StateCommand::Show { address, .. } => show(&state, &address, ui),
    }
}

fn list(state: &State, addresses: &[String], id: Option<&str>, ui: &Ui) -> Exit {
    let mut targets = Vec::new();
    for text in addresses {
        match text.parse::<Target>() {
            Ok(target) => targets.push(target),
            Err(error) => return ui.fail_with(Diagnostic::error("address", "Invalid address", error.to_string())),
        }
    }
    let found = state.resources.iter().filter(|(a, _)| targets.is_empty() || targets.iter().any(|t| t.covers(a)));
    for (address, instance) in found {
        if id.is_none_or(|id| instance.text("id").is_some_and(|t| t.eq_ignore_ascii_case(id))) {
            ui.world.say(&format!("{address}\n"));
        }
    }
    Exit::Ok
}

fn show(state: &State, text: &str, ui: &Ui) -> Exit {
    let address: Address = match text.parse() {
        Ok(address) => address,
        Err(error) => return ui.fail_with(Diagnostic::error("address", "Invalid address", format!("{error}"))),
    };
    match state.resources.get(&address) {
        Some(instance) => {
            ui.world.say(&render::instance_text(&address, None, instance, &shapes, &ui.style));
            Exit::Ok
        }
        None => {
            let all: Vec<String> = state.resources.keys().map(ToString::to_string).collect();
            let mut diagnostic = Diagnostic::error("no-instance", "No instance found for the given address", format!("The state has nothing at {address}."));
            if let Some(near) = nearest(text, all.iter().map(String::as_str)) {
                diagnostic = diagnostic.hint(format!("Did you mean {near}?"));
            }
            ui.fail_with(diagnostic)
        }
    }
}

pub fn force_unlock(args: ForceUnlock, ui: &Ui) -> Exit {
    let session = Session::new(ui, &args.file.place());
    let mut diags = Diagnostics::default();
    let backend = session.backend(session.backend_blueprint().as_ref(), &mut diags);
    match block_on(false, backend.force_unlock(&args.id)) {
        Ok(Ok(info)) => {
            ui.say(&format!("The lock {} of {} has been removed.\n", info.id, info.who));
            Exit::Ok
        }
        Ok(Err(error)) => ui.fail_with(error.diagnostic()),
        Err(diagnostic) => ui.fail_with(diagnostic),
    }
}
