//! Plays one conversation: sends each recorded request to the simulator at a moment at which Azure could have answered so.

use std::collections::BTreeMap;

use ravelin::sim::{Request, Response, Store, engine, handle, model, place::Place};
use serde_json::{Value as Json, json};

use super::compare::{self, Difference, Tally};

/// One recorded request with its answer.
pub struct Row {
    pub index: u64,
    pub method: String,
    pub url: String,
    pub request: Option<Json>,
    pub sent: BTreeMap<String, String>,
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: Json,
}

fn headers(value: &Json) -> BTreeMap<String, String> {
    value.as_object().into_iter().flatten().filter_map(|(k, v)| Some((k.to_ascii_lowercase(), v.as_str()?.to_owned()))).collect()
}

fn row(line: &str) -> Option<Row> {
    let value: Json = serde_json::from_str(line).ok()?;
    let request = value["req"].clone();
    Some(Row {
        index: value["i"].as_u64()?,
        method: value["method"].as_str()?.to_owned(),
        url: value["url"].as_str()?.to_owned(),
        request: if request.is_null() { None } else { Some(request) },
        sent: headers(&value["req_headers"]),
        status: value["status"].as_u64()? as u16,
        headers: headers(&value["headers"]),
        body: value["resp"].clone(),
    })
}

/// Types whose conversations are compared.
const TYPES: &[&str] = &[
    "microsoft.resources/resourcegroups",
    "microsoft.network/virtualnetworks",
    "microsoft.network/virtualnetworks/subnets",
    "microsoft.network/virtualnetworks/virtualnetworkpeerings",
    "microsoft.network/networksecuritygroups",
    "microsoft.network/networksecuritygroups/securityrules",
    "microsoft.network/routetables",
    "microsoft.network/routetables/routes",
    "microsoft.network/publicipaddresses",
    "microsoft.network/publicipprefixes",
    "microsoft.network/natgateways",
    "microsoft.network/networkinterfaces",
    "microsoft.network/applicationsecuritygroups",
    "microsoft.network/loadbalancers",
    "microsoft.network/loadbalancers/backendaddresspools",
    "microsoft.network/loadbalancers/inboundnatrules",
    "microsoft.managedidentity/userassignedidentities",
    "microsoft.managedidentity/userassignedidentities/federatedidentitycredentials",
    "microsoft.containerservice/managedclusters",
    "microsoft.containerservice/managedclusters/agentpools",
    "microsoft.containerservice/managedclusters/maintenanceconfigurations",
    "microsoft.compute/virtualmachines",
    "microsoft.compute/virtualmachines/extensions",
    "microsoft.compute/disks",
    "microsoft.authorization/roleassignments",
    "microsoft.operationalinsights/workspaces",
];

/// The state of a replay.
struct Replay {
    store: Store,
    now: i64,
    /// Recorded operation URLs, without query, to those the simulator gave out.
    urls: BTreeMap<String, String>,
    /// Resource groups as the conversation first shows them, by lower-case id.
    groups: BTreeMap<String, Json>,
    /// Recorded principals and clients to those the simulator made.
    guids: BTreeMap<String, String>,
    /// Paths the simulator refused as not modelled.
    refused: Vec<String>,
}

/// Plays a conversation and returns where the simulator answered differently.
pub fn conversation(text: &str, tally: &mut Tally) -> Vec<Difference> {
    let mut store = Store::new("truth", 1_700_000_000_000);
    store.settings.check_permissions = false;
    store.settings.kubernetes = default_version(text);
    let groups = groups(text);
    let mut replay = Replay { store, now: 1_700_000_000_000, urls: BTreeMap::new(), groups, guids: BTreeMap::new(), refused: Vec::new() };
    let mut found = Vec::new();
    for row in text.lines().filter_map(row) {
        let Some(rest) = row.url.strip_prefix("https://management.azure.com") else { continue };
        let path = rest.split('?').next().unwrap_or("");
        replay.now += 5;
        if let Some(differences) = replay.play(&row, path, tally) {
            found.extend(differences);
        }
    }
    found
}

/// Resource groups that a conversation reads.
fn groups(text: &str) -> BTreeMap<String, Json> {
    let mut found = BTreeMap::new();
    for row in text.lines().filter_map(row).filter(|r| r.method == "GET" && r.status == 200) {
        if row.body["type"] == "Microsoft.Resources/resourceGroups" {
            found.entry(row.body["id"].as_str().unwrap_or("").to_ascii_lowercase()).or_insert(row.body);
        }
    }
    found
}

/// The version the region gave to clusters that asked for none, when the conversation shows one.
fn default_version(text: &str) -> Option<String> {
    text.lines().filter_map(row).find_map(|r| {
        let created = r.status == 201 && r.method == "PUT" && r.url.contains("/managedClusters/");
        let asked = r.request.as_ref()?["properties"]["kubernetesVersion"].as_str().unwrap_or("");
        r.body["properties"]["kubernetesVersion"].as_str().filter(|_| created && asked.is_empty()).map(str::to_owned)
    })
}

/// Compute's two URLs of an operation differ only in a query parameter.
fn poll_key(path: &str, url: &str) -> String {
    format!("{}{}", path.to_ascii_lowercase(), if url.contains("monitor=true") { "#monitor" } else { "" })
}

fn is_poll(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    ["/operations/", "/operationresults/", "/operationstatuses/", "/diskoperations/"].iter().any(|p| lower.contains(p))
}

impl Replay {
    fn play(&mut self, row: &Row, path: &str, tally: &mut Tally) -> Option<Vec<Difference>> {
        if is_poll(path) {
            return self.poll(row, path, tally);
        }
        let place = Place::of(path);
        let kind = engine::kind_of(path).to_ascii_lowercase();
        let action = kind.rsplit_once('/').map_or("", |(k, _)| k);
        let whole = place.is_resource() || place.namespace.is_none();
        let known = TYPES.contains(&kind.as_str()) || (!whole && TYPES.contains(&action));
        // A server's own failure is no truth, and what lies below a group is none of its own.
        let failure = row.status >= 500 || row.headers.get("content-type").is_some_and(|c| c.starts_with("text/html"));
        let below_group = place.namespace.is_none() && place.segments.len() > 4;
        if !known || failure || below_group {
            return None;
        }
        if self.refused.iter().any(|r| path.to_ascii_lowercase().starts_with(r.as_str())) {
            return None;
        }
        self.set_scene(row, path, &place);
        let answer = self.send(row, &row.url);
        self.remember(row, &answer);
        tally.requests += 1;
        if answer.body.as_ref().is_some_and(|b| b["error"]["code"] == "NotModelledBySimulator") {
            // What was refused is not there: the rest of its story is not compared.
            self.refused.push(path.to_ascii_lowercase());
        }
        Some(compare::answers(row, &kind, &answer, tally))
    }

    /// Sends at a moment that fits: as it is, or after all that is under way has ended.
    fn send(&mut self, row: &Row, url: &str) -> Response {
        let mut request = request(row, url);
        if let Some(body) = &request.body {
            let text = self.guids.iter().fold(body.to_string(), |text, (theirs, ours)| text.replace(theirs, ours));
            request.body = serde_json::from_str(&text).ok();
        }
        let mut trial = self.store.clone();
        let now = handle(&mut trial, &request, self.now);
        let later = self.later();
        if later > self.now && !fits(row, &now) {
            let mut after = self.store.clone();
            let answer = handle(&mut after, &request, later);
            if fits(row, &answer) {
                self.store = after;
                self.now = later;
                return answer;
            }
        }
        if row.status < 300 && now.status == 400 && now.body.as_ref().is_some_and(|b| b["error"]["code"] == "PrincipalNotFound") {
            self.now += 60_000;
            return self.send(row, url);
        }
        if row.status < 300 && now.status >= 400 {
            // Something the conversation takes for granted is not there: make it, and try once more.
            if self.invent(&now) {
                return self.send(row, url);
            }
        }
        self.store = trial;
        now
    }

    /// When all operations under way will have ended.
    fn later(&self) -> i64 {
        self.store.operations.values().filter(|o| !o.ended).map(|o| o.ends).max().unwrap_or(self.now)
    }

    fn poll(&mut self, row: &Row, path: &str, tally: &mut Tally) -> Option<Vec<Difference>> {
        let own = self.urls.get(&poll_key(path, &row.url)).cloned()?;
        let done = matches!(row.body["status"].as_str(), Some("Succeeded" | "Failed" | "Canceled")) || (row.body["status"].is_null() && row.status != 202);
        let guid = own.split('?').next().unwrap_or("").rsplit('/').next().unwrap_or("").to_owned();
        if let Some(operation) = self.store.operations.get(&guid)
            && done
        {
            self.now = self.now.max(operation.ends);
        }
        if row.status >= 500 {
            return None;
        }
        let answer = handle(&mut self.store, &request(row, &own), self.now);
        tally.requests += 1;
        Some(compare::answers(row, "poll", &answer, tally))
    }

    fn remember(&mut self, row: &Row, answer: &Response) {
        let ours = answer.body.as_ref().unwrap_or(&Json::Null);
        for path in ["/properties/principalId", "/properties/clientId", "/identity/principalId"] {
            if let (Some(theirs), Some(ours)) = (row.body.pointer(path).and_then(Json::as_str), ours.pointer(path).and_then(Json::as_str)) {
                self.guids.insert(theirs.to_owned(), ours.to_owned());
            }
        }
        for name in ["azure-asyncoperation", "location"] {
            if let (Some(theirs), Some(ours)) = (row.headers.get(name), answer.headers.get(name)) {
                let path = theirs.trim_start_matches("https://management.azure.com").split('?').next().unwrap_or("");
                self.urls.insert(poll_key(path, theirs), ours.clone());
            }
        }
    }

    /// Puts there what the recording shows was there before it began.
    fn set_scene(&mut self, row: &Row, path: &str, place: &Place) {
        if let (Some(subscription), Some(group)) = (&place.subscription, &place.group) {
            let id = format!("/subscriptions/{subscription}/resourceGroups/{group}");
            let about_group = place.namespace.is_none();
            let gone = row.body["error"]["code"] == "ResourceGroupNotFound" || (about_group && !matches!(row.status, 200 | 202 | 204));
            if self.store.get(&id).is_none() && !gone {
                let own = if about_group && row.body["name"].is_string() {
                    row.body.clone()
                } else {
                    self.groups.get(&id.to_ascii_lowercase()).cloned().unwrap_or_default()
                };
                let location =
                    row.body["location"].as_str().or_else(|| row.request.as_ref().and_then(|r| r["location"].as_str())).unwrap_or("westus2").to_owned();
                let mut body = json!({ "id": id, "name": group, "type": "Microsoft.Resources/resourceGroups", "location": location, "properties": {} });
                if own["name"].is_string() {
                    body = own;
                    scrub(&mut body);
                }
                self.store.put_raw(&id, body, self.now);
            }
        }
        let exists = self.store.exists(path);
        let shown = row.body["id"].as_str().is_some();
        let was_there = matches!((row.method.as_str(), row.status), ("GET", 200) | ("PUT", 200)) && shown && place.is_resource();
        let always_200 = path.to_ascii_lowercase().contains("/maintenanceconfigurations/");
        if !exists && was_there && !always_200 {
            let mut body = row.body.clone();
            scrub(&mut body);
            let id = place.id(&self.store);
            self.parent_of(&id);
            self.store.put_raw(&id, body, self.now);
        }
        let in_use = row.body["error"]["code"].as_str().is_some_and(|c| c.contains("InUse") || c.contains("CannotBeDeleted"));
        if !exists && (in_use || matches!((row.method.as_str(), row.status), ("DELETE", 202) | ("POST", 200 | 202))) {
            let target = place.owner().id(&self.store);
            if !self.store.exists(&target) {
                self.invent_one(&target);
            }
        }
    }

    /// Makes the parent of a child that is about to be set.
    fn parent_of(&mut self, id: &str) {
        let parent = model::up(id).to_owned();
        if parent.contains("/providers/") && model::model(&engine::kind_of(&parent)).is_some() && !self.store.exists(&parent) {
            self.invent_one(&parent);
        }
    }

    /// Makes the resource a refusal complains of; false when the refusal names none.
    fn invent(&mut self, refusal: &Response) -> bool {
        let text = refusal.body.as_ref().map(Json::to_string).unwrap_or_default();
        let pattern = regex::Regex::new(r#"/subscriptions/[^ "'\\]+"#).expect("a good pattern");
        let named: Vec<String> = pattern.find_iter(&text).map(|m| m.as_str().trim_end_matches('.').to_owned()).collect();
        let missing = named.into_iter().find(|id| {
            let place = Place::of(id);
            place.is_resource() && model::model(&place.kind()).is_some() && !self.store.exists(id)
        });
        let missing = missing.or_else(|| by_name(&text));
        let Some(missing) = missing.filter(|m| !self.store.exists(m)) else { return false };
        self.invent_one(&missing);
        true
    }

    fn invent_one(&mut self, id: &str) {
        let place = Place::of(id);
        if let (Some(s), Some(g)) = (&place.subscription, &place.group) {
            let group = format!("/subscriptions/{s}/resourceGroups/{g}");
            if self.store.get(&group).is_none() {
                self.store.put_raw(
                    &group,
                    json!({ "id": group, "name": g, "type": "Microsoft.Resources/resourceGroups", "location": "westus2", "properties": {} }),
                    self.now,
                );
            }
        }
        self.parent_of(id);
        let name = place.names.last().cloned().unwrap_or_default();
        let prefix = "10.0.0.0/16";
        let location =
            place.group.as_ref().and_then(|g| self.store.get(&format!("/subscriptions/{}/resourceGroups/{g}", place.subscription.as_deref().unwrap_or(""))));
        let location = location.map_or("westus2", |g| g.location()).to_owned();
        let used = self.store.refs_now().inside(id).filter(|(_, r)| r.via == "subnet").map(|(_, r)| r.from.clone()).collect::<Vec<_>>();
        let below = |from: &String| ravelin::sim::jsons::text(self.store.body(from)?, "properties.subnet.id").map(str::to_owned);
        let subnets: Vec<Json> =
            used.iter().filter_map(below).map(|s| json!({ "id": s, "name": s.rsplit('/').next(), "properties": { "addressPrefix": prefix } })).collect();
        let body = json!({
            "id": id, "name": name, "type": place.kind(), "location": location, "sku": { "name": "Standard" },
            "properties": {
                "subnets": subnets,
                "addressSpace": { "addressPrefixes": ["0.0.0.0/0"] }, "addressPrefix": prefix,
                "principalId": "aaaaaaaa-0000-4000-8000-000000000001", "clientId": "aaaaaaaa-0000-4000-8000-000000000002"
            }
        });
        self.store.put_raw(id, body, self.now);
    }
}

/// AKS names what it misses by type, name and group.
fn by_name(text: &str) -> Option<String> {
    let pattern = regex::Regex::new(r"The Resource '(Microsoft\.[A-Za-z]+)/([A-Za-z]+)/([^']+)' under resource group '([^']+)'").expect("a good pattern");
    let found = pattern.captures(text)?;
    let (namespace, kind, name, group) = (found.get(1)?.as_str(), found.get(2)?.as_str(), found.get(3)?.as_str(), found.get(4)?.as_str());
    Some(format!("/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/{group}/providers/{namespace}/{kind}/{name}"))
}

/// What the store keeps apart from the body.
fn scrub(body: &mut Json) {
    match body {
        Json::Object(object) => {
            object.remove("etag");
            object.remove("eTag");
            object.remove("provisioningState");
            object.remove("instanceView");
            object.values_mut().for_each(scrub);
        }
        Json::Array(items) => items.iter_mut().for_each(scrub),
        _ => {}
    }
}

fn request(row: &Row, url: &str) -> Request {
    let mut request = Request::new(&row.method, url, row.request.clone());
    for name in ["if-match", "if-none-match"] {
        if let Some(value) = row.sent.get(name) {
            request.headers.insert(name.to_owned(), value.clone());
        }
    }
    request
}

/// Whether an answer is of the same kind as the recorded one: status, error code, and the state it shows.
fn fits(row: &Row, answer: &Response) -> bool {
    let state = |body: &Json| body["properties"]["provisioningState"].as_str().map(str::to_owned);
    let code = |body: &Json| body["error"]["code"].as_str().or(body["code"].as_str()).map(str::to_owned);
    let null = Json::Null;
    let body = answer.body.as_ref().unwrap_or(&null);
    row.status == answer.status && code(&row.body) == code(body) && (row.method != "GET" || state(&row.body) == state(body))
}
