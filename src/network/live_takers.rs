//! What takes addresses of subnets in Azure besides nodes and pods, from resources as Resource Manager lists them.

use std::collections::HashSet;

use serde_json::Value as Json;

use crate::base::ResourceId;

use super::{
    live::{id_of, list, text},
    model::{Addresses, Known, Origin, Taken, TakenKind},
};

/// Instances of a Bastion host or an application gateway that says nothing of them. Source: Azure Bastion and Application
/// Gateway pages.
const INSTANCES: u32 = 2;

/// Every address that is taken by the resources themselves. The nodes of scale sets are not in these lists.
pub fn takers(bodies: &[&Json]) -> Vec<Taken> {
    let listed: HashSet<ResourceId> = bodies.iter().filter_map(|b| id_of(b)).collect();
    let mut out = Vec::new();
    for body in bodies {
        let Some(id) = id_of(body) else { continue };
        match id.kind().unwrap_or_default().to_ascii_lowercase().as_str() {
            "microsoft.network/networkinterfaces" => interface(&id, body, &listed, &mut out),
            "microsoft.network/loadbalancers" => configs(&id, TakenKind::Frontend, list(body, "/properties/frontendIPConfigurations"), &mut out),
            "microsoft.network/privateendpoints" => endpoint(&id, body, &listed, &mut out),
            "microsoft.network/privatelinkservices" => configs(&id, TakenKind::PrivateLinkService, list(body, "/properties/ipConfigurations"), &mut out),
            "microsoft.network/virtualnetworkgateways" => configs(&id, TakenKind::Gateway, list(body, "/properties/ipConfigurations"), &mut out),
            "microsoft.network/applicationgateways" => application_gateway(&id, body, &mut out),
            "microsoft.network/azurefirewalls" => {
                configs(&id, TakenKind::Firewall, list(body, "/properties/ipConfigurations"), &mut out);
                let management = body.pointer("/properties/managementIpConfiguration").map(std::slice::from_ref);
                configs(&id, TakenKind::FirewallManagement, management.unwrap_or_default(), &mut out);
            }
            "microsoft.network/bastionhosts" => bastion(&id, body, &mut out),
            "microsoft.network/virtualhubs" => configs(&id, TakenKind::RouteServer, list(body, "/properties/ipConfigurations"), &mut out),
            _ => {}
        }
    }
    out
}

/// One address for each configuration that is in a subnet; a configuration without one is public. IPv6 addresses are not
/// scarce, and are left out.
fn configs(id: &ResourceId, kind: TakenKind, configs: &[Json], out: &mut Vec<Taken>) {
    for config in configs {
        let Some(subnet) = text(config, "/properties/subnet/id").and_then(ResourceId::parse) else { continue };
        if text(config, "/properties/privateIPAddressVersion").is_some_and(|v| v.eq_ignore_ascii_case("IPv6")) {
            continue;
        }
        out.push(Taken::new(kind, Known::Is(subnet), Origin::new(id, None), address(config)));
    }
}

/// The address itself where it was asked for: one that Azure chose may be another tomorrow.
fn address(config: &Json) -> Addresses {
    let fixed = text(config, "/properties/privateIPAllocationMethod").is_some_and(|m| m.eq_ignore_ascii_case("Static"));
    let given = text(config, "/properties/privateIPAddress").filter(|_| fixed).and_then(|a| a.parse().ok());
    given.map_or(Addresses::Dynamic(1), Addresses::Static)
}

/// An interface counts for what it was made for: a private endpoint's or a private link service's counts for that.
fn interface(id: &ResourceId, body: &Json, listed: &HashSet<ResourceId>, out: &mut Vec<Taken>) {
    let owner = |name: &str| text(body, &format!("/properties/{name}/id")).and_then(ResourceId::parse);
    let found = list(body, "/properties/ipConfigurations");
    match (owner("privateEndpoint"), owner("privateLinkService")) {
        (Some(endpoint), _) => configs(&endpoint, TakenKind::PrivateEndpoint, found, out),
        (_, Some(service)) if listed.contains(&service) => {}
        (_, Some(service)) => configs(&service, TakenKind::PrivateLinkService, found, out),
        _ => configs(id, TakenKind::NetworkInterface, found, out),
    }
}

/// A private endpoint whose interface is not listed: an address for each configuration it names, one at least.
fn endpoint(id: &ResourceId, body: &Json, listed: &HashSet<ResourceId>, out: &mut Vec<Taken>) {
    let interfaces = list(body, "/properties/networkInterfaces");
    if interfaces.iter().filter_map(id_of).any(|i| listed.contains(&i)) {
        return;
    }
    let Some(subnet) = text(body, "/properties/subnet/id").and_then(ResourceId::parse) else { return };
    let named: Vec<Addresses> = list(body, "/properties/ipConfigurations")
        .iter()
        .filter_map(|c| text(c, "/properties/privateIPAddress")?.parse().ok())
        .map(Addresses::Static)
        .collect();
    let named = if named.is_empty() { vec![Addresses::Dynamic(1)] } else { named };
    out.extend(named.into_iter().map(|a| Taken::new(TakenKind::PrivateEndpoint, Known::Is(subnet.clone()), Origin::new(id, None), a)));
}

/// Instances in the gateway's subnet, and private frontends.
fn application_gateway(id: &ResourceId, body: &Json, out: &mut Vec<Taken>) {
    let number = |path: &str| body.pointer(path).and_then(Json::as_u64).and_then(|n| u32::try_from(n).ok());
    let most = number("/properties/autoscaleConfiguration/maxCapacity");
    let fewest = number("/properties/autoscaleConfiguration/minCapacity").or_else(|| number("/properties/sku/capacity"));
    let subnets = list(body, "/properties/gatewayIPConfigurations").iter().filter_map(|c| text(c, "/properties/subnet/id").and_then(ResourceId::parse));
    out.extend(subnets.map(|s| Taken::application_gateway(Known::Is(s), Origin::new(id, None), fewest.unwrap_or(INSTANCES), most)));
    configs(id, TakenKind::Frontend, list(body, "/properties/frontendIPConfigurations"), out);
}

/// A Bastion host takes an address for each instance.
fn bastion(id: &ResourceId, body: &Json, out: &mut Vec<Taken>) {
    let instances = body.pointer("/properties/scaleUnits").and_then(Json::as_u64).and_then(|n| u32::try_from(n).ok()).unwrap_or(INSTANCES);
    for config in list(body, "/properties/ipConfigurations") {
        let Some(subnet) = text(config, "/properties/subnet/id").and_then(ResourceId::parse) else { continue };
        out.push(Taken::new(TakenKind::Bastion, Known::Is(subnet), Origin::new(id, None), Addresses::Dynamic(instances)));
    }
}
