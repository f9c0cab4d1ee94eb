//! Subnets: inline in their virtual network, written through it or by themselves.

use serde_json::{Value as Json, json};

use super::{NETWORK, addresses, copy_reference, timing};
use crate::{
    base::{Prefix, cidr::PrefixError},
    sim::{
        fault::Fault,
        jsons::{at, filled, list, pick, set, text, texts},
        model::{Draft, Hold, Model},
        store::Store,
    },
};

pub const MODELS: &[Model] = &[Model {
    kind: "Microsoft.Network/virtualNetworks/subnets",
    shown: "Microsoft.Network/virtualNetworks/subnets",
    hold: Hold::Inline("subnets"),
    tracked: false,
    label: "Subnet",
    timing: timing(3, 10),
    build: build_one,
    quick: |_, _| false,
    keep,
    ..NETWORK
}];

/// A subnet written by itself is checked against its network's space and the other subnets.
fn build_one(store: &mut Store, draft: &Draft) -> Result<Json, Fault> {
    let network = store.body(draft.parent()).cloned().unwrap_or(Json::Null);
    let subnet = build(store, draft)?;
    let others: Vec<&Json> =
        list(&network, "properties.subnets").iter().filter(|s| text(s, "name").is_none_or(|n| !n.eq_ignore_ascii_case(draft.name()))).collect();
    check_ranges(&subnet, &network, draft.parent(), &others)?;
    Ok(subnet)
}

/// The body of a subnet, whichever way it is written.
pub fn build(store: &mut Store, draft: &Draft) -> Result<Json, Fault> {
    let request = draft.request;
    let mut body = draft.frame(&[]);
    set(&mut body, "properties", pick(at(request, "properties").unwrap_or(&Json::Null), &["addressPrefix", "addressPrefixes", "defaultOutboundAccess"]));
    let given: Vec<String> = ranges(&body).into_iter().map(str::to_owned).collect();
    if given.is_empty() {
        let message = format!("Address prefix string for resource {} cannot be null or empty.", draft.id);
        return Err(Fault::network(400, "AddressPrefixStringCannotBeNullOrEmpty", message));
    }
    for prefix in &given {
        parse(prefix, draft.id)?;
    }
    for path in ["properties.networkSecurityGroup", "properties.routeTable", "properties.natGateway"] {
        copy_reference(store, request, &mut body, path);
    }
    endpoints(request, &mut body);
    let delegations: Vec<Json> = list(request, "properties.delegations").iter().map(|d| delegation(d, draft.id)).collect();
    set(&mut body, "properties.delegations", delegations);
    for (path, default) in [("properties.privateEndpointNetworkPolicies", "Disabled"), ("properties.privateLinkServiceNetworkPolicies", "Enabled")] {
        set(&mut body, path, filled(request, path).unwrap_or(default));
    }
    if let Some(scope) = filled(request, "properties.sharingScope") {
        set(&mut body, "properties.sharingScope", scope);
    }
    in_use_prefix_stays(store, draft, &given)?;
    Ok(body)
}

/// The prefixes of a subnet body, as written.
fn ranges(body: &Json) -> Vec<&str> {
    filled(body, "properties.addressPrefix").into_iter().chain(texts(body, "properties.addressPrefixes")).collect()
}

/// A prefix in the form Azure takes, or the refusal it gives.
pub fn parse(prefix: &str, id: &str) -> Result<Prefix, Fault> {
    match prefix.parse::<Prefix>() {
        Ok(prefix) => Ok(prefix),
        Err(PrefixError::Malformed(_)) => Err(Fault::network(
            400,
            "InvalidAddressPrefixFormat",
            format!("Address prefix {prefix} of resource {id} is not formatted correctly. It should follow CIDR notation, for example 10.0.0.0/24."),
        )),
        Err(PrefixError::HostBits { network, .. }) => Err(Fault::network(
            400,
            "InvalidCIDRNotation",
            format!(
                "The address prefix {prefix} in resource {id} has an invalid CIDR notation. For the given prefix length, the address prefix should be {network}."
            ),
        )),
    }
}

/// A subnet lies in its network's space, has a size Azure takes, and overlaps no other.
pub fn check_ranges(subnet: &Json, network: &Json, network_id: &str, others: &[&Json]) -> Result<(), Fault> {
    let name = text(subnet, "name").unwrap_or("");
    let network_name = network_id.rsplit('/').next().unwrap_or("");
    let space = addresses::space(network);
    for prefix in addresses::prefixes(subnet) {
        let too_small = !prefix.v6 && prefix.len > 29;
        let odd_v6 = prefix.v6 && prefix.len != 64;
        if too_small || odd_v6 {
            return Err(Fault::network(400, "NetcfgInvalidSubnet", format!("Subnet '{name}' is not valid in virtual network '{network_name}'.")));
        }
        if !space.iter().any(|s| s.contains(prefix)) {
            let message =
                format!("Subnet '{name}' is not valid because its IP address range is outside the IP address range of virtual network '{network_name}'.");
            return Err(Fault::network(400, "NetcfgSubnetRangeOutsideVnet", message));
        }
        let clash = others.iter().any(|other| addresses::prefixes(other).iter().any(|p| p.overlaps(prefix)));
        if clash {
            let message = format!(
                "Subnet '{name}' is not valid because its IP address range overlaps with that of an existing subnet in virtual network '{network_name}'."
            );
            return Err(Fault::network(400, "NetcfgSubnetRangesOverlap", message));
        }
    }
    reserved_names(subnet, name)
}

/// Subnets that Azure services know by name have a smallest size.
fn reserved_names(subnet: &Json, name: &str) -> Result<(), Fault> {
    let most = match name {
        "AzureBastionSubnet" | "AzureFirewallSubnet" | "AzureFirewallManagementSubnet" => 26,
        "GatewaySubnet" => 29,
        "RouteServerSubnet" => 27,
        _ => return Ok(()),
    };
    let small = addresses::prefixes(subnet).iter().any(|p| !p.v6 && p.len > most);
    if small {
        let message = format!("The subnet {name} must have a prefix of /{most} or larger.");
        return Err(Fault::network(400, "SubnetSizeTooSmall", message));
    }
    if name == "GatewaySubnet" && at(subnet, "properties.networkSecurityGroup").is_some() && most == 29 {
        let message = "Network security group cannot be associated with a gateway subnet.";
        return Err(Fault::network(400, "NetworkSecurityGroupNotSupportedOnGatewaySubnet", message));
    }
    Ok(())
}

fn endpoints(request: &Json, body: &mut Json) {
    if at(request, "properties.serviceEndpoints").is_none() {
        return;
    }
    let items: Vec<Json> = list(request, "properties.serviceEndpoints")
        .iter()
        .map(|e| {
            let locations = at(e, "locations").cloned().unwrap_or(json!(["*"]));
            json!({ "provisioningState": "Succeeded", "service": text(e, "service").unwrap_or(""), "locations": locations })
        })
        .collect();
    set(body, "properties.serviceEndpoints", items);
}

fn delegation(request: &Json, subnet: &str) -> Json {
    let name = text(request, "name").unwrap_or("delegation");
    let service = text(request, "properties.serviceName").unwrap_or("");
    let action = if service == "Microsoft.ContainerInstance/containerGroups" { "subnets/action" } else { "subnets/join/action" };
    json!({
        "name": name, "id": format!("{subnet}/delegations/{name}"), "type": "Microsoft.Network/virtualNetworks/subnets/delegations",
        "properties": { "serviceName": service, "actions": [format!("Microsoft.Network/virtualNetworks/{action}")] }
    })
}

/// A prefix with addresses in use cannot be taken away.
fn in_use_prefix_stays(store: &Store, draft: &Draft, given: &[String]) -> Result<(), Fault> {
    let Some(old) = draft.old else { return Ok(()) };
    let new: Vec<Prefix> = given.iter().filter_map(|p| p.parse().ok()).collect();
    let gone: Vec<Prefix> = addresses::prefixes(old).into_iter().filter(|p| !new.contains(p)).collect();
    if gone.is_empty() {
        return Ok(());
    }
    let used = addresses::used(store, draft.id);
    let lost = gone.iter().find(|p| used.keys().any(|bits| p.base <= *bits && *bits <= p.last_bits()));
    lost.map_or(Ok(()), |prefix| {
        let message = format!("IpPrefix {prefix} on Subnet {} has active allocations and cannot be deleted.", draft.name());
        Err(Fault::network(400, "InUsePrefixCannotBeDeleted", message))
    })
}

/// A subnet with anything in it stays.
pub fn keep(store: &Store, id: &str) -> Option<Fault> {
    let name = id.rsplit('/').next().unwrap_or("");
    let users = users(store, id);
    let pods = || crate::sim::aks::node_addresses(store, id).into_iter().next().map(|(_, _, holder)| holder);
    let first = users.into_iter().next().or_else(pods)?;
    let message = format!(
        "Subnet {name} is in use by {first} and cannot be deleted. In order to delete the subnet, delete all the resources within the subnet. See aka.ms/deletesubnet."
    );
    Some(Fault::network(400, "InUseSubnetCannotBeDeleted", message))
}

/// Ids of the IP configurations in a subnet, nodes of clusters included.
pub fn users(store: &Store, id: &str) -> Vec<String> {
    let refs = store.refs_now();
    let configs = refs.to(id).iter().filter(|r| r.via == "subnet").map(|r| r.from.clone());
    configs.chain(crate::sim::aks::node_configs(store, id)).collect()
}
