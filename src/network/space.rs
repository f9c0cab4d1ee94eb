//! Intervals of addresses: overlap by sort and sweep, lookup, gaps, and the nearest free aligned block.

use std::collections::BTreeMap;

use crate::base::{Prefix, cidr::to_bits};

/// Prefixes with what they stand for, ready to be asked what overlaps a prefix.
#[derive(Clone, Debug, Default)]
pub struct PrefixIndex {
    /// Ordered by family, first address and length, so what lies within a prefix is one run.
    entries: Vec<(Prefix, usize)>,
    /// The lengths that occur, one bit each, so that only those are looked for around a prefix.
    lengths: [u64; 3],
}

impl PrefixIndex {
    pub fn of(items: impl IntoIterator<Item = (Prefix, usize)>) -> PrefixIndex {
        let mut entries: Vec<(Prefix, usize)> = items.into_iter().collect();
        entries.sort_unstable();
        let mut lengths = [0u64; 3];
        for (prefix, _) in &entries {
            if let Some(word) = lengths.get_mut(usize::from(prefix.len / 64)) {
                *word |= 1 << (prefix.len % 64);
            }
        }
        PrefixIndex { entries, lengths }
    }

    fn has(&self, len: u8) -> bool {
        self.lengths.get(usize::from(len / 64)).is_some_and(|word| word >> (len % 64) & 1 == 1)
    }

    /// What overlaps the prefix: what contains it (one lookup per length), then what lies within it.
    pub fn overlapping(&self, prefix: Prefix) -> impl Iterator<Item = (Prefix, usize)> {
        let from = move |p: Prefix| self.entries.partition_point(|(e, _)| *e < p);
        let around = (0..prefix.len).filter(|len| self.has(*len)).filter_map(move |len| Prefix::around(prefix.first(), len)).flat_map(move |p| {
            let rest = self.entries.get(from(p)..).unwrap_or_default();
            rest.iter().copied().take_while(move |(e, _)| *e == p)
        });
        let within = self.entries.get(from(prefix)..).unwrap_or_default();
        around.chain(within.iter().copied().take_while(move |(e, _)| prefix.contains(*e)))
    }
}

/// Every item that overlaps another, with the nearest one that contains it (or is equal and came first): at most one
/// pair per item, found by one sweep over the sorted ranges. Two prefixes that overlap are always nested.
pub fn overlaps(items: &[Prefix]) -> Vec<(usize, usize)> {
    let mut order: Vec<usize> = (0..items.len()).collect();
    order.sort_by_key(|i| (items.get(*i).copied(), *i));
    let mut open: Vec<(Prefix, usize)> = Vec::new();
    let mut pairs = Vec::new();
    for i in order {
        let Some(prefix) = items.get(i).copied() else { continue };
        while open.last().is_some_and(|(p, _)| !p.contains(prefix)) {
            open.pop();
        }
        if let Some((_, outer)) = open.last() {
            pairs.push((*outer, i));
        }
        open.push((prefix, i));
    }
    pairs
}

/// The parts of a space that nothing taken covers, as first and last address, in order.
pub fn gaps(space: Prefix, taken: &[Prefix]) -> Vec<(u128, u128)> {
    let mut inside: Vec<Prefix> = taken.iter().copied().filter(|t| t.overlaps(space)).collect();
    inside.sort();
    let mut free = Vec::new();
    let mut next = Some(space.base);
    for t in inside {
        let Some(start) = next else { break };
        if t.base > start {
            free.push((start, t.base - 1));
        }
        if t.last_bits() >= start {
            next = t.last_bits().checked_add(1).filter(|n| *n <= space.last_bits());
        }
    }
    free.extend(next.map(|start| (start, space.last_bits())));
    free
}

/// The free block of the given length that lies nearest to `near`, in any of the spaces; the lower one of two.
pub fn place(spaces: &[Prefix], taken: &[Prefix], len: u8, near: Prefix) -> Option<Prefix> {
    FreeMap::of(near.v6, spaces, taken).nearest(len, near)
}

/// The length of the largest free aligned block in the spaces, of either family.
pub fn largest_free(spaces: &[Prefix], taken: &[Prefix]) -> Option<u8> {
    let lens = |space: &Prefix| (space.len..=space.width()).find(|len| gaps(*space, taken).iter().any(|gap| first_block(space.v6, *gap, *len).is_some()));
    spaces.iter().filter_map(lens).min()
}

/// The free parts of some spaces of one family: changed in place, and asked for the nearest block.
#[derive(Clone, Debug, Default)]
pub struct FreeMap {
    v6: bool,
    /// First to last address of each free run; runs neither overlap nor touch.
    runs: BTreeMap<u128, u128>,
}

impl FreeMap {
    pub fn of(v6: bool, spaces: &[Prefix], taken: &[Prefix]) -> FreeMap {
        let mut map = FreeMap { v6, runs: BTreeMap::new() };
        for space in spaces.iter().filter(|s| s.v6 == v6) {
            map.give(space.base, space.last_bits());
        }
        for t in taken.iter().filter(|t| t.v6 == v6) {
            map.take(t.base, t.last_bits());
        }
        map
    }

    /// Makes the addresses from `first` to `last` free.
    pub fn give(&mut self, first: u128, last: u128) {
        let (mut first, mut last) = (first, last);
        // Every run that overlaps or touches the new one melts into it.
        while let Some((start, end)) = self.runs.range(..=last.saturating_add(1)).next_back().map(|(s, e)| (*s, *e)) {
            if end.saturating_add(1) < first {
                break;
            }
            self.runs.remove(&start);
            first = first.min(start);
            last = last.max(end);
        }
        self.runs.insert(first, last);
    }

    /// Makes them taken.
    pub fn take(&mut self, first: u128, last: u128) {
        while let Some((start, end)) = self.runs.range(..=last).next_back().map(|(s, e)| (*s, *e)) {
            if end < first {
                break;
            }
            self.runs.remove(&start);
            if start < first {
                self.runs.insert(start, first - 1);
            }
            if end > last {
                self.runs.insert(last + 1, end);
            }
        }
    }

    /// Takes a range and says which parts of it were free, so that they can be given back.
    pub fn borrow(&mut self, range: Prefix) -> Vec<(u128, u128)> {
        let (first, last) = (range.base, range.last_bits());
        let before = self.runs.range(..=last).rev().take_while(|(_, end)| **end >= first);
        let parts = before.map(|(s, e)| ((*s).max(first), (*e).min(last))).collect();
        self.take(first, last);
        parts
    }

    /// The aligned free block of the given length nearest to `near`; the lower one of two that are equally far.
    pub fn nearest(&self, len: u8, near: Prefix) -> Option<Prefix> {
        let aim = Prefix::around(near.first(), len.min(near.len)).map_or(near.base, |p| p.base);
        let width = if self.v6 { 128 } else { 32 };
        if near.v6 != self.v6 || len > width {
            return None;
        }
        let mut best: Option<(u128, u128)> = None;
        let mut offer = |run: (&u128, &u128)| -> bool {
            let (start, end) = (*run.0, *run.1);
            // Runs come by distance: once one is further away than the best block, so are the rest.
            let away = if start > aim { start - aim } else { aim.saturating_sub(end) };
            if best.is_some_and(|(distance, _)| away > distance) {
                return false;
            }
            for block in blocks_near(self.v6, (start, end), len, near.base).into_iter().chain(blocks_near(self.v6, (start, end), len, aim)) {
                let offered = (block.base.abs_diff(aim), block.base);
                if best.is_none_or(|b| offered < b) {
                    best = Some(offered);
                }
            }
            true
        };
        for run in self.runs.range(..=aim).rev() {
            if !offer(run) {
                break;
            }
        }
        for run in self.runs.range(aim.saturating_add(1)..) {
            if !offer(run) {
                break;
            }
        }
        best.map(|(_, base)| Prefix { v6: self.v6, base, len })
    }

    /// The free run that begins right after or ends right before a range or lies around it, with the range itself.
    pub fn around(&self, range: Prefix) -> (u128, u128) {
        let before = self.runs.range(..=range.last_bits()).next_back().filter(|(_, end)| end.saturating_add(1) >= range.base);
        let after = self.runs.get(&range.last_bits().saturating_add(1));
        (before.map_or(range.base, |(start, _)| (*start).min(range.base)), after.copied().unwrap_or(range.last_bits()))
    }

    /// Free addresses.
    pub fn size(&self) -> u128 {
        self.runs.iter().map(|(start, end)| end - start).fold(0, |sum: u128, n| sum.saturating_add(n).saturating_add(1))
    }

    /// All that is free as aligned blocks, each as large as it can be, in order of address.
    pub fn blocks(&self) -> Vec<Prefix> {
        self.runs.iter().flat_map(|(start, end)| run_blocks(self.v6, *start, *end)).collect()
    }
}

/// A run as the fewest aligned blocks.
pub fn run_blocks(v6: bool, start: u128, end: u128) -> Vec<Prefix> {
    let width: u32 = if v6 { 128 } else { 32 };
    let mut blocks = Vec::new();
    let mut next = Some(start);
    while let Some(base) = next.filter(|n| *n <= end) {
        let aligned = if base == 0 { width } else { base.trailing_zeros().min(width) };
        // The largest power of two that is not longer than what is left.
        let fits = match (end - base).checked_add(1) {
            Some(left) => left.ilog2(),
            None => 128,
        };
        let host = aligned.min(fits);
        let len = u8::try_from(width - host).unwrap_or(u8::MAX);
        let block = Prefix { v6, base, len };
        next = block.last_bits().checked_add(1);
        blocks.push(block);
    }
    blocks
}

/// The aligned blocks of a gap nearest to an address, from either side.
fn blocks_near(v6: bool, gap: (u128, u128), len: u8, address: u128) -> Vec<Prefix> {
    let Some(first) = first_block(v6, gap, len) else { return Vec::new() };
    let size = first.size();
    let last = first.base + (gap.1 - first.base + 1 - size) / size * size;
    let low = if address <= first.base { first.base } else { (first.base + (address - first.base) / size * size).min(last) };
    let high = low.checked_add(size).filter(|h| *h <= last);
    [Some(low), high].into_iter().flatten().map(|base| Prefix { v6, base, len }).collect()
}

fn first_block(v6: bool, (start, end): (u128, u128), len: u8) -> Option<Prefix> {
    let block = Prefix { v6, base: 0, len };
    let size = block.size();
    let base = start.checked_next_multiple_of(size)?;
    let last = base.checked_add(size - 1)?;
    if last <= end { Some(Prefix { base, ..block }) } else { None }
}

/// Whether an address lies in any of some ranges.
pub fn holds(ranges: &[Prefix], address: std::net::IpAddr) -> bool {
    let (v6, bits) = to_bits(address);
    ranges.iter().any(|r| r.v6 == v6 && r.base <= bits && bits <= r.last_bits())
}
