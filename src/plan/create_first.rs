//! Create-before-destroy: whom it binds besides who asked for it, and where it cannot be.

use std::collections::BTreeSet;

use super::{Action, Reason, links::Links, walk::Walked};
use crate::{
    base::{Diagnostic, Diagnostics, ResourceId, Value},
    schema::Target,
};

/// What is replaced create-first needs what it depends on to be replaced the same way. Where the replacement would have
/// the same id, that cannot be: two objects cannot stand under one id at the same time.
pub(super) fn spread(walked: &mut Walked, links: &Links, diags: &mut Diagnostics) {
    let asked: Vec<usize> = (0..walked.items.len()).filter(|i| walked.items[*i].create_before_destroy).collect();
    for i in &asked {
        settle(walked, *i, None, diags);
    }
    let mut queue = asked;
    let mut seen: BTreeSet<usize> = queue.iter().copied().collect();
    let mut groups: BTreeSet<usize> = BTreeSet::new();
    while let Some(i) = queue.pop() {
        let needs = &links.now[i];
        let fresh: Vec<usize> = needs.groups.iter().copied().filter(|g| groups.insert(*g)).collect();
        let members = fresh.iter().filter_map(|g| links.groups.get(*g)).flatten();
        for j in needs.items.iter().chain(members).copied() {
            if walked.items[j].address.is_managed() && seen.insert(j) {
                walked.items[j].create_before_destroy = true;
                settle(walked, j, Some(i), diags);
                queue.push(j);
            }
        }
    }
}

/// Turns one replacement round, or says why it cannot be. `on` is who needs it.
fn settle(walked: &mut Walked, i: usize, on: Option<usize>, diags: &mut Diagnostics) {
    let item = &walked.items[i];
    if !item.action.is_replace() {
        return;
    }
    let target = |value: &Option<Value>| value.as_ref().and_then(|v| item.ty.target(v, &item.ctx));
    let same = target(&item.prior).zip(target(&item.after)).and_then(|(old, new)| shared_place(&old, &new));
    let action = match (same, on) {
        (None, _) => Action::ReplaceCreateFirst,
        // A half-made object has nobody who could use it meanwhile.
        (Some(_), None) if item.reason == Some(Reason::Tainted) => Action::Replace,
        (Some(id), None) => {
            diags.push(refused(walked, i, &id, ""));
            return;
        }
        (Some(id), Some(on)) => {
            let needy = &walked.items[on];
            if needy.action == Action::ReplaceCreateFirst {
                diags.push(refused(walked, i, &id, &format!(" {} is replaced create-first and needs both at once.", needy.address)));
                return;
            }
            Action::Replace
        }
    };
    walked.items[i].action = action;
}

/// The id under which both would stand; nothing when they do not meet.
fn shared_place(old: &Target, new: &Target) -> Option<ResourceId> {
    match (old, new) {
        (Target::Own { id: a }, Target::Own { id: b }) if a == b => Some(b.clone()),
        (Target::Part { owner: a, place: p, .. }, Target::Part { owner: b, place: q, .. }) if a == b && p == q => Some(b.clone()),
        _ => None,
    }
}

fn refused(walked: &Walked, i: usize, id: &ResourceId, why: &str) -> Diagnostic {
    let item = &walked.items[i];
    let asks = if why.is_empty() { "has create_before_destroy set" } else { "has to be replaced create-first" };
    let mut diagnostic = Diagnostic::error(
        "create-first-same-id",
        "Replacement cannot be created first under the same id",
        format!("{} {asks}, but its replacement would have the same id, {id}.{why}", item.address),
    )
    .on(&item.address)
    .hint("Give the replacement another name (for example a suffix that follows the changed value), or drop create_before_destroy.");
    diagnostic.span = item.resource.map(|r| r.span);
    diagnostic
}
