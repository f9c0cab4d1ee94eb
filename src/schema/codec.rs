//! Values to JSON members and back, per codec. The two directions are inverse on every value that the attribute may hold.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use serde_json::{Map, Value as Json, json};

use super::{
    declare::{Codec, Field},
    place::At,
    roles,
    template::{Filled, Template},
};
use crate::base::{ResourceId, Type, Value, json as bjson};

/// What templates inside values are filled from.
pub(crate) type Lookup<'a> = dyn Fn(&str) -> Filled + 'a;

/// The JSON for a known value that is not null; `None` when a template cannot be filled.
pub(crate) fn encode(field: &Field, value: &Value, lookup: &Lookup) -> Option<Json> {
    let Some(inner) = field.at.as_ref().and_then(|p| p.each.as_ref()) else { return encode_one(&field.codec, value, lookup) };
    let items = value.elements()?;
    let mut out = Vec::with_capacity(items.len());
    for item in items {
        let json = encode_one(&field.codec, item, lookup)?;
        let path: Vec<At> = inner.iter().map(|n| At::Member(n.clone())).collect();
        let mut element = Json::Null;
        super::place::write(&mut element, &path, json);
        out.push(element);
    }
    Some(Json::Array(out))
}

fn encode_one(codec: &Codec, value: &Value, lookup: &Lookup) -> Option<Json> {
    Some(match codec {
        Codec::Not => Json::Bool(!value.as_bool()?),
        Codec::Words(yes, no) => Json::String(if value.as_bool()? { yes } else { no }.clone()),
        Codec::Table(rows) => rows.iter().find(|(v, _)| v.same(value)).map_or_else(|| bjson::to_json(value), |(_, j)| j.clone()),
        Codec::Text => Json::String(plain_text(value)?),
        Codec::Keys => Json::Object(value.elements()?.iter().filter_map(|v| Some((v.as_str()?.to_owned(), Json::Object(Map::new())))).collect()),
        Codec::Pairs(key, item) => {
            let pair = |k: &String, v: &Value| Json::Object([(key.clone(), Json::String(k.clone())), (item.clone(), bjson::to_json(v))].into_iter().collect());
            Json::Array(value.entries()?.iter().map(|(k, v)| pair(k, v)).collect())
        }
        Codec::Location => Json::String(location(value.as_str()?)),
        Codec::Ref(template) => Json::String(reference(template, value.as_str()?, lookup)?),
        Codec::Base64 => Json::String(BASE64.encode(value.as_str()?)),
        Codec::JsonText => serde_json::from_str(value.as_str()?).ok()?,
        Codec::RoleName => Json::String(roles::definition_id(value.as_str()?, lookup)?),
        Codec::EdgeZone => json!({ "name": value.as_str()?, "type": "EdgeZone" }),
        Codec::PrimaryFirst => {
            let ids = value.elements()?.iter().enumerate();
            Json::Array(ids.map(|(i, id)| json!({ "id": id.as_str(), "properties": { "primary": i == 0 } })).collect())
        }
        Codec::ZoneConfigs => {
            let config = |id: &str| json!({ "name": id.rsplit('/').next(), "properties": { "privateDnsZoneId": id } });
            Json::Array(value.elements()?.iter().filter_map(Value::as_str).map(config).collect())
        }
        Codec::Joined => Json::String(value.elements()?.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")),
        // The rest are read, never written.
        Codec::Plain | Codec::LastSegment | Codec::KubeConfig | Codec::Host | Codec::Segment(_) | Codec::Peerings | Codec::PeeringAddresses => {
            bjson::to_json(value)
        }
    })
}

/// The value for a JSON member; `None` when the member does not fit the type.
pub(crate) fn decode(field: &Field, json: &Json, ty: &Type) -> Option<Value> {
    let each = field.at.as_ref().and_then(|p| p.each.as_ref());
    if let (Some(inner), Some(items)) = (each, json.as_array()) {
        let elem = match ty {
            Type::List(t) | Type::Set(t) => (**t).clone(),
            _ => return None,
        };
        let found = items.iter().filter_map(|i| inner.iter().try_fold(i, |j, k| j.get(k))).filter_map(|j| decode_one(&field.codec, j, &elem));
        let found: Vec<Value> = found.collect();
        return Some(if matches!(ty, Type::Set(_)) { Value::set(elem, found) } else { Value::list(elem, found) });
    }
    decode_one(&field.codec, json, ty)
}

fn decode_one(codec: &Codec, json: &Json, ty: &Type) -> Option<Value> {
    match codec {
        Codec::Not => json.as_bool().map(|b| Value::bool(!b)),
        Codec::Words(yes, no) => {
            let word = json.as_str()?;
            if word.eq_ignore_ascii_case(yes) {
                Some(Value::bool(true))
            } else if word.eq_ignore_ascii_case(no) || no.is_empty() {
                Some(Value::bool(false))
            } else {
                None
            }
        }
        Codec::Table(rows) => rows.iter().find(|(_, j)| same_json(j, json)).map(|(v, _)| v.clone()).or_else(|| typed(json, ty)),
        Codec::Keys => {
            let keys = json.as_object()?.keys().map(Value::string).collect();
            Some(if matches!(ty, Type::List(_)) { Value::list(Type::String, keys) } else { Value::set(Type::String, keys) })
        }
        Codec::Pairs(key, item) => {
            let pairs = json.as_array()?.iter().filter_map(|e| Some((e.get(key)?.as_str()?.to_owned(), typed(e.get(item)?, &Type::String)?)));
            Some(Value::map(Type::String, pairs.collect::<BTreeMap<_, _>>()))
        }
        Codec::Location => json.as_str().map(|s| Value::string(location(s))),
        Codec::Ref(template) => {
            let text = json.as_str()?;
            let found = template.matches(text).and_then(|mut found| found.remove(""));
            Some(Value::string(found.as_deref().or(text.rsplit('/').next())?))
        }
        Codec::LastSegment => Some(Value::string(json.as_str()?.rsplit('/').next()?)),
        Codec::EdgeZone => Some(Value::string(json.get("name")?.as_str()?)),
        Codec::PrimaryFirst => {
            let primary = |e: &&Json| e.pointer("/properties/primary").and_then(Json::as_bool) == Some(true);
            let items = json.as_array()?;
            let ordered = items.iter().filter(primary).chain(items.iter().filter(|e| !primary(e)));
            Some(Value::list(Type::String, ordered.filter_map(|e| e.get("id")?.as_str().map(Value::string)).collect()))
        }
        Codec::ZoneConfigs => {
            let ids = json.as_array()?.iter().filter_map(|e| e.pointer("/properties/privateDnsZoneId")?.as_str().map(Value::string));
            Some(Value::list(Type::String, ids.collect()))
        }
        Codec::Segment(name) => Some(Value::string(ResourceId::parse(json.as_str()?)?.after(name)?)),
        Codec::Peerings => {
            let pair = |e: &Json| Some((e.get("name")?.as_str()?.to_owned(), Value::string(e.pointer("/properties/remoteVirtualNetwork/id")?.as_str()?)));
            Some(Value::map(Type::String, json.as_array()?.iter().filter_map(pair).collect()))
        }
        Codec::PeeringAddresses => {
            let prefixes = json.as_array()?.iter().filter_map(|e| e.pointer("/properties/remoteAddressSpace/addressPrefixes")?.as_array()).flatten();
            Some(Value::list(Type::String, prefixes.filter_map(Json::as_str).map(Value::string).collect()))
        }
        Codec::Joined => {
            let words = json.as_str()?.split(',').map(str::trim).filter(|w| !w.is_empty()).map(Value::string);
            Some(Value::set(Type::String, words.collect()))
        }
        Codec::Base64 => Some(Value::string(String::from_utf8(BASE64.decode(json.as_str()?).ok()?).ok()?)),
        Codec::JsonText => Some(Value::string(serde_json::to_string(json).ok()?)),
        Codec::RoleName => roles::name_of(json.as_str()?).map(Value::string),
        Codec::KubeConfig => kubeconfig(json.as_str()?, ty),
        Codec::Host => Some(Value::string(json.as_str()?.trim_start_matches("https://").trim_end_matches('/'))),
        Codec::Plain | Codec::Text => typed(json, ty),
    }
}

/// JSON as the type, where a single value may stand for a list of one.
fn typed(json: &Json, ty: &Type) -> Option<Value> {
    match (ty, json) {
        (Type::List(_) | Type::Set(_), Json::String(_) | Json::Number(_) | Json::Bool(_)) => bjson::from_json_as(&Json::Array(vec![json.clone()]), ty),
        (Type::List(_) | Type::Set(_), Json::Array(items)) => bjson::from_json_as(&Json::Array(items.iter().filter(|i| !i.is_null()).cloned().collect()), ty),
        _ => bjson::from_json_as(json, ty),
    }
}

fn same_json(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::String(a), Json::String(b)) => a.eq_ignore_ascii_case(b),
        _ => a == b,
    }
}

/// A string, number or boolean as bare text.
pub(crate) fn plain_text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned).or_else(|| value.as_bool().map(|b| b.to_string())).or_else(|| value.as_number().map(|n| n.to_string()))
}

/// A region's canonical name: `West Europe` and `westeurope` are one.
pub(crate) fn location(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_lowercase()
}

fn reference(template: &Template, name: &str, lookup: &Lookup) -> Option<String> {
    let filled = template.fill(&|var| if var.is_empty() { Filled::Known(name.to_owned()) } else { lookup(var) });
    match filled {
        Filled::Known(text) => Some(text),
        _ => None,
    }
}

/// The first cluster and user of a kubeconfig (base64 of YAML, as AKS writes it: one scalar a line) as a list of one object.
fn kubeconfig(encoded: &str, ty: &Type) -> Option<Value> {
    let Type::List(elem) = ty else { return None };
    let Type::Object(object) = &**elem else { return None };
    let text = String::from_utf8(BASE64.decode(encoded).ok()?).ok()?;
    let scalar = |key: &str| {
        let line = text.lines().map(|l| l.trim_start_matches([' ', '-'])).find_map(|l| l.strip_prefix(key)?.strip_prefix(':'))?;
        Some(line.trim().trim_matches('"').to_owned()).filter(|s| !s.is_empty())
    };
    let attrs = object.attrs.iter().map(|(name, ty)| {
        let found = match name.as_str() {
            "host" => scalar("server"),
            "cluster_ca_certificate" => scalar("certificate-authority-data"),
            "client_certificate" => scalar("client-certificate-data"),
            "client_key" => scalar("client-key-data"),
            "password" => scalar("token"),
            "username" => scalar("user"),
            _ => None,
        };
        (name.clone(), found.map_or(Value::null(ty.clone()), Value::string))
    });
    Some(Value::list((**elem).clone(), vec![Value::object_of(attrs)]))
}
