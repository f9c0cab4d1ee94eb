//! Room for new ranges: where requests go, beside what is taken and what was given out before. Pure, and the same for the same
//! requests in whatever order they come.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::{
    Prefix,
    ledger::{Entry, Ledger, Pool, Request},
};

/// A range that is in use already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Busy {
    pub prefix: Prefix,
    /// A network, which may well be the pool that is asked: then only what lies inside it counts. A reserved range counts always.
    pub network: bool,
}

/// Why a request cannot be met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exhausted {
    /// Nothing of the size is free.
    NoRoom {
        request: Request,
        /// Length of the largest free block, where anything is free at all.
        largest: Option<u8>,
        /// Free addresses in all.
        free: u128,
        /// Free stretches they come in.
        pieces: usize,
    },
    /// The pool has no prefix that could ever hold a range of the length.
    TooLarge { request: Request },
    /// One key was asked for with two lengths.
    Conflict { request: Request, other: u8 },
}

/// Gives every request a range: the ledger with the new entries. Entries that are there stay as they are, except one whose
/// key is asked for with another length, which grows or shrinks in place where it can.
///
/// Large ranges are placed first, then by key, each at the lowest place that is free; so the order of requests does not matter.
///
/// # Errors
/// All requests that cannot be met.
pub fn allocate(ledger: &Ledger, requests: &[Request], busy: &[Busy]) -> Result<Ledger, Vec<Exhausted>> {
    let requests: BTreeSet<&Request> = requests.iter().collect();
    let mut failed = conflicts(&requests);
    // What a changed entry leaves stays busy for this run: Azure has it until the change is applied.
    let mut given = ledger.clone();
    let mut room = Room { busy, fixed: ledger.entries().into_iter().cloned().collect(), spaces: BTreeMap::new() };
    for request in requests {
        let held = given.find(request).cloned();
        if held.as_ref().is_some_and(|e| e.prefix.len == request.len) {
            continue;
        }
        let found = held.as_ref().and_then(|e| room.resized(request, e)).or_else(|| room.place(request));
        match found {
            Some(prefix) => {
                if let Some(old) = held {
                    given.remove(&old.pool, &old.key);
                }
                let entry = Entry { pool: request.pool.name.clone(), key: request.key.clone(), prefix };
                room.fill(&entry);
                given.insert(entry);
            }
            None => failed.push(room.refusal(request)),
        }
    }
    if failed.is_empty() { Ok(given) } else { Err(failed) }
}

/// Keys that are asked for with two lengths in one pool.
fn conflicts(requests: &BTreeSet<&Request>) -> Vec<Exhausted> {
    let mut seen: BTreeMap<(&Pool, &str), u8> = BTreeMap::new();
    let mut found = Vec::new();
    for request in requests {
        match seen.get(&(&request.pool, &request.key)) {
            Some(other) => found.push(Exhausted::Conflict { request: (*request).clone(), other: *other }),
            None => drop(seen.insert((&request.pool, &request.key), request.len)),
        }
    }
    found
}

/// What is taken, as each pool sees it.
struct Room<'a> {
    busy: &'a [Busy],
    /// Entries from before and those that were added.
    fixed: Vec<Entry>,
    spaces: BTreeMap<Pool, Stretches>,
}

impl Room<'_> {
    fn space(&mut self, pool: &Pool) -> &Stretches {
        if !self.spaces.contains_key(pool) {
            let taken = self.taken(pool, None);
            self.spaces.insert(pool.clone(), taken);
        }
        // Just put in; an empty one would be as good.
        self.spaces.entry(pool.clone()).or_default()
    }

    /// What is taken of a pool, without one entry and what lies in it.
    fn taken(&self, pool: &Pool, without: Option<&Entry>) -> Stretches {
        let mut taken = Stretches::default();
        let its_own = |p: Prefix| without.is_some_and(|e| e.prefix.contains(p));
        let entries = self.fixed.iter().filter(|e| counts(pool, e)).map(|e| e.prefix);
        let others = self.busy.iter().filter(|b| !b.network || inside(pool, b.prefix)).map(|b| b.prefix);
        let entries = entries.filter(|p| !its_own(*p));
        let others = others.filter(|p| !its_own(*p));
        entries.chain(others).filter(|p| pool.prefixes.iter().any(|own| own.overlaps(*p))).for_each(|p| taken.insert(p));
        taken
    }

    /// The lowest free range.
    fn place(&mut self, request: &Request) -> Option<Prefix> {
        let space = self.space(&request.pool);
        request.pool.holding(request.len).filter_map(|within| space.first_free(within, request.len)).min()
    }

    /// The range that an entry of another length can become without leaving its place.
    fn resized(&self, request: &Request, held: &Entry) -> Option<Prefix> {
        let prefix = Prefix::around(held.prefix.first(), request.len)?;
        let fits = request.pool.contains(prefix) && request.pool.contains(held.prefix);
        let free = || request.len > held.prefix.len || self.taken(&request.pool, Some(held)).is_free(prefix);
        (fits && free()).then_some(prefix)
    }

    fn fill(&mut self, entry: &Entry) {
        for (pool, space) in &mut self.spaces {
            if counts(pool, entry) {
                space.insert(entry.prefix);
            }
        }
        self.fixed.push(entry.clone());
    }

    fn refusal(&mut self, request: &Request) -> Exhausted {
        if request.pool.holding(request.len).next().is_none() {
            return Exhausted::TooLarge { request: request.clone() };
        }
        let space = self.space(&request.pool);
        let v6 = request.pool.holding(request.len).any(|p| p.v6);
        let (mut largest, mut free, mut pieces) = (None, 0u128, 0);
        for prefix in outermost(&request.pool.prefixes).into_iter().filter(|p| p.v6 == v6) {
            let len = (prefix.len..=prefix.width()).find(|len| space.first_free(prefix, *len).is_some());
            largest = [largest, len].into_iter().flatten().min();
            for (start, end) in space.gaps(prefix) {
                free = free.saturating_add((end - start).saturating_add(1));
                pieces += 1;
            }
        }
        Exhausted::NoRoom { request: request.clone(), largest, free, pieces }
    }
}

/// The free aligned blocks of a prefix beside what is taken, each as large as it can be, in order.
pub fn free_blocks(prefix: Prefix, taken: &[Prefix]) -> Vec<Prefix> {
    let mut busy = Stretches::default();
    taken.iter().filter(|t| t.overlaps(prefix)).for_each(|t| busy.insert(*t));
    let mut out = Vec::new();
    for (start, end) in busy.gaps(prefix) {
        let mut next = Some(start);
        while let Some(base) = next.filter(|b| *b <= end) {
            // As large as the alignment of its first address and the room behind it allow.
            let fits = |len: &u8| {
                let block = Prefix { v6: prefix.v6, base, len: *len };
                Prefix::around(block.first(), *len) == Some(block) && block.last_bits() <= end
            };
            let Some(len) = (prefix.len..=prefix.width()).find(fits) else { break };
            let block = Prefix { v6: prefix.v6, base, len };
            out.push(block);
            next = block.last_bits().checked_add(1);
        }
    }
    out
}

/// Whether an entry takes room from a pool: one of its own does, and any that lies inside. One that holds the whole pool is
/// what the pool was made of.
fn counts(pool: &Pool, entry: &Entry) -> bool {
    pool.prefixes.iter().any(|own| own.overlaps(entry.prefix)) && (inside(pool, entry.prefix) || pool.gave(entry))
}

/// Whether a prefix is a true part of one of the pool's.
fn inside(pool: &Pool, prefix: Prefix) -> bool {
    pool.prefixes.iter().any(|own| own.contains(prefix) && *own != prefix)
}

/// Prefixes without those that lie in others.
fn outermost(prefixes: &[Prefix]) -> Vec<Prefix> {
    let mut sorted = prefixes.to_vec();
    sorted.sort_unstable();
    let mut out: Vec<Prefix> = Vec::new();
    for p in sorted {
        if out.last().is_none_or(|last| !last.contains(p)) {
            out.push(p);
        }
    }
    out
}

/// Taken addresses as stretches that neither meet nor overlap: family and first address → last.
#[derive(Clone, Debug, Default)]
struct Stretches(BTreeMap<(bool, u128), u128>);

impl Stretches {
    fn insert(&mut self, prefix: Prefix) {
        let (mut start, mut end) = (prefix.base, prefix.last_bits());
        let touching = |map: &BTreeMap<(bool, u128), u128>, start: u128, end: u128| {
            let (key, last) = map.range(..=(prefix.v6, end.saturating_add(1))).next_back()?;
            (key.0 == prefix.v6 && *last >= start.saturating_sub(1)).then_some((*key, *last))
        };
        while let Some((key, last)) = touching(&self.0, start, end) {
            self.0.remove(&key);
            start = start.min(key.1);
            end = end.max(last);
        }
        self.0.insert((prefix.v6, start), end);
    }

    /// The last address of the stretch that reaches highest among those that begin at or before an address.
    fn before(&self, v6: bool, at: u128) -> Option<u128> {
        self.0.range((v6, 0)..=(v6, at)).next_back().map(|(_, end)| *end)
    }

    fn is_free(&self, prefix: Prefix) -> bool {
        self.before(prefix.v6, prefix.last_bits()).is_none_or(|end| end < prefix.base)
    }

    /// The lowest block of a length that nothing has taken.
    fn first_free(&self, within: Prefix, len: u8) -> Option<Prefix> {
        if len < within.len || len > within.width() {
            return None;
        }
        let mut block = Prefix { v6: within.v6, base: within.base, len };
        loop {
            match self.before(block.v6, block.last_bits()).filter(|end| *end >= block.base) {
                None => return Some(block),
                // A block of all addresses has no next.
                Some(_) if len == 0 => return None,
                Some(end) => {
                    let base = end.checked_add(1)?.checked_next_multiple_of(block.size())?;
                    block = Prefix { base, ..block };
                    if base > within.last_bits() {
                        return None;
                    }
                }
            }
        }
    }

    /// What nothing has taken of a prefix: first and last addresses.
    fn gaps(&self, within: Prefix) -> Vec<(u128, u128)> {
        let mut free = Vec::new();
        let mut next = Some(within.base);
        if let Some(end) = self.before(within.v6, within.base).filter(|end| *end >= within.base) {
            next = end.checked_add(1);
        }
        for ((_, start), end) in self.0.range((within.v6, within.base)..=(within.v6, within.last_bits())) {
            let Some(from) = next else { break };
            if *start > from {
                free.push((from, start - 1));
            }
            next = if *end >= from { end.checked_add(1) } else { next };
        }
        free.extend(next.filter(|n| *n <= within.last_bits()).map(|n| (n, within.last_bits())));
        free
    }
}
