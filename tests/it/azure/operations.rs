//! Long-running operations in every shape they were recorded in, and what stands in their way.

use std::time::Duration;

use expect_test::{Expect, expect};
use ravelin::{
    azure::{Json, Write},
    base::ResourceId,
};
use serde_json::json;

use super::script::{SUBSCRIPTION, Script, arm, outcome, progress};

fn id(path: &str) -> ResourceId {
    ResourceId::parse(&path.replace("$S", &format!("/subscriptions/{SUBSCRIPTION}"))).unwrap()
}

fn minutes(n: u64) -> Write {
    Write { timeout: Duration::from_secs(60 * n), ..Write::default() }
}

async fn put(path: &str, script: &str, expect: Expect) {
    put_with(path, script, &minutes(30), expect).await;
}

async fn put_with(path: &str, script: &str, options: &Write, expect: Expect) {
    let script = Script::new(script);
    let result = arm(&script).put(&id(path), "2025-01-01", &json!({}), options, &progress(&script)).await;
    expect.assert_eq(&outcome(&script, result.map(|j| short(&j))));
}

async fn delete(path: &str, script: &str, expect: Expect) {
    let script = Script::new(script);
    let result = arm(&script).delete(&id(path), "2025-01-01", Duration::from_secs(1800), &progress(&script)).await;
    expect.assert_eq(&outcome(&script, result.map(|()| "gone")));
}

fn short(body: &Json) -> String {
    body.to_string().replace(&format!("/subscriptions/{SUBSCRIPTION}"), "$S")
}

const VNET: &str = "$S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v";
const AKS: &str = "$S/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c";
const IDENTITY: &str = "$S/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i";

#[tokio::test(start_paused = true)]
async fn network_put_polls_its_operation_and_honours_retry_after() {
    put(
        VNET,
        r#"
PUT $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v
  201 retry-after=3 azure-asyncoperation=https://management.azure.com$S/providers/Microsoft.Network/locations/we/operations/1?api-version=2024-03-01&t=signed {"properties":{"provisioningState":"Updating"}}
GET $S/providers/Microsoft.Network/locations/we/operations/1
  200 retry-after=10 {"status":"InProgress"}
  200 {"status":"Succeeded"}
GET $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v
  200 {"id":"v","properties":{"provisioningState":"Succeeded"}}
"#,
        expect![[r#"
            0.0    PUT $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v?api-version=2025-01-01 {}
            0.0      accepted: $S/providers/Microsoft.Network/locations/we/operations/1?api-version=2024-03-01&t=signed
            3.0    GET $S/providers/Microsoft.Network/locations/we/operations/1?api-version=2024-03-01&t=signed
            3.0      status: InProgress
            13.0   GET $S/providers/Microsoft.Network/locations/we/operations/1?api-version=2024-03-01&t=signed
            13.0   GET $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v?api-version=2025-01-01
            13.0   ok {"id":"v","properties":{"provisioningState":"Succeeded"}}
        "#]],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn update_that_stands_at_once_is_looked_at_at_once() {
    put(
        VNET,
        r#"
PUT $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v
  200 azure-asyncoperation=$S/op/1?api-version=1 {"properties":{"provisioningState":"Succeeded"}}
GET $S/op/1
  200 {"status":"Succeeded"}
GET $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v
  200 {"properties":{"provisioningState":"Succeeded"}}
"#,
        expect![[r#"
            0.0    PUT $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v?api-version=2025-01-01 {}
            0.0      accepted: $S/op/1?api-version=1
            0.0    GET $S/op/1?api-version=1
            0.0    GET $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v?api-version=2025-01-01
            0.0    ok {"properties":{"provisioningState":"Succeeded"}}
        "#]],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn aks_statuses_are_an_open_set_and_passing_errors_are_passed_over() {
    put(
        AKS,
        r#"
PUT $S/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c
  201 azure-asyncoperation=$S/op/1?api-version=2016-03-30 {"properties":{"provisioningState":"Creating"}}
GET $S/op/1
  200 {"status":"ProvisioningControlPlane","startTime":"x"}
  200 {"status":"CreatingAgentPools: 0/3 nodes completed"}
  200 {"status":"InProgress","error":{"code":"NotLatestOperation","message":"preempted"}}
  200 {"status":"Succeeded","error":{"code":"NotLatestOperation","message":"preempted"}}
GET $S/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c
  200 {"properties":{"provisioningState":"Updating"}}
  200 {"properties":{"provisioningState":"Succeeded"}}
"#,
        expect![[r#"
            0.0    PUT $S/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c?api-version=2025-01-01 {}
            0.0      accepted: $S/op/1?api-version=2016-03-30
            10.0   GET $S/op/1?api-version=2016-03-30
            10.0     status: ProvisioningControlPlane
            20.0   GET $S/op/1?api-version=2016-03-30
            20.0     status: CreatingAgentPools: 0/3 nodes completed
            30.0   GET $S/op/1?api-version=2016-03-30
            30.0     status: InProgress
            40.0   GET $S/op/1?api-version=2016-03-30
            40.0   GET $S/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c?api-version=2025-01-01
            40.0     status: Updating
            50.0   GET $S/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c?api-version=2025-01-01
            50.0   ok {"properties":{"provisioningState":"Succeeded"}}
        "#]],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn identity_is_done_at_once_whatever_location_says() {
    put(
        IDENTITY,
        r#"
PUT $S/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i
  201 location=/subscriptions/x/resourcegroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i {"id":"i","properties":{"principalId":"p"}}
"#,
        expect![[r#"
            0.0    PUT $S/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i?api-version=2025-01-01 {}
            0.0    ok {"id":"i","properties":{"principalId":"p"}}
        "#]],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn workspace_shows_its_state_in_its_body() {
    put(
        "$S/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces/w",
        r#"
PUT $S/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces/w
  201 location=https://management.azure.com$S/somewhere retry-after=20 {"properties":{"provisioningState":"Creating"}}
GET $S/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces/w
  200 {"properties":{"provisioningState":"Creating"}}
  200 {"properties":{"provisioningState":"Succeeded"}}
"#,
        expect![[r#"
            0.0    PUT $S/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces/w?api-version=2025-01-01 {}
            0.0      accepted: $S/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces/w
            0.0      status: Creating
            20.0   GET $S/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces/w?api-version=2025-01-01
            20.0     status: Creating
            22.0   GET $S/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces/w?api-version=2025-01-01
            22.0   ok {"properties":{"provisioningState":"Succeeded"}}
        "#]],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn failed_operation_arrives_as_200_and_keeps_its_details() {
    put(
        VNET,
        r#"
PUT $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v
  201 azure-asyncoperation=$S/op/1?api-version=1 {"properties":{"provisioningState":"Updating"}}
GET $S/op/1
  200 {"status":"Failed","error":{"code":"SomethingWrong","message":"It did not work.","details":[{"code":"Inner","message":"Because."}]}}
"#,
        expect![[r#"
            0.0    PUT $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v?api-version=2025-01-01 {}
            0.0      accepted: $S/op/1?api-version=1
            1.0    GET $S/op/1?api-version=1
            1.0    Operation PUT $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v: SomethingWrong: It did not work.; Inner: Because.
        "#]],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn cancelled_operation_is_started_anew_when_another_one_came_between() {
    put(
        VNET,
        r#"
PUT $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v
  201 azure-asyncoperation=$S/op/1?api-version=1 {"properties":{"provisioningState":"Updating"}}
  200 azure-asyncoperation=$S/op/2?api-version=1 {"properties":{"provisioningState":"Updating"}}
GET $S/op/1
  200 {"status":"Canceled","error":{"code":"CanceledAndSupersededDueToAnotherOperation","message":"superseded"}}
GET $S/op/2
  200 {"status":"Succeeded"}
GET $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v
  200 {"properties":{"provisioningState":"Succeeded"}}
"#,
        expect![[r#"
            0.0    PUT $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v?api-version=2025-01-01 {}
            0.0      accepted: $S/op/1?api-version=1
            1.0    GET $S/op/1?api-version=1
            1.0      waiting 2s: another operation is in progress
            3.0    PUT $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v?api-version=2025-01-01 {}
            3.0      accepted: $S/op/2?api-version=1
            4.0    GET $S/op/2?api-version=1
            4.0    GET $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v?api-version=2025-01-01
            4.0    ok {"properties":{"provisioningState":"Succeeded"}}
        "#]],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn polls_put_up_with_a_url_not_known_yet_and_with_broken_connections() {
    put(
        VNET,
        r#"
PUT $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v
  201 azure-asyncoperation=$S/op/1?api-version=1 {"properties":{"provisioningState":"Updating"}}
GET $S/op/1
  404 {"error":{"code":"OperationNotFound","message":"not yet"}}
  broken
  503 retry-after=5
  500
  200 {"status":"Succeeded"}
GET $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v
  404 {"error":{"code":"ResourceNotFound","message":"not yet"}}
  200 {"properties":{"provisioningState":"Succeeded"}}
"#,
        expect![[r#"
            0.0    PUT $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v?api-version=2025-01-01 {}
            0.0      accepted: $S/op/1?api-version=1
            1.0    GET $S/op/1?api-version=1
            3.0    GET $S/op/1?api-version=1
            4.0    GET $S/op/1?api-version=1
            9.0    GET $S/op/1?api-version=1
            13.0   GET $S/op/1?api-version=1
            13.0   GET $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v?api-version=2025-01-01
            13.0     status: not found
            14.0   GET $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v?api-version=2025-01-01
            14.0   ok {"properties":{"provisioningState":"Succeeded"}}
        "#]],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn timeout_names_the_last_state() {
    put_with(
        AKS,
        r#"
PUT $S/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c
  201 azure-asyncoperation=$S/op/1?api-version=1 {"properties":{"provisioningState":"Creating"}}
GET $S/op/1
  200 {"status":"CreatingAgentPools: 0/3 nodes completed"}
"#,
        &Write { timeout: Duration::from_secs(25), ..Write::default() },
        expect![[r#"
            0.0    PUT $S/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c?api-version=2025-01-01 {}
            0.0      accepted: $S/op/1?api-version=1
            10.0   GET $S/op/1?api-version=1
            10.0     status: CreatingAgentPools: 0/3 nodes completed
            20.0   GET $S/op/1?api-version=1
            25.0   GET $S/op/1?api-version=1
            25.0   Timeout PUT $S/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c: Not finished in the time allowed; its state was CreatingAgentPools: 0/3 nodes completed.
        "#]],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn conflicts_that_pass_are_waited_out() {
    put(
        VNET,
        r#"
PUT $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v
  409 {"error":{"code":"AnotherOperationInProgress","message":"Another operation on this or dependent resource is in progress.","details":[]}}
  429 retry-after=11 {"error":{"code":"RetryableError","message":"A retryable error occurred.","details":[{"code":"ReferencedResourceNotProvisioned","message":"Cannot proceed"}]}}
  400 {"error":{"code":"ReferencedResourceNotProvisioned","message":"Cannot proceed"}}
  200 {"properties":{"provisioningState":"Succeeded"}}
"#,
        expect![[r#"
            0.0    PUT $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v?api-version=2025-01-01 {}
            0.0      waiting 2s: another operation is in progress
            2.0    PUT $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v?api-version=2025-01-01 {}
            2.0      waiting 11s: a resource it refers to is still being changed
            13.0   PUT $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v?api-version=2025-01-01 {}
            13.0     waiting 10s: a resource it refers to is still being changed
            23.0   PUT $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v?api-version=2025-01-01 {}
            23.0   ok {"properties":{"provisioningState":"Succeeded"}}
        "#]],
    )
    .await;
    put(
        AKS,
        r#"
PUT $S/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c
  409 {"code":"OperationNotAllowed","details":null,"message":"Operation is not allowed: Another operation (Updating) is in progress, please wait for it to finish.","subcode":""}
  409 {"code":"OperationNotAllowed","message":"Operation could not be completed as it results in exceeding approved Cores quota."}
"#,
        expect![[r#"
            0.0    PUT $S/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c?api-version=2025-01-01 {}
            0.0      waiting 10s: another operation is in progress
            10.0   PUT $S/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c?api-version=2025-01-01 {}
            10.0   Conflict PUT $S/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c: 409 OperationNotAllowed: Operation could not be completed as it results in exceeding approved Cores quota.
        "#]],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn principal_not_known_yet_is_waited_for_but_not_for_ever() {
    put(
        "$S/providers/Microsoft.Authorization/roleAssignments/r",
        r#"
PUT $S/providers/Microsoft.Authorization/roleAssignments/r
  400 {"error":{"code":"PrincipalNotFound","message":"Principal x does not exist in the directory y."}}
  400 {"error":{"code":"PrincipalNotFound","message":"Principal x does not exist in the directory y."}}
  201 {"id":"r"}
"#,
        expect![[r#"
            0.0    PUT $S/providers/Microsoft.Authorization/roleAssignments/r?api-version=2025-01-01 {}
            0.0      waiting 5s: the new identity is not known everywhere yet
            5.0    PUT $S/providers/Microsoft.Authorization/roleAssignments/r?api-version=2025-01-01 {}
            5.0      waiting 10s: the new identity is not known everywhere yet
            15.0   PUT $S/providers/Microsoft.Authorization/roleAssignments/r?api-version=2025-01-01 {}
            15.0   ok {"id":"r"}
        "#]],
    )
    .await;
    let script = Script::new(
        r#"
PUT $S/providers/Microsoft.Authorization/roleAssignments/r
  400 {"error":{"code":"PrincipalNotFound","message":"Principal x does not exist in the directory y."}}
"#,
    );
    let client = arm(&script);
    let result = client.put(&id("$S/providers/Microsoft.Authorization/roleAssignments/r"), "1", &json!({}), &minutes(60), &|_| {}).await;
    let transcript = outcome(&script, result.map(|j| j.to_string()));
    expect!["61 requests; 595.0  Invalid PUT $S/providers/Microsoft.Authorization/roleAssignments/r: 400 PrincipalNotFound: Principal x does not exist in the directory y."].assert_eq(&format!("{} requests; {}", client.requests(), transcript.lines().last().unwrap()));
}

#[tokio::test(start_paused = true)]
async fn conditions_are_sent_and_412_is_the_callers() {
    put_with(
        VNET,
        r#"
PUT $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v
  412 {"error":{"code":"PreconditionFailed","message":"Precondition failed.","details":[]}}
"#,
        &Write { if_match: Some("W/\"1\"".into()), if_none_match: Some("*".into()), ..Write::default() },
        expect![[r#"
            0.0    PUT $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v?api-version=2025-01-01 if-match=W/"1" if-none-match=* {}
            0.0    Precondition PUT $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v: 412 PreconditionFailed: Precondition failed.
        "#]],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn group_is_deleted_by_location_until_it_is_gone() {
    delete(
        "$S/resourceGroups/g",
        r#"
DELETE $S/resourceGroups/g
  202 retry-after=15 location=https://management.azure.com$S/operationresults/abc?api-version=1
GET $S/operationresults/abc
  202 retry-after=15 location=https://management.azure.com$S/operationresults/abc?api-version=1
  200
GET $S/resourceGroups/g
  404 {"error":{"code":"ResourceGroupNotFound","message":"gone"}}
"#,
        expect![[r#"
            0.0    DELETE $S/resourceGroups/g?api-version=2025-01-01
            0.0      accepted: $S/operationresults/abc?api-version=1
            15.0   GET $S/operationresults/abc?api-version=1
            15.0     status: InProgress
            30.0   GET $S/operationresults/abc?api-version=1
            30.0   GET $S/resourceGroups/g?api-version=2025-01-01
            30.0   ok gone
        "#]],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn delete_follows_the_operation_and_waits_until_reads_agree() {
    delete(
        AKS,
        r#"
DELETE $S/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c
  202 azure-asyncoperation=$S/op/1?api-version=1 location=$S/results/1?api-version=1
GET $S/op/1
  200 {"status":"Deleting"}
  200 {"status":"Succeeded"}
GET $S/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c
  200 {"properties":{"provisioningState":"Deleting"}}
  404 {"error":{"code":"ResourceNotFound","message":"gone"}}
"#,
        expect![[r#"
            0.0    DELETE $S/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c?api-version=2025-01-01
            0.0      accepted: $S/op/1?api-version=1
            10.0   GET $S/op/1?api-version=1
            10.0     status: Deleting
            20.0   GET $S/op/1?api-version=1
            20.0   GET $S/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c?api-version=2025-01-01
            30.0   GET $S/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c?api-version=2025-01-01
            30.0   ok gone
        "#]],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn delete_of_what_is_not_there_is_fine() {
    for answer in ["204", r#"404 {"error":{"code":"ResourceNotFound","message":"x"}}"#, r#"404 {"error":{"code":"ParentResourceNotFound","message":"x"}}"#] {
        let script = Script::new(&format!("DELETE {VNET}\n  {answer}\n"));
        arm(&script).delete(&id(VNET), "1", Duration::from_secs(60), &|_| {}).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn delete_waits_while_something_still_uses_it() {
    delete(
        "$S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/s",
        r#"
DELETE $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/s
  400 {"error":{"code":"InUseSubnetCannotBeDeleted","message":"Subnet s is in use by a NIC."}}
  202 retry-after=1 azure-asyncoperation=$S/op/1?api-version=1
  204
GET $S/op/1
  200 {"status":"Failed","error":{"code":"InUseSubnetCannotBeDeleted","message":"Subnet s is in use by a NIC."}}
"#,
        expect![[r#"
            0.0    DELETE $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/s?api-version=2025-01-01
            0.0      waiting 5s: it is still in use
            5.0    DELETE $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/s?api-version=2025-01-01
            5.0      accepted: $S/op/1?api-version=1
            6.0    GET $S/op/1?api-version=1
            6.0      waiting 5s: it is still in use
            11.0   DELETE $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/s?api-version=2025-01-01
            11.0   ok gone
        "#]],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn group_that_cannot_be_deleted_says_so_at_its_location() {
    delete(
        "$S/resourceGroups/g",
        r#"
DELETE $S/resourceGroups/g
  202 retry-after=15 location=$S/operationresults/abc?api-version=1
GET $S/operationresults/abc
  409 {"error":{"code":"ResourceGroupDeletionBlocked","message":"Deletion of resource group 'g' failed as resources could not be deleted.","details":[{"code":"ScopeLocked","target":"x","message":"locked"}]}}
"#,
        expect![[r#"
            0.0    DELETE $S/resourceGroups/g?api-version=2025-01-01
            0.0      accepted: $S/operationresults/abc?api-version=1
            15.0   GET $S/operationresults/abc?api-version=1
            15.0   Operation DELETE $S/resourceGroups/g: 409 ResourceGroupDeletionBlocked: Deletion of resource group 'g' failed as resources could not be deleted.; ScopeLocked: locked
        "#]],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn post_brings_its_result_from_wherever_it_is() {
    let at_once = r#"
POST $S/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c/listClusterUserCredential
  200 {"kubeconfigs":[]}
"#;
    let later = r#"
POST $S/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c/listClusterUserCredential
  202 azure-asyncoperation=$S/op/1?api-version=1 location=$S/results/1?api-version=1
GET $S/op/1
  200 {"status":"Running"}
  200 {"status":"Succeeded"}
GET $S/results/1
  200 {"kubeconfigs":["late"]}
"#;
    let by_location = r#"
POST $S/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c/listClusterUserCredential
  202 location=$S/results/1?api-version=1
GET $S/results/1
  202
  200 {"kubeconfigs":["last"]}
"#;
    let mut out = String::new();
    for text in [at_once, later, by_location] {
        let script = Script::new(text);
        let result = arm(&script).post(&id(AKS), "listClusterUserCredential", "1", None, Duration::from_secs(600), &|_| {}).await;
        out += &outcome(&script, result.map(|j| j.to_string()));
        out += "\n";
    }
    expect![[r#"
        0.0    POST $S/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c/listClusterUserCredential?api-version=1
        0.0    ok {"kubeconfigs":[]}

        0.0    POST $S/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c/listClusterUserCredential?api-version=1
        10.0   GET $S/op/1?api-version=1
        20.0   GET $S/op/1?api-version=1
        20.0   GET $S/results/1?api-version=1
        20.0   ok {"kubeconfigs":["late"]}

        0.0    POST $S/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c/listClusterUserCredential?api-version=1
        10.0   GET $S/results/1?api-version=1
        20.0   GET $S/results/1?api-version=1
        20.0   ok {"kubeconfigs":["last"]}

    "#]]
    .assert_eq(&out);
}

#[tokio::test(start_paused = true)]
async fn an_action_is_not_sent_twice_when_the_connection_breaks() {
    let script = Script::new(&format!("POST {AKS}/start\n  broken\n"));
    let result = arm(&script).post(&id(AKS), "start", "1", None, Duration::from_secs(600), &|_| {}).await;
    expect![[r#"
        0.0    POST $S/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c/start?api-version=1
        0.0    Transport POST $S/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c/start: the connection broke and the request may have arrived: connection reset by peer
    "#]].assert_eq(&outcome(&script, result.map(|j| j.to_string())));
    let script = Script::new(&format!("POST {AKS}/start\n  unreachable\n  200\n"));
    let result = arm(&script).post(&id(AKS), "start", "1", None, Duration::from_secs(600), &|_| {}).await;
    expect![[r#"
        0.0    POST $S/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c/start?api-version=1
        1.0    POST $S/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c/start?api-version=1
        1.0    ok null
    "#]]
    .assert_eq(&outcome(&script, result.map(|j| j.to_string())));
}

#[tokio::test(start_paused = true)]
async fn resume_follows_an_operation_of_an_earlier_run() {
    let script = Script::new(
        r#"
GET $S/op/1
  200 {"status":"Running"}
  200 {"status":"Succeeded"}
GET $S/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c
  200 {"properties":{"provisioningState":"Succeeded"}}
"#,
    );
    let url = format!("https://management.azure.com/subscriptions/{SUBSCRIPTION}/op/1?api-version=1");
    let result = arm(&script).resume(&id(AKS), "1", &url, Duration::from_secs(600), &progress(&script)).await;
    expect![[r#"
        10.0   GET $S/op/1?api-version=1
        10.0     status: Running
        20.0   GET $S/op/1?api-version=1
        20.0   GET $S/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c?api-version=1
        20.0   ok Some(Object {"properties": Object {"provisioningState": String("Succeeded")}})
    "#]]
    .assert_eq(&outcome(&script, result.map(|j| format!("{j:?}"))));
}

#[tokio::test(start_paused = true)]
async fn a_creation_without_an_answer_is_looked_for_before_it_is_sent_again() {
    let create = Write { if_none_match: Some("*".into()), ..Write::default() };
    put_with(
        VNET,
        r#"
PUT $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v
  broken
  504
  201 {"properties":{"provisioningState":"Succeeded"}}
GET $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v
  404 {"error":{"code":"ResourceNotFound","message":"m"}}
"#,
        &create,
        expect![[r#"
            0.0    PUT $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v?api-version=2025-01-01 if-none-match=* {}
            0.0      waiting 2s: it is unclear whether the request arrived
            2.0    GET $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v?api-version=2025-01-01
            2.0    PUT $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v?api-version=2025-01-01 if-none-match=* {}
            2.0      waiting 3s: it is unclear whether the request arrived
            5.0    GET $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v?api-version=2025-01-01
            5.0    PUT $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v?api-version=2025-01-01 if-none-match=* {}
            5.0    ok {"properties":{"provisioningState":"Succeeded"}}
        "#]],
    )
    .await;
    put_with(
        VNET,
        r#"
PUT $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v
  broken
GET $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v
  200 {"properties":{"provisioningState":"Updating"}}
  200 {"properties":{"provisioningState":"Updating"}}
  200 {"properties":{"provisioningState":"Succeeded"}}
"#,
        &create,
        expect![[r#"
            0.0    PUT $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v?api-version=2025-01-01 if-none-match=* {}
            0.0      waiting 2s: it is unclear whether the request arrived
            2.0    GET $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v?api-version=2025-01-01
            2.0    GET $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v?api-version=2025-01-01
            2.0      status: Updating
            3.0    GET $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v?api-version=2025-01-01
            3.0    ok {"properties":{"provisioningState":"Succeeded"}}
        "#]],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn resume_of_a_deletion_ends_when_it_is_gone() {
    let script = Script::new(&format!("GET {AKS}\n  200 {{\"properties\":{{\"provisioningState\":\"Deleting\"}}}}\n  404\n"));
    let cluster = id(AKS);
    let result = arm(&script).resume(&cluster, "1", cluster.as_str(), Duration::from_secs(600), &progress(&script)).await;
    expect![[r#"
        0.0    GET $S/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c?api-version=1
        0.0    GET $S/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c?api-version=1
        0.0    ok None
    "#]]
    .assert_eq(&outcome(&script, result.map(|j| format!("{j:?}"))));
}
