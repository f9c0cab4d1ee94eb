//! Log Analytics workspaces (Microsoft.OperationalInsights) and diagnostic settings (Microsoft.Insights).

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value as Json, json};

use super::{
    fault::Fault,
    http::{Request, Response},
    jsons::{at, fill, filled, flag, int, list, set},
    model::{Draft, Model, PLAIN, Style, Timing},
    moment,
    place::Place,
    store::{Store, derive},
};

pub const MODELS: &[Model] = &[
    Model {
        kind: "Microsoft.OperationalInsights/workspaces",
        shown: "Microsoft.OperationalInsights/workspaces",
        style: Style::Workspace,
        label: "Workspace",
        timing: Timing { create: 20_000, update: 20_000, delete: 0, wait: 20, wait_delete: 0 },
        build: build_workspace,
        quick: |_, _| false,
        adorn: |_, body, resource| {
            let word = resource.etag.trim_start_matches("W/");
            set(body, "etag", word);
        },
        action: |store, id, action, _, _| match action.to_ascii_lowercase().as_str() {
            "sharedkeys" | "listkeys" => {
                let key = |n: &str| STANDARD.encode(derive(&store.seed, &format!("{id} {n}")).repeat(2).get(..64).unwrap_or(""));
                Some(Ok(Response::json(200, json!({ "primarySharedKey": key("primary"), "secondarySharedKey": key("secondary") }))))
            }
            _ => None,
        },
        ..PLAIN
    },
    Model {
        kind: "Microsoft.Insights/diagnosticSettings",
        shown: "Microsoft.Insights/diagnosticSettings",
        tracked: false,
        stated: false,
        label: "DiagnosticSetting",
        build: build_setting,
        ..PLAIN
    },
];

fn build_workspace(store: &mut Store, draft: &Draft) -> Result<Json, Fault> {
    let request = draft.request;
    let mut body = draft.frame(&["identity"]);
    let retention = int(request, "properties.retentionInDays").unwrap_or(30);
    if retention != 7 && !(30..=730).contains(&retention) {
        let message = format!("'RetentionInDays' property doesn't match the SKU limits: {retention} is not between 30 and 730.");
        return Err(Fault::service(400, "InvalidParameter", message));
    }
    let name = match filled(request, "properties.sku.name") {
        None => "PerGB2018",
        Some(s) if s.eq_ignore_ascii_case("Standalone") => "PerGB2018",
        Some(s) => s,
    };
    let customer = draft.keep("properties.customerId", || Json::from(store.guid()));
    let created = draft.keep("properties.createdDate", || Json::from(moment::rfc3339(draft.now)));
    let sku_since = draft.keep("properties.sku.lastSkuUpdate", || Json::from(moment::rfc3339(draft.now)));
    let mut features = at(request, "properties.features").cloned().unwrap_or(json!({}));
    fill(&mut features, "enableLogAccessUsingOnlyResourcePermissions", true);
    set(&mut features, "legacy", 0);
    set(&mut features, "searchVersion", 1);
    let quota = at(request, "properties.workspaceCapping.dailyQuotaGb").cloned().unwrap_or(json!(-1.0));
    set(
        &mut body,
        "properties",
        json!({
            "customerId": customer, "sku": { "name": name, "lastSkuUpdate": sku_since }, "retentionInDays": retention, "features": features,
            "workspaceCapping": { "dailyQuotaGb": quota, "quotaNextResetTime": moment::rfc3339(draft.now - draft.now % 86_400_000 + 86_400_000), "dataIngestionStatus": "RespectQuota" },
            "publicNetworkAccessForIngestion": filled(request, "properties.publicNetworkAccessForIngestion").unwrap_or("Enabled"),
            "publicNetworkAccessForQuery": filled(request, "properties.publicNetworkAccessForQuery").unwrap_or("Enabled"),
            "createdDate": created, "modifiedDate": moment::rfc3339(draft.now)
        }),
    );
    if let Some(level) = at(request, "properties.sku.capacityReservationLevel") {
        set(&mut body, "properties.sku.capacityReservationLevel", level.clone());
    }
    if at(request, "properties.forceCmkForQuery").is_some() {
        set(&mut body, "properties.forceCmkForQuery", flag(request, "properties.forceCmkForQuery"));
    }
    Ok(body)
}

/// Log categories a type has; `None` for types whose categories are not known here.
fn categories(kind: &str) -> Option<&'static [&'static str]> {
    match kind.to_ascii_lowercase().as_str() {
        "microsoft.containerservice/managedclusters" => Some(&[
            "kube-apiserver",
            "kube-audit",
            "kube-audit-admin",
            "kube-controller-manager",
            "kube-scheduler",
            "cluster-autoscaler",
            "cloud-controller-manager",
            "guard",
            "csi-azuredisk-controller",
            "csi-azurefile-controller",
            "csi-snapshot-controller",
            "fleet-member-agent",
            "fleet-member-net-controller-manager",
            "fleet-mcs-controller-manager",
            "karpenter-events",
        ]),
        "microsoft.network/networksecuritygroups" => Some(&["NetworkSecurityGroupEvent", "NetworkSecurityGroupRuleCounter"]),
        "microsoft.network/virtualnetworks" => Some(&["VMProtectionAlerts"]),
        "microsoft.network/loadbalancers" => Some(&["LoadBalancerHealthEvent"]),
        "microsoft.network/publicipaddresses" => Some(&["DDoSProtectionNotifications", "DDoSMitigationFlowLogs", "DDoSMitigationReports"]),
        "microsoft.operationalinsights/workspaces" => Some(&["Audit", "SummaryLogs", "Jobs"]),
        _ => None,
    }
}

fn build_setting(store: &mut Store, draft: &Draft) -> Result<Json, Fault> {
    let request = draft.request;
    let kind = super::engine::kind_of(draft.id.split_once("/providers/Microsoft.Insights/").map_or("", |(s, _)| s));
    let member = |path: &str| at(request, &format!("properties.{path}")).cloned().unwrap_or(Json::Null);
    let destinations = ["workspaceId", "storageAccountId", "eventHubAuthorizationRuleId", "serviceBusRuleId", "marketplacePartnerId"];
    if destinations.iter().all(|d| filled(request, &format!("properties.{d}")).is_none()) {
        return Err(Fault::flat(400, "BadRequest", "At least one data sink needs to be specified."));
    }
    if let Some(workspace) = filled(request, "properties.workspaceId").filter(|w| !store.exists(w)) {
        return Err(Fault::flat(404, "ResourceNotFound", format!("The workspace '{workspace}' was not found.")));
    }
    let known = categories(&kind);
    let mut logs = Vec::new();
    for log in list(request, "properties.logs") {
        let category = filled(log, "category");
        let unknown = category.filter(|c| known.is_some_and(|k| !k.iter().any(|n| n.eq_ignore_ascii_case(c))));
        if let Some(unknown) = unknown {
            let message = format!("Category '{unknown}' is not supported, supported ones are: {}", known.unwrap_or(&[]).join(","));
            return Err(Fault::flat(400, "BadRequest", message));
        }
        logs.push(json!({
            "category": category, "categoryGroup": filled(log, "categoryGroup"), "enabled": flag(log, "enabled"),
            "retentionPolicy": at(log, "retentionPolicy").cloned().unwrap_or(json!({ "enabled": false, "days": 0 }))
        }));
    }
    let metrics: Vec<Json> = list(request, "properties.metrics")
        .iter()
        .map(|m| {
            json!({
                "category": filled(m, "category"), "enabled": flag(m, "enabled"), "timeGrain": filled(m, "timeGrain"),
                "retentionPolicy": at(m, "retentionPolicy").cloned().unwrap_or(json!({ "enabled": false, "days": 0 }))
            })
        })
        .collect();
    if logs.is_empty() && metrics.is_empty() {
        return Err(Fault::flat(400, "BadRequest", "At least one log or metric category needs to be specified."));
    }
    let mut body = draft.frame(&[]);
    set(
        &mut body,
        "properties",
        json!({
            "storageAccountId": member("storageAccountId"), "serviceBusRuleId": member("serviceBusRuleId"), "workspaceId": member("workspaceId"),
            "eventHubAuthorizationRuleId": member("eventHubAuthorizationRuleId"), "eventHubName": member("eventHubName"),
            "marketplacePartnerId": member("marketplacePartnerId"), "logAnalyticsDestinationType": member("logAnalyticsDestinationType"),
            "metrics": metrics, "logs": logs
        }),
    );
    for name in ["location", "kind", "tags", "identity"] {
        set(&mut body, name, Json::Null);
    }
    Ok(body)
}

/// `diagnosticSettingsCategories` of a resource: what a setting may name.
pub fn special(store: &mut Store, request: &Request, place: &Place) -> Option<Result<Response, Fault>> {
    let listed = place.types.last().is_some_and(|t| t.eq_ignore_ascii_case("diagnosticSettingsCategories"));
    if request.method != "GET" || !listed {
        return None;
    }
    let scope = place.scope.clone();
    if !store.exists(&scope) {
        let group = place.group.as_deref().unwrap_or("");
        return Some(Err(Fault::resource_not_found(&super::engine::kind_of(&scope), group)));
    }
    let kind = super::engine::kind_of(&scope);
    let Some(names) = categories(&kind) else { return Some(Err(Fault::unmodelled(format!("the diagnostic categories of {kind}")))) };
    let row = |name: &str, word: &str| {
        json!({
            "id": format!("{scope}/providers/microsoft.insights/diagnosticSettingsCategories/{name}"), "name": name,
            "type": "microsoft.insights/diagnosticSettingsCategories", "properties": { "categoryType": word, "categoryGroups": if word == "Logs" { json!(["allLogs"]) } else { json!([]) } }
        })
    };
    let rows = names.iter().map(|n| row(n, "Logs")).chain([row("AllMetrics", "Metrics")]).collect();
    Some(Ok(Response::list(rows)))
}
