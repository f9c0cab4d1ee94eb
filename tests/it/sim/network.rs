//! Networks: one truth for parents and children, ranges, addresses, references, deletes.

use expect_test::expect;
use proptest::prelude::*;
use ravelin::sim::{Request, Store, handle};
use serde_json::json;

use super::cloud::{Cloud, S, check, net, rg};

#[test]
fn a_network_is_created_and_settles() {
    let mut cloud = Cloud::new();
    let path = net("virtualNetworks/hub");
    let created = cloud.ask("PUT", &path, Some(json!({ "location": "West Europe", "properties": { "addressSpace": { "addressPrefixes": ["10.0.0.0/16"] } } })));
    check(format!("{} {}", created.status, created.headers["retry-after"]), expect!["201 3"]);
    let operation = created.headers["azure-asyncoperation"].clone();
    let poll = |cloud: &mut Cloud| handle(&mut cloud.store, &Request::new("GET", &operation, None), cloud.now).body.unwrap_or_default();
    check(poll(&mut cloud), expect![[r#"{"status":"InProgress"}"#]]);
    check(cloud.verdict("GET", &path, None), expect!["200 Updating"]);
    cloud.now += 3000;
    check(poll(&mut cloud), expect![[r#"{"status":"Succeeded"}"#]]);
    check(cloud.verdict("GET", &path, None), expect!["200 Succeeded"]);
}

#[test]
fn subnets_are_one_truth_with_their_network() {
    let mut cloud = Cloud::new();
    cloud.network("hub", "10.0.0.0/16", &[]);
    let hub = net("virtualNetworks/hub");
    let shape = |prefix: &str| Some(json!({ "properties": { "addressPrefix": prefix } }));
    check(cloud.verdict("PUT", &format!("{hub}/subnets/a"), shape("10.0.0.0/24")), expect!["201 Updating"]);
    check(
        cloud.verdict("PUT", &format!("{hub}/subnets/b"), shape("10.0.1.0/24")),
        expect![
            "409 AnotherOperationInProgress: Another operation on this or dependent resource is in progress. To retrieve status of the operation use uri: https://management.azure.com/S/providers/Microsoft.Network/locations/westeurope/operations/GUID?api-version=2025-01-01."
        ],
    );
    cloud.wait();
    let mut found = String::new();
    for prefix in ["10.0.0.128/25", "10.1.0.0/24", "10.0.2.1/24", "ten", "10.0.2.0/30"] {
        found += &format!("{prefix}: {}\n", cloud.verdict("PUT", &format!("{hub}/subnets/b"), shape(prefix)));
    }
    check(
        found,
        expect![[r#"
        10.0.0.128/25: 400 NetcfgSubnetRangesOverlap: Subnet 'b' is not valid because its IP address range overlaps with that of an existing subnet in virtual network 'hub'.
        10.1.0.0/24: 400 NetcfgSubnetRangeOutsideVnet: Subnet 'b' is not valid because its IP address range is outside the IP address range of virtual network 'hub'.
        10.0.2.1/24: 400 InvalidCIDRNotation: The address prefix 10.0.2.1/24 in resource /S/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/hub/subnets/b has an invalid CIDR notation. For the given prefix length, the address prefix should be 10.0.2.0/24.
        ten: 400 InvalidAddressPrefixFormat: Address prefix ten of resource /S/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/hub/subnets/b is not formatted correctly. It should follow CIDR notation, for example 10.0.0.0/24.
        10.0.2.0/30: 400 NetcfgInvalidSubnet: Subnet 'b' is not valid in virtual network 'hub'.
    "#]],
    );
    let subnet = cloud.get(&format!("{hub}/subnets/A"));
    assert_eq!(cloud.get(&hub)["properties"]["subnets"][0], subnet);
    check(
        cloud.verdict("PUT", &net("virtualNetworks/none/subnets/a"), shape("10.0.0.0/24")),
        expect![
            "404 ParentResourceNotFound: Failed to perform 'write' on resource(s) of type 'virtualNetworks/subnets', because the parent resource '/S/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/none' could not be found."
        ],
    );
}

#[test]
fn writing_a_network_without_subnets_keeps_them() {
    let mut cloud = Cloud::new();
    cloud.network("hub", "10.0.0.0/16", &[("a", "10.0.0.0/24"), ("b", "10.0.1.0/24")]);
    let space = json!({ "addressPrefixes": ["10.0.0.0/16"] });
    let hub = net("virtualNetworks/hub");
    let names = |body: &serde_json::Value| body["properties"]["subnets"].as_array().map(Vec::len);
    let kept = cloud.put(&hub, json!({ "location": "westeurope", "properties": { "addressSpace": space } }));
    assert_eq!(names(&kept), Some(2));
    let listed = json!({ "location": "westeurope", "properties": { "addressSpace": space, "subnets": [{ "name": "a", "properties": { "addressPrefix": "10.0.0.0/24" } }] } });
    assert_eq!(names(&cloud.put(&hub, listed)), Some(1));
}

#[test]
fn what_is_in_use_stays() {
    let mut cloud = Cloud::new();
    cloud.put(&net("networkSecurityGroups/nsg"), json!({ "location": "westeurope" }));
    cloud.put(&net("routeTables/rt"), json!({ "location": "westeurope" }));
    cloud.network("hub", "10.0.0.0/16", &[]);
    let subnet = net("virtualNetworks/hub/subnets/a");
    let parts = json!({ "addressPrefix": "10.0.0.0/24", "networkSecurityGroup": { "id": net("networkSecurityGroups/nsg") }, "routeTable": { "id": net("routeTables/rt") } });
    cloud.put(&subnet, json!({ "properties": parts }));
    cloud.interface("nic", &subnet);
    let mut found = String::new();
    for path in ["virtualNetworks/hub/subnets/a", "virtualNetworks/hub", "networkSecurityGroups/nsg", "routeTables/rt"] {
        found += &format!("{}\n", cloud.verdict("DELETE", &net(path), None));
    }
    check(
        found,
        expect![[r#"
        400 InUseSubnetCannotBeDeleted: Subnet a is in use by /S/resourceGroups/rg/providers/Microsoft.Network/networkInterfaces/nic/ipConfigurations/c and cannot be deleted. In order to delete the subnet, delete all the resources within the subnet. See aka.ms/deletesubnet.
        400 InUseSubnetCannotBeDeleted: Subnet a is in use by /S/resourceGroups/rg/providers/Microsoft.Network/networkInterfaces/nic/ipConfigurations/c and cannot be deleted. In order to delete the subnet, delete all the resources within the subnet. See aka.ms/deletesubnet.
        400 InUseNetworkSecurityGroupCannotBeDeleted: Network security group /S/resourceGroups/rg/providers/Microsoft.Network/networkSecurityGroups/nsg cannot be deleted because it is in use by the following resources: /S/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/hub/subnets/a. In order to delete the Network security group, remove the association with the resource(s). To learn how to do this, see aka.ms/deletensg.
        400 InUseRouteTableCannotBeDeleted: Route table rt is in use and cannot be deleted.
    "#]],
    );
    let shown = cloud.get(&subnet);
    check(
        &shown["properties"]["ipConfigurations"],
        expect![[r#"[{"id":"/S/resourceGroups/rg/providers/Microsoft.Network/networkInterfaces/nic/ipConfigurations/c"}]"#]],
    );
    check(
        &cloud.get(&net("networkSecurityGroups/nsg"))["properties"]["subnets"],
        expect![[r#"[{"id":"/S/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/hub/subnets/a"}]"#]],
    );
    for path in ["networkInterfaces/nic", "virtualNetworks/hub", "networkSecurityGroups/nsg", "routeTables/rt"] {
        assert_eq!(cloud.ask("DELETE", &net(path), None).status, 202, "{path}");
        cloud.wait();
    }
    cloud.get(&net("routeTables/rt"));
    assert_eq!(cloud.store.under(&format!("{S}/resourceGroups/rg")).count(), 0);
}

#[test]
fn addresses_are_given_and_refused() {
    let mut cloud = Cloud::new();
    cloud.network("hub", "10.0.0.0/16", &[("a", "10.0.0.0/29")]);
    let subnet = net("virtualNetworks/hub/subnets/a");
    let address = |body: &serde_json::Value| body["properties"]["ipConfigurations"][0]["properties"]["privateIPAddress"].clone();
    check(address(&cloud.interface("one", &subnet)), expect![[r#""10.0.0.4""#]]);
    let mut found = String::new();
    for wanted in ["10.0.0.3", "10.0.0.4", "10.0.0.7", "10.0.1.4", "x"] {
        let config = json!({ "name": "c", "properties": { "privateIPAllocationMethod": "Static", "privateIPAddress": wanted, "subnet": { "id": subnet } } });
        let body = json!({ "location": "westeurope", "properties": { "ipConfigurations": [config] } });
        found += &format!("{wanted}: {}\n", cloud.verdict("PUT", &net("networkInterfaces/two"), Some(body)));
    }
    check(
        found,
        expect![[r#"
        10.0.0.3: 400 PrivateIPAddressInReservedRange: Private static IP address 10.0.0.3 falls within reserved IP range of subnet prefix 10.0.0.0/29.
        10.0.0.4: 400 PrivateIPAddressIsAllocated: IP configuration /S/resourceGroups/rg/providers/Microsoft.Network/networkInterfaces/two/ipConfigurations/c is using the private IP address 10.0.0.4 which is already allocated to resource /S/resourceGroups/rg/providers/Microsoft.Network/networkInterfaces/one/ipConfigurations/c.
        10.0.0.7: 400 PrivateIPAddressInReservedRange: Private static IP address 10.0.0.7 falls within reserved IP range of subnet prefix 10.0.0.0/29.
        10.0.1.4: 400 PrivateIPAddressNotInSubnet: Private static IP address 10.0.1.4 does not belong to the range of subnet prefix 10.0.0.0/29.
        x: 400 InvalidIPAddressFormat: IP address x of resource /S/resourceGroups/rg/providers/Microsoft.Network/networkInterfaces/two/ipConfigurations/c is not formatted correctly.
    "#]],
    );
    cloud.interface("two", &subnet);
    cloud.interface("three", &subnet);
    let config = json!({ "name": "c", "properties": { "subnet": { "id": subnet } } });
    let body = json!({ "location": "westeurope", "properties": { "ipConfigurations": [config] } });
    check(
        cloud.verdict("PUT", &net("networkInterfaces/four"), Some(body)),
        expect!["400 SubnetIsFull: Subnet a with address prefix 10.0.0.0/29 does not have enough capacity for 1 IP addresses."],
    );
    let shown = cloud.get(&net("virtualNetworks/hub/CheckIPAddressAvailability?ipAddress=10.0.0.4"));
    check(shown, expect![[r#"{"available":false,"availableIPAddresses":[],"isPlatformReserved":false}"#]]);
    check(&cloud.get(&net("virtualNetworks/hub/usages"))["value"][0]["currentValue"], expect!["3"]);
}

#[test]
fn peerings_meet_in_the_middle() {
    let mut cloud = Cloud::new();
    for (name, space) in [("hub", "10.0.0.0/16"), ("spoke", "10.1.0.0/16"), ("clash", "10.1.128.0/17")] {
        cloud.network(name, space, &[]);
    }
    let peer = |cloud: &mut Cloud, from: &str, to: &str| {
        let path = net(&format!("virtualNetworks/{from}/virtualNetworkPeerings/to-{to}"));
        let body = json!({ "properties": { "remoteVirtualNetwork": { "id": net(&format!("virtualNetworks/{to}")) } } });
        let verdict = cloud.verdict("PUT", &path, Some(body));
        cloud.wait();
        format!("{verdict} {}\n", cloud.get(&path)["properties"]["peeringState"])
    };
    let mut found = peer(&mut cloud, "hub", "spoke");
    found += &peer(&mut cloud, "spoke", "hub");
    found += &format!("then {}\n", cloud.get(&net("virtualNetworks/hub/virtualNetworkPeerings/to-spoke"))["properties"]["peeringState"]);
    found += &peer(&mut cloud, "clash", "spoke");
    found += &peer(&mut cloud, "hub", "clash");
    cloud.ask("DELETE", &net("virtualNetworks/spoke/virtualNetworkPeerings/to-hub"), None);
    cloud.wait();
    found += &format!("after a delete {}\n", cloud.get(&net("virtualNetworks/hub/virtualNetworkPeerings/to-spoke"))["properties"]["peeringState"]);
    found += &peer(&mut cloud, "spoke", "hub");
    check(
        found,
        expect![[r#"
        201 Updating "Initiated"
        201 Updating "Connected"
        then "Connected"
        400 VnetAddressSpacesOverlap: Cannot create or update peering /S/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/clash/virtualNetworkPeerings/to-spoke. Virtual networks /S/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/clash and /S/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/spoke cannot be peered because their address spaces overlap. Overlapping address prefixes: 10.1.128.0/17 null
        400 VnetAddressSpaceOverlapsWithAlreadyPeeredVnet: Cannot create or update peering /S/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/hub/virtualNetworkPeerings/to-clash. Virtual network /S/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/clash cannot be peered with /S/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/hub because its address space overlaps with that of /S/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/spoke, which is already peered. null
        after a delete "Disconnected"
        400 RemotePeeringIsDisconnected: Cannot create or update peering /S/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/spoke/virtualNetworkPeerings/to-hub because remote peering /S/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/hub/virtualNetworkPeerings/to-spoke referencing parent virtual network /S/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/spoke is in Disconnected state. Update or delete remote peering to Initiated state and retry. null
    "#]],
    );
}

#[test]
fn a_load_balancer_knows_its_parts() {
    let mut cloud = Cloud::new();
    cloud.network("hub", "10.0.0.0/16", &[("a", "10.0.0.0/24")]);
    let lb = net("loadBalancers/ilb");
    let part = |kind: &str, name: &str| json!({ "id": format!("{lb}/{kind}/{name}") });
    let rule = json!({ "name": "ha", "properties": {
        "protocol": "All", "frontendPort": 0, "backendPort": 0, "enableFloatingIP": true, "frontendIPConfiguration": part("frontendIPConfigurations", "f"),
        "backendAddressPool": part("backendAddressPools", "p"), "probe": part("probes", "h")
    }});
    let mut body = json!({ "location": "westeurope", "sku": { "name": "Standard" }, "properties": {
        "frontendIPConfigurations": [{ "name": "f", "properties": { "subnet": { "id": net("virtualNetworks/hub/subnets/a") }, "privateIPAllocationMethod": "Static", "privateIPAddress": "10.0.0.68" } }],
        "backendAddressPools": [{ "name": "p" }], "probes": [{ "name": "h", "properties": { "protocol": "Tcp", "port": 8008, "intervalInSeconds": 5 } }],
        "loadBalancingRules": [rule]
    }});
    let shown = cloud.put(&lb, body.clone());
    check(
        &shown["properties"]["backendAddressPools"][0]["properties"]["loadBalancingRules"],
        expect![[r#"[{"id":"/S/resourceGroups/rg/providers/Microsoft.Network/loadBalancers/ilb/loadBalancingRules/ha"}]"#]],
    );
    check(
        &shown["properties"]["probes"][0]["properties"],
        expect![[
            r#"{"intervalInSeconds":5,"loadBalancingRules":[{"id":"/S/resourceGroups/rg/providers/Microsoft.Network/loadBalancers/ilb/loadBalancingRules/ha"}],"noHealthyBackendsBehavior":"AllProbedDown","numberOfProbes":2,"port":8008,"probeThreshold":1,"protocol":"Tcp","provisioningState":"Succeeded"}"#
        ]],
    );
    body["properties"]["loadBalancingRules"][0]["properties"]["probe"]["id"] = json!(format!("{lb}/probes/none"));
    check(
        cloud.verdict("PUT", &lb, Some(body.clone())),
        expect![
            "400 InvalidResourceReference: Resource /S/resourceGroups/rg/providers/Microsoft.Network/loadBalancers/ilb/probes/none referenced by resource /S/resourceGroups/rg/providers/Microsoft.Network/loadBalancers/ilb/loadBalancingRules/ha was not found. Please make sure that the referenced resource exists, and that both resources are in the same region."
        ],
    );
    body["properties"]["loadBalancingRules"][0]["properties"]["frontendPort"] = json!(80);
    body["properties"]["loadBalancingRules"][0]["properties"]["probe"] = part("probes", "h");
    check(
        cloud.verdict("PUT", &lb, Some(body)),
        expect![
            "400 LoadBalancerRuleProtocolAllNotAllowed: Load balancing rule /S/resourceGroups/rg/providers/Microsoft.Network/loadBalancers/ilb/loadBalancingRules/ha with protocol All must have frontend and backend port 0 and a frontend of an internal Standard load balancer."
        ],
    );
}

#[test]
fn writes_wait_for_what_they_refer_to() {
    let mut cloud = Cloud::new();
    cloud.network("hub", "10.0.0.0/16", &[]);
    let subnet = net("virtualNetworks/hub/subnets/a");
    cloud.ask("PUT", &subnet, Some(json!({ "properties": { "addressPrefix": "10.0.0.0/24" } })));
    let config = json!({ "name": "c", "properties": { "subnet": { "id": subnet } } });
    let body = json!({ "location": "westeurope", "properties": { "ipConfigurations": [config] } });
    let refused = cloud.ask("PUT", &net("networkInterfaces/nic"), Some(body.clone()));
    check(
        format!("{} {} {}", refused.status, refused.headers["retry-after"], refused.body.unwrap_or_default()),
        expect![[
            r#"429 10 {"error":{"code":"RetryableError","details":[{"code":"ReferencedResourceNotProvisioned","message":"Cannot proceed with operation because resource /S/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/hub/subnets/a used by resource /S/resourceGroups/rg/providers/Microsoft.Network/networkInterfaces/nic is not in Succeeded state. Resource is in Updating state and the last operation that updated/is updating the resource is PutSubnetOperation."}],"message":"A retryable error occurred."}}"#
        ]],
    );
    cloud.now += 3000;
    check(cloud.verdict("PUT", &net("networkInterfaces/nic"), Some(body)), expect!["201 Succeeded"]);
    let bad = json!({ "properties": { "addressPrefix": "10.0.1.0/24", "routeTable": { "id": net("routeTables/none") } } });
    check(
        cloud.verdict("PUT", &net("virtualNetworks/hub/subnets/b"), Some(bad)),
        expect![
            "400 InvalidResourceReference: Resource /S/resourceGroups/rg/providers/Microsoft.Network/routeTables/none referenced by resource /S/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/hub/subnets/b was not found. Please make sure that the referenced resource exists, and that both resources are in the same region."
        ],
    );
}

#[test]
fn entity_tags_guard_writes() {
    let mut cloud = Cloud::new();
    let hub = cloud.network("hub", "10.0.0.0/16", &[]);
    let path = format!("{}?api-version=2025-01-01", net("virtualNetworks/hub"));
    let mut request = Request::new(
        "PUT",
        &path,
        Some(json!({ "location": "westeurope", "tags": { "a": "b" }, "properties": { "addressSpace": { "addressPrefixes": ["10.0.0.0/16"] } } })),
    );
    request.headers.insert("if-match".into(), "W/\"00000000-0000-0000-0000-000000000000\"".into());
    assert_eq!(handle(&mut cloud.store, &request, cloud.now).status, 412);
    request.headers.insert("if-match".into(), hub["etag"].as_str().unwrap_or("").into());
    assert_eq!(handle(&mut cloud.store, &request, cloud.now).status, 200);
    request.headers.remove("if-match");
    request.headers.insert("if-none-match".into(), "*".into());
    assert_eq!(handle(&mut cloud.store, &request, cloud.now).status, 412);
}

#[test]
fn lists_come_in_pages() {
    let mut cloud = Cloud::new();
    for n in 0..5 {
        cloud.put(&net(&format!("routeTables/rt{n}")), json!({ "location": "westeurope" }));
    }
    let mut names = Vec::new();
    let mut next = Some(format!("{}?$top=2", net("routeTables")));
    while let Some(url) = next {
        let page = handle(&mut cloud.store, &Request::new("GET", &format!("{url}&api-version=2025-01-01"), None), cloud.now).body.unwrap_or_default();
        names.extend(page["value"].as_array().into_iter().flatten().filter_map(|v| v["name"].as_str().map(str::to_owned)));
        next = page["nextLink"].as_str().map(str::to_owned);
    }
    check(names.join(" "), expect!["rt0 rt1 rt2 rt3 rt4"]);
    let all = cloud.get(&format!("{S}/resources?$filter=resourceType eq 'Microsoft.Network/routeTables' and name eq 'rt3'"));
    assert_eq!(all["value"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_group_takes_all_with_it() {
    let mut cloud = Cloud::new();
    cloud.network("hub", "10.0.0.0/16", &[("a", "10.0.0.0/24")]);
    cloud.interface("nic", &net("virtualNetworks/hub/subnets/a"));
    let group = format!("{S}/resourceGroups/rg");
    let deleted = cloud.ask("DELETE", &group, None);
    assert_eq!(deleted.status, 202);
    check(cloud.verdict("GET", &group, None), expect!["200 Deleting"]);
    check(
        cloud.verdict("PUT", &net("routeTables/late"), Some(json!({ "location": "westeurope" }))),
        expect!["409 ResourceGroupBeingDeleted: The resource group 'rg' is in deprovisioning state and cannot perform this operation."],
    );
    cloud.wait();
    check(cloud.verdict("GET", &group, None), expect!["404 ResourceGroupNotFound: Resource group 'rg' could not be found."]);
    assert_eq!(cloud.store.resources.len(), 0);
}

#[test]
fn what_is_not_modelled_is_refused() {
    let mut cloud = Cloud::new();
    cloud.network("hub", "10.0.0.0/16", &[]);
    let hub = net("virtualNetworks/hub");
    let mut found = String::new();
    for (method, path, body) in [
        ("PUT", rg("Microsoft.Foo/bars/x"), Some(json!({}))),
        ("GET", net("firewallPolicies/x"), None),
        ("POST", format!("{hub}/explode"), Some(json!({}))),
        ("PUT", rg("Microsoft.Resources/deployments/x"), Some(json!({}))),
        ("PUT", hub.clone(), Some(json!({ "location": "westeurope", "properties": { "adressSpace": {} } }))),
        ("PUT", hub.clone(), Some(json!({ "location": "westeurope", "address_space": {} }))),
        ("PUT", hub.clone(), Some(json!({ "location": "mars", "properties": {} }))),
        ("PUT", net("virtualNetworks/new"), Some(json!({ "properties": {} }))),
    ] {
        found += &format!("{}\n", cloud.verdict(method, &path, body));
    }
    check(
        found,
        expect![[r#"
        400 NotModelledBySimulator: The simulator does not model the resource provider 'Microsoft.Foo'.
        400 NotModelledBySimulator: The simulator does not model the resource type 'Microsoft.Network/firewallPolicies'.
        400 NotModelledBySimulator: The simulator does not model the action 'explode' of Microsoft.Network/virtualNetworks.
        400 NotModelledBySimulator: The simulator does not model template deployments (Microsoft.Resources/deployments): write the resources one by one.
        400 InvalidRequestFormat: Cannot parse the request.
        400 InvalidRequestFormat: Cannot parse the request.
        409 InvalidResourceLocation: The resource 'hub' already exists in location 'westeurope' in resource group 'rg'. A resource with the same name cannot be created in location 'mars'. Please select a new resource name.
        400 LocationRequired: The location property is required for this definition.
    "#]],
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    /// Whatever is written in whatever order, no two subnets overlap, each lies in the space, and addresses are given once.
    #[test]
    fn ranges_never_overlap(writes in proptest::collection::vec((0u8..6, 0u32..64, 26u8..30), 1..24)) {
        let mut cloud = Cloud::new();
        cloud.network("hub", "10.0.0.0/24", &[]);
        for (name, block, length) in writes {
            let base = block * 4;
            let body = json!({ "properties": { "addressPrefix": format!("10.0.0.{base}/{length}") } });
            cloud.ask("PUT", &net(&format!("virtualNetworks/hub/subnets/s{name}")), Some(body));
            cloud.wait();
        }
        let shown = cloud.get(&net("virtualNetworks/hub"));
        let prefixes: Vec<ravelin::base::Prefix> = shown["properties"]["subnets"].as_array().into_iter().flatten()
            .filter_map(|s| s["properties"]["addressPrefix"].as_str()?.parse().ok()).collect();
        for (i, a) in prefixes.iter().enumerate() {
            prop_assert!(prefixes.iter().take(i).all(|b| !a.overlaps(*b)), "{prefixes:?}");
        }
    }

    /// The same requests give the same bytes, whatever they are.
    #[test]
    fn the_same_requests_give_the_same_answers(steps in proptest::collection::vec((0u8..4, 0u8..3), 1..20)) {
        let play = || {
            let mut store = Store::new("seed", 0);
            let mut said = String::new();
            for (i, (what, name)) in steps.iter().enumerate() {
                let group = format!("{S}/resourceGroups/g?api-version=2025-01-01");
                let table = format!("{S}/resourceGroups/g/providers/Microsoft.Network/routeTables/t{name}?api-version=2025-01-01");
                let request = match what {
                    0 => Request::new("PUT", &group, Some(json!({ "location": "westeurope" }))),
                    1 => Request::new("PUT", &table, Some(json!({ "location": "westeurope" }))),
                    2 => Request::new("GET", &table, None),
                    _ => Request::new("DELETE", &table, None),
                };
                said += &format!("{:?}\n", handle(&mut store, &request, i as i64 * 700));
            }
            said
        };
        prop_assert_eq!(play(), play());
    }
}
