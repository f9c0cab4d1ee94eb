//! A built body laid over the live one: what is not modelled stays, what was taken back goes, lists of named elements are merged by name.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use super::{
    declare::{Lens, ResourceType},
    place::JsonPath,
};
use crate::base::{Shape, Type};

/// How the overlay treats places of the body, by pattern (`properties.routes`, `properties.routes[].properties.nextHopType`).
#[derive(Clone, Debug, Default)]
pub(crate) struct Rules {
    by_pattern: BTreeMap<String, Rule>,
}

#[derive(Clone, Debug)]
enum Rule {
    /// Replaced as a whole: the attribute's own value.
    Leaf,
    /// An array whose elements are told apart by this (dotted) member.
    Keyed(String),
    /// An object with a member that switches it off.
    Switch(String),
    /// Another spelling of a place that is written elsewhere; goes when that is written.
    Alias(String),
    /// The platform's own: not sent back.
    ReadOnly,
}

/// The rules that follow from a lens.
pub(crate) fn rules(shape: &Shape, lens: &Lens, readonly: &[String]) -> Rules {
    let mut out = Rules::default();
    collect(shape, lens, "", &mut out.by_pattern);
    for pattern in readonly {
        out.by_pattern.insert(pattern.clone(), Rule::ReadOnly);
    }
    out
}

fn collect(shape: &Shape, lens: &Lens, scope: &str, out: &mut BTreeMap<String, Rule>) {
    for (name, field) in &lens.fields {
        let Some(at) = &field.at else { continue };
        let settable = shape.attrs.get(name).is_some_and(|a| a.settable());
        if settable && !matches!(shape.attrs.get(name).map(|a| &a.ty), Some(Type::Any)) {
            out.insert(at.pattern(scope), Rule::Leaf);
            for also in &field.also {
                out.insert(beside(&at.pattern(scope), &also.pattern(scope)), Rule::Alias(at.pattern(scope)));
            }
        }
    }
    for (name, group) in &lens.groups {
        let (Some(at), Some(nested)) = (&group.at, shape.blocks.get(name)) else { continue };
        if group.child.is_some() {
            continue;
        }
        let here = at.pattern(scope);
        let inner = if group.many { format!("{here}[]") } else { here.clone() };
        if nested.optional {
            let keyed = |k: &JsonPath| Rule::Keyed(k.pattern(""));
            if group.many {
                let key = group.key.as_ref().and_then(|k| group.lens.fields.get(k)).and_then(|f| f.at.as_ref());
                out.insert(here.clone(), key.map_or(Rule::Leaf, keyed));
            } else if let Some(list) = here.strip_suffix("[]") {
                out.insert(list.to_owned(), Rule::Keyed("name".to_owned()));
            }
            if let Some(switch) = &group.switch {
                out.insert(here.clone(), Rule::Switch(switch.clone()));
            }
        }
        collect(&nested.shape, &group.lens, &inner, out);
    }
}

/// The part of `also` that stands beside the end of `main`: of `p.pools` and `p.pool.id` it is `p.pool`.
fn beside(main: &str, also: &str) -> String {
    let parent = main.rfind('.').map_or("", |i| main.get(..=i).unwrap_or(""));
    match also.strip_prefix(parent).and_then(|rest| rest.split('.').next()) {
        Some(member) => format!("{parent}{member}"),
        None => also.to_owned(),
    }
}

impl ResourceType {
    /// The body of an update: the live one with the built one laid over it.
    ///
    /// Members that neither attributes nor the prior body know are kept, members that `prior_built` had and `built` lacks go
    /// (a boolean that was on is switched off), read-only members are dropped, arrays of keyed elements are merged by key.
    pub fn overlay(&self, live: &Json, built: &Json, prior_built: Option<&Json>) -> Json {
        let merge = Merge { rules: &self.rules.by_pattern };
        let merged = merge.value(live, built, prior_built.unwrap_or(&Json::Null), "");
        // A part's own members (an element's name, a reference's id) belong to it.
        if matches!(self.home, super::declare::Home::Part { .. }) {
            return merged;
        }
        let mut out = merge.stripped(&merged, "");
        if let Json::Object(map) = &mut out {
            for member in ["id", "name", "type", "systemData"] {
                map.remove(member);
            }
        }
        out
    }
}

struct Merge<'a> {
    rules: &'a BTreeMap<String, Rule>,
}

impl Merge<'_> {
    fn value(&self, live: &Json, built: &Json, prior: &Json, pattern: &str) -> Json {
        match (live, built) {
            (_, b) if matches!(self.rules.get(pattern), Some(Rule::Leaf)) => b.clone(),
            (Json::Object(l), Json::Object(b)) => Json::Object(self.object(l, b, prior, pattern)),
            (Json::Array(l), Json::Array(b)) => match self.rules.get(pattern) {
                Some(Rule::Keyed(key)) => Json::Array(self.keyed(l, b, prior, key, pattern)),
                _ => built.clone(),
            },
            _ => built.clone(),
        }
    }

    fn object(&self, live: &Map<String, Json>, built: &Map<String, Json>, prior: &Json, pattern: &str) -> Map<String, Json> {
        let mut out = Map::new();
        for (name, value) in live {
            let here = join(pattern, name);
            let before = prior.get(name).unwrap_or(&Json::Null);
            match built.get(name) {
                Some(b) => {
                    out.insert(name.clone(), self.value(value, b, before, &here));
                }
                None => {
                    if let Some(kept) = self.left_out(value, before, &here, built, pattern) {
                        out.insert(name.clone(), kept);
                    }
                }
            }
        }
        for (name, value) in built {
            out.entry(name.clone()).or_insert_with(|| value.clone());
        }
        out
    }

    /// What becomes of a live member that the built body lacks; `prior` is what the body before had there.
    fn left_out(&self, live: &Json, prior: &Json, here: &str, built: &Map<String, Json>, parent: &str) -> Option<Json> {
        let name = here.rsplit('.').next().unwrap_or(here);
        if matches!(name, "etag" | "provisioningState") {
            return None;
        }
        match self.rules.get(here) {
            Some(Rule::ReadOnly) => return None,
            Some(Rule::Alias(main)) => {
                let sibling = main.strip_prefix(parent).map(|s| s.trim_start_matches('.'));
                return if sibling.is_some_and(|s| built.contains_key(s)) { None } else { Some(live.clone()) };
            }
            Some(Rule::Switch(member)) if !prior.is_null() => {
                let mut off = live.clone();
                super::place::write(&mut off, &[super::place::At::Member(member.clone())], Json::Bool(false));
                return Some(off);
            }
            _ => {}
        }
        match prior {
            Json::Null => Some(self.stripped(live, here)),
            Json::Bool(true) => Some(Json::Bool(false)),
            // Switched-off inner blocks must be said, the rest of the object goes.
            Json::Object(_) if self.has_switch_below(here) => Some(self.value(live, &Json::Object(Map::new()), prior, here)),
            _ => None,
        }
    }

    fn has_switch_below(&self, pattern: &str) -> bool {
        let start = format!("{pattern}.");
        self.rules.range(start.clone()..).take_while(|(p, _)| p.starts_with(&start)).any(|(_, r)| matches!(r, Rule::Switch(_)))
    }

    /// A live value that nothing models, without its read-only members.
    fn stripped(&self, live: &Json, pattern: &str) -> Json {
        match live {
            Json::Object(map) => {
                let keep = |name: &String| {
                    !matches!(name.as_str(), "etag" | "provisioningState") && !matches!(self.rules.get(&join(pattern, name)), Some(Rule::ReadOnly))
                };
                Json::Object(map.iter().filter(|(n, _)| keep(n)).map(|(n, v)| (n.clone(), self.stripped(v, &join(pattern, n)))).collect())
            }
            Json::Array(items) => Json::Array(items.iter().map(|i| self.stripped(i, &format!("{pattern}[]"))).collect()),
            other => other.clone(),
        }
    }

    /// Elements by key: the built ones in their order (over the live ones), then live ones that the prior body did not have.
    fn keyed(&self, live: &[Json], built: &[Json], prior: &Json, key: &str, pattern: &str) -> Vec<Json> {
        let inner = format!("{pattern}[]");
        let empty = Vec::new();
        let prior = prior.as_array().unwrap_or(&empty);
        let find = |items: &[Json], wanted: &Option<String>| items.iter().find(|e| key_of(e, key) == *wanted && wanted.is_some()).cloned();
        let mut out: Vec<Json> = built
            .iter()
            .map(|b| {
                let wanted = key_of(b, key);
                match find(live, &wanted) {
                    Some(l) => self.value(&l, b, &find(prior, &wanted).unwrap_or(Json::Null), &inner),
                    None => b.clone(),
                }
            })
            .collect();
        for element in live {
            let wanted = key_of(element, key);
            if find(built, &wanted).is_none() && find(prior, &wanted).is_none() {
                out.push(self.stripped(element, &inner));
            }
        }
        out
    }
}

fn key_of(element: &Json, key: &str) -> Option<String> {
    key.split('.').try_fold(element, |j, k| j.get(k)).and_then(Json::as_str).map(str::to_lowercase)
}

fn join(pattern: &str, name: &str) -> String {
    if pattern.is_empty() { name.to_owned() } else { format!("{pattern}.{name}") }
}
