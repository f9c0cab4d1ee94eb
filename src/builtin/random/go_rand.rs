//! Go's `math/rand` generator, so that a seed yields what the real provider draws from it: an additive lagged Fibonacci
//! generator of 607 words with the tap 273, as in Plan 9.
//!
//! Its table of starting words is what the recurrence itself holds after 7.8·10¹² steps from the seed 1 (Go's `gen_cooked.go` says
//! so). It is computed here: a step is linear, so that many steps are one power of x modulo the recurrence's polynomial.

use std::sync::LazyLock;

/// Words of the register.
const LENGTH: usize = 607;
const TAP: usize = 273;
/// How often the generator ran to make the table.
const STEPS: u64 = 7_800_000_000_000;

/// The table that every seed is mixed with.
static COOKED: LazyLock<Vec<u64>> = LazyLock::new(cooked);

/// The generator, as Go's `rand.New(rand.NewSource(seed))`.
pub struct GoRand {
    words: Vec<u64>,
    tap: usize,
    feed: usize,
}

impl GoRand {
    pub fn new(seed: i64) -> GoRand {
        let mut words = raw(seed, 40, 20);
        words.iter_mut().zip(COOKED.iter()).for_each(|(word, cooked)| *word ^= cooked);
        GoRand { words, tap: 0, feed: LENGTH - TAP }
    }

    /// The provider's seeds are texts; their CRC-64 (ISO) is the generator's seed.
    pub fn of_text(seed: &str) -> GoRand {
        GoRand::new(crc64_iso(seed.as_bytes()) as i64)
    }

    fn uint64(&mut self) -> u64 {
        self.tap = self.tap.checked_sub(1).unwrap_or(LENGTH - 1);
        self.feed = self.feed.checked_sub(1).unwrap_or(LENGTH - 1);
        let (Some(a), Some(b)) = (self.words.get(self.feed), self.words.get(self.tap)) else { return 0 };
        let sum = a.wrapping_add(*b);
        if let Some(word) = self.words.get_mut(self.feed) {
            *word = sum;
        }
        sum
    }

    fn int63(&mut self) -> i64 {
        (self.uint64() & (u64::MAX >> 1)) as i64
    }

    fn int31(&mut self) -> i64 {
        self.int63() >> 32
    }

    /// A number from zero to below `n`, drawn as Go's `Intn` does; zero when `n` is not positive.
    pub fn intn(&mut self, n: i64) -> i64 {
        match n {
            ..=0 => 0,
            n if n <= i64::from(i32::MAX) => self.bounded(n, 31, GoRand::int31),
            n => self.bounded(n, 63, GoRand::int63),
        }
    }

    fn bounded(&mut self, n: i64, bits: u32, next: fn(&mut GoRand) -> i64) -> i64 {
        if n & (n - 1) == 0 {
            return next(self) & (n - 1);
        }
        let top = 1u64 << bits;
        let max = (top - 1 - top % n as u64) as i64;
        loop {
            let drawn = next(self);
            if drawn <= max {
                return drawn % n;
            }
        }
    }

    /// The numbers below `n` in a random order, as Go's `Perm` makes it.
    pub fn perm(&mut self, n: usize) -> Vec<usize> {
        let mut order: Vec<usize> = Vec::with_capacity(n);
        for i in 0..n {
            let j = usize::try_from(self.intn(i as i64 + 1)).unwrap_or(0);
            let moved = order.get(j).copied().unwrap_or(i);
            order.push(moved);
            if let Some(place) = order.get_mut(j) {
                *place = i;
            }
        }
        order
    }
}

/// The register as a linear congruential generator fills it from a seed; three draws are one word, shifted as given.
fn raw(seed: i64, high: u32, middle: u32) -> Vec<u64> {
    const MODULUS: i64 = (1 << 31) - 1;
    let seed = match seed % MODULUS {
        0 => 89_482_311,
        s if s < 0 => s + MODULUS,
        s => s,
    };
    let mut x = seed as u64;
    let mut next = || {
        x = 48_271 * x % MODULUS as u64;
        x
    };
    for _ in 0..20 {
        next();
    }
    (0..LENGTH).map(|_| (next() << high) ^ (next() << middle) ^ next()).collect()
}

/// The register after [`STEPS`] steps from the seed 1.
///
/// In the order of its steps the generator is the sequence s(n) = s(n−607) + s(n−273) over 64 bits, whose first 607 terms are the register in
/// the order in which it is fed. So s(N + n) is a sum of s(n) … s(n + 606), with the coefficients of x^N modulo x^607 − x^334 − 1.
fn cooked() -> Vec<u64> {
    let start = raw(1, 20, 10);
    // The first terms of the sequence, oldest first.
    let mut feed = LENGTH - TAP;
    let mut terms = Vec::with_capacity(2 * LENGTH);
    for _ in 0..LENGTH {
        feed = feed.checked_sub(1).unwrap_or(LENGTH - 1);
        terms.extend(start.get(feed));
    }
    for n in LENGTH..2 * LENGTH {
        let sum = term(&terms, n - LENGTH).wrapping_add(term(&terms, n - TAP));
        terms.push(sum);
    }
    let coefficients = power(STEPS);
    let late = (0..LENGTH).map(|n| coefficients.iter().enumerate().fold(0u64, |sum, (i, c)| sum.wrapping_add(c.wrapping_mul(term(&terms, n + i)))));
    let mut register = vec![0; LENGTH];
    let mut feed = LENGTH - TAP;
    for _ in 0..STEPS % LENGTH as u64 {
        feed = feed.checked_sub(1).unwrap_or(LENGTH - 1);
    }
    for value in late {
        feed = feed.checked_sub(1).unwrap_or(LENGTH - 1);
        if let Some(word) = register.get_mut(feed) {
            *word = value;
        }
    }
    register
}

fn term(terms: &[u64], n: usize) -> u64 {
    terms.get(n).copied().unwrap_or(0)
}

/// x^n modulo the recurrence's polynomial, coefficients from the constant term up.
fn power(n: u64) -> Vec<u64> {
    let mut result = vec![0; LENGTH];
    if let Some(one) = result.first_mut() {
        *one = 1;
    }
    for bit in (0..u64::BITS - n.leading_zeros()).rev() {
        result = reduced(square(&result));
        if n >> bit & 1 == 1 {
            result.insert(0, 0);
            result = reduced(result);
        }
    }
    result
}

fn square(a: &[u64]) -> Vec<u64> {
    let mut product = vec![0u64; 2 * a.len()];
    for (i, x) in a.iter().enumerate().filter(|(_, x)| **x != 0) {
        for (place, y) in product.iter_mut().skip(i).zip(a) {
            *place = place.wrapping_add(x.wrapping_mul(*y));
        }
    }
    product
}

/// x^607 = x^334 + 1: the terms from 607 on are folded down, highest first.
fn reduced(mut polynomial: Vec<u64>) -> Vec<u64> {
    while polynomial.len() > LENGTH {
        let top = polynomial.pop().unwrap_or(0);
        let low = polynomial.len() - LENGTH;
        for place in [low, low + LENGTH - TAP] {
            if let Some(term) = polynomial.get_mut(place) {
                *term = term.wrapping_add(top);
            }
        }
    }
    polynomial
}

/// CRC-64 with the ISO polynomial, reflected, as Go's `hash/crc64`.
fn crc64_iso(bytes: &[u8]) -> u64 {
    let folded = bytes
        .iter()
        .fold(u64::MAX, |crc, byte| (0..8).fold(crc ^ u64::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xD800_0000_0000_0000 } else { crc >> 1 }));
    !folded
}
