//! What the engine needs to know about a resource type. Each family file fills a table of these.

use serde_json::{Value as Json, json};

use super::{
    fault::Fault,
    http::{Millis, Request, Response},
    jsons::{self, at, text},
    store::{Resource, Store},
};

/// Where a resource of a type lives in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// Under its own id.
    Own,
    /// Inside its parent's `properties.<array>`, as an object with `id`, `name` and `properties`.
    Inline(&'static str),
    /// Inside its parent's `properties.<array>`, its properties at the top of the element (AKS node pools).
    Flat(&'static str),
}

/// How a provider reports long-running work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Style {
    /// Done at once: no operation.
    Sync,
    Network,
    Compute,
    /// Managed disks: 202 also on create.
    Disk,
    Aks,
    /// Log Analytics workspaces.
    Workspace,
    /// Private DNS zones: 202 with an empty body.
    PrivateDns,
    Group,
    /// Storage accounts: 202 and Location only.
    Storage,
}

/// Durations in milliseconds at Azure's pace, and the waits Azure asks for, in seconds (0: no header).
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    pub create: Millis,
    pub update: Millis,
    pub delete: Millis,
    pub wait: u32,
    pub wait_delete: u32,
}

/// What a model sees of a write.
pub struct Draft<'a> {
    /// Canonical id of the resource or child being written.
    pub id: &'a str,
    pub kind: &'static Model,
    pub request: &'a Json,
    /// The body as stored, when it exists already.
    pub old: Option<&'a Json>,
    pub api: &'a str,
    pub now: Millis,
}

impl Draft<'_> {
    pub fn name(&self) -> &str {
        self.id.rsplit('/').next().unwrap_or("")
    }

    /// The id of the enclosing resource: two segments up.
    pub fn parent(&self) -> &str {
        up(self.id)
    }

    /// Name, id, type and the general members that the request carries, with empty properties.
    pub fn frame(&self, extra: &[&str]) -> Json {
        let mut body = json!({ "name": self.name(), "id": self.id, "type": self.kind.shown });
        if self.kind.tracked {
            let old = self.old.and_then(|o| text(o, "location"));
            let location = old.or_else(|| text(self.request, "location")).unwrap_or("");
            jsons::set(&mut body, "location", normal_location(location));
        }
        for name in ["tags"].iter().chain(extra) {
            if let Some(value) = at(self.request, name) {
                jsons::set(&mut body, name, value.clone());
            }
        }
        jsons::set(&mut body, "properties", json!({}));
        body
    }

    /// The old value at a path, or one made now: for GUIDs that never change.
    pub fn keep(&self, path: &str, make: impl FnOnce() -> Json) -> Json {
        self.old.and_then(|o| at(o, path)).cloned().unwrap_or_else(make)
    }
}

/// The id two segments up.
pub fn up(id: &str) -> &str {
    let cut = id.rfind('/').and_then(|last| id.get(..last)).and_then(|s| s.rfind('/'));
    cut.and_then(|c| id.get(..c)).unwrap_or("")
}

/// `West US 2` and `westus2` are one location.
pub fn normal_location(location: &str) -> String {
    location.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase()
}

/// Answers an action on the resource with an id, or does not know it.
pub type Action = fn(store: &mut Store, id: &str, action: &str, request: &Request, now: Millis) -> Option<Result<Response, Fault>>;

/// One resource type.
pub struct Model {
    /// Canonical type.
    pub kind: &'static str,
    /// The `type` that bodies carry.
    pub shown: &'static str,
    pub hold: Hold,
    /// Has a location and tags of its own.
    pub tracked: bool,
    /// Bodies carry `properties.provisioningState`.
    pub stated: bool,
    /// Bodies carry `etag`, as the Network provider's do.
    pub etagged: bool,
    /// In the provider's operation names: `Put<label>Operation`.
    pub label: &'static str,
    pub style: Style,
    pub timing: Timing,
    /// The body to store, from the request and what was there. It may allocate, but changes no other resource.
    pub build: fn(&mut Store, &Draft) -> Result<Json, Fault>,
    /// Whether a write is only a matter of tags, so that it is done at once.
    pub quick: fn(old: Option<&Json>, new: &Json) -> bool,
    /// Effects on other resources when a write is accepted.
    pub accepted: fn(&mut Store, id: &str, now: Millis),
    /// Effects when the write's operation has ended well.
    pub finished: fn(&mut Store, id: &str, now: Millis),
    /// Why it cannot be deleted now.
    pub keep: fn(&Store, id: &str) -> Option<Fault>,
    /// Effects when it is gone.
    pub removed: fn(&mut Store, body: &Json, now: Millis),
    /// Adds what is computed on reading.
    pub adorn: fn(&Store, &mut Json, &Resource),
    /// Answers `POST …/action` and odd sub-paths; `None` when it does not know the action.
    pub action: Action,
}

fn build_nothing(_: &mut Store, draft: &Draft) -> Result<Json, Fault> {
    let mut body = draft.frame(&[]);
    jsons::set(&mut body, "properties", at(draft.request, "properties").cloned().unwrap_or(json!({})));
    Ok(body)
}

/// A write whose body differs from the old only outside `properties`.
pub fn same_properties(old: Option<&Json>, new: &Json) -> bool {
    old.is_some_and(|o| o.get("properties") == new.get("properties"))
}

/// A model that does nothing special: the base of the tables.
pub const PLAIN: Model = Model {
    kind: "",
    shown: "",
    hold: Hold::Own,
    tracked: true,
    stated: true,
    etagged: false,
    label: "",
    style: Style::Sync,
    timing: Timing { create: 0, update: 0, delete: 0, wait: 0, wait_delete: 0 },
    build: build_nothing,
    quick: same_properties,
    accepted: |_, _, _| {},
    finished: |_, _, _| {},
    keep: |_, _| None,
    removed: |_, _, _| {},
    adorn: |_, _, _| {},
    action: |_, _, _, _, _| None,
};

/// The model of a type, compared without case.
pub fn model(kind: &str) -> Option<&'static Model> {
    super::FAMILIES.iter().flat_map(|f| f.iter()).find(|m| m.kind.eq_ignore_ascii_case(kind))
}

/// Whether a namespace is one this simulator knows anything of.
pub fn namespace(name: &str) -> Option<&'static str> {
    const BY_HAND: &str = "Microsoft.MarketplaceOrdering";
    let mut kinds = super::FAMILIES.iter().flat_map(|f| f.iter()).map(|m| m.kind.split_once('/').map_or("", |(n, _)| n)).chain([BY_HAND]);
    kinds.find(|n| n.eq_ignore_ascii_case(name))
}

/// Children held inline by a type.
pub fn inline_children(kind: &str) -> impl Iterator<Item = (&'static Model, &'static str)> + use<'_> {
    super::FAMILIES.iter().flat_map(|f| f.iter()).filter_map(move |m| match m.hold {
        Hold::Inline(array) | Hold::Flat(array) => {
            let parent = m.kind.rsplit_once('/').map_or("", |(p, _)| p);
            parent.eq_ignore_ascii_case(kind).then_some((m, array))
        }
        Hold::Own => None,
    })
}
