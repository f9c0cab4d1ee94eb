//! The `relevant_attributes` of a plan's JSON: the attributes of resources that changes are computed from.

use std::collections::BTreeSet;

use serde_json::{Value as J, json};

use crate::{
    base::{Key, ModulePath, PathStep, ResourceAddress, Span},
    lang::{
        blueprint::{Blueprint, Expr, Module, Resource},
        deps::{Reference, Target, body_references, references},
    },
    plan::{
        data::{Action, Plan, PlanMode},
        provider::module_at,
    },
};

/// What changed resources and outputs refer to, through locals, variables and modules' outputs, each with its path.
pub fn relevant_attributes(blueprint: &Blueprint, plan: &Plan) -> Vec<J> {
    let mut walk = Walk { blueprint, found: BTreeSet::new(), seen: BTreeSet::new() };
    if plan.mode == PlanMode::RefreshOnly {
        return Vec::new();
    }
    for change in plan.changes.iter().filter(|c| c.action != Action::NoOp && c.deposed.is_none()) {
        let (names, key) = crate::plan::walk::block_of(&change.address);
        if let Some(resource) = module_at(blueprint, &names).and_then(|m| m.resources.get(&key)) {
            walk.follow(change.address.module(), of_resource(resource));
        }
    }
    let root = ModulePath::root();
    for (name, _) in plan.outputs.iter().filter(|(_, change)| change.action() != Action::NoOp) {
        if let Some(output) = blueprint.root.outputs.get(name) {
            walk.follow(&root, references(&output.value));
        }
    }
    // What a module gives counts as new each time.
    if plan.mode == PlanMode::Normal {
        for path in instances(blueprint, plan) {
            for output in module_at(blueprint, &path.names()).into_iter().flat_map(|m| m.outputs.values()) {
                walk.follow(&path, references(&output.value));
            }
        }
    }
    walk.found.iter().map(|(resource, steps)| json!({ "resource": resource, "attribute": super::plan_json::path_json(steps) })).collect()
}

fn of_resource(resource: &Resource) -> Vec<Reference> {
    let repeated = resource.count.iter().chain(&resource.for_each).flat_map(references);
    body_references(&resource.body).into_iter().chain(repeated).collect()
}

/// The module instances below the root, as far as resources or single calls show them.
fn instances(blueprint: &Blueprint, plan: &Plan) -> BTreeSet<ModulePath> {
    let mut out = BTreeSet::new();
    let shown = plan.changes.iter().map(|c| c.address.module()).chain(plan.blocks.iter().map(|(a, _)| a.module()));
    for path in shown {
        let mut at = Some(path.clone());
        while let Some(here) = at.filter(|p| !p.is_root()) {
            at = here.parent();
            if module_at(blueprint, &here.names()).is_some() {
                out.insert(here);
            }
        }
    }
    let mut queue: Vec<ModulePath> = out.iter().cloned().chain([ModulePath::root()]).collect();
    while let Some(path) = queue.pop() {
        let calls = module_at(blueprint, &path.names()).map(|m| m.calls.values());
        for call in calls.into_iter().flatten().filter(|c| c.count.is_none() && c.for_each.is_none()) {
            let child = path.child(&call.name, None);
            if out.insert(child.clone()) {
                queue.push(child);
            }
        }
    }
    out
}

struct Walk<'a> {
    blueprint: &'a Blueprint,
    found: BTreeSet<(String, Vec<PathStep>)>,
    /// Expressions that were followed, by module and place.
    seen: BTreeSet<(ModulePath, Span)>,
}

impl Walk<'_> {
    fn follow(&mut self, module: &ModulePath, refs: Vec<Reference>) {
        let Some(here) = module_at(self.blueprint, &module.names()) else { return };
        for reference in refs {
            match &reference.target {
                Target::Resource(key) => self.resource(module, here, key, reference.path),
                Target::Local(name) => {
                    if let Some(local) = here.locals.get(name) {
                        self.expr(module, &local.expr);
                    }
                }
                Target::Variable(name) => self.variable(module, name),
                Target::Call(name) => self.call(module, here, name, &reference.path),
                _ => {}
            }
        }
    }

    fn expr(&mut self, module: &ModulePath, expr: &Expr) {
        if self.seen.insert((module.clone(), expr.span)) {
            self.follow(module, references(expr));
        }
    }

    fn resource(&mut self, module: &ModulePath, here: &Module, key: &crate::lang::ResourceKey, mut steps: Vec<PathStep>) {
        let Some(resource) = here.resources.get(key) else { return };
        // With `count` or `for_each` the first step is an instance key, which is no attribute.
        let repeated = (resource.count.is_some() || resource.for_each.is_some()) && !steps.is_empty();
        let instance = repeated.then(|| match steps.remove(0) {
            PathStep::Name(name) => Key::Str(name),
            PathStep::Index(i) => Key::Int(i as i64),
        });
        let address = ResourceAddress::new(module.clone(), key.mode, &key.kind, &key.name).instance(instance);
        self.found.insert((address.to_string(), steps));
    }

    fn variable(&mut self, module: &ModulePath, name: &str) {
        let (Some(parent), Some(step)) = (module.parent(), module.0.last()) else { return };
        let call = module_at(self.blueprint, &parent.names()).and_then(|m| m.calls.get(&step.name));
        if let Some(input) = call.and_then(|c| c.inputs.get(name)) {
            self.expr(&parent, &input.expr);
        }
    }

    fn call(&mut self, module: &ModulePath, here: &Module, name: &str, path: &[PathStep]) {
        let Some(call) = here.calls.get(name) else { return };
        let repeated = call.count.is_some() || call.for_each.is_some();
        let key = path.first().filter(|_| repeated).map(|step| match step {
            PathStep::Name(name) => Key::Str(name.clone()),
            PathStep::Index(i) => Key::Int(*i as i64),
        });
        let wanted = match path.get(usize::from(repeated)) {
            Some(PathStep::Name(name)) => Some(name),
            _ => None,
        };
        let child = module.child(name, key);
        for (_, output) in call.module.outputs.iter().filter(|(n, _)| wanted.is_none_or(|w| w == *n)) {
            self.expr(&child, &output.value);
        }
    }
}
