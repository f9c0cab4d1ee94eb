//! Small reading and writing helpers on JSON bodies. ARM compares member names without case, so reading does too.

use serde_json::{Map, Value as Json};

/// The member at a dotted path; `None` when absent or null. Names are compared without case.
pub fn at<'a>(body: &'a Json, path: &str) -> Option<&'a Json> {
    let mut here = body;
    for name in path.split('.') {
        let object = here.as_object()?;
        here = object.get(name).or_else(|| object.iter().find(|(k, _)| k.eq_ignore_ascii_case(name)).map(|(_, v)| v))?;
    }
    if here.is_null() { None } else { Some(here) }
}

pub fn text<'a>(body: &'a Json, path: &str) -> Option<&'a str> {
    at(body, path).and_then(Json::as_str)
}

/// A text that is present and not empty: ARM treats `""` as absent in most places.
pub fn filled<'a>(body: &'a Json, path: &str) -> Option<&'a str> {
    text(body, path).filter(|t| !t.is_empty())
}

pub fn flag(body: &Json, path: &str) -> bool {
    at(body, path).and_then(Json::as_bool).unwrap_or(false)
}

pub fn int(body: &Json, path: &str) -> Option<i64> {
    at(body, path).and_then(|v| v.as_i64().or_else(|| v.as_f64().map(|f| f as i64)))
}

pub fn list<'a>(body: &'a Json, path: &str) -> &'a [Json] {
    at(body, path).and_then(Json::as_array).map_or(&[], Vec::as_slice)
}

/// The texts of a list, others left out.
pub fn texts<'a>(body: &'a Json, path: &str) -> Vec<&'a str> {
    list(body, path).iter().filter_map(Json::as_str).collect()
}

/// Sets the member at a dotted path, making objects on the way.
pub fn set(body: &mut Json, path: &str, value: impl Into<Json>) {
    if let Some(slot) = slot(body, path) {
        *slot = value.into();
    }
}

/// Sets the member only when it is absent or null.
pub fn fill(body: &mut Json, path: &str, value: impl Into<Json>) {
    if at(body, path).is_none()
        && let Some(slot) = slot(body, path)
    {
        *slot = value.into();
    }
}

/// Removes the member at a dotted path.
pub fn remove(body: &mut Json, path: &str) {
    match path.rsplit_once('.') {
        Some((parent, name)) => {
            if let Some(object) = at_mut(body, parent).and_then(Json::as_object_mut) {
                object.remove(name);
            }
        }
        None => {
            if let Some(object) = body.as_object_mut() {
                object.remove(path);
            }
        }
    }
}

/// The member at a dotted path, to be changed; `None` when absent.
pub fn at_mut<'a>(body: &'a mut Json, path: &str) -> Option<&'a mut Json> {
    let mut here = body;
    for name in path.split('.') {
        here = here.as_object_mut()?.get_mut(name)?;
    }
    Some(here)
}

/// The list at a dotted path, made when absent.
pub fn list_mut<'a>(body: &'a mut Json, path: &str) -> Option<&'a mut Vec<Json>> {
    let slot = slot(body, path)?;
    if !slot.is_array() {
        *slot = Json::Array(Vec::new());
    }
    slot.as_array_mut()
}

fn slot<'a>(body: &'a mut Json, path: &str) -> Option<&'a mut Json> {
    let mut here = body;
    for name in path.split('.') {
        if !here.is_object() {
            *here = Json::Object(Map::new());
        }
        here = here.as_object_mut()?.entry(name).or_insert(Json::Null);
    }
    Some(here)
}

/// Copies the named members of `from` that are present and not null; names are spelled as given here.
pub fn pick(from: &Json, names: &[&str]) -> Json {
    let mut out = Map::new();
    for name in names {
        if let Some(value) = at(from, name) {
            out.insert((*name).to_owned(), value.clone());
        }
    }
    Json::Object(out)
}

/// Removes null members everywhere, as providers that answer sparse bodies do.
pub fn drop_nulls(body: &mut Json) {
    match body {
        Json::Object(object) => {
            object.retain(|_, v| !v.is_null());
            object.values_mut().for_each(drop_nulls);
        }
        Json::Array(items) => items.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}

/// The element of a list whose `name` is the given one, compared without case.
pub fn named<'a>(items: &'a [Json], name: &str) -> Option<&'a Json> {
    items.iter().find(|i| text(i, "name").is_some_and(|n| n.eq_ignore_ascii_case(name)))
}
