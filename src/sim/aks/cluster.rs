//! Managed clusters: what a request asks for and what AKS fills in.

use std::net::IpAddr;

use serde_json::{Value as Json, json};

use super::{immutable, nodes, platform, pools, pools::Context, room, validate, versions};
use crate::{
    base::Prefix,
    sim::{
        fault::Fault,
        identities,
        jsons::{at, drop_nulls, fill, filled, flag, list, list_mut, named, remove, set, text},
        model::{Draft, Hold, Model, PLAIN, Style, Timing},
        store::{Resource, Store, derive},
    },
};

pub const MODELS: &[Model] = &[
    Model {
        kind: "Microsoft.ContainerService/managedClusters",
        shown: "Microsoft.ContainerService/ManagedClusters",
        style: Style::Aks,
        label: "ManagedCluster",
        timing: Timing { create: 217_000, update: 90_000, delete: 180_000, wait: 0, wait_delete: 0 },
        build,
        quick: |_, _| false,
        accepted: |store, id, _| platform::accept(store, id),
        finished: platform::finish,
        removed: platform::remove_all,
        adorn,
        action: super::actions::act,
        ..PLAIN
    },
    Model {
        kind: "Microsoft.ContainerService/managedClusters/agentPools",
        shown: "Microsoft.ContainerService/managedClusters/agentPools",
        hold: Hold::Flat("agentPoolProfiles"),
        tracked: false,
        style: Style::Aks,
        label: "AgentPool",
        timing: Timing { create: 120_000, update: 60_000, delete: 90_000, wait: 0, wait_delete: 0 },
        build: pools::build_child,
        quick: |_, _| false,
        keep: pools::keep,
        accepted: |store, id, _| platform::accept(store, crate::sim::model::up(id)),
        finished: |store, id, _| platform::end_upgrade(store, crate::sim::model::up(id)),
        removed: platform::release_pool,
        ..PLAIN
    },
    Model {
        kind: "Microsoft.ContainerService/managedClusters/maintenanceConfigurations",
        shown: "",
        tracked: false,
        stated: false,
        label: "MaintenanceConfiguration",
        build: build_window,
        ..PLAIN
    },
];

fn build(store: &mut Store, draft: &Draft) -> Result<Json, Fault> {
    let request = draft.request;
    quota(store, draft)?;
    refuse_unmodelled(request)?;
    let mut body = draft.frame(&["extendedLocation"]);
    let mut properties = at(request, "properties").cloned().unwrap_or(json!({}));
    drop_nulls(&mut properties);
    for name in ["provisioningState", "powerState", "eTag", "resourceUID"] {
        remove(&mut properties, name);
    }
    keep_profiles(draft, &mut properties);
    set(&mut body, "properties", properties);
    if at(&body, "tags").and_then(Json::as_object).is_some_and(serde_json::Map::is_empty) {
        remove(&mut body, "tags");
    }
    let sku = |name: &str, default: &str| {
        let path = format!("sku.{name}");
        filled(request, &path).or_else(|| draft.old.and_then(|o| text(o, &path))).unwrap_or(default).to_owned()
    };
    set(&mut body, "sku", json!({ "name": sku("name", "Base"), "tier": sku("tier", "Free") }));
    if let Some(kind) = filled(request, "kind") {
        set(&mut body, "kind", kind);
    }
    identity(store, draft, &mut body)?;
    control_plane(store, draft, &mut body)?;
    network(&mut body)?;
    access(store, draft, &mut body)?;
    let pools = pools(draft, &body)?;
    set(&mut body, "properties.agentPoolProfiles", pools);
    profiles(store, draft, &mut body);
    if let Some(old) = draft.old {
        immutable::check_cluster(old, &body)?;
    }
    let surge = validate::cluster(store, draft.id, &body, draft.old)?;
    let mut hidden = store.get(draft.id).map(|r| r.hidden.clone()).unwrap_or(Json::Null);
    set(&mut hidden, "surge", room::remembered(&surge));
    set(&mut hidden, "next_state", next_state(draft.old, &body));
    set(&mut body, "#hidden", hidden);
    Ok(body)
}

/// Clusters that AKS runs by other rules than these.
fn refuse_unmodelled(request: &Json) -> Result<(), Fault> {
    if filled(request, "sku.name").is_some_and(|s| s.eq_ignore_ascii_case("Automatic")) {
        return Err(Fault::unmodelled("managed clusters of SKU Automatic"));
    }
    let other = list(request, "properties.agentPoolProfiles").iter().find_map(|p| filled(p, "mode").filter(|m| !matches!(*m, "System" | "User")));
    other.map_or(Ok(()), |mode| Err(Fault::unmodelled(format!("node pools of mode {mode}"))))
}

/// A profile that a request leaves out stays as it was.
fn keep_profiles(draft: &Draft, properties: &mut Json) {
    let Some(old) = draft.old.and_then(|o| at(o, "properties")).and_then(Json::as_object) else { return };
    for (name, value) in old {
        if name != "agentPoolProfiles" {
            fill(properties, name, value.clone());
        }
    }
    for path in ["networkProfile.loadBalancerProfile.effectiveOutboundIPs", "networkProfile.natGatewayProfile.effectiveOutboundIPs"] {
        let parent = path.rsplit_once('.').map_or("", |(p, _)| p);
        if let Some(value) = draft.old.and_then(|o| at(o, &format!("properties.{path}")))
            && at(properties, parent).is_some()
        {
            fill(properties, path, value.clone());
        }
    }
}

fn quota(store: &Store, draft: &Draft) -> Result<(), Fault> {
    let used = store.of_kind("Microsoft.ContainerService/managedClusters").count();
    let allowed = store.settings.cluster_quota;
    if draft.old.is_some() || used < allowed {
        return Ok(());
    }
    let message = format!(
        "Operation results in exceeding quota limits for managed clusters. Maximum allowed: {allowed}, Current usage: {used}, Additional requested: 1. Please see https://aka.ms/aks/quota for more details."
    );
    Err(Fault::aks(400, "ManagedClusterCountExceedsQuotaLimit", "", message))
}

/// A cluster acts as a managed identity, or as a service principal.
fn identity(store: &mut Store, draft: &Draft, body: &mut Json) -> Result<(), Fault> {
    let given = at(draft.request, "identity").or_else(|| draft.old.and_then(|o| at(o, "identity"))).cloned();
    let principal = filled(draft.request, "properties.servicePrincipalProfile.clientId").map(str::to_owned);
    if let Some(secret) = body.pointer_mut("/properties/servicePrincipalProfile").and_then(Json::as_object_mut) {
        secret.remove("secret");
    }
    match (given, principal) {
        (Some(given), _) => {
            let shown = identities::fill(store, draft, &given)?;
            set(body, "identity", shown);
            fill(body, "properties.servicePrincipalProfile", json!({ "clientId": "msi" }));
            Ok(())
        }
        (None, Some(_)) => Ok(()),
        (None, None) => Err(Fault::aks(
            400,
            "InvalidParameter",
            "servicePrincipalProfile.clientId",
            "Required parameter servicePrincipalProfile.clientId is missing (null): the cluster has neither a managed identity nor a service principal.",
        )),
    }
}

/// Version, names, and what identifies the cluster for life.
fn control_plane(store: &mut Store, draft: &Draft, body: &mut Json) -> Result<(), Fault> {
    let name = draft.name().to_owned();
    let location = text(body, "location").unwrap_or("").to_owned();
    let old = draft.old;
    let before = old.and_then(|o| text(o, "properties.currentKubernetesVersion"));
    let stated = filled(body, "properties.kubernetesVersion").map(str::to_owned);
    let stated = stated
        .or_else(|| old.and_then(|o| text(o, "properties.kubernetesVersion")).map(str::to_owned))
        .or_else(|| store.settings.kubernetes.clone())
        .unwrap_or_else(|| versions::DEFAULT.to_owned());
    let full = match before.filter(|b| versions::minor(b) == stated || *b == stated) {
        Some(before) => before.to_owned(),
        None => versions::check(&name, &stated, "kubernetesVersion")?,
    };
    if let Some(before) = before {
        versions::check_upgrade(before, &full)?;
    }
    set(body, "properties.kubernetesVersion", stated);
    set(body, "properties.currentKubernetesVersion", full);
    let keep = |path: &str| old.and_then(|o| at(o, path)).cloned();
    for path in [
        "properties.dnsPrefix",
        "properties.fqdn",
        "properties.privateFQDN",
        "properties.azurePortalFQDN",
        "properties.resourceUID",
        "properties.identityProfile",
    ] {
        if let Some(value) = keep(path) {
            fill(body, path, value);
        }
    }
    let Some(prefix) = filled(body, "properties.dnsPrefix").or_else(|| filled(body, "properties.fqdnSubdomain")).map(str::to_owned) else {
        return Err(Fault::aks(400, "InvalidParameter", "dnsPrefix", "Required parameter dnsPrefix is missing (null)."));
    };
    let good = prefix.len() <= 54
        && prefix.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        && prefix.starts_with(|c: char| c.is_ascii_alphanumeric())
        && prefix.ends_with(|c: char| c.is_ascii_alphanumeric());
    if !good {
        return Err(Fault::aks(
            400,
            "InvalidParameter",
            "dnsPrefix",
            format!(
                "The value of parameter dnsPrefix is invalid. Error details: '{prefix}' must be 1 to 54 letters, digits and hyphens, and begin and end with a letter or digit."
            ),
        ));
    }
    let word: String = derive(&store.seed, draft.id).replace('-', "").chars().take(8).collect();
    fill(body, "properties.fqdn", format!("{prefix}-{word}.hcp.{location}.azmk8s.io"));
    fill(body, "properties.azurePortalFQDN", format!("{prefix}-{word}.portal.hcp.{location}.azmk8s.io"));
    let uid: String = derive(&store.seed, &format!("uid {}", draft.id)).replace('-', "").chars().take(24).collect();
    fill(body, "properties.resourceUID", uid);
    let group = crate::sim::store::segment_after(draft.id, "resourceGroups").unwrap_or("");
    if filled(body, "properties.nodeResourceGroup").is_none() {
        let value = keep("properties.nodeResourceGroup").unwrap_or_else(|| Json::from(nodes::default_group(group, &name, &location)));
        set(body, "properties.nodeResourceGroup", value);
    }
    node_group_free(store, draft, body)
}

/// The node resource group is the cluster's own: no other may have that name.
fn node_group_free(store: &Store, draft: &Draft, body: &Json) -> Result<(), Fault> {
    let subscription = crate::sim::store::segment_after(draft.id, "subscriptions").unwrap_or("");
    let name = text(body, "properties.nodeResourceGroup").unwrap_or("");
    let taken = store.get(&format!("/subscriptions/{subscription}/resourceGroups/{name}"));
    let other = taken.filter(|g| !text(&g.body, "managedBy").is_some_and(|m| m.eq_ignore_ascii_case(draft.id)));
    other.map_or(Ok(()), |_| {
        let message = format!("The node resource group {name} already exists and is not managed by this cluster. Choose another name.");
        Err(Fault::aks(400, "NodeResourceGroupAlreadyExists", "nodeResourceGroup", message))
    })
}

/// The network profile with AKS's defaults.
fn network(body: &mut Json) -> Result<(), Fault> {
    let mut network = at(body, "properties.networkProfile").cloned().unwrap_or(json!({}));
    let dual = list(&network, "ipFamilies").iter().any(|f| f == "IPv6");
    if filled(&network, "networkPlugin").is_none() {
        set(&mut network, "networkPlugin", "azure");
        fill(&mut network, "networkPluginMode", "overlay");
    }
    let plugin = text(&network, "networkPlugin").unwrap_or("").to_owned();
    let overlay = text(&network, "networkPluginMode") == Some("overlay");
    if plugin == "azure" {
        fill(&mut network, "networkDataplane", "azure");
        let cilium = text(&network, "networkDataplane") == Some("cilium");
        fill(&mut network, "networkPolicy", if cilium { "cilium" } else { "none" });
    }
    if overlay || plugin == "kubenet" {
        fill(&mut network, "podCidr", "10.244.0.0/16");
    }
    fill(&mut network, "serviceCidr", "10.0.0.0/16");
    if filled(&network, "dnsServiceIP").is_none() {
        let tenth = text(&network, "serviceCidr").and_then(|s| s.parse::<Prefix>().ok()).and_then(|p| p.host(10)).map(|a: IpAddr| a.to_string());
        set(&mut network, "dnsServiceIP", tenth.unwrap_or_else(|| "10.0.0.10".to_owned()));
    }
    fill(&mut network, "loadBalancerSku", "standard");
    fill(&mut network, "outboundType", "loadBalancer");
    fill(&mut network, "ipFamilies", if dual { json!(["IPv4", "IPv6"]) } else { json!(["IPv4"]) });
    for (one, many, v6) in [("podCidr", "podCidrs", "fd12:3456:789a::/64"), ("serviceCidr", "serviceCidrs", "fd12:3456:789a:1::/108")] {
        if let Some(first) = at(&network, one).cloned() {
            fill(&mut network, many, if dual { json!([first, v6]) } else { json!([first]) });
        }
    }
    egress(&mut network, dual)?;
    if flag(&network, "advancedNetworking.enabled") && text(&network, "networkDataplane") == Some("cilium") {
        fill(&mut network, "advancedNetworking.observability", json!({ "enabled": true }));
        fill(&mut network, "advancedNetworking.security", json!({ "enabled": true }));
    }
    set(body, "properties.networkProfile", network);
    Ok(())
}

/// Profiles of the load balancer and the NAT gateway, by the kind of egress.
fn egress(network: &mut Json, dual: bool) -> Result<(), Fault> {
    let kind = text(network, "outboundType").unwrap_or("").to_owned();
    let own = ["managedOutboundIPs", "outboundIPs", "outboundIPPrefixes"].iter().any(|m| at(network, &format!("loadBalancerProfile.{m}")).is_some());
    match kind.as_str() {
        "loadBalancer" if !own => {
            let count = if dual { json!({ "count": 1, "countIPv6": 1 }) } else { json!({ "count": 1 }) };
            set(network, "loadBalancerProfile.managedOutboundIPs", count);
        }
        "loadBalancer" => {}
        _ if own && kind != "loadBalancer" => {
            let message = format!("The load balancer profile cannot name outbound addresses when outboundType is {kind}.");
            return Err(Fault::aks(400, "InvalidParameter", "networkProfile.loadBalancerProfile", message));
        }
        "managedNATGateway" | "managedNATGatewayV2" => {
            fill(network, "natGatewayProfile.managedOutboundIPProfile", json!({ "count": 1 }));
            fill(network, "natGatewayProfile.idleTimeoutInMinutes", 4);
        }
        _ => {}
    }
    // The profile's pool type is shown with a small first letter however it was written.
    let nodes_by_ip = text(network, "loadBalancerProfile.backendPoolType").is_some_and(|t| t.eq_ignore_ascii_case("nodeIP"));
    set(network, "loadBalancerProfile.backendPoolType", if nodes_by_ip { "nodeIP" } else { "nodeIPConfiguration" });
    Ok(())
}

/// Entra, the API server's address, and who may reach it.
fn access(store: &Store, draft: &Draft, body: &mut Json) -> Result<(), Fault> {
    if at(body, "properties.aadProfile").is_some() {
        fill(body, "properties.aadProfile.managed", true);
        set(body, "properties.aadProfile.adminUsers", Json::Null);
        if list(body, "properties.aadProfile.adminGroupObjectIDs").is_empty() {
            set(body, "properties.aadProfile.adminGroupObjectIDs", Json::Null);
        }
        if filled(body, "properties.aadProfile.tenantID").is_none() {
            set(body, "properties.aadProfile.tenantID", store.settings.tenant.clone());
        }
    }
    if flag(body, "properties.disableLocalAccounts") && at(body, "properties.aadProfile").is_none() {
        let message = "Local accounts can be disabled only for clusters with Microsoft Entra integration.";
        return Err(Fault::aks(400, "InvalidParameter", "disableLocalAccounts", message));
    }
    if !flag(body, "properties.apiServerAccessProfile.enablePrivateCluster") {
        if list(body, "properties.apiServerAccessProfile.authorizedIPRanges").is_empty() {
            remove(body, "properties.apiServerAccessProfile.authorizedIPRanges");
        }
        return Ok(());
    }
    if !list(body, "properties.apiServerAccessProfile.authorizedIPRanges").is_empty() {
        let message = "Authorized IP ranges are not supported for private clusters.";
        return Err(Fault::aks(400, "InvalidParameter", "apiServerAccessProfile.authorizedIPRanges", message));
    }
    remove(body, "properties.apiServerAccessProfile.authorizedIPRanges");
    fill(body, "properties.apiServerAccessProfile.privateDNSZone", "system");
    fill(body, "properties.apiServerAccessProfile.enablePrivateClusterPublicFQDN", true);
    private_names(store, draft, body)
}

/// A private cluster has a name of its own below its private zone.
fn private_names(store: &Store, draft: &Draft, body: &mut Json) -> Result<(), Fault> {
    let zone = text(body, "properties.apiServerAccessProfile.privateDNSZone").unwrap_or("system").to_owned();
    let public = flag(body, "properties.apiServerAccessProfile.enablePrivateClusterPublicFQDN");
    if zone == "none" && !public {
        let message = "A private DNS zone of 'none' needs the public FQDN: set enablePrivateClusterPublicFQDN.";
        return Err(Fault::aks(400, "InvalidParameter", "apiServerAccessProfile.privateDNSZone", message));
    }
    if zone.starts_with('/') && !text(body, "identity.type").is_some_and(|t| t.contains("UserAssigned")) {
        let message = "A custom private DNS zone requires a user-assigned managed identity or a service principal.";
        return Err(Fault::aks(400, "InvalidParameter", "apiServerAccessProfile.privateDNSZone", message));
    }
    let location = text(body, "location").unwrap_or("").to_owned();
    let prefix = filled(body, "properties.dnsPrefix").or_else(|| filled(body, "properties.fqdnSubdomain")).unwrap_or("").to_owned();
    let word: String = derive(&store.seed, &format!("private {}", draft.id)).replace('-', "").chars().take(8).collect();
    let below = match zone.rsplit('/').next() {
        Some(own) if zone.starts_with('/') => own.to_owned(),
        _ => format!("{}.privatelink.{location}.azmk8s.io", derive(&store.seed, &format!("zone {}", draft.id))),
    };
    if zone != "none" {
        fill(body, "properties.privateFQDN", format!("{prefix}-{word}.{below}"));
    }
    if !public {
        remove(body, "properties.fqdn");
    }
    let resource = json!({ "name": "management", "type": "Microsoft.ContainerService/managedClusters/privateLinkResources", "groupId": "management", "requiredMembers": ["management"] });
    set(body, "properties.privateLinkResources", json!([resource]));
    Ok(())
}

fn pools(draft: &Draft, body: &Json) -> Result<Vec<Json>, Fault> {
    let network = at(body, "properties.networkProfile").cloned().unwrap_or(json!({}));
    let old = draft.old.map_or(&[][..], |o| list(o, "properties.agentPoolProfiles"));
    let context = Context {
        cluster: draft.name(),
        network: &network,
        version: text(body, "properties.currentKubernetesVersion").unwrap_or(""),
        stated: text(body, "properties.kubernetesVersion").unwrap_or(""),
        api: draft.api,
    };
    let given = list(draft.request, "properties.agentPoolProfiles");
    if given.is_empty() {
        return Ok(old.to_vec());
    }
    let mut built = Vec::new();
    for request in given {
        let name = text(request, "name").unwrap_or("");
        let before = named(old, name);
        immutable::check_pool(before, request)?;
        let mut pool = pools::build(&context, request, before)?;
        if text(&pool, "mode") == Some("User") && given.len() == 1 && at(request, "mode").is_none() {
            set(&mut pool, "mode", "System");
        }
        built.push(pool);
    }
    // Pools the request does not list stay: they are taken away by deleting them.
    built.extend(old.iter().filter(|o| text(o, "name").is_none_or(|n| named(given, n).is_none())).cloned());
    Ok(built)
}

/// Everything else AKS answers that was not asked for.
fn profiles(store: &Store, draft: &Draft, body: &mut Json) {
    let location = text(body, "location").unwrap_or("").to_owned();
    for (name, value) in [
        ("enableRBAC", json!(true)),
        ("supportPlan", json!("KubernetesOfficial")),
        ("maxAgentPools", json!(100)),
        ("powerState", json!({ "code": "Running" })),
        ("autoUpgradeProfile.nodeOSUpgradeChannel", json!("NodeImage")),
        ("securityProfile", json!({})),
        ("storageProfile.diskCSIDriver", json!({ "enabled": true })),
        ("storageProfile.fileCSIDriver", json!({ "enabled": true })),
        ("storageProfile.snapshotController", json!({ "enabled": true })),
        ("oidcIssuerProfile.enabled", json!(false)),
        ("workloadAutoScalerProfile", json!({})),
    ] {
        fill(body, &format!("properties.{name}"), value);
    }
    fill(body, "properties.metricsProfile.costAnalysis.enabled", false);
    if draft.api >= "2025-09" || draft.api.ends_with("preview") {
        fill(body, "properties.nodeProvisioningProfile", json!({ "mode": "Manual", "defaultNodePools": "Auto" }));
        fill(body, "properties.bootstrapProfile", json!({ "artifactSource": "Direct" }));
    }
    if draft.api.ends_with("preview") {
        fill(body, "properties.storageProfile.diskCSIDriver.version", "v1");
        fill(body, "properties.networkProfile.podLinkLocalAccess", "IMDS");
        let plugins = ["azure-monitor-metrics-ccp", "karpenter", "kubelet-serving-csr-approver", "live-patching-controller", "static-egress-controller"];
        let all = plugins.into_iter().map(|p| (p.to_owned(), json!({ "enableV2": true }))).collect();
        fill(body, "properties.controlPlanePluginProfiles", Json::Object(all));
    }
    if flag(body, "properties.oidcIssuerProfile.enabled") {
        let issuer = format!("https://{location}.oic.prod-aks.azure.com/{}/{}/", store.settings.tenant, derive(&store.seed, &format!("issuer {}", draft.id)));
        fill(body, "properties.oidcIssuerProfile.issuerURL", issuer);
    }
    addons(draft, body);
    if flag(body, "properties.ingressProfile.webAppRouting.enabled") {
        for name in ["dnsZoneResourceIds", "identity"] {
            let path = format!("properties.ingressProfile.webAppRouting.{name}");
            if at(body, &path).is_none() {
                set(body, &path, draft.old.and_then(|o| at(o, &path)).cloned().unwrap_or(Json::Null));
            }
        }
    }
    let scales = list(body, "properties.agentPoolProfiles").iter().any(|p| flag(p, "enableAutoScaling"));
    if scales || at(body, "properties.autoScalerProfile").is_some() {
        scaler(body);
    }
    if at(body, "properties.windowsProfile").is_some() {
        remove(body, "properties.windowsProfile.adminPassword");
        fill(body, "properties.windowsProfile.enableCSIProxy", true);
    }
}

fn addons(draft: &Draft, body: &mut Json) {
    let empty = at(body, "properties.addonProfiles").and_then(Json::as_object).is_none_or(serde_json::Map::is_empty);
    if empty {
        remove(body, "properties.addonProfiles");
        return;
    }
    let Some(all) = body.pointer_mut("/properties/addonProfiles").and_then(Json::as_object_mut) else { return };
    for (name, addon) in all.iter_mut() {
        fill(addon, "enabled", false);
        if at(addon, "config").is_none() {
            set(addon, "config", Json::Null);
        }
        let kept = draft.old.and_then(|o| at(o, &format!("properties.addonProfiles.{name}.identity")));
        if let Some(identity) = kept.filter(|_| flag(addon, "enabled")) {
            fill(addon, "identity", identity.clone());
        }
    }
}

/// The cluster autoscaler's settings. Source: AKS documentation.
fn scaler(body: &mut Json) {
    for (name, value) in [
        ("balance-similar-node-groups", "false"),
        ("daemonset-eviction-for-empty-nodes", "false"),
        ("daemonset-eviction-for-occupied-nodes", "true"),
        ("expander", "random"),
        ("ignore-daemonsets-utilization", "false"),
        ("max-empty-bulk-delete", "10"),
        ("max-graceful-termination-sec", "600"),
        ("max-node-provision-time", "15m"),
        ("max-total-unready-percentage", "45"),
        ("new-pod-scale-up-delay", "0s"),
        ("ok-total-unready-count", "3"),
        ("scale-down-delay-after-add", "10m"),
        ("scale-down-delay-after-delete", "10s"),
        ("scale-down-delay-after-failure", "3m"),
        ("scale-down-unneeded-time", "10m"),
        ("scale-down-unready-time", "20m"),
        ("scale-down-utilization-threshold", "0.5"),
        ("scan-interval", "10s"),
        ("skip-nodes-with-local-storage", "false"),
        ("skip-nodes-with-system-pods", "true"),
    ] {
        fill(body, &format!("properties.autoScalerProfile.{name}"), value);
    }
}

fn next_state(old: Option<&Json>, new: &Json) -> &'static str {
    let Some(old) = old else { return "Updating" };
    if at(old, "properties.currentKubernetesVersion") != at(new, "properties.currentKubernetesVersion") {
        return "Upgrading";
    }
    let before = list(old, "properties.agentPoolProfiles");
    let states = list(new, "properties.agentPoolProfiles").iter().map(|p| pools::next_state(named(before, text(p, "name").unwrap_or("")), p));
    states.max_by_key(|s| ["Updating", "Scaling", "Upgrading"].iter().position(|o| o == s)).unwrap_or("Updating")
}

/// What is shown only in some states: identities are filled in when the cluster stands, entity tags from then on.
fn adorn(store: &Store, body: &mut Json, resource: &Resource) {
    let state = resource.states.get("").map(String::as_str);
    if state == Some("Creating")
        && let Some(all) = body.pointer_mut("/identity/userAssignedIdentities").and_then(Json::as_object_mut)
    {
        all.values_mut().for_each(|v| *v = json!({}));
    }
    let tagged = store.api.as_str() >= "2024-10" && state != Some("Creating");
    let tag = resource.etag.trim_start_matches("W/").trim_matches('"').to_owned();
    if tagged {
        set(body, "eTag", tag.as_str());
    }
    if state.is_none() && at(body, "properties.apiServerAccessProfile").and_then(Json::as_object).is_some_and(serde_json::Map::is_empty) {
        remove(body, "properties.apiServerAccessProfile");
    }
    for pool in list_mut(body, "properties.agentPoolProfiles").into_iter().flatten() {
        if tagged {
            set(pool, "eTag", tag.as_str());
        }
        if state.is_some() {
            fill(pool, "nodeLabels", json!({}));
        } else if at(pool, "tags").and_then(Json::as_object).is_some_and(serde_json::Map::is_empty) {
            remove(pool, "tags");
        }
    }
}

/// A maintenance window; its answer carries no type.
fn build_window(_: &mut Store, draft: &Draft) -> Result<Json, Fault> {
    let mut properties = at(draft.request, "properties").cloned().unwrap_or(json!({}));
    drop_nulls(&mut properties);
    let name = draft.name();
    if !["default", "aksManagedAutoUpgradeSchedule", "aksManagedNodeOSUpgradeSchedule"].iter().any(|n| n.eq_ignore_ascii_case(name)) {
        let message = format!(
            "The maintenance configuration name '{name}' is not allowed. Allowed names: default, aksManagedAutoUpgradeSchedule, aksManagedNodeOSUpgradeSchedule."
        );
        return Err(Fault::aks(400, "InvalidParameter", "name", message));
    }
    let window = at(&properties, "maintenanceWindow").is_some();
    if name.eq_ignore_ascii_case("default") && window {
        return Err(Fault::aks(
            400,
            "InvalidParameter",
            "maintenanceWindow",
            "The maintenance configuration 'default' takes timeInWeek and notAllowedTime, not maintenanceWindow.",
        ));
    }
    if !name.eq_ignore_ascii_case("default") {
        let hours = crate::sim::jsons::int(&properties, "maintenanceWindow.durationHours").unwrap_or(0);
        if !window || !(4..=24).contains(&hours) {
            return Err(Fault::aks(
                400,
                "InvalidParameter",
                "maintenanceWindow.durationHours",
                format!("The maintenance window needs a duration of 4 to 24 hours; got {hours}."),
            ));
        }
        fill(&mut properties, "maintenanceWindow.utcOffset", "+00:00");
        let day = crate::sim::moment::rfc3339(draft.now);
        fill(&mut properties, "maintenanceWindow.startDate", day.get(..10).unwrap_or(""));
    }
    let id = draft.id.replacen("/resourcegroups/", "/resourceGroups/", 1);
    Ok(json!({ "id": id, "name": name, "properties": properties }))
}
