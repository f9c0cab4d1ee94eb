//! Functions on sets.

use super::{Cx, Fault, Function, Outcome, Param, Res, T, arg, f, p};
use crate::{
    base::{Kind, Type, Value},
    lang::{convert::convert, eval::ops::equals, unify::unify},
};

const SETS: &[Param] = &[p("first_set", T::SetAny).partly()];
const OTHERS: Param = p("other_sets", T::SetAny).partly();

pub(super) const FUNCTIONS: &[Function] = &[
    f("setunion", SETS, Res::Of(set_type), |c| combine(c, |_, _| true, true)).rest(OTHERS),
    f("setintersection", SETS, Res::Of(set_type), |c| combine(c, |v, rest| rest.iter().all(|s| has(s, v)), false)).rest(OTHERS),
    f("setsubtract", &[p("a", T::SetAny).partly(), p("b", T::SetAny).partly()], Res::Of(set_type), |c| {
        combine(c, |v, rest| !rest.iter().any(|s| has(s, v)), false)
    }),
    f("setproduct", &[], Res::Of(product_type), setproduct).rest(p("sets", T::Any).partly()),
];

/// The sets' common type; those that are not known at all have no say.
fn set_type(args: &[Value]) -> Type {
    let elems: Vec<Type> = args.iter().filter_map(|v| if let Type::Set(t) = v.ty() { Some(*t) } else { None }).filter(|t| *t != Type::Any).collect();
    Type::set(unify(&elems).unwrap_or(Type::Any))
}

fn product_type(args: &[Value]) -> Type {
    let elems = args.iter().map(|v| match v.ty() {
        Type::List(t) | Type::Set(t) => Some(*t),
        Type::Tuple(types) => unify(&types),
        _ => None,
    });
    let Some(elems) = elems.collect::<Option<Vec<_>>>() else { return Type::Any };
    let row = Type::Tuple(elems);
    if args.iter().any(|v| matches!(v.ty(), Type::Set(_))) { Type::set(row) } else { Type::list(row) }
}

fn has(set: &[Value], value: &Value) -> bool {
    set.iter().any(|v| equals(v, value) == Some(true))
}

/// The elements of each set.
type Sets = Vec<Vec<Value>>;

/// The sets with one element type, or nothing when their contents are not all known. A union of `all` need not know them.
fn unified(c: &Cx, all: bool) -> Result<(Type, Option<Sets>), Fault> {
    let types: Vec<Type> = c.args.iter().map(|v| if let Kind::Set(t, _) = &v.kind { t.clone() } else { Type::Any }).collect();
    // Empty sets have no say in what the elements are.
    let telling: Vec<Type> = types.iter().filter(|t| **t != Type::Any).cloned().collect();
    let elem = unify(&telling).ok_or("given sets must all have compatible element types")?;
    if !all && !c.args.iter().all(Value::is_wholly_known) {
        return Ok((elem, None));
    }
    let sets = c.args.iter().map(|s| s.elements().unwrap_or(&[]).iter().map(|v| convert(v, &elem)).collect::<Result<Vec<_>, _>>());
    Ok((elem.clone(), Some(sets.collect::<Result<Vec<_>, _>>()?)))
}

fn combine(c: &Cx, keep: fn(&Value, &[Vec<Value>]) -> bool, all: bool) -> Outcome {
    let (elem, sets) = unified(c, all)?;
    let Some(sets) = sets else { return Ok(Value::unknown_not_null(Type::set(elem))) };
    let items = match sets.split_first() {
        Some((first, rest)) if !all => first.iter().filter(|v| keep(v, rest)).cloned().collect(),
        _ => sets.into_iter().flatten().collect(),
    };
    Ok(Value::set(elem, items))
}

/// Most combinations that `setproduct` gives.
const PRODUCT_LIMIT: usize = 1_000_000;

fn setproduct(c: &Cx) -> Outcome {
    if c.args.len() < 2 {
        return Err("at least two arguments are required".into());
    }
    let mut elems = Vec::new();
    for (i, value) in c.args.iter().enumerate() {
        elems.push(match &value.kind {
            Kind::List(t, _) | Kind::Set(t, _) => t.clone(),
            Kind::Tuple(vs) => match unify(&vs.iter().map(Value::ty).collect::<Vec<_>>()) {
                Some(t) => t,
                None => return arg(i, "all elements must be of the same type"),
            },
            _ => return arg(i, "a set or a list is required"),
        });
    }
    // One without an order leaves the whole without.
    let any_set = c.args.iter().any(|v| matches!(v.kind, Kind::Set(..)));
    let total = c.args.iter().try_fold(1usize, |n, v| n.checked_mul(v.elements().map_or(0, <[Value]>::len)).filter(|n| *n <= PRODUCT_LIMIT));
    let Some(total) = total else { return Err(format!("more than {PRODUCT_LIMIT} combinations would be generated").into()) };
    let mut rows: Vec<Vec<Value>> = Vec::with_capacity(total);
    rows.push(Vec::new());
    for (value, elem) in c.args.iter().zip(&elems) {
        let items = value.elements().unwrap_or(&[]).iter().map(|v| convert(v, elem)).collect::<Result<Vec<_>, _>>()?;
        rows = rows.iter().flat_map(|row| items.iter().map(|v| row.iter().cloned().chain([v.clone()]).collect())).collect();
    }
    let row_type = Type::Tuple(elems);
    let rows = rows.into_iter().map(Value::tuple).collect();
    Ok(if any_set { Value::set(row_type, rows) } else { Value::list(row_type, rows) })
}
