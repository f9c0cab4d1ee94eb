//! One step: intent, request, outcome.

use std::{
    cell::{Cell, RefCell},
    time::Duration,
};

use serde_json::Value as Json;

use super::{
    desired::Desk,
    drive::Notice,
    shell::Shell,
    write::{Call, Passenger, Writer},
};
use crate::{
    azure::{ArmError, ErrorKind},
    base::{Address, Diagnostic, Diagnostics, ResourceId, Value, value::show_path},
    builtin::Outside,
    lang::blueprint::When,
    plan::{Act, Change, Step, StepId, inside, refresh},
    schema::{Context, Fetch, ResourceType, Target},
    state::{Event, Instance, Intent, Outcome, State, event, fold},
};

/// Where events go before anything else happens: the journal.
pub trait Recorder {
    /// Writes the event so that it survives a crash.
    ///
    /// # Errors
    /// When it cannot be written; the request must then not be sent.
    fn record(&mut self, event: &Event) -> Result<(), Diagnostic>;
}

/// Everything that steps share while a plan is carried out.
pub struct Bench<'a> {
    pub desk: Desk<'a>,
    pub writer: Writer<'a>,
    /// What built-in providers touch.
    pub outside: &'a dyn Outside,
    /// Where provisioners run.
    pub shell: &'a dyn Shell,
    pub state: RefCell<State>,
    pub recorder: RefCell<&'a mut dyn Recorder>,
    /// Ephemeral resources that are not open yet.
    pub ephemerals: RefCell<Vec<Address>>,
    /// An event could not be written: nothing more may be begun.
    pub broken: Cell<bool>,
    pub clock: &'a dyn Fn() -> String,
    pub notice: &'a dyn Fn(Notice),
}

/// One step that brings a value about.
struct Put<'s> {
    id: StepId,
    step: &'s Step,
    change: &'s Change,
    ty: &'static ResourceType,
    ctx: Context,
    target: Target,
    /// What the state has, for an update.
    prior: Option<Value>,
    value: Value,
}

/// What went wrong with a step, and what Azure's error means when it was one.
struct Trouble {
    diagnostic: Diagnostic,
    kind: Option<ErrorKind>,
}

impl From<ArmError> for Trouble {
    fn from(error: ArmError) -> Trouble {
        Trouble { kind: Some(error.kind), diagnostic: failed(&error) }
    }
}

impl From<Diagnostic> for Trouble {
    fn from(diagnostic: Diagnostic) -> Trouble {
        Trouble { diagnostic, kind: None }
    }
}

/// How a step ended well: the value that now stands.
pub type Done = Option<Value>;

impl Bench<'_> {
    pub fn record(&self, event: Event) -> Result<(), Diagnostics> {
        let result = self.recorder.borrow_mut().record(&event);
        let state = self.state.take();
        *self.state.borrow_mut() = fold(state, &[event]);
        self.broken.set(self.broken.get() || result.is_err());
        result.map_err(|d| Diagnostics { items: vec![d] })
    }

    /// Carries out one step. What went wrong is told in diagnostics; the state says what exists all the same.
    pub async fn execute(&self, id: StepId, step: &Step, change: &Change) -> Result<Done, Diagnostics> {
        if matches!(step.act, Act::Create | Act::Update | Act::Read) {
            self.open_ephemerals().await?;
        }
        match step.act {
            Act::Join => Ok(None),
            Act::Forget => {
                self.record(Event::Forgotten { address: change.address.clone(), deposed: step.deposed.clone() })?;
                Ok(None)
            }
            Act::Read => self.read(step, change).await,
            Act::Create | Act::Update => self.put(id, step, change).await,
            Act::Delete => self.delete(id, step, change).await,
        }
    }

    fn ty(&self, change: &Change) -> Result<&'static ResourceType, Diagnostics> {
        self.desk.resource_type(&change.address).ok_or_else(|| {
            one(Diagnostic::error("unknown-resource-type", "Invalid resource type", format!("Ravelin does not know the type of {}.", change.address)))
        })
    }

    /// The value that the state has for the change's object.
    fn recorded(&self, change: &Change, deposed: Option<&String>) -> Option<Value> {
        let state = self.state.borrow();
        let instance = match deposed {
            None => state.resources.get(&change.address),
            Some(key) => state.deposed.get(&(change.address.clone(), key.clone())),
        };
        instance.and_then(|i| self.desk.recorded(&change.address, i))
    }

    async fn put(&self, id: StepId, step: &Step, change: &Change) -> Result<Done, Diagnostics> {
        let ty = self.ty(change)?;
        let ctx = self.desk.context(&change.address);
        let prior = if step.act == Act::Update { self.recorded(change, None) } else { None };
        let value = self.desk.value(change, prior.as_ref())?;
        if change.only_marks() {
            let fresh = refresh::keep_marks(prior.unwrap_or_else(|| value.clone()).unmark_deep().0, &value);
            self.keep(id, step, change, ty, &fresh)?;
            return Ok(Some(fresh));
        }
        if ty.is_local() {
            return self.put_local(id, step, change, ty, prior.as_ref(), value).await;
        }
        let target = ty.target(&value, &ctx).ok_or_else(|| one(unplaced(change)))?;
        if step.act == Act::Create && change.action == crate::plan::Action::ReplaceCreateFirst {
            self.depose(change)?;
        }
        // What is predicted of it is known from here on: parts that travel with it refer to its id.
        self.desk.eval.set(&change.address, value.clone());
        let put = Put { id, step, change, ty, ctx, target, prior, value };
        let passengers = self.passengers(&put)?;
        self.intend(id, step, change, &put.target)?;
        for passenger in &passengers {
            self.intend(passenger.id, passenger.step, passenger.change, &passenger.target)?;
        }
        let progress = |p| (self.notice)(Notice::Progress { step: id, progress: p });
        let call = Call { timeout: Duration::from_secs(step.timeout), progress: &progress };
        match self.send(&put, &passengers, &call).await {
            Ok((terraform_id, body)) => {
                let fresh = refresh::keep_marks(ty.read(&terraform_id, &body, Some(&put.value), &put.ctx), &put.value);
                self.stands(id, step, change, ty, fresh).await
            }
            Err(trouble) => {
                self.salvage(&put, &passengers, &trouble).await?;
                let mut error = trouble.diagnostic;
                error.address = Some(change.address.to_string());
                error.span = change.declared;
                Err(one(error))
            }
        }
    }

    /// The object stands: its provisioners run if it is new, and its postconditions are checked. Until the provisioners are
    /// through it counts as half-made.
    pub(super) async fn stands(&self, id: StepId, step: &Step, change: &Change, ty: &'static ResourceType, fresh: Value) -> Result<Done, Diagnostics> {
        if step.act == Act::Create && self.has_provisioners(&change.address, When::Create) {
            let half = Instance { tainted: true, ..self.desk.instance(ty, &change.address, &fresh, step) };
            self.outcome(id, step, change, Outcome::Failed { partial: Some(Box::new(half)), error: "its provisioners have not run yet".to_owned() })?;
            self.provision(id, &change.address, &fresh, When::Create).await?;
        }
        self.keep(id, step, change, ty, &fresh)?;
        let after = self.desk.postconditions(&change.address, &fresh);
        if after.has_errors() { Err(after) } else { Ok(Some(fresh)) }
    }

    /// What runs before an object goes: nothing for one that was set aside, or that was never finished.
    async fn farewell(&self, id: StepId, step: &Step, change: &Change, value: &Value) -> Result<(), Diagnostics> {
        let tainted = self.state.borrow().resources.get(&change.address).is_some_and(|i| i.tainted);
        if step.deposed.is_some() || tainted {
            return Ok(());
        }
        self.provision(id, &change.address, value, When::Destroy).await
    }

    /// Sends what brings the value about; gives Terraform's id and the complete body (for a part: the part).
    async fn send(&self, put: &Put<'_>, passengers: &[Passenger<'_>], call: &Call<'_>) -> Result<(String, Json), Trouble> {
        let Put { step, ty, ctx, prior, value, .. } = put;
        let build = || ty.build(value, ctx).map_err(|path| Trouble::from(unknown_member(ty, &path)));
        match &put.target {
            target if let Some(body) = self.travelled(step, ty, target) => Ok(body),
            Target::Own { id: arm_id } => {
                let body = build()?;
                let answer = if step.act == Act::Create {
                    self.writer.create(ty, arm_id, body, value, ctx, passengers, call).await?
                } else {
                    self.writer.update(ty, arm_id, &body, prior.as_ref(), value, ctx, call).await?
                };
                Ok((arm_id.to_string(), answer))
            }
            Target::Part { owner, owner_api, place, id: terraform_id } => {
                let built = build()?;
                let was = prior.as_ref().and_then(|p| ty.build(p, ctx).ok());
                let remake = |live: Option<&Json>| match live.filter(|_| step.act == Act::Update) {
                    Some(live) => ty.overlay(live, &built, was.as_ref()),
                    None => built.clone(),
                };
                let body = self.writer.part(owner, owner_api, place, Some(&remake), call).await?;
                let part = body.as_ref().and_then(|b| place.get(b)).cloned().unwrap_or(Json::Null);
                Ok((terraform_id.clone(), part))
            }
            Target::Action { get, accept, id: terraform_id, .. } => {
                let answer = self.writer.accept(ty, get, accept, call).await?;
                Ok((terraform_id.clone(), answer))
            }
            // What a built-in provider makes never comes here.
            Target::Context | Target::Local => Ok((String::new(), Json::Null)),
        }
    }

    /// What the owner's request brought about, when this step's object travelled with it: Terraform's id and the body.
    fn travelled(&self, step: &Step, ty: &ResourceType, target: &Target) -> Option<(String, Json)> {
        step.carried_by?;
        let (owner, place) = inside::place(ty, target)?;
        let body = self.writer.bodies.borrow().get(&owner).and_then(|body| place.get(body)).cloned()?;
        let id = match target {
            Target::Own { id } => id.to_string(),
            Target::Part { id, .. } => id.clone(),
            _ => return None,
        };
        Some((id, body))
    }

    /// The parts that travel with a step's request, in their steps' order. One that turns out to belong elsewhere, or that
    /// still lacks a value, is left to its own step.
    fn passengers(&self, put: &Put<'_>) -> Result<Vec<Passenger<'_>>, Diagnostics> {
        let Target::Own { id: owner_id } = &put.target else { return Ok(Vec::new()) };
        let mut out = Vec::new();
        for (id, step, change) in self.desk.passengers(put.id) {
            let ty = self.ty(change)?;
            let ctx = self.desk.context(&change.address);
            let value = self.desk.value(change, None)?;
            let Some(target) = ty.target(&value, &ctx) else { continue };
            let Some((owner, place)) = inside::place(ty, &target) else { continue };
            if owner == *owner_id
                && let Ok(part) = ty.build(&value, &ctx)
            {
                out.push(Passenger { id, step, change, target, place, part });
            }
        }
        Ok(out)
    }

    /// Sets the current object aside under the key that its delete step has.
    pub(super) fn depose(&self, change: &Change) -> Result<(), Diagnostics> {
        match self.desk.set_aside(&change.address) {
            Some(key) if self.state.borrow().resources.contains_key(&change.address) => self.record(Event::Deposed { address: change.address.clone(), key }),
            _ => Ok(()),
        }
    }

    pub(super) fn intend(&self, id: StepId, step: &Step, change: &Change, target: &Target) -> Result<(), Diagnostics> {
        let action = match step.act {
            Act::Create => event::Action::Create,
            Act::Update => event::Action::Update,
            Act::Delete => event::Action::Delete,
            _ => event::Action::Read,
        };
        self.record(Event::Intent(Intent {
            step: id.0.to_string(),
            address: change.address.clone(),
            deposed: step.deposed.clone().filter(|_| step.act == Act::Delete),
            action,
            id: arm_id(target),
            at: (self.clock)(),
        }))
    }

    pub(super) fn outcome(&self, id: StepId, step: &Step, change: &Change, outcome: Outcome) -> Result<(), Diagnostics> {
        let deposed = step.deposed.clone().filter(|_| step.act == Act::Delete);
        self.record(Event::Outcome { step: id.0.to_string(), address: change.address.clone(), deposed, outcome, at: (self.clock)() })
    }

    pub(super) fn keep(&self, id: StepId, step: &Step, change: &Change, ty: &ResourceType, value: &Value) -> Result<(), Diagnostics> {
        let instance = self.desk.instance(ty, &change.address, value, step);
        self.desk.eval.set(&change.address, value.clone());
        self.outcome(id, step, change, Outcome::Ok { instance: Box::new(instance) })
    }

    /// After a failure: what exists nevertheless goes into the state. A half-made object is tainted, so that the next plan
    /// replaces it. Where nobody can tell whose it is or whether it exists, the intent stays open and the next plan looks.
    async fn salvage(&self, put: &Put<'_>, passengers: &[Passenger<'_>], trouble: &Trouble) -> Result<(), Diagnostics> {
        let Put { id, step, change, ty, .. } = put;
        let error = &trouble.diagnostic.detail;
        let nothing = || Outcome::Failed { partial: None, error: error.clone() };
        let Target::Own { id: arm } = &put.target else { return self.outcome(*id, step, change, nothing()) };
        let body = match self.writer.arm.get(arm, &ty.api_version).await {
            Ok(Some(body)) => body,
            Ok(None) => {
                for passenger in passengers {
                    self.outcome(passenger.id, passenger.step, passenger.change, nothing())?;
                }
                return self.outcome(*id, step, change, nothing());
            }
            Err(_) => return Ok(()),
        };
        let began = matches!(trouble.kind, Some(ErrorKind::Operation | ErrorKind::Timeout));
        let creating = step.act == Act::Create;
        if creating && !began && !self.writer.bodies.borrow().contains_key(arm) {
            return Ok(());
        }
        let read = refresh::keep_marks(ty.read(arm.as_str(), &body, Some(&put.value), &put.ctx), &put.value);
        let instance = Instance { tainted: creating && began, ..self.desk.instance(ty, &change.address, &read, step) };
        self.outcome(*id, step, change, Outcome::Failed { partial: Some(Box::new(instance)), error: error.clone() })
    }

    async fn delete(&self, id: StepId, step: &Step, change: &Change) -> Result<Done, Diagnostics> {
        let ty = self.ty(change)?;
        let ctx = self.desk.context(&change.address);
        let Some(value) = self.recorded(change, step.deposed.as_ref()) else { return Ok(None) };
        self.farewell(id, step, change, &value).await?;
        if ty.is_local() {
            return self.delete_local(id, step, change, &value).await;
        }
        let target = ty.target(&value, &ctx).ok_or_else(|| one(unplaced(change)))?;
        self.intend(id, step, change, &target)?;
        let progress = |p| (self.notice)(Notice::Progress { step: id, progress: p });
        let call = Call { timeout: Duration::from_secs(step.timeout), progress: &progress };
        let result = match &target {
            // Its owner is gone, and it went along.
            Target::Own { .. } | Target::Part { .. } if step.carried_by.is_some() => Ok(()),
            Target::Own { id: arm } => self.writer.arm.delete(arm, &ty.api_version, call.timeout, call.progress).await,
            Target::Part { owner, owner_api, place, .. } => self.writer.part(owner, owner_api, place, None, &call).await.map(drop),
            Target::Action { cancel, .. } => self.cancel(ty, cancel, &call).await,
            Target::Context | Target::Local => Ok(()),
        };
        match result {
            Ok(()) => {
                self.outcome(id, step, change, Outcome::Gone)?;
                Ok(None)
            }
            Err(error) => {
                let mut diagnostic = failed(&error);
                if error.kind != ErrorKind::Transport {
                    self.outcome(id, step, change, Outcome::Failed { partial: None, error: diagnostic.detail.clone() })?;
                }
                diagnostic.address = Some(change.address.to_string());
                diagnostic.span = change.declared;
                Err(one(diagnostic))
            }
        }
    }

    async fn cancel(&self, ty: &ResourceType, cancel: &str, call: &Call<'_>) -> Result<(), ArmError> {
        let Some((owner, action)) = cancel.rsplit_once('/') else { return Ok(()) };
        let Some(owner) = ResourceId::parse(owner) else { return Ok(()) };
        self.writer.arm.post(&owner, action, &ty.api_version, None, call.timeout, call.progress).await.map(drop)
    }

    /// A data source whose question is known only now.
    async fn read(&self, step: &Step, change: &Change) -> Result<Done, Diagnostics> {
        let ty = self.ty(change)?;
        let ctx = self.desk.context(&change.address);
        let asked = self.desk.value(change, None)?;
        let absent =
            || one(Diagnostic::error("data-not-found", "Data source found nothing", format!("{} asks for something that does not exist.", change.address)));
        let (id, body) = match ty.fetch(&asked, &ctx).ok_or_else(|| one(unplaced(change)))? {
            Fetch::Local => return self.read_local(step, change, ty, &asked).await,
            Fetch::Context => (String::new(), Json::Null),
            Fetch::Get { id } => {
                let body = self.writer.arm.get(&id, &ty.api_version).await.map_err(|e| one(failed(&e)))?.ok_or_else(absent)?;
                (id.to_string(), self.writer.complete(ty, &id, body).await.map_err(|e| one(failed(&e)))?)
            }
            Fetch::List { url } => {
                let items = self.writer.arm.list(&with_api(&url, &ty.api_version)).await.map_err(|e| one(failed(&e)))?;
                let body = ty.select(&asked, &items).ok_or_else(absent)?;
                (body.get("id").and_then(Json::as_str).unwrap_or_default().to_owned(), body)
            }
        };
        self.answered(step, change, ty, ty.read(&id, &body, Some(&asked), &ctx))
    }

    /// Keeps what a data source answered.
    pub(super) fn answered(&self, step: &Step, change: &Change, ty: &ResourceType, value: Value) -> Result<Done, Diagnostics> {
        self.desk.eval.set(&change.address, value.clone());
        let instance = self.desk.instance(ty, &change.address, &value, step);
        self.record(Event::Outcome {
            step: String::new(),
            address: change.address.clone(),
            deposed: None,
            outcome: Outcome::Ok { instance: Box::new(instance) },
            at: (self.clock)(),
        })?;
        Ok(Some(value))
    }
}

/// The url with its `api-version`.
pub fn with_api(url: &str, api: &str) -> String {
    format!("{url}{}api-version={api}", if url.contains('?') { '&' } else { '?' })
}

pub(super) fn one(diagnostic: Diagnostic) -> Diagnostics {
    Diagnostics { items: vec![diagnostic] }
}

fn arm_id(target: &Target) -> Option<ResourceId> {
    match target {
        Target::Own { id } => Some(id.clone()),
        // Terraform's id tells the part from its owner; a later run finds it by that.
        Target::Part { owner, id, .. } => ResourceId::parse(id).or_else(|| Some(owner.clone())),
        Target::Action { get, .. } => Some(get.clone()),
        Target::Context | Target::Local => None,
    }
}

fn unplaced(change: &Change) -> Diagnostic {
    Diagnostic::error(
        "id-unknown",
        "Resource id cannot be worked out",
        format!("A part of the id of {} is still unknown although everything it waited for is done.", change.address),
    )
    .on(&change.address)
}

fn unknown_member(ty: &ResourceType, path: &crate::base::Path) -> Diagnostic {
    Diagnostic::error(
        "value-unknown",
        "Value is still unknown",
        format!("The {} attribute {} has no value yet, so no request can be made.", ty.kind, show_path(path)),
    )
}

/// What Azure (or the way to it) said, as a finding.
pub fn failed(error: &ArmError) -> Diagnostic {
    error.diagnostic()
}
