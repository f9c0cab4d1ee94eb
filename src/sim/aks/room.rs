//! Room for what a write takes: addresses of subnets, /24s of the pod range, routes of the route table.
//!
//! AKS compares what a write needs beyond what the cluster holds with what is free at that moment; a pool that scales
//! by itself counts with its maximum. Source: AKS support page on InsufficientSubnetSize.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::{platform, pools, subnets, validate, versions};
use crate::{
    base::Prefix,
    sim::{
        fault::Fault,
        jsons::{at, filled, flag, int, list, named, text, texts},
        network::addresses,
        store::Store,
    },
};

const NOTE: &str = "If Autoscaler is enabled, the max-count from each nodepool is counted towards this total (which means that pre-allocated IPs count represents a theoretical max value, not the actual number of IPs requested). http://aka.ms/aks/insufficientsubnetsize";

/// Addresses that API-server VNet integration keeps for one cluster. Source: AKS API-server VNet integration page.
pub const API_SERVER: i64 = 9;
/// Routes of one table, of which kubenet needs one a node. Source: AKS kubenet page.
const ROUTES: i64 = 400;
/// Nodes of one cluster. Source: AKS quotas.
const CLUSTER_NODES: i64 = 5_000;
/// Nodes of one scale set, extra nodes of an upgrade included. Source: AKS rolling upgrade page.
const SCALE_SET_NODES: i64 = 1_000;

/// Extra nodes by pool while a write upgrades it.
pub type Surge = BTreeMap<String, i64>;

/// Checks the room for a whole cluster as it would be stored; gives the extra nodes of the upgrade that the write starts.
pub fn check(store: &Store, id: &str, body: &Json, old: Option<&Json>, network: &Json) -> Result<Surge, Fault> {
    let surge = surge_of(body, old);
    scale_sets(body, &surge)?;
    match try_room(store, id, body, network, &surge) {
        Err(_) if !surge.is_empty() && falls_back(body) => {
            let fewer = fallback(body, &surge);
            try_room(store, id, body, network, &fewer).map(|()| fewer)
        }
        outcome => outcome.map(|()| surge),
    }
}

fn try_room(store: &Store, id: &str, body: &Json, network: &Json, surge: &Surge) -> Result<(), Fault> {
    nodes(store, body, network, surge)?;
    pod_range(body, network, surge)?;
    in_subnets(store, id, body, network, surge)?;
    api_server(store, id, body)
}

/// The extra nodes of every pool whose version changes.
fn surge_of(body: &Json, old: Option<&Json>) -> Surge {
    let before = old.map_or(&[][..], |o| list(o, "properties.agentPoolProfiles"));
    let upgraded = |p: &&Json| {
        let past = named(before, text(p, "name").unwrap_or(""));
        past.is_some_and(|b| at(b, "currentOrchestratorVersion") != at(p, "currentOrchestratorVersion"))
    };
    let pools = list(body, "properties.agentPoolProfiles").iter().filter(upgraded);
    pools.map(|p| (text(p, "name").unwrap_or("").to_owned(), extra_nodes(p))).filter(|(_, n)| *n > 0).collect()
}

/// Extra nodes while a pool is upgraded: a number or a part of its nodes, rounded up, and never more than there are to
/// upgrade. Spot pools get none; blue-green upgrades double the pool. Source: AKS rolling upgrade page.
pub fn extra_nodes(pool: &Json) -> i64 {
    let count = int(pool, "count").unwrap_or(1).max(0);
    if text(pool, "scaleSetPriority") == Some("Spot") {
        return 0;
    }
    if text(pool, "upgradeStrategy").is_some_and(|s| s.eq_ignore_ascii_case("BlueGreen")) {
        return count;
    }
    let given = filled(pool, "upgradeSettings.maxSurge").unwrap_or("10%");
    let extra = match given.strip_suffix('%') {
        Some(percent) => (percent.parse::<i64>().unwrap_or(10) * count + 99) / 100,
        None => given.parse().unwrap_or(1),
    };
    extra.min(count)
}

/// From Kubernetes 1.35 on, an upgrade without room for its extra nodes is tried again with fewer. Source: AKS changelog 2026-01-04.
fn falls_back(body: &Json) -> bool {
    let version = text(body, "properties.currentKubernetesVersion").unwrap_or("");
    versions::minor(version).split_once('.').and_then(|(_, m)| m.parse::<u32>().ok()).is_some_and(|m| m >= 35)
}

fn fallback(body: &Json, surge: &Surge) -> Surge {
    let unavailable = |name: &str| {
        let pool = named(list(body, "properties.agentPoolProfiles"), name);
        pool.and_then(|p| filled(p, "upgradeSettings.maxUnavailable")).is_some_and(|u| u.trim_end_matches('%') != "0")
    };
    surge.iter().map(|(name, n)| (name.clone(), if unavailable(name) { 0 } else { (*n).min(1) })).filter(|(_, n)| *n > 0).collect()
}

fn scale_sets(body: &Json, surge: &Surge) -> Result<(), Fault> {
    for pool in list(body, "properties.agentPoolProfiles") {
        let name = text(pool, "name").unwrap_or("");
        let (count, extra) = (int(pool, "count").unwrap_or(1), surge.get(name).copied().unwrap_or(0));
        if extra > 0 && count + extra > SCALE_SET_NODES {
            let message = format!("Agent pool {name} would have {} nodes during the upgrade; a scale set has at most {SCALE_SET_NODES}.", count + extra);
            return Err(Fault::aks(400, "InvalidParameter", "agentPoolProfile.upgradeSettings.maxSurge", message));
        }
    }
    Ok(())
}

/// Nodes of one cluster; with kubenet also the routes that they need.
fn nodes(store: &Store, body: &Json, network: &Json, surge: &Surge) -> Result<(), Fault> {
    let pools = list(body, "properties.agentPoolProfiles");
    let all: i64 = pools.iter().map(pools::most_nodes).sum::<i64>() + surge.values().sum::<i64>();
    if all > CLUSTER_NODES {
        let message = format!("The cluster would have {all} nodes; a cluster has at most {CLUSTER_NODES}.");
        return Err(Fault::aks(400, "InvalidParameter", "agentPoolProfile.count", message));
    }
    if text(network, "networkPlugin") != Some("kubenet") {
        return Ok(());
    }
    let mut tables: Vec<&str> =
        pools.iter().filter_map(|p| store.body(filled(p, "vnetSubnetID")?)).filter_map(|s| text(s, "properties.routeTable.id")).collect();
    tables.sort_by_key(|t| t.to_ascii_lowercase());
    tables.dedup_by(|a, b| a.eq_ignore_ascii_case(b));
    let taken = tables.iter().filter_map(|t| store.body(t)).map(|t| list(t, "properties.routes").len() as i64).max().unwrap_or(0);
    if all + taken > ROUTES {
        let message = format!(
            "The value of parameter agentPoolProfile.count is invalid. Error details: {all} nodes need a route each beside the {taken} there are; a route table has at most {ROUTES} routes."
        );
        return Err(Fault::aks(400, "InvalidParameter", "agentPoolProfile.count", message));
    }
    Ok(())
}

/// With overlay, each node has a /24 of the pod range, and nothing in it is kept back. With kubenet AKS does not look.
fn pod_range(body: &Json, network: &Json, surge: &Surge) -> Result<(), Fault> {
    if text(network, "networkPluginMode") != Some("overlay") {
        return Ok(());
    }
    for range in validate::ranges_of(network, "podCidr")? {
        let nodes: i64 = list(body, "properties.agentPoolProfiles").iter().map(pools::most_nodes).sum::<i64>() + surge.values().sum::<i64>();
        let (each, unit) = if range.v6 { (1, 80) } else { (256, 24) };
        let room = if range.v6 { 1i128.checked_shl(u32::from(unit - range.len.min(unit))).unwrap_or(i128::MAX) } else { range.size() as i128 };
        let need = i128::from(nodes) * each;
        if need > room || range.len > unit {
            let room = if range.len > unit && range.v6 { 0 } else { room };
            let message = format!("Pre-allocated IPs {need} exceeds IPs available {room} in Subnet Cidr {range}, Subnet Name networkProfile.podCIDR. {NOTE}");
            return Err(Fault::aks(400, "InsufficientSubnetSize", "networkProfile.podCIDR", message));
        }
    }
    Ok(())
}

/// What the write takes of each subnet beyond what the cluster holds there, against what is free.
fn in_subnets(store: &Store, id: &str, body: &Json, network: &Json, surge: &Surge) -> Result<(), Fault> {
    let pools = list(body, "properties.agentPoolProfiles");
    let mut seen: Vec<&str> = Vec::new();
    for pool in pools {
        for member in ["vnetSubnetID", "podSubnetID"] {
            let Some(subnet) = filled(pool, member) else { continue };
            if seen.iter().any(|s| s.eq_ignore_ascii_case(subnet)) {
                continue;
            }
            seen.push(subnet);
            let Some(found) = store.body(subnet) else { continue };
            let blocks = pools.iter().any(|p| is(p, "podSubnetID", subnet) && in_blocks(p));
            let wanted: i64 = pools.iter().map(|p| need(p, network, subnet, surge)).sum::<i64>() + endpoint(body, subnet);
            let usable = if blocks { usable_blocks(found) * 16 } else { addresses::usable(found) as i64 };
            let free = usable - addresses::used_count(store, subnet);
            let more = (wanted - platform::held(store, id, subnet)).max(0);
            if more > free {
                return Err(insufficient(found, more, free, &format!("agentPoolProfile.{member}")));
            }
        }
    }
    Ok(())
}

fn insufficient(subnet: &Json, need: i64, free: i64, target: &str) -> Fault {
    let cidr = texts(subnet, "properties.addressPrefixes").first().copied().or(text(subnet, "properties.addressPrefix")).unwrap_or("");
    let name = text(subnet, "name").unwrap_or("");
    let message = format!("Pre-allocated IPs {need} exceeds IPs available {free} in Subnet Cidr {cidr}, Subnet Name {name}. {NOTE}");
    Fault::aks(400, "InsufficientSubnetSize", target, message)
}

fn is(pool: &Json, member: &str, subnet: &str) -> bool {
    filled(pool, member).is_some_and(|s| s.eq_ignore_ascii_case(subnet))
}

fn in_blocks(pool: &Json) -> bool {
    text(pool, "podIPAllocationMode") == Some("StaticBlock")
}

/// The private endpoint of a private cluster is in the first pool's subnet.
fn endpoint(body: &Json, subnet: &str) -> i64 {
    let first = list(body, "properties.agentPoolProfiles").first().is_some_and(|p| is(p, "vnetSubnetID", subnet));
    i64::from(first && platform::has_endpoint(body))
}

/// Whole /28s of a subnet that hold none of Azure's own addresses, which are at both ends.
pub fn usable_blocks(subnet: &Json) -> i64 {
    let blocks = |p: &Prefix| 28u8.checked_sub(p.len).map_or(0, |bits| (1i64 << bits.min(32)) - 2).max(0);
    addresses::prefixes(subnet).iter().filter(|p| !p.v6).map(blocks).sum()
}

/// Addresses a pool needs of a subnet at its largest, with the extra nodes of its upgrade.
fn need(pool: &Json, network: &Json, subnet: &str, surge: &Surge) -> i64 {
    let nodes = pools::most_nodes(pool) + surge.get(text(pool, "name").unwrap_or("")).copied().unwrap_or(0);
    let of_nodes = if is(pool, "vnetSubnetID", subnet) { nodes * subnets::per_node(pool, network) } else { 0 };
    let of_pods = if is(pool, "podSubnetID", subnet) { nodes * pod_addresses(pool) } else { 0 };
    of_nodes + of_pods
}

/// Addresses a node takes of the pod subnet when it is made: static blocks are taken whole, dynamic ones by sixteens as
/// pods come, one to begin with.
pub fn pod_addresses(pool: &Json) -> i64 {
    let most = int(pool, "maxPods").unwrap_or(30);
    if in_blocks(pool) { (most + 16) / 16 * 16 } else { 16 }
}

/// The API server's own subnet: delegated to AKS, of the pools' network, with nothing but API servers in it.
fn api_server(store: &Store, id: &str, body: &Json) -> Result<(), Fault> {
    let integrated = flag(body, "properties.apiServerAccessProfile.enableVnetIntegration");
    let target = "apiServerAccessProfile.subnetId";
    let Some(subnet) = filled(body, &format!("properties.{target}")).filter(|_| integrated) else { return Ok(()) };
    let Some(found) = store.body(subnet) else { return Ok(()) };
    let own = "Microsoft.ContainerService/managedClusters";
    if !list(found, "properties.delegations").iter().any(|d| text(d, "properties.serviceName").is_some_and(|s| s.eq_ignore_ascii_case(own))) {
        let message = format!("The API server subnet {subnet} must be delegated to {own}.");
        return Err(Fault::aks(400, "InvalidParameter", target, message));
    }
    if subnets::has_strangers(store, body, subnet) {
        return Err(subnets::shared(subnet, target));
    }
    let small = addresses::prefixes(found).iter().all(|p| p.v6 || p.len > 28);
    let free = addresses::usable(found) as i64 - addresses::used_count(store, subnet);
    let more = API_SERVER - platform::held(store, id, subnet);
    if small || more > free {
        return Err(insufficient(found, more.max(0), free, target));
    }
    Ok(())
}

/// What the cluster remembers of its upgrade while it runs.
pub fn remembered(surge: &Surge) -> Json {
    json!(surge)
}
