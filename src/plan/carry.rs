//! Parts that travel with their owner: an association or a load balancer's rule that is created together with the resource
//! it belongs to goes out in that resource's first request, and needs none of its own when the owner is deleted.
//! So a subnet is born with its route table and network security group, never without.

use std::collections::BTreeMap;

use super::{
    Act, Action,
    steps::{Links, Nodes},
    walk::Walked,
};
use crate::graph::Graph;

/// For each carried node, the node that carries it. Edges are added so that the owner waits for what its parts need.
/// A part whose needs lead back to the owner stays a request of its own.
pub(super) fn carry(walked: &Walked, links: &Links, nodes: &Nodes, graph: &mut Graph) -> BTreeMap<usize, usize> {
    let mut carried = BTreeMap::new();
    for (part, owner) in links.owner.iter().enumerate() {
        let Some(owner) = *owner else { continue };
        if acts(walked, part, Act::Create) && acts(walked, owner, Act::Create) && births(walked, links, nodes, part, owner, graph) {
            carried.insert(nodes.forward(part), nodes.forward(owner));
        }
    }
    let deaths: Vec<(usize, usize)> = links
        .owner
        .iter()
        .enumerate()
        .filter_map(|(part, owner)| Some((part, (*owner)?)))
        .filter(|(part, owner)| acts(walked, *part, Act::Delete) && acts(walked, *owner, Act::Delete))
        .collect();
    for (part, owner) in deaths {
        if dies(nodes, part, owner, graph) {
            carried.insert(nodes.backward(part), nodes.backward(owner));
        }
    }
    carried
}

fn acts(walked: &Walked, item: usize, act: Act) -> bool {
    walked.items.get(item).is_some_and(|i| match act {
        Act::Create => i.action.creates(),
        Act::Delete => i.action.deletes() && i.action != Action::ReplaceCreateFirst,
        _ => false,
    })
}

/// The owner's creation waits for everything that the part waits for, other parts of the same owner aside.
fn births(walked: &Walked, links: &Links, nodes: &Nodes, part: usize, owner: usize, graph: &mut Graph) -> bool {
    let needs: Vec<usize> = links.now[part].iter().copied().filter(|n| *n != owner && links.owner[*n] != Some(owner)).collect();
    let target = nodes.forward(owner);
    if needs.iter().any(|n| graph.reaches(target, nodes.forward(*n))) {
        return false;
    }
    // Values that the part takes from resources still to be created must be known when the owner is sent.
    if walked.items[part].after.as_ref().is_none() {
        return false;
    }
    for need in needs {
        graph.add(nodes.forward(need), target);
    }
    graph.add(target, nodes.forward(part));
    true
}

/// The part goes when its owner goes: whatever waited for the part's deletion now waits for the owner's, and
/// whatever had to be gone before the part must be gone before the owner.
fn dies(nodes: &Nodes, part: usize, owner: usize, graph: &mut Graph) -> bool {
    let (from, to) = (nodes.backward(part), nodes.backward(owner));
    let first: Vec<usize> = graph.before(from).into_iter().filter(|n| *n != to).collect();
    graph.remove(from, to);
    if first.iter().any(|n| graph.reaches(to, *n)) || graph.reaches(from, to) {
        graph.add(from, to);
        return false;
    }
    for node in first {
        graph.add(node, to);
    }
    graph.add(to, from);
    true
}
