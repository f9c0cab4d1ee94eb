//! The Azure SDK's own wire types: answers of read-only actions, and an independent check of bodies we build.
//!
//! This is the only file that names the generated crates, as compiling against them is dear. They are frozen at network
//! 2024-03-01 and AKS 2023-01-02-preview, so what is newer is unknown to them; requests go out under versions of our own.

use std::time::Duration;

use azure_mgmt_containerservice::models as aks;
use azure_mgmt_network::models as network;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value as Json;

use super::{
    client::Arm,
    error::{ArmError, ErrorKind},
};
use crate::base::ResourceId;

/// How full a subnet is, as Azure counts it: reserved addresses are not in the limit.
#[derive(Clone, Debug, PartialEq)]
pub struct SubnetUsage {
    pub subnet: ResourceId,
    pub used: u64,
    pub limit: u64,
}

/// Whether a private address can be taken in a VNet, and some that can.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Availability {
    pub available: bool,
    pub alternatives: Vec<String>,
}

/// A route in force at a network interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EffectiveRoute {
    pub prefixes: Vec<String>,
    /// As Azure spells it: `VirtualAppliance`, `Internet`, `None`, …
    pub next_hop_type: String,
    pub next_hops: Vec<String>,
    pub active: bool,
    /// `User`, `Default`, `VirtualNetworkGateway`.
    pub source: String,
}

/// Where a cluster or node pool can be upgraded to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upgrades {
    /// Empty for the control plane.
    pub pool: String,
    pub version: String,
    pub to: Vec<String>,
}

/// A name that a cluster must reach, and on which ports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outbound {
    pub category: String,
    pub domain: String,
    pub ports: Vec<u16>,
}

/// Read-only actions are waited for this long.
const PATIENCE: Duration = Duration::from_secs(300);

impl Arm {
    /// The usage of a VNet's subnets.
    pub async fn subnet_usages(&self, vnet: &ResourceId, api: &str) -> Result<Vec<SubnetUsage>, ArmError> {
        let items = self.list(&format!("{vnet}/usages?api-version={api}")).await?;
        let what = format!("GET {vnet}/usages");
        let usages: Vec<network::VirtualNetworkUsage> = typed(&what, Json::Array(items))?;
        let count = |n: Option<f64>| n.unwrap_or_default().max(0.0) as u64;
        let usage =
            |u: network::VirtualNetworkUsage| Some(SubnetUsage { subnet: ResourceId::parse(&u.id?)?, used: count(u.current_value), limit: count(u.limit) });
        Ok(usages.into_iter().filter_map(usage).collect())
    }

    /// Whether a private address is free in a VNet.
    pub async fn address_available(&self, vnet: &ResourceId, address: std::net::IpAddr, api: &str) -> Result<Availability, ArmError> {
        let answer = self.fetch_json(&format!("{vnet}/CheckIPAddressAvailability?ipAddress={address}&api-version={api}")).await?;
        let result: network::IpAddressAvailabilityResult = typed(&format!("GET {vnet}/CheckIPAddressAvailability"), answer)?;
        Ok(Availability { available: result.available.unwrap_or(false), alternatives: result.available_ip_addresses })
    }

    /// The routes in force at a network interface; its machine must be running.
    pub async fn effective_routes(&self, nic: &ResourceId, api: &str) -> Result<Vec<EffectiveRoute>, ArmError> {
        let answer = self.post(nic, "effectiveRouteTable", api, None, PATIENCE, &|_| {}).await?;
        let result: network::EffectiveRouteListResult = typed(&format!("POST {nic}/effectiveRouteTable"), answer)?;
        let route = |r: network::EffectiveRoute| EffectiveRoute {
            active: word(&r.state) == "Active",
            source: word(&r.source),
            next_hop_type: word(&r.next_hop_type),
            prefixes: r.address_prefix,
            next_hops: r.next_hop_ip_address,
        };
        Ok(result.value.into_iter().map(route).collect())
    }

    /// The kubeconfigs of a cluster for the caller, by name. `admin` asks for the local account's, which may be disabled.
    pub async fn kubeconfigs(&self, cluster: &ResourceId, admin: bool, api: &str) -> Result<Vec<(String, Vec<u8>)>, ArmError> {
        let action = if admin { "listClusterAdminCredential" } else { "listClusterUserCredential" };
        let answer = self.post(cluster, action, api, None, PATIENCE, &|_| {}).await?;
        let what = format!("POST {cluster}/{action}");
        let result: aks::CredentialResults = typed(&what, answer)?;
        let decode = |c: aks::CredentialResult| {
            let bytes = STANDARD.decode(c.value.unwrap_or_default());
            let bytes = bytes.map_err(|e| ArmError::new(ErrorKind::Transport, what.clone(), format!("A kubeconfig is not base64: {e}.")))?;
            Ok((c.name.unwrap_or_default(), bytes))
        };
        result.kubeconfigs.into_iter().map(decode).collect()
    }

    /// The versions that a cluster's control plane and node pools can go to.
    pub async fn upgrades(&self, cluster: &ResourceId, api: &str) -> Result<Vec<Upgrades>, ArmError> {
        let answer = self.fetch_json(&format!("{cluster}/upgradeProfiles/default?api-version={api}")).await?;
        let profile: aks::ManagedClusterUpgradeProfile = typed(&format!("GET {cluster}/upgradeProfiles/default"), answer)?;
        let version = |u: &Json| u.get("kubernetesVersion").and_then(Json::as_str).map(str::to_owned);
        let read = |p: aks::ManagedClusterPoolUpgradeProfile, pool: String| Upgrades {
            pool,
            version: p.kubernetes_version,
            to: p.upgrades.iter().filter_map(version).collect(),
        };
        let properties = profile.properties;
        let control = read(properties.control_plane_profile, String::new());
        let pools = properties.agent_pool_profiles.into_iter().map(|p| {
            let name = p.name.clone().unwrap_or_default();
            read(p, name)
        });
        Ok(std::iter::once(control).chain(pools).collect())
    }

    /// The names a cluster must be able to reach.
    pub async fn outbound_dependencies(&self, cluster: &ResourceId, api: &str) -> Result<Vec<Outbound>, ArmError> {
        let items = self.list(&format!("{cluster}/outboundNetworkDependenciesEndpoints?api-version={api}")).await?;
        let what = format!("GET {cluster}/outboundNetworkDependenciesEndpoints");
        let categories: Vec<aks::OutboundEnvironmentEndpoint> = typed(&what, Json::Array(items))?;
        let mut out = Vec::new();
        for category in categories {
            let name = category.category.unwrap_or_default();
            out.extend(category.endpoints.into_iter().map(|e| Outbound {
                category: name.clone(),
                domain: e.domain_name.unwrap_or_default(),
                ports: e.endpoint_details.iter().filter_map(|d| u16::try_from(d.port?).ok()).collect(),
            }));
        }
        Ok(out)
    }
}

/// The body as one of the SDK's types. Errors: the part that does not fit.
fn typed<T: DeserializeOwned>(what: &str, body: Json) -> Result<T, ArmError> {
    serde_json::from_value(body).map_err(|e| ArmError::new(ErrorKind::Transport, what, format!("The answer is not of the expected form: {e}.")))
}

/// An enum value as it is spelt on the wire; empty when absent.
fn word<T: Serialize>(value: &Option<T>) -> String {
    match serde_json::to_value(value) {
        Ok(Json::String(s)) => s,
        _ => String::new(),
    }
}

/// Reads a request body of a resource type into the SDK's own type and writes it again: the paths that got lost on the
/// way (misspelt, or newer than the SDK), as JSON pointers. `None`: the SDK has no such type here. Errors: what does not fit.
pub fn lost(kind: &str, body: &Json) -> Option<Result<Vec<String>, String>> {
    let check = match kind.to_ascii_lowercase().as_str() {
        "microsoft.network/virtualnetworks" => through::<network::VirtualNetwork>,
        "microsoft.network/virtualnetworks/subnets" => through::<network::Subnet>,
        "microsoft.network/virtualnetworks/virtualnetworkpeerings" => through::<network::VirtualNetworkPeering>,
        "microsoft.network/routetables" => through::<network::RouteTable>,
        "microsoft.network/routetables/routes" => through::<network::Route>,
        "microsoft.network/networksecuritygroups" => through::<network::NetworkSecurityGroup>,
        "microsoft.network/networksecuritygroups/securityrules" => through::<network::SecurityRule>,
        "microsoft.network/publicipaddresses" => through::<network::PublicIpAddress>,
        "microsoft.network/loadbalancers" => through::<network::LoadBalancer>,
        "microsoft.network/networkinterfaces" => through::<network::NetworkInterface>,
        "microsoft.network/natgateways" => through::<network::NatGateway>,
        "microsoft.containerservice/managedclusters" => through::<aks::ManagedCluster>,
        "microsoft.containerservice/managedclusters/agentpools" => through::<aks::AgentPool>,
        "microsoft.containerservice/managedclusters/maintenanceconfigurations" => through::<aks::MaintenanceConfiguration>,
        _ => return None,
    };
    Some(check(body))
}

fn through<T: DeserializeOwned + Serialize>(body: &Json) -> Result<Vec<String>, String> {
    let value: T = serde_json::from_value(body.clone()).map_err(|e| e.to_string())?;
    let back = serde_json::to_value(value).map_err(|e| e.to_string())?;
    let mut out = Vec::new();
    compare(body, Some(&back), &mut String::new(), &mut out);
    Ok(out)
}

/// Collects the paths of `a` that `b` does not hold. Nulls and empty collections say nothing and may go.
fn compare(a: &Json, b: Option<&Json>, path: &mut String, out: &mut Vec<String>) {
    let mut step = |name: &str, a: &Json, b: Option<&Json>| {
        let length = path.len();
        path.push('/');
        path.push_str(name);
        compare(a, b, path, out);
        path.truncate(length);
    };
    match a {
        Json::Null => {}
        Json::Object(map) => map.iter().for_each(|(k, v)| step(k, v, b.and_then(|b| b.get(k)))),
        Json::Array(items) => items.iter().enumerate().for_each(|(i, v)| step(&i.to_string(), v, b.and_then(|b| b.get(i)))),
        Json::Number(n) if b.and_then(Json::as_f64) == n.as_f64() => {}
        scalar if b == Some(scalar) => {}
        _ => out.push(path.clone()),
    }
}
