//! The requests behind a step: writing a resource of its own, a part of another, an agreement; with children and further reads.

use std::{cell::RefCell, collections::BTreeMap, time::Duration};

use serde_json::{Map, Value as Json};

use crate::{
    azure::{Arm, ArmError, ErrorKind, Progress, Write},
    base::{Mode, ResourceId, Value},
    plan::{Change, Step, StepId, refresh::covers},
    schema::{self, Context, EXTRA, ExtraMethod, Major, Place, PlaceStep, ResourceType, Target},
};

/// How often a read-modify-write is tried when somebody else writes in between.
const TRIES: usize = 4;

/// Sends the requests of one run.
pub struct Writer<'a> {
    pub arm: &'a Arm,
    pub major: Major,
    /// Bodies that Azure answered with, by id: parts that travelled with their owner are read from here.
    pub bodies: RefCell<BTreeMap<ResourceId, Json>>,
}

/// Makes a part of the one that is there.
pub type Remake<'r> = &'r dyn Fn(Option<&Json>) -> Json;

/// A part that travels in its owner's first request.
pub struct Passenger<'a> {
    pub id: StepId,
    pub step: &'a Step,
    pub change: &'a Change,
    pub target: Target,
    pub place: Place,
    pub part: Json,
}

impl Passenger<'_> {
    /// Takes its place in the owner's body, under the name that the place gives it.
    fn board(&self, body: &mut Json) {
        let mut part = self.part.clone();
        if let (Some(PlaceStep::Element { key, value }), Some(members)) = (self.place.steps.last(), part.as_object_mut())
            && !key.contains('.')
        {
            members.entry(key.clone()).or_insert_with(|| Json::String(value.clone()));
        }
        self.place.set(body, part);
    }
}

impl Writer<'_> {
    /// PUT of a new resource, its passengers aboard; then its children. Gives the complete body.
    pub async fn create(
        &self, ty: &ResourceType, id: &ResourceId, mut body: Json, value: &Value, ctx: &Context, passengers: &[Passenger<'_>], options: &Call<'_>,
    ) -> Result<Json, ArmError> {
        for passenger in passengers {
            passenger.board(&mut body);
        }
        let write = Write { timeout: options.timeout, ..Write::default() };
        let answer = self.arm.put(id, &ty.api_version, &body, &write, options.progress).await?;
        self.bodies.borrow_mut().insert(id.clone(), answer.clone());
        self.children(ty, None, value, ctx, options).await?;
        self.complete(ty, id, answer).await
    }

    /// Read-modify-write: what the blueprint does not speak of stays as it is.
    pub async fn update(
        &self, ty: &ResourceType, id: &ResourceId, body: &Json, before: Option<&Value>, value: &Value, ctx: &Context, options: &Call<'_>,
    ) -> Result<Json, ArmError> {
        let live = self.arm.get(id, &ty.api_version).await?.ok_or_else(|| vanished(id))?;
        let prior = before.and_then(|b| ty.build(b, ctx).ok());
        let merged = ty.overlay(&live, body, prior.as_ref());
        let write = Write { timeout: options.timeout, ..Write::default() };
        let answer = self.arm.put(id, &ty.api_version, &merged, &write, options.progress).await?;
        self.children(ty, before, value, ctx, options).await?;
        self.complete(ty, id, answer).await
    }

    async fn children(&self, ty: &ResourceType, before: Option<&Value>, value: &Value, ctx: &Context, options: &Call<'_>) -> Result<(), ArmError> {
        let children = ty.children(before, value, ctx).unwrap_or_default();
        for child in children {
            match child.body {
                Some(body) => {
                    let write = Write { timeout: options.timeout, ..Write::default() };
                    self.arm.put(&child.id, &child.api, &body, &write, options.progress).await?;
                }
                None => self.arm.delete(&child.id, &child.api, options.timeout, options.progress).await?,
            }
        }
        Ok(())
    }

    /// The body with the answers of the further requests that reading it needs; kept for its parts.
    pub async fn complete(&self, ty: &ResourceType, id: &ResourceId, mut body: Json) -> Result<Json, ArmError> {
        let mut found = Map::new();
        for extra in ty.extras(id) {
            let answer = match extra.method {
                ExtraMethod::Get => match ResourceId::parse(&extra.path) {
                    Some(child) => self.arm.get(&child, &extra.api).await?.unwrap_or(Json::Null),
                    None => Json::Null,
                },
                ExtraMethod::Post => {
                    let (owner, action) = extra.path.rsplit_once('/').unwrap_or((&extra.path, ""));
                    match ResourceId::parse(owner) {
                        Some(owner) => self.arm.post(&owner, action, &extra.api, None, Duration::from_secs(300), &|_| {}).await?,
                        None => Json::Null,
                    }
                }
            };
            found.insert(extra.key, answer);
        }
        self.bodies.borrow_mut().insert(id.clone(), body.clone());
        if let Some(members) = body.as_object_mut().filter(|_| !found.is_empty()) {
            members.insert(EXTRA.to_owned(), Json::Object(found));
        }
        Ok(body)
    }

    /// Read-modify-write of a part's owner. `part` makes the new part of the live one (none when it is not there yet);
    /// without it the part is taken out. Gives the owner's new body.
    pub async fn part(&self, owner: &ResourceId, api: &str, place: &Place, part: Option<Remake<'_>>, options: &Call<'_>) -> Result<Option<Json>, ArmError> {
        for attempt in 1.. {
            let Some(live) = self.arm.get(owner, api).await? else {
                return if part.is_none() { Ok(None) } else { Err(vanished(owner)) };
            };
            if part.is_none() && place.get(&live).is_none() {
                return Ok(Some(live));
            }
            let mut wanted = live.clone();
            match part {
                Some(part) => place.set(&mut wanted, part(place.get(&live))),
                None => place.remove(&mut wanted),
            }
            let etag = live.get("etag").and_then(Json::as_str).map(str::to_owned);
            let body = self.writable(owner, wanted);
            let write = Write { timeout: options.timeout, if_match: etag, ..Write::default() };
            match self.arm.put(owner, api, &body, &write, options.progress).await {
                Ok(answer) => {
                    self.bodies.borrow_mut().insert(owner.clone(), answer.clone());
                    return Ok(Some(answer));
                }
                Err(error) if error.status == Some(412) && attempt < TRIES => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// What of the owner's body may be sent back: its own type knows what is read-only and what must never be sent.
    fn writable(&self, owner: &ResourceId, wanted: Json) -> Json {
        let kind = owner.kind().unwrap_or_default();
        let found = schema::kinds(Mode::Managed)
            .into_iter()
            .filter_map(|name| schema::find(Mode::Managed, name, self.major))
            .find(|ty| ty.arm_type.eq_ignore_ascii_case(&kind) && ty.is_own());
        match found {
            // Laid over itself: over the live body, what was taken out would come back.
            Some(ty) => ty.overlay(&wanted, &wanted, None),
            None => wanted,
        }
    }

    /// Accepts an agreement; one that is accepted already is left alone.
    pub async fn accept(&self, ty: &ResourceType, get: &ResourceId, accept: &Json, options: &Call<'_>) -> Result<Json, ArmError> {
        let live = self.arm.get(get, &ty.api_version).await?.ok_or_else(|| vanished(get))?;
        if covers(&live, accept) {
            return Ok(live);
        }
        let mut body = live;
        merge(&mut body, accept);
        let write = Write { timeout: options.timeout, ..Write::default() };
        self.arm.put(get, &ty.api_version, &body, &write, options.progress).await
    }
}

/// How long a request may take and who is told how it goes.
pub struct Call<'a> {
    pub timeout: Duration,
    pub progress: &'a dyn Fn(Progress),
}

fn vanished(id: &ResourceId) -> ArmError {
    ArmError::new(ErrorKind::NotFound, format!("GET {id}"), "the resource is not there any more; plan again")
}

fn merge(body: &mut Json, over: &Json) {
    match (body, over) {
        (Json::Object(b), Json::Object(o)) => {
            for (key, value) in o {
                merge(b.entry(key.clone()).or_insert(Json::Null), value);
            }
        }
        (b, o) => *b = o.clone(),
    }
}
