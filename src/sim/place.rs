//! Reads an ARM path: scope, namespace, types and names, and what is left over (a collection or an action).

use super::{http::decode, model::model, store::Store};

/// What an ARM path names.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Place {
    /// Decoded, empty segments left out.
    pub segments: Vec<String>,
    /// Everything before the last `/providers/`, or the whole path without one.
    pub scope: String,
    pub subscription: Option<String>,
    pub group: Option<String>,
    /// Of the last `/providers/`.
    pub namespace: Option<String>,
    pub types: Vec<String>,
    pub names: Vec<String>,
}

impl Place {
    pub fn of(path: &str) -> Place {
        let segments: Vec<String> = path.split('/').filter(|s| !s.is_empty()).map(decode).collect();
        let value_after = |name: &str, at: usize| match segments.get(at) {
            Some(s) if s.eq_ignore_ascii_case(name) => segments.get(at + 1).cloned(),
            _ => None,
        };
        let subscription = value_after("subscriptions", 0);
        let group = value_after("resourceGroups", 2);
        let cut = segments.iter().rposition(|s| s.eq_ignore_ascii_case("providers"));
        let scope = segments.iter().take(cut.unwrap_or(segments.len())).map(|s| format!("/{s}")).collect();
        let rest: Vec<String> = cut.map(|c| segments.iter().skip(c + 1).cloned().collect()).unwrap_or_default();
        let mut rest = rest.into_iter();
        let namespace = rest.next();
        let (mut types, mut names) = (Vec::new(), Vec::new());
        for (i, segment) in rest.enumerate() {
            if i % 2 == 0 { types.push(segment) } else { names.push(segment) }
        }
        Place { segments, scope, subscription, group, namespace, types, names }
    }

    /// Lower-case segments, for matching.
    pub fn lower(&self) -> Vec<String> {
        self.segments.iter().map(|s| s.to_ascii_lowercase()).collect()
    }

    /// `Namespace/type/type` of the full list of types.
    pub fn kind(&self) -> String {
        let namespace = self.namespace.as_deref().unwrap_or("");
        format!("{namespace}/{}", self.types.join("/"))
    }

    /// Whether the path ends in a name: a resource, not a collection or an action.
    pub fn is_resource(&self) -> bool {
        !self.types.is_empty() && self.types.len() == self.names.len()
    }

    /// The same place without its last type: what an action or a collection belongs to.
    pub fn owner(&self) -> Place {
        let mut owner = self.clone();
        if owner.types.len() > owner.names.len() {
            owner.types.pop();
        }
        owner
    }

    /// The id in ARM's spelling: known resources as they were created, the group as it is called, types as documented.
    pub fn id(&self, store: &Store) -> String {
        // An assignment keeps the spelling of the scope it was made at.
        let as_written = self.namespace.as_deref().is_some_and(|n| n.eq_ignore_ascii_case("Microsoft.Authorization"));
        let mut id = if as_written { self.scope.clone() } else { canonical_scope(&self.scope, store) };
        let Some(namespace) = &self.namespace else { return id };
        let kind = model(&self.kind()).map_or_else(|| self.kind(), |m| m.kind.to_owned());
        let mut kinds = kind.split('/');
        let spelled = kinds.next().filter(|n| !n.is_empty()).unwrap_or(namespace);
        id.push_str(&format!("/providers/{spelled}"));
        for (i, (kind, name)) in kinds.zip(&self.names).enumerate() {
            id.push_str(&format!("/{kind}/{name}"));
            if i == 0 && matches!(spelled, "Microsoft.ManagedIdentity" | "Microsoft.ContainerService") {
                // These two providers write "resourcegroups" in lower case.
                id = id.replacen("/resourceGroups/", "/resourcegroups/", 1);
            }
            if let Some(known) = store.get(&id) {
                id = known.id.clone();
            } else if i > 0
                && let Some(known) = store.body(&id).and_then(|b| super::jsons::text(b, "id"))
            {
                id = known.to_owned();
            }
        }
        id
    }
}

/// A scope in ARM's spelling.
fn canonical_scope(scope: &str, store: &Store) -> String {
    if let Some(known) = store.get(scope) {
        return known.id.clone();
    }
    if let Some(known) = store.body(scope).and_then(|b| super::jsons::text(b, "id")) {
        return known.to_owned();
    }
    let segments: Vec<&str> = scope.split('/').filter(|s| !s.is_empty()).collect();
    let mut id = String::new();
    for (i, segment) in segments.iter().enumerate() {
        let spelled = match (i, segment.to_ascii_lowercase().as_str()) {
            (0, "subscriptions") => "subscriptions",
            (2, "resourcegroups") => "resourceGroups",
            _ => segment,
        };
        id.push_str(&format!("/{spelled}"));
    }
    id
}

/// The resource group's id, as stored, for an id below it.
pub fn group_id(id: &str) -> Option<String> {
    let mut segments = id.split('/').filter(|s| !s.is_empty());
    match (segments.next(), segments.next(), segments.next(), segments.next()) {
        (Some(_), Some(subscription), Some(g), Some(group)) if g.eq_ignore_ascii_case("resourceGroups") => {
            Some(format!("/subscriptions/{subscription}/resourceGroups/{group}"))
        }
        _ => None,
    }
}
