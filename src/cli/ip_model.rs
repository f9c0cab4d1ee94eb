//! The networks that `ravelin ip` looks at: from blueprint folders, from saved plans, from live Azure, side by side.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use clap::Args;

use super::{
    args::{Place, Planning, Vars},
    block_on, disk,
    ip::ForecastArgs,
    planning,
    session::Session,
    ui::Ui,
};
use crate::{
    base::{Diagnostic, Diagnostics, Sources},
    guard,
    lang::Disk,
    network::{
        self, Day, Model, Origin, Report,
        settings::{Growth, Rate},
    },
    plan::{Action, Plan, file},
    render::View,
};

/// What to look at.
#[derive(Args, Debug, Default, Clone)]
pub struct Where {
    /// Blueprint folders, or saved plans; the current folder without any. Several are checked as one network.
    #[arg(value_name = "DIR")]
    pub dirs: Vec<PathBuf>,
    /// Ask Azure: alone for everything that lives in the subscription, with folders for both beside each other.
    #[arg(long)]
    pub live: bool,
    /// Ask the embedded Azure simulator instead (also: RAVELIN_SIM=1).
    #[arg(long)]
    pub sim: bool,
    /// State file instead of terraform.tfstate in the blueprint's folder.
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
    #[command(flatten)]
    pub vars: Vars,
}

/// What was found, and what the check says of it.
pub struct Gathered {
    pub model: Model,
    pub report: Report,
    /// Addresses of what does not exist yet.
    pub planned: BTreeSet<String>,
    pub sources: Sources,
    /// What a map of it is called.
    pub title: String,
}

impl Gathered {
    pub fn view(&self) -> View<'_> {
        View::of(&self.model, &self.report, &self.planned)
    }

    /// Warnings of blueprints; they do not belong into a JSON document.
    pub fn tell(&self, ui: &Ui, diags: &Diagnostics) {
        if !ui.is_json() {
            ui.diagnostics(diags, &self.sources);
        }
    }

    /// Takes one growth for all in place of what is declared, and checks again.
    pub fn grow(&mut self, rate: Rate) {
        let origin = Origin::new("the command line", None);
        self.model.settings.growth = vec![Growth { origin, of: None, rate, horizon: None }];
        self.report = network::check(&self.model);
    }
}

/// The growth that options give.
pub fn rate(args: &ForecastArgs) -> Option<Rate> {
    let nodes = args.nodes_per_month.map(Rate::Nodes);
    nodes.or(args.percent_per_month.map(Rate::Percent)).or(args.addresses_per_month.map(Rate::Addresses))
}

/// One folder's or saved plan's part.
struct Found {
    model: Model,
    planned: BTreeSet<String>,
}

/// Reads everything that was named. When something is wrong, the diagnostics say what, in terms of the sources given back.
pub fn gather(place: &Where, ui: &Ui, diags: &mut Diagnostics) -> Result<Gathered, Sources> {
    let dirs = match (place.dirs.as_slice(), place.live) {
        ([], true) => Vec::new(),
        ([], false) => vec![PathBuf::from(".")],
        (dirs, _) => dirs.to_vec(),
    };
    let mut sources = Sources::seen_from(&ui.dir);
    let mut found = Vec::new();
    for dir in &dirs {
        let path = ui.dir.join(dir);
        let part = if disk::is_file(&path) { saved(&path, ui, &mut sources, diags) } else { folder(dir, place, ui, &mut sources, diags) };
        found.extend(part);
    }
    if place.live && !diags.has_errors() {
        found.extend(live(place, ui, diags));
    }
    if diags.has_errors() {
        return Err(sources);
    }
    let (models, planned): (Vec<Model>, Vec<BTreeSet<String>>) = found.into_iter().map(|f| (f.model, f.planned)).unzip();
    let mut model = Model::merge(models);
    model.settings.today = model.settings.today.or_else(|| Day::parse(&ui.world.timestamp()));
    let report = network::check(&model);
    Ok(Gathered { report, model, planned: planned.into_iter().flatten().collect(), sources, title: title(&dirs, ui) })
}

/// The address plan of what: the folders' names, or the subscription.
fn title(dirs: &[PathBuf], ui: &Ui) -> String {
    let names: Vec<String> = dirs.iter().filter_map(|d| disk::real_name(&ui.dir.join(d))).collect();
    if names.is_empty() { "Address plan".to_owned() } else { format!("Address plan: {}", names.join(", ")) }
}

fn folder(dir: &Path, place: &Where, ui: &Ui, sources: &mut Sources, diags: &mut Diagnostics) -> Option<Found> {
    let at = Place { dir: Some(dir.to_owned()), sim: place.sim, state: place.state.clone() };
    let mut session = Session::new(ui, &at);
    session.sources = std::mem::take(sources);
    let plan = if place.live {
        let planning = Planning { refresh: true, parallelism: 10, ..Planning::default() };
        match block_on(session.sim, planning::make(&mut session, &Disk, &place.vars, &planning, diags)) {
            // The findings of this folder alone are not asked for: all folders are checked together.
            Ok(planned) => planned.map(|p| p.plan),
            Err(diagnostic) => {
                diags.push(diagnostic);
                None
            }
        }
    } else {
        match block_on(session.sim, planning::unasked(&mut session, &Disk, &place.vars, diags)) {
            Ok(plan) => plan,
            Err(diagnostic) => {
                diags.push(diagnostic);
                None
            }
        }
    };
    *sources = std::mem::take(&mut session.sources);
    plan.map(|plan| of_plan(&plan))
}

/// A saved plan holds all that its check needs.
fn saved(path: &Path, ui: &Ui, sources: &mut Sources, diags: &mut Diagnostics) -> Option<Found> {
    let wrong = |detail: String| {
        Diagnostic::error("plan-file", "Saved plan cannot be read", detail).hint("Give a blueprint's folder, or a file that `ravelin plan -out` wrote.")
    };
    let text = disk::read(path).map_err(|e| wrong(format!("{} cannot be read: {e}.", path.display())));
    let saved = text.and_then(|text| file::read(&text).map_err(|e| wrong(format!("{}: {e}.", path.display()))));
    match saved {
        Ok(saved) => {
            // Spans of the plan point into the sources that it holds, in order: they come first.
            if sources.files().next().is_some() {
                diags.push(wrong(format!("{} has to be the first of several, for it brings its own sources.", path.display())));
                return None;
            }
            *sources = Sources::seen_from(&ui.dir);
            saved.sources.iter().for_each(|(path, text)| {
                sources.add(path, text);
            });
            Some(of_plan(&saved.plan))
        }
        Err(diagnostic) => {
            diags.push(diagnostic);
            None
        }
    }
}

fn of_plan(plan: &Plan) -> Found {
    let planned = plan.changes.iter().filter(|c| c.action == Action::Create).map(|c| c.address.to_string()).collect();
    Found { model: guard::model(plan), planned }
}
