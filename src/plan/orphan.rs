//! What the state holds and the configuration does not (any more): deleted, or forgotten where a `removed` block says so.

use super::{
    Action, PlanMode, Reason,
    refresh::{self, Refreshed},
    walk::{Item, Walked, Walker, block_of},
};
use crate::{
    base::{Address, Diagnostic, Diagnostics, Key, Mode, Value},
    lang::{Each, blueprint::Resource},
    plan::provider::module_at,
    schema,
    state::Instance,
};

/// Adds an item for every recorded object that the walk did not come across.
pub(super) fn collect<'a>(walker: &Walker<'a, '_>, out: &mut Walked<'a>, diags: &mut Diagnostics) {
    let known: std::collections::BTreeSet<Address> = out.items.iter().map(|i| i.address.clone()).collect();
    let destroy = walker.setup.options.mode == PlanMode::Destroy;
    for (address, instance) in &walker.state.resources {
        if known.contains(address) || address.mode() == Mode::Data {
            continue;
        }
        if !in_scope(walker, address, destroy) {
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
}

/// Under `-target`, a destroy also takes what depends on the target; that follows from the recorded dependencies.
fn in_scope(walker: &Walker, address: &Address, destroy: bool) -> bool {
    if walker.scope.is_everything() {
        return true;
    }
    if !destroy {
        return walker.setup.options.targets.iter().any(|t| t.covers(address));
    }
    let covered = |a: &Address| walker.setup.options.targets.iter().any(|t| t.covers(a));
    if covered(address) {
        return true;
    }
    let depends_on: Vec<&String> = walker.state.resources.get(address).map(|i| i.dependencies.iter().collect()).unwrap_or_default();
    walker.state.resources.keys().any(|a| covered(a) && depends_on.iter().any(|d| **d == super::steps::config_address(a)))
}

fn recorded<'a>(
    walker: &Walker<'a, '_>, address: &Address, instance: &Instance, deposed: Option<String>, wants: &mut Vec<super::live::Want>, diags: &mut Diagnostics,
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
                super::steps::config_address(address)
            )),
        );
        return None;
    };
    let names = address.module().names();
    let resource: Option<&'a Resource> = module_at(walker.setup.blueprint, &names).and_then(|m| m.resources.get(&block_of(address).1));
    let ctx = walker.context(&names, resource, address);
    let stored = refresh::stored(ty, instance)?;
    let prior = if walker.setup.options.refresh {
        match refresh::refresh(ty, stored.clone(), &ctx, walker.live, wants) {
            Refreshed::Unread(v) | Refreshed::Present(v) => Some(v),
            Refreshed::Gone => None,
        }
    } else {
        Some(stored.clone())
    };
    Some(Item {
        address: address.clone(),
        resource,
        config: Value::null(ty.shape.ty()),
        refs: Vec::new(),
        ty,
        ctx,
        each: Each::default(),
        stored: Some(stored),
        prior,
        after: None,
        action: Action::NoOp,
        reason: None,
        changed: Vec::new(),
        replace_paths: Vec::new(),
        because: Vec::new(),
        previous: walker.moved.get(address).cloned(),
        importing: None,
        deposed,
        create_before_destroy: false,
    })
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
        return;
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
    let Some(module) = module_at(walker.setup.blueprint, &names) else { return Reason::NoModule };
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
