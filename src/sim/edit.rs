//! Edits of a body that somebody makes by hand, past every check: `path=value`.
//!
//! A path is member names with dots between them, each with places in brackets behind it where it is a list or has a name
//! that dots would break: `properties.addressPrefix`, `properties.routes[0].properties.nextHopIpAddress`,
//! `properties.routes[default]` (the element of that name), `tags["a.b"]`. The value is JSON, or text where it is not;
//! without a value the place is removed.

use serde_json::{Map, Value as Json};

/// Makes an edit. Errors say, for a user, what is wrong with it.
pub fn make(body: &mut Json, edit: &str) -> Result<(), String> {
    let (path, value) = split(edit).ok_or("it is not of the form path=value")?;
    let steps = steps(path)?;
    let (last, way) = steps.split_last().ok_or("its path is empty")?;
    let mut here = body;
    for step in way {
        here = enter(here, step)?;
    }
    match value {
        "" => take_out(here, last),
        value => {
            *enter(here, last)? = serde_json::from_str(value).unwrap_or_else(|_| Json::from(value));
            Ok(())
        }
    }
}

/// Path and value; an `=` in brackets is part of the path.
fn split(edit: &str) -> Option<(&str, &str)> {
    let mut depth = 0;
    let at = edit.find(|c| {
        match c {
            '[' => depth += 1,
            ']' => depth -= 1,
            _ => {}
        }
        c == '=' && depth == 0
    })?;
    Some((edit.get(..at)?, edit.get(at + 1..)?))
}

#[derive(Debug, PartialEq)]
enum Step {
    Member(String),
    /// A place in a list, or the name of what stands there.
    Element(String),
}

fn steps(path: &str) -> Result<Vec<Step>, String> {
    let mut out = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        if let Some(inner) = rest.strip_prefix('[') {
            let (key, after) = inner.split_once(']').ok_or_else(|| format!("{path:?} has an open bracket"))?;
            out.push(match key.strip_prefix('"').and_then(|k| k.strip_suffix('"')) {
                Some(name) => Step::Member(name.to_owned()),
                None => Step::Element(key.to_owned()),
            });
            rest = after;
        } else {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            if end == 0 {
                return Err(format!("{path:?} has no name before a dot"));
            }
            out.push(Step::Member(rest[..end].to_owned()));
            rest = &rest[end..];
        }
        rest = rest.strip_prefix('.').unwrap_or(rest);
    }
    Ok(out)
}

/// The place one step further in. Members are made where there are none; elements have to be there.
fn enter<'a>(here: &'a mut Json, step: &Step) -> Result<&'a mut Json, String> {
    match step {
        Step::Member(name) => {
            if here.is_null() {
                *here = Json::Object(Map::new());
            }
            let object = here.as_object_mut().ok_or_else(|| format!("there is no object that could have a member {name:?}"))?;
            let known = object.keys().find(|k| k.eq_ignore_ascii_case(name)).cloned();
            Ok(object.entry(known.unwrap_or_else(|| name.clone())).or_insert(Json::Null))
        }
        Step::Element(key) => {
            let items = here.as_array_mut().ok_or_else(|| format!("there is no list that could have an element [{key}]"))?;
            let count = items.len();
            let at = index(items, key).ok_or_else(|| format!("the list has no element [{key}]; it has {count}"))?;
            items.get_mut(at).ok_or_else(|| format!("the list has no element [{key}]"))
        }
    }
}

fn index(items: &[Json], key: &str) -> Option<usize> {
    match key.parse::<usize>() {
        Ok(n) => Some(n).filter(|n| *n < items.len()),
        Err(_) => items.iter().position(|i| i.get("name").and_then(Json::as_str).is_some_and(|n| n.eq_ignore_ascii_case(key))),
    }
}

fn take_out(here: &mut Json, step: &Step) -> Result<(), String> {
    match (here, step) {
        (Json::Object(object), Step::Member(name)) => {
            let known = object.keys().find(|k| k.eq_ignore_ascii_case(name)).cloned().ok_or_else(|| format!("there is no member {name:?} to remove"))?;
            object.remove(&known);
            Ok(())
        }
        (Json::Array(items), Step::Element(key)) => {
            let at = index(items, key).ok_or_else(|| format!("the list has no element [{key}]"))?;
            items.remove(at);
            Ok(())
        }
        _ => Err("there is nothing to remove".to_owned()),
    }
}
