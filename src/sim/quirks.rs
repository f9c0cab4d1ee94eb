//! Where types differ from the general rule, one function per question the engine asks.
//!
//! Each exception is one that recorded traffic shows.

use serde_json::Value as Json;

use super::{
    fault::Fault,
    http::Response,
    model::{Model, Style},
    store::{Resource, Store},
};

/// Types whose provider words "not found" itself.
pub fn not_found(model: &Model, id: &str) -> Option<Fault> {
    let name = id.rsplit('/').next().unwrap_or("");
    match model.kind {
        "Microsoft.Resources/resourceGroups" => Some(Fault::group_not_found(name)),
        "Microsoft.Authorization/roleAssignments" => Some(Fault::service(404, "RoleAssignmentNotFound", format!("The role assignment '{name}' is not found."))),
        "Microsoft.Authorization/roleDefinitions" => {
            Some(Fault::service(404, "RoleDefinitionDoesNotExist", format!("The specified role definition with ID '{name}' does not exist.")))
        }
        "Microsoft.Authorization/locks" => Some(Fault::service(404, "LockNotFound", format!("The lock '{name}' could not be found."))),
        "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials" => {
            Some(Fault::service(404, "NotFound", format!("Resource '{id}' was not found.")))
        }
        "Microsoft.Insights/diagnosticSettings" => Some(Fault::flat(404, "ResourceNotFound", format!("The diagnostic setting '{name}' doesn't exist."))),
        "Microsoft.ContainerService/managedClusters/agentPools" => Some(pool_not_found(id)),
        "Microsoft.ContainerService/managedClusters/maintenanceConfigurations" => {
            Some(Fault::aks(404, "NotFound", "", format!("Could not find the maintenance configuration {name}.")))
        }
        _ => None,
    }
}

/// AKS words a missing pool itself, once the cluster is there.
pub fn pool_not_found(id: &str) -> Fault {
    let place = super::place::Place::of(id);
    let name = |i: usize| place.names.get(i).cloned().unwrap_or_default();
    let message = format!(
        "Could not find the agentpool: {} in subscription: {}, resourceGroup: {}, resourceName: {}.",
        name(1),
        place.subscription.clone().unwrap_or_default(),
        place.group.clone().unwrap_or_default(),
        name(0)
    );
    let mut fault = Fault::aks(404, "NotFound", "", message).with_subcode("GetAgentPool_NotFound_HCPServerError");
    super::jsons::set(
        &mut fault.body,
        "details",
        serde_json::json!([{ "code": "Unspecified", "message": "rpc error: code = NotFound desc = Agent Pool not found" }]),
    );
    fault
}

/// Scopes that need not be in the store to be valid parents: tenant, subscriptions, management groups.
pub fn always_there(id: &str) -> bool {
    let lower = id.to_ascii_lowercase();
    lower.is_empty() || (lower.starts_with("/subscriptions/") && lower.matches('/').count() == 2) || lower.starts_with("/providers/")
}

/// Whether a collection lists a resource: role assignments and locks list what lies below the scope, others what lies directly in it.
pub fn listed_at(model: &Model, resource: &Resource, prefix: &str) -> bool {
    if matches!(model.kind, "Microsoft.Authorization/roleAssignments" | "Microsoft.Authorization/locks") {
        return true;
    }
    let depth = model.kind.matches('/').count();
    let extension = matches!(model.kind, "Microsoft.Insights/diagnosticSettings");
    if depth == 1 && !extension {
        return true;
    }
    // A nested or extension resource is listed by its own parent only.
    let rest = resource.id.get(prefix.len()..).unwrap_or("");
    rest.split('/').count() <= if extension { 4 } else { 2 }
}

/// The state shown while a write runs.
pub fn first_state(store: &Store, model: &Model, id: &str, existed: bool) -> String {
    let word = match (model.style, existed) {
        (Style::Aks, true) => return super::aks::state_of_update(store, id),
        (Style::Network | Style::Disk, _) => "Updating",
        (_, true) => "Updating",
        (Style::Storage, false) => "ResolvingDNS",
        (_, false) => "Creating",
    };
    word.to_owned()
}

/// Identities answer their creation with a relative `Location`, though nothing is left to wait for.
pub fn location_of_sync(model: &Model, id: &str, existed: bool) -> Option<String> {
    (model.kind.starts_with("Microsoft.ManagedIdentity/") && !existed).then(|| id.to_owned())
}

/// 201 for what is new, 200 for what was there; some providers always say the same.
pub fn status_of_write(model: &Model, existed: bool) -> u16 {
    match model.kind {
        "Microsoft.Authorization/roleAssignments" | "Microsoft.Authorization/roleDefinitions" => 201,
        "Microsoft.Insights/diagnosticSettings"
        | "Microsoft.Compute/availabilitySets"
        | "Microsoft.ContainerService/managedClusters/maintenanceConfigurations" => 200,
        _ if existed => 200,
        _ => 201,
    }
}

/// Network interfaces show no operation when the write is done at once.
pub fn no_operation_shown(model: &Model, running: bool) -> bool {
    !running && (model.kind == "Microsoft.Network/networkInterfaces" || matches!(model.style, Style::Compute | Style::Aks | Style::Group))
}

/// DELETE of what is not there: most say 204 or 404.
pub fn delete_absent(model: &Model, not_found: impl FnOnce() -> Fault) -> Result<Response, Fault> {
    match model.style {
        Style::Group => Err(not_found()),
        _ => Ok(Response::empty(204)),
    }
}

/// DELETE that is done at once: role assignments answer what was there.
pub fn answer_sync_delete(model: &Model, shown: Option<Json>) -> Response {
    match (model.kind, shown) {
        ("Microsoft.Authorization/roleAssignments", Some(body)) => Response::json(200, body),
        _ => Response::empty(200),
    }
}

/// Whether nested resources must be deleted first.
pub fn blocks_on_nested(model: &Model) -> bool {
    model.kind == "Microsoft.Network/privateDnsZones"
}

/// Whether a reference must exist and be settled before the write. Weak references, by what providers accept:
/// remote networks across tenants, workspaces, role scopes and identities are looked at elsewhere or not at all.
pub fn follows(model: &Model, via: &str) -> bool {
    if model.kind.starts_with("Microsoft.Network/") {
        return matches!(
            via,
            "subnet"
                | "networkSecurityGroup"
                | "routeTable"
                | "natGateway"
                | "publicIPAddress"
                | "publicIpAddresses"
                | "publicIpPrefixes"
                | "remoteVirtualNetwork"
                | "virtualNetwork"
                | "ddosProtectionPlan"
                | "applicationSecurityGroups"
                | "sourceApplicationSecurityGroups"
                | "destinationApplicationSecurityGroups"
                | "loadBalancerBackendAddressPools"
                | "loadBalancerInboundNatRules"
                | "gatewayLoadBalancer"
        );
    }
    matches!(via, "vnetSubnetID" | "podSubnetID" | "availabilitySet" | "subnetId")
}

/// Members that came with an api-version: older ones do not show them.
const SINCE: &[(&str, &str, &str)] = &[
    ("Microsoft.Network/routeTables", "properties.disablePeeringRoute", "2025"),
    ("Microsoft.Network/publicIPAddresses", "properties.ddosSettings", "2022"),
    ("Microsoft.Network/virtualNetworks", "properties.privateEndpointVNetPolicies", "2023-11"),
    ("Microsoft.Network/networkInterfaces", "properties.disableTcpStateTracking", "2021-08"),
    ("Microsoft.Network/networkInterfaces", "properties.allowPort25Out", "2022"),
    ("Microsoft.Network/networkInterfaces", "properties.auxiliaryMode", "2022"),
    ("Microsoft.Network/networkInterfaces", "properties.auxiliarySku", "2021-08"),
    ("Microsoft.Network/networkInterfaces", "kind", "2022"),
    ("Microsoft.Network/natGateways", "properties.type", "2024"),
    ("Microsoft.Compute/virtualMachines", "etag", "2024-07"),
    ("Microsoft.Compute/virtualMachines", "properties.timeCreated", "2022"),
    ("Microsoft.ContainerService/managedClusters", "eTag", "2024-10"),
    ("Microsoft.ContainerService/managedClusters", "properties.metricsProfile", "2024-05"),
    ("Microsoft.ContainerService/managedClusters", "properties.nodeProvisioningProfile", "2025-03"),
    ("Microsoft.ContainerService/managedClusters", "properties.bootstrapProfile", "2025-03"),
];

/// Takes away what the api-version of the request does not know.
pub fn drop_newer(kind: &str, api: &str, body: &mut Json) {
    if api.is_empty() {
        return;
    }
    for (_, path, _) in SINCE.iter().filter(|(k, _, since)| *k == kind && api < *since) {
        super::jsons::remove(body, path);
    }
}
