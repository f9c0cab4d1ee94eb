//! Types without an ARM object in a plan: what their built-in provider decides, and what it has to look up outside.

use super::{
    PlanMode,
    live::{Lookup, Question, Want},
    refresh::{self, Refreshed},
    walk::{Item, Walker},
};
use crate::{
    base::{Address, Diagnostics, Marks, Span, Value},
    builtin::{self, Planned},
    lang::{ConditionKind, Each, blueprint::Resource},
    schema::{self, Context, ResourceType},
};

impl<'a> Walker<'a, '_> {
    /// The type of an instance: its own, or the one that stands in for it.
    pub(super) fn stood_in(&self, ty: &'static ResourceType, address: &Address) -> &'static ResourceType {
        if self.setup.options.stand_ins.covers(self.setup.blueprint, address) { schema::stand_in(ty) } else { ty }
    }

    /// What the instance will be: what the schema says, and for local types what their provider makes of it.
    pub(super) fn planned(&self, item: &Item<'a>, config: &Value, prior: Option<&Value>) -> Planned {
        let value = item.ty.planned(config, prior, &item.ctx);
        if !item.ty.is_local() {
            return Planned { value, replace: Vec::new() };
        }
        let mut planned = builtin::planned(&item.ty.kind, config, prior, value, &self.setup.inputs.now);
        let stand_ins = &self.setup.options.stand_ins;
        if prior.is_none() && stand_ins.covers(self.setup.blueprint, &item.address) && stand_ins.during_plan(self.setup.blueprint, &item.address) {
            planned.value = stand_ins.made(self.setup.blueprint, &item.address, item.ty, &planned.value);
        }
        planned
    }

    /// Reports what the type, and for local types its provider, finds wrong with a configuration.
    pub(super) fn validated(&self, resource: &Resource, ty: &ResourceType, address: &Address, config: &Value, diags: &mut Diagnostics) {
        for problem in ty.validate(config) {
            diags.push(super::instance::invalid(resource, address, problem));
        }
        if ty.is_local() {
            for mut found in builtin::validate(&ty.kind, config) {
                found.span = found.span.or(Some(resource.span));
                diags.push(found.on(address));
            }
        }
    }

    /// An ephemeral resource: opened when all that it asks for is known, and never written down.
    pub(super) fn ephemeral(
        &self, resource: &'a Resource, ty: &'static ResourceType, address: &Address, each: &Each, wants: &mut Vec<Want>, diags: &mut Diagnostics,
    ) -> Value {
        let config = self.eval.decode(address.module(), &resource.body, &ty.shape.fleeting(), each, diags);
        self.validated(resource, ty, address, &config, diags);
        let judged = self.judged(resource, address, each, diags);
        let asked = ty.planned(&config, None, &self.context(&address.module().names(), Some(resource), address));
        let opened = match config.is_wholly_known() && self.setup.options.mode != PlanMode::Destroy {
            true => self.ask_outside(Lookup::Open, address, &asked, wants, diags).flatten(),
            false => None,
        };
        let Some(value) = opened else { return asked.marked(Marks::EPHEMERAL) };
        let value = ty.complete(&refresh::keep_marks(value, &asked)).marked(Marks::EPHEMERAL);
        if judged.is_some() {
            let each = Each { self_value: Some(value.clone()), ..each.clone() };
            self.eval.judge(address.module(), &resource.lifecycle.postconditions, &each, ConditionKind::ResourcePostcondition, diags);
        }
        value
    }

    /// The recorded value, brought up to date from where the type lives.
    pub(super) fn refreshed(
        &self, ty: &ResourceType, address: &Address, stored: Value, ctx: &Context, wants: &mut Vec<Want>, diags: &mut Diagnostics,
    ) -> Refreshed {
        if !ty.is_local() {
            return refresh::refresh(ty, stored, ctx, self.live, wants);
        }
        if !ty.looks_outside {
            return Refreshed::Present(stored);
        }
        match self.ask_outside(Lookup::Read, address, &stored, wants, diags) {
            Some(Some(value)) => Refreshed::Present(refresh::keep_marks(value, &stored)),
            Some(None) => Refreshed::Gone,
            None => Refreshed::Unread(stored),
        }
    }

    /// What a built-in provider finds. `None`: not asked yet (the question is added to `wants`), or it failed and that is reported.
    pub(super) fn ask_outside(
        &self, lookup: Lookup, address: &Address, value: &Value, wants: &mut Vec<Want>, diags: &mut Diagnostics,
    ) -> Option<Option<Value>> {
        let question = Question::new(lookup, address, value);
        match self.live.outside(&question) {
            None => {
                wants.push(Want::Outside(Box::new(question)));
                None
            }
            Some(Ok(found)) => Some(found.clone()),
            Some(Err(failure)) => {
                let mut diagnostic = failure.clone().on(address);
                diagnostic.span = diagnostic.span.or_else(|| self.declared(address));
                diags.push(diagnostic);
                None
            }
        }
    }

    fn declared(&self, address: &Address) -> Option<Span> {
        let (names, key) = super::walk::block_of(address);
        super::provider::module_at(self.setup.blueprint, &names)?.resources.get(&key).map(|r| r.span)
    }

    /// An import names the object by its id alone; what else there is to know is then looked up.
    pub(super) fn import_local(&self, item: &mut Item<'a>, id: &str, span: Span, wants: &mut Vec<Want>, diags: &mut Diagnostics) {
        match builtin::import(&item.ty.kind, id) {
            Ok(value) => {
                let value = item.ty.complete(&value);
                item.prior = match self.refreshed(item.ty, &item.address, value, &item.ctx, wants, diags) {
                    Refreshed::Unread(v) | Refreshed::Present(v) => Some(v),
                    Refreshed::Gone => None,
                };
            }
            Err(failure) => diags.push(failure.at(span).on(&item.address)),
        }
    }
}
