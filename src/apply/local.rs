//! Steps of types without an ARM object: a built-in provider does them, with the same intents and outcomes as all others.

use super::step::{Bench, Done, one};
use crate::{
    base::{Diagnostic, Diagnostics, Value},
    builtin,
    plan::{Act, Action, Change, Step, StepId, refresh},
    schema::{ResourceType, Target},
    state::Outcome,
};

impl Bench<'_> {
    /// Creates or updates.
    pub(super) async fn put_local(
        &self, id: StepId, step: &Step, change: &Change, ty: &'static ResourceType, prior: Option<&Value>, value: Value,
    ) -> Result<Done, Diagnostics> {
        if step.act == Act::Create && change.action == Action::ReplaceCreateFirst {
            self.depose(change)?;
        }
        self.intend(id, step, change, &Target::Local)?;
        let prior = prior.filter(|_| step.act == Act::Update);
        let made = match prior {
            _ if self.desk.plan.stood_in.contains(&change.address) => Ok(self.outside.stand_in(&change.address, &value)),
            Some(prior) => builtin::update(&ty.kind, prior, &value, self.outside).await,
            None => builtin::create(&ty.kind, &value, self.outside).await,
        };
        match made {
            Ok(made) => {
                let fresh = refresh::keep_marks(made, &value);
                self.stands(id, step, change, ty, fresh).await
            }
            Err(failure) => self.failed_local(id, step, change, failure),
        }
    }

    pub(super) async fn delete_local(&self, id: StepId, step: &Step, change: &Change, value: &Value) -> Result<Done, Diagnostics> {
        self.intend(id, step, change, &Target::Local)?;
        let gone = match self.desk.plan.stood_in.contains(&change.address) {
            true => Ok(()),
            false => builtin::delete(change.address.kind(), value, self.outside).await,
        };
        match gone {
            Ok(()) => {
                self.outcome(id, step, change, Outcome::Gone)?;
                Ok(None)
            }
            Err(failure) => self.failed_local(id, step, change, failure),
        }
    }

    /// A data source whose question is known only now.
    pub(super) async fn read_local(&self, step: &Step, change: &Change, ty: &ResourceType, asked: &Value) -> Result<Done, Diagnostics> {
        let answer = match self.desk.plan.stood_in.contains(&change.address) {
            true => Ok(self.outside.stand_in(&change.address, asked)),
            false => builtin::data(&ty.kind, asked, self.outside).await,
        };
        match answer {
            Ok(value) => self.answered(step, change, ty, refresh::keep_marks(value, asked)),
            Err(failure) => Err(one(placed(failure, change))),
        }
    }

    /// Nothing came about: what was there before is what there is.
    fn failed_local(&self, id: StepId, step: &Step, change: &Change, failure: Diagnostic) -> Result<Done, Diagnostics> {
        self.outcome(id, step, change, Outcome::Failed { partial: None, error: failure.detail.clone() })?;
        Err(one(placed(failure, change)))
    }
}

fn placed(failure: Diagnostic, change: &Change) -> Diagnostic {
    let mut failure = failure.on(&change.address);
    failure.span = failure.span.or(change.declared);
    failure
}
