//! `ravelin show`.

use clap::Args;

use super::{Exit, args::Place, block_on, disk, session::Session, ui::Ui};
use crate::{
    base::{Diagnostic, Diagnostics},
    lang, network,
    plan::file::{self, Kept},
    render, schema,
};

/// Show the state, or a saved plan.
#[derive(Args, Debug)]
pub struct Show {
    #[command(flatten)]
    pub place: Place,
    /// As JSON, in Terraform's form.
    #[arg(long)]
    pub json: bool,
}

pub fn run(args: Show, ui: &Ui) -> Exit {
    let given = args.place.dir.as_ref().map(|d| ui.dir.join(d)).filter(|p| disk::is_file(p));
    match given {
        Some(path) => match disk::read(&path) {
            Ok(text) if file::is_plan(&text) => saved(&args, &path, &text, ui),
            Ok(text) if serde_json::from_str::<serde_json::Value>(&text).is_err() => ui.fail_with(
                Diagnostic::error("show-file", "File cannot be shown", format!("{} is neither a saved plan nor a state.", path.display()))
                    .hint("Give a file that `ravelin plan -out` wrote, a state file, or a folder."),
            ),
            Ok(_) => {
                let place = Place { dir: None, state: Some(path), ..args.place };
                state(&Show { place, json: args.json }, ui)
            }
            Err(error) => ui.fail_with(Diagnostic::error("show-file", "File cannot be read", format!("{} cannot be read: {error}.", path.display()))),
        },
        None => state(&args, ui),
    }
}

fn saved(args: &Show, path: &std::path::Path, text: &str, ui: &Ui) -> Exit {
    let saved = match file::read(text) {
        Ok(saved) => saved,
        Err(error) => return ui.fail_with(Diagnostic::error("plan-file", "Saved plan cannot be read", format!("{}: {error}.", path.display()))),
    };
    let mut session = Session::new(ui, &Place { dir: Some(saved.dir.clone()), sim: saved.simulated, state: None });
    let files = Kept::new(&saved);
    let mut diags = Diagnostics::default();
    let Some(blueprint) = lang::load(&files, &saved.dir, &mut session.sources, &mut diags) else { return ui.fail(&diags, &session.sources) };
    let report = network::check(&saved.network);
    if args.json {
        let with =
            render::Surroundings { shapes: &shapes, state: Some(&saved.plan.prior), blueprint: Some(&blueprint), sources: &session.sources, errored: false };
        let mut document = render::plan_json(&saved.plan, &with);
        if let Some(document) = document.as_object_mut() {
            document.insert("ravelin".to_owned(), render::ip_json::plan_part(&report, &session.sources));
        }
        ui.world.say(&format!("{document}\n"));
    } else {
        ui.say(&super::plan::text(ui, &session, &saved.plan, &report));
        ui.diagnostics(&Diagnostics { items: report.findings.iter().map(|f| f.diagnostic()).collect() }, &session.sources);
    }
    Exit::Ok
}

/// The shape of a type, of whichever major has it.
pub fn shapes(mode: crate::base::Mode, kind: &str) -> Option<&'static crate::base::Shape> {
    schema::find(mode, kind, schema::Major::V5).or_else(|| schema::find(mode, kind, schema::Major::V4)).map(|t| &t.shape)
}

fn state(args: &Show, ui: &Ui) -> Exit {
    let session = Session::new(ui, &args.place);
    let mut diags = Diagnostics::default();
    let state = match block_on(false, super::state::read(&session, &mut diags)) {
        Ok(Some(state)) => state,
        Ok(None) => return ui.fail(&diags, &session.sources),
        Err(diagnostic) => return ui.fail_with(diagnostic),
    };
    if args.json {
        ui.world.say(&format!("{}\n", render::state_json(&state, &shapes)));
    } else if state.is_empty() {
        ui.say("The state is empty. Nothing is managed here.\n");
    } else {
        ui.say(&render::state_text(&state, &shapes, &ui.style));
    }
    Exit::Ok
}
