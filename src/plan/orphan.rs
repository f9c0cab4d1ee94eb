//! What the state holds and the configuration does not (any more): deleted, or forgotten where a `removed` block says so.

use std::collections::BTreeSet;

use super::{
    Action, PlanMode, Reason,
    live::Want,
    refresh::{self, Refreshed},
    timeouts,
    walk::{Item, Walked, Walker, block_of},
};
use crate::{
    base::{Address, Diagnostic, Diagnostics, Key, Mode, ResourceId, Value},
    lang::{Each, blueprint::Resource},
    plan::provider::module_at,
    schema::{self, ResourceType},
    state::Instance,
};

/// Adds an item for every recorded object that the walk did not come across.
pub(super) fn collect<'a>(walker: &Walker<'a, '_>, out: &mut Walked<'a>, diags: &mut Diagnostics) {
    let known: BTreeSet<Address> = out.items.iter().map(|i| i.address.clone()).collect();
    let destroy = walker.setup.options.mode == PlanMode::Destroy;
    let scope = Scope::of(walker, destroy);
    for (address, instance) in &walker.state.resources {
        if known.contains(address) || address.mode() != Mode::Managed {
            continue;
        }
        if !scope.has(walker, address) {
            out.partial = true;
            continue;
        }
        if let Some(mut item) = recorded(walker, address, instance, None, &mut out.wants, diags) {
            leave(walker, &mut item, destroy, diags);
            out.items.push(item);
        }
    }
    for ((address, key), instance) in &walker.state.deposed {
        if let Some(mut item) = recorded(walker, address, instance, Some(key.clone()), &mut out.wants, diags) {
            if item.prior.is_some() {
                item.action = Action::Delete;
            }
            out.items.push(item);
        }
    }
    for (address, id) in walker.setup.interrupted {
        if known.contains(address) || walker.state.resources.contains_key(address) || !scope.has(walker, address) {
            continue;
        }
        if let Some(mut item) = id.as_ref().and_then(|id| half_made(walker, address, id, &mut out.wants)) {
            leave(walker, &mut item, destroy, diags);
            out.items.push(item);
        }
    }
}

/// What of the state takes part under `-target`.
struct Scope {
    /// A destroy also takes what depends on the targets, by the recorded dependencies: the targets' blocks.
    blocks: Option<BTreeSet<String>>,
}

impl Scope {
    fn of(walker: &Walker, destroy: bool) -> Scope {
        let covered = walker.state.resources.keys().filter(|a| is_target(walker, a));
        Scope { blocks: destroy.then(|| covered.map(super::links::config_address).collect()) }
    }

    fn has(&self, walker: &Walker, address: &Address) -> bool {
        if walker.scope.is_everything() || is_target(walker, address) {
            return true;
        }
        let (Some(blocks), Some(instance)) = (&self.blocks, walker.state.resources.get(address)) else { return false };
        instance.dependencies.iter().any(|d| blocks.contains(d))
    }
}

fn is_target(walker: &Walker, address: &Address) -> bool {
    walker.setup.options.targets.iter().any(|t| t.covers(address))
}

/// A creation that was interrupted before anything was recorded, of something that is not wanted any more: whatever Azure
/// has of it is to go.
fn half_made<'a>(walker: &Walker<'a, '_>, address: &Address, id: &ResourceId, wants: &mut Vec<Want>) -> Option<Item<'a>> {
    let ty = schema::find(address.mode(), address.kind(), walker.major)?;
    let mut item = bare(walker, address, ty);
    let seed = ty.from_id(id.as_str())?;
    let target = ty.target(&seed, &item.ctx)?;
    item.prior = refresh::observed(ty, &target, Some(&seed), &item.ctx, walker.live, wants)?;
    item.prior.is_some().then_some(item)
}

fn recorded<'a>(
    walker: &Walker<'a, '_>, address: &Address, instance: &Instance, deposed: Option<String>, wants: &mut Vec<Want>, diags: &mut Diagnostics,
) -> Option<Item<'a>> {
    let Some(ty) = schema::find(address.mode(), address.kind(), walker.major) else {
        diags.push(
            Diagnostic::error(
                "unknown-recorded-type",
                "State holds a resource of an unknown type",
                format!("{address} is in the state, but Ravelin does not know the resource type {:?}, so it cannot plan what becomes of it.", address.kind()),
            )
            .hint(format!(
                "To leave it as it is and take it out of the state:\n  removed {{\n    from = {}\n\n    lifecycle {{\n      destroy = false\n    }}\n  }}",
                super::links::config_address(address)
            )),
        );
        return None;
    };
    let ty = walker.stood_in(ty, address);
    let stored = refresh::stored(ty, instance)?;
    let mut item = bare(walker, address, ty);
    item.prior = if walker.setup.options.refresh {
        match walker.refreshed(ty, address, stored.clone(), &item.ctx, wants, diags) {
            Refreshed::Unread(v) | Refreshed::Present(v) => Some(v),
            Refreshed::Gone => None,
        }
    } else {
        Some(stored.clone())
    };
    item.stored = Some(stored);
    item.deposed = deposed;
    Some(item)
}

/// An item that nothing is known of but its address.
fn bare<'a>(walker: &Walker<'a, '_>, address: &Address, ty: &'static ResourceType) -> Item<'a> {
    let names = address.module().names();
    let resource: Option<&'a Resource> = module_at(walker.setup.blueprint, &names).and_then(|m| m.resources.get(&block_of(address).1));
    Item {
        address: address.clone(),
        resource,
        config: Value::null(ty.shape.ty()),
        refs: Vec::new(),
        timeouts: resource
            .map_or(ty.timeouts, |r| timeouts::read(&walker.eval, address.module(), &r.body, &Each::default(), ty.timeouts, &mut Diagnostics::default())),
        ty,
        ctx: walker.context(&names, resource, address),
        each: Each::default(),
        stored: None,
        prior: None,
        after: None,
        action: Action::NoOp,
        reason: None,
        changed: Vec::new(),
        replace_paths: Vec::new(),
        because: Vec::new(),
        previous: walker.moved.get(address).cloned(),
        importing: None,
        deposed: None,
        create_before_destroy: false,
        judged: None,
    }
}

fn leave(walker: &Walker, item: &mut Item, destroy: bool, diags: &mut Diagnostics) {
    if item.prior.is_none() {
        return;
    }
    item.action = Action::Delete;
    if destroy {
        keep_if_prevented(walker, item, diags);
        return;
    }
    if forgotten(walker, &item.address) {
        item.action = Action::Forget;
    }
    item.reason = Some(why(walker, &item.address));
}

fn keep_if_prevented(walker: &Walker, item: &Item, diags: &mut Diagnostics) {
    let Some(resource) = item.resource else { return };
    let prevents = resource.lifecycle.prevent_destroy.as_ref().is_some_and(|expr| {
        let value = walker.eval.eval(item.address.module(), expr, &Each::default(), diags);
        value.as_bool() == Some(true)
    });
    if prevents {
        diags.push(
            Diagnostic::error(
                "prevent-destroy",
                "Instance cannot be destroyed",
                format!("{} has lifecycle.prevent_destroy set, but the plan calls for it to be destroyed.", item.address),
            )
            .at(resource.span)
            .on(&item.address)
            .hint("Remove prevent_destroy, or narrow the plan with -target."),
        );
    }
}

/// Whether a `removed` block with `destroy = false` covers it.
fn forgotten(walker: &Walker, address: &Address) -> bool {
    let mut names = Vec::new();
    let mut modules = vec![(&*walker.setup.blueprint.root, names.clone())];
    while let Some((module, path)) = modules.pop() {
        for removed in module.removed.iter().filter(|r| !r.destroy) {
            let steps = &address.module().0;
            if steps.len() >= path.len() && steps.iter().zip(&path).all(|(s, n): (_, &String)| s.name == *n) {
                let inner = crate::base::ModulePath(steps[path.len()..].to_vec());
                let relative = crate::base::ResourceAddress { module: inner, ..address.resource.clone() }.instance(address.key.clone());
                if removed.from.0.covers(&relative) {
                    return true;
                }
            }
        }
        for call in module.calls.values() {
            names = path.clone();
            names.push(call.name.clone());
            modules.push((&*call.module, names.clone()));
        }
    }
    false
}

fn why(walker: &Walker, address: &Address) -> Reason {
    let names = address.module().names();
    let Some(module) = module_at(walker.setup.blueprint, &names) else { return Reason::NoResourceConfig };
    let Some(resource) = module.resources.get(&block_of(address).1) else { return Reason::NoResourceConfig };
    let mut quiet = Diagnostics::default();
    if !walker.eval.module_instances(&names, &mut quiet).contains(address.module()) {
        return Reason::NoModule;
    }
    match (&address.key, resource.count.is_some(), resource.for_each.is_some()) {
        (Some(Key::Int(_)), true, _) => Reason::CountIndex,
        (Some(Key::Str(_)), _, true) => Reason::EachKey,
        _ => Reason::WrongRepetition,
    }
}
