//! AKS's own checks of a cluster: shapes, ranges, address room, routes and permissions, in the order AKS makes them.

use std::net::IpAddr;

use serde_json::Value as Json;

use super::{pools, pools::Context, subnets};
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

/// All checks on a whole cluster, pools included. `body` is as it would be stored.
pub fn cluster(store: &Store, id: &str, body: &Json, old: Option<&Json>) -> Result<(), Fault> {
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
    room(store, id, body, &network)?;
    if old.is_none() || old.is_some_and(|o| at(o, "identity") != at(body, "identity")) {
        subnets::permissions(store, id, body, &network)?;
    }
    Ok(())
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

fn parse(network: &Json, name: &str) -> Result<Option<Prefix>, Fault> {
    let Some(given) = filled(network, name) else { return Ok(None) };
    // AKS takes an address without a length, and one with host bits, for the network it lies in.
    let spelled = if given.contains('/') { given.to_owned() } else { format!("{given}/32") };
    let parsed = match spelled.parse::<Prefix>() {
        Ok(prefix) => Some(prefix),
        Err(crate::base::cidr::PrefixError::HostBits { network, .. }) => Some(network),
        Err(_) => None,
    };
    parsed.map(Some).ok_or_else(|| invalid(&format!("networkProfile.{name}"), &format!("invalid CIDR address: {given}")))
}

/// Service and pod ranges: size, forbidden ranges, each other, and every subnet of the network.
fn ranges(store: &Store, body: &Json, network: &Json) -> Result<(), Fault> {
    let (service, pods) = (parse(network, "serviceCidr")?, parse(network, "podCidr")?);
    if let Some(service) = service {
        if !service.v6 && service.len <= 12 {
            return Err(Fault::aks(
                400,
                "ServiceCidrTooLarge",
                "networkProfile.serviceCIDR",
                format!("The specified service CIDR {service} is too large. It must be smaller than /12."),
            ));
        }
        if let Some(ip) = filled(network, "dnsServiceIP") {
            dns(service, ip)?;
        }
    }
    for (prefix, target, what) in [(service, "networkProfile.serviceCIDR", "service"), (pods, "networkProfile.podCIDR", "pod")] {
        let reserved = FORBIDDEN.iter().filter_map(|f| f.parse::<Prefix>().ok()).find(|f| prefix.is_some_and(|p| p.overlaps(*f)));
        if let (Some(prefix), Some(reserved)) = (prefix, reserved) {
            let message = format!("The specified {what} CIDR {prefix} overlaps with the reserved range {reserved}.");
            return Err(Fault::aks(400, "InvalidCIDRReserved", target, message));
        }
    }
    if let (Some(service), Some(pods)) = (service, pods)
        && service.overlaps(pods)
    {
        let message = format!("The specified pod CIDR {pods} conflicts with the service CIDR {service}.");
        return Err(Fault::aks(400, "PodCidrOverlapServiceCidr", "networkProfile.podCIDR", message));
    }
    for subnet in subnets::neighbours(store, body) {
        for range in addresses::prefixes(&subnet) {
            if let Some(service) = service.filter(|s| s.overlaps(range)) {
                let message = format!("The specified service CIDR {service} is conflicted with an existing subnet CIDR {range}");
                return Err(Fault::aks(400, "ServiceCidrOverlapExistingSubnetsCidr", "networkProfile.serviceCIDR", message));
            }
            if let Some(pods) = pods.filter(|p| p.overlaps(range)) {
                let message = format!("The specified pod CIDR {pods} is conflicted with an existing subnet CIDR {range}");
                return Err(Fault::aks(400, "PodCidrOverlapExistingSubnetsCidr", "networkProfile.podCIDR", message));
            }
        }
    }
    Ok(())
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

const NOTE: &str = "If Autoscaler is enabled, the max-count from each nodepool is counted towards this total (which means that pre-allocated IPs count represents a theoretical max value, not the actual number of IPs requested). http://aka.ms/aks/insufficientsubnetsize";

/// Room for all nodes, and with flat networking for all pods, in subnets and in the pod range.
fn room(store: &Store, id: &str, body: &Json, network: &Json) -> Result<(), Fault> {
    let pools = list(body, "properties.agentPoolProfiles");
    let routed = matches!(text(network, "networkPluginMode"), Some("overlay")) || text(network, "networkPlugin") == Some("kubenet");
    if let Some(range) = parse(network, "podCidr")?.filter(|p| routed && !p.v6 && text(network, "networkPlugin") != Some("kubenet")) {
        let need: i64 = pools.iter().map(|p| pools::most_nodes(p) * 256).sum();
        if need as u128 > range.size() {
            let message =
                format!("Pre-allocated IPs {need} exceeds IPs available {} in Subnet Cidr {range}, Subnet Name networkProfile.podCIDR. {NOTE}", range.size());
            return Err(Fault::aks(400, "InsufficientSubnetSize", "networkProfile.podCIDR", message));
        }
    }
    let mut seen: Vec<&str> = Vec::new();
    for pool in pools {
        for member in ["vnetSubnetID", "podSubnetID"] {
            let Some(subnet) = filled(pool, member) else { continue };
            if seen.iter().any(|s| s.eq_ignore_ascii_case(subnet)) {
                continue;
            }
            seen.push(subnet);
            let need: i64 = pools.iter().map(|p| subnets::need(p, network, subnet)).sum();
            let Some(found) = store.body(subnet) else { continue };
            let free = addresses::usable(found) as i64 - subnets::held_by_others(store, id, subnet);
            if need > free {
                let cidr = texts(found, "properties.addressPrefixes").first().copied().or(text(found, "properties.addressPrefix")).unwrap_or("");
                let name = text(found, "name").unwrap_or("");
                let message = format!("Pre-allocated IPs {need} exceeds IPs available {free} in Subnet Cidr {cidr}, Subnet Name {name}. {NOTE}");
                return Err(Fault::aks(400, "InsufficientSubnetSize", &format!("agentPoolProfile.{member}"), message));
            }
        }
    }
    Ok(())
}
