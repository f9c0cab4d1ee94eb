//! Versions and version constraints: `~> 1.2, != 1.2.3`, as `required_version`, modules and providers use them.

use std::cmp::Ordering;

/// A version: numbers, and what stands behind a dash. Build metadata counts for nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// At least three; zeros are filled in.
    pub numbers: Vec<u64>,
    /// How many numbers were written.
    written: usize,
    pub prerelease: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Op {
    Equal,
    NotEqual,
    Greater,
    Less,
    GreaterEqual,
    LessEqual,
    /// Only the last number written may grow.
    Pessimistic,
}

/// Conditions that a version has to meet, all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constraint(Vec<(Op, Version)>);

impl Version {
    /// `1`, `v1.2`, `1.2.3-beta.1+x`; nothing when the text is no version.
    pub fn parse(text: &str) -> Option<Version> {
        let text = text.trim();
        let text = text.strip_prefix('v').unwrap_or(text);
        let text = text.split('+').next().unwrap_or("");
        let (numbers, prerelease) = text.split_once('-').unwrap_or((text, ""));
        if text.contains('-') && !prerelease.split('.').all(|p| !p.is_empty() && p.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')) {
            return None;
        }
        let number = |part: &str| if part.chars().all(|c| c.is_ascii_digit()) { part.parse::<u64>().ok() } else { None };
        let mut numbers: Vec<u64> = numbers.split('.').map(number).collect::<Option<_>>()?;
        let written = numbers.len();
        numbers.resize(written.max(3), 0);
        Some(Version { numbers, written, prerelease: prerelease.to_owned() })
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Version) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Version) -> Ordering {
        let longest = self.numbers.len().max(other.numbers.len());
        let at = |v: &Version, i: usize| v.numbers.get(i).copied().unwrap_or(0);
        let numbers = (0..longest).map(|i| at(self, i).cmp(&at(other, i))).find(|o| o.is_ne());
        numbers.unwrap_or_else(|| prereleases(&self.prerelease, &other.prerelease))
    }
}

/// A version with a prerelease comes before the same without; parts compare as numbers where both are.
fn prereleases(a: &str, b: &str) -> Ordering {
    match (a.is_empty(), b.is_empty()) {
        (true, true) => return Ordering::Equal,
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        _ => {}
    }
    let (mut left, mut right) = (a.split('.'), b.split('.'));
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(l), Some(r)) => match (l.parse::<u64>(), r.parse::<u64>()) {
                (Ok(l), Ok(r)) => l.cmp(&r),
                (Ok(_), Err(_)) => Ordering::Less,
                (Err(_), Ok(_)) => Ordering::Greater,
                _ => l.cmp(r),
            },
        };
        if order.is_ne() {
            return order;
        }
    }
}

impl Constraint {
    /// Conditions separated by commas; nothing when one of them is none.
    pub fn parse(text: &str) -> Option<Constraint> {
        text.split(',').map(condition).collect::<Option<Vec<_>>>().map(Constraint)
    }

    /// Whether a version meets every condition. A prerelease is only met by a condition that names one of the same numbers.
    pub fn allows(&self, version: &Version) -> bool {
        self.0.iter().all(|(op, wanted)| meets(*op, version, wanted))
    }
}

fn condition(text: &str) -> Option<(Op, Version)> {
    let text = text.trim();
    let ops =
        [("~>", Op::Pessimistic), ("!=", Op::NotEqual), (">=", Op::GreaterEqual), ("<=", Op::LessEqual), (">", Op::Greater), ("<", Op::Less), ("=", Op::Equal)];
    let (op, rest) = ops.into_iter().find_map(|(sign, op)| Some((op, text.strip_prefix(sign)?))).unwrap_or((Op::Equal, text));
    Version::parse(rest).map(|v| (op, v))
}

fn meets(op: Op, version: &Version, wanted: &Version) -> bool {
    let same_numbers = || version.numbers == wanted.numbers;
    let prerelease_fits = match (version.prerelease.is_empty(), wanted.prerelease.is_empty()) {
        (false, true) => false,
        (false, false) => same_numbers(),
        _ => true,
    };
    match op {
        Op::Equal => version == wanted || (same_numbers() && version.prerelease == wanted.prerelease),
        Op::NotEqual => !(same_numbers() && version.prerelease == wanted.prerelease),
        Op::Greater => prerelease_fits && version > wanted,
        Op::GreaterEqual => prerelease_fits && version >= wanted,
        Op::Less => prerelease_fits && version < wanted,
        Op::LessEqual => prerelease_fits && version <= wanted,
        Op::Pessimistic => {
            let fixed = wanted.written.saturating_sub(1).max(usize::from(wanted.written <= 1));
            let head = |v: &Version| v.numbers.iter().take(fixed).copied().collect::<Vec<_>>();
            // `~> 1` lets the number itself stand and all behind it grow.
            prerelease_fits && version >= wanted && head(version) == head(wanted)
        }
    }
}
