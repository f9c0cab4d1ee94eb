//! `moved` blocks: instances of the state that the configuration now knows under another address.

use std::collections::BTreeMap;

use crate::{
    base::{
        Address, Key, ModulePath, ResourceAddress,
        address::{ModuleStep, Target},
    },
    lang::blueprint::{Blueprint, Module, Moved},
    state::State,
};

/// The state with all moves made.
pub struct Made {
    pub state: State,
    /// For each moved instance, where it was.
    pub moved: BTreeMap<Address, Address>,
    /// Moves that an object at the intended address prevented: from where, to where.
    pub blocked: Vec<(Address, Address)>,
}

/// Makes the moves, one block after the other, so that chains of them carry an instance all the way.
pub fn apply(state: &State, blueprint: &Blueprint) -> Made {
    let mut rules = Vec::new();
    collect(&blueprint.root, &mut rules);
    let mut made = Made { state: state.clone(), moved: BTreeMap::new(), blocked: Vec::new() };
    for rule in in_order(rules) {
        // A rule can only match an instance of a block it names, so most states have nothing for it.
        let moves: Vec<(Address, Address)> = made.state.resources.keys().filter_map(|a| Some((a.clone(), step(a, &rule)?))).collect();
        for (from, to) in moves.into_iter().filter(|(from, to)| from != to) {
            made.relocate(from, to, true);
        }
    }
    let implied: Vec<(Address, Address)> = made.state.resources.keys().filter_map(|a| Some((a.clone(), repeated(a, blueprint, &made.state)?))).collect();
    for (from, to) in implied {
        made.relocate(from, to, false);
    }
    made
}

impl Made {
    fn relocate(&mut self, from: Address, to: Address, told: bool) {
        if self.state.resources.contains_key(&to) {
            if told {
                self.blocked.push((from, to));
            }
            return;
        }
        if let Some(instance) = self.state.resources.remove(&from) {
            let keys: Vec<String> = self.state.deposed.keys().filter(|(a, _)| *a == from).map(|(_, key)| key.clone()).collect();
            for key in keys {
                if let Some(deposed) = self.state.deposed.remove(&(from.clone(), key.clone())) {
                    self.state.deposed.insert((to.clone(), key), deposed);
                }
            }
            self.state.resources.insert(to.clone(), instance);
            let origin = self.moved.remove(&from).unwrap_or(from);
            self.moved.insert(to, origin);
        }
    }
}

/// A `moved` block with the call names of the module that it stands in.
type Rule<'a> = (&'a [String], &'a Moved);

fn collect<'a>(module: &'a Module, out: &mut Vec<Rule<'a>>) {
    out.extend(module.moved.iter().map(|m| (module.path.as_slice(), m)));
    for call in module.calls.values() {
        collect(&call.module, out);
    }
}

/// A rule comes after those that lead to where it begins; in a circle, as they are written.
fn in_order(mut rules: Vec<Rule>) -> Vec<Rule> {
    let mut out = Vec::new();
    while !rules.is_empty() {
        let leads = |a: &Rule, b: &Rule| touches(&whole(a.0, &a.1.to.0), &whole(b.0, &b.1.from.0));
        let first = (0..rules.len()).find(|i| !rules.iter().enumerate().any(|(j, other)| *i != j && leads(other, &rules[*i])));
        out.push(rules.remove(first.unwrap_or(0)));
    }
    out
}

/// A target's names from the root on: the calls of the module that says so, then its own.
fn whole(names: &[String], target: &Target) -> (Vec<String>, Option<Target>) {
    let (module, rest) = match target {
        Target::Module(path) => (path.names(), None),
        Target::Resource(r) => (r.module.names(), Some(target.clone())),
        Target::Instance(a) => (a.module().names(), Some(target.clone())),
    };
    (names.iter().cloned().chain(module).collect(), rest)
}

/// Whether what one names can be, or lie in, what the other names.
fn touches(to: &(Vec<String>, Option<Target>), from: &(Vec<String>, Option<Target>)) -> bool {
    match (&to.1, &from.1) {
        (None, None) => to.0.starts_with(&from.0) || from.0.starts_with(&to.0),
        (None, Some(_)) => from.0.starts_with(&to.0),
        (Some(_), None) => to.0.starts_with(&from.0),
        (Some(a), Some(b)) => {
            let parts = |t: &Target| match t {
                Target::Resource(r) => Some((r.mode, r.kind.clone(), r.name.clone(), None)),
                Target::Instance(a) => Some((a.mode(), a.kind().to_owned(), a.name().to_owned(), Some(a.key.clone()))),
                Target::Module(_) => None,
            };
            match (parts(a), parts(b)) {
                (Some(a), Some(b)) => to.0 == from.0 && (a.0, &a.1, &a.2) == (b.0, &b.1, &b.2) && (a.3.is_none() || b.3.is_none() || a.3 == b.3),
                _ => false,
            }
        }
    }
}

/// Where one rule takes an address; nothing when it does not apply.
fn step(address: &Address, (names, moved): &Rule) -> Option<Address> {
    let module = address.module();
    if module.0.len() < names.len() || module.0.iter().zip(*names).any(|(s, n)| s.name != *n) {
        return None;
    }
    let (outer, inner) = module.0.split_at(names.len());
    let relative = ResourceAddress { module: ModulePath(inner.to_vec()), ..address.resource.clone() }.instance(address.key.clone());
    let next = rewrite(&relative, &moved.from.0, &moved.to.0)?;
    let module = ModulePath(outer.iter().chain(&next.resource.module.0).cloned().collect());
    Some(ResourceAddress { module, ..next.resource }.instance(next.key))
}

fn rewrite(address: &Address, from: &Target, to: &Target) -> Option<Address> {
    match (from, to) {
        (Target::Module(from), Target::Module(to)) => {
            let steps = &address.module().0;
            let fits = steps.len() >= from.0.len() && from.0.iter().zip(steps).all(|(f, s)| f.name == s.name && (f.key.is_none() || f.key == s.key));
            if !fits || from.0.is_empty() || to.0.is_empty() {
                return None;
            }
            let last = &steps[from.0.len() - 1];
            let mut module: Vec<ModuleStep> = to.0.clone();
            // `module.a` to `module.b` keeps each instance's key; a key in `from` was given up for the one in `to`.
            if let (Some(step), Some(rule)) = (module.last_mut(), from.0.last())
                && step.key.is_none()
                && rule.key.is_none()
            {
                step.key = last.key.clone();
            }
            module.extend_from_slice(&steps[from.0.len()..]);
            Some(ResourceAddress { module: ModulePath(module), ..address.resource.clone() }.instance(address.key.clone()))
        }
        (Target::Resource(from), Target::Resource(to)) if address.resource == *from => Some(to.instance(address.key.clone())),
        (Target::Resource(from), Target::Instance(to)) if address.resource == *from && address.key.is_none() => Some(to.clone()),
        (Target::Instance(from), Target::Instance(to)) if address == from => Some(to.clone()),
        (Target::Instance(from), Target::Resource(to)) if address == from => Some(to.instance(None)),
        _ => None,
    }
}

/// `a` becomes `a[0]` when the block gained `count`, and the other way round, without a `moved` block.
fn repeated(address: &Address, blueprint: &Blueprint, state: &State) -> Option<Address> {
    let names = address.module().names();
    let key = crate::lang::blueprint::ResourceKey { mode: address.mode(), kind: address.kind().to_owned(), name: address.name().to_owned() };
    let resource = super::provider::module_at(blueprint, &names)?.resources.get(&key)?;
    let to = match (&address.key, resource.count.is_some(), resource.for_each.is_some()) {
        (None, true, _) => Some(Key::Int(0)),
        (Some(Key::Int(0)), false, false) => None,
        _ => return None,
    };
    let to = address.resource.instance(to);
    if state.resources.contains_key(&to) { None } else { Some(to) }
}
