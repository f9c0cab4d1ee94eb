//! What else one can ask a cluster: credentials, upgrades, start and stop, outbound dependencies.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value as Json, json};

use super::versions;
use crate::sim::{
    fault::Fault,
    http::{Millis, Request, Response},
    jsons::{at, flag, list, set, text},
    operation,
    place::Place,
    store::{Store, derive, find_child},
};

const KIND: &str = "Microsoft.ContainerService/managedClusters";

/// Actions and odd GETs below one cluster.
pub fn act(store: &mut Store, id: &str, action: &str, request: &Request, now: Millis) -> Option<Result<Response, Fault>> {
    let cluster = store.get(id)?.clone();
    let post = request.method == "POST";
    match action.to_ascii_lowercase().as_str() {
        "listclusterusercredential" if post => Some(Ok(credentials(store, &cluster.body, "clusterUser"))),
        "listclusteradmincredential" if post => Some(if flag(&cluster.body, "properties.disableLocalAccounts") {
            let message = "Getting static credential is not allowed because this cluster is set to disable local accounts.";
            Err(Fault::aks(400, "BadRequest", "", message))
        } else {
            Ok(credentials(store, &cluster.body, "clusterAdmin"))
        }),
        "listclustermonitoringusercredential" if post => Some(Ok(credentials(store, &cluster.body, "clusterMonitoringUser"))),
        "stop" | "start" if post => Some(power(store, id, action, request, now)),
        "rotateclustercertificates" | "rotateserviceaccountsigningkeys" if post => Some(Ok(operation::start_action(store, KIND, id, request, 300_000, now))),
        "outboundnetworkdependenciesendpoints" if request.method == "GET" => Some(Ok(plain(dependencies(&cluster.body)))),
        "privatelinkresources" if request.method == "GET" => {
            Some(Ok(plain(json!({ "value": at(&cluster.body, "properties.privateLinkResources").cloned().unwrap_or(json!([])) }))))
        }
        _ => None,
    }
}

fn plain(body: Json) -> Response {
    Response::json(200, body).with("content-type", "application/json")
}

/// Paths that are not plain resources: versions of a region, upgrade profiles.
pub fn special(store: &mut Store, request: &Request, place: &Place) -> Option<Result<Response, Fault>> {
    if request.method != "GET" || !place.namespace.as_deref().is_some_and(|n| n.eq_ignore_ascii_case("Microsoft.ContainerService")) {
        return None;
    }
    let lower = place.lower();
    let path: Vec<&str> = lower.iter().map(String::as_str).collect();
    match path.as_slice() {
        [_, _, "providers", _, "locations", _, "kubernetesversions"] => Some(Ok(plain(versions::list()))),
        [.., "managedclusters", _, "upgradeprofiles", "default"] => Some(upgrade_profile(store, place)),
        [.., "managedclusters", _, "agentpools", _, "upgradeprofiles", "default"] => Some(pool_upgrade_profile(store, place)),
        [.., "managedclusters", _, "availableagentpoolversions"] => Some(available(store, place)),
        _ => None,
    }
}

/// The cluster a path lies below.
fn cluster_of(store: &Store, place: &Place) -> Result<crate::sim::store::Resource, Fault> {
    let mut own = place.clone();
    own.types.truncate(1);
    own.names.truncate(1);
    let id = own.id(store);
    let name = own.names.first().cloned().unwrap_or_default();
    let group = own.group.clone().unwrap_or_default();
    store.get(&id).cloned().ok_or_else(|| Fault::resource_not_found(&format!("{KIND}/{name}"), &group))
}

fn upgrade_profile(store: &Store, place: &Place) -> Result<Response, Fault> {
    let cluster = cluster_of(store, place)?;
    let version = text(&cluster.body, "properties.currentKubernetesVersion").unwrap_or("");
    let pools: Vec<Json> = list(&cluster.body, "properties.agentPoolProfiles")
        .iter()
        .map(|p| {
            let own = text(p, "currentOrchestratorVersion").unwrap_or("");
            json!({ "name": text(p, "name"), "osType": text(p, "osType"), "kubernetesVersion": own, "upgrades": versions::upgrades(own) })
        })
        .collect();
    Ok(plain(json!({
        "id": format!("{}/upgradeprofiles/default", cluster.id), "name": "default", "type": "Microsoft.ContainerService/managedClusters/upgradeprofiles",
        "properties": {
            "controlPlaneProfile": { "kubernetesVersion": version, "osType": "Linux", "upgrades": versions::upgrades(version) },
            "agentPoolProfiles": pools
        }
    })))
}

fn pool_upgrade_profile(store: &Store, place: &Place) -> Result<Response, Fault> {
    let cluster = cluster_of(store, place)?;
    let name = place.names.get(1).cloned().unwrap_or_default();
    let Some(pool) = find_child(&cluster.body, &format!("agentPoolProfiles/{name}")) else {
        return Err(crate::sim::quirks::pool_not_found(&format!("{}/agentPools/{name}", cluster.id)));
    };
    let version = text(pool, "currentOrchestratorVersion").unwrap_or("");
    Ok(plain(json!({
        "id": format!("{}/agentPools/{name}/upgradeprofiles/default", cluster.id), "name": "default",
        "type": "Microsoft.ContainerService/managedClusters/agentPools/upgradeProfiles",
        "properties": {
            "kubernetesVersion": version, "osType": text(pool, "osType"), "upgrades": versions::upgrades(version),
            "latestNodeImageVersion": text(pool, "nodeImageVersion")
        }
    })))
}

fn available(store: &Store, place: &Place) -> Result<Response, Fault> {
    let cluster = cluster_of(store, place)?;
    let version = text(&cluster.body, "properties.currentKubernetesVersion").unwrap_or("");
    let values = json!([{ "default": true, "kubernetesVersion": version }]);
    Ok(plain(json!({
        "id": format!("{}/availableagentpoolversions", cluster.id), "name": "default",
        "type": "Microsoft.ContainerService/managedClusters/availableAgentpoolVersions", "properties": { "agentPoolVersions": values }
    })))
}

fn power(store: &mut Store, id: &str, action: &str, request: &Request, now: Millis) -> Result<Response, Fault> {
    let code = if action.eq_ignore_ascii_case("stop") { "Stopped" } else { "Running" };
    if operation::under_way(store, id).next().is_some() {
        return Err(Fault::aks(
            409,
            "OperationNotAllowed",
            "",
            "Operation is not allowed: Another operation is in progress, please wait for it to finish before starting a new operation. See https://aka.ms/aks-pending-operation for more details.",
        ));
    }
    let response = operation::start_action(store, KIND, id, request, 90_000, now);
    if let Some(cluster) = store.get_mut(id) {
        let state = if code == "Stopped" { "Stopping" } else { "Starting" };
        cluster.states.insert(String::new(), state.to_owned());
        set(&mut cluster.body, "properties.powerState.code", code);
    }
    Ok(response)
}

fn dependencies(body: &Json) -> Json {
    let location = text(body, "location").unwrap_or("");
    let point = |name: &str, port: u16| json!({ "domainName": name, "endpointDetails": [{ "port": port, "protocol": "Https" }] });
    let mut base = vec![
        point("mcr.microsoft.com", 443),
        point("*.data.mcr.microsoft.com", 443),
        point("mcr-0001.mcr-msedge.net", 443),
        point("management.azure.com", 443),
        point("login.microsoftonline.com", 443),
        point("packages.microsoft.com", 443),
        point("acs-mirror.azureedge.net", 443),
        point("packages.aks.azure.com", 443),
    ];
    if !flag(body, "properties.apiServerAccessProfile.enablePrivateCluster") {
        base.insert(0, point(&format!("*.hcp.{location}.azmk8s.io"), 443));
    }
    json!({ "value": [{ "category": "azure-resource-management", "endpoints": base }] })
}

/// A kubeconfig that parses, for a cluster that answers no one.
fn credentials(store: &Store, body: &Json, name: &str) -> Response {
    let cluster = text(body, "name").unwrap_or("");
    let group = text(body, "id").and_then(|i| crate::sim::store::segment_after(i, "resourceGroups")).unwrap_or("");
    let host = text(body, "properties.privateFQDN").or_else(|| text(body, "properties.fqdn")).unwrap_or("");
    let fake = |what: &str| {
        STANDARD.encode(format!("-----BEGIN {what}-----\n{}\n-----END {what}-----\n", STANDARD.encode(derive(&store.seed, &format!("{what} {cluster}")))))
    };
    let user = format!("{name}_{group}_{cluster}");
    let entra = at(body, "properties.aadProfile").is_some() && name == "clusterUser";
    let login = if entra {
        let tenant = text(body, "properties.aadProfile.tenantID").unwrap_or("");
        format!(
            "    exec:\n      apiVersion: client.authentication.k8s.io/v1beta1\n      args:\n      - get-token\n      - --environment\n      - AzurePublicCloud\n      - --server-id\n      - 6dae42f8-4368-4678-94ff-3960e28e3630\n      - --client-id\n      - 80faf920-1908-4b52-b5ef-a8e7bedfc67a\n      - --tenant-id\n      - {tenant}\n      - --login\n      - devicecode\n      command: kubelogin\n      env: null\n      provideClusterInfo: false\n"
        )
    } else {
        format!(
            "    client-certificate-data: {}\n    client-key-data: {}\n    token: {}\n",
            fake("CERTIFICATE"),
            fake("RSA PRIVATE KEY"),
            derive(&store.seed, cluster).replace('-', "")
        )
    };
    let config = format!(
        "apiVersion: v1\nclusters:\n- cluster:\n    certificate-authority-data: {}\n    server: https://{host}:443\n  name: {cluster}\ncontexts:\n- context:\n    cluster: {cluster}\n    user: {user}\n  name: {cluster}\ncurrent-context: {cluster}\nkind: Config\npreferences: {{}}\nusers:\n- name: {user}\n  user:\n{login}",
        fake("CERTIFICATE")
    );
    plain(json!({ "kubeconfigs": [{ "name": name, "value": STANDARD.encode(config) }] }))
}
