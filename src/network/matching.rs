//! What `of` in an address plan names: an address, all instances of a resource, all of a module, or a pattern with `*`.

use super::settings::covers;

/// How closely a pattern names an address: nothing when it does not, the more the closer.
///
/// `azurerm_subnet.a["x"]` names one instance, `azurerm_subnet.a` all of them, `module.spoke` all that is in it, and `*` in a
/// pattern stands for any text. Without `*`, letters of either case are
/// equal, since ARM ids are written in both.
pub fn closeness(pattern: &str, address: &str) -> Option<u8> {
    if pattern.eq_ignore_ascii_case(address) {
        return Some(4);
    }
    let rest = address.get(pattern.len()..).filter(|_| address.get(..pattern.len()).is_some_and(|start| start.eq_ignore_ascii_case(pattern)));
    match rest.and_then(|r| r.chars().next()) {
        Some('[') => return Some(3),
        Some('.') | Some('/') if !pattern.is_empty() => return Some(2),
        _ => {}
    }
    (pattern.contains('*') && covers(pattern, address)).then_some(1)
}

/// Whether an optional pattern names an address; none names everything.
pub fn names(pattern: Option<&str>, address: &str) -> bool {
    pattern.is_none_or(|p| closeness(p, address).is_some())
}

/// Of the declarations that name an address, those that name it most closely; one that names nothing names everything.
pub fn closest<'d, T>(declared: &'d [T], of: impl Fn(&T) -> Option<&str>, address: &str) -> Vec<&'d T> {
    let close = |item: &T| of(item).map_or(Some(0), |pattern| closeness(pattern, address));
    let best = declared.iter().filter_map(close).max();
    declared.iter().filter(|item| best.is_some() && close(item) == best).collect()
}
