//! Virtual networks and their peerings.

use serde_json::{Value as Json, json};

use super::{NETWORK, addresses, copy_reference, resource_guid, subnets, timing};
use crate::{
    base::Prefix,
    sim::{
        fault::Fault,
        http::Millis,
        jsons::{self, at, flag, list, list_mut, named, set, text, texts},
        model::{Draft, Hold, Model, model, up},
        place::Place,
        store::{Resource, Store, derive},
    },
};

pub const MODELS: &[Model] = &[
    Model {
        kind: "Microsoft.Network/virtualNetworks",
        shown: "Microsoft.Network/virtualNetworks",
        label: "VirtualNetwork",
        timing: timing(3, 10),
        build,
        keep,
        adorn,
        removed: |store, body, _| part_from_peers(store, body),
        ..NETWORK
    },
    Model {
        kind: "Microsoft.Network/virtualNetworks/virtualNetworkPeerings",
        shown: "Microsoft.Network/virtualNetworks/virtualNetworkPeerings",
        hold: Hold::Inline("virtualNetworkPeerings"),
        tracked: false,
        label: "VirtualNetworkPeering",
        timing: timing(10, 10),
        build: build_peering,
        quick: |_, _| false,
        accepted: connect,
        removed: disconnect,
        ..NETWORK
    },
];

/// Ranges no virtual network may have. Source: Azure virtual network FAQ.
const FORBIDDEN: &[&str] = &["224.0.0.0/4", "255.255.255.255/32", "127.0.0.0/8", "169.254.0.0/16", "168.63.129.16/32"];

fn build(store: &mut Store, draft: &Draft) -> Result<Json, Fault> {
    let request = draft.request;
    let mut body = draft.frame(&["extendedLocation"]);
    let guid = resource_guid(store, draft);
    set(&mut body, "properties.resourceGuid", guid);
    if !list(request, "properties.addressSpace.ipamPoolPrefixAllocations").is_empty() {
        return Err(Fault::unmodelled("address space from IPAM pools"));
    }
    let given = texts(request, "properties.addressSpace.addressPrefixes");
    check_space(&given, draft.id)?;
    set(&mut body, "properties.addressSpace", json!({ "addressPrefixes": given }));
    let policies = jsons::filled(request, "properties.privateEndpointVNetPolicies").unwrap_or("Disabled");
    set(&mut body, "properties.privateEndpointVNetPolicies", policies);
    if at(request, "properties.dhcpOptions").is_some() {
        set(&mut body, "properties.dhcpOptions", json!({ "dnsServers": texts(request, "properties.dhcpOptions.dnsServers") }));
    }
    for path in ["properties.encryption", "properties.flowTimeoutInMinutes", "properties.bgpCommunities"] {
        if let Some(value) = at(request, path) {
            set(&mut body, path, value.clone());
        }
    }
    if flag(request, "properties.enableVmProtection") {
        set(&mut body, "properties.enableVmProtection", true);
    }
    set(&mut body, "properties.enableDdosProtection", flag(request, "properties.enableDdosProtection"));
    copy_reference(store, request, &mut body, "properties.ddosProtectionPlan");
    let subnets = build_subnets(store, draft, &body)?;
    set(&mut body, "properties.subnets", subnets);
    let peerings = build_peerings(store, draft, &body)?;
    set(&mut body, "properties.virtualNetworkPeerings", peerings);
    check_peers_still_fit(store, draft, &body)?;
    Ok(body)
}

fn check_space(given: &[&str], id: &str) -> Result<(), Fault> {
    if given.is_empty() {
        let message = format!("Address prefix string for resource {id} cannot be null or empty.");
        return Err(Fault::network(400, "AddressPrefixStringCannotBeNullOrEmpty", message));
    }
    let mut seen: Vec<Prefix> = Vec::new();
    for text in given {
        let prefix = subnets::parse(text, id)?;
        let forbidden = FORBIDDEN.iter().filter_map(|f| f.parse::<Prefix>().ok()).find(|f| f.overlaps(prefix));
        if let Some(forbidden) = forbidden {
            let message = format!("Address prefix {prefix} of resource {id} overlaps with the reserved range {forbidden}.");
            return Err(Fault::network(400, "AddressPrefixOverlapsReservedRange", message));
        }
        if let Some(other) = seen.iter().find(|s| s.overlaps(prefix)) {
            let message = format!("Address prefixes {other} and {prefix} of resource {id} overlap.");
            return Err(Fault::network(400, "AddressSpacePrefixesOverlap", message));
        }
        seen.push(prefix);
    }
    Ok(())
}

/// Subnets as the request lists them; a request without the member keeps what is there.
fn build_subnets(store: &mut Store, draft: &Draft, network: &Json) -> Result<Vec<Json>, Fault> {
    let old = draft.old.map_or(&[][..], |o| list(o, "properties.subnets"));
    let Some(kind) = model("Microsoft.Network/virtualNetworks/subnets") else { return Ok(Vec::new()) };
    let mut built: Vec<Json> = Vec::new();
    if at(draft.request, "properties.subnets").is_none() {
        built = old.to_vec();
    } else {
        for request in list(draft.request, "properties.subnets") {
            let Some(name) = text(request, "name") else {
                return Err(Fault::network(400, "SubnetNameMissing", format!("A subnet of {} has no name.", draft.id)));
            };
            let id = format!("{}/subnets/{name}", draft.id);
            let child = Draft { id: &id, kind, request, old: named(old, name), api: draft.api, now: draft.now };
            built.push(subnets::build(store, &child)?);
        }
    }
    for (i, subnet) in built.iter().enumerate() {
        let others: Vec<&Json> = built.iter().take(i).collect();
        subnets::check_ranges(subnet, network, draft.id, &others)?;
    }
    for gone in old.iter().filter(|o| text(o, "name").is_some_and(|n| named(&built, n).is_none())) {
        if let Some(fault) = text(gone, "id").and_then(|id| subnets::keep(store, id)) {
            return Err(fault);
        }
    }
    Ok(built)
}

fn build_peerings(store: &mut Store, draft: &Draft, network: &Json) -> Result<Vec<Json>, Fault> {
    let old = draft.old.map_or(&[][..], |o| list(o, "properties.virtualNetworkPeerings"));
    let listed = list(draft.request, "properties.virtualNetworkPeerings");
    let Some(kind) = model("Microsoft.Network/virtualNetworks/virtualNetworkPeerings") else { return Ok(Vec::new()) };
    // Recorded: a request without the member, and one with an empty list, both leave peerings as they are.
    let mut built = old.to_vec();
    for request in listed {
        let Some(name) = text(request, "name") else { continue };
        let id = format!("{}/virtualNetworkPeerings/{name}", draft.id);
        let before = named(old, name);
        let child = Draft { id: &id, kind, request, old: before, api: draft.api, now: draft.now };
        let peering = peering(store, &child, network)?;
        match built.iter_mut().find(|b| text(b, "name").is_some_and(|n| n.eq_ignore_ascii_case(name))) {
            Some(slot) => *slot = peering,
            None => built.push(peering),
        }
    }
    Ok(built)
}

/// A network that is peered cannot grow into its peers.
fn check_peers_still_fit(store: &Store, draft: &Draft, body: &Json) -> Result<(), Fault> {
    let same = draft.old.is_none_or(|o| at(o, "properties.addressSpace") == at(body, "properties.addressSpace"));
    if same {
        return Ok(());
    }
    for peering in list(body, "properties.virtualNetworkPeerings") {
        let remote = text(peering, "properties.remoteVirtualNetwork.id").unwrap_or("");
        let name = text(peering, "name").unwrap_or("");
        let Some(other) = store.body(remote) else { continue };
        check_overlap(name, draft.id, body, remote, other)?;
    }
    Ok(())
}

fn check_overlap(name: &str, here: &str, network: &Json, there: &str, remote: &Json) -> Result<(), Fault> {
    let theirs = addresses::space(remote);
    let both: Vec<String> = addresses::space(network).iter().filter(|p| theirs.iter().any(|t| t.overlaps(**p))).map(Prefix::to_string).collect();
    if both.is_empty() {
        return Ok(());
    }
    let message = format!(
        "Cannot create or update peering {here}/virtualNetworkPeerings/{name}. Virtual networks {here} and {there} cannot be peered because their address spaces overlap. Overlapping address prefixes: {}",
        both.join(", ")
    );
    Err(Fault::network(400, "VnetAddressSpacesOverlap", message))
}

fn build_peering(store: &mut Store, draft: &Draft) -> Result<Json, Fault> {
    let network = store.body(draft.parent()).cloned().unwrap_or(Json::Null);
    peering(store, draft, &network)
}

fn peering(store: &mut Store, draft: &Draft, network: &Json) -> Result<Json, Fault> {
    let request = draft.request;
    let here = draft.parent().to_owned();
    let mut body = draft.frame(&[]);
    let Some(remote) = text(request, "properties.remoteVirtualNetwork.id") else {
        let message = format!("Peering {} has no remote virtual network.", draft.id);
        return Err(Fault::network(400, "PeeringRemoteVirtualNetworkMissing", message));
    };
    let remote = Place::of(remote).id(store);
    let before = draft.old.and_then(|o| text(o, "properties.remoteVirtualNetwork.id"));
    if before.is_some_and(|b| !b.eq_ignore_ascii_case(&remote)) {
        let message = format!("Cannot change the remote virtual network of peering {}. Delete the peering and create it again.", draft.id);
        return Err(Fault::network(400, "ChangingRemoteVirtualNetworkNotAllowed", message));
    }
    let Some(other) = store.body(&remote).cloned() else {
        let message = format!(
            "Resource {remote} referenced by resource {} was not found. Please make sure that the referenced resource exists, and that both resources are in the same region.",
            draft.id
        );
        return Err(Fault::network(400, "InvalidResourceReference", message));
    };
    check_overlap(draft.name(), &here, network, &remote, &other)?;
    check_other_peers(store, draft, network, &remote, &other)?;
    if flag(request, "properties.useRemoteGateways") {
        let message = format!(
            "Peering {} cannot have UseRemoteGateways flag set to true, because remote virtual network {remote} referenced by the peering does not have any gateways.",
            draft.id
        );
        return Err(Fault::network(400, "RemoteVnetHasNoGateways", message));
    }
    let state = state_of_new(draft, &here, &remote, &other)?;
    let space = at(&other, "properties.addressSpace").cloned().unwrap_or(json!({}));
    let yes = |path: &str, default: bool| at(request, &format!("properties.{path}")).and_then(Json::as_bool).unwrap_or(default);
    let mut pair = [here.to_ascii_lowercase(), remote.to_ascii_lowercase()];
    pair.sort();
    set(
        &mut body,
        "properties",
        json!({
            "resourceGuid": derive(&store.seed, &pair.join("|")),
            "peeringState": state, "peeringSyncLevel": if state == "Connected" { "FullyInSync" } else { "RemoteNotInSync" },
            "remoteVirtualNetwork": { "id": remote },
            "allowVirtualNetworkAccess": yes("allowVirtualNetworkAccess", true),
            "allowForwardedTraffic": yes("allowForwardedTraffic", false),
            "allowGatewayTransit": yes("allowGatewayTransit", false),
            "useRemoteGateways": false,
            "doNotVerifyRemoteGateways": yes("doNotVerifyRemoteGateways", false),
            "peerCompleteVnets": yes("peerCompleteVnets", true),
            "remoteAddressSpace": space, "remoteVirtualNetworkAddressSpace": space, "routeServiceVips": {}
        }),
    );
    Ok(body)
}

/// Two networks peered with the same third must not overlap each other.
fn check_other_peers(store: &Store, draft: &Draft, network: &Json, remote: &str, other: &Json) -> Result<(), Fault> {
    let space = addresses::space(other);
    for peering in list(network, "properties.virtualNetworkPeerings") {
        let third = text(peering, "properties.remoteVirtualNetwork.id").unwrap_or("");
        if third.eq_ignore_ascii_case(remote) {
            if text(peering, "name").is_some_and(|n| !n.eq_ignore_ascii_case(draft.name())) {
                let message = format!(
                    "Peering {} already references remote virtual network {remote}. Cannot add another peering {} referencing the same remote virtual network.",
                    text(peering, "id").unwrap_or(""),
                    draft.id
                );
                return Err(Fault::network(400, "AnotherPeeringAlreadyReferencesRemoteVnet", message));
            }
            continue;
        }
        let Some(third_body) = store.body(third) else { continue };
        if addresses::space(third_body).iter().any(|t| space.iter().any(|s| s.overlaps(*t))) {
            let message = format!(
                "Cannot create or update peering {}. Virtual network {remote} cannot be peered with {} because its address space overlaps with that of {third}, which is already peered.",
                draft.id,
                draft.parent()
            );
            return Err(Fault::network(400, "VnetAddressSpaceOverlapsWithAlreadyPeeredVnet", message));
        }
    }
    Ok(())
}

/// Connected when the other side has its half already; a half whose other half was deleted must be made anew.
fn state_of_new(draft: &Draft, here: &str, remote: &str, other: &Json) -> Result<&'static str, Fault> {
    if here.eq_ignore_ascii_case(remote) {
        return Err(Fault::network(400, "CannotPeerVnetWithItself", format!("Virtual network {here} cannot be peered with itself.")));
    }
    let Some(back) = half(other, here) else { return Ok("Initiated") };
    match text(back, "properties.peeringState") {
        Some("Disconnected") if draft.old.is_none() => {
            let back_id = text(back, "id").unwrap_or("");
            let message = format!(
                "Cannot create or update peering {} because remote peering {back_id} referencing parent virtual network {here} is in Disconnected state. Update or delete remote peering to Initiated state and retry.",
                draft.id
            );
            Err(Fault::network(400, "RemotePeeringIsDisconnected", message))
        }
        Some("Disconnected") => Ok("Initiated"),
        _ => Ok("Connected"),
    }
}

/// The peering of a network that points at another one.
fn half<'a>(network: &'a Json, remote: &str) -> Option<&'a Json> {
    list(network, "properties.virtualNetworkPeerings")
        .iter()
        .find(|p| text(p, "properties.remoteVirtualNetwork.id").is_some_and(|r| r.eq_ignore_ascii_case(remote)))
}

fn set_half(store: &mut Store, network: &str, remote: &str, state: &str, level: &str) {
    let Some(resource) = store.get_mut(network) else { return };
    let Some(items) = list_mut(&mut resource.body, "properties.virtualNetworkPeerings") else { return };
    for item in items.iter_mut().filter(|p| text(p, "properties.remoteVirtualNetwork.id").is_some_and(|r| r.eq_ignore_ascii_case(remote))) {
        set(item, "properties.peeringState", state);
        set(item, "properties.peeringSyncLevel", level);
    }
}

/// When the second half appears, the first turns from Initiated to Connected.
fn connect(store: &mut Store, id: &str, _: Millis) {
    let Some(remote) = store.body(id).and_then(|b| text(b, "properties.remoteVirtualNetwork.id")).map(str::to_owned) else { return };
    let here = up(id).to_owned();
    let connected = store.body(id).and_then(|b| text(b, "properties.peeringState")) == Some("Connected");
    if connected {
        set_half(store, &remote, &here, "Connected", "FullyInSync");
    }
}

/// When one half is deleted, the other is left Disconnected.
fn disconnect(store: &mut Store, body: &Json, _: Millis) {
    let (Some(id), Some(remote)) = (text(body, "id"), text(body, "properties.remoteVirtualNetwork.id")) else { return };
    set_half(store, remote, up(id), "Disconnected", "LocalAndRemoteNotInSync");
}

fn part_from_peers(store: &mut Store, body: &Json) {
    for peering in list(body, "properties.virtualNetworkPeerings") {
        disconnect(store, peering, 0);
    }
}

/// A network stays while any of its subnets is in use.
fn keep(store: &Store, id: &str) -> Option<Fault> {
    let body = store.body(id)?;
    list(body, "properties.subnets").iter().filter_map(|s| text(s, "id")).find_map(|s| subnets::keep(store, s))
}

/// Subnets show who uses them.
fn adorn(store: &Store, body: &mut Json, _: &Resource) {
    let refs = store.refs_now();
    for subnet in list_mut(body, "properties.subnets").into_iter().flatten() {
        let Some(id) = text(subnet, "id").map(str::to_owned) else { continue };
        let mut configs: Vec<Json> = Vec::new();
        let mut endpoints: Vec<Json> = Vec::new();
        for reference in refs.to(&id).iter().filter(|r| r.via == "subnet") {
            if reference.kind == "Microsoft.Network/privateEndpoints" {
                endpoints.push(json!({ "id": reference.holder }));
            } else {
                configs.push(json!({ "id": reference.from }));
            }
        }
        configs.extend(crate::sim::aks::node_configs(store, &id).into_iter().map(|id| json!({ "id": id })));
        if !configs.is_empty() {
            set(subnet, "properties.ipConfigurations", configs);
        }
        if !endpoints.is_empty() {
            set(subnet, "properties.privateEndpoints", endpoints);
        }
    }
}
