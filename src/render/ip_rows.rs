//! Rows of a map: an address space cut into stretches of equal length, long ones of a single use drawn together.

use crate::base::Prefix;

use super::ip_view::{Part, SpaceView};

/// An address space as rows.
pub struct Rows<'a> {
    /// The prefix length of one row.
    pub len: u8,
    pub rows: Vec<Row<'a>>,
}

/// One row, or several alike.
pub struct Row<'a> {
    pub first: u128,
    pub last: u128,
    /// How many rows of the common length it stands for; one with more has a single part.
    pub count: u128,
    /// Parts side by side, clipped to the row; lanes after the first overlap it.
    pub lanes: Vec<Vec<Part<'a>>>,
}

/// Cuts a space into rows as short as `most` of them allow, but no shorter than makes the smallest subnet `1 / 2^fine` of one.
pub fn rows<'a>(space: &SpaceView<'a>, most: usize, fine: u8) -> Rows<'a> {
    let (from, width) = (space.prefix.len, space.prefix.width());
    let smallest = std::iter::once(&space.parts).chain(&space.over).flatten().filter(|p| !matches!(p.what, super::ip_view::What::Free)).map(Part::size).min();
    let finest = smallest.map_or(from, |size| {
        let bits = u8::try_from(127 - size.max(1).leading_zeros()).unwrap_or(width);
        (width - bits.min(width)).saturating_sub(fine)
    });
    let mut len = finest.max(from);
    loop {
        let rows = cut(space, len, most);
        match rows {
            Some(rows) => return Rows { len, rows },
            None if len <= from => return Rows { len, rows: cut(space, from, usize::MAX).unwrap_or_default() },
            None => len -= 1,
        }
    }
}

/// The rows of a prefix length; nothing when there would be more than `most`.
fn cut<'a>(space: &SpaceView<'a>, len: u8, most: usize) -> Option<Vec<Row<'a>>> {
    let mut rows = Vec::new();
    let mut next = Some(space.prefix.base);
    let mut at = 0;
    while let Some(first) = next.filter(|n| *n <= space.prefix.last_bits()) {
        if rows.len() >= most {
            return None;
        }
        while space.parts.get(at).is_some_and(|p| p.last < first) {
            at += 1;
        }
        let one = Prefix { v6: space.prefix.v6, base: first, len }.last_bits();
        let last = space.parts.get(at).map_or(one, |part| run(space, part, first, one));
        let count = match last == one {
            true => 1,
            false => ((last - first) / (one - first).saturating_add(1)).saturating_add(1),
        };
        let lanes = std::iter::once(&space.parts[at..]).chain(space.over.iter().map(Vec::as_slice)).map(|lane| clipped(lane, first, last));
        rows.push(Row { first, last, count, lanes: lanes.filter(|l| !l.is_empty()).collect() });
        next = last.checked_add(1);
    }
    Some(rows)
}

/// The last address of the rows from `first` on that hold nothing but the part; at least one row.
fn run(space: &SpaceView, part: &Part, first: u128, one: u128) -> u128 {
    if part.last <= one {
        return one;
    }
    let size = (one - first).saturating_add(1);
    let whole = (part.last - first).saturating_add(1) / size;
    let end = if whole == 0 { one } else { first + (whole * size - 1) };
    let mut last = end;
    for over in space.over.iter().flatten().filter(|o| o.last >= first && o.first <= end) {
        // Up to the row before the one in which something overlaps.
        let before = over.first.saturating_sub(first) / size;
        last = last.min(if before == 0 { one } else { first + (before * size - 1) });
    }
    last
}

fn clipped<'a>(lane: &[Part<'a>], first: u128, last: u128) -> Vec<Part<'a>> {
    let from = lane.partition_point(|p| p.last < first);
    let inside = lane.iter().skip(from).take_while(|p| p.first <= last);
    inside.map(|p| Part { first: p.first.max(first), last: p.last.min(last), what: p.what }).collect()
}

impl Row<'_> {
    /// Where an address lies in the row, from 0 to 1.
    pub fn place(&self, address: u128) -> f64 {
        let size = (self.last - self.first) as f64 + 1.0;
        (address.saturating_sub(self.first)) as f64 / size
    }
}
