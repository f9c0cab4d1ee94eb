//! Network security groups with their rules, and route tables with their routes.

use serde_json::{Value as Json, json};

use super::{NETWORK, copy_references, resource_guid, subnets, timing};
use crate::sim::{
    fault::Fault,
    jsons::{at, filled, flag, int, list, named, pick, set, text},
    model::{Draft, Hold, Model, model},
    store::{Resource, Store},
};

pub const MODELS: &[Model] = &[
    Model {
        kind: "Microsoft.Network/networkSecurityGroups",
        shown: "Microsoft.Network/networkSecurityGroups",
        label: "NetworkSecurityGroup",
        timing: timing(1, 1),
        build: build_group,
        keep: keep_group,
        adorn: adorn_group,
        ..NETWORK
    },
    Model {
        kind: "Microsoft.Network/networkSecurityGroups/securityRules",
        shown: "Microsoft.Network/networkSecurityGroups/securityRules",
        hold: Hold::Inline("securityRules"),
        tracked: false,
        label: "SecurityRule",
        timing: timing(1, 1),
        build: build_rule,
        quick: |_, _| false,
        ..NETWORK
    },
    Model {
        kind: "Microsoft.Network/networkSecurityGroups/defaultSecurityRules",
        shown: "Microsoft.Network/networkSecurityGroups/defaultSecurityRules",
        hold: Hold::Inline("defaultSecurityRules"),
        tracked: false,
        label: "DefaultSecurityRule",
        timing: timing(1, 1),
        build: |_, draft| Err(Fault::network(405, "MethodNotAllowed", format!("{} is made by the platform and cannot be written.", draft.id))),
        keep: |_, id| Some(Fault::network(405, "MethodNotAllowed", format!("{id} is made by the platform and cannot be deleted."))),
        ..NETWORK
    },
    Model {
        kind: "Microsoft.Network/routeTables",
        shown: "Microsoft.Network/routeTables",
        label: "RouteTable",
        timing: timing(2, 2),
        build: build_table,
        keep: keep_table,
        adorn: adorn_table,
        ..NETWORK
    },
    Model {
        kind: "Microsoft.Network/routeTables/routes",
        shown: "Microsoft.Network/routeTables/routes",
        hold: Hold::Inline("routes"),
        tracked: false,
        label: "Route",
        timing: timing(2, 2),
        build: build_route,
        quick: |_, _| false,
        ..NETWORK
    },
];

/// Children as a request lists them; a request without the member keeps what is there.
fn children(store: &mut Store, draft: &Draft, array: &str, build: fn(&mut Store, &Draft) -> Result<Json, Fault>) -> Result<Vec<Json>, Fault> {
    let path = format!("properties.{array}");
    let old = draft.old.map_or(&[][..], |o| list(o, &path));
    let Some(kind) = model(&format!("{}/{array}", draft.kind.kind)) else { return Ok(Vec::new()) };
    if at(draft.request, &path).is_none() {
        return Ok(old.to_vec());
    }
    let mut built = Vec::new();
    for request in list(draft.request, &path) {
        let Some(name) = text(request, "name") else {
            return Err(Fault::network(400, "InvalidRequestFormat", format!("An element of {path} of {} has no name.", draft.id)));
        };
        let id = format!("{}/{array}/{name}", draft.id);
        built.push(build(store, &Draft { id: &id, kind, request, old: named(old, name), api: draft.api, now: draft.now })?);
    }
    Ok(built)
}

fn build_group(store: &mut Store, draft: &Draft) -> Result<Json, Fault> {
    let mut body = draft.frame(&[]);
    let guid = resource_guid(store, draft);
    let rules = children(store, draft, "securityRules", rule)?;
    for (i, rule) in rules.iter().enumerate() {
        check_priority(rule, rules.iter().take(i))?;
    }
    set(&mut body, "properties.resourceGuid", guid);
    if flag(draft.request, "properties.flushConnection") {
        set(&mut body, "properties.flushConnection", true);
    }
    set(&mut body, "properties.securityRules", rules);
    set(&mut body, "properties.defaultSecurityRules", defaults(draft.id));
    Ok(body)
}

fn build_rule(store: &mut Store, draft: &Draft) -> Result<Json, Fault> {
    let rule = rule(store, draft)?;
    if let Some(group) = store.body(draft.parent()) {
        let others = list(group, "properties.securityRules").iter().filter(|r| text(r, "name").is_none_or(|n| !n.eq_ignore_ascii_case(draft.name())));
        check_priority(&rule, others)?;
    }
    Ok(rule)
}

/// One rule a direction may have a priority.
fn check_priority<'a>(rule: &Json, others: impl Iterator<Item = &'a Json>) -> Result<(), Fault> {
    let key = |r: &Json| (int(r, "properties.priority"), text(r, "properties.direction").map(str::to_ascii_lowercase));
    for other in others {
        if key(other) == key(rule) {
            let (a, b) = (text(other, "name").unwrap_or(""), text(rule, "name").unwrap_or(""));
            let message =
                format!("Security rule {a} conflicts with rule {b}. Rules cannot have the same Priority and Direction. To learn more, see aka.ms/nsgrules.");
            return Err(Fault::network(400, "SecurityRuleConflict", message));
        }
    }
    Ok(())
}

fn rule(store: &mut Store, draft: &Draft) -> Result<Json, Fault> {
    let request = draft.request;
    let mut body = draft.frame(&[]);
    let given = at(request, "properties").cloned().unwrap_or(json!({}));
    let parameter = |name: &str, reason: String| {
        Fault::network(400, "SecurityRuleInvalidParameter", format!("Security rule parameter {name} of rule with Id {} is invalid. {reason}", draft.id))
    };
    for (name, allowed) in [("access", &["Allow", "Deny"][..]), ("direction", &["Inbound", "Outbound"][..])] {
        let value = text(&given, name).unwrap_or("");
        if !allowed.iter().any(|a| a.eq_ignore_ascii_case(value)) {
            return Err(parameter(name, format!("Value provided: '{value}'. Allowed values: {}.", allowed.join(", "))));
        }
    }
    let priority = int(&given, "priority").unwrap_or(0);
    if !(100..=4096).contains(&priority) {
        let message = format!("Security rule priority {priority} of rule {} is out of range. The value must be between 100 and 4096.", draft.id);
        return Err(Fault::network(400, "SecurityRulePriorityOutOfRange", message));
    }
    let names = [
        "description",
        "protocol",
        "sourcePortRange",
        "destinationPortRange",
        "sourceAddressPrefix",
        "destinationAddressPrefix",
        "access",
        "priority",
        "direction",
    ];
    let mut properties = pick(&given, &names);
    for name in ["sourcePortRanges", "destinationPortRanges", "sourceAddressPrefixes", "destinationAddressPrefixes"] {
        set(&mut properties, name, at(&given, name).cloned().unwrap_or(json!([])));
    }
    for name in ["sourcePortRange", "destinationPortRange"] {
        check_ports(&given, name).map_err(|reason| parameter(name, reason))?;
    }
    set(&mut body, "properties", properties);
    for path in ["properties.sourceApplicationSecurityGroups", "properties.destinationApplicationSecurityGroups"] {
        copy_references(store, request, &mut body, path);
    }
    Ok(body)
}

/// Ports are `*`, a number, or a range of two; one of the single and the plural member must be there.
fn check_ports(given: &Json, name: &str) -> Result<(), String> {
    let plural = list(given, &format!("{name}s")).iter().filter_map(Json::as_str);
    let all: Vec<&str> = filled(given, name).into_iter().chain(plural).collect();
    if all.is_empty() {
        return Err("Value is required.".to_owned());
    }
    let good = |text: &str| {
        let port = |t: &str| t.parse::<u32>().ok().filter(|p| *p <= 65535);
        text == "*" || port(text).is_some() || text.split_once('-').is_some_and(|(a, b)| matches!((port(a), port(b)), (Some(a), Some(b)) if a <= b))
    };
    all.iter().find(|t| !good(t)).map_or(Ok(()), |t| Err(format!("Value provided: '{t}'. Ports are '*', a number up to 65535, or a range.")))
}

/// The six rules every group has.
fn defaults(group: &str) -> Vec<Json> {
    let rows = [
        ("AllowVnetInBound", "Allow inbound traffic from all VMs in VNET", "VirtualNetwork", "VirtualNetwork", "Allow", 65000, "Inbound"),
        ("AllowAzureLoadBalancerInBound", "Allow inbound traffic from azure load balancer", "AzureLoadBalancer", "*", "Allow", 65001, "Inbound"),
        ("DenyAllInBound", "Deny all inbound traffic", "*", "*", "Deny", 65500, "Inbound"),
        ("AllowVnetOutBound", "Allow outbound traffic from all VMs to all VMs in VNET", "VirtualNetwork", "VirtualNetwork", "Allow", 65000, "Outbound"),
        ("AllowInternetOutBound", "Allow outbound traffic from all VMs to Internet", "*", "Internet", "Allow", 65001, "Outbound"),
        ("DenyAllOutBound", "Deny all outbound traffic", "*", "*", "Deny", 65500, "Outbound"),
    ];
    let rule = |(name, description, source, destination, access, priority, direction): (&str, &str, &str, &str, &str, i32, &str)| {
        json!({
            "name": name, "id": format!("{group}/defaultSecurityRules/{name}"), "type": "Microsoft.Network/networkSecurityGroups/defaultSecurityRules",
            "properties": {
                "description": description, "protocol": "*", "sourcePortRange": "*", "destinationPortRange": "*",
                "sourceAddressPrefix": source, "destinationAddressPrefix": destination, "access": access, "priority": priority,
                "direction": direction, "sourcePortRanges": [], "destinationPortRanges": [],
                "sourceAddressPrefixes": [], "destinationAddressPrefixes": []
            }
        })
    };
    rows.into_iter().map(rule).collect()
}

fn keep_group(store: &Store, id: &str) -> Option<Fault> {
    let refs = store.refs_now();
    let users: Vec<&str> = refs.to(id).iter().map(|r| r.from.as_str()).collect();
    if users.is_empty() {
        return None;
    }
    let message = format!(
        "Network security group {id} cannot be deleted because it is in use by the following resources: {}. In order to delete the Network security group, remove the association with the resource(s). To learn how to do this, see aka.ms/deletensg.",
        users.join(", ")
    );
    Some(Fault::network(400, "InUseNetworkSecurityGroupCannotBeDeleted", message))
}

fn adorn_group(store: &Store, body: &mut Json, resource: &Resource) {
    let refs = store.refs_now();
    for (kind, path) in [("Microsoft.Network/networkInterfaces", "properties.networkInterfaces"), ("Microsoft.Network/virtualNetworks", "properties.subnets")] {
        let users: Vec<Json> = refs.to(&resource.id).iter().filter(|r| r.kind == kind).map(|r| json!({ "id": r.from })).collect();
        if !users.is_empty() {
            set(body, path, users);
        }
    }
}

fn build_table(store: &mut Store, draft: &Draft) -> Result<Json, Fault> {
    let mut body = draft.frame(&[]);
    let guid = resource_guid(store, draft);
    let routes = children(store, draft, "routes", route)?;
    for (i, route) in routes.iter().enumerate() {
        check_route_clash(route, routes.iter().take(i))?;
    }
    let request = draft.request;
    set(
        &mut body,
        "properties",
        json!({
            "resourceGuid": guid, "disableBgpRoutePropagation": flag(request, "properties.disableBgpRoutePropagation"),
            "disablePeeringRoute": filled(request, "properties.disablePeeringRoute").unwrap_or("None"), "routes": routes
        }),
    );
    Ok(body)
}

fn build_route(store: &mut Store, draft: &Draft) -> Result<Json, Fault> {
    let built = route(store, draft)?;
    if let Some(table) = store.body(draft.parent()) {
        let routes = list(table, "properties.routes");
        let others = routes.iter().filter(|r| text(r, "name").is_none_or(|n| !n.eq_ignore_ascii_case(draft.name())));
        check_route_clash(&built, others)?;
        if draft.old.is_none() && routes.len() >= 400 {
            let message = format!("Cannot create more than 400 routes for route table {}.", draft.parent());
            return Err(Fault::network(400, "RouteTableRouteCountLimitReached", message));
        }
    }
    Ok(built)
}

fn check_route_clash<'a>(route: &Json, others: impl Iterator<Item = &'a Json>) -> Result<(), Fault> {
    let prefix = |r: &Json| text(r, "properties.addressPrefix").map(str::to_ascii_lowercase);
    for other in others {
        if prefix(other) == prefix(route) {
            let (a, b) = (text(other, "name").unwrap_or(""), text(route, "name").unwrap_or(""));
            let message = format!("Route {b} conflicts with route {a}: both have address prefix {}.", prefix(route).unwrap_or_default());
            return Err(Fault::network(400, "RouteConflict", message));
        }
    }
    Ok(())
}

/// Where a route may lead.
const HOPS: &[&str] = &["VirtualNetworkGateway", "VnetLocal", "Internet", "VirtualAppliance", "None"];

fn route(_: &mut Store, draft: &Draft) -> Result<Json, Fault> {
    let request = draft.request;
    let mut body = draft.frame(&[]);
    let given = at(request, "properties").cloned().unwrap_or(json!({}));
    let hop = text(&given, "nextHopType").unwrap_or("");
    if !HOPS.iter().any(|h| h.eq_ignore_ascii_case(hop)) {
        let message = format!("Next hop type '{hop}' of route {} is not valid. Allowed values: {}.", draft.id, HOPS.join(", "));
        return Err(Fault::network(400, "InvalidNextHopType", message));
    }
    let prefix = filled(&given, "addressPrefix").unwrap_or("");
    // A route's destination is a prefix or a service tag; only a prefix has digits before a slash.
    if prefix.is_empty() || prefix.contains('/') {
        subnets::parse(prefix, draft.id)?;
    }
    let address = filled(&given, "nextHopIpAddress");
    let appliance = hop.eq_ignore_ascii_case("VirtualAppliance");
    let good = address.is_some_and(|a| a.parse::<std::net::IpAddr>().is_ok());
    if appliance && !good {
        let message = format!("The route {} with next hop type VirtualAppliance needs a next hop IP address.", draft.id);
        return Err(Fault::network(400, "NextHopIpAddressRequired", message));
    }
    if !appliance && address.is_some() {
        let message = format!("The route {} with next hop type {hop} cannot have a next hop IP address.", draft.id);
        return Err(Fault::network(400, "NextHopIpAddressNotAllowed", message));
    }
    let mut properties = pick(&given, &["addressPrefix", "nextHopType"]);
    if let Some(address) = address {
        set(&mut properties, "nextHopIpAddress", address);
    }
    set(&mut properties, "hasBgpOverride", false);
    set(&mut body, "properties", properties);
    Ok(body)
}

fn keep_table(store: &Store, id: &str) -> Option<Fault> {
    store.refs_now().to(id).first()?;
    let name = id.rsplit('/').next().unwrap_or("");
    Some(Fault::network(400, "InUseRouteTableCannotBeDeleted", format!("Route table {name} is in use and cannot be deleted.")))
}

fn adorn_table(store: &Store, body: &mut Json, resource: &Resource) {
    let users: Vec<Json> = store.refs_now().to(&resource.id).iter().map(|r| json!({ "id": r.from })).collect();
    if !users.is_empty() {
        set(body, "properties.subnets", users);
    }
}
