//! Places in a JSON body: members, array elements chosen by a key, and the reading and writing of what is there.

use serde_json::{Map, Value as Json};

/// One step of a declared place, relative to the object that the enclosing block stands for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    Member(String),
    /// The first element of an array.
    First,
    /// The element whose member of this name equals the block's attribute of the same name.
    Own(String),
    /// The element whose member has this value.
    Where(String, String),
}

/// A declared place: `properties.zones[0]`, `properties.subnets[].id`, `/properties.osProfile`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct JsonPath {
    /// Counted from the body's root, not from the enclosing block.
    pub root: bool,
    pub steps: Vec<Step>,
    /// `[]` was found: what follows it is looked up in every element.
    pub each: Option<Vec<String>>,
}

/// A step of a resolved path into one body.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum At {
    Member(String),
    Index(usize),
    Where(String, String),
}

impl JsonPath {
    /// Reads the written form; an error says what is wrong with it.
    pub fn parse(text: &str) -> Result<JsonPath, String> {
        let (root, text) = text.strip_prefix('/').map_or((false, text), |t| (true, t));
        let mut path = JsonPath { root, ..JsonPath::default() };
        if text == "." || text.is_empty() {
            return Ok(path);
        }
        for segment in text.split('.') {
            let (name, selector) = match segment.split_once('[') {
                Some((n, s)) => (n, Some(s.strip_suffix(']').ok_or_else(|| format!("{segment:?} lacks a closing bracket"))?)),
                None => (segment, None),
            };
            if let Some(inner) = &mut path.each {
                inner.push(name.to_owned());
                continue;
            }
            path.steps.push(Step::Member(name.to_owned()));
            match selector {
                None => {}
                Some("") => path.each = Some(Vec::new()),
                Some("0") => path.steps.push(Step::First),
                Some(key) => path.steps.push(match key.split_once('=') {
                    Some((k, v)) => Step::Where(k.to_owned(), v.to_owned()),
                    None => Step::Own(key.to_owned()),
                }),
            }
        }
        Ok(path)
    }

    /// What the path leads to; `own` answers with the block's own key for `[name]` steps.
    pub fn find<'j>(&self, scope: &'j Json, root: &'j Json, own: &dyn Fn(&str) -> Option<String>) -> Option<&'j Json> {
        let start = if self.root { root } else { scope };
        self.steps.iter().try_fold(start, |json, step| match step {
            Step::Member(name) => member(json, name),
            Step::First => json.get(0),
            Step::Where(key, value) => json.as_array()?.iter().find(|e| is_keyed(e, key, value)),
            Step::Own(key) => {
                let wanted = own(key)?;
                json.as_array()?.iter().find(|e| e.get(key).and_then(Json::as_str).is_some_and(|s| s.eq_ignore_ascii_case(&wanted)))
            }
        })
    }

    /// The path as resolved steps below `scope`, for writing.
    pub fn resolve(&self, scope: &[At]) -> Vec<At> {
        let mut out = if self.root { Vec::new() } else { scope.to_vec() };
        out.extend(self.steps.iter().map(|s| match s {
            Step::Member(name) => At::Member(name.clone()),
            Step::First | Step::Own(_) => At::Index(0),
            Step::Where(key, value) => At::Where(key.clone(), value.clone()),
        }));
        out
    }

    /// The path without positions, as the overlay's rules name it: `properties.routes`.
    pub fn pattern(&self, scope: &str) -> String {
        let mut out = if self.root { String::new() } else { scope.to_owned() };
        for step in &self.steps {
            match step {
                Step::Member(name) => {
                    if !out.is_empty() {
                        out.push('.');
                    }
                    out.push_str(name);
                }
                Step::First | Step::Own(_) | Step::Where(..) => out.push_str("[]"),
            }
        }
        out
    }
}

/// A member by name; Azure does not always keep to one case (`addonProfiles.azurePolicy`).
fn member<'j>(json: &'j Json, name: &str) -> Option<&'j Json> {
    let members = json.as_object()?;
    members.get(name).or_else(|| members.iter().find(|(k, _)| k.eq_ignore_ascii_case(name)).map(|(_, v)| v))
}

/// Writes at a resolved path, making objects and arrays on the way.
pub(crate) fn write(body: &mut Json, path: &[At], value: Json) {
    *slot(body, path) = value;
}

/// The value at a resolved path, made (as null) when it is not there.
pub(crate) fn slot<'j>(body: &'j mut Json, path: &[At]) -> &'j mut Json {
    path.iter().fold(body, |json, step| match step {
        At::Member(name) => object(json).entry(name.as_str()).or_insert(Json::Null),
        At::Where(key, value) => element(json, key, value),
        At::Index(i) => {
            if !json.is_array() {
                *json = Json::Array(Vec::new());
            }
            match json {
                Json::Array(items) => {
                    if items.len() <= *i {
                        items.resize(i + 1, Json::Null);
                    }
                    &mut items[*i]
                }
                other => other,
            }
        }
    })
}

/// The value as an object; anything else is replaced by an empty one.
fn object(json: &mut Json) -> &mut Map<String, Json> {
    if !json.is_object() {
        *json = Json::Object(Map::new());
    }
    match json {
        Json::Object(map) => map,
        // The line above made it an object.
        _ => unreachable!("an object was just put there"),
    }
}

/// One step of a [`Place`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlaceStep {
    Member(String),
    /// The element of an array whose (dotted) member equals the text, case aside.
    Element {
        key: String,
        value: String,
    },
}

/// Where a part lives in its owner's body: `properties.loadBalancingRules[name=https]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    pub steps: Vec<PlaceStep>,
}

impl Place {
    /// The part in the owner's body, when it is there.
    pub fn get<'j>(&self, owner_body: &'j Json) -> Option<&'j Json> {
        let found = self.steps.iter().try_fold(owner_body, |json, step| match step {
            PlaceStep::Member(name) => json.get(name),
            PlaceStep::Element { key, value } => json.as_array()?.iter().find(|e| is_keyed(e, key, value)),
        })?;
        if found.is_null() { None } else { Some(found) }
    }

    /// Puts the part into the owner's body, making what is missing on the way; an element of the same key is replaced.
    /// Works on a body that was just built as well as on one that was read.
    pub fn set(&self, owner_body: &mut Json, part: Json) {
        let mut json = owner_body;
        for step in &self.steps {
            json = match step {
                PlaceStep::Member(name) => object(json).entry(name.as_str()).or_insert(Json::Null),
                PlaceStep::Element { key, value } => element(json, key, value),
            };
        }
        *json = part;
    }

    /// Takes the part out of the owner's body; containers stay.
    pub fn remove(&self, owner_body: &mut Json) {
        let Some((last, way)) = self.steps.split_last() else { return };
        let mut json = owner_body;
        for step in way {
            let next = match step {
                PlaceStep::Member(name) => json.get_mut(name),
                PlaceStep::Element { key, value } => json.as_array_mut().and_then(|a| a.iter_mut().find(|e| is_keyed(e, key, value))),
            };
            let Some(next) = next else { return };
            json = next;
        }
        match (last, json) {
            (PlaceStep::Member(name), Json::Object(map)) => {
                map.remove(name);
            }
            (PlaceStep::Element { key, value }, Json::Array(items)) => items.retain(|e| !is_keyed(e, key, value)),
            _ => {}
        }
    }
}

/// The element with the key, appended (with only the key in it) when there is none.
fn element<'j>(json: &'j mut Json, key: &str, value: &str) -> &'j mut Json {
    if !json.is_array() {
        *json = Json::Array(Vec::new());
    }
    let at = match json.as_array_mut() {
        Some(items) => match items.iter().position(|e| is_keyed(e, key, value)) {
            Some(i) => i,
            None => {
                let mut new = Json::Object(Map::new());
                let path: Vec<At> = key.split('.').map(|k| At::Member(k.to_owned())).collect();
                write(&mut new, &path, Json::String(value.to_owned()));
                items.push(new);
                items.len() - 1
            }
        },
        None => 0,
    };
    slot(json, &[At::Index(at)])
}

fn is_keyed(element: &Json, key: &str, value: &str) -> bool {
    let found = key.split('.').try_fold(element, |json, k| json.get(k));
    match found {
        Some(Json::String(s)) => s.eq_ignore_ascii_case(value),
        Some(Json::Number(n)) => n.to_string() == value,
        _ => false,
    }
}
