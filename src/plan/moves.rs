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

/// The state with all moves made, and for each moved instance where it was.
pub fn apply(state: &State, blueprint: &Blueprint) -> (State, BTreeMap<Address, Address>) {
    let mut rules = Vec::new();
    collect(&blueprint.root, &mut rules);
    let mut moved = BTreeMap::new();
    let mut out = state.clone();
    out.resources.clear();
    for (address, instance) in &state.resources {
        let to = settle(address, &rules, blueprint, state);
        if to != *address && !state.resources.contains_key(&to) {
            moved.insert(to.clone(), address.clone());
            out.resources.insert(to, instance.clone());
        } else {
            out.resources.insert(address.clone(), instance.clone());
        }
    }
    (out, moved)
}

/// A `moved` block with the call names of the module that it stands in.
type Rule<'a> = (&'a [String], &'a Moved);

fn collect<'a>(module: &'a Module, out: &mut Vec<Rule<'a>>) {
    out.extend(module.moved.iter().map(|m| (module.path.as_slice(), m)));
    for call in module.calls.values() {
        collect(&call.module, out);
    }
}

/// Follows the rules until none applies; the number of rules bounds the chain.
fn settle(address: &Address, rules: &[Rule], blueprint: &Blueprint, state: &State) -> Address {
    let mut at = address.clone();
    for _ in 0..=rules.len() {
        match rules.iter().find_map(|rule| step(&at, rule)) {
            Some(next) if next != at => at = next,
            _ => break,
        }
    }
    repeated(&at, blueprint, state).unwrap_or(at)
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
