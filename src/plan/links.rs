//! What each item depends on: now, by the configuration, and before, by what was recorded when it was last applied.
//!
//! A reference names a whole block. Where the values show which instances are meant (their ids stand in them), only
//! those count; elsewhere the block's instances are one group, so that what is kept grows with the sum of both sides
//! and not with their product.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{
    inside,
    provider::{call_at, module_at},
    walk::{BlockKey, Item, Walked, block_of},
};
use crate::{
    base::{Address, Key, Kind, ResourceId, Shape, Value},
    lang::{
        blueprint::{Blueprint, Expr},
        deps::{self, Node},
        refer,
    },
    schema::Target,
    state::State,
};

/// Groups up to this size are taken apart: a node to meet in would cost more than it saves.
const FEW: usize = 4;

/// What one item depends on: single items, and whole groups by number.
#[derive(Clone, Debug, Default)]
pub(super) struct Needs {
    pub items: BTreeSet<usize>,
    pub groups: BTreeSet<usize>,
}

/// The items' dependencies by index.
#[derive(Default)]
pub(super) struct Links {
    pub now: Vec<Needs>,
    pub before: Vec<Needs>,
    pub groups: Vec<Vec<usize>>,
    /// Dependencies that only an id written out in the configuration shows, `(which, on which)`; they give way in a circle.
    pub hints: Vec<(usize, usize)>,
    /// For parts: the item that owns each, as it will be.
    pub owner: Vec<Option<usize>>,
    /// For parts: the item that owned each, as it was.
    pub owned: Vec<Option<usize>>,
    /// Other blocks that each block's items depend on directly.
    pub blocks: BTreeMap<BlockKey, BTreeSet<BlockKey>>,
}

/// An address without any instance keys, as the state writes dependencies.
pub fn config_address(address: &Address) -> String {
    config_name(&super::walk::block_of(address))
}

pub(super) fn config_name((names, key): &BlockKey) -> String {
    let modules: String = names.iter().map(|n| format!("module.{n}.")).collect();
    format!("{modules}{}{}.{}", key.mode.prefix(), key.kind, key.name)
}

/// Finds out what depends on what.
pub(super) fn links(walked: &Walked, state: &State, blueprint: &Blueprint) -> Links {
    let items = &walked.items;
    let mut out = Links { owner: vec![None; items.len()], owned: vec![None; items.len()], ..Links::default() };
    let index = Index::of(items);
    let mut groups = Groups::of(items);
    let mut explicit = Explicit { blueprint, known: BTreeMap::new() };
    for (i, item) in items.iter().enumerate() {
        let mut finder = Finder { items, index: &index, groups: &mut groups, explicit: &mut explicit, i, block: item.block() };
        let before = finder.before(walked, state, &mut out);
        let now = finder.now(walked, &mut out);
        out.before.push(before);
        out.now.push(now);
    }
    out.groups = groups.members;
    for (i, item) in items.iter().enumerate() {
        let all = out.now[i].items.iter().chain(out.now[i].groups.iter().filter_map(|g| out.groups.get(*g)?.first()));
        let blocks: Vec<BlockKey> = all.map(|j| items[*j].block()).filter(|b| *b != item.block()).collect();
        out.blocks.entry(item.block()).or_default().extend(blocks);
    }
    out
}

/// Items by the ids that stand for them, as they will be and as they were.
struct Index {
    now: Ids,
    before: Ids,
    current: BTreeMap<Address, usize>,
}

/// Items by id. A resource and the parts of it that share its id are found under the same one.
#[derive(Default)]
struct Ids {
    /// By lower-case id: ids compare without case, and texts compare faster than ids do.
    by_text: HashMap<String, Vec<usize>>,
}

impl Ids {
    fn insert(&mut self, id: &ResourceId, item: usize) {
        self.by_text.entry(id.lower()).or_default().push(item);
    }

    fn at(&self, id: &ResourceId) -> &[usize] {
        self.by_text.get(&id.lower()).map_or(&[], Vec::as_slice)
    }

    /// The items at an id and above it, nearest first. What an id lies in are the beginnings of its text.
    fn at_or_above(&self, id: &ResourceId, visit: &mut dyn FnMut(&[usize])) {
        let text = id.lower();
        let mut end = text.len();
        while let Some(prefix) = text.get(..end).filter(|p| !p.is_empty()) {
            if let Some(found) = self.by_text.get(prefix) {
                visit(found);
            }
            end = prefix.rfind('/').unwrap_or(0);
        }
    }

    /// The nearest resource (not part) at or above an id.
    fn enclosing(&self, id: &ResourceId, items: &[Item]) -> Option<usize> {
        let mut nearest = None;
        self.at_or_above(id, &mut |found| nearest = nearest.or_else(|| found.iter().copied().find(|j| items[*j].ty.is_own())));
        nearest
    }

    fn own(&self, id: &ResourceId, items: &[Item]) -> Option<usize> {
        self.at(id).iter().copied().find(|j| items[*j].ty.is_own())
    }
}

impl Index {
    fn of(items: &[Item]) -> Index {
        let current = items.iter().enumerate().filter(|(_, item)| item.deposed.is_none()).map(|(i, item)| (item.address.clone(), i)).collect();
        let mut index = Index { now: Ids::default(), before: Ids::default(), current };
        for (i, item) in items.iter().enumerate().filter(|(_, item)| item.address.is_managed()) {
            if let Some(id) = item.after.as_ref().filter(|_| item.deposed.is_none()).and_then(|v| id_of(item, v)) {
                index.now.insert(&id, i);
            }
            if let Some(id) = item.prior.as_ref().and_then(|v| id_of(item, v)) {
                index.before.insert(&id, i);
            }
        }
        index
    }
}

/// The id that references to the item hold: its ARM id, or Terraform's for a part.
fn id_of(item: &Item, value: &Value) -> Option<ResourceId> {
    match item.ty.target(value, &item.ctx)? {
        Target::Own { id } => Some(id),
        Target::Part { id, .. } => ResourceId::parse(&id),
        _ => None,
    }
}

/// Every id written in a value.
fn ids_in(value: &Value, found: &mut dyn FnMut(ResourceId)) {
    if let Kind::String(text) = &value.kind {
        if text.get(..15).is_some_and(|t| t.eq_ignore_ascii_case("/subscriptions/")) {
            ResourceId::parse(text).into_iter().for_each(found);
        }
        return;
    }
    for (_, child) in value.children() {
        ids_in(child, found);
    }
}

/// The ids in a value that a configuration can have written: what the platform adds tells of what depends on the object.
fn written_ids(shape: &Shape, value: &Value, found: &mut dyn FnMut(ResourceId)) {
    for (name, attr) in shape.attrs.iter().filter(|(name, attr)| attr.settable() && !attr.computed && *name != "id") {
        if let Some(value) = value.get(name).filter(|_| !attr.sensitive) {
            ids_in(value, found);
        }
    }
    for (name, nested) in shape.blocks.iter().filter(|(_, nested)| nested.optional && !nested.computed) {
        for element in value.get(name).and_then(Value::elements).unwrap_or_default() {
            written_ids(&nested.shape, element, found);
        }
    }
}

/// Groups by the keys of module calls.
type ByKeys = BTreeMap<Vec<Option<Key>>, usize>;

/// The instances of blocks, by the module instance that they are seen from.
struct Groups {
    by_block: BTreeMap<BlockKey, Vec<usize>>,
    by_name: BTreeMap<String, BlockKey>,
    /// For a block and a number of module calls on the shared way: its instances by the keys of those calls.
    seen: BTreeMap<(BlockKey, usize), ByKeys>,
    members: Vec<Vec<usize>>,
}

impl Groups {
    fn of(items: &[Item]) -> Groups {
        let mut by_block: BTreeMap<BlockKey, Vec<usize>> = BTreeMap::new();
        for (i, item) in items.iter().enumerate() {
            by_block.entry(item.block()).or_default().push(i);
        }
        // Records name what moved by its old name.
        let moved = items.iter().filter_map(|item| Some((config_address(item.previous.as_ref()?), item.block())));
        let by_name = moved.chain(by_block.keys().map(|b| (config_name(b), b.clone()))).collect();
        Groups { by_block, by_name, seen: BTreeMap::new(), members: Vec::new() }
    }

    /// The instances of a block that a reference from `from` can mean: instances of modules on a shared way must be of the
    /// same module instance, as nothing can refer across.
    fn find(&mut self, from: &Address, block: &BlockKey, items: &[Item]) -> Option<usize> {
        let all = self.by_block.get(block)?;
        let shared = from.module().0.iter().zip(&block.0).take_while(|(step, name)| step.name == **name).count();
        let members = &mut self.members;
        let by_keys = self.seen.entry((block.clone(), shared)).or_insert_with(|| {
            let mut by_keys = ByKeys::new();
            for j in all {
                let group = *by_keys.entry(keys(&items[*j].address, shared)).or_insert_with(|| {
                    members.push(Vec::new());
                    members.len() - 1
                });
                members[group].push(*j);
            }
            by_keys
        });
        by_keys.get(&keys(from, shared)).copied()
    }
}

fn keys(address: &Address, count: usize) -> Vec<Option<Key>> {
    address.module().0.iter().take(count).map(|step| step.key.clone()).collect()
}

/// Which blocks a block waits for because somebody said so: `depends_on` of itself and of the module calls around it.
struct Explicit<'a> {
    blueprint: &'a Blueprint,
    known: BTreeMap<BlockKey, Vec<Node>>,
}

impl Explicit<'_> {
    fn has(&mut self, block: &BlockKey, other: &BlockKey) -> bool {
        let blueprint = self.blueprint;
        let nodes = self.known.entry(block.clone()).or_insert_with(|| {
            let (names, key) = block;
            let own = module_at(blueprint, names).and_then(|m| m.resources.get(key));
            let mut nodes = own.map(|r| named(names, &r.depends_on)).unwrap_or_default();
            for depth in 1..=names.len() {
                let (Some(way), Some(parent)) = (names.get(..depth), names.get(..depth - 1)) else { continue };
                nodes.extend(call_at(blueprint, way).map(|call| named(parent, &call.depends_on)).unwrap_or_default());
            }
            nodes
        });
        nodes.iter().any(|node| refer::covers(node, &other.0, &other.1))
    }
}

fn named(names: &[String], depends_on: &[Expr]) -> Vec<Node> {
    depends_on.iter().flat_map(deps::references).filter_map(|r| refer::resolve(names, &r)).collect()
}

/// Finds one item's needs.
struct Finder<'s, 'w, 'b> {
    items: &'s [Item<'w>],
    index: &'s Index,
    groups: &'s mut Groups,
    explicit: &'s mut Explicit<'b>,
    i: usize,
    block: BlockKey,
}

impl Finder<'_, '_, '_> {
    /// By the configuration: what the block refers to, the resource it lies in, and ids written out.
    fn now(&mut self, walked: &Walked, out: &mut Links) -> Needs {
        let mut needs = Needs::default();
        let item = &self.items[self.i];
        let Some(after) = item.after.as_ref().filter(|_| item.resource.is_some()) else { return needs };
        let target = item.ty.target(after, &item.ctx);
        let mut named = self.place(target.as_ref(), &self.index.now, &mut needs);
        ids_in(&item.config, &mut |id| {
            if let Some(j) = self.index.now.enclosing(&id, self.items).filter(|j| *j != self.i) {
                out.hints.push((self.i, j));
            }
            self.index.now.at_or_above(&id, &mut |found| named.extend(found));
        });
        let certain = item.config.is_wholly_known();
        let indirect = walked.indirect.get(&self.block);
        for block in walked.needs.get(&self.block).into_iter().flatten() {
            let meant = self.referred(block).filter(|_| !indirect.is_some_and(|b| b.contains(block)) && !self.explicit.has(&self.block, block));
            match meant {
                Some(meant) => needs.items.extend(meant),
                None => self.block_needed(block, &named, certain, &mut needs),
            }
        }
        out.owner[self.i] = match &target {
            Some(target) => inside::place(item.ty, target).and_then(|(owner, _)| self.index.now.own(&owner, self.items)),
            // The owner is made anew, so its id is not known yet.
            None => inside::owner_type(item.ty).and_then(|ty| self.likely_owner(ty, out.owned[self.i], &needs)),
        };
        out.hints.retain(|(i, j)| *i != self.i || !needs.items.contains(j));
        needs
    }

    /// The instances of a block that the arguments name by their keys; nothing when it may be any.
    fn referred(&self, block: &BlockKey) -> Option<Vec<usize>> {
        let refs = self.items[self.i].refs.iter().filter(|(r, _)| block_of(&r.instance(None)) == *block);
        let all = refs.map(|(r, key)| self.index.current.get(&r.instance(Some(key.clone()?))).copied()).collect::<Option<Vec<usize>>>()?;
        if all.is_empty() { None } else { Some(all) }
    }

    /// By the record: what it was made after, and the resource that it lies in.
    fn before(&mut self, walked: &Walked, state: &State, out: &mut Links) -> Needs {
        let mut needs = Needs::default();
        let item = &self.items[self.i];
        let Some(prior) = item.prior.as_ref() else { return needs };
        let target = item.ty.target(prior, &item.ctx);
        let mut named = self.place(target.as_ref(), &self.index.before, &mut needs);
        ids_in(prior, &mut |id| self.index.before.at_or_above(&id, &mut |found| named.extend(found)));
        let recorded = match &item.deposed {
            None => state.resources.get(item.previous.as_ref().unwrap_or(&item.address)),
            Some(key) => state.deposed.get(&(item.address.clone(), key.clone())),
        };
        for name in recorded.map(|r| r.dependencies.as_slice()).unwrap_or_default() {
            if let Some(block) = self.groups.by_name.get(name).cloned() {
                self.block_needed(&block, &named, true, &mut needs);
            }
        }
        if recorded.is_none_or(|r| r.dependencies.is_empty()) {
            self.unrecorded(walked, prior, &named, &mut needs);
        }
        let within = target.and_then(|target| inside::place(item.ty, &target));
        out.owned[self.i] = within.and_then(|(owner, _)| self.index.before.own(&owner, self.items));
        needs
    }

    /// Without a record (an interrupted creation, an import by another program) the block says what it needs, and so do the
    /// ids that its own arguments hold.
    fn unrecorded(&mut self, walked: &Walked, prior: &Value, named: &BTreeSet<usize>, needs: &mut Needs) {
        let item = &self.items[self.i];
        for block in walked.needs.get(&self.block).into_iter().flatten().filter(|_| item.resource.is_some()) {
            self.block_needed(block, named, true, needs);
        }
        written_ids(&item.ty.shape, prior, &mut |id| {
            let found = self.index.before.own(&id, self.items);
            let parts = self.index.before.at(&id).iter().copied().filter(|_| found.is_none());
            needs.items.extend(found.into_iter().chain(parts).filter(|j| *j != self.i));
        });
    }

    /// The resource that a target lies in is needed; the answer holds it and all above it.
    fn place(&self, target: Option<&Target>, ids: &Ids, needs: &mut Needs) -> BTreeSet<usize> {
        let mut named = BTreeSet::new();
        let within = match target {
            Some(Target::Own { id }) => id.parent(),
            Some(Target::Part { owner, .. }) => Some(owner.clone()),
            _ => None,
        };
        if let Some(id) = within {
            needs.items.extend(ids.enclosing(&id, self.items).filter(|j| *j != self.i));
            ids.at_or_above(&id, &mut |found| named.extend(found));
        }
        named
    }

    /// The instances of a block that are meant: those whose ids stand in the values, or else all.
    fn block_needed(&mut self, block: &BlockKey, named: &BTreeSet<usize>, certain: bool, needs: &mut Needs) {
        let item = &self.items[self.i];
        let Some(group) = self.groups.find(&item.address, block, self.items) else { return };
        let members = &self.groups.members[group];
        if certain && members.len() > 1 && !self.explicit.has(&self.block, block) {
            let meant: Vec<usize> = named.iter().copied().filter(|j| *j != self.i && members.binary_search(j).is_ok()).collect();
            if !meant.is_empty() {
                needs.items.extend(meant);
                return;
            }
        }
        if members.len() <= FEW || *block == self.block {
            needs.items.extend(members.iter().copied().filter(|j| *j != self.i));
        } else {
            needs.groups.insert(group);
        }
    }

    /// The resource that owned it and is made anew, or else the one among the needs whose type owns parts of this kind.
    /// Apply looks again, when the id is known.
    fn likely_owner(&self, ty: &str, owned: Option<usize>, needs: &Needs) -> Option<usize> {
        let is_needed = |j: usize| needs.items.contains(&j) || needs.groups.iter().any(|g| self.groups.members[*g].binary_search(&j).is_ok());
        if let Some(owner) = owned.filter(|j| self.items[*j].action.is_replace() && is_needed(*j)) {
            return Some(owner);
        }
        let groups = needs.groups.iter().filter_map(|g| self.groups.members.get(*g)).flatten();
        let mut fits = needs.items.iter().chain(groups).filter(|j| self.items[**j].ty.is_own() && self.items[**j].ty.arm_type.eq_ignore_ascii_case(ty));
        match (fits.next(), fits.next()) {
            (Some(only), None) => Some(*only),
            _ => None,
        }
    }
}
