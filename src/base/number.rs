//! Numbers as Terraform has them: exact decimals, printed without exponent.

use std::{cmp::Ordering, fmt, hash::Hash, str::FromStr};

use bigdecimal::{BigDecimal, RoundingMode, Signed, ToPrimitive, Zero, num_bigint::BigInt};

/// Digits kept by a division: what Terraform's 512-bit mantissa holds.
const PRECISION: u64 = 154;

/// An exact decimal number.
#[derive(Clone, Debug)]
pub struct Number(BigDecimal);

impl Number {
    pub fn parse(text: &str) -> Option<Number> {
        BigDecimal::from_str(text).ok().map(Number::from)
    }

    pub fn is_integer(&self) -> bool {
        self.0.is_integer()
    }

    pub fn is_negative(&self) -> bool {
        self.0.is_negative()
    }

    pub fn is_zero(&self) -> bool {
        self.0.is_zero()
    }

    /// The value as an `i64`, when it is a whole number that fits.
    pub fn as_i64(&self) -> Option<i64> {
        if self.is_integer() { self.0.to_i64() } else { None }
    }

    pub fn as_usize(&self) -> Option<usize> {
        self.as_i64().and_then(|n| usize::try_from(n).ok())
    }

    pub fn as_f64(&self) -> f64 {
        self.0.to_f64().unwrap_or(f64::NAN)
    }

    pub fn as_decimal(&self) -> &BigDecimal {
        &self.0
    }

    pub fn from_f64(n: f64) -> Option<Number> {
        // Through the shortest decimal text, so that 0.1 stays 0.1.
        if n.is_finite() { Number::parse(&format!("{n}")) } else { None }
    }

    pub fn add(&self, other: &Number) -> Number {
        Number::from(&self.0 + &other.0)
    }

    pub fn sub(&self, other: &Number) -> Number {
        Number::from(&self.0 - &other.0)
    }

    pub fn mul(&self, other: &Number) -> Number {
        Number::from(&self.0 * &other.0)
    }

    /// `None` on division by zero.
    pub fn div(&self, other: &Number) -> Option<Number> {
        if other.is_zero() { None } else { Some(Number::from((&self.0 / &other.0).with_prec(PRECISION))) }
    }

    /// The remainder with the dividend's sign, as Terraform's `%`; `None` on division by zero.
    pub fn rem(&self, other: &Number) -> Option<Number> {
        if other.is_zero() { None } else { Some(Number::from(&self.0 % &other.0)) }
    }

    pub fn neg(&self) -> Number {
        Number::from(-&self.0)
    }

    pub fn abs(&self) -> Number {
        Number::from(self.0.abs())
    }

    pub fn floor(&self) -> Number {
        Number::from(self.0.with_scale_round(0, RoundingMode::Floor))
    }

    pub fn ceil(&self) -> Number {
        Number::from(self.0.with_scale_round(0, RoundingMode::Ceiling))
    }
}

impl From<BigDecimal> for Number {
    fn from(n: BigDecimal) -> Number {
        Number(n.normalized())
    }
}

macro_rules! from_int {
    ($($t:ty),*) => { $(impl From<$t> for Number { fn from(n: $t) -> Number { Number::from(BigDecimal::from(BigInt::from(n))) } })* };
}
from_int!(i32, i64, u8, u16, u32, u64, usize, i128, u128);

impl PartialEq for Number {
    fn eq(&self, other: &Number) -> bool {
        self.0 == other.0
    }
}
impl Eq for Number {}
impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Number) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Number {
    fn cmp(&self, other: &Number) -> Ordering {
        self.0.cmp(&other.0)
    }
}
impl Hash for Number {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.to_string().hash(state);
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_plain_string())
    }
}
