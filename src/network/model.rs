//! The plain network model: what is declared and what lives, without any notion of where it came from.
//!
//! Every part has a default, so a caller names only what it knows. What it cannot know yet stays unknown, with a name.

use std::net::IpAddr;

use crate::base::{Prefix, ResourceId, Severity, Span, cidr::PrefixError};

use super::settings::Settings;

/// Where a part of the model was declared, or which live object it is.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Origin {
    /// A resource address, or an ARM id for what only lives in Azure.
    pub address: String,
    pub span: Option<Span>,
}

impl Origin {
    pub fn new(address: impl ToString, span: Option<Span>) -> Origin {
        Origin { address: address.to_string(), span }
    }
}

/// A value, or the name of what it waits for (`data.azurerm_subnet.x.id`).
#[derive(Clone, Debug, PartialEq)]
pub enum Known<T> {
    Is(T),
    Unknown(String),
}

impl<T> Known<T> {
    pub fn get(&self) -> Option<&T> {
        match self {
            Known::Is(value) => Some(value),
            Known::Unknown(_) => None,
        }
    }
}

impl<T: Default> Default for Known<T> {
    fn default() -> Known<T> {
        Known::Is(T::default())
    }
}

impl<T> From<T> for Known<T> {
    fn from(value: T) -> Known<T> {
        Known::Is(value)
    }
}

/// An address range as it was declared: sound, unsound or not known yet.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Cidr {
    pub given: Given,
    pub span: Option<Span>,
}

#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub enum Given {
    Prefix(Prefix),
    Bad(PrefixError),
    Unknown(String),
}

impl Cidr {
    pub fn parse(text: &str, span: Option<Span>) -> Cidr {
        Cidr { given: text.parse().map_or_else(Given::Bad, Given::Prefix), span }
    }

    pub fn of(prefix: Prefix, span: Option<Span>) -> Cidr {
        Cidr { given: Given::Prefix(prefix), span }
    }

    pub fn unknown(name: impl Into<String>, span: Option<Span>) -> Cidr {
        Cidr { given: Given::Unknown(name.into()), span }
    }

    /// The range. One with host bits counts as the network it lies in, so that later checks can still use it.
    pub fn prefix(&self) -> Option<Prefix> {
        match &self.given {
            Given::Prefix(p) | Given::Bad(PrefixError::HostBits { network: p, .. }) => Some(*p),
            Given::Bad(PrefixError::Malformed(_)) | Given::Unknown(_) => None,
        }
    }
}

/// Everything the check looks at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Model {
    pub vnets: Vec<Vnet>,
    pub clusters: Vec<Cluster>,
    /// Addresses taken by anything that is not a node or a pod.
    pub taken: Vec<Taken>,
    /// On-premises and reserved ranges.
    pub ranges: Vec<Range>,
    pub limits: Limits,
    /// What the blueprint declares about addresses besides its resources.
    pub settings: Settings,
}

/// How a verdict that fails is reported.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Limits {
    pub now: Severity,
    pub autoscaled: Severity,
    pub peak: Severity,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { now: Severity::Error, autoscaled: Severity::Error, peak: Severity::Error }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Vnet {
    pub id: ResourceId,
    pub name: String,
    pub origin: Origin,
    pub spaces: Vec<Cidr>,
    pub subnets: Vec<Subnet>,
    pub peerings: Vec<Peering>,
}

impl Vnet {
    pub fn new(id: ResourceId, origin: Origin) -> Vnet {
        Vnet { name: id.name().to_owned(), id, origin, spaces: Vec::new(), subnets: Vec::new(), peerings: Vec::new() }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Subnet {
    pub id: ResourceId,
    pub name: String,
    pub origin: Origin,
    pub prefixes: Vec<Cidr>,
    /// Service names, e.g. `Microsoft.ContainerService/managedClusters`.
    pub delegations: Vec<String>,
    /// Addresses in use by what the model does not hold otherwise, as Azure's usages report them; at least so many.
    pub used_by_others: u64,
}

impl Subnet {
    pub fn new(id: ResourceId, origin: Origin, prefixes: Vec<Cidr>) -> Subnet {
        Subnet { name: id.name().to_owned(), id, origin, prefixes, delegations: Vec::new(), used_by_others: 0 }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Peering {
    pub remote: Known<ResourceId>,
    pub origin: Origin,
}

/// The cluster-wide part of the network mode. Source: AKS networking overview; without any network profile ARM gives
/// Azure CNI overlay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Plugin {
    /// Azure CNI without a mode: node subnet, or pod subnet where a pool names one.
    Azure,
    #[default]
    AzureOverlay,
    Kubenet,
    /// Bring your own.
    None,
}

impl Plugin {
    /// From `networkPlugin` and `networkPluginMode`, either absent; `None` for a name Azure does not know.
    pub fn of(plugin: Option<&str>, mode: Option<&str>) -> Option<Plugin> {
        let is = |a: &str, b: &str| a.eq_ignore_ascii_case(b);
        match (plugin, mode.filter(|m| !m.is_empty())) {
            (None, _) => Some(Plugin::AzureOverlay),
            (Some(p), Some(m)) if is(p, "azure") && is(m, "overlay") => Some(Plugin::AzureOverlay),
            (Some(p), None) if is(p, "azure") => Some(Plugin::Azure),
            (Some(p), None) if is(p, "kubenet") => Some(Plugin::Kubenet),
            (Some(p), None) if is(p, "none") => Some(Plugin::None),
            _ => None,
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cluster {
    pub name: String,
    pub origin: Origin,
    pub plugin: Known<Plugin>,
    /// Empty: Azure's default, as for the service ranges. Each range holds the place of its own declaration.
    pub pod_cidrs: Vec<Cidr>,
    pub service_cidrs: Vec<Cidr>,
    pub dns_service_ip: Option<Known<IpAddr>>,
    /// A private cluster without API-server VNet integration has an endpoint in its first pool's subnet.
    pub private: bool,
    /// The subnet of API-server VNet integration.
    pub api_server_subnet: Option<Known<ResourceId>>,
    /// In order: the first pool is the one the cluster was created with.
    pub pools: Vec<Pool>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pool {
    pub name: String,
    pub origin: Origin,
    /// Nodes now (without a count: the autoscaler's minimum).
    pub count: Known<u32>,
    /// The autoscaler's maximum; nothing without autoscaling.
    pub max: Option<Known<u32>>,
    /// Pods per node; nothing: Azure's default for the mode.
    pub max_pods: Known<Option<u32>>,
    /// As declared: `"33%"` or `"2"`; nothing: Azure's default.
    pub max_surge: Known<Option<String>>,
    /// Spot pools get no surge nodes.
    pub spot: bool,
    /// Upgraded by doubling the pool.
    pub blue_green: bool,
    /// This plan replaces the pool and has the old and the new one at the same time.
    pub rotates: bool,
    pub windows: bool,
    /// Nothing: a network that Azure manages, which is not checked.
    pub node_subnet: Option<Known<ResourceId>>,
    pub pod_subnet: Option<Known<ResourceId>>,
    /// `podIPAllocationMode` is `StaticBlock`.
    pub static_blocks: bool,
    /// Pods per node to be expected; nothing: as many as `max_pods` allows.
    pub expected_pods: Option<u32>,
}

/// Addresses of a subnet taken by a network interface, a load-balancer frontend, a private endpoint, a gateway.
#[derive(Clone, Debug, PartialEq)]
pub struct Taken {
    pub subnet: Known<ResourceId>,
    pub origin: Origin,
    /// What it is, for the arithmetic: `network interface`.
    pub what: String,
    pub addresses: Addresses,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Addresses {
    /// So many, chosen by Azure.
    Dynamic(u32),
    Static(IpAddr),
}

/// A range outside Azure's knowledge.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Range {
    pub name: String,
    pub origin: Origin,
    pub cidr: Cidr,
    pub kind: RangeKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum RangeKind {
    OnPremises,
    Reserved,
}
