//! Address ranges that were given out by key, and requests for more: what `cidr::allocate` asks, and what its lock file keeps.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

use super::cidr::Prefix;

/// A request for a range. Equal requests get the same range.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Request {
    /// Length of the range's prefix. The first field, so that requests order by size, large ones first.
    pub len: u8,
    /// What the range is for, in the user's words; it names the range within its pool.
    pub key: String,
    pub pool: Pool,
}

/// Where ranges are taken from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pool {
    /// The name of a declared pool, or the prefixes themselves as text. Only the latter has slashes.
    pub name: String,
    pub prefixes: Vec<Prefix>,
}

/// A range that was given out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Entry {
    pub pool: String,
    pub key: String,
    pub prefix: Prefix,
}

/// All ranges that were given out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    /// By key; one key may occur in several pools.
    entries: BTreeMap<String, Vec<Entry>>,
}

impl Pool {
    pub fn named(name: impl Into<String>, prefixes: Vec<Prefix>) -> Pool {
        Pool { name: name.into(), prefixes }
    }

    /// A pool that is known by its prefixes alone.
    pub fn anonymous(mut prefixes: Vec<Prefix>) -> Pool {
        prefixes.sort_unstable();
        prefixes.dedup();
        let name = prefixes.iter().map(Prefix::to_string).collect::<Vec<_>>().join(", ");
        Pool { name, prefixes }
    }

    pub fn is_named(&self) -> bool {
        !self.name.contains('/')
    }

    /// The pool's prefixes that may hold a range of the length: all of one family. A length of up to 32 bits means IPv4 where
    /// the pool has any.
    pub fn holding(&self, len: u8) -> impl Iterator<Item = Prefix> + '_ {
        let v6 = len > 32 || self.prefixes.iter().all(|p| p.v6);
        self.prefixes.iter().copied().filter(move |p| p.v6 == v6 && p.len <= len)
    }

    pub fn contains(&self, prefix: Prefix) -> bool {
        self.prefixes.iter().any(|p| p.contains(prefix))
    }

    /// Whether an entry was taken from this pool: by name, or for prefixes alone, by any prefix that both have.
    pub fn gave(&self, entry: &Entry) -> bool {
        entry.pool == self.name || !self.is_named() && entry.pool.split(", ").any(|p| self.prefixes.iter().any(|own| own.to_string() == p))
    }
}

/// As a message names it: `pool "spokes"`, `10.0.0.0/16`.
impl fmt::Display for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_named() { write!(f, "pool {:?}", self.name) } else { f.write_str(&self.name) }
    }
}

impl Ledger {
    pub fn of(entries: impl IntoIterator<Item = Entry>) -> Ledger {
        let mut ledger = Ledger::default();
        entries.into_iter().for_each(|e| ledger.insert(e));
        ledger
    }

    /// All entries, by pool and key.
    pub fn entries(&self) -> Vec<&Entry> {
        let mut all: Vec<&Entry> = self.entries.values().flatten().collect();
        all.sort_unstable();
        all
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Adds an entry; one of the same pool and key makes way for it.
    pub fn insert(&mut self, entry: Entry) {
        self.remove(&entry.pool, &entry.key);
        let held = self.entries.entry(entry.key.clone()).or_default();
        held.push(entry);
        held.sort_unstable();
    }

    /// Takes the entry of a pool and key out.
    pub fn remove(&mut self, pool: &str, key: &str) -> Option<Entry> {
        let held = self.entries.get_mut(key)?;
        let found = held.iter().position(|e| e.pool == pool).map(|i| held.remove(i));
        if held.is_empty() {
            self.entries.remove(key);
        }
        found
    }

    /// The entry that belongs to a request, of whichever length. A pool without a name may have gained or lost prefixes since:
    /// what was given from within it under that key still counts.
    pub fn find(&self, request: &Request) -> Option<&Entry> {
        let held = self.entries.get(&request.key)?;
        let exact = held.iter().find(|e| e.pool == request.pool.name);
        let within = |e: &&Entry| !request.pool.is_named() && e.pool.contains('/') && request.pool.contains(e.prefix);
        exact.or_else(|| held.iter().find(within))
    }

    /// The range that a request was given.
    pub fn get(&self, request: &Request) -> Option<Prefix> {
        self.find(request).map(|e| e.prefix).filter(|p| p.len == request.len)
    }
}
