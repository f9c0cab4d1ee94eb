//! Lines up two sequences: which elements stay, which go, which come, and which are compared with each other.

use std::collections::BTreeMap;

/// One row of an alignment; the numbers are places in the sequence before and after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    Both(usize, usize),
    Before(usize),
    After(usize),
}

/// Tables larger than this are aligned by Myers' algorithm instead, which needs no table.
const TABLE_LIMIT: usize = 1_000_000;

/// Aligns along the longest common subsequence. Between common elements, what went stands before what came; `pair` says which
/// elements that went and came are shown as one change.
pub fn align(before: &[u32], after: &[u32], pair: &dyn Fn(usize, usize) -> bool) -> Vec<Row> {
    let common = if before.len().saturating_mul(after.len()) <= TABLE_LIMIT { longest(before, after) } else { myers(before, after) };
    let mut rows = Vec::with_capacity(before.len().max(after.len()));
    let (mut i, mut j) = (0, 0);
    for (next_i, next_j) in common.into_iter().map(|(i, j)| (i, Some(j))).chain([(before.len(), None)]) {
        let end_j = next_j.unwrap_or(after.len());
        while i < next_i {
            if j < end_j && pair(i, j) {
                rows.push(Row::Both(i, j));
                j += 1;
            } else {
                rows.push(Row::Before(i));
            }
            i += 1;
        }
        rows.extend((j..end_j).map(Row::After));
        j = end_j;
        if next_j.is_some() {
            rows.push(Row::Both(i, j));
            (i, j) = (i + 1, j + 1);
        }
    }
    rows
}

/// Numbers things so that equal ones get the same number.
pub fn number<'t, T: Ord + ?Sized>(before: &[&'t T], after: &[&'t T]) -> (Vec<u32>, Vec<u32>) {
    let mut seen: BTreeMap<&T, u32> = BTreeMap::new();
    let mut id = |t: &'t T| {
        let next = seen.len() as u32;
        *seen.entry(t).or_insert(next)
    };
    (before.iter().map(|t| id(t)).collect(), after.iter().map(|t| id(t)).collect())
}

/// The longest common subsequence as pairs of places, by the usual table, walked back from its end.
fn longest(before: &[u32], after: &[u32]) -> Vec<(usize, usize)> {
    let width = after.len() + 1;
    let mut table = vec![0u32; (before.len() + 1) * width];
    let at = |i: usize, j: usize| i * width + j;
    for (i, b) in before.iter().enumerate() {
        for (j, a) in after.iter().enumerate() {
            table[at(i + 1, j + 1)] = if b == a { table[at(i, j)] + 1 } else { table[at(i, j + 1)].max(table[at(i + 1, j)]) };
        }
    }
    let mut pairs = Vec::new();
    let (mut i, mut j) = (before.len(), after.len());
    while i > 0 && j > 0 {
        if before[i - 1] == after[j - 1] {
            (i, j) = (i - 1, j - 1);
            pairs.push((i, j));
        } else if table[at(i - 1, j)] > table[at(i, j - 1)] {
            i -= 1;
        } else {
            j -= 1;
        }
    }
    pairs.reverse();
    pairs
}

fn myers(before: &[u32], after: &[u32]) -> Vec<(usize, usize)> {
    let ops = similar::capture_diff_slices(similar::Algorithm::Myers, before, after);
    let equal = ops.into_iter().filter_map(|op| match op {
        similar::DiffOp::Equal { old_index, new_index, len } => Some((0..len).map(move |k| (old_index + k, new_index + k))),
        _ => None,
    });
    equal.flatten().collect()
}
