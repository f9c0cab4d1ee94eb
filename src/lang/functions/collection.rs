//! Functions on sequences: lists, tuples and sets.

use super::{Cx, Fault, Function, Outcome, Param, Res, T, arg, f, p};
use crate::{
    base::{Kind, Marks, Number, Type, Value},
    lang::{
        convert::{convert, to_text},
        eval::ops::equals,
        unify::{unify, unify_values},
    },
};

const ANY_LIST: &[Param] = &[p("list", T::Any).partly()];
const BOOLS: &[Param] = &[p("list", T::ListBool).partly()];

pub(super) const FUNCTIONS: &[Function] = &[
    f("alltrue", BOOLS, Res::Is(T::Bool), |c| Ok(all_or_any(c, false))),
    f("anytrue", BOOLS, Res::Is(T::Bool), |c| Ok(all_or_any(c, true))),
    f("chunklist", &[p("list", T::ListAny).partly(), p("size", T::Num)], Res::Of(|a| Type::list(same(a))), chunklist),
    f("coalesce", &[], Res::Of(unified), coalesce).rest(p("vals", T::Any).null().unknown().dynamic()),
    f("coalescelist", &[], Res::Is(T::Any), coalescelist).rest(p("vals", T::Any).null().unknown().dynamic()),
    f("compact", STRINGS_NULL, Res::Is(T::ListStr), compact),
    f("concat", &[], Res::Of(concat_type), concat).rest(p("seqs", T::Any).partly()),
    f("contains", &[p("list", T::Any).partly(), p("value", T::Any).partly()], Res::Is(T::Bool), contains),
    f("distinct", &[p("list", T::ListAny).known_deep_marks()], Res::Of(same), distinct),
    f("element", &[p("list", T::Any).partly(), p("index", T::Num)], Res::Of(element_type), element).may_be_null(),
    f("flatten", ANY_LIST, Res::Is(T::Any), flatten),
    f("index", &[p("list", T::Any), p("value", T::Any)], Res::Is(T::Num), index),
    f("join", &[p("separator", T::Str)], Res::Is(T::Str), join).rest(p("lists", T::ListStr)),
    f("length", &[p("value", T::Any).unknown().dynamic()], Res::Is(T::Num), length),
    f("matchkeys", &[p("values", T::ListAny).known_deep_marks(), p("keys", T::ListAny), p("searchset", T::ListAny)], Res::Of(same), matchkeys),
    f("one", &[p("list", T::Any).unknown()], Res::Is(T::Any), one).may_be_null(),
    f("range", &[], Res::Is(T::ListNum), range).rest(p("params", T::Num)),
    f("reverse", ANY_LIST, Res::Of(reverse_type), reverse),
    f("slice", &[p("list", T::Any).partly(), p("start_index", T::Num), p("end_index", T::Num)], Res::Of(slice_type), slice),
    f("sort", &[p("list", T::ListStr).partly()], Res::Is(T::ListStr), sort),
    f("sum", &[p("list", T::Any)], Res::Is(T::Num), sum),
];

const STRINGS_NULL: &[Param] = &[p("list", T::ListStr)];

fn same(args: &[Value]) -> Type {
    args.first().map_or(Type::Any, Value::ty)
}

fn unified(args: &[Value]) -> Type {
    unify(&args.iter().map(Value::ty).collect::<Vec<_>>()).unwrap_or(Type::Any)
}

/// The type of a list's elements; of other sequences whatever they have in common.
fn elem_type(value: &Value) -> Type {
    match &value.kind {
        Kind::List(t, _) | Kind::Set(t, _) => t.clone(),
        _ => Type::Any,
    }
}

/// The items of a sequence, each also carrying the marks that are on the whole.
fn sequence<'v>(c: &'v Cx, i: usize, what: &str) -> Result<&'v [Value], Fault> {
    match c.args.get(i).and_then(Value::elements) {
        Some(items) => Ok(items),
        None => Err(what.into()),
    }
}

fn all_or_any(c: &Cx, wanted: bool) -> Value {
    let items = c.items(0);
    let marks = items.iter().fold(Default::default(), |m: Marks, v| m.or(v.marks));
    let result = if items.iter().any(|v| if wanted { v.as_bool() == Some(true) } else { v.as_bool() == Some(false) || v.is_null() }) {
        Value::bool(wanted)
    } else if items.iter().any(Value::is_unknown) {
        Value::unknown_not_null(Type::Bool)
    } else {
        Value::bool(!wanted)
    };
    result.marked(marks)
}

fn chunklist(c: &Cx) -> Outcome {
    let size = c.int(1).map_err(|_| format!("invalid size: {}", super::not_whole()))?;
    if size < 0 {
        return Err("the size argument must be positive".into());
    }
    let list = c.value(0);
    let elem = list.ty();
    let items = c.items(0);
    let size = if size == 0 { items.len().max(1) } else { size as usize };
    let chunks = items.chunks(size).map(|chunk| Value::list(elem_type(&list), chunk.to_vec())).collect();
    Ok(Value::list(elem, chunks))
}

fn coalesce(c: &Cx) -> Outcome {
    // What is not known at all may turn out to be of the others' type.
    let known = c.args.iter().filter(|v| v.ty() != Type::Any);
    let ty = unify_values(known).filter(|_| !c.args.is_empty()).ok_or("all arguments must have the same type")?;
    for value in c.args {
        if value.is_unknown() {
            return Ok(Value::unknown_not_null(ty));
        }
        let value = convert(value, &ty)?;
        if value.is_null() || value.as_str() == Some("") {
            continue;
        }
        return Ok(value);
    }
    Err("no non-null, non-empty-string arguments".into())
}

fn coalescelist(c: &Cx) -> Outcome {
    for value in c.args {
        match value.ty() {
            Type::List(_) | Type::Tuple(_) => {}
            Type::Any if value.is_unknown() => return Ok(Value::unknown(Type::Any)),
            _ => return Err("coalescelist arguments must be lists or tuples".into()),
        }
    }
    let ty = c.args.first().map(Value::ty).filter(|ty| c.args.iter().all(|v| v.ty() == *ty)).unwrap_or(Type::Any);
    for value in c.args {
        if value.is_unknown() {
            return Ok(Value::unknown(ty));
        }
        if value.elements().is_some_and(|items| !items.is_empty()) {
            return Ok(value.clone());
        }
    }
    Err(if c.args.is_empty() { "at least one argument is required" } else { "no non-null arguments" }.into())
}

fn compact(c: &Cx) -> Outcome {
    let kept = c.items(0).iter().filter(|v| v.as_str().is_some_and(|s| !s.is_empty()));
    Ok(Value::list(Type::String, kept.cloned().collect()))
}

fn concat(c: &Cx) -> Outcome {
    if c.args.is_empty() {
        return Err("at least one argument is required".into());
    }
    let mut items = Vec::new();
    for (i, value) in c.args.iter().enumerate() {
        match &value.kind {
            Kind::List(_, vs) | Kind::Tuple(vs) => items.extend(vs.iter().cloned()),
            _ => return arg(i, "all arguments must be lists or tuples; got ".to_owned() + &value.ty().friendly()),
        }
    }
    if c.args.iter().all(|v| matches!(v.kind, Kind::List(..))) {
        let types: Vec<Type> = c.args.iter().map(elem_type).collect();
        if let Some(elem) = unify(&types) {
            let items = items.iter().map(|v| convert(v, &elem)).collect::<Result<_, _>>()?;
            return Ok(Value::list(elem, items));
        }
    }
    Ok(Value::tuple(items))
}

/// The type of lists or tuples put together, which may be unknown.
fn concat_type(args: &[Value]) -> Type {
    let types: Vec<Type> = args.iter().map(Value::ty).collect();
    let elems: Option<Vec<Type>> = types.iter().map(|t| if let Type::List(e) = t { Some((**e).clone()) } else { None }).collect();
    if let Some(elem) = elems.and_then(|e| unify(&e)) {
        return Type::list(elem);
    }
    // A list of unknown length among tuples says nothing of the whole's type.
    let parts = args.iter().map(|v| match v.ty() {
        Type::Tuple(types) => Some(types),
        Type::List(elem) => v.elements().map(|items| vec![*elem; items.len()]),
        _ => None,
    });
    parts.collect::<Option<Vec<_>>>().map_or(Type::Any, |parts| Type::Tuple(parts.concat()))
}

fn reverse_type(args: &[Value]) -> Type {
    match same(args) {
        Type::Set(t) => Type::list(*t),
        Type::Tuple(types) => Type::Tuple(types.into_iter().rev().collect()),
        other => other,
    }
}

fn slice_type(args: &[Value]) -> Type {
    let place = |i: usize| args.get(i).and_then(Value::as_number).and_then(Number::as_usize);
    match (same(args), place(1), place(2)) {
        (Type::Tuple(types), Some(from), Some(to)) => types.get(from..to).map_or(Type::Any, |t| Type::Tuple(t.to_vec())),
        (Type::Tuple(_), ..) => Type::Any,
        (other, ..) => other,
    }
}

fn contains(c: &Cx) -> Outcome {
    let wanted = c.value(1);
    let mut unsure = false;
    let mut marks = wanted.marks_deep();
    for item in sequence(c, 0, "argument must be list, tuple, or set")? {
        marks = marks.or(item.marks_deep());
        match equals(item, &wanted) {
            Some(true) => return Ok(Value::bool(true).marked(marks)),
            Some(false) => {}
            None => unsure = true,
        }
    }
    Ok(if unsure { Value::unknown_not_null(Type::Bool) } else { Value::bool(false) }.marked(marks))
}

fn distinct(c: &Cx) -> Outcome {
    let list = c.value(0);
    let mut kept: Vec<Value> = Vec::new();
    for item in c.items(0) {
        if !item.is_wholly_known() {
            return Ok(Value::unknown_not_null(list.ty()));
        }
        if !kept.iter().any(|k| equals(k, item) == Some(true)) {
            kept.push(item.clone());
        }
    }
    Ok(Value::list(elem_type(&list), kept))
}

fn element_type(args: &[Value]) -> Type {
    let place = args.get(1).and_then(Value::as_number).and_then(Number::as_usize);
    match (same(args), place) {
        (Type::List(t), _) => *t,
        (Type::Tuple(types), Some(i)) if !types.is_empty() => types.get(i % types.len()).cloned().unwrap_or(Type::Any),
        _ => Type::Any,
    }
}

fn element(c: &Cx) -> Outcome {
    let index = c.num(1);
    if matches!(c.value(0).kind, Kind::Set(..)) || c.value(0).elements().is_none() {
        return Err(format!("cannot read elements from {}", c.value(0).ty().friendly()).into());
    }
    let items = c.items(0);
    if items.is_empty() {
        return Err("cannot use element function with an empty list".into());
    }
    if index.is_negative() {
        return Err("cannot use element function with a negative index".into());
    }
    let Some(index) = index.as_usize() else {
        return Err(format!("invalid index: value must be a whole number, between {} and {}", i64::MIN, i64::MAX).into());
    };
    Ok(items.get(index % items.len()).cloned().unwrap_or(Value::null(Type::Any)))
}

fn flatten(c: &Cx) -> Outcome {
    fn go(items: &[Value], out: &mut Vec<Value>, marks: &mut Marks) -> bool {
        items.iter().all(|item| match &item.kind {
            Kind::List(_, vs) | Kind::Set(_, vs) | Kind::Tuple(vs) => {
                *marks = marks.or(item.marks);
                go(vs, out, marks)
            }
            Kind::Unknown(u) if !u.ty.is_primitive() && !matches!(u.ty, Type::Object(_) | Type::Map(_)) => false,
            _ => {
                out.push(item.clone());
                true
            }
        })
    }
    let (mut out, mut marks) = (Vec::new(), Marks::NONE);
    let known = go(sequence(c, 0, "can only flatten lists, sets and tuples")?, &mut out, &mut marks);
    Ok(if known { Value::tuple(out) } else { Value::unknown_not_null(Type::Any) }.marked(marks))
}

fn index(c: &Cx) -> Outcome {
    let wanted = c.value(1);
    if matches!(c.value(0).kind, Kind::Set(..)) {
        return Err("argument must be a list or tuple".into());
    }
    let Some(items) = c.value(0).elements().map(<[Value]>::to_vec) else { return Err("argument must be a list or tuple".into()) };
    if items.is_empty() {
        return Err("cannot search an empty list".into());
    }
    items.iter().position(|v| equals(v, &wanted) == Some(true)).map(Value::number).ok_or_else(|| "item not found".into())
}

fn join(c: &Cx) -> Outcome {
    if c.args.len() < 2 {
        return Err("at least one list is required".into());
    }
    let mut parts = Vec::new();
    for (i, list) in c.args.iter().enumerate().skip(1) {
        for (n, item) in list.elements().unwrap_or(&[]).iter().enumerate() {
            match item.as_str() {
                Some(text) => parts.push(text),
                None => return arg(i, format!("element {n} is null; cannot concatenate null values")),
            }
        }
    }
    Ok(Value::string(parts.join(c.str(0))))
}

fn length(c: &Cx) -> Outcome {
    let value = c.value(0);
    let n = match &value.kind {
        // Unknown elements may turn out equal, so the length of such a set is not known either.
        Kind::Set(_, vs) if vs.len() > 1 && !vs.iter().all(Value::is_wholly_known) => return Ok(Value::unknown_not_null(Type::Number)),
        Kind::List(_, vs) | Kind::Set(_, vs) | Kind::Tuple(vs) => vs.len(),
        Kind::Map(_, m) | Kind::Object(m) => m.len(),
        Kind::String(s) => super::string::graphemes(s).count(),
        Kind::Unknown(u) => match &u.ty {
            // Of these the type tells how many there are.
            Type::Tuple(types) => types.len(),
            Type::Object(object) => object.attrs.len(),
            Type::Any | Type::String | Type::List(_) | Type::Set(_) | Type::Map(_) => return Ok(Value::unknown_not_null(Type::Number)),
            _ => return Err("argument must be a string, a collection type, or a structural type".into()),
        },
        _ => return Err("argument must be a string, a collection type, or a structural type".into()),
    };
    Ok(Value::number(n))
}

fn matchkeys(c: &Cx) -> Outcome {
    let (values, keys, wanted) = (c.items(0), c.items(1), c.items(2));
    if values.len() != keys.len() {
        return Err("length of keys and values should be equal".into());
    }
    let key_type = unify(&[c.value(1).ty(), c.value(2).ty()]);
    if key_type.is_none() {
        return Err("keys and searchset must be of the same type".into());
    }
    let same_key = |a: &Value, b: &Value| equals(a, b) == Some(true) || (to_text(a).is_some() && to_text(a) == to_text(b));
    let kept = values.iter().zip(keys).filter(|(_, k)| wanted.iter().any(|w| same_key(k, w))).map(|(v, _)| v.clone());
    Ok(Value::list(elem_type(&c.value(0)), kept.collect()))
}

fn one(c: &Cx) -> Outcome {
    let value = c.value(0);
    let wrong = || arg(0, "must be a list, set, or tuple value with either zero or one elements");
    match &value.kind {
        Kind::List(_, vs) | Kind::Set(_, vs) | Kind::Tuple(vs) => match vs.as_slice() {
            [] => Ok(Value::null(elem_type(&value))),
            [only] => Ok(only.clone()),
            _ => wrong(),
        },
        Kind::Unknown(u) => match &u.ty {
            Type::List(t) | Type::Set(t) => Ok(Value::unknown((**t).clone())),
            Type::Tuple(types) => match types.as_slice() {
                [] => Ok(Value::null(Type::Any)),
                [only] => Ok(Value::unknown(only.clone())),
                _ => wrong(),
            },
            _ => wrong(),
        },
        _ => wrong(),
    }
}

/// Most numbers that `range` gives.
const RANGE_LIMIT: usize = 1024;

fn range(c: &Cx) -> Outcome {
    let zero = Number::from(0);
    let up = |a: &Number, b: &Number| if a > b { Number::from(-1) } else { Number::from(1) };
    let (start, end, step) = match c.args.len() {
        1 => (zero.clone(), c.num(0), up(&zero, &c.num(0))),
        2 => (c.num(0), c.num(1), up(&c.num(0), &c.num(1))),
        3 => (c.num(0), c.num(1), c.num(2)),
        _ => return Err("must have one, two, or three arguments".into()),
    };
    if c.args.len() == 3 && (step.is_negative() && end > start || !step.is_negative() && !step.is_zero() && end < start) {
        let relation = if end > start { "end must be less than start when step is negative" } else { "end must be greater than start when step is positive" };
        return arg(1, relation);
    }
    let mut items = Vec::new();
    let mut next = start;
    while if step.is_negative() { next > end } else { next < end } {
        if items.len() >= RANGE_LIMIT {
            return Err(
                format!("more than {RANGE_LIMIT} values were generated; either decrease the difference between start and end or use a smaller step").into()
            );
        }
        items.push(Value::number(next.clone()));
        next = next.add(&step).unwrap_or(Number::INFINITY);
    }
    Ok(Value::list(Type::Number, items))
}

fn reverse(c: &Cx) -> Outcome {
    let value = c.value(0);
    let backwards = |vs: &[Value]| vs.iter().rev().cloned().collect::<Vec<_>>();
    Ok(match &value.kind {
        Kind::List(t, vs) | Kind::Set(t, vs) => Value::list(t.clone(), backwards(vs)),
        Kind::Tuple(vs) => Value::tuple(backwards(vs)),
        _ => return arg(0, format!("can only reverse list or tuple values, not {}", value.ty().friendly())),
    })
}

fn slice(c: &Cx) -> Outcome {
    let list = c.value(0);
    let items = match &list.kind {
        Kind::List(_, vs) | Kind::Tuple(vs) => vs.as_slice(),
        Kind::Set(..) => {
            return arg(
                0,
                "cannot slice a set, because its elements do not have indices; explicitly convert to a list if the ordering of the result is not important",
            );
        }
        _ => return arg(0, "must be a list or tuple value"),
    };
    let whole = |place: usize, what: &str| match c.int(place) {
        Ok(n) => Ok(n),
        Err(_) => arg(place, format!("invalid {what} index: {}", super::not_whole())),
    };
    let (start, end) = (whole(1, "start")?, whole(2, "end")?);
    if start < 0 {
        return arg(1, "start index must not be less than zero");
    }
    if end < 0 {
        return arg(2, "end index must not be less than zero");
    }
    if start > items.len() as i64 {
        return arg(1, "start index must not be greater than the length of the list");
    }
    if end > items.len() as i64 {
        return arg(2, "end index must not be greater than the length of the list");
    }
    if start > end {
        return arg(1, "start index must not be greater than end index");
    }
    let kept = items.get(start as usize..end as usize).unwrap_or(&[]).to_vec();
    Ok(match &list.kind {
        Kind::List(t, _) => Value::list(t.clone(), kept),
        _ => Value::tuple(kept),
    })
}

fn sort(c: &Cx) -> Outcome {
    if let Some(i) = c.items(0).iter().position(Value::is_null) {
        return Err(format!("given list element {i} is null; a null string cannot be sorted").into());
    }
    let mut items = c.items(0).to_vec();
    if !items.iter().all(Value::is_wholly_known) {
        // Which comes where is open, how many there are is not.
        return Ok(Value::list(Type::String, vec![Value::unknown(Type::String); items.len()]));
    }
    let marks = items.iter().fold(Marks::NONE, |m, v| m.or(v.marks));
    items = items.into_iter().map(|v| v.unmark().0).collect();
    items.sort_by(Value::order);
    if marks.any() {
        return Ok(Value::list(Type::String, items).marked(marks));
    }
    Ok(Value::list(Type::String, items))
}

fn sum(c: &Cx) -> Outcome {
    let value = c.value(0);
    let Some(items) = value.elements() else {
        return arg(
            0,
            match value.ty() {
                ty if ty.is_primitive() => "cannot sum noniterable".into(),
                ty => format!("argument must be list, set, or tuple. Received {}", ty.friendly()),
            },
        );
    };
    if items.is_empty() {
        return arg(0, "cannot sum an empty list");
    }
    let mut total = Number::from(0);
    for item in items {
        if item.is_null() {
            return arg(0, "argument must be list, set, or tuple of number values");
        }
        match convert(item, &Type::Number).ok().and_then(|v| v.as_number().cloned()) {
            Some(n) => total = total.add(&n).ok_or("can't compute sum of opposing infinities")?,
            None => return arg(0, "argument must be list, set, or tuple of number values"),
        }
    }
    Ok(Value::number(total))
}
