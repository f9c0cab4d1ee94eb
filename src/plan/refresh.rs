//! Prior values: what the state recorded, brought up to date with what Azure has.

use serde_json::Value as Json;

use super::live::{Live, Want};
use crate::{
    base::{Marks, Path, ResourceId, Value},
    schema::{Context, EXTRA, Extra, ExtraMethod, ResourceType, Target},
    state::Instance,
};

/// A prior value after looking at Azure.
#[derive(Clone, Debug)]
pub enum Refreshed {
    /// Not asked yet, or not asked at all: the recorded value stands.
    Unread(Value),
    Present(Value),
    /// It was recorded, but Azure does not have it any more.
    Gone,
}

impl Refreshed {
    pub fn value(&self) -> Option<&Value> {
        match self {
            Refreshed::Unread(v) | Refreshed::Present(v) => Some(v),
            Refreshed::Gone => None,
        }
    }
}

/// The value that the state holds for an instance; `None` when it does not fit the type at all.
pub fn stored(ty: &ResourceType, instance: &Instance) -> Option<Value> {
    let value = ty.recorded(&instance.attributes)?;
    Some(instance.sensitive.iter().fold(value, |v, path| mark(&v, path)))
}

/// The value with a sensitivity mark at a path.
pub fn mark(value: &Value, path: &Path) -> Value {
    match path.split_first() {
        None => value.clone().marked(Marks::SENSITIVE),
        Some((step, rest)) => value.map_children(&mut |at, child| if at == *step { mark(&child, &rest.to_vec()) } else { child }),
    }
}

/// What to ask to see a target; nothing for what has no ARM object.
pub fn want(ty: &ResourceType, target: &Target) -> Option<Want> {
    match target {
        Target::Own { id } => Some(Want::Get { id: id.clone(), api: ty.api_version.clone() }),
        Target::Part { owner, owner_api, .. } => Some(Want::Get { id: owner.clone(), api: owner_api.clone() }),
        Target::Action { get, .. } => Some(Want::Get { id: get.clone(), api: ty.api_version.clone() }),
        Target::Context | Target::Local => None,
    }
}

/// A value as an instance of the state; the type's own provider made it.
pub fn instance(ty: &ResourceType, value: &Value) -> Instance {
    let provider = format!("provider[\"{}\"]", ty.provider);
    Instance { attributes: ty.record(value), ..Instance::of(&provider, ty.schema_version, value) }
}

/// What Azure has at the target, as attributes. `None`: not asked yet (what to ask is added to `wants`). `Some(None)`: not there.
pub fn observed(ty: &ResourceType, target: &Target, known: Option<&Value>, ctx: &Context, live: &Live, wants: &mut Vec<Want>) -> Option<Option<Value>> {
    let want = want(ty, target)?;
    let Some(answer) = live.get(&want) else {
        wants.push(want);
        return None;
    };
    let Some(body) = answer else { return Some(None) };
    Some(match target {
        Target::Own { id } => {
            let body = with_extras(ty, id, body, live, wants)?;
            // The id as it was made, not as this service spells it: AKS and identities answer with `resourcegroups`.
            Some(ty.read(id.as_str(), &body, known, ctx))
        }
        Target::Part { place, id, .. } => place.get(body).map(|part| ty.read(id, part, known, ctx)),
        Target::Action { accept, id, .. } => covers(body, accept).then(|| ty.read(id, body, known, ctx)),
        Target::Context | Target::Local => None,
    })
}

/// The body with the answers of the further requests that a complete read needs.
fn with_extras(ty: &ResourceType, id: &ResourceId, body: &Json, live: &Live, wants: &mut Vec<Want>) -> Option<Json> {
    let extras = ty.extras(id);
    if extras.is_empty() {
        return Some(body.clone());
    }
    let mut found = serde_json::Map::new();
    let mut complete = true;
    for extra in extras {
        let Some(want) = extra_want(&extra) else { continue };
        match live.get(&want) {
            Some(answer) => {
                found.insert(extra.key, answer.cloned().unwrap_or(Json::Null));
            }
            None => {
                wants.push(want);
                complete = false;
            }
        }
    }
    if !complete {
        return None;
    }
    let mut body = body.clone();
    if let Some(members) = body.as_object_mut() {
        members.insert(EXTRA.to_owned(), Json::Object(found));
    }
    Some(body)
}

fn extra_want(extra: &Extra) -> Option<Want> {
    let (path, api) = (extra.path.clone(), extra.api.clone());
    match extra.method {
        ExtraMethod::Get => Some(Want::Get { id: ResourceId::parse(&path)?, api }),
        ExtraMethod::Post => Some(Want::Post { path, api }),
    }
}

/// Whether `body` has everything that `wanted` says, member by member.
pub fn covers(body: &Json, wanted: &Json) -> bool {
    match (body, wanted) {
        (Json::Object(b), Json::Object(w)) => w.iter().all(|(k, v)| b.get(k).is_some_and(|x| covers(x, v))),
        _ => body == wanted,
    }
}

/// The recorded value, refreshed. What is still to be asked is added to `wants`.
pub fn refresh(ty: &ResourceType, stored: Value, ctx: &Context, live: &Live, wants: &mut Vec<Want>) -> Refreshed {
    let Some(target) = ty.target(&stored, ctx) else { return Refreshed::Unread(stored) };
    match observed(ty, &target, Some(&stored), ctx, live, wants) {
        Some(Some(value)) => Refreshed::Present(keep_marks(value, &stored)),
        Some(None) => Refreshed::Gone,
        None => Refreshed::Unread(stored),
    }
}

/// The fresh value with the marks that the old one carried at the same places.
pub fn keep_marks(fresh: Value, old: &Value) -> Value {
    if !old.marks_deep().any() {
        return fresh;
    }
    let marked = fresh.map_children(&mut |step, child| match old.at(std::slice::from_ref(&step)) {
        Some(previous) => keep_marks(child, previous),
        None => child,
    });
    marked.marked(old.marks)
}
