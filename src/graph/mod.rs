//! A generic dependency graph on petgraph: cycles, order, reach, drawing. Knows no resource: nodes are numbers, labels are text.

pub mod draw;

use std::collections::{BTreeSet, BinaryHeap};

use petgraph::{
    Direction,
    algo::tarjan_scc,
    graph::{DiGraph, NodeIndex},
    visit::Dfs,
};

/// A graph over nodes `0..len`. An edge `(a, b)` says that `a` comes before `b`. Edges are kept once.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    inner: DiGraph<(), ()>,
    edges: BTreeSet<(usize, usize)>,
}

impl Graph {
    pub fn new(len: usize) -> Graph {
        let mut inner = DiGraph::with_capacity(len, len);
        for _ in 0..len {
            inner.add_node(());
        }
        Graph { inner, edges: BTreeSet::new() }
    }

    pub fn from_edges(len: usize, edges: impl IntoIterator<Item = (usize, usize)>) -> Graph {
        let mut graph = Graph::new(len);
        for (a, b) in edges {
            graph.add(a, b);
        }
        graph
    }

    /// Number of nodes.
    pub fn len(&self) -> usize {
        self.inner.node_count()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds a node and returns its number.
    pub fn push(&mut self) -> usize {
        self.inner.add_node(()).index()
    }

    /// Says that `before` comes before `after`. An edge to itself, to a node that is not there, or one already known changes nothing.
    pub fn add(&mut self, before: usize, after: usize) {
        if before != after && before < self.len() && after < self.len() && self.edges.insert((before, after)) {
            self.inner.add_edge(NodeIndex::new(before), NodeIndex::new(after), ());
        }
    }

    /// Takes an edge away.
    pub fn remove(&mut self, before: usize, after: usize) {
        if self.edges.remove(&(before, after))
            && let Some(edge) = self.inner.find_edge(NodeIndex::new(before), NodeIndex::new(after))
        {
            self.inner.remove_edge(edge);
        }
    }

    pub fn has(&self, before: usize, after: usize) -> bool {
        self.edges.contains(&(before, after))
    }

    pub fn edges(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.edges.iter().copied()
    }

    /// What comes directly before a node, in ascending order.
    pub fn before(&self, node: usize) -> Vec<usize> {
        self.neighbours(node, Direction::Incoming)
    }

    /// What comes directly after a node, in ascending order.
    pub fn after(&self, node: usize) -> Vec<usize> {
        self.neighbours(node, Direction::Outgoing)
    }

    fn neighbours(&self, node: usize, direction: Direction) -> Vec<usize> {
        if node >= self.len() {
            return Vec::new();
        }
        let mut found: Vec<usize> = self.inner.neighbors_directed(NodeIndex::new(node), direction).map(|n| n.index()).collect();
        found.sort_unstable();
        found
    }

    /// Whether a chain of edges leads from one node to the other (or they are the same).
    pub fn reaches(&self, from: usize, to: usize) -> bool {
        from < self.len() && self.reach(&[from]).contains(&to)
    }

    /// All nodes that a chain of edges leads to from any of the given ones, these included.
    pub fn reach(&self, from: &[usize]) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        let mut dfs = Dfs::empty(&self.inner);
        for start in from.iter().filter(|n| **n < self.len()) {
            dfs.move_to(NodeIndex::new(*start));
            while let Some(node) = dfs.next(&self.inner) {
                found.insert(node.index());
            }
        }
        found
    }

    /// The nodes so that each comes after all that must be before it; among those that are free to go, the lowest number first.
    /// When there is a cycle: its nodes, in the order of its edges, starting at the lowest.
    pub fn order(&self) -> Result<Vec<usize>, Vec<usize>> {
        let mut waits: Vec<usize> = (0..self.len()).map(|n| self.inner.neighbors_directed(NodeIndex::new(n), Direction::Incoming).count()).collect();
        let mut free: BinaryHeap<std::cmp::Reverse<usize>> = (0..self.len()).filter(|n| waits[*n] == 0).map(std::cmp::Reverse).collect();
        let mut order = Vec::with_capacity(self.len());
        while let Some(std::cmp::Reverse(node)) = free.pop() {
            order.push(node);
            for next in self.inner.neighbors(NodeIndex::new(node)) {
                waits[next.index()] -= 1;
                if waits[next.index()] == 0 {
                    free.push(std::cmp::Reverse(next.index()));
                }
            }
        }
        if order.len() == self.len() { Ok(order) } else { Err(self.cycles().into_iter().next().unwrap_or_default()) }
    }

    /// The sets of nodes that lead to each other; none when there is no cycle.
    pub fn knots(&self) -> Vec<BTreeSet<usize>> {
        tarjan_scc(&self.inner).into_iter().filter(|knot| knot.len() > 1).map(|knot| knot.iter().map(|n| n.index()).collect()).collect()
    }

    /// One cycle of each knot of nodes that lead to each other, lowest node first.
    pub fn cycles(&self) -> Vec<Vec<usize>> {
        let mut found: Vec<Vec<usize>> = tarjan_scc(&self.inner).into_iter().filter(|knot| knot.len() > 1).map(|knot| self.cycle_in(&knot)).collect();
        found.sort();
        found
    }

    /// The shortest cycle through the lowest node of a strongly connected knot.
    fn cycle_in(&self, knot: &[NodeIndex]) -> Vec<usize> {
        let members: BTreeSet<usize> = knot.iter().map(|n| n.index()).collect();
        let Some(start) = members.first().copied() else { return Vec::new() };
        let mut came_from = std::collections::BTreeMap::new();
        let mut queue = std::collections::VecDeque::from([start]);
        while let Some(node) = queue.pop_front() {
            for next in self.after(node).into_iter().filter(|n| members.contains(n)) {
                if next == start {
                    let mut cycle = vec![node];
                    let mut at = node;
                    while let Some(previous) = came_from.get(&at) {
                        cycle.push(*previous);
                        at = *previous;
                    }
                    cycle.reverse();
                    return cycle;
                }
                if next != start && !came_from.contains_key(&next) {
                    came_from.insert(next, node);
                    queue.push_back(next);
                }
            }
        }
        members.into_iter().collect()
    }

    /// The graph without the edges that a longer chain already implies. Leaves a graph with cycles as it is.
    pub fn reduced(&self) -> Graph {
        let Ok(order) = self.order() else { return self.clone() };
        let mut rank = vec![0; self.len()];
        for (i, node) in order.iter().enumerate() {
            rank[*node] = i;
        }
        let mut out = Graph::new(self.len());
        for node in 0..self.len() {
            // Nearest successors first: whatever they reach needs no edge of its own.
            let mut next = self.after(node);
            next.sort_by_key(|n| rank[*n]);
            let mut covered: BTreeSet<usize> = BTreeSet::new();
            for target in next {
                if covered.contains(&target) {
                    continue;
                }
                out.add(node, target);
                covered.extend(self.reach(&[target]));
            }
        }
        out
    }
}
