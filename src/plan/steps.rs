//! From decided items to steps and their order.
//!
//! Every item has a forward node (create, update, read) and a backward node (delete). The rules, for X that depends on Y:
//! Y forward before X forward; X backward before Y backward; X forward before Y backward when X lets go of a Y that goes away.
//! A replacement deletes, then creates; the other way round with create-before-destroy, which also binds what it depends on.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Act, Action, Step, StepId, carry,
    walk::{BlockKey, Item, Walked, block_of},
};
use crate::{
    base::{Address, Diagnostic, Diagnostics, Key, Kind, ResourceId, Value},
    graph::Graph,
    schema::Target,
    state::State,
};

/// The items' dependencies by index: on what each depends now, and on what it depended when it was last applied.
pub(super) struct Links {
    pub now: Vec<BTreeSet<usize>>,
    pub before: Vec<BTreeSet<usize>>,
    /// Dependencies that only an id written out in the configuration shows, `(which, on which)`; they give way in a circle.
    pub hints: Vec<(usize, usize)>,
    /// For parts: the item that owns each.
    pub owner: Vec<Option<usize>>,
}

/// Steps and edges, as plain data.
pub struct Arranged {
    pub steps: Vec<Step>,
    pub edges: Vec<(StepId, StepId)>,
}

/// An address without any instance keys, as the state writes dependencies.
pub fn config_address(address: &Address) -> String {
    let mut out = String::new();
    for step in &address.module().0 {
        out.push_str(&format!("module.{}.", step.name));
    }
    if address.mode() == crate::base::Mode::Data {
        out.push_str("data.");
    }
    format!("{out}{}.{}", address.kind(), address.name())
}

/// Orders the items' work.
pub fn arrange(walked: &mut Walked, state: &State, diags: &mut Diagnostics) -> Arranged {
    let mut links = links(walked, state);
    let nodes = Nodes::new(walked.items.len());
    let hints = std::mem::take(&mut links.hints);
    let certain = links.now.clone();
    for (which, on) in hints {
        links.now[which].insert(on);
    }
    spread_create_first(walked, &links);
    refuse_same_name(walked, diags);
    let mut graph = ordering(walked, &links, &nodes);
    if graph.order().is_err() {
        links.now = certain;
        graph = ordering(walked, &links, &nodes);
    }
    if let Err(circle) = graph.order() {
        diags.push(circular(walked, &nodes, &circle));
        return Arranged { steps: Vec::new(), edges: Vec::new() };
    }
    let carried = carry::carry(walked, &links, &nodes, &mut graph);
    number(walked, &links, &nodes, graph, &carried)
}

fn circular(walked: &Walked, nodes: &Nodes, circle: &[usize]) -> Diagnostic {
    let name = |n: &usize| {
        let (item, word) = if *n < walked.items.len() { (walked.items.get(*n), "") } else { (walked.items.get(n - nodes.items.min(*n)), " (destroy)") };
        item.map(|i| format!("{}{word}", i.address))
    };
    let names: Vec<String> = circle.iter().filter_map(name).collect();
    Diagnostic::error("cycle", "Cycle", format!("The steps of this plan wait for each other in a circle: {}.", names.join(" → ")))
        .hint("Apply it in two runs with -target, or change create_before_destroy on one of them.")
}

/// Node numbers: forward and backward of every item.
#[derive(Clone, Copy)]
pub(super) struct Nodes {
    items: usize,
}

impl Nodes {
    fn new(items: usize) -> Nodes {
        Nodes { items }
    }

    pub fn forward(self, item: usize) -> usize {
        item
    }

    pub fn backward(self, item: usize) -> usize {
        self.items + item
    }

    pub fn count(self) -> usize {
        2 * self.items
    }
}

fn links(walked: &Walked, state: &State) -> Links {
    let items = &walked.items;
    let mut by_block: BTreeMap<BlockKey, Vec<usize>> = BTreeMap::new();
    let mut by_config: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    let mut by_id: BTreeMap<ResourceId, usize> = BTreeMap::new();
    for (i, item) in items.iter().enumerate() {
        by_block.entry(item.block()).or_default().push(i);
        by_config.entry(config_address(&item.address)).or_default().push(i);
        if item.address.is_managed()
            && item.deposed.is_none()
            && let Some(id) = own_id(item)
        {
            by_id.insert(id, i);
        }
    }
    let mut links =
        Links { now: vec![BTreeSet::new(); items.len()], before: vec![BTreeSet::new(); items.len()], hints: Vec::new(), owner: vec![None; items.len()] };
    for (i, item) in items.iter().enumerate() {
        let mine = item.block();
        let indirect = walked.indirect.get(&mine);
        for block in walked.needs.get(&mine).into_iter().flatten().filter(|_| item.resource.is_some()) {
            let keys = if indirect.is_some_and(|b| b.contains(block)) { None } else { named_keys(item, block) };
            let fits = by_block.get(block).into_iter().flatten().filter(|j| {
                let other = &items[**j].address;
                same_instance(&item.address, other) && keys.as_ref().is_none_or(|keys| keys.contains(&other.key))
            });
            links.now[i].extend(fits.copied().filter(|j| *j != i));
        }
        let recorded = match &item.deposed {
            None => state.resources.get(&item.address),
            Some(key) => state.deposed.get(&(item.address.clone(), key.clone())),
        };
        let mentioned = mentioned(item, &by_id);
        for name in recorded.map(|r| r.dependencies.as_slice()).unwrap_or_default() {
            let fits = by_config.get(name).into_iter().flatten().copied().filter(|j| *j != i && same_instance(&item.address, &items[*j].address));
            links.before[i].extend(told_by_ids(fits.collect(), &mentioned));
        }
        implied(item, i, &by_id, &mut links);
    }
    links
}

/// The instance keys of a block that an item's own arguments name; `None` when it may be any.
fn named_keys(item: &Item, block: &BlockKey) -> Option<BTreeSet<Option<Key>>> {
    let mut keys = BTreeSet::new();
    for (_, key) in item.refs.iter().filter(|(r, _)| block_of(&r.instance(None)) == *block) {
        keys.insert(Some(key.clone()?));
    }
    if keys.is_empty() { None } else { Some(keys) }
}

/// The items whose ids a recorded value holds, the resource it lies in among them.
fn mentioned(item: &Item, by_id: &BTreeMap<ResourceId, usize>) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    let Some(value) = item.prior.as_ref().filter(|_| item.action.deletes()) else { return found };
    ids_in(value, &mut |id| found.extend(enclosing(Some(id), by_id)));
    if let Some(Target::Own { id }) = item.ty.target(value, &item.ctx) {
        found.extend(enclosing(id.parent(), by_id));
    }
    found
}

/// The state records dependencies without instance keys. Where the recorded ids tell which of several instances are meant, only those count.
fn told_by_ids(instances: Vec<usize>, mentioned: &BTreeSet<usize>) -> Vec<usize> {
    let told: Vec<usize> = instances.iter().copied().filter(|i| mentioned.contains(i)).collect();
    if told.is_empty() { instances } else { told }
}

/// The ARM id of an item that is a resource of its own.
pub(super) fn own_id(item: &Item) -> Option<ResourceId> {
    match item.ty.target(item.after.as_ref().or(item.prior.as_ref())?, &item.ctx)? {
        Target::Own { id } => Some(id),
        _ => None,
    }
}

/// Instances of modules on a shared way must be of the same module instance: nothing can refer across.
fn same_instance(a: &Address, b: &Address) -> bool {
    let shared = a.module().0.iter().zip(&b.module().0).take_while(|(x, y)| x.name == y.name);
    shared.into_iter().all(|(x, y)| x.key == y.key)
}

/// Dependencies that only ids show: the resource it lies in, and ids written out in its configuration.
fn implied(item: &Item, i: usize, by_id: &BTreeMap<ResourceId, usize>, links: &mut Links) {
    let Some(value) = item.after.as_ref().or(item.prior.as_ref()) else { return };
    let mut found = BTreeSet::new();
    match item.ty.target(value, &item.ctx) {
        Some(Target::Own { id }) => found.extend(enclosing(id.parent(), by_id)),
        Some(Target::Part { owner, .. }) => {
            links.owner[i] = by_id.get(&owner).copied();
            found.extend(enclosing(Some(owner), by_id));
        }
        _ => {}
    }
    found.remove(&i);
    links.before[i].extend(&found);
    let live = item.resource.is_some() && item.after.is_some();
    if live {
        links.now[i].extend(&found);
        ids_in(&item.config, &mut |id| {
            if let Some(j) = enclosing(Some(id), by_id).filter(|j| *j != i && !links.now[i].contains(j)) {
                links.hints.push((i, j));
            }
        });
    }
}

/// The nearest planned resource at or above an id.
fn enclosing(id: Option<ResourceId>, by_id: &BTreeMap<ResourceId, usize>) -> Option<usize> {
    let mut at = id;
    while let Some(id) = at {
        if let Some(found) = by_id.get(&id) {
            return Some(*found);
        }
        at = id.parent();
    }
    None
}

fn ids_in(value: &Value, found: &mut dyn FnMut(ResourceId)) {
    if let Kind::String(text) = &value.kind {
        if text.len() > 15 && text.get(..15).is_some_and(|t| t.eq_ignore_ascii_case("/subscriptions/")) {
            ResourceId::parse(text).into_iter().for_each(found);
        }
        return;
    }
    for (_, child) in value.children() {
        ids_in(child, found);
    }
}

/// What is replaced create-first needs what it depends on to be replaced the same way.
fn spread_create_first(walked: &mut Walked, links: &Links) {
    let mut queue: Vec<usize> = (0..walked.items.len()).filter(|i| walked.items[*i].create_before_destroy).collect();
    let mut seen: BTreeSet<usize> = queue.iter().copied().collect();
    while let Some(i) = queue.pop() {
        if walked.items[i].action == Action::Replace {
            walked.items[i].action = Action::ReplaceCreateFirst;
        }
        walked.items[i].create_before_destroy = true;
        queue.extend(links.now[i].iter().copied().filter(|j| walked.items[*j].address.is_managed() && seen.insert(*j)));
    }
}

/// Two objects cannot stand under one id at the same time.
fn refuse_same_name(walked: &mut Walked, diags: &mut Diagnostics) {
    for item in walked.items.iter_mut().filter(|i| i.action == Action::ReplaceCreateFirst) {
        let id =
            |v: &Option<Value>| v.as_ref().and_then(|v| item.ty.target(v, &item.ctx)).and_then(|t| if let Target::Own { id } = t { Some(id) } else { None });
        let (Some(old), Some(new)) = (id(&item.prior), id(&item.after)) else { continue };
        if old != new {
            continue;
        }
        // Asked for by the block itself: refused. Only spread to it: it falls back to delete-first.
        let asked = item.resource.is_some_and(|r| r.lifecycle.create_before_destroy.is_some());
        if asked {
            let mut diagnostic = Diagnostic::error(
                "create-first-same-id",
                "Replacement cannot be created first under the same id",
                format!("{} has create_before_destroy set, but its replacement would have the same id, {new}.", item.address),
            )
            .on(&item.address)
            .hint("Give the replacement another name (for example a suffix that follows the changed value), or drop create_before_destroy.");
            diagnostic.span = item.resource.map(|r| r.span);
            diags.push(diagnostic);
        } else {
            item.action = Action::Replace;
        }
    }
}

fn ordering(walked: &Walked, links: &Links, nodes: &Nodes) -> Graph {
    let mut graph = Graph::new(nodes.count());
    let items = &walked.items;
    for (i, item) in items.iter().enumerate() {
        match item.action {
            Action::Replace => graph.add(nodes.backward(i), nodes.forward(i)),
            Action::ReplaceCreateFirst => graph.add(nodes.forward(i), nodes.backward(i)),
            _ => {}
        }
    }
    let joins = Joins::default();
    joins.connect(links, nodes, items, &mut graph);
    graph
}

/// Adds the dependency edges. Where many instances depend on many, they meet in a node of their own, so that
/// the number of edges grows with the sum and not with the product.
#[derive(Default)]
struct Joins {
    forward: BTreeMap<Vec<usize>, usize>,
    backward: BTreeMap<Vec<usize>, usize>,
}

impl Joins {
    fn connect(mut self, links: &Links, nodes: &Nodes, items: &[Item], graph: &mut Graph) {
        let mut sets: BTreeMap<&BTreeSet<usize>, usize> = BTreeMap::new();
        for set in links.now.iter().chain(&links.before).filter(|s| s.len() > 4) {
            *sets.entry(set).or_default() += 1;
        }
        let shared = |set: &BTreeSet<usize>| set.len() > 4 && sets.get(set).is_some_and(|n| *n > 4);
        for (i, item) in items.iter().enumerate() {
            let now = &links.now[i];
            if shared(now) {
                let join = join_of(&mut self.forward, now, graph);
                for j in now {
                    graph.add(nodes.forward(*j), join);
                }
                graph.add(join, nodes.forward(i));
            } else {
                for j in now {
                    graph.add(nodes.forward(*j), nodes.forward(i));
                }
            }
            let before = &links.before[i];
            if shared(before) {
                let join = join_of(&mut self.backward, before, graph);
                for j in before {
                    graph.add(join, nodes.backward(*j));
                }
                graph.add(nodes.backward(i), join);
            } else {
                for j in before {
                    graph.add(nodes.backward(i), nodes.backward(*j));
                }
            }
            // Letting go: whatever holds on to something that goes away is changed before that goes.
            for j in before.iter().chain(now).filter(|j| goes_after(items[**j].action)) {
                if !matches!(item.action, Action::Delete | Action::Forget) {
                    graph.add(nodes.forward(i), nodes.backward(*j));
                }
            }
        }
    }
}

fn join_of(known: &mut BTreeMap<Vec<usize>, usize>, set: &BTreeSet<usize>, graph: &mut Graph) -> usize {
    *known.entry(set.iter().copied().collect()).or_insert_with(|| graph.push())
}

/// Whether its old object is removed only after others have moved on.
fn goes_after(action: Action) -> bool {
    matches!(action, Action::Delete | Action::ReplaceCreateFirst)
}

/// Turns nodes that have work, or that stand between such nodes, into numbered steps.
fn number(walked: &Walked, links: &Links, nodes: &Nodes, graph: Graph, carried: &BTreeMap<usize, usize>) -> Arranged {
    let works: Vec<usize> = (0..nodes.count()).filter(|n| act_of(walked, nodes, *n).is_some()).collect();
    let after = graph.reach(&works);
    let before = Graph::from_edges(graph.len(), graph.edges().map(|(a, b)| (b, a))).reach(&works);
    let order = graph.order().unwrap_or_else(|_| (0..graph.len()).collect());
    let kept: Vec<usize> = order.into_iter().filter(|n| after.contains(n) && before.contains(n)).collect();
    let number: BTreeMap<usize, StepId> = kept.iter().enumerate().map(|(i, n)| (*n, StepId(i))).collect();
    let edges = graph.edges().filter_map(|(a, b)| Some((*number.get(&a)?, *number.get(&b)?))).collect();
    let closure = closure(walked, links);
    let steps = kept.iter().map(|n| step(walked, &closure, nodes, *n, carried.get(n).and_then(|c| number.get(c)).copied())).collect();
    Arranged { steps, edges }
}

fn act_of(walked: &Walked, nodes: &Nodes, node: usize) -> Option<Act> {
    let forward = node < walked.items.len();
    let item = walked.items.get(if forward { node } else { node.checked_sub(nodes.items)? })?;
    match (forward, item.action) {
        (true, Action::Create | Action::Replace | Action::ReplaceCreateFirst) => Some(Act::Create),
        (true, Action::Update) => Some(Act::Update),
        (true, Action::Read) => Some(Act::Read),
        (true, Action::Forget) => Some(Act::Forget),
        (false, Action::Delete | Action::Replace | Action::ReplaceCreateFirst) => Some(Act::Delete),
        _ => None,
    }
}

fn step(walked: &Walked, closure: &[BTreeSet<String>], nodes: &Nodes, node: usize, carried_by: Option<StepId>) -> Step {
    let Some(act) = act_of(walked, nodes, node) else {
        return Step { change: None, act: Act::Join, deposed: None, carried_by: None, locks: Vec::new(), dependencies: Vec::new(), timeout: 0 };
    };
    let index = if node < walked.items.len() { node } else { node - nodes.items };
    let item = &walked.items[index];
    let value = if act == Act::Delete { item.prior.as_ref() } else { item.after.as_ref() };
    let deposed = match (&item.deposed, item.action, act) {
        (Some(key), ..) => Some(key.clone()),
        (None, Action::ReplaceCreateFirst, Act::Delete) => Some(deposed_key(&item.address)),
        _ => None,
    };
    let timeouts = &item.ty.timeouts;
    Step {
        change: Some(index),
        act,
        deposed,
        carried_by,
        locks: value.map(|v| item.ty.locks(v, &item.ctx)).unwrap_or_default(),
        dependencies: closure[index].iter().cloned().collect(),
        timeout: match act {
            Act::Create => timeouts.create,
            Act::Update => timeouts.update,
            Act::Delete => timeouts.delete,
            _ => timeouts.read,
        },
    }
}

/// Eight hexadecimal digits, as Terraform's deposed keys, but the same for the same address.
fn deposed_key(address: &Address) -> String {
    uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, address.to_string().as_bytes()).simple().to_string()[..8].to_owned()
}

/// Every block that each item depends on, directly or not, as the state writes them.
fn closure(walked: &Walked, links: &Links) -> Vec<BTreeSet<String>> {
    let mut by_block: BTreeMap<BlockKey, BTreeSet<String>> = BTreeMap::new();
    let mut direct: BTreeMap<BlockKey, BTreeSet<BlockKey>> = BTreeMap::new();
    for (i, item) in walked.items.iter().enumerate() {
        let entry = direct.entry(item.block()).or_default();
        entry.extend(links.now[i].iter().map(|j| walked.items[*j].block()));
    }
    for block in direct.keys() {
        let mut seen = BTreeSet::from([block.clone()]);
        let mut stack = vec![block];
        while let Some(at) = stack.pop() {
            for next in direct.get(at).into_iter().flatten() {
                if seen.insert(next.clone()) {
                    stack.push(next);
                }
            }
        }
        seen.remove(block);
        by_block.insert(block.clone(), seen.iter().map(config_name).collect());
    }
    walked.items.iter().map(|item| by_block.get(&block_of(&item.address)).cloned().unwrap_or_default()).collect()
}

fn config_name((names, key): &BlockKey) -> String {
    let modules: String = names.iter().map(|n| format!("module.{n}.")).collect();
    let data = if key.mode == crate::base::Mode::Data { "data." } else { "" };
    format!("{modules}{data}{}.{}", key.kind, key.name)
}
