//! Unbiased draws from the outside's random bytes.

use crate::builtin::Outside;

/// A number below `bound`, every one as likely; zero when the bound is zero.
pub fn below(bound: u64, outside: &dyn Outside) -> u64 {
    if bound <= 1 {
        return 0;
    }
    // Draws beyond the last whole multiple of the bound are thrown away: they would favour small numbers.
    let limit = u64::MAX - (u64::MAX % bound + 1) % bound;
    loop {
        let drawn = word(outside);
        if drawn <= limit {
            return drawn % bound;
        }
    }
}

pub fn word(outside: &dyn Outside) -> u64 {
    let mut bytes = [0; 8];
    outside.random(&mut bytes);
    u64::from_le_bytes(bytes)
}

/// One of the items; `None` of nothing.
pub fn pick<'a, T>(items: &'a [T], outside: &dyn Outside) -> Option<&'a T> {
    items.get(usize::try_from(below(items.len() as u64, outside)).unwrap_or(0))
}

/// Puts the items into a random order, every order as likely.
pub fn shuffle<T>(items: &mut [T], outside: &dyn Outside) {
    for last in (1..items.len()).rev() {
        let other = usize::try_from(below(last as u64 + 1, outside)).unwrap_or(0);
        items.swap(last, other);
    }
}
