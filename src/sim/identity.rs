//! Microsoft.ManagedIdentity: user-assigned identities and their federated credentials.

use serde_json::{Value as Json, json};

use super::{
    fault::Fault,
    http::Response,
    jsons::{at, fill, filled, list, set, text},
    model::{Draft, Model, PLAIN},
    store::Store,
};

pub const MODELS: &[Model] = &[
    Model {
        kind: "Microsoft.ManagedIdentity/userAssignedIdentities",
        shown: "Microsoft.ManagedIdentity/userAssignedIdentities",
        stated: false,
        label: "UserAssignedIdentity",
        build,
        action: |store, id, action, _, _| match action.to_ascii_lowercase().as_str() {
            "listassociatedresources" => {
                let mut users: Vec<String> = store.refs_now().to(id).iter().map(|r| r.holder.clone()).collect();
                users.dedup();
                let items: Vec<Json> = users.iter().filter_map(|u| store.get(u)).map(|r| json!({ "id": r.id, "name": r.name(), "type": r.kind })).collect();
                Some(Ok(Response::json(200, json!({ "totalCount": items.len(), "value": items }))))
            }
            _ => None,
        },
        ..PLAIN
    },
    Model {
        kind: "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials",
        shown: "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials",
        tracked: false,
        stated: false,
        label: "FederatedIdentityCredential",
        build: build_credential,
        ..PLAIN
    },
];

fn build(store: &mut Store, draft: &Draft) -> Result<Json, Fault> {
    let name = draft.name();
    let good = (3..=128).contains(&name.len())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
        && name.starts_with(|c: char| c.is_ascii_alphanumeric());
    if !good {
        let message = format!("Resource name {name} is invalid: it must be 3 to 128 letters, digits, '-' and '_', and begin with a letter or digit.");
        return Err(Fault::service(400, "BadRequest", message));
    }
    let mut body = draft.frame(&[]);
    fill(&mut body, "tags", json!({}));
    let principal = draft.keep("properties.principalId", || Json::from(store.guid()));
    let client = draft.keep("properties.clientId", || Json::from(store.guid()));
    set(&mut body, "properties", json!({ "tenantId": store.settings.tenant, "principalId": principal, "clientId": client }));
    if let Some(scope) = filled(draft.request, "properties.isolationScope") {
        set(&mut body, "properties.isolationScope", scope);
    }
    Ok(body)
}

fn build_credential(store: &mut Store, draft: &Draft) -> Result<Json, Fault> {
    let mut body = draft.frame(&[]);
    let request = draft.request;
    let issuer = filled(request, "properties.issuer");
    let subject = at(request, "properties.subject").or_else(|| at(request, "properties.claimsMatchingExpression"));
    let audiences = list(request, "properties.audiences");
    let (Some(issuer), Some(subject), false) = (issuer, subject, audiences.is_empty()) else {
        let message = "The federated identity credential needs an issuer, a subject or a claims matching expression, and at least one audience.";
        return Err(Fault::service(400, "BadRequest", message));
    };
    let member = if subject.is_string() { "subject" } else { "claimsMatchingExpression" };
    let others: Vec<&Json> =
        store.under(draft.parent()).map(|r| &r.body).filter(|b| text(b, "name").is_none_or(|n| !n.eq_ignore_ascii_case(draft.name()))).collect();
    let clash = others.iter().any(|o| text(o, "properties.issuer") == Some(issuer) && at(o, &format!("properties.{member}")) == Some(subject));
    if clash {
        let message = format!("Issuer and subject combination already exists for this Managed Identity: '{issuer}', {subject}.");
        return Err(Fault::service(409, "Conflict", message));
    }
    if others.len() >= 20 {
        return Err(Fault::service(409, "Conflict", "Too many Federated Identity Credentials on this Managed Identity: the limit is 20."));
    }
    set(&mut body, "properties", json!({ "issuer": issuer, "audiences": at(request, "properties.audiences") }));
    set(&mut body, &format!("properties.{member}"), subject.clone());
    Ok(body)
}
