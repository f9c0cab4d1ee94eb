//! Checks of a cluster's own ranges and pools: pod, service and DNS ranges, what they overlap, and where pools may live.

use std::{collections::BTreeSet, net::IpAddr};

use crate::base::{Prefix, Severity};

use super::{
    demand::{BATCH, DEFAULT_SURGE, Ipam, POOL_NODES, Surge, ipam, max_pods_allowed, static_blocks, surge_nodes},
    form::{aks_forbidden, at, range},
    index::Index,
    model::{Cidr, Cluster, Known, Model, Origin, Plugin, Pool},
    overlap::{kind, overlap},
    propose::{PRIVATE, Rooms},
    report::{Finding, Report},
};

/// What Azure takes when nothing is declared. Source: AKS API reference, confirmed by recorded traffic.
const DEFAULT_POD: [&str; 2] = ["10.244.0.0/16", "fd12:3456:789a::/64"];
const DEFAULT_SERVICE: [&str; 2] = ["10.0.0.0/16", "fd12:3456:789a:1::/108"];
const DEFAULT_DNS: &str = "10.0.0.10";

/// A range of a cluster, declared or Azure's default.
pub struct Declared {
    pub prefix: Prefix,
    pub origin: Origin,
    /// `10.0.0.0/16` or `10.0.0.0/16, Azure's default`.
    pub text: String,
}

/// Which of a cluster's two ranges is meant.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    Pod(Plugin),
    Service,
}

pub fn check(model: &Model, index: &Index<'_>, rooms: &mut Rooms<'_>, report: &mut Report) {
    for cluster in &model.clusters {
        // Pods that live in subnets have no range; whatever a platform may answer for it is of no use.
        let flat = cluster.plugin == Known::Is(Plugin::Azure);
        for cidr in cluster.pod_cidrs.iter().filter(|c| !flat || c.prefix().is_some()) {
            range(cidr, &at(&cluster.origin, cidr), "A pod range", report);
        }
        for cidr in &cluster.service_cidrs {
            range(cidr, &at(&cluster.origin, cidr), "A service range", report);
        }
        let pods = pod_ranges(cluster);
        let services = service_ranges(cluster);
        for service in &services {
            service_form(cluster, service, report);
            against(Use::Service, service, cluster, (index, rooms), report);
            for pod in pods.iter().filter(|p| p.prefix.overlaps(service.prefix)) {
                let detail = format!("The service range {} and the pod range {} of cluster {:?} overlap.", service.text, pod.text, cluster.name);
                report.find(overlap(detail, Severity::Error, (&service.origin, service.prefix), (&pod.origin, pod.prefix)));
            }
        }
        dns(cluster, &services, report);
        for pod in &pods {
            pod_form(cluster, pod, report);
            if let Known::Is(plugin) = cluster.plugin {
                against(Use::Pod(plugin), pod, cluster, (index, rooms), report);
            }
        }
        pools(cluster, index, report);
    }
}

/// The pod ranges of a cluster whose mode has any.
pub fn pod_ranges(cluster: &Cluster) -> Vec<Declared> {
    match cluster.plugin {
        Known::Is(Plugin::AzureOverlay | Plugin::Kubenet) => declared(&cluster.pod_cidrs, cluster, DEFAULT_POD),
        // Nothing is assumed of a mode that is unknown or has no pod range of its own.
        _ => Vec::new(),
    }
}

pub fn service_ranges(cluster: &Cluster) -> Vec<Declared> {
    declared(&cluster.service_cidrs, cluster, DEFAULT_SERVICE)
}

/// The declared ranges, or Azure's default: one, and one of IPv6 for a cluster with both.
fn declared(cidrs: &[Cidr], cluster: &Cluster, default: [&str; 2]) -> Vec<Declared> {
    let mut found: Vec<Declared> = cidrs
        .iter()
        .filter_map(|c| Some((c.prefix()?, c)))
        .map(|(prefix, c)| Declared { prefix, origin: at(&cluster.origin, c), text: prefix.to_string() })
        .collect();
    for (default, v6) in default.into_iter().zip([false, true]) {
        // One that is not known may be the one of this family.
        let missing = if v6 { cluster.dual_stack } else { cidrs.is_empty() } && cidrs.iter().all(|c| c.prefix().is_some_and(|p| p.v6 != v6));
        let text = format!("{default} (Azure's default)");
        found.extend(default.parse().ok().filter(|_| missing).map(|prefix| Declared { prefix, origin: cluster.origin.clone(), text }));
    }
    found
}

/// Private as pods and services may use it: RFC 1918, the shared range of RFC 6598, IPv6 unique local.
fn is_private(prefix: Prefix) -> bool {
    PRIVATE.into_iter().any(|p| p.parse().is_ok_and(|p: Prefix| p.contains(prefix)))
}

fn service_form(cluster: &Cluster, service: &Declared, report: &mut Report) {
    let Declared { prefix, origin, text } = service;
    let limit = if prefix.v6 { 108 } else { 13 };
    if prefix.len < limit {
        let rule = if prefix.v6 { "no larger than a /108" } else { "smaller than a /12" };
        let detail = format!("The service range {text} of cluster {:?} is too large: it must be {rule}.", cluster.name);
        report.find(Finding::new("IP-SERVICE", Severity::Error, "Service range has a wrong size", detail, origin));
    }
    if !is_private(*prefix) {
        let detail = format!("The service range {text} of cluster {:?} is not private; Azure refuses it.", cluster.name);
        report.find(Finding::new("IP-SERVICE", Severity::Error, "Service range is not private", detail, origin));
    }
    forbidden("service", cluster, service, report);
}

fn pod_form(cluster: &Cluster, pod: &Declared, report: &mut Report) {
    if !is_private(pod.prefix) {
        let detail = format!("The pod range {} of cluster {:?} is not private; Azure takes it but does not support it.", pod.text, cluster.name);
        report.find(Finding::new("IP-PUBLIC", Severity::Warning, "Pod range is not private", detail, &pod.origin));
    }
    forbidden("pod", cluster, pod, report);
}

fn forbidden(what: &str, cluster: &Cluster, range: &Declared, report: &mut Report) {
    for text in aks_forbidden(range.prefix) {
        let detail = format!("The {what} range {} of cluster {:?} overlaps {text}, which AKS keeps for itself.", range.text, cluster.name);
        report.find(Finding::new("IP-FORBIDDEN", Severity::Error, "Forbidden address range", detail, &range.origin));
    }
}

/// The DNS service address lies in the service range, and is not its first, second or last address (the second is the
/// API server's). Azure: `DnsServiceIpOutOfServiceCidr`.
fn dns(cluster: &Cluster, services: &[Declared], report: &mut Report) {
    // A range that is not known may be the right one.
    if cluster.service_cidrs.iter().any(|c| c.prefix().is_none()) {
        return;
    }
    let (address, default): (IpAddr, bool) = match (&cluster.dns_service_ip, DEFAULT_DNS.parse()) {
        (Some(Known::Is(address)), _) => (*address, false),
        (None, Ok(address)) => (address, true),
        (Some(Known::Unknown(name)), _) => return report.unknown(&cluster.origin, format!("the DNS service address is not known before {name} is")),
        (None, Err(_)) => return,
    };
    let text = if default { format!("{address} (Azure's default)") } else { address.to_string() };
    let list: Vec<&str> = services.iter().map(|s| s.text.as_str()).collect();
    let Some(service) = services.iter().find(|s| s.prefix.contains_address(address)) else {
        let detail = format!("The DNS service address {text} of cluster {:?} is not in the service range {}.", cluster.name, list.join(", "));
        let mut finding = Finding::new("IP-DNS", Severity::Error, "DNS service address is outside the service range", detail, &cluster.origin);
        if let Some(service) = services.first() {
            finding = finding.also(&service.origin, "the service range");
            finding.arithmetic.extend(service.prefix.host(10).map(|ip| format!("the usual choice would be {ip}")));
        }
        return report.find(finding);
    };
    let taken = [(service.prefix.host(0), "network address"), (service.prefix.host(1), "address of the API server"), (service.prefix.host(-1), "last address")];
    if let Some((_, why)) = taken.into_iter().find(|(a, _)| *a == Some(address)) {
        let detail = format!("The DNS service address {text} of cluster {:?} is the {why} of the service range {}.", cluster.name, service.text);
        let finding = Finding::new("IP-DNS", Severity::Error, "DNS service address is not free", detail, &cluster.origin);
        report.find(finding.also(&service.origin, "the service range"));
    }
}

/// As many overlaps of one range are told one by one; the rest is counted.
const TOLD: usize = 8;

/// A pod or service range against the subnets and spaces of the cluster's VNets, the VNets that peerings reach, and
/// the declared ranges. Source: the overlap rules of the AKS networking pages.
fn against(used: Use, range: &Declared, cluster: &Cluster, (index, rooms): (&Index<'_>, &mut Rooms<'_>), report: &mut Report) {
    let before = report.findings.len();
    let own = index.vnets_of(cluster);
    let name = match used {
        Use::Pod(_) => "pod",
        Use::Service => "service",
    };
    let what = format!("The {name} range {} of cluster {:?} overlaps", range.text, cluster.name);
    let mut told = BTreeSet::new();
    let mut found = Vec::new();
    for hit in own.iter().flat_map(|v| index.subnets_in(*v, range.prefix)) {
        told.insert(hit.vnet);
        let detail = format!("{what} subnet {:?} ({}) of its own VNet.", hit.subnet.name, hit.prefix);
        found.push((detail, Severity::Error, at(&hit.subnet.origin, hit.cidr), hit.prefix));
    }
    tell(range, found, "subnets of its VNet overlap as well", report);
    let mut found = Vec::new();
    for hit in index.spaces_over(range.prefix) {
        let Some(vnet) = index.model.vnets.get(hit.vnet) else { continue };
        let joined = |groups: &[usize]| own.iter().any(|v| groups.get(*v) == groups.get(hit.vnet));
        let (severity, whose) = match () {
            // The overlap with a subnet of it says more.
            () if told.contains(&hit.vnet) => continue,
            // Kubenet's routes make the range part of the VNet; the others only come near each other.
            () if own.contains(&hit.vnet) && used == Use::Pod(Plugin::Kubenet) => (Severity::Error, "its own VNet"),
            () if own.contains(&hit.vnet) => (Severity::Warning, "its own VNet"),
            () if own.iter().any(|v| index.are_peered(*v, hit.vnet)) => (Severity::Error, "the peered VNet"),
            () if joined(&index.routed) => (Severity::Error, "the VNet that it is routed to,"),
            () if joined(&index.group) => (Severity::Warning, "a VNet that peerings reach,"),
            () => continue,
        };
        let detail = format!("{what} the address space {} of {whose} {:?}.", hit.prefix, vnet.name);
        found.push((detail, severity, at(&vnet.origin, hit.cidr), hit.prefix));
    }
    tell(range, found, "address spaces of VNets overlap as well", report);
    for other in &index.model.ranges {
        if let Some(prefix) = other.cidr.prefix().filter(|p| p.overlaps(range.prefix)) {
            let detail = format!("{what} the {} range {:?} ({prefix}).", kind(other.kind), other.name);
            report.find(overlap(detail, Severity::Error, (&range.origin, range.prefix), (&at(&other.origin, &other.cidr), prefix)));
        }
    }
    // One other place serves all of these errors; a warning may stay as it is.
    let found = report.findings.get_mut(before..).unwrap_or_default();
    if found.iter().any(Finding::is_error) {
        let proposal = match used {
            Use::Pod(_) => rooms.pods(cluster, range),
            Use::Service => rooms.services(cluster, range),
        };
        for finding in found.iter_mut().filter(|f| f.is_error()) {
            finding.proposal = proposal.clone();
        }
    }
}

/// Overlaps of one range, errors first; beyond [`TOLD`] they are only counted.
fn tell(range: &Declared, mut found: Vec<(String, Severity, Origin, Prefix)>, rest: &str, report: &mut Report) {
    found.sort_by_key(|f| f.1);
    let more = found.len().saturating_sub(TOLD);
    let last = found.len().min(TOLD).saturating_sub(1);
    for (i, (mut detail, severity, origin, prefix)) in found.into_iter().take(TOLD).enumerate() {
        if i == last && more > 0 {
            detail.push_str(&format!(" {more} more {rest}."));
        }
        report.find(overlap(detail, severity, (&range.origin, range.prefix), (&origin, prefix)));
    }
}

fn pools(cluster: &Cluster, index: &Index<'_>, report: &mut Report) {
    if let Known::Unknown(name) = &cluster.plugin {
        report.unknown(&cluster.origin, format!("the network mode is not known before {name} is"));
    }
    let vnets = index.vnets_of(cluster);
    if vnets.len() > 1 {
        let names: Vec<&str> = vnets.iter().filter_map(|v| index.model.vnets.get(*v)).map(|v| v.name.as_str()).collect();
        let detail = format!("The pools of cluster {:?} are in the VNets {}; all must be in one.", cluster.name, names.join(", "));
        report.find(Finding::new("IP-POOL-VNET", Severity::Error, "Pools in different VNets", detail, &cluster.origin));
    }
    for v in &vnets {
        let Some(vnet) = index.model.vnets.get(*v) else { continue };
        for (space, cidr) in vnet.spaces.iter().filter_map(|c| Some((c.prefix()?, c))) {
            for text in aks_forbidden(space) {
                let detail = format!(
                    "The address space {space} of VNet {:?} overlaps {text}, which AKS keeps for itself; cluster {:?} has its nodes there.",
                    vnet.name, cluster.name
                );
                let finding = Finding::new("IP-FORBIDDEN", Severity::Error, "Forbidden address range", detail, &at(&vnet.origin, cidr));
                report.find(finding.also(&cluster.origin, "the cluster"));
            }
        }
    }
    for pool in &cluster.pools {
        if let Some((_, subnet)) = pool.node_subnet.as_ref().and_then(Known::get).and_then(|id| index.subnet(id))
            && let Some(service) = subnet.delegations.first()
        {
            let detail = format!("Subnet {:?} of pool {:?} is delegated to {service}; nodes need a subnet without delegation.", subnet.name, pool.name);
            let finding = Finding::new("IP-DELEGATED", Severity::Error, "Node subnet is delegated", detail, &pool.origin);
            report.find(finding.also(&subnet.origin, "the subnet"));
        }
        both_families(cluster, pool, index, report);
        pool_figures(index.model, cluster, pool, report);
    }
}

/// The nodes of a cluster with both families need both in their subnet. Source: AKS dual-stack page.
fn both_families(cluster: &Cluster, pool: &Pool, index: &Index<'_>, report: &mut Report) {
    let subnet = pool.node_subnet.as_ref().filter(|_| cluster.dual_stack).and_then(Known::get).and_then(|id| index.subnet(id));
    let Some((_, subnet)) = subnet else { return };
    if subnet.prefixes.iter().all(|c| c.prefix().is_some_and(|p| !p.v6)) {
        let detail = format!("Cluster {:?} is of IPv4 and IPv6, but subnet {:?} of pool {:?} has no IPv6 prefix.", cluster.name, subnet.name, pool.name);
        let finding = Finding::new("IP-DUAL-STACK", Severity::Warning, "Node subnet has no IPv6 prefix", detail, &pool.origin);
        report.find(finding.also(&subnet.origin, "the subnet"));
    }
}

/// Pods per node, surge and size of a pool within what Azure takes.
fn pool_figures(model: &Model, cluster: &Cluster, pool: &Pool, report: &mut Report) {
    let surge = match &pool.max_surge {
        Known::Is(Some(text)) => match Surge::parse(text) {
            Some(surge) => surge,
            None => {
                let detail = format!("The surge {text:?} of pool {:?} is neither a number of nodes nor a percentage such as \"33%\".", pool.name);
                return report.find(Finding::new("IP-SURGE", Severity::Error, "Surge cannot be read", detail, &pool.origin));
            }
        },
        _ => DEFAULT_SURGE,
    };
    if surge.is_none() && !pool.spot && !pool.blue_green && can_shrink(pool) == Some(false) {
        let detail = format!(
            "Pool {:?} has a surge of {surge}, so no node is added during an upgrade; then nodes have to be allowed to be missing (max_unavailable).",
            pool.name
        );
        report.find(Finding::new("IP-SURGE", Severity::Error, "Pool cannot be upgraded", detail, &pool.origin));
    }
    let most = pool.max.as_ref().unwrap_or(&pool.count).get().copied().map(u64::from);
    if let Some(nodes) = most
        && nodes.saturating_add(surge_nodes(surge, nodes, pool.spot, pool.blue_green)) > POOL_NODES
    {
        let detail = format!("Pool {:?} can reach {nodes} nodes; with a surge of {surge} that is above {POOL_NODES}, and its upgrade is refused.", pool.name);
        report.find(Finding::new("IP-UPGRADE-HEADROOM", model.limits.peak, "Pool is too large to be upgraded", detail, &pool.origin));
    }
    if let (Known::Is(Some(max_pods)), Known::Is(count)) = (&pool.max_pods, &pool.count)
        && !max_pods_allowed(*max_pods, *count)
    {
        let detail =
            format!("Pool {:?} has {count} nodes with {max_pods} pods each; Azure takes 10 to 250 pods per node, and at least 30 in the pool.", pool.name);
        report.find(Finding::new("IP-MAX-PODS", Severity::Error, "Pods per node out of bounds", detail, &pool.origin));
    }
    pool_density(cluster, pool, report);
}

/// Whether nodes may be missing during an upgrade; nothing when that is not known.
fn can_shrink(pool: &Pool) -> Option<bool> {
    let declared = pool.max_unavailable.get()?;
    Some(declared.as_deref().and_then(Surge::parse).is_some_and(|u| !u.is_none()))
}

/// Pods per node that Azure takes but that serve badly.
fn pool_density(cluster: &Cluster, pool: &Pool, report: &mut Report) {
    if let (Known::Is(plugin), Known::Is(None)) = (&cluster.plugin, &pool.max_pods)
        && matches!(ipam(*plugin, pool), Ipam::PodSubnetDynamic | Ipam::PodSubnetStatic)
    {
        let counted = Ipam::PodSubnetDynamic.default_max_pods();
        let detail =
            format!("Pool {:?} has pods in a subnet and does not say how many per node; Azure's pages name 110 and 250. Counted as {counted}.", pool.name);
        report.find(Finding::new("IP-MAX-PODS", Severity::Warning, "Pods per node are not declared", detail, &pool.origin));
    }
    if let (Known::Is(plugin), Known::Is(max_pods)) = (&cluster.plugin, &pool.max_pods)
        && pool.windows
        && ipam(*plugin, pool) == Ipam::Overlay
        && max_pods.unwrap_or(Ipam::Overlay.default_max_pods()) > 110
    {
        let pods = max_pods.unwrap_or(Ipam::Overlay.default_max_pods());
        let detail = format!("Windows pool {:?} has {pods} pods per node; with overlay, Azure advises no more than 110 on Windows.", pool.name);
        report.find(Finding::new("IP-MAX-PODS", Severity::Warning, "Many pods per Windows node", detail, &pool.origin));
    }
    if let (Known::Is(plugin), Known::Is(Some(max_pods))) = (&cluster.plugin, &pool.max_pods)
        && ipam(*plugin, pool) == Ipam::PodSubnetStatic
    {
        // Up to half a block is what the usual figures (30, 110, 250 pods) leave over.
        let waste = static_blocks(*max_pods) * BATCH - u64::from(*max_pods) - 1;
        if waste >= BATCH / 2 {
            let detail =
                format!("Pool {:?} wastes {waste} addresses of each node: {max_pods} pods and one address for the node fill its /28 blocks badly.", pool.name);
            let mut finding = Finding::new("IP-STATIC-WASTE", Severity::Warning, "Static blocks are filled badly", detail, &pool.origin);
            finding.arithmetic.push(format!("{max_pods} + 1 = {} in {} blocks of 16", u64::from(*max_pods) + 1, static_blocks(*max_pods)));
            report.find(finding);
        }
    }
}
