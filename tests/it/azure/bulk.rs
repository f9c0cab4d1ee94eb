//! Bulk reads: which requests answer a set of wishes, and that each wish gets its own answer.

use std::collections::BTreeMap;

use expect_test::{Expect, expect};
use proptest::prelude::*;
use ravelin::{azure::Want, base::ResourceId};

use super::script::{SUBSCRIPTION, Script, arm};

fn want(path: &str) -> Want {
    let (path, api) = path.split_once('@').unwrap_or((path, "1"));
    Want { id: ResourceId::parse(&path.replace("$S", &format!("/subscriptions/{SUBSCRIPTION}"))).unwrap(), api: api.to_owned() }
}

async fn check(wants: &[&str], script: &str, expect: Expect) {
    let script = Script::new(script);
    let wants: Vec<Want> = wants.iter().map(|w| want(w)).collect();
    match arm(&script).read_all(&wants).await {
        Ok(inventory) => {
            for want in &wants {
                let body = match inventory.get(&want.id) {
                    None => "not read".to_owned(),
                    Some(None) => "absent".to_owned(),
                    Some(Some(body)) => body.to_string().replace(&format!("/subscriptions/{SUBSCRIPTION}"), "$S"),
                };
                script.note(&format!("{}: {body}", want.id));
            }
        }
        Err(error) => script.note(&format!("{:?} {error}", error.kind)),
    }
    expect.assert_eq(&script.transcript());
}

const NET: &str = "$S/resourceGroups/g/providers/Microsoft.Network";

#[tokio::test(start_paused = true)]
async fn a_vnet_answers_for_its_subnets_and_peerings() {
    check(
        &[
            &format!("{NET}/virtualNetworks/v"),
            &format!("{NET}/virtualNetworks/v/subnets/a"),
            &format!("{NET}/virtualNetworks/V/subnets/B"),
            &format!("{NET}/virtualNetworks/v/subnets/gone"),
            &format!("{NET}/virtualNetworks/v/virtualNetworkPeerings/p"),
        ],
        r#"
GET $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v
  200 {"id":"$S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v","properties":{"subnets":[{"id":"$S/resourceGroups/G/providers/Microsoft.Network/virtualNetworks/v/subnets/a","name":"a"},{"id":"$S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/b","name":"b"}],"virtualNetworkPeerings":[{"id":"$S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/virtualNetworkPeerings/p"}]}}
"#,
        expect![[r#"
            0.0    GET $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v?api-version=1
            0.0    $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v: {"id":"$S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v","properties":{"subnets":[{"id":"$S/resourceGroups/G/providers/Microsoft.Network/virtualNetworks/v/subnets/a","name":"a"},{"id":"$S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/b","name":"b"}],"virtualNetworkPeerings":[{"id":"$S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/virtualNetworkPeerings/p"}]}}
            0.0    $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/a: {"id":"$S/resourceGroups/G/providers/Microsoft.Network/virtualNetworks/v/subnets/a","name":"a"}
            0.0    $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/V/subnets/B: {"id":"$S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/b","name":"b"}
            0.0    $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/gone: absent
            0.0    $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/virtualNetworkPeerings/p: {"id":"$S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/virtualNetworkPeerings/p"}
        "#]],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn one_subnet_alone_is_asked_for_itself() {
    check(
        &[&format!("{NET}/virtualNetworks/v/subnets/a")],
        "GET $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/a\n  200 {\"id\":\"a\"}\n",
        expect![[r#"
            0.0    GET $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/a?api-version=1
            0.0    $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/a: {"id":"a"}
        "#]],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn two_of_a_type_in_a_group_are_listed_and_one_is_got() {
    check(
        &[
            &format!("{NET}/routeTables/a"),
            &format!("{NET}/routeTables/b"),
            &format!("{NET}/routeTables/b/routes/default"),
            &format!("{NET}/networkSecurityGroups/n"),
            &format!("{NET}/networkSecurityGroups/n/securityRules/r1"),
            &format!("{NET}/networkSecurityGroups/n/securityRules/r2"),
        ],
        r#"
GET $S/resourceGroups/g/providers/Microsoft.Network/routeTables
  200 {"value":[{"id":"$S/resourceGroups/g/providers/Microsoft.Network/routeTables/b","properties":{"routes":[{"id":"$S/resourceGroups/g/providers/Microsoft.Network/routeTables/b/routes/default"}]}},{"id":"$S/resourceGroups/g/providers/Microsoft.Network/routeTables/stranger"}]}
GET $S/resourceGroups/g/providers/Microsoft.Network/networkSecurityGroups/n
  200 {"id":"n","properties":{"securityRules":[{"id":"$S/resourceGroups/g/providers/Microsoft.Network/networkSecurityGroups/n/securityRules/r2"}]}}
"#,
        expect![[r#"
            0.0    GET $S/resourceGroups/g/providers/Microsoft.Network/networkSecurityGroups/n?api-version=1
            0.0    GET $S/resourceGroups/g/providers/Microsoft.Network/routeTables?api-version=1
            0.0    $S/resourceGroups/g/providers/Microsoft.Network/routeTables/a: absent
            0.0    $S/resourceGroups/g/providers/Microsoft.Network/routeTables/b: {"id":"$S/resourceGroups/g/providers/Microsoft.Network/routeTables/b","properties":{"routes":[{"id":"$S/resourceGroups/g/providers/Microsoft.Network/routeTables/b/routes/default"}]}}
            0.0    $S/resourceGroups/g/providers/Microsoft.Network/routeTables/b/routes/default: {"id":"$S/resourceGroups/g/providers/Microsoft.Network/routeTables/b/routes/default"}
            0.0    $S/resourceGroups/g/providers/Microsoft.Network/networkSecurityGroups/n: {"id":"n","properties":{"securityRules":[{"id":"$S/resourceGroups/g/providers/Microsoft.Network/networkSecurityGroups/n/securityRules/r2"}]}}
            0.0    $S/resourceGroups/g/providers/Microsoft.Network/networkSecurityGroups/n/securityRules/r1: absent
            0.0    $S/resourceGroups/g/providers/Microsoft.Network/networkSecurityGroups/n/securityRules/r2: {"id":"$S/resourceGroups/g/providers/Microsoft.Network/networkSecurityGroups/n/securityRules/r2"}
        "#]],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn many_groups_are_read_by_one_list_of_the_subscription() {
    let ids: Vec<String> = (0..5).map(|i| format!("$S/resourceGroups/g{i}/providers/Microsoft.Network/virtualNetworks/v")).collect();
    let groups: Vec<String> = (0..5).map(|i| format!("$S/resourceGroups/g{i}")).collect();
    let wants: Vec<&str> = ids.iter().chain(&groups).map(String::as_str).collect();
    check(
        &wants,
        r#"
GET $S/providers/Microsoft.Network/virtualNetworks
  200 {"value":[{"id":"$S/resourceGroups/G3/providers/Microsoft.Network/virtualNetworks/V"}],"nextLink":"https://management.azure.com$S/more"}
GET $S/more
  200 {"value":[{"id":"$S/resourceGroups/g4/providers/Microsoft.Network/virtualNetworks/v"}]}
GET $S/resourcegroups
  200 {"value":[{"id":"$S/resourceGroups/g1"}]}
"#,
        expect![[r#"
            0.0    GET $S/providers/Microsoft.Network/virtualNetworks?api-version=1
            0.0    GET $S/more
            0.0    GET $S/resourcegroups?api-version=1
            0.0    $S/resourceGroups/g0/providers/Microsoft.Network/virtualNetworks/v: absent
            0.0    $S/resourceGroups/g1/providers/Microsoft.Network/virtualNetworks/v: absent
            0.0    $S/resourceGroups/g2/providers/Microsoft.Network/virtualNetworks/v: absent
            0.0    $S/resourceGroups/g3/providers/Microsoft.Network/virtualNetworks/v: {"id":"$S/resourceGroups/G3/providers/Microsoft.Network/virtualNetworks/V"}
            0.0    $S/resourceGroups/g4/providers/Microsoft.Network/virtualNetworks/v: {"id":"$S/resourceGroups/g4/providers/Microsoft.Network/virtualNetworks/v"}
            0.0    $S/resourceGroups/g0: absent
            0.0    $S/resourceGroups/g1: {"id":"$S/resourceGroups/g1"}
            0.0    $S/resourceGroups/g2: absent
            0.0    $S/resourceGroups/g3: absent
            0.0    $S/resourceGroups/g4: absent
        "#]],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_may_not_be_listed_is_read_more_narrowly() {
    let ids: Vec<String> = ["a/x", "a/y", "b/x", "c/x"]
        .iter()
        .map(|p| p.split_once('/').map(|(g, n)| format!("$S/resourceGroups/{g}/providers/Microsoft.Network/publicIPAddresses/{n}")).unwrap())
        .collect();
    let wants: Vec<&str> = ids.iter().map(String::as_str).collect();
    check(
        &wants,
        r#"
GET $S/providers/Microsoft.Network/publicIPAddresses
  403 {"error":{"code":"AuthorizationFailed","message":"no"}}
GET $S/resourceGroups/a/providers/Microsoft.Network/publicIPAddresses
  403 {"error":{"code":"AuthorizationFailed","message":"no"}}
GET $S/resourceGroups/a/providers/Microsoft.Network/publicIPAddresses/x
  200 {"id":"ax"}
GET $S/resourceGroups/a/providers/Microsoft.Network/publicIPAddresses/y
  404 {"error":{"code":"ResourceNotFound","message":"no"}}
GET $S/resourceGroups/b/providers/Microsoft.Network/publicIPAddresses/x
  200 {"id":"bx"}
GET $S/resourceGroups/c/providers/Microsoft.Network/publicIPAddresses/x
  404 {"error":{"code":"ResourceGroupNotFound","message":"no"}}
"#,
        expect![[r#"
            0.0    GET $S/providers/Microsoft.Network/publicIPAddresses?api-version=1
            0.0    GET $S/resourceGroups/a/providers/Microsoft.Network/publicIPAddresses?api-version=1
            0.0    GET $S/resourceGroups/b/providers/Microsoft.Network/publicIPAddresses/x?api-version=1
            0.0    GET $S/resourceGroups/c/providers/Microsoft.Network/publicIPAddresses/x?api-version=1
            0.0    GET $S/resourceGroups/a/providers/Microsoft.Network/publicIPAddresses/x?api-version=1
            0.0    GET $S/resourceGroups/a/providers/Microsoft.Network/publicIPAddresses/y?api-version=1
            0.0    $S/resourceGroups/a/providers/Microsoft.Network/publicIPAddresses/x: {"id":"ax"}
            0.0    $S/resourceGroups/a/providers/Microsoft.Network/publicIPAddresses/y: absent
            0.0    $S/resourceGroups/b/providers/Microsoft.Network/publicIPAddresses/x: {"id":"bx"}
            0.0    $S/resourceGroups/c/providers/Microsoft.Network/publicIPAddresses/x: absent
        "#]],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_missing_group_holds_nothing() {
    check(
        &[&format!("{NET}/natGateways/a"), &format!("{NET}/natGateways/b")],
        "GET $S/resourceGroups/g/providers/Microsoft.Network/natGateways\n  404 {\"error\":{\"code\":\"ResourceGroupNotFound\",\"message\":\"m\"}}\n",
        expect![[r#"
            0.0    GET $S/resourceGroups/g/providers/Microsoft.Network/natGateways?api-version=1
            0.0    $S/resourceGroups/g/providers/Microsoft.Network/natGateways/a: absent
            0.0    $S/resourceGroups/g/providers/Microsoft.Network/natGateways/b: absent
        "#]],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_cluster_answers_for_its_pools_but_not_for_its_windows() {
    let aks = "$S/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c";
    check(
        &[
            aks,
            &format!("{aks}/agentPools/system"),
            &format!("{aks}/agentPools/user"),
            &format!("{aks}/maintenanceConfigurations/default"),
            &format!("{aks}/maintenanceConfigurations/aksManagedNodeOSUpgradeSchedule"),
        ],
        r#"
GET $S/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c
  200 {"id":"$S/resourcegroups/g/providers/Microsoft.ContainerService/managedClusters/c","properties":{"agentPoolProfiles":[{"name":"system","count":3,"mode":"System"}]}}
GET $S/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c/maintenanceConfigurations
  200 {"value":[{"id":"$S/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c/maintenanceConfigurations/default"}]}
"#,
        expect![[r#"
            0.0    GET $S/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c?api-version=1
            0.0    GET $S/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c/maintenanceConfigurations?api-version=1
            0.0    $S/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c: {"id":"$S/resourcegroups/g/providers/Microsoft.ContainerService/managedClusters/c","properties":{"agentPoolProfiles":[{"count":3,"mode":"System","name":"system"}]}}
            0.0    $S/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c/agentPools/system: {"id":"$S/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c/agentPools/system","name":"system","properties":{"count":3,"mode":"System"},"type":"Microsoft.ContainerService/managedClusters/agentPools"}
            0.0    $S/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c/agentPools/user: absent
            0.0    $S/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c/maintenanceConfigurations/default: {"id":"$S/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c/maintenanceConfigurations/default"}
            0.0    $S/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c/maintenanceConfigurations/aksManagedNodeOSUpgradeSchedule: absent
        "#]],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn role_assignments_of_many_scopes_share_the_list_of_their_group() {
    check(
        &[
            &format!("{NET}/routeTables/t/providers/Microsoft.Authorization/roleAssignments/1"),
            &format!("{NET}/virtualNetworks/v/subnets/s/providers/Microsoft.Authorization/roleAssignments/2"),
            "$S/providers/Microsoft.Authorization/roleAssignments/3",
        ],
        r#"
GET $S/resourceGroups/g/providers/Microsoft.Authorization/roleAssignments
  200 {"value":[{"id":"$S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/s/providers/Microsoft.Authorization/roleAssignments/2"}]}
GET $S/providers/Microsoft.Authorization/roleAssignments/3
  200 {"id":"3"}
"#,
        expect![[r#"
            0.0    GET $S/providers/Microsoft.Authorization/roleAssignments/3?api-version=1
            0.0    GET $S/resourceGroups/g/providers/Microsoft.Authorization/roleAssignments?api-version=1
            0.0    $S/resourceGroups/g/providers/Microsoft.Network/routeTables/t/providers/Microsoft.Authorization/roleAssignments/1: absent
            0.0    $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/s/providers/Microsoft.Authorization/roleAssignments/2: {"id":"$S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/s/providers/Microsoft.Authorization/roleAssignments/2"}
            0.0    $S/providers/Microsoft.Authorization/roleAssignments/3: {"id":"3"}
        "#]],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn unknown_types_and_other_versions_are_asked_for_one_by_one() {
    check(
        &[
            "$S/resourceGroups/g/providers/Contoso.Things/boxes/a",
            "$S/resourceGroups/g/providers/Contoso.Things/boxes/b",
            &format!("{NET}/virtualNetworks/v@2024-05-01"),
            &format!("{NET}/virtualNetworks/v/subnets/s@2025-01-01"),
        ],
        r#"
GET $S/resourceGroups/g/providers/Contoso.Things/boxes/a
  200 {"id":"a"}
GET $S/resourceGroups/g/providers/Contoso.Things/boxes/b
  404 {"error":{"code":"ResourceNotFound","message":"m"}}
GET $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v?api-version=2024-05-01
  200 {"id":"v"}
GET $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/s?api-version=2025-01-01
  200 {"id":"s"}
"#,
        expect![[r#"
            0.0    GET $S/resourceGroups/g/providers/Contoso.Things/boxes/a?api-version=1
            0.0    GET $S/resourceGroups/g/providers/Contoso.Things/boxes/b?api-version=1
            0.0    GET $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v?api-version=2024-05-01
            0.0    GET $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/s?api-version=2025-01-01
            0.0    $S/resourceGroups/g/providers/Contoso.Things/boxes/a: {"id":"a"}
            0.0    $S/resourceGroups/g/providers/Contoso.Things/boxes/b: absent
            0.0    $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v: {"id":"v"}
            0.0    $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/s: {"id":"s"}
        "#]],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_thousand_subnets_are_one_request() {
    let ids: Vec<String> = (0..1000).map(|i| format!("{NET}/virtualNetworks/v/subnets/s{i}")).collect();
    let inline: Vec<String> = ids.iter().map(|id| format!("{{\"id\":\"{id}\"}}")).collect();
    let script = Script::new(&format!("GET {NET}/virtualNetworks/v\n  200 {{\"id\":\"v\",\"properties\":{{\"subnets\":[{}]}}}}\n", inline.join(",")));
    let client = arm(&script);
    let wants: Vec<Want> = ids.iter().map(|i| want(i)).collect();
    let inventory = client.read_all(&wants).await.unwrap();
    assert!(wants.iter().all(|w| inventory.get(&w.id).is_some_and(|b| b.is_some())));
    assert_eq!(client.requests(), 1);
}

/// A world of resources that exist, as a script that answers every way of reading them.
fn world(existing: &[(u8, u8)]) -> String {
    let id = |g: u8, n: u8| format!("$S/resourceGroups/g{g}/providers/Microsoft.Network/routeTables/t{n}");
    let body = |g: u8, n: u8| format!("{{\"id\":\"{}\"}}", id(g, n));
    let list = |items: Vec<String>| format!("200 {{\"value\":[{}]}}", items.join(","));
    let mut out = format!("GET $S/providers/Microsoft.Network/routeTables\n  {}\n", list(existing.iter().map(|&(g, n)| body(g, n)).collect()));
    let mut groups: BTreeMap<u8, Vec<String>> = BTreeMap::new();
    for &(g, n) in existing {
        groups.entry(g).or_default().push(body(g, n));
        out += &format!("GET {}\n  200 {}\n", id(g, n), body(g, n));
    }
    for g in 0..6u8 {
        let answer = groups.get(&g).map_or(r#"404 {"error":{"code":"ResourceGroupNotFound","message":"m"}}"#.to_owned(), |items| list(items.clone()));
        out += &format!("GET $S/resourceGroups/g{g}/providers/Microsoft.Network/routeTables\n  {answer}\n");
        for n in (0..6u8).filter(|n| !existing.contains(&(g, *n))) {
            out += &format!("GET {}\n  404 {{\"error\":{{\"code\":\"ResourceNotFound\",\"message\":\"m\"}}}}\n", id(g, n));
        }
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// However the reading is cut, every wish is answered truly, with no more requests than wishes.
    #[test]
    fn every_wish_is_answered_truly(
        existing in prop::collection::btree_set((0u8..6, 0u8..6), 0..12),
        wished in prop::collection::btree_set((0u8..6, 0u8..6), 0..20),
    ) {
        let existing: Vec<(u8, u8)> = existing.into_iter().collect();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let script = Script::new(&world(&existing));
            let client = arm(&script);
            let wants: Vec<Want> = wished.iter().map(|(g, n)| want(&format!("$S/resourceGroups/g{g}/providers/Microsoft.Network/routeTables/t{n}"))).collect();
            let inventory = client.read_all(&wants).await.unwrap();
            for (pair, want) in wished.iter().zip(&wants) {
                assert_eq!(inventory.get(&want.id).map(|b| b.is_some()), Some(existing.contains(pair)), "{pair:?}");
            }
            assert!(client.requests() <= wants.len() as u64);
            assert!(client.requests() <= 2);
        });
    }
}
