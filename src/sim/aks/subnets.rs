//! What a cluster needs of the subnets it is put in: that they fit together, are free, lead somewhere, and may be used.

use serde_json::Value as Json;

use crate::{
    base::Prefix,
    sim::{
        authorization::may,
        fault::Fault,
        jsons::{at, filled, flag, int, list, text},
        network::addresses,
        place::Place,
        store::Store,
    },
};

/// The virtual network of a subnet id, lower-case.
fn network_of(subnet: &str) -> String {
    subnet.to_ascii_lowercase().split("/subnets/").next().unwrap_or("").to_owned()
}

/// Every subnet of the virtual networks that a cluster's pools are in.
pub fn neighbours(store: &Store, body: &Json) -> Vec<Json> {
    networks_of(body).iter().filter_map(|n| store.body(n)).flat_map(|n| list(n, "properties.subnets").to_vec()).collect()
}

/// The address spaces of those networks.
pub fn spaces(store: &Store, body: &Json) -> Vec<Prefix> {
    networks_of(body).iter().filter_map(|n| store.body(n)).flat_map(addresses::space).collect()
}

fn networks_of(body: &Json) -> Vec<String> {
    let mut networks: Vec<String> = list(body, "properties.agentPoolProfiles")
        .iter()
        .flat_map(|p| [filled(p, "vnetSubnetID"), filled(p, "podSubnetID")])
        .flatten()
        .map(network_of)
        .collect();
    networks.sort();
    networks.dedup();
    networks
}

/// Pools are all in custom subnets or none, in one virtual network; node subnets are not given to other services.
pub fn check(store: &Store, body: &Json) -> Result<(), Fault> {
    let pools = list(body, "properties.agentPoolProfiles");
    let custom: Vec<&str> = pools.iter().filter_map(|p| filled(p, "vnetSubnetID")).collect();
    if !custom.is_empty() && custom.len() < pools.len() {
        let message = "All agent pools must be in a custom subnet, or none: some have vnetSubnetID and some have not.";
        return Err(Fault::aks(400, "InvalidParameter", "agentPoolProfile.vnetSubnetID", message));
    }
    let networks = networks_of(body);
    if networks.len() > 1 {
        let message = format!("All agent pool subnets must be in the same virtual network; they are in {}.", networks.join(", "));
        return Err(Fault::aks(400, "InvalidParameter", "agentPoolProfile.vnetSubnetID", message));
    }
    for subnet in custom {
        let Some(found) = store.body(subnet) else { continue };
        if !list(found, "properties.delegations").is_empty() {
            let message = format!(
                "AgentPoolProfile subnet with id {subnet} cannot be used as it's a delegated subnet. Please check https://aka.ms/adv-network-prerequest for more details."
            );
            return Err(Fault::aks(400, "SubnetIsDelegated", "agentPoolProfile.vnetSubnetID", message));
        }
    }
    alone(store, body)?;
    names(body)?;
    for pool in pools {
        if let (Some(node), Some(pod)) = (filled(pool, "vnetSubnetID"), filled(pool, "podSubnetID"))
            && node.eq_ignore_ascii_case(pod)
        {
            let message = format!("The pod subnet and the node subnet of agent pool {} cannot be the same.", text(pool, "name").unwrap_or(""));
            return Err(Fault::aks(400, "InvalidParameter", "agentPoolProfile.podSubnetID", message));
        }
    }
    pod_subnets(store, body)
}

/// Addresses one node takes from the node subnet: with flat networking one more than its pods, else one.
pub fn per_node(pool: &Json, network: &Json) -> i64 {
    let flat = text(network, "networkPlugin") == Some("azure") && filled(network, "networkPluginMode").is_none() && filled(pool, "podSubnetID").is_none();
    if flat { int(pool, "maxPods").unwrap_or(30) + 1 } else { 1 }
}

/// Whether a subnet holds interfaces, endpoints or nodes, which a subnet of pods or API servers must not.
pub fn has_strangers(store: &Store, body: &Json, subnet: &str) -> bool {
    let is = |p: &Json| filled(p, "vnetSubnetID").is_some_and(|s| s.eq_ignore_ascii_case(subnet));
    let own_nodes = list(body, "properties.agentPoolProfiles").iter().any(is);
    own_nodes || !crate::sim::network::subnets::users(store, subnet).is_empty()
}

/// The refusal of a subnet that something else is in.
pub fn shared(subnet: &str, target: &str) -> Fault {
    let message = format!("Subnet {subnet} is used by other resources and cannot be used by the managed cluster. Use a subnet of its own.");
    Fault::aks(400, "SubnetWithExternalResourcesCannotBeUsedByOtherResources", target, message)
}

/// A kubenet cluster has its subnets for itself: its routes are in their table. Source: AKS kubenet page.
fn alone(store: &Store, body: &Json) -> Result<(), Fault> {
    let kubenet = |b: &Json| text(b, "properties.networkProfile.networkPlugin") == Some("kubenet");
    let subnets = |b: &Json| -> Vec<String> {
        list(b, "properties.agentPoolProfiles").iter().filter_map(|p| filled(p, "vnetSubnetID")).map(str::to_ascii_lowercase).collect()
    };
    let own = subnets(body);
    let others = store.of_kind("Microsoft.ContainerService/managedClusters").filter(|c| !text(body, "id").is_some_and(|i| i.eq_ignore_ascii_case(&c.id)));
    for other in others.filter(|o| kubenet(body) || kubenet(&o.body)) {
        if let Some(shared) = subnets(&other.body).iter().find(|s| own.contains(s)) {
            let message = format!("Subnet {shared} is used by cluster {}. A subnet with a kubenet cluster cannot be shared.", other.id);
            return Err(Fault::aks(400, "InvalidParameter", "agentPoolProfile.vnetSubnetID", message));
        }
    }
    Ok(())
}

/// With overlay and dynamic pod subnets, names along the way have at most 63 letters. Source: AKS changelog.
fn names(body: &Json) -> Result<(), Fault> {
    let overlay = text(body, "properties.networkProfile.networkPluginMode") == Some("overlay");
    for pool in list(body, "properties.agentPoolProfiles") {
        let dynamic = filled(pool, "podSubnetID").is_some() && text(pool, "podIPAllocationMode") != Some("StaticBlock");
        let ids = [filled(pool, "vnetSubnetID"), filled(pool, "podSubnetID")].into_iter().flatten().filter(|_| overlay || dynamic);
        if let Some(long) = ids.flat_map(|id| id.split('/')).find(|part| part.chars().count() > 63) {
            let message = format!("The name {long} is longer than the 63 characters that this network mode allows.");
            return Err(Fault::aks(400, "InvalidParameter", "agentPoolProfile.vnetSubnetID", message));
        }
    }
    Ok(())
}

/// A pod subnet holds pods and nothing else, and gives out addresses in one way.
fn pod_subnets(store: &Store, body: &Json) -> Result<(), Fault> {
    let target = "agentPoolProfile.podSubnetID";
    let blocks = |p: &Json| text(p, "podIPAllocationMode") == Some("StaticBlock");
    let clusters = store.of_kind("Microsoft.ContainerService/managedClusters").filter(|c| !text(body, "id").is_some_and(|i| i.eq_ignore_ascii_case(&c.id)));
    let others: Vec<&Json> = clusters.flat_map(|c| list(&c.body, "properties.agentPoolProfiles")).collect();
    let own = list(body, "properties.agentPoolProfiles");
    for pool in own {
        let Some(subnet) = filled(pool, "podSubnetID") else { continue };
        if has_strangers(store, body, subnet) {
            return Err(shared(subnet, target));
        }
        let services = store.body(subnet).map_or(&[][..], |s| list(s, "properties.delegations"));
        let theirs = |d: &&Json| !text(d, "properties.serviceName").is_some_and(|s| s.eq_ignore_ascii_case("Microsoft.ContainerService/managedClusters"));
        if services.iter().any(|d| theirs(&d)) {
            let message = format!("AgentPoolProfile subnet with id {subnet} cannot be used as it's a delegated subnet.");
            return Err(Fault::aks(400, "SubnetIsDelegated", target, message));
        }
        let same = |p: &&Json| filled(p, "podSubnetID").is_some_and(|s| s.eq_ignore_ascii_case(subnet));
        if own.iter().chain(others.iter().copied()).filter(same).any(|p| blocks(p) != blocks(pool)) {
            let message = format!("Subnet {subnet} is used with another pod IP allocation mode. A pod subnet has one mode.");
            return Err(Fault::aks(400, "InvalidParameter", "agentPoolProfile.podIPAllocationMode", message));
        }
    }
    Ok(())
}

/// With user-defined routing, the default route must be there and lead to an appliance or a gateway.
pub fn default_route(store: &Store, subnet: &str) -> Result<(), Fault> {
    let table = store.body(subnet).and_then(|s| text(s, "properties.routeTable.id"));
    let Some(table) = table.and_then(|t| store.body(t)) else {
        let message = format!(
            "A route table with a 0.0.0.0/0 route must be associated with subnet {subnet} for outbound type userDefinedRouting. Please see http://aka.ms/aks/outboundtype for more details"
        );
        return Err(Fault::aks(400, "ExistingRouteTableNotAssociatedWithSubnet", "networkProfile.outboundType", message));
    };
    let route = list(table, "properties.routes").iter().find(|r| text(r, "properties.addressPrefix") == Some("0.0.0.0/0"));
    let Some(route) = route else {
        let message = format!(
            "Route table {} does not have a default route 0.0.0.0/0. Please see http://aka.ms/aks/outboundtype for more details",
            text(table, "id").unwrap_or("")
        );
        return Err(Fault::aks(400, "RouteTableMissingDefaultRoute", "networkProfile.outboundType", message));
    };
    let hop = text(route, "properties.nextHopType").unwrap_or("");
    if ["VirtualAppliance", "VirtualNetworkGateway"].iter().any(|h| h.eq_ignore_ascii_case(hop)) {
        return Ok(());
    }
    let message = format!(
        "Default route 0.0.0.0/0 has a next hop of {hop} but only next hops of VirtualAppliance or VirtualNetworkGateway are allowed. Please see http://aka.ms/aks/outboundtype for more details"
    );
    Err(Fault::aks(400, "RouteTableInvalidNextHop", "networkProfile.outboundType", message))
}

/// A user-assigned identity must hold its rights before the cluster is made. A system-assigned one can only be given them after.
pub fn permissions(store: &Store, id: &str, body: &Json, network: &Json) -> Result<(), Fault> {
    if !store.settings.check_permissions || !text(body, "identity.type").is_some_and(|t| t.contains("UserAssigned")) {
        return Ok(());
    }
    let identity = at(body, "identity.userAssignedIdentities").and_then(Json::as_object).and_then(|o| o.keys().next()).and_then(|k| store.get(k));
    let Some(identity) = identity else { return Ok(()) };
    let principal = text(&identity.body, "properties.principalId").unwrap_or("");
    let client = text(&identity.body, "properties.clientId").unwrap_or("");
    for pool in list(body, "properties.agentPoolProfiles") {
        for subnet in [filled(pool, "vnetSubnetID"), filled(pool, "podSubnetID")].into_iter().flatten() {
            let action = "Microsoft.Network/virtualNetworks/subnets/join/action";
            if !may(store, principal, subnet, action) {
                let message = format!(
                    "The client '{client}' with object id '{principal}' has permission to perform action 'Microsoft.ContainerService/managedClusters/write' on scope '{id}'; however, it does not have permission to perform action(s) '{action}' on the linked scope(s) '{subnet}' (respectively) or the linked scope(s) are invalid."
                );
                return Err(Fault::gateway(403, "LinkedAuthorizationFailed", message));
            }
            table_permission(store, principal, subnet, network)?;
        }
    }
    dns_permission(store, principal, body)?;
    kubelet_permission(store, principal, body)
}

/// AKS writes routes for kubenet, and checks the same right for user-defined routing.
fn table_permission(store: &Store, principal: &str, subnet: &str, network: &Json) -> Result<(), Fault> {
    let writes = text(network, "networkPlugin") == Some("kubenet") || text(network, "outboundType") == Some("userDefinedRouting");
    let table = store.body(subnet).and_then(|s| text(s, "properties.routeTable.id")).filter(|_| writes);
    let Some(table) = table.filter(|t| !may(store, principal, t, "Microsoft.Network/routeTables/write")) else { return Ok(()) };
    let message = format!(
        "Managed identity or service principal must be given permission to read and write to custom route table {table}. The cluster using user-assigned managed identity must be granted permission before cluster creation. Check access result not allowed for action Microsoft.Network/routeTables/write."
    );
    Err(Fault::aks(400, "CustomRouteTableMissingPermission", "", message))
}

fn dns_permission(store: &Store, principal: &str, body: &Json) -> Result<(), Fault> {
    let zone = filled(body, "properties.apiServerAccessProfile.privateDNSZone").filter(|z| z.starts_with('/'));
    let Some(zone) = zone.filter(|_| flag(body, "properties.apiServerAccessProfile.enablePrivateCluster")) else { return Ok(()) };
    if !store.exists(zone) {
        let group = Place::of(zone).group.unwrap_or_default();
        let name = zone.rsplit('/').next().unwrap_or("");
        let message = format!(
            "The Resource 'Microsoft.Network/privateDnsZones/{name}' under resource group '{group}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix"
        );
        return Err(Fault::aks(404, "ResourceNotFound", "apiServerAccessProfile.privateDNSZone", message));
    }
    if may(store, principal, zone, "Microsoft.Network/privateDnsZones/A/write") {
        return Ok(());
    }
    let message = format!(
        "Service principal or user assigned identity must be given permission to read and write to custom private dns zone {zone}. Check access result not allowed for action Microsoft.Network/privateDnsZones/read."
    );
    Err(Fault::aks(400, "CustomPrivateDNSZoneMissingPermissionError", "", message))
}

/// The cluster's identity hands the kubelet's identity to the nodes, and needs the right to.
fn kubelet_permission(store: &Store, principal: &str, body: &Json) -> Result<(), Fault> {
    let kubelet = filled(body, "properties.identityProfile.kubeletidentity.resourceId");
    let custom = kubelet.filter(|k| !k.to_ascii_lowercase().contains("/resourcegroups/mc_"));
    let Some(kubelet) = custom.filter(|k| !may(store, principal, k, "Microsoft.ManagedIdentity/userAssignedIdentities/x/assign/action")) else { return Ok(()) };
    let message = format!(
        "The cluster user assigned identity must be given permission to assign kubelet identity {kubelet}. Check access result not allowed for action Microsoft.ManagedIdentity/userAssignedIdentities/assign/action."
    );
    Err(Fault::aks(400, "CustomKubeletIdentityMissingPermissionError", "", message))
}
