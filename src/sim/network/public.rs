//! Public addresses, public prefixes and NAT gateways.

use std::net::Ipv4Addr;

use serde_json::{Value as Json, json};

use super::{NETWORK, copy_reference, copy_references, reference, resource_guid, timing};
use crate::{
    base::Prefix,
    sim::{
        fault::Fault,
        http::Millis,
        jsons::{at, filled, int, list, set, text},
        model::{Draft, Model},
        store::{Resource, Store, derive},
    },
};

pub const MODELS: &[Model] = &[
    Model {
        kind: "Microsoft.Network/publicIPAddresses",
        shown: "Microsoft.Network/publicIPAddresses",
        label: "PublicIpAddress",
        timing: timing(1, 10),
        build: build_address,
        finished: give_address,
        keep: keep_address,
        adorn: adorn_address,
        ..NETWORK
    },
    Model {
        kind: "Microsoft.Network/publicIPPrefixes",
        shown: "Microsoft.Network/publicIPPrefixes",
        label: "PublicIpPrefix",
        timing: timing(3, 10),
        build: build_prefix,
        finished: give_prefix,
        keep: keep_prefix,
        adorn: adorn_prefix,
        ..NETWORK
    },
    Model {
        kind: "Microsoft.Network/natGateways",
        shown: "Microsoft.Network/natGateways",
        label: "NatGateway",
        timing: timing(10, 10),
        build: build_gateway,
        keep: keep_gateway,
        adorn: adorn_gateway,
        ..NETWORK
    },
];

/// Sku with the tier Azure adds.
pub fn sku(request: &Json, default: &str) -> Json {
    json!({ "name": filled(request, "sku.name").unwrap_or(default), "tier": filled(request, "sku.tier").unwrap_or("Regional") })
}

/// Refuses a change of what Azure fixes at creation.
pub fn fixed(draft: &Draft, body: &Json, paths: &[&str]) -> Result<(), Fault> {
    let Some(old) = draft.old else { return Ok(()) };
    let changed = paths.iter().find(|p| at(old, p) != at(body, p) && (at(old, p).is_some() || at(body, p).is_some()));
    changed.map_or(Ok(()), |path| {
        let name = path.trim_start_matches("properties.");
        let mut fault = Fault::network(400, "PropertyChangeNotAllowed", format!("Changing property '{name}' is not allowed."));
        set(&mut fault.body, "error.target", name);
        Err(fault)
    })
}

fn build_address(store: &mut Store, draft: &Draft) -> Result<Json, Fault> {
    let request = draft.request;
    let mut body = draft.frame(&["zones", "extendedLocation"]);
    set(&mut body, "sku", sku(request, "Basic"));
    let standard = text(&body, "sku.name").is_some_and(|s| !s.eq_ignore_ascii_case("Basic"));
    let method = filled(request, "properties.publicIPAllocationMethod").unwrap_or(if standard { "Static" } else { "Dynamic" });
    if standard && method.eq_ignore_ascii_case("Dynamic") {
        let message = format!("Standard sku publicIp {} must have AllocationMethod set to Static.", draft.id);
        return Err(Fault::network(400, "StandardSkuPublicIPAddressMustBeStatic", message));
    }
    let guid = resource_guid(store, draft);
    set(
        &mut body,
        "properties",
        json!({
            "resourceGuid": guid,
            "publicIPAddressVersion": filled(request, "properties.publicIPAddressVersion").unwrap_or("IPv4"),
            "publicIPAllocationMethod": method,
            "idleTimeoutInMinutes": int(request, "properties.idleTimeoutInMinutes").unwrap_or(4),
            "ipTags": at(request, "properties.ipTags").cloned().unwrap_or(json!([])),
            "ddosSettings": ddos(request)
        }),
    );
    let minutes = int(&body, "properties.idleTimeoutInMinutes").unwrap_or(4);
    if !(4..=30).contains(&minutes) {
        let message = format!("Idle timeout {minutes} of public IP address {} is out of range. The value must be between 4 and 30 minutes.", draft.id);
        return Err(Fault::network(400, "PublicIPAddressIdleTimeoutOutOfRange", message));
    }
    dns(store, draft, &mut body)?;
    prefix_reference(store, draft, &mut body)?;
    if let Some(address) = draft.old.and_then(|o| at(o, "properties.ipAddress")) {
        set(&mut body, "properties.ipAddress", address.clone());
    }
    fixed(draft, &body, &["properties.publicIPAddressVersion", "sku.name", "sku.tier", "zones", "properties.publicIPPrefix.id"])?;
    Ok(body)
}

/// Written as given, with the mode Azure defaults to.
fn ddos(request: &Json) -> Json {
    let mut settings = at(request, "properties.ddosSettings").cloned().unwrap_or(json!({}));
    super::jsons::fill(&mut settings, "protectionMode", "VirtualNetworkInherited");
    settings
}

fn dns(store: &Store, draft: &Draft, body: &mut Json) -> Result<(), Fault> {
    let Some(settings) = at(draft.request, "properties.dnsSettings") else { return Ok(()) };
    let Some(label) = filled(settings, "domainNameLabel") else { return Ok(()) };
    let good = label.len() >= 3 && label.len() <= 63 && label.starts_with(|c: char| c.is_ascii_lowercase());
    let good = good && label.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') && !label.ends_with('-');
    if !good {
        let message =
            format!("The domain name label {label} is invalid. It must conform to the following regular expression: ^[a-z][a-z0-9-]{{1,61}}[a-z0-9]$.");
        return Err(Fault::network(400, "InvalidDomainNameLabel", message));
    }
    let location = text(body, "location").unwrap_or("").to_owned();
    let scope = filled(settings, "domainNameLabelScope");
    let middle = scope.map(|s| format!(".{}", derive(&store.settings.tenant, s).replace('-', "").get(..16).unwrap_or(""))).unwrap_or_default();
    let fqdn = format!("{label}{middle}.{location}.cloudapp.azure.com");
    let taken = store
        .of_kind("Microsoft.Network/publicIPAddresses")
        .any(|r| !r.id.eq_ignore_ascii_case(draft.id) && text(&r.body, "properties.dnsSettings.fqdn").is_some_and(|f| f == fqdn));
    if taken {
        return Err(Fault::network(400, "DnsRecordInUse", format!("DNS record {fqdn} is already used by another public IP.")));
    }
    let mut shown = json!({ "domainNameLabel": label, "fqdn": fqdn });
    for name in ["domainNameLabelScope", "reverseFqdn"] {
        if let Some(value) = filled(settings, name) {
            set(&mut shown, name, value);
        }
    }
    set(body, "properties.dnsSettings", shown);
    Ok(())
}

/// A missing prefix is "not found" here, unlike other references. Recorded.
fn prefix_reference(store: &Store, draft: &Draft, body: &mut Json) -> Result<(), Fault> {
    let Some(prefix) = text(draft.request, "properties.publicIPPrefix.id") else { return Ok(()) };
    if !store.exists(prefix) {
        return Err(Fault::network(404, "NotFound", format!("Resource {prefix} not found.")));
    }
    copy_reference(store, draft.request, body, "properties.publicIPPrefix");
    Ok(())
}

/// When the write is done, a static address is there to be seen.
fn give_address(store: &mut Store, id: &str, _: Millis) {
    let Some(body) = store.get(id).map(|r| r.body.clone()) else { return };
    let dynamic = text(&body, "properties.publicIPAllocationMethod").is_some_and(|m| m.eq_ignore_ascii_case("Dynamic"));
    if dynamic || at(&body, "properties.ipAddress").is_some() {
        return;
    }
    let address = new_address(store, &body);
    if let Some(resource) = store.get_mut(id) {
        set(&mut resource.body, "properties.ipAddress", address);
    }
}

/// The next address: from the prefix when there is one, else from the platform's pool.
pub fn new_address(store: &mut Store, body: &Json) -> String {
    if let Some(prefix) = text(body, "properties.publicIPPrefix.id") {
        give_prefix(store, prefix, 0);
        let range = store.body(prefix).and_then(|b| text(b, "properties.ipPrefix")).and_then(|p| p.parse::<Prefix>().ok());
        let taken: Vec<String> =
            store.of_kind("Microsoft.Network/publicIPAddresses").filter_map(|r| text(&r.body, "properties.ipAddress").map(str::to_owned)).collect();
        if let Some(range) = range {
            let free = (0..range.size() as i128).filter_map(|n| range.host(n)).map(|a| a.to_string()).find(|a| !taken.contains(a));
            return free.unwrap_or_default();
        }
    }
    let v6 = text(body, "properties.publicIPAddressVersion").is_some_and(|v| v == "IPv6");
    store.counter += 1;
    let n = store.counter as u32;
    if v6 {
        format!("2603:1030:20e:{:x}::{:x}", n >> 16, n & 0xffff)
    } else {
        Ipv4Addr::from(0x1424_0000_u32.wrapping_add(n.wrapping_mul(0x9E5) & 0x000F_FFFF)).to_string()
    }
}

fn keep_address(store: &Store, id: &str) -> Option<Fault> {
    let user = user_of(store, id)?;
    let message = format!(
        "Public IP address {id} can not be deleted since it is still allocated to resource {user}. In order to delete the public IP, disassociate/detach the Public IP address from the resource.  To learn how to do this, see aka.ms/deletepublicip."
    );
    Some(Fault::network(400, "PublicIPAddressCannotBeDeleted", message))
}

/// What a public address is attached to.
pub fn user_of(store: &Store, id: &str) -> Option<String> {
    let refs = store.refs_now();
    refs.to(id).iter().find(|r| matches!(r.via.as_str(), "publicIPAddress" | "publicIpAddresses")).map(|r| r.from.clone())
}

/// Refuses an address that something else holds already.
pub fn free_for(store: &Store, address: &str, config: &str) -> Result<(), Fault> {
    match user_of(store, address).filter(|u| !u.eq_ignore_ascii_case(config)) {
        None => Ok(()),
        Some(user) => {
            let message = format!("Resource {config} is referencing public IP address {address} that is already allocated to resource {user}.");
            Err(Fault::network(400, "PublicIPAddressInUse", message))
        }
    }
}

fn adorn_address(store: &Store, body: &mut Json, resource: &Resource) {
    for reference in store.refs_now().to(&resource.id) {
        match reference.via.as_str() {
            "publicIPAddress" => set(body, "properties.ipConfiguration", json!({ "id": reference.from })),
            "publicIpAddresses" if reference.kind == "Microsoft.Network/natGateways" => set(body, "properties.natGateway", json!({ "id": reference.holder })),
            _ => {}
        }
    }
}

fn build_prefix(store: &mut Store, draft: &Draft) -> Result<Json, Fault> {
    let request = draft.request;
    let mut body = draft.frame(&["zones", "extendedLocation"]);
    let guid = resource_guid(store, draft);
    let version = filled(request, "properties.publicIPAddressVersion").unwrap_or("IPv4");
    let length = int(request, "properties.prefixLength").unwrap_or(28);
    let allowed = if version == "IPv6" { 124..=127 } else { 21..=31 };
    if !allowed.contains(&length) {
        let message = format!("Prefix length {length} of public IP prefix {} is not allowed.", draft.id);
        return Err(Fault::network(400, "InvalidPublicIpPrefixLength", message));
    }
    set(
        &mut body,
        "properties",
        json!({ "resourceGuid": guid, "prefixLength": length, "publicIPAddressVersion": version, "ipTags": at(request, "properties.ipTags").cloned().unwrap_or(json!([])) }),
    );
    set(&mut body, "sku", sku(request, "Standard"));
    if let Some(range) = draft.old.and_then(|o| at(o, "properties.ipPrefix")) {
        set(&mut body, "properties.ipPrefix", range.clone());
    }
    fixed(draft, &body, &["properties.prefixLength", "properties.publicIPAddressVersion", "sku.name", "zones"])?;
    Ok(body)
}

fn give_prefix(store: &mut Store, id: &str, _: Millis) {
    let Some(body) = store.get(id).map(|r| r.body.clone()) else { return };
    if at(&body, "properties.ipPrefix").is_some() {
        return;
    }
    store.counter += 1;
    let (length, n) = (int(&body, "properties.prefixLength").unwrap_or(28), store.counter);
    let range = if text(&body, "properties.publicIPAddressVersion") == Some("IPv6") {
        format!("2603:1030:20f:{n:x}::/{length}")
    } else {
        // Each prefix has a /21 of its own, the largest there is.
        let base = 0x3400_0000_u32.wrapping_add((n as u32 & 0xFFF) << 11);
        format!("{}/{length}", Ipv4Addr::from(base))
    };
    if let Some(resource) = store.get_mut(id) {
        set(&mut resource.body, "properties.ipPrefix", range);
    }
}

fn keep_prefix(store: &Store, id: &str) -> Option<Fault> {
    let user = store.refs_now().to(id).first().map(|r| r.from.clone())?;
    Some(Fault::network(400, "InUsePublicIpPrefixCannotBeDeleted", format!("Public IP prefix {id} is in use by {user} and cannot be deleted.")))
}

fn adorn_prefix(store: &Store, body: &mut Json, resource: &Resource) {
    let refs = store.refs_now();
    let users: Vec<Json> = refs.to(&resource.id).iter().filter(|r| r.via == "publicIPPrefix").map(|r| json!({ "id": r.holder })).collect();
    if !users.is_empty() {
        set(body, "properties.publicIPAddresses", users);
    }
    if let Some(gateway) = refs.to(&resource.id).iter().find(|r| r.via == "publicIpPrefixes") {
        set(body, "properties.natGateway", json!({ "id": gateway.holder }));
    }
}

fn build_gateway(store: &mut Store, draft: &Draft) -> Result<Json, Fault> {
    let request = draft.request;
    let mut body = draft.frame(&["zones"]);
    let guid = resource_guid(store, draft);
    let timeout = int(request, "properties.idleTimeoutInMinutes").unwrap_or(4);
    set(&mut body, "properties", json!({ "resourceGuid": guid, "idleTimeoutInMinutes": timeout }));
    set(&mut body, "properties.type", "Public");
    for path in ["properties.publicIpAddresses", "properties.publicIpPrefixes"] {
        copy_references(store, request, &mut body, path);
        if list(&body, path).is_empty() {
            super::jsons::remove(&mut body, path);
        }
    }
    for address in list(&body, "properties.publicIpAddresses") {
        let id = text(address, "id").unwrap_or("");
        free_for(store, id, draft.id)?;
        let basic = store.body(id).and_then(|b| text(b, "sku.name")).is_some_and(|s| s.eq_ignore_ascii_case("Basic"));
        if basic {
            let message = format!("NAT gateway {} cannot use public IP address {id} of the Basic SKU.", draft.id);
            return Err(Fault::network(400, "NatGatewayPublicIpSkuMismatch", message));
        }
    }
    set(&mut body, "sku", sku(request, "Standard"));
    fixed(draft, &body, &["sku.name", "zones"])?;
    Ok(body)
}

fn keep_gateway(store: &Store, id: &str) -> Option<Fault> {
    let user = store.refs_now().to(id).first().map(|r| r.from.clone())?;
    Some(Fault::network(400, "InUseNatGatewayCannotBeDeleted", format!("Nat Gateway {id} is in use by {user} and cannot be deleted.")))
}

fn adorn_gateway(store: &Store, body: &mut Json, resource: &Resource) {
    let users: Vec<Json> = store.refs_now().to(&resource.id).iter().filter_map(|r| reference(store, &json!({ "id": r.from }))).collect();
    if !users.is_empty() {
        set(body, "properties.subnets", users);
    }
}
