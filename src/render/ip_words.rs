//! Figures of the address plan in words: addresses, shares, ranges.

use crate::base::Prefix;

/// A number of addresses with thousands set apart; powers of two for what IPv6 holds.
pub fn amount(n: u128) -> String {
    if n >= 1 << 40 {
        let bits = 127 - n.leading_zeros();
        return if n == u128::MAX {
            "2^128".to_owned()
        } else if n == 1 << bits {
            format!("2^{bits}")
        } else {
            format!("about 2^{bits}")
        };
    }
    let digits = n.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// The same for what may be short.
pub fn signed(n: i64) -> String {
    let text = amount(u128::from(n.unsigned_abs()));
    if n < 0 { format!("-{text}") } else { text }
}

/// `1 address`, `1,024 addresses`.
pub fn addresses(n: u128) -> String {
    if n == 1 { "1 address".to_owned() } else { format!("{} addresses", amount(n)) }
}

/// A share in per cent, never rounded to nothing or to all.
pub fn percent(part: u128, whole: u128) -> String {
    if whole == 0 || part == 0 {
        return "0%".to_owned();
    }
    let share = part as f64 / whole as f64 * 100.0;
    match share {
        s if s < 1.0 => "<1%".to_owned(),
        s if part < whole && s > 99.0 => "99%".to_owned(),
        s => format!("{s:.0}%"),
    }
}

/// Prefixes side by side: `10.1.0.0/24, 10.1.4.0/24`.
pub fn list(prefixes: &[Prefix]) -> String {
    prefixes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// What the largest free block is, after how much is free.
pub fn largest(block: Option<Prefix>) -> String {
    block.map(|b| format!("; the largest free block is {b}")).unwrap_or_default()
}
