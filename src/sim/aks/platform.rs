//! What AKS makes around a cluster: the node resource group with its identity, addresses for the nodes, outbound addresses.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::{nodes, room, subnets};
use crate::sim::{
    http::Millis,
    jsons::{at, filled, flag, int, list, list_mut, set, text},
    network::addresses,
    store::{Resource, Store, derive, segment_after},
};

/// Whether the cluster has a private endpoint: private, and its API server not in the virtual network.
pub fn has_endpoint(body: &Json) -> bool {
    let access = |name: &str| flag(body, &format!("properties.apiServerAccessProfile.{name}"));
    access("enablePrivateCluster") && !access("enableVnetIntegration")
}

/// Addresses of a subnet that a cluster holds now.
pub fn held(store: &Store, cluster: &str, subnet: &str) -> i64 {
    let size = |r: &Json| int(r, "last").unwrap_or(-1) - int(r, "first").unwrap_or(0) + 1;
    store.get(cluster).map_or(0, |c| {
        let grants = list(&c.hidden, "addresses").iter().filter(|g| text(g, "subnet").is_some_and(|s| s.eq_ignore_ascii_case(subnet)));
        grants.flat_map(|g| list(g, "ranges")).map(size).sum()
    })
}

/// When a write is accepted, the nodes take their addresses, the extra nodes of an upgrade too.
pub fn accept(store: &mut Store, id: &str) {
    let Some(cluster) = store.get(id).cloned() else { return };
    let network = at(&cluster.body, "properties.networkProfile").cloned().unwrap_or(json!({}));
    let mut grants: Vec<Json> = list(&cluster.hidden, "addresses").iter().filter(|g| !is_surge(g)).cloned().collect();
    if let Some(resource) = store.get_mut(id) {
        set(&mut resource.hidden, "addresses", grants.clone());
    }
    for (i, pool) in list(&cluster.body, "properties.agentPoolProfiles").iter().enumerate() {
        let name = text(pool, "name").unwrap_or("");
        let count = int(pool, "count").unwrap_or(0);
        let extra = int(&cluster.hidden, &format!("surge.{name}")).unwrap_or(0);
        if let Some(subnet) = filled(pool, "vnetSubnetID") {
            let each = subnets::per_node(pool, &network);
            grant(store, id, &mut grants, name, subnet, count * each, Block::Any);
            grant(store, id, &mut grants, &format!("{name}/surge"), subnet, extra * each, Block::Any);
            if i == 0 && has_endpoint(&cluster.body) {
                grant(store, id, &mut grants, "kube-apiserver", subnet, 1, Block::Any);
            }
        }
        if let Some(subnet) = filled(pool, "podSubnetID") {
            let each = room::pod_addresses(pool);
            let block = if text(pool, "podIPAllocationMode") == Some("StaticBlock") { Block::Aligned } else { Block::Any };
            grant(store, id, &mut grants, &format!("{name}/pods"), subnet, count * each, block);
            grant(store, id, &mut grants, &format!("{name}/surge-pods"), subnet, extra * each, block);
        }
    }
    if let Some(subnet) = filled(&cluster.body, "properties.apiServerAccessProfile.subnetId")
        && flag(&cluster.body, "properties.apiServerAccessProfile.enableVnetIntegration")
    {
        grant(store, id, &mut grants, "kube-apiserver", subnet, room::API_SERVER, Block::Any);
    }
    if let Some(resource) = store.get_mut(id) {
        set(&mut resource.hidden, "addresses", grants);
    }
    node_group(store, &cluster);
}

fn is_surge(grant: &Json) -> bool {
    text(grant, "pool").is_some_and(|p| p.contains("/surge"))
}

/// When an upgrade has ended, its extra nodes give their addresses back.
pub fn end_upgrade(store: &mut Store, id: &str) {
    let Some(cluster) = store.get_mut(id) else { return };
    crate::sim::jsons::remove(&mut cluster.hidden, "surge");
    if let Some(grants) = list_mut(&mut cluster.hidden, "addresses") {
        grants.retain(|g| !is_surge(g));
    }
}

/// How addresses may lie in a subnet.
#[derive(Clone, Copy, PartialEq)]
enum Block {
    Any,
    /// In whole /28s without any of Azure's own addresses.
    Aligned,
}

/// Gives a pool so many addresses of a subnet, the lowest free ones; those it has already it keeps.
fn grant(store: &mut Store, cluster: &str, grants: &mut Vec<Json>, pool: &str, subnet: &str, wanted: i64, block: Block) {
    let mine = |g: &Json| text(g, "pool") == Some(pool) && text(g, "subnet").is_some_and(|s| s.eq_ignore_ascii_case(subnet));
    let size = |r: &Json| int(r, "last").unwrap_or(-1) - int(r, "first").unwrap_or(0) + 1;
    let had: i64 = grants.iter().filter(|g| mine(g)).flat_map(|g| list(g, "ranges")).map(size).sum();
    if had == wanted {
        return;
    }
    grants.retain(|g| !mine(g));
    if let Some(resource) = store.get_mut(cluster) {
        set(&mut resource.hidden, "addresses", grants.clone());
    }
    let free = addresses::free(store, subnet).into_iter().filter_map(|a| if let std::net::IpAddr::V4(a) = a { Some(nodes::number(a)) } else { None });
    let free: Vec<i64> = if block == Block::Aligned { whole_blocks(free) } else { free.collect() };
    let mut ranges: Vec<(i64, i64)> = Vec::new();
    for address in free.into_iter().take(usize::try_from(wanted).unwrap_or(0)) {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == address => *last = address,
            _ => ranges.push((address, address)),
        }
    }
    let ranges: Vec<Json> = ranges.into_iter().map(|(first, last)| json!({ "first": first, "last": last })).collect();
    grants.push(json!({ "pool": pool, "subnet": subnet, "ranges": ranges }));
    if let Some(resource) = store.get_mut(cluster) {
        set(&mut resource.hidden, "addresses", grants.clone());
    }
}

/// The addresses of those /28s that are free as a whole.
fn whole_blocks(free: impl Iterator<Item = i64>) -> Vec<i64> {
    let mut blocks: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    free.for_each(|a| blocks.entry(a >> 4).or_default().push(a));
    blocks.into_values().filter(|b| b.len() == 16).flatten().collect()
}

fn node_group_id(cluster: &Resource) -> String {
    let subscription = segment_after(&cluster.id, "subscriptions").unwrap_or("");
    let group = text(&cluster.body, "properties.nodeResourceGroup").unwrap_or("");
    format!("/subscriptions/{subscription}/resourceGroups/{group}")
}

fn put(store: &mut Store, id: &str, kind: &str, body: Json) {
    if store.get(id).is_some() {
        return;
    }
    let (etag, now) = (store.etag(), store.clock);
    store.insert(Resource { id: id.to_owned(), kind: kind.to_owned(), body, etag, states: BTreeMap::new(), hidden: Json::Null, created: now, changed: now });
}

fn node_group(store: &mut Store, cluster: &Resource) {
    let id = node_group_id(cluster);
    let name = id.rsplit('/').next().unwrap_or("").to_owned();
    let tags = json!({ "aks-managed-cluster-name": cluster.name(), "aks-managed-cluster-rg": cluster.group().unwrap_or("") });
    let body = json!({
        "id": id, "name": name, "type": "Microsoft.Resources/resourceGroups", "location": cluster.location(),
        "tags": tags, "managedBy": cluster.id, "properties": {}
    });
    put(store, &id, "Microsoft.Resources/resourceGroups", body);
}

/// An identity that AKS makes in the node resource group.
fn identity(store: &mut Store, cluster: &Resource, name: &str) -> Json {
    let id = format!("{}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{name}", node_group_id(cluster)).replacen(
        "/resourceGroups/",
        "/resourcegroups/",
        1,
    );
    let (client, principal) = (derive(&store.seed, &format!("client {id}")), derive(&store.seed, &format!("principal {id}")));
    let body = json!({
        "id": id, "name": name, "type": "Microsoft.ManagedIdentity/userAssignedIdentities", "location": cluster.location(), "tags": {},
        "properties": { "tenantId": store.settings.tenant, "principalId": principal, "clientId": client }
    });
    put(store, &id, "Microsoft.ManagedIdentity/userAssignedIdentities", body);
    json!({ "resourceId": id, "clientId": client, "objectId": principal })
}

/// When the cluster stands: kubelet and add-on identities, and the addresses it goes out by.
pub fn finish(store: &mut Store, id: &str, _: Millis) {
    let Some(cluster) = store.get(id).cloned() else { return };
    let mut body = cluster.body.clone();
    if at(&body, "identity").is_some() {
        let own = filled(&body, "properties.identityProfile.kubeletidentity.resourceId").map(str::to_owned);
        let shown = match own.as_deref().and_then(|o| store.get(o)) {
            Some(found) => {
                json!({ "resourceId": found.id, "clientId": at(&found.body, "properties.clientId"), "objectId": at(&found.body, "properties.principalId") })
            }
            None => identity(store, &cluster, &format!("{}-agentpool", cluster.name())),
        };
        set(&mut body, "properties.identityProfile.kubeletidentity", shown);
    }
    let addons: Vec<String> = at(&body, "properties.addonProfiles")
        .and_then(Json::as_object)
        .into_iter()
        .flatten()
        .filter(|(_, a)| flag(a, "enabled") && !text(a, "config.useAADAuth").is_some_and(|v| v.eq_ignore_ascii_case("true")))
        .map(|(n, _)| n.clone())
        .collect();
    for name in addons {
        let shown = identity(store, &cluster, &format!("{}-{}", name.to_ascii_lowercase(), cluster.name()));
        set(&mut body, &format!("properties.addonProfiles.{name}.identity"), shown);
    }
    if flag(&body, "properties.ingressProfile.webAppRouting.enabled") {
        let shown = identity(store, &cluster, &format!("webapprouting-{}", cluster.name()));
        set(&mut body, "properties.ingressProfile.webAppRouting.identity", shown);
    }
    for link in list_mut(&mut body, "properties.privateLinkResources").into_iter().flatten().filter(|l| text(l, "name").is_some()) {
        set(link, "id", format!("{}/privateLinkResources/{}", cluster.id, text(link, "name").unwrap_or("")));
    }
    if list(&body, "properties.privateLinkResources").is_empty() {
        crate::sim::jsons::remove(&mut body, "properties.privateLinkResources");
    }
    outbound(store, &cluster, &mut body);
    if let Some(resource) = store.get_mut(id) {
        resource.body = body;
    }
    end_upgrade(store, id);
}

/// Addresses the cluster goes out by: the user's own, or public addresses in the node resource group.
fn outbound(store: &mut Store, cluster: &Resource, body: &mut Json) {
    let kind = text(body, "properties.networkProfile.outboundType").unwrap_or("").to_owned();
    let (profile, count) = match kind.as_str() {
        "loadBalancer" => {
            let own = list(body, "properties.networkProfile.loadBalancerProfile.outboundIPs.publicIPs").to_vec();
            if !own.is_empty() {
                set(body, "properties.networkProfile.loadBalancerProfile.effectiveOutboundIPs", own);
                return;
            }
            let of = |m: &str| int(body, &format!("properties.networkProfile.loadBalancerProfile.managedOutboundIPs.{m}")).unwrap_or(0);
            ("loadBalancerProfile", of("count") + of("countIPv6"))
        }
        "managedNATGateway" | "managedNATGatewayV2" => {
            ("natGatewayProfile", int(body, "properties.networkProfile.natGatewayProfile.managedOutboundIPProfile.count").unwrap_or(1))
        }
        _ => return,
    };
    let mut shown = Vec::new();
    for n in 0..count {
        let sixth =
            profile == "loadBalancerProfile" && n >= int(body, "properties.networkProfile.loadBalancerProfile.managedOutboundIPs.count").unwrap_or(count);
        let name = format!("{}{}", derive(&store.seed, &format!("outbound {} {n}", cluster.id)), if sixth { "-ipv6" } else { "" });
        let id = format!("{}/providers/Microsoft.Network/publicIPAddresses/{name}", node_group_id(cluster));
        store.counter += 1;
        let guid = store.guid();
        let mut address = json!({
            "name": name, "id": id, "type": "Microsoft.Network/publicIPAddresses", "location": cluster.location(),
            "tags": { "aks-managed-cluster-name": cluster.name(), "aks-managed-type": "aks-slb-managed-outbound-ip" },
            "sku": { "name": "Standard", "tier": "Regional" },
            "properties": {
                "resourceGuid": guid, "publicIPAddressVersion": if sixth { "IPv6" } else { "IPv4" }, "publicIPAllocationMethod": "Static", "idleTimeoutInMinutes": 30,
                "ipTags": [], "ddosSettings": { "protectionMode": "VirtualNetworkInherited" }
            }
        });
        let ip = crate::sim::network::public::new_address(store, &address);
        set(&mut address, "properties.ipAddress", ip);
        put(store, &id, "Microsoft.Network/publicIPAddresses", address);
        shown.push(json!({ "id": id }));
    }
    set(body, &format!("properties.networkProfile.{profile}.effectiveOutboundIPs"), shown);
}

/// A pool that is gone gives its addresses back.
pub fn release_pool(store: &mut Store, _: &Json, _: Millis) {
    let clusters: Vec<String> = store.of_kind("Microsoft.ContainerService/managedClusters").map(|c| c.id.clone()).collect();
    for id in clusters {
        let Some(cluster) = store.get_mut(&id) else { continue };
        let names: Vec<String> = list(&cluster.body, "properties.agentPoolProfiles").iter().filter_map(|p| text(p, "name")).map(str::to_owned).collect();
        if let Some(grants) = list_mut(&mut cluster.hidden, "addresses") {
            grants.retain(|g| {
                let pool = text(g, "pool").unwrap_or("").split('/').next().unwrap_or("");
                pool == "kube-apiserver" || names.iter().any(|n| n == pool)
            });
        }
    }
}

/// A cluster that is gone takes its node resource group with it.
pub fn remove_all(store: &mut Store, body: &Json, now: Millis) {
    let subscription = text(body, "id").and_then(|id| segment_after(id, "subscriptions")).unwrap_or("");
    let group = text(body, "properties.nodeResourceGroup").unwrap_or("");
    let id = format!("/subscriptions/{subscription}/resourceGroups/{group}");
    if let Some(model) = crate::sim::model::model("Microsoft.Resources/resourceGroups")
        && store.get(&id).is_some()
    {
        crate::sim::engine::erase(store, model, &id, now);
    }
}
