//! What tests put in the place of providers and objects: values that are made up instead of being asked for. The same object
//! always gets the same values.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use super::{provider, walk};
use crate::{
    base::{Address, Mode, PathStep, Type, Value, address::Target},
    lang::{blueprint::Blueprint, convert::convert},
    schema::ResourceType,
};

/// What is stood in for.
#[derive(Clone, Debug, Default)]
pub struct StandIns {
    /// Provider configurations of the root module, with what is said of their types.
    pub providers: BTreeMap<provider::Config, BTreeMap<(Mode, String), Values>>,
    /// Single objects, whatever their provider; the last that covers an object counts.
    pub objects: Vec<(Target, Values)>,
}

/// Values for what a provider would compute.
#[derive(Clone, Debug)]
pub struct Values {
    /// An object; attributes that it does not name are made up.
    pub given: Value,
    /// Whether they are there while planning already.
    pub during_plan: bool,
}

/// The provider configuration that makes an object; for one that left the blueprint, the one that its type suggests.
fn config(blueprint: &Blueprint, address: &Address) -> provider::Config {
    let (names, key) = walk::block_of(address);
    let resource = provider::module_at(blueprint, &names).and_then(|m| m.resources.get(&key));
    match resource {
        Some(resource) => provider::config_of(blueprint, &names, resource),
        None => (address.kind().split('_').next().unwrap_or_default().to_owned(), None),
    }
}

impl StandIns {
    pub fn is_empty(&self) -> bool {
        self.providers.is_empty() && self.objects.is_empty()
    }

    /// Whether an object is made up.
    pub fn covers(&self, blueprint: &Blueprint, address: &Address) -> bool {
        !self.is_empty() && (self.objects.iter().any(|(t, _)| t.covers(address)) || self.providers.contains_key(&config(blueprint, address)))
    }

    /// Of the given addresses those whose objects are made up.
    pub fn among<'a>(&self, blueprint: &Blueprint, addresses: impl Iterator<Item = &'a Address>) -> BTreeSet<Address> {
        if self.is_empty() { BTreeSet::new() } else { addresses.filter(|a| self.covers(blueprint, a)).cloned().collect() }
    }

    fn values(&self, blueprint: &Blueprint, address: &Address) -> Vec<&Values> {
        let object = self.objects.iter().rev().find(|(t, _)| t.covers(address)).map(|(_, v)| v);
        let types = self.providers.get(&config(blueprint, address));
        let of_type = types.and_then(|t| t.get(&(address.mode(), address.kind().to_owned())));
        object.into_iter().chain(of_type).collect()
    }

    /// Whether the made-up values are there while planning already.
    pub fn during_plan(&self, blueprint: &Blueprint, address: &Address) -> bool {
        self.values(blueprint, address).first().is_some_and(|v| v.during_plan)
    }

    /// The object with all that is unknown filled in, and of a data source all that a provider would answer.
    pub fn made(&self, blueprint: &Blueprint, address: &Address, ty: &ResourceType, planned: &Value) -> Value {
        let values = self.values(blueprint, address);
        planned.map_children(&mut |step, child| {
            let PathStep::Name(name) = &step else { return child };
            let attr = ty.shape.attrs.get(name);
            let computed = attr.is_some_and(|a| a.computed && !a.required);
            if !(child.is_unknown() || (child.is_null() && computed && address.mode() == Mode::Data)) {
                return settled(&child, &format!("{address}.{name}"));
            }
            let wanted = attr.map_or_else(|| child.ty(), |a| a.ty.clone());
            let given = values.iter().find_map(|v| v.given.get(name)).and_then(|v| convert(v, &wanted).ok());
            given.unwrap_or_else(|| made_up(&wanted, &format!("{address}.{name}"))).marked(child.marks)
        })
    }
}

/// The value with unknown parts made up.
fn settled(value: &Value, seed: &str) -> Value {
    if value.is_unknown() {
        return made_up(&value.ty(), seed).marked(value.marks);
    }
    value.map_children(&mut |step, child| settled(&child, &format!("{seed}.{step:?}")))
}

/// A value of the type: eight letters and digits, zero, false, nothing.
fn made_up(ty: &Type, seed: &str) -> Value {
    match ty {
        Type::String => {
            const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
            let digest = Sha256::digest(seed.as_bytes());
            let letters = digest.iter().take(8).filter_map(|b| LETTERS.get(usize::from(*b) % LETTERS.len()));
            Value::string(letters.map(|b| char::from(*b)).collect::<String>())
        }
        Type::Number => Value::number(0),
        Type::Bool => Value::bool(false),
        Type::List(element) => Value::list((**element).clone(), Vec::new()),
        Type::Set(element) => Value::set((**element).clone(), Vec::new()),
        Type::Map(element) => Value::map((**element).clone(), BTreeMap::new()),
        Type::Tuple(types) => Value::tuple(types.iter().enumerate().map(|(i, t)| made_up(t, &format!("{seed}[{i}]"))).collect()),
        Type::Object(object) => Value::object_of(object.attrs.iter().map(|(name, t)| (name.clone(), made_up(t, &format!("{seed}.{name}"))))),
        Type::Any => Value::null(Type::Any),
    }
}
