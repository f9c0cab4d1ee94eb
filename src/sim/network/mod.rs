//! Microsoft.Network: virtual networks, security groups, routes, addresses, load balancers, interfaces and what goes with them.

pub mod addresses;
pub mod balancer;
pub mod interface;
pub mod networks;
pub mod private_dns;
pub mod private_endpoint;
pub mod public;
pub mod rules;
pub mod subnets;

use serde_json::{Value as Json, json};

use super::{
    fault::Fault,
    http::{Request, Response},
    jsons::{self, at, set, text},
    model::{Draft, Model, PLAIN, Style, Timing},
    place::Place,
    store::Store,
};

/// The base of this provider's models.
pub const NETWORK: Model = Model { style: Style::Network, etagged: true, ..PLAIN };

/// Timing whose work takes as long as Azure asks to wait.
pub const fn timing(wait: u32, wait_delete: u32) -> Timing {
    let (write, delete) = (wait as i64 * 1000, wait_delete as i64 * 1000);
    Timing { create: write, update: write, delete, wait, wait_delete }
}

/// Small types: application security groups and DDoS plans.
pub const MODELS: &[Model] = &[
    Model {
        kind: "Microsoft.Network/applicationSecurityGroups",
        shown: "Microsoft.Network/applicationSecurityGroups",
        label: "ApplicationSecurityGroup",
        timing: timing(1, 10),
        build: |_, draft| Ok(draft.frame(&[])),
        keep: keep_application_group,
        ..NETWORK
    },
    Model {
        kind: "Microsoft.Network/ddosProtectionPlans",
        shown: "Microsoft.Network/ddosProtectionPlans",
        label: "DdosProtectionPlan",
        timing: timing(3, 10),
        build: build_group,
        ..NETWORK
    },
];

fn build_group(store: &mut Store, draft: &Draft) -> Result<Json, Fault> {
    let mut body = draft.frame(&[]);
    set(&mut body, "properties.resourceGuid", resource_guid(store, draft));
    Ok(body)
}

fn keep_application_group(store: &Store, id: &str) -> Option<Fault> {
    let user = store.refs_now().to(id).first().map(|r| r.from.clone())?;
    let message = format!("Application security group {id} cannot be deleted because it is in use by the following resources: {user}.");
    Some(Fault::network(400, "ApplicationSecurityGroupInUse", message))
}

/// The GUID a resource keeps for life.
pub fn resource_guid(store: &mut Store, draft: &Draft) -> Json {
    draft.keep("properties.resourceGuid", || Json::from(store.guid()))
}

/// A reference that holds nothing but an id, as the provider answers it; it is spelt as the target is.
pub fn reference(store: &Store, value: &Json) -> Option<Json> {
    let id = text(value, "id")?;
    let spelled = Place::of(id).id(store);
    Some(json!({ "id": spelled }))
}

/// Copies a reference member of the request into a body.
pub fn copy_reference(store: &Store, request: &Json, body: &mut Json, path: &str) {
    if let Some(value) = at(request, path).and_then(|v| reference(store, v)) {
        set(body, path, value);
    }
}

/// Copies a list of references; absent stays absent.
pub fn copy_references(store: &Store, request: &Json, body: &mut Json, path: &str) {
    if at(request, path).is_some() {
        let items: Vec<Json> = jsons::list(request, path).iter().filter_map(|v| reference(store, v)).collect();
        set(body, path, items);
    }
}

/// Reads below `locations/` and other odd paths of this provider.
pub fn special(store: &mut Store, request: &Request, place: &Place) -> Option<Result<Response, Fault>> {
    let lower = place.lower();
    let path: Vec<&str> = lower.iter().map(String::as_str).collect();
    match (request.method.as_str(), path.as_slice()) {
        ("GET", [_, subscription, "providers", "microsoft.network", "locations", location, "usages"]) => Some(Ok(usages(store, subscription, location))),
        ("GET", [.., "virtualnetworks", _, "checkipaddressavailability"]) => Some(addresses::availability(store, request, place)),
        ("GET", [.., "virtualnetworks", _, "usages"]) => Some(addresses::usages(store, place)),
        ("GET", [.., "loadbalancers", _, "networkinterfaces"]) => Some(balancer::interfaces(store, request, place)),
        ("GET", [_, _, "providers", "microsoft.network", "locations", _, "checkdnsnameavailability"]) => {
            let label = request.query("domainNameLabel").unwrap_or("");
            let taken = store.of_kind("Microsoft.Network/publicIPAddresses").any(|r| text(&r.body, "properties.dnsSettings.domainNameLabel") == Some(label));
            Some(Ok(Response::json(200, json!({ "available": !taken }))))
        }
        ("GET", [.., "microsoft.network", kind]) if NEVER_MADE.contains(kind) => Some(Ok(Response::list(Vec::new()))),
        _ => None,
    }
}

/// Types that cannot be made here, so that their lists are empty. Who looks at a whole network asks for them.
const NEVER_MADE: &[&str] = &["applicationgateways", "azurefirewalls", "bastionhosts", "privatelinkservices", "virtualhubs", "virtualnetworkgateways"];

/// Counts against the subscription's limits in one region.
fn usages(store: &Store, subscription: &str, location: &str) -> Response {
    let rows = [
        ("VirtualNetworks", "Virtual Networks", "virtualNetworks", 1000),
        ("PublicIPAddresses", "Public IP Addresses", "publicIPAddresses", 1000),
        ("StandardSkuPublicIpAddresses", "Public IP Addresses - Standard", "publicIPAddresses", 1000),
        ("NetworkInterfaces", "Network Interfaces", "networkInterfaces", 65536),
        ("NetworkSecurityGroups", "Network Security Groups", "networkSecurityGroups", 5000),
        ("LoadBalancers", "Load Balancers", "loadBalancers", 1000),
        ("StandardSkuLoadBalancers", "Standard Load Balancers", "loadBalancers", 1000),
        ("RouteTables", "Route Tables", "routeTables", 200),
        ("NatGateways", "Nat Gateways", "natGateways", 1000),
        ("PublicIpPrefixes", "Public Ip Prefixes", "publicIPPrefixes", 2_147_483_647_i64),
        ("ApplicationSecurityGroups", "Application Security Groups.", "applicationSecurityGroups", 3000),
        ("PrivateEndpoints", "Private Endpoints", "privateEndpoints", 65536),
    ];
    let prefix = format!("/subscriptions/{subscription}/");
    let items = rows.iter().map(|(value, shown, kind, limit)| {
        let kind = format!("Microsoft.Network/{kind}");
        let count = store.of_kind(&kind).filter(|r| r.location() == location && r.id.to_ascii_lowercase().starts_with(&prefix)).count();
        json!({
            "currentValue": count, "limit": limit, "unit": "Count", "isAdjustable": true,
            "id": format!("/subscriptions/{subscription}/providers/Microsoft.Network/locations/{location}/usages/{value}"),
            "name": { "localizedValue": shown, "value": value }
        })
    });
    Response::list(items.collect())
}
