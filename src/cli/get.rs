//! `ravelin get`.

use clap::{ArgAction, Args};

use super::{Exit, args::Place, install, session::Session, ui::Ui};
use crate::{base::Diagnostics, lang::Disk};

/// Install the modules that the blueprint calls, and those that they call.
///
/// Folders are used where they are; git repositories are fetched into .terraform/modules with the git on the PATH; modules of
/// registries are taken from vendor/modules/NAMESPACE/NAME/PROVIDER.
#[derive(Args, Debug)]
pub struct Get {
    #[command(flatten)]
    pub place: Place,
    /// Fetch repositories again that were fetched before.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_value = "false", default_missing_value = "true", require_equals = true, action = ArgAction::Set)]
    pub update: bool,
    /// Accepted for Terraform's sake.
    #[arg(long, hide = true)]
    pub test_directory: Option<String>,
}

pub fn run(args: Get, ui: &Ui) -> Exit {
    let mut session = Session::new(ui, &args.place);
    let mut diags = Diagnostics::default();
    if session.has_folder(&Disk, &mut diags) {
        install::modules(&mut session, args.update, &mut diags);
    }
    ui.diagnostics(&diags, &session.sources);
    if diags.has_errors() { Exit::Failed } else { Exit::Ok }
}
