//! Nodes as the network sees them: which addresses of a subnet the nodes of clusters hold.

use std::net::Ipv4Addr;

use crate::sim::{
    jsons::{int, list, text},
    model::normal_location,
    store::{Store, derive},
};

/// Addresses held by the nodes of all clusters in a subnet: first and last of each stretch, with the IP configuration that
/// holds it. No two of them meet.
pub fn node_addresses(store: &Store, subnet: &str) -> Vec<(u32, u32, String)> {
    let mut held = Vec::new();
    for cluster in store.of_kind("Microsoft.ContainerService/managedClusters") {
        for grant in list(&cluster.hidden, "addresses") {
            if !text(grant, "subnet").is_some_and(|s| s.eq_ignore_ascii_case(subnet)) {
                continue;
            }
            let pool = text(grant, "pool").unwrap_or("").split('/').next().unwrap_or("");
            let holder = config_id(store, cluster, pool, 0);
            for range in list(grant, "ranges") {
                let (first, last) = (int(range, "first").unwrap_or(0) as u32, int(range, "last").unwrap_or(-1) as u32);
                held.push((first, last, holder.clone()));
            }
        }
    }
    held
}

/// IP configurations of nodes in a subnet, one a node.
pub fn node_configs(store: &Store, subnet: &str) -> Vec<String> {
    let mut configs = Vec::new();
    for cluster in store.of_kind("Microsoft.ContainerService/managedClusters") {
        for pool in list(&cluster.body, "properties.agentPoolProfiles") {
            let name = text(pool, "name").unwrap_or("");
            if text(pool, "vnetSubnetID").is_some_and(|s| s.eq_ignore_ascii_case(subnet)) {
                let count = int(pool, "count").unwrap_or(0).max(0) as usize;
                configs.extend((0..count).map(|n| config_id(store, cluster, name, n)));
            }
        }
    }
    configs
}

/// Whether a cluster has its pods or its API server in a subnet, so that nothing else may be in it.
pub fn is_given(store: &Store, subnet: &str) -> bool {
    let is = |body: &serde_json::Value, path: &str| text(body, path).is_some_and(|s| s.eq_ignore_ascii_case(subnet));
    store.of_kind("Microsoft.ContainerService/managedClusters").any(|c| {
        is(&c.body, "properties.apiServerAccessProfile.subnetId") || list(&c.body, "properties.agentPoolProfiles").iter().any(|p| is(p, "podSubnetID"))
    })
}

/// The IP configuration of one node's interface, in the cluster's node resource group.
fn config_id(store: &Store, cluster: &crate::sim::store::Resource, pool: &str, node: usize) -> String {
    let group = text(&cluster.body, "properties.nodeResourceGroup").unwrap_or("");
    let subscription = crate::sim::store::segment_after(&cluster.id, "subscriptions").unwrap_or("");
    let set = scale_set(store, &cluster.id, pool);
    format!(
        "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Compute/virtualMachineScaleSets/{set}/virtualMachines/{node}/networkInterfaces/{set}/ipConfigurations/ipconfig1"
    )
}

/// The name AKS gives a pool's scale set.
pub fn scale_set(store: &Store, cluster: &str, pool: &str) -> String {
    let digits: String = derive(&store.seed, cluster).chars().filter(char::is_ascii_digit).take(8).collect();
    format!("aks-{pool}-{digits}-vmss")
}

/// The node resource group's name when the request gives none.
pub fn default_group(group: &str, cluster: &str, location: &str) -> String {
    let full = format!("MC_{group}_{cluster}_{}", normal_location(location));
    full.chars().take(80).collect()
}

/// An address as the integer that ranges hold.
pub fn number(address: Ipv4Addr) -> i64 {
    i64::from(u32::from(address))
}
