//! Load balancers: frontends, pools, rules, probes, NAT and outbound rules, held as one body.

use serde_json::{Value as Json, json};

use super::{NETWORK, addresses, copy_reference, copy_references, public, resource_guid, timing};
use crate::{
    base::cidr::to_bits,
    sim::{
        engine,
        fault::Fault,
        http::{Request, Response},
        jsons::{self, at, filled, flag, int, list, list_mut, named, set, text},
        model::{Draft, Hold, Model, Timing, model},
        place::Place,
        store::{Resource, Store},
    },
};

/// Builds one part of a balancer.
type Part = fn(&mut Store, &Draft) -> Result<Json, Fault>;

const PART: Model = Model { tracked: false, label: "LoadBalancerPart", timing: timing(1, 10), quick: |_, _| false, build: not_by_itself, ..NETWORK };

pub const MODELS: &[Model] = &[
    Model {
        kind: "Microsoft.Network/loadBalancers",
        shown: "Microsoft.Network/loadBalancers",
        label: "LoadBalancer",
        timing: Timing { create: 0, update: 3_000, delete: 10_000, wait: 3, wait_delete: 10 },
        build,
        quick: with_few_pools,
        keep,
        adorn,
        ..NETWORK
    },
    Model {
        kind: "Microsoft.Network/loadBalancers/backendAddressPools",
        shown: "Microsoft.Network/loadBalancers/backendAddressPools",
        hold: Hold::Inline("backendAddressPools"),
        label: "LoadBalancerBackendAddressPool",
        build: |store, draft| pool(store, draft),
        keep: keep_pool,
        ..PART
    },
    Model {
        kind: "Microsoft.Network/loadBalancers/inboundNatRules",
        shown: "Microsoft.Network/loadBalancers/inboundNatRules",
        hold: Hold::Inline("inboundNatRules"),
        label: "InboundNatRule",
        timing: Timing { create: 0, update: 0, delete: 10_000, wait: 0, wait_delete: 10 },
        build: build_nat_rule,
        ..PART
    },
    Model {
        kind: "Microsoft.Network/loadBalancers/frontendIPConfigurations",
        shown: "Microsoft.Network/loadBalancers/frontendIPConfigurations",
        hold: Hold::Inline("frontendIPConfigurations"),
        ..PART
    },
    Model {
        kind: "Microsoft.Network/loadBalancers/loadBalancingRules",
        shown: "Microsoft.Network/loadBalancers/loadBalancingRules",
        hold: Hold::Inline("loadBalancingRules"),
        ..PART
    },
    Model { kind: "Microsoft.Network/loadBalancers/probes", shown: "Microsoft.Network/loadBalancers/probes", hold: Hold::Inline("probes"), ..PART },
    Model {
        kind: "Microsoft.Network/loadBalancers/outboundRules",
        shown: "Microsoft.Network/loadBalancers/outboundRules",
        hold: Hold::Inline("outboundRules"),
        ..PART
    },
    Model {
        kind: "Microsoft.Network/loadBalancers/inboundNatPools",
        shown: "Microsoft.Network/loadBalancers/inboundNatPools",
        hold: Hold::Inline("inboundNatPools"),
        ..PART
    },
];

/// Recorded: a balancer with at most one pool is updated at once, one with more takes its time.
fn with_few_pools(_: Option<&Json>, new: &Json) -> bool {
    list(new, "properties.backendAddressPools").len() <= 1
}

fn not_by_itself(_: &mut Store, draft: &Draft) -> Result<Json, Fault> {
    Err(Fault::network(405, "MethodNotAllowed", format!("{} can be written only through its load balancer.", draft.id)))
}

fn build(store: &mut Store, draft: &Draft) -> Result<Json, Fault> {
    let mut body = draft.frame(&["extendedLocation"]);
    let guid = resource_guid(store, draft);
    set(&mut body, "properties.resourceGuid", guid);
    set(&mut body, "sku", public::sku(draft.request, "Basic"));
    let mut taken: Vec<u128> = Vec::new();
    let mut frontends = Vec::new();
    for request in list(draft.request, "properties.frontendIPConfigurations") {
        frontends.push(frontend(store, draft, request, &body, &mut taken)?);
    }
    set(&mut body, "properties.frontendIPConfigurations", frontends);
    let parts: [(&str, Part); 6] = [
        ("backendAddressPools", pool),
        ("loadBalancingRules", rule),
        ("probes", probe),
        ("inboundNatRules", nat_rule),
        ("outboundRules", outbound_rule),
        ("inboundNatPools", nat_pool),
    ];
    for (array, part) in parts {
        let path = format!("properties.{array}");
        let Some(kind) = model(&format!("{}/{array}", draft.kind.kind)) else { continue };
        let mut built = Vec::new();
        for request in list(draft.request, &path) {
            let name = named_part(request, draft.id)?;
            let id = format!("{}/{array}/{name}", draft.id);
            let old = draft.old.and_then(|o| named(list(o, &path), name));
            built.push(part(store, &Draft { id: &id, kind, request, old, api: draft.api, now: draft.now })?);
        }
        set(&mut body, &path, built);
    }
    inner_references(&body, draft.id)?;
    check_rules(&body)?;
    public::fixed(draft, &body, &["sku.name", "sku.tier"])?;
    pools_stay(store, draft, &body)?;
    Ok(body)
}

fn named_part<'a>(request: &'a Json, id: &str) -> Result<&'a str, Fault> {
    text(request, "name").ok_or_else(|| Fault::network(400, "InvalidRequestFormat", format!("A part of load balancer {id} has no name.")))
}

fn frontend(store: &mut Store, draft: &Draft, request: &Json, balancer: &Json, taken: &mut Vec<u128>) -> Result<Json, Fault> {
    let name = named_part(request, draft.id)?;
    let id = format!("{}/frontendIPConfigurations/{name}", draft.id);
    let old = draft.old.and_then(|o| named(list(o, "properties.frontendIPConfigurations"), name));
    let mut body = json!({ "name": name, "id": id, "type": "Microsoft.Network/loadBalancers/frontendIPConfigurations", "properties": {} });
    if let Some(zones) = at(request, "zones") {
        set(&mut body, "zones", zones.clone());
    }
    let method = filled(request, "properties.privateIPAllocationMethod").unwrap_or("Dynamic");
    set(&mut body, "properties.privateIPAllocationMethod", method);
    let address = addresses::settle(store, &id, request, old, taken)?;
    if let Some(address) = address {
        taken.push(to_bits(address).1);
        set(&mut body, "properties.privateIPAddress", address.to_string());
        set(&mut body, "properties.privateIPAddressVersion", filled(request, "properties.privateIPAddressVersion").unwrap_or("IPv4"));
    }
    for path in ["properties.subnet", "properties.publicIPAddress", "properties.publicIPPrefix", "properties.gatewayLoadBalancer"] {
        copy_reference(store, request, &mut body, path);
    }
    match (at(&body, "properties.subnet"), text(&body, "properties.publicIPAddress.id")) {
        (None, None) if at(&body, "properties.publicIPPrefix").is_none() => {
            let message = format!("Frontend IP configuration {id} must reference either a Subnet, Public IP Address or Public IP Prefix.");
            Err(Fault::network(400, "LoadBalancerFrontendIPConfigMustReferenceSubnetOrPublicIP", message))
        }
        (Some(_), Some(_)) => {
            let message = format!("Frontend IP configuration {id} cannot reference both a subnet and a public IP address.");
            Err(Fault::network(400, "FrontendIPConfigurationReferencesSubnetAndPublicIP", message))
        }
        (_, Some(address)) => {
            public::free_for(store, address, &id)?;
            same_sku(store, draft.id, balancer, address)?;
            Ok(body)
        }
        _ => Ok(body),
    }
}

/// A balancer and its public addresses are of one SKU.
fn same_sku(store: &Store, id: &str, balancer: &Json, address: &str) -> Result<(), Fault> {
    let own = text(balancer, "sku.name").unwrap_or("Basic");
    let other = store.body(address).and_then(|b| text(b, "sku.name")).unwrap_or("Basic");
    // The second generation of the Standard SKU mixes with the first.
    let generation = |s: &str| s.trim_end_matches("V2").to_ascii_lowercase();
    if generation(own) == generation(other) {
        return Ok(());
    }
    let message = format!("{own} sku load balancer {id} cannot reference {other} sku publicIP {address}.");
    Err(Fault::network(400, "PublicIPAndLBSkuDoNotMatch", message))
}

fn pool(store: &mut Store, draft: &Draft) -> Result<Json, Fault> {
    let mut body = draft.frame(&[]);
    let given = list(draft.request, "properties.loadBalancerBackendAddresses");
    // Addresses that stand for network interfaces are shown, never written.
    let own: Vec<Json> = given.iter().filter(|a| at(a, "properties.networkInterfaceIPConfiguration").is_none()).cloned().collect();
    set(&mut body, "properties", json!({ "loadBalancerBackendAddresses": own }));
    for path in ["properties.tunnelInterfaces", "properties.drainPeriodInSeconds", "properties.syncMode"] {
        if let Some(value) = at(draft.request, path) {
            set(&mut body, path, value.clone());
        }
    }
    copy_reference(store, draft.request, &mut body, "properties.virtualNetwork");
    Ok(body)
}

/// Members that rules of all kinds have, with Azure's defaults.
fn rule_base(store: &Store, draft: &Draft) -> Json {
    let request = draft.request;
    let mut body = draft.frame(&[]);
    set(
        &mut body,
        "properties",
        json!({
            "enableFloatingIP": flag(request, "properties.enableFloatingIP"),
            "idleTimeoutInMinutes": int(request, "properties.idleTimeoutInMinutes").unwrap_or(4),
            "protocol": filled(request, "properties.protocol").unwrap_or("Tcp"),
            "enableDestinationServiceEndpoint": false,
            "enableTcpReset": flag(request, "properties.enableTcpReset"),
            "allowBackendPortConflict": false
        }),
    );
    copy_reference(store, request, &mut body, "properties.frontendIPConfiguration");
    body
}

fn rule(store: &mut Store, draft: &Draft) -> Result<Json, Fault> {
    let request = draft.request;
    let mut body = rule_base(store, draft);
    set(&mut body, "properties.frontendPort", int(request, "properties.frontendPort").unwrap_or(0));
    set(&mut body, "properties.backendPort", int(request, "properties.backendPort").unwrap_or(0));
    set(&mut body, "properties.loadDistribution", filled(request, "properties.loadDistribution").unwrap_or("Default"));
    set(&mut body, "properties.disableOutboundSnat", flag(request, "properties.disableOutboundSnat"));
    copy_reference(store, request, &mut body, "properties.probe");
    copy_reference(store, request, &mut body, "properties.backendAddressPool");
    copy_references(store, request, &mut body, "properties.backendAddressPools");
    // The single and the plural member say the same.
    let first = list(&body, "properties.backendAddressPools").first().cloned();
    match (at(&body, "properties.backendAddressPool").cloned(), first) {
        (None, Some(first)) if list(&body, "properties.backendAddressPools").len() == 1 => set(&mut body, "properties.backendAddressPool", first),
        (Some(one), None) => set(&mut body, "properties.backendAddressPools", json!([one])),
        _ => {}
    }
    Ok(body)
}

fn probe(_: &mut Store, draft: &Draft) -> Result<Json, Fault> {
    let request = draft.request;
    let mut body = draft.frame(&[]);
    set(
        &mut body,
        "properties",
        json!({
            "protocol": filled(request, "properties.protocol").unwrap_or("Tcp"), "port": int(request, "properties.port").unwrap_or(0),
            "intervalInSeconds": int(request, "properties.intervalInSeconds").unwrap_or(15),
            "numberOfProbes": int(request, "properties.numberOfProbes").unwrap_or(2),
            "probeThreshold": int(request, "properties.probeThreshold").unwrap_or(1),
            "noHealthyBackendsBehavior": filled(request, "properties.noHealthyBackendsBehavior").unwrap_or("AllProbedDown")
        }),
    );
    let http = text(&body, "properties.protocol").is_some_and(|p| !p.eq_ignore_ascii_case("Tcp"));
    match (http, filled(request, "properties.requestPath")) {
        (true, None) => {
            let message = format!("Probe {} uses the HTTP or HTTPS protocol and needs a request path.", draft.id);
            Err(Fault::network(400, "LoadBalancerProbeRequestPathMissing", message))
        }
        (true, Some(path)) => {
            set(&mut body, "properties.requestPath", path);
            Ok(body)
        }
        _ => Ok(body),
    }
}

fn nat_rule(store: &mut Store, draft: &Draft) -> Result<Json, Fault> {
    let mut body = rule_base(store, draft);
    for name in ["frontendPort", "backendPort", "frontendPortRangeStart", "frontendPortRangeEnd"] {
        if let Some(port) = int(draft.request, &format!("properties.{name}")) {
            set(&mut body, &format!("properties.{name}"), port);
        }
    }
    copy_reference(store, draft.request, &mut body, "properties.backendAddressPool");
    Ok(body)
}

fn build_nat_rule(store: &mut Store, draft: &Draft) -> Result<Json, Fault> {
    let built = nat_rule(store, draft)?;
    if let Some(mut balancer) = store.body(draft.parent()).cloned() {
        if let Some(items) = list_mut(&mut balancer, "properties.inboundNatRules") {
            items.retain(|i| text(i, "name").is_none_or(|n| !n.eq_ignore_ascii_case(draft.name())));
            items.push(built.clone());
        }
        inner_references(&balancer, draft.parent())?;
        check_rules(&balancer)?;
    }
    Ok(built)
}

fn nat_pool(store: &mut Store, draft: &Draft) -> Result<Json, Fault> {
    let mut body = rule_base(store, draft);
    for name in ["frontendPortRangeStart", "frontendPortRangeEnd", "backendPort"] {
        set(&mut body, &format!("properties.{name}"), int(draft.request, &format!("properties.{name}")).unwrap_or(0));
    }
    Ok(body)
}

fn outbound_rule(store: &mut Store, draft: &Draft) -> Result<Json, Fault> {
    let request = draft.request;
    let mut body = draft.frame(&[]);
    set(
        &mut body,
        "properties",
        json!({
            "allocatedOutboundPorts": int(request, "properties.allocatedOutboundPorts").unwrap_or(0),
            "protocol": filled(request, "properties.protocol").unwrap_or("All"),
            "enableTcpReset": flag(request, "properties.enableTcpReset"),
            "idleTimeoutInMinutes": int(request, "properties.idleTimeoutInMinutes").unwrap_or(4)
        }),
    );
    copy_reference(store, request, &mut body, "properties.backendAddressPool");
    copy_references(store, request, &mut body, "properties.frontendIPConfigurations");
    Ok(body)
}

/// References between parts of one balancer must lead somewhere.
fn inner_references(body: &Json, id: &str) -> Result<(), Fault> {
    let mut missing = None;
    crate::sim::refs::walk(body, id, "", &mut |target, from, _| {
        let rest = target.get(id.len() + 1..).filter(|_| target.get(..id.len()).is_some_and(|p| p.eq_ignore_ascii_case(id)));
        if let Some((array, name)) = rest.and_then(|r| r.split_once('/')) {
            let known = named(list(body, &format!("properties.{array}")), name).is_some();
            if !known && missing.is_none() {
                missing = Some((target.to_owned(), from.to_owned()));
            }
        }
    });
    missing.map_or(Ok(()), |(target, from)| {
        let message = format!("Resource {target} referenced by resource {from} was not found. Please make sure that the referenced resource exists, and that both resources are in the same region.");
        Err(Fault::network(400, "InvalidResourceReference", message))
    })
}

/// What rules may not do: share a frontend port, or balance all ports from outside.
fn check_rules(body: &Json) -> Result<(), Fault> {
    let rules = list(body, "properties.loadBalancingRules");
    let standard = text(body, "sku.name").is_some_and(|s| !s.eq_ignore_ascii_case("Basic"));
    let key = |r: &Json| {
        let text = |p: &str| text(r, p).unwrap_or("").to_ascii_lowercase();
        (text("properties.frontendIPConfiguration.id"), int(r, "properties.frontendPort"), text("properties.protocol"))
    };
    for (i, rule) in rules.iter().enumerate() {
        let id = text(rule, "id").unwrap_or("");
        let all = text(rule, "properties.protocol").is_some_and(|p| p.eq_ignore_ascii_case("All"));
        let ports = (int(rule, "properties.frontendPort"), int(rule, "properties.backendPort"));
        let front = text(rule, "properties.frontendIPConfiguration.id").and_then(|f| f.rsplit('/').next()).unwrap_or("");
        let internal = named(list(body, "properties.frontendIPConfigurations"), front).is_some_and(|f| at(f, "properties.subnet").is_some());
        if all && (ports != (Some(0), Some(0)) || !internal || !standard) {
            let message = format!(
                "Load balancing rule {id} with protocol All must have frontend and backend port 0 and a frontend of an internal Standard load balancer."
            );
            return Err(Fault::network(400, "LoadBalancerRuleProtocolAllNotAllowed", message));
        }
        if !all && (ports.0 == Some(0) || ports.1 == Some(0)) {
            let message = format!("Load balancing rule {id} has port 0, which is allowed only with protocol All.");
            return Err(Fault::network(400, "InvalidLoadBalancingRulePort", message));
        }
        if let Some(other) = rules.iter().take(i).find(|o| key(o) == key(rule)) {
            let message =
                format!("Load balancing rules {} and {id} use the same frontend IP configuration, port and protocol.", text(other, "id").unwrap_or(""));
            return Err(Fault::network(400, "RulesUseSameFrontendPortProtocolAndIPConfig", message));
        }
    }
    Ok(())
}

/// A pool that interfaces are in cannot be left out.
fn pools_stay(store: &Store, draft: &Draft, body: &Json) -> Result<(), Fault> {
    let Some(old) = draft.old else { return Ok(()) };
    for gone in list(old, "properties.backendAddressPools") {
        let name = text(gone, "name").unwrap_or("");
        if named(list(body, "properties.backendAddressPools"), name).is_none()
            && let Some(fault) = text(gone, "id").and_then(|id| keep_pool(store, id))
        {
            return Err(fault);
        }
    }
    Ok(())
}

fn keep_pool(store: &Store, id: &str) -> Option<Fault> {
    let refs = store.refs_now();
    let user = refs.to(id).iter().find(|r| matches!(r.via.as_str(), "backendAddressPool" | "backendAddressPools" | "loadBalancerBackendAddressPools"))?;
    let message = format!("Cannot delete backend address pool {id} because it is in use by {}.", user.from);
    Some(Fault::network(400, "InUseBackendAddressPoolCannotBeDeleted", message))
}

fn keep(store: &Store, id: &str) -> Option<Fault> {
    let refs = store.refs_now();
    let user = refs.inside(id).map(|(_, r)| r).find(|r| !r.holder.eq_ignore_ascii_case(id))?;
    let message = format!("Load balancer {id} cannot be deleted because it is in use by {}.", user.from);
    Some(Fault::network(400, "LoadBalancerInUse", message))
}

/// Each part shows which other parts use it.
fn adorn(store: &Store, body: &mut Json, resource: &Resource) {
    let refs = store.refs_now();
    let id = resource.id.clone();
    for (array, shown) in [
        ("frontendIPConfigurations", &["loadBalancingRules", "inboundNatRules", "outboundRules", "inboundNatPools"][..]),
        ("backendAddressPools", &["loadBalancingRules", "outboundRules"]),
        ("probes", &["loadBalancingRules"]),
    ] {
        for part in list_mut(body, &format!("properties.{array}")).into_iter().flatten() {
            let Some(part_id) = text(part, "id").map(str::to_owned) else { continue };
            for kind in shown {
                let prefix = format!("{id}/{kind}/").to_ascii_lowercase();
                let mut users: Vec<String> =
                    refs.to(&part_id).iter().filter(|r| r.from.to_ascii_lowercase().starts_with(&prefix)).map(|r| r.from.clone()).collect();
                users.dedup();
                if *kind == "outboundRules" && array == "backendAddressPools" && users.len() == 1 {
                    set(part, "properties.outboundRule", users.first().map_or(Json::Null, |u| json!({ "id": u })));
                }
                if !users.is_empty() {
                    set(part, &format!("properties.{kind}"), users.into_iter().map(|u| json!({ "id": u })).collect::<Vec<_>>());
                }
            }
            if array == "backendAddressPools" {
                members(&refs, part, &part_id);
            }
        }
    }
    for rule in list_mut(body, "properties.inboundNatRules").into_iter().flatten() {
        let user = text(rule, "id").and_then(|r| refs.to(r).iter().find(|r| r.via == "loadBalancerInboundNatRules")).map(|r| r.from.clone());
        if let Some(user) = user {
            set(rule, "properties.backendIPConfiguration", json!({ "id": user }));
        }
    }
}

/// Interfaces in a pool, in both forms Azure shows.
fn members(refs: &crate::sim::refs::Refs, pool: &mut Json, id: &str) {
    let users: Vec<String> = refs.to(id).iter().filter(|r| r.via == "loadBalancerBackendAddressPools").map(|r| r.from.clone()).collect();
    if users.is_empty() {
        return;
    }
    for user in &users {
        let place = Place::of(user);
        let nic = place.names.first().cloned().unwrap_or_default();
        let config = place.names.get(1).cloned().unwrap_or_default();
        let group = place.group.clone().unwrap_or_default();
        let entry = json!({ "name": format!("{group}_{nic}{config}"), "properties": { "networkInterfaceIPConfiguration": { "id": user } } });
        if let Some(items) = jsons::list_mut(pool, "properties.loadBalancerBackendAddresses") {
            items.push(entry);
        }
    }
    set(pool, "properties.backendIPConfigurations", users.into_iter().map(|id| json!({ "id": id })).collect::<Vec<_>>());
}

/// `networkInterfaces` of a balancer: those in its pools.
pub fn interfaces(store: &mut Store, request: &Request, place: &Place) -> Result<Response, Fault> {
    let id = place.owner().id(store);
    if store.get(&id).is_none() {
        return Err(Fault::network(404, "NotFound", format!("Resource {id} not found.")));
    }
    let mut holders: Vec<String> =
        store.refs_now().inside(&id).map(|(_, r)| r).filter(|r| r.kind == "Microsoft.Network/networkInterfaces").map(|r| r.holder.clone()).collect();
    holders.sort();
    holders.dedup();
    let items = holders.iter().filter_map(|h| engine::show(store, h)).collect();
    crate::sim::paging::answer(request, items)
}
