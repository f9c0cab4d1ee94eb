//! Microsoft.Authorization: role definitions, role assignments, locks; and the question whether a principal may do something.

use serde_json::{Value as Json, json};

use super::{
    engine,
    fault::Fault,
    http::{Request, Response},
    jsons::{at, filled, list, set, text, texts},
    model::{Draft, Model, PLAIN},
    moment,
    place::Place,
    store::{Resource, Store},
};

pub const MODELS: &[Model] = &[
    Model {
        kind: "Microsoft.Authorization/roleAssignments",
        shown: "Microsoft.Authorization/roleAssignments",
        tracked: false,
        stated: false,
        label: "RoleAssignment",
        build: build_assignment,
        adorn: adorn_assignment,
        ..PLAIN
    },
    Model {
        kind: "Microsoft.Authorization/roleDefinitions",
        shown: "Microsoft.Authorization/roleDefinitions",
        tracked: false,
        stated: false,
        label: "RoleDefinition",
        build: build_definition,
        keep: |store, id| {
            let used = store.of_kind("Microsoft.Authorization/roleAssignments").any(|a| {
                let role = text(&a.body, "properties.roleDefinitionId").unwrap_or("");
                role.rsplit('/').next() == id.rsplit('/').next()
            });
            used.then(|| Fault::service(400, "RoleDefinitionHasAssignments", "There are existing role assignments referencing role."))
        },
        ..PLAIN
    },
    Model {
        kind: "Microsoft.Authorization/locks",
        shown: "Microsoft.Authorization/locks",
        tracked: false,
        stated: false,
        label: "Lock",
        build: build_lock,
        ..PLAIN
    },
];

/// Built-in roles: name, GUID, what they do, allowed actions, excluded actions, data actions.
type Role = (&'static str, &'static str, &'static str, &'static [&'static str], &'static [&'static str], &'static [&'static str]);

const ALL: &[&str] = &["*"];
const NO_GRANTS: &[&str] = &["Microsoft.Authorization/*/Delete", "Microsoft.Authorization/*/Write", "Microsoft.Authorization/elevateAccess/Action"];

/// Source: Microsoft Learn, "Azure built-in roles".
#[rustfmt::skip]
const ROLES: &[Role] = &[
    ("Owner", "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "Grants full access to manage all resources, including the ability to assign roles in Azure RBAC.", ALL, &[], &[]),
    ("Contributor", "b24988ac-6180-42a0-ab88-20f7382dd24c", "Grants full access to manage all resources, but does not allow you to assign roles in Azure RBAC.", ALL, NO_GRANTS, &[]),
    ("Reader", "acdd72a7-3385-48ef-bd42-f606fba81ae7", "View all resources, but does not allow you to make any changes.", &["*/read"], &[], &[]),
    ("User Access Administrator", "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9", "Lets you manage user access to Azure resources.", &["*/read", "Microsoft.Authorization/*", "Microsoft.Support/*"], &[], &[]),
    ("Role Based Access Control Administrator", "f58310d9-a9f6-439a-9e8d-f62e7b41a168", "Manage access to Azure resources by assigning roles using Azure RBAC.", &["Microsoft.Authorization/roleAssignments/write", "Microsoft.Authorization/roleAssignments/delete", "*/read"], &[], &[]),
    ("Network Contributor", "4d97b98b-1d4f-4787-a291-c67834d212e7", "Lets you manage networks, but not access to them.", &["Microsoft.Authorization/*/read", "Microsoft.Network/*", "Microsoft.Resources/deployments/*", "Microsoft.Resources/subscriptions/resourceGroups/read"], &[], &[]),
    ("DNS Zone Contributor", "befefa01-2a29-4197-83a8-272ff33ce314", "Lets you manage DNS zones and record sets in Azure DNS, but does not let you control who has access to them.", &["Microsoft.Network/dnsZones/*", "Microsoft.Authorization/*/read"], &[], &[]),
    ("Private DNS Zone Contributor", "b12aa53e-6015-4669-85d0-8515ebb3ae7f", "Lets you manage private DNS zone resources, but not the virtual networks they are linked to.", &["Microsoft.Network/privateDnsZones/*", "Microsoft.Network/privateDnsOperationResults/*", "Microsoft.Network/privateDnsOperationStatuses/*", "Microsoft.Network/virtualNetworks/read", "Microsoft.Network/virtualNetworks/join/action", "Microsoft.Authorization/*/read"], &[], &[]),
    ("Managed Identity Operator", "f1a07417-d97a-45cb-824c-7a7467783830", "Read and Assign User Assigned Identity", &["Microsoft.ManagedIdentity/userAssignedIdentities/*/read", "Microsoft.ManagedIdentity/userAssignedIdentities/*/assign/action"], &[], &[]),
    ("Managed Identity Contributor", "e40ec5ca-96e0-45a2-b4ff-59039f2c2b59", "Create, Read, Update, and Delete User Assigned Identity", &["Microsoft.ManagedIdentity/userAssignedIdentities/*"], &[], &[]),
    ("Virtual Machine Contributor", "9980e02c-c2be-4d73-94e8-173b1dc7cf3c", "Lets you manage virtual machines, but not access to them, and not the virtual network or storage account they're connected to.", &["Microsoft.Compute/virtualMachines/*", "Microsoft.Network/networkInterfaces/*"], &[], &[]),
    ("Storage Account Contributor", "17d1049b-9a84-46fb-8f53-869881c3d3ab", "Lets you manage storage accounts, including accessing storage account keys.", &["Microsoft.Storage/storageAccounts/*"], &[], &[]),
    ("Storage Blob Data Owner", "b7e6dc6d-f1e8-4753-8033-0f276bb0955b", "Allows for full access to Azure Storage blob containers and data.", &["Microsoft.Storage/storageAccounts/blobServices/containers/*"], &[], &["Microsoft.Storage/storageAccounts/blobServices/containers/blobs/*"]),
    ("Storage Blob Data Contributor", "ba92f5b4-2d11-453d-a403-e96b0029c9fe", "Allows for read, write and delete access to Azure Storage blob containers and data.", &["Microsoft.Storage/storageAccounts/blobServices/containers/write"], &[], &["Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write"]),
    ("Storage Blob Data Reader", "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1", "Allows for read access to Azure Storage blob containers and data.", &["Microsoft.Storage/storageAccounts/blobServices/containers/read"], &[], &["Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"]),
    ("AcrPull", "7f951dda-4ed3-4680-a7ca-43fe172d538d", "acr pull", &["Microsoft.ContainerRegistry/registries/pull/read"], &[], &[]),
    ("AcrPush", "8311e382-0749-4cb8-b61a-304f252e45ec", "acr push", &["Microsoft.ContainerRegistry/registries/pull/read", "Microsoft.ContainerRegistry/registries/push/write"], &[], &[]),
    ("Monitoring Contributor", "749f88d5-cbae-40b8-bcfc-e573ddc772fa", "Can read all monitoring data and update monitoring settings.", &["*/read", "Microsoft.Insights/*", "Microsoft.OperationalInsights/workspaces/*"], &[], &[]),
    ("Monitoring Reader", "43d0d8ad-25c7-4714-9337-8ba259a9fe05", "Can read all monitoring data.", &["*/read", "Microsoft.OperationalInsights/workspaces/search/action"], &[], &[]),
    ("Monitoring Metrics Publisher", "3913510d-42f4-4e42-8a64-420c390055eb", "Enables publishing metrics against Azure resources", &["Microsoft.Insights/Register/Action", "Microsoft.Resources/subscriptions/resourceGroups/read"], &[], &["Microsoft.Insights/Metrics/Write", "Microsoft.Insights/Telemetry/Write"]),
    ("Log Analytics Contributor", "92aaf0da-9dab-42b6-94a3-d43ce8d16293", "Log Analytics Contributor can read all monitoring data and edit monitoring settings.", &["*/read", "Microsoft.Insights/diagnosticSettings/*", "Microsoft.OperationalInsights/*"], &[], &[]),
    ("Log Analytics Reader", "73c42c96-874c-492b-b04d-ab87d138a893", "Log Analytics Reader can view and search all monitoring data as well as and view monitoring settings.", &["*/read", "Microsoft.OperationalInsights/workspaces/search/action"], &["Microsoft.OperationalInsights/workspaces/sharedKeys/read"], &[]),
    ("Key Vault Administrator", "00482a5a-887f-4fb3-b363-3b7fe8e74483", "Perform all data plane operations on a key vault and all objects in it.", &["Microsoft.KeyVault/*/read"], &[], &["Microsoft.KeyVault/vaults/*"]),
    ("Key Vault Reader", "21090545-7ca7-4776-b22c-e363652d74d2", "Read metadata of key vaults and its certificates, keys, and secrets.", &["Microsoft.KeyVault/*/read"], &[], &["Microsoft.KeyVault/vaults/*/read"]),
    ("Key Vault Secrets User", "4633458b-17de-408a-b874-0445c86b69e6", "Read secret contents.", &[], &[], &["Microsoft.KeyVault/vaults/secrets/getSecret/action"]),
    ("Key Vault Secrets Officer", "b86a8fe4-44ce-4948-aee5-eccb2c155cd7", "Perform any action on the secrets of a key vault, except manage permissions.", &["Microsoft.KeyVault/*/read"], &[], &["Microsoft.KeyVault/vaults/secrets/*"]),
    ("Azure Kubernetes Service Contributor Role", "ed7f3fbd-7b88-4dd4-9017-9adb7ce333f8", "Grants access to read and write Azure Kubernetes Service clusters", &["Microsoft.ContainerService/*", "Microsoft.Resources/deployments/*"], &[], &[]),
    ("Azure Kubernetes Service Cluster Admin Role", "0ab0b1a8-8aac-4efd-b8c2-3ee1fb270be8", "List cluster admin credential action.", &["Microsoft.ContainerService/managedClusters/listClusterAdminCredential/action", "Microsoft.ContainerService/managedClusters/read"], &[], &[]),
    ("Azure Kubernetes Service Cluster User Role", "4abbcc35-e782-43d8-92c5-2d3f1bd2253f", "List cluster user credential action.", &["Microsoft.ContainerService/managedClusters/listClusterUserCredential/action", "Microsoft.ContainerService/managedClusters/read"], &[], &[]),
    ("Azure Kubernetes Service RBAC Admin", "3498e952-d568-435e-9b2c-8d77e338d7f7", "Lets you manage all resources under cluster/namespace, except update or delete resource quotas and namespaces.", &["Microsoft.ContainerService/managedClusters/listClusterUserCredential/action"], &[], &["Microsoft.ContainerService/managedClusters/*"]),
    ("Azure Kubernetes Service RBAC Cluster Admin", "b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b", "Lets you manage all resources in the cluster.", &["Microsoft.ContainerService/managedClusters/listClusterUserCredential/action"], &[], &["Microsoft.ContainerService/managedClusters/*"]),
    ("Azure Kubernetes Service RBAC Reader", "7f6c6a51-bcf8-42ba-9220-52d62157d7db", "Allows read-only access to see most objects in a namespace.", &["Microsoft.Resources/subscriptions/resourceGroups/read"], &[], &["Microsoft.ContainerService/managedClusters/*/read"]),
    ("Azure Kubernetes Service RBAC Writer", "a7ffa36f-339b-4b5c-8bdf-e2c188b2c0eb", "Allows read/write access to most objects in a namespace.", &["Microsoft.Resources/subscriptions/resourceGroups/read"], &[], &["Microsoft.ContainerService/managedClusters/*/read", "Microsoft.ContainerService/managedClusters/*/write"]),
    ("Tag Contributor", "4a9ae827-6dc8-4573-8ac7-8239d42aa03f", "Lets you manage tags on entities, without providing access to the entities themselves.", &["Microsoft.Resources/tags/*", "Microsoft.Authorization/*/read"], &[], &[]),
];

fn show_role(role: &Role, subscription: &str) -> Json {
    let (name, guid, description, actions, excluded, data) = role;
    let prefix = if subscription.is_empty() { String::new() } else { format!("/subscriptions/{subscription}") };
    json!({
        "id": format!("{prefix}/providers/Microsoft.Authorization/roleDefinitions/{guid}"), "name": guid,
        "type": "Microsoft.Authorization/roleDefinitions",
        "properties": {
            "roleName": name, "type": "BuiltInRole", "description": description, "assignableScopes": ["/"],
            "permissions": [{ "actions": actions, "notActions": excluded, "dataActions": data, "notDataActions": [] }],
            "createdOn": "2015-02-02T21:55:09.8806423Z", "updatedOn": "2021-11-11T20:13:47.8628684Z", "createdBy": null, "updatedBy": null
        }
    })
}

/// The definition with a GUID, built in or made in the store.
fn definition(store: &Store, guid: &str, subscription: &str) -> Option<Json> {
    if let Some(role) = ROLES.iter().find(|r| r.1.eq_ignore_ascii_case(guid)) {
        return Some(show_role(role, subscription));
    }
    store.of_kind("Microsoft.Authorization/roleDefinitions").find(|r| r.name().eq_ignore_ascii_case(guid)).map(|r| r.body.clone())
}

/// Reads of definitions and lists of assignments, which follow scopes upwards.
pub fn special(store: &mut Store, request: &Request, place: &Place) -> Option<Result<Response, Fault>> {
    if request.method != "GET" || !place.namespace.as_deref().is_some_and(|n| n.eq_ignore_ascii_case("Microsoft.Authorization")) {
        return None;
    }
    let subscription = place.subscription.clone().unwrap_or_default();
    let kind = place.types.first().map(|t| t.to_ascii_lowercase())?;
    match (kind.as_str(), place.names.first()) {
        ("roledefinitions", Some(guid)) => Some(match definition(store, guid, &subscription) {
            Some(body) => Ok(Response::json(200, body)),
            None => Err(Fault::service(404, "RoleDefinitionDoesNotExist", format!("The specified role definition with ID '{guid}' does not exist."))),
        }),
        ("roledefinitions", None) => Some(definitions(store, request, &subscription)),
        ("roleassignments", None) => Some(assignments(store, request, place)),
        _ => None,
    }
}

fn definitions(store: &Store, request: &Request, subscription: &str) -> Result<Response, Fault> {
    let custom = store.of_kind("Microsoft.Authorization/roleDefinitions").map(|r| r.body.clone());
    let all: Vec<Json> = ROLES.iter().map(|r| show_role(r, subscription)).chain(custom).collect();
    let filter = request.query("$filter").unwrap_or("").trim();
    let wanted = |body: &Json| -> Option<bool> {
        if filter.is_empty() || filter.eq_ignore_ascii_case("atScope()") || filter.eq_ignore_ascii_case("atScopeAndBelow()") {
            return Some(true);
        }
        let (name, value) = filter.split_once(" eq ")?;
        let value = value.trim().trim_matches('\'');
        match name.trim().to_ascii_lowercase().as_str() {
            "rolename" => Some(text(body, "properties.roleName").is_some_and(|n| n.eq_ignore_ascii_case(value))),
            "type" => Some(text(body, "properties.type").is_some_and(|n| n.eq_ignore_ascii_case(value))),
            _ => None,
        }
    };
    let mut items = Vec::new();
    for body in all {
        match wanted(&body) {
            Some(true) => items.push(body),
            Some(false) => {}
            None => return Err(Fault::service(400, "UnsupportedFilter", format!("The filter '{filter}' is not supported."))),
        }
    }
    Ok(Response::list(items))
}

fn assignments(store: &mut Store, request: &Request, place: &Place) -> Result<Response, Fault> {
    let scope = place.scope.to_ascii_lowercase();
    let filter = request.query("$filter").unwrap_or("").trim().to_owned();
    let terms: Vec<String> = filter.split(" and ").map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned).collect();
    let at_scope = terms.iter().any(|t| t.eq_ignore_ascii_case("atScope()"));
    let principal = terms.iter().find_map(|t| {
        let value = t.strip_prefix("principalId eq ").or_else(|| t.strip_prefix("assignedTo(").map(|r| r.trim_end_matches(')')))?;
        Some(value.trim().trim_matches('\'').to_owned())
    });
    let understood = terms.iter().all(|t| t.eq_ignore_ascii_case("atScope()") || t.starts_with("principalId eq ") || t.starts_with("assignedTo("));
    if !understood {
        return Err(Fault::service(400, "UnsupportedFilter", format!("The filter '{filter}' is not supported.")));
    }
    let ids: Vec<String> = store
        .of_kind("Microsoft.Authorization/roleAssignments")
        .filter(|r| {
            let own = text(&r.body, "properties.scope").unwrap_or("").to_ascii_lowercase();
            let above = scope == own || scope.starts_with(&format!("{}/", own.trim_end_matches('/')));
            let below = own.starts_with(&format!("{scope}/"));
            above || (below && !at_scope)
        })
        .filter(|r| principal.as_deref().is_none_or(|p| text(&r.body, "properties.principalId").is_some_and(|i| i.eq_ignore_ascii_case(p))))
        .map(|r| r.id.clone())
        .collect();
    let items = ids.iter().filter_map(|id| engine::show(store, id)).collect();
    super::paging::answer(request, items)
}

fn build_assignment(store: &mut Store, draft: &Draft) -> Result<Json, Fault> {
    let request = draft.request;
    let name = draft.name();
    if uuid::Uuid::parse_str(name).is_err() {
        let message = format!("The role assignment ID '{name}' is not valid. The role assignment ID must be a GUID.");
        return Err(Fault::service(400, "InvalidRoleAssignmentId", message));
    }
    let (Some(role), Some(principal)) = (filled(request, "properties.roleDefinitionId"), filled(request, "properties.principalId")) else {
        return Err(Fault::service(
            400,
            "InvalidCreateRoleAssignmentRequest",
            "The request to create role assignment is not valid. Role definition and principal id are required.",
        ));
    };
    let guid = role.rsplit('/').next().unwrap_or("");
    if definition(store, guid, "").is_none() {
        let message = format!("The specified role definition with ID '{}' does not exist.", guid.replace('-', ""));
        return Err(Fault::service(400, "RoleDefinitionDoesNotExist", message));
    }
    let scope = draft.id.split_once("/providers/Microsoft.Authorization/").map_or("", |(s, _)| s);
    let scope = if scope.is_empty() { "/" } else { scope };
    clashes(store, draft, scope, guid, principal)?;
    known_principal(store, draft, principal)?;
    let member = |path: &str| at(request, &format!("properties.{path}")).cloned().unwrap_or(Json::Null);
    let subscription = super::store::segment_after(draft.id, "subscriptions").unwrap_or("");
    let prefix = if subscription.is_empty() { String::new() } else { format!("/subscriptions/{subscription}") };
    let created = draft.keep("properties.createdOn", || Json::from(moment::rfc3339(draft.now)));
    let mut body = draft.frame(&[]);
    set(
        &mut body,
        "properties",
        json!({
            "roleDefinitionId": format!("{prefix}/providers/Microsoft.Authorization/roleDefinitions/{guid}"), "principalId": principal,
            "principalType": filled(request, "properties.principalType").unwrap_or("ServicePrincipal"), "scope": scope,
            "condition": member("condition"), "conditionVersion": member("conditionVersion"), "description": member("description"),
            "delegatedManagedIdentityResourceId": member("delegatedManagedIdentityResourceId"),
            "createdOn": created, "updatedOn": moment::rfc3339(draft.now), "createdBy": super::OBJECT, "updatedBy": super::OBJECT
        }),
    );
    Ok(body)
}

/// The answer to the write itself does not yet know who made it.
fn adorn_assignment(store: &Store, body: &mut Json, resource: &Resource) {
    if store.clock == resource.changed {
        set(body, "properties.createdBy", Json::Null);
    }
}

/// One principal has a role at a scope once; what an assignment grants cannot be changed.
fn clashes(store: &Store, draft: &Draft, scope: &str, role: &str, principal: &str) -> Result<(), Fault> {
    let same = |body: &Json| {
        text(body, "properties.scope").is_some_and(|s| s.eq_ignore_ascii_case(scope))
            && text(body, "properties.principalId").is_some_and(|p| p.eq_ignore_ascii_case(principal))
            && text(body, "properties.roleDefinitionId").and_then(|r| r.rsplit('/').next()).is_some_and(|r| r.eq_ignore_ascii_case(role))
    };
    let exists = |id: &str| {
        let message = format!("The role assignment already exists. The ID of the existing role assignment is {}.", id.replace('-', ""));
        Err(Fault::service(409, "RoleAssignmentExists", message))
    };
    if let Some(old) = draft.old {
        if !same(old) {
            let message = "Tenant ID, application ID, principal ID, and scope are not allowed to be updated.";
            return Err(Fault::service(409, "RoleAssignmentUpdateNotPermitted", message));
        }
        let unchanged = ["description", "condition", "conditionVersion"]
            .iter()
            .all(|m| at(old, &format!("properties.{m}")) == at(draft.request, &format!("properties.{m}")));
        return if unchanged { exists(draft.name()) } else { Ok(()) };
    }
    match store.of_kind("Microsoft.Authorization/roleAssignments").find(|r| same(&r.body)) {
        Some(other) => exists(other.name()),
        None => Ok(()),
    }
}

/// A new identity is not known everywhere at once; naming the principal's type makes the service believe it.
fn known_principal(store: &Store, draft: &Draft, principal: &str) -> Result<(), Fault> {
    if filled(draft.request, "properties.principalType").is_some() {
        return Ok(());
    }
    let born = store.resources.values().find(|r| {
        let own = text(&r.body, "properties.principalId").or_else(|| text(&r.body, "identity.principalId"));
        r.kind != "Microsoft.Authorization/roleAssignments" && own.is_some_and(|p| p.eq_ignore_ascii_case(principal))
    });
    let wait = super::operation::paced(store, store.settings.replication);
    match born {
        Some(identity) if draft.now - identity.created < wait => {
            let message = format!(
                "Principal {} does not exist in the directory {}. Check that you have the correct principal ID. If you are creating this principal and then immediately assigning a role, this error might be related to a replication delay. In this case, set the role assignment principalType property to a value, such as ServicePrincipal, User, or Group.  See https://aka.ms/docs-principaltype",
                principal.replace('-', ""),
                store.settings.tenant
            );
            Err(Fault::service(400, "PrincipalNotFound", message))
        }
        _ => Ok(()),
    }
}

fn build_definition(store: &mut Store, draft: &Draft) -> Result<Json, Fault> {
    let request = draft.request;
    let name = filled(request, "properties.roleName").unwrap_or("");
    if name.is_empty() || list(request, "properties.permissions").is_empty() || list(request, "properties.assignableScopes").is_empty() {
        return Err(Fault::service(400, "InvalidRoleDefinition", "A role definition needs a name, permissions and assignable scopes."));
    }
    let taken = ROLES.iter().any(|r| r.0.eq_ignore_ascii_case(name))
        || store
            .of_kind("Microsoft.Authorization/roleDefinitions")
            .any(|r| !r.name().eq_ignore_ascii_case(draft.name()) && text(&r.body, "properties.roleName").is_some_and(|n| n.eq_ignore_ascii_case(name)));
    if taken {
        return Err(Fault::service(
            409,
            "RoleDefinitionWithSameNameExists",
            format!("A custom role with the same name already exists in this directory. Use a different name. Role name: '{name}'."),
        ));
    }
    let mut body = draft.frame(&[]);
    let created = draft.keep("properties.createdOn", || Json::from(moment::rfc3339(draft.now)));
    set(
        &mut body,
        "properties",
        json!({
            "roleName": name, "type": "CustomRole", "description": filled(request, "properties.description").unwrap_or(""),
            "assignableScopes": at(request, "properties.assignableScopes"), "permissions": at(request, "properties.permissions"),
            "createdOn": created, "updatedOn": moment::rfc3339(draft.now), "createdBy": super::OBJECT, "updatedBy": super::OBJECT
        }),
    );
    Ok(body)
}

fn build_lock(_: &mut Store, draft: &Draft) -> Result<Json, Fault> {
    let level = filled(draft.request, "properties.level").unwrap_or("");
    if !["CanNotDelete", "ReadOnly"].iter().any(|l| l.eq_ignore_ascii_case(level)) {
        return Err(Fault::gateway(400, "InvalidLockLevel", format!("The lock level '{level}' is not valid. Allowed values: CanNotDelete, ReadOnly.")));
    }
    let mut body = draft.frame(&[]);
    set(&mut body, "properties", super::jsons::pick(at(draft.request, "properties").unwrap_or(&Json::Null), &["level", "notes", "owners"]));
    Ok(body)
}

/// Whether a principal may perform an action at a scope, by the assignments in the store.
pub fn may(store: &Store, principal: &str, scope: &str, action: &str) -> bool {
    let scope = scope.to_ascii_lowercase();
    store.of_kind("Microsoft.Authorization/roleAssignments").any(|assignment| {
        let at_scope = text(&assignment.body, "properties.scope").unwrap_or("").to_ascii_lowercase();
        let covers = at_scope == "/" || scope == at_scope || scope.starts_with(&format!("{at_scope}/"));
        let his = text(&assignment.body, "properties.principalId").is_some_and(|p| p.eq_ignore_ascii_case(principal));
        let role = text(&assignment.body, "properties.roleDefinitionId").and_then(|r| r.rsplit('/').next()).unwrap_or("");
        covers && his && definition(store, role, "").is_some_and(|d| grants(&d, action))
    })
}

fn grants(definition: &Json, action: &str) -> bool {
    list(definition, "properties.permissions").iter().any(|p| {
        let hit = |name: &str| texts(p, name).iter().any(|pattern| matches(pattern, action));
        hit("actions") && !hit("notActions")
    })
}

/// `*` stands for any text, also with slashes.
fn matches(pattern: &str, action: &str) -> bool {
    let (pattern, action) = (pattern.to_ascii_lowercase(), action.to_ascii_lowercase());
    let mut rest = action.as_str();
    let parts: Vec<&str> = pattern.split('*').collect();
    for (i, part) in parts.iter().enumerate() {
        let last = i + 1 == parts.len();
        if i == 0 {
            match rest.strip_prefix(part) {
                Some(tail) => rest = tail,
                None => return false,
            }
            if last {
                return rest.is_empty();
            }
        } else if last {
            return rest.ends_with(part);
        } else {
            match rest.find(part) {
                Some(found) => rest = rest.get(found + part.len()..).unwrap_or(""),
                None => return false,
            }
        }
    }
    true
}
