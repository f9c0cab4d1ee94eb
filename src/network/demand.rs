//! How many addresses nodes and pods take, per mode: the formulas, each with its source.

use crate::base::Prefix;

use super::model::{Plugin, Pool};

/// Smallest subnet that Azure accepts for IPv4. Source: Azure virtual network FAQ.
pub const LONGEST_SUBNET: u8 = 29;
/// Nodes of one cluster. Source: AKS quotas and limits.
pub const CLUSTER_NODES: u64 = 5_000;
/// Pools of one cluster. Source: AKS API reference (`maxAgentPools`).
pub const CLUSTER_POOLS: usize = 100;
/// Nodes of one kubenet cluster: each needs a route. Source: Azure limits, routes per route table.
pub const KUBENET_NODES: u64 = 400;
/// Nodes of one pool, surge included: beyond it an upgrade is refused before it starts. Source: AKS rolling upgrade page.
pub const POOL_NODES: u64 = 1_000;
/// Private addresses in one VNet. Source: Azure limits.
pub const VNET_ADDRESSES: u64 = 65_536;
pub const VNET_SUBNETS: usize = 3_000;
pub const VNET_PEERINGS: usize = 500;
/// Addresses of one network interface. Source: Azure limits.
pub const NIC_ADDRESSES: u64 = 256;
/// Routes of one route table. Source: Azure limits.
pub const TABLE_ROUTES: u64 = 400;
/// Letters of a VNet's, a subnet's or a resource group's name beside pods of overlay or of a dynamic pod subnet.
/// Source: AKS release notes.
pub const NAME_LETTERS: usize = 63;
/// Addresses a node of a dynamic pod subnet asks for at once, and a static block. Source: AKS pod subnet page.
pub const BATCH: u64 = 16;
/// Addresses that API-server VNet integration keeps per cluster. Source: AKS API-server VNet integration page.
pub const API_SERVER_ADDRESSES: u64 = 9;

/// Where a pool's nodes and pods get their addresses. Source: AKS CNI overview.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ipam {
    /// Node and pods from the node subnet, reserved when the node is made.
    NodeSubnet,
    /// Pods from a second subnet, in batches.
    PodSubnetDynamic,
    /// Pods from a second subnet, in /28 blocks kept for each node.
    PodSubnetStatic,
    /// Pods from a range of their own, a /24 a node.
    Overlay,
    /// As overlay, with a route a node.
    Kubenet,
    /// Somebody else's business.
    Byo,
}

/// The mode of a pool of a cluster.
pub fn ipam(plugin: Plugin, pool: &Pool) -> Ipam {
    match plugin {
        Plugin::AzureOverlay => Ipam::Overlay,
        Plugin::Kubenet => Ipam::Kubenet,
        Plugin::None => Ipam::Byo,
        Plugin::Azure if pool.pod_subnet.is_none() => Ipam::NodeSubnet,
        Plugin::Azure if pool.static_blocks => Ipam::PodSubnetStatic,
        Plugin::Azure => Ipam::PodSubnetDynamic,
    }
}

impl Ipam {
    /// Pods per node when nothing is declared. Sources: AKS IP planning page; for dynamic pod subnets the how-to pages
    /// say 250, the planning page 110.
    pub fn default_max_pods(self) -> u32 {
        match self {
            Ipam::NodeSubnet => 30,
            Ipam::PodSubnetDynamic | Ipam::PodSubnetStatic | Ipam::Kubenet | Ipam::Byo => 110,
            Ipam::Overlay => 250,
        }
    }

    /// Addresses of the node subnet that one node takes.
    pub fn per_node(self, max_pods: u32) -> u64 {
        match self {
            Ipam::NodeSubnet => u64::from(max_pods) + 1,
            _ => 1,
        }
    }

    /// Whether pods live in a range of the cluster's own.
    pub fn has_pod_cidr(self) -> bool {
        matches!(self, Ipam::Overlay | Ipam::Kubenet)
    }
}

/// A declared surge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surge {
    Nodes(u32),
    Percent(u32),
}

/// What Azure takes when no surge is declared. Source: AKS rolling upgrade page, Kubernetes 1.32 and later.
pub const DEFAULT_SURGE: Surge = Surge::Percent(10);

impl Surge {
    /// `"33%"` or `"2"`.
    pub fn parse(text: &str) -> Option<Surge> {
        match text.trim().strip_suffix('%') {
            Some(percent) => percent.parse().ok().map(Surge::Percent),
            None => text.trim().parse().ok().map(Surge::Nodes),
        }
    }

    /// Extra nodes while so many are upgraded: a percentage is rounded up, and there are never more than nodes to upgrade.
    /// Source: AKS rolling upgrade page.
    pub fn of(self, nodes: u64) -> u64 {
        match self {
            Surge::Nodes(n) => u64::from(n).min(nodes),
            Surge::Percent(p) => (u64::from(p) * nodes).div_ceil(100).min(nodes),
        }
    }
}

impl Surge {
    /// No node at all.
    pub fn is_none(self) -> bool {
        matches!(self, Surge::Nodes(0) | Surge::Percent(0))
    }
}

impl std::fmt::Display for Surge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Surge::Nodes(n) => write!(f, "{n}"),
            Surge::Percent(p) => write!(f, "{p}%"),
        }
    }
}

/// Extra nodes of a pool during an upgrade, when it has so many nodes.
pub fn surge_nodes(surge: Surge, nodes: u64, spot: bool, blue_green: bool) -> u64 {
    match (spot, blue_green) {
        (true, _) => 0,
        (false, true) => nodes,
        (false, false) => surge.of(nodes),
    }
}

/// Addresses a node holds of a dynamic pod subnet for so many pods: batches, with half a batch to spare, never more
/// than the node can use. Source: Azure CNS, `ipampool/v2` (target = min(max, B × ceil(buffer + demand / B))).
///
/// `buffer` is in hundredths of a batch.
pub fn dynamic_target(pods: u64, batch: u64, buffer: u64, max: u64) -> u64 {
    let batch = batch.max(1);
    let hundredths = buffer * batch + pods * 100;
    (batch * hundredths.div_ceil(100 * batch)).min(max)
}

/// Addresses of a dynamic pod subnet per node.
pub fn dynamic_per_node(max_pods: u32, expected: Option<u32>) -> u64 {
    let max = u64::from(max_pods);
    dynamic_target(u64::from(expected.unwrap_or(max_pods)).min(max), BATCH, 50, max)
}

/// Blocks of 16 per node of a static pod subnet: one address for the node's network container besides the pods.
/// Source: AKS static block page.
pub fn static_blocks(max_pods: u32) -> u64 {
    (u64::from(max_pods) + 1).div_ceil(BATCH)
}

/// Addresses a subnet can give out.
pub fn usable(prefix: Prefix) -> u64 {
    u64::try_from(prefix.azure_usable()).unwrap_or(u64::MAX)
}

/// /28 blocks a static pod subnet can give out: the first and the last hold Azure's own addresses.
pub fn usable_blocks(prefix: Prefix) -> u64 {
    u64::try_from(prefix.size() / u128::from(BATCH)).unwrap_or(u64::MAX).saturating_sub(2)
}

/// Nodes a pod range has room for: a /24 each, or a /80 of an IPv6 range. Nothing is kept back in it.
/// Source: AKS CNI overlay page.
pub fn pod_cidr_nodes(prefix: Prefix) -> u64 {
    let per_node: u8 = if prefix.v6 { 80 } else { 24 };
    per_node.checked_sub(prefix.len).map_or(0, |bits| 1u64.checked_shl(u32::from(bits)).unwrap_or(u64::MAX))
}

/// The longest prefix length of a pod range for so many nodes.
pub fn pod_cidr_for(nodes: u64, v6: bool) -> u8 {
    let per_node: u8 = if v6 { 80 } else { 24 };
    let bits = nodes.max(1).next_power_of_two().trailing_zeros();
    per_node.saturating_sub(u8::try_from(bits).unwrap_or(u8::MAX))
}

/// The longest IPv4 prefix length whose subnet has so many usable addresses; nothing when none has.
pub fn subnet_for(addresses: u64) -> Option<u8> {
    (1..=LONGEST_SUBNET).rev().find(|len| (1u64 << (32 - len)).saturating_sub(5) >= addresses)
}

/// The longest IPv4 prefix length whose static pod subnet has so many blocks.
pub fn subnet_for_blocks(blocks: u64) -> Option<u8> {
    (1..=LONGEST_SUBNET - 1).rev().find(|len| (1u64 << (28 - len)).saturating_sub(2) >= blocks)
}

/// Whether Azure takes this many pods per node: 10 to 250, and room for 30 pods in the pool.
/// Source: AKS IP planning page. A pool scaled to zero is judged by its first node.
pub fn max_pods_allowed(max_pods: u32, nodes: u32) -> bool {
    (10..=250).contains(&max_pods) && u64::from(max_pods) * u64::from(nodes.max(1)) >= 30
}

/// Nodes that a subnet's usable addresses have room for, at so many each.
pub fn nodes_that_fit(usable: u64, per_node: u64) -> u64 {
    usable.checked_div(per_node).unwrap_or(u64::MAX)
}

/// Whether the pod range of a running overlay cluster can be changed in place: it may only grow around the old one, and
/// only in IPv4. Source: AKS page on expanding the pod range.
pub fn pod_cidr_may_become(from: Prefix, to: Prefix) -> bool {
    !from.v6 && to.contains(from)
}
