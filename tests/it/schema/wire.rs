//! Bodies against the Azure SDK's own wire types: what we build deserialises into them, and nothing gets lost on the way.

use azure_mgmt_containerservice::models as aks;
use azure_mgmt_network::models as net;
use ravelin::{
    base::Mode,
    schema::{Json, Major, Target, find},
};
use serde::{Serialize, de::DeserializeOwned};

use super::{context, inverse};

/// Members younger than the SDK's frozen models (network 2024-03-01, AKS 2023-01-02-preview).
const YOUNGER: &[&str] = &[
    "ipamPoolPrefixAllocations",
    "privateEndpointVNetPolicies",
    "sharingScope",
    "localSubnetNames",
    "remoteSubnetNames",
    "enableOnlyIPv6Peering",
    "peerCompleteVnets",
    "networkIdentifier",
    "domainNameLabelScope",
    // AKS
    "advancedNetworking",
    "aiToolchainOperatorProfile",
    "bootstrapProfile",
    "containerRegistryId",
    "costAnalysis",
    "metricsProfile",
    "daemonset-eviction-for-empty-nodes",
    "daemonset-eviction-for-occupied-nodes",
    "ignore-daemonsets-utilization",
    "drainTimeoutInMinutes",
    "nodeSoakDurationInMinutes",
    "maxUnavailable",
    "undrainableNodeBehavior",
    "gpuProfile",
    "nodeProvisioningProfile",
    "networkDataplane",
    "nodeOSUpgradeChannel",
    "serviceMeshProfile",
    "supportPlan",
    "upgradeSettings",
    "verticalPodAutoscaler",
    "webAppRouting",
    "customCATrustCertificates",
    "networkProfile.nodePublicIPTags",
    "backendPoolType",
];

/// The body without members that had another form when the models were made.
fn without(body: &Json) -> Json {
    match body {
        Json::Object(map) => Json::Object(map.iter().filter(|(k, _)| *k != "verticalPodAutoscaler").map(|(k, v)| (k.clone(), without(v))).collect()),
        Json::Array(items) => Json::Array(items.iter().map(without).collect()),
        other => other.clone(),
    }
}

fn back<T: DeserializeOwned + Serialize>(body: &Json) -> Result<Json, String> {
    let typed: T = serde_json::from_value(body.clone()).map_err(|e| e.to_string())?;
    serde_json::to_value(typed).map_err(|e| e.to_string())
}

/// Members of `sent` that `back` lacks or holds differently. Empty arrays count as absent: the models leave them out.
fn lost(sent: &Json, back: Option<&Json>, path: &str, out: &mut Vec<String>) {
    if YOUNGER.iter().any(|y| path.ends_with(y)) {
        return;
    }
    match (sent, back) {
        (Json::Object(s), _) => s.iter().for_each(|(k, v)| lost(v, back.and_then(|b| b.get(k)), &format!("{path}.{k}"), out)),
        (Json::Array(s), None) if s.is_empty() => {}
        (Json::Array(s), Some(Json::Array(b))) if s.len() == b.len() => s.iter().zip(b).for_each(|(v, w)| lost(v, Some(w), &format!("{path}[]"), out)),
        (Json::Number(s), Some(Json::Number(b))) if s.as_f64() == b.as_f64() => {}
        (s, Some(b)) if s == b => {}
        (s, b) => out.push(format!("{path} was {s}, came back as {b:?}")),
    }
}

fn check(kind: &str, back: fn(&Json) -> Result<Json, String>, out: &mut Vec<String>) {
    let ty = find(Mode::Managed, kind, Major::V5).unwrap_or_else(|| panic!("{kind} is not declared"));
    let mut dice = inverse::Dice::new(kind);
    for _ in 0..8 {
        let config = inverse::modelled(ty, inverse::random(&ty.shape, inverse::SHARES, &mut dice, 0));
        let planned = ty.planned(&config, None, &context());
        let Ok(built) = ty.build(&planned, &context()) else { continue };
        let body = match ty.target(&planned, &context()) {
            Some(Target::Part { place, .. }) => {
                let mut owner = serde_json::json!({});
                place.set(&mut owner, built);
                owner
            }
            _ => built,
        };
        let mut found = Vec::new();
        match back(&without(&body)) {
            Ok(b) => lost(&body, Some(&b), "", &mut found),
            // azurerm lets a rule go without frontends; Azure refuses it, and so does the model.
            Err(why) if why.contains("missing field `frontendIPConfigurations`") => {}
            Err(why) => found.push(format!("does not deserialise: {why}")),
        }
        out.extend(found.into_iter().map(|f| format!("{kind}: {f}")));
    }
}

#[test]
fn bodies_go_through_the_sdks_types_without_loss() {
    let mut out = Vec::new();
    check("azurerm_virtual_network", back::<net::VirtualNetwork>, &mut out);
    check("azurerm_subnet", back::<net::Subnet>, &mut out);
    check("azurerm_subnet_network_security_group_association", back::<net::Subnet>, &mut out);
    check("azurerm_subnet_route_table_association", back::<net::Subnet>, &mut out);
    check("azurerm_subnet_nat_gateway_association", back::<net::Subnet>, &mut out);
    check("azurerm_virtual_network_peering", back::<net::VirtualNetworkPeering>, &mut out);
    check("azurerm_route_table", back::<net::RouteTable>, &mut out);
    check("azurerm_route", back::<net::Route>, &mut out);
    check("azurerm_network_security_group", back::<net::NetworkSecurityGroup>, &mut out);
    check("azurerm_network_security_rule", back::<net::SecurityRule>, &mut out);
    check("azurerm_public_ip", back::<net::PublicIpAddress>, &mut out);
    check("azurerm_public_ip_prefix", back::<net::PublicIpPrefix>, &mut out);
    check("azurerm_nat_gateway", back::<net::NatGateway>, &mut out);
    check("azurerm_nat_gateway_public_ip_association", back::<net::NatGateway>, &mut out);
    check("azurerm_lb", back::<net::LoadBalancer>, &mut out);
    check("azurerm_lb_backend_address_pool", back::<net::BackendAddressPool>, &mut out);
    check("azurerm_lb_backend_address_pool_address", back::<net::BackendAddressPool>, &mut out);
    check("azurerm_lb_probe", back::<net::LoadBalancer>, &mut out);
    check("azurerm_lb_rule", back::<net::LoadBalancer>, &mut out);
    check("azurerm_lb_outbound_rule", back::<net::LoadBalancer>, &mut out);
    check("azurerm_lb_nat_rule", back::<net::InboundNatRule>, &mut out);
    check("azurerm_network_interface", back::<net::NetworkInterface>, &mut out);
    check("azurerm_network_interface_security_group_association", back::<net::NetworkInterface>, &mut out);
    check("azurerm_network_interface_backend_address_pool_association", back::<net::NetworkInterface>, &mut out);
    check("azurerm_application_security_group", back::<net::ApplicationSecurityGroup>, &mut out);
    check("azurerm_network_ddos_protection_plan", back::<net::DdosProtectionPlan>, &mut out);
    check("azurerm_private_endpoint", back::<net::PrivateEndpoint>, &mut out);
    check("azurerm_kubernetes_cluster", back::<aks::ManagedCluster>, &mut out);
    check("azurerm_kubernetes_cluster_node_pool", back::<aks::AgentPool>, &mut out);
    out.sort();
    out.dedup_by_key(|line| line.split(" was ").next().unwrap_or("").to_owned());
    assert!(out.is_empty(), "{} members get lost:\n{}", out.len(), out.join("\n"));
}
