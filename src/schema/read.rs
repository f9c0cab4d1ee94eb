//! Responses to attributes.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::{
    build::lookup,
    codec,
    declare::{Context, Field, Group, Lens, ResourceType},
    planned::{as_type, counterpart},
    same,
    target::empty_block,
    template::Filled,
};
use crate::base::{
    Kind, Shape, Type, Value, json as bjson,
    shape::{Attr, Nested},
};

/// The member of a body under which the answers to [`ResourceType::extras`] are handed to [`ResourceType::read`], by key.
pub const EXTRA: &str = "$extra";

impl ResourceType {
    /// The attributes of the resource at `id` (Terraform's id or the ARM id) from its body (for a part: the part itself).
    ///
    /// `known` is the prior or planned value: what a response never holds is taken from it, and where it means the same
    /// as the response its spelling is kept. The result holds no unknowns.
    pub fn read(&self, id: &str, body: &Json, known: Option<&Value>, ctx: &Context) -> Value {
        let parts = self.id_parts(id).unwrap_or_default();
        let reshaped = self.transform.map(|t| t.inward(body, known));
        let body = reshaped.as_ref().unwrap_or(body);
        let reader = Reader { body, ctx, parts: &parts };
        let mut attrs = reader.object(&self.shape, &self.lens, body, known, true);
        attrs = match fill_predicted(&self.shape, &self.lens, &Value::object(attrs.clone()), &Value::object(attrs), ctx).kind {
            Kind::Object(filled) => filled.as_ref().clone(),
            _ => BTreeMap::new(),
        };
        let given = known.and_then(|k| k.get("id")).filter(|v| v.as_str().is_some());
        if !self.lens.fields.contains_key("id") {
            let own = self.predicted_id(&Value::object(attrs.clone()), ctx).unwrap_or_else(|| id.to_owned());
            let id = given.filter(|g| g.as_str().is_some_and(|s| s.eq_ignore_ascii_case(&own))).cloned().unwrap_or_else(|| Value::string(own));
            attrs.insert("id".to_owned(), id);
        }
        let root = Value::object(attrs);
        fill_predicted(&self.shape, &self.lens, &root, &root, ctx)
    }
}

struct Reader<'a> {
    body: &'a Json,
    ctx: &'a Context,
    parts: &'a BTreeMap<String, String>,
}

impl Reader<'_> {
    fn object(&self, shape: &Shape, lens: &Lens, scope: &Json, known: Option<&Value>, top: bool) -> BTreeMap<String, Value> {
        let mut out = BTreeMap::new();
        for (name, attr) in &shape.attrs {
            let Some(field) = lens.fields.get(name) else { continue };
            let before = known.and_then(|k| k.get(name)).filter(|v| v.is_wholly_known());
            let from_id = if top { self.parts.get(name) } else { None };
            let value = match from_id.filter(|_| field.at.is_none()) {
                Some(text) => bjson::from_json_as(&Json::String(text.clone()), &attr.ty).unwrap_or_else(|| Value::null(attr.ty.clone())),
                None => self.field(attr, field, scope, before, known),
            };
            let value = keep_spelling(attr, field, value, before);
            out.insert(name.clone(), if attr.sensitive { value.sensitive() } else { value });
        }
        for (name, nested) in &shape.blocks {
            let Some(group) = lens.groups.get(name) else { continue };
            let before = known.and_then(|k| k.get(name)).filter(|v| !v.is_unknown() && !v.is_null());
            out.insert(name.clone(), self.blocks(nested, group, scope, before));
        }
        out
    }

    fn field(&self, attr: &Attr, field: &Field, scope: &Json, before: Option<&Value>, known: Option<&Value>) -> Value {
        let null = || Value::null(attr.ty.clone());
        let unset = || {
            let fallback = field.absent.as_ref().or(attr.default.as_ref());
            fallback.and_then(|d| bjson::from_json_as(&bjson::to_json(d), &attr.ty)).unwrap_or_else(null)
        };
        let Some(at) = &field.at else {
            if let Some(text) = self.session(field) {
                return text;
            }
            return before.cloned().unwrap_or_else(unset);
        };
        if attr.write_only {
            return before.cloned().unwrap_or_else(null);
        }
        let own = |key: &str| known.and_then(|k| k.get(key)).and_then(Value::as_str).map(str::to_owned);
        let places = std::iter::once(at).chain(&field.also);
        let found = places.filter_map(|p| p.find(scope, self.body, &own)).find(|j| !j.is_null());
        let value = found.and_then(|j| codec::decode(field, j, &attr.ty));
        match value {
            // An empty text is how ARM spells "not set".
            Some(v) if v.as_str() == Some("") && !attr.required && before.and_then(Value::as_str) != Some("") => null(),
            Some(v) => v,
            None if field.secret || (at.root && self.body.get(EXTRA).is_none()) => before.cloned().unwrap_or_else(null),
            None => unset(),
        }
    }

    /// A value that only the session knows: `predict("{session.client}")` of `azurerm_client_config`.
    fn session(&self, field: &Field) -> Option<Value> {
        let template = field.predict.as_ref()?;
        let only = template.names().collect::<Vec<_>>();
        let text = match only.as_slice() {
            ["session.client"] => self.ctx.client.clone(),
            ["session.object"] => self.ctx.object.clone(),
            _ => return None,
        };
        Some(text.map_or(Value::null(Type::String), Value::string))
    }

    fn blocks(&self, nested: &Nested, group: &Group, scope: &Json, before: Option<&Value>) -> Value {
        let known: &[Value] = before.and_then(Value::elements).unwrap_or(&[]);
        let Some(bodies) = self.bodies(group, scope, known) else {
            return before.filter(|b| b.is_wholly_known()).cloned().unwrap_or_else(|| empty_block(nested));
        };
        let mut items: Vec<(usize, Value)> = Vec::new();
        for (i, json) in bodies.iter().enumerate() {
            let reshaped = group.transform.map(|t| t.inward(json, None));
            let json = reshaped.as_ref().unwrap_or(json);
            let (place, was) = self.known_element(nested, group, json, i, known);
            let value = Value::object(self.object(&nested.shape, &group.lens, json, was, false));
            if !lies_in_owner(group) || is_complete(nested, &value) {
                items.push((place, value));
            }
        }
        // Elements keep the order in which they are known; new ones follow.
        items.sort_by_key(|(place, _)| *place);
        let items: Vec<Value> = items.into_iter().map(|(_, v)| v).collect();
        if known.is_empty() && (group.quiet || is_all_default(nested, group, &items) || lacks_required(nested, group, &items)) {
            return empty_block(nested);
        }
        match nested.ty() {
            Type::Set(t) => Value::set(*t, items),
            Type::List(t) => Value::list(*t, items),
            other => Value::null(other),
        }
    }

    /// The JSON objects that a block stands for; `None` when the response does not tell.
    fn bodies<'j>(&'j self, group: &Group, scope: &'j Json, known: &[Value]) -> Option<Vec<&'j Json>> {
        if let Some(suffix) = &group.child {
            let Some(at) = &group.at else {
                let answer = self.body.get(EXTRA)?.get(suffix)?;
                return Some(if answer.is_null() { Vec::new() } else { vec![answer] });
            };
            if at.root && self.body.get(EXTRA).is_none() {
                return None;
            }
            // Children that the owner's answer lists.
            return Some(at.find(scope, self.body, &|_| None).and_then(Json::as_array).map(|a| a.iter().collect()).unwrap_or_default());
        }
        let at = group.at.as_ref()?;
        let own = |key: &str| known.first().and_then(|k| k.get(key)).and_then(Value::as_str).map(str::to_owned);
        let found = at.find(scope, self.body, &own).or_else(|| self.first_fitting(group, scope));
        let fits = |json: &&Json| {
            let consts = !group.filter || group.consts.iter().all(|(path, wanted)| path.find(json, json, &|_| None) == Some(wanted));
            let switched = group.switch.as_ref().is_none_or(|s| json.get(s).and_then(Json::as_bool) == Some(true));
            let other = group.unless.as_ref().is_some_and(|(m, v)| json.get(m).and_then(Json::as_str).is_some_and(|s| s.eq_ignore_ascii_case(v)));
            consts && switched && !other && json.is_object()
        };
        let all: Vec<&Json> = match found {
            Some(Json::Array(items)) if group.many => items.iter().collect(),
            Some(one) if !group.many && !one.is_null() => vec![one],
            _ => Vec::new(),
        };
        Some(all.into_iter().filter(fits).collect())
    }

    /// For a place that names its own element (`agentPoolProfiles[name]`) when nothing is known of it: the first that has the block's consts.
    fn first_fitting<'j>(&'j self, group: &Group, scope: &'j Json) -> Option<&'j Json> {
        let at = group.at.as_ref()?;
        let (last, way) = at.steps.split_last()?;
        if !matches!(last, super::place::Step::Own(_)) {
            return None;
        }
        let list = super::place::JsonPath { root: at.root, steps: way.to_vec(), each: None };
        let items = list.find(scope, self.body, &|_| None)?.as_array()?;
        let fits = |j: &&Json| group.consts.iter().all(|(path, wanted)| path.find(j, j, &|_| None) == Some(wanted));
        items.iter().find(fits).or(items.first())
    }

    /// The known element that an object continues, and its place among the known ones.
    fn known_element<'k>(&self, nested: &Nested, group: &Group, json: &Json, index: usize, known: &'k [Value]) -> (usize, Option<&'k Value>) {
        if group.key.is_some() {
            let seen = Value::object(self.object(&nested.shape, &group.lens, json, None, false));
            let was = counterpart(group, &seen, index, known);
            let place = was.and_then(|w| known.iter().position(|k| std::ptr::eq(k, w)));
            return (place.unwrap_or(known.len() + index), was);
        }
        if group.many && nested.nesting == crate::base::shape::Nesting::Set {
            // Sets without a key: the element that already means the same.
            let seen = Value::object(self.object(&nested.shape, &group.lens, json, None, false));
            let place = known.iter().position(|k| same::same_object(&nested.shape, &group.lens, k, &seen));
            return (place.unwrap_or(known.len() + index), place.and_then(|p| known.get(p)));
        }
        (index, known.get(index))
    }
}

/// The known value where it means the same as what was read.
fn keep_spelling(attr: &Attr, field: &Field, read: Value, before: Option<&Value>) -> Value {
    match before {
        Some(b) if same::same_attr(attr, field, &read, b) => b.clone(),
        _ => read,
    }
}

/// Whether a block has no object of its own: its attributes lie among its owner's.
fn lies_in_owner(group: &Group) -> bool {
    group.at.as_ref().is_some_and(|at| at.steps.is_empty()) && !group.many
}

/// Whether everything that a block requires is there. A block without an object of its own exists only then: a VNet always
/// says `enableDdosProtection`, but has a `ddos_protection_plan` only when it names one.
fn is_complete(nested: &Nested, value: &Value) -> bool {
    nested.shape.attrs.iter().all(|(name, attr)| !attr.required || value.get(name).is_some_and(|v| !v.is_null()))
}

/// Whether a block that nobody wrote says nothing: ARM answers many optional objects filled with their defaults.
fn is_all_default(nested: &Nested, group: &Group, items: &[Value]) -> bool {
    if group.switch.is_some() || !group.consts.is_empty() || group.many || nested.computed || nested.min > 0 {
        return false;
    }
    items.iter().all(|item| {
        // Nobody can have written a block without what it requires.
        let lacks = nested.shape.attrs.iter().any(|(name, attr)| attr.required && item.get(name).is_some_and(Value::is_null));
        let attrs = nested.shape.attrs.iter().all(|(name, attr)| {
            let (Some(value), Some(field)) = (item.get(name), group.lens.fields.get(name)) else { return true };
            let is_default = attr.default.as_ref().is_some_and(|d| d.same(value));
            value.is_null() || is_default || (!attr.settable() && attr.computed) || same::reads_as_unset(attr, field, value)
        });
        let blocks = nested.shape.blocks.keys().all(|name| item.get(name).and_then(Value::elements).is_none_or(<[Value]>::is_empty));
        lacks || attrs && blocks
    })
}

/// Whether an object lacks what the block cannot be without: it then stands for something else.
fn lacks_required(nested: &Nested, group: &Group, items: &[Value]) -> bool {
    let missing = |item: &Value| {
        nested.shape.attrs.iter().any(|(name, attr)| {
            let placed = group.lens.fields.get(name).is_some_and(|f| f.at.is_some() && !f.secret);
            attr.required && placed && item.get(name).is_none_or(Value::is_null)
        })
    };
    !group.many && nested.optional && nested.min == 0 && items.iter().any(missing)
}

/// Fills computed values that no response holds but that follow from the others.
fn fill_predicted(shape: &Shape, lens: &Lens, value: &Value, root: &Value, ctx: &Context) -> Value {
    value.map_children(&mut |step, child| {
        let crate::base::PathStep::Name(name) = &step else { return child };
        if let (Some(attr), Some(field)) = (shape.attrs.get(name), lens.fields.get(name)) {
            let Some(template) = field.predict.as_ref().filter(|_| child.is_null() && field.at.is_none()) else { return child };
            return match template.fill(&|var| lookup(var, value, root, ctx)) {
                Filled::Known(text) => as_type(text, &attr.ty).unwrap_or(child),
                _ => child,
            };
        }
        match (shape.blocks.get(name), lens.groups.get(name)) {
            (Some(nested), Some(group)) => child.map_children(&mut |_, element| fill_predicted(&nested.shape, &group.lens, &element, root, ctx)),
            _ => child,
        }
    })
}
