//! Who refers to whom: every `{"id": …}` in a body that points at another resource, indexed by what it points at.
//!
//! Back-references that Azure shows (a subnet's IP configurations, an NSG's subnets) and the refusals to delete what is
//! in use are both read from here, so they cannot disagree.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::store::Resource;

/// One reference.
#[derive(Clone, Debug, PartialEq)]
pub struct Ref {
    /// Id of the nearest enclosing thing that has an id of its own: an IP configuration, a subnet, a route table.
    pub from: String,
    /// Id of the top-level resource that holds it.
    pub holder: String,
    /// Canonical type of the holder.
    pub kind: String,
    /// The member that holds the reference, e.g. `networkSecurityGroup`.
    pub via: String,
}

/// References by lower-case target id.
#[derive(Clone, Debug, Default)]
pub struct Refs {
    to: BTreeMap<String, Vec<Ref>>,
    /// What each holder, by lower-case id, refers to.
    held: BTreeMap<String, Vec<String>>,
}

impl Refs {
    /// Reads the references of one holder again; `None` when it is gone.
    pub fn replace(&mut self, holder: &str, resource: Option<&Resource>) {
        for target in self.held.remove(holder).unwrap_or_default() {
            if let Some(refs) = self.to.get_mut(&target) {
                refs.retain(|r| !r.holder.eq_ignore_ascii_case(holder));
                if refs.is_empty() {
                    self.to.remove(&target);
                }
            }
        }
        let Some(resource) = resource else { return };
        let mut targets = Vec::new();
        walk(&resource.body, &resource.id, "", &mut |target, from, via| {
            let entry = Ref { from: from.to_owned(), holder: resource.id.clone(), kind: resource.kind.clone(), via: via.to_owned() };
            let target = target.to_ascii_lowercase();
            let refs = self.to.entry(target.clone()).or_default();
            // Holders stay in the order of their ids, so that answers do not depend on the order of changes.
            let place = refs.partition_point(|r| r.holder.to_ascii_lowercase().as_str() <= holder);
            refs.insert(place, entry);
            targets.push(target);
        });
        self.held.insert(holder.to_owned(), targets);
    }

    /// References to exactly this id.
    pub fn to(&self, id: &str) -> &[Ref] {
        self.to.get(&id.to_ascii_lowercase()).map_or(&[], Vec::as_slice)
    }

    /// References to this id or to anything below it.
    pub fn inside<'a>(&'a self, id: &str) -> impl Iterator<Item = (&'a str, &'a Ref)> + use<'a> {
        let lower = id.to_ascii_lowercase();
        let below = format!("{lower}/");
        self.to
            .range(lower.clone()..)
            .take_while(move |(k, _)| k.starts_with(&lower))
            .filter(move |(k, _)| k.len() == below.len() - 1 || k.starts_with(&below))
            .flat_map(|(k, refs)| refs.iter().map(move |r| (k.as_str(), r)))
    }
}

/// Calls `found(target, from, via)` for each reference in a body. `own` is the id of the thing the body belongs to.
pub fn walk(body: &Json, own: &str, via: &str, found: &mut dyn FnMut(&str, &str, &str)) {
    match body {
        Json::Object(object) => {
            let id = object.get("id").and_then(Json::as_str);
            // An object below its holder's id is an inline child; any other id is a reference.
            let here = match id {
                Some(id) if !via.is_empty() && !is_part(id, own, object) => {
                    found(id, own, via);
                    own
                }
                Some(id) if !via.is_empty() => id,
                _ => own,
            };
            for (name, value) in object {
                if name == "id" {
                    continue;
                }
                if let Some(target) = value.as_str().filter(|t| name.ends_with("ID") && t.starts_with("/subscriptions/")) {
                    found(target, here, name);
                }
                if name == "userAssignedIdentities" {
                    let identities = value.as_object().into_iter().flatten();
                    identities.for_each(|(id, _)| found(id, here, name));
                    continue;
                }
                walk(value, here, name, found);
            }
        }
        Json::Array(items) => items.iter().for_each(|item| walk(item, own, via, found)),
        _ => {}
    }
}

/// An inline child spells its own id and carries a name or properties; a reference carries neither, or points elsewhere.
fn is_part(id: &str, own: &str, object: &serde_json::Map<String, Json>) -> bool {
    let below = id.len() > own.len() && id.get(..own.len()).is_some_and(|p| p.eq_ignore_ascii_case(own));
    below && (object.contains_key("name") || object.contains_key("properties"))
}
