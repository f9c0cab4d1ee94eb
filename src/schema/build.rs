//! Attributes to request bodies.

use serde_json::{Map, Value as Json};

use super::{
    codec::{self, Lookup},
    declare::{Context, Field, Group, Lens, ResourceType},
    place::{At, write},
    planned::as_type,
    template::Filled,
};
use crate::base::{
    Path, PathStep, ResourceId, Shape, Value,
    shape::{Attr, Nested},
};

/// A write of a child resource that a nested block stands for: AKS maintenance windows, a VNet's inline subnets.
#[derive(Clone, Debug, PartialEq)]
pub struct Child {
    pub id: ResourceId,
    pub api: String,
    /// `None` deletes it.
    pub body: Option<Json>,
}

impl ResourceType {
    /// The body of a create or update request (for a part: the part itself).
    ///
    /// An unknown value of an attribute that only the configuration sets is an error, with its path; unknown values that the
    /// platform will choose are left out.
    pub fn build(&self, value: &Value, ctx: &Context) -> Result<Json, Path> {
        let mut out = Json::Object(Map::new());
        let builder = Builder { root: value, ctx };
        for (path, json) in &self.consts {
            write(&mut out, &path.resolve(&[]), json.clone());
        }
        builder.object(&self.shape, &self.lens, value, &[], &mut Vec::new(), &mut out)?;
        Ok(match self.transform {
            Some(transform) => transform.outward(&out),
            None => out,
        })
    }

    /// The child resources to write or delete after the resource itself: those whose block differs from `before`.
    pub fn children(&self, before: Option<&Value>, after: &Value, ctx: &Context) -> Result<Vec<Child>, Path> {
        let Some(super::Target::Own { id }) = self.target(after, ctx) else { return Ok(Vec::new()) };
        let mut out = Vec::new();
        for (name, group) in &self.lens.groups {
            let (Some(suffix), Some(nested)) = (&group.child, self.shape.blocks.get(name)) else { continue };
            let wanted = self.child_bodies(name, suffix, nested, group, after, ctx)?;
            let had = match before {
                Some(b) => self.child_bodies(name, suffix, nested, group, b, ctx)?,
                None => Vec::new(),
            };
            let at = |suffix: &str| ResourceId::parse(&format!("{id}/{suffix}"));
            for (suffix, _) in had.iter().filter(|(s, _)| !wanted.iter().any(|(w, _)| w.eq_ignore_ascii_case(s))) {
                out.extend(at(suffix).map(|id| Child { id, api: self.api_version.clone(), body: None }));
            }
            for (suffix, body) in wanted.into_iter().filter(|w| !had.contains(w)) {
                out.extend(at(&suffix).map(|id| Child { id, api: self.api_version.clone(), body: Some(body) }));
            }
        }
        Ok(out)
    }

    fn child_bodies(&self, name: &str, suffix: &str, nested: &Nested, group: &Group, value: &Value, ctx: &Context) -> Result<Vec<(String, Json)>, Path> {
        let builder = Builder { root: value, ctx };
        let mut out = Vec::new();
        for (i, element) in value.get(name).and_then(Value::elements).unwrap_or(&[]).iter().enumerate() {
            let mut body = Json::Object(Map::new());
            let mut path = vec![PathStep::Name(name.to_owned()), PathStep::Index(i)];
            for (at, json) in &group.consts {
                write(&mut body, &at.resolve(&[]), json.clone());
            }
            builder.object(&nested.shape, &group.lens, element, &[], &mut path, &mut body)?;
            if let Some(transform) = group.transform {
                body = transform.outward(&body);
            }
            let template = super::template::Template::parse(suffix).unwrap_or_default();
            if let Filled::Known(suffix) = template.fill(&|var| lookup(var, element, value, ctx)) {
                out.push((suffix, body));
            }
        }
        Ok(out)
    }
}

struct Builder<'a> {
    root: &'a Value,
    ctx: &'a Context,
}

impl Builder<'_> {
    fn object(&self, shape: &Shape, lens: &Lens, value: &Value, scope: &[At], path: &mut Path, out: &mut Json) -> Result<(), Path> {
        for (name, field) in &lens.fields {
            let (Some(attr), Some(v)) = (shape.attrs.get(name), value.get(name)) else { continue };
            if v.is_wholly_known() && !v.is_null() && v.as_bool() != Some(false) {
                for (at, json) in &field.implies {
                    write(out, &at.resolve(scope), json.clone());
                }
            }
            let Some(at) = &field.at else { continue };
            if !attr.settable() || field.response_only || (v.is_null() && field.sent_as.is_empty()) || field.omit.iter().any(|o| o.same(v)) {
                continue;
            }
            path.push(PathStep::Name(name.clone()));
            let lookup: &Lookup = &|var| lookup(var, value, self.root, self.ctx);
            if let Some(v) = self.sendable(attr, field, v, lookup, path)? {
                let json = codec::encode(field, &v, lookup).ok_or_else(|| path.clone())?;
                write(out, &at.resolve(scope), json);
            }
            path.pop();
        }
        for (name, group) in &lens.groups {
            let (Some(nested), Some(at), Some(v)) = (shape.blocks.get(name), &group.at, value.get(name)) else { continue };
            if !nested.optional || group.child.is_some() {
                continue;
            }
            path.push(PathStep::Name(name.clone()));
            if v.is_unknown() && !nested.computed {
                return Err(path.clone());
            }
            let here = at.resolve(scope);
            for (i, element) in v.elements().unwrap_or(&[]).iter().enumerate() {
                let mut inner = here.clone();
                if group.many {
                    inner.push(At::Index(i));
                }
                path.push(PathStep::Index(i));
                if element.is_unknown() {
                    return Err(path.clone());
                }
                self.block(nested, group, element, &inner, path, out)?;
                path.pop();
            }
            path.pop();
        }
        Ok(())
    }

    fn block(&self, nested: &Nested, group: &Group, element: &Value, scope: &[At], path: &mut Path, out: &mut Json) -> Result<(), Path> {
        // An empty block still says that the object is there.
        let slot = super::place::slot(out, scope);
        if slot.is_null() {
            *slot = Json::Object(Map::new());
        }
        for (at, json) in &group.consts {
            write(out, &at.resolve(scope), json.clone());
        }
        if let Some(switch) = &group.switch {
            let mut at = scope.to_vec();
            at.push(At::Member(switch.clone()));
            write(out, &at, Json::Bool(true));
        }
        self.object(&nested.shape, &group.lens, element, scope, path, out)?;
        if let Some(transform) = group.transform {
            let slot = super::place::slot(out, scope);
            *slot = transform.outward(slot);
        }
        Ok(())
    }

    /// The value that goes into the body, if any; an unknown that nobody but the configuration can set is an error.
    fn sendable(&self, attr: &Attr, field: &Field, value: &Value, lookup: &Lookup, path: &Path) -> Result<Option<Value>, Path> {
        let open = value.is_null() || (attr.computed && value.is_unknown());
        if !open {
            return if value.is_wholly_known() { Ok(Some(value.clone())) } else { Err(path.clone()) };
        }
        let filled = field.sent_as.iter().find_map(|t| match t.fill(lookup) {
            Filled::Known(text) => as_type(text, &attr.ty),
            _ => None,
        });
        Ok(filled)
    }
}

/// A template variable's value: the context's, the block's own attribute, or (`/name`) the resource's. Dots lead into blocks.
pub(crate) fn lookup(var: &str, local: &Value, root: &Value, ctx: &Context) -> Filled {
    let (value, var) = match var.strip_prefix('/') {
        Some(rest) => (root, rest),
        None => (local, var),
    };
    match var {
        "subscription" => return Filled::Known(ctx.subscription.clone()),
        "subscription_scope" => return Filled::Known(format!("/subscriptions/{}", ctx.subscription)),
        "tenant" => return Filled::Known(ctx.tenant.clone()),
        "seed" => return Filled::Known(ctx.seed.clone()),
        _ => {}
    }
    let mut here = value;
    for step in var.split('.') {
        if here.is_unknown() {
            return Filled::Unknown;
        }
        let next = match step.parse::<usize>() {
            Ok(i) => here.elements().and_then(|e| e.get(i)),
            Err(_) => here.get(step),
        };
        match next {
            Some(v) => here = v,
            None => return Filled::Missing,
        }
    }
    if here.is_unknown() {
        return Filled::Unknown;
    }
    codec::plain_text(here).filter(|t| !t.is_empty()).map_or(Filled::Missing, Filled::Known)
}
