//! What the simulated cloud holds: resources, operations under way, and the counter that ids are derived from.
//!
//! A store is plain data. Nothing random goes in: GUIDs are UUID version 5 over a seed and a counter, so the same
//! requests in the same order give the same answers.

use std::{
    cell::{Ref, RefCell},
    collections::{BTreeMap, BTreeSet},
};

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use uuid::Uuid;

use super::{http::Millis, jsons::text, operation::Operation, refs::Refs, script::Script};

/// Everything the simulator remembers; one JSON file on disk.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Store {
    /// Format of the file; this program writes 1.
    pub version: u32,
    pub seed: String,
    pub counter: u64,
    /// The latest time seen. Time never goes back, also between runs.
    pub clock: Millis,
    pub settings: Settings,
    /// By lower-case id.
    pub resources: BTreeMap<String, Resource>,
    /// By GUID.
    pub operations: BTreeMap<String, Operation>,
    /// Faults to inject.
    #[serde(default)]
    pub script: Script,
    #[serde(skip)]
    refs: RefCell<Refs>,
    /// Resources, by lower-case id, whose references are to be read again.
    #[serde(skip)]
    stale: RefCell<BTreeSet<String>>,
    /// Counts changes since the store was opened, so that only a changed store is written to its file.
    #[serde(skip)]
    pub changes: u64,
    /// Api-version of the request being answered.
    #[serde(skip)]
    pub api: String,
    /// The second being counted, and the requests seen in it.
    #[serde(skip)]
    pub budget: (Millis, u32),
}

/// How the simulated subscription behaves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    pub subscription: String,
    pub tenant: String,
    /// Operations take this many times less than in Azure; 1 is Azure's own pace.
    pub hurry: u32,
    /// A user-assigned identity must hold its roles on custom subnets and route tables before a cluster uses them.
    pub check_permissions: bool,
    /// A principal is known to the directory this long after its identity was made, in milliseconds.
    pub replication: Millis,
    /// Managed clusters allowed in the subscription.
    pub cluster_quota: usize,
    /// The Kubernetes version a cluster gets when it asks for none; absent for the newest default.
    pub kubernetes: Option<String>,
    /// Reads and writes allowed a second before 429; 0 for no limit.
    pub requests_per_second: u32,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            subscription: super::SUBSCRIPTION.to_owned(),
            tenant: super::TENANT.to_owned(),
            hurry: 1,
            check_permissions: true,
            replication: 10_000,
            cluster_quota: 100,
            kubernetes: None,
            requests_per_second: 0,
        }
    }
}

/// One top-level resource; its inline children live in its body.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Resource {
    /// As ARM spells it back.
    pub id: String,
    /// Canonical type, e.g. `Microsoft.Network/virtualNetworks`.
    pub kind: String,
    pub body: Json,
    pub etag: String,
    /// Provisioning states that are not `Succeeded`: by lower-case path below the resource, `""` for itself.
    #[serde(default)]
    pub states: BTreeMap<String, String>,
    /// What Azure knows but never shows, e.g. an administrator's password was set.
    #[serde(default, skip_serializing_if = "Json::is_null")]
    pub hidden: Json,
    pub created: Millis,
    pub changed: Millis,
}

impl Resource {
    pub fn name(&self) -> &str {
        self.id.rsplit('/').next().unwrap_or("")
    }

    pub fn location(&self) -> &str {
        text(&self.body, "location").unwrap_or("")
    }

    /// The resource group's name, as spelt in the id.
    pub fn group(&self) -> Option<&str> {
        segment_after(&self.id, "resourcegroups")
    }

    pub fn busy(&self) -> bool {
        self.states.values().any(|s| s != "Failed" && s != "Canceled")
    }
}

impl Store {
    pub fn new(seed: &str, clock: Millis) -> Store {
        Store {
            version: 1,
            seed: seed.to_owned(),
            counter: 0,
            clock,
            settings: Settings::default(),
            resources: BTreeMap::new(),
            operations: BTreeMap::new(),
            script: Script::default(),
            refs: RefCell::default(),
            stale: RefCell::default(),
            changes: 0,
            api: String::new(),
            budget: (0, 0),
        }
    }

    /// Makes a store read from a file usable: all its references are still to be read.
    pub fn opened(mut self) -> Store {
        *self.stale.get_mut() = self.resources.keys().cloned().collect();
        self
    }

    /// A new GUID, different from all before it.
    pub fn guid(&mut self) -> String {
        self.counter += 1;
        derive(&self.seed, &self.counter.to_string())
    }

    pub fn etag(&mut self) -> String {
        let guid = self.guid();
        format!("W/\"{guid}\"")
    }

    pub fn get(&self, id: &str) -> Option<&Resource> {
        self.resources.get(&id.to_ascii_lowercase())
    }

    /// The resource, to be changed. Forgets what was derived from the store.
    pub fn get_mut(&mut self, id: &str) -> Option<&mut Resource> {
        self.touched(id);
        self.resources.get_mut(&id.to_ascii_lowercase())
    }

    pub fn insert(&mut self, resource: Resource) {
        self.touched(&resource.id);
        self.resources.insert(resource.id.to_ascii_lowercase(), resource);
    }

    pub fn remove(&mut self, id: &str) -> Option<Resource> {
        self.touched(id);
        self.resources.remove(&id.to_ascii_lowercase())
    }

    /// Resources whose id begins with the given scope and a slash.
    pub fn under<'a>(&'a self, scope: &str) -> impl Iterator<Item = &'a Resource> + use<'a> {
        let prefix = format!("{}/", scope.trim_end_matches('/').to_ascii_lowercase());
        self.resources.range(prefix.clone()..).take_while(move |(k, _)| k.starts_with(&prefix)).map(|(_, r)| r)
    }

    /// All resources of a type.
    pub fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Resource> + use<'a> {
        self.resources.values().filter(move |r| r.kind.eq_ignore_ascii_case(kind))
    }

    /// Notes a change of one resource: its references are read again, and the keeper of the file is told.
    fn touched(&mut self, id: &str) {
        self.stale.get_mut().insert(id.to_ascii_lowercase());
        self.changes += 1;
    }

    /// Who refers to whom. Only what changed since the last look is read again.
    pub fn refs_now(&self) -> Ref<'_, Refs> {
        if !self.stale.borrow().is_empty() {
            let stale = self.stale.take();
            let mut refs = self.refs.borrow_mut();
            for id in stale {
                refs.replace(&id, self.resources.get(&id));
            }
        }
        self.refs.borrow()
    }

    /// The body of a resource or of an inline child, by id.
    pub fn body(&self, id: &str) -> Option<&Json> {
        if let Some(resource) = self.get(id) {
            return Some(&resource.body);
        }
        let (owner, path) = self.owner(id)?;
        find_child(&owner.body, &path)
    }

    /// The resource that holds an inline child, and the child's path below it (`subnets/nodes`).
    pub fn owner(&self, id: &str) -> Option<(&Resource, String)> {
        let lower = id.to_ascii_lowercase();
        let mut cut = lower.len();
        while let Some(at) = lower.get(..cut).and_then(|s| s.rfind('/')) {
            cut = at;
            if let Some(resource) = self.resources.get(lower.get(..cut)?) {
                return Some((resource, id.get(cut + 1..)?.to_owned()));
            }
        }
        None
    }

    /// Whether an id names a resource or an inline child that exists.
    pub fn exists(&self, id: &str) -> bool {
        self.body(id).is_some()
    }

    /// Stores a body as it is, as a resource or as an inline child of one.
    pub fn put_raw(&mut self, id: &str, body: Json, now: Millis) {
        let kind = super::engine::kind_of(id);
        let model = super::model::model(&kind);
        let array = model.and_then(|m| match m.hold {
            super::model::Hold::Inline(array) | super::model::Hold::Flat(array) => Some(array),
            super::model::Hold::Own => None,
        });
        let flat = model.is_some_and(|m| matches!(m.hold, super::model::Hold::Flat(_)));
        let body = if flat { super::engine::lower(&body) } else { body };
        let etag = self.etag();
        if let Some(array) = array
            && let Some(holder) = self.get_mut(super::model::up(id))
        {
            let name = id.rsplit('/').next().unwrap_or("").to_owned();
            let items = super::jsons::list_mut(&mut holder.body, &format!("properties.{array}"));
            if let Some(items) = items {
                items.retain(|i| text(i, "name").is_none_or(|n| !n.eq_ignore_ascii_case(&name)));
                items.push(body.clone());
            }
            return;
        }
        let kind = model.map_or(kind, |m| m.kind.to_owned());
        let states = BTreeMap::new();
        self.insert(Resource { id: id.to_owned(), kind, body, etag, states, hidden: Json::Null, created: now, changed: now });
    }
}

/// Follows `subnets/nodes/…` through the arrays of a body.
pub fn find_child<'a>(body: &'a Json, path: &str) -> Option<&'a Json> {
    let mut here = body;
    let mut segments = path.split('/');
    while let (Some(array), Some(name)) = (segments.next(), segments.next()) {
        // Node pools are listed under another name than their path has.
        let array = if array.eq_ignore_ascii_case("agentPools") { "agentPoolProfiles" } else { array };
        let items = super::jsons::list(here, &format!("properties.{array}"));
        here = super::jsons::named(items, name)?;
    }
    Some(here)
}

/// A GUID that depends on the seed and the given words only.
pub fn derive(seed: &str, words: &str) -> String {
    let space = Uuid::new_v5(&Uuid::NAMESPACE_URL, seed.as_bytes());
    Uuid::new_v5(&space, words.as_bytes()).to_string()
}

/// The segment after a given one, both compared without case.
pub fn segment_after<'a>(id: &'a str, segment: &str) -> Option<&'a str> {
    let mut segments = id.split('/');
    segments.find(|s| s.eq_ignore_ascii_case(segment))?;
    segments.next()
}
