//! Management locks: `CanNotDelete` and `ReadOnly` at a scope hold for everything below it.

use super::{fault::Fault, jsons::text, store::Store};

fn lock_over<'a>(store: &'a Store, id: &str, levels: &[&str]) -> Option<&'a str> {
    let lower = id.to_ascii_lowercase();
    store.of_kind("Microsoft.Authorization/locks").find_map(|lock| {
        let (scope, _) = lock.id.rsplit_once("/providers/")?;
        let scope = scope.to_ascii_lowercase();
        let over = lower == scope || lower.starts_with(&format!("{scope}/"));
        let level = text(&lock.body, "properties.level").unwrap_or("");
        let own = lower == lock.id.to_ascii_lowercase();
        (over && !own && levels.iter().any(|l| l.eq_ignore_ascii_case(level))).then_some(lock.id.as_str())
    })
}

fn locked(id: &str, lock: &str, verb: &str) -> Fault {
    let scope = lock.rsplit_once("/providers/").map_or("", |(s, _)| s);
    let message =
        format!("The scope '{id}' cannot perform {verb} operation because following scope(s) are locked: '{scope}'. Please remove the lock and try again.");
    Fault::gateway(409, "ScopeLocked", message)
}

/// Refuses a delete under a lock.
pub fn allow_delete(store: &Store, id: &str) -> Result<(), Fault> {
    if id.to_ascii_lowercase().contains("/providers/microsoft.authorization/locks/") {
        return Ok(());
    }
    lock_over(store, id, &["CanNotDelete", "ReadOnly"]).map_or(Ok(()), |lock| Err(locked(id, lock, "delete")))
}

/// Refuses a write under a read-only lock.
pub fn allow_write(store: &Store, id: &str) -> Result<(), Fault> {
    if id.to_ascii_lowercase().contains("/providers/microsoft.authorization/locks/") {
        return Ok(());
    }
    lock_over(store, id, &["ReadOnly"]).map_or(Ok(()), |lock| Err(locked(id, lock, "write")))
}
