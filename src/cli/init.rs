//! `ravelin init`.

use std::collections::BTreeMap;

use clap::{ArgAction, Args};

use super::{Exit, args::Place, disk, install, session::Session, ui::Ui};
use crate::{
    base::{Diagnostic, Diagnostics, Sources},
    lang::{Blueprint, Disk},
    plan::provider,
    schema::Major,
};

/// Check a folder and prepare it: module sources, providers, backend.
///
/// Providers are part of this program: nothing is downloaded for them, and a .terraform.lock.hcl is left as it is. Modules
/// are installed as `ravelin get` does.
#[derive(Args, Debug)]
pub struct Init {
    #[command(flatten)]
    pub place: Place,
    /// Fetch modules from repositories again.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_value = "false", default_missing_value = "true", require_equals = true, action = ArgAction::Set)]
    pub upgrade: bool,
    /// Look at the backend's settings; `-backend=false` leaves them alone.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_value = "true", default_missing_value = "true", require_equals = true, action = ArgAction::Set)]
    pub backend: bool,
    /// Install modules; `-get=false` does not.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_value = "true", default_missing_value = "true", require_equals = true, action = ArgAction::Set)]
    pub get: bool,
    /// Accepted for Terraform's sake; there is nothing to ask.
    #[arg(long, hide = true, num_args = 0..=1, default_missing_value = "true", require_equals = true)]
    pub input: Option<String>,
    #[arg(long, hide = true)]
    pub reconfigure: bool,
    #[arg(long, hide = true)]
    pub migrate_state: bool,
    #[arg(long, hide = true, num_args = 0..=1, default_missing_value = "true", require_equals = true)]
    pub lock: Option<String>,
    #[arg(long, hide = true)]
    pub lockfile: Option<String>,
}

pub fn run(args: Init, ui: &Ui) -> Exit {
    let mut session = Session::new(ui, &args.place);
    let mut diags = Diagnostics::default();
    if !session.has_folder(&Disk, &mut diags) {
        return ui.fail(&diags, &session.sources);
    }
    let calls = crate::lang::calls(&Disk, &session.dir, &mut Sources::default(), &mut Diagnostics::default());
    if args.get && !calls.is_empty() {
        ui.say("Initializing modules...\n");
    }
    if args.get {
        install::modules(&mut session, args.upgrade, &mut diags);
        if diags.has_errors() {
            return ui.fail(&diags, &session.sources);
        }
        // What was read for installing is read again, with what it told.
        diags = Diagnostics::default();
    }
    let Some(blueprint) = session.load(&Disk, &mut diags) else { return ui.fail(&diags, &session.sources) };
    let backend = args.backend.then(|| session.backend(Some(&blueprint), &mut diags));
    let major = provider::major(&blueprint, &mut diags);
    if diags.has_errors() {
        return ui.fail(&diags, &session.sources);
    }
    ui.say("Initializing provider plugins...\n");
    for (provider, constraints) in providers(&blueprint) {
        ui.say(&format!("- {}\n", told(&provider, &constraints, major)));
    }
    if let Some(backend) = backend {
        ui.say(&format!("State: {}\n", ui.local(&backend.path.display().to_string())));
    }
    if let Err(error) = disk::make_dir(&session.hidden("")) {
        let detail = format!("{} cannot be made: {error}.", session.hidden("").display());
        return ui.fail_with(Diagnostic::error("init", "Folder cannot be prepared", detail));
    }
    ui.diagnostics(&diags, &session.sources);
    ui.say(&format!("\n{}\n\nYou may now run `ravelin plan`.\n", ui.style.bold_green("Ravelin has been initialized.")));
    Exit::Ok
}

/// The providers that a blueprint uses or asks for, with what it asks of their versions.
fn providers(blueprint: &Blueprint) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut stack = vec![&*blueprint.root];
    while let Some(module) = stack.pop() {
        stack.extend(module.calls.values().map(|c| &*c.module));
        for (name, required) in &module.required_providers {
            let constraints = found.entry(provider::address(name, required.source.as_deref())).or_default();
            if let Some(version) = required.version.as_ref().filter(|v| !constraints.contains(v)) {
                constraints.push(version.clone());
            }
        }
        for resource in module.resources.values() {
            let implied = || resource.kind.split('_').next().unwrap_or("").to_owned();
            let name = resource.provider.as_ref().map_or_else(implied, |(n, _, _)| n.clone());
            let source = module.required_providers.get(&name).and_then(|r| r.source.as_deref());
            found.entry(provider::address(&name, source)).or_default();
        }
    }
    found
}

fn told(provider: &str, constraints: &[String], major: Major) -> String {
    let short = provider.strip_prefix("registry.terraform.io/").unwrap_or(provider);
    let asked = if constraints.is_empty() { String::new() } else { format!(" {:?}", constraints.join(", ")) };
    match (short, major) {
        ("hashicorp/azurerm", Major::V5) => format!("{short}{asked}: part of this program, with the attribute shapes of 5.x"),
        ("hashicorp/azurerm", Major::V4) => format!("{short}{asked}: part of this program, with the attribute shapes of 4.x"),
        _ if provider::PROVIDERS.contains(&provider) => format!("{short}{asked}: part of this program"),
        _ => format!("{short}{asked}: not available, and not used"),
    }
}
