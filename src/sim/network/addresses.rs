//! Private addresses of a subnet: who holds which, which is free, and what clients may ask about that.

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr},
};

use serde_json::{Value as Json, json};

use crate::{
    base::{
        Prefix,
        cidr::{from_bits, to_bits},
    },
    sim::{
        engine::kind_of,
        fault::Fault,
        http::{Request, Response},
        jsons::{list, text, texts},
        place::Place,
        store::Store,
    },
};

/// The prefixes of a subnet body, from either of the two members that hold them.
pub fn prefixes(subnet: &Json) -> Vec<Prefix> {
    let one = text(subnet, "properties.addressPrefix").into_iter();
    one.chain(texts(subnet, "properties.addressPrefixes")).filter_map(|p| p.parse().ok()).collect()
}

/// The prefixes of a virtual network body.
pub fn space(network: &Json) -> Vec<Prefix> {
    texts(network, "properties.addressSpace.addressPrefixes").into_iter().filter_map(|p| p.parse().ok()).collect()
}

/// Addresses in use in a subnet, as integers, with the id of what holds each.
pub fn used(store: &Store, subnet: &str) -> BTreeMap<u128, String> {
    let mut used = configured(store, subnet);
    for (first, last, holder) in crate::sim::aks::node_addresses(store, subnet) {
        used.extend((first..=last).map(|a| (u128::from(a), holder.clone())));
    }
    used
}

/// How many they are.
pub fn used_count(store: &Store, subnet: &str) -> i64 {
    let nodes = crate::sim::aks::node_addresses(store, subnet);
    let of_nodes: i64 = nodes.iter().map(|(first, last, _)| i64::from(*last) - i64::from(*first) + 1).sum();
    of_nodes + configured(store, subnet).len() as i64
}

/// Those that IP configurations hold.
fn configured(store: &Store, subnet: &str) -> BTreeMap<u128, String> {
    let mut used = BTreeMap::new();
    for reference in store.refs_now().to(subnet).iter().filter(|r| r.via == "subnet") {
        let Some(config) = store.body(&reference.from).or_else(|| store.body(&reference.holder)) else { continue };
        let address = text(config, "properties.privateIPAddress").and_then(|a| a.parse::<IpAddr>().ok());
        if let Some(address) = address {
            used.insert(to_bits(address).1, reference.from.clone());
        }
    }
    used
}

/// Free IPv4 addresses in ascending order, Azure's own left out.
pub fn free(store: &Store, subnet: &str) -> Vec<IpAddr> {
    let configured = configured(store, subnet);
    let mut nodes: Vec<(u128, u128)> =
        crate::sim::aks::node_addresses(store, subnet).into_iter().map(|(first, last, _)| (u128::from(first), u128::from(last))).collect();
    nodes.sort_unstable();
    let by_node = |bits: &u128| nodes.get(..nodes.partition_point(|(first, _)| first <= bits)).and_then(<[_]>::last).is_some_and(|(_, last)| bits <= last);
    let Some(body) = store.body(subnet) else { return Vec::new() };
    let mut free = Vec::new();
    for prefix in prefixes(body).into_iter().filter(|p| !p.v6) {
        let (first, last) = (prefix.base + 4, prefix.last_bits().saturating_sub(1));
        free.extend((first..=last).filter(|bits| !configured.contains_key(bits) && !by_node(bits)).map(|bits| from_bits(false, bits)));
    }
    free
}

/// The lowest free address, without listing all of a large subnet.
pub fn first_free(store: &Store, subnet: &str, also_used: &[u128], v6: bool) -> Option<IpAddr> {
    let used = used(store, subnet);
    let body = store.body(subnet)?;
    prefixes(body).into_iter().filter(|p| p.v6 == v6).find_map(|prefix| {
        let (first, last) = (prefix.base + 4, prefix.last_bits().saturating_sub(1));
        (first..=last).find(|bits| !used.contains_key(bits) && !also_used.contains(bits)).map(|bits| from_bits(v6, bits))
    })
}

/// Addresses that resources can have: all but Azure's five in each IPv4 prefix.
pub fn usable(subnet: &Json) -> u128 {
    prefixes(subnet).iter().filter(|p| !p.v6).map(|p| p.azure_usable()).sum()
}

/// What an IP configuration asks for, checked and settled: the address it has from now on.
///
/// `others` are addresses taken by other configurations of the same request.
pub fn settle(store: &Store, config: &str, request: &Json, old: Option<&Json>, others: &[u128]) -> Result<Option<IpAddr>, Fault> {
    let Some(subnet) = text(request, "properties.subnet.id") else { return Ok(None) };
    let Some(body) = store.body(subnet) else { return Ok(None) };
    let name = subnet.rsplit('/').next().unwrap_or("");
    let v6 = text(request, "properties.privateIPAddressVersion").is_some_and(|v| v.eq_ignore_ascii_case("IPv6"));
    let is_static = text(request, "properties.privateIPAllocationMethod").is_some_and(|m| m.eq_ignore_ascii_case("Static"));
    if is_static {
        let Some(asked) = text(request, "properties.privateIPAddress") else {
            let message = format!("Private static IP address is missing for IP configuration {config}.");
            return Err(Fault::network(400, "PrivateIPAddressMissing", message));
        };
        return asked_for(store, config, subnet, body, asked, others).map(Some);
    }
    let same_subnet = old.and_then(|o| text(o, "properties.subnet.id")).is_some_and(|s| s.eq_ignore_ascii_case(subnet));
    let kept = old.filter(|_| same_subnet).and_then(|o| text(o, "properties.privateIPAddress")).and_then(|a| a.parse::<IpAddr>().ok());
    if let Some(kept) = kept.filter(|k| k.is_ipv6() == v6) {
        return Ok(Some(kept));
    }
    match first_free(store, subnet, others, v6) {
        Some(address) => Ok(Some(address)),
        None => {
            let prefix = prefixes(body).first().map(Prefix::to_string).unwrap_or_default();
            let message = format!("Subnet {name} with address prefix {prefix} does not have enough capacity for 1 IP addresses.");
            Err(Fault::network(400, "SubnetIsFull", message))
        }
    }
}

fn asked_for(store: &Store, config: &str, subnet: &str, body: &Json, asked: &str, others: &[u128]) -> Result<IpAddr, Fault> {
    let Ok(address) = asked.parse::<IpAddr>() else {
        return Err(Fault::network(400, "InvalidIPAddressFormat", format!("IP address {asked} of resource {config} is not formatted correctly.")));
    };
    let prefixes = prefixes(body);
    let inside = prefixes.iter().find(|p| p.contains_address(address));
    let Some(prefix) = inside else {
        let shown = prefixes.first().map(Prefix::to_string).unwrap_or_default();
        let message = format!("Private static IP address {asked} does not belong to the range of subnet prefix {shown}.");
        return Err(Fault::network(400, "PrivateIPAddressNotInSubnet", message));
    };
    if prefix.azure_reserves(address) {
        let message = format!("Private static IP address {asked} falls within reserved IP range of subnet prefix {prefix}.");
        return Err(Fault::network(400, "PrivateIPAddressInReservedRange", message));
    }
    let bits = to_bits(address).1;
    let holder = used(store, subnet).get(&bits).filter(|h| !h.eq_ignore_ascii_case(config)).cloned();
    if others.contains(&bits) || holder.is_some() {
        let by = holder.unwrap_or_else(|| config.to_owned());
        let message = format!("IP configuration {config} is using the private IP address {asked} which is already allocated to resource {by}.");
        return Err(Fault::network(400, "PrivateIPAddressIsAllocated", message));
    }
    Ok(address)
}

/// `CheckIPAddressAvailability` of a virtual network.
pub fn availability(store: &mut Store, request: &Request, place: &Place) -> Result<Response, Fault> {
    let network = place.owner().id(store);
    let Some(resource) = store.get(&network) else { return Err(missing(&network)) };
    let asked = request.query("ipAddress").unwrap_or("");
    let Ok(address) = asked.parse::<Ipv4Addr>() else {
        return Err(Fault::network(400, "InvalidIPAddress", format!("The IP address '{asked}' is not valid.")));
    };
    let subnets: Vec<(String, Vec<Prefix>)> =
        list(&resource.body, "properties.subnets").iter().filter_map(|s| Some((text(s, "id")?.to_owned(), prefixes(s)))).collect();
    let found = subnets.iter().find_map(|(id, ps)| ps.iter().find(|p| p.contains_address(address.into())).map(|p| (id, p)));
    let Some((subnet, prefix)) = found else {
        return Err(Fault::network(
            400,
            "PrivateIPAddressNotInAnySubnet",
            format!("Private static IP address {asked} does not belong to the range of any subnet in the virtual network {network}."),
        ));
    };
    let reserved = prefix.azure_reserves(address.into());
    let taken = used(store, subnet).contains_key(&u128::from(u32::from(address)));
    if !reserved && !taken {
        return Ok(Response::json(200, json!({ "available": true })));
    }
    let near: Vec<String> = free(store, subnet).into_iter().take(5).map(|a| a.to_string()).collect();
    Ok(Response::json(200, json!({ "available": false, "availableIPAddresses": near, "isPlatformReserved": reserved })))
}

/// `usages` of a virtual network: one row a subnet. Gateway subnets show -1, and delegated subnets show 0 used, as in Azure.
pub fn usages(store: &mut Store, place: &Place) -> Result<Response, Fault> {
    let network = place.owner().id(store);
    let Some(resource) = store.get(&network) else { return Err(missing(&network)) };
    let rows = list(&resource.body, "properties.subnets").iter().map(|subnet| {
        let id = text(subnet, "id").unwrap_or("");
        let gateway = text(subnet, "name") == Some("GatewaySubnet");
        let delegated = !list(subnet, "properties.delegations").is_empty();
        let (current, limit) = match (gateway, delegated) {
            (true, _) => (-1, -1),
            (_, true) => (0, usable(subnet) as i64),
            _ => (used_count(store, id), usable(subnet) as i64),
        };
        json!({
            "currentValue": current, "id": id, "limit": limit, "unit": "Count",
            "name": { "localizedValue": "Subnet size and usage", "value": "SubnetSpace" }
        })
    });
    Ok(Response::list(rows.collect()))
}

fn missing(network: &str) -> Fault {
    let group = crate::sim::store::segment_after(network, "resourceGroups").unwrap_or("");
    Fault::resource_not_found(&format!("{}/{}", kind_of(network), network.rsplit('/').next().unwrap_or("")), group)
}
