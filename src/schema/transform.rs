//! Named changes of form, for what no place can say: one ARM member that several attributes share, or a member whose name is a value.
//!
//! A transform works on the JSON of the block (or body) that names it. `outward` takes what the declared places built,
//! `inward` gives back what the declared places read; the two are inverse.

use serde_json::{Map, Value as Json, json};

use crate::base::Value;

/// A transform, by the name that schema files use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transform {
    /// AKS maintenance: `schedule.{frequency, interval, dayOfWeek, …}` as one of `daily`, `weekly`, `absoluteMonthly`, `relativeMonthly`.
    AksSchedule,
    /// AKS sysctls: `portRangeMin` and `portRangeMax` as `netIpv4IpLocalPortRange: "min max"`.
    PortRange,
    /// Storage accounts: `sku.tier` and `sku.replication` as `sku.name: "Standard_LRS"`.
    StorageSku,
    /// Private endpoints: `properties.connection` as an element of one of two arrays, by its `manual` member.
    PrivateLink,
    /// The AKS versions of a region as `versions`, `latest` and `default`, by the question's prefix; only read.
    KubernetesVersions,
    /// An image's versions as the one asked for, or the newest; only read.
    ImageVersion,
}

/// Frequency, the schedule's member, and the name of its interval.
const SCHEDULES: [(&str, &str, &str); 4] = [
    ("Daily", "daily", "intervalDays"),
    ("Weekly", "weekly", "intervalWeeks"),
    ("AbsoluteMonthly", "absoluteMonthly", "intervalMonths"),
    ("RelativeMonthly", "relativeMonthly", "intervalMonths"),
];

impl Transform {
    pub fn named(name: &str) -> Result<Transform, String> {
        match name {
            "aks_schedule" => Ok(Transform::AksSchedule),
            "port_range" => Ok(Transform::PortRange),
            "storage_sku" => Ok(Transform::StorageSku),
            "private_link" => Ok(Transform::PrivateLink),
            "kubernetes_versions" => Ok(Transform::KubernetesVersions),
            "image_version" => Ok(Transform::ImageVersion),
            other => Err(format!("{other:?} is not a transform")),
        }
    }

    pub fn outward(self, json: &Json) -> Json {
        let mut out = json.clone();
        match self {
            Transform::AksSchedule => at(&mut out, "/properties/maintenanceWindow/schedule", schedule_to_arm),
            Transform::PortRange => {
                if let Some(map) = out.as_object_mut()
                    && let (Some(low), Some(high)) = (map.remove("portRangeMin"), map.remove("portRangeMax"))
                {
                    map.insert("netIpv4IpLocalPortRange".into(), Json::String(format!("{low} {high}")));
                }
            }
            Transform::StorageSku => at(&mut out, "/sku", |sku| match (text(sku, "tier"), text(sku, "replication")) {
                (Some(tier), Some(replication)) => json!({ "name": format!("{tier}_{replication}") }),
                _ => sku.clone(),
            }),
            Transform::PrivateLink => at(&mut out, "/properties", connection_to_arm),
            Transform::KubernetesVersions | Transform::ImageVersion => {}
        }
        out
    }

    /// `question` is a data source's configuration.
    pub fn inward(self, json: &Json, question: Option<&Value>) -> Json {
        let mut out = json.clone();
        match self {
            Transform::AksSchedule => at(&mut out, "/properties/maintenanceWindow/schedule", schedule_from_arm),
            Transform::PortRange => {
                if let Some(map) = out.as_object_mut()
                    && let Some((low, high)) = map.get("netIpv4IpLocalPortRange").and_then(Json::as_str).and_then(port_range)
                {
                    map.insert("portRangeMin".into(), low.into());
                    map.insert("portRangeMax".into(), high.into());
                }
            }
            Transform::StorageSku => at(&mut out, "/sku", |sku| match text(sku, "name").and_then(|n| n.split_once('_')) {
                Some((tier, replication)) => json!({ "tier": tier, "replication": replication }),
                None => sku.clone(),
            }),
            Transform::PrivateLink => at(&mut out, "/properties", connection_from_arm),
            Transform::KubernetesVersions => return kubernetes_versions(json, question),
            Transform::ImageVersion => return image_version(json, question),
        }
        out
    }
}

fn at(json: &mut Json, pointer: &str, change: impl Fn(&Json) -> Json) {
    if let Some(found) = json.pointer_mut(pointer) {
        *found = change(found);
    }
}

fn text<'j>(json: &'j Json, member: &str) -> Option<&'j str> {
    json.get(member).and_then(Json::as_str)
}

fn schedule_to_arm(flat: &Json) -> Json {
    let Some((_, member, interval)) = SCHEDULES.iter().find(|(f, ..)| text(flat, "frequency") == Some(f)) else { return flat.clone() };
    let rename = |name: &String| if name == "interval" { (*interval).to_owned() } else { name.clone() };
    let inner: Map<String, Json> = flat.as_object().into_iter().flatten().filter(|(k, _)| *k != "frequency").map(|(k, v)| (rename(k), v.clone())).collect();
    json!({ (*member): inner })
}

fn schedule_from_arm(schedule: &Json) -> Json {
    let found = SCHEDULES.iter().find_map(|(f, member, interval)| Some((f, interval, schedule.get(member)?.as_object()?)));
    let Some((frequency, interval, inner)) = found else { return schedule.clone() };
    let rename = |name: &String| if name == interval { "interval".to_owned() } else { name.clone() };
    let mut flat: Map<String, Json> = inner.iter().map(|(k, v)| (rename(k), v.clone())).collect();
    flat.insert("frequency".into(), json!(frequency));
    Json::Object(flat)
}

fn port_range(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.split_whitespace().map(str::parse);
    match (parts.next(), parts.next()) {
        (Some(Ok(low)), Some(Ok(high))) => Some((low, high)),
        _ => None,
    }
}

const CONNECTIONS: [(bool, &str); 2] = [(false, "privateLinkServiceConnections"), (true, "manualPrivateLinkServiceConnections")];

fn connection_to_arm(properties: &Json) -> Json {
    let mut out = properties.clone();
    let Some(map) = out.as_object_mut() else { return out };
    let Some(mut connection) = map.remove("connection") else { return out };
    let manual = connection.as_object_mut().and_then(|c| c.remove("manual")).and_then(|m| m.as_bool()).unwrap_or(false);
    for (kind, member) in CONNECTIONS {
        if kind == manual {
            map.insert(member.to_owned(), Json::Array(vec![connection.clone()]));
        }
    }
    out
}

fn connection_from_arm(properties: &Json) -> Json {
    let mut out = properties.clone();
    let found = CONNECTIONS.iter().find_map(|(kind, member)| Some((*kind, properties.get(member)?.get(0)?.clone())));
    if let (Some(map), Some((manual, mut connection))) = (out.as_object_mut(), found) {
        if let Some(c) = connection.as_object_mut() {
            c.insert("manual".into(), Json::Bool(manual));
        }
        map.insert("connection".into(), connection);
    }
    out
}

/// All patch versions that fit the question, in order. The default is the region's own default minor's newest patch.
fn kubernetes_versions(answer: &Json, question: Option<&Value>) -> Json {
    let asked = |name: &str| question.and_then(|q| q.get(name));
    let prefix = asked("version_prefix").and_then(Value::as_str).unwrap_or("");
    let previews = asked("include_preview").and_then(Value::as_bool).unwrap_or(true);
    let minors = answer.get("values").and_then(Json::as_array).map(Vec::as_slice).unwrap_or(&[]);
    let is = |minor: &Json, member: &str| minor.get(member).and_then(Json::as_bool) == Some(true);
    let patches =
        |minor: &Json| -> Vec<String> { minor.get("patchVersions").and_then(Json::as_object).map(|p| p.keys().cloned().collect()).unwrap_or_default() };
    let offered = minors.iter().filter(|m| previews || !is(m, "isPreview"));
    let mut versions: Vec<String> = offered.flat_map(patches).filter(|v| v.starts_with(prefix)).collect();
    versions.sort_by_key(|v| version_key(v));
    let mut defaults: Vec<String> = minors.iter().filter(|m| is(m, "isDefault")).flat_map(patches).collect();
    defaults.sort_by_key(|v| version_key(v));
    json!({ "versions": versions, "latest": versions.last(), "default": defaults.last() })
}

fn image_version(answer: &Json, question: Option<&Value>) -> Json {
    let items = answer.as_array().or_else(|| answer.get("value").and_then(Json::as_array)).map(Vec::as_slice).unwrap_or(&[]);
    let wanted = question.and_then(|q| q.get("version")).and_then(Value::as_str).filter(|v| *v != "latest");
    let found = match wanted {
        Some(version) => items.iter().find(|i| text(i, "name") == Some(version)),
        None => items.iter().max_by_key(|i| version_key(text(i, "name").unwrap_or(""))),
    };
    found.cloned().unwrap_or(Json::Null)
}

/// Numbers of a version in order of weight, so that 1.10 comes after 1.9.
fn version_key(version: &str) -> Vec<u64> {
    version.split(['.', '-']).map(|part| part.parse().unwrap_or(0)).collect()
}
