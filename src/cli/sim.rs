//! `ravelin sim`: the embedded Azure simulator on its own.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand};

use super::{
    Exit,
    args::Place,
    block_on, disk,
    session::{Session, simulator_error},
    ui::Ui,
};
use crate::{
    base::{Address, Diagnostic, Diagnostics, ResourceId, diag::nearest},
    sim::{self, Simulator},
};

/// Serve, look into, disturb or reset the embedded Azure simulator.
#[derive(Args, Debug)]
pub struct SimArgs {
    #[command(subcommand)]
    pub command: SimCommand,
}

#[derive(Subcommand, Debug)]
pub enum SimCommand {
    /// Serve ARM, Entra tokens and cloud metadata over HTTPS, for az, the Azure SDKs and Terraform.
    Serve {
        /// Folder whose simulator is served; the current folder without it.
        dir: Option<PathBuf>,
        /// Where to listen.
        #[arg(long, default_value = "127.0.0.1:8443")]
        listen: SocketAddr,
        /// Keep nothing on disk but the certificates.
        #[arg(long)]
        volatile: bool,
        /// How many times faster than Azure operations run; 1 is Azure's own pace.
        #[arg(long, value_name = "TIMES", default_value_t = 1)]
        hurry: u32,
    },
    /// Forget everything that the simulator holds.
    Reset {
        /// Folder whose simulator is meant; the current folder without it.
        dir: Option<PathBuf>,
    },
    /// Change or delete something in the simulator behind the blueprint's back: the next plan shows it.
    Drift {
        /// An ARM id, or the address of a resource in the state.
        target: String,
        /// Members of the ARM body to set, as path=JSON: `properties.routes[0].properties.nextHopIpAddress="10.0.0.9"`, `tags.owner="me"`.
        changes: Vec<String>,
        /// Folder whose simulator and state are meant; the current folder without it.
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
        /// Delete the resource.
        #[arg(long, conflicts_with = "changes")]
        delete: bool,
    },
    /// Show a resource as the simulated ARM would answer it.
    Show {
        /// An ARM id, or the address of a resource in the state.
        target: String,
        /// Folder whose simulator and state are meant; the current folder without it.
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
    },
    /// List what the simulator holds.
    List {
        /// Folder whose simulator is meant; the current folder without it.
        dir: Option<PathBuf>,
    },
}

pub fn run(args: SimArgs, ui: &Ui) -> Exit {
    let dir = match &args.command {
        SimCommand::Serve { dir, .. } | SimCommand::Reset { dir } | SimCommand::Drift { dir, .. } | SimCommand::Show { dir, .. } | SimCommand::List { dir } => {
            dir.clone()
        }
    };
    let session = Session::new(ui, &Place { dir, sim: true, state: None });
    let result = match args.command {
        SimCommand::Serve { listen, volatile, hurry, .. } => serve(&session, listen, volatile, hurry),
        SimCommand::Reset { .. } => reset(&session),
        SimCommand::Drift { target, changes, delete, .. } => drift(&session, &target, &changes, delete),
        SimCommand::Show { target, .. } => show(&session, &target),
        SimCommand::List { .. } => list(&session),
    };
    match result {
        Ok(()) => Exit::Ok,
        Err(diagnostic) => ui.fail_with(diagnostic),
    }
}

fn open(session: &Session, volatile: bool) -> Result<Simulator, Diagnostic> {
    let path = session.hidden("sim.json");
    Simulator::open(if volatile { None } else { Some(&path) }, session.ui.world.started_ms).map_err(|e| simulator_error(&e))
}

fn serve(session: &Session, listen: SocketAddr, volatile: bool, hurry: u32) -> Result<(), Diagnostic> {
    let ui = session.ui;
    let ready = |address: SocketAddr, ca: &Path| {
        let (port, ca) = (address.port(), ca.display());
        ui.say(&format!(
            "The simulated Azure is served at https://localhost:{port}/

  subscription  {}
  tenant        {}
  certificate   {ca}
  any client id and secret will do

Point clients at it:
  ravelin, azurerm  ARM_METADATA_HOSTNAME=localhost:{port} SSL_CERT_FILE={ca}
  az                REQUESTS_CA_BUNDLE={ca} AZURE_CORE_INSTANCE_DISCOVERY=false
                    az cloud register -n Ravelin --endpoint-resource-manager https://localhost:{port}/

Ctrl-C ends it.
",
            sim::SUBSCRIPTION,
            sim::TENANT,
        ));
    };
    block_on(false, async {
        let (simulator, tls) = (open(session, volatile)?.hurried(hurry), session.hidden("tls"));
        tokio::select! {
            served = sim::serve(simulator, listen, &tls, ready) => served.map_err(|e| simulator_error(&e)),
            _ = tokio::signal::ctrl_c() => Ok(()),
        }
    })?
}

fn reset(session: &Session) -> Result<(), Diagnostic> {
    let path = session.hidden("sim.json");
    let was =
        disk::remove(&path).map_err(|e| Diagnostic::error("sim-store", "Simulator cannot be reset", format!("{} cannot be removed: {e}.", path.display())))?;
    session.ui.say(if was { "The simulator is empty now. A state that was made with it no longer holds.\n" } else { "The simulator was empty already.\n" });
    Ok(())
}

fn drift(session: &Session, target: &str, changes: &[String], delete: bool) -> Result<(), Diagnostic> {
    let simulator = open(session, false)?;
    let id = find(session, target)?;
    if !delete && changes.is_empty() {
        return Err(
            Diagnostic::error("drift-nothing", "Nothing to change", "The command says what to change, but not how.").hint("Give path=JSON, or -delete.")
        );
    }
    let edits: Vec<&str> = changes.iter().map(String::as_str).collect();
    if delete {
        simulator.vanish(id.as_str()).map_err(|e| simulator_error(&e))?;
        session.ui.say(&format!("Deleted {id} in the simulator.\n"));
    } else {
        simulator.drift(id.as_str(), &edits).map_err(|e| simulator_error(&e))?;
        session.ui.say(&format!("Changed {id} in the simulator: {}.\n", edits.join(", ")));
    }
    Ok(())
}

/// The id, as given or as the state has it under an address.
fn find(session: &Session, target: &str) -> Result<ResourceId, Diagnostic> {
    if let Some(id) = ResourceId::parse(target) {
        return Ok(id);
    }
    let address: Address = target
        .parse()
        .map_err(|_| Diagnostic::error("drift-target", "Nothing by that name", format!("{target:?} is neither an ARM id nor the address of a resource.")))?;
    let mut diags = Diagnostics::default();
    let state = block_on(false, super::state::read(session, &mut diags))?;
    if let Some(error) = diags.items.pop() {
        return Err(error);
    }
    let state = state.unwrap_or_default();
    state.resources.get(&address).and_then(|i| i.id()).ok_or_else(|| {
        let all: Vec<String> = state.resources.keys().map(ToString::to_string).collect();
        let hint = match nearest(target, all.iter().map(String::as_str)) {
            Some(near) => format!("Did you mean {near}?"),
            None => "`ravelin sim list` shows what the simulator holds.".to_owned(),
        };
        Diagnostic::error("drift-target", "Nothing by that name", format!("The state has no ARM id for {address}.")).hint(hint)
    })
}

fn show(session: &Session, target: &str) -> Result<(), Diagnostic> {
    let id = find(session, target)?;
    let body = open(session, false)?.show(id.as_str());
    let body = body.ok_or_else(|| {
        Diagnostic::error("sim-absent", "Nothing there", format!("The simulator holds nothing at {id}.")).hint("`ravelin sim list` shows what it holds.")
    })?;
    session.ui.say(&format!("{body:#}\n"));
    Ok(())
}

fn list(session: &Session) -> Result<(), Diagnostic> {
    for (id, _) in open(session, false)?.list() {
        session.ui.say(&format!("{id}\n"));
    }
    Ok(())
}
