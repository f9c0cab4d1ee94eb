//! Managed clusters: AKS's own checks, node pools, addresses, credentials.

use expect_test::expect;
use serde_json::{Value as Json, json};

use super::cloud::{Cloud, S, check, net, rg};

const NETWORK_CONTRIBUTOR: &str = "4d97b98b-1d4f-4787-a291-c67834d212e7";

fn cluster(subnet: Option<&str>, network: Json) -> Json {
    let mut pool = json!({ "name": "sys", "mode": "System", "count": 3, "vmSize": "Standard_D4s_v5" });
    if let Some(subnet) = subnet {
        pool["vnetSubnetID"] = json!(subnet);
    }
    json!({
        "location": "westeurope", "identity": { "type": "SystemAssigned" },
        "properties": { "dnsPrefix": "aks", "agentPoolProfiles": [pool], "networkProfile": network }
    })
}

fn overlay() -> Json {
    json!({ "networkPlugin": "azure", "networkPluginMode": "overlay", "podCidr": "192.168.0.0/16", "serviceCidr": "172.16.0.0/16", "dnsServiceIP": "172.16.0.10" })
}

fn aks(name: &str) -> String {
    rg(&format!("Microsoft.ContainerService/managedClusters/{name}"))
}

#[test]
fn ranges_are_checked() {
    let mut cloud = Cloud::new();
    cloud.network("spoke", "10.1.0.0/16", &[("nodes", "10.1.0.0/24"), ("other", "10.1.4.0/24")]);
    let subnet = net("virtualNetworks/spoke/subnets/nodes");
    let mut found = String::new();
    for (what, change) in [
        ("service over a subnet", json!({ "serviceCidr": "10.1.4.0/22", "dnsServiceIP": "10.1.4.10" })),
        ("dns outside", json!({ "dnsServiceIP": "10.0.0.10" })),
        ("dns first", json!({ "dnsServiceIP": "172.16.0.1" })),
        ("service too large", json!({ "serviceCidr": "172.16.0.0/12", "dnsServiceIP": "172.16.0.10" })),
        ("service reserved", json!({ "serviceCidr": "172.30.0.0/16", "dnsServiceIP": "172.30.0.10" })),
        ("pods over a subnet", json!({ "podCidr": "10.1.0.0/16" })),
        ("pods too few", json!({ "podCidr": "10.240.100.0/23" })),
        ("cilium policy alone", json!({ "networkPolicy": "cilium" })),
    ] {
        let mut network = overlay();
        for (name, value) in change.as_object().into_iter().flatten() {
            network[name] = value.clone();
        }
        found += &format!("{what}: {}\n", cloud.verdict("PUT", &aks("c"), Some(cluster(Some(&subnet), network))));
    }
    check(
        found,
        expect![[r#"
        service over a subnet: 400 ServiceCidrOverlapExistingSubnetsCidr: The specified service CIDR 10.1.4.0/22 is conflicted with an existing subnet CIDR 10.1.4.0/24
        dns outside: 400 DnsServiceIpOutOfServiceCidr: The DNS service IP 10.0.0.10 is out of the range defined by service CIDR 172.16.0.0/16.
        dns first: 400 InvalidDnsServiceIp: The DNS service IP 172.16.0.1 is the first address, which is that of the Kubernetes service of the service CIDR 172.16.0.0/16.
        service too large: 400 ServiceCidrTooLarge: The specified service CIDR 172.16.0.0/12 is too large. It must be smaller than /12.
        service reserved: 400 InvalidCIDRReserved: The specified service CIDR 172.30.0.0/16 overlaps with the reserved range 172.30.0.0/16.
        pods over a subnet: 400 PodCidrOverlapExistingSubnetsCidr: The specified pod CIDR 10.1.0.0/16 is conflicted with an existing subnet CIDR 10.1.0.0/24
        pods too few: 400 InsufficientSubnetSize: Pre-allocated IPs 768 exceeds IPs available 512 in Subnet Cidr 10.240.100.0/23, Subnet Name networkProfile.podCIDR. If Autoscaler is enabled, the max-count from each nodepool is counted towards this total (which means that pre-allocated IPs count represents a theoretical max value, not the actual number of IPs requested). http://aka.ms/aks/insufficientsubnetsize
        cilium policy alone: 400 InvalidParameter: The value of parameter networkProfile.networkPolicy is invalid. Error details: Network policy cilium requires network dataplane cilium.
    "#]],
    );
}

#[test]
fn flat_networking_takes_an_address_a_pod() {
    let mut cloud = Cloud::new();
    cloud.network("spoke", "10.1.0.0/16", &[("nodes", "10.1.0.0/24")]);
    let subnet = net("virtualNetworks/spoke/subnets/nodes");
    let flat = json!({ "networkPlugin": "azure", "serviceCidr": "172.16.0.0/16", "dnsServiceIP": "172.16.0.10" });
    let mut body = cluster(Some(&subnet), flat);
    body["properties"]["agentPoolProfiles"][0]["count"] = json!(10);
    check(
        cloud.verdict("PUT", &aks("c"), Some(body.clone())),
        expect![
            "400 InsufficientSubnetSize: Pre-allocated IPs 310 exceeds IPs available 251 in Subnet Cidr 10.1.0.0/24, Subnet Name nodes. If Autoscaler is enabled, the max-count from each nodepool is counted towards this total (which means that pre-allocated IPs count represents a theoretical max value, not the actual number of IPs requested). http://aka.ms/aks/insufficientsubnetsize"
        ],
    );
    body["properties"]["agentPoolProfiles"][0]["count"] = json!(8);
    cloud.put(&aks("c"), body);
    // 8 nodes of 31 addresses leave 3 of 251.
    check(&cloud.get(&net("virtualNetworks/spoke/usages"))["value"][0]["currentValue"], expect!["248"]);
    let pool = format!("{}/agentPools/sys", aks("c"));
    check(
        cloud.verdict("PUT", &pool, Some(json!({ "properties": { "count": 9, "mode": "System", "vnetSubnetID": subnet } }))),
        expect![
            "400 InsufficientSubnetSize: Pre-allocated IPs 31 exceeds IPs available 3 in Subnet Cidr 10.1.0.0/24, Subnet Name nodes. If Autoscaler is enabled, the max-count from each nodepool is counted towards this total (which means that pre-allocated IPs count represents a theoretical max value, not the actual number of IPs requested). http://aka.ms/aks/insufficientsubnetsize"
        ],
    );
    check(
        cloud.verdict("DELETE", &net("virtualNetworks/spoke/subnets/nodes"), None).get(..60).unwrap_or("").to_owned(),
        expect!["400 InUseSubnetCannotBeDeleted: Subnet nodes is in use by /s"],
    );
    cloud.ask("DELETE", &aks("c"), None);
    cloud.wait();
    check(&cloud.get(&net("virtualNetworks/spoke/usages"))["value"][0]["currentValue"], expect!["0"]);
    assert!(cloud.store.of_kind("Microsoft.Resources/resourceGroups").all(|g| g.name() == "rg"), "the node resource group goes with the cluster");
}

#[test]
fn user_defined_routing_needs_its_route() {
    let mut cloud = Cloud::new();
    cloud.network("spoke", "10.1.0.0/16", &[("nodes", "10.1.0.0/24")]);
    let subnet = net("virtualNetworks/spoke/subnets/nodes");
    let mut network = overlay();
    network["outboundType"] = json!("userDefinedRouting");
    let body = cluster(Some(&subnet), network);
    let mut found = cloud.verdict("PUT", &aks("c"), Some(body.clone())) + "\n";
    let route = |hop: Json| json!({ "location": "westeurope", "properties": { "routes": [{ "name": "d", "properties": hop }] } });
    for hop in [
        json!({ "addressPrefix": "10.0.0.0/8", "nextHopType": "VirtualAppliance", "nextHopIpAddress": "10.0.0.68" }),
        json!({ "addressPrefix": "0.0.0.0/0", "nextHopType": "Internet" }),
        json!({ "addressPrefix": "0.0.0.0/0", "nextHopType": "VirtualAppliance", "nextHopIpAddress": "10.0.0.68" }),
    ] {
        cloud.put(&net("routeTables/rt"), route(hop));
        cloud.put(&subnet, json!({ "properties": { "addressPrefix": "10.1.0.0/24", "routeTable": { "id": net("routeTables/rt") } } }));
        found += &format!("{}\n", cloud.verdict("PUT", &aks("c"), Some(body.clone())));
    }
    check(
        found,
        expect![[r#"
        400 ExistingRouteTableNotAssociatedWithSubnet: A route table with a 0.0.0.0/0 route must be associated with subnet /S/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/spoke/subnets/nodes for outbound type userDefinedRouting. Please see http://aka.ms/aks/outboundtype for more details
        400 RouteTableMissingDefaultRoute: Route table /S/resourceGroups/rg/providers/Microsoft.Network/routeTables/rt does not have a default route 0.0.0.0/0. Please see http://aka.ms/aks/outboundtype for more details
        400 RouteTableInvalidNextHop: Default route 0.0.0.0/0 has a next hop of Internet but only next hops of VirtualAppliance or VirtualNetworkGateway are allowed. Please see http://aka.ms/aks/outboundtype for more details
        201 Creating
    "#]],
    );
}

#[test]
fn an_identity_needs_its_rights_first() {
    let mut cloud = Cloud::new();
    cloud.network("spoke", "10.1.0.0/16", &[("nodes", "10.1.0.0/24")]);
    let subnet = net("virtualNetworks/spoke/subnets/nodes");
    let identity = rg("Microsoft.ManagedIdentity/userAssignedIdentities/aks-id");
    let principal = cloud.put(&identity, json!({ "location": "westeurope" }))["properties"]["principalId"].clone();
    let mut body = cluster(Some(&subnet), overlay());
    body["identity"] = json!({ "type": "UserAssigned", "userAssignedIdentities": { identity.clone(): {} } });
    check(
        cloud.verdict("PUT", &aks("c"), Some(body.clone())),
        expect![
            "403 LinkedAuthorizationFailed: The client 'GUID' with object id 'GUID' has permission to perform action 'Microsoft.ContainerService/managedClusters/write' on scope '/S/resourcegroups/rg/providers/Microsoft.ContainerService/managedClusters/c'; however, it does not have permission to perform action(s) 'Microsoft.Network/virtualNetworks/subnets/join/action' on the linked scope(s) '/S/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/spoke/subnets/nodes' (respectively) or the linked scope(s) are invalid."
        ],
    );
    let role = format!("{S}/providers/Microsoft.Authorization/roleDefinitions/{NETWORK_CONTRIBUTOR}");
    let path = format!("{subnet}/providers/Microsoft.Authorization/roleAssignments/aaaaaaaa-0000-4000-8000-000000000001");
    cloud.put(&path, json!({ "properties": { "roleDefinitionId": role, "principalId": principal, "principalType": "ServicePrincipal" } }));
    check(cloud.verdict("PUT", &aks("c"), Some(body)), expect!["201 Creating"]);
}

#[test]
fn what_is_fixed_stays_fixed() {
    let mut cloud = Cloud::new();
    cloud.put(&aks("c"), cluster(None, overlay()));
    let mut found = String::new();
    for (path, value) in [
        ("/properties/dnsPrefix", json!("other")),
        ("/properties/networkProfile/serviceCidr", json!("172.20.0.0/16")),
        ("/properties/agentPoolProfiles/0/vmSize", json!("Standard_D8s_v5")),
        ("/properties/kubernetesVersion", json!("1.33")),
        ("/properties/agentPoolProfiles/0/count", json!(5)),
        ("/properties/networkProfile/podCidr", json!("192.168.0.0/15")),
        ("/properties/networkProfile/podCidr", json!("192.168.0.0/17")),
    ] {
        let mut body = cluster(None, overlay());
        body["properties"]["kubernetesVersion"] = json!("1.34");
        if let Some(slot) = body.pointer_mut(path) {
            *slot = value;
        }
        found += &format!("{path}: {}\n", cloud.verdict("PUT", &aks("c"), Some(body)));
        cloud.wait();
    }
    check(
        found,
        expect![[r#"
            /properties/dnsPrefix: 400 PropertyChangeNotAllowed: Changing property 'dnsPrefix' is not allowed.
            /properties/networkProfile/serviceCidr: 400 PropertyChangeNotAllowed: Changing property 'networkProfile.serviceCidr' is not allowed.
            /properties/agentPoolProfiles/0/vmSize: 400 PropertyChangeNotAllowed: Changing property 'properties.vmSize' is not allowed.
            /properties/kubernetesVersion: 400 OperationNotAllowed: Downgrading Kubernetes version 1.34.2 to 1.33.5 is not allowed.
            /properties/agentPoolProfiles/0/count: 200 Scaling
            /properties/networkProfile/podCidr: 200 Scaling
            /properties/networkProfile/podCidr: 400 PropertyChangeNotAllowed: Changing property 'networkProfile.podCidr' is not allowed.
        "#]],
    );
}

#[test]
fn pools_come_and_go() {
    let mut cloud = Cloud::new();
    cloud.put(&aks("c"), cluster(None, overlay()));
    let pool = |name: &str| format!("{}/agentPools/{name}", aks("c"));
    let user = json!({ "properties": { "count": 2, "vmSize": "Standard_D4s_v5", "mode": "User", "enableAutoScaling": true, "minCount": 1, "maxCount": 5 } });
    let mut found = cloud.verdict("PUT", &pool("apps"), Some(user.clone())) + "\n";
    found += &format!("{}\n", cloud.verdict("PUT", &pool("more"), Some(user.clone())));
    cloud.wait();
    found += &format!("{}\n", cloud.verdict("PUT", &pool("Bad-Name"), Some(user.clone())));
    found += &format!("{}\n", cloud.verdict("DELETE", &pool("sys"), None));
    found += &format!("{}\n", cloud.verdict("GET", &pool("none"), None));
    let shown = cloud.get(&aks("c"));
    found +=
        &format!("{} of {}\n", shown["properties"]["agentPoolProfiles"][1]["name"], shown["properties"]["agentPoolProfiles"].as_array().map_or(0, Vec::len));
    found += &format!("{}\n", cloud.verdict("DELETE", &pool("apps"), None));
    cloud.wait();
    found += &format!("{}\n", cloud.get(&format!("{}/agentPools", aks("c")))["value"].as_array().map_or(0, Vec::len));
    check(
        found,
        expect![[r#"
        201 Creating
        409 OperationNotAllowed: Operation is not allowed: Another agentpool operation (apps - Creating) is in progress, please wait for it to finish before starting a new operation. See https://aka.ms/aks-pending-operation for more details.
        400 InvalidParameter: The value of parameter agentPoolProfile.name is invalid. Error details: Agent pool name 'Bad-Name' must begin with a lowercase letter, contain only lowercase letters and digits, and be at most 12 characters long. Please see https://aka.ms/aks-naming-rules for more details.
        400 OperationNotAllowed: There has to be at least one system agent pool. Agent pool sys is the last one of cluster c and cannot be deleted.
        404 NotFound: Could not find the agentpool: none in subscription: GUID, resourceGroup: rg, resourceName: c.
        "apps" of 2
        202 -
        1
    "#]],
    );
    let credentials = cloud.ask("POST", &format!("{}/listClusterUserCredential", aks("c")), None).body.unwrap_or_default();
    assert!(credentials["kubeconfigs"][0]["value"].as_str().is_some_and(|v| v.len() > 100));
}

/// A flat cluster of one pool in a subnet of the given size.
fn flat(cloud: &mut Cloud, prefix: &str, count: u32, surge: &str, version: &str) -> Json {
    cloud.network("spoke", "10.1.0.0/16", &[("nodes", prefix), ("api", "10.1.255.0/28"), ("pods", "10.1.128.0/24")]);
    let subnet = net("virtualNetworks/spoke/subnets/nodes");
    let mut body = cluster(Some(&subnet), json!({ "networkPlugin": "azure", "serviceCidr": "172.16.0.0/16", "dnsServiceIP": "172.16.0.10" }));
    body["properties"]["kubernetesVersion"] = json!(version);
    body["properties"]["agentPoolProfiles"][0]["count"] = json!(count);
    body["properties"]["agentPoolProfiles"][0]["upgradeSettings"] = json!({ "maxSurge": surge });
    body
}

fn used(cloud: &mut Cloud) -> i64 {
    cloud.get(&net("virtualNetworks/spoke/usages"))["value"][0]["currentValue"].as_i64().unwrap_or(-1)
}

fn upgraded(mut body: Json, version: &str) -> Json {
    body["properties"]["kubernetesVersion"] = json!(version);
    body["properties"]["agentPoolProfiles"][0]["orchestratorVersion"] = json!(version);
    body
}

#[test]
fn an_upgrade_takes_addresses_for_its_extra_nodes() {
    let mut cloud = Cloud::new();
    // 33% of 6 nodes are 2 more, of 31 addresses each.
    let body = flat(&mut cloud, "10.1.0.0/24", 6, "33%", "1.33");
    cloud.put(&aks("c"), body.clone());
    let mut found = format!("before: {}\n", used(&mut cloud));
    found += &format!("{}\n", cloud.verdict("PUT", &aks("c"), Some(upgraded(body, "1.34"))));
    found += &format!("meanwhile: {}\n", used(&mut cloud));
    cloud.wait();
    found += &format!("after: {}\n", used(&mut cloud));
    check(
        found,
        expect![[r#"
        before: 186
        200 Upgrading
        meanwhile: 248
        after: 186
    "#]],
    );
}

#[test]
fn an_upgrade_without_room_is_refused() {
    let mut found = String::new();
    for (surge, version, to) in [("33%", "1.33", "1.34"), ("0", "1.33", "1.34"), ("2", "1.34", "1.35")] {
        let mut cloud = Cloud::new();
        let mut body = flat(&mut cloud, "10.1.0.0/24", 7, surge, version);
        body["properties"]["agentPoolProfiles"][0]["upgradeSettings"]["maxUnavailable"] = json!(if surge == "0" { "1" } else { "0" });
        cloud.put(&aks("c"), body.clone());
        let verdict = cloud.verdict("PUT", &aks("c"), Some(upgraded(body, to)));
        found += &format!("{surge} to {to}: {}, {} in use\n", verdict.split(" in Subnet").next().unwrap_or(""), used(&mut cloud));
    }
    // From 1.35 on, one extra node has to do when there is no room for two.
    check(
        found,
        expect![[r#"
        33% to 1.34: 400 InsufficientSubnetSize: Pre-allocated IPs 93 exceeds IPs available 34, 217 in use
        0 to 1.34: 200 Upgrading, 217 in use
        2 to 1.35: 200 Upgrading, 248 in use
    "#]],
    );
}

#[test]
fn api_servers_and_pods_have_subnets_of_their_own() {
    let mut cloud = Cloud::new();
    let mut body = flat(&mut cloud, "10.1.0.0/24", 3, "1", "1.34");
    let (api, pods) = (net("virtualNetworks/spoke/subnets/api"), net("virtualNetworks/spoke/subnets/pods"));
    body["properties"]["apiServerAccessProfile"] = json!({ "enableVnetIntegration": true, "subnetId": api });
    let delegated = json!({ "name": "aks", "properties": { "serviceName": "Microsoft.ContainerService/managedClusters" } });
    let mut found = format!("not delegated: {}\n", cloud.verdict("PUT", &aks("c"), Some(body.clone())));
    cloud.put(&api, json!({ "properties": { "addressPrefix": "10.1.255.0/29", "delegations": [delegated] } }));
    found += &format!("too small: {}\n", cloud.verdict("PUT", &aks("c"), Some(body.clone())).split(". If").next().unwrap_or(""));
    cloud.put(&api, json!({ "properties": { "addressPrefix": "10.1.255.0/28", "delegations": [delegated] } }));
    found += &format!("/28: {}\n", cloud.verdict("PUT", &aks("c"), Some(body.clone())));
    cloud.wait();
    let mut second = body.clone();
    second["properties"]["dnsPrefix"] = json!("other");
    found += &format!("second cluster: {}\n", cloud.verdict("PUT", &aks("d"), Some(second)).split(". If").next().unwrap_or(""));
    // Blocks of 16 fit 14 times between Azure's own addresses: 7 nodes of 2 blocks.
    let pool = |count: u32| json!({ "properties": { "count": count, "maxPods": 31, "podIPAllocationMode": "StaticBlock", "podSubnetID": pods, "vnetSubnetID": net("virtualNetworks/spoke/subnets/nodes") } });
    found += &format!(
        "8 nodes of blocks: {}\n",
        cloud.verdict("PUT", &format!("{}/agentPools/blocks", aks("c")), Some(pool(8))).split(" in Subnet").next().unwrap_or("")
    );
    found += &format!("7 nodes of blocks: {}\n", cloud.verdict("PUT", &format!("{}/agentPools/blocks", aks("c")), Some(pool(7))));
    cloud.wait();
    let config = json!({ "name": "c", "properties": { "subnet": { "id": pods } } });
    let nic = json!({ "location": "westeurope", "properties": { "ipConfigurations": [config] } });
    found += &format!("interface among pods: {}\n", cloud.verdict("PUT", &net("networkInterfaces/n"), Some(nic)).split(':').next().unwrap_or(""));
    found += &format!("pod subnet: {}\n", cloud.verdict("DELETE", &pods, None).split(':').next().unwrap_or(""));
    check(
        found,
        expect![[r#"
        not delegated: 400 InvalidParameter: The API server subnet /S/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/spoke/subnets/api must be delegated to Microsoft.ContainerService/managedClusters.
        too small: 400 InsufficientSubnetSize: Pre-allocated IPs 9 exceeds IPs available 3 in Subnet Cidr 10.1.255.0/29, Subnet Name api
        /28: 201 Creating
        second cluster: 400 InsufficientSubnetSize: Pre-allocated IPs 9 exceeds IPs available 2 in Subnet Cidr 10.1.255.0/28, Subnet Name api
        8 nodes of blocks: 400 InsufficientSubnetSize: Pre-allocated IPs 256 exceeds IPs available 224
        7 nodes of blocks: 201 Creating
        interface among pods: 400 ResourceNotPermittedOnDelegatedSubnet
        pod subnet: 400 InUseSubnetCannotBeDeleted
    "#]],
    );
}

#[test]
fn kubenet_nodes_need_routes() {
    let mut cloud = Cloud::new();
    cloud.network("spoke", "10.1.0.0/16", &[("nodes", "10.1.0.0/20")]);
    let subnet = net("virtualNetworks/spoke/subnets/nodes");
    let routes: Vec<Json> = (0..10)
        .map(|i| json!({ "name": format!("r{i}"), "properties": { "addressPrefix": format!("10.{}.0.0/16", 100 + i), "nextHopType": "None" } }))
        .collect();
    cloud.put(&net("routeTables/rt"), json!({ "location": "westeurope", "properties": { "routes": routes } }));
    cloud.put(&subnet, json!({ "properties": { "addressPrefix": "10.1.0.0/20", "routeTable": { "id": net("routeTables/rt") } } }));
    let kubenet = |pods: &str| json!({ "networkPlugin": "kubenet", "podCidr": pods, "serviceCidr": "172.16.0.0/16", "dnsServiceIP": "172.16.0.10" });
    let mut found = String::new();
    for (count, pods) in [(391, "10.244.0.0/14"), (390, "10.1.128.0/17"), (390, "10.244.0.0/14")] {
        let mut body = cluster(Some(&subnet), kubenet(pods));
        body["properties"]["agentPoolProfiles"][0]["count"] = json!(count);
        found += &format!("{count} {pods}: {}\n", cloud.verdict("PUT", &aks("c"), Some(body)));
    }
    check(
        found,
        expect![[r#"
        391 10.244.0.0/14: 400 InvalidParameter: The value of parameter agentPoolProfile.count is invalid. Error details: 391 nodes need a route each beside the 10 there are; a route table has at most 400 routes.
        390 10.1.128.0/17: 400 NetworkProfileCIDROverlapVNET: NetworkProfile CIDR 10.1.128.0/17 overlaps with reserved VNET CIDR 10.1.0.0/16
        390 10.244.0.0/14: 201 Creating
    "#]],
    );
}
