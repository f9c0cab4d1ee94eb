//! Reading planned values: what is set, what is left to Azure, what is not known yet, and where each is written.

use crate::{
    base::{Kind, Path, PathStep, ResourceId, Span, Value, value::show_path},
    network::{Cidr, Known, Origin},
    plan::Change,
};

use super::Places;

/// A planned resource, or a block inside it.
#[derive(Clone)]
pub struct Block<'p> {
    pub change: &'p Change,
    pub value: &'p Value,
    path: Path,
    /// The `name` that tells it from other blocks of its set.
    named: Option<&'p str>,
    places: Option<Places<'p>>,
}

impl<'p> Block<'p> {
    pub fn new(change: &'p Change, value: &'p Value, places: Option<Places<'p>>) -> Block<'p> {
        Block { change, value, path: Path::new(), named: None, places }
    }

    /// The resource with the place of its block.
    pub fn origin(&self) -> Origin {
        Origin::new(&self.change.address, self.change.declared)
    }

    /// The same with the place of the first of these attributes that the blueprint sets.
    pub fn origin_at(&self, names: &[&str]) -> Origin {
        Origin::new(&self.change.address, names.iter().find_map(|n| self.place(n)).or(self.change.declared))
    }

    /// The ARM id: real, or predicted.
    pub fn own_id(&self) -> Option<ResourceId> {
        let real = self.value.get("id").and_then(Value::as_str).filter(|_| self.path.is_empty());
        real.or(self.change.id.as_deref()).and_then(ResourceId::parse)
    }

    fn path_to(&self, name: &str) -> Path {
        let mut path = self.path.clone();
        path.push(PathStep::Name(name.to_owned()));
        path
    }

    /// The name of an attribute for what is not known: `azurerm_subnet.a.address_prefixes`.
    pub fn name_of(&self, name: &str) -> String {
        format!("{}.{}", self.change.address, show_path(&self.path_to(name)))
    }

    /// Where the blueprint sets an attribute of the block.
    pub fn place(&self, name: &str) -> Option<Span> {
        self.places.and_then(|p| p(&self.change.address, &self.path_to(name), self.named))
    }

    fn span(&self, name: &str) -> Option<Span> {
        self.place(name).or(self.change.declared)
    }

    /// Whether the blueprint sets it, so that a value that is not known is not simply Azure's choice.
    fn is_set(&self, name: &str) -> bool {
        self.place(name).is_some()
    }

    fn get(&self, name: &str) -> Option<&'p Value> {
        self.value.get(name).filter(|v| !v.is_null())
    }

    pub fn each(&self, name: &str) -> Vec<Block<'p>> {
        let elements = self.get(name).and_then(Value::elements).unwrap_or_default();
        let set = self.get(name).is_some_and(|v| matches!(v.kind, Kind::Set(..)));
        let inner = |(i, value): (usize, &'p Value)| {
            let mut path = self.path_to(name);
            path.push(PathStep::Index(i));
            let named = if set { value.get("name").and_then(Value::as_str) } else { None };
            Block { value, path, named, ..self.clone() }
        };
        elements.iter().enumerate().map(inner).collect()
    }

    pub fn first(&self, name: &str) -> Option<Block<'p>> {
        self.each(name).into_iter().next()
    }

    pub fn text(&self, name: &str) -> Option<&'p str> {
        self.get(name).and_then(Value::as_str).filter(|t| !t.is_empty())
    }

    pub fn flag(&self, name: &str) -> bool {
        self.get(name).and_then(Value::as_bool) == Some(true)
    }

    pub fn word(&self, name: &str, wanted: &str) -> bool {
        self.text(name).is_some_and(|t| t.eq_ignore_ascii_case(wanted))
    }

    /// Something the blueprint sets to what is not known yet, by name. `None` when it is known, or left to Azure.
    pub fn waits(&self, name: &str) -> Option<String> {
        let unknown = self.value.is_unknown() || self.get(name).is_some_and(Value::is_unknown);
        (unknown && self.is_set(name)).then(|| self.name_of(name))
    }

    /// A text, nothing when unset or left to Azure.
    pub fn maybe_text(&self, name: &str) -> Known<Option<String>> {
        match self.waits(name) {
            Some(waits) => Known::Unknown(waits),
            None => Known::Is(self.text(name).map(str::to_owned)),
        }
    }

    /// Whether it is neither set nor known: Azure will choose.
    pub fn is_open(&self, name: &str) -> bool {
        self.get(name).is_none_or(|v| v.is_unknown() && !self.is_set(name))
    }

    /// The texts of a list.
    pub fn texts(&self, name: &str) -> Vec<&'p str> {
        self.get(name).and_then(Value::elements).unwrap_or_default().iter().filter_map(Value::as_str).collect()
    }

    pub fn number(&self, name: &str) -> Option<Known<u32>> {
        if let Some(waits) = self.waits(name) {
            return Some(Known::Unknown(waits));
        }
        let number = self.get(name)?.as_i64()?;
        u32::try_from(number).ok().map(Known::Is)
    }

    /// An id: nothing when unset. One that is not known is unknown whoever decides it.
    pub fn id(&self, name: &str) -> Option<Known<ResourceId>> {
        match &self.get(name)?.kind {
            Kind::String(text) => ResourceId::parse(text).map(Known::Is),
            Kind::Unknown(_) => Some(Known::Unknown(self.name_of(name))),
            _ => None,
        }
    }

    /// Prefixes of a list or set of strings.
    pub fn cidrs(&self, name: &str) -> Vec<Cidr> {
        let Some(value) = self.get(name) else { return Vec::new() };
        let span = self.span(name);
        if value.is_unknown() {
            return vec![Cidr::unknown(self.name_of(name), span)];
        }
        let list = matches!(value.kind, Kind::List(..) | Kind::Tuple(..));
        let each = value.elements().unwrap_or_default().iter().enumerate();
        each.map(|(i, v)| {
            let mut path = self.path_to(name);
            path.push(PathStep::Index(i));
            // Where the list is written out, each element has a place of its own.
            let own = self.places.filter(|_| list).and_then(|p| p(&self.change.address, &path, self.named));
            match v.as_str() {
                Some(text) => Cidr::parse(text, own.or(span)),
                None => Cidr::unknown(format!("{}.{}", self.change.address, show_path(&path)), own.or(span)),
            }
        })
        .collect()
    }

    pub fn cidr(&self, name: &str) -> Option<Cidr> {
        let value = self.get(name)?;
        Some(match value.as_str() {
            Some(text) => Cidr::parse(text, self.span(name)),
            None => Cidr::unknown(self.name_of(name), self.span(name)),
        })
    }
}

/// Ids of what is written inside another resource: a cluster's first pool. Subnets that a VNet lists are not among them, as the
/// list shows others' subnets as well.
pub fn inner_ids(kind: &str, value: &Value, id: Option<&ResourceId>) -> Vec<ResourceId> {
    let Some(id) = id.filter(|_| kind == "azurerm_kubernetes_cluster") else { return Vec::new() };
    let pools = value.get("default_node_pool").and_then(Value::elements).unwrap_or_default();
    pools.iter().filter_map(|p| Some(id.child("agentPools", p.get("name")?.as_str()?))).collect()
}
