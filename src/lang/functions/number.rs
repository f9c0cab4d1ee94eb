//! Functions on numbers.

use super::{Cx, Function, Outcome, Param, Res, T, arg, f, p};
use crate::base::{Number, Value};

const NUM: &[Param] = &[p("num", T::Num)];
const N: Res = Res::Is(T::Num);

pub(super) const FUNCTIONS: &[Function] = &[
    f("abs", NUM, N, |c| Ok(Value::number(c.num(0).abs()))),
    f("ceil", NUM, N, |c| Ok(Value::number(c.num(0).ceil()))),
    f("floor", NUM, N, |c| Ok(Value::number(c.num(0).floor()))),
    f("signum", NUM, N, |c| Ok(Value::number(c.int(0)?.signum()))),
    f("max", &[], N, |c| extreme(c, |a, b| a > b)).rest(p("numbers", T::Num)),
    f("min", &[], N, |c| extreme(c, |a, b| a < b)).rest(p("numbers", T::Num)),
    f("log", &[p("num", T::Num), p("base", T::Num)], N, log),
    f("pow", &[p("num", T::Num), p("power", T::Num)], N, pow),
    f("parseint", &[p("number", T::Any), p("base", T::Num)], N, parseint),
];

fn extreme(c: &Cx, better: fn(&Number, &Number) -> bool) -> Outcome {
    let mut best: Option<&Number> = None;
    for n in c.args.iter().filter_map(Value::as_number) {
        if best.is_none_or(|b| better(n, b)) {
            best = Some(n);
        }
    }
    best.map(|n| Value::number(n.clone())).ok_or_else(|| "must pass at least one number".into())
}

fn log(c: &Cx) -> Outcome {
    let (n, base) = (c.num(0).as_f64(), c.num(1).as_f64());
    float(n.ln() / base.ln())
}

fn pow(c: &Cx) -> Outcome {
    let (base, power) = (c.num(0).as_f64(), c.num(1));
    // Whole powers of whole numbers are exact as far as a double goes.
    let exact = c.num(0).is_integer().then(|| power.as_i64()).flatten().filter(|p| (0..1024).contains(p)).and_then(|p| {
        let whole = (0..p).try_fold(Number::from(1), |n, _| n.mul(&c.num(0)))?;
        Some(whole.as_f64())
    });
    float(exact.unwrap_or_else(|| base.powf(power.as_f64())))
}

fn float(n: f64) -> Outcome {
    Number::from_f64(n).map(Value::number).ok_or_else(|| "the result is not a finite number".into())
}

fn parseint(c: &Cx) -> Outcome {
    let Some(text) = c.value(0).as_str().map(str::to_owned) else {
        return arg(0, format!("first argument must be a string, not {}", c.value(0).ty().friendly()));
    };
    let Ok(base) = c.int(1) else { return arg(1, super::not_whole()) };
    if !(2..=62).contains(&base) {
        return arg(1, "base must be a whole number between 2 and 62 inclusive");
    }
    let bad = || arg(0, format!("cannot parse {text:?} as a base {base} integer"));
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(&text)),
    };
    if digits.is_empty() {
        return bad();
    }
    let mut total = Number::from(0);
    for ch in digits.chars() {
        // Above base 36 letters count by case: lower case first, then upper case.
        let digit = match ch {
            '0'..='9' => ch as i64 - '0' as i64,
            'a'..='z' => ch as i64 - 'a' as i64 + 10,
            'A'..='Z' if base <= 36 => ch as i64 - 'A' as i64 + 10,
            'A'..='Z' => ch as i64 - 'A' as i64 + 36,
            _ => return bad(),
        };
        if digit >= base {
            return bad();
        }
        total = total.mul(&Number::from(base)).and_then(|t| t.add(&Number::from(digit))).unwrap_or(Number::INFINITY);
    }
    Ok(Value::number(if negative { total.neg() } else { total }))
}
