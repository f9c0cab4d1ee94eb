//! The network model of what lives in Azure, made from resources as Resource Manager lists them. Pure: who asks, and for
//! what, is decided elsewhere.

use std::collections::{HashMap, HashSet};

use serde_json::Value as Json;

use crate::base::ResourceId;

use super::{
    live_takers,
    merge::{count_others, held},
    model::{Cidr, Cluster, Known, Model, NextHop, Origin, Peering, Plugin, Pool, Route, RouteTable, Subnet, Usage, Vnet},
};

/// The model of some resources, each whole, of whatever type; those that have to do with addresses count. `usages` are the rows of
/// the `usages` lists of VNets. Every part's origin is its ARM id.
pub fn model(bodies: &[&Json], usages: &[Json]) -> Model {
    let mut model = Model::default();
    let mut loose = Vec::new();
    let whole: HashSet<ResourceId> = bodies.iter().filter(|b| b.pointer("/properties/addressSpace").is_some()).filter_map(|b| id_of(b)).collect();
    for body in bodies {
        let Some(id) = id_of(body) else { continue };
        match id.kind().unwrap_or_default().to_ascii_lowercase().as_str() {
            "microsoft.network/virtualnetworks" => model.vnets.push(vnet(id, body)),
            "microsoft.network/virtualnetworks/subnets" => {
                // Its VNet lists it.
                let vnet = id.parent().filter(|v| !whole.contains(v));
                loose.extend(vnet.map(|vnet| (vnet, subnet(&id, body))));
            }
            "microsoft.network/routetables" => model.route_tables.push(route_table(id, body)),
            "microsoft.containerservice/managedclusters" => model.clusters.push(cluster(id, body)),
            _ => {}
        }
    }
    model.taken = live_takers::takers(bodies);
    // A subnet that was read by itself belongs to a VNet of which nothing else may be known.
    let outside = loose.into_iter().map(|(vnet, subnet)| Vnet { subnets: vec![subnet], live: true, ..Vnet::unseen(vnet) }).collect();
    let mut model = model.with([Model { vnets: outside, ..Model::default() }]);
    set_usages(&mut model, usages);
    let held = held(&model);
    count_others(&mut model, &held);
    model
}

/// Spaces of VNets that nobody read, as their peers remember them.
///
/// A peering holds the address space of its other side, which may lie in a subscription that the caller cannot see. A peer
/// that is known otherwise is not among them.
pub fn remembered_peers(bodies: &[&Json]) -> Model {
    let mut vnets: Vec<Vnet> = Vec::new();
    for peering in bodies.iter().flat_map(|b| list(b, "/properties/virtualNetworkPeerings")) {
        let Some(remote) = text(peering, "/properties/remoteVirtualNetwork/id").and_then(ResourceId::parse) else { continue };
        let given = ["/properties/remoteVirtualNetworkAddressSpace", "/properties/remoteAddressSpace"];
        let spaces = given.iter().map(|p| prefixes(peering, &format!("{p}/addressPrefixes"))).find(|p| !p.is_empty()).unwrap_or_default();
        if !spaces.is_empty() && !vnets.iter().any(|v| v.id == remote) {
            let origin = Origin::new(&remote, None);
            vnets.push(Vnet { spaces, live: true, ..Vnet::new(remote, origin) });
        }
    }
    Model { vnets, ..Model::default() }
}

/// How many addresses of a subnet are in use, from a row of a `usages` list.
pub fn usage(row: &Json) -> Option<(ResourceId, Usage)> {
    let number = |name: &str| row.get(name).and_then(Json::as_f64).map(|n| n as i64);
    Some((id_of(row)?, Usage { used: number("currentValue")?, limit: number("limit")? }))
}

fn set_usages(model: &mut Model, rows: &[Json]) {
    let usages: HashMap<ResourceId, Usage> = rows.iter().filter_map(usage).collect();
    for subnet in model.vnets.iter_mut().flat_map(|v| &mut v.subnets) {
        subnet.usage = usages.get(&subnet.id).copied();
    }
}

fn vnet(id: ResourceId, body: &Json) -> Vnet {
    let origin = Origin::new(&id, None);
    let mut vnet = Vnet { spaces: prefixes(body, "/properties/addressSpace/addressPrefixes"), live: true, ..Vnet::new(id.clone(), origin) };
    for found in list(body, "/properties/subnets") {
        let own = id_of(found).or_else(|| Some(id.child("subnets", text(found, "/name")?)));
        vnet.subnets.extend(own.map(|own| subnet(&own, found)));
    }
    for found in list(body, "/properties/virtualNetworkPeerings") {
        let own = id_of(found).or_else(|| Some(id.child("virtualNetworkPeerings", text(found, "/name")?)));
        vnet.peerings.extend(own.and_then(|own| peering(&own, found)));
    }
    vnet
}

fn subnet(id: &ResourceId, body: &Json) -> Subnet {
    let mut found = prefixes(body, "/properties/addressPrefixes");
    if found.is_empty() {
        found.extend(text(body, "/properties/addressPrefix").map(|p| Cidr::parse(p, None)));
    }
    let reference = |name: &str| text(body, &format!("/properties/{name}/id")).and_then(ResourceId::parse).map(Known::Is);
    Subnet {
        delegations: list(body, "/properties/delegations").iter().filter_map(|d| text(d, "/properties/serviceName")).map(str::to_owned).collect(),
        route_table: reference("routeTable"),
        security_group: reference("networkSecurityGroup"),
        live: true,
        ..Subnet::new(id.clone(), Origin::new(id, None), found)
    }
}

fn peering(id: &ResourceId, body: &Json) -> Option<Peering> {
    let remote = text(body, "/properties/remoteVirtualNetwork/id").and_then(ResourceId::parse)?;
    Some(Peering {
        forwarded_traffic: flag(body, "/properties/allowForwardedTraffic"),
        gateway_transit: flag(body, "/properties/allowGatewayTransit"),
        remote_gateways: flag(body, "/properties/useRemoteGateways"),
        ..Peering::new(Known::Is(remote), Origin::new(id, None))
    })
}

fn route_table(id: ResourceId, body: &Json) -> RouteTable {
    let route = |r: &Json| {
        let name = text(r, "/name")?;
        let destination = text(r, "/properties/addressPrefix")?;
        Some(Route {
            name: name.to_owned(),
            origin: Origin::new(id.child("routes", name), None),
            destination: destination.contains('/').then(|| Cidr::parse(destination, None)),
            next_hop: NextHop::of(text(r, "/properties/nextHopType"), text(r, "/properties/nextHopIpAddress")),
        })
    };
    RouteTable { origin: Origin::new(&id, None), routes: list(body, "/properties/routes").iter().filter_map(route).collect(), id }
}

impl NextHop {
    /// From Azure's words and the appliance's address.
    pub fn of(kind: Option<&str>, address: Option<&str>) -> NextHop {
        match kind.unwrap_or_default().to_ascii_lowercase().as_str() {
            "virtualappliance" => match address.and_then(|a| a.parse().ok()) {
                Some(address) => NextHop::Appliance(Known::Is(address)),
                None => NextHop::Appliance(Known::Unknown("the appliance's address".to_owned())),
            },
            "virtualnetworkgateway" => NextHop::Gateway,
            "vnetlocal" => NextHop::VnetLocal,
            "internet" => NextHop::Internet,
            "none" => NextHop::Nowhere,
            other => NextHop::Unknown(other.to_owned()),
        }
    }
}

fn cluster(id: ResourceId, body: &Json) -> Cluster {
    let network = |name: &str| text(body, &format!("/properties/networkProfile/{name}")).filter(|t| !t.is_empty());
    let ranges = |many: &str, one: &str| {
        let found = prefixes(body, &format!("/properties/networkProfile/{many}"));
        if found.is_empty() { network(one).map(|p| Cidr::parse(p, None)).into_iter().collect() } else { found }
    };
    let integrated = flag(body, "/properties/apiServerAccessProfile/enableVnetIntegration");
    let api = text(body, "/properties/apiServerAccessProfile/subnetId").and_then(ResourceId::parse);
    let version = text(body, "/properties/currentKubernetesVersion").or(text(body, "/properties/kubernetesVersion"));
    let plugin = Plugin::of(network("networkPlugin"), network("networkPluginMode"));
    Cluster {
        name: id.name().to_owned(),
        origin: Origin::new(&id, None),
        plugin: plugin.map_or_else(|| Known::Unknown(format!("the network plugin of {id}")), Known::Is),
        pod_cidrs: ranges("podCidrs", "podCidr"),
        service_cidrs: ranges("serviceCidrs", "serviceCidr"),
        dns_service_ip: network("dnsServiceIP").and_then(|t| t.parse().ok()).map(Known::Is),
        dual_stack: list(body, "/properties/networkProfile/ipFamilies").iter().any(|f| f == "IPv6"),
        private: flag(body, "/properties/apiServerAccessProfile/enablePrivateCluster") && !integrated,
        api_server_subnet: api.filter(|_| integrated).map(Known::Is),
        pools: list(body, "/properties/agentPoolProfiles").iter().filter_map(|p| pool(&id, p)).collect(),
        auto_provisioned: text(body, "/properties/nodeProvisioningProfile/mode").is_some_and(|m| m.eq_ignore_ascii_case("Auto")),
        live: true,
        version: Known::Is(version.and_then(minor)),
        network_policy: network("networkPolicy").map(str::to_owned),
        user_assigned: text(body, "/identity/type").map(|t| t.contains("UserAssigned")),
        id: Some(id),
    }
}

/// Major and minor of `1.33` or `1.33.5`.
pub fn minor(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

fn pool(cluster: &ResourceId, body: &Json) -> Option<Pool> {
    let name = text(body, "/name")?;
    let number = |path: &str| body.pointer(path).and_then(Json::as_u64).and_then(|n| u32::try_from(n).ok());
    let id = |path: &str| text(body, path).filter(|t| !t.is_empty()).and_then(ResourceId::parse).map(Known::Is);
    let word = |path: &str, wanted: &str| text(body, path).is_some_and(|t| t.eq_ignore_ascii_case(wanted));
    let given = |path: &str| Known::Is(text(body, path).filter(|t| !t.is_empty()).map(str::to_owned));
    let scales = flag(body, "/enableAutoScaling");
    Some(Pool {
        name: name.to_owned(),
        origin: Origin::new(cluster.child("agentPools", name), None),
        system: word("/mode", "System"),
        count: Known::Is(number("/count").or_else(|| number("/minCount")).unwrap_or(1)),
        max: if scales { number("/maxCount").map(Known::Is) } else { None },
        max_pods: Known::Is(number("/maxPods").filter(|n| *n > 0)),
        max_surge: given("/upgradeSettings/maxSurge"),
        max_unavailable: given("/upgradeSettings/maxUnavailable"),
        spot: word("/scaleSetPriority", "Spot"),
        blue_green: word("/upgradeStrategy", "BlueGreen"),
        windows: word("/osType", "Windows"),
        node_subnet: id("/vnetSubnetID"),
        pod_subnet: id("/podSubnetID"),
        static_blocks: word("/podIPAllocationMode", "StaticBlock"),
        ..Pool::default()
    })
}

pub(super) fn id_of(body: &Json) -> Option<ResourceId> {
    ResourceId::parse(text(body, "/id")?)
}

pub(super) fn text<'a>(body: &'a Json, path: &str) -> Option<&'a str> {
    body.pointer(path).and_then(Json::as_str)
}

pub(super) fn flag(body: &Json, path: &str) -> bool {
    body.pointer(path).and_then(Json::as_bool).unwrap_or(false)
}

pub(super) fn list<'a>(body: &'a Json, path: &str) -> &'a [Json] {
    body.pointer(path).and_then(Json::as_array).map_or(&[], Vec::as_slice)
}

fn prefixes(body: &Json, path: &str) -> Vec<Cidr> {
    list(body, path).iter().filter_map(Json::as_str).map(|p| Cidr::parse(p, None)).collect()
}
