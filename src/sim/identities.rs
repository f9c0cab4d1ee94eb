//! The `identity` member that machines and clusters carry: what a request asks for, and what Azure fills in.

use serde_json::{Map, Value as Json, json};

use super::{
    fault::Fault,
    jsons::{at, set, text},
    model::{Draft, Style},
    place::Place,
    store::Store,
};

/// The identity as it is shown: a principal for the system-assigned one, client and principal for each user-assigned one.
pub fn fill(store: &mut Store, draft: &Draft, request: &Json) -> Result<Json, Fault> {
    let kind = text(request, "type").unwrap_or("None");
    let mut shown = json!({ "type": kind });
    if kind.contains("SystemAssigned") {
        let principal = draft.keep("identity.principalId", || Json::from(store.guid()));
        set(&mut shown, "principalId", principal);
        set(&mut shown, "tenantId", store.settings.tenant.clone());
    }
    if kind.contains("UserAssigned") {
        let asked = at(request, "userAssignedIdentities").and_then(Json::as_object).cloned().unwrap_or_default();
        if asked.is_empty() {
            let message = "The identity type 'UserAssigned' requires at least one user assigned identity.";
            return Err(Fault::service(400, "InvalidRequestContent", message));
        }
        let mut all = Map::new();
        for id in asked.keys() {
            let Some(identity) = store.get(id) else { return Err(missing(draft, id)) };
            let ids = json!({ "clientId": at(&identity.body, "properties.clientId"), "principalId": at(&identity.body, "properties.principalId") });
            all.insert(id.clone(), ids);
        }
        set(&mut shown, "userAssignedIdentities", Json::Object(all));
    }
    Ok(shown)
}

fn missing(draft: &Draft, id: &str) -> Fault {
    let group = Place::of(id).group.unwrap_or_default();
    let name = id.rsplit('/').next().unwrap_or("");
    match draft.kind.style {
        Style::Aks => Fault::aks(
            404,
            "NotFound",
            "",
            format!(
                "The Resource 'Microsoft.ManagedIdentity/userAssignedIdentities/{name}' under resource group '{group}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix"
            ),
        ),
        _ => Fault::service(
            400,
            "FailedIdentityOperation",
            format!(
                "Identity operation for resource '{}' failed with error 'Failed to perform resource identity operation. Status: 'BadRequest'. Response: 'Resource '{id}' was not found.''.",
                draft.id
            ),
        ),
    }
}
