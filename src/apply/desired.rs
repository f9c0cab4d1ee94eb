//! What a step wants, now that what it waited for is done: the plan's value with its unknowns filled in.

use std::{cell::RefCell, collections::BTreeMap};

use crate::{
    base::{Address, Diagnostic, Diagnostics, Path, Value, value::show_path},
    builtin,
    lang::{ConditionKind, Each, Evaluator, Expansion, blueprint::Blueprint, blueprint::Resource},
    plan::{self, Act, Change, Plan, Repetition, Step, StepId, instance, provider, refresh, timeouts, walk},
    schema::{self, Context, Major, ResourceType},
    state::Instance,
};

/// Evaluation during apply: the blueprint, with the values of everything that exists so far.
pub struct Desk<'a> {
    pub blueprint: &'a Blueprint,
    pub eval: Evaluator<'a>,
    pub plan: &'a Plan,
    pub major: Major,
    pub subscriptions: provider::Subscriptions,
    /// The steps that travel with each step.
    passengers: BTreeMap<StepId, Vec<StepId>>,
    /// The key under which each address's object is set aside by its replacement.
    set_aside: BTreeMap<Address, String>,
    expansions: RefCell<BTreeMap<Address, Expansion>>,
}

impl<'a> Desk<'a> {
    /// Makes every planned value visible to references: what is left as it is, and what is known of the rest. Each step's outcome
    /// then takes the place of its planned value; a part that travels with its owner refers to the owner before that.
    pub fn new(blueprint: &'a Blueprint, eval: Evaluator<'a>, plan: &'a Plan, subscriptions: provider::Subscriptions) -> Desk<'a> {
        let major = provider::major(blueprint, &mut Diagnostics::default());
        for (block, repetition) in &plan.blocks {
            eval.declare(&block.resource, &expansion_of(repetition));
        }
        for change in plan.changes.iter().filter(|c| c.deposed.is_none()) {
            if let Some(value) = &change.after {
                eval.set(&change.address, value.clone());
            }
        }
        let (passengers, set_aside) = (passengers(plan), set_aside(plan));
        Desk { blueprint, eval, plan, major, subscriptions, passengers, set_aside, expansions: RefCell::default() }
    }

    /// The steps whose objects travel in the request of a step that creates.
    pub fn passengers(&self, step: StepId) -> impl Iterator<Item = (StepId, &'a Step, &'a Change)> + '_ {
        let plan = self.plan;
        self.passengers.get(&step).into_iter().flatten().filter_map(move |id| Some((*id, plan.steps.get(id.0)?, plan.change(*id)?)))
    }

    /// The deposed key that the object at an address gets when its replacement is created first.
    pub fn set_aside(&self, address: &Address) -> Option<String> {
        self.set_aside.get(address).cloned()
    }

    pub fn resource_type(&self, address: &Address) -> Option<&'static ResourceType> {
        let ty = schema::find(address.mode(), address.kind(), self.major)?;
        Some(if self.plan.stood_in.contains(address) { schema::stand_in(ty) } else { ty })
    }

    /// The block that declares an instance.
    pub fn block(&self, address: &Address) -> Option<&'a Resource> {
        let (names, key) = walk::block_of(address);
        provider::module_at(self.blueprint, &names)?.resources.get(&key)
    }

    pub fn context(&self, address: &Address) -> Context {
        let config = self.block(address).map(|r| provider::config_of(self.blueprint, &address.module().names(), r));
        let identity = &self.plan.identity;
        let subscription = config.and_then(|c| self.subscriptions.get(&c)).unwrap_or(&identity.subscription);
        Context {
            subscription: subscription.clone(),
            tenant: identity.tenant.clone(),
            client: identity.client.clone(),
            object: identity.object.clone(),
            seed: address.to_string(),
        }
    }

    /// `each.key`, `each.value` and `count.index` of an instance.
    pub fn each(&self, address: &Address, resource: &Resource, diags: &mut Diagnostics) -> Each {
        let block = address.resource.instance(None);
        if let Some(known) = self.expansions.borrow().get(&block) {
            return known.each(&address.key);
        }
        let Some(expansion) = self.eval.expand(address.module(), resource, diags) else { return Each::default() };
        let each = expansion.each(&address.key);
        // Where `for_each` goes over resources, its values come to be known one after the other: those are worked out anew.
        if is_known(&expansion) {
            self.expansions.borrow_mut().insert(block, expansion);
        }
        each
    }

    /// The value that a step is to bring about. Errors when evaluation fails, when something is still unknown that must not be,
    /// or when a value that the plan knew comes out different.
    pub fn value(&self, change: &Change, prior: Option<&Value>) -> Result<Value, Diagnostics> {
        let mut diags = Diagnostics::default();
        let (Some(ty), Some(resource)) = (self.resource_type(&change.address), self.block(&change.address)) else {
            diags.push(Diagnostic::error(
                "plan-block",
                "Planned resource is not in the blueprint",
                format!("{} has no block to take its values from.", change.address),
            ));
            return Err(diags);
        };
        let ctx = self.context(&change.address);
        let each = self.each(&change.address, resource, &mut diags);
        let config = self.eval.decode(change.address.module(), &timeouts::without(&resource.body), &ty.shape, &each, &mut diags);
        if diags.has_errors() {
            return Err(diags);
        }
        let config = match &change.before {
            Some(before) => instance::ignoring(config, before, &Some(&resource.lifecycle.ignore_changes)),
            None => config,
        };
        let value = ty.planned(&config, prior, &ctx);
        let value =
            if ty.is_local() && change.address.is_managed() { builtin::planned(&ty.kind, &config, prior, value, &self.plan.timestamp).value } else { value };
        if let Some(planned) = &change.after {
            for path in disagreements(ty, planned, &value) {
                diags.push(different(change, planned, &value, &path, resource));
            }
        }
        if diags.has_errors() { Err(diags) } else { Ok(value) }
    }

    /// The postconditions of an instance, with its final value as `self`.
    pub fn postconditions(&self, address: &Address, value: &Value) -> Diagnostics {
        let mut diags = Diagnostics::default();
        if let Some(resource) = self.block(address).filter(|r| !r.lifecycle.postconditions.is_empty()) {
            let each = Each { self_value: Some(value.clone()), ..self.each(address, resource, &mut diags) };
            self.eval.conditions(address.module(), &resource.lifecycle.postconditions, &each, ConditionKind::ResourcePostcondition, &mut diags);
        }
        diags
    }

    /// The value as an instance of the state: without what must not be kept.
    pub fn instance(&self, ty: &ResourceType, address: &Address, value: &Value, step: &Step) -> Instance {
        let kept = walk::without_write_only(&ty.shape, value);
        let (dependencies, create_before_destroy) = (self.plan.needs.all(&plan::config_address(address)), step.create_before_destroy);
        Instance { dependencies, create_before_destroy, ..refresh::instance(ty, &kept) }
    }

    /// A recorded instance as a value.
    pub fn recorded(&self, address: &Address, instance: &Instance) -> Option<Value> {
        refresh::stored(self.resource_type(address)?, instance)
    }
}

fn passengers(plan: &Plan) -> BTreeMap<StepId, Vec<StepId>> {
    let mut out: BTreeMap<StepId, Vec<StepId>> = BTreeMap::new();
    for (i, step) in plan.steps.iter().enumerate().filter(|(_, s)| s.act == Act::Create) {
        if let Some(carrier) = step.carried_by {
            out.entry(carrier).or_default().push(StepId(i));
        }
    }
    out
}

fn set_aside(plan: &Plan) -> BTreeMap<Address, String> {
    let deletes = plan.steps.iter().filter(|s| s.act == Act::Delete);
    let replaced = deletes.filter_map(|s| Some((s.deposed.clone()?, plan.changes.get(s.change?)?)));
    replaced.filter(|(_, c)| c.action == plan::Action::ReplaceCreateFirst).map(|(key, c)| (c.address.clone(), key)).collect()
}

fn is_known(expansion: &Expansion) -> bool {
    match expansion {
        Expansion::ForEach(entries) => entries.values().all(Value::is_wholly_known),
        _ => true,
    }
}

/// Only the keys matter to references; values of `each` are worked out when an instance is.
/// How a block of a plan is repeated.
pub fn expansion_of(repetition: &Repetition) -> Expansion {
    match repetition {
        Repetition::Single => Expansion::Single,
        Repetition::Count(n) => Expansion::Count(*n),
        Repetition::Keys(keys) => Expansion::ForEach(keys.iter().map(|k| (k.clone(), Value::unknown(crate::base::Type::Any))).collect()),
    }
}

/// Paths at which the plan knew a value and another one came out.
fn disagreements(ty: &ResourceType, planned: &Value, value: &Value) -> Vec<Path> {
    fn walk(ty: &ResourceType, planned: &Value, value: &Value, path: &mut Path, found: &mut Vec<Path>) {
        if planned.is_unknown() || value.is_unknown() {
            return;
        }
        if planned.is_wholly_known() {
            if value.is_wholly_known() && !ty.same(path, planned, value) {
                found.push(path.clone());
            }
            return;
        }
        match (planned.elements(), value.elements()) {
            // The order of a set may change when its unknown elements become known.
            (Some(_), Some(_)) if matches!(planned.kind, crate::base::Kind::Set(..)) => return,
            (Some(p), Some(v)) if p.len() != v.len() => return found.push(path.clone()),
            _ => {}
        }
        for (step, child) in planned.children() {
            let Some(other) = value.at(std::slice::from_ref(&step)) else { continue };
            path.push(step);
            walk(ty, child, other, path, found);
            path.pop();
        }
    }
    let mut found = Vec::new();
    walk(ty, planned, value, &mut Vec::new(), &mut found);
    found
}

fn different(change: &Change, planned: &Value, value: &Value, path: &Path, resource: &Resource) -> Diagnostic {
    let show = |v: &Value| v.at(path).map_or("nothing".to_owned(), |v| v.to_string());
    Diagnostic::error(
        "inconsistent-final-plan",
        "Value differs from the plan",
        format!("The plan had {} = {} for {}, but now it comes out as {}.", show_path(path), show(planned), change.address, show(value)),
    )
    .at(resource.span)
    .on(&change.address)
    .hint("Something that the blueprint reads changed since the plan was made. Plan again.")
}
