//! Arguments as Terraform takes them: single or double dashes, and `-var` and `-var-file` in the order they were given.

use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand};

/// Plans, proves and applies Azure landing zones that run AKS behind Fortinet.
///
/// Blueprints are Terraform's language and azurerm's resource types; states and plans are Terraform's formats.
/// Options may be written with one dash or two.
#[derive(Parser, Debug)]
#[command(name = "ravelin", version, disable_version_flag = true, max_term_width = 100, infer_subcommands = false)]
pub struct Cli {
    /// Switch to this folder first.
    #[arg(long, global = true, value_name = "DIR")]
    pub chdir: Option<PathBuf>,
    /// Print without colours (also: the environment variable NO_COLOR).
    #[arg(long, global = true)]
    pub no_color: bool,
    /// Let data sources of the type external run programs (also: RAVELIN_ALLOW_EXTERNAL=1).
    #[arg(long, global = true)]
    pub allow_external: bool,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand, Debug)]
pub enum Command {
    /// Check a folder and prepare it: module sources, provider versions, backend.
    Init(super::init::Init),
    /// Install the modules that the blueprint calls.
    Get(super::get::Get),
    /// Rewrite files in the canonical style.
    Fmt(super::fmt::Fmt),
    /// Try expressions against the blueprint and its state.
    Console(super::console::ConsoleArgs),
    /// List, make, choose and delete workspaces.
    Workspace(super::workspace::WorkspaceArgs),
    /// Check the blueprint without asking Azure.
    Validate(super::validate::Validate),
    /// Show what would be changed, with the address check.
    Plan(super::plan::PlanArgs),
    /// Make a plan (or take a saved one) and carry it out.
    Apply(super::apply::ApplyArgs),
    /// Delete everything that the state knows.
    Destroy(super::apply::DestroyArgs),
    /// Show the state, or a saved plan.
    Show(super::show::Show),
    /// Show output values of the state.
    Output(super::output::OutputArgs),
    /// Look into the state.
    State(super::state::StateArgs),
    /// Draw the dependencies of the plan.
    Graph(super::graph::GraphArgs),
    /// Look at the address plan: what is used, free, too small, overlapping; as text, JSON, SARIF or a map.
    ///
    /// Without -live nothing is asked of Azure and no account is needed: the folder's blueprint is evaluated, recorded state
    /// is taken as it is, and what only Azure knows is listed as unknown. With -live and a folder, the blueprint is planned
    /// and everything else in the subscription is laid beside it. Several folders are checked as one network.
    Ip(super::ip::IpArgs),
    /// Serve, look into, disturb or reset the embedded Azure simulator.
    Sim(super::sim::SimArgs),
    /// Remove a lock on the state; one that a dead run of Ravelin left is taken over without.
    ForceUnlock(super::state::ForceUnlock),
    /// Run the tests of a module (*.tftest.hcl) against the simulator.
    Test(super::test::TestArgs),
    /// Print the version.
    Version(super::version::Version),
}

/// Which blueprint, and where Azure is.
#[derive(Args, Debug, Default, Clone)]
pub struct Place {
    /// The blueprint's folder; the current folder without it. apply and show also take a saved plan.
    #[arg(value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// Run against the embedded Azure simulator; no account is needed (also: RAVELIN_SIM=1).
    #[arg(long)]
    pub sim: bool,
    /// State file instead of terraform.tfstate in the blueprint's folder.
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
}

/// Values for input variables.
#[derive(Args, Debug, Default, Clone)]
pub struct Vars {
    /// Set an input variable; may be repeated.
    #[arg(long, value_name = "NAME=VALUE", action = ArgAction::Append)]
    pub var: Vec<String>,
    /// Read input variables from a file; may be repeated.
    #[arg(long, value_name = "FILE", action = ArgAction::Append)]
    pub var_file: Vec<PathBuf>,
    /// Both of the above in the order they were given; filled in by [`parse`].
    #[arg(skip)]
    pub ordered: Vec<GivenVar>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum GivenVar {
    Value(String),
    File(PathBuf),
}

/// How the plan is made.
#[derive(Args, Debug, Default, Clone)]
pub struct Planning {
    /// Narrow the plan to this resource or module and what it needs; may be repeated.
    #[arg(long, value_name = "ADDRESS", action = ArgAction::Append)]
    pub target: Vec<String>,
    /// Replace this resource even if nothing asks for it; may be repeated.
    #[arg(long, value_name = "ADDRESS", action = ArgAction::Append)]
    pub replace: Vec<String>,
    /// Plan the deletion of everything.
    #[arg(long)]
    pub destroy: bool,
    /// Only bring the state up to date with Azure.
    #[arg(long, conflicts_with = "destroy")]
    pub refresh_only: bool,
    /// Ask Azure what there is; `-refresh=false` trusts the state.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_value = "true", default_missing_value = "true", require_equals = true, action = ArgAction::Set)]
    pub refresh: bool,
    /// How many steps run at once.
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub parallelism: usize,
    /// Ask before applying; `-input=false` never asks, and then needs -auto-approve.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_value = "true", default_missing_value = "true", require_equals = true, action = ArgAction::Set)]
    pub input: bool,
    /// Lock the state while applying; `-lock=false` does not.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_value = "true", default_missing_value = "true", require_equals = true, action = ArgAction::Set)]
    pub lock: bool,
    /// Refuse to give out new address ranges: the lock file has to hold all that cidr::allocate asks for.
    #[arg(long, value_name = "readonly", value_parser = ["readonly"])]
    pub lockfile: Option<String>,
    /// One JSON object per line instead of text.
    #[arg(long)]
    pub json: bool,
    /// Accepted for Terraform's sake; warnings are told in full.
    #[arg(long, hide = true)]
    pub compact_warnings: bool,
}

/// Turns Terraform's single-dash options into double-dash ones. Values are left alone.
pub fn normalize(args: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut literal = false;
    args.into_iter()
        .map(|arg| {
            literal |= arg == "--";
            let mut chars = arg.chars();
            let single = chars.next() == Some('-') && chars.next().is_some_and(char::is_alphabetic) && arg.len() > 2;
            if single && !literal { format!("-{arg}") } else { arg }
        })
        .collect()
}

/// `-var` and `-var-file` in the order they stand on the command line.
pub fn ordered_vars(args: &[String]) -> Vec<GivenVar> {
    let mut out = Vec::new();
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        let mut take = |name: &str| -> Option<String> {
            let tail = arg.strip_prefix(name)?;
            if tail.is_empty() { rest.next().cloned() } else { tail.strip_prefix('=').map(str::to_owned) }
        };
        if let Some(file) = take("--var-file") {
            out.push(GivenVar::File(PathBuf::from(file)));
        } else if let Some(value) = take("--var") {
            out.push(GivenVar::Value(value));
        }
    }
    out
}
