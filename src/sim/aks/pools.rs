//! Node pools: what a profile asks for and what AKS makes of it.

use serde_json::{Value as Json, json};

use super::{validate, versions};
use crate::sim::{
    fault::Fault,
    jsons::{at, drop_nulls, fill, filled, flag, int, list, remove, set, text},
    model::Draft,
    store::{Store, find_child},
};

/// What a pool inherits from its cluster.
pub struct Context<'a> {
    pub cluster: &'a str,
    /// `networkProfile`, filled in.
    pub network: &'a Json,
    /// Full version of the control plane.
    pub version: &'a str,
    /// The version as the cluster states it, which may be a minor.
    pub stated: &'a str,
    pub api: &'a str,
}

/// Size a pool gets when it asks for none.
const SIZE: &str = "Standard_D4ds_v5";

/// Local disk of sizes that have one, in GiB.
fn local_disk(size: &str) -> Option<i64> {
    let lower = size.to_ascii_lowercase();
    let body = lower.trim_start_matches("standard_");
    let (family, generation) = body.split_once('_')?;
    let cores: i64 = family.chars().filter(char::is_ascii_digit).collect::<String>().parse().ok()?;
    (family.contains('d') && family.chars().skip(1).any(|c| c == 'd') && generation >= "v5").then_some(cores * 75 / 2)
}

/// The profile of a pool as AKS answers it.
pub fn build(context: &Context, request: &Json, old: Option<&Json>) -> Result<Json, Fault> {
    let mut pool = request.clone();
    drop_nulls(&mut pool);
    for name in ["provisioningState", "eTag", "nodeImageVersion", "currentOrchestratorVersion"] {
        remove(&mut pool, name);
    }
    validate::pool_shape(&pool, context)?;
    carry_over(&mut pool, old);
    let size = filled(&pool, "vmSize").unwrap_or(SIZE).to_owned();
    set(&mut pool, "vmSize", size.as_str());
    disks(&mut pool, &size);
    versions_of(&mut pool, context, old)?;
    for (name, value) in [
        ("count", json!(1)),
        ("type", json!("VirtualMachineScaleSets")),
        ("mode", json!("User")),
        ("osType", json!("Linux")),
        ("kubeletDiskType", json!("OS")),
        ("scaleDownMode", json!("Delete")),
        ("enableAutoScaling", json!(false)),
        ("enableNodePublicIP", json!(false)),
        ("enableFIPS", json!(false)),
        ("powerState", json!({ "code": "Running" })),
    ] {
        fill(&mut pool, name, value);
    }
    if int(&pool, "maxPods").is_none_or(|m| m == 0) {
        let most = default_max_pods(context, &pool);
        set(&mut pool, "maxPods", most);
    }
    let windows = text(&pool, "osType") == Some("Windows");
    fill(&mut pool, "osSKU", if windows { "Windows2022" } else { "Ubuntu" });
    let image = if windows { "AKSWindows-2022-containerd-20348.4648.260112" } else { "AKSUbuntu-2204gen2containerd-202601.07.0" };
    set(&mut pool, "nodeImageVersion", image);
    if let Some(kept) = old.and_then(|o| at(o, "nodeImageVersion")) {
        set(&mut pool, "nodeImageVersion", kept.clone());
    }
    if let Some(zones) = pool.get_mut("availabilityZones").and_then(Json::as_array_mut) {
        zones.sort_by_key(|z| z.as_str().map(str::to_owned));
    }
    surge(&mut pool, context);
    security(&mut pool, context);
    spot(&mut pool);
    if !flag(&pool, "enableAutoScaling") {
        remove(&mut pool, "minCount");
        remove(&mut pool, "maxCount");
    }
    for name in ["nodeTaints", "nodeInitializationTaints", "availabilityZones"] {
        if list(&pool, name).is_empty() {
            remove(&mut pool, name);
        }
    }
    for name in ["upgradeSettingsBlueGreen", "nodeLabels"] {
        if at(&pool, name).and_then(Json::as_object).is_some_and(serde_json::Map::is_empty) {
            remove(&mut pool, name);
        }
    }
    Ok(pool)
}

/// Members a request may leave out without changing them: they are fixed when the pool is made.
fn carry_over(pool: &mut Json, old: Option<&Json>) {
    let Some(old) = old else { return };
    for name in [
        "vmSize",
        "osDiskType",
        "osDiskSizeGB",
        "kubeletDiskType",
        "maxPods",
        "osType",
        "osSKU",
        "type",
        "vnetSubnetID",
        "podSubnetID",
        "availabilityZones",
        "count",
        "scaleDownMode",
        "powerState",
        "upgradeSettings",
    ] {
        let absent = match at(pool, name) {
            None => true,
            Some(value) => value == &json!("") || value == &json!({}) || (name.starts_with("osDiskS") && value == &json!(0)),
        };
        if absent && let Some(value) = at(old, name) {
            set(pool, name, value.clone());
        }
    }
}

/// A size with a large local disk runs from it, unless the request says otherwise.
fn disks(pool: &mut Json, size: &str) {
    let asked = int(pool, "osDiskSizeGB").filter(|s| *s > 0);
    let local = local_disk(size).filter(|l| *l >= asked.unwrap_or(128) && *l >= 128);
    let kind = filled(pool, "osDiskType").map(str::to_owned).unwrap_or_else(|| if local.is_some() { "Ephemeral" } else { "Managed" }.to_owned());
    let size = asked.or(local.filter(|_| kind == "Ephemeral")).unwrap_or(128);
    set(pool, "osDiskType", kind);
    set(pool, "osDiskSizeGB", size);
}

fn versions_of(pool: &mut Json, context: &Context, old: Option<&Json>) -> Result<(), Fault> {
    let asked = filled(pool, "orchestratorVersion").map(str::to_owned);
    let before = old.and_then(|o| filled(o, "orchestratorVersion")).map(str::to_owned);
    let stated = asked.or(before).unwrap_or_else(|| context.stated.to_owned());
    let current = old.and_then(|o| filled(o, "currentOrchestratorVersion"));
    let same_minor = versions::minor(&stated) == stated && current.is_some_and(|c| versions::minor(c) == stated);
    let full = match current.filter(|_| same_minor) {
        Some(current) => current.to_owned(),
        None if context.stated == stated || versions::minor(context.version) == stated => context.version.to_owned(),
        None => versions::check(context.cluster, &stated, "agentPoolProfile.orchestratorVersion")?,
    };
    versions::check_pool(&full, context.version)?;
    set(pool, "orchestratorVersion", stated);
    set(pool, "currentOrchestratorVersion", full);
    Ok(())
}

fn default_max_pods(context: &Context, pool: &Json) -> i64 {
    match (text(context.network, "networkPlugin"), text(context.network, "networkPluginMode")) {
        (Some("kubenet"), _) => 110,
        (Some("azure"), Some("overlay")) => 250,
        (Some("azure"), _) if filled(pool, "podSubnetID").is_some() => 110,
        (Some("none"), _) => 250,
        _ => 30,
    }
}

fn surge(pool: &mut Json, context: &Context) {
    let spot = text(pool, "scaleSetPriority") == Some("Spot");
    if spot {
        return;
    }
    fill(pool, "upgradeSettings.maxSurge", "10%");
    if context.api >= "2025" {
        fill(pool, "upgradeSettings.maxUnavailable", "0");
    }
}

fn security(pool: &mut Json, context: &Context) {
    if text(pool, "osType") == Some("Windows") {
        return;
    }
    if text(pool, "securityProfile.sshAccess").is_some_and(|s| s.eq_ignore_ascii_case("localuser")) {
        set(pool, "securityProfile.sshAccess", "LocalUser");
    } else if context.api.ends_with("preview") {
        fill(pool, "securityProfile.sshAccess", "LocalUser");
    }
    fill(pool, "securityProfile.enableVTPM", false);
    fill(pool, "securityProfile.enableSecureBoot", false);
}

/// Members of spot pools are shown only for spot pools; AKS also labels and taints their nodes.
fn spot(pool: &mut Json) {
    if text(pool, "scaleSetPriority") != Some("Spot") {
        for name in ["scaleSetPriority", "scaleSetEvictionPolicy", "spotMaxPrice"] {
            remove(pool, name);
        }
        return;
    }
    fill(pool, "scaleSetEvictionPolicy", "Delete");
    fill(pool, "spotMaxPrice", -1.0);
    remove(pool, "upgradeSettings");
    fill(pool, "nodeLabels", json!({}));
    if let Some(labels) = pool.get_mut("nodeLabels").and_then(Json::as_object_mut) {
        labels.insert("kubernetes.azure.com/scalesetpriority".to_owned(), json!("spot"));
    }
    let taint = json!("kubernetes.azure.com/scalesetpriority=spot:NoSchedule");
    let mut taints = list(pool, "nodeTaints").to_vec();
    if !taints.contains(&taint) {
        taints.push(taint);
    }
    set(pool, "nodeTaints", taints);
}

/// Nodes a pool counts for: its maximum when it scales by itself.
pub fn most_nodes(pool: &Json) -> i64 {
    let count = int(pool, "count").unwrap_or(1);
    if flag(pool, "enableAutoScaling") { int(pool, "maxCount").unwrap_or(count) } else { count }
}

/// A pool written by itself.
pub fn build_child(store: &mut Store, draft: &Draft) -> Result<Json, Fault> {
    let cluster_id = draft.parent().to_owned();
    let Some(cluster) = store.get(&cluster_id).cloned() else {
        return Err(Fault::aks(404, "NotFound", "", format!("Could not find managed cluster resource: {cluster_id}.")));
    };
    let network = at(&cluster.body, "properties.networkProfile").cloned().unwrap_or(json!({}));
    let context = Context {
        cluster: cluster.name(),
        network: &network,
        version: text(&cluster.body, "properties.currentKubernetesVersion").unwrap_or(""),
        stated: text(&cluster.body, "properties.kubernetesVersion").unwrap_or(""),
        api: draft.api,
    };
    let old = find_child(&cluster.body, &format!("agentPoolProfiles/{}", draft.name())).cloned();
    let mut request = at(draft.request, "properties").cloned().unwrap_or(json!({}));
    set(&mut request, "name", draft.name());
    if let Some(mode) = filled(&request, "mode").filter(|m| !matches!(*m, "System" | "User")) {
        return Err(Fault::unmodelled(format!("node pools of mode {mode}")));
    }
    super::immutable::check_pool(old.as_ref(), &request)?;
    let pool = build(&context, &request, old.as_ref())?;
    let mut body = cluster.body.clone();
    let mut all: Vec<Json> = list(&body, "properties.agentPoolProfiles").iter().filter(|p| text(p, "name") != Some(draft.name())).cloned().collect();
    if old.is_none() && all.len() >= 100 {
        return Err(Fault::aks(400, "OperationNotAllowed", "", "The number of agent pools exceeds the maximum of 100."));
    }
    all.push(pool.clone());
    set(&mut body, "properties.agentPoolProfiles", all);
    let surge = validate::cluster(store, &cluster_id, &body, Some(&cluster.body))?;
    let next = next_state(old.as_ref(), &pool);
    if let Some(resource) = store.get_mut(&cluster_id) {
        set(&mut resource.hidden, "surge", super::room::remembered(&surge));
        set(&mut resource.hidden, "next_state", next);
    }
    let mut properties = pool;
    remove(&mut properties, "name");
    Ok(json!({ "name": draft.name(), "properties": properties }))
}

/// What an update of a pool is called while it runs.
pub fn next_state(old: Option<&Json>, new: &Json) -> &'static str {
    let Some(old) = old else { return "Updating" };
    let changed = |name: &str| at(old, name) != at(new, name);
    if changed("currentOrchestratorVersion") {
        "Upgrading"
    } else if changed("count") {
        "Scaling"
    } else {
        "Updating"
    }
}

/// A cluster keeps at least one system pool.
pub fn keep(store: &Store, id: &str) -> Option<Fault> {
    let (cluster, _) = store.owner(id)?;
    let name = id.rsplit('/').next().unwrap_or("");
    let pools = list(&cluster.body, "properties.agentPoolProfiles");
    let system = |p: &&Json| text(p, "mode") == Some("System");
    let others = pools.iter().filter(system).any(|p| text(p, "name").is_some_and(|n| !n.eq_ignore_ascii_case(name)));
    let own = pools.iter().find(|p| text(p, "name").is_some_and(|n| n.eq_ignore_ascii_case(name)))?;
    if others || !system(&own) {
        return None;
    }
    let message =
        format!("There has to be at least one system agent pool. Agent pool {name} is the last one of cluster {} and cannot be deleted.", cluster.name());
    Some(Fault::aks(400, "OperationNotAllowed", "agentPoolProfile.mode", message))
}
