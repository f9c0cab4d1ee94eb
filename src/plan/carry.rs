//! Parts that travel with their owner: an association or a load balancer's rule that is created together with the resource
//! it belongs to goes out in that resource's first request, and needs none of its own when the owner is deleted.
//! So a subnet is born with its route table and network security group, never without.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Action,
    links::Links,
    steps::{Joins, Nodes},
    walk::{Item, Walked},
};
use crate::graph::Graph;

/// For each carried node, the node that carries it. The graph then has the owner wait for what its parts need.
/// A part whose needs lead back to the owner stays a request of its own.
pub(super) fn carry(walked: &Walked, links: &Links, nodes: Nodes, joins: &Joins, graph: &mut Graph) -> BTreeMap<usize, usize> {
    let births = births(walked, links, nodes, joins);
    let deaths = deaths(walked, links, nodes, graph);
    let mut rides: Vec<Ride> = births.into_iter().chain(deaths).collect();
    let mut left: Vec<Ride> = Vec::new();
    loop {
        let mut with = graph.clone();
        rides.iter().for_each(|ride| ride.lay(&mut with));
        let circles = with.knots();
        if circles.is_empty() {
            *graph = with;
            break;
        }
        let before = rides.len();
        left.extend(rides.extract_if(.., |r| r.is_in(&circles)));
        // A part that stands on one that does not travel cannot travel either.
        drop_stranded(&mut rides, &mut left);
        if rides.len() == before {
            // Not to be expected: the graph was free of circles before.
            return BTreeMap::new();
        }
    }
    // A circle drops whoever is in it; one by one, most of them can travel after all.
    squeeze_in(&mut rides, left, graph);
    rides.iter().map(|r| (r.part, r.owner)).collect()
}

/// More than this are not tried one by one: each takes a walk through the graph.
const FEW: usize = 500;

fn squeeze_in(rides: &mut Vec<Ride>, mut left: Vec<Ride>, graph: &mut Graph) {
    if left.len() > FEW {
        return;
    }
    left.sort_by_key(|r| (r.owner, r.part));
    let mut travels: BTreeSet<usize> = rides.iter().map(|r| r.part).collect();
    loop {
        let mut again = Vec::new();
        let before = left.len();
        for ride in left {
            let mut with = graph.clone();
            ride.lay(&mut with);
            let after = with.reach(&with.after(ride.owner));
            if ride.beside.iter().all(|n| travels.contains(n)) && !after.contains(&ride.owner) {
                travels.insert(ride.part);
                *graph = with;
                rides.push(ride);
            } else {
                again.push(ride);
            }
        }
        if again.len() == before || again.is_empty() {
            return;
        }
        left = again;
    }
}

/// One part's way with its owner.
struct Ride {
    part: usize,
    owner: usize,
    /// What has to be done before the owner, because the part needs it.
    first: Vec<usize>,
    /// Other parts of the same owner that have to travel with it.
    beside: Vec<usize>,
    /// The order of part and owner is turned round: a part that is deleted alone goes before its owner.
    turned: bool,
}

impl Ride {
    fn lay(&self, graph: &mut Graph) {
        if self.turned {
            graph.remove(self.part, self.owner);
        }
        for node in &self.first {
            graph.add(*node, self.owner);
        }
        graph.add(self.owner, self.part);
    }

    /// Whether it closes one of the circles.
    fn is_in(&self, circles: &[BTreeSet<usize>]) -> bool {
        circles.iter().any(|circle| circle.contains(&self.owner) && (circle.contains(&self.part) || self.first.iter().any(|n| circle.contains(n))))
    }
}

fn drop_stranded(rides: &mut Vec<Ride>, left: &mut Vec<Ride>) {
    loop {
        let travels: BTreeSet<usize> = rides.iter().map(|r| r.part).collect();
        let before = rides.len();
        left.extend(rides.extract_if(.., |r| r.beside.iter().any(|n| !travels.contains(n))));
        if rides.len() == before {
            return;
        }
    }
}

/// Parts that are created together with their owner.
fn births(walked: &Walked, links: &Links, nodes: Nodes, joins: &Joins) -> Vec<Ride> {
    let items = &walked.items;
    let pairs = links.owner.iter().enumerate().filter_map(|(part, owner)| Some((part, (*owner)?)));
    let mut rides = Vec::new();
    // Groups that hold something of an owner: the part means that one there, whatever else the group holds.
    let mut owners_in: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for (part, owner) in pairs.filter(|(p, o)| items[*p].action.creates() && items[*o].action.creates()) {
        let mut ride = Ride { part: nodes.forward(part), owner: nodes.forward(owner), first: Vec::new(), beside: Vec::new(), turned: false };
        for need in links.now[part].items.iter().copied().filter(|n| *n != owner) {
            if links.owner[need] != Some(owner) {
                ride.first.push(nodes.forward(need));
            } else if items[need].action.creates() {
                ride.beside.push(nodes.forward(need));
            }
        }
        for group in &links.now[part].groups {
            let members = &links.groups[*group];
            let held = owners_in.entry(*group).or_insert_with(|| members.iter().map(|m| links.owner[*m].unwrap_or(*m)).collect());
            if !held.contains(&owner) {
                ride.first.extend(joins.ready.get(group));
            }
        }
        rides.push(ride);
    }
    drop_stranded(&mut rides, &mut Vec::new());
    rides
}

/// Parts whose owner is deleted: they go with it. Whatever waited for the part's deletion then waits for the owner's, and
/// whatever had to be gone before the part must be gone before the owner.
fn deaths(walked: &Walked, links: &Links, nodes: Nodes, graph: &Graph) -> Vec<Ride> {
    let goes = |item: &Item| item.action.deletes() && item.action != Action::ReplaceCreateFirst;
    let pairs = links.owned.iter().enumerate().filter_map(|(part, owner)| Some((part, (*owner)?)));
    let pairs: BTreeMap<usize, usize> =
        pairs.filter(|(p, o)| goes(&walked.items[*p]) && goes(&walked.items[*o])).map(|(part, owner)| (nodes.backward(part), nodes.backward(owner))).collect();
    let mut rides = Vec::new();
    for (part, owner) in &pairs {
        // Other parts of the owner are gone before it or with it, whether they travel or not.
        let first = graph.before(*part).into_iter().filter(|n| n != owner && pairs.get(n) != Some(owner)).collect();
        rides.push(Ride { part: *part, owner: *owner, first, beside: Vec::new(), turned: true });
    }
    rides
}
