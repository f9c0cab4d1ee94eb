//! Id templates: `{subnet_id}`, `/subscriptions/{subscription}/resourceGroups/{name}`; filled from attributes and matched against ids.

use std::collections::BTreeMap;

use crate::base::ResourceId;

/// Text with variables. A variable may name alternatives (`{a|b}`: the first that is set) and one accessor of an id
/// (`{subnet_id:parent}`, `:name`, `:group`).
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Template {
    pub pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Piece {
    Text(String),
    Var { names: Vec<String>, part: Option<String> },
}

/// What a variable's value is.
pub(crate) enum Filled {
    Known(String),
    /// Not set; the template cannot be filled, whatever else becomes known.
    Missing,
    Unknown,
}

impl Template {
    pub fn parse(text: &str) -> Result<Template, String> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (inner, tail) = after.split_once('}').ok_or_else(|| format!("{text:?} lacks a closing brace"))?;
            if !before.is_empty() {
                pieces.push(Piece::Text(before.to_owned()));
            }
            let (names, part) = inner.split_once(':').map_or((inner, None), |(n, p)| (n, Some(p.to_owned())));
            pieces.push(Piece::Var { names: names.split('|').map(str::to_owned).collect(), part });
            rest = tail;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        Ok(Template { pieces })
    }

    /// The text with every variable filled.
    pub fn fill(&self, lookup: &dyn Fn(&str) -> Filled) -> Filled {
        let mut out = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(t) => out.push_str(t),
                Piece::Var { names, part } => match first_set(names, lookup) {
                    Filled::Known(value) => match access(&value, part.as_deref()) {
                        Some(v) => out.push_str(&v),
                        None => return Filled::Missing,
                    },
                    other => return other,
                },
            }
        }
        Filled::Known(out)
    }

    /// The variables' values when the text has the template's form. Fixed text is compared without case.
    pub fn matches(&self, text: &str) -> Option<BTreeMap<String, String>> {
        let mut found = BTreeMap::new();
        let mut rest = text;
        for (i, piece) in self.pieces.iter().enumerate() {
            match piece {
                Piece::Text(t) => {
                    let head = rest.get(..t.len())?;
                    if !head.eq_ignore_ascii_case(t) {
                        return None;
                    }
                    rest = rest.get(t.len()..)?;
                }
                Piece::Var { names, part } => {
                    // An id stands at the start or after a bar and may hold slashes; everything else is one segment.
                    let whole_id = i == 0 || matches!(self.pieces.get(i - 1), Some(Piece::Text(t)) if t.ends_with('|'));
                    let end = match self.pieces.get(i + 1) {
                        Some(Piece::Text(next)) if whole_id => rfind_nocase(rest, next)?,
                        Some(Piece::Text(next)) => find_nocase(rest, next)?,
                        _ => rest.len(),
                    };
                    let value = rest.get(..end)?;
                    if value.is_empty() || (!whole_id && value.contains(['/', '|'])) {
                        return None;
                    }
                    if part.is_none() {
                        for name in names {
                            found.insert(name.clone(), value.to_owned());
                        }
                    }
                    rest = rest.get(end..)?;
                }
            }
        }
        if rest.is_empty() { Some(found) } else { None }
    }

    /// The variables that the template names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.pieces
            .iter()
            .flat_map(|p| match p {
                Piece::Text(_) => &[],
                Piece::Var { names, .. } => names.as_slice(),
            })
            .map(String::as_str)
    }
}

fn first_set(names: &[String], lookup: &dyn Fn(&str) -> Filled) -> Filled {
    for name in names {
        match lookup(name) {
            Filled::Missing => {}
            found => return found,
        }
    }
    Filled::Missing
}

fn access(value: &str, part: Option<&str>) -> Option<String> {
    let Some(part) = part else { return Some(value.to_owned()) };
    match part {
        "role_guid" => return super::roles::guid(value).map(str::to_owned),
        "region" => return Some(super::codec::location(value)),
        "role_name" => return super::roles::name_of(value).map(str::to_owned),
        _ => {}
    }
    let id = ResourceId::parse(value)?;
    match part {
        "parent" => id.parent().map(|p| p.as_str().to_owned()),
        "name" => Some(id.name().to_owned()),
        "group" => id.group().map(str::to_owned),
        _ => None,
    }
}

fn find_nocase(text: &str, part: &str) -> Option<usize> {
    text.to_ascii_lowercase().find(&part.to_ascii_lowercase())
}

fn rfind_nocase(text: &str, part: &str) -> Option<usize> {
    text.to_ascii_lowercase().rfind(&part.to_ascii_lowercase())
}
