//! AKS's own checks of a cluster: shapes, ranges, address room, routes and permissions, in the order AKS makes them.

use std::net::IpAddr;

use serde_json::Value as Json;

use super::{pools, pools::Context, room, subnets};
use crate::{
    base::Prefix,
    sim::{
        fault::Fault,
        jsons::{at, filled, flag, int, list, text, texts},
        network::addresses,
        store::Store,
    },
};

fn invalid(parameter: &str, reason: &str) -> Fault {
    Fault::aks(400, "InvalidParameter", parameter, format!("The value of parameter {parameter} is invalid. Error details: {reason}"))
}

/// Checks on one pool that need nothing else.
pub fn pool_shape(pool: &Json, context: &Context) -> Result<(), Fault> {
    let name = text(pool, "name").unwrap_or("");
    let windows = text(pool, "osType") == Some("Windows");
    let longest = if windows { 6 } else { 12 };
    let good =
        name.starts_with(|c: char| c.is_ascii_lowercase()) && name.len() <= longest && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    if !good {
        let reason = format!(
            "Agent pool name '{name}' must begin with a lowercase letter, contain only lowercase letters and digits, and be at most {longest} characters long. Please see https://aka.ms/aks-naming-rules for more details."
        );
        return Err(invalid("agentPoolProfile.name", &reason));
    }
    let system = text(pool, "mode") == Some("System");
    let (count, low, high) = (int(pool, "count").unwrap_or(1), int(pool, "minCount"), int(pool, "maxCount"));
    let least = i64::from(system);
    if !(least..=1000).contains(&count) {
        return Err(invalid("agentPoolProfile.count", &format!("Agent pool {name} has {count} nodes; it must have between {least} and 1000.")));
    }
    if flag(pool, "enableAutoScaling") {
        let (Some(low), Some(high)) = (low, high) else {
            return Err(invalid(
                "agentPoolProfile.enableAutoScaling",
                &format!("minCount and maxCount of agent pool {name} are required when auto scaling is on."),
            ));
        };
        if low < least || high > 1000 || low > high {
            return Err(invalid(
                "agentPoolProfile.maxCount",
                &format!("Auto scaling of agent pool {name} needs {least} <= minCount <= maxCount <= 1000; got {low} and {high}."),
            ));
        }
    }
    if system && windows {
        return Err(invalid("agentPoolProfile.mode", "A system agent pool must have osType Linux."));
    }
    if system && text(pool, "scaleSetPriority") == Some("Spot") {
        return Err(invalid("agentPoolProfile.mode", "A system agent pool cannot be of scale set priority Spot."));
    }
    if let Some(most) = int(pool, "maxPods").filter(|m| *m > 0) {
        if !(10..=250).contains(&most) {
            return Err(invalid(
                "agentPoolProfile.kubernetesConfig.kubeletConfig.maxPods",
                &format!("maxPods of agent pool {name} is {most}; it must be between 10 and 250."),
            ));
        }
        let nodes = pools::most_nodes(pool).max(1);
        if most * nodes < 30 && system {
            return Err(invalid(
                "agentPoolProfile.kubernetesConfig.kubeletConfig.maxPods",
                &format!("Agent pool {name} has room for {} pods; it must have room for at least 30.", most * nodes),
            ));
        }
    }
    let overlay = text(context.network, "networkPluginMode") == Some("overlay");
    if overlay && filled(pool, "podSubnetID").is_some() {
        return Err(invalid("agentPoolProfile.podSubnetID", "Pod subnet cannot be used with network plugin mode overlay."));
    }
    surge_shape(pool, name)
}

/// A surge is a whole number or a percentage; without surge something else must give way.
fn surge_shape(pool: &Json, name: &str) -> Result<(), Fault> {
    let Some(surge) = filled(pool, "upgradeSettings.maxSurge") else { return Ok(()) };
    let number: Option<u32> = surge.trim_end_matches('%').parse().ok();
    let Some(number) = number else {
        return Err(invalid("agentPoolProfile.upgradeSettings.maxSurge", &format!("'{surge}' of agent pool {name} is neither a number nor a percentage.")));
    };
    let unavailable = filled(pool, "upgradeSettings.maxUnavailable").unwrap_or("0");
    if number == 0 && unavailable.trim_end_matches('%') == "0" {
        return Err(invalid("agentPoolProfile.upgradeSettings.maxSurge", &format!("maxSurge and maxUnavailable of agent pool {name} cannot both be 0.")));
    }
    Ok(())
}

/// All checks on a whole cluster, pools included. `body` is as it would be stored. Gives the extra nodes of the upgrade
/// that the write starts.
pub fn cluster(store: &Store, id: &str, body: &Json, old: Option<&Json>) -> Result<room::Surge, Fault> {
    let pools = list(body, "properties.agentPoolProfiles");
    let has_system = pools.iter().any(|p| text(p, "mode") == Some("System"));
    if !has_system {
        return Err(Fault::aks(400, "InvalidParameter", "agentPoolProfiles", "Must define at least one system pool."));
    }
    let mut names: Vec<&str> = pools.iter().filter_map(|p| text(p, "name")).collect();
    names.sort_unstable();
    if names.windows(2).any(|w| w.first() == w.last()) {
        return Err(Fault::aks(400, "InvalidParameter", "agentPoolProfiles.name", "Agent pool names must be unique."));
    }
    let network = at(body, "properties.networkProfile").cloned().unwrap_or(Json::Null);
    plugin(&network)?;
    ranges(store, body, &network)?;
    subnets::check(store, body)?;
    outbound(store, body, &network)?;
    let surge = room::check(store, id, body, old, &network)?;
    if old.is_none() || old.is_some_and(|o| at(o, "identity") != at(body, "identity")) {
        subnets::permissions(store, id, body, &network)?;
    }
    Ok(surge)
}

/// Combinations of plugin, mode, policy and data plane. Source: AKS networking documentation.
fn plugin(network: &Json) -> Result<(), Fault> {
    let of = |name: &str| filled(network, name).unwrap_or("");
    let (plugin, mode, policy, dataplane) = (of("networkPlugin"), of("networkPluginMode"), of("networkPolicy"), of("networkDataplane"));
    for (name, value, allowed) in [
        ("networkProfile.networkPlugin", plugin, &["azure", "kubenet", "none"][..]),
        ("networkProfile.networkPluginMode", mode, &["", "overlay"]),
        ("networkProfile.networkPolicy", policy, &["", "none", "azure", "calico", "cilium"]),
        ("networkProfile.networkDataplane", dataplane, &["", "azure", "cilium"]),
        (
            "networkProfile.outboundType",
            of("outboundType"),
            &["loadBalancer", "userDefinedRouting", "managedNATGateway", "managedNATGatewayV2", "userAssignedNATGateway", "none", "block"],
        ),
    ] {
        if !allowed.contains(&value) {
            return Err(invalid(
                name,
                &format!("'{value}' is not one of: {}.", allowed.iter().filter(|a| !a.is_empty()).copied().collect::<Vec<_>>().join(", ")),
            ));
        }
    }
    if mode == "overlay" && plugin != "azure" {
        return Err(invalid("networkProfile.networkPluginMode", "Network plugin mode overlay requires network plugin azure."));
    }
    if policy == "cilium" && dataplane != "cilium" {
        return Err(invalid("networkProfile.networkPolicy", "Network policy cilium requires network dataplane cilium."));
    }
    if dataplane == "cilium" && (plugin != "azure" || !matches!(policy, "" | "cilium" | "none")) {
        return Err(invalid("networkProfile.networkDataplane", "Network dataplane cilium requires network plugin azure and network policy cilium or none."));
    }
    if plugin == "kubenet" && policy == "azure" {
        return Err(invalid("networkProfile.networkPolicy", "Network policy azure is not supported with network plugin kubenet."));
    }
    Ok(())
}

/// Ranges AKS keeps for itself. Source: AKS CNI overview.
const FORBIDDEN: &[&str] = &["169.254.0.0/16", "192.0.2.0/24", "172.30.0.0/16", "172.31.0.0/16"];

/// A range as AKS reads it: an address without a length, and one with host bits, is the network it lies in.
pub fn range(given: &str) -> Option<Prefix> {
    let spelled = if given.contains('/') { given.to_owned() } else { format!("{given}/32") };
    match spelled.parse::<Prefix>() {
        Ok(prefix) => Some(prefix),
        Err(crate::base::cidr::PrefixError::HostBits { network, .. }) => Some(network),
        Err(_) => None,
    }
}

/// The ranges of a network profile under one name and its plural.
pub fn ranges_of(network: &Json, one: &str) -> Result<Vec<Prefix>, Fault> {
    let many = format!("{one}s");
    let mut found = Vec::new();
    for given in filled(network, one).into_iter().chain(texts(network, &many)) {
        let range = range(given).ok_or_else(|| invalid(&format!("networkProfile.{one}"), &format!("invalid CIDR address: {given}")))?;
        if !found.contains(&range) {
            found.push(range);
        }
    }
    Ok(found)
}

const SERVICE: &str = "networkProfile.serviceCIDR";
const POD: &str = "networkProfile.podCIDR";

/// Service and pod ranges: size, forbidden ranges, each other, the network's space, and every subnet of the network.
fn ranges(store: &Store, body: &Json, network: &Json) -> Result<(), Fault> {
    let (services, pods) = (ranges_of(network, "serviceCidr")?, ranges_of(network, "podCidr")?);
    for service in &services {
        service_range(*service)?;
    }
    if let (Some(service), Some(ip)) = (services.first(), filled(network, "dnsServiceIP")) {
        dns(*service, ip)?;
    }
    for (range, target, what) in services.iter().map(|p| (p, SERVICE, "service")).chain(pods.iter().map(|p| (p, POD, "pod"))) {
        if let Some(reserved) = FORBIDDEN.iter().filter_map(|f| f.parse::<Prefix>().ok()).find(|f| range.overlaps(*f)) {
            let message = format!("The specified {what} CIDR {range} overlaps with the reserved range {reserved}.");
            return Err(Fault::aks(400, "InvalidCIDRReserved", target, message));
        }
    }
    let spaces = subnets::spaces(store, body);
    for (space, reserved) in spaces.iter().flat_map(|s| FORBIDDEN.iter().filter_map(|f| f.parse::<Prefix>().ok()).map(move |f| (s, f))) {
        if space.overlaps(reserved) {
            let message = format!("The virtual network CIDR {space} overlaps with the reserved range {reserved}.");
            return Err(Fault::aks(400, "InvalidCIDRReserved", "agentPoolProfile.vnetSubnetID", message));
        }
    }
    if let Some((pod, service)) = pods.iter().flat_map(|p| services.iter().map(move |s| (p, s))).find(|(p, s)| p.overlaps(**s)) {
        let message = format!("The specified pod CIDR {pod} conflicts with the service CIDR {service}.");
        return Err(Fault::aks(400, "PodCidrOverlapServiceCidr", POD, message));
    }
    for subnet in subnets::neighbours(store, body) {
        for range in addresses::prefixes(&subnet) {
            if let Some(service) = services.iter().find(|s| s.overlaps(range)) {
                let message = format!("The specified service CIDR {service} is conflicted with an existing subnet CIDR {range}");
                return Err(Fault::aks(400, "ServiceCidrOverlapExistingSubnetsCidr", SERVICE, message));
            }
            if let Some(pods) = pods.iter().find(|p| p.overlaps(range)) {
                let message = format!("The specified pod CIDR {pods} is conflicted with an existing subnet CIDR {range}");
                return Err(Fault::aks(400, "PodCidrOverlapExistingSubnetsCidr", POD, message));
            }
        }
    }
    // The routes of kubenet's pods go into the network's own table, so that its whole space is looked at.
    let kubenet = text(network, "networkPlugin") == Some("kubenet");
    for space in spaces.into_iter().filter(|_| kubenet) {
        if let Some(pods) = pods.iter().find(|p| p.overlaps(space)) {
            let message = format!("NetworkProfile CIDR {pods} overlaps with reserved VNET CIDR {space}");
            return Err(Fault::aks(400, "NetworkProfileCIDROverlapVNET", POD, message));
        }
    }
    Ok(())
}

/// A service range is private and has a size that AKS takes. Sources: AKS CNI overview, changelog 2023-10-01.
fn service_range(service: Prefix) -> Result<(), Fault> {
    let (limit, too_large) = if service.v6 { (108, service.len < 108) } else { (12, service.len <= 12) };
    if too_large {
        let rule = if service.v6 { "no larger than" } else { "smaller than" };
        let message = format!("The specified service CIDR {service} is too large. It must be {rule} /{limit}.");
        return Err(Fault::aks(400, "ServiceCidrTooLarge", SERVICE, message));
    }
    let private = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"];
    if private.iter().filter_map(|p| p.parse::<Prefix>().ok()).any(|p| p.contains(service)) {
        return Ok(());
    }
    Err(invalid(SERVICE, &format!("The service CIDR {service} must be a private range.")))
}

/// The DNS service's address lies in the service range, and is neither its first nor its ends.
fn dns(service: Prefix, given: &str) -> Result<(), Fault> {
    let target = "networkProfile.dnsServiceIP";
    let Ok(address) = given.parse::<IpAddr>() else { return Err(invalid(target, &format!("'{given}' is not an IP address."))) };
    if !service.contains_address(address) {
        let message = format!("The DNS service IP {given} is out of the range defined by service CIDR {service}.");
        return Err(Fault::aks(400, "DnsServiceIpOutOfServiceCidr", target, message));
    }
    let first = service.host(1) == Some(address);
    let edge = service.first() == address || service.last() == address;
    if first || edge {
        let what = if first { "the first address, which is that of the Kubernetes service" } else { "on the boundary" };
        return Err(Fault::aks(400, "InvalidDnsServiceIp", target, format!("The DNS service IP {given} is {what} of the service CIDR {service}.")));
    }
    Ok(())
}

/// What each kind of egress needs of the subnets.
fn outbound(store: &Store, body: &Json, network: &Json) -> Result<(), Fault> {
    let kind = filled(network, "outboundType").unwrap_or("loadBalancer");
    let pools = list(body, "properties.agentPoolProfiles");
    let subnets: Vec<&str> = pools.iter().filter_map(|p| filled(p, "vnetSubnetID")).collect();
    match kind {
        "userDefinedRouting" => {
            if subnets.len() < pools.len() {
                let message = "Outbound type userDefinedRouting requires every agent pool to be in an existing subnet (vnetSubnetID).";
                return Err(Fault::aks(400, "InvalidParameter", "networkProfile.outboundType", message));
            }
            subnets.iter().try_for_each(|s| subnets::default_route(store, s))
        }
        "userAssignedNATGateway" => {
            let bare = subnets.iter().find(|s| store.body(s).is_none_or(|b| at(b, "properties.natGateway").is_none()));
            match (bare, subnets.is_empty()) {
                (None, false) => Ok(()),
                (found, _) => {
                    let message = format!("Outbound type userAssignedNATGateway requires a NAT gateway on subnet {}.", found.unwrap_or(&"(none given)"));
                    Err(Fault::aks(400, "SubnetNatGatewayMissing", "networkProfile.outboundType", message))
                }
            }
        }
        "managedNATGateway" | "managedNATGatewayV2" if !subnets.is_empty() => {
            let message = format!("Outbound type {kind} cannot be used with a custom virtual network. Use userAssignedNATGateway.");
            Err(Fault::aks(400, "InvalidParameter", "networkProfile.outboundType", message))
        }
        "loadBalancer" => match subnets.iter().find(|s| store.body(s).is_some_and(|b| at(b, "properties.natGateway").is_some())) {
            Some(subnet) => {
                let message = format!("Subnet {subnet} has a NAT gateway: outbound type must be userAssignedNATGateway.");
                Err(Fault::aks(400, "ExistingNatGatewayOnSubnet", "networkProfile.outboundType", message))
            }
            None => Ok(()),
        },
        _ => Ok(()),
    }
}
