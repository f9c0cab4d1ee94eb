//! Configuration and prior value to planned value: defaults filled, computed values kept, predicted or unknown.

use std::collections::BTreeMap;

use super::{
    build::lookup,
    codec,
    declare::{Context, Field, Group, Lens, ResourceType, Sameness},
    same,
    target::empty_block,
    template::{Filled, Piece, Template},
};
use crate::base::{
    Marks, Shape, Type, Value, json as bjson,
    shape::{Attr, Nested},
};

impl ResourceType {
    /// What the resource will be: `config` (unset = null) with defaults, over `prior` (`None` on create).
    ///
    /// Computed values that are set nowhere keep the prior value, unless a change that the schema names makes them new;
    /// on create they are predicted where the schema says how, and unknown otherwise. Write-only values are kept, marked ephemeral.
    pub fn planned(&self, config: &Value, prior: Option<&Value>, ctx: &Context) -> Value {
        let mut root = config.clone();
        // Blocks look at the resource's own attributes and the other way round, so the second round sees the first one's results.
        for _ in 0..2 {
            let round = Round { top: &self.lens, root: &root, prior_root: prior, ctx };
            let mut attrs = round.object(&self.shape, &self.lens, config, prior);
            if self.is_local() {
                // Its id is an attribute like all others, if it has one, and nothing is predicted from another.
                return Value::object(attrs).marked(config.marks);
            }
            let id = match prior.and_then(|p| p.get("id")).filter(|v| !v.is_null()) {
                Some(id) => id.clone(),
                None => match self.predicted_id(&Value::object(attrs.clone()), ctx) {
                    Some(id) => Value::string(id),
                    None => Value::unknown_not_null(Type::String),
                },
            };
            attrs.insert("id".to_owned(), id);
            root = Value::object(attrs);
        }
        root.marked(config.marks)
    }
}

struct Round<'a> {
    /// The resource's own lens, not a block's.
    top: &'a Lens,
    root: &'a Value,
    prior_root: Option<&'a Value>,
    ctx: &'a Context,
}

impl Round<'_> {
    fn object(&self, shape: &Shape, lens: &Lens, config: &Value, prior: Option<&Value>) -> BTreeMap<String, Value> {
        let mut out = BTreeMap::new();
        for (name, attr) in &shape.attrs {
            let Some(field) = lens.fields.get(name) else { continue };
            if let Some(value) = set_value(attr, field, config.get(name)) {
                out.insert(name.clone(), value);
            } else if !attr.computed {
                out.insert(name.clone(), Value::null(attr.ty.clone()));
            }
        }
        for (name, nested) in &shape.blocks {
            let Some(group) = lens.groups.get(name) else { continue };
            let before = prior.map(|p| p.get(name)).filter(|_| !self.is_stale_block(group, shape, lens, config, prior));
            let value = self.blocks(nested, group, config.get(name), before);
            out.insert(name.clone(), value);
        }
        let known = Value::object(out.clone());
        for (name, attr) in &shape.attrs {
            let Some(field) = lens.fields.get(name) else { continue };
            if !out.contains_key(name) {
                out.insert(name.clone(), self.computed(attr, field, prior.map(|p| p.get(name)), &known, prior, shape, lens));
            }
        }
        out
    }

    #[allow(clippy::too_many_arguments)]
    fn computed(&self, attr: &Attr, field: &Field, was: Option<Option<&Value>>, known: &Value, prior: Option<&Value>, shape: &Shape, lens: &Lens) -> Value {
        let stale = prior.is_some() && self.is_stale(field, known, prior, shape, lens);
        if let (Some(was), false) = (was, stale) {
            return was.cloned().unwrap_or_else(|| Value::null(attr.ty.clone()));
        }
        let value = match field.predict.as_ref().and_then(|t| self.predict(t, field.predict_max, &attr.ty, known, std::ptr::eq(lens, self.top))) {
            Some(value) => value,
            None => Value::unknown(attr.ty.clone()),
        };
        if attr.sensitive { value.sensitive() } else { value }
    }

    /// Whether one of the blocks or attributes that a platform-filled block follows has changed in the configuration.
    fn is_stale_block(&self, group: &Group, shape: &Shape, lens: &Lens, config: &Value, prior: Option<&Value>) -> bool {
        prior.is_some() && !group.changes_with.is_empty() && {
            let followed = Field { changes_with: group.changes_with.clone(), ..Field::default() };
            let written = |name: &String| config.get(name).is_some_and(|v| !v.is_null() && !v.elements().is_some_and(<[Value]>::is_empty));
            group.changes_with.iter().any(written) && self.is_stale(&followed, config, prior, shape, lens)
        }
    }

    /// Whether one of the attributes that a computed value follows has changed.
    fn is_stale(&self, field: &Field, known: &Value, prior: Option<&Value>, shape: &Shape, lens: &Lens) -> bool {
        field.changes_with.iter().any(|name| {
            let null = Value::null(Type::Any);
            let (now, was, name) = match name.strip_prefix('/') {
                Some(top) => (self.root.get(top), self.prior_root.and_then(|p| p.get(top)), top),
                // What is not planned yet is computed too and stays.
                None if known.get(name).is_none() => return false,
                None => (known.get(name), prior.and_then(|p| p.get(name)), name.as_str()),
            };
            let (now, was) = (now.unwrap_or(&null), was.unwrap_or(&null));
            match (shape.attrs.get(name), lens.fields.get(name), shape.blocks.get(name), lens.groups.get(name)) {
                (Some(attr), Some(field), ..) => !same::same_attr(attr, field, now, was),
                (.., Some(nested), Some(group)) => !same::same_blocks(nested, group, now, was),
                _ => !now.same(was),
            }
        })
    }

    fn predict(&self, template: &Template, max: Option<usize>, ty: &Type, local: &Value, top: bool) -> Option<Value> {
        let own = |var: &str| match lookup(var, local, self.root, self.ctx) {
            // What the round before found out about a computed attribute of the resource itself.
            Filled::Missing if top => lookup(var, self.root, self.root, self.ctx),
            found => found,
        };
        let Filled::Known(filled) = template.fill(&own) else { return None };
        let text = if matches!(template.pieces.first(), Some(Piece::Text(t)) if t.starts_with("guid:")) { guid(&filled) } else { filled };
        if max.is_some_and(|max| text.len() > max) {
            return None;
        }
        as_type(text, ty)
    }

    fn blocks(&self, nested: &Nested, group: &Group, config: Option<&Value>, prior: Option<Option<&Value>>) -> Value {
        let given = config.filter(|c| !c.is_null());
        if let Some(unknown) = given.filter(|c| c.is_unknown()) {
            return unknown.clone();
        }
        let elements = given.and_then(Value::elements).unwrap_or(&[]);
        // A block that the platform fills is unset when none is written: routes that others added to a table stay.
        if elements.is_empty() && (nested.computed || !nested.optional) {
            return match prior {
                Some(was) => was.cloned().unwrap_or_else(|| empty_block(nested)),
                None => Value::unknown(nested.ty()),
            };
        }
        let before = prior.flatten().and_then(Value::elements).unwrap_or(&[]);
        let planned = elements.iter().enumerate().map(|(i, e)| {
            if e.is_unknown() {
                return e.clone();
            }
            let was = counterpart(group, e, i, before);
            Value::object(self.object(&nested.shape, &group.lens, e, was))
        });
        let items: Vec<Value> = planned.collect();
        let value = match nested.ty() {
            Type::Set(t) => Value::set(*t, items),
            Type::List(t) => Value::list(*t, items),
            other => Value::null(other),
        };
        value.marked(given.map_or(Marks::NONE, |g| g.marks))
    }
}

/// The value that the configuration or a default sets.
fn set_value(attr: &Attr, field: &Field, config: Option<&Value>) -> Option<Value> {
    let given = config.filter(|c| !c.is_null() && attr.settable());
    let value = match given {
        Some(c) => canonical(field, c),
        None => attr.default.clone().map(|d| bjson::from_json_as(&bjson::to_json(&d), &attr.ty).unwrap_or(d))?,
    };
    let value = if attr.sensitive { value.sensitive() } else { value };
    Some(if attr.write_only { value.marked(Marks::EPHEMERAL) } else { value })
}

/// Regions are kept in their canonical spelling, as azurerm's state has them.
fn canonical(field: &Field, value: &Value) -> Value {
    match (field.same, value.as_str()) {
        (Sameness::Location, Some(text)) => Value::string(codec::location(text)).marked(value.marks),
        _ => value.clone(),
    }
}

/// The element of the prior value that an element continues: by key, or by place.
pub(crate) fn counterpart<'a>(group: &Group, element: &Value, index: usize, before: &'a [Value]) -> Option<&'a Value> {
    match &group.key {
        Some(key) => {
            let wanted = element.get(key)?.as_str()?;
            before.iter().find(|b| b.get(key).and_then(Value::as_str).is_some_and(|k| k.eq_ignore_ascii_case(wanted)))
        }
        None => before.get(index),
    }
}

/// Text as a value of the type; a collection holds it as its one element.
pub(crate) fn as_type(text: String, ty: &Type) -> Option<Value> {
    let json = serde_json::Value::String(text);
    match ty {
        Type::List(_) | Type::Set(_) => bjson::from_json_as(&serde_json::Value::Array(vec![json]), ty),
        _ => bjson::from_json_as(&json, ty),
    }
}

/// A GUID that depends on the text only.
fn guid(text: &str) -> String {
    uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_URL, text.to_lowercase().as_bytes()).to_string()
}
