//! Read-only actions in the SDK's wire types, and the SDK as a check on bodies.

use expect_test::expect;
use ravelin::{azure::lost, base::ResourceId};
use serde_json::json;

use super::script::{SUBSCRIPTION, Script, arm};

fn group() -> ResourceId {
    ResourceId::group_scope(SUBSCRIPTION, "g")
}

#[tokio::test(start_paused = true)]
async fn network_facts() {
    let vnet = group().provider("Microsoft.Network", "virtualNetworks", "v");
    let nic = group().provider("Microsoft.Network", "networkInterfaces", "n");
    let script = Script::new(
        r#"
GET $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/usages
  200 {"value":[{"currentValue":3.0,"id":"$S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/s","limit":251.0,"name":{"localizedValue":"Subnet size and usage","value":"SubnetSpace"},"unit":"Count"}]}
GET $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/CheckIPAddressAvailability
  200 {"available":false,"availableIPAddresses":["10.0.0.5","10.0.0.6"]}
POST $S/resourceGroups/g/providers/Microsoft.Network/networkInterfaces/n/effectiveRouteTable
  202 location=$S/results/1?api-version=1 retry-after=1
GET $S/results/1
  202
  200 {"value":[{"name":"default","source":"User","state":"Active","addressPrefix":["0.0.0.0/0"],"nextHopType":"VirtualAppliance","nextHopIpAddress":["10.0.1.4"]}]}
"#,
    );
    let client = arm(&script);
    let out = format!(
        "{:?}\n{:?}\n{:?}\n{}",
        client.subnet_usages(&vnet, "1").await.unwrap(),
        client.address_available(&vnet, "10.0.0.4".parse().unwrap(), "1").await.unwrap(),
        client.effective_routes(&nic, "1").await.unwrap(),
        script.transcript()
    );
    expect![[r#"
        [SubnetUsage { subnet: "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/s", used: 3, limit: 251 }]
        Availability { available: false, alternatives: ["10.0.0.5", "10.0.0.6"] }
        [EffectiveRoute { prefixes: ["0.0.0.0/0"], next_hop_type: "VirtualAppliance", next_hops: ["10.0.1.4"], active: true, source: "User" }]
        0.0    GET $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/usages?api-version=1
        0.0    GET $S/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/CheckIPAddressAvailability?ipAddress=10.0.0.4&api-version=1
        0.0    POST $S/resourceGroups/g/providers/Microsoft.Network/networkInterfaces/n/effectiveRouteTable?api-version=1
        1.0    GET $S/results/1?api-version=1
        3.0    GET $S/results/1?api-version=1
    "#]].assert_eq(&out);
}

#[tokio::test(start_paused = true)]
async fn cluster_facts() {
    let cluster = group().provider("Microsoft.ContainerService", "managedClusters", "c");
    let script = Script::new(
        r#"
POST $S/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c/listClusterUserCredential
  200 {"kubeconfigs":[{"name":"clusterUser","value":"YXBpVmVyc2lvbjogdjE="}]}
POST $S/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c/listClusterAdminCredential
  200 {"kubeconfigs":[{"name":"clusterAdmin","value":"***"}]}
GET $S/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c/upgradeProfiles/default
  200 {"name":"default","properties":{"controlPlaneProfile":{"kubernetesVersion":"1.31.2","osType":"Linux","upgrades":[{"kubernetesVersion":"1.32.0"},{"kubernetesVersion":"1.31.5","isPreview":true}]},"agentPoolProfiles":[{"name":"system","kubernetesVersion":"1.31.2","osType":"Linux","upgrades":null}]}}
GET $S/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c/outboundNetworkDependenciesEndpoints
  200 {"value":[{"category":"azure-resource-management","endpoints":[{"domainName":"management.azure.com","endpointDetails":[{"port":443,"protocol":"Https"}]}]}]}
"#,
    );
    let client = arm(&script);
    let out = format!(
        "{:?}\n{}\n{:?}\n{:?}",
        client.kubeconfigs(&cluster, false, "1").await.unwrap().iter().map(|(n, b)| (n, String::from_utf8_lossy(b))).collect::<Vec<_>>(),
        client.kubeconfigs(&cluster, true, "1").await.unwrap_err(),
        client.upgrades(&cluster, "1").await.unwrap(),
        client.outbound_dependencies(&cluster, "1").await.unwrap(),
    );
    expect![[r#"
        [("clusterUser", "apiVersion: v1")]
        POST /subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c/listClusterAdminCredential: A kubeconfig is not base64: Invalid symbol 42, offset 0..
        [Upgrades { pool: "", version: "1.31.2", to: ["1.32.0", "1.31.5"] }, Upgrades { pool: "system", version: "1.31.2", to: [] }]
        [Outbound { category: "azure-resource-management", domain: "management.azure.com", ports: [443] }]"#]].assert_eq(&out);
}

#[test]
fn the_sdk_tells_what_it_does_not_know() {
    let subnet = json!({"properties": {"addressPrefix": "10.0.0.0/24", "defaultOutboundAccess": false, "routeTabel": {"id": "x"}, "delegations": []}});
    let wrong = json!({"properties": {"addressPrefix": 7}});
    let out = format!(
        "{:?}\n{:?}\n{:?}",
        lost("Microsoft.Network/virtualNetworks/subnets", &subnet),
        lost("Microsoft.Network/virtualNetworks/subnets", &wrong),
        lost("Contoso.Things/boxes", &wrong)
    );
    expect![[r#"
        Some(Ok(["/properties/routeTabel/id"]))
        Some(Err("invalid type: integer `7`, expected a string"))
        None"#]]
    .assert_eq(&out);
}
