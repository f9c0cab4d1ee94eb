//! The simulator through its handler and its in-process transport: requests in, answers out.

use expect_test::{Expect, expect};
use ravelin::sim::{Request, Store, handle};
use serde_json::{Value as Json, json};

const S: &str = "/subscriptions/11111111-1111-4111-8111-111111111111";
const API: &str = "api-version=2025-01-01";

/// A store with one resource group `rg`, and a clock that tests move by hand.
struct Cloud {
    store: Store,
    now: i64,
}

impl Cloud {
    fn new() -> Cloud {
        let mut cloud = Cloud { store: Store::new("test", 1_700_000_000_000), now: 1_700_000_000_000 };
        cloud.put(&format!("{S}/resourceGroups/rg"), json!({ "location": "westeurope" }));
        cloud
    }

    fn ask(&mut self, method: &str, path: &str, body: Option<Json>) -> ravelin::sim::Response {
        let glue = if path.contains('?') { '&' } else { '?' };
        handle(&mut self.store, &Request::new(method, &format!("{path}{glue}{API}"), body), self.now)
    }

    /// A write, with time enough to finish; its final body.
    fn put(&mut self, path: &str, body: Json) -> Json {
        let response = self.ask("PUT", path, Some(body));
        assert!(response.status < 300, "PUT {path}: {} {:?}", response.status, response.body);
        self.now += 3_600_000;
        self.ask("GET", path, None).body.unwrap_or_default()
    }

    /// `status code message` of a refusal, or `status state`.
    fn verdict(&mut self, method: &str, path: &str, body: Option<Json>) -> String {
        let response = self.ask(method, path, body);
        let body = response.body.unwrap_or_default();
        let error = if body.get("error").is_some() { body["error"].clone() } else { body.clone() };
        match error["code"].as_str() {
            Some(code) => format!("{} {code}: {}", response.status, error["message"].as_str().unwrap_or("")),
            None => format!("{} {}", response.status, body["properties"]["provisioningState"].as_str().unwrap_or("-")),
        }
    }
}

fn rg(rest: &str) -> String {
    format!("{S}/resourceGroups/rg/providers/{rest}")
}

fn net(rest: &str) -> String {
    rg(&format!("Microsoft.Network/{rest}"))
}

fn check(found: impl std::fmt::Display, expected: Expect) {
    let guid = regex::Regex::new("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}").expect("a good pattern");
    expected.assert_eq(&guid.replace_all(&found.to_string().replace(S, "/S"), "GUID"));
}

#[test]
fn a_network_is_created_and_settles() {
    let mut cloud = Cloud::new();
    let path = net("virtualNetworks/hub");
    let created = cloud.ask("PUT", &path, Some(json!({ "location": "West Europe", "properties": { "addressSpace": { "addressPrefixes": ["10.0.0.0/16"] } } })));
    check(format!("{} {}", created.status, created.headers["retry-after"]), expect![[r#"201 3"#]]);
    let operation = created.headers["azure-asyncoperation"].clone();
    let poll = |cloud: &mut Cloud| handle(&mut cloud.store, &Request::new("GET", &operation, None), cloud.now).body.unwrap_or_default();
    check(poll(&mut cloud), expect![[r#"{"status":"InProgress"}"#]]);
    check(cloud.verdict("GET", &path, None), expect![[r#"200 Updating"#]]);
    cloud.now += 3000;
    check(poll(&mut cloud), expect![[r#"{"status":"Succeeded"}"#]]);
    check(cloud.verdict("GET", &path, None), expect![[r#"200 Succeeded"#]]);
}

#[test]
fn subnets_are_one_truth_with_their_network() {
    let mut cloud = Cloud::new();
    let hub = net("virtualNetworks/hub");
    cloud.put(&hub, json!({ "location": "westeurope", "properties": { "addressSpace": { "addressPrefixes": ["10.0.0.0/16"] } } }));
    let shape = |prefix: &str| Some(json!({ "properties": { "addressPrefix": prefix } }));
    check(cloud.verdict("PUT", &format!("{hub}/subnets/a"), shape("10.0.0.0/24")), expect![[r#"201 Updating"#]]);
    check(
        cloud.verdict("PUT", &format!("{hub}/subnets/b"), shape("10.0.1.0/24")),
        expect![[
            r#"409 AnotherOperationInProgress: Another operation on this or dependent resource is in progress. To retrieve status of the operation use uri: https://management.azure.com/S/providers/Microsoft.Network/locations/westeurope/operations/GUID?api-version=2025-01-01."#
        ]],
    );
    cloud.now += 10_000;
    for (name, prefix, expected) in [
        (
            "b",
            "10.0.0.128/25",
            expect![[
                r#"400 NetcfgSubnetRangesOverlap: Subnet 'b' is not valid because its IP address range overlaps with that of an existing subnet in virtual network 'hub'."#
            ]],
        ),
        (
            "b",
            "10.1.0.0/24",
            expect![[
                r#"400 NetcfgSubnetRangeOutsideVnet: Subnet 'b' is not valid because its IP address range is outside the IP address range of virtual network 'hub'."#
            ]],
        ),
        (
            "b",
            "10.0.2.1/24",
            expect![[
                r#"400 InvalidCIDRNotation: The address prefix 10.0.2.1/24 in resource /S/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/hub/subnets/b has an invalid CIDR notation. For the given prefix length, the address prefix should be 10.0.2.0/24."#
            ]],
        ),
        (
            "b",
            "ten",
            expect![[
                r#"400 InvalidAddressPrefixFormat: Address prefix ten of resource /S/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/hub/subnets/b is not formatted correctly. It should follow CIDR notation, for example 10.0.0.0/24."#
            ]],
        ),
        ("b", "10.0.2.0/30", expect![[r#"400 NetcfgInvalidSubnet: Subnet 'b' is not valid in virtual network 'hub'."#]]),
    ] {
        check(cloud.verdict("PUT", &format!("{hub}/subnets/{name}"), shape(prefix)), expected);
    }
    let network = cloud.ask("GET", &hub, None).body.unwrap_or_default();
    let subnet = cloud.ask("GET", &format!("{hub}/subnets/A"), None).body.unwrap_or_default();
    assert_eq!(network["properties"]["subnets"][0], subnet);
    check(
        cloud.verdict("PUT", &net("virtualNetworks/none/subnets/a"), shape("10.0.0.0/24")),
        expect![[
            r#"404 ParentResourceNotFound: Failed to perform 'write' on resource(s) of type 'virtualNetworks/subnets', because the parent resource '/S/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/none' could not be found."#
        ]],
    );
}

#[test]
fn what_is_not_modelled_is_refused() {
    let mut cloud = Cloud::new();
    let hub = net("virtualNetworks/hub");
    cloud.put(&hub, json!({ "location": "westeurope", "properties": { "addressSpace": { "addressPrefixes": ["10.0.0.0/16"] } } }));
    check(
        cloud.verdict("PUT", &rg("Microsoft.Foo/bars/x"), Some(json!({}))),
        expect![[r#"400 NotModelledBySimulator: The simulator does not model the resource provider 'Microsoft.Foo'."#]],
    );
    check(
        cloud.verdict("GET", &net("firewallPolicies/x"), None),
        expect![[r#"400 NotModelledBySimulator: The simulator does not model the resource type 'Microsoft.Network/firewallPolicies'."#]],
    );
    check(
        cloud.verdict("POST", &format!("{hub}/explode"), None),
        expect![[r#"400 NotModelledBySimulator: The simulator does not model the action 'explode' of Microsoft.Network/virtualNetworks."#]],
    );
    check(
        cloud.verdict("PUT", &hub, Some(json!({ "location": "westeurope", "properties": { "adressSpace": {} } }))),
        expect![[r#"400 InvalidRequestFormat: Cannot parse the request."#]],
    );
}
