//! Where a resource lives: its ARM id predicted from attributes (D5), the owner of a part, what to read, what to lock.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::{
    build::lookup,
    declare::{Context, Home, PartStep, ResourceType, Sameness},
    place::{Place, PlaceStep},
    template::{Filled, Template},
};
use crate::base::{Kind, ResourceId, Type, Value};

/// Where a resource lives in ARM.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// An object of its own: PUT, GET and DELETE at the id.
    Own { id: ResourceId },
    /// An element or property of another resource's body: read-modify-write of the owner. `id` is Terraform's.
    Part { owner: ResourceId, owner_api: String, place: Place, id: String },
    /// An agreement: GET it, PUT it back with `accept` laid over it, POST `cancel` to take it back.
    /// It exists when the members of `accept` have those values.
    Action { get: ResourceId, accept: Json, cancel: String, id: String },
    /// No ARM object; everything is known from the session.
    Context,
    /// No ARM object; a built-in provider makes it.
    Local,
}

/// How a data source is read.
#[derive(Clone, Debug, PartialEq)]
pub enum Fetch {
    /// GET at the id.
    Get { id: ResourceId },
    /// GET of a collection (path and query without `api-version`); [`ResourceType::select`] turns its items into one body.
    List { url: String },
    /// Nothing to ask.
    Context,
    /// A built-in provider answers.
    Local,
}

/// A further request whose answer `read` wants under [`super::EXTRA`] in the body, by `key`.
#[derive(Clone, Debug, PartialEq)]
pub struct Extra {
    pub key: String,
    pub method: ExtraMethod,
    /// Where to send it: the child's id, or the action's path.
    pub path: String,
    pub api: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExtraMethod {
    /// A child resource; a 404 answer is handed on as null.
    Get,
    /// An action without a body.
    Post,
}

impl ResourceType {
    /// Where the value lives; `None` while a part of the id is not known.
    pub fn target(&self, value: &Value, ctx: &Context) -> Option<Target> {
        let fill = |t: &Template| fill(t, value, ctx);
        let id_of = |t: &Template| fill(t).and_then(|text| ResourceId::parse(&text));
        Some(match &self.home {
            Home::Own { id } => Target::Own { id: id_of(id)? },
            Home::Part { owner, owner_api, at, id } => {
                let steps = at.iter().map(|step| match step {
                    PartStep::Member(name) => Some(PlaceStep::Member(name.clone())),
                    PartStep::Element { key, value } => Some(PlaceStep::Element { key: key.clone(), value: fill(value)? }),
                });
                Target::Part { owner: id_of(owner)?, owner_api: owner_api.clone(), place: Place { steps: steps.collect::<Option<_>>()? }, id: fill(id)? }
            }
            Home::Action { get, cancel, accept, id } => Target::Action { get: id_of(get)?, accept: accept.clone(), cancel: fill(cancel)?, id: fill(id)? },
            Home::List { .. } | Home::Context => Target::Context,
            Home::Local => Target::Local,
        })
    }

    /// Whether it is an ARM resource of its own, rather than a part of one or no object at all.
    pub fn is_own(&self) -> bool {
        matches!(self.home, Home::Own { .. })
    }

    /// The same type with another maker: nothing of it is in Azure, and nothing is predicted.
    pub(crate) fn stand_in(&self) -> ResourceType {
        let mut lens = self.lens.clone();
        super::parse::strictly(&mut lens);
        lens.fields.entry("id".to_owned()).or_default().same = Sameness::Strict;
        lens.fields.values_mut().for_each(|field| field.predict = None);
        let (extras, locks) = (Vec::new(), Vec::new());
        ResourceType { home: Home::Local, terraform_id: None, looks_outside: false, extras, locks, lens, ..self.clone() }
    }

    /// Whether a built-in provider makes it, rather than Azure.
    pub fn is_local(&self) -> bool {
        matches!(self.home, Home::Local)
    }

    /// Terraform's id for the value, when it is known already.
    pub(crate) fn predicted_id(&self, value: &Value, ctx: &Context) -> Option<String> {
        if let Some(template) = &self.terraform_id {
            return fill(template, value, ctx);
        }
        match self.target(value, ctx)? {
            Target::Own { id } => Some(id.as_str().to_owned()),
            Target::Part { id, .. } | Target::Action { id, .. } => Some(id),
            Target::Context => match &self.home {
                Home::List { id: Some(template), .. } => fill(template, value, ctx),
                _ => None,
            },
            Target::Local => None,
        }
    }

    /// The attributes that an id tells: a seed for import and for a first read. Understands Terraform's id and the ARM id.
    pub fn from_id(&self, id: &str) -> Option<Value> {
        let found = self.id_parts(id)?;
        let mut attrs: BTreeMap<String, Value> = self.shape.attrs.iter().map(|(n, a)| (n.clone(), Value::null(a.ty.clone()))).collect();
        for (name, nested) in &self.shape.blocks {
            attrs.insert(name.clone(), empty_block(nested));
        }
        for (name, text) in found {
            if attrs.contains_key(&name) {
                attrs.insert(name, Value::string(text));
            }
        }
        attrs.insert("id".to_owned(), Value::string(id));
        Some(Value::object(attrs))
    }

    /// The template variables found in an id.
    pub(crate) fn id_parts(&self, id: &str) -> Option<BTreeMap<String, String>> {
        let own = match &self.home {
            Home::Own { id } | Home::Part { id, .. } | Home::Action { id, .. } => Some(id),
            Home::List { id, .. } => id.as_ref(),
            Home::Context | Home::Local => None,
        };
        self.terraform_id.iter().chain(own).find_map(|t| t.matches(id))
    }

    /// How a data source of this type is read; `None` while the question is not known.
    pub fn fetch(&self, config: &Value, ctx: &Context) -> Option<Fetch> {
        match &self.home {
            Home::List { url, .. } => Some(Fetch::List { url: fill(url, config, ctx)? }),
            Home::Context => Some(Fetch::Context),
            Home::Local => Some(Fetch::Local),
            _ => match self.target(config, ctx)? {
                Target::Own { id } | Target::Action { get: id, .. } => Some(Fetch::Get { id }),
                Target::Part { owner, .. } => Some(Fetch::Get { id: owner }),
                Target::Context => Some(Fetch::Context),
                Target::Local => Some(Fetch::Local),
            },
        }
    }

    /// The body to read among a collection's items: the first that fits the question.
    pub fn select(&self, config: &Value, items: &[Json]) -> Option<Json> {
        let Home::List { pick, .. } = &self.home else { return items.first().cloned() };
        let fits = |item: &&Json| {
            pick.iter().all(|pick| {
                let Some(wanted) = config.get(&pick.attribute).and_then(Value::as_str) else { return true };
                let found = pick.at.find(item, item, &|_| None).and_then(Json::as_str);
                let found = match &pick.segment {
                    Some(segment) => found.and_then(ResourceId::parse).and_then(|id| id.after(segment).map(str::to_owned)),
                    None => found.map(str::to_owned),
                };
                // A role may be asked for by its GUID or by its whole id.
                found.is_some_and(|f| f.eq_ignore_ascii_case(wanted) || wanted.rsplit('/').next().is_some_and(|last| f.eq_ignore_ascii_case(last)))
            })
        };
        items.iter().find(fits).cloned()
    }

    /// The further requests that a complete read needs, for the resource at this ARM id.
    pub fn extras(&self, id: &ResourceId) -> Vec<Extra> {
        let extra = |e: &super::declare::ExtraSpec| Extra {
            key: e.suffix.clone(),
            method: if e.post { ExtraMethod::Post } else { ExtraMethod::Get },
            path: format!("{id}/{}", e.suffix),
            api: e.api.clone(),
        };
        self.extras.iter().map(extra).collect()
    }

    /// The ids whose writes must wait for each other (D11): a part's owner, a child's parent, and what the schema adds.
    pub fn locks(&self, value: &Value, ctx: &Context) -> Vec<ResourceId> {
        let mut out: Vec<ResourceId> = Vec::new();
        let mut add = |id: Option<ResourceId>| {
            if let Some(id) = id
                && !out.contains(&id)
            {
                out.push(id);
            }
        };
        match self.target(value, ctx) {
            Some(Target::Part { owner, .. }) => add(Some(owner)),
            Some(Target::Own { id }) if self.arm_type.matches('/').count() > 1 => add(id.parent()),
            _ => {}
        }
        for template in &self.locks {
            add(fill(template, value, ctx).and_then(|text| ResourceId::parse(&text)));
        }
        out
    }
}

/// An absent nested block: no elements.
pub(crate) fn empty_block(nested: &crate::base::shape::Nested) -> Value {
    match nested.ty() {
        Type::Set(t) => Kind::Set(*t, Default::default()).into(),
        Type::List(t) => Kind::List(*t, Default::default()).into(),
        other => Value::null(other),
    }
}

pub(crate) fn fill(template: &Template, value: &Value, ctx: &Context) -> Option<String> {
    match template.fill(&|var| lookup(var, value, value, ctx)) {
        Filled::Known(text) => Some(text),
        Filled::Missing | Filled::Unknown => None,
    }
}
