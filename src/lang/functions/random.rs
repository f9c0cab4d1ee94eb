//! Edge: functions that draw random bits. While planning they are unknown, so that a plan is the same each time.
#![allow(clippy::disallowed_methods)]

use super::{Cx, Function, Outcome, Res, T, arg, f, p};
use crate::base::{Type, Value};

const S: Res = Res::Is(T::Str);

pub(super) const FUNCTIONS: &[Function] = &[f("bcrypt", &[p("str", T::Str)], S, bcrypt).rest(p("cost", T::Num)), f("uuid", &[], S, uuid)];

/// Salted, so different each time, and unknown until apply.
fn bcrypt(c: &Cx) -> Outcome {
    if c.args.len() > 2 {
        return Err("bcrypt() takes no more than two arguments".into());
    }
    let cost = if c.args.len() > 1 { c.int(1)? } else { 10 };
    let Some(cost) = u32::try_from(cost).ok().filter(|n| (4..=31).contains(n)) else { return arg(1, "the cost must be between 4 and 31") };
    if c.world.plan_mode {
        return Ok(Value::unknown_not_null(Type::String));
    }
    match bcrypt::hash_with_result(c.str(0), cost) {
        Ok(parts) => Ok(Value::string(parts.format_for_version(bcrypt::Version::TwoA))),
        Err(why) => Err(format!("error occurred generating password {why}").into()),
    }
}

/// Different each time, so unknown until apply.
fn uuid(c: &Cx) -> Outcome {
    if c.world.plan_mode {
        return Ok(Value::unknown_not_null(Type::String));
    }
    Ok(Value::string(uuid::Uuid::new_v4().to_string()))
}
