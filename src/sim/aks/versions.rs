//! Kubernetes versions on offer, and what one may upgrade to.

use serde_json::{Value as Json, json};

use crate::sim::fault::Fault;

/// Newest patch of each minor. Older minors are kept so that recorded clusters can be replayed.
const PATCHES: &[(&str, &str)] = &[
    ("1.25", "1.25.6"),
    ("1.26", "1.26.12"),
    ("1.27", "1.27.9"),
    ("1.28", "1.28.5"),
    ("1.29", "1.29.9"),
    ("1.30", "1.30.9"),
    ("1.31", "1.31.8"),
    ("1.32", "1.32.5"),
    ("1.33", "1.33.5"),
    ("1.34", "1.34.2"),
    ("1.35", "1.35.1"),
];

/// The minor a cluster gets when it asks for none.
pub const DEFAULT: &str = "1.34";

/// Minors that new clusters are meant to use.
const SUPPORTED: &[&str] = &["1.33", "1.34", "1.35"];

/// `1.33` of `1.33.5`.
pub fn minor(version: &str) -> String {
    version.split('.').take(2).collect::<Vec<_>>().join(".")
}

/// The full version meant by a request: a minor stands for its newest patch.
pub fn resolve(version: &str) -> Option<String> {
    let parts: Vec<&str> = version.split('.').collect();
    let numeric = parts.iter().all(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()));
    let (_, newest) = PATCHES.iter().find(|(m, _)| *m == minor(version)).filter(|_| numeric)?;
    match parts.len() {
        2 => Some((*newest).to_owned()),
        3 => Some(version.to_owned()),
        _ => None,
    }
}

/// Refuses a version that is not on offer.
pub fn check(cluster: &str, version: &str, target: &str) -> Result<String, Fault> {
    resolve(version).ok_or_else(|| {
        let offered: Vec<&str> = PATCHES.iter().filter(|(m, _)| SUPPORTED.contains(m)).map(|(_, p)| *p).collect();
        let message = format!("Managed cluster {cluster} is on version {version}, which is not supported in this region. Please use [az aks get-versions] command to get the supported version list in this region. Supported versions: {}.", offered.join(", "));
        Fault::aks(400, "K8sVersionNotSupported", target, message)
    })
}

fn numbers(version: &str) -> Vec<u32> {
    version.split('.').filter_map(|p| p.parse().ok()).collect()
}

/// Refuses a step down, and one over more than one minor.
pub fn check_upgrade(from: &str, to: &str) -> Result<(), Fault> {
    let (a, b) = (numbers(from), numbers(to));
    let minor = |v: &[u32]| v.get(1).copied().unwrap_or(0);
    if b < a {
        let message = format!("Downgrading Kubernetes version {from} to {to} is not allowed.");
        return Err(Fault::aks(400, "OperationNotAllowed", "", message));
    }
    if minor(&b) > minor(&a) + 1 {
        let next: Vec<&str> = PATCHES.iter().map(|(_, p)| *p).filter(|p| minor(&numbers(p)) == minor(&a) + 1).collect();
        let message = format!(
            "Upgrading Kubernetes version {from} to {to} is not allowed. Available upgrades: [{}]. See https://aka.ms/aks-supported-k8s-ver for version details.",
            next.join(" ")
        );
        return Err(Fault::aks(400, "OperationNotAllowed", "", message));
    }
    Ok(())
}

/// A pool is never newer than its control plane, nor more than two minors older.
pub fn check_pool(pool: &str, control_plane: &str) -> Result<(), Fault> {
    let (a, b) = (numbers(pool), numbers(control_plane));
    let minor = |v: &[u32]| v.get(1).copied().unwrap_or(0);
    if a > b || minor(&a) + 3 < minor(&b) {
        let message = format!(
            "Node pool version {pool} and control plane version {control_plane} are incompatible. Minor version of node pool version cannot be bigger than control plane version. Minor version of node pool cannot be more than 3 versions less than control plane version. For more information, please check https://aka.ms/aks/UpgradeVersionRules"
        );
        return Err(Fault::aks(400, "NodePoolMcVersionIncompatible", "agentPoolProfile.orchestratorVersion", message));
    }
    Ok(())
}

/// Versions one may go to from here.
pub fn upgrades(from: &str) -> Vec<Json> {
    let here = numbers(from);
    let minor = |v: &[u32]| v.get(1).copied().unwrap_or(0);
    PATCHES.iter().map(|(_, p)| *p).filter(|p| numbers(p) > here && minor(&numbers(p)) <= minor(&here) + 1).map(|p| json!({ "kubernetesVersion": p })).collect()
}

/// `kubernetesVersions` of a region.
pub fn list() -> Json {
    let values: Vec<Json> = PATCHES
        .iter()
        .filter(|(m, _)| SUPPORTED.contains(m))
        .map(|(minor, patch)| {
            let next: Vec<Json> = upgrades(patch).into_iter().map(|u| u["kubernetesVersion"].clone()).collect();
            let mut value = json!({
                "version": minor, "capabilities": { "supportPlan": ["KubernetesOfficial"] },
                "patchVersions": { *patch: { "upgrades": next } }
            });
            if *minor == DEFAULT {
                crate::sim::jsons::set(&mut value, "isDefault", true);
            }
            value
        })
        .collect();
    json!({ "values": values })
}
