//! Intervals of addresses: overlap by sort and sweep, lookup, gaps, and the nearest free aligned block.

use std::collections::BTreeMap;

use crate::base::Prefix;

/// Prefixes with what they stand for, ready to be asked what overlaps a prefix.
#[derive(Clone, Debug, Default)]
pub struct PrefixIndex {
    /// Ordered by family, first address and length, so what lies within a prefix is one run.
    entries: BTreeMap<Prefix, Vec<usize>>,
}

impl PrefixIndex {
    pub fn of(items: impl IntoIterator<Item = (Prefix, usize)>) -> PrefixIndex {
        let mut entries: BTreeMap<Prefix, Vec<usize>> = BTreeMap::new();
        for (prefix, item) in items {
            entries.entry(prefix).or_default().push(item);
        }
        PrefixIndex { entries }
    }

    /// What overlaps the prefix: what contains it (one lookup per length), then what lies within it.
    pub fn overlapping(&self, prefix: Prefix) -> Vec<(Prefix, usize)> {
        let mut found = Vec::new();
        let mut add = |p: &Prefix, items: &Vec<usize>| found.extend(items.iter().map(|i| (*p, *i)));
        for len in 0..prefix.len {
            if let Some(around) = Prefix::around(prefix.first(), len)
                && let Some(items) = self.entries.get(&around)
            {
                add(&around, items);
            }
        }
        let end = Prefix { base: prefix.last_bits(), len: prefix.width(), ..prefix };
        for (p, items) in self.entries.range(prefix..=end) {
            add(p, items);
        }
        found
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
    let mut best: Option<(u128, Prefix)> = None;
    for space in spaces.iter().filter(|s| s.v6 == near.v6 && s.len <= len) {
        for (start, end) in gaps(*space, taken) {
            for block in blocks_near(space.v6, (start, end), len, near.base) {
                let distance = block.base.abs_diff(Prefix::around(near.first(), len.min(near.len)).map_or(near.base, |p| p.base));
                if best.is_none_or(|(d, b)| (distance, block.base) < (d, b.base)) {
                    best = Some((distance, block));
                }
            }
        }
    }
    best.map(|(_, block)| block)
}

/// The length of the largest free aligned block in the spaces.
pub fn largest_free(spaces: &[Prefix], taken: &[Prefix]) -> Option<u8> {
    let lens = |space: &Prefix| (space.len..=space.width()).find(|len| gaps(*space, taken).iter().any(|gap| first_block(space.v6, *gap, *len).is_some()));
    spaces.iter().filter_map(lens).min()
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
