//! Arguments, one file per command, exit codes. The only room that prints.
//!
//! [`run`] parses, [`session`] holds what commands share (blueprint, variables, state, the way to Azure),
//! [`planning`] is the plan command's pipeline; every other file is one command.

mod allocating;
mod apply;
mod args;
mod backend;
mod confirm;
mod console;
mod disk;
mod fmt;
mod generate;
mod get;
mod git;
mod graph;
mod init;
mod install;
mod ip;
mod ip_model;
mod ip_prune;
mod ip_size;
pub mod live_network;
mod output;
mod outside;
mod plan;
mod planning;
mod session;
mod show;
mod sim;
mod stacks;
mod state;
mod test;
mod test_file;
mod test_module;
mod test_report;
mod test_run;
mod test_verdict;
mod typing;
mod ui;
mod validate;
mod version;
mod workspace;
pub mod world;

use clap::Parser;
use clap::error::ErrorKind;

pub use world::World;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    Ok,
    /// Errors; they have been printed.
    Failed,
    /// `-detailed-exitcode`: there is something to apply.
    Changes,
    /// `fmt`: a file is not of the language, or cannot be read.
    NotFormattable,
    /// `fmt -check`: something is not formatted.
    Unformatted,
    /// The arguments make no sense.
    Usage,
}

impl Exit {
    pub fn code(self) -> i32 {
        match self {
            Exit::Ok => 0,
            Exit::Failed | Exit::Usage => 1,
            Exit::Changes | Exit::NotFormattable => 2,
            Exit::Unformatted => 3,
        }
    }
}

/// Runs one command. `args` begins with the program's name.
pub fn run(args: impl IntoIterator<Item = String>, world: &World) -> Exit {
    let args = args::normalize(args);
    let cli = match args::Cli::try_parse_from(&args) {
        Ok(cli) => cli,
        Err(error) => {
            let text = error.render().to_string();
            return match error.kind() {
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
                    world.say(&text);
                    Exit::Ok
                }
                _ => {
                    world.complain(&text);
                    Exit::Usage
                }
            };
        }
    };
    let ui = ui::Ui::new(world, &cli, &args);
    if let Some(dir) = cli.chdir.as_ref().filter(|_| !disk::is_dir(&ui.dir)) {
        let detail = format!("The folder given with -chdir, {}, does not exist.", dir.display());
        return ui.fail_with(crate::base::Diagnostic::error("chdir", "Folder not found", detail));
    }
    match cli.command {
        args::Command::Init(command) => init::run(command, &ui),
        args::Command::Get(command) => get::run(command, &ui),
        args::Command::Fmt(command) => fmt::run(command, &ui),
        args::Command::Console(command) => console::run(command, &ui),
        args::Command::Workspace(command) => workspace::run(command, &ui),
        args::Command::Validate(command) => validate::run(command, &ui),
        args::Command::Plan(command) => plan::run(command, &ui),
        args::Command::Apply(command) => apply::run(command, &ui),
        args::Command::Destroy(command) => apply::destroy(command, &ui),
        args::Command::Show(command) => show::run(command, &ui),
        args::Command::Output(command) => output::run(command, &ui),
        args::Command::State(command) => state::run(command, &ui),
        args::Command::Graph(command) => graph::run(command, &ui),
        args::Command::Ip(command) => ip::run(command, &ui),
        args::Command::Sim(command) => sim::run(command, &ui),
        args::Command::ForceUnlock(command) => state::force_unlock(command, &ui),
        args::Command::Test(command) => test::run(command, &ui),
        args::Command::Version(command) => version::run(command, &ui),
    }
}

/// Runs a future to its end. With the simulator, time is virtual: waiting costs nothing, and durations are Azure's.
pub(crate) fn block_on<T>(virtual_time: bool, future: impl Future<Output = T>) -> Result<T, crate::base::Diagnostic> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(virtual_time).build();
    match runtime {
        Ok(runtime) => Ok(runtime.block_on(future)),
        Err(error) => Err(crate::base::Diagnostic::error("runtime", "Cannot start", format!("The asynchronous runtime could not be started: {error}."))),
    }
}
