//! Terraform's state file format, version 4: read, and written with Terraform's own key order and escapes.
//!
//! Source: what Terraform 1.11 writes, and `internal/states/statefile/version4.go` of its public source for the
//! order of keys. Fields this version does not know survive a round trip.

use std::{
    collections::{BTreeMap, btree_map},
    fmt,
};

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::{Map, Value as J};

use crate::base::{Address, Key, Mode, ModulePath, ResourceAddress, value::show_path};

use super::{
    gojson::{ordered, to_text},
    model::{Instance, Mark, OutputValue, State},
    object::Object,
};

/// Why a text is not a state, and where (line and column from 1; 0 when the text as a whole is meant).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateError {
    pub line: usize,
    pub column: usize,
    pub what: String,
}

impl fmt::Display for StateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line == 0 { f.write_str(&self.what) } else { write!(f, "line {}, column {}: {}", self.line, self.column, self.what) }
    }
}
impl std::error::Error for StateError {}

impl From<serde_json::Error> for StateError {
    fn from(error: serde_json::Error) -> StateError {
        let text = error.to_string();
        // serde_json appends the place, which we hold apart.
        let what = text.rsplit_once(" at line ").map_or(text.as_str(), |(what, _)| what).to_owned();
        StateError { line: error.line(), column: error.column(), what }
    }
}

/// Reads a state file.
///
/// # Errors
/// Where the text is not JSON, not version 4, or says something that cannot be (an address twice, an output that does
/// not fit its type, attributes in the form of Terraform 0.11).
pub fn read(text: &str) -> Result<State, StateError> {
    #[derive(Deserialize)]
    struct Head {
        version: u64,
    }
    let head: Head = serde_json::from_str(text)?;
    if head.version != 4 {
        let what = match head.version {
            0..4 => format!("the file has format version {}; only version 4 (Terraform 0.12 and later) can be read", head.version),
            v => format!("the file has format version {v}, newer than version 4, which is the newest known here"),
        };
        return Err(StateError { line: 0, column: 0, what });
    }
    let file: ReadFile = serde_json::from_str(text)?;
    Ok(file.into_state())
}

/// Lineage and serial of a state file, without reading the rest of it.
pub fn head(text: &str) -> Result<(String, u64), StateError> {
    #[derive(Deserialize)]
    struct Head {
        lineage: String,
        serial: u64,
    }
    let head: Head = serde_json::from_str(text)?;
    Ok((head.lineage, head.serial))
}

/// The state as a file, byte for byte as Terraform lays it out.
pub fn write(state: &State) -> String {
    to_text(&WriteFile::of(state))
}

/// A resource whose parts have been checked.
struct Checked {
    resource: ResourceAddress,
    extras: Map<String, J>,
    objects: Vec<(Address, Option<String>, Instance)>,
}

impl<'de> Deserialize<'de> for Checked {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Checked, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Checked;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a resource")
            }

            // An error made in here is given the place of the resource's closing brace.
            fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<Checked, A::Error> {
                let resource = Resource::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
                let place = resource.place();
                resource.check().map_err(|what| A::Error::custom(format!("{place}: {what}")))
            }
        }
        deserializer.deserialize_map(Visitor)
    }
}

impl Checked {
    fn add_to(self, state: &mut State) -> Result<(), String> {
        for (address, deposed, instance) in self.objects {
            let text = address.to_string();
            let free = match deposed {
                None => insert_new(&mut state.resources, address, instance),
                Some(key) => insert_new(&mut state.deposed, (address, key), instance),
            };
            if !free {
                return Err(format!("{text} is there twice"));
            }
        }
        if !self.extras.is_empty() {
            state.resource_extras.insert(self.resource, self.extras);
        }
        Ok(())
    }
}

#[derive(Deserialize)]
struct ReadFile {
    #[serde(rename = "version")]
    _version: u64,
    #[serde(default)]
    terraform_version: String,
    serial: u64,
    lineage: String,
    #[serde(default, deserialize_with = "null_is_empty")]
    outputs: BTreeMap<String, OutputValue>,
    #[serde(default, deserialize_with = "null_is_empty")]
    resources: Loaded,
    #[serde(default)]
    check_results: J,
    #[serde(default)]
    ravelin: Option<Own>,
    #[serde(flatten)]
    extras: Map<String, J>,
}

#[derive(Serialize)]
struct WriteFile<'a> {
    version: u64,
    terraform_version: &'a str,
    serial: u64,
    lineage: &'a str,
    outputs: &'a BTreeMap<String, OutputValue>,
    resources: Vec<Resource>,
    check_results: CheckResults<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ravelin: Option<Own>,
    #[serde(flatten)]
    extras: &'a Map<String, J>,
}

/// The resources of a file, taken in one by one so that an error is reported where it stands.
#[derive(Default)]
struct Loaded(State);

impl<'de> Deserialize<'de> for Loaded {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Loaded, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Loaded;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of resources")
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut items: A) -> Result<Loaded, A::Error> {
                let mut state = State::default();
                while let Some(resource) = items.next_element::<Checked>()? {
                    resource.add_to(&mut state).map_err(A::Error::custom)?;
                }
                Ok(Loaded(state))
            }
        }
        deserializer.deserialize_seq(Visitor)
    }
}

/// What only Ravelin writes; Terraform ignores it.
#[derive(Serialize, Deserialize)]
struct Own {
    journal: Option<Mark>,
}

/// `check_results` holds objects whose keys are in a fixed order, not a sorted one.
struct CheckResults<'a>(&'a J);

impl Serialize for CheckResults<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match Vec::<CheckResult>::deserialize(self.0) {
            Ok(results) => results.serialize(serializer),
            Err(_) => ordered(self.0, serializer),
        }
    }
}

#[derive(Serialize, Deserialize)]
struct CheckResult {
    object_kind: String,
    config_addr: String,
    status: String,
    objects: Option<Vec<CheckObject>>,
    #[serde(flatten)]
    extras: Map<String, J>,
}

#[derive(Serialize, Deserialize)]
struct CheckObject {
    object_addr: String,
    status: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    failure_messages: Option<Vec<String>>,
    #[serde(flatten)]
    extras: Map<String, J>,
}

#[derive(Serialize, Deserialize)]
struct Resource {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    module: String,
    mode: String,
    #[serde(rename = "type")]
    kind: String,
    name: String,
    provider: String,
    instances: Vec<Object>,
    #[serde(flatten)]
    extras: Map<String, J>,
}

fn null_is_empty<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

impl WriteFile<'_> {
    fn of(state: &State) -> WriteFile<'_> {
        let current = state.resources.iter().map(|(a, i)| (a, None, i));
        let deposed = state.deposed.iter().map(|((a, k), i)| (a, Some(k.as_str()), i));
        let mut all: Vec<(&Address, Option<&str>, &Instance)> = current.chain(deposed).collect();
        // Terraform orders resources by the text of the module, then mode, type and name; objects by key, current first.
        all.sort_by_cached_key(|(a, deposed, i)| {
            let r = &a.resource;
            (r.module.to_string(), r.mode, r.kind.clone(), r.name.clone(), i.provider.clone(), a.key.clone(), deposed.map(str::to_owned))
        });
        let mut resources: Vec<Resource> = Vec::new();
        let mut open: Option<(&ResourceAddress, &str)> = None;
        for (address, deposed, instance) in all {
            let group = (&address.resource, instance.provider.as_str());
            if open != Some(group) {
                resources.push(Resource::of(state, address, &instance.provider));
                open = Some(group);
            }
            if let Some(resource) = resources.last_mut() {
                resource.instances.push(Object::of(instance, address.key.as_ref(), deposed));
            }
        }
        WriteFile {
            version: 4,
            terraform_version: &state.terraform_version,
            serial: state.serial,
            lineage: &state.lineage,
            outputs: &state.outputs,
            resources,
            check_results: CheckResults(&state.check_results),
            ravelin: state.journal.clone().map(|journal| Own { journal: Some(journal) }),
            extras: &state.extras,
        }
    }
}

impl ReadFile {
    fn into_state(self) -> State {
        State {
            lineage: self.lineage,
            serial: self.serial,
            terraform_version: self.terraform_version,
            outputs: self.outputs,
            check_results: self.check_results,
            journal: self.ravelin.and_then(|own| own.journal),
            extras: self.extras,
            ..self.resources.0
        }
    }
}

impl Resource {
    fn of(state: &State, address: &Address, provider: &str) -> Resource {
        let r = &address.resource;
        Resource {
            module: r.module.to_string(),
            mode: r.mode.word().to_owned(),
            kind: r.kind.clone(),
            name: r.name.clone(),
            provider: provider.to_owned(),
            instances: Vec::new(),
            extras: state.resource_extras.get(r).cloned().unwrap_or_default(),
        }
    }

    /// How messages name it, whether or not its parts are sound.
    fn place(&self) -> String {
        let dot = if self.module.is_empty() { "" } else { "." };
        format!("{}{dot}{}{}.{}", self.module, if self.mode == "data" { "data." } else { "" }, self.kind, self.name)
    }

    fn check(self) -> Result<Checked, String> {
        let module: ModulePath = self.module.parse().map_err(|e: crate::base::address::AddressError| e.to_string())?;
        let mode = match self.mode.as_str() {
            "managed" => Mode::Managed,
            "data" => Mode::Data,
            other => return Err(format!("the mode is {other:?}; it can be \"managed\" or \"data\"")),
        };
        let resource = ResourceAddress::new(module, mode, &self.kind, &self.name);
        let mut objects = Vec::new();
        for mut object in self.instances {
            let key = match object.index_key.take() {
                None => None,
                Some(J::String(s)) => Some(Key::Str(s)),
                Some(J::Number(n)) => Some(Key::Int(n.as_i64().ok_or_else(|| format!("{n} is not an instance key"))?)),
                Some(other) => return Err(format!("{other} is not an instance key")),
            };
            let deposed = object.deposed.take();
            objects.push((resource.instance(key), deposed, object.into_instance(&self.provider)?));
        }
        Ok(Checked { resource, extras: self.extras, objects })
    }
}

fn insert_new<K: Ord>(map: &mut BTreeMap<K, Instance>, key: K, instance: Instance) -> bool {
    match map.entry(key) {
        btree_map::Entry::Vacant(place) => {
            place.insert(instance);
            true
        }
        btree_map::Entry::Occupied(_) => false,
    }
}

/// The sensitive paths of an instance as text, for messages and listings.
pub fn sensitive_text(instance: &Instance) -> Vec<String> {
    instance.sensitive.iter().map(|p| show_path(p)).collect()
}
