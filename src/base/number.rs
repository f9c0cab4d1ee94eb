//! Numbers as Terraform has them: exact decimals, printed without exponent.

use std::{cmp::Ordering, fmt, hash::Hash, str::FromStr};

use bigdecimal::{BigDecimal, RoundingMode, Signed, ToPrimitive, Zero, num_bigint::BigInt};

/// Bits of the mantissa that Terraform calculates with.
const BITS: u64 = 512;

/// Digits that such a mantissa always holds: numbers with no more are exact in both forms.
const EXACT_DIGITS: u64 = 154;

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
        Number::from(rounded(&self.0 + &other.0))
    }

    pub fn sub(&self, other: &Number) -> Number {
        Number::from(rounded(&self.0 - &other.0))
    }

    pub fn mul(&self, other: &Number) -> Number {
        Number::from(rounded(&self.0 * &other.0))
    }

    /// `None` on division by zero.
    pub fn div(&self, other: &Number) -> Option<Number> {
        if other.is_zero() { None } else { Some(Number::from(rounded(quotient(&self.0, &other.0)))) }
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

/// A quotient with enough digits to be rounded correctly afterwards.
fn quotient(a: &BigDecimal, b: &BigDecimal) -> BigDecimal {
    let ((a, a_scale), (b, b_scale)) = (a.as_bigint_and_exponent(), b.as_bigint_and_exponent());
    let more = (2 * EXACT_DIGITS).saturating_sub(a.to_string().len() as u64).saturating_add(b.to_string().len() as u64);
    let digits = (a * BigInt::from(10).pow(more as u32)) / b;
    BigDecimal::new(digits, a_scale - b_scale + more as i64)
}

/// The shortest decimal that Terraform's binary form of the number reads back as: what it prints after a calculation, so
/// that a third times three is one. Numbers of few digits stay as they are.
fn rounded(n: BigDecimal) -> BigDecimal {
    let n = n.normalized();
    if n.digits() <= EXACT_DIGITS {
        return n;
    }
    let (digits, scale) = n.as_bigint_and_exponent();
    let ten = |e: i64| BigInt::from(10).pow(u32::try_from(e).unwrap_or(u32::MAX));
    let (top, bottom) = if scale > 0 { (digits.abs(), ten(scale)) } else { (digits.abs() * ten(-scale), BigInt::from(1)) };
    // The mantissa, rounded to the nearest, and the power of two it is shifted by.
    let mut shift = BITS as i64 - (top.bits() as i64 - bottom.bits() as i64);
    let scaled = |shift: i64| if shift >= 0 { (&top << shift) / &bottom } else { &top / (&bottom << -shift) };
    if scaled(shift).bits() > BITS {
        shift -= 1;
    }
    let mantissa = (scaled(shift + 1) + 1u8) >> 1u8;
    let power = |shift: i64| if shift >= 0 { BigDecimal::new(BigInt::from(5).pow(shift as u32), shift) } else { BigDecimal::from(BigInt::from(1) << -shift) };
    let exact = BigDecimal::from(mantissa) * power(shift);
    let half_step = power(shift + 1);
    let short = (1..=EXACT_DIGITS + 3).map(|d| exact.with_prec(d)).find(|d| (d - &exact).abs() < half_step).unwrap_or(exact);
    if n.is_negative() { -short } else { short }
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
