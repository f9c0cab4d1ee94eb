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
    live_network, planning,
    session::Session,
    stacks,
    ui::Ui,
};
use crate::{
    base::{Address, Diagnostic, Diagnostics, PathStep, ResourceId, Sources, Type, Value},
    guard,
    lang::{Disk, blueprint::Blueprint},
    network::{
        self, Day, Limits, Model, Origin, Report,
        settings::{Growth, Rate, Stack},
    },
    plan::{self, Action, Plan, file},
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
        self.report = network::check(&self.model).without_stacks();
    }
}

/// The growth that options give.
pub fn rate(args: &ForecastArgs) -> Option<Rate> {
    let nodes = args.nodes_per_month.map(Rate::Nodes);
    nodes.or(args.percent_per_month.map(Rate::Percent)).or(args.addresses_per_month.map(Rate::Addresses))
}

/// One folder's or saved plan's part.
struct Part {
    plan: Plan,
    /// Nothing for a saved plan, which holds its network.
    blueprint: Option<Blueprint>,
    network: Model,
    /// The other stacks that its address plan names.
    stacks: Vec<Model>,
}

/// Reads everything that was named. When something is wrong, the diagnostics say what, in terms of the sources given back.
pub fn gather(place: &Where, ui: &Ui, diags: &mut Diagnostics) -> Result<Gathered, Sources> {
    let dirs = match (place.dirs.as_slice(), place.live) {
        ([], true) => Vec::new(),
        ([], false) => vec![PathBuf::from(".")],
        (dirs, _) => dirs.to_vec(),
    };
    let mut sources = Sources::seen_from(&ui.dir);
    let mut parts = Vec::new();
    for dir in &dirs {
        let path = ui.dir.join(dir);
        let part = if disk::is_file(&path) { saved(&path, ui, &mut sources, diags) } else { folder(dir, place, ui, &mut sources, diags) };
        parts.extend(part);
    }
    let lives = if place.live && !diags.has_errors() { live(place, parts.first().and_then(|p| p.blueprint.as_ref()), ui, diags) } else { None };
    if diags.has_errors() {
        return Err(sources);
    }
    let mut model = network_of(&parts, lives);
    model.settings.today = model.settings.today.or_else(|| Day::parse(&ui.world.timestamp()));
    let planned = parts.iter().flat_map(|p| &p.plan.changes).filter(|c| c.action == Action::Create).map(|c| c.address.to_string()).collect();
    Ok(Gathered { report: network::check(&model).without_stacks(), model, planned, sources, title: title(&dirs, ui) })
}

/// Each part with what lives around it, put together. What one part manages is not taken from Azure for another.
fn network_of(parts: &[Part], lives: Option<Model>) -> Model {
    let managed: Vec<BTreeSet<ResourceId>> = parts.iter().map(|p| guard::managed(&p.plan)).collect();
    let others_manage = |i: usize, id: &ResourceId| managed.iter().enumerate().any(|(j, ids)| j != i && ids.contains(id));
    let mut models: Vec<Model> = parts
        .iter()
        .enumerate()
        .map(|(i, part)| match (&part.blueprint, &lives) {
            (None, _) => part.network.clone(),
            (Some(blueprint), lives) => {
                let places = |address: &Address, path: &[PathStep], named: Option<&str>| plan::place::attribute_place(blueprint, address, path, named);
                let live = lives.clone().map(|l| l.without(&|id| others_manage(i, id))).unwrap_or_default();
                guard::model(&part.plan, &guard::Around { places: Some(&places), live, stacks: part.stacks.clone() })
            }
        })
        .collect();
    if models.is_empty() {
        models.extend(lives);
    }
    together(models)
}

/// The address plan of what: the folders' names, or the subscription.
fn title(dirs: &[PathBuf], ui: &Ui) -> String {
    let names: Vec<String> = dirs.iter().filter_map(|d| disk::real_name(&ui.dir.join(d))).collect();
    if names.is_empty() { "Address plan".to_owned() } else { format!("Address plan: {}", names.join(", ")) }
}

fn folder(dir: &Path, place: &Where, ui: &Ui, sources: &mut Sources, diags: &mut Diagnostics) -> Option<Part> {
    let at = Place { dir: Some(dir.to_owned()), sim: place.sim, state: place.state.clone() };
    let mut session = Session::new(ui, &at);
    session.sources = std::mem::take(sources);
    let outcome = if place.live {
        let planning = Planning { refresh: true, parallelism: 10, ..Planning::default() };
        // The findings of this folder alone are not asked for: all folders are checked together.
        let mut found = Diagnostics::default();
        let made = block_on(session.sim, planning::make(&mut session, &Disk, &place.vars, &planning, &mut found));
        let addresses: Vec<&'static str> = made.iter().flatten().flat_map(|p| &p.report.findings).map(|f| f.code).collect();
        diags.extend(found.into_iter().filter(|d| !addresses.contains(&d.code)));
        made.map(|planned| planned.map(|p| (p.plan, p.blueprint)))
    } else {
        block_on(session.sim, planning::unasked(&mut session, &Disk, &place.vars, diags))
    };
    *sources = std::mem::take(&mut session.sources);
    match outcome {
        Ok(made) => made.map(|(plan, blueprint)| {
            let stacks = stacks(&session, place, &plan, sources, diags);
            Part { plan, blueprint: Some(blueprint), network: Model::default(), stacks }
        }),
        Err(diagnostic) => {
            diags.push(diagnostic);
            None
        }
    }
}

/// The stacks that a folder's address plan names, but those that are looked at anyway.
fn stacks(session: &Session, place: &Where, plan: &Plan, sources: &mut Sources, diags: &mut Diagnostics) -> Vec<Model> {
    let is_given = |path: &str| place.dirs.iter().any(|d| stacks::same_folder(&session.ui.dir.join(d), &session.dir.join(path)));
    let named: Vec<Stack> = plan.declared.stacks.iter().filter(|s| !is_given(&s.path)).cloned().collect();
    let home = stacks::Home { ui: session.ui, dir: &session.dir, sim: session.sim, identity: plan.identity.clone() };
    match block_on(session.sim, stacks::read(&home, &named, sources, diags)) {
        Ok(found) => found,
        Err(diagnostic) => {
            diags.push(diagnostic);
            Vec::new()
        }
    }
}

/// A saved plan holds all that its check needs.
fn saved(path: &Path, ui: &Ui, sources: &mut Sources, diags: &mut Diagnostics) -> Option<Part> {
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
            Some(Part { plan: saved.plan, blueprint: None, network: saved.network, stacks: Vec::new() })
        }
        Err(diagnostic) => {
            diags.push(diagnostic);
            None
        }
    }
}

/// Everything that lives in the subscription.
fn live(place: &Where, blueprint: Option<&Blueprint>, ui: &Ui, diags: &mut Diagnostics) -> Option<Model> {
    let mut session = Session::new(ui, &Place { dir: place.dirs.first().cloned(), sim: place.sim, state: None });
    // Nothing new can be wrong with them: the folder was planned before.
    let mut known = Diagnostics::default();
    let settings = blueprint.map(|b| {
        let variables = session.variables(b, &Disk, &place.vars, &mut known);
        session.provider_settings(b, &session.inputs(variables, true), &Disk, &mut known)
    });
    let asked = block_on(session.sim, async {
        let (arm, _simulator) = session.connect(&settings.unwrap_or_else(|| Value::null(Type::Any))).await?;
        live_network::live_model(&arm).await.map_err(|e| e.diagnostic())
    });
    match asked.and_then(|outcome| outcome) {
        Ok(model) => Some(model),
        Err(diagnostic) => {
            diags.push(diagnostic);
            None
        }
    }
}

/// One model of all: what the first ones say of a thing holds, later ones add to it. What the address plans of several folders
/// declare counts together.
fn together(models: Vec<Model>) -> Model {
    let mut models = models.into_iter();
    let Some(mut first) = models.next() else { return Model::default() };
    let rest: Vec<Model> = models.collect();
    for Model { settings, limits, .. } in &rest {
        first.settings.pools.extend(settings.pools.iter().cloned());
        first.settings.growth.extend(settings.growth.iter().cloned());
        first.settings.reserves.extend(settings.reserves.iter().cloned());
        first.settings.ceilings.extend(settings.ceilings.iter().cloned());
        first.settings.waivers.extend(settings.waivers.iter().cloned());
        if first.limits == Limits::default() {
            first.limits = limits.clone();
        }
        let (own, other) = (&mut first.settings.thresholds, settings.thresholds);
        (own.warning, own.error) = (own.warning.or(other.warning), own.error.or(other.error));
    }
    first.with(rest)
}
