//! What cannot be changed after creation, by leaf. Source: azurerm's replacement rules and live refusals.

use serde_json::Value as Json;

use crate::{
    base::Prefix,
    sim::{
        fault::Fault,
        jsons::{at, filled, flag, text},
    },
};

fn refuse(name: &str) -> Fault {
    Fault::aks(400, "PropertyChangeNotAllowed", name, format!("Changing property '{name}' is not allowed."))
}

/// Cluster members, below `properties`, that stay as they are.
const CLUSTER: &[&str] = &[
    "dnsPrefix",
    "fqdnSubdomain",
    "nodeResourceGroup",
    "enableRBAC",
    "diskEncryptionSetID",
    "linuxProfile.adminUsername",
    "networkProfile.serviceCidr",
    "networkProfile.dnsServiceIP",
    "networkProfile.loadBalancerSku",
    "networkProfile.networkMode",
    "apiServerAccessProfile.privateDNSZone",
    "identityProfile.kubeletidentity.resourceId",
];

/// Refuses changes to what AKS fixes at creation.
pub fn check_cluster(old: &Json, new: &Json) -> Result<(), Fault> {
    let path = |p: &str| format!("properties.{p}");
    for name in CLUSTER {
        let (before, after) = (at(old, &path(name)), at(new, &path(name)));
        let same = match (before.and_then(Json::as_str), after.and_then(Json::as_str)) {
            (Some(a), Some(b)) => a.eq_ignore_ascii_case(b),
            _ => before == after,
        };
        if before.is_some() && after.is_some() && !same {
            return Err(refuse(name));
        }
    }
    network(old, new)?;
    private(old, new)?;
    if flag(old, "properties.oidcIssuerProfile.enabled") && !flag(new, "properties.oidcIssuerProfile.enabled") {
        return Err(Fault::aks(400, "OIDCIssuerFeatureCannotBeDisabled", "oidcIssuerProfile.enabled", "OIDC issuer feature cannot be disabled."));
    }
    Ok(())
}

/// Plugin, mode, data plane, policy, pod range: each has the few steps that AKS takes in place.
fn network(old: &Json, new: &Json) -> Result<(), Fault> {
    let of = |body: &Json, name: &str| filled(body, &format!("properties.networkProfile.{name}")).unwrap_or("").to_ascii_lowercase();
    let step = |name: &str| (of(old, name), of(new, name));
    let to_overlay = of(new, "networkPluginMode") == "overlay";
    match step("networkPlugin") {
        (a, b) if a == b => {}
        (a, b) if a == "kubenet" && b == "azure" && to_overlay => {}
        _ => return Err(refuse("networkProfile.networkPlugin")),
    }
    match step("networkPluginMode") {
        (a, b) if a == b || (a.is_empty() && b == "overlay") => {}
        _ => return Err(refuse("networkProfile.networkPluginMode")),
    }
    match step("networkDataplane") {
        (a, b) if a == b || a.is_empty() || (a == "azure" && b == "cilium") => {}
        _ => return Err(refuse("networkProfile.networkDataplane")),
    }
    match step("podCidr") {
        (a, b) if a == b || a.is_empty() || b.is_empty() => Ok(()),
        (a, b) => {
            // An overlay's pod range may grow in place, never shrink or move.
            let wider = matches!((a.parse::<Prefix>(), b.parse::<Prefix>()), (Ok(a), Ok(b)) if b.contains(a));
            if wider && of(old, "networkPluginMode") == "overlay" { Ok(()) } else { Err(refuse("networkProfile.podCidr")) }
        }
    }
}

/// A cluster is private for life, unless its API server is in the virtual network.
fn private(old: &Json, new: &Json) -> Result<(), Fault> {
    let of = |body: &Json| flag(body, "properties.apiServerAccessProfile.enablePrivateCluster");
    let inside = |body: &Json| flag(body, "properties.apiServerAccessProfile.enableVnetIntegration");
    if of(old) != of(new) && !(inside(old) || inside(new)) {
        return Err(refuse("apiServerAccessProfile.enablePrivateCluster"));
    }
    if inside(old) && !inside(new) {
        return Err(refuse("apiServerAccessProfile.enableVnetIntegration"));
    }
    Ok(())
}

/// Pool members that stay as they are.
const POOL: &[&str] = &[
    "vmSize",
    "osType",
    "type",
    "vnetSubnetID",
    "podSubnetID",
    "maxPods",
    "osDiskType",
    "osDiskSizeGB",
    "kubeletDiskType",
    "availabilityZones",
    "enableNodePublicIP",
    "nodePublicIPPrefixID",
    "enableEncryptionAtHost",
    "enableUltraSSD",
    "enableFIPS",
    "proximityPlacementGroupID",
    "hostGroupID",
    "capacityReservationGroupID",
    "gpuInstanceProfile",
    "kubeletConfig",
    "linuxOSConfig",
    "scaleSetPriority",
    "scaleSetEvictionPolicy",
    "spotMaxPrice",
];

/// Refuses changes to what a pool fixes at creation. A member the request leaves out, or gives as empty, is no change.
pub fn check_pool(old: Option<&Json>, request: &Json) -> Result<(), Fault> {
    let Some(old) = old else { return Ok(()) };
    for name in POOL {
        let Some(asked) = at(request, name) else { continue };
        let empty = asked == &Json::from("")
            || asked == &Json::from(0)
            || asked.as_array().is_some_and(Vec::is_empty)
            || asked.as_object().is_some_and(serde_json::Map::is_empty);
        let default = match *name {
            "scaleSetPriority" => Some(Json::from("Regular")),
            "scaleSetEvictionPolicy" => Some(Json::from("Delete")),
            "spotMaxPrice" => Some(Json::from(-1.0)),
            "enableEncryptionAtHost" | "enableUltraSSD" | "enableFIPS" | "enableNodePublicIP" => Some(Json::from(false)),
            _ => None,
        };
        let before = at(old, name).cloned().or(default);
        let same = match (before.as_ref().and_then(Json::as_str), asked.as_str()) {
            (Some(a), Some(b)) => a.eq_ignore_ascii_case(b),
            _ => before.as_ref() == Some(asked) || before.as_ref().and_then(Json::as_f64).is_some_and(|a| asked.as_f64() == Some(a)),
        };
        if !empty && !same {
            return Err(refuse(&format!("properties.{name}")));
        }
    }
    let family = |sku: &str| sku.trim_end_matches(|c: char| c.is_ascii_digit()).to_ascii_lowercase();
    match (text(old, "osSKU"), filled(request, "osSKU")) {
        (Some(a), Some(b)) if a != b && !swappable(&family(a), &family(b)) => Err(refuse("properties.osSKU")),
        _ => Ok(()),
    }
}

/// Operating systems that a pool may be moved between by reimaging.
fn swappable(from: &str, to: &str) -> bool {
    let free = ["ubuntu", "azurelinux", "mariner", "cblmariner"];
    free.contains(&from) && free.contains(&to)
}
