//! The plain network model: what is declared and what lives, without any notion of where it came from.
//!
//! Every part has a default or a constructor, so a caller names only what it knows. What it cannot know yet stays unknown,
//! with a name.

use std::net::IpAddr;

use crate::base::{Prefix, ResourceId, Severity, Span, cidr::PrefixError};

use super::{report::Unknown, settings::Settings};

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

    /// Whether the thing only lives in Azure: no blueprint of this run declares it.
    pub fn is_live_only(&self) -> bool {
        self.address.starts_with('/')
    }
}

/// A value, or the name of what it waits for (`data.azurerm_subnet.x.id`).
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
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
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Model {
    pub vnets: Vec<Vnet>,
    pub clusters: Vec<Cluster>,
    pub route_tables: Vec<RouteTable>,
    /// Addresses taken by anything that is not a node or a pod.
    pub taken: Vec<Taken>,
    /// On-premises and reserved ranges.
    pub ranges: Vec<Range>,
    pub limits: Limits,
    /// What the blueprint declares about addresses besides its resources.
    pub settings: Settings,
    /// What whoever made the model could not find out; the report repeats it.
    pub unknowns: Vec<Unknown>,
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

#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Vnet {
    pub id: ResourceId,
    pub name: String,
    pub origin: Origin,
    pub spaces: Vec<Cidr>,
    pub subnets: Vec<Subnet>,
    pub peerings: Vec<Peering>,
    /// It exists in Azure today, whether or not a blueprint declares it.
    pub live: bool,
}

impl Vnet {
    pub fn new(id: ResourceId, origin: Origin) -> Vnet {
        Vnet { name: id.name().to_owned(), id, origin, spaces: Vec::new(), subnets: Vec::new(), peerings: Vec::new(), live: false }
    }
}

#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Subnet {
    pub id: ResourceId,
    pub name: String,
    pub origin: Origin,
    pub prefixes: Vec<Cidr>,
    /// Service names, e.g. `Microsoft.ContainerService/managedClusters`.
    pub delegations: Vec<String>,
    /// Addresses in use by what the model does not hold otherwise, as Azure's usages report them; at least so many.
    pub used_by_others: u64,
    /// What Azure itself says of a subnet that exists.
    pub usage: Option<Usage>,
    pub route_table: Option<Known<ResourceId>>,
    pub security_group: Option<Known<ResourceId>>,
    /// It exists in Azure today, whether or not a blueprint declares it.
    pub live: bool,
}

impl Subnet {
    pub fn new(id: ResourceId, origin: Origin, prefixes: Vec<Cidr>) -> Subnet {
        Subnet {
            name: id.name().to_owned(),
            id,
            origin,
            prefixes,
            delegations: Vec::new(),
            used_by_others: 0,
            usage: None,
            route_table: None,
            security_group: None,
            live: false,
        }
    }

    /// The known prefixes of one family.
    pub fn ranges(&self, v6: bool) -> impl Iterator<Item = Prefix> {
        self.prefixes.iter().filter_map(Cidr::prefix).filter(move |p| p.v6 == v6)
    }
}

/// The usage of a subnet in addresses, as Azure's `usages` list gives it. Azure says -1 of both for the subnets of
/// gateways, and 0 in use for every delegated subnet, whatever is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Usage {
    pub used: i64,
    pub limit: i64,
}

/// One side of a peering: the flags are those of this side.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Peering {
    pub remote: Known<ResourceId>,
    pub origin: Origin,
    /// Packets from the other side are taken that did not begin there: an appliance or a gateway there forwards.
    pub forwarded_traffic: bool,
    /// The other side may use this side's gateway.
    pub gateway_transit: bool,
    /// This side uses the other side's gateway.
    pub remote_gateways: bool,
}

impl Peering {
    /// A peering with Azure's default flags.
    pub fn new(remote: Known<ResourceId>, origin: Origin) -> Peering {
        Peering { remote, origin, forwarded_traffic: false, gateway_transit: false, remote_gateways: false }
    }
}

#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct RouteTable {
    pub id: ResourceId,
    pub origin: Origin,
    pub routes: Vec<Route>,
}

#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Route {
    pub name: String,
    pub origin: Origin,
    /// Nothing for a service tag.
    pub destination: Option<Cidr>,
    pub next_hop: NextHop,
}

#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub enum NextHop {
    /// A virtual appliance and its address.
    Appliance(Known<IpAddr>),
    Gateway,
    VnetLocal,
    Internet,
    /// Packets are dropped.
    Nowhere,
    /// Which of these it is will be known later.
    Unknown(String),
}

/// The cluster-wide part of the network mode. Source: AKS networking overview; without any network profile ARM gives
/// Azure CNI overlay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
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

#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Cluster {
    /// Known or predicted: one cluster that two sources describe is found by it.
    pub id: Option<ResourceId>,
    pub name: String,
    pub origin: Origin,
    pub plugin: Known<Plugin>,
    /// Empty: Azure's default, as for the service ranges. Each range holds the place of its own declaration.
    pub pod_cidrs: Vec<Cidr>,
    pub service_cidrs: Vec<Cidr>,
    pub dns_service_ip: Option<Known<IpAddr>>,
    /// IPv4 and IPv6.
    pub dual_stack: bool,
    /// A private cluster without API-server VNet integration has an endpoint in its first pool's subnet.
    pub private: bool,
    /// The subnet of API-server VNet integration.
    pub api_server_subnet: Option<Known<ResourceId>>,
    /// In order: the first pool is the one the cluster was created with.
    pub pools: Vec<Pool>,
    /// Nodes come and go outside the pools (node auto-provisioning): only a declared ceiling bounds them.
    pub auto_provisioned: bool,
    /// It runs in Azure today, so what cannot be changed in place cannot be proposed.
    pub live: bool,
    /// Major and minor version; nothing: Azure's default.
    pub version: Known<Option<(u32, u32)>>,
    /// The network policy engine: `azure`, `calico`, `cilium`; nothing or `none`: no engine.
    pub network_policy: Option<String>,
    /// The control plane's identity is user-assigned; nothing: not known.
    pub user_assigned: Option<bool>,
}

#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Pool {
    pub name: String,
    pub origin: Origin,
    /// A system pool; else a user pool.
    pub system: bool,
    /// Nodes now (without a count: the autoscaler's minimum).
    pub count: Known<u32>,
    /// The autoscaler's maximum; nothing without autoscaling.
    pub max: Option<Known<u32>>,
    /// Pods per node; nothing: Azure's default for the mode.
    pub max_pods: Known<Option<u32>>,
    /// As declared: `"33%"` or `"2"`; nothing: Azure's default.
    pub max_surge: Known<Option<String>>,
    /// Nodes that may be missing during an upgrade, in the same form: with it, a surge of 0 is allowed.
    pub max_unavailable: Known<Option<String>>,
    /// Spot pools get no surge nodes.
    pub spot: bool,
    /// Upgraded by doubling the pool.
    pub blue_green: bool,
    /// What this plan does to the pool besides changing it in place.
    pub rotation: Rotation,
    /// The pool as it is today, where the plan rotates it; nothing: as it will be.
    pub old: Option<Box<Pool>>,
    pub windows: bool,
    /// Nothing: a network that Azure manages, which is not checked.
    pub node_subnet: Option<Known<ResourceId>>,
    pub pod_subnet: Option<Known<ResourceId>>,
    /// `podIPAllocationMode` is `StaticBlock`.
    pub static_blocks: bool,
    /// Pods per node to be expected; nothing: as many as `max_pods` allows.
    pub expected_pods: Option<u32>,
}

/// How many pools there are for one while a plan is applied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Rotation {
    /// One, all the time.
    #[default]
    None,
    /// The new one is made before the old one is deleted: old + new.
    CreateFirst,
    /// A temporary pool stands in (`temporary_name_for_rotation`): old + temporary, then temporary + new.
    Temporary,
    /// The plan deletes the pool: it may still be there while others are made, and does not count afterwards.
    Leaves,
}

/// Addresses of a subnet taken by a network interface, a load-balancer frontend, a private endpoint, a gateway.
///
/// A network interface with several configurations has one of these for each, all with the interface's address as origin.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Taken {
    pub kind: TakenKind,
    pub subnet: Known<ResourceId>,
    pub origin: Origin,
    /// What it is, for the arithmetic: `network interface`.
    pub what: String,
    pub addresses: Addresses,
    /// What it may grow to by itself (an application gateway's most instances); nothing: it does not.
    pub most: Option<u32>,
}

impl Taken {
    pub fn new(kind: TakenKind, subnet: Known<ResourceId>, origin: Origin, addresses: Addresses) -> Taken {
        Taken { kind, subnet, origin, what: kind.name().to_owned(), addresses, most: None }
    }

    /// An application gateway's instances: an address each, from the fewest (or the fixed capacity) to the most. A private
    /// frontend is a [`Taken`] of its own. Source: Application Gateway infrastructure page.
    pub fn application_gateway(subnet: Known<ResourceId>, origin: Origin, fewest: u32, most: Option<u32>) -> Taken {
        Taken {
            most,
            what: "application gateway instances".to_owned(),
            ..Taken::new(TakenKind::ApplicationGateway, subnet, origin, Addresses::Dynamic(fewest))
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub enum TakenKind {
    NetworkInterface,
    /// An internal load balancer's frontend.
    Frontend,
    PrivateEndpoint,
    /// The NAT addresses of a private link service.
    PrivateLinkService,
    ApplicationGateway,
    /// A VPN or ExpressRoute gateway.
    Gateway,
    Bastion,
    Firewall,
    FirewallManagement,
    RouteServer,
    Other,
}

impl TakenKind {
    /// Its name in messages.
    pub fn name(self) -> &'static str {
        match self {
            TakenKind::NetworkInterface => "network interface",
            TakenKind::Frontend => "load-balancer frontend",
            TakenKind::PrivateEndpoint => "private endpoint",
            TakenKind::PrivateLinkService => "private link service",
            TakenKind::ApplicationGateway => "application gateway",
            TakenKind::Gateway => "gateway",
            TakenKind::Bastion => "Bastion host",
            TakenKind::Firewall => "firewall",
            TakenKind::FirewallManagement => "firewall management",
            TakenKind::RouteServer => "route server",
            TakenKind::Other => "resource",
        }
    }
}

#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub enum Addresses {
    /// So many, chosen by Azure.
    Dynamic(u32),
    Static(IpAddr),
}

impl Addresses {
    pub fn count(&self) -> u64 {
        match self {
            Addresses::Dynamic(n) => u64::from(*n),
            Addresses::Static(_) => 1,
        }
    }
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
