//! `ravelin init`.

use clap::Args;

use super::{Exit, args::Place, disk, session::Session, ui::Ui};
use crate::{base::Diagnostics, lang::Disk, plan::provider, schema::Major};

/// Check a folder and prepare it: module sources, provider versions, backend.
///
/// Nothing is downloaded: resource types are part of this program, and modules are folders.
#[derive(Args, Debug)]
pub struct Init {
    #[command(flatten)]
    pub place: Place,
    /// Accepted for Terraform's sake; there is nothing to ask.
    #[arg(long, hide = true, num_args = 0..=1, default_missing_value = "true", require_equals = true)]
    pub input: Option<String>,
    #[arg(long, hide = true, num_args = 0..=1, default_missing_value = "true", require_equals = true)]
    pub backend: Option<String>,
    #[arg(long, hide = true)]
    pub upgrade: bool,
    #[arg(long, hide = true)]
    pub reconfigure: bool,
}

pub fn run(args: Init, ui: &Ui) -> Exit {
    let mut session = Session::new(ui, &args.place);
    let mut diags = Diagnostics::default();
    let Some(blueprint) = session.load(&Disk, &mut diags) else { return ui.fail(&diags, &session.sources) };
    let backend = session.backend(Some(&blueprint), &mut diags);
    let major = provider::major(&blueprint, &mut diags);
    if diags.has_errors() {
        return ui.fail(&diags, &session.sources);
    }
    ui.say("Modules:\n");
    let mut stack: Vec<_> = blueprint.root.calls.values().rev().map(|c| (c, 1)).collect();
    if stack.is_empty() {
        ui.say("- none\n");
    }
    while let Some((call, depth)) = stack.pop() {
        ui.say(&format!("{}- {} in {}\n", "  ".repeat(depth - 1), call.name, call.source));
        stack.extend(call.module.calls.values().rev().map(|c| (c, depth + 1)));
    }
    let shape = match major {
        Major::V5 => "5.x",
        Major::V4 => "4.x",
    };
    ui.say(&format!("\nProvider: hashicorp/azurerm, with the attribute shapes of {shape} (part of this program)\n"));
    ui.say(&format!("State: {}\n", ui.local(&backend.path.display().to_string())));
    if let Err(error) = disk::make_dir(&session.hidden("")) {
        return ui.fail_with(crate::base::Diagnostic::error(
            "init",
            "Folder cannot be prepared",
            format!("{} cannot be made: {error}.", session.hidden("").display()),
        ));
    }
    ui.diagnostics(&diags, &session.sources);
    ui.say(&format!("\n{}\n\nYou may now run `ravelin plan`.\n", ui.style.bold_green("Ravelin has been initialized.")));
    Exit::Ok
}
