//! Arguments and blocks that a resource type does not have, found without evaluating anything: told together with references
//! that lead nowhere, which end a command before it plans.

use super::{provider, walk};
use crate::{
    base::{Diagnostics, ModulePath, Sources},
    lang::{Each, Evaluator, Files, Inputs, blueprint::Blueprint},
};

/// What the shape of a body alone shows to be wrong.
const ABOUT_SHAPE: [&str; 5] = ["unsupported-argument", "unsupported-block", "missing-argument", "unconfigurable-attribute", "extraneous-label"];

/// Checks every resource's body against its type.
pub fn strangers(blueprint: &Blueprint, sources: &Sources, files: &dyn Files) -> Diagnostics {
    let eval = Evaluator::new(blueprint, sources, files, Inputs { plan_mode: true, ..Inputs::default() });
    let major = provider::major(blueprint, &mut Diagnostics::default());
    let mut out = Diagnostics::default();
    let mut modules = vec![(&*blueprint.root, ModulePath::root())];
    while let Some((module, path)) = modules.pop() {
        for resource in module.resources.values() {
            let Some(ty) = walk::resource_type(resource, major, &mut out) else { continue };
            let mut found = Diagnostics::default();
            let body = super::timeouts::without(&resource.body);
            eval.decode(&path, &body, &ty.shape, &Each::default(), &mut found);
            out.extend(found.into_iter().filter(|d| ABOUT_SHAPE.contains(&d.code)));
        }
        modules.extend(module.calls.values().map(|call| (&*call.module, path.child(&call.name, None))));
    }
    let mut seen = std::collections::BTreeSet::new();
    out.items.retain(|d| d.span.is_none_or(|span| seen.insert((d.code, span))));
    out
}
