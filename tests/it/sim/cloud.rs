//! What the tests share: a store with a clock that is moved by hand.

use std::sync::LazyLock;

use expect_test::Expect;
use ravelin::sim::{Request, Response, Store, handle};
use regex::Regex;
use serde_json::{Value as Json, json};

/// The subscription that tests write to.
pub const S: &str = "/subscriptions/11111111-1111-4111-8111-111111111111";
const API: &str = "api-version=2025-01-01";

/// A store with one resource group `rg`, and a clock that tests move by hand.
pub struct Cloud {
    pub store: Store,
    pub now: i64,
}

impl Cloud {
    pub fn new() -> Cloud {
        let mut cloud = Cloud { store: Store::new("test", 1_700_000_000_000), now: 1_700_000_000_000 };
        cloud.put(&format!("{S}/resourceGroups/rg"), json!({ "location": "westeurope" }));
        cloud
    }

    pub fn ask(&mut self, method: &str, path: &str, body: Option<Json>) -> Response {
        let glue = if path.contains('?') { '&' } else { '?' };
        handle(&mut self.store, &Request::new(method, &format!("{path}{glue}{API}"), body), self.now)
    }

    pub fn get(&mut self, path: &str) -> Json {
        self.ask("GET", path, None).body.unwrap_or_default()
    }

    /// A write, with time enough to finish; its final body.
    pub fn put(&mut self, path: &str, body: Json) -> Json {
        let response = self.ask("PUT", path, Some(body));
        assert!(response.status < 300, "PUT {path}: {} {:?}", response.status, response.body);
        self.wait();
        self.get(path)
    }

    /// Lets an hour pass, enough for anything to end.
    pub fn wait(&mut self) {
        self.now += 3_600_000;
    }

    /// `status code: message` of a refusal, or `status state`.
    pub fn verdict(&mut self, method: &str, path: &str, body: Option<Json>) -> String {
        let response = self.ask(method, path, body);
        let body = response.body.unwrap_or_default();
        let error = if body.get("error").is_some() { body["error"].clone() } else { body.clone() };
        match error["code"].as_str() {
            Some(code) => format!("{} {code}: {}", response.status, error["message"].as_str().unwrap_or("")),
            None => format!("{} {}", response.status, body["properties"]["provisioningState"].as_str().unwrap_or("-")),
        }
    }

    /// A virtual network with subnets, by name and prefix.
    pub fn network(&mut self, name: &str, space: &str, subnets: &[(&str, &str)]) -> Json {
        let subnets: Vec<Json> = subnets.iter().map(|(n, p)| json!({ "name": n, "properties": { "addressPrefix": p } })).collect();
        let body = json!({ "location": "westeurope", "properties": { "addressSpace": { "addressPrefixes": [space] }, "subnets": subnets } });
        self.put(&net(&format!("virtualNetworks/{name}")), body)
    }

    /// A network interface in a subnet.
    pub fn interface(&mut self, name: &str, subnet: &str) -> Json {
        let config = json!({ "name": "c", "properties": { "subnet": { "id": subnet } } });
        self.put(&net(&format!("networkInterfaces/{name}")), json!({ "location": "westeurope", "properties": { "ipConfigurations": [config] } }))
    }
}

pub fn rg(rest: &str) -> String {
    format!("{S}/resourceGroups/rg/providers/{rest}")
}

pub fn net(rest: &str) -> String {
    rg(&format!("Microsoft.Network/{rest}"))
}

/// Compares after replacing the subscription and GUIDs, which say nothing.
pub fn check(found: impl std::fmt::Display, expected: Expect) {
    static GUID: LazyLock<Regex> = LazyLock::new(|| Regex::new("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}").expect("a good pattern"));
    expected.assert_eq(&GUID.replace_all(&found.to_string().replace(S, "/S"), "GUID"));
}
