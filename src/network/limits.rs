//! Checks of Azure's limits: subnets and peerings of a VNet, routes of a table, addresses of an interface, names, and how many
//! clusters may share a subnet.

use std::collections::BTreeMap;

use crate::base::{ResourceId, Severity};

use super::{
    demand::{CLUSTER_POOLS, Ipam, NAME_LETTERS, NIC_ADDRESSES, TABLE_ROUTES, VNET_PEERINGS, VNET_SUBNETS, ipam},
    index::Index,
    model::{Cluster, Known, Model, Origin, Plugin, TakenKind, Vnet},
    report::{Finding, Report},
};

pub fn check(model: &Model, index: &Index<'_>, report: &mut Report) {
    for vnet in &model.vnets {
        for (what, count, limit) in [("subnets", vnet.subnets.len(), VNET_SUBNETS), ("peerings", vnet.peerings.len(), VNET_PEERINGS)] {
            if count > limit {
                report.find(vnet_limit(vnet, what, count, limit));
            }
        }
    }
    for table in &model.route_tables {
        let count = table.routes.len() as u64;
        if count > TABLE_ROUTES {
            let detail = format!("Route table {:?} has {count} routes; Azure allows {TABLE_ROUTES}.", table.id.name());
            report.find(Finding::new("IP-ROUTE-LIMIT", Severity::Error, "Route table has too many routes", detail, &table.origin));
        }
    }
    for cluster in model.clusters.iter().filter(|c| c.pools.len() > CLUSTER_POOLS) {
        let detail = format!("Cluster {:?} has {} pools; AKS allows {CLUSTER_POOLS}.", cluster.name, cluster.pools.len());
        report.find(Finding::new("IP-CLUSTER-LIMIT", Severity::Error, "Cluster has too many pools", detail, &cluster.origin));
    }
    interfaces(model, report);
    names(model, index, report);
    kubenet_subnets(model, index, report);
}

fn vnet_limit(vnet: &Vnet, what: &str, count: usize, limit: usize) -> Finding {
    let detail = format!("VNet {:?} has {count} {what}; Azure allows {limit}.", vnet.name);
    Finding::new("IP-VNET-LIMIT", Severity::Error, "VNet exceeds a limit of Azure", detail, &vnet.origin)
}

/// The addresses of each network interface, over all its configurations.
fn interfaces(model: &Model, report: &mut Report) {
    let mut counts: BTreeMap<&str, (u64, &Origin)> = BTreeMap::new();
    for taken in model.taken.iter().filter(|t| t.kind == TakenKind::NetworkInterface) {
        counts.entry(&taken.origin.address).or_insert((0, &taken.origin)).0 += taken.addresses.count();
    }
    for (address, (count, origin)) in counts.into_iter().filter(|(_, (count, _))| *count > NIC_ADDRESSES) {
        let detail = format!("Network interface {address} has {count} addresses; Azure allows {NIC_ADDRESSES}.");
        report.find(Finding::new("IP-NIC-LIMIT", Severity::Error, "Network interface has too many addresses", detail, origin));
    }
}

/// Overlay and dynamic pod subnets need short names around them. Source: AKS release notes.
fn names(model: &Model, index: &Index<'_>, report: &mut Report) {
    for cluster in &model.clusters {
        let Known::Is(plugin) = cluster.plugin else { continue };
        for pool in &cluster.pools {
            if !matches!(ipam(plugin, pool), Ipam::Overlay | Ipam::PodSubnetDynamic) {
                continue;
            }
            for id in [&pool.node_subnet, &pool.pod_subnet].into_iter().flatten().filter_map(Known::get) {
                for (what, name) in long_names(id) {
                    let detail = format!(
                        "The {what} {name:?} of pool {:?} of cluster {:?} has a name of {} letters; pods of this mode need names of at most {NAME_LETTERS}.",
                        pool.name,
                        cluster.name,
                        name.chars().count()
                    );
                    let mut finding = Finding::new("IP-NAME", Severity::Error, "Name is too long for the network mode", detail, &pool.origin);
                    if let Some((_, subnet)) = index.subnet(id) {
                        finding = finding.also(&subnet.origin, "the subnet");
                    }
                    report.find(finding);
                }
            }
        }
    }
}

fn long_names(subnet: &ResourceId) -> Vec<(&'static str, &str)> {
    let names = [("subnet", Some(subnet.name())), ("VNet", subnet.after("virtualNetworks")), ("resource group", subnet.group())];
    names.into_iter().filter_map(|(what, name)| Some((what, name?))).filter(|(_, name)| name.chars().count() > NAME_LETTERS).collect()
}

/// Kubenet's routes belong to one cluster, so its subnet does too. Source: AKS kubenet page.
fn kubenet_subnets(model: &Model, index: &Index<'_>, report: &mut Report) {
    let mut tenants: BTreeMap<(usize, usize), Vec<&Cluster>> = BTreeMap::new();
    if !model.clusters.iter().any(|c| c.plugin == Known::Is(Plugin::Kubenet)) {
        return;
    }
    for cluster in &model.clusters {
        for (place, _) in cluster.pools.iter().filter_map(|p| index.subnet(p.node_subnet.as_ref()?.get()?)) {
            let list = tenants.entry(place).or_default();
            if !list.last().is_some_and(|c| std::ptr::eq(*c, cluster)) {
                list.push(cluster);
            }
        }
    }
    for ((v, s), clusters) in tenants.iter().filter(|(_, c)| c.len() > 1) {
        let Some(kubenet) = clusters.iter().find(|c| c.plugin == Known::Is(Plugin::Kubenet)) else { continue };
        let Some(subnet) = model.vnets.get(*v).and_then(|v| v.subnets.get(*s)) else { continue };
        let detail = format!(
            "Subnet {:?} holds {} clusters, of which {:?} is of kubenet: such a cluster has its subnet for itself.",
            subnet.name,
            clusters.len(),
            kubenet.name
        );
        let finding = Finding::new("IP-CLUSTER-LIMIT", Severity::Error, "Kubenet clusters cannot share a subnet", detail, &kubenet.origin);
        let finding = finding.also(&subnet.origin, "the subnet");
        report.find(clusters.iter().filter(|c| !std::ptr::eq(**c, *kubenet)).fold(finding, |f, c| f.also(&c.origin, format!("cluster {:?}", c.name))));
    }
}
