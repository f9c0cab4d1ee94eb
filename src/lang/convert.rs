//! Conversion of values to types, by the rules of Terraform's type system (cty): primitives convert through text, structural
//! types into collections, objects may lose attributes, optional ones become null.

use std::collections::BTreeMap;

use super::unify::{unify, unify_values};
use crate::base::{Kind, Marks, Number, Type, Unknown, Value, types::ObjectType};

/// Why a value does not convert, in words that follow "… : " and end without a full stop: `string required`, `a number is required`.
pub type Mismatch = String;

/// Largest exponent that a number may be written with. Terraform's floats reach further, but printing such numbers fills memory.
const MAX_EXPONENT: i64 = 5_000;

/// A decimal number as the language and its functions read it; no underscores, no hexadecimal.
pub fn parse_number(text: &str) -> Option<Number> {
    match text {
        "Inf" | "inf" | "+Inf" | "+inf" => return Some(Number::INFINITY),
        "-Inf" | "-inf" => return Some(Number::NEG_INFINITY),
        _ => {}
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
        Some((m, e)) => (m, Some(e)),
        None => (digits, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if !all_digits(whole) || !all_digits(fraction) || whole.len() + fraction.len() == 0 {
        return None;
    }
    if let Some(e) = exponent
        && e.parse::<i64>().ok().is_none_or(|e| e.abs() > MAX_EXPONENT)
    {
        return None;
    }
    // A bare point on either side is allowed, but the decimal parser wants digits there.
    let sign = if text.starts_with('-') { "-" } else { "" };
    let exponent = exponent.map(|e| format!("e{e}")).unwrap_or_default();
    Number::parse(&format!("{sign}0{whole}.{fraction}0{exponent}"))
}

/// Converts a value; its marks stay where they are.
pub fn convert(value: &Value, ty: &Type) -> Result<Value, Mismatch> {
    if fits(value, ty) {
        return Ok(value.clone());
    }
    let marks = value.marks;
    let out = match &value.kind {
        Kind::Null(from) => null_of(from, ty)?,
        Kind::Unknown(u) => unknown_of(u, ty)?,
        _ => match ty {
            Type::Any => value.clone(),
            Type::Bool | Type::Number | Type::String => primitive(value, ty)?,
            Type::List(elem) => to_list(value, elem, ty)?,
            Type::Set(elem) => to_set(value, elem, ty)?,
            Type::Map(elem) => to_map(value, elem, ty)?,
            Type::Tuple(types) => to_tuple(value, types, ty)?,
            Type::Object(object) => to_object(value, object, ty)?,
        },
    };
    Ok(out.marked(marks))
}

/// Whether the value already has exactly the type.
fn fits(value: &Value, ty: &Type) -> bool {
    match (&value.kind, ty) {
        (Kind::Null(t), ty) => t == ty && is_plain(ty),
        (Kind::Unknown(u), ty) => u.ty == *ty && is_plain(ty),
        (_, Type::Any) | (Kind::Bool(_), Type::Bool) | (Kind::Number(_), Type::Number) | (Kind::String(_), Type::String) => true,
        (Kind::List(t, _), Type::List(want)) | (Kind::Set(t, _), Type::Set(want)) | (Kind::Map(t, _), Type::Map(want)) => {
            **want == *t && t.is_concrete() && is_plain(t)
        }
        (Kind::Tuple(vs), Type::Tuple(want)) => vs.len() == want.len() && vs.iter().zip(want).all(|(v, t)| fits(v, t)),
        (Kind::Object(attrs), Type::Object(want)) => {
            attrs.len() == want.attrs.len() && attrs.iter().zip(&want.attrs).all(|((n, v), (m, t))| n == m && fits(v, t))
        }
        _ => false,
    }
}

/// The type without its notes on which attributes may be left out: values never carry those.
pub fn without_optional(ty: &Type) -> Type {
    match ty {
        Type::List(t) => Type::list(without_optional(t)),
        Type::Set(t) => Type::set(without_optional(t)),
        Type::Map(t) => Type::map(without_optional(t)),
        Type::Tuple(ts) => Type::Tuple(ts.iter().map(without_optional).collect()),
        Type::Object(o) => Type::object(o.attrs.iter().map(|(k, t)| (k.clone(), without_optional(t)))),
        _ => ty.clone(),
    }
}

fn is_plain(ty: &Type) -> bool {
    match ty {
        Type::List(t) | Type::Set(t) | Type::Map(t) => is_plain(t),
        Type::Tuple(ts) => ts.iter().all(is_plain),
        Type::Object(o) => o.optional.is_empty() && o.attrs.values().all(is_plain),
        _ => true,
    }
}

fn null_of(from: &Type, ty: &Type) -> Result<Value, Mismatch> {
    match result_type(from, ty) {
        Some(t) => Ok(Value::null(t)),
        None => Err(mismatch(from, ty)),
    }
}

fn unknown_of(u: &Unknown, ty: &Type) -> Result<Value, Mismatch> {
    let Some(result) = result_type(&u.ty, ty) else { return Err(mismatch(&u.ty, ty)) };
    let keeps_prefix = u.ty == Type::String && result == Type::String;
    let keeps_length = matches!((&u.ty, &result), (Type::List(_), Type::List(_)) | (Type::Map(_), Type::Map(_)) | (Type::Set(_), Type::List(_)));
    Ok(Kind::Unknown(Box::new(Unknown {
        ty: result,
        not_null: u.not_null,
        prefix: if keeps_prefix { u.prefix.clone() } else { None },
        length: if keeps_length { u.length } else { (None, None) },
    }))
    .into())
}

/// The type a value of type `from` has once converted to `ty`; `None` when no such value can be converted.
pub fn result_type(from: &Type, ty: &Type) -> Option<Type> {
    if *from == Type::Any {
        return Some(without_optional(ty));
    }
    match (from, ty) {
        (f, Type::Any) => Some(f.clone()),
        (f, t) if f == t && is_plain(t) => Some(t.clone()),
        (Type::String, Type::Bool | Type::Number) | (Type::Bool | Type::Number, Type::String) => Some(ty.clone()),
        (f, t) if f.is_primitive() && t.is_primitive() => (f == t).then(|| t.clone()),
        (Type::List(f) | Type::Set(f), Type::List(t)) => result_type(f, t).map(Type::list),
        (Type::List(f) | Type::Set(f), Type::Set(t)) => result_type(f, t).map(Type::set),
        (Type::Map(f), Type::Map(t)) => result_type(f, t).map(Type::map),
        (Type::Tuple(fs), Type::List(t)) => elem_type(fs.iter(), t).map(Type::list),
        (Type::Tuple(fs), Type::Set(t)) => elem_type(fs.iter(), t).map(Type::set),
        (Type::Object(o), Type::Map(t)) => elem_type(o.attrs.values(), t).map(Type::map),
        (Type::Tuple(fs), Type::Tuple(ts)) if fs.len() == ts.len() => {
            Some(Type::Tuple(fs.iter().zip(ts).map(|(f, t)| result_type(f, t)).collect::<Option<_>>()?))
        }
        (Type::Map(f), Type::Object(o)) => {
            let attrs = o.attrs.iter().map(|(k, t)| Some((k.clone(), result_type(f, t)?))).collect::<Option<Vec<_>>>()?;
            Some(Type::object(attrs))
        }
        (Type::Object(f), Type::Object(o)) => {
            let attr = |(k, t): (&String, &Type)| match f.attrs.get(k) {
                Some(from) => Some((k.clone(), result_type(from, t)?)),
                None => o.optional.contains(k).then(|| (k.clone(), without_optional(t))),
            };
            Some(Type::object(o.attrs.iter().map(attr).collect::<Option<Vec<_>>>()?))
        }
        _ => None,
    }
}

/// The element type of a collection made of parts of the given types.
fn elem_type<'a>(from: impl Iterator<Item = &'a Type> + Clone, want: &Type) -> Option<Type> {
    if *want == Type::Any {
        return unify(&from.cloned().collect::<Vec<_>>());
    }
    let converted = from.map(|f| result_type(f, want)).collect::<Option<Vec<_>>>()?;
    if want.is_concrete() {
        Some(without_optional(want))
    } else {
        unify(&converted).or(Some(Type::Any)).map(|t| if t == Type::Any { without_optional(want) } else { t })
    }
}

fn primitive(value: &Value, ty: &Type) -> Result<Value, Mismatch> {
    Ok(match (&value.kind, ty) {
        (Kind::Bool(b), Type::String) => Value::string(if *b { "true" } else { "false" }),
        (Kind::Number(n), Type::String) => Value::string(n.to_string()),
        (Kind::String(s), Type::Number) => Value::number(parse_number(s).ok_or("a number is required")?),
        (Kind::String(s), Type::Bool) => match &**s {
            "true" | "1" => Value::bool(true),
            "false" | "0" => Value::bool(false),
            "True" | "TRUE" => return Err("a bool is required; to convert from string, use lowercase \"true\"".into()),
            "False" | "FALSE" => return Err("a bool is required; to convert from string, use lowercase \"false\"".into()),
            _ => return Err("a bool is required".into()),
        },
        _ => return Err(mismatch(&value.ty(), ty)),
    })
}

/// The elements converted to `elem`, or, when that is not a settled type, to what they have in common.
fn elements<'v>(value: &Value, items: impl Iterator<Item = &'v Value> + Clone, elem: &Type, ty: &Type) -> Result<(Type, Vec<Value>), Mismatch> {
    let target =
        if *elem == Type::Any { unify(&items.clone().map(Value::ty).collect::<Vec<_>>()).ok_or_else(|| mismatch(&value.ty(), ty))? } else { elem.clone() };
    let mut out = Vec::with_capacity(items.size_hint().0);
    for item in items {
        out.push(convert(item, &target).map_err(|why| if result_type(&item.ty(), &target).is_none() { mismatch(&value.ty(), ty) } else { why })?);
    }
    if target.is_concrete() {
        return Ok((without_optional(&target), out));
    }
    // `list(object({ a = any }))`: the parts that were left open must agree among the elements.
    let common = unify_values(&out).ok_or_else(|| mismatch(&value.ty(), ty))?;
    if common == Type::Any {
        return Ok((without_optional(&target), out));
    }
    let out = out.iter().map(|v| convert(v, &common)).collect::<Result<_, _>>()?;
    Ok((common, out))
}

fn to_list(value: &Value, elem: &Type, ty: &Type) -> Result<Value, Mismatch> {
    match &value.kind {
        Kind::Tuple(vs) | Kind::List(_, vs) | Kind::Set(_, vs) => {
            if let Kind::List(t, _) | Kind::Set(t, _) = &value.kind
                && *elem == Type::Any
            {
                return Ok(Value::list(t.clone(), vs.to_vec()));
            }
            if *elem == Type::Any && untyped_among_structures(vs) {
                return Err(mismatch_open(value));
            }
            let (t, items) = elements(value, vs.iter(), elem, ty)?;
            Ok(Value::list(t, items))
        }
        _ => Err(mismatch(&value.ty(), ty)),
    }
}

/// A null without a type beside structures: Terraform finds no type for all of them.
fn untyped_among_structures(items: &[Value]) -> bool {
    items.iter().any(|v| matches!(v.kind, Kind::Null(Type::Any)))
        && items.iter().any(|v| !matches!(v.ty(), Type::Any | Type::Bool | Type::Number | Type::String))
}

fn mismatch_open(value: &Value) -> Mismatch {
    format!("cannot convert {} to list of any single type", value.ty().friendly())
}

fn to_set(value: &Value, elem: &Type, ty: &Type) -> Result<Value, Mismatch> {
    match &value.kind {
        Kind::Tuple(vs) | Kind::List(_, vs) | Kind::Set(_, vs) => {
            if let Kind::List(t, _) | Kind::Set(t, _) = &value.kind
                && *elem == Type::Any
            {
                return Ok(Value::set(t.clone(), vs.to_vec()));
            }
            let (t, items) = elements(value, vs.iter(), elem, ty)?;
            Ok(Value::set(t, items))
        }
        _ => Err(mismatch(&value.ty(), ty)),
    }
}

fn to_map(value: &Value, elem: &Type, ty: &Type) -> Result<Value, Mismatch> {
    match &value.kind {
        Kind::Map(_, _) if *elem == Type::Any => Ok(value.clone()),
        Kind::Map(_, m) | Kind::Object(m) => {
            let (t, items) = elements(value, m.values(), elem, ty)?;
            Ok(Value::map(t, m.keys().cloned().zip(items).collect()))
        }
        _ => Err(mismatch(&value.ty(), ty)),
    }
}

fn to_tuple(value: &Value, types: &[Type], ty: &Type) -> Result<Value, Mismatch> {
    match &value.kind {
        Kind::Tuple(vs) if vs.len() == types.len() => Ok(Value::tuple(vs.iter().zip(types).map(|(v, t)| convert(v, t)).collect::<Result<_, _>>()?)),
        _ => Err(mismatch(&value.ty(), ty)),
    }
}

fn to_object(value: &Value, object: &ObjectType, ty: &Type) -> Result<Value, Mismatch> {
    let (Kind::Object(have) | Kind::Map(_, have)) = &value.kind else { return Err(mismatch(&value.ty(), ty)) };
    let is_map = matches!(value.kind, Kind::Map(..));
    let mut attrs = BTreeMap::new();
    for (name, want) in &object.attrs {
        let attr = match have.get(name) {
            Some(v) => {
                let nested = |why| if is_map { format!("element {name:?}: {why}") } else { format!("attribute {name:?}: {why}") };
                convert(v, want).map_err(|why| if result_type(&v.ty(), want).is_none() && !is_map { mismatch(&value.ty(), ty) } else { nested(why) })?
            }
            None if object.optional.contains(name) => Value::null(without_optional(want)),
            None if is_map => return Err(format!("attribute {name:?} is required")),
            None => return Err(mismatch(&value.ty(), ty)),
        };
        attrs.insert(name.clone(), attr);
    }
    Ok(Value::object(attrs))
}

/// The type's name as a requirement: `any` reads differently there than in a value's type.
fn friendly_constraint(ty: &Type) -> String {
    match ty {
        Type::Any => "any type".into(),
        Type::List(t) if **t == Type::Any => "list of any single type".into(),
        Type::Set(t) if **t == Type::Any => "set of any single type".into(),
        Type::Map(t) if **t == Type::Any => "map of any single type".into(),
        Type::List(t) => format!("list of {}", friendly_constraint(t)),
        Type::Set(t) => format!("set of {}", friendly_constraint(t)),
        Type::Map(t) => format!("map of {}", friendly_constraint(t)),
        _ => ty.friendly(),
    }
}

/// Why no value of type `got` converts to `want`. Texts as Terraform's.
pub fn mismatch(got: &Type, want: &Type) -> Mismatch {
    match (got, want) {
        (Type::Object(g), Type::Object(w)) => mismatch_objects(g, w),
        (Type::Tuple(_), Type::List(e)) if **e == Type::Any => "all list elements must have the same type".into(),
        (Type::Tuple(_), Type::Set(e)) if **e == Type::Any => "all set elements must have the same type".into(),
        (Type::Object(_), Type::Map(e)) if **e == Type::Any => "all map elements must have the same type".into(),
        (Type::Tuple(ts), Type::List(e) | Type::Set(e)) => {
            let bad = ts.iter().enumerate().find(|(_, t)| result_type(t, e).is_none());
            bad.map_or_else(|| format!("all elements must be {}", friendly_constraint(e)), |(i, t)| format!("element {i}: {}", mismatch(t, e)))
        }
        (Type::Object(o), Type::Map(e)) => {
            let bad = o.attrs.iter().find(|(_, t)| result_type(t, e).is_none());
            bad.map_or_else(|| format!("all elements must be {}", friendly_constraint(e)), |(k, t)| format!("element {k:?}: {}", mismatch(t, e)))
        }
        (Type::List(g) | Type::Set(g), Type::List(w)) => format!("incorrect list element type: {}", mismatch(g, w)),
        (Type::List(g) | Type::Set(g), Type::Set(w)) => format!("incorrect set element type: {}", mismatch(g, w)),
        (Type::Map(g), Type::Map(w)) => format!("incorrect map element type: {}", mismatch(g, w)),
        _ => format!("{} required", friendly_constraint(want)),
    }
}

fn mismatch_objects(got: &ObjectType, want: &ObjectType) -> Mismatch {
    let missing: Vec<&String> = want.attrs.keys().filter(|k| !got.attrs.contains_key(*k) && !want.optional.contains(*k)).collect();
    match missing.as_slice() {
        [] => {}
        [one] => return format!("attribute {one:?} is required"),
        [a, b] => return format!("attributes {a:?} and {b:?} are required"),
        [most @ .., last] => {
            let most: Vec<String> = most.iter().map(|n| format!("{n:?}")).collect();
            return format!("attributes {}, and {last:?} are required", most.join(", "));
        }
    }
    let bad = want.attrs.iter().find_map(|(k, t)| got.attrs.get(k).filter(|g| result_type(g, t).is_none()).map(|g| (k, g, t)));
    bad.map_or_else(|| "incorrect object attributes".into(), |(k, g, t)| format!("attribute {k:?}: {}", mismatch(g, t)))
}

/// The value as text, for templates and functions; `None` when it has no text form.
pub fn to_text(value: &Value) -> Option<String> {
    match &value.kind {
        Kind::Bool(b) => Some(b.to_string()),
        Kind::Number(n) => Some(n.to_string()),
        Kind::String(s) => Some(s.to_string()),
        _ => None,
    }
}

/// All marks inside and outside, joined on the outside.
pub fn lift_marks(value: Value) -> (Value, Marks) {
    value.unmark_deep()
}
