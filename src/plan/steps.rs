//! From decided items to steps and their order.
//!
//! Every item has a forward node (create, update, read) and a backward node (delete). The rules, for X that depends on Y:
//! Y forward before X forward; X backward before Y backward; X forward before Y backward when X lets go of a Y that goes away.
//! A replacement deletes, then creates; the other way round with create-before-destroy, which also binds what it depends on.

use std::collections::BTreeMap;

use super::{
    Act, Action, Step, StepId, carry, create_first,
    links::{self, Links},
    needs::BlockNeeds,
    walk::{Item, Walked},
};
use crate::{
    base::{Address, Diagnostic, Diagnostics},
    graph::Graph,
    lang::blueprint::Blueprint,
    state::State,
};

/// Steps and edges, as plain data.
pub struct Arranged {
    pub steps: Vec<Step>,
    pub edges: Vec<(StepId, StepId)>,
    pub needs: BlockNeeds,
}

/// Orders the items' work.
pub fn arrange(walked: &mut Walked, state: &State, blueprint: &Blueprint, diags: &mut Diagnostics) -> Arranged {
    let mut links = links::links(walked, state, blueprint);
    let nodes = Nodes { items: walked.items.len() };
    let certain = links.now.clone();
    for (which, on) in std::mem::take(&mut links.hints) {
        links.now[which].items.insert(on);
    }
    create_first::spread(walked, &links, diags);
    let needs = block_needs(&links);
    let (mut graph, mut joins) = ordering(walked, &links, nodes);
    if graph.order().is_err() {
        links.now = certain;
        (graph, joins) = ordering(walked, &links, nodes);
    }
    if let Err(circle) = graph.order() {
        diags.push(circular(walked, nodes, &circle));
        return Arranged { steps: Vec::new(), edges: Vec::new(), needs };
    }
    make_room(walked, &links, nodes, &mut graph);
    let carried = carry::carry(walked, &links, nodes, &joins, &mut graph);
    let (steps, edges) = number(walked, state, nodes, &graph, &carried);
    Arranged { steps, edges, needs }
}

/// What goes away frees what it used before that is changed: a subnet's prefix cannot be changed under a cluster, nor a
/// VNet's address space under a subnet. Given up where the change has to come first.
fn make_room(walked: &Walked, links: &Links, nodes: Nodes, graph: &mut Graph) {
    let items = &walked.items;
    let is_changed = |j: &&usize| items[**j].action == Action::Update;
    let changed: Vec<Vec<usize>> = links.groups.iter().map(|group| group.iter().filter(is_changed).copied().collect()).collect();
    let mut users: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (i, _) in items.iter().enumerate().filter(|(_, i)| matches!(i.action, Action::Delete | Action::Replace) && i.ty.is_own()) {
        let groups = links.before[i].groups.iter().filter_map(|g| changed.get(*g)).flatten();
        for j in links.before[i].items.iter().filter(is_changed).chain(groups) {
            users.entry(*j).or_default().push(i);
        }
    }
    for (used, users) in users {
        let later = graph.reach(&[nodes.forward(used)]);
        for user in users.into_iter().filter(|u| !later.contains(&nodes.backward(*u))) {
            graph.add(nodes.backward(user), nodes.forward(used));
        }
    }
}

fn circular(walked: &Walked, nodes: Nodes, circle: &[usize]) -> Diagnostic {
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

fn ordering(walked: &Walked, links: &Links, nodes: Nodes) -> (Graph, Joins) {
    let mut graph = Graph::new(nodes.count());
    let items = &walked.items;
    let mut current: BTreeMap<&Address, usize> = BTreeMap::new();
    for (i, item) in items.iter().enumerate() {
        match item.action {
            Action::Replace => graph.add(nodes.backward(i), nodes.forward(i)),
            Action::ReplaceCreateFirst => graph.add(nodes.forward(i), nodes.backward(i)),
            _ => {}
        }
        if item.deposed.is_none() {
            current.insert(&item.address, i);
        }
    }
    // What was set aside for a replacement goes when the replacement stands.
    for (i, item) in items.iter().enumerate().filter(|(_, item)| item.deposed.is_some()) {
        if let Some(j) = current.get(&item.address) {
            graph.add(nodes.forward(*j), nodes.backward(i));
        }
    }
    let joins = connect(links, nodes, items, &mut graph);
    (graph, joins)
}

/// Adds the dependency edges. The instances of a group meet in a node of their own, one for each kind of edge.
fn connect(links: &Links, nodes: Nodes, items: &[Item], graph: &mut Graph) -> Joins {
    let mut joins = Joins::default();
    for (i, item) in items.iter().enumerate() {
        let (now, before) = (&links.now[i], &links.before[i]);
        for j in &now.items {
            graph.add(nodes.forward(*j), nodes.forward(i));
        }
        for group in &now.groups {
            let join = joins.ready(*group, links, nodes, graph);
            graph.add(join, nodes.forward(i));
        }
        for j in &before.items {
            graph.add(nodes.backward(i), nodes.backward(*j));
        }
        for group in &before.groups {
            let join = joins.gone(*group, links, nodes, graph);
            graph.add(nodes.backward(i), join);
        }
        // Letting go: whatever holds on to something that goes away is changed before that goes. What is deleted first
        // itself lets go by that.
        if matches!(item.action, Action::Delete | Action::Forget | Action::Replace) {
            continue;
        }
        for j in before.items.iter().chain(&now.items).filter(|j| goes_after(items[**j].action)) {
            graph.add(nodes.forward(i), nodes.backward(*j));
        }
        for group in before.groups.iter().chain(&now.groups) {
            if let Some(join) = joins.let_go(*group, links, nodes, items, graph) {
                graph.add(nodes.forward(i), join);
            }
        }
    }
    joins
}

/// Nodes where a group's instances meet, by group.
#[derive(Default)]
pub(super) struct Joins {
    pub ready: BTreeMap<usize, usize>,
    gone: BTreeMap<usize, usize>,
    let_go: BTreeMap<usize, Option<usize>>,
}

impl Joins {
    /// All instances stand.
    fn ready(&mut self, group: usize, links: &Links, nodes: Nodes, graph: &mut Graph) -> usize {
        *self.ready.entry(group).or_insert_with(|| {
            let join = graph.push();
            links.groups[group].iter().for_each(|j| graph.add(nodes.forward(*j), join));
            join
        })
    }

    /// No instance is needed any more by what was made after it.
    fn gone(&mut self, group: usize, links: &Links, nodes: Nodes, graph: &mut Graph) -> usize {
        *self.gone.entry(group).or_insert_with(|| {
            let join = graph.push();
            links.groups[group].iter().for_each(|j| graph.add(join, nodes.backward(*j)));
            join
        })
    }

    /// Nobody holds on to the instances that go; nothing when none goes.
    fn let_go(&mut self, group: usize, links: &Links, nodes: Nodes, items: &[Item], graph: &mut Graph) -> Option<usize> {
        *self.let_go.entry(group).or_insert_with(|| {
            let going: Vec<usize> = links.groups[group].iter().copied().filter(|j| goes_after(items[*j].action)).collect();
            if going.is_empty() {
                return None;
            }
            let join = graph.push();
            going.iter().for_each(|j| graph.add(join, nodes.backward(*j)));
            Some(join)
        })
    }
}

/// Whether its old object is removed only after others have moved on.
fn goes_after(action: Action) -> bool {
    matches!(action, Action::Delete | Action::ReplaceCreateFirst)
}

/// Turns nodes that have work, or that stand between such nodes, into numbered steps.
fn number(walked: &Walked, state: &State, nodes: Nodes, graph: &Graph, carried: &BTreeMap<usize, usize>) -> (Vec<Step>, Vec<(StepId, StepId)>) {
    let works: Vec<usize> = (0..nodes.count()).filter(|n| act_of(walked, nodes, *n).is_some()).collect();
    let after = graph.reach(&works);
    let before = Graph::from_edges(graph.len(), graph.edges().map(|(a, b)| (b, a))).reach(&works);
    let order = graph.order().unwrap_or_else(|_| (0..graph.len()).collect());
    let kept: Vec<usize> = order.into_iter().filter(|n| after.contains(n) && before.contains(n)).collect();
    let number: BTreeMap<usize, StepId> = kept.iter().enumerate().map(|(i, n)| (*n, StepId(i))).collect();
    let edges = graph.edges().filter_map(|(a, b)| Some((*number.get(&a)?, *number.get(&b)?))).collect();
    let steps = kept.iter().map(|n| step(walked, state, nodes, *n, carried.get(n).and_then(|c| number.get(c)).copied())).collect();
    (steps, edges)
}

fn act_of(walked: &Walked, nodes: Nodes, node: usize) -> Option<Act> {
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

fn step(walked: &Walked, state: &State, nodes: Nodes, node: usize, carried_by: Option<StepId>) -> Step {
    let Some(act) = act_of(walked, nodes, node) else {
        return Step { change: None, act: Act::Join, deposed: None, carried_by: None, locks: Vec::new(), create_before_destroy: false, timeout: 0 };
    };
    let index = if node < walked.items.len() { node } else { node - nodes.items };
    let item = &walked.items[index];
    let value = if act == Act::Delete { item.prior.as_ref() } else { item.after.as_ref() };
    let deposed = match (&item.deposed, item.action, act) {
        (Some(key), ..) => Some(key.clone()),
        (None, Action::ReplaceCreateFirst, Act::Delete) => Some(deposed_key(&item.address, state)),
        _ => None,
    };
    let timeouts = &item.timeouts;
    Step {
        change: Some(index),
        act,
        deposed,
        carried_by,
        locks: value.map(|v| item.ty.locks(v, &item.ctx)).unwrap_or_default(),
        create_before_destroy: item.create_before_destroy,
        timeout: match act {
            Act::Create => timeouts.create,
            Act::Update => timeouts.update,
            Act::Delete => timeouts.delete,
            _ => timeouts.read,
        },
    }
}

/// Eight hexadecimal digits, as Terraform's deposed keys, but the same for the same address; another one as long as an
/// object that was set aside earlier still has it.
fn deposed_key(address: &Address, state: &State) -> String {
    let mut name = address.to_string();
    loop {
        let key = uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, name.as_bytes()).simple().to_string()[..8].to_owned();
        if !state.deposed.contains_key(&(address.clone(), key.clone())) {
            return key;
        }
        name.push('+');
    }
}

/// What each block depends on directly, as the state writes it.
fn block_needs(links: &Links) -> BlockNeeds {
    let named = links.blocks.iter().map(|(block, needs)| (links::config_name(block), needs.iter().map(links::config_name).collect()));
    BlockNeeds(named.collect())
}
