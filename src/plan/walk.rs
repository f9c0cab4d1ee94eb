//! The walk: every block in dependency order, evaluated, compared with what is there, decided, and made visible to what comes after.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Action, Because, Change, CheckResult, OutputChange, Reason, Repetition,
    live::{Live, Want},
    orphan, outcome,
    provider::{self, Subscriptions},
    target::{self, Scope},
};
use crate::{
    base::{
        Address, Diagnostic, Diagnostics, Mode, ModulePath, Path, PathStep, ResourceAddress, ResourceId, Shape, Sources, Span, Value, address, diag::nearest,
    },
    graph::Graph,
    lang::{
        self, Each, Evaluator, Expansion, Files, Judged,
        blueprint::{Blueprint, Resource, ResourceKey},
        deps::{self, Node},
    },
    schema::{self, Context, Major, ResourceType, Timeouts},
    state::State,
};

/// A block of the configuration: call names of its module, and its key there.
pub type BlockKey = (Vec<String>, ResourceKey);

/// Everything a plan is made from, Azure's answers aside.
pub struct Setup<'a> {
    pub blueprint: &'a Blueprint,
    pub sources: &'a Sources,
    pub files: &'a dyn Files,
    pub inputs: lang::Inputs,
    pub state: &'a State,
    /// Creations that were begun and whose outcome was never recorded (an earlier run was killed), with the id that each was to have.
    pub interrupted: &'a BTreeMap<Address, Option<ResourceId>>,
    pub identity: Identity,
    pub options: &'a Options,
}

/// Who plans, and where.
#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct Identity {
    pub subscription: String,
    pub tenant: String,
    pub client: Option<String>,
    pub object: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Options {
    pub mode: super::PlanMode,
    pub targets: Vec<address::Target>,
    pub replace: Vec<Address>,
    pub refresh: bool,
    /// Nobody is asked anything: what only Azure knows stays unknown, recorded values are taken as they are.
    pub offline: bool,
    /// What a test puts in the place of providers.
    pub stand_ins: super::StandIns,
}

impl Default for Options {
    fn default() -> Options {
        Options { mode: super::PlanMode::Normal, targets: Vec::new(), replace: Vec::new(), refresh: true, offline: false, stand_ins: Default::default() }
    }
}

/// One resource instance as the walk left it.
pub struct Item<'a> {
    pub address: Address,
    /// `None` for what left the configuration.
    pub resource: Option<&'a Resource>,
    pub ty: &'static ResourceType,
    pub ctx: Context,
    pub timeouts: Timeouts,
    pub each: Each,
    /// What the state recorded.
    pub stored: Option<Value>,
    /// What the blueprint says, before defaults and platform values; null where it left the configuration.
    pub config: Value,
    /// The resources that its arguments name themselves, with the instance key where it can be told.
    pub refs: Vec<(ResourceAddress, Option<crate::base::Key>)>,
    /// The recorded value, refreshed; `None` when it does not exist.
    pub prior: Option<Value>,
    pub after: Option<Value>,
    pub action: Action,
    pub reason: Option<Reason>,
    pub changed: Vec<Path>,
    pub replace_paths: Vec<(Path, String)>,
    pub because: Vec<Because>,
    pub previous: Option<Address>,
    pub importing: Option<String>,
    pub deposed: Option<String>,
    pub create_before_destroy: bool,
    /// How its conditions stand, if it has any.
    pub judged: Option<Judged>,
}

impl Item<'_> {
    /// It was recorded and Azure has it no more.
    pub fn is_gone(&self) -> bool {
        self.stored.is_some() && self.prior.is_none()
    }

    pub fn block(&self) -> BlockKey {
        block_of(&self.address)
    }
}

/// The block that an instance belongs to.
pub fn block_of(address: &Address) -> BlockKey {
    (address.module().names(), ResourceKey { mode: address.mode(), kind: address.kind().to_owned(), name: address.name().to_owned() })
}

/// What one walk found.
#[derive(Default)]
pub struct Walked<'a> {
    pub items: Vec<Item<'a>>,
    pub outputs: BTreeMap<String, OutputChange>,
    pub checks: Vec<CheckResult>,
    /// What would have to be asked for a better answer; empty when the walk is final.
    pub wants: Vec<Want>,
    /// Whether data sources are among what is wanted.
    pub reads_data: bool,
    pub needs: BTreeMap<BlockKey, BTreeSet<BlockKey>>,
    /// Of these, the ones that are reached through locals, variables or outputs, so that nobody can tell which instances are meant.
    pub indirect: BTreeMap<BlockKey, BTreeSet<BlockKey>>,
    pub blocks: Vec<(Address, Repetition)>,
    /// What the root's outputs tell of; only filled in under `-target`.
    pub output_needs: BTreeMap<String, BTreeSet<BlockKey>>,
    /// Whether `-target` left something out.
    pub partial: bool,
    pub declared: crate::network::Declared,
    /// Whether the walk got far enough for address ranges to be given out.
    pub allocates: bool,
}

/// The state of one walk.
pub(super) struct Walker<'a, 'b> {
    pub setup: &'b Setup<'a>,
    pub eval: Evaluator<'a>,
    pub live: &'b Live,
    pub major: Major,
    pub subscriptions: Subscriptions,
    /// The state after `moved` blocks.
    pub state: State,
    pub moved: BTreeMap<Address, Address>,
    pub scope: Scope,
    /// Ids to import from, with the block that says so.
    pub imports: BTreeMap<Address, (String, Span)>,
    pub decided: BTreeMap<Address, Action>,
    /// Changed paths of every instance decided so far.
    pub updated: BTreeMap<Address, Vec<Path>>,
    /// Ids that are deleted and created again: what lies below them or refers to them goes with them.
    pub recreated: BTreeMap<ResourceId, Address>,
}

/// Evaluates the whole blueprint against the prior state and the answers so far.
pub fn walk<'a>(setup: &Setup<'a>, live: &Live, diags: &mut Diagnostics) -> Walked<'a> {
    let dependencies = deps::dependencies(setup.blueprint);
    let Some(order) = ordered(&dependencies, diags) else { return Walked::default() };
    let super::moves::Made { state, moved, blocked } = super::moves::apply(setup.state, setup.blueprint);
    diags.extend(stuck(&blocked));
    let (needs, indirect) = target::needs(&dependencies);
    let mut walker = Walker {
        setup,
        eval: Evaluator::new(setup.blueprint, setup.sources, setup.files, setup.inputs.clone()),
        live,
        major: provider::major(setup.blueprint, diags),
        subscriptions: Subscriptions::new(),
        state,
        moved,
        scope: Scope::new(&setup.options.targets, &needs),
        imports: BTreeMap::new(),
        decided: BTreeMap::new(),
        updated: BTreeMap::new(),
        recreated: BTreeMap::new(),
    };
    let mut out = Walked { needs, indirect, ..Walked::default() };
    if !walker.scope.is_everything() {
        out.output_needs = target::output_needs(&dependencies);
    }
    walker.eval.check_variables(diags);
    if diags.has_errors() {
        return out;
    }
    walker.subscriptions = subscriptions(setup.blueprint, &walker.eval, diags);
    walker.imports = outcome::imports(&walker, diags);
    if setup.options.mode != super::PlanMode::Destroy {
        for node in &order {
            if let Node::Resource(names, key) = node {
                walker.block(names, key, &mut out, diags);
            }
        }
    }
    if !diags.has_errors() {
        outcome::stray_imports(&walker, &out, diags);
    }
    if setup.options.mode != super::PlanMode::Destroy {
        out.declared = super::address_plan::read(setup.blueprint, &walker.eval, diags);
        out.allocates = true;
        if !out.partial && !diags.has_errors() {
            super::address_plan::strangers(&out.declared, out.items.iter().map(|i| &i.address), diags);
        }
    }
    orphan::collect(&walker, &mut out, diags);
    outcome::collect(&walker, &mut out, diags);
    out.items.sort_by(|a, b| (&a.address, &a.deposed).cmp(&(&b.address, &b.deposed)));
    out.wants.sort();
    out.wants.dedup();
    out
}

/// Said when moves cannot be made because something is already there.
fn stuck(blocked: &[(Address, Address)]) -> Option<Diagnostic> {
    let lines: Vec<String> = blocked.iter().map(|(from, to)| format!("  - {from} could not move to {to}")).collect();
    let detail = format!(
        "Ravelin tried to adjust resource instance addresses in the prior state based on change information recorded in the configuration, but some \
         adjustments did not succeed due to existing objects already at the intended addresses:\n{}\n\nRavelin has planned to destroy these objects. If \
         these proposed changes aren't appropriate, resolve the conflicts in the state first and then make a new plan.",
        lines.join("\n")
    );
    (!lines.is_empty()).then(|| Diagnostic::warning("move-blocked", "Unresolved resource instance address changes", detail))
}

/// Configuration nodes so that each comes after what it refers to.
pub(super) fn ordered(dependencies: &BTreeMap<Node, Vec<(Node, Span)>>, diags: &mut Diagnostics) -> Option<Vec<Node>> {
    let nodes: Vec<&Node> = dependencies.keys().collect();
    let place: BTreeMap<&Node, usize> = nodes.iter().enumerate().map(|(i, n)| (*n, i)).collect();
    let mut graph = Graph::new(nodes.len());
    for (node, needs) in dependencies {
        for (need, span) in needs {
            let (Some(before), Some(after)) = (place.get(need), place.get(node)) else { continue };
            if before == after {
                diags.push(
                    Diagnostic::error("self-reference", "Self-referential block", format!("{node} refers to itself, so its value could never be worked out."))
                        .at(*span),
                );
                return None;
            }
            graph.add(*before, *after);
        }
    }
    match graph.order() {
        Ok(order) => Some(order.into_iter().map(|i| nodes[i].clone()).collect()),
        Err(_) => {
            for cycle in graph.cycles() {
                diags.push(cycle_found(&cycle.iter().map(|i| nodes[*i]).collect::<Vec<_>>(), dependencies));
            }
            None
        }
    }
}

/// The message names every member in the direction of the references, and points at each reference.
fn cycle_found(cycle: &[&Node], dependencies: &BTreeMap<Node, Vec<(Node, Span)>>) -> Diagnostic {
    // Edges lead from what is needed to what needs it; a reader follows the references, the other way.
    let chain: Vec<&Node> = cycle.iter().rev().copied().collect();
    let names: Vec<String> = chain.iter().map(|n| n.to_string()).collect();
    let first = names.first().cloned().unwrap_or_default();
    let mut diagnostic = Diagnostic::error(
        "cycle",
        "Cycle",
        format!("These refer to each other in a circle, so none can be worked out first: {} → {first}. One of the references has to go.", names.join(" → ")),
    );
    for (i, node) in chain.iter().enumerate() {
        let next = chain[(i + 1) % chain.len()];
        if let Some((_, span)) = dependencies.get(*node).into_iter().flatten().find(|(n, _)| n == next) {
            match diagnostic.span {
                None => diagnostic.span = Some(*span),
                Some(_) => diagnostic = diagnostic.also(*span, format!("{node} refers to {next} here")),
            }
        }
    }
    diagnostic
}

/// Subscriptions that the root's provider configurations name.
pub fn subscriptions_of(blueprint: &Blueprint, sources: &Sources, files: &dyn Files, inputs: &lang::Inputs) -> Subscriptions {
    let eval = Evaluator::new(blueprint, sources, files, inputs.clone());
    subscriptions(blueprint, &eval, &mut Diagnostics::default())
}

fn subscriptions(blueprint: &Blueprint, eval: &Evaluator, diags: &mut Diagnostics) -> Subscriptions {
    let mut out = Subscriptions::new();
    for config in &blueprint.root.providers {
        let Some(attribute) = config.body.attrs.get("subscription_id") else { continue };
        let value = eval.eval(&ModulePath::root(), &attribute.expr, &Each::default(), diags);
        if let Some(id) = value.as_str() {
            out.insert((config.name.clone(), config.alias.clone()), id.to_owned());
        }
    }
    out
}

impl<'a, 'b> Walker<'a, 'b> {
    /// The context that an instance's ids are made in.
    pub fn context(&self, names: &[String], resource: Option<&Resource>, address: &Address) -> Context {
        let config = resource.map(|r| provider::config_of(self.setup.blueprint, names, r));
        let identity = &self.setup.identity;
        let subscription = config.and_then(|c| self.subscriptions.get(&c)).unwrap_or(&identity.subscription);
        Context {
            subscription: subscription.clone(),
            tenant: identity.tenant.clone(),
            client: identity.client.clone(),
            object: identity.object.clone(),
            seed: address.to_string(),
        }
    }

    /// All instances of one block.
    fn block(&mut self, names: &[String], key: &ResourceKey, out: &mut Walked<'a>, diags: &mut Diagnostics) {
        let Some(resource) = provider::module_at(self.setup.blueprint, names).and_then(|m| m.resources.get(key)) else { return };
        let Some(ty) = resource_type(resource, self.major, diags) else { return };
        super::ignored::check(resource, ty, diags);
        if !self.scope.has_block(names, key) {
            out.partial = true;
            self.recorded(names, key, ty);
            return;
        }
        for module in self.eval.module_instances(names, diags) {
            let Some(expansion) = self.eval.expand(&module, resource, diags) else { continue };
            let block = ResourceAddress::new(module.clone(), key.mode, &key.kind, &key.name);
            self.eval.declare(&block, &expansion);
            out.blocks.push((block.instance(None), repetition(&expansion)));
            for instance in expansion.keys() {
                let address = block.instance(instance.clone());
                if !self.scope.has(&address) {
                    out.partial = true;
                    self.show_recorded(&address, ty);
                    continue;
                }
                let each = expansion.each(&instance);
                let ty = self.stood_in(ty, &address);
                if key.mode == Mode::Ephemeral {
                    let before = out.wants.len();
                    let value = self.ephemeral(resource, ty, &address, &each, &mut out.wants, diags);
                    out.reads_data |= out.wants.len() > before;
                    self.eval.set(&address, value);
                    continue;
                }
                let item = match key.mode {
                    Mode::Managed => self.managed(resource, ty, address, each, &mut out.wants, diags),
                    _ => {
                        let before = out.wants.len();
                        let item = self.data(resource, ty, address, each, &mut out.wants, diags);
                        out.reads_data |= out.wants.len() > before;
                        item
                    }
                };
                self.eval.set(&item.address, shown(&item));
                self.decided.insert(item.address.clone(), item.action);
                out.items.push(item);
            }
        }
    }

    /// Makes the recorded instances of a block that takes no part visible to references.
    fn recorded(&mut self, names: &[String], key: &ResourceKey, ty: &'static ResourceType) {
        let addresses: Vec<Address> = self
            .state
            .resources
            .keys()
            .filter(|a| a.name() == key.name && a.kind() == key.kind && a.mode() == key.mode && a.module().names() == names)
            .cloned()
            .collect();
        for address in addresses {
            self.show_recorded(&address, ty);
        }
    }

    fn show_recorded(&self, address: &Address, ty: &'static ResourceType) {
        if let Some(value) = self.state.resources.get(address).and_then(|i| super::refresh::stored(ty, i)) {
            self.eval.set(address, value);
        }
    }
}

/// What references see of an instance. The id of something that is deleted and created again under the same id is not
/// known until then: whatever holds on to the old one has to let go of it first.
fn shown(item: &Item) -> Value {
    let Some(after) = &item.after else { return Value::unknown(item.ty.shape.ty()) };
    let id = |v: &Value| v.get("id").and_then(Value::as_str).map(str::to_ascii_lowercase);
    let same_id = item.prior.as_ref().and_then(id).is_none_or(|old| id(after).is_none_or(|new| new == old));
    if !item.action.is_replace() || !same_id {
        return after.clone();
    }
    after.map_children(&mut |step, child| match step {
        crate::base::PathStep::Name(n) if n == "id" => Value::unknown_not_null(crate::base::Type::String),
        _ => child,
    })
}

/// The type of a resource block, or a diagnostic that names the nearest one there is.
pub fn resource_type(resource: &Resource, major: Major, diags: &mut Diagnostics) -> Option<&'static ResourceType> {
    let found = schema::find(resource.mode, &resource.kind, major);
    if found.is_none() {
        let (what, code) = match resource.mode {
            Mode::Managed => ("resource", "unknown-resource-type"),
            Mode::Data => ("data source", "unknown-data-source"),
            Mode::Ephemeral => ("ephemeral resource", "unknown-ephemeral-resource"),
        };
        let kinds = schema::kinds(resource.mode);
        let mut diagnostic =
            Diagnostic::error(code, format!("Invalid {what} type"), format!("Ravelin does not know the {what} type {:?}.", resource.kind)).at(resource.span);
        diagnostic = match nearest(&resource.kind, kinds.iter().copied()) {
            Some(near) => diagnostic.hint(format!("Did you mean {near:?}?")),
            None => diagnostic
                .hint("Ravelin has the azurerm types of an AKS landing zone, and the small providers that need no plugin (random, time, tls, local, null, …)."),
        };
        diags.push(diagnostic);
    }
    found
}

fn repetition(expansion: &Expansion) -> Repetition {
    match expansion {
        Expansion::Single => Repetition::Single,
        Expansion::Count(n) => Repetition::Count(*n),
        Expansion::ForEach(entries) => Repetition::Keys(entries.keys().cloned().collect()),
    }
}

/// The item as an entry of the plan.
pub fn change(item: &Item) -> Change {
    let known = item.after.as_ref().or(item.prior.as_ref());
    Change {
        address: item.address.clone(),
        previous: item.previous.clone(),
        deposed: item.deposed.clone(),
        action: item.action,
        reason: item.reason,
        // What a check reads counts as not read yet.
        before: item.prior.clone().filter(|_| item.reason != Some(Reason::ReadCheckNested)),
        after: item.after.as_ref().map(|v| without_write_only(&item.ty.shape, v)),
        replace_paths: item.replace_paths.clone(),
        importing: item.importing.clone(),
        id: known.and_then(|v| v.get("id")).and_then(Value::as_str).map(str::to_owned),
        provider: item.ty.provider.clone(),
        schema_version: item.ty.schema_version,
        declared: item.resource.map(|r| r.span),
        because: item.because.clone(),
    }
}

/// The value without what must not be kept anywhere.
pub fn without_write_only(shape: &Shape, value: &Value) -> Value {
    if !value.marks_deep().ephemeral && !has_write_only(shape) {
        return value.clone();
    }
    value.map_children(&mut |step, child| {
        let PathStep::Name(name) = &step else { return child };
        if shape.attrs.get(name).is_some_and(|a| a.write_only) {
            return Value::null(child.ty());
        }
        match shape.blocks.get(name) {
            Some(nested) => child.map_children(&mut |_, element| without_write_only(&nested.shape, &element)),
            None => child,
        }
    })
}

fn has_write_only(shape: &Shape) -> bool {
    shape.attrs.values().any(|a| a.write_only) || shape.blocks.values().any(|n| has_write_only(&n.shape))
}
