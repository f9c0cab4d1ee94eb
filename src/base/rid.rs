//! ARM resource ids: `/subscriptions/…/resourceGroups/…/providers/Microsoft.Network/virtualNetworks/…`, compared without case.

use std::{
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
};

/// An ARM resource id, kept as it was written. Equality, order and hash ignore case, as ARM does.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct ResourceId(String);

impl ResourceId {
    /// An id from text that starts with a slash and names pairs; `None` for anything else. A trailing slash is dropped.
    pub fn parse(text: &str) -> Option<ResourceId> {
        let text = text.trim_end_matches('/');
        let rest = text.strip_prefix('/')?;
        if rest.is_empty() || rest.split('/').any(str::is_empty) { None } else { Some(ResourceId(text.to_owned())) }
    }

    pub fn subscription_scope(subscription: &str) -> ResourceId {
        ResourceId(format!("/subscriptions/{subscription}"))
    }

    pub fn group_scope(subscription: &str, group: &str) -> ResourceId {
        ResourceId(format!("/subscriptions/{subscription}/resourceGroups/{group}"))
    }

    /// A top-level resource of a provider under this scope: `provider("Microsoft.Network", "virtualNetworks", "hub")`.
    pub fn provider(&self, namespace: &str, kind: &str, name: &str) -> ResourceId {
        ResourceId(format!("{}/providers/{namespace}/{kind}/{name}", self.0))
    }

    pub fn child(&self, kind: &str, name: &str) -> ResourceId {
        ResourceId(format!("{}/{kind}/{name}", self.0))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn lower(&self) -> String {
        self.0.to_ascii_lowercase()
    }

    fn segments(&self) -> Vec<&str> {
        self.0.split('/').skip(1).collect()
    }

    /// The value after a given segment, e.g. `after("virtualNetworks")`.
    pub fn after(&self, segment: &str) -> Option<&str> {
        let segments = self.segments();
        segments.iter().position(|s| s.eq_ignore_ascii_case(segment)).and_then(|i| segments.get(i + 1).copied())
    }

    pub fn subscription(&self) -> Option<&str> {
        self.after("subscriptions")
    }

    pub fn group(&self) -> Option<&str> {
        self.after("resourceGroups")
    }

    /// The last segment.
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or("")
    }

    /// The full type of the last resource: `Microsoft.Network/virtualNetworks/subnets`,
    /// `Microsoft.Resources/resourceGroups`, `Microsoft.Resources/subscriptions`.
    pub fn kind(&self) -> Option<String> {
        let segments = self.segments();
        match segments.iter().rposition(|s| s.eq_ignore_ascii_case("providers")) {
            Some(i) => {
                let namespace = segments.get(i + 1)?;
                let kinds: Vec<&str> = segments.get(i + 2..)?.iter().step_by(2).copied().collect();
                if kinds.is_empty() { None } else { Some(format!("{namespace}/{}", kinds.join("/"))) }
            }
            None => match segments.as_slice() {
                [s, _] if s.eq_ignore_ascii_case("subscriptions") => Some("Microsoft.Resources/subscriptions".into()),
                [_, _, g, _] if g.eq_ignore_ascii_case("resourceGroups") => Some("Microsoft.Resources/resourceGroups".into()),
                _ => None,
            },
        }
    }

    /// The enclosing resource: a subnet's VNet, a VNet's resource group, a role assignment's scope, a group's subscription.
    pub fn parent(&self) -> Option<ResourceId> {
        let segments = self.segments();
        let keep = match segments.iter().rposition(|s| s.eq_ignore_ascii_case("providers")) {
            // `…/providers/NS/kind/name`: the parent is the scope before `providers`.
            Some(i) if segments.len() <= i + 4 => i,
            _ => segments.len().checked_sub(2)?,
        };
        if keep == 0 { None } else { Some(ResourceId(format!("/{}", segments[..keep].join("/")))) }
    }

    /// Whether `self` is `other` or lies under it.
    pub fn is_within(&self, other: &ResourceId) -> bool {
        let (a, b) = (self.lower(), other.lower());
        a == b || a.strip_prefix(&b).is_some_and(|rest| rest.starts_with('/'))
    }
}

impl PartialEq for ResourceId {
    fn eq(&self, other: &ResourceId) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}
impl Eq for ResourceId {}
impl Hash for ResourceId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // In pieces: a hasher takes many bytes at once far faster than one by one.
        for piece in self.0.as_bytes().chunks(64) {
            let mut lower = [0u8; 64];
            let (lower, _) = lower.split_at_mut(piece.len());
            lower.copy_from_slice(piece);
            lower.make_ascii_lowercase();
            state.write(lower);
        }
    }
}
impl PartialOrd for ResourceId {
    fn partial_cmp(&self, other: &ResourceId) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for ResourceId {
    /// Ids share long beginnings, so those are skipped in pieces before letters are compared one by one.
    fn cmp(&self, other: &ResourceId) -> Ordering {
        const PIECE: usize = 16;
        let (a, b) = (self.0.as_bytes(), other.0.as_bytes());
        let same = a.chunks_exact(PIECE).zip(b.chunks_exact(PIECE)).take_while(|(x, y)| x == y || x.eq_ignore_ascii_case(y)).count() * PIECE;
        let (x, y) = (a.get(same..).unwrap_or_default(), b.get(same..).unwrap_or_default());
        x.iter().take(PIECE).map(u8::to_ascii_lowercase).cmp(y.iter().take(PIECE).map(u8::to_ascii_lowercase)).then_with(|| a.len().cmp(&b.len()))
    }
}
impl fmt::Display for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl fmt::Debug for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}
