//! `ravelin workspace`, and where workspaces are kept: as Terraform's local backend keeps them.

use std::path::{Path, PathBuf};

use clap::{ArgAction, Args, Subcommand};

use super::{Exit, args::Place, backend, block_on, disk, session::Session, ui::Ui, world::World};
use crate::{
    base::{Diagnostic, Diagnostics},
    state::{
        State,
        store::{Backend, LocalFile},
    },
};

/// The workspace that is always there.
pub const DEFAULT: &str = "default";

/// List, make, choose and delete workspaces: states of their own for one blueprint.
#[derive(Args, Debug)]
pub struct WorkspaceArgs {
    #[command(subcommand)]
    pub command: WorkspaceCommand,
}

#[derive(Subcommand, Debug)]
pub enum WorkspaceCommand {
    /// List the workspaces; the selected one has an asterisk.
    List {
        #[command(flatten)]
        folder: Folder,
    },
    /// Make a workspace and select it.
    New {
        /// Its name: characters that need no escape in a URL.
        name: String,
        #[command(flatten)]
        folder: Folder,
        /// Copy this state file into the new workspace.
        #[arg(long, value_name = "FILE")]
        state: Option<PathBuf>,
        #[command(flatten)]
        lock: Locking,
    },
    /// Select a workspace.
    Select {
        name: String,
        #[command(flatten)]
        folder: Folder,
        /// Make it when it is not there.
        #[arg(long, value_name = "BOOL", num_args = 0..=1, default_value = "false", default_missing_value = "true", require_equals = true, action = ArgAction::Set)]
        or_create: bool,
    },
    /// Print the name of the selected workspace.
    Show {
        #[command(flatten)]
        folder: Folder,
    },
    /// Delete a workspace with its state.
    Delete {
        name: String,
        #[command(flatten)]
        folder: Folder,
        /// Delete it even when its state still has resources, which nobody manages then.
        #[arg(long, value_name = "BOOL", num_args = 0..=1, default_value = "false", default_missing_value = "true", require_equals = true, action = ArgAction::Set)]
        force: bool,
        #[command(flatten)]
        lock: Locking,
    },
}

#[derive(Args, Debug)]
pub struct Folder {
    /// The blueprint's folder; the current folder without it.
    #[arg(value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub struct Locking {
    /// Accepted for Terraform's sake; a state that is made or deleted is not locked.
    #[arg(long, hide = true, num_args = 0..=1, default_missing_value = "true", require_equals = true)]
    pub lock: Option<String>,
    #[arg(long, hide = true)]
    pub lock_timeout: Option<String>,
}

/// Where the workspaces of a folder are.
#[derive(Debug)]
pub struct Workspaces {
    /// The file that names the selected workspace.
    selection: PathBuf,
    /// The folder with a folder for each workspace but the default one.
    states: PathBuf,
    /// `TF_WORKSPACE`, which goes before the selection.
    given: Option<String>,
}

impl Workspaces {
    pub fn of(world: &World, dir: &Path, workspace_dir: Option<&str>) -> Workspaces {
        Workspaces {
            selection: data_dir(world, dir).join("environment"),
            states: dir.join(workspace_dir.unwrap_or("terraform.tfstate.d")),
            given: world.var("TF_WORKSPACE"),
        }
    }

    /// The selected workspace. Errors: `TF_WORKSPACE` is no name for one.
    pub fn current(&self) -> Result<String, Diagnostic> {
        match &self.given {
            Some(name) if is_name(name) => Ok(name.clone()),
            Some(name) => Err(Diagnostic::error("workspace-name", "Invalid workspace name set using TF_WORKSPACE", name_rule(name))),
            None => {
                let selected = disk::read(&self.selection).unwrap_or_default();
                Ok(Some(selected.trim()).filter(|s| !s.is_empty()).unwrap_or(DEFAULT).to_owned())
            }
        }
    }

    /// All there are, the default one first.
    pub fn list(&self) -> Vec<String> {
        let folders = disk::entries(&self.states).unwrap_or_default().into_iter().filter(|p| disk::is_dir(p));
        let names = folders.filter_map(|p| p.file_name().map(|n| n.to_string_lossy().into_owned()));
        std::iter::once(DEFAULT.to_owned()).chain(names.filter(|n| n != DEFAULT)).collect()
    }

    fn folder(&self, name: &str) -> PathBuf {
        self.states.join(name)
    }

    /// The state file of a workspace other than the default one.
    pub fn state_file(&self, name: &str) -> PathBuf {
        self.folder(name).join("terraform.tfstate")
    }

    fn select(&self, name: &str) -> Result<(), Diagnostic> {
        let made = self.selection.parent().map_or(Ok(()), disk::make_dir);
        made.and_then(|()| disk::write(&self.selection, name)).map_err(|why| cannot("selected", name, &why))
    }
}

/// Terraform's folder for what it keeps between commands.
pub fn data_dir(world: &World, dir: &Path) -> PathBuf {
    dir.join(world.var("TF_DATA_DIR").unwrap_or_else(|| ".terraform".to_owned()))
}

/// Whether a name reads the same as a part of a URL's path.
fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.~$&+=:@".contains(c);
    !name.is_empty() && name != "." && name != ".." && name.chars().all(plain)
}

fn name_rule(name: &str) -> String {
    format!("The workspace name {name:?} is not allowed. The name must contain only URL safe characters, and no path separators.")
}

fn cannot(what: &str, name: &str, why: &std::io::Error) -> Diagnostic {
    Diagnostic::error("workspace", format!("Workspace cannot be {what}"), format!("The workspace {name:?} cannot be {what}: {why}."))
}

pub fn run(args: WorkspaceArgs, ui: &Ui) -> Exit {
    let folder = match &args.command {
        WorkspaceCommand::List { folder }
        | WorkspaceCommand::New { folder, .. }
        | WorkspaceCommand::Select { folder, .. }
        | WorkspaceCommand::Show { folder }
        | WorkspaceCommand::Delete { folder, .. } => folder,
    };
    let session = Session::new(ui, &Place { dir: folder.dir.clone(), sim: false, state: None });
    let mut diags = Diagnostics::default();
    // A blueprint with mistakes has workspaces all the same.
    let block = session.backend_blueprint().and_then(|b| b.root.backend.clone());
    let local = block.map(|b| backend::read(&b, &mut diags)).unwrap_or_default();
    if diags.has_errors() {
        return ui.fail(&diags, &session.sources);
    }
    let workspaces = Workspaces::of(ui.world, &session.dir, local.workspace_dir.as_deref());
    let done = match &args.command {
        WorkspaceCommand::List { .. } => list(&workspaces, ui),
        WorkspaceCommand::Show { .. } => workspaces.current().map(|name| ui.say(&format!("{name}\n"))),
        WorkspaceCommand::New { name, state, .. } => new(&workspaces, name, state.as_deref(), ui),
        WorkspaceCommand::Select { name, or_create, .. } => select(&workspaces, name, *or_create, ui),
        WorkspaceCommand::Delete { name, force, .. } => delete(&workspaces, &session.hidden("workspaces"), name, *force, ui),
    };
    match done {
        Ok(()) => Exit::Ok,
        Err(diagnostic) => ui.fail(&Diagnostics { items: vec![diagnostic] }, &session.sources),
    }
}

fn list(workspaces: &Workspaces, ui: &Ui) -> Result<(), Diagnostic> {
    let current = workspaces.current()?;
    for name in workspaces.list() {
        ui.say(&format!("{} {name}\n", if name == current { '*' } else { ' ' }));
    }
    ui.say("\n");
    if workspaces.given.is_some() {
        ui.say("\nThe active workspace is being overridden using the TF_WORKSPACE environment\nvariable.\n\n");
    }
    Ok(())
}

fn new(workspaces: &Workspaces, name: &str, state: Option<&Path>, ui: &Ui) -> Result<(), Diagnostic> {
    if !is_name(name) {
        return Err(Diagnostic::error("workspace-name", "Invalid workspace name", name_rule(name)));
    }
    if workspaces.given.as_deref().is_some_and(|given| given != name) {
        let detail = "The workspace is currently overridden using the TF_WORKSPACE environment variable. You cannot create a new workspace when using this \
                      setting.\n\nTo create a new workspace, either unset this environment variable or update it to match the workspace name you are trying \
                      to create, and then run this command again.";
        return Err(Diagnostic::error("workspace-overridden", "Workspace is overridden", detail));
    }
    if workspaces.list().iter().any(|w| w == name) {
        return Err(Diagnostic::error("workspace-exists", format!("Workspace {name:?} already exists"), ""));
    }
    make(workspaces, name, ui)?;
    let Some(path) = state else { return Ok(()) };
    let source = LocalFile::new(ui.dir.join(path));
    let copy = async {
        let state = source.read().await.map_err(|e| e.diagnostic())?;
        let missing = || Diagnostic::error("no-state", "No state to copy", format!("There is no state in {}.", path.display()));
        let state = state.ok_or_else(missing)?;
        LocalFile::new(workspaces.state_file(name)).write(&state).await.map_err(|e| e.diagnostic())
    };
    block_on(false, copy)?
}

/// Makes a workspace's folder, selects it, and says so.
fn make(workspaces: &Workspaces, name: &str, ui: &Ui) -> Result<(), Diagnostic> {
    disk::make_dir(&workspaces.folder(name)).map_err(|why| cannot("made", name, &why))?;
    workspaces.select(name)?;
    let head = ui.style.bold_green(&format!("Created and switched to workspace {name:?}!"));
    ui.say(&format!(
        "{head}\n\nYou're now on a new, empty workspace. Workspaces isolate their state,\nso if you run \"ravelin plan\" Ravelin will not see any existing \
         state\nfor this configuration.\n"
    ));
    Ok(())
}

fn select(workspaces: &Workspaces, name: &str, or_create: bool, ui: &Ui) -> Result<(), Diagnostic> {
    if workspaces.given.is_some() {
        let detail = "The selected workspace is currently overridden using the TF_WORKSPACE environment variable.\n\nTo select a new workspace, either update \
                      this environment variable or unset it and then run this command again.";
        return Err(Diagnostic::error("workspace-overridden", "Workspace is overridden", detail));
    }
    if !is_name(name) {
        return Err(Diagnostic::error("workspace-name", "Invalid workspace name", name_rule(name)));
    }
    if workspaces.current()? == name {
        return Ok(());
    }
    if workspaces.list().iter().any(|w| w == name) {
        workspaces.select(name)?;
        ui.say(&format!("{}\n", ui.style.bold_green(&format!("Switched to workspace {name:?}."))));
        return Ok(());
    }
    if or_create { make(workspaces, name, ui) } else { Err(no_such(name)) }
}

fn no_such(name: &str) -> Diagnostic {
    let detail = "You can create this workspace with the \"new\" subcommand or include the \"-or-create\" flag with the \"select\" subcommand.";
    Diagnostic::error("no-workspace", format!("Workspace {name:?} doesn't exist."), detail)
}

fn delete(workspaces: &Workspaces, journals: &Path, name: &str, force: bool, ui: &Ui) -> Result<(), Diagnostic> {
    if !is_name(name) {
        return Err(Diagnostic::error("workspace-name", "Invalid workspace name", name_rule(name)));
    }
    if !workspaces.list().iter().any(|w| w == name) {
        return Err(no_such(name));
    }
    if workspaces.current()? == name {
        let detail = "You cannot delete the currently active workspace. Please switch to another workspace and try again.";
        return Err(Diagnostic::error("workspace-active", format!("Workspace {name:?} is your active workspace."), detail));
    }
    if name == DEFAULT {
        return Err(Diagnostic::error("workspace-default", "The default workspace cannot be deleted", "Its state is the one of a folder without workspaces."));
    }
    let state = match block_on(false, LocalFile::new(workspaces.state_file(name)).read())? {
        Ok(state) => state.unwrap_or_default(),
        Err(_) if force => State::default(),
        Err(error) => return Err(error.diagnostic()),
    };
    let managed: Vec<String> = state.resources.keys().filter(|a| a.is_managed()).map(ToString::to_string).collect();
    if !managed.is_empty() && !force {
        return Err(not_empty(name, &managed));
    }
    let kept = [workspaces.folder(name), journals.join(name)];
    kept.iter().try_for_each(|folder| disk::remove_folder(folder)).map_err(|why| cannot("deleted", name, &why))?;
    ui.say(&format!("{}\n", ui.style.bold_green(&format!("Deleted workspace {name:?}!"))));
    if !managed.is_empty() {
        ui.say(&format!(
            "WARNING: {name:?} was non-empty.\nThe resources managed by the deleted workspace may still exist,\nbut are no longer manageable by Ravelin since \
             the state has\nbeen deleted.\n"
        ));
    }
    Ok(())
}

fn not_empty(name: &str, managed: &[String]) -> Diagnostic {
    let listed: String = managed.iter().map(|a| format!("\n  - {a}")).collect();
    let detail = format!(
        "Workspace {name:?} is currently tracking the following resource instances:{listed}\n\nDeleting this workspace would cause Ravelin to lose track of any \
         associated remote objects, which would then require you to delete them manually outside of Ravelin. You should destroy these objects with Ravelin \
         before deleting the workspace.\n\nIf you want to delete this workspace anyway, and have Ravelin forget about these managed objects, use the -force \
         option to disable this safety check."
    );
    Diagnostic::error("workspace-not-empty", "Workspace is not empty", detail)
}
