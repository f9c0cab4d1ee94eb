//! Numbers as Terraform has them: binary floats with a mantissa of 512 bits, which behave like exact decimals in practice. They
//! are kept as the shortest decimal that reads back as the same float, and printed without exponent.

use std::{cmp::Ordering, fmt, hash::Hash, num::NonZeroU64, str::FromStr};

use bigdecimal::{BigDecimal, RoundingMode, Signed, ToPrimitive, Zero, num_bigint::BigInt};

/// Bits of the mantissa that Terraform calculates with.
const BITS: u64 = 512;

/// Digits that such a mantissa always holds: numbers with no more are exact in both forms.
const EXACT_DIGITS: u64 = 154;

/// A number of the language.
#[derive(Clone, Debug)]
pub struct Number(Repr);

#[derive(Clone, Debug)]
enum Repr {
    Finite(BigDecimal),
    /// Equal to zero, but printed with its sign.
    NegativeZero,
    Infinite {
        negative: bool,
    },
}

impl Number {
    pub const INFINITY: Number = Number(Repr::Infinite { negative: false });
    pub const NEG_INFINITY: Number = Number(Repr::Infinite { negative: true });

    /// A decimal number with or without exponent; `None` for any other text.
    pub fn parse(text: &str) -> Option<Number> {
        let n = BigDecimal::from_str(text).ok()?;
        if n.is_zero() && text.starts_with('-') {
            return Some(Number(Repr::NegativeZero));
        }
        let n = n.normalized();
        let fits = n.digits() <= EXACT_DIGITS;
        Some(if fits { Number(Repr::Finite(n)) } else { Binary::of(&n).shortest() })
    }

    pub fn is_finite(&self) -> bool {
        !matches!(self.0, Repr::Infinite { .. })
    }

    pub fn is_integer(&self) -> bool {
        match &self.0 {
            Repr::Finite(n) => n.is_integer(),
            Repr::NegativeZero => true,
            Repr::Infinite { .. } => false,
        }
    }

    /// Less than zero; negative zero is not.
    pub fn is_negative(&self) -> bool {
        match &self.0 {
            Repr::Finite(n) => n.is_negative(),
            Repr::NegativeZero => false,
            Repr::Infinite { negative } => *negative,
        }
    }

    pub fn is_zero(&self) -> bool {
        match &self.0 {
            Repr::Finite(n) => n.is_zero(),
            Repr::NegativeZero => true,
            Repr::Infinite { .. } => false,
        }
    }

    /// The value as an `i64`, when it is a whole number that fits.
    pub fn as_i64(&self) -> Option<i64> {
        if self.is_integer() { self.decimal().to_i64() } else { None }
    }

    pub fn as_usize(&self) -> Option<usize> {
        self.as_i64().and_then(|n| usize::try_from(n).ok())
    }

    pub fn as_f64(&self) -> f64 {
        match &self.0 {
            Repr::Finite(n) => n.to_f64().unwrap_or(f64::NAN),
            Repr::NegativeZero => -0.0,
            Repr::Infinite { negative } => f64::INFINITY.copysign(if *negative { -1.0 } else { 1.0 }),
        }
    }

    /// The number as a decimal; zero for infinities, which have none.
    pub fn decimal(&self) -> BigDecimal {
        match &self.0 {
            Repr::Finite(n) => n.clone(),
            _ => BigDecimal::zero(),
        }
    }

    /// All decimal digits of the float that stands for the number: `0.35` is a little less than that.
    pub fn float_digits(&self) -> BigDecimal {
        let n = self.decimal();
        if n.is_integer() { n } else { Binary::of(&n).exact() }
    }

    /// The number that a double prints as, so that 0.1 stays 0.1; `None` for what is not a number.
    pub fn from_f64(n: f64) -> Option<Number> {
        if n.is_nan() {
            return None;
        }
        if n.is_infinite() {
            return Some(if n < 0.0 { Number::NEG_INFINITY } else { Number::INFINITY });
        }
        Number::parse(&format!("{n}"))
    }

    fn sign_negative(&self) -> bool {
        self.is_negative() || matches!(self.0, Repr::NegativeZero)
    }

    fn zero(negative: bool) -> Number {
        if negative { Number(Repr::NegativeZero) } else { Number::from(0) }
    }

    fn infinite(negative: bool) -> Number {
        Number(Repr::Infinite { negative })
    }

    /// The sum; `None` of opposing infinities.
    pub fn add(&self, other: &Number) -> Option<Number> {
        match (&self.0, &other.0) {
            (Repr::Infinite { negative: a }, Repr::Infinite { negative: b }) => (a == b).then(|| self.clone()),
            (Repr::Infinite { .. }, _) => Some(self.clone()),
            (_, Repr::Infinite { .. }) => Some(other.clone()),
            (Repr::NegativeZero, Repr::NegativeZero) => Some(self.clone()),
            _ => {
                let (a, b) = (self.decimal(), other.decimal());
                Some(whole(&a, &b, &a + &b).unwrap_or_else(|| Binary::of(&a).plus(&Binary::of(&b)).shortest()))
            }
        }
    }

    /// The difference; `None` of an infinity and itself.
    pub fn sub(&self, other: &Number) -> Option<Number> {
        self.add(&other.neg())
    }

    /// The product; `None` of zero and an infinity.
    pub fn mul(&self, other: &Number) -> Option<Number> {
        let negative = self.sign_negative() != other.sign_negative();
        if !self.is_finite() || !other.is_finite() {
            return if self.is_zero() || other.is_zero() { None } else { Some(Number::infinite(negative)) };
        }
        if self.is_zero() || other.is_zero() {
            return Some(Number::zero(negative));
        }
        let (a, b) = (self.decimal(), other.decimal());
        Some(whole(&a, &b, &a * &b).unwrap_or_else(|| Binary::of(&a).times(&Binary::of(&b)).shortest()))
    }

    /// The quotient; `None` of two zeros or two infinities. Anything else divided by zero is infinite.
    pub fn div(&self, other: &Number) -> Option<Number> {
        let negative = self.sign_negative() != other.sign_negative();
        match (self.is_finite(), other.is_finite()) {
            (false, false) => return None,
            (false, true) => return Some(Number::infinite(negative)),
            (true, false) => return Some(Number::zero(negative)),
            _ => {}
        }
        match (self.is_zero(), other.is_zero()) {
            (true, true) => return None,
            (true, false) => return Some(Number::zero(negative)),
            (false, true) => return Some(Number::infinite(negative)),
            _ => {}
        }
        let (a, b) = (self.decimal(), other.decimal());
        if a.is_integer() && b.is_integer() && (&a % &b).is_zero() {
            return Some(Number::from(&a / &b));
        }
        Some(Binary::of(&a).over(&Binary::of(&b)).shortest())
    }

    /// The remainder with the dividend's sign, as Terraform's `%`: by zero it is the dividend. `None` with an infinity.
    pub fn rem(&self, other: &Number) -> Option<Number> {
        if !self.is_finite() || !other.is_finite() {
            return None;
        }
        if other.is_zero() {
            return Some(self.clone());
        }
        let (a, b) = (self.decimal(), other.decimal());
        if a.is_integer() && b.is_integer() {
            return Some(Number::from(a % b));
        }
        let times = self.div(other)?.decimal().with_scale_round(0, RoundingMode::Down);
        self.sub(&other.mul(&Number::from(times))?)
    }

    pub fn neg(&self) -> Number {
        match &self.0 {
            Repr::Finite(n) if n.is_zero() => Number(Repr::NegativeZero),
            Repr::Finite(n) => Number::from(-n),
            Repr::NegativeZero => Number::from(0),
            Repr::Infinite { negative } => Number::infinite(!negative),
        }
    }

    pub fn abs(&self) -> Number {
        if self.sign_negative() { self.neg() } else { self.clone() }
    }

    pub fn floor(&self) -> Number {
        self.rounded(RoundingMode::Floor)
    }

    pub fn ceil(&self) -> Number {
        self.rounded(RoundingMode::Ceiling)
    }

    /// The number with so many significant digits, with an exponent where it is very small or has more digits before the point.
    pub fn general(&self, digits: u64) -> String {
        let Repr::Finite(n) = &self.0 else { return self.to_string() };
        if n.is_zero() {
            return "0".into();
        }
        let short = NonZeroU64::new(digits).map_or_else(|| n.clone(), |d| n.with_precision_round(d, RoundingMode::HalfEven)).normalized();
        let (written, scale) = short.as_bigint_and_exponent();
        let text = written.abs().to_string();
        let exponent = text.len() as i64 - 1 - scale;
        if (-4..digits as i64).contains(&exponent) {
            return short.to_plain_string();
        }
        let (first, more) = text.split_at(1);
        let (sign, point) = (if written.is_negative() { "-" } else { "" }, if more.is_empty() { "" } else { "." });
        format!("{sign}{first}{point}{more}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs())
    }

    fn rounded(&self, mode: RoundingMode) -> Number {
        match &self.0 {
            Repr::Finite(n) => Number::from(n.with_scale_round(0, mode)),
            _ => self.clone(),
        }
    }
}

/// The exact result of an operation on whole numbers, when the float holds it.
fn whole(a: &BigDecimal, b: &BigDecimal, result: BigDecimal) -> Option<Number> {
    let result = result.normalized();
    (a.is_integer() && b.is_integer() && result.digits() <= EXACT_DIGITS).then_some(Number(Repr::Finite(result)))
}

/// A finite float: the mantissa, of at most [`BITS`] bits, times two to the exponent.
struct Binary {
    mantissa: BigInt,
    exponent: i64,
}

impl Binary {
    /// The float nearest to a decimal.
    fn of(n: &BigDecimal) -> Binary {
        let (digits, scale) = n.as_bigint_and_exponent();
        let ten = |e: i64| BigInt::from(10).pow(u32::try_from(e).unwrap_or(u32::MAX));
        if scale <= 0 { Binary::round(digits * ten(-scale), 0, false) } else { Binary::ratio(&digits, &ten(scale), 0) }
    }

    /// Rounds to the nearest, halves to even; `more` when a remainder follows the last bit.
    fn round(mantissa: BigInt, exponent: i64, more: bool) -> Binary {
        let extra = mantissa.bits().saturating_sub(BITS);
        if extra == 0 {
            return Binary { mantissa, exponent };
        }
        let negative = mantissa.is_negative();
        let size = mantissa.abs();
        let kept: BigInt = &size >> extra;
        let rest = size - (&kept << extra);
        let half = BigInt::from(1) << (extra - 1);
        let up = match rest.cmp(&half) {
            Ordering::Less => false,
            Ordering::Greater => true,
            Ordering::Equal => more || kept.bit(0),
        };
        let kept = if up { kept + 1 } else { kept };
        Binary { mantissa: if negative { -kept } else { kept }, exponent: exponent + extra as i64 }
    }

    fn ratio(top: &BigInt, bottom: &BigInt, exponent: i64) -> Binary {
        let shift = (BITS as i64 + 2 - top.bits() as i64 + bottom.bits() as i64).max(0);
        let size: BigInt = top.abs() << shift;
        let bottom_size = bottom.abs();
        let quotient: BigInt = &size / &bottom_size;
        let more = !(&size % &bottom_size).is_zero();
        let negative = top.is_negative() != bottom.is_negative();
        Binary::round(if negative { -quotient } else { quotient }, exponent - shift, more)
    }

    fn plus(&self, other: &Binary) -> Binary {
        let low = self.exponent.min(other.exponent);
        let sum = (&self.mantissa << (self.exponent - low)) + (&other.mantissa << (other.exponent - low));
        Binary::round(sum, low, false)
    }

    fn times(&self, other: &Binary) -> Binary {
        Binary::round(&self.mantissa * &other.mantissa, self.exponent + other.exponent, false)
    }

    fn over(&self, other: &Binary) -> Binary {
        Binary::ratio(&self.mantissa, &other.mantissa, self.exponent - other.exponent)
    }

    /// All its decimal digits.
    fn exact(&self) -> BigDecimal {
        scaled(&self.mantissa, self.exponent)
    }

    /// The shortest decimal that reads back as this float: what Terraform prints.
    fn shortest(&self) -> Number {
        let exact = self.exact();
        // What one step of a full mantissa is worth here; half of it lies nearer to no other float.
        let unused = BITS.saturating_sub(self.mantissa.bits());
        let half_step = scaled(&BigInt::from(1), self.exponent - unused as i64 - 1);
        // Decimals with fewer digits than the first that is tried are found too: the rest of their digits are zeros.
        let near = (EXACT_DIGITS - 4..=EXACT_DIGITS + 3)
            .filter_map(NonZeroU64::new)
            .map(|digits| exact.with_precision_round(digits, RoundingMode::HalfEven))
            .find(|near| (near - &exact).abs() <= half_step);
        Number::from(near.unwrap_or(exact))
    }
}

/// `n` times two to the power.
fn scaled(n: &BigInt, power: i64) -> BigDecimal {
    if power >= 0 {
        return BigDecimal::from(n << power);
    }
    let five = BigInt::from(5).pow(u32::try_from(-power).unwrap_or(u32::MAX));
    BigDecimal::new(n * five, -power)
}

impl From<BigDecimal> for Number {
    fn from(n: BigDecimal) -> Number {
        Number(Repr::Finite(n.normalized()))
    }
}

macro_rules! from_int {
    ($($t:ty),*) => { $(impl From<$t> for Number { fn from(n: $t) -> Number { Number::from(BigDecimal::from(BigInt::from(n))) } })* };
}
from_int!(i32, i64, u8, u16, u32, u64, usize, i128, u128);

impl PartialEq for Number {
    fn eq(&self, other: &Number) -> bool {
        self.cmp(other).is_eq()
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
        match (&self.0, &other.0) {
            (Repr::Finite(a), Repr::Finite(b)) => a.cmp(b),
            (Repr::Infinite { negative: a }, Repr::Infinite { negative: b }) => b.cmp(a),
            (Repr::Infinite { negative }, _) => {
                if *negative {
                    Ordering::Less
                } else {
                    Ordering::Greater
                }
            }
            (_, Repr::Infinite { negative }) => {
                if *negative {
                    Ordering::Greater
                } else {
                    Ordering::Less
                }
            }
            _ => self.decimal().cmp(&other.decimal()),
        }
    }
}
impl Hash for Number {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        // Both zeros are equal, so both give the same.
        if self.is_zero() { "0".hash(state) } else { self.to_string().hash(state) }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Finite(n) => f.write_str(&n.to_plain_string()),
            Repr::NegativeZero => f.write_str("-0"),
            Repr::Infinite { negative } => f.write_str(if *negative { "-Inf" } else { "+Inf" }),
        }
    }
}
