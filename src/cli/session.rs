//! What commands share: the blueprint with its variables, the state with its journal, and the way to Azure or the simulator.

use std::{collections::BTreeMap, path::PathBuf, rc::Rc, sync::Arc};

use super::{
    args::{GivenVar, Place, Vars},
    backend,
    ui::Ui,
    workspace::{self, Workspaces},
};
use crate::{
    azure::{self, Arm},
    base::{Diagnostic, Diagnostics, ModulePath, Sources, Type, Value},
    lang::{self, Allocations, Disk, Each, Evaluator, Inputs, blueprint::Blueprint, vars},
    plan,
    sim::Simulator,
    state::{
        State,
        store::{Backend, LocalFile, Recovered, recover},
    },
};

/// A command's blueprint and where its things are kept.
pub struct Session<'u, 'w> {
    pub ui: &'u Ui<'w>,
    /// The blueprint's folder: state, journal and simulator live here.
    pub dir: PathBuf,
    pub sim: bool,
    pub sources: Sources,
    /// The address ranges that the lock file of the blueprint's folder holds.
    pub allocations: Rc<Allocations>,
    state_file: Option<PathBuf>,
    /// The variables as they were given.
    given: BTreeMap<String, Value>,
}

/// The state as it is believed to be, after an interrupted run was folded in.
pub struct Believed {
    pub state: State,
    pub recovered: Recovered,
    pub backend: LocalFile,
}

impl<'u, 'w> Session<'u, 'w> {
    pub fn new(ui: &'u Ui<'w>, place: &Place) -> Session<'u, 'w> {
        Session {
            ui,
            given: BTreeMap::new(),
            dir: place.dir.as_ref().map_or(ui.dir.clone(), |d| ui.dir.join(d)),
            sim: place.sim || ui.world.var("RAVELIN_SIM").is_some_and(|v| v != "0"),
            sources: Sources::seen_from(&ui.dir),
            allocations: Rc::default(),
            state_file: place.state.as_ref().map(|s| ui.dir.join(s)),
        }
    }

    /// The journal of the selected workspace.
    pub fn journal(&self) -> PathBuf {
        let workspace = self.workspaces().current().unwrap_or_else(|_| workspace::DEFAULT.to_owned());
        if workspace == workspace::DEFAULT { self.hidden("journal.jsonl") } else { self.hidden(&format!("workspaces/{workspace}/journal.jsonl")) }
    }

    pub fn hidden(&self, file: &str) -> PathBuf {
        self.dir.join(".ravelin").join(file)
    }

    /// Reads the blueprint.
    pub fn load(&mut self, files: &dyn lang::Files, diags: &mut Diagnostics) -> Option<Blueprint> {
        if !self.has_folder(files, diags) {
            return None;
        }
        let blueprint = lang::load(files, &self.dir, &mut self.sources, diags)?;
        self.allocations = Rc::new(Allocations::of(lang::lock::read(files, &self.dir, &mut self.sources, diags)));
        if !diags.has_errors() {
            plan::provider::check(&blueprint, diags);
            lang::validate_references(&blueprint, &self.sources, diags);
            lang::own::validate(&blueprint, &self.sources, diags);
            if diags.has_errors() {
                diags.extend(crate::plan::strangers(&blueprint, &self.sources, files));
            }
        }
        if diags.has_errors() { None } else { Some(blueprint) }
    }

    /// Whether the blueprint's folder is there at all.
    pub fn has_folder(&self, files: &dyn lang::Files, diags: &mut Diagnostics) -> bool {
        let there = files.is_dir(&self.dir);
        if !there {
            diags.push(
                Diagnostic::error("no-folder", "Blueprint folder not found", format!("There is no folder {}.", self.dir.display()))
                    .hint("Give the folder that holds the *.tf files, or run the command in it; apply also takes a saved plan."),
            );
        }
        there
    }

    /// The root module's variables: environment, files and options, in Terraform's order of precedence.
    pub fn variables(&mut self, blueprint: &Blueprint, files: &dyn lang::Files, given: &Vars, diags: &mut Diagnostics) -> BTreeMap<String, Value> {
        let all = self.all_given(files, given, &[], diags);
        self.given = vars::as_given(&blueprint.root, &all);
        vars::assign(&blueprint.root, all, diags)
    }

    /// Values for variables as they are given; `more` are folders whose variables files count as well.
    pub fn all_given(&mut self, files: &dyn lang::Files, given: &Vars, more: &[PathBuf], diags: &mut Diagnostics) -> Vec<vars::Given> {
        let environment: Vec<(String, String)> =
            self.ui.world.env.iter().filter(|(k, _)| k.starts_with("TF_VAR_")).map(|(k, v)| (k.clone(), v.clone())).collect();
        let ordered = if given.ordered.is_empty() { &self.ui.vars } else { &given.ordered };
        let arguments: Vec<vars::Argument> = ordered
            .iter()
            .map(|one| match one {
                GivenVar::File(path) => vars::Argument::File(self.ui.dir.join(path)),
                GivenVar::Value(text) => vars::Argument::Var(text.clone()),
            })
            .collect();
        let Some((last, others)) = more.split_last() else {
            return vars::gather(files, &self.dir, &environment, &arguments, &mut self.sources, diags);
        };
        let mut all = vars::gather(files, &self.dir, &environment, &[], &mut self.sources, diags);
        for folder in others {
            all.extend(vars::gather(files, folder, &[], &[], &mut self.sources, diags));
        }
        all.extend(vars::gather(files, last, &[], &arguments, &mut self.sources, diags));
        all
    }

    pub fn inputs(&self, variables: BTreeMap<String, Value>, planning: bool) -> Inputs {
        Inputs {
            variables,
            given: self.given.clone(),
            workspace: self.workspaces().current().unwrap_or_else(|_| workspace::DEFAULT.to_owned()),
            root_dir: self.dir.clone(),
            cwd: self.ui.dir.clone(),
            now: self.ui.world.timestamp(),
            plan_mode: planning,
            allocations: self.allocations.clone(),
        }
    }

    /// The workspaces of this folder, without what a backend block says of them.
    pub fn workspaces(&self) -> Workspaces {
        Workspaces::of(self.ui.world, &self.dir, None)
    }

    /// Where the state is kept: `-state`, else the selected workspace's file, else the local backend's path, else `terraform.tfstate`
    /// in the folder.
    pub fn backend(&self, blueprint: Option<&Blueprint>, diags: &mut Diagnostics) -> LocalFile {
        if let Some(file) = &self.state_file {
            return LocalFile::new(file.clone());
        }
        let configured = blueprint.and_then(|b| b.root.backend.as_ref()).map(|block| backend::read(block, diags)).unwrap_or_default();
        let workspaces = Workspaces::of(self.ui.world, &self.dir, configured.workspace_dir.as_deref());
        let current = match workspaces.current() {
            Ok(current) => current,
            Err(diagnostic) => {
                diags.push(diagnostic);
                workspace::DEFAULT.to_owned()
            }
        };
        if current == workspace::DEFAULT {
            return LocalFile::new(self.dir.join(configured.path.as_deref().unwrap_or("terraform.tfstate")));
        }
        LocalFile::new(workspaces.state_file(&current))
    }

    /// Reads the state and brings it up to what an interrupted run had written down.
    pub async fn believed(&self, blueprint: Option<&Blueprint>, diags: &mut Diagnostics) -> Option<Believed> {
        let backend = self.backend(blueprint, diags);
        if diags.has_errors() {
            return None;
        }
        let read = match backend.read().await {
            Ok(read) => read,
            Err(error) => {
                diags.push(error.diagnostic());
                return None;
            }
        };
        let fresh = read.is_none();
        let state = read.unwrap_or_else(|| State::new(self.ui.world.run_id.clone(), crate::render::TERRAFORM_VERSION));
        if !fresh && !self.same_azure(&state, diags) {
            return None;
        }
        match recover(&self.journal(), state) {
            Ok(recovered) => Some(Believed { state: recovered.state.clone(), recovered, backend }),
            Err(error) => {
                diags.push(error.diagnostic());
                None
            }
        }
    }

    /// The state as it was last written, of Azure or of the simulator; an empty one where there is none.
    pub async fn recorded(&self, blueprint: Option<&Blueprint>, diags: &mut Diagnostics) -> Option<State> {
        let backend = self.backend(blueprint, diags);
        if diags.has_errors() {
            return None;
        }
        match backend.read().await {
            Ok(read) => Some(read.unwrap_or_default()),
            Err(error) => {
                diags.push(error.diagnostic());
                None
            }
        }
    }

    /// A state made against the simulator says nothing about the real Azure, nor the other way round.
    fn same_azure(&self, state: &State, diags: &mut Diagnostics) -> bool {
        let simulated = is_simulated(state);
        if state.is_empty() || simulated == self.sim {
            return true;
        }
        diags.push(if simulated {
            Diagnostic::error("state-simulated", "State belongs to the simulator", "This state was made with --sim: nothing of it exists in Azure.")
                .hint("Add --sim, or give the real deployment its own state with -state=FILE.")
        } else {
            Diagnostic::error("state-real", "State belongs to the real Azure", "This state was made against the real Azure: the simulator has nothing of it.")
                .hint("Leave out --sim, or rehearse with a state of its own: -state=FILE.")
        });
        false
    }

    /// The provider block's settings as values; null when there is none.
    pub fn provider_settings(&self, blueprint: &Blueprint, inputs: &Inputs, files: &dyn lang::Files, diags: &mut Diagnostics) -> Value {
        let Some(provider) = blueprint.root.providers.iter().find(|p| p.name == "azurerm" && p.alias.is_none()) else { return Value::null(Type::Any) };
        let eval = Evaluator::new(blueprint, &self.sources, files, inputs.clone());
        let attrs = provider.body.attrs.iter().map(|(name, a)| (name.clone(), eval.eval(&ModulePath::root(), &a.expr, &Each::default(), diags)));
        Value::object(attrs.collect())
    }

    /// The subscription that a sign-in will most likely lead to, as far as settings tell.
    pub fn expected_subscription(&self, provider: &Value) -> Option<String> {
        if self.sim {
            return azure::settings(provider, &|_| None).subscription_id.or_else(|| Some(crate::sim::SUBSCRIPTION.to_owned()));
        }
        azure::settings(provider, &|name| self.ui.world.var(name)).subscription_id
    }

    /// The one subscription that recorded ids and the blueprint's own text name, where it is only one.
    pub fn only_subscription(&self, state: &State) -> Option<String> {
        let recorded = state.resources.values().filter_map(|i| i.attributes.get("id").and_then(|v| v.as_str()).map(str::to_owned));
        let mut named: Vec<String> = recorded.chain(self.sources.files().map(|(_, f)| f.text.clone())).flat_map(|text| subscriptions(&text)).collect();
        named.sort_unstable();
        named.dedup();
        if named.len() == 1 { named.pop() } else { None }
    }

    /// The way to Azure, or to the simulator.
    pub async fn connect(&self, provider: &Value) -> Result<(Arm, Option<Simulator>), Diagnostic> {
        let seed = self.ui.world.run_id.clone();
        if !self.sim {
            let env = |name: &str| self.ui.world.var(name);
            let settings = azure::Settings { seed, ..azure::settings(provider, &env) };
            let http = azure::http().map_err(|e| e.diagnostic())?;
            let arm = azure::connect(&settings, http).await.map_err(|e| match e.diagnostic() {
                unheard if unheard.hint.is_none() && e.kind == azure::ErrorKind::Auth => {
                    unheard.hint("Sign in with `az login`, or set one of the credentials. To try it without an account, add --sim.")
                }
                other => other,
            })?;
            return Ok((arm, None));
        }
        let simulator = Simulator::open(Some(&self.hidden("sim.json")), self.ui.world.started_ms).map_err(|e| simulator_error(&e))?;
        let arm = self.connect_simulated(provider, &simulator).await?;
        Ok((arm, Some(simulator)))
    }

    /// The way to one simulator.
    pub async fn connect_simulated(&self, provider: &Value, simulator: &Simulator) -> Result<Arm, Diagnostic> {
        let seed = self.ui.world.run_id.clone();
        let given = azure::settings(provider, &|_| None);
        let settings = azure::Settings {
            subscription_id: given.subscription_id.or_else(|| Some(crate::sim::SUBSCRIPTION.to_owned())),
            tenant_id: Some(crate::sim::TENANT.to_owned()),
            client_id: Some(crate::sim::CLIENT.to_owned()),
            client_secret: Some("simulated".to_owned()),
            use_cli: false,
            seed,
            ..azure::Settings::default()
        };
        let http: Arc<dyn azure::HttpClient> = simulator.http();
        azure::connect(&settings, http).await.map_err(|e| e.diagnostic())
    }
}

/// The state file's field that says so; Terraform ignores it.
const SIMULATED: &str = "ravelin_simulated";

/// Whether a state was made against the simulator.
pub fn is_simulated(state: &State) -> bool {
    state.extras.get(SIMULATED).and_then(serde_json::Value::as_bool) == Some(true)
}

/// Marks a state as made against the simulator, or not.
pub fn mark_simulated(state: &mut State, simulated: bool) {
    if simulated {
        state.extras.insert(SIMULATED.to_owned(), serde_json::Value::Bool(true));
    }
}

impl Session<'_, '_> {
    /// The folder's blueprint, only to find its backend; nothing when it cannot be read, so that the state can be looked at all the same.
    pub fn backend_blueprint(&self) -> Option<Blueprint> {
        lang::load(&Disk, &self.dir, &mut Sources::default(), &mut Diagnostics::default())
    }
}

/// The simulator's own trouble, as a finding.
pub fn simulator_error(error: &crate::sim::SimError) -> Diagnostic {
    use crate::sim::SimError;
    match error {
        SimError::Edit { text, reason } => {
            return Diagnostic::error("drift-edit", "Invalid edit", format!("{text:?} cannot be made: {reason}."))
                .hint("Write path=JSON, as in tags.owner=\"me\" or properties.routes[0].properties.nextHopIpAddress=\"10.0.0.9\"; path= removes.");
        }
        SimError::NoSuch { id } => {
            return Diagnostic::error("drift-target", "Nothing by that name", format!("The simulator has no resource {id}."))
                .hint("`ravelin sim list` shows what it holds.");
        }
        _ => {}
    }
    let mut detail = error.to_string();
    let mut next = std::error::Error::source(error);
    while let Some(cause) = next {
        detail.push_str(&format!(": {cause}"));
        next = cause.source();
    }
    Diagnostic::error("simulator", "Simulator cannot go on", format!("{detail}.")).hint("`ravelin sim reset` begins with an empty simulator.")
}

/// The subscriptions of the ARM ids in a text.
fn subscriptions(text: &str) -> Vec<String> {
    let after = text.split("/subscriptions/").skip(1).filter_map(|rest| rest.split(['/', '"']).next());
    after.filter(|id| id.len() == 36 && id.chars().all(|c| c.is_ascii_hexdigit() || c == '-')).map(str::to_lowercase).collect()
}
