//! What lies above resource groups: subscriptions, tenants, locations, provider registrations, and the list of all resources.

use serde_json::{Value as Json, json};

use super::{
    engine::{self, Call},
    fault::Fault,
    http::{Millis, Request, Response},
    jsons::{at, text},
    model::{model, namespace},
    moment,
    place::Place,
    store::{Resource, Store},
};

/// Answers a request above the level of typed resources; `None` when the path is a typed one.
pub fn answer(store: &mut Store, request: &Request, place: &Place, now: Millis) -> Option<Result<Response, Fault>> {
    let lower = place.lower();
    let path: Vec<&str> = lower.iter().map(String::as_str).collect();
    let method = request.method.as_str();
    let found = match (method, path.as_slice()) {
        ("GET", ["subscriptions"]) => Ok(subscriptions(store)),
        ("GET", ["tenants"]) => Ok(tenants(store)),
        ("GET", ["subscriptions", s]) => Ok(Response::json(200, subscription(store, s))),
        ("GET", ["subscriptions", s, "locations"]) => Ok(locations(s)),
        ("GET", ["subscriptions", s, "providers"]) => Ok(providers(s)),
        ("GET", ["subscriptions", s, "providers", n]) => provider(s, n),
        ("POST", ["subscriptions", s, "providers", n, "register" | "unregister"]) => provider(s, n),
        ("GET", ["subscriptions", s, "resources"]) => resources(store, request, &format!("/subscriptions/{s}")),
        ("GET", ["subscriptions", s, "resourcegroups", g, "resources"]) => {
            let scope = format!("/subscriptions/{s}/resourceGroups/{g}");
            if store.get(&scope).is_none() {
                return Some(Err(Fault::group_not_found(place.group.as_deref().unwrap_or(""))));
            }
            resources(store, request, &scope)
        }
        ("GET", ["subscriptions", s, "resourcegroups"]) => groups(store, request, s),
        (_, ["subscriptions", _, "resourcegroups", _]) => group(store, request, place, now),
        ("GET", ["providers"]) => Ok(providers("")),
        _ if place.namespace.as_deref().is_some_and(|n| n.eq_ignore_ascii_case("Microsoft.Resources")) => {
            Err(Fault::unmodelled("template deployments (Microsoft.Resources/deployments): write the resources one by one"))
        }
        _ => return None,
    };
    Some(found)
}

fn subscription(store: &Store, id: &str) -> Json {
    json!({
        "id": format!("/subscriptions/{id}"), "authorizationSource": "RoleBased", "managedByTenants": [],
        "subscriptionId": id, "tenantId": store.settings.tenant, "displayName": "Simulated subscription", "state": "Enabled",
        "subscriptionPolicies": { "locationPlacementId": "Public_2014-09-01", "quotaId": "PayAsYouGo_2014-09-01", "spendingLimit": "Off" }
    })
}

fn subscriptions(store: &Store) -> Response {
    let one = subscription(store, &store.settings.subscription);
    Response::json(200, json!({ "value": [one], "count": { "type": "Total", "value": 1 } }))
}

fn tenants(store: &Store) -> Response {
    let id = &store.settings.tenant;
    let tenant = json!({ "id": format!("/tenants/{id}"), "tenantId": id, "displayName": "Simulated tenant", "tenantCategory": "Home", "countryCode": "US" });
    Response::list(vec![tenant])
}

fn locations(subscription: &str) -> Response {
    let regions = super::check::REGIONS.split(',').map(|name| {
        json!({
            "id": format!("/subscriptions/{subscription}/locations/{name}"), "name": name, "type": "Region",
            "displayName": name, "regionalDisplayName": name,
            "metadata": { "regionType": "Physical", "regionCategory": "Recommended" },
            "availabilityZoneMappings": [
                { "logicalZone": "1", "physicalZone": format!("{name}-az1") },
                { "logicalZone": "2", "physicalZone": format!("{name}-az2") },
                { "logicalZone": "3", "physicalZone": format!("{name}-az3") }
            ]
        })
    });
    Response::list(regions.collect())
}

/// Namespaces with a model, each once.
fn namespaces() -> Vec<&'static str> {
    let mut names: Vec<&str> = super::FAMILIES.iter().flat_map(|f| f.iter()).filter_map(|m| m.kind.split_once('/').map(|(n, _)| n)).collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn providers(subscription: &str) -> Response {
    Response::list(namespaces().into_iter().map(|n| registration(subscription, n)).collect())
}

fn provider(subscription: &str, name: &str) -> Result<Response, Fault> {
    match namespace(name) {
        Some(known) => Ok(Response::json(200, registration(subscription, known))),
        None => Err(Fault::gateway(404, "InvalidResourceNamespace", format!("The resource namespace '{name}' is invalid."))),
    }
}

fn registration(subscription: &str, name: &str) -> Json {
    let all = super::FAMILIES.iter().flat_map(|f| f.iter());
    let types: Vec<Json> = all
        .filter_map(|m| m.kind.split_once('/').filter(|(n, _)| *n == name).map(|(_, kind)| kind))
        .map(|kind| {
            json!({
                "resourceType": kind, "locations": super::check::REGIONS.split(',').collect::<Vec<_>>(),
                "apiVersions": ["2025-10-01", "2025-03-01", "2025-01-01", "2024-11-01", "2024-07-01", "2024-03-01", "2023-07-01", "2022-04-01", "2021-04-01"],
                "capabilities": "CrossResourceGroupResourceMove, CrossSubscriptionResourceMove, SupportsTags, SupportsLocation"
            })
        })
        .collect();
    json!({
        "id": format!("/subscriptions/{subscription}/providers/{name}"), "namespace": name, "resourceTypes": types,
        "registrationState": "Registered", "registrationPolicy": "RegistrationRequired"
    })
}

fn groups(store: &mut Store, request: &Request, subscription: &str) -> Result<Response, Fault> {
    let prefix = format!("/subscriptions/{subscription}/resourcegroups/");
    let ids: Vec<String> =
        store.of_kind("Microsoft.Resources/resourceGroups").filter(|r| r.id.to_ascii_lowercase().starts_with(&prefix)).map(|r| r.id.clone()).collect();
    let items: Vec<Json> = ids.iter().filter_map(|id| engine::show(store, id)).collect();
    let filter = request.query("$filter").map(Filter::parse).transpose()?;
    let items = items.into_iter().filter(|i| filter.as_ref().is_none_or(|f| f.holds(i, ""))).collect();
    super::paging::answer(request, items)
}

fn group(store: &mut Store, request: &Request, place: &Place, now: Millis) -> Result<Response, Fault> {
    let Some(model) = model("Microsoft.Resources/resourceGroups") else { return Err(Fault::unmodelled("resource groups")) };
    let id = place.id(store);
    let mut call = Call { store, request, now, model, id, place: place.clone() };
    match request.method.as_str() {
        "GET" => engine::read(&mut call),
        "HEAD" if call.store.get(&call.id).is_some() => Ok(Response::empty(204)),
        "HEAD" => Err(Fault::group_not_found(place.group.as_deref().unwrap_or(""))),
        "PUT" => engine::write(&mut call),
        "PATCH" => engine::patch(&mut call),
        "DELETE" => engine::delete(&mut call),
        other => Err(Fault::gateway(405, "HttpMethodNotSupported", format!("The HTTP method '{other}' is not supported at scope '{}'.", call.id))),
    }
}

/// The list of all top-level resources below a scope, as Resource Manager's own index shows them.
fn resources(store: &mut Store, request: &Request, scope: &str) -> Result<Response, Fault> {
    let filter = request.query("$filter").map(Filter::parse).transpose()?;
    let expand = request.query("$expand").unwrap_or("").to_ascii_lowercase();
    let items: Vec<Json> = store
        .under(scope)
        .filter(|r| model(&r.kind).is_some_and(|m| m.tracked) && r.kind != "Microsoft.Resources/resourceGroups")
        .map(|r| index_entry(r, &expand))
        .filter(|i| filter.as_ref().is_none_or(|f| f.holds(i, text(i, "id").unwrap_or(""))))
        .collect();
    super::paging::answer(request, items)
}

fn index_entry(resource: &Resource, expand: &str) -> Json {
    let mut entry = super::jsons::pick(&resource.body, &["id", "name", "location", "tags", "sku", "kind", "identity", "zones", "managedBy", "plan"]);
    super::jsons::set(&mut entry, "type", resource.kind.as_str());
    for (word, value) in [
        ("createdtime", ("createdTime", moment::rfc3339(resource.created))),
        ("changedtime", ("changedTime", moment::rfc3339(resource.changed))),
        ("provisioningstate", ("provisioningState", resource.states.get("").cloned().unwrap_or_else(|| "Succeeded".to_owned()))),
    ] {
        if expand.contains(word) {
            super::jsons::set(&mut entry, value.0, value.1);
        }
    }
    entry
}

/// The part of OData filters that Resource Manager's lists take: `x eq 'y'`, `and`, `or`.
struct Filter(Vec<Vec<(String, bool, String)>>);

impl Filter {
    fn parse(text: &str) -> Result<Filter, Fault> {
        let refuse = || Fault::gateway(400, "InvalidFilterInQueryString", format!("Invalid $filter '{text}' specified in the query string."));
        let mut any = Vec::new();
        for part in text.split(" or ") {
            let mut all = Vec::new();
            for term in part.split(" and ") {
                let words: Vec<&str> = term.trim().splitn(3, ' ').collect();
                let [name, operator, value] = words.as_slice() else { return Err(refuse()) };
                let value = value.trim().strip_prefix('\'').and_then(|v| v.strip_suffix('\'')).ok_or_else(refuse)?;
                let equal = match *operator {
                    "eq" => true,
                    "ne" => false,
                    _ => return Err(refuse()),
                };
                let name = name.to_ascii_lowercase();
                if !["resourcegroup", "resourcetype", "name", "location", "tagname", "tagvalue"].contains(&name.as_str()) {
                    return Err(refuse());
                }
                all.push((name, equal, value.to_owned()));
            }
            any.push(all);
        }
        Ok(Filter(any))
    }

    fn holds(&self, item: &Json, id: &str) -> bool {
        self.0.iter().any(|all| all.iter().all(|(name, equal, value)| term_holds(item, id, name, value) == *equal))
    }
}

fn term_holds(item: &Json, id: &str, name: &str, value: &str) -> bool {
    let is = |t: Option<&str>| t.is_some_and(|t| t.eq_ignore_ascii_case(value));
    let tags = at(item, "tags").and_then(Json::as_object);
    match name {
        "resourcegroup" => is(super::store::segment_after(id, "resourceGroups")),
        "resourcetype" => is(text(item, "type")),
        "name" => is(text(item, "name")),
        "location" => is(text(item, "location")),
        "tagname" => tags.is_some_and(|t| t.keys().any(|k| k.eq_ignore_ascii_case(value))),
        "tagvalue" => tags.is_some_and(|t| t.values().any(|v| is(v.as_str()))),
        _ => false,
    }
}
