//! The nouns of the state: instances by address, root outputs, and what else the file carries.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as J};

use crate::base::{Address, Key, Kind, Path, PathStep, ResourceAddress, ResourceId, Type, Value, json::to_json};

/// What Ravelin believes exists. Ordered by address, so the same state always has the same bytes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    /// Names the history this state belongs to; two states of different lineage are never compared.
    pub lineage: String,
    /// Grows by one with every change that is written.
    pub serial: u64,
    /// The version that wrote the file, as Terraform understands it.
    pub terraform_version: String,
    /// Outputs of the root module.
    pub outputs: BTreeMap<String, OutputValue>,
    pub resources: BTreeMap<Address, Instance>,
    /// Objects replaced but not yet destroyed, by address and deposed key (eight hexadecimal digits).
    pub deposed: BTreeMap<(Address, String), Instance>,
    /// `check_results` as the file has it; null when no check has run.
    pub check_results: J,
    /// How far a journal has been folded into this state.
    pub journal: Option<Mark>,
    /// Fields of the file, and of each resource in it, that this version does not know; they survive a round trip.
    pub extras: Map<String, J>,
    pub resource_extras: BTreeMap<ResourceAddress, Map<String, J>>,
}

/// A place in a journal: everything up to and including `seq` of that run is in the state.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Mark {
    pub run: String,
    pub seq: u64,
}

/// A root output. The type is kept apart because a null or an empty collection does not tell it.
#[derive(Clone, Debug, PartialEq)]
pub struct OutputValue {
    pub value: Value,
    pub ty: Type,
    pub sensitive: bool,
}

impl OutputValue {
    /// An output of a wholly known value; a sensitive mark anywhere in it makes the whole output sensitive.
    pub fn of(value: &Value, sensitive: bool) -> OutputValue {
        let (value, marks) = value.clone().unmark_deep();
        OutputValue { ty: value.ty(), value, sensitive: sensitive || marks.sensitive }
    }
}

/// One object that exists, as its provider last described it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Instance {
    /// As the file writes it: `provider["registry.terraform.io/hashicorp/azurerm"]`.
    pub provider: String,
    pub schema_version: u64,
    /// The attributes as one JSON object.
    pub attributes: J,
    /// Ways to the attributes that must not be shown.
    pub sensitive: Vec<Path>,
    /// The paths above, or beginnings of them, whose last step is the key of a map rather than an attribute's name:
    /// the file tells the two apart and Terraform loses a mark that is written the wrong way.
    pub map_keys: BTreeSet<Path>,
    /// Addresses of the resources (without instance keys) it was made after.
    pub dependencies: Vec<String>,
    pub create_before_destroy: bool,
    /// Its creation did not finish; the next plan replaces it.
    pub tainted: bool,
    /// The provider's own note, base64.
    pub private: Option<String>,
    /// Fields of the instance that this version does not know.
    pub extras: Map<String, J>,
}

impl Instance {
    /// An instance of a known value; marks become sensitive paths. Unknown attributes are left out.
    pub fn of(provider: &str, schema_version: u64, value: &Value) -> Instance {
        let mut instance = Instance { provider: provider.to_owned(), schema_version, attributes: to_json(value), ..Instance::default() };
        collect_sensitive(value, &mut Vec::new(), &mut instance);
        instance
    }

    /// A top-level attribute that is text.
    pub fn text(&self, attribute: &str) -> Option<&str> {
        self.attributes.get(attribute).and_then(J::as_str)
    }

    /// The `id` attribute as an ARM id, when it is one.
    pub fn id(&self) -> Option<ResourceId> {
        self.text("id").and_then(ResourceId::parse)
    }
}

/// Notes every outermost sensitive mark, and which steps on the way to it are keys of maps.
fn collect_sensitive(value: &Value, path: &mut Path, into: &mut Instance) {
    if value.marks.sensitive {
        into.sensitive.push(path.clone());
        return;
    }
    if !value.marks_deep().sensitive {
        return;
    }
    let in_map = matches!(value.kind, Kind::Map(..));
    for (step, child) in value.children() {
        path.push(step);
        if in_map && child.marks_deep().sensitive {
            into.map_keys.insert(path.clone());
        }
        collect_sensitive(child, path, into);
        path.pop();
    }
}

impl State {
    /// An empty state that starts a lineage; the caller supplies a fresh UUID.
    pub fn new(lineage: impl Into<String>, terraform_version: impl Into<String>) -> State {
        State { lineage: lineage.into(), terraform_version: terraform_version.into(), ..State::default() }
    }

    /// Nothing exists and nothing is put out.
    pub fn is_empty(&self) -> bool {
        self.resources.is_empty() && self.deposed.is_empty() && self.outputs.is_empty()
    }

    /// The instances of one resource block, in key order.
    pub fn instances<'a>(&'a self, resource: &'a ResourceAddress) -> impl Iterator<Item = (&'a Address, &'a Instance)> + 'a {
        self.resources.range(resource.instance(None)..).take_while(move |(a, _)| a.resource == *resource)
    }

    /// The address of a current object by its ARM id.
    pub fn by_id(&self, id: &ResourceId) -> Option<&Address> {
        self.resources.iter().find(|(_, i)| i.text("id").is_some_and(|t| t.eq_ignore_ascii_case(id.as_str()))).map(|(a, _)| a)
    }

    /// Whether the two describe the same things; serial, writer and journal mark aside.
    pub fn same_content(&self, other: &State) -> bool {
        self.resources == other.resources
            && self.deposed == other.deposed
            && self.outputs == other.outputs
            && self.check_results == other.check_results
            && self.extras == other.extras
            && self.resource_extras == other.resource_extras
    }

    /// This state as successor of the one it was made from: the serial grows by one when anything differs.
    pub fn succeed(mut self, prior: &State) -> State {
        if !prior.lineage.is_empty() {
            self.lineage.clone_from(&prior.lineage);
        }
        let changed = !self.same_content(prior) || self.journal != prior.journal;
        self.serial = if changed { prior.serial + 1 } else { prior.serial };
        self
    }
}

/// Whether a path's last step is a map key, an attribute name or a position: what the file writes differs.
pub(super) enum Step<'a> {
    Attribute(&'a str),
    MapKey(&'a str),
    Index(usize),
}

impl Instance {
    /// The steps of a sensitive path with what each is.
    pub(super) fn steps<'a>(&'a self, path: &'a Path) -> impl Iterator<Item = Step<'a>> + 'a {
        path.iter().enumerate().map(move |(i, step)| match step {
            PathStep::Index(n) => Step::Index(*n),
            PathStep::Name(name) => match path.get(..=i) {
                Some(prefix) if self.map_keys.contains(prefix) => Step::MapKey(name),
                _ => Step::Attribute(name),
            },
        })
    }
}

/// The key of an instance as the file writes it: a number or a text.
pub(super) fn key_json(key: &Key) -> J {
    match key {
        Key::Int(n) => J::from(*n),
        Key::Str(s) => J::from(s.as_str()),
    }
}
