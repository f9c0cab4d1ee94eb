//! `-target` and `-exclude`-like narrowing: which blocks take part in a plan.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    base::{Address, ModulePath, ResourceAddress, address::Target},
    lang::{
        blueprint::{Blueprint, ResourceKey},
        deps::{self, Node},
    },
};

/// What a plan is narrowed to. Everything when there is no target.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    targets: Vec<Target>,
    /// Blocks that a target names or needs.
    blocks: BTreeSet<(Vec<String>, ResourceKey)>,
    /// Of these, the ones that are needed whole because another block refers to them.
    needed: BTreeSet<(Vec<String>, ResourceKey)>,
}

impl Scope {
    /// `needs` holds for each block the blocks that it refers to, directly or through locals, variables and outputs.
    pub fn new(targets: &[Target], needs: &Needs) -> Scope {
        let mut scope = Scope { targets: targets.to_vec(), ..Scope::default() };
        let named: Vec<_> = needs.keys().filter(|block| targets.iter().any(|t| names_block(t, block))).cloned().collect();
        let mut queue = named.clone();
        while let Some(block) = queue.pop() {
            for need in needs.get(&block).into_iter().flatten() {
                if scope.needed.insert(need.clone()) {
                    queue.push(need.clone());
                }
            }
        }
        scope.blocks.extend(named);
        scope.blocks.extend(scope.needed.iter().cloned());
        scope
    }

    pub fn is_everything(&self) -> bool {
        self.targets.is_empty()
    }

    pub fn has_block(&self, names: &[String], key: &ResourceKey) -> bool {
        self.is_everything() || self.blocks.contains(&(names.to_vec(), key.clone()))
    }

    /// Whether an output that tells of these blocks takes part: when all of them do, and there are any.
    pub fn has_output(&self, needs: Option<&BTreeSet<(Vec<String>, ResourceKey)>>) -> bool {
        needs.is_some_and(|needs| !needs.is_empty() && needs.iter().all(|(names, key)| self.has_block(names, key)))
    }

    pub fn has(&self, address: &Address) -> bool {
        if self.is_everything() || self.targets.iter().any(|t| t.covers(address)) {
            return true;
        }
        let key = ResourceKey { mode: address.mode(), kind: address.kind().to_owned(), name: address.name().to_owned() };
        self.needed.contains(&(address.module().names(), key))
    }
}

fn names_block(target: &Target, (names, key): &(Vec<String>, ResourceKey)) -> bool {
    let same = |r: &ResourceAddress| r.module.names() == *names && r.mode == key.mode && r.kind == key.kind && r.name == key.name;
    match target {
        Target::Module(path) => starts_with(names, path),
        Target::Resource(r) => same(r),
        Target::Instance(a) => same(&a.resource),
    }
}

fn starts_with(names: &[String], path: &ModulePath) -> bool {
    names.starts_with(&path.names())
}

/// Blocks by the block that refers to them.
pub type Needs = BTreeMap<(Vec<String>, ResourceKey), BTreeSet<(Vec<String>, ResourceKey)>>;

/// For each resource block, the blocks that it refers to at all, and those that it reaches through something that is not a resource.
pub fn needs(dependencies: &BTreeMap<Node, Vec<(Node, crate::base::Span)>>) -> (Needs, Needs) {
    let (mut all, mut indirect) = (Needs::new(), Needs::new());
    let mut memo: BTreeMap<&Node, BTreeSet<(Vec<String>, ResourceKey)>> = BTreeMap::new();
    for node in dependencies.keys() {
        let Node::Resource(names, key) = node else { continue };
        let block = (names.clone(), key.clone());
        let (mut direct, mut behind) = (BTreeSet::new(), BTreeSet::new());
        for (next, _) in dependencies.get(node).into_iter().flatten() {
            let found = resources_behind(next, dependencies, &mut memo);
            if matches!(next, Node::Resource(..)) { direct.extend(found) } else { behind.extend(found) }
        }
        behind.remove(&block);
        direct.remove(&block);
        direct.extend(behind.iter().cloned());
        indirect.insert(block.clone(), behind);
        all.insert(block, direct);
    }
    (all, indirect)
}

/// For each of the root's outputs, the resource blocks that it tells of.
pub fn output_needs(dependencies: &BTreeMap<Node, Vec<(Node, crate::base::Span)>>) -> BTreeMap<String, BTreeSet<(Vec<String>, ResourceKey)>> {
    let mut memo = BTreeMap::new();
    let mut out = BTreeMap::new();
    for node in dependencies.keys() {
        if let Node::Output(names, name) = node
            && names.is_empty()
        {
            out.insert(name.clone(), resources_behind(node, dependencies, &mut memo));
        }
    }
    out
}

/// The nearest resource blocks on every way from a node, itself included. Iterative, so that long chains of locals are no danger.
fn resources_behind<'a>(
    start: &'a Node, dependencies: &'a BTreeMap<Node, Vec<(Node, crate::base::Span)>>, memo: &mut BTreeMap<&'a Node, BTreeSet<(Vec<String>, ResourceKey)>>,
) -> BTreeSet<(Vec<String>, ResourceKey)> {
    if let Some(known) = memo.get(start) {
        return known.clone();
    }
    let mut found = BTreeSet::new();
    let mut seen = BTreeSet::from([start]);
    let mut stack = vec![start];
    while let Some(node) = stack.pop() {
        if let Node::Resource(names, key) = node {
            found.insert((names.clone(), key.clone()));
            continue;
        }
        for (next, _) in dependencies.get(node).into_iter().flatten() {
            if seen.insert(next) {
                stack.push(next);
            }
        }
    }
    memo.insert(start, found.clone());
    found
}

/// The root's outputs that tell of any of these blocks, directly or not.
pub fn outputs_of(blueprint: &Blueprint, blocks: &BTreeSet<(Vec<String>, ResourceKey)>) -> BTreeSet<String> {
    if blocks.is_empty() {
        return BTreeSet::new();
    }
    let dependencies = deps::dependencies(blueprint);
    let mut memo = BTreeMap::new();
    let names = dependencies.keys().filter_map(|node| if let Node::Output(names, name) = node { Some((node, names, name)) } else { None });
    let mut tells = |node| resources_behind(node, &dependencies, &mut memo).iter().any(|block| blocks.contains(block));
    names.filter(|(node, names, _)| names.is_empty() && tells(node)).map(|(_, _, name)| name.clone()).collect()
}
