//! Functions that convert, or that speak about values: types, sensitivity.

use super::{Cx, Function, Outcome, Param, Res, T, arg, f, p};
use crate::{
    base::{Kind, Marks, Type, Value},
    lang::convert::convert,
};

const V: &[Param] = &[p("v", T::Any).null().partly().dynamic()];
const VALUE: &[Param] = &[p("value", T::Any).null().raw()];

pub(super) const FUNCTIONS: &[Function] = &[
    f("tostring", V, Res::Is(T::Str), |c| to(c, T::Str)).may_be_null(),
    f("tonumber", V, Res::Is(T::Num), |c| to(c, T::Num)).may_be_null(),
    f("tobool", V, Res::Is(T::Bool), |c| to(c, T::Bool)).may_be_null(),
    f("tolist", V, Res::Of(|_| T::ListAny.ty()), |c| to(c, T::ListAny)).may_be_null(),
    f("toset", V, Res::Of(|_| T::SetAny.ty()), |c| to(c, T::SetAny)).may_be_null(),
    f("tomap", V, Res::Of(|_| T::MapAny.ty()), |c| to(c, T::MapAny)).may_be_null(),
    f("sensitive", VALUE, Res::Of(same), |c| Ok(c.value(0).sensitive())),
    f("nonsensitive", VALUE, Res::Of(same), nonsensitive),
    f("issensitive", VALUE, Res::Is(T::Bool), issensitive),
    f("ephemeralasnull", VALUE, Res::Of(same), |c| Ok(ephemeral_as_null(c.value(0)))),
];

fn same(args: &[Value]) -> Type {
    args.first().map_or(Type::Any, Value::ty)
}

fn to(c: &Cx, to: T) -> Outcome {
    let value = c.value(0);
    if let Ok(converted) = convert(&value, &to.ty()) {
        return Ok(converted);
    }
    arg(
        0,
        match (&value.kind, to) {
            (Kind::String(_), T::Bool | T::Num) if c.secret.first() == Some(&true) => format!("cannot convert this sensitive string to {}", friendly(to)),
            (Kind::String(s), T::Bool) => format!("cannot convert {s:?} to bool; only the strings \"true\" or \"false\" are allowed"),
            (Kind::String(s), T::Num) => format!("cannot convert {s:?} to number; given string must be a decimal representation of a number"),
            _ => format!("cannot convert {} to {}", value.ty().friendly(), friendly(to)),
        },
    )
}

fn friendly(to: T) -> String {
    match to {
        T::ListAny => "list of any single type".into(),
        T::SetAny => "set of any single type".into(),
        T::MapAny => "map of any single type".into(),
        _ => to.ty().friendly(),
    }
}

fn nonsensitive(c: &Cx) -> Outcome {
    let value = c.value(0);
    Ok(Value { marks: Marks { sensitive: false, ..value.marks }, ..value })
}

fn issensitive(c: &Cx) -> Outcome {
    if c.value(0).is_unknown() && !c.value(0).marks.sensitive {
        // It may turn out to be.
        return Ok(Value::unknown_not_null(Type::Bool));
    }
    Ok(Value::bool(c.value(0).marks.sensitive))
}

fn ephemeral_as_null(value: Value) -> Value {
    if value.marks.ephemeral {
        return Value::null(value.ty()).marked(Marks { ephemeral: false, ..value.marks });
    }
    value.map_children(&mut |_, v| ephemeral_as_null(v))
}
