//! Compares one answer with the recorded one, fact by fact: status, each relevant header, each path of the body.

use std::{collections::BTreeMap, sync::LazyLock};

use ravelin::sim::Response;
use regex::Regex;
use serde_json::Value as Json;

use super::replay::Row;

/// How much was compared.
#[derive(Default)]
pub struct Tally {
    pub requests: usize,
    pub facts: usize,
}

/// One fact on which the two disagree.
pub struct Difference {
    /// Number of the request in its recording.
    pub row: u64,
    pub kind: String,
    /// `status`, `header x`, or a path of the body.
    pub place: String,
    /// What Azure says; `-` for nothing.
    pub azure: String,
    /// All of it in one line.
    pub line: String,
}

/// Headers that mean something to clients. Rate limits and ids are Azure's business.
const HEADERS: &[&str] = &["content-type", "azure-asyncoperation", "azure-asyncnotification", "location", "retry-after", "etag", "x-ms-failure-cause"];

/// Everything on which an answer differs from the recorded one.
pub fn answers(row: &Row, kind: &str, answer: &Response, tally: &mut Tally) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut note = |place: String, azure: String, ours: String| {
        let line = format!("{kind} {} {place}: azure {azure}, ours {ours}", row.method);
        found.push(Difference { row: row.index, kind: kind.to_owned(), place, azure, line });
    };
    tally.facts += 1;
    if row.status != answer.status {
        let code = |body: &Json| body["error"]["code"].as_str().or(body["code"].as_str()).unwrap_or("").to_owned();
        let ours = answer.body.as_ref().map(code).unwrap_or_default();
        note("status".to_owned(), format!("{} {}", row.status, code(&row.body)).trim().to_owned(), format!("{} {ours}", answer.status).trim().to_owned());
        return found;
    }
    for name in HEADERS {
        let (theirs, ours) = (row.headers.get(*name), answer.headers.get(*name));
        if theirs.is_none() && ours.is_none() {
            continue;
        }
        tally.facts += 1;
        let normal = |v: Option<&String>| v.map_or("-".to_owned(), |v| header(name, v));
        if normal(theirs) != normal(ours) {
            note(format!("header {name}"), normal(theirs), normal(ours));
        }
    }
    if row.body.is_null() || row.body == "" {
        return found;
    }
    let (mut theirs, mut ours) = (BTreeMap::new(), BTreeMap::new());
    facts(&row.body, "", &mut theirs);
    facts(answer.body.as_ref().unwrap_or(&Json::Null), "", &mut ours);
    // A list of Azure's holds what else was in the subscription: only what both know is compared.
    let listed: Vec<String> = ours.keys().filter_map(|k| k.strip_prefix("value[").and_then(|r| r.split(']').next()).map(str::to_owned)).collect();
    theirs.retain(|k, _| match k.strip_prefix("value[") {
        Some(rest) => listed.iter().any(|l| rest.split(']').next() == Some(l)),
        None => k != "nextLink",
    });
    let hidden: Vec<String> = theirs.iter().filter(|(_, v)| *v == "<redacted>").map(|(k, _)| k.clone()).collect();
    ours.retain(|k, _| !hidden.iter().any(|h| k.starts_with(h.as_str())));
    for place in theirs.keys().chain(ours.keys().filter(|k| !theirs.contains_key(*k))) {
        tally.facts += 1;
        let value = |m: &BTreeMap<String, String>| m.get(place).cloned().unwrap_or("-".to_owned());
        let (a, b) = (value(&theirs), value(&ours));
        if a != b && a != "<redacted>" {
            note(place.clone(), a, b);
        }
    }
    found
}

fn header(name: &str, value: &str) -> String {
    let value = value.split("&t=").next().unwrap_or(value);
    match name {
        "etag" => "TAG".to_owned(),
        "azure-asyncoperation" | "location" => {
            let path = value.split('?').next().unwrap_or(value);
            // A group's result is named by an encoded job, ours by a GUID.
            let job = path
                .rsplit_once("/operationresults/")
                .map_or(path.to_owned(), |(head, id)| format!("{head}/operationresults/{}", if id.starts_with("eyJ") { "GUID" } else { id }));
            normal(&job)
        }
        _ => value.to_owned(),
    }
}

/// Every leaf of a body by its path; elements of lists are named when they have a name.
fn facts(value: &Json, path: &str, out: &mut BTreeMap<String, String>) {
    match value {
        Json::Object(object) if object.is_empty() => drop(out.insert(path.to_owned(), "{}".to_owned())),
        Json::Array(items) if items.is_empty() => drop(out.insert(path.to_owned(), "[]".to_owned())),
        Json::Object(object) => {
            for (name, inner) in object {
                let name = if name.starts_with("/subscriptions/") { normal(&name.to_ascii_lowercase()) } else { name.clone() };
                facts(inner, &if path.is_empty() { name } else { format!("{path}.{name}") }, out);
            }
        }
        Json::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                let own = item["name"].as_str().filter(|_| !path.ends_with("resourceTypes")).map(str::to_owned);
                facts(item, &format!("{path}[{}]", own.unwrap_or_else(|| i.to_string())), out);
            }
        }
        leaf => drop(out.insert(path.to_owned(), leaf_text(leaf, path))),
    }
}

/// Members whose value is the platform's choice: only their presence is compared.
const CHOSEN: &[&str] = &[
    "ipAddress",
    "ipPrefix",
    "fqdn",
    "privateFQDN",
    "azurePortalFQDN",
    "internalFqdn",
    "internalDomainNameSuffix",
    "macAddress",
    "resourceUID",
    "nodeImageVersion",
    "currentKubernetesVersion",
    "currentOrchestratorVersion",
    "issuerURL",
    "exactVersion",
    "startTime",
    "endTime",
    "startDate",
    "createdDate",
    "modifiedDate",
    "lastSkuUpdate",
    "quotaNextResetTime",
    "createdOn",
    "updatedOn",
    "timeCreated",
    "uniqueId",
    "tenantId",
    "tenantID",
    "etag",
    "eTag",
    "customerId",
    "allowPort25Out",
    "consoleScreenshotBlobUri",
    "serialConsoleLogBlobUri",
];

fn leaf_text(leaf: &Json, path: &str) -> String {
    let name = path.rsplit('.').next().unwrap_or(path).split('[').next().unwrap_or("");
    match leaf {
        Json::String(text) if CHOSEN.contains(&name) && !text.is_empty() => "TEXT".to_owned(),
        Json::String(text) if name == "message" => normal(text),
        Json::String(text) => normal(text),
        Json::Bool(_) if CHOSEN.contains(&name) => "TEXT".to_owned(),
        Json::Number(n) => n.as_f64().map_or(n.to_string(), |f| f.to_string()),
        other => other.to_string(),
    }
}

/// GUIDs and times are replaced by what they are.
pub fn normal(text: &str) -> String {
    static PATTERNS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
        let rows = [
            ("(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "GUID"),
            (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", "TIME"),
            (r"[0-9a-f]{32}", "GUID"),
            (r"in \d+ seconds", "in N seconds"),
        ];
        rows.into_iter().map(|(pattern, word)| (Regex::new(pattern).expect("a good pattern"), word)).collect()
    });
    PATTERNS.iter().fold(text.to_owned(), |text, (pattern, word)| pattern.replace_all(&text, *word).into_owned())
}
