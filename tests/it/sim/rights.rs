//! Identities, roles, locks: who is who, who may what, and what is locked.

use expect_test::expect;
use serde_json::json;

use super::cloud::{Cloud, S, check, net, rg};

const READER: &str = "acdd72a7-3385-48ef-bd42-f606fba81ae7";

fn assignment(principal: &str, kind: Option<&str>) -> serde_json::Value {
    let role = format!("{S}/providers/Microsoft.Authorization/roleDefinitions/{READER}");
    let mut body = json!({ "properties": { "roleDefinitionId": role, "principalId": principal } });
    if let Some(kind) = kind {
        body["properties"]["principalType"] = json!(kind);
    }
    body
}

#[test]
fn a_new_identity_is_not_known_at_once() {
    let mut cloud = Cloud::new();
    let identity = rg("Microsoft.ManagedIdentity/userAssignedIdentities/me1");
    let created = cloud.ask("PUT", &identity, Some(json!({ "location": "westeurope" })));
    assert_eq!(created.status, 201);
    check(&created.headers["location"], expect!["/S/resourcegroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/me1"]);
    let principal = created.body.unwrap_or_default()["properties"]["principalId"].as_str().unwrap_or("").to_owned();
    let path = format!("{S}/resourceGroups/rg/providers/Microsoft.Authorization/roleAssignments/aaaaaaaa-0000-4000-8000-000000000001");
    let refused = cloud.verdict("PUT", &path, Some(assignment(&principal, None)));
    assert!(refused.starts_with("400 PrincipalNotFound: "), "{refused}");
    cloud.now += 60_000;
    check(cloud.verdict("PUT", &path, Some(assignment(&principal, None))), expect!["201 -"]);
    let again = path.replace("0001", "0002");
    let refused = cloud.verdict("PUT", &again, Some(assignment(&principal, None)));
    check(
        refused,
        expect!["409 RoleAssignmentExists: The role assignment already exists. The ID of the existing role assignment is aaaaaaaa000040008000000000000001."],
    );
}

#[test]
fn roles_are_found_by_name() {
    let mut cloud = Cloud::new();
    let found = cloud.get(&format!("{S}/providers/Microsoft.Authorization/roleDefinitions?$filter=roleName eq 'network contributor'"));
    check(&found["value"][0]["name"], expect![[r#""GUID""#]]);
    check(
        cloud.verdict("GET", &format!("{S}/providers/Microsoft.Authorization/roleDefinitions?$filter=colour eq 'red'"), None),
        expect!["400 UnsupportedFilter: The filter 'colour eq 'red'' is not supported."],
    );
}

#[test]
fn locks_hold_below_their_scope() {
    let mut cloud = Cloud::new();
    cloud.network("hub", "10.0.0.0/16", &[("a", "10.0.0.0/24")]);
    let lock = format!("{S}/resourceGroups/rg/providers/Microsoft.Authorization/locks/keep");
    cloud.put(&lock, json!({ "properties": { "level": "CanNotDelete" } }));
    check(
        cloud.verdict("DELETE", &net("virtualNetworks/hub/subnets/a"), None),
        expect![
            "409 ScopeLocked: The scope '/S/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/hub/subnets/a' cannot perform delete operation because following scope(s) are locked: '/S/resourceGroups/rg'. Please remove the lock and try again."
        ],
    );
    assert_eq!(cloud.ask("DELETE", &lock, None).status, 200);
    assert_eq!(cloud.ask("DELETE", &net("virtualNetworks/hub/subnets/a"), None).status, 202);
}
